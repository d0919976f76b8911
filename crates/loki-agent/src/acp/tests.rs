//! Recorded conversations of real agents, played to the client.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use loki_host::process::Captured;
use loki_model::Activity;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::recorded::{mangled, recordings};

fn messages(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn call() -> Call {
    let agent = AcpAgent::new("acp:recorded", "none", &[]).permission(Permission::Allow);
    let limits = loki_host::process::Limits::default();
    let spec = CallSpec {
        cwd: Path::new("/scratch/repo"),
        prompt: "Create hello.txt and run the check command.",
        call: 1,
        tier: loki_model::Tier::Development,
        model: None,
        price: None,
        effort: None,
        fallback_model: None,
        resume: None,
        budget_left: None,
        sub_agents: &[],
        limits,
        hold: &crate::hold::UNHELD,
    };
    Call::new(&agent, &spec)
}

fn ended(ended: Ended) -> ProcessReport {
    let (stdout, stderr) = (Captured::default(), Captured::default());
    ProcessReport { ended, duration: Duration::ZERO, stdout, stderr }
}

/// Plays one side of a recording to the client, and returns what it made of it.
fn play(recording: &[Value]) -> (CallResult, Vec<Activity>) {
    let mut call = call();
    let mut said: Vec<Value> = Vec::new();
    let mut ids: BTreeMap<String, Value> = BTreeMap::new();
    let mut activities = Vec::new();
    for entry in recording {
        let lines = call.connection.run();
        said.extend(lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()));
        let mut message = entry["msg"].clone();
        match entry["dir"].as_str() {
            Some("out") => {
                let method = &message["method"];
                let at = said
                    .iter()
                    .position(|said| said["method"] == *method)
                    .unwrap_or_else(|| panic!("the client did not say {message}, but {said:?}"));
                let said = said.remove(at);
                if method.is_string() {
                    ids.insert(message["id"].to_string(), said["id"].clone());
                } else {
                    assert_eq!(said["result"], message["result"]);
                }
            }
            Some("in") => {
                if message["method"].is_null() {
                    message["id"] = ids[&message["id"].to_string()].clone();
                }
                call.hear(format!("{message}\n").as_bytes());
                call.connection.run().iter().for_each(|line| {
                    said.push(serde_json::from_str(line).unwrap());
                });
                call.show(&mut |event| {
                    if let AgentEvent::Activity(activity) = event {
                        activities.push(activity);
                    }
                });
            }
            _ => {}
        }
    }
    call.left = true;
    let result = call.result(ended(Ended::Exited(0)), &mut |event| {
        if let AgentEvent::Activity(activity) = event {
            activities.push(activity);
        }
    });
    (result, activities)
}

#[test]
fn every_recorded_conversation_is_understood() {
    let mut table = String::new();
    for path in recordings("acp-") {
        let (result, activities) = play(&messages(&path));
        let CallReport { outcome, usage: Usage { tokens, cost }, model, final_text, .. } =
            result.report;
        writeln!(table, "{}\n  {outcome:?}", path.file_stem().unwrap().display()).unwrap();
        writeln!(table, "  {cost:?} {tokens:?}\n  {model:?} {final_text:?}").unwrap();
        activities.iter().for_each(|seen| writeln!(table, "  - {seen:?}").unwrap());
        assert!(result.report.session.is_some(), "{}", path.display());
        assert_eq!(result.lines_unreadable, 0, "{}", path.display());
    }
    insta::assert_snapshot!(table);
}

/// What a client hears: recorded messages, cut and mixed with garbage.
fn output() -> impl Strategy<Value = Vec<u8>> {
    let heard =
        recordings("acp-").into_iter().flat_map(|path| messages(&path)).filter_map(|entry| {
            (entry["dir"] == "in").then(|| format!("{}\n", entry["msg"]).into_bytes())
        });
    mangled(heard.collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn whatever_an_agent_writes_is_an_outcome_and_what_is_shown_is_bounded(
        bytes in output(),
        size in 1_usize..500,
    ) {
        let mut call = call();
        let mut seen = Vec::new();
        for chunk in bytes.chunks(size) {
            call.hear(chunk);
            call.connection.run();
            call.show(&mut |event| {
                if let AgentEvent::Activity(activity) = event {
                    seen.push(activity);
                }
            });
        }
        let result = call.result(ended(Ended::Exited(0)), &mut |_| {});
        prop_assert_ne!(result.report.outcome, AgentOutcome::Completed);
        for activity in seen {
            let (Activity::Said { text }
            | Activity::Used { detail: text, .. }
            | Activity::ToolFailed { detail: text }
            | Activity::Retrying { reason: text }) = activity;
            prop_assert!(text.chars().count() <= Activity::TEXT_CHARS_MAX);
            prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
        }
    }
}
