//! Coding agents behind one trait.
//!
//! Owns how each agent is started, what its output means, and which of its words are data.
//! Refuses to judge its work, to know what phase a run is in, and to decide from prose.

mod acp;
mod agent;
mod aider;
mod api;
mod catalogue;
mod claim;
mod claude;
mod cline;
mod codex;
mod command;
mod counted;
mod environment;
mod files;
mod hold;
mod lines;
mod open;
mod opencode;
#[cfg(test)]
mod recorded;
mod recording;
mod resets;
mod session;
mod settings;
mod shown;
mod telling;
mod version;
mod words;

pub use acp::{AcpAgent, Permission};
pub use agent::{
    Agent, AgentEvent, Billing, CallResult, CallSpec, Login, Probe, Program, SubAgent,
};
pub use aider::Aider;
pub use api::Api;
pub use catalogue::{Catalogue, kind_of};
pub use claim::{CLAIM_CONTINUE, CLAIM_DONE, claim_of};
pub use claude::Claude;
pub use cline::Cline;
pub use codex::Codex;
pub use command::CommandAgent;
pub use hold::{Hold, UNHELD};
pub use open::{UnknownProvider, known, open};
pub use opencode::Opencode;
pub use recording::{
    NewCall, NewRecording, NotRecordable, Recording, RecordingError, Speed, open_recording,
};
pub use settings::{AgentSettings, FailoverSettings, PriceSetting, SandboxSettings, SettingsError};
