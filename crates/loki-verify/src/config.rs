//! How to judge, as the *base* of the change says it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use loki_host::git::Repo;
use loki_model::{Finding, GateId, Location, Policy, Role, Severity, Timestamp, TreeId};
use toml::{Table, Value};

use crate::Isolation;
use crate::waiver::Waiver;
use custom::CustomGate;

pub(crate) mod custom;
mod waivers;

/// Where the settings are, from the root of the repository.
pub const CONFIG_PATH: &str = ".loki/config.toml";

/// Wall time of one command when nothing else is set.
const COMMAND_SECONDS_DEFAULT: u64 = 600;

/// The longest wall time of one command that can be set: a day.
const COMMAND_SECONDS_MAX: i64 = 24 * 60 * 60;

/// Test commands that can be declared.
const DECLARED_MAX: usize = 16;

/// Licences that can be named.
const LICENCES_MAX: usize = 500;

/// What is judged and within which limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Which gates count, and how.
    pub policy: Policy,
    /// Gates that do not, each with who says so.
    pub left_out: BTreeMap<GateId, String>,
    /// Commands that run the tests, in place of the runners that loki finds by itself.
    pub tests: Option<Vec<DeclaredCommand>>,
    /// Declared commands that do not read or are too many: the tests gate can not pass without them.
    pub tests_left_out: usize,
    /// Wall time of one command.
    pub command_limit: Duration,
    /// The least severity of a finding that blocks.
    pub block_on: Severity,
    /// Tests whose changed expectation is approved: parts of their names.
    pub approved: Vec<String>,
    /// Whether commands of the project are run; without, gates that need them can not tell.
    pub runs: bool,
    /// Whether an error that the project's own linters newly find blocks, instead of being a concern.
    pub static_analysis_blocks: bool,
    /// What commands are held to. Never read from the repository.
    pub isolation: Isolation,
    /// Gates that the project declares, in its order. Each is named in the policy too.
    pub custom: Vec<CustomGate>,
    /// What is asked of dependencies.
    pub dependencies: DependencyPolicy,
    /// What the project accepts.
    pub waivers: Vec<Waiver>,
}

/// What is asked of dependencies beyond what always is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DependencyPolicy {
    /// SPDX names of the licences that new dependencies may be under; empty when any may.
    pub licences: Vec<String>,
    /// Whether the gate can pass an added package that could not be looked up in advisories.
    pub advisories: Advisories,
    /// The snapshot of advisories; without one it is where the environment says. Never read from the
    /// repository.
    pub snapshot: Option<PathBuf>,
}

impl DependencyPolicy {
    /// The directory of the snapshot of advisories, if there is one.
    pub(crate) fn snapshot(&self) -> Option<PathBuf> {
        let named = self.snapshot.clone().or_else(crate::advisories::directory);
        named.filter(|path| path.is_dir())
    }
}

/// What an added package that could not be looked up in advisories amounts to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Advisories {
    /// The gate can not tell.
    #[default]
    Required,
    /// A note.
    Optional,
}

/// A test command that the project declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredCommand {
    /// The program and its arguments; never empty. No shell in between.
    pub argv: Vec<String>,
    /// The JUnit file that the command writes, from the root of the repository.
    pub junit: Option<String>,
}

impl Default for Config {
    /// Every gate is required, tests are found, ten minutes for each command.
    fn default() -> Config {
        let roles: Vec<(&str, Role)> =
            crate::gates::ALL.iter().map(|gate| (gate.id, Role::Required)).collect();
        Config {
            policy: Policy::new(&roles),
            left_out: BTreeMap::new(),
            tests: None,
            tests_left_out: 0,
            command_limit: Duration::from_secs(COMMAND_SECONDS_DEFAULT),
            block_on: Severity::Error,
            approved: Vec::new(),
            runs: true,
            static_analysis_blocks: false,
            isolation: Isolation::default(),
            custom: Vec::new(),
            dependencies: DependencyPolicy::default(),
            waivers: Vec::new(),
        }
    }
}

