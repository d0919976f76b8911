//! Whether Claude Code is there and looks logged in. Looks at files and variables, never at a
//! secret's value, and asks nobody.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use loki_host::process::{Cancel, CommandSpec, Ended, Limits, find_on_path, run};
use serde_json::Value;

use super::Claude;
use crate::agent::{Login, Probe, Program};
use crate::shown::shown_on_one_line;

/// How long `claude --version` may take.
const VERSION_MAX: Duration = Duration::from_secs(5);
/// Longer settings are not read.
const SETTINGS_BYTES_MAX: u64 = 4 << 20;
/// Variables that let it use a service.
const KEYS: [&str; 6] = [
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CODE_USE_FOUNDRY",
];

pub(super) fn probe(claude: &Claude) -> Probe {
    let program = match find_on_path(&claude.program) {
        Some(path) => {
            let version = version(&path);
            Program::Installed { path, version }
        }
        None => Program::Missing {
            fix: format!(
                "install Claude Code (npm install -g @anthropic-ai/claude-code) or name it in \
                 LOKI_CLAUDE_BIN; `{}` was not found",
                Path::new(&claude.program).display()
            ),
        },
    };
    Probe { program, login: login(claude) }
}

fn version(program: &Path) -> Option<String> {
    let cancel = Cancel::new().ok()?;
    let mut command = CommandSpec::new(program, std::env::temp_dir()).args(["--version"]);
    command = command.env("DISABLE_AUTOUPDATER", "1");
    command.limits = Limits { total: VERSION_MAX, output_bytes_max: 1024, ..Limits::default() };
    let ran = run(&command, &cancel, &mut |_, _| {}).ok()?;
    let text = shown_on_one_line(&ran.stdout.text());
    (ran.ended == Ended::Exited(0) && !text.is_empty()).then_some(text)
}

fn login(claude: &Claude) -> Login {
    let named = KEYS.iter().find(|&&name| claude.variable(name).is_some());
    let how = named.map(|&name| name.to_owned()).or_else(|| login_in_files(claude));
    match how {
        Some(how) => Login::LoggedIn { how },
        // Its log-in is in the keychain there, which would ask the user.
        None if cfg!(target_os = "macos") => Login::Unknown,
        None => Login::NotLoggedIn {
            fix: "run `claude` and log in with /login, or set ANTHROPIC_API_KEY".to_owned(),
        },
    }
}

/// `ANTHROPIC_MODEL`, else the model in the user's own settings.
pub(super) fn model_of_its_settings(claude: &Claude) -> Option<String> {
    if let Some(model) = claude.variable("ANTHROPIC_MODEL") {
        return model.into_string().ok();
    }
    let settings = read_json(&directory(claude)?.join("settings.json"));
    let model = settings["env"]["ANTHROPIC_MODEL"].as_str().or(settings["model"].as_str())?;
    // An argument that another flag could hide in is not taken from a file.
    let plain = !model.is_empty() && !model.starts_with('-');
    plain.then(|| model.to_owned())
}

/// Where it keeps its settings.
fn directory(claude: &Claude) -> Option<PathBuf> {
    match claude.variable("CLAUDE_CONFIG_DIR") {
        Some(directory) => Some(PathBuf::from(directory)),
        None => Some(PathBuf::from(claude.variable("HOME")?).join(".claude")),
    }
}

fn login_in_files(claude: &Claude) -> Option<String> {
    let home = claude.variable("HOME").map(PathBuf::from);
    let directory = directory(claude)?;
    let credentials = directory.join(".credentials.json");
    if credentials.metadata().is_ok_and(|found| found.len() > 0) {
        return Some(credentials.display().to_string());
    }
    let settings = directory.join("settings.json");
    let values = read_json(&settings);
    let has_key = KEYS.iter().any(|&name| values["env"][name].is_string());
    if has_key || values["apiKeyHelper"].is_string() {
        return Some(settings.display().to_string());
    }
    [directory.join(".claude.json"), home?.join(".claude.json")]
        .into_iter()
        .find(|path| read_json(path)["primaryApiKey"].is_string())
        .map(|path| path.display().to_string())
}

fn read_json(path: &Path) -> Value {
    let small =
        fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() <= SETTINGS_BYTES_MAX);
    let text = if small { fs::read(path).unwrap_or_default() } else { Vec::new() };
    serde_json::from_slice(&text).unwrap_or_default()
}
