//! Gates that the project itself declares: the `[[gate]]` tables of its settings.
//!
//! A table that can not be followed is a finding, and its gate stays: it can not tell, instead of
//! being forgotten.

use std::time::Duration;

use loki_model::Severity;
use toml::{Table, Value};

use super::{COMMAND_SECONDS_MAX, is_inside, shown, words};
use crate::probe::{PROBE_COMMAND, Probe, of_argv};
use crate::reported::lines::Lines;

/// Gates that can be declared.
const CUSTOM_MAX: usize = 16;

/// Probes of one gate.
const PROBES_MAX: usize = 64;

/// Bytes of a gate's name.
const NAME_BYTES_MAX: usize = 40;

/// What stands for the gates beyond [`CUSTOM_MAX`].
const LEFT_OUT: &str = "gates-left-out";

/// A gate that the project declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomGate {
    /// As the policy and the reports name it.
    pub name: String,
    /// Whether a failure blocks, unless `[verify.gates]` says otherwise.
    pub blocking: bool,
    /// What it does, or why its table can not be followed.
    pub check: Result<CustomCheck, String>,
}

impl CustomGate {
    /// What must hold, told to those whose work is judged.
    pub fn must_hold(&self) -> String {
        match &self.check {
            Ok(check) => {
                let probes = of_argv(&check.argv);
                if !probes.is_empty() {
                    let requests: Vec<&str> =
                        probes.iter().map(|probe| probe.request.as_str()).collect();
                    let requests = crate::text::one_line(&requests.join(", "), COMMAND_BYTES_SHOWN);
                    return format!("the server answers as it must: {requests}");
                }
                let what = crate::text::one_line(&check.argv.join(" "), COMMAND_BYTES_SHOWN);
                if check.parser == Parser::Lcov {
                    return format!("`{what}` runs every line that the change adds");
                }
                let new = if check.new_only { " new" } else { "" };
                format!("`{what}` finds nothing{new}")
            }
            Err(_) => "its settings can not be followed".to_owned(),
        }
    }
}

/// Bytes of a command in a sentence.
const COMMAND_BYTES_SHOWN: usize = 120;

/// What a declared gate does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomCheck {
    /// The program and its arguments; never empty. No shell in between.
    pub argv: Vec<String>,
    /// Where it runs, from the root of the repository; empty for the root.
    pub dir: String,
    /// How bad a finding is that does not say so itself.
    pub severity: Severity,
    /// Wall time, where it differs from that of other commands.
    pub limit: Option<Duration>,
    /// How its findings are read.
    pub parser: Parser,
    /// The file that it writes, from the root of the repository; else standard output is read.
    pub output: Option<String>,
    /// Whether only findings count that the base does not have.
    pub new_only: bool,
    /// What it has to notice before its pass counts.
    pub violation: Option<Violation>,
}

/// A file that a declared gate must not accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where it is written, from the root of the repository.
    pub path: String,
    /// All of it.
    pub content: String,
}

/// How findings are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parser {
    /// There is one finding when it does not exit with 0.
    ExitCode,
    /// Results of a SARIF log.
    Sarif,
    /// Failed cases of a JUnit report.
    Junit,
    /// Lines of the change that no test ran, of a tracefile of LCOV.
    Lcov,
    /// Lines of its output that match this regular expression.
    Regex(String),
    /// What loki's own program saw when it asked a server of the project.
    Probes,
}

