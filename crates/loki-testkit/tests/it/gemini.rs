//! The scripted model server speaking Gemini `generateContent`, through a raw socket.

use loki_testkit::{Fault, ModelScript, ModelServer, ModelStep, RequestKind};
use serde_json::{Value, json};

use crate::model_server::{Reply, ask};

const WHOLE: &str = "/v1beta/models/gemini-2.5-pro:generateContent";
const STREAM: &str = "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse";

fn request() -> Value {
    let string = json!({"type": "string"});
    json!({
        "systemInstruction": {"parts": [{"text": "Working directory: /w\n"}]},
        "contents": [{"role": "user", "parts": [{"text": "Go."}]}],
        "tools": [{"functionDeclarations": [
            {"name": "write_file", "parametersJsonSchema": {
                "properties": {"file_path": string, "content": string}}},
            {"name": "run_shell_command", "parameters": {
                "properties": {"command": string}, "required": ["command"]}},
        ]}],
    })
}

fn working() -> ModelServer {
    let step = ModelStep::said("hello").write("a.txt", "x\n").shell("ls").usage(7, 8, 9);
    ModelServer::start(ModelScript::new([step]))
}

fn events_of(reply: &Reply) -> Vec<Value> {
    let data = reply.body.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter_map(|data| serde_json::from_str(data).ok()).collect()
}

#[test]
fn an_answer_in_one_piece_has_text_calls_and_usage() {
    let reply = ask(&working(), "POST", WHOLE, &request());
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    let parts = &body["candidates"][0]["content"]["parts"];
    assert_eq!(parts[0]["text"], "hello");
    let write = json!({"file_path": "/w/a.txt", "content": "x\n"});
    assert_eq!(parts[1]["functionCall"]["args"], write);
    assert_eq!(parts[2]["functionCall"]["args"], json!({"command": "ls"}));
    assert_eq!(body["modelVersion"], "gemini-2.5-pro");
    assert_eq!(body["usageMetadata"]["promptTokenCount"], 16);
}

#[test]
fn a_streamed_answer_ends_with_its_reason_and_usage() {
    let events = events_of(&ask(&working(), "POST", STREAM, &request()));
    let [text, calls, end] = &events[..] else { panic!("{events:?}") };
    assert_eq!(text["candidates"][0]["content"]["parts"][0]["text"], "hello");
    let parts = calls["candidates"][0]["content"]["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 2);
    assert_eq!(end["candidates"][0]["finishReason"], "STOP");
    assert_eq!(end["usageMetadata"]["totalTokenCount"], 24);
}

#[test]
fn an_error_has_its_status_and_says_when_to_come_back() {
    let server = ModelServer::start(ModelScript::new([
        ModelStep::failed(429).header("retry-after", "7"),
        ModelStep::said("hello").fault(Fault::StreamError),
    ]));
    let reply = ask(&server, "POST", STREAM, &request());
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!((reply.status, &body["error"]["status"]), (429, &json!("RESOURCE_EXHAUSTED")));
    assert_eq!(body["error"]["details"][0]["retryDelay"], "7s");
    let events = events_of(&ask(&server, "POST", STREAM, &request()));
    assert_eq!(events.last().unwrap()["error"]["status"], "UNAVAILABLE");
}

#[test]
fn requests_beside_the_work_take_no_step() {
    let server = working();
    let count = ask(&server, "POST", "/v1beta/models/m:countTokens", &json!({}));
    assert!(count.body.contains("totalTokens"), "{}", count.body);
    ask(&server, "POST", WHOLE, &json!({"contents": []}));
    let kinds: Vec<_> = server.requests().iter().map(|request| request.kind).collect();
    assert_eq!(kinds, [RequestKind::Meta, RequestKind::Side]);
}
