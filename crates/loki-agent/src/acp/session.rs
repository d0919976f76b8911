//! One call as a conversation: from `initialize` to the end of one turn.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent_client_protocol::schema::ProtocolVersion;
use agent_client_protocol::v1::ConnectionTo;
use agent_client_protocol::v1::schema::{
    AgentCapabilities, AuthMethod, AuthenticateRequest, CancelNotification, ContentBlock,
    Implementation, InitializeRequest, LoadSessionRequest, NewSessionRequest, PromptRequest,
    PromptResponse, RequestPermissionOutcome, RequestPermissionRequest, RequestPermissionResponse,
    ResumeSessionRequest, SessionId, SessionNotification, TextContent,
};
use agent_client_protocol::{
    Agent, Channel, Client, Error, ErrorCode, Result, UntypedMessage, on_receive_notification,
    on_receive_request,
};
use loki_model::Effort;

use super::choices::Choices;
use super::permission::{self, Permission};
use super::updates::Updates;
use crate::session::is_session_id;

/// How loki introduces itself.
const NAME: &str = "loki";
/// How the id or the metadata of a way to authenticate says that it needs nobody but a key that the
/// agent has already.
const WITH_A_KEY: &str = "api-key";

/// What a call asks for.
#[derive(Clone, Debug)]
pub(super) struct Wishes {
    pub(super) cwd: PathBuf,
    pub(super) prompt: String,
    pub(super) model: Option<String>,
    pub(super) effort: Option<Effort>,
    pub(super) mode: Option<String>,
    /// When `mode` says nothing, and it is offered.
    pub(super) mode_if_offered: Option<&'static str>,
    pub(super) resume: Option<String>,
    /// What the session had cost in all before, in dollars, where that is known.
    pub(super) spent_before: Option<f64>,
    pub(super) permission: Permission,
}

/// What the conversation has come to so far; shared by its future and its supervisor.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) updates: Updates,
    pub(super) id: Option<SessionId>,
    pub(super) model: Option<String>,
    /// It answered the first request.
    pub(super) spoke: bool,
    pub(super) prompted: bool,
    pub(super) end: Option<End>,
    connection: Option<ConnectionTo<Agent>>,
    /// The turn is to end: nothing is allowed any more.
    stopping: bool,
}

/// How a conversation ended.
#[derive(Debug)]
pub(super) enum End {
    /// The agent ended its turn.
    Turn(PromptResponse),
    /// It answered a request with an error.
    Failed(Error),
    /// It does not offer the model.
    NoSuchModel,
    /// It can not do what the call needs; in one line.
    Unfit(String),
}

impl From<Error> for End {
    fn from(error: Error) -> End {
        End::Failed(error)
    }
}

impl Session {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the agent to end its turn. Returns whether there is one to end.
    pub(super) fn cancel(&self) -> bool {
        let mut state = self.lock();
        state.stopping = true;
        let (Some(id), Some(connection)) = (&state.id, &state.connection) else { return false };
        state.prompted
            && state.end.is_none()
            && connection.send_notification(CancelNotification::new(id.clone())).is_ok()
    }

    /// The whole conversation. Its end is in the state; the connection itself lives on, so that what
    /// comes late is still heard.
    pub(super) async fn serve(self, wishes: Wishes, transport: Channel) -> Result<()> {
        let (for_updates, for_permission) = (self.clone(), self.clone());
        let policy = wishes.permission;
        Client
            .v1()
            .name(NAME)
            .on_receive_notification(
                async move |notification: SessionNotification, _| {
                    for_updates.lock().updates.read(notification.update);
                    Ok(())
                },
                on_receive_notification!(),
            )
            .on_receive_request(
                async move |request: RequestPermissionRequest, responder, _| {
                    responder.respond(for_permission.decide(policy, &request))
                },
                on_receive_request!(),
            )
            .connect_with(transport, async move |connection| {
                self.lock().connection = Some(connection.clone());
                let end = match self.converse(&connection, wishes).await {
                    Ok(response) => End::Turn(response),
                    Err(end) => end,
                };
                self.lock().end.get_or_insert(end);
                connection.incoming_closed().await;
                Ok(())
            })
            .await
    }

