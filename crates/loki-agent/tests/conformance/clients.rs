//! The table of agents.

mod aider;
mod api;
mod claude;
mod codex;
mod command;

use crate::client::Client;

pub(crate) const CLIENTS: &[&Client] = &[
    &claude::CLIENT,
    &codex::CLIENT,
    &aider::CLIENT,
    &api::CHAT,
    &api::ANTHROPIC,
    &command::CLIENT,
];
