//! The agent itself: the crate's agent side, with a thread for its input and one for the rest.

use std::future::{Future, poll_fn};
use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use agent_client_protocol::v1::schema::{
    AuthenticateRequest, AuthenticateResponse, CancelNotification, InitializeRequest,
    InitializeResponse, PromptRequest, PromptResponse, RequestPermissionRequest,
};
use agent_client_protocol::v1::{ConnectionTo, Dispatch, Responder};
use agent_client_protocol::{
    Agent, Channel, Client, Error, Handled, Result, TransportFrame, UntypedMessage,
    on_receive_dispatch, on_receive_notification, on_receive_request,
};
use serde_json::{Value, json};

use super::{AcpScript, AcpStep};

/// The only session there is.
const SESSION: &str = "s-1";

/// Plays the script at `path` until the client hangs up.
pub fn play(path: &Path) -> ExitCode {
    let text = std::fs::read_to_string(path).expect("the script can be read");
    let script: AcpScript = serde_json::from_str(&text).expect("the script is one");
    let (mut ours, theirs) = Channel::duplex();
    let here = Arc::new(Here(thread::current()));
    let heard = ours.tx.clone();
    let (log, waker) = (script.log.clone(), Arc::clone(&here));
    thread::spawn(move || {
        let mut log = std::fs::File::options().create(true).append(true).open(log).expect("a log");
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            writeln!(log, "{line}").expect("the log can be written");
            let _ = heard.unbounded_send(TransportFrame::parse_json(&line));
            waker.0.unpark();
        }
        std::process::exit(0);
    });
    let player = Player::new(script);
    let mut future = pin!(player.serve(theirs));
    let waker = Waker::from(here);
    loop {
        let over = future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
        while let Ok(frame) = ours.rx.try_recv() {
            print_raw(&format!("{}\n", frame.to_json().expect("frames are JSON")));
        }
        if over {
            return ExitCode::SUCCESS;
        }
        thread::park();
    }
}

struct Here(Thread);

impl Wake for Here {
    fn wake(self: Arc<Here>) {
        self.0.unpark();
    }
}

#[derive(Clone)]
struct Player {
    script: Arc<AcpScript>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    cwd: PathBuf,
    unlocked: bool,
    cancelled: bool,
    waiting: Option<Waker>,
}

