//! What of loki's own environment the commands of a project may see.

use std::ffi::{OsStr, OsString};

/// Names that are removed as they are.
const REMOVED: &[&str] = &[
    "NODE_OPTIONS",
    "NODE_TEST_CONTEXT",
    "NODE_V8_COVERAGE",
    "PYTHONBREAKPOINT",
    "PYTHONDEVMODE",
    "PYTHONINSPECT",
    "PYTHONOPTIMIZE",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONWARNINGS",
    "CARGO_BUILD_TARGET",
    "CARGO_CRATE_NAME",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_TARGET_DIR",
    "OUT_DIR",
    "RUSTC_BOOTSTRAP",
    "RUST_TEST_THREADS",
    "RUBYLIB",
    "RUBYOPT",
    "SSH_AUTH_SOCK",
];

/// Names that begin like this are removed: secrets of the user, and what steers git and runners from
/// outside.
const REMOVED_PREFIXES: &[&str] = &[
    "LOKI_",
    "ANTHROPIC_",
    "OPENAI_",
    "AWS_",
    "AZURE_",
    "GOOGLE_",
    "GIT_",
    "PYTEST_",
    "NEXTEST",
    "CARGO_PKG_",
    "CARGO_BIN_",
    "CARGO_MANIFEST_",
];

/// Names that end like this are removed: secrets of the user.
const REMOVED_SUFFIXES: &[&str] =
    &["_API_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_ACCESS_KEY", "_CREDENTIALS"];

/// The variables of loki's own environment that a command of the project does not get.
pub(crate) fn removed() -> Vec<OsString> {
    std::env::vars_os().map(|(name, _)| name).filter(|name| is_removed(name)).collect()
}

/// The variables that every command of the project gets.
///
/// Package managers are asked to stay offline by them. Nothing makes a command obey.
pub(crate) fn added() -> Vec<(OsString, OsString)> {
    [
        ("CI", "1"),
        ("NO_COLOR", "1"),
        ("CARGO_TERM_COLOR", "never"),
        ("CARGO_NET_OFFLINE", "true"),
        ("GOPROXY", "off"),
        ("GOTOOLCHAIN", "local"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("npm_config_offline", "true"),
        ("npm_config_update_notifier", "false"),
        ("npm_config_audit", "false"),
        ("npm_config_fund", "false"),
    ]
    .into_iter()
    .map(|(name, value)| (name.into(), value.into()))
    .collect()
}

fn is_removed(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return true };
    let name = name.to_ascii_uppercase();
    REMOVED.contains(&name.as_str())
        || REMOVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || REMOVED_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
        || matches!(name.as_str(), "TOKEN" | "API_KEY" | "PASSWORD")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_steering_variables_are_removed() {
        for name in [
            "GITHUB_TOKEN",
            "MY_API_KEY",
            "LOKI_HOME",
            "PYTEST_ADDOPTS",
            "GIT_DIR",
            "NODE_OPTIONS",
            "aws_profile",
        ] {
            assert!(is_removed(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn what_programs_need_to_run_stays() {
        for name in [
            "PATH",
            "HOME",
            "LANG",
            "CARGO_HOME",
            "RUSTUP_HOME",
            "TMPDIR",
            "RUSTFLAGS",
            "VIRTUAL_ENV",
        ] {
            assert!(!is_removed(OsStr::new(name)), "{name}");
        }
    }
}
