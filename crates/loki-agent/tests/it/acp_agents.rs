//! Real agents that speak the Agent Client Protocol, set up to talk to a scripted service only.

use std::fs;
use std::path::Path;

use loki_agent::AcpAgent;
use loki_testkit::path_with_newer_node;
use serde_json::json;

/// The model that agents of the Chat Completions protocol ask for.
pub(crate) const CHAT_MODEL: &str = "scripted-model";

pub(crate) fn agent(name: &str, program: &Path, args: &[&str], home: &Path) -> AcpAgent {
    let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
    AcpAgent::new(&format!("acp:{name}"), program, &args).env("HOME", home)
}

pub(crate) fn claude(program: &Path, base_url: &str, home: &Path) -> AcpAgent {
    agent("claude-agent-acp", program, &[], home)
        .env("PATH", path_with_newer_node())
        .env("ANTHROPIC_BASE_URL", base_url)
        .env("ANTHROPIC_API_KEY", "sk-ant-dummy")
        .env("CLAUDE_CONFIG_DIR", home.join("claude"))
        .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
        .env("DISABLE_AUTOUPDATER", "1")
}

pub(crate) fn codex(program: &Path, base_url: &str, home: &Path) -> AcpAgent {
    let codex = home.join("codex");
    fs::create_dir_all(&codex).unwrap();
    let config = format!(
        r#"
model = "gpt-5.5"
model_provider = "scripted"
check_for_update_on_startup = false
approval_policy = "never"
sandbox_mode = "danger-full-access"
[analytics]
enabled = false
[features]
plugins = false
apps = false
[model_providers.scripted]
name = "scripted"
base_url = "{base_url}/v1"
env_key = "SCRIPTED_API_KEY"
wire_api = "responses"
"#
    );
    fs::write(codex.join("config.toml"), config).unwrap();
    agent("codex-acp", program, &[], home)
        .env("PATH", path_with_newer_node())
        .env("CODEX_HOME", codex)
        .env("SCRIPTED_API_KEY", "dummy")
}

/// What opencode must know of the service, and of what not to ask others.
pub(crate) fn opencode_env(base_url: &str) -> Vec<(&'static str, String)> {
    let model = json!({ "name": "Scripted", "tool_call": true,
        "cost": { "input": 3, "output": 15, "cache_read": 0.3 },
        "limit": { "context": 128_000, "output": 8192 } });
    let provider = json!({ "npm": "@ai-sdk/openai-compatible", "name": "Scripted",
        "options": { "baseURL": format!("{base_url}/v1"), "apiKey": "dummy" },
        "models": { CHAT_MODEL: model } });
    let name = format!("scripted/{CHAT_MODEL}");
    let config = json!({ "autoupdate": false, "share": "disabled", "model": name,
        "small_model": name, "enabled_providers": ["scripted"],
        "provider": { "scripted": provider } });
    let mut env = vec![("OPENCODE_CONFIG_CONTENT", config.to_string())];
    let names = [
        "OPENCODE_DISABLE_AUTOUPDATE",
        "OPENCODE_DISABLE_MODELS_FETCH",
        "OPENCODE_DISABLE_LSP_DOWNLOAD",
        "OPENCODE_DISABLE_DEFAULT_PLUGINS",
        "OPENCODE_DISABLE_SHARE",
    ];
    env.extend(names.map(|name| (name, "1".to_owned())));
    env
}

pub(crate) fn opencode(program: &Path, base_url: &str, home: &Path) -> AcpAgent {
    let agent = agent("opencode", program, &["acp"], home);
    opencode_env(base_url).into_iter().fold(agent, |agent, (name, value)| agent.env(name, value))
}

/// Writes Cline's settings below `home`, as `cline auth` would, and returns its environment.
pub(crate) fn cline_env(base_url: &str, home: &Path) -> Vec<(&'static str, String)> {
    let directory = home.join("cline");
    let settings = directory.join("data/settings");
    fs::create_dir_all(&settings).unwrap();
    let own = json!({ "provider": "openai-compatible", "apiKey": "dummy", "model": CHAT_MODEL,
        "baseUrl": format!("{base_url}/v1") });
    let providers = json!({ "version": 1, "lastUsedProvider": "openai-compatible", "modes": {},
        "providers": { "openai-compatible": { "settings": own, "tokenSource": "manual",
            "updatedAt": "2026-11-26T08:07:48.964Z" } } });
    fs::write(settings.join("providers.json"), providers.to_string()).unwrap();
    let global = home.join("cline-settings.json");
    let switches = json!({ "telemetryOptOut": true, "autoUpdateEnabled": false });
    fs::write(&global, switches.to_string()).unwrap();
    vec![
        ("CLINE_DIR", directory.display().to_string()),
        ("CLINE_GLOBAL_SETTINGS_PATH", global.display().to_string()),
        ("CLINE_NO_AUTO_UPDATE", "1".to_owned()),
        ("CLINE_SESSION_BACKEND_MODE", "local".to_owned()),
    ]
}

pub(crate) fn cline(program: &Path, base_url: &str, home: &Path) -> AcpAgent {
    let agent = agent("cline", program, &["--acp"], home)
        .env("CLINE_API_KEY", "dummy")
        .env("CLINE_PROVIDER", "openai-compatible")
        .env("CLINE_MODEL", CHAT_MODEL);
    cline_env(base_url, home).into_iter().fold(agent, |agent, (name, value)| agent.env(name, value))
}

pub(crate) fn gemini(program: &Path, base_url: &str, home: &Path) -> AcpAgent {
    let directory = home.join(".gemini");
    fs::create_dir_all(&directory).unwrap();
    let settings = json!({ "security": { "auth": { "selectedType": "gemini-api-key" } },
        "privacy": { "usageStatisticsEnabled": false },
        "general": { "enableAutoUpdate": false, "enableAutoUpdateNotification": false },
        "telemetry": { "enabled": false } });
    fs::write(directory.join("settings.json"), settings.to_string()).unwrap();
    let args = ["--acp", "-m", "gemini-2.5-pro", "--skip-trust"];
    agent("gemini", program, &args, home)
        .env("GEMINI_API_KEY", "dummy")
        .env("GOOGLE_GEMINI_BASE_URL", base_url)
        .env("GEMINI_CLI_NO_RELAUNCH", "true")
        .env("GEMINI_FORCE_FILE_STORAGE", "true")
}