/// Reads the value of `gate`. `is_taken` tells names that a gate already has.
///
/// Never fails: gives every gate that was meant, and what is wrong with them.
pub(super) fn read(
    value: Value,
    is_taken: &dyn Fn(&str) -> bool,
) -> (Vec<CustomGate>, Vec<String>) {
    let Value::Array(tables) = value else {
        return (
            vec![broken("gate-1", "it is not a `[[gate]]` table")],
            vec!["`gate` is not a list of tables: write `[[gate]]`".to_owned()],
        );
    };
    let more = tables.len().saturating_sub(CUSTOM_MAX);
    let (mut gates, mut wrong): (Vec<CustomGate>, Vec<String>) = (Vec::new(), Vec::new());
    for (number, value) in (1..).zip(tables.into_iter().take(CUSTOM_MAX)) {
        let is_used = |name: &str| is_taken(name) || gates.iter().any(|gate| gate.name == name);
        let gate = one(number, value, &is_used);
        if let Err(why) = &gate.check {
            wrong.push(format!("`[[gate]]` number {number} (`{}`): {why}", gate.name));
        }
        gates.push(gate);
    }
    if more > 0 {
        let why = format!("more than {CUSTOM_MAX} gates are declared, {more} are left out");
        wrong.push(why.clone());
        gates.push(broken(LEFT_OUT, &why));
    }
    (gates, wrong)
}

fn broken(name: &str, why: &str) -> CustomGate {
    CustomGate { name: name.to_owned(), blocking: true, check: Err(why.to_owned()) }
}

fn one(number: usize, value: Value, is_taken: &dyn Fn(&str) -> bool) -> CustomGate {
    let fallback = format!("gate-{number}");
    let Value::Table(mut table) = value else { return broken(&fallback, "it is not a table") };
    let name = match table.remove("name") {
        Some(Value::String(name)) if is_name(&name) && !is_taken(&name) => name,
        Some(Value::String(name)) if is_name(&name) => {
            return broken(&fallback, &format!("there already is a gate `{name}`"));
        }
        _ => {
            let why =
                format!("`name` is not 1 to {NAME_BYTES_MAX} small letters, digits and hyphens");
            return broken(&fallback, &why);
        }
    };
    let mut fields = Fields { table, wrong: Vec::new() };
    let blocking = fields.flag("blocking", true);
    let check = fields.check();
    let check = match (check, fields.wrong.is_empty()) {
        (Some(check), true) => Ok(check),
        _ => Err(fields.wrong.join("; ")),
    };
    CustomGate { name, blocking, check }
}

/// Kebab case.
fn is_name(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=NAME_BYTES_MAX).contains(&name.len())
        && name.chars().all(is_part)
        && !name.starts_with('-')
}

/// One table half way through: every field that is read is taken out.
struct Fields {
    table: Table,
    wrong: Vec<String>,
}

impl Fields {
    /// Reads everything but the name; nothing where a field that is needed is wrong.
    fn check(&mut self) -> Option<CustomCheck> {
        let is_server = self.table.contains_key("serve");
        let argv = if is_server { self.probing() } else { self.command("command") };
        let dir = self.path("dir");
        let severity = self.severity();
        let limit = self.limit();
        let is_new_only = self.table.contains_key("new_only");
        let new_only = self.flag("new_only", false);
        let violation = self.violation();
        let output = self.path("output");
        let parser = if is_server {
            self.only_of_commands(&output, &violation);
            Some(Parser::Probes)
        } else {
            self.parser(output.is_some())
        };
        if parser == Some(Parser::Lcov) {
            // It tells of the lines of the change alone.
            let others = [(is_new_only, "new_only"), (violation.is_some(), "violation")];
            for (_, key) in others.iter().filter(|(is_there, _)| *is_there) {
                self.wrong.push(format!("`{key}` does not go with `parser = \"lcov\"`"));
            }
        }
        for key in self.table.keys() {
            self.wrong.push(format!("`{}` is not known", shown(key)));
        }
        let dir = dir.unwrap_or_default().trim_matches('/').to_owned();
        let dir = if dir == "." { String::new() } else { dir };
        Some(CustomCheck {
            argv: argv?,
            dir,
            severity: severity?,
            limit,
            parser: parser?,
            output,
            new_only,
            violation,
        })
    }

