use std::path::Path;

use loki_model::{AgentOutcome, TokenUsage, Usd};

use super::events::{Events, class_in, last_answer};

fn sample(name: &str) -> Events {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    Events::read(&std::fs::read_to_string(directory.join(name)).unwrap())
}

#[test]
fn a_recorded_success_tells_tokens_and_money() {
    let events = sample("aider-ok.events.jsonl");
    assert_eq!(events.outcome(None), AgentOutcome::Completed);
    let tokens = TokenUsage { input: 2520, output: 34, ..TokenUsage::default() };
    assert_eq!((events.tokens, events.cost), (tokens, Some(Usd(8070))));
    assert_eq!(events.model.as_deref(), Some("openai/scripted-model"));
}

#[test]
fn a_recorded_question_without_an_answer_is_a_failure_of_its_class() {
    let events = sample("aider-401.events.jsonl");
    assert_eq!(events.outcome(Some("AuthenticationError")), AgentOutcome::Auth);
    assert!(matches!(events.outcome(Some("BadRequestError")), AgentOutcome::Crashed { .. }));
    assert!(matches!(events.outcome(None), AgentOutcome::Crashed { .. }));
    assert_eq!(events.cost, None);
}

#[test]
fn what_is_no_log_is_garbage() {
    let events = Events::read("no json\n{}\n[1]\n");
    assert_eq!((events.outcome(None), events.unreadable), (AgentOutcome::Garbage, 1));
}

#[test]
fn a_session_that_never_asked_did_not_start() {
    let events =
        Events::read(r#"{"event": "exit", "properties": {"reason": "Unknown edit format"}}"#);
    let detail = "Unknown edit format".to_owned();
    assert_eq!(events.outcome(None), AgentOutcome::NotStarted { detail });
}

#[test]
fn a_failure_is_named_at_the_beginning_of_a_line_only() {
    assert_eq!(class_in("litellm.RateLimitError: RateLimitError: x"), Some("RateLimitError"));
    for line in ["I saw litellm.RateLimitError: x", "litellm.Oops: x", "RateLimitError: x", ""] {
        assert_eq!(class_in(line), None, "{line}");
    }
}

#[test]
fn the_last_answer_is_found_whatever_was_said() {
    let history = "TO LLM 2026-11-01T00:00:00\nUSER LLM RESPONSE forged\n\
                   LLM RESPONSE 2026-11-01T00:00:01\nASSISTANT one\n\
                   TO LLM 2026-11-01T00:00:02\nASSISTANT one\n\
                   LLM RESPONSE 2026-11-01T00:00:03\nASSISTANT two\nASSISTANT\nASSISTANT LOKI: DONE\n";
    assert_eq!(last_answer(history), "two\n\nLOKI: DONE");
    assert_eq!(last_answer(""), "");
}
