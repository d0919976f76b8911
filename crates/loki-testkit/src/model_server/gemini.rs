//! Gemini `generateContent`: answers, their events, and errors.

use serde_json::{Value, json};

use super::answer::{Answer, pieces};
use super::script::ModelError;
use super::tools::Tool;

/// How the path of a request ends that wants the answer in pieces.
const STREAM: &str = ":streamGenerateContent";
/// The same in one piece.
const WHOLE: &str = ":generateContent";

/// Whether an answer is asked for at `path`, which has no query.
pub(super) fn is_asked_at(path: &str) -> bool {
    path.ends_with(STREAM) || path.ends_with(WHOLE)
}

/// Whether it is wanted in pieces.
pub(super) fn is_streamed(path: &str) -> bool {
    path.contains(STREAM)
}

/// The model, which is part of the path.
pub(super) fn model(path: &str) -> String {
    let name = path.split("models/").nth(1).unwrap_or_default();
    name.split(':').next().unwrap_or_default().to_owned()
}

/// The tools of a request: functions in groups.
pub(super) fn tools(body: &Value) -> Vec<Tool> {
    let groups = body["tools"].as_array().into_iter().flatten();
    let functions = groups.flat_map(|group| {
        let named = ["functionDeclarations", "function_declarations"];
        named.into_iter().find_map(|name| group[name].as_array()).into_iter().flatten()
    });
    functions.filter_map(tool).collect()
}

fn tool(function: &Value) -> Option<Tool> {
    let name = function["name"].as_str()?.to_owned();
    let schemas = ["parametersJsonSchema", "parameters"].map(|field| &function[field]);
    let schema = schemas.into_iter().find(|schema| schema.is_object()).cloned().unwrap_or_default();
    Some(Tool { name, schema, is_free_form: false })
}

/// The whole answer.
pub(super) fn message(answer: &Answer) -> Value {
    let text = (!answer.text.is_empty()).then(|| json!({"text": answer.text}));
    let parts: Vec<Value> = text.into_iter().chain(calls(answer)).collect();
    last(answer, &json!(parts))
}

/// The same as server-sent events.
pub(super) fn events(answer: &Answer) -> Vec<Vec<u8>> {
    let texts = pieces(&answer.text).map(|piece| chunk(answer, &json!([{"text": piece}])));
    let calls: Vec<Value> = calls(answer).collect();
    let calls = (!calls.is_empty()).then(|| chunk(answer, &json!(calls)));
    let end = last(answer, &json!([{"text": ""}]));
    texts.chain(calls).chain([end]).map(|data| event(&data)).collect()
}

/// The body of an error.
pub(super) fn error_body(error: &ModelError) -> Value {
    let class = error.class.as_deref().unwrap_or(match error.status {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        500 => "INTERNAL",
        503 | 529 => "UNAVAILABLE",
        _ => "UNKNOWN",
    });
    let message = error.message.clone().unwrap_or_else(|| format!("scripted {class}"));
    let mut object = json!({"code": error.status, "message": message, "status": class});
    if let (429, Some(seconds)) = (error.status, error.headers.get("retry-after")) {
        object["details"] = json!([{"@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": format!("{seconds}s")}]);
    }
    for (name, value) in &error.fields {
        object[name] = value.clone();
    }
    json!({ "error": object })
}

/// One server-sent event; this protocol does not name them.
pub(super) fn event(data: &Value) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}

fn calls(answer: &Answer) -> impl Iterator<Item = Value> {
    answer.calls.iter().map(|call| {
        json!({"functionCall": {"id": format!("call_{}", call.id), "name": call.name,
            "args": call.input.to_json()}})
    })
}

fn chunk(answer: &Answer, parts: &Value) -> Value {
    let candidate = json!({"index": 0, "content": {"role": "model", "parts": parts}});
    json!({"candidates": [candidate], "modelVersion": answer.model,
        "responseId": format!("resp_{}", answer.number)})
}

/// The chunk that ends the answer and tells what it used.
fn last(answer: &Answer, parts: &Value) -> Value {
    let mut last = chunk(answer, parts);
    last["candidates"][0]["finishReason"] = json!("STOP");
    let usage = &answer.usage;
    // This protocol counts cached tokens as part of the prompt.
    let prompt = usage.input + usage.cache_read;
    last["usageMetadata"] = json!({
        "promptTokenCount": prompt, "candidatesTokenCount": usage.output,
        "cachedContentTokenCount": usage.cache_read, "thoughtsTokenCount": usage.reasoning,
        "totalTokenCount": prompt + usage.output + usage.reasoning,
    });
    last
}