    fn violation(&mut self) -> Option<Violation> {
        let value = self.table.remove("violation")?;
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let is_all = value.as_table().is_some_and(|table| table.len() == 2);
        match (text("path").filter(|path| is_inside(path)), text("content")) {
            (Some(path), Some(content)) if is_all => Some(Violation { path, content }),
            _ => {
                let why = "`violation` is not `{ path = \"…\", content = \"…\" }` with a path inside of the \
                           repository";
                self.wrong.push(why.to_owned());
                None
            }
        }
    }

    /// The command that starts a server and asks it.
    fn probing(&mut self) -> Option<Vec<String>> {
        let serve = self.command("serve")?;
        let probes = self.table.remove("probe");
        let tables = probes.as_ref().and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if tables.is_empty() || tables.len() > PROBES_MAX {
            let why = format!("`serve` needs 1 to {PROBES_MAX} tables `[[gate.probe]]`");
            self.wrong.push(why);
            return None;
        }
        let mut argv = ["loki", PROBE_COMMAND, "--serve"].map(str::to_owned).to_vec();
        argv.push(Value::Array(serve.into_iter().map(Value::String).collect()).to_string());
        for (number, table) in (1..).zip(tables) {
            let read = table.clone().try_into::<Probe>().map_err(|err| err.message().to_owned());
            match read.and_then(|probe| probe.problem().map_or(Ok(probe), Err)) {
                Ok(probe) => argv.extend(serde_json::to_string(&probe).ok()),
                Err(why) => self.wrong.push(format!("`[[gate.probe]]` number {number}: {why}")),
            }
        }
        Some(argv)
    }

    fn only_of_commands(&mut self, output: &Option<String>, violation: &Option<Violation>) {
        let others = ["command", "parser", "pattern"];
        let mut found = others.into_iter().filter(|key| self.table.remove(*key).is_some());
        let key = found
            .next()
            .or(output.as_ref().map(|_| "output"))
            .or(violation.as_ref().map(|_| "violation"));
        if let Some(key) = key {
            self.wrong.push(format!("`{key}` does not go with `serve`"));
        }
    }

    fn command(&mut self, key: &str) -> Option<Vec<String>> {
        let argv = match self.table.remove(key) {
            Some(Value::String(text)) => words(&text),
            Some(Value::Array(parts)) => {
                parts.iter().map(|part| part.as_str().map(str::to_owned)).collect()
            }
            _ => None,
        };
        let argv = argv.filter(|argv| argv.first().is_some_and(|program| !program.is_empty()));
        if argv.is_none() {
            self.wrong.push(format!("`{key}` is neither a text nor a list of texts"));
        }
        argv
    }

    fn severity(&mut self) -> Option<Severity> {
        let value = self.table.remove("severity");
        let severity = match value.as_ref().map(Value::as_str) {
            None | Some(Some("error")) => Some(Severity::Error),
            Some(Some("warning")) => Some(Severity::Warning),
            Some(Some("note")) => Some(Severity::Note),
            _ => None,
        };
        if severity.is_none() {
            self.wrong.push("`severity` is none of `error`, `warning`, `note`".to_owned());
        }
        severity
    }

    fn limit(&mut self) -> Option<Duration> {
        match self.table.remove("timeout")? {
            Value::Integer(seconds @ 1..=COMMAND_SECONDS_MAX) => {
                Some(Duration::from_secs(seconds.unsigned_abs()))
            }
            _ => {
                let why =
                    format!("`timeout` is not a number of seconds up to {COMMAND_SECONDS_MAX}");
                self.wrong.push(why);
                None
            }
        }
    }

    fn parser(&mut self, has_output: bool) -> Option<Parser> {
        let parser = self.table.remove("parser");
        let pattern = self.table.remove("pattern");
        let parser = match parser.as_ref().map(Value::as_str) {
            None | Some(Some("exit-code")) => Some(Parser::ExitCode),
            Some(Some("sarif")) => Some(Parser::Sarif),
            Some(Some("junit")) => Some(Parser::Junit),
            Some(Some("lcov")) => Some(Parser::Lcov),
            Some(Some("regex")) => return self.regex(pattern, has_output),
            _ => None,
        };
        match parser {
            None => {
                let why = "`parser` is none of `exit-code`, `sarif`, `junit`, `lcov`, `regex`";
                self.wrong.push(why.to_owned());
            }
            Some(_) if pattern.is_some() => {
                self.wrong.push("`pattern` is for `parser = \"regex\"`".to_owned());
            }
            Some(Parser::ExitCode) if has_output => {
                self.wrong.push("`output` is not read by `parser = \"exit-code\"`".to_owned());
            }
            Some(_) => {}
        }
        parser
    }

