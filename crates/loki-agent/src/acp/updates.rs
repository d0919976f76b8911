//! What a session's updates add up to: activities, last words, usage, trouble.

use std::collections::BTreeMap;

use agent_client_protocol::v1::schema::{
    ContentBlock, ContentChunk, SessionUpdate, ToolCall, ToolCallContent, ToolCallStatus,
    ToolCallUpdateFields, ToolKind, UsageUpdate,
};
use loki_model::{Activity, Cost, Usd};
use serde_json::Value;

use super::trouble::{Trouble, trouble_of};
use crate::shown::{held, shown, shown_on_one_line};
use crate::telling::telling_argument;

/// A message is cut to what is held of it when it is twice as long.
const TEXT_BYTES_MAX: usize = 256 << 10;
/// Activities that wait to be shown; more in one go are dropped.
const ACTIVITIES_MAX: usize = 1000;
/// Tools that are told apart in one turn.
const TOOLS_MAX: usize = 10_000;
/// Messages without a tool between them, from which on nothing will come of them. One or two are usual;
/// opencode summarises a conversation that is too long again and again.
const MESSAGES_IN_A_ROW_MAX: u32 = 12;
/// The only money that loki counts.
const CURRENCY: &str = "USD";

/// All that the updates of one call said so far.
#[derive(Debug, Default)]
pub(super) struct Updates {
    activities: Vec<Activity>,
    message: Message,
    last_words: String,
    /// Messages since a tool was used last.
    messages_in_a_row: u32,
    tools: BTreeMap<String, Tool>,
    /// A loaded session tells its past: it is no activity of this call.
    replays: bool,
    /// Told before this call asked for anything.
    cost_before: Option<f64>,
    cost: Option<f64>,
    model: Option<String>,
    trouble: Option<Trouble>,
}

/// A message in the making.
#[derive(Debug, Default)]
struct Message {
    id: Option<String>,
    text: String,
}

#[derive(Debug, Default)]
struct Tool {
    name: String,
    detail: String,
    shown: bool,
    failed: bool,
}

impl Updates {
    /// What was seen since this was asked last.
    pub(super) fn take_activities(&mut self) -> Vec<Activity> {
        std::mem::take(&mut self.activities)
    }

    /// Whether what comes now is the past.
    pub(super) fn replay(&mut self, replays: bool) {
        self.replays = replays;
        if !replays {
            self.message = Message::default();
            self.messages_in_a_row = 0;
            self.last_words.clear();
        }
    }

    /// What comes from now on belongs to this call. `known`: what the session had cost before, unless
    /// it has just told.
    pub(super) fn begin(&mut self, known: Option<f64>) {
        self.cost_before = self.cost.or(known);
        self.trouble = None;
    }

    /// What this call cost, as far as the agent told.
    pub(super) fn cost(&self) -> Cost {
        match self.spent() {
            Some(usd) => Cost::Known { usd },
            None => Cost::Unknown,
        }
    }

    /// Totals are those of the session.
    pub(super) fn spent(&self) -> Option<Usd> {
        Usd::from_dollars((self.cost? - self.cost_before?).max(0.0))
    }

    pub(super) fn goes_in_circles(&self) -> bool {
        self.messages_in_a_row > MESSAGES_IN_A_ROW_MAX
    }

    /// What the session cost in all, in dollars.
    pub(super) fn total(&self) -> Option<f64> {
        self.cost
    }

    pub(super) fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// What the agent said of its service last, when it was no good news.
    pub(super) fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    /// The message that is under way has ended.
    pub(super) fn end_message(&mut self) {
        let Message { text, .. } = std::mem::take(&mut self.message);
        if text.trim().is_empty() {
            return;
        }
        self.messages_in_a_row = self.messages_in_a_row.saturating_add(1);
        self.see(Activity::Said { text: shown(&text) });
        self.last_words = text;
    }

    pub(super) fn last_words(&self) -> &str {
        if self.message.text.trim().is_empty() { &self.last_words } else { &self.message.text }
    }

    pub(super) fn read(&mut self, update: SessionUpdate) {
        match update {
            SessionUpdate::AgentMessageChunk(chunk) => {
                self.goes_on();
                self.said(&chunk);
            }
            SessionUpdate::ToolCall(call) => {
                self.goes_on();
                self.tool_began(call);
            }
            SessionUpdate::ToolCallUpdate(update) => {
                self.goes_on();
                self.tool(&update.tool_call_id.0, &update.fields, update.meta.as_ref());
            }
            SessionUpdate::UsageUpdate(update) => self.used(&update),
            SessionUpdate::SessionInfoUpdate(info) => {
                if let Some(trouble) = info.meta.as_ref().and_then(trouble_of) {
                    self.troubled(trouble);
                }
            }
            // Thoughts, plans, commands, and what later versions add.
            _ => {}
        }
    }

