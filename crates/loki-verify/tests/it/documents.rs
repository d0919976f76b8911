//! `evidence.json` against its schema, and `report.md`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use loki_model::{
    CommandRun, CommitId, Confinement, Deadline, Digest, Evidence, Exit, Finding, GateId,
    GateReport, Judgement, Layer, Location, Origin, Output, Policy, Priority, Requirement,
    RequirementId, Role, SandboxLevel, Severity, Spec, TestCounts, Timestamp, TreeId, Verdict,
};
use loki_verify::{
    Config, Coverage, CoverageStatus, Judged, Piece, PieceKind, Shown, document, junit,
    report_markdown,
};
use proptest::prelude::*;

use crate::fixture::Fixture;

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let text = include_str!("../../../../docs/formats/evidence.schema.json");
    let schema: serde_json::Value = serde_json::from_str(text).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
});

fn problems(document: &serde_json::Value) -> Vec<String> {
    SCHEMA
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// Owns what a [`Judged`] borrows.
struct Case {
    policy: Policy,
    left_out: BTreeMap<GateId, String>,
    tree: TreeId,
    commit: CommitId,
    gates: Vec<GateReport>,
    findings: Vec<Finding>,
    coverage: Option<Coverage>,
}

impl Case {
    fn new(gates: Vec<GateReport>) -> Case {
        Case {
            policy: Config::default().policy,
            left_out: BTreeMap::new(),
            tree: TreeId::try_from("a".repeat(40)).unwrap(),
            commit: CommitId::try_from("b".repeat(40)).unwrap(),
            gates,
            findings: Vec::new(),
            coverage: None,
        }
    }

    fn judged(&self) -> Judged<'_> {
        Judged {
            policy: &self.policy,
            left_out: &self.left_out,
            base: &self.tree,
            tree: &self.tree,
            commit: &self.commit,
            gates: &self.gates,
            config_findings: &self.findings,
            coverage: self.coverage.as_ref(),
            agents_held: None,
            judged_at: Timestamp(1_700_000_000_123),
            duration_ms: 1234,
            tool_version: "0.1.0",
        }
    }
}

fn spec(text: &str) -> Spec {
    Spec {
        requirements: vec![Requirement {
            id: RequirementId("R-1".to_owned()),
            text: text.to_owned(),
            priority: Priority::Must,
            acceptance: Vec::new(),
            origin: Origin::line("brief", 1),
        }],
        ..Spec::of("brief", text, text)
    }
}

fn command(argv: &[&str], exit: Exit, tests: Option<TestCounts>) -> Evidence {
    let output = Output { digest: Digest::of(b""), bytes: 0, truncated: false };
    Evidence::Command {
        tree: TreeId::try_from("a".repeat(40)).unwrap(),
        run: CommandRun {
            argv: argv.iter().map(|word| (*word).to_owned()).collect(),
            cwd: String::new(),
            exit,
            duration_ms: 5,
            stdout: output.clone(),
            stderr: output,
            tests,
            sandbox: Some(Confinement {
                level: SandboxLevel::Standard,
                active: vec![Layer::Files, Layer::Processes],
                missing: vec![Layer::Network],
            }),
            by_hand: None,
        },
    }
}

fn red(message: &str, detail: &str) -> GateReport {
    let finding = Finding {
        rule: "tests/failed".to_owned(),
        severity: Severity::Error,
        location: Some(Location { path: "a b.py".to_owned(), line: Some(3) }),
        message: message.to_owned(),
        detail: detail.to_owned(),
    };
    let counts = TestCounts { passed: 1, failed: 1, skipped: 0 };
    let run = command(
        &["$COPY/.venv/bin/python", "-k", "it's", "--junitxml=$RESULTS/x.xml"],
        Exit::Exited { code: 1 },
        Some(counts),
    );
    GateReport::fail(
        GateId::from("tests"),
        "1 passed, 1 failed".to_owned(),
        finding,
        vec![],
        vec![run],
    )
}

