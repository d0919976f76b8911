//! The scripted model server, through a raw socket.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use loki_testkit::{Fault, ModelScript, ModelServer, ModelStep, RequestKind};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    /// Why reading ended before the end of the body.
    pub(crate) broken: Option<ErrorKind>,
}

fn connect(server: &ModelServer) -> TcpStream {
    let address = server.base_url();
    let stream = TcpStream::connect(address.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

pub(crate) fn ask(server: &ModelServer, method: &str, path: &str, body: &Value) -> Reply {
    let mut stream = connect(server);
    let body = body.to_string();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: x\r\nx-api-key: secret\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    read_reply(&mut stream)
}

fn read_reply(stream: &mut TcpStream) -> Reply {
    let mut bytes = Vec::new();
    let broken = stream.read_to_end(&mut bytes).err().map(|err| err.kind());
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Reply { status, head: head.to_owned(), body: body.to_owned(), broken }
}

fn message(stream: bool) -> Value {
    let properties = json!({"file_path": {"type": "string"}, "content": {"type": "string"}});
    json!({
        "model": "m", "stream": stream, "messages": [],
        "system": [{"type": "text", "text": "# Env\n - Primary working directory: /w\n - more"}],
        "tools": [{"name": "Write", "input_schema": {"properties": properties,
            "required": ["file_path", "content"]}}],
    })
}

fn post(server: &ModelServer, body: &Value) -> Reply {
    ask(server, "POST", "/v1/messages?beta=true", body)
}

/// As Codex asks: a shell that takes arguments, a patch as a text, tools in a named group.
fn response_request(stream: bool) -> Value {
    let properties = json!({"cmd": {"type": "string"}});
    json!({
        "model": "m", "stream": stream, "instructions": "You are an agent.",
        "input": [{"type": "message", "role": "user", "content": [{"type": "input_text",
            "text": "<environment_context>\n  <cwd>/w</cwd>\n</environment_context>"}]}],
        "tools": [
            {"type": "namespace", "name": "shell", "tools": [{"type": "function",
                "name": "exec_command", "parameters": {"properties": properties,
                "required": ["cmd"]}}]},
            {"type": "custom", "name": "apply_patch"},
            {"type": "web_search"},
        ],
    })
}

fn respond(server: &ModelServer, body: &Value) -> Reply {
    ask(server, "POST", "/v1/responses", body)
}

fn text_of(reply: &Reply) -> String {
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    body["content"][0]["text"].as_str().unwrap().to_owned()
}

#[test]
fn steps_are_taken_in_order_and_then_all_is_done() {
    let server = ModelServer::start(ModelScript::new([
        ModelStep { times: 2, ..ModelStep::said("one") },
        ModelStep::said("two"),
    ]));
    let said: Vec<_> = (0..4).map(|_| text_of(&post(&server, &message(false)))).collect();
    assert_eq!(said, ["one", "one", "two", "All steps done."]);
    let steps: Vec<_> = server.requests().iter().map(|request| request.step).collect();
    assert_eq!(steps, [Some(0), Some(0), Some(1), Some(2)]);
}

#[test]
fn a_write_becomes_a_call_of_the_offered_tool_below_the_clients_directory() {
    let server = ModelServer::start(ModelScript::new([ModelStep::said("hm")
        .write("a.txt", "x\n")
        .usage(7, 8, 9)]));
    let reply = post(&server, &message(false));
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(body["content"][1]["name"], "Write");
    assert_eq!(body["content"][1]["input"], json!({"file_path": "/w/a.txt", "content": "x\n"}));
    assert_eq!(body["stop_reason"], "tool_use");
    assert_eq!(body["usage"]["cache_read_input_tokens"], 9);
}

#[test]
fn a_streamed_answer_has_every_event_of_the_protocol() {
    let server =
        ModelServer::start(ModelScript::new([ModelStep::said("hello").write("a.txt", "x\n")]));
    let reply = post(&server, &message(true));
    let events: Vec<_> =
        reply.body.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(
        events,
        [
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop"
        ]
    );
    assert!(reply.body.ends_with("0\r\n\r\n"));
}

#[test]
fn a_response_calls_a_function_and_a_free_form_tool() {
    let step = ModelStep::said("hm").write("a.txt", "x\n").shell("ls").usage(7, 8, 9);
    let server = ModelServer::start(ModelScript::new([step]));
    let reply = respond(&server, &response_request(false));
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(body["output"][0]["content"][0]["text"], "hm");
    assert_eq!(body["output"][1]["type"], "custom_tool_call");
    let patch = "*** Begin Patch\n*** Add File: /w/a.txt\n+x\n*** End Patch\n";
    assert_eq!(body["output"][1]["input"], patch);
    assert_eq!(body["output"][2]["arguments"], r#"{"cmd":"ls"}"#);
    assert_eq!(body["usage"]["input_tokens"], 16);
    assert_eq!(body["usage"]["input_tokens_details"]["cached_tokens"], 9);
}

#[test]
fn a_streamed_response_has_every_event_of_the_protocol() {
    let step = ModelStep::said("hello").write("a.txt", "x\n").shell("ls");
    let server = ModelServer::start(ModelScript::new([step]));
    let reply = respond(&server, &response_request(true));
    let events: Vec<_> =
        reply.body.lines().filter_map(|line| line.strip_prefix("event: response.")).collect();
    let expected = "created in_progress output_item.added content_part.added output_text.delta \
         output_text.done content_part.done output_item.done output_item.added \
         custom_tool_call_input.delta custom_tool_call_input.done output_item.done \
         output_item.added function_call_arguments.delta function_call_arguments.done \
         output_item.done completed";
    assert_eq!(events.join(" "), expected);
    assert!(reply.body.contains(r#""sequence_number":16"#), "{}", reply.body);
}

#[test]
fn an_error_of_a_response_has_its_code_and_further_fields() {
    let step =
        ModelStep::failed(429).class("usage_limit_reached").field("resets_at", 1_900_000_000);
    let server = ModelServer::start(ModelScript::new([
        step,
        ModelStep::said("x").fault(Fault::StreamError),
    ]));
    let reply = respond(&server, &response_request(true));
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!((reply.status, &body["error"]["type"]), (429, &json!("usage_limit_reached")));
    assert_eq!(body["error"]["resets_at"], 1_900_000_000);
    let inside = respond(&server, &response_request(true));
    assert!(inside.body.contains("event: response.failed"), "{}", inside.body);
}

#[test]
fn requests_beside_the_work_take_no_step() {
    let server = ModelServer::start(ModelScript {
        side_text: "a title".to_owned(),
        ..ModelScript::new([ModelStep::said("one")])
    });
    let title = post(&server, &json!({"model": "m"}));
    let mut suggestion = message(false);
    suggestion["messages"] = json!([{"role": "user", "content": "[SUGGESTION MODE: go]"}]);
    let suggested = post(&server, &suggestion);
    let count = ask(&server, "POST", "/v1/messages/count_tokens", &json!({}));
    let head = ask(&server, "HEAD", "/", &Value::Null);
    let models = ask(&server, "GET", "/v1/models", &Value::Null);
    let unknown = ask(&server, "GET", "/other", &Value::Null);
    assert_eq!([text_of(&title), text_of(&suggested)], ["a title", "a title"]);
    let statuses = [count.status, head.status, models.status, unknown.status];
    assert_eq!(statuses, [200, 200, 200, 404]);
    assert_eq!(head.body, "");
    assert_eq!(text_of(&post(&server, &message(false))), "one");
    use RequestKind::{Main, Meta, Side, Unknown};
    let kinds: Vec<_> = server.requests().iter().map(|request| request.kind).collect();
    assert_eq!(kinds, [Side, Side, Meta, Meta, Meta, Unknown, Main]);
}

#[test]
fn an_error_has_its_status_headers_and_class() {
    let step = ModelStep::failed(429).header("retry-after", "7");
    let server = ModelServer::start(ModelScript::always(step));
    for _ in 0..2 {
        let reply = post(&server, &message(true));
        assert_eq!(reply.status, 429);
        assert!(reply.head.contains("retry-after: 7"), "{}", reply.head);
        assert!(reply.body.contains("rate_limit_error"), "{}", reply.body);
    }
}

#[test]
fn an_aborted_answer_is_a_reset_connection() {
    let step = ModelStep::said("hello").fault(Fault::Abort);
    let server = ModelServer::start(ModelScript::new([step]));
    let reply = post(&server, &message(true));
    assert_eq!(reply.broken, Some(ErrorKind::ConnectionReset));
}

#[test]
fn a_connection_can_be_reset_instead_of_an_answer() {
    let step = ModelStep::said("hello").fault(Fault::Reset);
    let server = ModelServer::start(ModelScript::new([step]));
    let reply = post(&server, &message(true));
    assert_eq!((reply.status, reply.broken), (0, Some(ErrorKind::ConnectionReset)));
}

#[test]
fn garbage_comes_after_some_events_and_ends_well() {
    let step = ModelStep::said("hello").fault(Fault::Garbage);
    let server = ModelServer::start(ModelScript::new([step]));
    let reply = post(&server, &message(true));
    assert_eq!(reply.broken, None);
    assert!(reply.body.contains("message_start"), "{}", reply.body);
    assert!(reply.body.contains("502 Bad Gateway"), "{}", reply.body);
    assert!(!reply.body.contains("message_stop"), "{}", reply.body);
}

#[test]
fn a_cut_answer_ends_well_but_early() {
    let step = ModelStep::said("hello").fault(Fault::Eof);
    let server = ModelServer::start(ModelScript::new([step]));
    let reply = post(&server, &message(true));
    assert_eq!(reply.broken, None);
    assert!(reply.body.ends_with("0\r\n\r\n"));
    assert!(!reply.body.contains("message_stop"));
}

#[test]
fn an_error_can_come_inside_a_stream() {
    let step = ModelStep::said("hello").fault(Fault::StreamError);
    let server = ModelServer::start(ModelScript::new([step]));
    let reply = post(&server, &message(true));
    assert_eq!(reply.status, 200);
    assert!(reply.body.contains("event: error"), "{}", reply.body);
    assert!(reply.body.contains("overloaded_error"), "{}", reply.body);
}

#[test]
fn a_hanging_answer_ends_when_the_server_is_dropped() {
    let step = ModelStep::said("x").fault(Fault::Hang);
    let server = ModelServer::start(ModelScript::new([step]));
    let mut stream = send_without_closing(&server);
    let mut begun = String::new();
    while !begun.contains("message_start") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        begun.push(char::from(byte[0]));
    }
    drop(server);
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("message_stop"), "{rest}");
}

#[test]
fn a_request_can_be_left_without_any_answer() {
    let step = ModelStep::said("x").fault(Fault::HangBefore);
    let server = ModelServer::start(ModelScript::new([step]));
    let mut stream = send_without_closing(&server);
    assert!(server.wait_for_main_requests(1, PATIENCE));
    drop(server);
    assert_eq!(read_reply(&mut stream).head, "");
}

fn send_without_closing(server: &ModelServer) -> TcpStream {
    let mut stream = connect(server);
    let body = message(true).to_string();
    write!(stream, "POST /v1/messages HTTP/1.1\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .unwrap();
    stream
}

#[test]
fn a_connection_is_kept_and_a_chunked_request_is_read() {
    let server =
        ModelServer::start(ModelScript::new([ModelStep::said("one"), ModelStep::said("two")]));
    let mut stream = connect(&server);
    let body = message(false).to_string();
    let (first, second) = body.split_at(10);
    for _ in 0..2 {
        write!(
            stream,
            "POST /v1/messages HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n\
             {:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
            first.len(),
            second.len()
        )
        .unwrap();
    }
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let reply = read_reply(&mut stream);
    assert!(reply.body.contains("\"one\"") && reply.body.contains("\"two\""), "{}", reply.body);
}

#[test]
fn nonsense_on_the_wire_ends_the_connection_only() {
    let server = ModelServer::start(ModelScript::new([ModelStep::said("one")]));
    for nonsense in ["\0\0\0\r\n\r\n", "POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n", "GET"] {
        let mut stream = connect(&server);
        stream.write_all(nonsense.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        assert_eq!(read_reply(&mut stream).body, "");
    }
    assert_eq!(text_of(&post(&server, &message(false))), "one");
}

#[test]
fn keys_are_not_kept_in_the_log() {
    let server = ModelServer::start(ModelScript::default());
    post(&server, &message(false));
    assert_eq!(server.requests()[0].headers["x-api-key"], "present");
}

#[test]
fn a_scenario_is_read_from_json_and_a_wrong_key_is_named() {
    let script = ModelScript::parse(
        r#"{"loop_last": true, "steps": [{"error": {"status": 529}, "times": 3},
            {"text": "t", "ops": [{"op": "shell", "command": "ls"}], "fault": "hang",
             "fault_after": 3, "usage": {"input": 1}}]}"#,
    )
    .unwrap();
    assert_eq!((script.steps[0].times, script.steps[1].usage.output), (3, 50));
    let err = ModelScript::parse(r#"{"steps": [{"txt": "x"}]}"#).unwrap_err();
    assert!(err.contains("`txt`"), "{err}");
}
