//! What the user sets of agents: `$LOKI_HOME/agents.toml`, and variables that go before it.
//!
//! It is on this machine and not in a repository: a repository must not say what a call costs or who is
//! paid for it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use loki_model::{Effort, PerTier, Tier};
use serde::{Deserialize, Serialize};

use crate::catalogue::kind_of;

/// The file's name below `$LOKI_HOME`.
const FILE: &str = "agents.toml";
/// What it begins with.
const HEADER: &str = "# Written by `loki provider set` and `loki failover`. May be edited; comments are not kept.\n\n";
/// Longer files are not read.
const FILE_BYTES_MAX: u64 = 256 << 10;
/// What can be kept from being passed to agents: the variable, and the wish.
const NOT_PASSED: [(&str, &str); 5] = [
    ("LOKI_PASS_EFFORT", "effort"),
    ("LOKI_PASS_BUDGET", "budget"),
    ("LOKI_PASS_FALLBACK_MODEL", "fallback_model"),
    ("LOKI_PASS_SUB_AGENTS", "sub_agents"),
    ("LOKI_RESUME_SESSIONS", "resume"),
];

/// What the user sets of agents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AgentSettings {
    /// The agent when none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The dearest model or tier that may be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tier: Option<String>,
    /// How much models are to think.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effort: Option<Effort>,
    /// Wishes that agents are not told of: `effort`, `budget`, `fallback_model`, `sub_agents`, `resume`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_passed: Vec<String>,
    /// Who takes over.
    #[serde(skip_serializing_if = "FailoverSettings::is_default")]
    pub failover: FailoverSettings,
    /// By the kind of agent, what its tiers are served with.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub models: BTreeMap<String, PerTier<Option<String>>>,
    /// What agents may use besides what they need.
    #[serde(skip_serializing_if = "SandboxSettings::is_none")]
    pub sandbox: SandboxSettings,
    /// What models cost.
    #[serde(rename = "price", skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<PriceSetting>,
}

/// Who takes over when an agent can not go on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FailoverSettings {
    /// Whether anyone does.
    pub enabled: bool,
    /// In this order.
    pub chain: Vec<String>,
}

impl FailoverSettings {
    fn is_default(&self) -> bool {
        *self == FailoverSettings::default()
    }
}

/// What agents in a sandbox may use besides what they need.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SandboxSettings {
    /// Variables, by name or as `NAME_*`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// Files and directories that can be read, even where secrets are. `~/` is the home directory.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<PathBuf>,
    /// Files and directories that can be written too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub write: Vec<PathBuf>,
}

impl SandboxSettings {
    /// Nothing.
    pub const NONE: SandboxSettings =
        SandboxSettings { env: Vec::new(), read: Vec::new(), write: Vec::new() };

    fn is_none(&self) -> bool {
        *self == SandboxSettings::NONE
    }

    /// Takes what variables add, and makes every path absolute. Gives back what means nothing.
    fn overlay(&mut self, set: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
        let names = set("LOKI_SANDBOX_ENV").unwrap_or_default();
        self.env.extend(split_chain(&names));
        for (name, list) in
            [("LOKI_SANDBOX_READ", &mut self.read), ("LOKI_SANDBOX_WRITE", &mut self.write)]
        {
            let added = set(name).unwrap_or_default();
            list.extend(std::env::split_paths(&added).filter(|path| !path.as_os_str().is_empty()));
        }
        let home = set("HOME").map(PathBuf::from);
        let mut problems = Vec::new();
        for list in [&mut self.read, &mut self.write] {
            for path in list.iter_mut() {
                if let (Ok(below), Some(home)) = (path.strip_prefix("~"), &home) {
                    *path = home.join(below);
                }
            }
            list.retain(|path| {
                let is_absolute = path.is_absolute();
                if !is_absolute {
                    let shown = path.display();
                    problems
                        .push(format!("`{shown}` is left out of the sandbox: no absolute path"));
                }
                is_absolute
            });
        }
        problems
    }
}

/// What a model costs, in US dollars for a million tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceSetting {
    /// Its whole name.
    pub model: String,
    /// Read by the model.
    pub input: f64,
    /// Written by the model.
    pub output: f64,
    /// Read from the prompt cache; as `input` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<f64>,
    /// Written to the prompt cache; as `input` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<f64>,
    /// Tokens that a conversation may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u64>,
}

/// Why the settings could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The system refused.
    #[error("failed to read or write `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's word.
        #[source]
        source: std::io::Error,
    },
    /// It is not what it should be.
    #[error("`{}`: {message}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Which line, and why.
        message: String,
    },
}

