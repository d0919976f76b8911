//! The scripted model server speaking OpenAI Chat Completions, through a raw socket.

use loki_testkit::model_server::{ModelError, Op};
use loki_testkit::{Fault, ModelScript, ModelServer, ModelStep, RequestKind};
use serde_json::{Value, json};

use crate::model_server::{Reply, ask};

fn request(stream: bool) -> Value {
    let string = json!({"type": "string"});
    json!({
        "model": "m", "stream": stream, "stream_options": {"include_usage": true},
        "messages": [{"role": "system", "content": "<env>\n  Working directory: /w\n</env>"}],
        "tools": [
            {"type": "function", "function": {"name": "write", "parameters": {
                "properties": {"filePath": string, "content": string}}}},
            {"type": "function", "function": {"name": "bash", "parameters": {
                "properties": {"command": string, "timeout": {"type": ["integer", "null"]}},
                "required": ["command"]}}},
        ],
    })
}

fn post(server: &ModelServer, body: &Value) -> Reply {
    ask(server, "POST", "/v1/chat/completions", body)
}

fn json_of(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap()
}

/// The data of all events; the closing word as a string.
fn events_of(reply: &Reply) -> Vec<Value> {
    let data = reply.body.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).unwrap_or_else(|_| json!(data))).collect()
}

/// What a client makes of the pieces of call number `index`.
fn call_in(events: &[Value], index: usize) -> (String, Value) {
    let (mut name, mut arguments) = (String::new(), String::new());
    for call in
        events.iter().flat_map(|event| event["choices"][0]["delta"]["tool_calls"].as_array())
    {
        for call in call.iter().filter(|call| call["index"] == index) {
            name.push_str(call["function"]["name"].as_str().unwrap_or_default());
            arguments.push_str(call["function"]["arguments"].as_str().unwrap_or_default());
        }
    }
    (name, serde_json::from_str(&arguments).unwrap())
}

fn working() -> ModelServer {
    let step = ModelStep::said("hello").write("a.txt", "x\n").shell("ls").usage(7, 8, 9);
    ModelServer::start(ModelScript::new([step]))
}

#[test]
fn an_answer_in_one_piece_has_text_calls_and_usage() {
    let body = json_of(&post(&working(), &request(false)));
    let choice = &body["choices"][0];
    assert_eq!(choice["message"]["content"], "hello");
    assert_eq!(choice["finish_reason"], "tool_calls");
    let calls = &choice["message"]["tool_calls"];
    assert_eq!(calls[0]["function"]["name"], "write");
    let arguments: Value =
        serde_json::from_str(calls[0]["function"]["arguments"].as_str().unwrap()).unwrap();
    assert_eq!(arguments, json!({"filePath": "/w/a.txt", "content": "x\n"}));
    assert_ne!(calls[0]["id"], calls[1]["id"]);
    // Cached tokens are part of the prompt in this protocol.
    assert_eq!(body["usage"]["prompt_tokens"], 16);
    assert_eq!(body["usage"]["prompt_tokens_details"]["cached_tokens"], 9);
    assert_eq!(body["usage"]["completion_tokens"], 8);
}