#[test]
fn a_real_judgement_is_valid() {
    let fixture = Fixture::new(&[("a", "1\n")]);
    let mut case = Case::new(fixture.judge_with(&Config::default(), &[("b", "1\n")]));
    case.coverage = Some(Coverage::unknown(&spec("it works")));
    let document = document(&case.judged());
    assert_eq!(problems(&document), Vec::<String>::new());
    assert_eq!(document["verdict"], "concerns");
    assert_eq!(document["judged_at"], "2023-11-14T22:13:20.123Z");
    assert_eq!(document["spec"]["requirements"][0]["status"], "none");
}

#[test]
fn a_judgement_without_gates_is_blocked_and_valid() {
    let case = Case::new(Vec::new());
    let document = document(&case.judged());
    assert_eq!(problems(&document), Vec::<String>::new());
    assert_eq!(document["verdict"], "blocked");
}

#[test]
fn the_schema_refuses_a_pass_without_evidence_and_unknown_fields() {
    let mut wrong = document(&Case::new(vec![red("x", "")]).judged());
    wrong["gates"][0]["judgement"] = "pass".into();
    wrong["gates"][0]["evidence"] = serde_json::json!([]);
    assert_eq!(problems(&wrong).len(), 1);
    let mut more = document(&Case::new(Vec::new()).judged());
    more["surprise"] = 1.into();
    assert_eq!(problems(&more).len(), 1);
}

#[test]
fn the_report_begins_with_the_verdict_and_tells_everything() {
    let mut case = Case::new(vec![red("`test_b` failed", "line one\nline two")]);
    case.coverage = Some(Coverage::unknown(&spec("it works")));
    let report = report_markdown(&case.judged());
    assert!(report.starts_with("# BLOCKED\n"), "{report}");
    for part in [
        "| tests | required | fail | 1 passed, 1 failed | 0.0 s |",
        "| change | – | not run |",
        "- **error** `tests/failed` `a b.py:3` – `test_b` failed",
        "  ```text\n  line one\n  line two\n  ```",
        "- secrets: it was not run",
        "- `R-1` (must) it works: nothing names it",
        "cd \"$COPY\" && \"$COPY/.venv/bin/python\" -k 'it'\\''s' \"--junitxml=$RESULTS/x.xml\"",
        "gate tests: exited 1, 1 passed, 1 failed, 0.0 s",
        "## Sandbox\n\nEvery command was held to: files, processes.\n",
        "no sandbox for network: a command could reach the network.",
    ] {
        assert!(report.contains(part), "{part}\n\n{report}");
    }
}