impl AgentSettings {
    /// Reads the file below `home`, without variables; all defaults when there is none.
    pub fn read(home: &Path) -> Result<AgentSettings, SettingsError> {
        let path = home.join(FILE);
        let io = |source| SettingsError::Io { path: path.clone(), source };
        match std::fs::metadata(&path) {
            Ok(found) if found.is_file() && found.len() <= FILE_BYTES_MAX => {}
            Ok(_) => return Err(io(std::io::Error::other("not a file of at most 256 KiB"))),
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => {
                return Ok(AgentSettings::default());
            }
            Err(err) => return Err(io(err)),
        }
        let text = std::fs::read_to_string(&path).map_err(io)?;
        let invalid = |message: String| SettingsError::Invalid { path: path.clone(), message };
        let settings: AgentSettings =
            toml::from_str(&text).map_err(|err| invalid(err.to_string()))?;
        let amount = |dollars: &f64| loki_model::Usd::from_dollars(*dollars).is_some();
        for price in &settings.prices {
            let set = [Some(price.input), Some(price.output), price.cache_read, price.cache_write];
            if !set.iter().flatten().all(amount) {
                return Err(invalid(format!("the price of `{}` is no amount", price.model)));
            }
        }
        Ok(settings)
    }

    /// Replaces the file below `home` as a whole.
    pub fn write(&self, home: &Path) -> Result<(), SettingsError> {
        let path = home.join(FILE);
        let io = |source| SettingsError::Io { path: path.clone(), source };
        let text = toml::to_string(self).map_err(|err| SettingsError::Invalid {
            path: path.clone(),
            message: err.to_string(),
        })?;
        std::fs::create_dir_all(home).map_err(io)?;
        // Its own name a process, so that two of them do not write into one.
        let beside = home.join(format!("{FILE}.{}", std::process::id()));
        let mut file = std::fs::File::create(&beside).map_err(io)?;
        file.write_all(format!("{HEADER}{text}").as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| std::fs::rename(&beside, &path))
            .map_err(io)
    }

    /// Lets variables go before the file. `variable` gives the value of one, if it is set. Gives back
    /// what is set to something that means nothing, a sentence each.
    pub fn overlay(&mut self, variable: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
        let mut problems = Vec::new();
        let set =
            |name: &str| variable(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        if let Some(provider) = set("LOKI_PROVIDER") {
            self.provider = Some(provider);
        }
        if let Some(ceiling) = set("LOKI_MAX_TIER") {
            self.max_tier = Some(ceiling);
        }
        if let Some(effort) = set("LOKI_EFFORT") {
            match Effort::named(&effort) {
                Some(effort) => self.effort = Some(effort),
                None => problems.push(format!(
                    "LOKI_EFFORT is `{effort}`; there are low, medium, high, xhigh and max"
                )),
            }
        }
        for (name, wish) in NOT_PASSED {
            match set(name).as_deref() {
                Some("false" | "0" | "no" | "off") => self.not_passed.push(wish.to_owned()),
                Some(_) => self.not_passed.retain(|not| not != wish),
                None => {}
            }
        }
        match set("LOKI_FAILOVER").as_deref() {
            Some("true" | "1" | "yes" | "on") => self.failover.enabled = true,
            Some(_) => self.failover.enabled = false,
            None => {}
        }
        if let Some(chain) = set("LOKI_FAILOVER_CHAIN") {
            self.failover.chain = split_chain(&chain);
        }
        self.overlay_models(&set);
        problems.extend(self.sandbox.overlay(&set));
        problems
    }

    /// `LOKI_CLAUDE_MODEL_FAST` goes before `LOKI_CLAUDE_MODEL`, that before `LOKI_MODEL_FAST`.
    fn overlay_models(&mut self, set: &dyn Fn(&str) -> Option<String>) {
        let mut kinds: Vec<String> = KINDS.map(str::to_owned).to_vec();
        kinds.extend(self.models.keys().cloned());
        for kind in kinds {
            let own = format!("LOKI_{}_MODEL", kind.to_ascii_uppercase());
            for tier in Tier::ALL {
                let suffix = tier.label().to_ascii_uppercase();
                let names =
                    [format!("{own}_{suffix}"), own.clone(), format!("LOKI_MODEL_{suffix}")];
                if let Some(model) = names.iter().find_map(|name| set(name)) {
                    *self.models.entry(kind.clone()).or_default().of_mut(tier) = Some(model);
                }
            }
        }
    }

    /// What the user wants `tier` of `agent` to be served with.
    pub fn model_for(&self, agent: &str, tier: Tier) -> Option<String> {
        self.models.get(kind_of(agent))?.of(tier).clone()
    }

    /// The agents that take over from `provider`, in order.
    pub fn successors(&self, provider: &str) -> Vec<String> {
        if !self.failover.enabled {
            return Vec::new();
        }
        let mut seen = vec![provider.to_owned()];
        for agent in &self.failover.chain {
            if !seen.contains(agent) {
                seen.push(agent.clone());
            }
        }
        seen.split_off(1)
    }
}

/// The kinds of agents that have variables of their own.
const KINDS: [&str; 7] = ["claude", "codex", "cline", "aider", "opencode", "acp", "api"];

/// Splits at commas; a program's own arguments can not have any.
fn split_chain(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|agent| !agent.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> AgentSettings {
        let mut settings = AgentSettings::default();
        let problems = settings.overlay(&|name| {
            variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned())
        });
        assert_eq!(problems, Vec::<String>::new());
        settings
    }

