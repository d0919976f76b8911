//! One turn, held as a conversation: the prompt goes in as a message, and the end can be asked for.
//!
//! An interrupt of the protocol has the program stop its tools and say what was used, which no signal
//! does.

use std::time::{Duration, Instant};

use loki_host::process::{Ended, Happened, ProcessReport, Reply, Stream};
use loki_model::{AgentOutcome, Cost, TokenUsage, Usage};
use serde_json::json;

use super::outcome;
use super::stream::Transcript;
use crate::agent::AgentEvent;

/// Between asking for the end of the turn and asking the process.
pub(super) const COURTESY: Duration = Duration::from_secs(3);
/// Between the end of the turn and asking the process to end.
const LEAVE_MAX: Duration = Duration::from_secs(5);

/// A turn under way.
pub(super) struct Turn {
    /// The line with the prompt.
    message: Vec<u8>,
    transcript: Transcript,
    used: TokenUsage,
    /// Nothing but the end of the process is waited for.
    is_over: bool,
}

impl Turn {
    pub(super) fn new(prompt: &str) -> Turn {
        let content = json!([{ "type": "text", "text": prompt }]);
        let message = line(&json!({
            "type": "user",
            "message": { "role": "user", "content": content },
        }));
        Turn { message, transcript: Transcript::new(), used: TokenUsage::default(), is_over: false }
    }

    pub(super) fn happened(
        &mut self,
        happened: Happened<'_>,
        reply: &mut Reply,
        observe: &mut dyn FnMut(AgentEvent<'_>),
    ) {
        match happened {
            Happened::Started => {
                if !reply.say(&std::mem::take(&mut self.message)) {
                    reply.end();
                }
            }
            Happened::Output(stream, bytes) => {
                observe(AgentEvent::Output(stream, bytes));
                if stream == Stream::Stdout {
                    let seen = &mut |activity| observe(AgentEvent::Activity(activity));
                    self.transcript.feed(bytes, seen);
                    let used = self.transcript.used();
                    if used != self.used {
                        self.used = used;
                        let (tokens, cost) = (Some(used), Cost::Unknown);
                        observe(AgentEvent::Used(Usage { tokens, cost }));
                    }
                    self.look(reply);
                }
            }
            Happened::Woken => reply.end(),
            Happened::Stopping(_) if self.is_over => reply.end(),
            Happened::Stopping(_) => {
                let interrupt = line(&json!({
                    "type": "control_request",
                    "request_id": "interrupt",
                    "request": { "subtype": "interrupt" },
                }));
                if !reply.say(&interrupt) {
                    reply.end();
                }
            }
        }
    }

    /// Whether what was heard ends the conversation.
    fn look(&mut self, reply: &mut Reply) {
        if self.is_over {
            return;
        }
        if self.transcript.end_of_turn().is_some() {
            self.is_over = true;
            reply.hang_up();
            reply.wake_at(Instant::now().checked_add(LEAVE_MAX));
        } else if self.transcript.is_refused() {
            // It would try ten more times before it said so itself.
            self.is_over = true;
            reply.end();
        }
    }

    /// How it ended, and all that was said. `is_pulled`: the caller wanted it to end.
    pub(super) fn over(
        mut self,
        ran: &ProcessReport,
        is_pulled: bool,
        observe: &mut dyn FnMut(AgentEvent<'_>),
    ) -> (AgentOutcome, Transcript) {
        self.transcript.finish(&mut |activity| observe(AgentEvent::Activity(activity)));
        let outcome = match ran.ended {
            Ended::Cancelled if is_pulled => AgentOutcome::Cancelled,
            ended => outcome::outcome_of(&self.transcript, ended, &ran.stderr),
        };
        (outcome, self.transcript)
    }
}

fn line(message: &serde_json::Value) -> Vec<u8> {
    let mut line = message.to_string().into_bytes();
    line.push(b'\n');
    line
}
