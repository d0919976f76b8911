//! What a session lets its client choose: mode, model, effort.
//!
//! Options come in two forms: as configuration options, and in fields of their own that older agents
//! still use. A model is chosen only when the session then says that it is the one: some agents take
//! another one without a word.

use agent_client_protocol::v1::ConnectionTo;
use agent_client_protocol::v1::schema::{
    SessionConfigKind, SessionConfigOption, SessionConfigOptionCategory, SessionConfigSelect,
    SessionConfigSelectOptions, SessionId, SessionModeState, SetSessionConfigOptionRequest,
    SetSessionModeRequest,
};
use agent_client_protocol::{Agent, UntypedMessage};
use loki_model::Effort;
use serde_json::{Value, json};

use super::session::End;
use crate::shown::shown_on_one_line;

/// What a session offers.
#[derive(Clone, Debug, Default)]
pub(super) struct Choices {
    options: Vec<SessionConfigOption>,
    modes: Option<SessionModeState>,
    models: Vec<String>,
    current_model: Option<String>,
}

impl Choices {
    /// Reads the answer to the request that opened a session.
    pub(super) fn read(opened: &Value) -> Choices {
        let models = &opened["models"];
        let listed = models["availableModels"].as_array().into_iter().flatten();
        Choices {
            options: options_in(opened),
            modes: serde_json::from_value(opened["modes"].clone()).ok(),
            models: listed
                .filter_map(|model| model["modelId"].as_str().map(str::to_owned))
                .collect(),
            current_model: models["currentModelId"].as_str().map(str::to_owned),
        }
    }

    /// The model in use, when the session tells.
    pub(super) fn model(&self) -> Option<String> {
        let option = self.select(&SessionConfigOptionCategory::Model, "model");
        let current = option.map(|(_, select)| select.current_value.to_string());
        current.or_else(|| self.current_model.clone()).map(|model| shown_on_one_line(&model))
    }

    pub(super) async fn set_model(
        &mut self,
        connection: &ConnectionTo<Agent>,
        session: &SessionId,
        model: &str,
    ) -> Result<(), End> {
        if let Some((option, select)) = self.select(&SessionConfigOptionCategory::Model, "model") {
            if select.current_value.0.as_ref() == model {
                return Ok(());
            }
            let request =
                SetSessionConfigOptionRequest::new(session.clone(), option.id.clone(), model);
            let set = connection.send_request(request).block_task().await;
            self.options = set.map_err(|_| End::NoSuchModel)?.config_options;
            let now = self.model();
            return if now.as_deref() == Some(model) { Ok(()) } else { Err(End::NoSuchModel) };
        }
        if self.current_model.as_deref() == Some(model) {
            return Ok(());
        }
        if !self.models.iter().any(|listed| listed == model) {
            return Err(End::NoSuchModel);
        }
        let params = json!({ "sessionId": session, "modelId": model });
        let request = UntypedMessage::new("session/set_model", params)?;
        connection.send_request(request).block_task().await.map_err(|_| End::NoSuchModel)?;
        self.current_model = Some(model.to_owned());
        Ok(())
    }

    /// Where it is offered; an agent that offers no such thing thinks as it likes.
    pub(super) async fn set_effort(
        &mut self,
        connection: &ConnectionTo<Agent>,
        session: &SessionId,
        effort: Effort,
    ) -> Result<(), End> {
        let category = SessionConfigOptionCategory::ThoughtLevel;
        let Some((option, select)) = self.select(&category, "reasoning_effort") else {
            return Ok(());
        };
        let wanted = effort.label();
        if select.current_value.0.as_ref() == wanted || !offers(select, wanted) {
            return Ok(());
        }
        let request =
            SetSessionConfigOptionRequest::new(session.clone(), option.id.clone(), wanted);
        self.options = connection.send_request(request).block_task().await?.config_options;
        Ok(())
    }

    pub(super) async fn set_mode(
        &mut self,
        connection: &ConnectionTo<Agent>,
        session: &SessionId,
        mode: &str,
    ) -> Result<(), End> {
        let offered = self.modes.iter().flat_map(|modes| &modes.available_modes);
        if offered.clone().any(|offered| offered.id.0.as_ref() == mode) {
            let request = SetSessionModeRequest::new(session.clone(), mode.to_owned());
            connection.send_request(request).block_task().await?;
            return Ok(());
        }
        let option = self.select(&SessionConfigOptionCategory::Mode, "mode");
        if let Some((option, _)) = option.filter(|(_, select)| offers(select, mode)) {
            let request =
                SetSessionConfigOptionRequest::new(session.clone(), option.id.clone(), mode);
            self.options = connection.send_request(request).block_task().await?.config_options;
            return Ok(());
        }
        Err(End::Unfit(format!("it has no mode `{}`", shown_on_one_line(mode))))
    }

    fn select(
        &self,
        category: &SessionConfigOptionCategory,
        id: &str,
    ) -> Option<(&SessionConfigOption, &SessionConfigSelect)> {
        let selects = || {
            self.options.iter().filter_map(|option| match &option.kind {
                SessionConfigKind::Select(select) => Some((option, select)),
                _ => None,
            })
        };
        // Cline calls the choice of a provider one of a model too.
        let is = |option: &SessionConfigOption| option.category.as_ref() == Some(category);
        let has_id = |option: &SessionConfigOption| option.id.0.as_ref() == id;
        selects()
            .find(|(option, _)| is(option) && has_id(option))
            .or_else(|| selects().find(|(option, _)| is(option)))
            .or_else(|| selects().find(|(option, _)| has_id(option)))
    }
}

fn options_in(answer: &Value) -> Vec<SessionConfigOption> {
    let options = answer["configOptions"].as_array().into_iter().flatten();
    options.filter_map(|option| serde_json::from_value(option.clone()).ok()).collect()
}

fn offers(select: &SessionConfigSelect, wanted: &str) -> bool {
    let is_wanted = |value: &str| value == wanted;
    match &select.options {
        SessionConfigSelectOptions::Ungrouped(options) => {
            options.iter().any(|option| is_wanted(&option.value.0))
        }
        SessionConfigSelectOptions::Grouped(groups) => {
            groups.iter().flat_map(|group| &group.options).any(|option| is_wanted(&option.value.0))
        }
        _ => false,
    }
}
