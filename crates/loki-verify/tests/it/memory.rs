//! The same question is answered at once; any other one is judged.

use std::fs;
use std::path::Path;

use loki_host::process::Cancel;
use loki_model::{CommitId, GateReport, Policy, Role, SandboxLevel, TreeId};
use loki_verify::{Answer, Claim, Config, Subject, judge};

use crate::fixture::Fixture;

/// A declared test command that leaves a mark beside the repository each time it runs.
fn fixture() -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    let mark = dir.keep().join("runs");
    let report = "<testsuites><testcase name=\"t\"/></testsuites>";
    let script =
        format!("echo x >> '{}'\nmkdir -p build\necho '{report}' > build/j.xml\n", mark.display());
    let settings = "[verify]\ntests = [{ command = 'sh run.sh', junit = 'build/j.xml' }]\n\
                    [verify.gates]\nbase-tests = 'off'\nmutants = 'off'\nnew-tests = 'off'\n";
    Fixture::new(&[
        (".loki/config.toml", settings),
        ("run.sh", &script),
        ("mark", mark.to_str().unwrap()),
    ])
}

fn ask(fixture: &Fixture, change: &(TreeId, CommitId), memory: Option<&Path>) -> Answer {
    let (mut config, _) = fixture.config();
    // The command leaves its mark outside of the copy.
    config.isolation.level = SandboxLevel::Off;
    ask_under(fixture, &config, change, memory)
}

fn ask_under(
    fixture: &Fixture,
    config: &Config,
    change: &(TreeId, CommitId),
    memory: Option<&Path>,
) -> Answer {
    let scratch = fixture.scratch();
    let subject = Subject {
        repo: &fixture.repo,
        base: &fixture.base,
        tree: &change.0,
        tree_commit: &change.1,
        files: None,
        scratch: &scratch,
        history: None,
        reuse: None,
        memory,
        jobs: loki_host::machine::cpus(),
        claim: Claim::Unknown,
        messages: &[],
        spec: None,
    };
    let cancel = Cancel::new().unwrap();
    judge(&subject, config, &fixture.kept, &cancel, &mut |_| {}).unwrap()
}

fn runs(fixture: &Fixture) -> usize {
    let mark = fs::read_to_string(fixture.repo.root().join("mark")).unwrap();
    fs::read_to_string(mark).unwrap_or_default().lines().count()
}

fn untimed(reports: &[GateReport]) -> Vec<String> {
    reports.iter().map(|report| format!("{} {:?}", report.gate(), report.findings())).collect()
}

#[test]
fn an_unchanged_question_runs_nothing_and_an_edit_makes_it_another_one() {
    let fixture = fixture();
    let memory = fixture.dir.path().join("memory");
    let change = fixture.change(&[("a.txt", "one\n")]);
    let first = ask(&fixture, &change, Some(&memory));
    assert!(!first.is_remembered, "{:?}", first.reports);
    let ran = runs(&fixture);
    assert!(ran > 0);
    let again = ask(&fixture, &change, Some(&memory));
    assert!(again.is_remembered);
    assert_eq!(runs(&fixture), ran);
    assert_eq!(again.reports, first.reports);
    let edited = fixture.change(&[("a.txt", "two\n")]);
    assert!(!ask(&fixture, &edited, Some(&memory)).is_remembered);
    assert!(runs(&fixture) > ran);
}

#[test]
fn without_a_memory_everything_is_judged_each_time() {
    let fixture = fixture();
    let change = fixture.change(&[("a.txt", "one\n")]);
    let first = ask(&fixture, &change, None);
    let ran = runs(&fixture);
    let again = ask(&fixture, &change, None);
    assert!(!again.is_remembered && runs(&fixture) == 2 * ran);
    assert_eq!(untimed(&first.reports), untimed(&again.reports));
}

#[test]
fn an_answer_that_does_not_read_is_none() {
    let fixture = fixture();
    let memory = fixture.dir.path().join("memory");
    let change = fixture.change(&[("a.txt", "one\n")]);
    ask(&fixture, &change, Some(&memory));
    let entries = fs::read_dir(&memory).unwrap().map(|entry| entry.unwrap().path());
    for answer in entries.filter(|path| path.is_file()) {
        fs::write(answer, "[{]").unwrap();
    }
    assert!(!ask(&fixture, &change, Some(&memory)).is_remembered);
}

/// Asks twice about a change, with another snapshot of advisories the second time; whether the first answer
/// was taken.
fn is_remembered_after_an_update(files: &[(&str, &str)]) -> bool {
    let fixture = Fixture::new(&[("requirements.txt", "a==1.0\n")]);
    let change = fixture.change(files);
    let memory = fixture.dir.path().join("memory");
    let snapshot = fixture.dir.path().join("advisories");
    fs::create_dir(&snapshot).unwrap();
    let bring = |name: &str| {
        let package = format!("{{\"ecosystem\": \"PyPI\", \"name\": \"{name}\"}}");
        let text = format!("{{\"id\": \"{name}\", \"affected\": [{{\"package\": {package}}}]}}");
        fs::write(snapshot.join(format!("{name}.json")), text).unwrap();
    };
    let ask = || {
        let policy = Policy::new(&[("change", Role::Required), ("dependencies", Role::Required)]);
        let mut config = Config { policy, ..Config::default() };
        config.dependencies.snapshot = Some(snapshot.clone());
        ask_under(&fixture, &config, &change, Some(&memory))
    };
    bring("one");
    assert!(!ask().is_remembered);
    assert!(ask().is_remembered, "nothing changed");
    bring("two");
    ask().is_remembered
}

#[test]
fn newer_advisories_are_another_question_where_packages_may_have_been_added() {
    assert!(!is_remembered_after_an_update(&[("requirements.txt", "a==1.1\n")]));
    assert!(is_remembered_after_an_update(&[("a.py", "x = 1\n")]));
}