#[test]
fn a_streamed_answer_carries_parallel_calls_in_pieces() {
    let events = events_of(&post(&working(), &request(true)));
    assert_eq!(events[0]["choices"][0]["delta"]["role"], "assistant");
    let text: String = events
        .iter()
        .filter_map(|event| event["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(text, "hello");
    let write = json!({"filePath": "/w/a.txt", "content": "x\n"});
    assert_eq!(call_in(&events, 0), ("write".to_owned(), write));
    assert_eq!(call_in(&events, 1), ("bash".to_owned(), json!({"command": "ls"})));
    let [.., finish, usage, done] = &events[..] else { panic!("{events:?}") };
    assert_eq!(finish["choices"][0]["finish_reason"], "tool_calls");
    assert_eq!(usage["choices"], json!([]));
    assert_eq!(usage["usage"]["total_tokens"], 24);
    assert_eq!(done, "[DONE]");
}

#[test]
fn usage_is_streamed_only_to_who_asked_for_it() {
    let mut unasked = request(true);
    unasked["stream_options"] = Value::Null;
    let events = events_of(&post(&working(), &unasked));
    assert!(events.iter().all(|event| event["usage"].is_null()), "{events:?}");
    assert_eq!(events.last().unwrap(), "[DONE]");
}

#[test]
fn requests_beside_the_work_take_no_step() {
    let server = working();
    let title = post(&server, &json!({"model": "m", "messages": []}));
    assert_eq!(json_of(&title)["choices"][0]["message"]["content"], "Scripted");
    let models = json_of(&ask(&server, "GET", "/v1/models", &Value::Null));
    assert_eq!(models["data"][0]["object"], "model");
    assert_eq!(json_of(&ask(&server, "GET", "/v1/models/x", &Value::Null))["id"], "x");
    assert_eq!(
        json_of(&post(&server, &request(false)))["choices"][0]["message"]["content"],
        "hello"
    );
    use RequestKind::{Main, Meta, Side};
    let kinds: Vec<_> = server.requests().iter().map(|request| request.kind).collect();
    assert_eq!(kinds, [Side, Meta, Meta, Main]);
}

#[test]
fn a_client_without_tools_gets_edits_and_commands_as_text() {
    let step = ModelStep::said("I will.").write("a.txt", "x\n").shell("ls");
    let script = ModelScript {
        main: loki_testkit::model_server::MainRequests::Always,
        ..ModelScript::new([step])
    };
    let server = ModelServer::start(script);
    let body = json_of(&post(&server, &json!({"model": "m", "messages": []})));
    assert_eq!(
        body["choices"][0]["message"]["content"],
        "I will.\n\n./a.txt\n```\n<<<<<<< SEARCH\n=======\nx\n>>>>>>> REPLACE\n```\n\n\n\
         ```bash\nls\n```\n"
    );
}

#[test]
fn every_error_has_the_class_and_code_that_openai_gives_it() {
    let expected = [
        (400, "invalid_request_error", None),
        (401, "invalid_request_error", Some("invalid_api_key")),
        (404, "invalid_request_error", Some("model_not_found")),
        (429, "requests", Some("rate_limit_exceeded")),
        (500, "server_error", None),
    ];
    let server = ModelServer::start(ModelScript::new(
        expected.map(|(status, ..)| ModelStep::failed(status).header("retry-after", "7")),
    ));
    for (status, class, code) in expected {
        let reply = post(&server, &request(true));
        assert_eq!(reply.status, status);
        assert!(reply.head.contains("retry-after: 7"), "{}", reply.head);
        let error = &json_of(&reply)["error"];
        assert_eq!((&error["type"], &error["code"]), (&json!(class), &json!(code)));
    }
}

#[test]
fn a_script_may_name_the_class_and_code_of_an_error() {
    let error = ModelError {
        status: 429,
        class: Some("insufficient_quota".to_owned()),
        code: Some("insufficient_quota".to_owned()),
        ..ModelError::default()
    };
    let step = ModelStep { error: Some(error), ..ModelStep::default() };
    let reply = post(&ModelServer::start(ModelScript::new([step])), &request(false));
    assert_eq!(json_of(&reply)["error"]["code"], "insufficient_quota");
}

#[test]
fn an_error_can_come_inside_a_stream() {
    let step = ModelStep::said("hello").fault(Fault::StreamError);
    let reply = post(&ModelServer::start(ModelScript::new([step])), &request(true));
    assert_eq!(reply.status, 200);
    let events = events_of(&reply);
    assert_eq!(events.last().unwrap()["error"]["type"], "server_error");
}

#[test]
fn garbage_can_come_instead_of_the_rest() {
    for stream in [true, false] {
        let step = ModelStep::said("hello").fault(Fault::Garbage);
        let reply = post(&ModelServer::start(ModelScript::new([step])), &request(stream));
        assert_eq!((reply.status, reply.broken), (200, None));
        assert!(reply.body.contains("garbage") && !reply.body.contains("[DONE]"), "{}", reply.body);
    }
}

#[test]
fn a_tool_that_takes_a_patch_or_a_list_is_served_too() {
    let tool = |name: &str, key: &str, kind: &str| {
        json!({"type": "function", "function": {"name": name,
            "parameters": {"properties": {key: {"type": kind}}}}})
    };
    let mut body = request(false);
    body["tools"] = json!([
        tool("apply_patch", "input", "string"),
        tool("shell", "command", "array"),
        tool("read_files", "paths", "array")
    ]);
    let step = ModelStep {
        ops: vec![
            Op::Write { path: "a".to_owned(), content: "x\ny\n".to_owned() },
            Op::Shell { command: "ls".to_owned() },
            Op::Read { path: "b".to_owned() },
        ],
        ..ModelStep::default()
    };
    let reply = json_of(&post(&ModelServer::start(ModelScript::new([step])), &body));
    let calls = &reply["choices"][0]["message"]["tool_calls"];
    let arguments = |index: usize| -> Value {
        serde_json::from_str(calls[index]["function"]["arguments"].as_str().unwrap()).unwrap()
    };
    let patch = "*** Begin Patch\n*** Add File: a\n+x\n+y\n*** End Patch\n";
    assert_eq!(arguments(0), json!({"input": patch}));
    assert_eq!(arguments(1), json!({"command": ["bash", "-lc", "ls"]}));
    assert_eq!(arguments(2), json!({"paths": ["b"]}));
}
