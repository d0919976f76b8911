use loki_model::{GateId, Origin};

use super::*;
use crate::gates::finding;

fn requirement() -> Requirement {
    Requirement {
        id: RequirementId("R-3f9a".to_owned()),
        text: "Notes are saved".to_owned(),
        priority: Priority::Must,
        acceptance: Vec::new(),
        origin: Origin::line("prd.md", 1),
    }
}

fn piece(status: CoverageStatus) -> Piece {
    Piece { kind: PieceKind::Test, name: "a".to_owned(), status }
}

#[test]
fn one_failure_outweighs_everything_and_nothing_is_none() {
    use CoverageStatus::{Covered, Failing, None, Stale};
    for (pieces, expected) in [
        (&[][..], None),
        (&[Stale], Stale),
        (&[Stale, Covered], Covered),
        (&[Covered, Failing, Stale], Failing),
    ] {
        let pieces = pieces.iter().map(|status| piece(*status)).collect();
        assert_eq!(Shown::of(&requirement(), pieces).status, expected);
    }
}

#[test]
fn a_finding_within_a_test_or_by_its_name_is_about_it() {
    let test = NamedTest {
        name: "T.test_a".to_owned(),
        own: "test_a".to_owned(),
        line: 5,
        last_line: 9,
        text: String::new(),
    };
    let of = |line, message: &str, severity| {
        let place = loki_model::Location { path: "test_x.py".to_owned(), line };
        let found = finding("tests/failed", severity, Some(place), message, "");
        let report =
            GateReport::fail(GateId::from("tests"), String::new(), found, Vec::new(), Vec::new());
        is_found_fault_with(&test, "test_x.py", &[report])
    };
    assert!(of(Some(7), "it failed", Severity::Error));
    assert!(of(None, "`T.test_a` failed", Severity::Error));
    assert!(!of(Some(10), "it failed", Severity::Error));
    assert!(!of(Some(7), "it failed", Severity::Note));
    assert!(!of(Some(10), "`test_ab` failed", Severity::Error));
}

#[test]
fn tests_are_found_by_the_requirement_that_they_name() {
    let requirements = [requirement()];
    let wanted = Wanted::of(&requirements);
    let text = "# R-3f9a\ndef test_a():\n    assert f()\n\ndef test_b():\n    assert f()\n";
    let found = wanted.tests("tests/test_x.py", text);
    let names: Vec<String> =
        found.iter().map(|(test, _)| test_name("tests/test_x.py", test)).collect();
    assert_eq!(names, ["tests/test_x.py > test_a"]);
    assert!(wanted.tests("src/x.py", text).is_empty());
}
