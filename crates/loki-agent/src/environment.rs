//! What of loki's own environment an agent must not see.

use std::ffi::OsString;

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

/// Names to remove before any agent is started.
pub(crate) fn hidden_from_agents() -> Vec<OsString> {
    std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| name.as_encoded_bytes().starts_with(OWN_PREFIX.as_bytes()))
        .chain(GIT_PLACES.map(OsString::from))
        .collect()
}