    #[test]
    fn what_is_written_reads_back_and_nothing_is_nothing() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(AgentSettings::read(home.path()).unwrap(), AgentSettings::default());
        let mut settings = with(&[
            ("LOKI_PROVIDER", "codex"),
            ("LOKI_FAILOVER", "true"),
            ("LOKI_FAILOVER_CHAIN", "codex, claude ,"),
            ("LOKI_CODEX_MODEL", "gpt-5.5"),
            ("LOKI_EFFORT", "xhigh"),
            ("LOKI_PASS_BUDGET", "no"),
        ]);
        settings.prices.push(PriceSetting {
            model: "m".to_owned(),
            input: 1.5,
            output: 2.0,
            cache_read: None,
            cache_write: None,
            context_tokens: Some(1000),
        });
        settings.write(home.path()).unwrap();
        assert_eq!(AgentSettings::read(home.path()).unwrap(), settings);
        assert_eq!(settings.failover.chain, ["codex", "claude"]);
    }

    #[test]
    fn a_mistake_in_the_file_is_told_and_not_ignored() {
        let home = tempfile::tempdir().unwrap();
        let price = "[[price]]\nmodel = 'm'\ninput = -1.0\noutput = 1.0\n";
        for (text, told) in [("provder = 'x'", "provder"), (price, "no amount")] {
            std::fs::write(home.path().join(FILE), text).unwrap();
            let err = AgentSettings::read(home.path()).unwrap_err().to_string();
            assert!(err.contains(told), "{err}");
        }
    }

    #[test]
    fn the_variable_of_one_agent_and_tier_goes_before_those_that_say_less() {
        let settings = with(&[
            ("LOKI_CLAUDE_MODEL_FAST", "a"),
            ("LOKI_CLAUDE_MODEL", "b"),
            ("LOKI_MODEL_FAST", "c"),
        ]);
        let model = |agent, tier| settings.model_for(agent, tier);
        assert_eq!(model("claude", Tier::Fast).as_deref(), Some("a"));
        assert_eq!(model("claude", Tier::Planning).as_deref(), Some("b"));
        assert_eq!(model("acp:goose acp", Tier::Fast).as_deref(), Some("c"));
        assert_eq!(model("codex", Tier::Planning), None);
    }

    #[test]
    fn what_agents_may_use_besides_is_named_in_the_file_and_by_variables() {
        let mut settings = AgentSettings::default();
        settings.sandbox.read.push("~/letters".into());
        settings.sandbox.write.push("letters".into());
        let variables =
            [("HOME", "/h"), ("LOKI_SANDBOX_ENV", "A, B_*"), ("LOKI_SANDBOX_WRITE", "/x:/y")];
        let problems = settings.overlay(&|name| {
            variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned())
        });
        assert_eq!(settings.sandbox.env, ["A", "B_*"]);
        assert_eq!(settings.sandbox.read, [Path::new("/h/letters")]);
        assert_eq!(settings.sandbox.write, [Path::new("/x"), Path::new("/y")]);
        assert!(problems[0].contains("`letters`"), "{problems:?}");
    }

    #[test]
    fn an_effort_that_means_nothing_is_told() {
        let mut settings = AgentSettings::default();
        let problems = settings.overlay(&|name| (name == "LOKI_EFFORT").then(|| "huge".to_owned()));
        assert!(problems[0].contains("`huge`"), "{problems:?}");
    }

    #[test]
    fn nobody_takes_over_unless_that_is_wanted_and_nobody_from_itself() {
        let mut settings = with(&[("LOKI_FAILOVER_CHAIN", "claude,codex,claude,aider")]);
        assert_eq!(settings.successors("claude"), Vec::<String>::new());
        settings.failover.enabled = true;
        assert_eq!(settings.successors("claude"), ["codex", "aider"]);
        assert_eq!(settings.successors("api"), ["claude", "codex", "aider"]);
    }
}
