//! A step resolved against a request, before it is put into a protocol's words.

use serde_json::Value;

use super::script::{ModelStep, ModelUsage, Op};
use super::tools::{self, OfferedTool};

/// Characters of one delta.
const DELTA_CHARS: usize = 40;

/// What the model says, does and counts.
#[derive(Debug)]
pub(super) struct Answer {
    /// Different for every answer of a server; for ids.
    pub(super) number: u64,
    pub(super) model: String,
    pub(super) text: String,
    pub(super) calls: Vec<ToolCall>,
    pub(super) usage: ModelUsage,
}

/// One call of a tool that the client offers.
#[derive(Debug)]
pub(super) struct ToolCall {
    /// Unique within a server; protocols put a prefix of their own in front.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) input: Value,
}

impl Answer {
    pub(super) fn new(
        number: u64,
        model: Option<&str>,
        offered: &[OfferedTool],
        step: &ModelStep,
    ) -> Answer {
        let mut text = step.text.clone();
        let mut calls = Vec::new();
        if offered.is_empty() {
            text.push_str(&tools::as_text(&step.ops));
        } else {
            for (index, op) in step.ops.iter().enumerate() {
                match tools::call_for(offered, op) {
                    Some((name, input)) => {
                        calls.push(ToolCall { id: format!("{number}_{index}"), name, input });
                    }
                    None => text.push_str(&no_tool_for(op)),
                }
            }
        }
        if text.is_empty() && calls.is_empty() {
            "ok".clone_into(&mut text);
        }
        let model = model.unwrap_or("scripted-model").to_owned();
        Answer { number, model, text, calls, usage: step.usage }
    }
}

/// `text` in the pieces in which a model writes it.
pub(super) fn pieces(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(DELTA_CHARS).map(|piece| piece.iter().collect()).collect()
}

fn no_tool_for(op: &Op) -> String {
    format!("\n[no tool offered for {op:?}]")
}
