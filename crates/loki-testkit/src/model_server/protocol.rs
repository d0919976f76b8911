//! Which protocol a request speaks, and what differs between them.

use serde_json::Value;

use super::answer::Answer;
use super::script::ModelError;
use super::{anthropic, chat};

/// A way in which clients talk to models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Anthropic Messages.
    Anthropic,
    /// OpenAI Chat Completions, which every compatible server speaks.
    Chat,
}

impl Protocol {
    /// The one whose messages are asked for at `path`, which has no query.
    pub(super) fn at(path: &str) -> Option<Protocol> {
        if path.ends_with("/messages") {
            Some(Protocol::Anthropic)
        } else if path.ends_with("/chat/completions") {
            Some(Protocol::Chat)
        } else {
            None
        }
    }

    /// Whether the answer to `request` is wanted piece by piece.
    pub(super) fn is_streamed(self, request: &Value) -> bool {
        request["stream"] == true
    }

    /// The whole answer, for a client that does not stream.
    pub(super) fn message(self, answer: &Answer) -> Value {
        match self {
            Protocol::Anthropic => anthropic::message(answer),
            Protocol::Chat => chat::message(answer),
        }
    }

    /// The same as server-sent events.
    pub(super) fn events(self, answer: &Answer, request: &Value) -> Vec<Vec<u8>> {
        match self {
            Protocol::Anthropic => anthropic::events(answer),
            Protocol::Chat => chat::events(answer, request),
        }
    }

    /// The body of an answer with an error status.
    pub(super) fn error_body(self, error: &ModelError) -> Value {
        match self {
            Protocol::Anthropic => anthropic::error_body(error),
            Protocol::Chat => chat::error_body(error),
        }
    }

    /// An error in the middle of a stream that began well.
    pub(super) fn stream_error(self, error: &ModelError) -> Vec<u8> {
        match self {
            Protocol::Anthropic => anthropic::event(&anthropic::error_body(error)),
            Protocol::Chat => chat::event(&chat::error_body(error)),
        }
    }
}
