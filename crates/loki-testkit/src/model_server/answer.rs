//! A step resolved against a request, whatever the protocol.

use serde_json::Value;

use super::script::{ModelStep, ModelUsage};
use super::tools::{self, Input, Tool};

/// Characters of one delta.
const DELTA_CHARS: usize = 40;

/// What the model answers.
#[derive(Debug)]
pub(super) struct Answer {
    /// Counted from 1, for ids.
    pub(super) number: u64,
    pub(super) model: String,
    pub(super) text: String,
    pub(super) calls: Vec<Call>,
    pub(super) usage: ModelUsage,
}

/// One call of a tool.
#[derive(Debug)]
pub(super) struct Call {
    /// As in `3_0`; protocols put their own prefix before it.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) input: Input,
}

impl Answer {
    pub(super) fn new(number: u64, model: &str, offered: &[Tool], step: &ModelStep) -> Answer {
        let mut text = step.text.clone();
        let mut calls = Vec::new();
        if offered.is_empty() {
            text.push_str(&tools::as_text(&step.ops));
        }
        let ops = if offered.is_empty() { &[][..] } else { &step.ops[..] };
        for (index, op) in ops.iter().enumerate() {
            match tools::call_for(offered, op) {
                Some((name, input)) => {
                    calls.push(Call { id: format!("{number}_{index}"), name, input });
                }
                None => text.push_str(&format!("\n[no tool offered for {op:?}]")),
            }
        }
        if text.is_empty() && calls.is_empty() {
            "ok".clone_into(&mut text);
        }
        let model = if model.is_empty() { "scripted-model" } else { model }.to_owned();
        Answer { number, model, text, calls, usage: step.usage }
    }
}

/// One server-sent event named by its type.
pub(super) fn event(data: &Value) -> Vec<u8> {
    format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or("error")).into_bytes()
}

/// `text` in the pieces that a stream sends it in.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = String> {
    let chars: Vec<char> = text.chars().collect();
    let pieces: Vec<String> =
        chars.chunks(DELTA_CHARS).map(|piece| piece.iter().collect()).collect();
    pieces.into_iter()
}
