//! Recorded output of the real program, and files as it writes them.

use std::fmt::Write as _;
use std::time::Duration;

use loki_host::process::Captured;
use loki_model::{TokenUsage, Usage};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::recorded::{lines_of, mangled, recordings};

fn read(
    bytes: &[u8],
    size: usize,
    exit: i32,
    failure: Option<AgentOutcome>,
) -> (CallResult, Vec<loki_model::Activity>) {
    let mut transcript = Transcript::default();
    let mut activities = Vec::new();
    for chunk in bytes.chunks(size) {
        transcript.feed(chunk, &mut |activity| activities.push(activity));
    }
    let (stdout, stderr) = (Captured::default(), Captured::default());
    let ended = Ended::Exited(exit);
    let ran = ProcessReport { ended, duration: Duration::ZERO, stdout, stderr };
    (result_of(&transcript, ran, failure, None, None), activities)
}

#[test]
fn every_recorded_run_is_understood() {
    let mut table = String::new();
    for path in recordings("cline-") {
        let bytes = std::fs::read(&path).unwrap();
        let failed = path.ends_with("cline-401.jsonl");
        let (result, activities) = read(&bytes, 100, i32::from(failed), None);
        let CallReport { outcome, usage: Usage { tokens, cost }, model, final_text, .. } =
            result.report;
        writeln!(table, "{}\n  {outcome:?}", path.file_stem().unwrap().display()).unwrap();
        writeln!(table, "  {cost:?} {tokens:?}\n  {model:?} {final_text:?}").unwrap();
        activities.iter().for_each(|seen| writeln!(table, "  - {seen:?}").unwrap());
        assert_eq!(result.lines_unreadable, 0);
    }
    insta::assert_snapshot!(table);
}

#[test]
fn an_end_without_a_result_is_never_a_success() {
    assert_eq!(read(b"", 1, 0, None).0.report.outcome, AgentOutcome::Garbage);
    let limited = AgentOutcome::RateLimited { until: None };
    assert_eq!(read(b"", 1, 1, Some(limited.clone())).0.report.outcome, limited);
    let aborted = b"{\"type\":\"run_aborted\",\"reason\":\"signal\"}\n";
    let outcome = read(aborted, 9, 0, None).0.report.outcome;
    assert!(matches!(outcome, AgentOutcome::Crashed { exit_code: Some(0), .. }), "{outcome:?}");
}

fn outcome_in_log(entries: &[serde_json::Value]) -> Option<AgentOutcome> {
    let file = tempfile::NamedTempFile::new().unwrap();
    let lines: Vec<String> = entries.iter().map(ToString::to_string).collect();
    std::fs::write(file.path(), lines.join("\n")).unwrap();
    log::outcome_in(file.path())
}

#[test]
fn a_log_tells_the_status_of_the_last_failed_request() {
    let failed = |status: u16| json!({ "level": 50, "err": { "statusCode": status } });
    assert_eq!(outcome_in_log(&[failed(429), failed(404)]), Some(AgentOutcome::ModelNotFound));
    let tries = json!({ "err": { "errors": [{ "statusCode": 500 }, { "statusCode": 429 }] } });
    let other = json!({ "err": { "message": "404" } });
    let limited = Some(AgentOutcome::RateLimited { until: None });
    assert_eq!(outcome_in_log(&[tries, other.clone()]), limited);
    assert_eq!(outcome_in_log(&[other, json!("garbage")]), None);
    let quota = json!({ "statusCode": 429, "data": { "error": { "code": "insufficient_quota" } } });
    let quota = outcome_in_log(&[json!({ "err": { "lastError": quota } })]);
    assert_eq!(quota, Some(AgentOutcome::Quota { until: None }));
}

#[test]
fn the_conversation_of_a_call_is_found_and_its_share_counted() {
    let data = tempfile::tempdir().unwrap();
    let write = |id: &str, cwd: &Path, messages: serde_json::Value| {
        let directory = data.path().join("sessions").join(id);
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join(format!("{id}.json")), json!({ "cwd": cwd }).to_string())
            .unwrap();
        let messages = json!({ "messages": messages }).to_string();
        std::fs::write(directory.join(format!("{id}.messages.json")), messages).unwrap();
    };
    let here = tempfile::tempdir().unwrap();
    let metrics = json!({ "inputTokens": 10, "outputTokens": 2, "cacheReadTokens": 4 });
    let said = |at: i64| json!({ "role": "assistant", "ts": at, "metrics": metrics, "modelInfo": { "id": "m" } });
    write("100_old_cli", here.path(), json!([said(100)]));
    write(
        "200_mine_cli",
        here.path(),
        json!([said(201), { "role": "user", "ts": 202 }, said(203)]),
    );
    write("300_other_cli", Path::new("/elsewhere"), json!([said(301)]));
    let found = Record::begun_since(data.path(), here.path(), 150).unwrap();
    let tokens = TokenUsage { input: 12, output: 4, cache_read: 8, cache_write: 0 };
    assert_eq!(found.session, "200_mine_cli");
    assert_eq!((found.tokens, found.model.as_deref()), (Some(tokens), Some("m")));
    let later = Record::of(data.path(), "200_mine_cli", 203).unwrap();
    assert_eq!(later.tokens.unwrap().output, 2);
    assert_eq!(Record::begun_since(data.path(), here.path(), 250), None);
    assert_eq!(Record::of(data.path(), "../../etc", 0), None);
}

#[test]
fn a_key_is_read_for_cline_itself_and_never_shown() {
    let data = tempfile::tempdir().unwrap();
    std::fs::create_dir(data.path().join("settings")).unwrap();
    let own = json!({ "settings": { "model": "m", "apiKey": "sk-secret" } });
    let all = json!({ "lastUsedProvider": "p", "providers": { "p": own, "q": {} } });
    std::fs::write(data.path().join("settings/providers.json"), all.to_string()).unwrap();
    let settings = Settings::read(data.path());
    assert_eq!((settings.provider.as_deref(), settings.model.as_deref()), (Some("p"), Some("m")));
    assert_eq!(settings.key.as_deref(), Some("sk-secret"));
    assert!(!format!("{settings:?}").contains("secret"));
    assert!(Settings::read(Path::new("/nowhere")).key.is_none());
}

/// Lines of recorded runs, cut and mixed with garbage.
fn output() -> impl Strategy<Value = Vec<u8>> {
    mangled(lines_of(recordings("cline-").iter().map(|path| std::fs::read(path).unwrap())))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn chunks_never_change_what_is_read(bytes in output(), size in 1_usize..200) {
        let (whole, seen) = read(&bytes, usize::MAX, 0, None);
        let (cut, seen_cut) = read(&bytes, size, 0, None);
        prop_assert_eq!(whole.report, cut.report);
        prop_assert_eq!(seen, seen_cut);
    }
}
