//! What of loki's own environment an agent must not see, and what a call of it sees of a variable.

use std::ffi::{OsStr, OsString};

use loki_host::sandbox::secrets::is_secret_variable;

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

/// What any program may know: of the user, the language, the way to the network, and toolchains. A name
/// or `NAME_*`; those that look like credentials are none of it, whatever they begin with.
const FOR_ALL: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "HOSTNAME",
    "TERM",
    "COLORTERM",
    "NO_COLOR",
    "FORCE_COLOR",
    "LANG",
    "LANGUAGE",
    "LC_*",
    "TZ",
    "CI",
    "IS_SANDBOX",
    "SOURCE_DATE_EPOCH",
    // To the network, also in small letters.
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "FTP_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "PIP_CERT",
    "GIT_SSL_CAINFO",
    "NIX_SSL_CERT_FILE",
    "CARGO_HTTP_CAINFO",
    // Where things are.
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_DIRS",
    "XDG_DATA_DIRS",
    "LD_LIBRARY_PATH",
    "LIBRARY_PATH",
    "C_INCLUDE_PATH",
    "CPLUS_INCLUDE_PATH",
    "PKG_CONFIG_*",
    "MANPATH",
    "LOCALE_ARCHIVE",
    "NIX_*",
    // Who commits, and by which settings.
    "GIT_AUTHOR_*",
    "GIT_COMMITTER_*",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    // Toolchains.
    "CARGO_*",
    "RUSTUP_*",
    "RUST_*",
    "RUSTC*",
    "RUSTFLAGS",
    "RUSTDOCFLAGS",
    "SCCACHE_*",
    "GO*",
    "CGO_*",
    "JAVA_*",
    "JDK_*",
    "MAVEN_OPTS",
    "M2_HOME",
    "GRADLE_*",
    "KOTLIN_*",
    "ANDROID_*",
    "NODE_*",
    "NVM_*",
    "FNM_*",
    "VOLTA_*",
    "COREPACK_*",
    "PNPM_HOME",
    "NPM_CONFIG_*",
    "YARN_*",
    "BUN_*",
    "DENO_*",
    "PYTHON*",
    "PYENV_*",
    "VIRTUAL_ENV",
    "CONDA_*",
    "PIP_*",
    "UV_*",
    "POETRY_*",
    "RBENV_*",
    "RUBY*",
    "GEM_HOME",
    "GEM_PATH",
    "BUNDLE_PATH",
    "BUNDLE_GEMFILE",
    "DOTNET_*",
    "NUGET_PACKAGES",
    "COMPOSER_HOME",
    "MIX_*",
    "HEX_HOME",
    "SWIFT_*",
    "CC",
    "CXX",
    "AR",
    "LD",
    "NM",
    "CFLAGS",
    "CXXFLAGS",
    "CPPFLAGS",
    "LDFLAGS",
    "MAKEFLAGS",
    "CMAKE_*",
];

/// Whether an agent gets a variable: as any program does, or because one of `lists` names it.
pub(crate) fn is_for_agents(name: &OsStr, lists: &[&[&str]]) -> bool {
    let Some(name) = name.to_str() else { return false };
    let is_named = |list: &&[&str]| list.iter().any(|entry| is_called(name, entry));
    let capital = name.to_ascii_uppercase();
    lists.iter().any(is_named)
        || FOR_ALL.iter().any(|entry| is_called(&capital, entry))
            && !is_secret_variable(OsStr::new(name))
            && !capital.replace("AUTHOR", "").contains("AUTH")
}

fn is_called(name: &str, entry: &str) -> bool {
    match entry.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == entry,
    }
}

/// Names to remove before any agent is started, whatever it needs.
pub(crate) fn kept_from_agents() -> Vec<OsString> {
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

    #[test]
    fn an_agent_gets_what_programs_need_and_what_is_named_for_it() {
        let own: &[&str] = &["ANTHROPIC_*", "MY_KEY"];
        for (name, expected) in [
            ("PATH", true),
            ("https_proxy", true),
            ("LC_ALL", true),
            ("CARGO_HOME", true),
            ("GIT_AUTHOR_NAME", true),
            ("CARGO_REGISTRY_TOKEN", false),
            ("NPM_CONFIG_//registry/:_authToken", false),
            ("GITHUB_TOKEN", false),
            ("AWS_SECRET_ACCESS_KEY", false),
            ("SSH_AUTH_SOCK", false),
            ("DATABASE_URL", false),
            ("ANYTHING_ELSE", false),
            ("ANTHROPIC_API_KEY", true),
            ("OPENAI_API_KEY", false),
            ("MY_KEY", true),
        ] {
            assert_eq!(is_for_agents(OsStr::new(name), &[own]), expected, "{name}");
        }
    }
}
