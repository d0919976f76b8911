//! Anthropic Messages: answers, their events, and errors.

use serde_json::{Value, json};

use super::answer::{Answer, event, pieces};
use super::script::ModelError;
use super::tools::Tool;

/// The tools of a request.
pub(super) fn tools(body: &Value) -> Vec<Tool> {
    let offered = body["tools"].as_array().into_iter().flatten();
    offered.filter_map(tool).collect()
}

fn tool(tool: &Value) -> Option<Tool> {
    let name = tool["name"].as_str()?.to_owned();
    Some(Tool { name, schema: tool["input_schema"].clone(), is_free_form: false })
}

/// The whole message.
pub(super) fn message(answer: &Answer) -> Value {
    let text = (!answer.text.is_empty()).then(|| json!({"type": "text", "text": answer.text}));
    let calls = answer.calls.iter().map(|call| {
        json!({"type": "tool_use", "id": format!("toolu_{}", call.id), "name": call.name,
            "input": call.input.to_json()})
    });
    json!({
        "id": format!("msg_{}", answer.number), "type": "message", "role": "assistant",
        "model": answer.model, "content": text.into_iter().chain(calls).collect::<Vec<_>>(),
        "stop_reason": if answer.calls.is_empty() { "end_turn" } else { "tool_use" },
        "stop_sequence": null,
        "usage": {
            "input_tokens": answer.usage.input, "output_tokens": answer.usage.output,
            "cache_creation_input_tokens": answer.usage.cache_write,
            "cache_read_input_tokens": answer.usage.cache_read,
        },
    })
}

/// The same as server-sent events.
pub(super) fn events(answer: &Answer) -> Vec<Vec<u8>> {
    let whole = message(answer);
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
    let mut object = json!({"type": class, "message": message});
    for (name, value) in &error.fields {
        object[name] = value.clone();
    }
    json!({"type": "error", "error": object, "request_id": "req_scripted"})
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
