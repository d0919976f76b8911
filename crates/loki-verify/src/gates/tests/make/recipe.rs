//! What the files of `make` and `just` say about a target: as far as it has to be understood to tell
//! what it runs and what becomes of exit codes.

use std::collections::{BTreeMap, BTreeSet};

use crate::gates::tests::words::{
    Joint, is_assignment, is_failure, is_nothing, program, steps, unquoted,
};

/// Targets of one file that are known.
const TARGETS_MAX: usize = 2_000;

/// Targets that one target may lead to.
const LED_TO_MAX: usize = 200;

/// The targets of one file.
#[derive(Debug, Default)]
pub(super) struct Recipes {
    targets: BTreeMap<String, Target>,
    /// Whether the whole file is told to go on after failures.
    ignores_errors: bool,
}

#[derive(Debug, Default)]
struct Target {
    needs: Vec<String>,
    /// Lines of shell, with what stands before them: `@`, `-`, `+`.
    lines: Vec<String>,
}

/// What hides the exit code of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hidden {
    /// `-` before it, or `.IGNORE`.
    Ignored,
    /// `|| true`
    Or,
    /// `; exit 0`
    Then,
    /// `set +e`
    Unset,
    /// `| tee log`
    Pipe,
}

impl Recipes {
    /// Whether there is such a target, which does something.
    pub(super) fn has(&self, target: &str) -> bool {
        self.targets
            .get(target)
            .is_some_and(|target| !target.lines.is_empty() || !target.needs.is_empty())
    }

    /// The lines that a target runs, those of the targets that it needs or calls first.
    pub(super) fn run_by(&self, target: &str) -> Vec<String> {
        let (mut lines, mut seen) = (Vec::new(), BTreeSet::new());
        self.collect(target, &mut seen, &mut lines);
        if self.ignores_errors {
            lines.iter_mut().for_each(|line| line.insert(0, '-'));
        }
        lines
    }

    fn collect<'a>(&'a self, name: &'a str, seen: &mut BTreeSet<&'a str>, into: &mut Vec<String>) {
        let Some(target) = self.targets.get(name) else { return };
        if seen.len() >= LED_TO_MAX || !seen.insert(name) {
            return;
        }
        for needed in &target.needs {
            self.collect(needed, seen, into);
        }
        for line in &target.lines {
            match called(line).and_then(|name| self.targets.get_key_value(name)) {
                Some((name, _)) => self.collect(name, seen, into),
                None => into.push(line.clone()),
            }
        }
    }

    fn target(&mut self, name: &str) -> Option<&mut Target> {
        let is_full = self.targets.len() >= TARGETS_MAX && !self.targets.contains_key(name);
        (!is_full).then(|| self.targets.entry(name.to_owned()).or_default())
    }
}

/// The target that a line calls make or just for: `$(MAKE) unit`.
fn called(line: &str) -> Option<&str> {
    let mut words = line.trim_start_matches(['@', '-', '+']).split_whitespace();
    let calls = ["$(MAKE)", "${MAKE}", "make", "just", "{{just_executable()}}"];
    let (Some(first), Some(target), None) = (words.next(), words.next(), words.next()) else {
        return None;
    };
    calls.contains(&first).then_some(target)
}

/// Reads a makefile. Files that it includes, functions and conditions are not followed.
pub(super) fn read_make(text: &str) -> Recipes {
    let mut recipes = Recipes::default();
    let mut open: Vec<String> = Vec::new();
    for line in text.replace("\\\r\n", " ").replace("\\\n", " ").lines() {
        if let Some(command) = line.strip_prefix('\t') {
            for name in &open {
                if let Some(target) = recipes.target(name) {
                    let command = command.trim();
                    target.lines.extend((!command.is_empty()).then(|| command.to_owned()));
                }
            }
            continue;
        }
        let line = line.split('#').next().unwrap_or_default();
        if line.trim().is_empty() {
            continue;
        }
        recipes.ignores_errors |= ignores_errors(line);
        open.clear();
        let Some((names, rest)) = rule(line) else { continue };
        let (needs, command) = rest.split_once(';').unwrap_or((rest, ""));
        for name in names.split_whitespace() {
            open.push(name.to_owned());
            let Some(target) = recipes.target(name) else { continue };
            let needs = needs.split_whitespace().filter(|need| *need != "|");
            target.needs.extend(needs.map(str::to_owned));
            let command = command.trim();
            target.lines.extend((!command.is_empty()).then(|| command.to_owned()));
        }
    }
    recipes
}

