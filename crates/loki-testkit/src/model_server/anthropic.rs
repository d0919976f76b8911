//! Anthropic Messages: answers, their events, and errors.

use serde_json::{Value, json};

use super::script::{ModelError, ModelStep, ModelUsage};
use super::tools;

/// Characters of one delta.
const DELTA_CHARS: usize = 40;

/// A step resolved against a request.
#[derive(Debug)]
pub(super) struct Answer {
    number: u64,
    model: String,
    text: String,
    /// Id, tool and arguments.
    calls: Vec<(String, String, Value)>,
    usage: ModelUsage,
}

impl Answer {
    pub(super) fn new(number: u64, request: &Value, step: &ModelStep) -> Answer {
        let offered = request["tools"].as_array().map_or(&[][..], Vec::as_slice);
        let mut text = step.text.clone();
        let mut calls = Vec::new();
        for (index, op) in step.ops.iter().enumerate() {
            match tools::call_for(offered, op) {
                Some((name, input)) => calls.push((format!("toolu_{number}_{index}"), name, input)),
                None => text.push_str(&format!("\n[no tool offered for {op:?}]")),
            }
        }
        if text.is_empty() && calls.is_empty() {
            "ok".clone_into(&mut text);
        }
        let model = request["model"].as_str().unwrap_or("scripted-model").to_owned();
        Answer { number, model, text, calls, usage: step.usage }
    }

    /// The whole message, for a client that does not stream.
    pub(super) fn message(&self) -> Value {
        let text = (!self.text.is_empty()).then(|| json!({"type": "text", "text": self.text}));
        let calls = self.calls.iter().map(
            |(id, name, input)| json!({"type": "tool_use", "id": id, "name": name, "input": input}),
        );
        json!({
            "id": format!("msg_{}", self.number), "type": "message", "role": "assistant",
            "model": self.model, "content": text.into_iter().chain(calls).collect::<Vec<_>>(),
            "stop_reason": if self.calls.is_empty() { "end_turn" } else { "tool_use" },
            "stop_sequence": null, "usage": self.usage_json(),
        })
    }

    /// The same as server-sent events.
    pub(super) fn events(&self) -> Vec<Vec<u8>> {
        let whole = self.message();
        let mut opening = whole.clone();
        opening["content"] = json!([]);
        opening["stop_reason"] = Value::Null;
        opening["usage"]["output_tokens"] = json!(1);
        let mut events = vec![event(&json!({"type": "message_start", "message": opening}))];
        for (index, block) in whole["content"].as_array().into_iter().flatten().enumerate() {
            events.extend(block_events(index, block));
        }
        let delta = json!({"stop_reason": whole["stop_reason"], "stop_sequence": null});
        let usage = &whole["usage"];
        events.push(event(&json!({"type": "message_delta", "delta": delta, "usage": usage})));
        events.push(event(&json!({"type": "message_stop"})));
        events
    }

    fn usage_json(&self) -> Value {
        json!({
            "input_tokens": self.usage.input, "output_tokens": self.usage.output,
            "cache_creation_input_tokens": self.usage.cache_write,
            "cache_read_input_tokens": self.usage.cache_read,
        })
    }
}

/// The body of an error.
pub(super) fn error_body(error: &ModelError) -> Value {
    let class = error.class.as_deref().unwrap_or(match error.status {
        400 => "invalid_request_error",
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        _ => "api_error",
    });
    let message = error.message.clone().unwrap_or_else(|| format!("scripted {class}"));
    json!({"type": "error", "error": {"type": class, "message": message},
        "request_id": "req_scripted"})
}

/// One server-sent event named by its type.
pub(super) fn event(data: &Value) -> Vec<u8> {
    format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or("error")).into_bytes()
}

fn block_events(index: usize, block: &Value) -> Vec<Vec<u8>> {
    let mut opening = block.clone();
    let deltas: Vec<Value> = if block["type"] == "text" {
        opening["text"] = json!("");
        let text = block["text"].as_str().unwrap_or_default();
        pieces(text).map(|text| json!({"type": "text_delta", "text": text})).collect()
    } else {
        opening["input"] = json!({});
        let input = block["input"].to_string();
        pieces(&input)
            .map(|part| json!({"type": "input_json_delta", "partial_json": part}))
            .collect()
    };
    let start = json!({"type": "content_block_start", "index": index, "content_block": opening});
    let stop = json!({"type": "content_block_stop", "index": index});
    let deltas = deltas.into_iter().map(|delta| {
        event(&json!({"type": "content_block_delta", "index": index, "delta": delta}))
    });
    [event(&start)].into_iter().chain(deltas).chain([event(&stop)]).collect()
}

fn pieces(text: &str) -> impl Iterator<Item = String> {
    let chars: Vec<char> = text.chars().collect();
    let pieces: Vec<String> =
        chars.chunks(DELTA_CHARS).map(|piece| piece.iter().collect()).collect();
    pieces.into_iter()
}
