//! How a call of Codex ended: from the record of the conversation, the terminal event and the way
//! its process ended.

use loki_host::process::{Captured, Ended};
use loki_model::{AgentOutcome, Deadline};
use serde_json::Value;

use super::record::Record;
use super::stream::{EndOfTurn, Transcript, status_in};
use crate::command::crash_of;
use crate::resets::dated;
use crate::shown::shown_on_one_line;

/// Decides how the call ended; for [`Ended::Cancelled`], when it was not the caller who pulled.
pub(super) fn outcome_of(
    transcript: &Transcript,
    record: Option<&Record>,
    ended: Ended,
    stderr: &Captured,
) -> AgentOutcome {
    match (transcript.end_of_turn(), ended) {
        (Some(EndOfTurn::Failed { message }), _) => failure_of(transcript, record, message, ended),
        (Some(EndOfTurn::Completed), Ended::Exited(code)) if code != 0 => crash_of(ended, stderr),
        (Some(EndOfTurn::Completed), Ended::Signalled(_)) => crash_of(ended, stderr),
        // The turn was over; that the process had to be ended changes nothing about it.
        (Some(EndOfTurn::Completed), _) => AgentOutcome::Completed,
        (None, _) => unfinished(transcript, ended, stderr),
    }
}

fn unfinished(transcript: &Transcript, ended: Ended, stderr: &Captured) -> AgentOutcome {
    if let Some(refusal) = transcript.refused().and_then(of_status) {
        return refusal;
    }
    match (ended, transcript.retrying()) {
        // It fell silent while it waited for the service, not for the model.
        (Ended::TimedOut(Deadline::Idle), Some(status)) => {
            status.and_then(of_status).unwrap_or(AgentOutcome::Overloaded)
        }
        (Ended::TimedOut(deadline), _) => AgentOutcome::TimedOut { deadline },
        (Ended::Cancelled, _) => AgentOutcome::Cancelled,
        (Ended::Exited(0), _) => AgentOutcome::Garbage,
        (Ended::Exited(code), _) if !transcript.last_error().is_empty() => AgentOutcome::Crashed {
            exit_code: Some(code),
            detail: transcript.last_error().to_owned(),
        },
        (Ended::Exited(code), _) => failed_to_start(code, stderr),
        (Ended::Signalled(_), _) => crash_of(ended, stderr),
    }
}

/// An exit without any event of a turn: its error is on standard error, before a backtrace.
fn failed_to_start(code: i32, stderr: &Captured) -> AgentOutcome {
    let text = stderr.text();
    let Some(error) = text.lines().find_map(|line| line.strip_prefix("Error: ")) else {
        return crash_of(Ended::Exited(code), stderr);
    };
    let data = error.split_once("data: ").map_or("", |(_, data)| data);
    let data: Value = serde_json::from_str(data).unwrap_or_default();
    if data["input_error_code"] == "input_too_large" {
        return AgentOutcome::ContextExceeded;
    }
    AgentOutcome::Crashed { exit_code: Some(code), detail: shown_on_one_line(error) }
}

fn failure_of(
    transcript: &Transcript,
    record: Option<&Record>,
    message: &str,
    ended: Ended,
) -> AgentOutcome {
    let error = record.and_then(|record| record.error.as_ref());
    let until = record.and_then(|record| record.used_up_until);
    let class = error.map_or("", |error| error.class.as_str());
    let told = |outcome| dated(outcome, &Value::Null, message);
    match class {
        "context_window_exceeded" => return AgentOutcome::ContextExceeded,
        "usage_limit_exceeded" => return told(AgentOutcome::Quota { until }),
        "rate_limit_exceeded" => return told(AgentOutcome::RateLimited { until }),
        "server_overloaded" | "internal_server_error" => return AgentOutcome::Overloaded,
        "model_not_found" => return AgentOutcome::ModelNotFound,
        "unauthorized" => return AgentOutcome::Auth,
        _ => {}
    }
    // Without a record, for instance because the user's settings switch it off, the head of the
    // message has the status as well.
    let status = error.and_then(|error| error.status).or_else(|| status_in(message));
    if let Some(outcome) = status.and_then(of_status) {
        return told(outcome);
    }
    let lost_connection = matches!(
        class,
        "http_connection_failed"
            | "response_stream_connection_failed"
            | "response_stream_disconnected"
            | "response_too_many_failed_attempts"
    );
    // Codex tries again only what may be the connection's fault.
    if status.is_none() && (lost_connection || transcript.has_retried()) {
        return AgentOutcome::Overloaded;
    }
    let exit_code = match ended {
        Ended::Exited(code) => Some(code),
        Ended::Signalled(_) | Ended::TimedOut(_) | Ended::Cancelled => None,
    };
    AgentOutcome::Crashed { exit_code, detail: message.to_owned() }
}

/// What an answer with this status means; nothing for one that says nothing about the service.
fn of_status(status: u16) -> Option<AgentOutcome> {
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