    async fn converse(
        &self,
        connection: &ConnectionTo<Agent>,
        wishes: Wishes,
    ) -> std::result::Result<PromptResponse, End> {
        let hello = InitializeRequest::new(ProtocolVersion::V1)
            .client_info(Implementation::new(NAME, env!("CARGO_PKG_VERSION")));
        let agent = connection.send_request(hello).block_task().await?;
        self.lock().spoke = true;
        let can = &agent.agent_capabilities;
        let opened = match self.open(connection, &wishes, can).await {
            Err(End::Failed(error)) if error.code == ErrorCode::AUTH_REQUIRED => {
                authenticate(connection, &agent.auth_methods, error).await?;
                self.open(connection, &wishes, can).await?
            }
            opened => opened?,
        };
        let (id, mut choices) = opened;
        match (&wishes.mode, wishes.mode_if_offered) {
            (Some(mode), _) => choices.set_mode(connection, &id, mode).await?,
            (None, Some(mode)) => match choices.set_mode(connection, &id, mode).await {
                Ok(()) | Err(End::Unfit(_)) => {}
                failed => failed?,
            },
            (None, None) => {}
        }
        if let Some(model) = &wishes.model {
            choices.set_model(connection, &id, model).await?;
        }
        if let Some(effort) = wishes.effort {
            choices.set_effort(connection, &id, effort).await?;
        }
        {
            let mut state = self.lock();
            if state.stopping {
                return Err(Error::request_cancelled().into());
            }
            state.updates.begin(match &wishes.resume {
                None => Some(0.0),
                Some(_) => wishes.spent_before,
            });
            state.model = choices.model();
            state.id = Some(id.clone());
            state.prompted = true;
        }
        let words = vec![ContentBlock::Text(TextContent::new(wishes.prompt))];
        Ok(connection.send_request(PromptRequest::new(id, words)).block_task().await?)
    }

    /// A new session, or the one to go on with.
    async fn open(
        &self,
        connection: &ConnectionTo<Agent>,
        wishes: &Wishes,
        can: &AgentCapabilities,
    ) -> std::result::Result<(SessionId, Choices), End> {
        let cwd = &wishes.cwd;
        // Untyped, because some agents tell of their models in a field that the protocol lost.
        let (id, request) = match &wishes.resume {
            None => (None, UntypedMessage::new("session/new", NewSessionRequest::new(cwd))?),
            Some(id) if can.session_capabilities.resume.is_some() => {
                let request = ResumeSessionRequest::new(id.clone(), cwd);
                (Some(id), UntypedMessage::new("session/resume", request)?)
            }
            Some(id) if can.load_session => {
                let request = LoadSessionRequest::new(id.clone(), cwd);
                (Some(id), UntypedMessage::new("session/load", request)?)
            }
            Some(_) => return Err(End::Unfit("it can not go on with a session".to_owned())),
        };
        self.lock().updates.replay(id.is_some());
        let opened = connection.send_request(request).block_task().await;
        self.lock().updates.replay(false);
        let opened = opened?;
        let id = match id {
            Some(id) => id.as_str(),
            None => opened["sessionId"].as_str().ok_or_else(Error::invalid_params)?,
        };
        Ok((SessionId::new(id), Choices::read(&opened)))
    }

    fn decide(
        &self,
        policy: Permission,
        request: &RequestPermissionRequest,
    ) -> RequestPermissionResponse {
        let mut state = self.lock();
        let call = &request.tool_call;
        state.updates.tool(&call.tool_call_id.0, &call.fields, call.meta.as_ref());
        let outcome = match state.stopping {
            true => RequestPermissionOutcome::Cancelled,
            false => permission::answer(policy, &request.options),
        };
        if policy == Permission::Deny {
            state.updates.denied(call.fields.title.as_deref().unwrap_or_default());
        }
        RequestPermissionResponse::new(outcome)
    }
}

impl State {
    /// The id to go on with later, when it can be believed.
    pub(super) fn session_id(&self) -> Option<String> {
        self.id.as_ref().map(ToString::to_string).filter(|id| is_session_id(id))
    }
}

/// Tries the ways to authenticate that need nobody; `error` says that one is needed.
async fn authenticate(
    connection: &ConnectionTo<Agent>,
    methods: &[AuthMethod],
    error: Error,
) -> Result<()> {
    for method in methods {
        let AuthMethod::Agent(method) = method else { continue };
        let with_a_key = method.id.0.ends_with(WITH_A_KEY)
            || method.meta.as_ref().is_some_and(|meta| meta.contains_key(WITH_A_KEY));
        if !with_a_key {
            continue;
        }
        let request = AuthenticateRequest::new(method.id.clone());
        if connection.send_request(request).block_task().await.is_ok() {
            return Ok(());
        }
    }
    Err(error)
}