impl Config {
    /// Reads `[verify]` and `[[gate]]` of [`CONFIG_PATH`] in the tree `base`; the change under judgement has no
    /// say. `now` decides which waivers still count.
    ///
    /// Never fails: what is unknown or wrong becomes a finding and its default stays.
    pub fn at_base(repo: &Repo, base: &TreeId, now: Timestamp) -> (Config, Vec<Finding>) {
        Config::of_file(&Config::file_at(repo, base), now)
    }

    /// The settings file of the tree `base`, as far as it can be read.
    pub(crate) fn file_at(repo: &Repo, base: &TreeId) -> Result<Option<Vec<u8>>, String> {
        repo.read_file(base, CONFIG_PATH).map_err(|error| error.to_string())
    }

    /// What a settings file says at the time `now`.
    pub(crate) fn of_file(
        file: &Result<Option<Vec<u8>>, String>,
        now: Timestamp,
    ) -> (Config, Vec<Finding>) {
        match file {
            Ok(None) => (Config::default(), Vec::new()),
            Ok(Some(bytes)) => {
                let (mut config, mut findings) = Config::parse(&String::from_utf8_lossy(bytes));
                findings.extend(config.end_waivers(now).into_iter().map(problem));
                (config, findings)
            }
            Err(error) => {
                (Config::default(), vec![problem(format!("the settings can not be read: {error}"))])
            }
        }
    }

    /// The names of every gate that there is, in the order of reports: loki's own, then those that
    /// the project declares.
    pub fn gate_names(&self) -> Vec<&str> {
        let custom = self.custom.iter().map(|gate| gate.name.as_str());
        crate::gates::names().into_iter().chain(custom).collect()
    }

    /// Takes the gate out of the policy, for `reason`: who says so. Whether it counted before.
    pub fn leave_out(&mut self, gate: GateId, reason: impl Into<String>) -> bool {
        let counted = self.policy.roles.remove(&gate).is_some();
        if counted {
            self.left_out.insert(gate, reason.into());
        }
        counted
    }

    /// Whether a changed expectation of the test `name` is approved.
    pub(crate) fn is_approved(&self, name: &str) -> bool {
        self.approved.iter().any(|part| part == "all" || name.contains(part.as_str()))
    }

    /// Reads the text of a settings file, as [`Config::at_base`] does.
    pub fn parse(text: &str) -> (Config, Vec<Finding>) {
        let mut reading = Reading { config: Config::default(), findings: Vec::new() };
        match text.parse::<Table>() {
            Ok(mut table) => {
                // First, so that `[verify.gates]` can name what is declared.
                if let Some(gates) = table.remove("gate") {
                    reading.custom(gates);
                }
                match table.remove("verify") {
                    None => {}
                    Some(Value::Table(verify)) => reading.verify(verify),
                    Some(_) => reading.wrong("`verify` is not a table"),
                }
            }
            Err(error) => {
                let line = crate::text::one_line(error.message(), 200);
                reading.wrong(format!("the settings do not parse: {line}"));
            }
        }
        (reading.config, reading.findings)
    }
}

/// A settings file half way through.
struct Reading {
    config: Config,
    findings: Vec<Finding>,
}

impl Reading {
    fn wrong(&mut self, message: impl Into<String>) {
        self.findings.push(problem(message.into()));
    }

    fn verify(&mut self, mut table: Table) {
        let junit = match table.remove("junit") {
            None => None,
            Some(value) => self.junit(&value),
        };
        for (key, value) in table {
            match (key.as_str(), value) {
                ("tests", value) => self.tests(value, junit.as_deref()),
                ("command_seconds_max", Value::Integer(seconds @ 1..=COMMAND_SECONDS_MAX)) => {
                    self.config.command_limit = Duration::from_secs(seconds.unsigned_abs());
                }
                ("command_seconds_max", _) => self.wrong(format!(
                    "`verify.command_seconds_max` is not a whole number from 1 to {COMMAND_SECONDS_MAX}"
                )),
                ("dependencies", Value::Table(table)) => self.dependencies(table),
                ("dependencies", _) => self.wrong("`verify.dependencies` is not a table"),
                ("gates", Value::Table(gates)) => self.gates(gates),
                ("gates", _) => self.wrong("`verify.gates` is not a table"),
                ("static_analysis", Value::Table(table)) => self.static_analysis(table),
                ("waiver", value) => self.waivers(value),
                ("static_analysis", _) => self.wrong("`verify.static_analysis` is not a table"),
                (other, _) => self.wrong(format!("`verify.{}` is not known", shown(other))),
            }
        }
    }

