//! OpenAI Responses: answers, their events, and errors, as Codex reads them.

use serde_json::{Value, json};

use super::answer::{Answer, Call, event, pieces};
use super::script::ModelError;
use super::tools::{Input, Tool};

/// The tools of a request, those in named groups and those that come as an input included.
pub(super) fn tools(body: &Value) -> Vec<Tool> {
    let mut tools = flat(&body["tools"]);
    for item in body["input"].as_array().into_iter().flatten() {
        if item["type"] == "additional_tools" {
            tools.extend(flat(&item["tools"]));
        }
    }
    tools
}

fn flat(tools: &Value) -> Vec<Tool> {
    let mut flattened = Vec::new();
    for tool in tools.as_array().into_iter().flatten() {
        let kind = tool["type"].as_str().unwrap_or_default();
        if kind == "namespace" {
            flattened.extend(flat(&tool["tools"]));
            continue;
        }
        // What the service itself offers has a type and no name.
        let name = tool["name"].as_str().unwrap_or(kind).to_owned();
        let schema = tool["parameters"].clone();
        flattened.push(Tool { name, schema, is_free_form: kind == "custom" });
    }
    flattened
}

/// The whole response.
pub(super) fn response(answer: &Answer) -> Value {
    let text = json!({"type": "output_text", "text": answer.text, "annotations": []});
    let message = (!answer.text.is_empty()).then(|| {
        json!({"type": "message", "id": format!("msg_{}", answer.number), "role": "assistant",
            "status": "completed", "content": [text]})
    });
    let output: Vec<Value> = message.into_iter().chain(answer.calls.iter().map(item)).collect();
    let usage = &answer.usage;
    json!({
        "id": format!("resp_{}", answer.number), "object": "response", "created_at": 1_735_689_600,
        "status": "completed", "model": answer.model, "output": output, "error": null,
        "usage": {
            "input_tokens": usage.input + usage.cache_read,
            "input_tokens_details": {"cached_tokens": usage.cache_read},
            "output_tokens": usage.output,
            "output_tokens_details": {"reasoning_tokens": usage.reasoning},
            "total_tokens": usage.input + usage.cache_read + usage.output,
        },
    })
}

fn item(call: &Call) -> Value {
    let Call { id, name, input } = call;
    let call_id = format!("call_{id}");
    match input {
        Input::Text(text) => json!({"type": "custom_tool_call", "id": format!("ctc_{id}"),
            "call_id": call_id, "name": name, "input": text, "status": "completed"}),
        Input::Arguments(arguments) => json!({"type": "function_call", "id": format!("fc_{id}"),
            "call_id": call_id, "name": name, "arguments": arguments.to_string(),
            "status": "completed"}),
    }
}

/// The same as server-sent events.
pub(super) fn events(answer: &Answer) -> Vec<Vec<u8>> {
    let whole = response(answer);
    let mut opening = whole.clone();
    opening["status"] = json!("in_progress");
    opening["output"] = json!([]);
    opening["usage"] = Value::Null;
    let mut events = vec![
        json!({"type": "response.created", "response": opening}),
        json!({"type": "response.in_progress", "response": opening}),
    ];
    for (index, item) in whole["output"].as_array().into_iter().flatten().enumerate() {
        events.extend(item_events(index, item));
    }
    events.push(json!({"type": "response.completed", "response": whole}));
    for (number, data) in events.iter_mut().enumerate() {
        data["sequence_number"] = json!(number);
    }
    events.iter().map(event).collect()
}

fn item_events(index: usize, item: &Value) -> Vec<Value> {
    let mut opening = item.clone();
    opening["status"] = json!("in_progress");
    let at = |kind: &str, field: &str, value: &Value| json!({"type": kind, "output_index": index, "item_id": item["id"], field: value});
    let body = match item["type"].as_str() {
        Some("message") => {
            opening["content"] = json!([]);
            message_events(index, item)
        }
        Some("function_call") => {
            opening["arguments"] = json!("");
            let arguments = &item["arguments"];
            vec![
                at("response.function_call_arguments.delta", "delta", arguments),
                at("response.function_call_arguments.done", "arguments", arguments),
            ]
        }
        _ => {
            opening["input"] = json!("");
            let input = &item["input"];
            vec![
                at("response.custom_tool_call_input.delta", "delta", input),
                at("response.custom_tool_call_input.done", "input", input),
            ]
        }
    };
    let added =
        json!({"type": "response.output_item.added", "output_index": index, "item": opening});
    let done = json!({"type": "response.output_item.done", "output_index": index, "item": item});
    [added].into_iter().chain(body).chain([done]).collect()
}

fn message_events(index: usize, item: &Value) -> Vec<Value> {
    let part = &item["content"][0];
    let text = part["text"].as_str().unwrap_or_default();
    let at = |kind: &str, field: &str, value: Value| {
        json!({"type": kind, "output_index": index, "item_id": item["id"], "content_index": 0,
            field: value})
    };
    let mut empty = part.clone();
    empty["text"] = json!("");
    let deltas = pieces(text).map(|piece| at("response.output_text.delta", "delta", json!(piece)));
    [at("response.content_part.added", "part", empty)]
        .into_iter()
        .chain(deltas)
        .chain([
            at("response.output_text.done", "text", json!(text)),
            at("response.content_part.done", "part", part.clone()),
        ])
        .collect()
}

/// The body of an error.
pub(super) fn error_body(error: &ModelError) -> Value {
    let class = class_of(error);
    let code = error.code.as_deref().unwrap_or(&class);
    let message = error.message.clone().unwrap_or_else(|| format!("scripted {class}"));
    let mut object = json!({"message": message, "type": class, "param": null, "code": code});
    for (name, value) in &error.fields {
        object[name] = value.clone();
    }
    json!({ "error": object })
}

/// An error in a stream that began well.
pub(super) fn error_event(answer: &Answer, error: &ModelError) -> Vec<u8> {
    let mut failed = response(answer);
    failed["status"] = json!("failed");
    failed["error"] = error_body(error)["error"].clone();
    event(&json!({"type": "response.failed", "sequence_number": 99, "response": failed}))
}

fn class_of(error: &ModelError) -> String {
    error.class.clone().unwrap_or_else(|| {
        match error.status {
            400 => "invalid_request_error",
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            429 => "rate_limit_error",
            529 => "overloaded_error",
            _ => "server_error",
        }
        .to_owned()
    })
}
