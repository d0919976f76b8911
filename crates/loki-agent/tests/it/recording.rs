//! `replay:`, opened as a user would.

use loki_agent::{Billing, Program, Recording, Speed, open, open_recording};
use loki_host::process::Cancel;
use loki_model::{Activity, AgentOutcome, Claim, Cost, Usd};
use loki_testkit::TestRepo;

use crate::support::{call, call_until, spec};

const RECORDING: &str = r#"
format = 1
name = "two calls"
note = "A file is written, then deleted."

[[call]]
[[call.step]]
tool = "Read"
detail = "README.md"
[[call.step]]
say = "On it."
[[call.step]]
write = "src/a.py"
content = "x = 1\n"
[call.result]
text = "Half done.\nLOKI: CONTINUE"

[[call]]
[[call.step]]
delete = "src/a.py"
[[call.step]]
say = "LOKI: DONE"
"#;

#[test]
fn each_call_of_a_run_plays_its_own_part() {
    let repo = TestRepo::new();
    std::fs::write(repo.beside("r.toml"), RECORDING).unwrap();
    let name = format!("replay:{}", repo.beside("r.toml").display());
    let agent = open(&name).unwrap();
    assert_eq!((agent.name(), agent.billing()), (name.as_str(), Billing::Free));
    assert_eq!(agent.probe().program, Program::BuiltIn);

    let (first, activities) = call(&*agent, &spec(repo.root(), "go"));
    assert_eq!(first.report.outcome, AgentOutcome::Completed);
    assert_eq!(first.report.claim, Claim::Continue);
    assert_eq!(first.report.usage.cost, Cost::Known { usd: Usd::ZERO });
    assert_eq!(first.stdout.text(), "On it.\n");
    assert_eq!(repo.read("src/a.py"), "x = 1\n");
    let used =
        |tool: &str, detail: &str| Activity::Used { tool: tool.into(), detail: detail.into() };
    assert_eq!(
        activities,
        [
            used("Read", "README.md"),
            Activity::Said { text: "On it.".into() },
            used("Write", "src/a.py")
        ]
    );

    let mut second = spec(repo.root(), "go");
    second.call = 2;
    let (result, _) = call(&*agent, &second);
    assert_eq!(result.report.claim, Claim::Done);
    assert!(!repo.exists("src/a.py"));
}

#[test]
fn a_call_beyond_the_last_one_is_a_failure() {
    let repo = TestRepo::new();
    let agent = open_recording("r", Recording::parse(RECORDING).unwrap());
    let mut spec = spec(repo.root(), "go");
    spec.call = 3;
    let detail = "the recording has only 2 calls".to_owned();
    let crashed = AgentOutcome::Crashed { exit_code: None, detail };
    assert_eq!(call(&*agent, &spec).0.report.outcome, crashed);
}

#[test]
fn a_link_in_the_way_ends_the_call() {
    let repo = TestRepo::new();
    std::fs::create_dir(repo.beside("outside")).unwrap();
    std::os::unix::fs::symlink(repo.beside("outside"), repo.root().join("src")).unwrap();
    let agent = open_recording("r", Recording::parse(RECORDING).unwrap());
    let (result, _) = call(&*agent, &spec(repo.root(), "go"));
    let AgentOutcome::Crashed { detail, .. } = result.report.outcome else {
        panic!("{:?}", result.report.outcome)
    };
    assert_eq!(detail, "step 3 of the recording: `src` in `src/a.py` is not a directory");
    assert_eq!(std::fs::read_dir(repo.beside("outside")).unwrap().count(), 0);
}

#[test]
fn a_pause_ends_when_the_run_is_stopped() {
    let repo = TestRepo::new();
    let text = "format = 1\nname = 'x'\n[[call]]\nstep = [{ say = 'a' }, { pause_ms = 2000 }, \
                { write = 'late', content = '' }]\n";
    let agent = open_recording("r", Recording::parse(text).unwrap());
    let cancel = Cancel::new().unwrap();
    let (result, _) = call_until(&*agent, &spec(repo.root(), ""), &cancel, &mut |_| cancel.pull());
    assert_eq!(result.report.outcome, AgentOutcome::Cancelled);
    assert!(!repo.exists("late"));
}

#[test]
fn an_instant_recording_does_not_pause() {
    let repo = TestRepo::new();
    let pauses = "{ pause_ms = 2000 }, ".repeat(1000);
    let text = format!("format = 1\nname = 'x'\n[[call]]\nstep = [{pauses}{{ say = 'a' }}]\n");
    let agent = open_recording("r", Recording::parse(&text).unwrap().at(Speed::Instant));
    // A thousand pauses would take longer than the call may.
    let (result, _) = call(&*agent, &spec(repo.root(), ""));
    assert_eq!(result.report.outcome, AgentOutcome::Completed);
}
