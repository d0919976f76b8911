//! Coding agents behind one trait.
//!
//! Owns how each agent is started, what its output means, and which of its words are data.
//! Refuses to judge its work, to know what phase a run is in, and to decide from prose.

mod agent;
mod catalogue;
mod claim;
mod claude;
mod command;
mod environment;
mod lines;
mod open;
mod recording;
mod settings;
mod shown;
mod words;

pub use agent::{
    Agent, AgentEvent, Billing, CallResult, CallSpec, Login, Probe, Program, SubAgent,
};
pub use catalogue::{Catalogue, kind_of};
pub use claim::{CLAIM_CONTINUE, CLAIM_DONE, claim_of};
pub use claude::Claude;
pub use command::CommandAgent;
pub use open::{UnknownProvider, known, open};
pub use recording::{
    NewCall, NewRecording, NotRecordable, Recording, RecordingError, Speed, open_recording,
};
pub use settings::{AgentSettings, FailoverSettings, PriceSetting, SettingsError};
