//! Cline's own settings, as far as a call over the protocol has to repeat them.

use std::fmt;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// Longer settings are not read.
const SETTINGS_BYTES_MAX: u64 = 4 << 20;

/// The provider that it uses, and how.
#[derive(Clone, Default)]
pub(super) struct Settings {
    pub(super) provider: Option<String>,
    pub(super) model: Option<String>,
    /// A secret: goes into the environment of Cline itself and nowhere else.
    pub(super) key: Option<String>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.key.as_ref().map(|_| "present");
        let Settings { provider, model, .. } = self;
        f.debug_struct("Settings")
            .field("provider", provider)
            .field("model", model)
            .field("key", &key)
            .finish()
    }
}

impl Settings {
    /// Reads `settings/providers.json` below `data`; nothing of it is known when it can not be read.
    pub(super) fn read(data: &Path) -> Settings {
        let path = data.join("settings/providers.json");
        let small =
            fs::metadata(&path).is_ok_and(|it| it.is_file() && it.len() <= SETTINGS_BYTES_MAX);
        let text = if small { fs::read(&path).unwrap_or_default() } else { Vec::new() };
        let all: Value = serde_json::from_slice(&text).unwrap_or_default();
        let Some(provider) = all["lastUsedProvider"].as_str() else { return Settings::default() };
        let settings = &all["providers"][provider]["settings"];
        let field = |name: &str| settings[name].as_str().map(str::to_owned);
        Settings {
            provider: Some(provider.to_owned()),
            model: field("model"),
            key: field("apiKey").filter(|key| !key.is_empty()),
        }
    }
}
