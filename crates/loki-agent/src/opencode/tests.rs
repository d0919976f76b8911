//! Recorded output of `opencode run`, and a record as opencode keeps it.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use loki_host::process::{Captured, Ended, Limits, ProcessReport};
use loki_model::{Tier, TokenUsage, Usage};
use proptest::prelude::*;

use super::run::{Transcript, result_of};
use super::*;
use crate::recorded::{lines_of, mangled, recordings};

fn read(bytes: &[u8], size: usize, exit: i32) -> (CallResult, Vec<loki_model::Activity>) {
    let spec = CallSpec {
        cwd: Path::new("/"),
        prompt: "",
        call: 1,
        tier: Tier::Development,
        model: Some("scripted/scripted-model"),
        price: None,
        effort: None,
        fallback_model: None,
        resume: None,
        budget_left: None,
        sub_agents: &[],
        limits: Limits::default(),
        hold: &crate::hold::UNHELD,
    };
    let mut transcript = Transcript::default();
    let mut activities = Vec::new();
    for chunk in bytes.chunks(size) {
        transcript.feed(chunk, &mut |activity| activities.push(activity));
    }
    let (stdout, stderr) = (Captured::default(), Captured::default());
    let ended = Ended::Exited(exit);
    let ran = ProcessReport { ended, duration: Duration::ZERO, stdout, stderr };
    (result_of(&transcript, ran, &spec, false), activities)
}

#[test]
fn every_recorded_run_is_understood() {
    let mut table = String::new();
    for path in recordings("opencode-") {
        let bytes = std::fs::read(&path).unwrap();
        let is_ok = path.ends_with("opencode-ok.jsonl");
        let (result, activities) = read(&bytes, 100, i32::from(!is_ok));
        let CallReport { outcome, usage: Usage { tokens, cost }, final_text, .. } = result.report;
        writeln!(table, "{}\n  {outcome:?}", path.file_stem().unwrap().display()).unwrap();
        writeln!(table, "  {cost:?} {tokens:?}\n  {final_text:?}").unwrap();
        activities.iter().for_each(|seen| writeln!(table, "  - {seen:?}").unwrap());
        assert!(result.report.session.is_some(), "{}", path.display());
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_run_that_exits_well_without_an_end_is_garbage() {
    let (ok, _) = read(b"", 1, 0);
    assert_eq!(ok.report.outcome, AgentOutcome::Garbage);
    let step = br#"{"type":"step_finish","part":{"reason":"tool-calls"}}
"#;
    assert_eq!(read(step, 9, 0).0.report.outcome, AgentOutcome::Garbage);
}

#[test]
fn errors_are_told_apart_by_name_status_and_code() {
    let api = |status: u16, code: &str| {
        let body = serde_json::json!({ "error": { "code": code } }).to_string();
        let data = serde_json::json!({ "statusCode": status, "responseBody": body });
        failure::outcome_of(&serde_json::json!({ "name": "APIError", "data": data }))
    };
    assert_eq!(api(401, ""), Some(AgentOutcome::Auth));
    assert_eq!(api(404, ""), Some(AgentOutcome::ModelNotFound));
    assert_eq!(api(429, ""), Some(AgentOutcome::RateLimited { until: None }));
    assert_eq!(api(429, "insufficient_quota"), Some(AgentOutcome::Quota { until: None }));
    assert_eq!(api(400, "context_length_exceeded"), Some(AgentOutcome::ContextExceeded));
    assert_eq!(api(400, "something"), None);
}

/// A database of the shape that opencode 1.18.33 makes, as far as it is read.
fn record(messages: &[&str], parts: &[&str]) -> Option<Record> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("opencode.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    let columns = "(id text, session_id text, time_created integer, data text)";
    for (table, rows) in [("message", messages), ("part", parts)] {
        database.execute(&format!("create table {table} {columns}"), ()).unwrap();
        for (number, row) in rows.iter().enumerate() {
            let insert = format!("insert into {table} values (?1, 's', ?2, ?3)");
            let at = 100 + i64::try_from(number).unwrap();
            database.execute(&insert, (number.to_string(), at, row)).unwrap();
        }
    }
    Record::read(&path, "s", 101)
}

#[test]
fn a_record_counts_what_belongs_to_the_call() {
    let answer = r#"{"role":"assistant","cost":0.5,"tokens":{"input":7,"output":2,"reasoning":1,"cache":{"read":4,"write":0}}}"#;
    let record = record(&[answer, r#"{"role":"user"}"#, answer, "garbage", answer], &[]).unwrap();
    let tokens = TokenUsage { input: 14, output: 6, cache_read: 8, cache_write: 0 };
    assert_eq!((record.tokens, record.dollars), (Some(tokens), 1.0));
    assert_eq!(record.outcome(), None);
}

#[test]
fn a_record_tells_why_a_turn_failed() {
    let refused = r#"{"role":"assistant","error":{"name":"APIError","data":{"statusCode":401}}}"#;
    assert_eq!(record(&["{}", refused], &[]).unwrap().outcome(), Some(AgentOutcome::Auth));
    let recovered = r#"{"role":"assistant"}"#;
    assert_eq!(record(&["{}", refused, recovered], &[]).unwrap().outcome(), None);
    let overflow = r#"{"type":"compaction","auto":true,"overflow":true}"#;
    let record = record(&[], &["", overflow, overflow, overflow]).unwrap();
    assert_eq!(record.outcome(), Some(AgentOutcome::ContextExceeded));
}

#[test]
fn a_record_of_another_shape_is_none() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("opencode.db");
    assert_eq!(Record::read(&path, "s", 0), None);
    std::fs::write(&path, "no database").unwrap();
    assert_eq!(Record::read(&path, "s", 0), None);
}

/// Lines of recorded runs, cut and mixed with garbage.
fn output() -> impl Strategy<Value = Vec<u8>> {
    mangled(lines_of(recordings("opencode-").iter().map(|path| std::fs::read(path).unwrap())))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn chunks_never_change_what_is_read(bytes in output(), size in 1_usize..200) {
        let (whole, seen) = read(&bytes, usize::MAX, 0);
        let (cut, seen_cut) = read(&bytes, size, 0);
        prop_assert_eq!(whole.report, cut.report);
        prop_assert_eq!(seen, seen_cut);
    }
}
