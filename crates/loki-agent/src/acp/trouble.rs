//! What an agent says of its model service while a turn goes on, beyond the protocol.
//!
//! The protocol has no place for it, so agents use `_meta`. Known: codex-acp, which tells every retry
//! and its cause, and then ends a turn that failed as if it had ended well.

use loki_model::AgentOutcome;
use serde_json::{Map, Value};

use super::outcome::{by_class, by_status};
use crate::shown::shown_on_one_line;

/// Something went wrong between the agent and its service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trouble {
    /// Of the service's answer.
    status: Option<u16>,
    /// In the agent's own words for its classes.
    class: String,
    /// The agent tries again by itself.
    will_retry: bool,
    /// The turn is lost, whatever its end says.
    gave_up: bool,
}

/// Reads a note of trouble, or of its end.
pub(super) fn trouble_of(meta: &Map<String, Value>) -> Option<Trouble> {
    let codex = meta.get("codex")?;
    match codex["threadStatus"]["type"].as_str() {
        Some("systemError") => return Some(Trouble { gave_up: true, ..Trouble::default() }),
        Some(_) => return Some(Trouble::default()),
        None => {}
    }
    let error = codex.get("error").filter(|error| error.is_object())?;
    let info = &error["codexErrorInfo"];
    // Either a word, or an object whose only key is the word.
    let (class, details) = match info.as_object().and_then(|info| info.iter().next()) {
        Some((class, details)) => (class.as_str(), Some(details)),
        None => (info.as_str().unwrap_or_default(), None),
    };
    let status = details.and_then(|details| details["httpStatusCode"].as_u64());
    Some(Trouble {
        status: status.and_then(|status| u16::try_from(status).ok()),
        class: shown_on_one_line(class),
        will_retry: error["willRetry"] == true,
        gave_up: false,
    })
}

impl Trouble {
    pub(super) fn retries(&self) -> bool {
        self.will_retry
    }

    pub(super) fn gave_up(&self) -> bool {
        self.gave_up
    }

    /// For people who watch.
    pub(super) fn reason(&self) -> String {
        match self.status {
            Some(status) => format!("{} (status {status})", self.class),
            None => self.class.clone(),
        }
    }

    /// Nothing but retries can follow, and they can not help.
    pub(super) fn is_refusal(&self) -> bool {
        self.outcome() == Some(AgentOutcome::Auth)
    }

    /// What a turn that ends so has come to.
    pub(super) fn outcome(&self) -> Option<AgentOutcome> {
        self.status.and_then(by_status).or_else(|| by_class(&self.class))
    }

    /// The model answers again.
    pub(super) fn goes_on(&mut self) {
        self.will_retry = false;
    }

    /// `later` came after this.
    pub(super) fn and_then(&mut self, later: Trouble) {
        let says_cause = later.status.is_some() || !later.class.is_empty();
        let cause = if says_cause { later.clone() } else { self.clone() };
        *self = Trouble { will_retry: later.will_retry, gave_up: later.gave_up, ..cause };
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(codex: &Value) -> Trouble {
        trouble_of(json!({ "codex": codex }).as_object().unwrap()).unwrap()
    }

    #[test]
    fn a_retry_tells_its_cause_and_a_refusal_is_seen_at_once() {
        let retry = |status: u16| {
            let info = json!({ "responseStreamDisconnected": { "httpStatusCode": status } });
            read(&json!({ "error": { "codexErrorInfo": info, "willRetry": true } }))
        };
        assert_eq!(retry(429).outcome(), Some(AgentOutcome::RateLimited { until: None }));
        assert!(retry(429).retries() && !retry(429).is_refusal() && !retry(429).gave_up());
        assert!(retry(401).is_refusal());
        let used_up = read(&json!({ "error": { "codexErrorInfo": "usageLimitExceeded" } }));
        assert_eq!(used_up.outcome(), Some(AgentOutcome::Quota { until: None }));
    }

    #[test]
    fn the_end_keeps_the_cause_and_another_start_takes_the_end_back() {
        let mut trouble =
            read(&json!({ "error": { "codexErrorInfo": { "x": { "httpStatusCode": 503 } } } }));
        trouble.and_then(read(&json!({ "threadStatus": { "type": "systemError" } })));
        assert!(trouble.gave_up());
        assert_eq!(trouble.outcome(), Some(AgentOutcome::Overloaded));
        trouble.and_then(read(&json!({ "threadStatus": { "type": "active" } })));
        assert!(!trouble.gave_up());
    }

    #[test]
    fn notes_of_other_kinds_are_none() {
        for meta in [json!({}), json!({ "codex": {} }), json!({ "codex": { "error": 1 } })] {
            assert_eq!(trouble_of(meta.as_object().unwrap()), None, "{meta}");
        }
    }
}
