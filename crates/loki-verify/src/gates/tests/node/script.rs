//! Test scripts of `package.json`: which runners they call, in which line of shell.

use super::runner::{Call, Runner, call};
use crate::gates::tests::words::{Joint, Step, is_failure, is_nothing, steps};

/// How deep scripts may call each other.
const DEPTH_MAX: usize = 6;

/// Calls of runners that one script may come to.
const CALLS_MAX: usize = 16;

/// Bytes of arguments that fit into one word of a command with room to spare.
const ARGUMENTS_BYTES_MAX: usize = 100_000;

/// A script as loki runs it: the same commands, its runners told to report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// A line of shell. Its first argument is a script for node to load first, and each further one
    /// the report of one of `runners`.
    pub(super) line: String,
    /// The runners that report, in order.
    pub(super) runners: Vec<Runner>,
    /// Whether the script loses the exit code of a runner; `line` does not.
    pub(super) swallows: bool,
}

/// Scripts of a package, by name.
pub(super) type Scripts<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Plan {
    /// A call of node's own runner that names `files`; one that lets it search when there are too
    /// many to name.
    pub(super) fn over(files: &[String]) -> Plan {
        let mut arguments: Vec<String> = files.iter().map(|file| quoted(file)).collect();
        if arguments.iter().map(String::len).sum::<usize>() > ARGUMENTS_BYTES_MAX {
            arguments.clear();
        }
        let line = Call::of_node(arguments).written(&argument(2), &argument(1));
        Plan { line, runners: vec![Runner::Node], swallows: false }
    }
}

/// Reads a script that comes to calls of known runners, also through other `scripts`.
///
/// Nothing for one that calls none, or that does more than to run commands one after another. What
/// hides the exit code of a runner, such as `jest || true`, is left out and told.
///
/// Of `near`, if there are any, runners that can be told and are not are told to run these files only.
pub(super) fn plan(script: &str, scripts: Scripts<'_>, near: &[String]) -> Option<Plan> {
    let mut planning = Planning { scripts, near, runners: Vec::new(), swallows: false };
    let line = planning.line(script, DEPTH_MAX)?;
    let Planning { runners, swallows, .. } = planning;
    (!runners.is_empty()).then_some(Plan { line, runners, swallows })
}

/// A script half way through.
struct Planning<'a> {
    scripts: Scripts<'a>,
    near: &'a [String],
    runners: Vec<Runner>,
    swallows: bool,
}

impl Planning<'_> {
    /// A script with its runners told to report; nothing when it can not be understood.
    fn line(&mut self, script: &str, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        let steps = steps(script)?;
        let mut line = String::new();
        let mut has_run = false;
        for (at, step) in steps.iter().enumerate() {
            let ran = self.runners.len();
            let written = self.step(step, depth);
            let is_runner = self.runners.len() > ran;
            let mut joint = step.joint;
            // What comes after a runner whatever became of it decides in its place.
            if has_run && matches!(joint, Joint::Or | Joint::Then) {
                let is_last = !is_runner && !steps[at..].iter().any(may_run);
                self.swallows |= !is_last || hides(&steps[at..]);
                match joint {
                    _ if is_last => break,
                    Joint::Or if !is_runner => continue,
                    _ => joint = Joint::And,
                }
            }
            has_run |= is_runner;
            line.push_str(joint.written());
            line.push_str(written.as_deref().unwrap_or(&step.text));
        }
        Some(line)
    }

    /// A command that comes to runners; nothing for any other.
    fn step(&mut self, step: &Step, depth: usize) -> Option<String> {
        if let Some(names) = called(&step.words)
            && let Some(line) = self.scripts(&names, depth)
        {
            return Some(line);
        }
        let call = call(&step.words)?.only(self.near.iter().map(|file| quoted(file)));
        if self.runners.len() >= CALLS_MAX {
            return None;
        }
        self.runners.push(call.runner);
        Some(call.written(&argument(self.runners.len() + 1), &argument(1)))
    }

    /// Scripts by name, each after the one that npm would run before it; nothing when they come to no
    /// runner.
    fn scripts(&mut self, names: &[(String, String)], depth: usize) -> Option<String> {
        let before = (self.runners.clone(), self.swallows);
        let mut lines = Vec::new();
        for (name, arguments) in names {
            for (name, arguments) in [(format!("pre{name}"), ""), (name.clone(), arguments)] {
                let Some(script) = (self.scripts)(&name) else { continue };
                let script = format!("{script} {arguments}");
                // What is not understood is run as it is.
                lines.push(self.line(&script, depth).unwrap_or(script));
            }
        }
        let is_known = names.iter().all(|(name, _)| (self.scripts)(name).is_some());
        if !is_known || self.runners.len() == before.0.len() {
            (self.runners, self.swallows) = before;
            return None;
        }
        let lines: Vec<String> = lines.iter().map(|line| format!("({})", line.trim())).collect();
        Some(lines.join(" && "))
    }
}

