//! Where people keep what nobody else should see: files and variables.
//!
//! The one list of both. It can not be complete; `docs/limits.md` says what it leaves readable and why.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Places of credentials and of private history, from the home directory.
///
/// Settings that builds can not do without are not here even though people keep passwords in them:
/// `.m2/settings.xml`, `.gradle/gradle.properties`, `.config/pip`, `.yarnrc.yml`.
const IN_HOME: &[&str] = &[
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".oci",
    ".kube",
    ".docker",
    ".helm",
    ".fly",
    ".netrc",
    "_netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".config/git/credentials",
    ".config/gh",
    ".config/glab-cli",
    ".config/hub",
    ".config/gcloud",
    ".config/doctl",
    ".config/heroku",
    ".config/netlify",
    ".config/rclone",
    ".config/sops",
    ".config/op",
    ".config/containers/auth.json",
    ".config/composer/auth.json",
    ".composer/auth.json",
    ".config/github-copilot",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".gem/credentials",
    ".local/share/gem/credentials",
    ".m2/settings-security.xml",
    ".terraformrc",
    ".terraform.d/credentials.tfrc.json",
    ".vault-token",
    ".databrickscfg",
    ".boto",
    ".s3cfg",
    ".pgpass",
    ".my.cnf",
    ".password-store",
    ".local/share/keyrings",
    ".local/share/kwalletd",
    ".config/google-chrome",
    ".config/chromium",
    ".config/BraveSoftware",
    ".mozilla",
    ".thunderbird",
    ".claude",
    ".claude.json",
    ".codex",
    ".gemini",
    ".config/opencode",
    ".local/share/opencode",
    ".bash_history",
    ".zsh_history",
    ".python_history",
    ".node_repl_history",
    ".psql_history",
    ".mysql_history",
    ".sqlite_history",
];

/// Secrets of the machine that its superuser can read.
const OF_SYSTEM: &[&str] =
    &["/etc/shadow", "/etc/gshadow", "/etc/ssh", "/etc/kubernetes", "/var/lib/docker"];

/// Variables that name a file or a directory of credentials.
const NAMED_BY: &[&str] = &[
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "CLOUDSDK_CONFIG",
    "AZURE_CONFIG_DIR",
    "KUBECONFIG",
    "DOCKER_CONFIG",
    "GNUPGHOME",
    "NETRC",
    "NPM_CONFIG_USERCONFIG",
    "npm_config_userconfig",
    "PGPASSFILE",
    "GH_CONFIG_DIR",
    "CLAUDE_CONFIG_DIR",
    "CODEX_HOME",
];

/// Every place of the user's and of the machine's secrets, whether or not there is anything.
pub fn places() -> Vec<PathBuf> {
    let var = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let home = var("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    let mut places: Vec<PathBuf> = OF_SYSTEM.iter().map(PathBuf::from).collect();
    places.extend(home.iter().flat_map(|home| IN_HOME.iter().map(|name| home.join(name))));
    if let Some(cargo) = var("CARGO_HOME") {
        let cargo = Path::new(&cargo);
        places.extend(["credentials", "credentials.toml"].map(|name| cargo.join(name)));
    }
    for value in NAMED_BY.iter().filter_map(|name| var(name)) {
        places.extend(std::env::split_paths(&value).filter(|path| path.is_absolute()));
    }
    places
}

/// Names of variables that are secrets, or lead to a program that holds some.
const NAMES: &[&str] = &[
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "API_KEY",
    "APIKEY",
    "ACCESS_KEY",
    "PRIVATE_KEY",
    "CREDENTIALS",
    "PGPASSWORD",
    "MYSQL_PWD",
    "SSH_AUTH_SOCK",
    "SSH_AGENT_PID",
    "GPG_AGENT_INFO",
    "DBUS_SESSION_BUS_ADDRESS",
    "XDG_RUNTIME_DIR",
    "XAUTHORITY",
    "DOCKER_HOST",
    "DOCKER_AUTH_CONFIG",
    "KUBECONFIG",
    "NETRC",
    "SUDO_ASKPASS",
    "SSH_ASKPASS",
    "TMUX",
    "STY",
    "VSCODE_IPC_HOOK_CLI",
];

/// Names that begin like this are secrets, or belong to a service that one pays with them.
const PREFIXES: &[&str] = &[
    "ANTHROPIC_",
    "OPENAI_",
    "GEMINI_",
    "MISTRAL_",
    "AWS_",
    "AZURE_",
    "GOOGLE_",
    "GCP_",
    "CLOUDSDK_AUTH_",
    "DIGITALOCEAN_",
    "CLOUDFLARE_",
    "ACTIONS_ID_TOKEN_",
    "ACTIONS_RUNTIME_",
    "VAULT_",
    "TWINE_",
    "NPM_CONFIG_//",
    "BW_SESSION",
    "OP_SESSION",
];

/// Parts of names, between underscores, that make a name one of a secret.
const WORDS: &[&str] = &[
    "TOKEN",
    "SECRET",
    "SECRETS",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "CREDENTIAL",
    "CREDENTIALS",
    "APIKEY",
    "PAT",
];

/// Pairs of parts that do so together.
const PAIRS: &[(&str, &str)] = &[
    ("API", "KEY"),
    ("ACCESS", "KEY"),
    ("PRIVATE", "KEY"),
    ("SIGNING", "KEY"),
    ("ENCRYPTION", "KEY"),
    ("DEPLOY", "KEY"),
    ("MASTER", "KEY"),
    ("SSH", "KEY"),
    ("GPG", "KEY"),
    ("SERVICE", "KEY"),
    ("ACCOUNT", "KEY"),
    ("DATABASE", "URL"),
];

/// Whether a variable of this name may hold a secret of the user's, or lead to one. A name that is no
/// text is taken for one.
pub fn is_secret_variable(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return true };
    let name = name.to_ascii_uppercase();
    let parts: Vec<&str> = name.split('_').collect();
    NAMES.contains(&name.as_str())
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || parts.iter().any(|part| WORDS.contains(part))
        || parts.windows(2).any(|pair| PAIRS.iter().any(|(a, b)| pair == [*a, *b]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_secrets_are_known_by_their_names() {
        for name in [
            "GITHUB_TOKEN",
            "NPM_TOKEN",
            "token",
            "MY_API_KEY",
            "STRIPE_SECRET_KEY",
            "DB_PASSWORD",
            "aws_profile",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "SSH_AUTH_SOCK",
            "CI_DEPLOY_PASSWORD",
            "AZURE_CLIENT_ID",
            "CARGO_REGISTRIES_CRATES_IO_TOKEN",
            "RAILS_MASTER_KEY",
            "DATABASE_URL",
            "XDG_RUNTIME_DIR",
        ] {
            assert!(is_secret_variable(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn variables_that_programs_need_are_none() {
        for name in [
            "PATH",
            "HOME",
            "LANG",
            "PWD",
            "CARGO_HOME",
            "RUSTUP_HOME",
            "RUSTFLAGS",
            "TMPDIR",
            "VIRTUAL_ENV",
            "KEYBOARD_LAYOUT",
            "XDG_CACHE_HOME",
            "MONKEY",
            "PATHEXT",
            "JAVA_HOME",
            "GOFLAGS",
        ] {
            assert!(!is_secret_variable(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn the_keys_of_the_home_directory_are_among_the_places() {
        let Some(home) = std::env::var_os("HOME") else { return };
        assert!(places().contains(&Path::new(&home).join(".ssh")));
    }
}
