//! The wire protocols: which one a request speaks, and one module for each.

use serde_json::Value;

use super::answer::Answer;
use super::script::ModelError;
use super::tools::Tool;
use super::{anthropic, chat, gemini, responses};

/// How a client and its model speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Anthropic Messages.
    Anthropic,
    /// OpenAI Chat Completions, which every compatible server speaks.
    Chat,
    /// OpenAI Responses.
    Responses,
    /// Gemini `generateContent`.
    Gemini,
}

impl Protocol {
    /// The protocol of a request for an answer, by its path without the query.
    pub(super) fn of(path: &str) -> Option<Protocol> {
        let ends = |end| path.ends_with(end);
        match () {
            () if ends("/messages") => Some(Protocol::Anthropic),
            () if ends("/chat/completions") => Some(Protocol::Chat),
            () if ends("/responses") => Some(Protocol::Responses),
            () if gemini::is_asked_at(path) => Some(Protocol::Gemini),
            () => None,
        }
    }

    /// What the request offers.
    pub(super) fn tools(self, body: &Value) -> Vec<Tool> {
        match self {
            Protocol::Anthropic => anthropic::tools(body),
            Protocol::Chat => chat::tools(body),
            Protocol::Responses => responses::tools(body),
            Protocol::Gemini => gemini::tools(body),
        }
    }

    /// The model that is asked for.
    pub(super) fn model(self, path: &str, body: &Value) -> String {
        match self {
            Protocol::Gemini => gemini::model(path),
            _ => body["model"].as_str().unwrap_or_default().to_owned(),
        }
    }

    /// Whether the answer is wanted as events.
    pub(super) fn is_streamed(self, path: &str, body: &Value) -> bool {
        match self {
            Protocol::Gemini => gemini::is_streamed(path),
            _ => body["stream"] == true,
        }
    }

    /// The whole answer, for a client that does not stream.
    pub(super) fn whole(self, answer: &Answer) -> Value {
        match self {
            Protocol::Anthropic => anthropic::message(answer),
            Protocol::Chat => chat::message(answer),
            Protocol::Responses => responses::response(answer),
            Protocol::Gemini => gemini::message(answer),
        }
    }

    /// The same as server-sent events.
    pub(super) fn events(self, answer: &Answer, body: &Value) -> Vec<Vec<u8>> {
        match self {
            Protocol::Anthropic => anthropic::events(answer),
            Protocol::Chat => chat::events(answer, body),
            Protocol::Responses => responses::events(answer),
            Protocol::Gemini => gemini::events(answer),
        }
    }

    /// The body of an error.
    pub(super) fn error_body(self, error: &ModelError) -> Value {
        match self {
            Protocol::Anthropic => anthropic::error_body(error),
            Protocol::Chat => chat::error_body(error),
            Protocol::Responses => responses::error_body(error),
            Protocol::Gemini => gemini::error_body(error),
        }
    }

    /// An error in a stream that began well.
    pub(super) fn error_event(self, answer: &Answer, error: &ModelError) -> Vec<u8> {
        match self {
            Protocol::Anthropic => super::answer::event(&anthropic::error_body(error)),
            Protocol::Chat => chat::event(&chat::error_body(error)),
            Protocol::Responses => responses::error_event(answer, error),
            Protocol::Gemini => gemini::event(&gemini::error_body(error)),
        }
    }
}
