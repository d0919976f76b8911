//! Whether Codex is there and looks logged in. Looks at files and variables, never at a secret's
//! value, and asks nobody.

use std::fs;
use std::path::Path;
use std::time::Duration;

use loki_host::process::{Cancel, CommandSpec, Ended, Limits, find_on_path, run};

use super::Codex;
use crate::agent::{Login, Probe, Program};
use crate::shown::shown_on_one_line;

/// How long `codex --version` may take.
const VERSION_MAX: Duration = Duration::from_secs(5);
/// Longer settings are not read.
const SETTINGS_BYTES_MAX: u64 = 4 << 20;
/// The variable that lets `codex exec` use OpenAI's service.
const KEY: &str = "CODEX_API_KEY";

pub(super) fn probe(codex: &Codex) -> Probe {
    let program = match find_on_path(&codex.program) {
        Some(path) => {
            let version = version(&path);
            Program::Installed { path, version }
        }
        None => Program::Missing {
            fix: format!(
                "install Codex (npm install -g @openai/codex) or name it in LOKI_CODEX_BIN; `{}` \
                 was not found",
                Path::new(&codex.program).display()
            ),
        },
    };
    Probe { program, login: login(codex) }
}

fn version(program: &Path) -> Option<String> {
    let cancel = Cancel::new().ok()?;
    let mut command = CommandSpec::new(program, std::env::temp_dir()).args(["--version"]);
    command.limits = Limits { total: VERSION_MAX, output_bytes_max: 1024, ..Limits::default() };
    let ran = run(&command, &cancel, &mut |_, _| {}).ok()?;
    let text = shown_on_one_line(&ran.stdout.text());
    (ran.ended == Ended::Exited(0) && !text.is_empty()).then_some(text)
}

fn login(codex: &Codex) -> Login {
    if codex.variable(KEY).is_some() {
        return Login::LoggedIn { how: KEY.to_owned() };
    }
    let Some(home) = codex.home() else { return Login::Unknown };
    let credentials = home.join("auth.json");
    if credentials.metadata().is_ok_and(|found| found.len() > 0) {
        return Login::LoggedIn { how: credentials.display().to_string() };
    }
    let settings = home.join("config.toml");
    // Another service than OpenAI's has its own ways.
    let elsewhere = |table: &toml::Table| table.contains_key("model_provider");
    if read_toml(&settings).is_some_and(|table| elsewhere(&table)) {
        return Login::Unknown;
    }
    Login::NotLoggedIn { fix: format!("run `codex login`, or set {KEY}") }
}

fn read_toml(path: &Path) -> Option<toml::Table> {
    let found = fs::metadata(path).ok()?;
    let small = found.is_file() && found.len() <= SETTINGS_BYTES_MAX;
    small.then(|| fs::read_to_string(path).ok()?.parse().ok())?
}
