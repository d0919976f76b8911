//! The ids of tests, over real runners.

use loki_host::process::find_on_path;

use super::run_suites;
use crate::counts::CaseEnd;
use crate::gates::suites::Suites;
use crate::gates::testing::{in_copy_of, venv};
use crate::near::Near;

/// Every test that ran in a fresh copy of a repository with `files`, by id.
fn cases(files: &[(&str, &str)]) -> Vec<(String, Option<String>, CaseEnd)> {
    in_copy_of(files, |cx| {
        let parts = run_suites(cx);
        assert!(parts.iter().all(|part| part.cases_complete), "{parts:?}");
        let cases = parts.into_iter().flat_map(|part| part.cases);
        cases.map(|case| (case.id, case.file, case.ended)).collect()
    })
}

#[test]
fn tests_of_every_runner_have_the_same_ids_in_every_copy() {
    if ["python3", "node", "cargo"].iter().any(|tool| find_on_path(tool.as_ref()).is_none()) {
        return;
    }
    let python = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n    @unittest.skip('later')\n    def test_b(self): pass\n";
    let node = "const { test, describe } = require('node:test');\ndescribe('s', () => { test('a', () => {}); test('a', () => { throw 1; }); });\n";
    let rust = "/// ```\n/// assert!(true);\n/// ```\npub fn f() {}\n#[cfg(test)] mod tests { #[test] fn a() {} #[test] #[ignore] fn b() {} }\n";
    let files = [
        ("py/tests/test_a.py", python),
        ("a.test.js", node),
        ("rs/Cargo.toml", "[package]\nname = \"demo\"\nedition = \"2021\"\n[workspace]\n"),
        ("rs/src/lib.rs", rust),
        ("rs/src/main.rs", "fn main() {}\n#[test]\nfn a() {}\n"),
    ];
    let first = cases(&files);
    assert_eq!(first, cases(&files));
    let ids: Vec<(&str, Option<&str>, CaseEnd)> =
        first.iter().map(|(id, file, ended)| (id.as_str(), file.as_deref(), *ended)).collect();
    let (lib, python) = (Some("rs/src/lib.rs"), Some("py/tests/test_a.py"));
    // Older versions of node do not tell the file.
    let node = ids.iter().find(|case| case.0.starts_with("node:")).and_then(|case| case.1);
    let place = node.map_or_else(String::new, |file| format!("{file} > "));
    let (a, b) = (format!("node:{place}s > a"), format!("node:{place}s > a#2"));
    let expected = [
        ("unittest:py/tests/test_a.T.test_a", python, CaseEnd::Passed),
        ("unittest:py/tests/test_a.T.test_b", python, CaseEnd::Skipped),
        (&a, node, CaseEnd::Passed),
        (&b, node, CaseEnd::Failed),
        ("cargo:demo/demo.bin::a", None, CaseEnd::Passed),
        ("cargo:demo/demo::tests::a", None, CaseEnd::Passed),
        ("cargo:demo/demo::tests::b", None, CaseEnd::Skipped),
        ("cargo:doc:rs/src/lib.rs - f", lib, CaseEnd::Passed),
    ];
    assert_eq!(ids, expected);
}

#[test]
fn of_each_language_only_the_tests_that_are_near_are_run_where_no_more_are_wanted() {
    let all = ["python3", "node", "cargo", "go"];
    if all.iter().any(|tool| find_on_path(tool.as_ref()).is_none()) {
        return;
    }
    let python = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n";
    let node = "const { test } = require('node:test');\ntest('a', () => {});\n";
    let go = "package p\nimport \"testing\"\nfunc TestA(*testing.T) {}\n";
    let crate_of = |name: &str| format!("[package]\nname = \"{name}\"\nedition = \"2021\"\n");
    let (one, two) = (crate_of("one"), crate_of("two"));
    let (rust, example) = (
        "#[test]\nfn a() {}\n",
        "/// ```\n/// assert!(true);\n/// ```\npub fn f() {}\n#[test]\nfn a() {}\n",
    );
    let files: &[(&str, &str)] = &[
        ("py/shop.py", ""),
        ("py/tests/test_shop.py", python),
        ("py/tests/test_other.py", python),
        ("js/package.json", "{\"scripts\": {\"test\": \"node --test\"}}"),
        ("js/cart.js", ""),
        ("js/test/cart.test.js", node),
        ("js/test/other.test.js", node),
        ("go.mod", "module m\n\ngo 1.21\n"),
        ("p/p.go", "package p\n"),
        ("p/a_test.go", go),
        ("q/q.go", "package p\n"),
        ("q/a_test.go", go),
        ("rs/Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\nresolver = \"2\"\n"),
        ("rs/one/Cargo.toml", &one),
        ("rs/one/src/lib.rs", example),
        ("rs/one/tests/other.rs", rust),
        ("rs/two/Cargo.toml", &two),
        ("rs/two/src/lib.rs", rust),
    ];
    let ids = in_copy_of(files, |cx| {
        let code = ["py/shop.py", "js/cart.js", "p/p.go", "rs/one/src/lib.rs"];
        let near = Near::of(code, [], cx.layout.own_files());
        let ran = code.map(|path| {
            let suites = Suites::run_near(cx, &near, path);
            suites.ids(CaseEnd::Passed).into_iter().map(str::to_owned).collect::<Vec<_>>()
        });
        ran.concat()
    });
    let is_of_node = |id: &String| id.starts_with("node:") && !id.contains("other");
    let (node, others): (Vec<String>, Vec<String>) = ids.into_iter().partition(is_of_node);
    assert_eq!(node.len(), 1, "{node:?}");
    assert_eq!(
        others,
        ["unittest:py/tests/test_shop.T.test_a", "go:m/p.TestA", "cargo:one/one::a"]
    );
}

#[test]
fn tests_of_pytest_are_known_by_their_node_ids() {
    if !venv().is_some_and(|venv| venv.join("bin/pytest").exists()) {
        return;
    }
    let body = "import pytest\nfrom tests.base import Base\nclass TestX(Base):\n    class TestIn:\n        @pytest.mark.parametrize('a', ['x/y.z', 'p::q'])\n        def test_y(self, a): pass\n@pytest.mark.xfail\ndef test_f(): assert 0\n";
    let files = [
        ("tests/__init__.py", ""),
        ("tests/base.py", "class Base:\n    def test_b(self): assert 0\n"),
        ("tests/test_a.py", body),
    ];
    let found = cases(&files);
    let file = || Some("tests/test_a.py".to_owned());
    let expected = [
        ("pytest:tests/test_a.py::TestX::TestIn::test_y[p::q]", CaseEnd::Passed),
        ("pytest:tests/test_a.py::TestX::TestIn::test_y[x/y.z]", CaseEnd::Passed),
        ("pytest:tests/test_a.py::TestX::test_b", CaseEnd::Failed),
        ("pytest:tests/test_a.py::test_f", CaseEnd::Skipped),
    ]
    .map(|(id, ended)| (id.to_owned(), file(), ended));
    assert_eq!(found, expected);
}
