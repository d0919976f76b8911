//! Recorded output of the real program, and output that no program would write.

use std::fmt::Write as _;

use loki_host::process::{Captured, Ended};
use loki_model::{Activity, Cost, Deadline, Timestamp, Usage};
use proptest::prelude::*;

use super::stream::Transcript;
use super::*;
use crate::recorded::{lines_of, mangled, recordings};

/// How the recorded processes ended, where it was not with 1 after a failure and 0 otherwise.
const EXITS: [(&str, i32); 2] = [("claude-sigint-streaming", 0), ("claude-sigint-tool", 0)];

#[derive(Debug, PartialEq)]
struct Read {
    outcome: AgentOutcome,
    usage: Usage,
    session: Option<String>,
    model: Option<String>,
    words: String,
    activities: Vec<Activity>,
    unreadable: u64,
}

fn read(chunks: &[&[u8]], ended: Ended) -> Read {
    let mut transcript = Transcript::new();
    let mut activities = Vec::new();
    let mut seen = |activity| activities.push(activity);
    for chunk in chunks {
        transcript.feed(chunk, &mut seen);
    }
    transcript.finish(&mut seen);
    Read {
        outcome: outcome::outcome_of(&transcript, ended, &Captured::default()),
        usage: transcript.usage(false),
        session: transcript.session().map(str::to_owned),
        model: transcript.model().map(str::to_owned),
        words: transcript.final_text().to_owned(),
        activities,
        unreadable: transcript.unreadable(),
    }
}

#[test]
fn every_recorded_run_is_understood() {
    let mut table = String::new();
    for path in recordings("claude-") {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let last = bytes.split(|&byte| byte == b'\n').rfind(|line| !line.is_empty()).unwrap();
        let failed = last.windows(15).any(|window| window == b"\"is_error\":true");
        let known = EXITS.iter().find(|(of, _)| *of == name).map(|(_, code)| *code);
        let read = read(&[&bytes], Ended::Exited(known.unwrap_or(i32::from(failed))));
        let Usage { tokens, cost } = read.usage;
        writeln!(table, "{name}\n  {:?}\n  {cost:?} {tokens:?}", read.outcome).unwrap();
        writeln!(table, "  {:?} {:?}", read.model, read.words).unwrap();
        for activity in read.activities {
            writeln!(table, "  - {activity:?}").unwrap();
        }
        assert_eq!(read.unreadable, 0, "{name}");
        assert!(read.session.is_some(), "{name}");
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_refused_login_is_seen_at_the_first_retry() {
    let path =
        recordings("claude-").into_iter().find(|path| path.ends_with("claude-401.jsonl")).unwrap();
    let bytes = std::fs::read(path).unwrap();
    let mut transcript = Transcript::new();
    let mut lines = bytes.split_inclusive(|&byte| byte == b'\n');
    transcript.feed(lines.next().unwrap(), &mut |_| {});
    assert!(!transcript.is_refused());
    transcript.feed(lines.next().unwrap(), &mut |_| {});
    assert!(transcript.is_refused());
    let outcome = outcome::outcome_of(&transcript, Ended::Cancelled, &Captured::default());
    assert_eq!(outcome, AgentOutcome::Auth);
}

#[test]
fn a_call_that_goes_on_with_a_conversation_costs_only_its_own_share() {
    let end = r#"{"type":"result","is_error":false,"total_cost_usd":0.0063,"usage":{"input_tokens":1000},
        "model_usage_since_last_result":{"m":{"inputTokens":1000,"outputTokens":10,"costUSD":0.00315,
        "costBasis":"list"}}}"#
        .replace('\n', "");
    let mut transcript = Transcript::new();
    transcript.feed(end.as_bytes(), &mut |_| {});
    transcript.finish(&mut |_| {});
    let cost = transcript.usage(true).cost;
    assert_eq!(cost, Cost::Known { usd: Usd(3150) });
}

#[test]
fn a_total_of_several_calls_is_no_cost_of_one() {
    let end = br#"{"type":"result","is_error":false,"total_cost_usd":0.0063}"#;
    let mut transcript = Transcript::new();
    transcript.feed(end, &mut |_| {});
    transcript.finish(&mut |_| {});
    assert_eq!(transcript.usage(true).cost, Cost::Unknown);
    assert_eq!(transcript.usage(false).cost, Cost::Known { usd: Usd(6300) });
}

#[test]
fn a_guessed_price_is_not_a_cost() {
    let end = br#"{"type":"result","is_error":false,"total_cost_usd":0.5,
"model_usage_since_last_result":{"m":{"inputTokens":1,"costUSD":0.5,"costBasis":"unknown"}}}"#;
    let end: Vec<u8> = end.iter().copied().filter(|&byte| byte != b'\n').collect();
    let read = read(&[&end], Ended::Exited(0));
    assert_eq!(read.usage.cost, Cost::Unknown);
    assert_eq!(read.usage.tokens.unwrap().input, 1);
}

#[test]
fn a_login_refused_before_the_first_answer_cost_nothing_and_later_it_is_unknown() {
    let refused = br#"{"type":"system","subtype":"api_retry","error":"authentication_failed"}
"#;
    let said = br#"{"type":"assistant","message":{"model":"m","content":[]}}
"#;
    let cost = |chunks: &[&[u8]]| {
        let mut transcript = Transcript::new();
        chunks.iter().for_each(|chunk| transcript.feed(chunk, &mut |_| {}));
        transcript.usage(false).cost
    };
    assert_eq!(cost(&[refused]), Cost::Known { usd: Usd::ZERO });
    assert_eq!(cost(&[said, refused]), Cost::Unknown);
}

