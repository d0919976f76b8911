//! `command:` with the scripted agent and other small programs.

use std::time::Duration;

use loki_agent::{Billing, Login, Probe, Program, open};
use loki_host::process::{Cancel, Limits};
use loki_model::{Activity, AgentOutcome, Claim, Deadline, Usage};
use loki_testkit::{Script, TestRepo};

use crate::support::{call, call_until, spec};

#[test]
fn a_program_works_in_the_directory_of_the_call_and_reads_the_prompt() {
    let repo = TestRepo::new();
    let script = Script::new()
        .call(|c| c.write("a.py", "x = 1\n").say("wrote it").say("LOKI: CONTINUE"))
        .save(repo.beside("a script's.toml"));
    let agent = open(&script.provider()).unwrap();
    let (result, activities) = call(&*agent, &spec(repo.root(), "do it\n"));
    assert_eq!(result.report.outcome, AgentOutcome::Completed, "{}", result.stderr.text());
    assert_eq!(result.report.claim, Claim::Continue);
    assert_eq!(result.report.final_text, "wrote it\nLOKI: CONTINUE");
    assert_eq!(result.report.usage, Usage::UNKNOWN);
    assert_eq!(repo.read("a.py"), "x = 1\n");
    assert_eq!(script.prompts(), ["do it\n"]);
    let said = |text: &str| Activity::Said { text: text.to_owned() };
    assert_eq!(activities, [said("wrote it"), said("LOKI: CONTINUE")]);
    assert_eq!(agent.billing(), Billing::Unknown);
}

#[test]
fn a_bad_exit_is_a_crash_with_the_last_words_on_standard_error() {
    let repo = TestRepo::new();
    let script = Script::new().call(|c| c.err("one").err("two").exit(4)).save(repo.beside("s"));
    let (result, _) = call(&*open(&script.provider()).unwrap(), &spec(repo.root(), ""));
    let crashed = AgentOutcome::Crashed { exit_code: Some(4), detail: "two".to_owned() };
    assert_eq!(result.report.outcome, crashed);
    assert_eq!(result.report.claim, Claim::None);
}

#[test]
fn a_program_that_is_not_there_is_not_started() {
    let repo = TestRepo::new();
    let agent = open("command:no-such-program-anywhere --x").unwrap();
    let (result, _) = call(&*agent, &spec(repo.root(), ""));
    let AgentOutcome::NotStarted { detail } = result.report.outcome else {
        panic!("{:?}", result.report.outcome)
    };
    assert!(detail.contains("`no-such-program-anywhere`"), "{detail}");
    let Probe { program: Program::Missing { fix }, login: Login::Unknown } = agent.probe() else {
        panic!("{:?}", agent.probe())
    };
    assert!(fix.contains("`no-such-program-anywhere`"), "{fix}");
}

#[test]
fn silence_ends_a_call_even_of_a_stubborn_program() {
    let repo = TestRepo::new();
    let script = Script::new().call(|c| c.say("hm").hang_stubbornly()).save(repo.beside("s"));
    let mut spec = spec(repo.root(), "");
    let grace = Duration::from_millis(50);
    spec.limits = Limits { idle: Some(Duration::from_millis(300)), grace, ..spec.limits };
    let (result, _) = call(&*open(&script.provider()).unwrap(), &spec);
    let idle = AgentOutcome::TimedOut { deadline: Deadline::Idle };
    assert_eq!((result.report.outcome, result.report.claim), (idle, Claim::None));
}

#[test]
fn a_call_that_is_stopped_is_cancelled() {
    let repo = TestRepo::new();
    let script = Script::new().call(|c| c.say("up").hang()).save(repo.beside("s"));
    let cancel = Cancel::new().unwrap();
    let agent = open(&script.provider()).unwrap();
    let (result, _) = call_until(&*agent, &spec(repo.root(), ""), &cancel, &mut |_| cancel.pull());
    assert_eq!(result.report.outcome, AgentOutcome::Cancelled);
}

#[test]
fn garbage_and_floods_are_bounded() {
    let repo = TestRepo::new();
    let steps = "[[call]]\n[[call.step]]\nbytes_hex = 'ff1b5b324a0a'\n\
                 [[call.step]]\nflood_bytes = 5000000\n";
    let script = loki_testkit::ScriptFile::write(&repo.beside("s"), steps);
    let mut spec = spec(repo.root(), "");
    spec.limits.output_bytes_max = 1000;
    let (result, activities) = call(&*open(&script.provider()).unwrap(), &spec);
    assert_eq!(result.report.outcome, AgentOutcome::Completed);
    assert_eq!(result.stdout.bytes().len(), 1000);
    assert_eq!(result.stdout.bytes_total, 5_000_006);
    assert!(activities.len() < 5000, "{}", activities.len());
    assert_eq!(activities[0], Activity::Said { text: "\u{fffd} [2J".to_owned() });
}

#[test]
fn a_program_named_by_a_relative_path_is_below_lokis_own_directory() {
    let repo = TestRepo::new();
    let up =
        std::env::current_dir().unwrap().ancestors().skip(1).map(|_| "../").collect::<String>();
    let agent = open(&format!("command:{up}bin/sh -c pwd")).unwrap();
    let (result, _) = call(&*agent, &spec(repo.root(), ""));
    assert_eq!(result.report.outcome, AgentOutcome::Completed);
    assert_eq!(result.report.final_text, repo.root().to_str().unwrap());
}