/// A file as a word of a shell.
fn quoted(file: &str) -> String {
    format!("'./{}'", file.replace('\'', r"'\''"))
}

/// Whether a command may come to a runner.
fn may_run(step: &Step) -> bool {
    call(&step.words).is_some() || called(&step.words).is_some()
}

/// Whether what is joined to a runner by `||` or `;` makes its failure a success.
fn hides(rest: &[Step]) -> bool {
    match rest {
        [only] => {
            !is_failure(&only.words) && (only.joint == Joint::Then || is_nothing(&only.words))
        }
        [.., last] => !is_failure(&last.words),
        [] => false,
    }
}

/// The shell's word for one of its arguments, counted from one.
fn argument(number: usize) -> String {
    format!("\"${{{number}}}\"")
}

/// The scripts that a command calls, each with its further arguments: `npm run unit -- --bail`,
/// `yarn unit`, `run-s lint unit`.
fn called(words: &[String]) -> Option<Vec<(String, String)>> {
    const SILENT: &[&str] = &["--silent", "-s", "--if-present"];
    let mut words = words.iter().map(String::as_str).filter(|word| !SILENT.contains(word));
    let program = words.next()?;
    let mut rest: Vec<&str> = words.collect();
    if matches!(program, "run-s" | "npm-run-all") {
        let is_plain = |word: &&str| !word.starts_with('-') && !word.contains('*');
        return (!rest.is_empty() && rest.iter().all(is_plain))
            .then(|| rest.iter().map(|name| ((*name).to_owned(), String::new())).collect());
    }
    if !matches!(program, "npm" | "pnpm" | "yarn" | "bun") {
        return None;
    }
    let name = match (program, rest.first().copied()?) {
        (_, "run" | "run-script") if rest.len() > 1 => {
            rest.remove(0);
            rest.remove(0)
        }
        ("npm", "test" | "t" | "tst") | ("pnpm" | "yarn", "test") => {
            rest.remove(0);
            "test"
        }
        ("pnpm" | "yarn", name) if !name.starts_with('-') => rest.remove(0),
        _ => return None,
    };
    if name.starts_with('-') {
        return None;
    }
    if rest.first() == Some(&"--") {
        rest.remove(0);
    } else if program == "npm" && !rest.is_empty() {
        // Options of npm itself, such as for workspaces.
        return None;
    }
    Some(vec![(name.to_owned(), rest.join(" "))])
}

