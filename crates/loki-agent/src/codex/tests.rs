//! Recorded output of the real program, and output that no program would write.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use loki_host::process::Captured;
use loki_model::{Activity, Deadline, Price, Tier, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::recorded::{lines_of, mangled};

#[derive(Debug, PartialEq)]
struct Read {
    outcome: AgentOutcome,
    usage: Usage,
    session: Option<String>,
    words: String,
    activities: Vec<Activity>,
    unreadable: u64,
}

fn read(chunks: &[&[u8]], record: Option<&Record>, ended: Ended) -> Read {
    let mut transcript = Transcript::new();
    let mut activities = Vec::new();
    let mut seen = |activity| activities.push(activity);
    for chunk in chunks {
        transcript.feed(chunk, &mut seen);
    }
    transcript.finish(&mut seen);
    let outcome = outcome::outcome_of(&transcript, record, ended, &Captured::default());
    let cwd = Path::new("/");
    Read {
        usage: usage_of(&transcript, record, &spec(cwd), &outcome),
        outcome,
        session: transcript.session().map(str::to_owned),
        words: transcript.final_text().to_owned(),
        activities,
        unreadable: transcript.unreadable(),
    }
}

fn spec(cwd: &Path) -> CallSpec<'_> {
    CallSpec {
        cwd,
        prompt: "Go.",
        call: 1,
        tier: Tier::Development,
        model: None,
        price: None,
        effort: None,
        fallback_model: None,
        resume: None,
        budget_left: None,
        sub_agents: &[],
        limits: Default::default(),
        hold: &crate::hold::UNHELD,
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// What was printed, and what was recorded where that was kept.
fn recorded(name: &str) -> (Vec<u8>, Option<Record>) {
    let printed = std::fs::read(fixture(&format!("codex-{name}.jsonl"))).unwrap();
    let record = fixture(&format!("codex-{name}.record.jsonl"));
    (printed, record.exists().then(|| record::read(&record).unwrap()))
}

fn recordings() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(fixture(""))
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let name = name.strip_prefix("codex-")?.strip_suffix(".jsonl")?;
            (!name.ends_with(".record")).then(|| name.to_owned())
        })
        .collect();
    names.sort();
    names
}

fn ended(printed: &[u8]) -> Ended {
    let completed = printed.windows(14).any(|window| window == b"turn.completed");
    Ended::Exited(i32::from(!completed))
}

#[test]
fn every_recorded_run_is_understood() {
    let mut table = String::new();
    for name in recordings() {
        let (printed, record) = recorded(&name);
        let read = read(&[&printed], record.as_ref(), ended(&printed));
        let Usage { tokens, cost } = read.usage;
        writeln!(table, "{name}\n  {:?}\n  {cost:?} {tokens:?}", read.outcome).unwrap();
        let model = record.and_then(|record| record.model);
        writeln!(table, "  {model:?} {:?}", read.words).unwrap();
        for activity in read.activities {
            writeln!(table, "  - {activity:?}").unwrap();
        }
        assert_eq!(read.unreadable, 0, "{name}");
        assert!(read.session.is_some(), "{name}");
    }
    insta::assert_snapshot!(table);
}

#[test]
fn without_a_record_the_head_of_the_message_has_the_status() {
    let outcomes = [
        ("401", AgentOutcome::Auth),
        ("404", AgentOutcome::ModelNotFound),
        ("429-given-up", AgentOutcome::RateLimited { until: None }),
        ("529", AgentOutcome::Overloaded),
        ("stream-cut", AgentOutcome::Overloaded),
    ];
    for (name, outcome) in outcomes {
        let (printed, _) = recorded(name);
        assert_eq!(read(&[&printed], None, Ended::Exited(1)).outcome, outcome, "{name}");
    }
}

#[test]
fn a_refused_key_is_seen_at_the_first_retry() {
    let (printed, _) = recorded("401");
    let mut transcript = Transcript::new();
    let mut lines = printed.split_inclusive(|&byte| byte == b'\n');
    for _ in ["thread.started", "turn.started"] {
        transcript.feed(lines.next().unwrap(), &mut |_| {});
    }
    assert_eq!(transcript.refused(), None);
    transcript.feed(lines.next().unwrap(), &mut |_| {});
    assert_eq!(transcript.refused(), Some(401));
    let outcome = outcome::outcome_of(&transcript, None, Ended::Cancelled, &Captured::default());
    assert_eq!(outcome, AgentOutcome::Auth);
}

#[test]
fn what_a_service_or_a_model_says_is_not_taken_for_a_status() {
    let retry = |reason: &str| {
        let line = serde_json::json!({"type": "error",
            "message": format!("Reconnecting... 1/5 ({reason})")});
        let mut transcript = Transcript::new();
        transcript.feed(format!("{line}\n").as_bytes(), &mut |_| {});
        transcript.refused()
    };
    assert_eq!(retry("unexpected status 401 Unauthorized: no, url: http://x"), Some(401));
    assert_eq!(retry("unexpected status 503 Unavailable: unexpected status 401 x"), None);
    assert_eq!(retry("exceeded retry limit, last status: 429 Too Many Requests"), None);
    assert_eq!(retry("stream disconnected: unexpected status 401 "), None);
    let said = r#"{"type":"item.completed","item":{"type":"agent_message",
        "text":"Reconnecting... 1/5 (unexpected status 401 Unauthorized)"}}"#;
    let said: String = said.lines().collect();
    let mut transcript = Transcript::new();
    transcript.feed(format!("{said}\n").as_bytes(), &mut |_| {});
    assert_eq!(transcript.refused(), None);
}