/// The targets of a rule, and what follows them; nothing for the setting of a variable.
fn rule(line: &str) -> Option<(&str, &str)> {
    let (names, rest) = line.split_once(':')?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let is_rule = !names.contains('=') && !rest.starts_with('=') && !rest.contains('=');
    is_rule.then_some((names.trim_end_matches('&'), rest))
}

fn ignores_errors(line: &str) -> bool {
    let flags = || {
        let (name, value) = line.split_once('=')?;
        let name = name.trim_end_matches(['+', ':', '?']).trim();
        (name.trim_start_matches("export ").trim() == "MAKEFLAGS").then_some(value)
    };
    line.trim_end().trim_end_matches(':') == ".IGNORE"
        || flags().is_some_and(|value| {
            value.split_whitespace().any(|flag| {
                flag == "--ignore-errors"
                    || (!flag.starts_with("--") && flag.trim_start_matches('-').contains('i'))
            })
        })
}

/// Reads a justfile. Modules and imports are not followed.
pub(super) fn read_just(text: &str) -> Recipes {
    let mut recipes = Recipes::default();
    let mut open: Option<String> = None;
    for line in text.replace("\\\r\n", " ").replace("\\\n", " ").lines() {
        if line.starts_with([' ', '\t']) {
            let command = line.trim();
            let target = open.as_deref().and_then(|name| recipes.target(name));
            if let Some(target) =
                target.filter(|_| !command.is_empty() && !command.starts_with('#'))
            {
                target.lines.push(command.to_owned());
            }
            continue;
        }
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        open = None;
        let Some((head, needs)) = line.split_once(':').filter(|(_, rest)| !rest.starts_with('='))
        else {
            continue;
        };
        let name = head.trim_start_matches('@').split_whitespace().next().unwrap_or_default();
        if let Some(target) = recipes.target(name) {
            let needs = needs.split_whitespace().filter(|need| *need != "&&");
            let needs = needs.map(|need| need.trim_matches(['(', ')']).to_owned());
            target.needs.extend(needs);
            open = Some(name.to_owned());
        }
    }
    recipes
}

/// Programs whose failure nobody minds.
const CHORES: &[&str] = &[
    "rm",
    "mkdir",
    "rmdir",
    "cp",
    "mv",
    "ln",
    "touch",
    "echo",
    "printf",
    "kill",
    "pkill",
    "killall",
    "docker",
    "docker-compose",
    "podman",
    "test",
    "[",
    "find",
    "chmod",
];

/// Programs that run the tests which loki runs itself, with the words that make them do so.
const KNOWN: &[(&str, &[&str])] = &[
    ("pytest", &[]),
    ("py.test", &[]),
    ("tox", &[]),
    ("nox", &[]),
    ("jest", &[]),
    ("vitest", &[]),
    ("mocha", &[]),
    ("rspec", &[]),
    ("rake", &["test", "spec"]),
    ("phpunit", &[]),
    ("bats", &[]),
    ("cargo", &["test", "nextest", "t"]),
    ("go", &["test"]),
    ("npm", &["test", "t", "run"]),
    ("pnpm", &["test", "run"]),
    ("yarn", &["test", "run"]),
    ("bun", &["test", "run"]),
    ("node", &["--test"]),
    ("mvn", &["test", "verify"]),
    ("mvnw", &["test", "verify"]),
    ("gradle", &["test", "check"]),
    ("gradlew", &["test", "check"]),
    ("dotnet", &["test"]),
    ("python", &["pytest", "unittest"]),
    ("python3", &["pytest", "unittest"]),
];

/// Programs that run a file which is named after them.
const INTERPRETERS: &[&str] =
    &["sh", "bash", "zsh", "dash", "python", "python3", "node", "ruby", "perl", "php", "lua"];

/// What hides exit codes of tests in lines of a recipe.
pub(super) fn hidden(lines: &[String]) -> BTreeSet<Hidden> {
    lines.iter().flat_map(|line| hidden_in(line)).collect()
}

