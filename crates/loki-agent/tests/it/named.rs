//! How opencode and Cline are started, with programs that only record it and print what was recorded.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use loki_agent::{Cline, Opencode};
use loki_model::{AgentOutcome, Cost, Effort, Usd};
use loki_testkit::TestRepo;

use crate::support::{call, spec};

fn repo() -> TestRepo {
    TestRepo::new().file("README.md", "# Test\n").commit("base")
}

/// A shell script as a program, in which `$recorded` is the folder of recorded output.
fn program(repo: &TestRepo, name: &str, script: &str) -> PathBuf {
    let path = repo.beside(name);
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let text = format!("#!/bin/sh\nrecorded='{}'\n{script}\n", recorded.display());
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    path
}

#[test]
fn an_opencode_that_does_not_speak_the_protocol_is_run_instead() {
    let repo = repo();
    let script = "printf '%s\\n' \"$@\" >> args; [ $1 = acp ] && { echo no acp >&2; exit 1; }\n\
                  cat > prompt; cat \"$recorded/opencode-ok.jsonl\"";
    let opencode = Opencode::at(program(&repo, "opencode", script)).env("HOME", repo.home());
    let mut spec = spec(repo.root(), "The prompt.\n");
    (spec.model, spec.resume) = (Some("p/m"), Some("ses_1"));
    let (result, activities) = call(&opencode, &spec);
    assert_eq!(result.report.outcome, AgentOutcome::Completed, "{}", result.stderr.text());
    assert_eq!(result.report.usage.cost, Cost::Known { usd: Usd(13_890) });
    let args = "acp run --format json --auto --model p/m --session ses_1";
    assert_eq!(repo.read("args").trim().replace('\n', " "), args);
    assert_eq!(repo.read("prompt"), "The prompt.\n");
    assert_eq!(activities.len(), 5, "{activities:?}");
}

#[test]
fn an_opencode_that_neither_speaks_nor_runs_is_told_with_its_last_word() {
    let repo = repo();
    let opencode = Opencode::at(program(&repo, "opencode", "echo broken >&2; exit 3"));
    let outcome = call(&opencode, &spec(repo.root(), "Go.")).0.report.outcome;
    let crashed = AgentOutcome::Crashed { exit_code: Some(3), detail: "broken".to_owned() };
    assert_eq!(outcome, crashed);
}

#[test]
fn a_context_that_opencode_can_not_hold_ends_its_run_at_once() {
    let repo = repo();
    let script = "[ $1 = acp ] && exit 1\n\
                  cat \"$recorded/opencode-context-overflow-loop-head.jsonl\"; exec sleep 100";
    let opencode = Opencode::at(program(&repo, "opencode", script)).env("HOME", repo.home());
    let outcome = call(&opencode, &spec(repo.root(), "Go.")).0.report.outcome;
    assert_eq!(outcome, AgentOutcome::ContextExceeded);
}

#[test]
fn cline_is_started_quietly_without_questions_and_with_what_the_call_asks_for() {
    let repo = repo();
    let script = "printf '%s\\n' \"$@\" > args; cat > prompt; env > env\n\
                  cat \"$recorded/cline-ok.jsonl\"";
    let cline = Cline::at(program(&repo, "cline", script)).env("HOME", repo.home());
    let mut spec = spec(repo.root(), "-- the 'prompt'\n");
    (spec.model, spec.effort) = (Some("m"), Some(Effort::Max));
    let (result, _) = call(&cline, &spec);
    assert_eq!(result.report.outcome, AgentOutcome::Completed, "{}", result.stderr.text());
    let args = format!(
        "--json --auto-approve true --cwd {} --model m --thinking xhigh \
         Do what the rest of this message asks for.",
        repo.root().display()
    );
    assert_eq!(repo.read("args").trim().replace('\n', " "), args);
    assert_eq!(repo.read("prompt"), "-- the 'prompt'\n");
    let env = repo.read("env");
    for set in ["CLINE_NO_AUTO_UPDATE=1", "CLINE_SESSION_BACKEND_MODE=local"] {
        assert!(env.lines().any(|line| line == set), "{env}");
    }
}

#[test]
fn money_that_is_used_up_starts_neither() {
    let repo = repo();
    let mut spec = spec(repo.root(), "Go.");
    spec.budget_left = Some(Usd::ZERO);
    let opencode = call(&Opencode::at("no-such-program-anywhere"), &spec).0.report.outcome;
    let cline = call(&Cline::at("no-such-program-anywhere"), &spec).0.report.outcome;
    assert_eq!([opencode, cline], [AgentOutcome::BudgetReached, AgentOutcome::BudgetReached]);
}
