//! The test runners of node that can be told to report, and how each is told.

use crate::gates::tests::words::{is_assignment, program, unquoted};

/// A runner whose report loki reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runner {
    /// Node's own.
    Node,
    /// Its JSON is read.
    Jest,
    /// Its JSON is that of jest.
    Vitest,
    /// Its XUnit report is JUnit XML.
    Mocha,
    /// Its report is JUnit XML.
    Bun,
    /// Its report is JUnit XML.
    Playwright,
}

/// Programs that start another one, which is named in their arguments.
const WRAPPERS: &[&str] = &[
    "npx",
    "pnpx",
    "bunx",
    "pnpm",
    "yarn",
    "npm",
    "cross-env",
    "cross-env-shell",
    "env",
    "c8",
    "nyc",
    "dotenv",
    "dotenvx",
    "xvfb-run",
    "time",
];

/// One call of a runner in a script, cut into what stands around its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) runner: Runner,
    /// What stands before the program, as written: variables and wrappers.
    before: Vec<String>,
    /// The program, as written: a word, or several such as `bun test`.
    program: String,
    /// Arguments besides those that say how to report or to go on watching, as written.
    arguments: Vec<String>,
}

/// Reads a command that calls a runner, maybe through programs that do no more than to start it.
pub(super) fn call(words: &[String]) -> Option<Call> {
    let mut is_wrapped = false;
    for (at, word) in words.iter().enumerate() {
        let rest = &words[at + 1..];
        if let Some((runner, taken)) = found(&program(word), rest) {
            let end = at + 1 + taken;
            return Some(Call {
                runner,
                before: words[..at].to_vec(),
                program: words[at..end].join(" "),
                arguments: runner.arguments(&words[end..])?,
            });
        }
        if WRAPPERS.contains(&program(word).as_str()) {
            is_wrapped = true;
        } else if !is_wrapped && !is_assignment(word) {
            return None;
        }
    }
    None
}

/// The runner that a program is, and how many words after it belong to its name.
fn found(program: &str, rest: &[String]) -> Option<(Runner, usize)> {
    let next = || rest.first().map(String::as_str);
    match program {
        "node" | "nodejs" => {
            if rest.iter().any(|word| word == "--test") {
                return Some((Runner::Node, 0));
            }
            // `node --some-flag node_modules/.bin/jest`
            let script = rest.iter().position(|word| !word.starts_with('-'))?;
            let is_path = rest[script].contains('/');
            let (runner, more) = found(&self::program(&rest[script]), &rest[script + 1..])?;
            is_path.then_some((runner, script + 1 + more))
        }
        "tsx" if next() == Some("--test") => Some((Runner::Node, 0)),
        "jest" | "jest.js" | "jest-cli" => Some((Runner::Jest, 0)),
        "react-scripts" | "craco" if next() == Some("test") => Some((Runner::Jest, 1)),
        "vitest" | "vitest.mjs" => match next() {
            Some("bench" | "list" | "init" | "typecheck") => None,
            Some("run" | "watch" | "dev") => Some((Runner::Vitest, 1)),
            _ => Some((Runner::Vitest, 0)),
        },
        "mocha" | "_mocha" | "mocha.js" | "ts-mocha" => Some((Runner::Mocha, 0)),
        "bun" if next() == Some("test") => Some((Runner::Bun, 1)),
        "playwright" if next() == Some("test") => Some((Runner::Playwright, 1)),
        _ => None,
    }
}