    /// A tool call, also one that is known only from its request for permission.
    pub(super) fn tool(
        &mut self,
        id: &str,
        fields: &ToolCallUpdateFields,
        meta: Option<&serde_json::Map<String, Value>>,
    ) {
        self.end_message();
        self.messages_in_a_row = 0;
        if self.tools.len() >= TOOLS_MAX && !self.tools.contains_key(id) {
            return;
        }
        let tool = self.tools.entry(id.to_owned()).or_default();
        let claude = meta.and_then(|meta| meta.get("claudeCode")?.get("toolName")?.as_str());
        let name = fields.name.as_deref().or(claude).map(shown_on_one_line);
        let kind = fields.kind.as_ref().map(|kind| kind_name(*kind).to_owned());
        if let Some(name) = name.or(kind.filter(|_| tool.name.is_empty())) {
            tool.name = name;
        }
        let telling = fields.raw_input.as_ref().map(telling_argument).filter(|it| !it.is_empty());
        let title = fields.title.as_deref().map(shown_on_one_line);
        let is_told = telling.is_some();
        if let Some(detail) = telling.or(title.filter(|_| tool.detail.is_empty())) {
            tool.detail = detail;
        }
        let status = fields.status.unwrap_or_default();
        // Its arguments come late, often as several updates: it is shown once they tell something.
        let begins = is_told || status != ToolCallStatus::Pending;
        let used = (begins && !tool.shown)
            .then(|| Activity::Used { tool: tool.name.clone(), detail: tool.detail.clone() });
        tool.shown |= begins;
        let failed = (status == ToolCallStatus::Failed && !tool.failed)
            .then(|| Activity::ToolFailed { detail: printed(fields) });
        tool.failed |= failed.is_some();
        used.into_iter().chain(failed).for_each(|activity| self.see(activity));
    }

    /// An agent's wish that was turned down.
    pub(super) fn denied(&mut self, what: &str) {
        let detail = format!("permission denied: {}", shown_on_one_line(what));
        self.see(Activity::ToolFailed { detail });
    }

    /// The model answers again: what it was tried again for is over.
    fn goes_on(&mut self) {
        self.trouble.iter_mut().for_each(Trouble::goes_on);
    }

    fn tool_began(&mut self, call: ToolCall) {
        let mut fields = ToolCallUpdateFields::new()
            .status(call.status)
            .kind(call.kind)
            .title(call.title)
            .content(call.content);
        fields.name = call.name;
        fields.raw_input = call.raw_input;
        fields.raw_output = call.raw_output;
        self.tool(&call.tool_call_id.0, &fields, call.meta.as_ref());
    }

    fn said(&mut self, chunk: &ContentChunk) {
        let id = chunk.message_id.as_ref().map(ToString::to_string);
        if id.is_some() && self.message.id.is_some() && id != self.message.id {
            self.end_message();
        }
        self.message.id = id;
        if let ContentBlock::Text(text) = &chunk.content {
            self.message.text.push_str(&text.text);
        }
        if self.message.text.len() > 2 * TEXT_BYTES_MAX {
            self.message.text = held(&self.message.text);
        }
    }

    fn used(&mut self, update: &UsageUpdate) {
        if let Some(cost) = update.cost.as_ref().filter(|cost| cost.currency == CURRENCY) {
            self.cost = Some(cost.amount);
        }
        let model = update.meta.as_ref().and_then(|meta| meta.get("_claude/model")?.as_str());
        if let Some(model) = model {
            self.model = Some(shown_on_one_line(model));
        }
    }

    fn troubled(&mut self, trouble: Trouble) {
        if trouble.retries() {
            self.see(Activity::Retrying { reason: trouble.reason() });
        }
        // The end of a turn says only that there was trouble; what kind was said before.
        match &mut self.trouble {
            Some(known) => known.and_then(trouble),
            none => *none = Some(trouble),
        }
    }

    fn see(&mut self, activity: Activity) {
        if !self.replays && self.activities.len() < ACTIVITIES_MAX {
            self.activities.push(activity);
        }
    }
}

/// What a failed tool printed.
fn printed(fields: &ToolCallUpdateFields) -> String {
    let content = fields.content.iter().flatten().find_map(|content| match content {
        ToolCallContent::Content(content) => match &content.content {
            ContentBlock::Text(text) => Some(text.text.as_str()),
            _ => None,
        },
        _ => None,
    });
    let output = fields.raw_output.as_ref();
    let raw = output.and_then(|output| {
        let named = ["error", "output", "stderr", "message"];
        output.as_str().or_else(|| named.iter().find_map(|&name| output[name].as_str()))
    });
    shown(content.or(raw).unwrap_or_default())
}

fn kind_name(kind: ToolKind) -> &'static str {
    match kind {
        ToolKind::Read => "read",
        ToolKind::Edit => "edit",
        ToolKind::Delete => "delete",
        ToolKind::Move => "move",
        ToolKind::Search => "search",
        ToolKind::Execute => "execute",
        ToolKind::Think => "think",
        ToolKind::Fetch => "fetch",
        ToolKind::SwitchMode => "switch mode",
        _ => "tool",
    }
}
