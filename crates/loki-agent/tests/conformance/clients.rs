//! The table of agents.

mod claude;
mod codex;
mod command;

use crate::client::Client;

pub(crate) const CLIENTS: &[&Client] = &[&claude::CLIENT, &codex::CLIENT, &command::CLIENT];
