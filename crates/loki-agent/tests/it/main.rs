//! Agents from outside, with real processes.
#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

mod acp;
mod acp_agents;
mod acp_cli;
mod aider_cli;
mod api;
mod claude_cli;
mod codex_cli;
mod command;
mod named;
mod recording;
mod support;
