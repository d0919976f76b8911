//! Gates show that they can fail before their pass counts.

use std::fs;
use std::path::Path;

use loki_host::process::Cancel;
use loki_model::{Judgement, Policy, Role};
use loki_verify::{Claim, Config, Subject, gate_names, judge};

use crate::fixture::Fixture;

const TEST: &str = "import unittest\nimport sums\nfrom sums import add\nclass A(unittest.TestCase):\n    \
                    def test_a(self):\n        self.assertEqual(add(2, 3), 5)\n";

const CI: &str =
    "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: python -m unittest\n";

/// Judges one change by every gate, remembering in `memory`.
fn judged(fixture: &Fixture, memory: Option<&Path>) -> Vec<(String, Judgement, String)> {
    let (tree, commit) = fixture.change(&[
        ("sums.py", "def add(a, b):\n    return a + b\n\n\ndef less(a, b):\n    return a - b\n"),
        ("README.md", "# Sums\n\nAdds numbers.\n"),
        (
            "test_sums.py",
            &format!("{TEST}    def test_b(self):\n        self.assertEqual(sums.less(3, 1), 2)\n"),
        ),
        (".github/workflows/ci.yml", &format!("# Checks.\n{CI}")),
    ]);
    let scratch = fixture.scratch();
    let subject = Subject {
        repo: &fixture.repo,
        base: &fixture.base,
        tree: &tree,
        tree_commit: &commit,
        files: None,
        scratch: &scratch,
        history: None,
        reuse: None,
        memory,
        jobs: loki_host::machine::cpus(),
        claim: Claim::Behaviour,
        messages: &[],
        spec: None,
    };
    let wanted: Vec<(&str, Role)> =
        gate_names().into_iter().map(|gate| (gate, Role::Required)).collect();
    let config = Config { policy: Policy::new(&wanted), ..Config::default() };
    let cancel = Cancel::new().unwrap();
    let answer = judge(&subject, &config, &fixture.kept, &cancel, &mut |_| {}).unwrap();
    let told = answer
        .reports
        .iter()
        .map(|report| (report.gate().0.clone(), report.judgement(), report.summary().to_owned()));
    told.collect()
}

#[test]
fn every_gate_notices_its_own_violation_and_that_is_remembered() {
    let fixture = Fixture::new(&[
        ("sums.py", "def add(a, b):\n    return a + b\n"),
        ("test_sums.py", TEST),
        (".github/workflows/ci.yml", CI),
    ]);
    let memory = fixture.dir.path().join("memory");
    let told = judged(&fixture, Some(&memory));
    for (gate, judgement, summary) in &told {
        let wanted = [Judgement::Pass, Judgement::NotApplicable];
        assert!(wanted.contains(judgement), "{gate}: {summary}");
    }
    let passed = told.iter().filter(|(_, judgement, _)| *judgement == Judgement::Pass).count();
    let kept = fs::read_dir(memory.join("bonds")).unwrap().count();
    assert_eq!(kept, passed, "{told:?}");
    assert!(passed >= 7, "{told:?}");
}
