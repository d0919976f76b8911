//! The table of agents.

mod acp_claude;
mod acp_codex;
mod acp_gemini;
mod aider;
mod api;
mod claude;
mod cline;
mod codex;
mod command;
mod opencode;

use crate::client::Client;

pub(crate) const CLIENTS: &[&Client] = &[
    &claude::CLIENT,
    &codex::CLIENT,
    &opencode::CLIENT,
    &cline::CLIENT,
    &acp_codex::CLIENT,
    &acp_claude::CLIENT,
    &acp_gemini::CLIENT,
    &aider::CLIENT,
    &api::CHAT,
    &api::ANTHROPIC,
    &command::CLIENT,
];
