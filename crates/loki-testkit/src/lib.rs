//! Scripted agents, a scripted model server and fixtures, for tests only.
//!
//! Owns everything that an end-to-end test needs to be ten lines long: [`TestRepo`], the [`Loki`]
//! command, a [`Script`] for the `scripted-agent` program, a [`ModelServer`] for real agents, a
//! [`ForgeServer`] that has issues, with a [`ForgeState`] that keeps what it is told, and [`tool`] to find programs. Refuses to be linked into what is
//! shipped: it panics where a test should fail.
//!
//! ```text
//! let repo = TestRepo::new().file("a.py", "x = 1\n").commit("base");
//! let script = Script::new()
//!     .call(|c| c.write("a.py", "x = 2\n").say("LOKI: DONE"))
//!     .save(repo.beside("script.toml"));
//! let ran = Loki::new(env!("CARGO_BIN_EXE_loki"), &repo)
//!     .args(["start", "spec.md", "--provider", &script.provider(), "--json"])
//!     .run()
//!     .expect_code(0);
//! assert_eq!(ran.json_lines().len(), 9);
//! assert_eq!(script.prompts().len(), 1);
//! ```
#![expect(clippy::disallowed_types, reason = "a test drives real programs")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test helper's failure is the test's failure"
)]

pub mod acp_agent;
pub mod agent_script;
pub mod forge_server;
pub mod forge_state;
mod loki;
pub mod model_server;
mod pinned;
mod repo;
mod tools;

pub use acp_agent::{AcpScript, AcpStep};
pub use agent_script::{Call, Script, ScriptFile};
pub use forge_server::{ForgeAnswer, ForgeRequest, ForgeScript, ForgeServer, Paging};
pub use forge_state::{FORGE_REPOSITORY, ForgeState, StoredHook, StoredRequest};
pub use loki::{Loki, Ran, Running};
pub use model_server::{Fault, LoggedRequest, ModelScript, ModelServer, ModelStep, RequestKind};
pub use pinned::{NEWER_NODE, PINNED_AGENTS, PinnedAgent, Registry, pinned_agent};
pub use repo::TestRepo;
pub use tools::{path_with_newer_node, require_tool, scripted_acp_agent, scripted_agent, tool};
