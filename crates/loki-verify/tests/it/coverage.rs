//! Which evidence shows which requirement, over real runners.

use loki_model::{Policy, Role, Spec};
use loki_spec::{Lock, read};
use loki_verify::Coverage;

use crate::fixture::{Files, Fixture, has};

const PRD: &str = "# Sums\n\n- [ ] FR-1: Sums must be exact\n- [ ] FR-2: Sums must be fast\n";
const CODE: &str = "def add(a, b):\n    return a + b\n";

fn spec() -> Spec {
    read("prd.md", PRD).0
}

fn tests(of_first: &str, of_second: &str) -> String {
    format!(
        "import unittest\nfrom sums import add\n\n\nclass T(unittest.TestCase):\n    def test_fr_1(self):\n        \
         {of_first}\n\n    def test_quick(self):\n        # FR-2\n        {of_second}\n"
    )
}

fn coverage(fixture: &Fixture, gates: &[&str], files: Files<'_>) -> Option<Coverage> {
    let (mut config, _) = fixture.config();
    let roles: Vec<(&str, Role)> = gates.iter().map(|gate| (*gate, Role::Required)).collect();
    config.policy = Policy::new(&roles);
    let (tree, commit) = fixture.change(files);
    fixture.answer(&config, &tree, &commit).coverage
}

/// `FR-1: covered test_sums.py > T::test_fr_1 covered` for each requirement.
fn shown(coverage: &Coverage) -> Vec<String> {
    let line = |one: &loki_verify::Shown| {
        let pieces = one.evidence.iter();
        let pieces = pieces.map(|piece| format!(" {} {}", piece.name, piece.status.label()));
        let label = one.text.split(':').next().unwrap_or_default();
        format!("{label}: {}{}", one.status.label(), pieces.collect::<String>())
    };
    coverage.requirements.iter().map(line).collect()
}

fn judged(tests: &str) -> Vec<String> {
    let fixture = Fixture::new(&[("sums.py", "")]).asking(spec());
    let files = [("sums.py", CODE), ("test_sums.py", tests)];
    shown(&coverage(&fixture, &["tests"], &files).unwrap())
}

#[test]
fn a_requirement_is_covered_by_a_test_that_names_it_and_passed() {
    if !has("python3") {
        return;
    }
    let tests = tests("self.assertEqual(add(1, 2), 3)", "self.assertEqual(add(1, 2), 4)");
    let expected = [
        "FR-1: covered test_sums.py > T::test_fr_1 covered",
        "FR-2: failing test_sums.py > T::test_quick failing",
    ];
    assert_eq!(judged(&tests), expected);
}

#[test]
fn a_test_that_was_not_run_covers_nothing() {
    if !has("python3") {
        return;
    }
    let skipped = tests("self.skipTest('later')", "self.assertEqual(add(1, 2), 3)");
    assert_eq!(judged(&skipped)[0], "FR-1: stale test_sums.py > T::test_fr_1 stale");
    let fixture = Fixture::new(&[("sums.py", "")]).asking(spec());
    let files = [("sums.py", CODE), ("test_sums.py", skipped.as_str())];
    let found = shown(&coverage(&fixture, &["change"], &files).unwrap());
    assert_eq!(found[1], "FR-2: stale test_sums.py > T::test_quick stale");
}

#[test]
fn a_test_that_asserts_nothing_covers_nothing() {
    if !has("python3") {
        return;
    }
    let hollow = tests("self.assertTrue(True)", "self.assertEqual(add(1, 2), 3)");
    let fixture = Fixture::new(&[("sums.py", "")]).asking(spec());
    let files = [("sums.py", CODE), ("test_sums.py", hollow.as_str())];
    let found = shown(&coverage(&fixture, &["tests", "test-integrity"], &files).unwrap());
    assert_eq!(found[0], "FR-1: failing test_sums.py > T::test_fr_1 failing");
}

#[test]
fn a_declared_gate_that_names_a_requirement_is_evidence_of_it() {
    let settings = "[[gate]]\nname = 'fr-1'\ncommand = 'true'\n";
    let fixture = Fixture::new(&[(".loki/config.toml", settings)]).asking(spec());
    let found = coverage(&fixture, &["fr-1"], &[("a", "1\n")]).unwrap();
    assert_eq!(shown(&found), ["FR-1: covered fr-1 covered", "FR-2: none"]);
}

#[test]
fn without_a_spec_the_lock_says_what_is_asked_for() {
    let lock = Lock::of(&[spec()], None).to_text();
    let none = coverage(&Fixture::new(&[]), &["change"], &[("a", "1\n")]);
    assert_eq!(none, None);
    let of_base = Fixture::new(&[(".loki/spec/spec.lock", &lock)]);
    let found = coverage(&of_base, &["change"], &[("a", "1\n")]).unwrap();
    assert_eq!(shown(&found), ["FR-1: none", "FR-2: none"]);
    let brought = [(".loki/spec/spec.lock", lock.as_str())];
    assert!(coverage(&Fixture::new(&[]), &["change"], &brought).is_some());
}

#[test]
fn what_a_requirement_says_of_a_file_is_looked_up_in_the_judged_tree() {
    let prd = "# Docs\n\n- FR-1: The file `docs/use.md` must exist\n- FR-2: `README.md` must contain `use it`\n\
               - FR-3: Users must find help\n  - `docs/help.md` exists\n  - it is short\n\
               - FR-4: `old/` must not exist\n";
    let fixture = Fixture::new(&[("old/a", "1\n")]).asking(read("prd.md", prd).0);
    let files = [("docs/use.md", "how\n"), ("docs/help.md", "help\n"), ("README.md", "see docs\n")];
    let found = coverage(&fixture, &["change"], &files).unwrap();
    let expected = [
        "FR-1: covered `docs/use.md` exists covered",
        "FR-2: failing `README.md` contains `use it` failing",
        "FR-3: stale `docs/help.md` exists covered",
        "FR-4: failing `old` does not exist failing",
    ];
    assert_eq!(shown(&found), expected);
}
