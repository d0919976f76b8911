//! OpenAI Chat Completions: answers, their events, and errors.

use serde_json::{Map, Value, json};

use super::answer::{Answer, Call, pieces};
use super::script::{ModelError, ModelUsage};
use super::tools::Tool;

/// Any moment will do.
const CREATED: u64 = 1_750_000_000;

/// The tools of a request.
pub(super) fn tools(body: &Value) -> Vec<Tool> {
    let offered = body["tools"].as_array().into_iter().flatten();
    offered.filter_map(|tool| tool_in(&tool["function"])).collect()
}

fn tool_in(function: &Value) -> Option<Tool> {
    let name = function["name"].as_str()?.to_owned();
    Some(Tool { name, schema: function["parameters"].clone(), is_free_form: false })
}

/// The whole answer.
pub(super) fn message(answer: &Answer) -> Value {
    let text = (!answer.text.is_empty()).then_some(&answer.text);
    let mut message = json!({"role": "assistant", "content": text});
    if !answer.calls.is_empty() {
        message["tool_calls"] = answer.calls.iter().map(whole_call).collect();
    }
    let choice = json!({"index": 0, "message": message, "finish_reason": finish_reason(answer)});
    json!({
        "id": id_of(answer), "object": "chat.completion", "created": CREATED,
        "model": answer.model, "choices": [choice], "usage": usage_json(answer.usage),
    })
}

/// The same as events; the usage is told at the end to those who asked for it.
pub(super) fn events(answer: &Answer, request: &Value) -> Vec<Vec<u8>> {
    let chunk = |delta: Value, finish: Option<&str>| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        event(&chunk_of(answer, json!([choice])))
    };
    let mut events = vec![chunk(json!({"role": "assistant", "content": ""}), None)];
    let texts = pieces(&answer.text);
    events.extend(texts.map(|text| chunk(json!({"content": text}), None)));
    for (index, call) in answer.calls.iter().enumerate() {
        let mut opening = whole_call(call);
        opening["index"] = json!(index);
        opening["function"]["arguments"] = json!("");
        events.push(chunk(json!({"tool_calls": [opening]}), None));
        for piece in pieces(&call.input.to_json().to_string()) {
            let more = json!({"index": index, "function": {"arguments": piece}});
            events.push(chunk(json!({"tool_calls": [more]}), None));
        }
    }
    events.push(chunk(json!({}), Some(finish_reason(answer))));
    if request["stream_options"]["include_usage"] == true {
        let mut last = chunk_of(answer, json!([]));
        last["usage"] = usage_json(answer.usage);
        events.push(event(&last));
    }
    events.push(b"data: [DONE]\n\n".to_vec());
    events
}

/// The body of an error.
pub(super) fn error_body(error: &ModelError) -> Value {
    let (class, code) = match error.status {
        400 => ("invalid_request_error", None),
        401 => ("invalid_request_error", Some("invalid_api_key")),
        403 => ("invalid_request_error", Some("unsupported_country_region_territory")),
        404 => ("invalid_request_error", Some("model_not_found")),
        429 => ("requests", Some("rate_limit_exceeded")),
        500.. => ("server_error", None),
        _ => ("invalid_request_error", None),
    };
    let class = error.class.as_deref().unwrap_or(class);
    let code = error.code.as_deref().or(code);
    let message = error.message.clone().unwrap_or_else(|| match error.status {
        // Clients are known to look for these words.
        401 => "Incorrect API key provided: scripted.".to_owned(),
        status => format!("scripted: {status}"),
    });
    let mut object = json!({"message": message, "type": class, "param": null, "code": code});
    for (name, value) in &error.fields {
        object[name] = value.clone();
    }
    json!({ "error": object })
}

/// One server-sent event; this protocol does not name them.
pub(super) fn event(data: &Value) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}

fn chunk_of(answer: &Answer, choices: Value) -> Value {
    let mut chunk = Map::new();
    chunk.insert("id".to_owned(), json!(id_of(answer)));
    chunk.insert("object".to_owned(), json!("chat.completion.chunk"));
    chunk.insert("created".to_owned(), json!(CREATED));
    chunk.insert("model".to_owned(), json!(answer.model));
    chunk.insert("choices".to_owned(), choices);
    Value::Object(chunk)
}

fn whole_call(call: &Call) -> Value {
    json!({"id": format!("call_{}", call.id), "type": "function",
        "function": {"name": call.name, "arguments": call.input.to_json().to_string()}})
}

fn id_of(answer: &Answer) -> String {
    format!("chatcmpl-{}", answer.number)
}

fn finish_reason(answer: &Answer) -> &'static str {
    if answer.calls.is_empty() { "stop" } else { "tool_calls" }
}

/// This protocol counts cached tokens as part of the prompt.
fn usage_json(usage: ModelUsage) -> Value {
    let prompt = usage.input + usage.cache_read + usage.cache_write;
    json!({
        "prompt_tokens": prompt, "completion_tokens": usage.output,
        "total_tokens": prompt + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cache_read},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    })
}
