//! The gate `dependencies`.

use loki_model::{GateId, Judgement, Policy, Role, Verdict, conclude};
use loki_verify::{Advisories, Config};

use crate::fixture::{Fixture, judged};

const LOCK: &str = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n";

#[test]
fn a_dependency_that_the_lock_lacks_blocks() {
    let base = [("Cargo.toml", "[dependencies]\na = \"1\"\n"), ("Cargo.lock", LOCK)];
    let change = [("Cargo.toml", "[dependencies]\na = \"1\"\nb = \"2\"\n")];
    let text = judged("dependencies", &base, &change);
    assert!(text.starts_with("fail: `b` is declared and `Cargo.lock` does not hold it"), "{text}");
    assert!(text.contains("dependencies/lock-not-in-step Cargo.toml:3"), "{text}");
}

#[test]
fn a_change_of_sources_alone_is_not_judged() {
    let text = judged("dependencies", &[("a.py", "1\n")], &[("a.py", "2\n")]);
    assert!(text.starts_with("n/a"), "{text}");
}

/// What the gate says of an upgrade on a machine without a snapshot of advisories, and the verdict.
fn upgrade_without_snapshot(settings: &str) -> (Judgement, String, bool, Verdict) {
    let fixture = Fixture::new(&[
        (".loki/config.toml", settings),
        ("requirements.txt", "requests==2.19.0\n"),
    ]);
    let (mut config, findings) = fixture.config();
    assert!(findings.is_empty(), "{findings:?}");
    config.policy = Policy::new(&[("change", Role::Required), ("dependencies", Role::Required)]);
    config.dependencies.snapshot = Some(fixture.dir.path().join("no-snapshot"));
    let reports = fixture.judge_with(&config, &[("requirements.txt", "requests==2.20.0\n")]);
    let judgements = reports.iter().map(|report| (report.gate().clone(), report.judgement()));
    let verdict = conclude(&config.policy, &judgements.collect());
    let gate = GateId::from("dependencies");
    let report = reports.iter().find(|report| *report.gate() == gate).unwrap();
    (report.judgement(), report.summary().to_owned(), report.is_for_want_of_environment(), verdict)
}

#[test]
fn an_upgrade_that_nobody_can_look_up_is_a_concern_and_blocks_nothing() {
    let (judgement, summary, is_environment, verdict) = upgrade_without_snapshot("");
    assert_eq!((judgement, verdict), (Judgement::Inconclusive, Verdict::Concerns), "{summary}");
    assert!(summary.contains("1 added package was not looked up"), "{summary}");
    assert!(summary.contains("the first is `requests 2.20.0`"), "{summary}");
    assert!(summary.contains("run `loki advisories update`"), "{summary}");
    assert!(is_environment, "no change of the code would help");
}

#[test]
fn whoever_keeps_no_snapshot_can_say_that_looking_up_is_optional() {
    let settings = "[verify.dependencies]\nadvisories = 'optional'\n";
    let (judgement, summary, _, verdict) = upgrade_without_snapshot(settings);
    assert_eq!((judgement, verdict), (Judgement::Pass, Verdict::Verified), "{summary}");
    assert!(summary.contains("known vulnerabilities were not looked for"), "{summary}");
}

#[test]
fn looking_added_packages_up_is_required_by_default() {
    assert_eq!(Config::default().dependencies.advisories, Advisories::Required);
}
