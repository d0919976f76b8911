//! A [`Model`] over HTTP, through the crate `genai`.
//!
//! The only place that knows an async runtime: one of its own, on the calling thread, that runs
//! while a question is open. See `docs/decisions/0004-async-boundary.md`.

use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::StreamExt as _;
use futures_util::future::select_all;
use genai::ModelIden;
use genai::adapter::AdapterKind;
use genai::chat::{
    CacheControl, ChatMessage, ChatOptions, ChatRequest, ChatStreamEvent, ContentPart,
    MessageContent, MessageOptions, ReasoningEffort, StopReason, StreamEnd, Tool, ToolResponse,
};
use genai::resolver::{AuthData, Endpoint, ProviderConfig};
use genai::{Error as GenaiError, ServiceTarget};
use loki_host::process::Cancel;
use loki_model::{AgentOutcome, Deadline, Effort, Timestamp, TokenUsage};
use serde_json::{Map, Value, json};
use tokio::net::unix::pipe::Receiver;
use tokio::runtime::Runtime;

use super::failure::{of_event, of_status};
use super::model::{
    Again, Answer, Call, Failure, Message, Model, Question, Stop, ToolOffer, Watch,
};
use super::service::{Dialect, Service};
use crate::shown::shown_on_one_line;

/// Bytes of text and arguments of one answer.
const ANSWER_BYTES_MAX: usize = 8 << 20;
/// Until a connection stands.
const CONNECT_MAX: Duration = Duration::from_secs(20);
/// Sent where no key is needed, since the protocol wants one.
const NO_KEY: &str = "none";

/// A service, ready to be asked.
pub(super) struct Client {
    runtime: Runtime,
    genai: genai::Client,
    service: Service,
}

impl Client {
    /// Fails when the system has no descriptors left.
    pub(super) fn new(service: Service) -> io::Result<Client> {
        // One provider for all of the process; that it was set before is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut web = reqwest::Client::builder()
            .connect_timeout(CONNECT_MAX)
            // A key must not follow to another host.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("loki/", env!("CARGO_PKG_VERSION")));
        if service.is_local() {
            web = web.no_proxy();
        }
        if service.base_url.starts_with("http://") {
            // Nobody shows a certificate there, and to read the system's takes a while.
            web = web.tls_certs_only([]);
        }
        let web = web.build().map_err(io::Error::other)?;
        let genai = genai::Client::builder().with_reqwest(web).build().map_err(io::Error::other)?;
        Ok(Client { runtime, genai, service })
    }

    fn kind(&self) -> AdapterKind {
        match self.service.dialect {
            Dialect::Anthropic => AdapterKind::Anthropic,
            Dialect::OpenAi => AdapterKind::OpenAI,
        }
    }

    fn auth(&self) -> AuthData {
        let key = self.service.key.as_ref().map_or(NO_KEY, |key| &key.value);
        AuthData::from_single(key)
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::from_owned(self.service.base_url.as_str())
    }

    async fn stream(&self, question: &Question<'_>, watch: &Watch<'_>) -> Result<Answer, Failure> {
        let named: Arc<Mutex<Option<String>>> = Arc::default();
        let options = self.options(question, &named);
        let target = ServiceTarget {
            endpoint: self.endpoint(),
            auth: self.auth(),
            model: ModelIden::new(self.kind(), name_as_it_is(question.model)),
        };
        let asked = self.genai.exec_chat_stream(target, self.request(question), Some(&options));
        let mut stream = asked.await.map_err(|err| failure_of(&err))?.stream;
        let mut bytes = 0;
        loop {
            let event = match watch.before_deadline(stream.next()).await? {
                Some(event) => event.map_err(|err| failure_of(&err))?,
                // The body ended well, and the answer did not.
                None => return Err(broken()),
            };
            bytes += match event {
                ChatStreamEvent::End(end) => {
                    let model = named.lock().unwrap_or_else(PoisonError::into_inner).take();
                    return Ok(answer_of(end, model));
                }
                ChatStreamEvent::Chunk(chunk) | ChatStreamEvent::ReasoningChunk(chunk) => {
                    chunk.content.len()
                }
                // One event for each piece of arguments, which takes at least a byte.
                ChatStreamEvent::ToolCallChunk(chunk) => {
                    let all = chunk.tool_call.fn_arguments.as_str().map_or(0, str::len);
                    if all > ANSWER_BYTES_MAX { all } else { 1 }
                }
                _ => 0,
            };
            if bytes > ANSWER_BYTES_MAX {
                return Err(Failure::for_good(AgentOutcome::Garbage));
            }
        }
    }

