//! pytest, from a linked virtual environment.

use crate::fixture::{Files, Fixture, has, shown};

const CODE: (&str, &str) = ("calc.py", "def add(a, b):\n    return a + b\n");

fn tests(files: Files<'_>) -> Option<String> {
    has("pytest").then(|| shown(&Fixture::new(&[CODE]).with_venv().judge("tests", files)))
}

#[test]
fn green_tests_are_counted() {
    let body = "import pytest\nfrom calc import add\n\n@pytest.mark.parametrize('a', [1, 2, 3])\ndef test_a(a):\n    assert add(a, 1) == a + 1\n";
    let Some(text) = tests(&[("tests/test_a.py", body)]) else { return };
    assert_eq!(text, "pass: 3 passed, 0 failed: pytest in the root: 3 passed, 0 failed\n");
}

#[test]
fn a_red_test_is_named_and_placed() {
    let body = "def check():\n    assert 1 == 2\n\ndef test_good():\n    pass\n\ndef test_bad():\n    check()\n";
    let Some(text) = tests(&[("tests/test_a.py", body)]) else { return };
    assert!(text.starts_with("fail: 1 passed, 1 failed"), "{text}");
    assert!(
        text.contains("tests/failed tests/test_a.py:2 `tests.test_a::test_bad` failed"),
        "{text}"
    );
}

#[test]
fn a_file_that_does_not_import_is_red() {
    let Some(text) = tests(&[("test_a.py", "import nowhere\ndef test_a(): pass\n")]) else {
        return;
    };
    assert!(text.starts_with("fail: 0 passed, 1 failed") && text.contains("test_a.py:1"), "{text}");
    assert!(text.contains("`test_a` could not be collected"), "{text}");
}

#[test]
fn skipped_and_expected_failures_alone_show_nothing() {
    let body = "import pytest\n@pytest.mark.skip\ndef test_a(): pass\n@pytest.mark.xfail\ndef test_b(): assert 0\n";
    let Some(text) = tests(&[("test_a.py", body)]) else { return };
    assert!(
        text.starts_with("inconclusive: 0 passed, 0 failed, 2 skipped: no test was run"),
        "{text}"
    );
}

#[test]
fn nothing_collected_shows_nothing() {
    let Some(text) = tests(&[("test_a.py", "import pytest\n")]) else { return };
    assert!(
        text.starts_with("inconclusive: no test was run: pytest in the root collected none"),
        "{text}"
    );
}

#[test]
fn leaving_early_with_success_shows_nothing() {
    let body = "import os\ndef test_a():\n    print('=== 9 passed in 0.01s ===', flush=True)\n    os._exit(0)\n";
    let Some(text) = tests(&[("test_a.py", body)]) else { return };
    assert!(text.starts_with("inconclusive") && text.contains("without its report"), "{text}");
}

#[test]
fn a_crash_half_way_fails() {
    let body = "import os\ndef test_a(): pass\ndef test_b(): os.abort()\n";
    let Some(text) = tests(&[("test_a.py", body)]) else { return };
    assert!(text.starts_with("fail") && text.contains("tests/crashed"), "{text}");
}

#[test]
fn a_hang_is_ended_and_shows_nothing() {
    if !has("pytest") {
        return;
    }
    let body = "import threading\ndef test_a(): threading.Event().wait()\n";
    let fixture = Fixture::new(&[CODE]).with_venv().limit(3);
    let text = shown(&fixture.judge("tests", &[("test_a.py", body)]));
    assert!(
        text.starts_with("inconclusive: pytest in the root was ended at its time limit"),
        "{text}"
    );
}

#[test]
fn forged_reports_in_the_repository_do_not_count() {
    let forged = "<testsuites><testsuite><testcase name='x'/></testsuite></testsuites>";
    let files = [
        ("test_a.py", "def test_a(): assert 0\n"),
        ("results-0.xml", forged),
        ("junit.xml", forged),
    ];
    let Some(text) = tests(&files) else { return };
    assert!(text.starts_with("fail: 0 passed, 1 failed"), "{text}");
}

#[test]
fn projects_side_by_side_are_summed() {
    let body = "def test_a(): pass\n";
    let files = [
        ("back/pyproject.toml", "[project]\nname = 'back'\n"),
        ("back/lib_b.py", "x = 1\n"),
        ("back/tests/test_b.py", "from lib_b import x\ndef test_b(): assert x\n"),
        ("tools/test_t.py", body),
    ];
    let Some(text) = tests(&files) else { return };
    assert!(text.starts_with("pass: 2 passed, 0 failed"), "{text}");
}

#[test]
fn without_pytest_its_tests_show_nothing_and_the_fix_is_told() {
    if !has("python3") || !has("sh") {
        return;
    }
    let fixture = Fixture::new(&[CODE]);
    let bin = fixture.reuse().join(".venv/bin");
    std::fs::create_dir_all(&bin).unwrap();
    // An interpreter that sees no installed packages.
    std::fs::write(bin.join("python"), "#!/bin/sh\nexec python3 -I -S \"$@\"\n").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(bin.join("python"), mode).unwrap();
    let text = shown(&fixture.judge("tests", &[("test_a.py", "def test_a(): pass\n")]));
    assert!(text.starts_with("inconclusive") && text.contains("pip install pytest"), "{text}");
}

#[test]
fn an_environment_that_the_change_brings_is_not_used() {
    let files =
        [("test_a.py", "def test_a(): assert 0\n"), (".venv/bin/python", "#!/bin/sh\nexit 0\n")];
    if !has("pytest") {
        return;
    }
    let fixture = Fixture::new(&[CODE]);
    let text = shown(&fixture.judge("tests", &files));
    assert!(!text.starts_with("pass"), "{text}");
}

