//! The ids of tests, over real runners.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU32;

use loki_host::git::Repo;
use loki_host::process::{Cancel, find_on_path};
use loki_model::Digest;

use super::run_suites;
use crate::copy::{CleanCopy, Scratch};
use crate::counts::CaseEnd;
use crate::gates::Cx;
use crate::layout::Layout;
use crate::{Claim, Config, Keep, Subject};

struct Nothing;

impl Keep for Nothing {
    fn keep(&self, bytes: &[u8]) -> Digest {
        Digest::of(bytes)
    }
}

/// The development environment of this repository, in which pytest is.
fn venv() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/venv");
    root.canonicalize().ok()
}

/// Every test that ran in a fresh copy of a repository with `files`, by id.
fn cases(files: &[(&str, &str)]) -> Vec<(String, Option<String>, CaseEnd)> {
    let dir = tempfile::tempdir().unwrap();
    let reuse = dir.path().join("reuse");
    std::fs::create_dir(&reuse).unwrap();
    if let Some(venv) = venv() {
        std::os::unix::fs::symlink(venv, reuse.join(".venv")).unwrap();
    }
    std::fs::create_dir(dir.path().join("project")).unwrap();
    let repo = Repo::init(&dir.path().join("project")).unwrap();
    for (path, content) in files {
        let path = repo.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let tree = repo.snapshot(repo.root()).unwrap();
    let commit = repo.commit_tree(&tree, &[], "a change").unwrap();
    let scratch = dir.path().join("scratch");
    let subject = Subject {
        repo: &repo,
        base: &tree,
        tree: &tree,
        tree_commit: &commit,
        files: None,
        scratch: &scratch,
        history: None,
        memory: None,
        reuse: Some(&reuse),
        jobs: loki_host::machine::cpus(),
        claim: Claim::Unknown,
        messages: &[],
        spec: None,
    };
    let scratch_dir = Scratch::open(&scratch).unwrap();
    let layout = Layout::at(&repo, &tree).unwrap();
    let copy = CleanCopy::new(&scratch_dir, &subject, &layout).unwrap();
    let (config, _) = Config::at_base(&repo, &tree, loki_model::Timestamp(0));
    let cx = Cx {
        subject: &subject,
        config: &config,
        keep: &Nothing,
        cancel: &Cancel::new().unwrap(),
        scratch: &scratch_dir,
        copy: &copy,
        reader: &repo.reader(1 << 20),
        layout: &layout,
        changes: Ok(&[]),
        shown: &[],
        results_made: &AtomicU32::new(0),
        slots: &crate::slots::Slots::new(subject.jobs),
        known: std::sync::Arc::default(),
    };
    let parts = run_suites(&cx);
    assert!(parts.iter().all(|part| part.cases_complete), "{parts:?}");
    let cases = parts.into_iter().flat_map(|part| part.cases);
    cases.map(|case| (case.id, case.file, case.ended)).collect()
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