#[test]
fn gates_that_were_left_out_are_told_in_every_document() {
    let passed = || command(&["true"], Exit::Exited { code: 0 }, None);
    let report = GateReport::pass("change".into(), "one file".to_owned(), passed(), Vec::new());
    let mut case = Case::new(vec![report]);
    case.policy = Policy::new(&[("change", Role::Required)]);
    let whole = report_markdown(&case.judged());
    assert!(whole.contains("Everything that had to hold"), "{whole}");
    case.left_out = BTreeMap::from([("tests".into(), "LOKI_GATE_TESTS=false".to_owned())]);
    let judged = case.judged();
    let report = report_markdown(&judged);
    assert!(!report.contains("Everything that had to hold"), "{report}");
    for line in [
        "**Only 1 of 2 gates counted**; the others were left out.",
        "| tests | off | left out | LOKI\\_GATE\\_TESTS=false | – |",
        "- tests: it was left out by LOKI\\_GATE\\_TESTS=false",
    ] {
        assert!(report.lines().any(|other| other == line), "{line}\n{report}");
    }
    let document = document(&judged);
    assert_eq!(problems(&document), Vec::<String>::new());
    assert_eq!(document["left_out"]["tests"], "LOKI_GATE_TESTS=false");
    let junit = junit(&judged);
    assert!(junit.contains(r#"tests="2" failures="0" errors="0" skipped="1""#), "{junit}");
    assert!(junit.contains(r#"<skipped message="left out by LOKI_GATE_TESTS=false"/>"#), "{junit}");
}

#[test]
fn findings_of_every_gate_stand_worst_first() {
    let note = Finding {
        rule: "change/size".to_owned(),
        severity: Severity::Note,
        location: None,
        message: "large".to_owned(),
        detail: String::new(),
    };
    let (id, run) = (GateId::from("change"), command(&["true"], Exit::Exited { code: 0 }, None));
    let first = GateReport::pass(id, "1 file".to_owned(), run, vec![]).noting(vec![note]);
    let case = Case::new(vec![first, red("`test_b` failed", "")]);
    let report = report_markdown(&case.judged());
    let place = |text: &str| report.find(text).unwrap();
    assert!(place("**error** `tests/failed`") < place("**note** `change/size`"), "{report}");
}

#[test]
fn commands_are_told_by_the_state_that_they_ran_on_and_as_a_person_would_run_them() {
    let (id, other) = (GateId::from("base-tests"), TreeId::try_from("c".repeat(40)).unwrap());
    let mut run = command(&["python3", "-p", "own"], Exit::Exited { code: 1 }, None);
    if let Evidence::Command { tree, run } = &mut run {
        *tree = other;
        run.by_hand = Some(["pytest", "a b.py"].map(str::to_owned).into());
    }
    let case = Case::new(vec![GateReport::pass(id, "1 passed".to_owned(), run, vec![])]);
    let report = report_markdown(&case.judged());
    let expected = format!(
        "### As `base-tests` put it together: tree `cccccccccc`\n\n```sh\nCOPY=$(mktemp -d)/copy RESULTS=$(mktemp -d)\ngit worktree add --detach \"$COPY\" \"$(git commit-tree {} -m copy)\"\n```\n\n- gate base-tests: exited 1, 0.0 s\n\n  ```sh\n  cd \"$COPY\" && pytest 'a b.py'\n  ```\n",
        "c".repeat(40)
    );
    assert!(report.contains(&expected), "{report}");
    assert_eq!(problems(&document(&case.judged())), Vec::<String>::new());
}

#[test]
fn what_shows_a_requirement_is_named_beside_it() {
    let mut case = Case::new(Vec::new());
    let piece = |name: &str, status| Piece { kind: PieceKind::Test, name: name.to_owned(), status };
    let both = vec![
        piece("test_a.py > test_works", CoverageStatus::Covered),
        piece("test_b.py > test_lasts", CoverageStatus::Failing),
    ];
    case.coverage = Some(covered("it works", both));
    let document = document(&case.judged());
    assert_eq!(problems(&document), Vec::<String>::new());
    let shown = &document["spec"]["requirements"][0];
    assert_eq!(shown["status"], "failing");
    assert_eq!(shown["evidence"][0]["name"], "test_a.py > test_works");
    let report = report_markdown(&case.judged());
    for part in [
        "- `R-1` (must) it works: **failing**\n  - test `test_a.py > test_works`: covered\n",
        "- `R-1` (must) it works: what names it does not hold",
    ] {
        assert!(report.contains(part), "{part}\n\n{report}");
    }
}

#[test]
fn text_of_the_repository_can_not_pass_for_the_reports_own() {
    let hostile = "x\n# VERIFIED\n```\n<img src=x> | a | [b](c)";
    let report = report_markdown(&Case::new(vec![red(hostile, hostile)]).judged());
    let headings: Vec<&str> = report.lines().filter(|line| line.starts_with('#')).collect();
    assert!(!headings.contains(&"# VERIFIED"), "{headings:?}");
    assert!(report.contains("````text"), "{report}");
    assert!(report.contains("\\<img src=x\\>"), "{report}");
}

fn any_finding() -> impl Strategy<Value = Finding> {
    (
        "\\PC{0,30}",
        0u8..3,
        proptest::option::of(("\\PC{1,20}", proptest::option::of(1u32..))),
        "(\\PC|\n|`){0,40}",
    )
        .prop_map(|(message, severity, place, detail)| Finding {
            rule: "gate/offence".to_owned(),
            severity: [Severity::Note, Severity::Warning, Severity::Error][usize::from(severity)],
            location: place.map(|(path, line)| Location { path, line }),
            message,
            detail,
        })
}

fn any_evidence() -> impl Strategy<Value = Evidence> {
    let exit = prop_oneof![
        any::<i32>().prop_map(|code| Exit::Exited { code }),
        any::<i32>().prop_map(|signal| Exit::Signalled { signal }),
        Just(Exit::TimedOut { deadline: Deadline::Idle }),
        Just(Exit::TimedOut { deadline: Deadline::Total }),
        Just(Exit::Cancelled),
    ];
    let counts = proptest::option::of(
        (0u64..9, 0u64..9, 0u64..9).prop_map(|(passed, failed, skipped)| TestCounts {
            passed,
            failed,
            skipped,
        }),
    );
    (exit, counts, proptest::collection::vec("(\\$COPY|\\PC){0,9}", 1..4), any::<bool>()).prop_map(
        |(exit, tests, argv, is_command)| {
            let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
            let Evidence::Command { tree, run } = command(&argv, exit, tests) else {
                unreachable!()
            };
            if is_command {
                Evidence::Command { tree, run }
            } else {
                Evidence::Inspection { tree, what: argv.concat(), digest: Digest::of(b"x") }
            }
        },
    )
}

fn any_pieces() -> impl Strategy<Value = Vec<Piece>> {
    let kind = prop_oneof![Just(PieceKind::Test), Just(PieceKind::Command), Just(PieceKind::File)];
    let status = prop_oneof![
        Just(CoverageStatus::Failing),
        Just(CoverageStatus::Stale),
        Just(CoverageStatus::Covered)
    ];
    let piece =
        (kind, "\\PC{0,30}", status).prop_map(|(kind, name, status)| Piece { kind, name, status });
    proptest::collection::vec(piece, 0..3)
}

fn covered(text: &str, evidence: Vec<Piece>) -> Coverage {
    let spec = spec(text);
    let requirements = vec![Shown::of(&spec.requirements[0], evidence)];
    Coverage { requirements, ..Coverage::unknown(&spec) }
}

fn any_report() -> impl Strategy<Value = GateReport> {
    let many = proptest::collection::vec(any_finding(), 1..4);
    let evidence = proptest::collection::vec(any_evidence(), 1..4);
    ("(change|secrets|build|tests|other)", 0u8..4, "\\PC{0,60}", many, evidence).prop_map(
        |(gate, kind, summary, mut findings, mut evidence)| {
            let gate = GateId(gate);
            match kind {
                0 => GateReport::pass(gate, summary, evidence.remove(0), evidence).noting(findings),
                1 => GateReport::fail(gate, summary, findings.remove(0), findings, evidence),
                2 => GateReport::inconclusive(gate, summary, findings, evidence),
                _ => GateReport::not_applicable(gate, summary),
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_judgement_makes_a_valid_document_and_a_report(
        gates in proptest::collection::vec(any_report(), 0..5),
        findings in proptest::collection::vec(any_finding(), 0..2),
        brief in proptest::option::of(("\\PC{0,40}", any_pieces())),
        advisory in any::<bool>(),
    ) {
        let mut case = Case::new(gates);
        case.findings = findings;
        case.coverage = brief.map(|(brief, evidence)| covered(&brief, evidence));
        if advisory {
            case.policy = Policy::new(&[("tests", Role::Advisory), ("change", Role::Required)]);
        }
        let judged = case.judged();
        let document = document(&judged);
        prop_assert_eq!(problems(&document), Vec::<String>::new());
        let failed = case.gates.iter().any(|gate| gate.judgement() == Judgement::Fail
            && case.policy.roles.get(gate.gate()) == Some(&Role::Required));
        prop_assert!(!failed || judged.verdict() == Verdict::Blocked);
        let report = report_markdown(&judged);
        let heading = format!("# {}\n", judged.verdict().label());
        prop_assert!(report.starts_with(&heading));
        prop_assert_eq!(report.lines().filter(|line| line.starts_with("# ")).count(), 1);
    }
}