impl Runner {
    /// What its tests are called by.
    pub(super) fn name(self) -> &'static str {
        match self {
            Runner::Node => "node --test",
            Runner::Jest => "jest",
            Runner::Vitest => "vitest",
            Runner::Mocha => "mocha",
            Runner::Bun => "bun test",
            Runner::Playwright => "playwright",
        }
    }

    /// What the ids of its tests begin with.
    pub(super) fn ids(self) -> &'static str {
        match self {
            Runner::Node => "node:",
            Runner::Jest => "jest:",
            Runner::Vitest => "vitest:",
            Runner::Mocha => "mocha:",
            Runner::Bun => "bun:",
            Runner::Playwright => "playwright:",
        }
    }

    /// How the name of its report ends.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Runner::Jest | Runner::Vitest => "json",
            Runner::Node | Runner::Mocha | Runner::Bun | Runner::Playwright => "xml",
        }
    }

    /// The beginning of paths in `node_modules` where it is installed.
    pub(super) fn folder(self) -> String {
        match self {
            Runner::Node => "tsx/".to_owned(),
            Runner::Playwright => "@playwright/".to_owned(),
            Runner::Bun => "bun/".to_owned(),
            Runner::Jest | Runner::Vitest | Runner::Mocha => format!("{}/", self.name()),
        }
    }

    /// Options that say how to report or to watch: names that take a value in the next word, and
    /// names that stand alone.
    fn dropped(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            // `--test` is written anew.
            Runner::Node => {
                (&["--test-reporter", "--test-reporter-destination"], &["--test", "--watch"])
            }
            Runner::Jest => (&["--outputFile"], &["--json", "--watch", "--watchAll"]),
            Runner::Vitest => (
                &["--reporter", "--outputFile"],
                &["--run", "--watch", "-w", "--ui", "--open", "--standalone"],
            ),
            Runner::Mocha => (
                &["--reporter", "-R", "--reporter-option", "--reporter-options", "-O"],
                &["--watch", "-w"],
            ),
            Runner::Bun => (&["--reporter", "--reporter-outfile"], &["--watch"]),
            Runner::Playwright => (&["--reporter"], &["--ui", "--headed", "--debug"]),
        }
    }

    /// The arguments that stay; nothing when they do not run tests at all.
    fn arguments(self, words: &[String]) -> Option<Vec<String>> {
        const NO_RUN: &[&str] = &[
            "--help",
            "-h",
            "--version",
            "-v",
            "--listTests",
            "--showConfig",
            "--clearCache",
            "--init",
        ];
        let (with_value, alone) = self.dropped();
        let mut kept = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let name = word.split_once('=').map_or(word.as_str(), |(name, _)| name);
            if NO_RUN.contains(&word.as_str()) {
                return None;
            }
            if with_value.contains(&name) {
                if name == word {
                    words.next();
                }
            } else if !alone.contains(&name) || is_false(word) {
                kept.push(word.clone());
            }
        }
        Some(kept)
    }
}

/// Whether an option is switched off: `--watchAll=false`.
fn is_false(word: &str) -> bool {
    unquoted(word).ends_with("=false")
}

impl Call {
    /// The call that names `files` to node's own runner, as words of a shell.
    pub(super) fn of_node(files: Vec<String>) -> Call {
        Call {
            runner: Runner::Node,
            before: Vec::new(),
            program: "node".to_owned(),
            arguments: files,
        }
    }

    /// The same call for these files only, where there are any, the runner can be told files, and is told none.
    pub(super) fn only(mut self, files: impl Iterator<Item = String>) -> Call {
        let at = match self.runner {
            // What follows a file is the file's own.
            Runner::Node => self.arguments.len(),
            // An option may take all words that follow.
            Runner::Jest | Runner::Vitest => 0,
            Runner::Mocha | Runner::Bun | Runner::Playwright => return self,
        };
        if self.arguments.iter().all(|word| word.starts_with('-')) {
            self.arguments.splice(at..at, files);
        }
        self
    }