fn hidden_in(line: &str) -> BTreeSet<Hidden> {
    let line = with_braces(line);
    let (signs, command) = split(&line);
    let mut found = BTreeSet::new();
    if is_chore(command) {
        return found;
    }
    if signs.contains('-') {
        found.insert(Hidden::Ignored);
    }
    let piped: Vec<&str> = command.split(" | ").collect();
    if piped.len() > 1 && !command.contains("pipefail") {
        found.insert(Hidden::Pipe);
    }
    let Some(steps) = steps(piped[0]) else {
        // Too much for a shell's grammar in a few lines; the usual words still tell.
        let ends = |endings: &[&str]| endings.iter().any(|end| command.trim_end().ends_with(end));
        found.extend(ends(&["|| true", "|| :", "|| exit 0"]).then_some(Hidden::Or));
        found.extend(ends(&["; true", "; :", "; exit 0"]).then_some(Hidden::Then));
        return found;
    };
    for (at, step) in steps.iter().enumerate() {
        let is_last = at + 1 == steps.len();
        let is_chore = at > 0 && steps[..at].iter().all(|step| is_chore(&step.text));
        match step.joint {
            Joint::Or if is_nothing(&step.words) && !is_chore => _ = found.insert(Hidden::Or),
            Joint::Then if is_last && is_nothing(&step.words) && !is_failure(&step.words) => {
                found.insert(Hidden::Then);
            }
            _ if step.text == "set +e" => _ = found.insert(Hidden::Unset),
            _ => {}
        }
    }
    found
}

/// The signs before a line of a recipe, and the line.
fn split(line: &str) -> (&str, &str) {
    let command = line.trim_start_matches(['@', '-', '+', ' ']);
    (&line[..line.len() - command.len()], command)
}

