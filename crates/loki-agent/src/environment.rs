//! What of loki's own environment an agent must not see, and what a call of it sees of a variable.

use std::ffi::{OsStr, OsString};

/// Loki's own settings, among them where its trusted state is.
const OWN_PREFIX: &str = "LOKI_";
/// Would make git work on another repository than the one the agent is in.
const GIT_PLACES: [&str; 6] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
];

/// Tell a Claude Code that it was started by another one, which it is not: by loki.
const NESTING: [&str; 5] = [
    "CLAUDECODE",
    "CLAUDE_CODE_ENTRYPOINT",
    "CLAUDE_CODE_EXECPATH",
    "CLAUDE_CODE_SESSION_ID",
    "CLAUDE_CODE_SSE_PORT",
];

/// Without it a Claude Code with root's rights refuses to skip permissions, also below other agents.
const AS_ROOT: &str = "IS_SANDBOX";

/// Variables to set for any agent.
pub(crate) fn set_for_agents() -> Vec<(OsString, OsString)> {
    let root = rustix::process::geteuid().is_root();
    root.then(|| (AS_ROOT.into(), "1".into())).into_iter().collect()
}

/// Names to remove before any agent is started.
pub(crate) fn hidden_from_agents() -> Vec<OsString> {
    hidden_among(std::env::vars_os().map(|(name, _)| name))
}

fn hidden_among(names: impl Iterator<Item = OsString>) -> Vec<OsString> {
    names
        .filter(|name| name.as_encoded_bytes().starts_with(OWN_PREFIX.as_bytes()))
        .chain(GIT_PLACES.map(OsString::from))
        .chain(NESTING.map(OsString::from))
        .collect()
}

/// The value that a call sees of a variable: the last of those set for it in `own`, else the one that
/// loki has; nothing for an empty one.
pub(crate) fn variable_of(own: &[(OsString, OsString)], name: &str) -> Option<OsString> {
    let set = own.iter().rev().find(|(set, _)| set == OsStr::new(name));
    set.map(|(_, value)| value.clone())
        .or_else(|| std::env::var_os(name))
        .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lokis_own_settings_and_foreign_repositories_are_hidden() {
        let names = ["LOKI_HOME", "PATH", "MY_LOKI_X", "SCRIPTED_AGENT", "LOKI_"];
        let hidden = hidden_among(names.into_iter().map(OsString::from));
        assert_eq!(hidden[..2], ["LOKI_HOME", "LOKI_"]);
        assert_eq!(hidden[2..][..GIT_PLACES.len()], GIT_PLACES);
    }
}