    /// The same call with a report written to `report` and, where that can be, a script loaded from
    /// `guard`; both are words of a shell.
    pub(super) fn written(&self, report: &str, guard: &str) -> String {
        let Call { before, program, arguments, .. } = self;
        let is_plain_node = matches!(self::program(program).as_str(), "node" | "nodejs");
        let told = match self.runner {
            Runner::Node => {
                let load =
                    if is_plain_node { format!("--require {guard} ") } else { String::new() };
                format!("{load}--test --test-reporter=junit --test-reporter-destination={report}")
            }
            Runner::Jest => format!("--json --outputFile={report}"),
            Runner::Vitest => format!("--reporter=json --outputFile={report}"),
            Runner::Mocha => format!("--require {guard} --reporter xunit -O output={report}"),
            Runner::Bun => format!("--reporter=junit --reporter-outfile={report}"),
            Runner::Playwright => "--reporter=junit".to_owned(),
        };
        let program = match (self.runner, program.rsplit_once(' ')) {
            // Without `run` it would watch; with `watch` it surely does.
            (Runner::Vitest, Some((first, "run" | "watch" | "dev"))) => format!("{first} run"),
            (Runner::Vitest, _) => match arguments.first().map(String::as_str) {
                Some("related") => program.clone(),
                _ => format!("{program} run"),
            },
            _ => program.clone(),
        };
        let variable = match self.runner {
            Runner::Playwright => format!("PLAYWRIGHT_JUNIT_OUTPUT_NAME={report}"),
            _ => String::new(),
        };
        let (subcommand, arguments) = match (self.runner, arguments.split_first()) {
            (Runner::Vitest, Some((first, rest))) if first == "related" => ("related --run", rest),
            _ => ("", arguments.as_slice()),
        };
        let words =
            [&*variable, &before.join(" "), &program, subcommand, &told, &arguments.join(" ")];
        words.iter().filter(|word| !word.is_empty()).copied().collect::<Vec<&str>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(command: &str) -> Option<String> {
        let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        call(&words).map(|call| call.written("R", "G"))
    }

    #[test]
    fn every_runner_is_told_to_report_and_not_to_watch() {
        for (command, expected) in [
            (
                "node --test",
                "node --require G --test --test-reporter=junit --test-reporter-destination=R",
            ),
            (
                "A=1 node --import tsx --test --test-reporter spec 'test/**/*.js'",
                "A=1 node --require G --test --test-reporter=junit --test-reporter-destination=R --import tsx 'test/**/*.js'",
            ),
            (
                "tsx --test a.ts",
                "tsx --test --test-reporter=junit --test-reporter-destination=R a.ts",
            ),
            ("jest --watchAll=false -w 2", "jest --json --outputFile=R --watchAll=false -w 2"),
            ("npx --no-install jest --watch --json", "npx --no-install jest --json --outputFile=R"),
            (
                "cross-env A=1 node --experimental-vm-modules node_modules/.bin/jest --ci",
                "cross-env A=1 node --experimental-vm-modules node_modules/.bin/jest --json --outputFile=R --ci",
            ),
            ("react-scripts test", "react-scripts test --json --outputFile=R"),
            ("vitest", "vitest run --reporter=json --outputFile=R"),
            (
                "vitest watch --reporter=verbose src",
                "vitest run --reporter=json --outputFile=R src",
            ),
            (
                "vitest related a.ts --run",
                "vitest related --run --reporter=json --outputFile=R a.ts",
            ),
            (
                "c8 -r text mocha -R dot -O a=b t/",
                "c8 -r text mocha --require G --reporter xunit -O output=R t/",
            ),
            ("bun test --watch a", "bun test --reporter=junit --reporter-outfile=R a"),
            (
                "npx playwright test --ui",
                "PLAYWRIGHT_JUNIT_OUTPUT_NAME=R npx playwright test --reporter=junit",
            ),
        ] {
            assert_eq!(written(command).as_deref(), Some(expected), "{command}");
        }
    }

    #[test]
    fn other_commands_are_not_taken_for_a_runner() {
        for command in [
            "",
            "eslint jest.config.js",
            "node test.js",
            "node jest",
            "vitest bench",
            "jest --listTests",
            "npx eslint .",
            "bun run test",
            "playwright install",
            "echo jest",
        ] {
            assert_eq!(written(command), None, "{command}");
        }
    }
}
