//! What of loki's own environment the commands of a project may see.

use std::ffi::{OsStr, OsString};

use loki_host::sandbox::Network;
use loki_host::sandbox::secrets::is_secret_variable;

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
];

/// Names that begin like this are removed: what steers git and runners from outside.
const REMOVED_PREFIXES: &[&str] =
    &["LOKI_", "GIT_", "PYTEST_", "NEXTEST", "CARGO_PKG_", "CARGO_BIN_", "CARGO_MANIFEST_"];

/// Where there is no network these only lead astray, and they can hold a password.
const PROXIES: &[&str] = &["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY", "NO_PROXY"];

/// The variables of loki's own environment that a command of the project does not get.
pub(crate) fn removed(network: Network) -> Vec<OsString> {
    let is_alone = network == Network::OwnLoopback;
    std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| is_secret_variable(name) || is_steering(name) || is_alone && is_proxy(name))
        .collect()
}

/// The variables that every command of the project gets.
pub(crate) fn added(network: Network) -> Vec<(OsString, OsString)> {
    let offline = OFFLINE.iter().filter(|_| network == Network::OwnLoopback);
    ALWAYS.iter().chain(offline).map(|(name, value)| (name.into(), value.into())).collect()
}

const ALWAYS: &[(&str, &str)] = &[
    ("CI", "1"),
    ("NO_COLOR", "1"),
    ("CARGO_TERM_COLOR", "never"),
    ("GOTOOLCHAIN", "local"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("npm_config_update_notifier", "false"),
    ("npm_config_audit", "false"),
    ("npm_config_fund", "false"),
];

/// They ask package managers not to wait for a network that the sandbox keeps from them.
const OFFLINE: &[(&str, &str)] =
    &[("CARGO_NET_OFFLINE", "true"), ("GOPROXY", "off"), ("npm_config_offline", "true")];

fn is_steering(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return true };
    let name = name.to_ascii_uppercase();
    REMOVED.contains(&name.as_str())
        || REMOVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

fn is_proxy(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| PROXIES.contains(&name.to_ascii_uppercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steering_variables_are_removed() {
        for name in ["LOKI_HOME", "PYTEST_ADDOPTS", "GIT_DIR", "NODE_OPTIONS", "git_config"] {
            assert!(is_steering(OsStr::new(name)), "{name}");
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
            let name = OsStr::new(name);
            assert!(!is_steering(name) && !is_secret_variable(name) && !is_proxy(name), "{name:?}");
        }
    }
}