#[test]
fn an_end_without_a_result_is_never_a_success() {
    let said = br#"{"type":"assistant","message":{"content":[{"type":"text","text":"Done."}]}}"#;
    let table = [
        (Ended::Exited(0), AgentOutcome::Garbage),
        (Ended::Cancelled, AgentOutcome::Cancelled),
        (Ended::TimedOut(Deadline::Idle), AgentOutcome::TimedOut { deadline: Deadline::Idle }),
        (
            Ended::Exited(143),
            AgentOutcome::Crashed {
                exit_code: Some(143),
                detail: "it exited with code 143".to_owned(),
            },
        ),
    ];
    for (ended, outcome) in table {
        assert_eq!(read(&[said], ended).outcome, outcome);
    }
}

#[test]
fn a_result_that_does_not_say_whether_it_failed_is_garbage() {
    for end in [r#"{"type":"result"}"#, r#"{"type":"result","is_error":"no","subtype":"success"}"#]
    {
        assert_eq!(read(&[end.as_bytes()], Ended::Exited(0)).outcome, AgentOutcome::Garbage);
    }
}

#[test]
fn a_success_with_a_bad_exit_code_is_none() {
    let end = br#"{"type":"result","is_error":false,"subtype":"success"}"#;
    let crashed = read(&[end], Ended::Exited(1)).outcome;
    assert!(matches!(crashed, AgentOutcome::Crashed { exit_code: Some(1), .. }), "{crashed:?}");
}

#[test]
fn a_limit_that_was_lifted_again_is_no_quota() {
    let lines = [
        r#"{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":9}}"#,
        r#"{"type":"rate_limit_event","rate_limit_info":{"status":"allowed"}}"#,
        r#"{"type":"result","is_error":true,"api_error_status":429}"#,
    ];
    let limited = read(&[lines.join("\n").as_bytes()], Ended::Exited(1)).outcome;
    assert_eq!(limited, AgentOutcome::RateLimited { until: None });
    let used_up = read(&[[lines[0], lines[2]].join("\n").as_bytes()], Ended::Exited(1)).outcome;
    assert_eq!(used_up, AgentOutcome::Quota { until: Some(Timestamp(9000)) });
}

/// The end of a turn that was interrupted.
fn aborted(reason: &str) -> String {
    serde_json::json!({"type": "result", "is_error": true, "subtype": "error_during_execution",
        "terminal_reason": reason, "total_cost_usd": 0.5, "usage": {"input_tokens": 7}})
    .to_string()
}

#[test]
fn a_turn_that_was_interrupted_for_a_limit_ends_with_that_limit() {
    for reason in ["aborted_streaming", "aborted_tools"] {
        let read = read(&[aborted(reason).as_bytes()], Ended::TimedOut(Deadline::Total));
        assert_eq!(read.outcome, AgentOutcome::TimedOut { deadline: Deadline::Total }, "{reason}");
    }
    let by_itself = read(&[aborted("aborted_tools").as_bytes()], Ended::Exited(0)).outcome;
    assert!(matches!(by_itself, AgentOutcome::Crashed { .. }), "{by_itself:?}");
}

#[test]
fn what_an_answer_cost_that_was_cut_off_is_not_known() {
    let usage = |reason| read(&[aborted(reason).as_bytes()], Ended::Exited(0)).usage;
    assert_eq!(usage("aborted_streaming"), Usage::UNKNOWN);
    assert_eq!(usage("aborted_tools").cost, Cost::Known { usd: Usd(500_000) });
}

#[test]
fn every_answer_counts_once_while_the_turn_goes_on() {
    let answer = |id: &str, input: u64| {
        let usage = serde_json::json!({"input_tokens": input, "cache_read_input_tokens": 10});
        let message = serde_json::json!({"id": id, "model": "m", "content": [], "usage": usage});
        format!("{}\n", serde_json::json!({"type": "assistant", "message": message}))
    };
    let mut transcript = Transcript::new();
    for line in [answer("a", 5), answer("a", 5), answer("b", 7)] {
        transcript.feed(line.as_bytes(), &mut |_| {});
    }
    assert_eq!((transcript.used().input, transcript.used().total()), (12, 32));
}

#[test]
fn a_session_id_that_could_be_a_flag_is_not_believed() {
    let line = serde_json::json!({"type": "system", "session_id": "--dangerous"}).to_string();
    assert_eq!(read(&[line.as_bytes()], Ended::Exited(0)).session, None);
}

#[test]
fn a_helpers_words_are_not_the_agents_last() {
    let lines = [
        r#"{"type":"assistant","message":{"content":[{"type":"text","text":"mine"}]}}"#,
        r#"{"type":"assistant","parent_tool_use_id":"t","message":{"content":[{"type":"text","text":"its"}]}}"#,
    ];
    assert_eq!(read(&[lines.join("\n").as_bytes()], Ended::Exited(0)).words, "mine");
}

/// Lines of recorded runs, cut, doubled and mixed with garbage.
fn output() -> impl Strategy<Value = Vec<u8>> {
    mangled(lines_of(recordings("claude-").iter().map(|path| std::fs::read(path).unwrap())))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn chunks_never_change_what_is_read(bytes in output(), size in 1_usize..200) {
        let whole = read(&[&bytes], Ended::Exited(0));
        let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
        prop_assert_eq!(read(&chunks, Ended::Exited(0)), whole);
    }

    #[test]
    fn what_is_shown_is_bounded(bytes in output()) {
        for activity in read(&[&bytes], Ended::Exited(0)).activities {
            let (Activity::Said { text }
            | Activity::Used { detail: text, .. }
            | Activity::ToolFailed { detail: text }
            | Activity::Retrying { reason: text }) = activity;
            prop_assert!(text.chars().count() <= Activity::TEXT_CHARS_MAX);
            prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
        }
    }
}