    fn options(&self, question: &Question<'_>, named: &Arc<Mutex<Option<String>>>) -> ChatOptions {
        let named = Arc::clone(named);
        let mut options = ChatOptions::default()
            .with_capture_usage(true)
            .with_capture_content(true)
            .with_capture_tool_calls(true)
            .with_capture_reasoning_content(true)
            // Exactly as the user wrote it.
            .with_extra_body(json!({"model": question.model}))
            .with_raw_frame_fn(move |_, frame| {
                let mut named = named.lock().unwrap_or_else(PoisonError::into_inner);
                if named.is_none()
                    && let Some(frame) = frame.json()
                {
                    let name =
                        frame["model"].as_str().or_else(|| frame["message"]["model"].as_str());
                    *named = name.map(shown_on_one_line);
                }
            });
        if let Some(effort) = question.effort {
            options = options.with_reasoning_effort(match effort {
                Effort::Low => ReasoningEffort::Low,
                Effort::Medium => ReasoningEffort::Medium,
                Effort::High => ReasoningEffort::High,
                Effort::XHigh => ReasoningEffort::XHigh,
                Effort::Max => ReasoningEffort::Max,
            });
        }
        options
    }

    /// The same beginning for every question of a conversation, so that caches of the service
    /// hold; Anthropic has to be told where they may end.
    fn request(&self, question: &Question<'_>) -> ChatRequest {
        let mut messages = vec![ChatMessage::system(question.system)];
        messages.extend(question.messages.iter().map(message));
        if self.service.dialect == Dialect::Anthropic {
            let last = messages.len() - 1;
            for at in [0, last] {
                let cached = MessageOptions::default().with_cache_control(CacheControl::Ephemeral);
                messages[at].options = Some(cached);
            }
        }
        ChatRequest::new(messages).with_tools(question.tools.iter().map(tool).collect::<Vec<_>>())
    }

    /// Runs `work` until it is done or the rope is pulled.
    fn wait<T>(
        &self,
        cancel: &Cancel,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = pulled(cancel) => Err(Failure::for_good(AgentOutcome::Cancelled)),
                done = work => done,
            }
        })
    }
}

impl Model for Client {
    fn ask(&mut self, question: &Question<'_>, watch: &Watch<'_>) -> Result<Answer, Failure> {
        self.wait(watch.cancel, self.stream(question, watch))
    }

    fn models(&mut self, watch: &Watch<'_>) -> Result<Vec<String>, Failure> {
        let config = ProviderConfig::from((self.endpoint(), self.auth()));
        let ask = async {
            let asked = self.genai.all_model_names(self.kind(), config);
            watch.before_deadline(asked).await?.map_err(|err| failure_of(&err))
        };
        self.wait(watch.cancel, ask)
    }
}

impl Watch<'_> {
    /// What `work` comes to, unless it is silent for too long or the call is over before.
    async fn before_deadline<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        let idle_at = self.idle.and_then(|idle| Instant::now().checked_add(idle));
        let (at, deadline) = match (self.total_at, idle_at) {
            (Some(total), Some(idle)) if idle < total => (idle, Deadline::Idle),
            (Some(total), _) => (total, Deadline::Total),
            (None, Some(idle)) => (idle, Deadline::Idle),
            (None, None) => return Ok(work.await),
        };
        let timed_out = |_| Failure::for_good(AgentOutcome::TimedOut { deadline });
        tokio::time::timeout_at(at.into(), work).await.map_err(timed_out)
    }
}

/// Comes back when the rope is pulled.
async fn pulled(cancel: &Cancel) {
    let watched: io::Result<Vec<Receiver>> =
        cancel.read_fds().map(|fd| Receiver::from_owned_fd(fd.try_clone_to_owned()?)).collect();
    // A rope that can not be watched will not end the wait: end it now.
    let Ok(watched) = watched else { return };
    let ready = watched.iter().map(|rope| Box::pin(rope.readable()));
    drop(select_all(ready).await);
}

/// A name that ends like an effort would be cut there; the request is given the right one.
fn name_as_it_is(model: &str) -> String {
    match ReasoningEffort::from_model_name(model) {
        (Some(_), _) => format!("{model}-"),
        (None, _) => model.to_owned(),
    }
}

fn message(message: &Message) -> ChatMessage {
    match message {
        Message::User(text) => ChatMessage::user(text.as_str()),
        Message::Assistant { text, calls, replay } => {
            let replayed = serde_json::from_value::<MessageContent>(replay.clone());
            ChatMessage::assistant(replayed.unwrap_or_else(|_| content_of(text, calls)))
        }
        Message::Results(results) => {
            let responses = results
                .iter()
                .map(|result| ToolResponse::new(result.id.as_str(), result.text.as_str()));
            ChatMessage::tool(MessageContent::from_tool_responses(responses.collect()))
        }
    }
}

/// What is left of an answer without what only its own service understands.
fn content_of(text: &str, calls: &[Call]) -> MessageContent {
    let text = (!text.is_empty()).then(|| ContentPart::from_text(text));
    let calls = calls.iter().map(|call| {
        ContentPart::ToolCall(genai::chat::ToolCall {
            call_id: call.id.clone(),
            fn_name: call.tool.clone(),
            fn_arguments: Value::Object(call.arguments.clone().unwrap_or_default()),
            thought_signatures: None,
        })
    });
    MessageContent::from_parts(text.into_iter().chain(calls).collect::<Vec<_>>())
}

