//! Serves one connection: finds out what a request is for, answers it, and goes wrong on demand.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use super::answer::Answer;
use super::http::{Request, Requests, send, send_chunk, send_stream_head};
use super::protocol::Protocol;
use super::script::{Fault, MainRequests, ModelError, ModelStep, Op};
use super::{LoggedRequest, RequestKind, Shared, tools};

/// A background request that offers tools, so that only its text tells it apart.
const SUGGESTION_MODE: &str = "[SUGGESTION MODE: ";
/// A client that says nothing for this long is gone.
const SILENCE_MAX: Duration = Duration::from_secs(600);
/// Headers whose values are not kept.
const SECRET_HEADERS: [&str; 5] =
    ["authorization", "x-api-key", "x-goog-api-key", "api-key", "cookie"];
/// Words before the working directory in what clients tell their models.
const CWD_LABELS: [&str; 3] = ["Primary working directory: ", "Working directory: ", "<cwd>"];

/// Where clients tell their models anything.
const TOLD: [&str; 6] =
    ["system", "instructions", "input", "messages", "systemInstruction", "contents"];
/// What no protocol takes for an event.
const GARBAGE: &[u8] = b"\x00\xff\xfe<html>502 Bad Gateway</html>\ndata: {\"type\": garbage\n\n";

/// Serves requests until the client or a fault ends the connection.
pub(super) fn serve(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(SILENCE_MAX))?;
    stream.set_nodelay(true)?;
    let mut requests = Requests::new(stream);
    while let Some(request) = requests.next()? {
        if !answer(stream, shared, &request)? || shared.is_stopping() {
            break;
        }
    }
    Ok(())
}

/// Answers one request; false when the connection must not be used again.
fn answer(stream: &TcpStream, shared: &Shared, request: &Request) -> io::Result<bool> {
    let path = request.path.split('?').next().unwrap_or_default();
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let is_post = request.method == "POST";
    if let (true, Some(protocol)) = (is_post, Protocol::of(path)) {
        return answer_message(stream, shared, request, protocol, body);
    }
    let (kind, status, reply) = if is_post && path.ends_with(":countTokens") {
        (RequestKind::Meta, 200, json!({"totalTokens": request.body.len() / 4}))
    } else if is_post && path.ends_with("/messages/count_tokens") {
        (RequestKind::Meta, 200, json!({"input_tokens": request.body.len() / 4}))
    } else if !is_post && path.ends_with("/models") {
        // Codex has a list of its own.
        let models = json!({"object": "list", "data": [model_json("scripted-model")],
            "models": [], "has_more": false});
        (RequestKind::Meta, 200, models)
    } else if let (false, Some((_, id))) = (is_post, path.rsplit_once("/models/")) {
        (RequestKind::Meta, 200, model_json(id))
    } else if !is_post && matches!(path, "/" | "/v1") {
        (RequestKind::Meta, 200, json!({}))
    } else {
        let not_found = ModelError { status: 404, ..ModelError::default() };
        (RequestKind::Unknown, 404, Protocol::Anthropic.error_body(&not_found))
    };
    shared.log(logged(request, kind, body, None));
    let with_body = request.method != "HEAD";
    send(stream, status, &BTreeMap::new(), reply.to_string().as_bytes(), with_body)?;
    Ok(true)
}

/// A model as both Anthropic and OpenAI list it.
fn model_json(id: &str) -> Value {
    json!({"id": id, "type": "model", "display_name": id, "created_at": "2025-01-01T00:00:00Z",
        "object": "model", "created": 0, "owned_by": "scripted"})
}

fn answer_message(
    stream: &TcpStream,
    shared: &Shared,
    request: &Request,
    protocol: Protocol,
    body: Value,
) -> io::Result<bool> {
    let text = String::from_utf8_lossy(&request.body);
    let offered = protocol.tools(&body);
    let main = is_main(shared, &offered, &text);
    let (index, step) = if main {
        let (index, step) = shared.take_step();
        (Some(index), step)
    } else {
        (None, ModelStep::said(&shared.script.side_text))
    };
    let step = filled_in(step, &variables(shared, &body));
    let kind = if main { RequestKind::Main } else { RequestKind::Side };
    shared.log(logged(request, kind, body.clone(), index));
    shared.pause(Duration::from_millis(step.delay_ms));
    if let (Some(error), None) = (&step.error, step.fault) {
        let reply = protocol.error_body(error).to_string();
        send(stream, error.status, &error.headers, reply.as_bytes(), true)?;
        return Ok(true);
    }
    if step.fault == Some(Fault::HangBefore) {
        hang(stream);
        return Ok(false);
    }
    if step.fault == Some(Fault::Reset) {
        reset(stream)?;
        return Ok(false);
    }
    let path = &request.path;
    let model = protocol.model(path, &body);
    let answer = Answer::new(shared.next_answer(), &model, &offered, &step);
    if protocol.is_streamed(path, &body) {
        return stream_events(stream, shared, &step, protocol, &answer, &body);
    }
    match step.fault {
        None => {
            let reply = protocol.whole(&answer).to_string();
            send(stream, 200, &step.headers, reply.as_bytes(), true)?;
        }
        Some(Fault::Hang) => hang(stream),
        Some(Fault::Abort) => reset(stream)?,
        Some(Fault::Garbage) => send(stream, 200, &step.headers, GARBAGE, true)?,
        Some(_) => {}
    }
    Ok(step.fault.is_none())
}

