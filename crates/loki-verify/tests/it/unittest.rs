//! `unittest`, through loki's own runner.

use crate::fixture::{Files, Fixture, has, judged, shown};

const CODE: (&str, &str) = ("calc.py", "def add(a, b):\n    return a + b\n");

fn case(body: &str) -> String {
    format!(
        "import unittest\nimport os\nfrom calc import add\n\nclass T(unittest.TestCase):\n{body}"
    )
}

fn tests(files: Files<'_>) -> Option<String> {
    has("python3").then(|| judged("tests", &[CODE], files))
}

#[test]
fn green_tests_are_counted_at_the_root_in_packages_and_beside_them() {
    let body = case("    def test_a(self):\n        self.assertEqual(add(1, 2), 3)\n");
    let files = [
        ("test_root.py", &*body),
        ("tests/test_flat.py", &*body),
        ("pkg/__init__.py", "\n"),
        ("pkg/tests/__init__.py", "\n"),
        ("pkg/tests/test_deep.py", &*body),
    ];
    let Some(text) = tests(&files) else { return };
    assert!(text.starts_with("pass: 3 passed, 0 failed"), "{text}");
}

#[test]
fn a_red_test_is_named_and_placed() {
    let body = case(
        "    def test_a(self):\n        pass\n    def test_b(self):\n        self.assertEqual(add(1, 2), 4)\n",
    );
    let Some(text) = tests(&[("tests/test_a.py", &body)]) else { return };
    assert!(text.starts_with("fail: 1 passed, 1 failed"), "{text}");
    assert!(text.contains("tests/failed tests/test_a.py:9 `test_a.T.test_b` failed"), "{text}");
}

#[test]
fn subtests_errors_and_module_failures_are_red() {
    let body = case(
        "    def test_a(self):\n        for i in range(3):\n            with self.subTest(i=i):\n                self.assertNotEqual(i, 1)\n",
    );
    let Some(text) = tests(&[("test_a.py", &body), ("test_b.py", "import TestCase_nowhere\n")])
    else {
        return;
    };
    assert!(text.starts_with("fail: 0 passed, 2 failed"), "{text}");
}

#[test]
fn skipped_tests_alone_show_nothing() {
    let body = case("    @unittest.skip('later')\n    def test_a(self):\n        pass\n");
    let Some(text) = tests(&[("test_a.py", &body)]) else { return };
    assert!(
        text.starts_with("inconclusive: 0 passed, 0 failed, 1 skipped: no test was run"),
        "{text}"
    );
}

#[test]
fn a_case_without_tests_shows_nothing() {
    let Some(text) = tests(&[("test_a.py", &case("    pass\n"))]) else { return };
    assert!(text.starts_with("inconclusive: no test was run"), "{text}");
}

#[test]
fn no_tests_at_all_show_nothing() {
    let text = judged("tests", &[CODE], &[("README.md", "x\n")]);
    assert!(text.starts_with("inconclusive: no test was run: cargo, go"), "{text}");
}

#[test]
fn leaving_early_with_success_shows_nothing() {
    let body = case(
        "    def test_a(self):\n        print('Ran 9 tests OK', flush=True)\n        os._exit(0)\n",
    );
    let Some(text) = tests(&[("test_a.py", &body)]) else { return };
    assert!(text.starts_with("inconclusive"), "{text}");
    assert!(text.contains("tests/contradictory"), "{text}");
}

#[test]
fn a_crash_half_way_fails() {
    let body =
        case("    def test_a(self):\n        pass\n    def test_b(self):\n        os.abort()\n");
    let Some(text) = tests(&[("test_a.py", &body)]) else { return };
    assert!(text.starts_with("fail") && text.contains("tests/crashed"), "{text}");
}