    fn regex(&mut self, pattern: Option<Value>, has_output: bool) -> Option<Parser> {
        if has_output {
            self.wrong.push("`output` is for `sarif`, `junit` and `lcov`".to_owned());
        }
        let Some(pattern) = pattern.as_ref().and_then(Value::as_str) else {
            self.wrong.push("`parser = \"regex\"` needs a `pattern`".to_owned());
            return None;
        };
        if let Err(why) = Lines::new(pattern) {
            self.wrong.push(format!("`pattern` can not be used: {why}"));
        }
        Some(Parser::Regex(pattern.to_owned()))
    }

    fn flag(&mut self, key: &str, default: bool) -> bool {
        match self.table.remove(key) {
            None => default,
            Some(Value::Boolean(flag)) => flag,
            Some(_) => {
                self.wrong.push(format!("`{key}` is neither `true` nor `false`"));
                default
            }
        }
    }

    fn path(&mut self, key: &str) -> Option<String> {
        let value = self.table.remove(key)?;
        let path = value.as_str().filter(|path| is_inside(path)).map(str::to_owned);
        if path.is_none() {
            self.wrong.push(format!("`{key}` is not a path inside of the repository"));
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;
    use loki_model::{GateId, Role};

    #[test]
    fn a_gate_that_is_declared_counts_under_its_name() {
        let (config, findings) = Config::parse(
            "[[gate]]\nname = 'licences'\ncommand = 'sh check.sh \"a b\"'\n\
             [[gate]]\nname = 'size'\ncommand = ['x', '']\ndir = 'web'\nseverity = 'warning'\n\
             blocking = false\ntimeout = 5\nparser = 'sarif'\noutput = 'out/r.sarif'\nnew_only = true\n\
             [verify.gates]\nlicences = 'advisory'\n",
        );
        assert_eq!(findings, []);
        assert_eq!(config.policy.roles[&GateId::from("licences")], Role::Advisory);
        assert_eq!(config.policy.roles[&GateId::from("size")], Role::Advisory);
        let first = config.custom[0].check.as_ref().unwrap();
        assert_eq!((first.argv.len(), &first.parser), (3, &Parser::ExitCode));
        let second = config.custom[1].check.as_ref().unwrap();
        assert_eq!((second.dir.as_str(), second.severity), ("web", Severity::Warning));
        assert_eq!(second.limit, Some(Duration::from_secs(5)));
        assert!(second.new_only && second.output.as_deref() == Some("out/r.sarif"));
    }

    #[test]
    fn a_table_that_is_wrong_is_a_finding_and_its_gate_can_not_tell() {
        for table in [
            "command = 'x'",
            "name = 'Big'\ncommand = 'x'",
            "name = 'tests'\ncommand = 'x'",
            "name = 'a'",
            "name = 'a'\ncommand = ''",
            "name = 'a'\ncommand = 'x'\nspeed = 1",
            "name = 'a'\ncommand = 'x'\nseverity = 'bad'",
            "name = 'a'\ncommand = 'x'\nblocking = 'no'",
            "name = 'a'\ncommand = 'x'\ntimeout = 0",
            "name = 'a'\ncommand = 'x'\ndir = '../x'",
            "name = 'a'\ncommand = 'x'\nparser = 'xml'",
            "name = 'a'\ncommand = 'x'\nparser = 'regex'",
            "name = 'a'\ncommand = 'x'\nparser = 'regex'\npattern = '('",
            "name = 'a'\ncommand = 'x'\npattern = 'x'",
            "name = 'a'\ncommand = 'x'\noutput = 'x'",
            "name = 'a'\ncommand = 'x'\nviolation = 'x'",
            "name = 'a'\ncommand = 'x'\nviolation = { path = 'x' }",
            "name = 'a'\ncommand = 'x'\nviolation = { path = '../x', content = '' }",
            "name = 'a'\ncommand = 'x'\nviolation = { path = 'x', content = '', mode = 1 }",
            "name = 'a'\nserve = 'x'\nviolation = { path = 'x', content = '' }\nprobe = [{ request = 'GET /' }]",
            "name = 'a'\ncommand = 'x'\nparser = 'lcov'\nnew_only = true",
            "name = 'a'\ncommand = 'x'\nparser = 'lcov'\nviolation = { path = 'x', content = '' }",
            "name = 'a'\nserve = 'x'",
            "name = 'a'\nserve = 'x'\nprobe = []",
            "name = 'a'\nserve = 'x'\nprobe = [{ request = 'health' }]",
            "name = 'a'\nserve = 'x'\nprobe = [{ request = 'GET /', state = 200 }]",
            "name = 'a'\nserve = 'x'\ncommand = 'y'\nprobe = [{ request = 'GET /' }]",
            "name = 'a'\ncommand = 'x'\nprobe = [{ request = 'GET /' }]",
        ] {
            let (config, findings) = Config::parse(&format!("[[gate]]\n{table}\n"));
            assert_eq!(findings.len(), 1, "{table}: {findings:?}");
            assert_eq!(config.custom.len(), 1, "{table}");
            assert!(config.custom[0].check.is_err(), "{table}");
            let name = GateId(config.custom[0].name.clone());
            assert_eq!(config.policy.roles[&name], Role::Required, "{table}");
        }
        let (config, findings) = Config::parse("gate = 1");
        assert_eq!((config.custom.len(), findings.len()), (1, 1));
    }

    #[test]
    fn a_server_is_asked_what_its_probes_say() {
        let (config, findings) = Config::parse(
            "[[gate]]\nname = 'api'\nserve = 'python3 app.py $PORT'\n\
             [[gate.probe]]\nrequest = 'GET /health'\ncontains = 'ok'\nrequirement = 'R-1'\n\
             [[gate.probe]]\nrequest = 'POST /notes'\nstatus = 201\nbody = '{}'\n",
        );
        assert_eq!(findings, []);
        let gate = &config.custom[0];
        let check = gate.check.as_ref().unwrap();
        assert_eq!(check.parser, Parser::Probes);
        assert_eq!(check.argv[..3], ["loki", "probe", "--serve"]);
        let serve: Vec<String> = serde_json::from_str(&check.argv[3]).unwrap();
        assert_eq!(serve, ["python3", "app.py", "$PORT"]);
        let probes = of_argv(&check.argv);
        assert_eq!((probes.len(), probes[0].requirement.as_deref()), (2, Some("R-1")));
        assert_eq!(probes[1].status, 201);
        let must = gate.must_hold();
        assert_eq!(must, "the server answers as it must: GET /health, POST /notes");
    }

    #[test]
    fn names_are_unique_and_gates_that_are_too_many_are_said() {
        let table = |name: &str| format!("[[gate]]\nname = '{name}'\ncommand = 'x'\n");
        let (config, findings) = Config::parse(&format!("{}{}", table("a"), table("a")));
        assert_eq!((config.custom.len(), findings.len()), (2, 1));
        assert_ne!(config.custom[0].name, config.custom[1].name);
        let many: String = (0..CUSTOM_MAX + 2).map(|at| table(&format!("n{at}"))).collect();
        let (config, findings) = Config::parse(&many);
        assert_eq!((config.custom.len(), findings.len()), (CUSTOM_MAX + 1, 1));
        assert!(config.policy.roles.contains_key(&GateId::from(LEFT_OUT)));
    }
}
