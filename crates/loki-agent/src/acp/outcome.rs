//! How a call over the protocol ended, from codes and structured data, never from messages.

use agent_client_protocol::v1::schema::StopReason;
use agent_client_protocol::{Error, ErrorCode};
use loki_model::AgentOutcome;
use serde_json::Value;

use super::trouble::Trouble;
use crate::resets::dated;
use crate::shown::shown_on_one_line;

/// Where in an error's data a status of the service may be.
const STATUS_FIELDS: [&str; 5] = ["statusCode", "httpStatusCode", "httpStatus", "status", "code"];
/// Where in an error's data a class may be.
const CLASS_FIELDS: [&str; 4] = ["errorKind", "codexErrorInfo", "errorType", "type"];

/// A turn that the agent ended.
pub(super) fn of_turn(stop: StopReason, trouble: Option<&Trouble>) -> AgentOutcome {
    if let Some(trouble) = trouble.filter(|trouble| trouble.gave_up()) {
        return trouble.outcome().unwrap_or_else(|| crashed("the turn failed inside the agent"));
    }
    match stop {
        StopReason::EndTurn => AgentOutcome::Completed,
        StopReason::MaxTokens => crashed("max_tokens"),
        StopReason::MaxTurnRequests => crashed("max_turn_requests"),
        StopReason::Refusal => crashed("refusal"),
        StopReason::Cancelled => crashed("the agent cancelled its turn"),
        _ => crashed("the agent gave a reason that is not known"),
    }
}

/// A request that the agent answered with an error.
pub(super) fn of_error(error: &Error, trouble: Option<&Trouble>) -> AgentOutcome {
    if error.code == ErrorCode::AUTH_REQUIRED {
        return AgentOutcome::Auth;
    }
    let data = error.data.as_ref().unwrap_or(&Value::Null);
    let class = CLASS_FIELDS.iter().find_map(|&name| by_class(class_of(&data[name])));
    let code = u16::try_from(error.code.value()).ok();
    class
        .or_else(|| by_status(code?))
        .or_else(|| by_status(status_in(data)?))
        .or_else(|| trouble.filter(|trouble| trouble.gave_up()).and_then(Trouble::outcome))
        .map(|outcome| dated(outcome, data, &error.message))
        .unwrap_or_else(|| crashed(&shown_on_one_line(&error.message)))
}

/// What an HTTP status of a model service means.
pub(crate) fn by_status(status: u16) -> Option<AgentOutcome> {
    match status {
        401 | 403 => Some(AgentOutcome::Auth),
        402 => Some(AgentOutcome::Quota { until: None }),
        404 => Some(AgentOutcome::ModelNotFound),
        413 => Some(AgentOutcome::ContextExceeded),
        429 => Some(AgentOutcome::RateLimited { until: None }),
        500..=599 => Some(AgentOutcome::Overloaded),
        _ => None,
    }
}

/// What a class of error means, in the words of Claude Code and Codex.
pub(super) fn by_class(class: &str) -> Option<AgentOutcome> {
    match class {
        "authentication_failed" | "authentication_error" | "unauthorized" => {
            Some(AgentOutcome::Auth)
        }
        "rate_limit" | "rate_limit_error" => Some(AgentOutcome::RateLimited { until: None }),
        "billing_error" | "usageLimitExceeded" | "sessionBudgetExceeded" | "insufficient_quota" => {
            Some(AgentOutcome::Quota { until: None })
        }
        "overloaded"
        | "overloaded_error"
        | "serverOverloaded"
        | "server_error"
        | "internalServerError"
        | "httpConnectionFailed"
        | "responseStreamConnectionFailed"
        | "responseStreamDisconnected"
        | "responseTooManyFailedAttempts" => Some(AgentOutcome::Overloaded),
        "model_not_found" => Some(AgentOutcome::ModelNotFound),
        "contextWindowExceeded" | "context_length_exceeded" | "prompt_too_long" => {
            Some(AgentOutcome::ContextExceeded)
        }
        _ => None,
    }
}

fn class_of(value: &Value) -> &str {
    let key = value.as_object().and_then(|object| object.keys().next());
    value.as_str().or(key.map(String::as_str)).unwrap_or_default()
}

/// A status in an error's data, or one level below.
fn status_in(data: &Value) -> Option<u16> {
    let here = STATUS_FIELDS.iter().find_map(|&name| data[name].as_u64());
    let below = || {
        let inner = data.as_object()?.values().filter(|value| value.is_object());
        inner.flat_map(|value| STATUS_FIELDS.map(|name| value[name].as_u64())).flatten().next()
    };
    here.or_else(below).and_then(|status| u16::try_from(status).ok())
}

fn crashed(detail: &str) -> AgentOutcome {
    AgentOutcome::Crashed { exit_code: None, detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(code: i32, data: Value) -> AgentOutcome {
        of_error(&Error::new(code, "401 429 rate limit, not logged in").data(data), None)
    }

    #[test]
    fn codes_classes_and_statuses_decide() {
        let limited = || AgentOutcome::RateLimited { until: None };
        assert_eq!(of(-32000, Value::Null), AgentOutcome::Auth);
        assert_eq!(of(429, Value::Null), limited());
        assert_eq!(of(401, Value::Null), AgentOutcome::Auth);
        assert_eq!(of(-32603, json!({ "errorKind": "rate_limit" })), limited());
        assert_eq!(of(-32603, json!({ "statusCode": 529 })), AgentOutcome::Overloaded);
        let nested = json!({ "error": { "status": 404 } });
        assert_eq!(of(-32603, nested), AgentOutcome::ModelNotFound);
        let info = json!({ "codexErrorInfo": { "contextWindowExceeded": {} } });
        assert_eq!(of(-32603, info), AgentOutcome::ContextExceeded);
    }

    #[test]
    fn words_decide_nothing() {
        for data in
            [Value::Null, json!("401"), json!({ "message": "429" }), json!({ "status": -1 })]
        {
            let outcome = of(-32603, data.clone());
            assert!(matches!(outcome, AgentOutcome::Crashed { .. }), "{data}: {outcome:?}");
        }
    }

    #[test]
    fn only_an_end_of_turn_is_a_completion() {
        assert_eq!(of_turn(StopReason::EndTurn, None), AgentOutcome::Completed);
        for stop in [
            StopReason::MaxTokens,
            StopReason::MaxTurnRequests,
            StopReason::Refusal,
            StopReason::Cancelled,
        ] {
            let outcome = of_turn(stop, None);
            assert!(matches!(outcome, AgentOutcome::Crashed { .. }), "{stop:?}");
        }
    }
}
