//! What an error of opencode means: its name, and the status of its service's answer.

use loki_model::AgentOutcome;
use serde_json::{Value, json};

use crate::acp::by_status;
use crate::resets::dated;

/// Codes in the body of a refusal that say that it is no matter of waiting a little.
const QUOTA_CODES: [&str; 3] = ["insufficient_quota", "usage_limit_reached", "billing_error"];
/// Codes in the body of a refusal that say that the context is exceeded.
const CONTEXT_CODES: [&str; 1] = ["context_length_exceeded"];

/// The outcome that `error`, an object with `name` and `data`, stands for; nothing when neither its
/// name nor a status says.
pub(super) fn outcome_of(error: &Value) -> Option<AgentOutcome> {
    let data = &error["data"];
    match error["name"].as_str()? {
        "ContextOverflowError" => return Some(AgentOutcome::ContextExceeded),
        "ProviderAuthError" => return Some(AgentOutcome::Auth),
        "ProviderModelNotFoundError" => return Some(AgentOutcome::ModelNotFound),
        _ => {}
    }
    let body = data["responseBody"].as_str().unwrap_or_default();
    let told = json!([data["responseHeaders"], serde_json::from_str::<Value>(body).ok()]);
    let words = data["message"].as_str().unwrap_or_default();
    let codes = codes_in(body);
    if codes.iter().any(|code| CONTEXT_CODES.contains(&code.as_str())) {
        return Some(AgentOutcome::ContextExceeded);
    }
    if codes.iter().any(|code| QUOTA_CODES.contains(&code.as_str())) {
        return Some(dated(AgentOutcome::Quota { until: None }, &told, words));
    }
    let status = data["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
    match status {
        Some(status) => by_status(status).map(|outcome| dated(outcome, &told, words)),
        // No answer at all, and it would have tried again: nobody was there.
        None => (data["isRetryable"] == true).then_some(AgentOutcome::Overloaded),
    }
}

/// Code and type of the error in a body, in either of the forms that services have.
fn codes_in(body: &str) -> Vec<String> {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let error = &body["error"];
    let fields = [&error["code"], &error["type"], &error["status"]];
    fields.into_iter().filter_map(|field| field.as_str().map(str::to_owned)).collect()
}