    fn tests(&mut self, value: Value, junit: Option<&str>) {
        let Value::Array(items) = value else {
            self.wrong("`verify.tests` is not a list of commands");
            return;
        };
        if items.len() > DECLARED_MAX {
            self.config.tests_left_out = items.len() - DECLARED_MAX;
            self.wrong(format!("`verify.tests` has more than {DECLARED_MAX} commands"));
        }
        let mut commands = Vec::new();
        for item in items.into_iter().take(DECLARED_MAX) {
            match self.command(&item, junit) {
                Some(command) => commands.push(command),
                None => {
                    self.config.tests_left_out += 1;
                    self.wrong("an entry of `verify.tests` is not a command");
                }
            }
        }
        self.config.tests = Some(commands);
    }

    /// A command: one text, a list of texts, or a table with `command` and `junit`.
    fn command(&mut self, value: &Value, junit: Option<&str>) -> Option<DeclaredCommand> {
        let (command, junit) = match value {
            Value::Table(table) => {
                let own = table.get("junit").and_then(|path| self.junit(path));
                (table.get("command")?, own.or_else(|| junit.map(str::to_owned)))
            }
            other => (other, junit.map(str::to_owned)),
        };
        let argv = match command {
            Value::String(text) => words(text)?,
            Value::Array(parts) => {
                parts.iter().map(|part| part.as_str().map(str::to_owned)).collect::<Option<_>>()?
            }
            _ => return None,
        };
        argv.first()
            .is_some_and(|program: &String| !program.is_empty())
            .then_some(DeclaredCommand { argv, junit })
    }

    fn junit(&mut self, value: &Value) -> Option<String> {
        let path = value.as_str().filter(|path| is_inside(path)).map(str::to_owned);
        if path.is_none() {
            self.wrong("`junit` is not a path inside of the repository");
        }
        path
    }

    fn static_analysis(&mut self, table: Table) {
        for (key, value) in table {
            match (key.as_str(), value) {
                ("blocking", Value::Boolean(blocks)) => self.config.static_analysis_blocks = blocks,
                (other, _) => self.wrong(format!(
                    "`verify.static_analysis.{}` is not known, or neither `true` nor `false`",
                    shown(other)
                )),
            }
        }
    }

    fn dependencies(&mut self, table: Table) {
        for (key, value) in table {
            match (key.as_str(), value) {
                ("licences", Value::Array(names)) if names.iter().all(Value::is_str) => {
                    let names = names.iter().filter_map(Value::as_str).take(LICENCES_MAX);
                    self.config.dependencies.licences = names.map(str::to_owned).collect();
                }
                ("licences", _) => {
                    self.wrong("`verify.dependencies.licences` is not a list of names");
                }
                ("advisories", Value::String(word)) if word == "required" || word == "optional" => {
                    self.config.dependencies.advisories = match word.as_str() {
                        "required" => Advisories::Required,
                        _ => Advisories::Optional,
                    };
                }
                ("advisories", _) => {
                    self.wrong(
                        "`verify.dependencies.advisories` is none of `required`, `optional`",
                    );
                }
                (other, _) => {
                    self.wrong(format!("`verify.dependencies.{}` is not known", shown(other)));
                }
            }
        }
    }

    fn custom(&mut self, gates: Value) {
        let is_taken = |name: &str| crate::gates::ALL.iter().any(|gate| gate.id == name);
        let (gates, wrong) = custom::read(gates, &is_taken);
        for gate in &gates {
            let role = if gate.blocking { Role::Required } else { Role::Advisory };
            self.config.policy.roles.insert(GateId::from(gate.name.as_str()), role);
        }
        self.config.custom = gates;
        wrong.into_iter().for_each(|why| self.wrong(why));
    }

