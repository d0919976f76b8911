//! How a call of Claude Code ended, from structured data and the way its process ended.

use loki_host::process::{Captured, Ended};
use loki_model::AgentOutcome;
use serde_json::Value;

use super::stream::{EndOfTurn, Transcript};
use crate::command::crash_of;
use crate::resets::dated;
use crate::shown::shown_on_one_line;

/// Decides how the call ended; for [`Ended::Cancelled`], when it was not the caller who pulled.
pub(super) fn outcome_of(transcript: &Transcript, ended: Ended, stderr: &Captured) -> AgentOutcome {
    if let Some(end) = transcript.end_of_turn() {
        return turn_ended(transcript, end, ended, stderr);
    }
    match ended {
        _ if transcript.is_refused() => AgentOutcome::Auth,
        Ended::TimedOut(deadline) => AgentOutcome::TimedOut { deadline },
        Ended::Cancelled => AgentOutcome::Cancelled,
        // Also what an interrupt from elsewhere leaves: exit code 0, and no result.
        Ended::Exited(0) => AgentOutcome::Garbage,
        Ended::Exited(_) | Ended::Signalled(_) => crash_of(ended, stderr),
    }
}

fn turn_ended(
    transcript: &Transcript,
    end: &EndOfTurn,
    ended: Ended,
    stderr: &Captured,
) -> AgentOutcome {
    match (end.is_error, ended) {
        (None, _) => AgentOutcome::Garbage,
        // It was interrupted for that, and said so.
        (Some(true), Ended::TimedOut(deadline)) if end.is_aborted() => {
            if transcript.is_refused() {
                AgentOutcome::Auth
            } else {
                AgentOutcome::TimedOut { deadline }
            }
        }
        (Some(true), _) => failure_of(transcript, end, ended),
        (Some(false), Ended::Exited(code)) if code != 0 => crash_of(ended, stderr),
        (Some(false), Ended::Signalled(_)) => crash_of(ended, stderr),
        // The turn was over; that the process had to be ended changes nothing about it.
        (Some(false), _) => AgentOutcome::Completed,
    }
}

fn failure_of(transcript: &Transcript, end: &EndOfTurn, ended: Ended) -> AgentOutcome {
    match (end.terminal_reason.as_str(), end.subtype.as_str()) {
        ("budget_exhausted", _) | (_, "error_max_budget_usd") => {
            return AgentOutcome::BudgetReached;
        }
        ("prompt_too_long", _) => return AgentOutcome::ContextExceeded,
        _ => {}
    }
    // The class is finer than the status: used-up credit comes with status 400.
    match transcript.error_class() {
        "authentication_failed" => return AgentOutcome::Auth,
        "billing_error" => return AgentOutcome::Quota { until: None },
        "model_not_found" => return AgentOutcome::ModelNotFound,
        _ => {}
    }
    match end.api_error_status {
        Some(401 | 403) => AgentOutcome::Auth,
        Some(404) => AgentOutcome::ModelNotFound,
        Some(413) => AgentOutcome::ContextExceeded,
        Some(429) => too_many(transcript, end),
        Some(500..=599) => AgentOutcome::Overloaded,
        _ if end.api_error == "usage_limit_reached" => too_many(transcript, end),
        _ if end.api_error == "connection_failed" => AgentOutcome::Overloaded,
        // No answer, or one that is none.
        None if end.terminal_reason == "api_error" => AgentOutcome::Overloaded,
        _ => AgentOutcome::Crashed { exit_code: exit_code(ended), detail: detail_of(end) },
    }
}

fn too_many(transcript: &Transcript, end: &EndOfTurn) -> AgentOutcome {
    let rejection = transcript.rejection();
    let until = rejection.flatten();
    let used_up = end.api_error == "usage_limit_reached"
        || end.api_error_type == "insufficient_quota"
        || rejection.is_some();
    let outcome =
        if used_up { AgentOutcome::Quota { until } } else { AgentOutcome::RateLimited { until } };
    let words = end.errors.first().map(String::as_str).or(end.text.as_deref()).unwrap_or_default();
    dated(outcome, &Value::Null, words)
}

fn exit_code(ended: Ended) -> Option<i32> {
    match ended {
        Ended::Exited(code) => Some(code),
        Ended::Signalled(_) | Ended::TimedOut(_) | Ended::Cancelled => None,
    }
}

fn detail_of(end: &EndOfTurn) -> String {
    let kind = match end.terminal_reason.as_str() {
        "" => &end.subtype,
        reason => reason,
    };
    let words = end.errors.first().map(String::as_str).or(end.text.as_deref()).unwrap_or("");
    shown_on_one_line(&format!("{kind}: {}", shown_on_one_line(words)))
}