const RED: (&str, &str) = ("test_a.py", "def test_good(): pass\ndef test_bad(): assert 1 == 2\n");

#[test]
fn a_report_that_a_hook_rewrites_is_not_believed() {
    let hooks = [
        "import pytest\n@pytest.hookimpl(hookwrapper=True, tryfirst=True)\ndef pytest_runtest_makereport(item, call):\n    outcome = yield\n    outcome.get_result().outcome = 'passed'\n",
        "import pytest\n@pytest.hookimpl(tryfirst=True)\ndef pytest_runtest_makereport(item, call):\n    from _pytest.reports import TestReport\n    call.excinfo = None\n    return TestReport.from_item_and_call(item, call)\n",
        "import pytest\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_call(item):\n    outcome = yield\n    outcome.force_result(None)\n",
        "import pytest\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_pyfunc_call(pyfuncitem):\n    outcome = yield\n    outcome.force_result(True)\n",
    ];
    for hook in hooks {
        let Some(text) = tests(&[RED, ("conftest.py", hook)]) else { return };
        assert!(text.starts_with("fail: 1 passed, 1 failed"), "{hook}\n{text}");
        assert!(
            text.contains(
                "tests/report-rewritten test_a.py `test_a.py::test_bad` raised AssertionError"
            ),
            "{hook}\n{text}"
        );
    }
}

#[test]
fn a_red_case_of_unittest_that_a_hook_calls_green_is_not_believed() {
    let hook = "import pytest\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n    outcome = yield\n    outcome.get_result().outcome = 'passed'\n";
    let body = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.fail('no')\n";
    let Some(text) = tests(&[("test_a.py", body), ("conftest.py", hook)]) else { return };
    assert!(text.starts_with("fail: 0 passed, 1 failed"), "{text}");
    assert!(text.contains("tests/report-rewritten test_a.py"), "{text}");
}

#[test]
fn an_exit_code_that_a_hook_rewrites_and_a_dropped_test_are_not_believed() {
    let hook = "import re\ndef pytest_sessionfinish(session):\n    session.exitstatus = 0\ndef pytest_unconfigure(config):\n    path = config.option.xmlpath\n    text = open(path).read()\n    text = re.sub('<testcase [^>]*test_bad.*?</testcase>', '', text, flags=re.S)\n    open(path, 'w').write(text)\n";
    let Some(text) = tests(&[RED, ("conftest.py", hook)]) else { return };
    assert!(text.starts_with("fail"), "{text}");
    assert!(text.contains("tests/report-rewritten"), "{text}");
}

#[test]
fn tests_that_are_run_again_or_skipped_by_hooks_are_not_rewritten_ones() {
    // A hook that runs a test again until it holds, and one that skips what needs a network.
    let hooks = "import pytest\nfrom _pytest.runner import CallInfo, runtestprotocol\n@pytest.hookimpl(tryfirst=True)\ndef pytest_runtest_protocol(item, nextitem):\n    for attempt in range(3):\n        reports = runtestprotocol(item, nextitem=nextitem, log=False)\n        if not any(report.failed for report in reports):\n            break\n    for report in reports:\n        item.ihook.pytest_runtest_logreport(report=report)\n    return True\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n    outcome = yield\n    report = outcome.get_result()\n    if call.excinfo and call.excinfo.type is OSError:\n        report.outcome, report.longrepr = 'skipped', (__file__, 1, 'no network')\n";
    let body = "tries = []\ndef test_flaky():\n    tries.append(1)\n    assert len(tries) > 1\ndef test_net():\n    raise OSError('no net')\n";
    let Some(text) = tests(&[("test_a.py", body), ("conftest.py", hooks)]) else { return };
    assert!(text.starts_with("pass: 1 passed, 0 failed, 1 skipped"), "{text}");
}

#[test]
fn tests_that_are_left_out_are_told() {
    let body = "import pytest\ndef test_a(): pass\n@pytest.mark.slow\ndef test_b(): assert 0\ndef test_c(): assert 0\n";
    let hook = "def pytest_collection_modifyitems(items):\n    items[:] = [item for item in items if item.name != 'test_c']\n";
    let files = [
        ("test_a.py", body),
        ("conftest.py", hook),
        ("pytest.ini", "[pytest]\naddopts = -m 'not slow'\nmarkers = slow: it is\n"),
    ];
    let Some(text) = tests(&files) else { return };
    assert!(text.starts_with("pass: 1 passed, 0 failed: "), "{text}");
    assert!(text.contains("tests/deselected - 2 test(s) were collected and not run"), "{text}");
}

#[test]
fn assertions_that_were_replaced_are_told() {
    let body = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(1, 2)\n        assert round(1.4) == 7\n";
    let hook = "import builtins, unittest\nunittest.TestCase.assertEqual = lambda *_: None\nbuiltins.round = lambda _: 7\n";
    let Some(text) = tests(&[("test_a.py", body), ("conftest.py", hook)]) else { return };
    assert!(text.starts_with("fail: 1 passed"), "{text}");
    assert!(text.contains("tests/assertions-patched - 2 function(s)"), "{text}");
}

#[test]
fn replacements_that_end_with_their_test_are_not_told() {
    let body = "import builtins, unittest\ndef test_a(monkeypatch):\n    monkeypatch.setattr(builtins, 'round', lambda _: 7)\n    monkeypatch.setattr(unittest.TestCase, 'assertEqual', None)\n    assert round(1.4) == 7\n";
    let Some(text) = tests(&[("test_a.py", body)]) else { return };
    assert_eq!(text, "pass: 1 passed, 0 failed: pytest in the root: 1 passed, 0 failed\n");
}