impl Player {
    fn new(script: AcpScript) -> Player {
        let state = State { unlocked: !script.locked, ..State::default() };
        Player { script: Arc::new(script), state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(self, transport: Channel) -> Result<()> {
        let (hello, unlock, prompt, cancel, rest) =
            (self.clone(), self.clone(), self.clone(), self.clone(), self);
        Agent
            .v1()
            .on_receive_request(
                async move |request: InitializeRequest,
                            responder,
                            connection: ConnectionTo<Client>| {
                    let Some(mut answer) = hello.script.hello.clone() else {
                        // Kept, because a dropped one would be answered.
                        return connection.spawn(async move {
                            let () = std::future::pending().await;
                            responder.respond(InitializeResponse::new(request.protocol_version))
                        });
                    };
                    answer["protocolVersion"] = json!(request.protocol_version);
                    responder.respond(serde_json::from_value::<InitializeResponse>(answer)?)
                },
                on_receive_request!(),
            )
            .on_receive_request(
                async move |request: AuthenticateRequest, responder, _| {
                    if unlock.script.key.as_deref() != Some(&request.method_id.0) {
                        return responder.respond_with_error(Error::auth_required());
                    }
                    unlock.state().unlocked = true;
                    responder.respond(AuthenticateResponse::new())
                },
                on_receive_request!(),
            )
            .on_receive_request(
                async move |_: PromptRequest, responder, connection: ConnectionTo<Client>| {
                    let player = prompt.clone();
                    let client = connection.clone();
                    connection.spawn(async move { player.turn(&client, responder).await })
                },
                on_receive_request!(),
            )
            .on_receive_notification(
                async move |_: CancelNotification, _| {
                    let mut state = cancel.state();
                    state.cancelled = true;
                    state.waiting.take().into_iter().for_each(Waker::wake);
                    Ok(())
                },
                on_receive_notification!(),
            )
            .on_receive_dispatch(
                async move |message: Dispatch, connection: ConnectionTo<Client>| match message {
                    Dispatch::Request(request, responder) => {
                        match rest.answer(&request, &connection) {
                            Ok(answer) => responder.respond(answer)?,
                            Err(error) => responder.respond_with_error(error)?,
                        }
                        Ok(Handled::Yes)
                    }
                    message => Ok(Handled::No { message, retry: false }),
                },
                on_receive_dispatch!(),
            )
            .connect_to(transport)
            .await
    }

    fn answer(&self, request: &UntypedMessage, connection: &ConnectionTo<Client>) -> Result<Value> {
        let params = request.params();
        match request.method() {
            "session/new" | "session/load" | "session/resume" if !self.state().unlocked => {
                Err(Error::auth_required())
            }
            method @ ("session/new" | "session/load" | "session/resume") => {
                self.state().cwd = params["cwd"].as_str().unwrap_or_default().into();
                let mut answer = self.script.opened.clone();
                if method == "session/new" {
                    answer["sessionId"] = json!(SESSION);
                } else {
                    for update in &self.script.past {
                        connection.send_notification(told(update)?)?;
                    }
                }
                Ok(answer)
            }
            "session/set_config_option" => {
                let mut options = self.script.opened["configOptions"].clone();
                for option in options.as_array_mut().into_iter().flatten() {
                    if option["id"] == params["configId"] {
                        let instead = self.script.model_instead.as_ref().map(|it| json!(it));
                        option["currentValue"] = instead.unwrap_or_else(|| params["value"].clone());
                    }
                }
                Ok(json!({ "configOptions": options }))
            }
            "session/set_mode" | "session/set_model" => Ok(json!({})),
            _ => Err(Error::method_not_found()),
        }
    }

    async fn turn(
        self,
        client: &ConnectionTo<Client>,
        responder: Responder<PromptResponse>,
    ) -> Result<()> {
        for step in &self.script.steps {
            match step {
                AcpStep::Say { text } => client.send_notification(said(text)?)?,
                AcpStep::Update { update } => client.send_notification(told(update)?)?,
                AcpStep::Ask { title, kinds } => {
                    let answer = client.send_request(question(title, kinds)?).block_task().await?;
                    let answer = serde_json::to_value(answer)?;
                    client.send_notification(said(&answer["outcome"].to_string())?)?;
                }
                AcpStep::Request { method, params, times } => {
                    for _ in 0..*times {
                        let request = UntypedMessage::new(method, params)?;
                        client.send_request(request).on_receiving_result(async |_| Ok(()))?;
                    }
                }
                AcpStep::Raw { text, times } => (0..*times).for_each(|_| print_raw(text)),
                AcpStep::Write { path, content } => {
                    let path = self.state().cwd.join(path);
                    std::fs::write(path, content).map_err(Error::into_internal_error)?;
                }
                AcpStep::AwaitCancel => self.cancelled().await,
                AcpStep::Hang => std::future::pending().await,
                AcpStep::Exit { code } => std::process::exit(*code),
                AcpStep::Fail { code, data } => {
                    let error = Error::new(*code, "it failed").data(data.clone());
                    return responder.respond_with_error(error);
                }
                AcpStep::End { answer } => {
                    return responder.respond(serde_json::from_value(answer.clone())?);
                }
            }
        }
        responder.respond(serde_json::from_value(json!({ "stopReason": "end_turn" }))?)
    }

    async fn cancelled(&self) {
        poll_fn(|context| {
            let mut state = self.state();
            if state.cancelled {
                return Poll::Ready(());
            }
            state.waiting = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

fn told(update: &Value) -> Result<UntypedMessage> {
    UntypedMessage::new("session/update", json!({ "sessionId": SESSION, "update": update }))
}

fn said(text: &str) -> Result<UntypedMessage> {
    let content = json!({ "type": "text", "text": text });
    told(&json!({ "sessionUpdate": "agent_message_chunk", "content": content }))
}

fn question(title: &str, kinds: &[String]) -> Result<RequestPermissionRequest> {
    let option = |kind: &String| json!({ "optionId": kind, "name": kind, "kind": kind });
    let options: Vec<Value> = kinds.iter().map(option).collect();
    let call = json!({ "toolCallId": title, "title": title, "status": "pending" });
    let params = json!({ "sessionId": SESSION, "toolCall": call, "options": options });
    Ok(serde_json::from_value(params)?)
}

fn print_raw(text: &str) {
    // A client that is gone does not listen.
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}