fn stream_events(
    stream: &TcpStream,
    shared: &Shared,
    step: &ModelStep,
    protocol: Protocol,
    answer: &Answer,
    body: &Value,
) -> io::Result<bool> {
    let mut events = protocol.events(answer, body);
    if step.fault.is_some() {
        events.truncate(step.fault_after.unwrap_or((events.len() / 2).max(1)));
    }
    send_stream_head(stream, &step.headers)?;
    for event in &events {
        send_chunk(stream, event)?;
        shared.pause(Duration::from_millis(step.event_delay_ms));
    }
    match step.fault {
        Some(Fault::Hang | Fault::HangBefore) => {
            hang(stream);
            return Ok(false);
        }
        Some(Fault::Abort | Fault::Reset) => {
            reset(stream)?;
            return Ok(false);
        }
        Some(Fault::Garbage) => send_chunk(stream, GARBAGE)?,
        Some(Fault::StreamError) => {
            let overloaded = ModelError { status: 529, ..ModelError::default() };
            let error = step.error.as_ref().unwrap_or(&overloaded);
            send_chunk(stream, &protocol.error_event(answer, error))?;
        }
        Some(Fault::Eof) | None => {}
    }
    send_chunk(stream, b"")?;
    Ok(true)
}

fn is_main(shared: &Shared, offered: &[tools::Tool], text: &str) -> bool {
    let mut side = shared.script.side_patterns.iter().map(String::as_str).chain([SUGGESTION_MODE]);
    if side.any(|pattern| text.contains(pattern)) {
        return false;
    }
    shared.script.main == MainRequests::Always || tools::lets_work(offered)
}

/// Says nothing until the client goes away or the server stops.
fn hang(mut stream: &TcpStream) {
    let mut buffer = [0; 512];
    while stream.read(&mut buffer).is_ok_and(|read| read > 0) {}
}

/// Makes the coming close a reset (RST) instead of an orderly end.
fn reset(stream: &TcpStream) -> io::Result<()> {
    rustix::net::sockopt::set_socket_linger(stream, Some(Duration::ZERO))?;
    Ok(())
}

/// The script's variables and, unless it sets that itself, the client's working directory.
fn variables(shared: &Shared, body: &Value) -> BTreeMap<String, String> {
    let mut vars = shared.script.vars.clone();
    if !vars.contains_key("cwd") {
        let told = TOLD.iter().find_map(|&field| cwd_in(&body[field]));
        // A client that does not tell takes paths as below it.
        vars.insert("cwd".to_owned(), told.unwrap_or_else(|| ".".to_owned()));
    }
    vars
}

/// The working directory as told in any text below `value`.
fn cwd_in(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => CWD_LABELS.iter().find_map(|label| {
            let rest = &text[text.find(label)? + label.len()..];
            let path = rest.split(['\n', '<']).next()?.trim();
            path.starts_with('/').then(|| path.to_owned())
        }),
        Value::Array(values) => values.iter().find_map(cwd_in),
        Value::Object(fields) => fields.values().find_map(cwd_in),
        _ => None,
    }
}

fn filled_in(mut step: ModelStep, vars: &BTreeMap<String, String>) -> ModelStep {
    let fill = |text: &mut String| {
        for (name, value) in vars {
            *text = text.replace(&format!("{{{name}}}"), value);
        }
    };
    fill(&mut step.text);
    for op in &mut step.ops {
        match op {
            Op::Write { path, content } => {
                fill(path);
                fill(content);
            }
            Op::Shell { command } => fill(command),
            Op::Read { path } => fill(path),
            Op::Raw { name: _, input } => fill_json(input, &fill),
        }
    }
    step
}

fn fill_json(value: &mut Value, fill: &impl Fn(&mut String)) {
    match value {
        Value::String(text) => fill(text),
        Value::Array(values) => values.iter_mut().for_each(|value| fill_json(value, fill)),
        Value::Object(fields) => fields.values_mut().for_each(|value| fill_json(value, fill)),
        _ => {}
    }
}

fn logged(request: &Request, kind: RequestKind, body: Value, step: Option<usize>) -> LoggedRequest {
    let mut headers = request.headers.clone();
    for (name, value) in &mut headers {
        if SECRET_HEADERS.contains(&name.as_str()) {
            "present".clone_into(value);
        }
    }
    let (method, path) = (request.method.clone(), request.path.clone());
    LoggedRequest { kind, method, path, headers, body, step }
}