/// Whether a script does no more than to call the scripts of its workspaces: `npm test --workspaces`.
pub(super) fn delegates(script: &str) -> bool {
    const WHOLE: &[&[&str]] = &[
        &["turbo", "test"],
        &["turbo", "run", "test"],
        &["lerna", "run", "test"],
        &["yarn", "workspaces", "run", "test"],
        &["pnpm", "-r", "test"],
        &["pnpm", "-r", "run", "test"],
        &["pnpm", "run", "-r", "test"],
        &["pnpm", "test", "-r"],
        &["pnpm", "--recursive", "test"],
        &["pnpm", "--recursive", "run", "test"],
    ];
    const CALLS: &[&[&str]] = &[&["test"], &["t"], &["run", "test"], &["run-script", "test"]];
    const ALL: &[&str] = &["--workspaces", "-ws"];
    const HARMLESS: &[&str] = &["--if-present", "--silent", "-s"];
    let words: Vec<&str> = script.split_whitespace().collect();
    if WHOLE.contains(&words.as_slice()) {
        return true;
    }
    let Some(("npm", words)) = words.split_first().map(|(first, rest)| (*first, rest)) else {
        return false;
    };
    let (options, call): (Vec<&str>, Vec<&str>) =
        words.iter().partition(|word| ALL.contains(word) || HARMLESS.contains(word));
    CALLS.contains(&call.as_slice()) && options.iter().any(|option| ALL.contains(option))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A plan with short words for reports, against scripts of its package.
    fn planned(script: &str) -> Option<(String, bool)> {
        let scripts = |name: &str| {
            let script = match name {
                "unit" => "jest --ci",
                "preunit" => "tsc",
                "e2e" => "mocha e2e; exit 0",
                "lint" => "eslint .",
                "loop" => "npm run loop",
                _ => return None,
            };
            Some(script.to_owned())
        };
        let plan = plan(script, &scripts, &[])?;
        let line = plan.line.replace("\"${1}\"", "G").replace("\"${2}\"", "R");
        let line = line.replace(" --json --outputFile=R", "").replace("\"${3}\"", "S");
        let line = line.replace(" --require G --reporter xunit -O output=", " ");
        Some((line, plan.swallows))
    }

    fn is(script: &str, line: &str, swallows: bool) {
        assert_eq!(planned(script), Some((line.to_owned(), swallows)), "{script}");
    }

    #[test]
    fn commands_around_a_runner_stay_as_they_are() {
        is("jest", "jest", false);
        is("tsc -p . && jest dist && tsd", "tsc -p . && jest dist && tsd", false);
        is("export A=1; test -d x || make; jest", "export A=1; test -d x || make; jest", false);
        is("jest a && mocha b", "jest a && mocha S b", false);
    }

    #[test]
    fn runners_that_are_told_no_files_can_be_told_some() {
        let near = ["a/b.js".to_owned(), "it's.js".to_owned()];
        for (script, line) in [
            ("jest --ci", "jest --json --outputFile=R './a/b.js' './it'\\''s.js' --ci"),
            (
                "tsc && vitest",
                "tsc && vitest run --reporter=json --outputFile=R './a/b.js' './it'\\''s.js'",
            ),
            ("jest dist", "jest --json --outputFile=R dist"),
            ("mocha", "mocha --require G --reporter xunit -O output=R"),
        ] {
            let plan = plan(script, &|_| None, &near).unwrap();
            let written = plan.line.replace("\"${1}\"", "G").replace("\"${2}\"", "R");
            assert_eq!(written, line, "{script}");
        }
        let plan = plan("node --import=tsx --test", &|_| None, &near).unwrap();
        assert!(plan.line.ends_with("--import=tsx './a/b.js' './it'\\''s.js'"), "{}", plan.line);
    }

    #[test]
    fn what_hides_the_exit_code_of_a_runner_is_left_out() {
        for script in
            ["jest || true", "jest; exit 0", "jest || echo red", "jest; rm -rf tmp", "jest;true"]
        {
            is(script, "jest", true);
        }
        is("jest a; mocha b", "jest a && mocha S b", true);
        is("jest || true; mocha b", "jest && mocha S b", true);
        for script in ["jest || exit 1", "jest; code=$?; rm -rf tmp; exit $code"] {
            is(script, "jest", false);
        }
    }

    #[test]
    fn scripts_that_are_called_are_read_too() {
        is("npm run lint && npm run unit", "npm run lint && (tsc) && (jest --ci)", false);
        is("npm run unit -- --bail", "(tsc) && (jest --ci --bail)", false);
        is("yarn unit", "(tsc) && (jest --ci)", false);
        is(
            "pnpm jest && pnpm exec jest",
            "pnpm jest && pnpm exec jest --json --outputFile=S",
            false,
        );
        is("run-s lint e2e", "(eslint .) && (mocha R e2e)", true);
    }

    #[test]
    fn scripts_without_a_known_runner_are_not_understood() {
        for script in [
            "",
            "node test.js",
            "jest | cat",
            "&& jest",
            "jest $(cat list)",
            "true # jest",
            "npm run lint",
            "npm run loop",
            "npm test --workspaces",
            "npm run nowhere",
            "run-p unit",
        ] {
            assert_eq!(planned(script), None, "{script}");
        }
    }

    #[test]
    fn scripts_that_only_call_those_of_their_workspaces_are_told_from_others() {
        for script in ["npm test --workspaces", "npm run test -ws --if-present", "turbo run test"] {
            assert!(delegates(script), "{script}");
        }
        for script in ["npm test", "npm test -ws || true", "npm test -w a", "npm run lint -ws", ""]
        {
            assert!(!delegates(script), "{script}");
        }
    }

    #[test]
    fn files_are_named_to_node_as_long_as_they_fit() {
        assert!(Plan::over(&["it's.js".to_owned()]).line.ends_with(r"'./it'\''s.js'"));
        assert!(!Plan::over(&["x".repeat(ARGUMENTS_BYTES_MAX)]).line.contains("xx"));
    }

    proptest! {
        #[test]
        fn any_script_is_read_without_panic(
            script in "(jest|node --test|npm run unit|run-s|&&|\\|\\||;|=|\\PC| ){0,12}"
        ) {
            let _ = (planned(&script), delegates(&script));
        }
    }
}