fn tool(offer: &ToolOffer) -> Tool {
    Tool::new(offer.name).with_description(offer.description).with_schema(offer.schema.clone())
}

fn answer_of(end: StreamEnd, model: Option<String>) -> Answer {
    let stop = match end.captured_stop_reason {
        Some(StopReason::MaxTokens(_)) => Stop::Length,
        Some(StopReason::ContentFilter(_)) => Stop::Withheld,
        _ => Stop::Done,
    };
    let mut parts = end.captured_content.map(MessageContent::into_parts).unwrap_or_default();
    let mut calls = Vec::new();
    for part in &mut parts {
        let ContentPart::ToolCall(call) = part else { continue };
        let arguments = read_arguments(&call.fn_arguments);
        // What is no object would be refused when it comes back.
        call.fn_arguments = Value::Object(arguments.clone().unwrap_or_default());
        let (id, tool) = (call.call_id.clone(), call.fn_name.clone());
        calls.push(Call { id, tool, arguments });
    }
    let content = MessageContent::from_parts(parts);
    Answer {
        text: content.joined_texts().unwrap_or_default(),
        calls,
        replay: serde_json::to_value(&content).unwrap_or_default(),
        usage: end.captured_usage.as_ref().map(usage),
        stop,
        model,
    }
}

/// A tool without arguments may be called with none at all.
fn read_arguments(arguments: &Value) -> Option<Map<String, Value>> {
    match arguments {
        Value::Object(fields) => Some(fields.clone()),
        Value::Null => Some(Map::new()),
        Value::String(text) if text.trim().is_empty() => Some(Map::new()),
        _ => None,
    }
}

/// Cached tokens are part of what `genai` counts as the prompt.
fn usage(usage: &genai::chat::Usage) -> TokenUsage {
    let count = |tokens: Option<i32>| u64::try_from(tokens.unwrap_or(0)).unwrap_or(0);
    let details = usage.prompt_tokens_details.as_ref();
    let cache_read = count(details.and_then(|details| details.cached_tokens));
    let cache_write = count(details.and_then(|details| details.cache_creation_tokens));
    let input = count(usage.prompt_tokens).saturating_sub(cache_read + cache_write);
    TokenUsage { input, output: count(usage.completion_tokens), cache_read, cache_write }
}

fn failure_of(err: &GenaiError) -> Failure {
    if let (Some(status), Some(headers)) = (err.status(), err.headers()) {
        let header =
            |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        return of_status(status.as_u16(), &header, body_of(err), now());
    }
    match err {
        GenaiError::WebStream { error, .. } => match error.downcast_ref::<GenaiError>() {
            Some(inner) => failure_of(inner),
            None => broken(),
        },
        GenaiError::ChatResponse { body, .. } => of_event(body),
        GenaiError::WebModelCall { .. }
        | GenaiError::WebAdapterCall { .. }
        | GenaiError::StreamParse { .. }
        | GenaiError::JsonValueExt(_)
        | GenaiError::SerdeJson(_)
        | GenaiError::InvalidJsonResponseElement { .. } => broken(),
        other => {
            let detail = shown_on_one_line(&other.to_string());
            Failure::for_good(AgentOutcome::Crashed { exit_code: None, detail })
        }
    }
}

fn body_of(err: &GenaiError) -> &str {
    match err {
        GenaiError::HttpError { body, .. } => body,
        GenaiError::WebModelCall { webc_error, .. }
        | GenaiError::WebAdapterCall { webc_error, .. } => match webc_error {
            genai::webc::Error::ResponseFailedStatus { body, .. } => body,
            _ => "",
        },
        _ => "",
    }
}

/// No connection, one that broke, or an answer that the protocol does not allow: something on the
/// side of the service is broken.
fn broken() -> Failure {
    Failure { outcome: AgentOutcome::Overloaded, again: Again::Soon }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_object_or_nothing_at_all_are_arguments() {
        for (arguments, expected) in [
            (json!({"a": 1}), Some(1)),
            (json!(null), Some(0)),
            (json!(""), Some(0)),
            (json!("{\"a\": "), None),
            (json!([1]), None),
            (json!("{\"a\": 1}"), None),
        ] {
            let count = read_arguments(&arguments).map(|fields| fields.len());
            assert_eq!(count, expected, "{arguments}");
        }
    }

    #[test]
    fn cached_tokens_are_no_part_of_the_input() {
        let counted: genai::chat::Usage = serde_json::from_value(json!({"prompt_tokens": 100,
            "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 60,
            "cache_creation_tokens": 30}}))
        .unwrap();
        let expected = TokenUsage { input: 10, output: 7, cache_read: 60, cache_write: 30 };
        assert_eq!(usage(&counted), expected);
        assert_eq!(usage(&genai::chat::Usage::default()), TokenUsage::default());
    }
}