    fn gates(&mut self, gates: Table) {
        for (gate, value) in gates {
            let id = GateId(gate);
            let roles = &mut self.config.policy.roles;
            match (roles.contains_key(&id), value.as_str()) {
                (false, _) => self.wrong(format!("there is no gate `{}`", shown(&id.0))),
                (true, Some("required")) => _ = roles.insert(id, Role::Required),
                (true, Some("advisory")) => _ = roles.insert(id, Role::Advisory),
                (true, Some("off")) => {
                    _ = self.config.leave_out(id, format!("`off` in {CONFIG_PATH} of the base"));
                }
                (true, _) => self
                    .wrong(format!("`verify.gates.{id}` is none of `required`, `advisory`, `off`")),
            }
        }
    }
}

/// A key of a settings file as it can be shown.
fn shown(key: &str) -> String {
    crate::text::one_line(key, 60)
}

fn problem(message: String) -> Finding {
    Finding {
        rule: "config/ignored".to_owned(),
        severity: Severity::Warning,
        location: Some(Location { path: CONFIG_PATH.to_owned(), line: None }),
        message: crate::gates::secrets::masked(&message),
        detail: String::new(),
    }
}

/// Whether a path stays inside of the directory it starts from.
fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && std::path::Path::new(path).components().all(|part| {
            matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir)
        })
}

/// Splits a command at blanks; single and double quotes hold words together. Nothing for an open
/// quote.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut quote) = (None::<String>, None);
    for c in text.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn without_settings_every_gate_is_required() {
        let (config, findings) = Config::parse("");
        assert_eq!(config, Config::default());
        assert_eq!(config.policy.roles.len(), crate::gates::ALL.len());
        assert!(config.policy.roles.values().all(|role| *role == Role::Required));
        assert!(findings.is_empty());
    }

    #[test]
    fn settings_that_are_right_are_taken() {
        let (config, findings) = Config::parse(
            "[other]\nx = 1\n[verify]\ncommand_seconds_max = 30\ntests = ['make \"a b\" c', { command = ['x', 'y z'], junit = 'out/j.xml' }]\n[verify.gates]\nsecrets = 'off'\nbuild = 'advisory'\n",
        );
        assert_eq!(findings, []);
        assert_eq!(config.command_limit, Duration::from_secs(30));
        assert_eq!(config.policy.roles.len(), crate::gates::ALL.len() - 1);
        assert_eq!(config.policy.roles[&GateId::from("build")], Role::Advisory);
        let off =
            BTreeMap::from([("secrets".into(), format!("`off` in {CONFIG_PATH} of the base"))]);
        assert_eq!(config.left_out, off);
        let tests = config.tests.unwrap();
        assert_eq!(tests[0].argv, ["make", "a b", "c"]);
        assert_eq!(tests[1].junit.as_deref(), Some("out/j.xml"));
    }

    #[test]
    fn settings_that_are_wrong_are_findings_and_defaults_stay() {
        for text in [
            "[verify",
            "verify = 1",
            "[verify]\nspeed = 1",
            "[verify]\ncommand_seconds_max = 0",
            "[verify]\ncommand_seconds_max = 'x'",
            "[verify]\ngates = 1",
            "[verify]\ndependencies = 1",
            "[verify.dependencies]\nlicences = 'MIT'",
            "[verify.dependencies]\nadvisories = 'sometimes'",
            "[verify.dependencies]\nspeed = 1",
            "[verify.gates]\nvibes = 'required'",
            "[verify.gates]\ntests = 'sometimes'",
            "[verify]\njunit = '../x'",
        ] {
            let (config, findings) = Config::parse(text);
            assert_eq!(config, Config::default(), "{text}");
            assert_eq!(findings.len(), 1, "{text}");
        }
    }

    #[test]
    fn test_commands_that_are_left_out_are_counted_and_said() {
        let (config, findings) = Config::parse("[verify]\ntests = ['', 1, 'ok', 'open \"quote']");
        assert_eq!(config.tests_left_out, 3);
        assert_eq!(config.tests.unwrap().len(), 1);
        assert_eq!(findings.len(), 3);
        let many = vec!["'x'"; DECLARED_MAX + 2].join(", ");
        let (config, findings) = Config::parse(&format!("[verify]\ntests = [{many}]"));
        assert_eq!((config.tests_left_out, findings.len()), (2, 1));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "(\\[verify\\]\n|\\[\\[gate\\]\\]\n|tests = |name = |\\PC|\n){0,60}") {
            let _ = Config::parse(&text);
        }
    }
}