#[test]
fn a_call_that_goes_on_with_a_conversation_counts_only_its_own_share() {
    let (printed, record) = recorded("resumed");
    let tokens = TokenUsage { input: 400, output: 7, cache_read: 300, cache_write: 0 };
    assert_eq!(record.as_ref().unwrap().tokens_of_turn(), Some(tokens));
    let mut transcript = Transcript::new();
    transcript.feed(&printed, &mut |_| {});
    let mut spec = spec(Path::new("/"));
    spec.resume = Some("01a216d8-2102-7000-8000-000000000000");
    let without = usage_of(&transcript, None, &spec, &AgentOutcome::Completed);
    assert_eq!(without, Usage::UNKNOWN);
    spec.price = Some(Price {
        input: Usd(1_000_000),
        output: Usd(10_000_000),
        cache_read: Usd(100_000),
        cache_write: Usd::ZERO,
    });
    let usage = usage_of(&transcript, record.as_ref(), &spec, &AgentOutcome::Completed);
    assert_eq!(usage, Usage { tokens: Some(tokens), cost: Cost::Known { usd: Usd(500) } });
}

#[test]
fn an_allowance_returns_when_all_that_are_used_up_have() {
    let (printed, record) = recorded("usage-limit");
    let until = Some(Timestamp(1_900_000_000_000));
    let outcome = read(&[&printed], record.as_ref(), Ended::Exited(1)).outcome;
    assert_eq!(outcome, AgentOutcome::Quota { until });
}

#[test]
fn silence_after_an_announced_attempt_is_the_services_and_not_the_models() {
    let retry = br#"{"type":"error","message":"Reconnecting... 5/5 (stream disconnected)"}
"#;
    let said = br#"{"type":"item.completed","item":{"type":"agent_message","text":"x"}}
"#;
    let idle = Ended::TimedOut(Deadline::Idle);
    assert_eq!(read(&[said, retry], None, idle).outcome, AgentOutcome::Overloaded);
    let timed_out = AgentOutcome::TimedOut { deadline: Deadline::Idle };
    assert_eq!(read(&[retry, said], None, idle).outcome, timed_out);
}

#[test]
fn an_end_without_a_terminal_event_is_never_a_success() {
    let said = br#"{"type":"item.completed","item":{"type":"agent_message","text":"Done."}}"#;
    let crashed =
        |detail: &str| AgentOutcome::Crashed { exit_code: Some(1), detail: detail.to_owned() };
    let table = [
        (Ended::Exited(0), AgentOutcome::Garbage),
        (Ended::Cancelled, AgentOutcome::Cancelled),
        (Ended::TimedOut(Deadline::Total), AgentOutcome::TimedOut { deadline: Deadline::Total }),
        (Ended::Exited(1), crashed("it exited with code 1")),
    ];
    for (ended, outcome) in table {
        assert_eq!(read(&[said], None, ended).outcome, outcome);
    }
    let error = br#"{"type":"error","message":"no such profile"}"#;
    assert_eq!(read(&[error], None, Ended::Exited(1)).outcome, crashed("no such profile"));
}

#[test]
fn a_success_with_a_bad_exit_code_is_none() {
    let outcome = read(&[br#"{"type":"turn.completed"}"#], None, Ended::Exited(1)).outcome;
    assert!(matches!(outcome, AgentOutcome::Crashed { exit_code: Some(1), .. }), "{outcome:?}");
}

#[test]
fn a_record_is_found_below_the_day_it_was_begun() {
    let home = tempfile::tempdir().unwrap();
    let day = home.path().join("sessions/2026/11/26");
    std::fs::create_dir_all(&day).unwrap();
    std::fs::create_dir_all(home.path().join("sessions/2026/12/01")).unwrap();
    let path = day.join("rollout-2026-11-26T07-48-39-01a2-b.jsonl");
    std::fs::write(&path, "").unwrap();
    assert_eq!(record::find(home.path(), "01a2-b"), Some(path));
    assert_eq!(record::find(home.path(), "01a2"), None);
    assert_eq!(record::find(&home.path().join("none"), "01a2-b"), None);
}

#[test]
fn a_record_that_is_a_link_is_not_read() {
    let home = tempfile::tempdir().unwrap();
    let link = home.path().join("rollout-x.jsonl");
    std::os::unix::fs::symlink(fixture("codex-ok.record.jsonl"), &link).unwrap();
    assert!(record::read(&link).is_err());
}

/// Lines of recorded runs, cut, doubled and mixed with garbage.
fn output() -> impl Strategy<Value = Vec<u8>> {
    mangled(lines_of(recordings().iter().map(|name| recorded(name).0)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn chunks_never_change_what_is_read(bytes in output(), size in 1_usize..200) {
        let whole = read(&[&bytes], None, Ended::Exited(0));
        let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
        prop_assert_eq!(read(&chunks, None, Ended::Exited(0)), whole);
    }

    #[test]
    fn what_is_shown_is_bounded(bytes in output()) {
        for activity in read(&[&bytes], None, Ended::Exited(0)).activities {
            let (Activity::Said { text }
            | Activity::Used { detail: text, .. }
            | Activity::ToolFailed { detail: text }
            | Activity::Retrying { reason: text }) = activity;
            prop_assert!(text.chars().count() <= Activity::TEXT_CHARS_MAX);
            prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
        }
    }

    #[test]
    fn a_record_of_anything_is_read_without_failing(bytes in output()) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &bytes).unwrap();
        record::read(file.path()).unwrap();
    }
}