/// A line of make with its variables as a shell would write them; what make computes stays.
fn with_braces(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((head, tail)) = rest.split_once("$(") {
        out.push_str(head);
        match tail.split_once(')') {
            Some((name, after))
                if name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c)) =>
            {
                out.push_str("${");
                out.push_str(name);
                out.push('}');
                rest = after;
            }
            _ => {
                out.push_str("$(");
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

fn is_chore(command: &str) -> bool {
    command.split_whitespace().next().is_some_and(|first| CHORES.contains(&first))
}

/// Whether a line runs a test of the repository's own, which none of the known runners runs: a file
/// of the repository that is named like a test.
pub(super) fn is_own_test(line: &str) -> bool {
    let line = with_braces(line);
    let (_, command) = split(&line);
    let Some(steps) = steps(command.split(" | ").next().unwrap_or_default()) else { return false };
    steps.iter().any(|step| runs_own_test(&step.words))
}

fn runs_own_test(words: &[String]) -> bool {
    let mut words = words.iter().skip_while(|word| is_assignment(word));
    let Some(first) = words.next() else { return false };
    let rest: Vec<String> = words.map(|word| unquoted(word)).collect();
    let name = program(first);
    let is_known = KNOWN.iter().any(|(known, signs)| {
        // `$(PYTHON) -m pytest`
        let is_it = name == *known || name.to_ascii_lowercase() == format!("${{{known}}}");
        is_it && (signs.is_empty() || rest.iter().any(|word| signs.contains(&word.as_str())))
    });
    if is_known {
        return false;
    }
    // `java -cp … org.junit.runner.JUnitCore …`
    if name == "java" && rest.iter().any(|word| word.contains("junit")) {
        return true;
    }
    let first = unquoted(first);
    let file = if INTERPRETERS.contains(&name.as_str()) {
        rest.iter().find(|word| !word.starts_with('-'))
    } else if first.contains('/') || first.starts_with('$') {
        Some(&first)
    } else {
        None
    };
    file.is_some_and(|file| {
        let name = crate::layout::file_name(file).to_ascii_lowercase();
        let is_in_tests = file.split('/').any(|part| matches!(part, "test" | "tests" | "t"));
        is_in_tests || ["test", "spec", "check"].iter().any(|mark| name.contains(mark))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MAKEFILE: &str = "CC := gcc\nTESTS = a b # c\n.PHONY: test\nbuild: main.o\n\t$(CC) -o $@ $<\n\ntest: build | dirs\n\t@sh tests/run.sh \\\n\t  --all\n\t$(MAKE) unit\nunit: ; ./unit\ndirs:\n\t-mkdir -p out\ntest: V = 1\nother: test\n";

    #[test]
    fn lines_of_a_target_come_after_those_of_what_it_needs() {
        let recipes = read_make(MAKEFILE);
        assert!(recipes.has("test") && !recipes.has("main.o") && !recipes.has("check"));
        assert_eq!(
            recipes.run_by("test"),
            ["$(CC) -o $@ $<", "-mkdir -p out", "@sh tests/run.sh  \t  --all", "./unit"]
        );
    }

    #[test]
    fn targets_that_need_each_other_come_to_an_end() {
        let recipes = read_make("a: b\n\tx\nb: a\n\ty\n");
        assert_eq!(recipes.run_by("a"), ["y", "x"]);
    }

    #[test]
    fn recipes_of_just_are_read() {
        let text = "set shell := ['bash']\nx := 'y'\n\n@test *args: build (lint 'a')\n    sh tests/run.sh {{args}}\n    -rm x\n\nbuild:\n  make\n";
        let recipes = read_just(text);
        assert_eq!(recipes.run_by("test"), ["make", "sh tests/run.sh {{args}}", "-rm x"]);
    }

    #[test]
    fn what_hides_the_exit_code_of_a_test_is_seen() {
        let found = |line: &str| hidden(&[line.to_owned()]).into_iter().collect::<Vec<_>>();
        assert_eq!(found("-@sh tests/run.sh"), [Hidden::Ignored]);
        assert_eq!(found("sh run.sh || true"), [Hidden::Or]);
        assert_eq!(found("sh run.sh || echo failed"), [Hidden::Or]);
        assert_eq!(found("sh run.sh; exit 0"), [Hidden::Then]);
        assert_eq!(found("set +e; sh run.sh"), [Hidden::Unset]);
        assert_eq!(found("(sh run.sh) || true"), [Hidden::Or]);
        assert_eq!(found("sh run.sh | tee log"), [Hidden::Pipe]);
        assert_eq!(hidden(&read_make(".IGNORE:\nt:\n\tx\n").run_by("t")).len(), 1);
        assert_eq!(hidden(&read_make("MAKEFLAGS += -i\nt:\n\tx\n").run_by("t")).len(), 1);
    }

    #[test]
    fn what_is_harmless_is_not_taken_for_hiding() {
        for line in [
            "sh tests/run.sh",
            "-rm -rf out",
            "@-mkdir out || true",
            "sh run.sh || exit 1",
            "cd x && ./run; echo done && false",
            "test -d x || echo none; sh run.sh",
            "set -o pipefail; sh run.sh | tee log",
        ] {
            assert_eq!(hidden_in(line), BTreeSet::new(), "{line}");
        }
        assert_eq!(hidden(&read_make("MAKEFLAGS += --silent\nt:\n\tx\n").run_by("t")).len(), 0);
    }

    #[test]
    fn tests_that_no_runner_knows_are_told_from_others() {
        for line in [
            "sh tests/run.sh",
            "@./run-tests",
            "A=1 bash ./test.sh",
            "$(BUILD)/unit_test",
            "python tests/run_all.py",
            "cd x && ./check.sh",
        ] {
            assert!(is_own_test(line), "{line}");
        }
        for line in [
            "pytest -q",
            "python3 -m pytest tests",
            "$(PYTHON) -m unittest",
            "go test ./...",
            "npm test",
            "ruff check .",
            "mypy src",
            "./configure",
            "sh build.sh",
            "node --test",
        ] {
            assert!(!is_own_test(line), "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_file_is_read_without_panic(
            text in "(test|build|:|\t|\n|-|@|\\|\\| true|;|=|\\\\|#|\\$\\(MAKE\\) test|\\PC| ){0,40}"
        ) {
            for recipes in [read_make(&text), read_just(&text)] {
                let lines = recipes.run_by("test");
                let _ = (hidden(&lines), lines.iter().any(|line| is_own_test(line)));
            }
        }
    }
}