#[test]
fn a_hang_is_ended_and_shows_nothing() {
    if !has("python3") {
        return;
    }
    let body =
        case("    def test_a(self):\n        import threading\n        threading.Event().wait()\n");
    let report = Fixture::new(&[CODE]).limit(3).judge("tests", &[("test_a.py", &body)]);
    let text = shown(&report);
    assert!(
        text.starts_with("inconclusive: unittest in the root was ended at its time limit"),
        "{text}"
    );
}

#[test]
fn a_forged_report_in_the_repository_does_not_count() {
    let body = case("    def test_a(self):\n        self.fail('red')\n");
    let forged = [
        ("test_a.py", &*body),
        ("results-0.jsonl", "{\"event\":\"end\",\"ran\":0}\n"),
        ("junit.xml", "<testsuites/>"),
    ];
    let Some(text) = tests(&forged) else { return };
    assert!(text.starts_with("fail: 0 passed, 1 failed"), "{text}");
}

#[test]
fn a_module_that_stands_in_for_the_runner_is_not_believed() {
    let body = case("    def test_a(self):\n        pass\n");
    let Some(text) = tests(&[("test_a.py", &body), ("unittest.py", "x = 1\n")]) else { return };
    assert!(
        text.starts_with("inconclusive") && text.contains("stands in for the runner"),
        "{text}"
    );
}

#[test]
fn changed_python_that_no_test_imports_has_to_parse() {
    if !has("python3") {
        return;
    }
    let fixture = Fixture::new(&[CODE, ("old.py", "print 'two'\n")]);
    let files = [
        ("new.py", "def f(:\n"),
        ("old.py", "print 'three'\n"),
        ("tests/fixtures/bad.py", "def f(:\n"),
        ("good.py", "x = 1\n"),
    ];
    let text = shown(&fixture.judge("build", &files));
    assert!(
        text.starts_with("fail: 1 Python file(s) do not parse\nbuild/syntax new.py:1"),
        "{text}"
    );
    assert!(
        text.contains("build/syntax old.py:1")
            && text.contains("build/syntax tests/fixtures/bad.py:1"),
        "{text}"
    );
}

#[test]
fn sources_under_src_are_found_and_a_local_json_module_is_not_taken_for_the_runners() {
    if !has("python3") {
        return;
    }
    let body = "import unittest\nfrom lib import x\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(x, 1)\n";
    let files = [
        ("src/lib.py", "x = 1\n"),
        ("tests/test_a.py", body),
        ("json.py", "raise SystemExit(0)\n"),
    ];
    let text = judged("tests", &[CODE], &files);
    assert!(text.starts_with("pass: 1 passed"), "{text}");
}

#[test]
fn a_link_among_changed_sources_is_not_followed() {
    if !has("python3") {
        return;
    }
    let fixture = Fixture::new(&[CODE]).limit(20);
    std::os::unix::fs::symlink("/dev/zero", fixture.repo.root().join("zero.py")).unwrap();
    let text = shown(&fixture.judge("build", &[("b.py", "x = 1\n")]));
    assert_eq!(text, "pass: syntax of 1 Python file(s): ok\n");
}

#[test]
fn python_files_that_are_too_large_are_named() {
    if !has("python3") {
        return;
    }
    let green = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n";
    let large = format!("{green}# {}\n", "x".repeat(8 << 20));
    for gate in ["build", "tests"] {
        let files = [("test_a.py", green), ("test_b.py", &*large)];
        let text = judged(gate, &[("a", "x\n")], &files);
        assert!(text.starts_with("inconclusive"), "{text}");
        assert!(text.contains(&format!("{gate}/left-out test_b.py 1")), "{text}");
    }
}

#[test]
fn assertions_that_were_replaced_are_told() {
    let body = case("    def test_a(self):\n        self.assertEqual(add(1, 2), 4)\n");
    let body = format!("{body}\nunittest.TestCase.assertEqual = lambda *_: None\n");
    let Some(text) = tests(&[("test_a.py", &body)]) else { return };
    assert!(text.starts_with("fail: 1 passed"), "{text}");
    assert!(text.contains("tests/assertions-patched") && text.contains("assertEqual"), "{text}");
}
