//! Table: which programs judge a project, and what of their arguments lets them see less.

use super::Step;

/// What a program is run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// It runs tests.
    Test,
    /// It looks for mistakes without running anything.
    Lint,
}

impl Purpose {
    /// What people call it.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Purpose::Test => "tests",
            Purpose::Lint => "checks",
        }
    }
}

/// A program that judges, as one command calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Runner {
    /// Its name, with the subcommand that decides.
    pub(crate) name: String,
    /// What it is run for.
    pub(crate) purpose: Purpose,
    /// Its arguments.
    pub(crate) args: Vec<String>,
}

/// Programs that run another one.
const WRAPPERS: &[&str] = &[
    "npx",
    "bunx",
    "pnpx",
    "sudo",
    "env",
    "cross-env",
    "xvfb-run",
    "nice",
    "timeout",
    "c8",
    "nyc",
    "retry",
    "dotenv",
    "-@",
    "@-",
    "@",
];

/// Programs that run another one after a word of their own.
const WRAPPERS_WITH_WORD: &[(&str, &str)] = &[
    ("uv", "run"),
    ("poetry", "run"),
    ("pipenv", "run"),
    ("pdm", "run"),
    ("hatch", "run"),
    ("rye", "run"),
    ("pixi", "run"),
    ("bundle", "exec"),
    ("pnpm", "exec"),
    ("pnpm", "dlx"),
    ("yarn", "exec"),
    ("npm", "exec"),
    ("coverage", "run"),
];

const TESTS: &[&str] = &[
    "pytest",
    "py.test",
    "tox",
    "nox",
    "nosetests",
    "trial",
    "stestr",
    "unittest",
    "jest",
    "vitest",
    "mocha",
    "ava",
    "tap",
    "tape",
    "jasmine",
    "karma",
    "cypress",
    "playwright",
    "testcafe",
    "wtr",
    "uvu",
    "rspec",
    "minitest",
    "phpunit",
    "pest",
    "bats",
    "ctest",
    "codeception",
    "behave",
    "cucumber",
    "robot",
    "lein",
    "prove",
    "gotestsum",
    "ginkgo",
    "shellspec",
    "qunit",
];

const LINTS: &[&str] = &[
    "eslint",
    "tsc",
    "vue-tsc",
    "ruff",
    "flake8",
    "pylint",
    "mypy",
    "pyright",
    "basedpyright",
    "golangci-lint",
    "staticcheck",
    "shellcheck",
    "stylelint",
    "oxlint",
    "xo",
    "standard",
    "tslint",
    "rubocop",
    "phpstan",
    "psalm",
    "phpcs",
    "ktlint",
    "detekt",
    "checkstyle",
    "clippy",
    "bandit",
    "semgrep",
    "hadolint",
    "actionlint",
    "yamllint",
    "markdownlint",
    "cargo-deny",
    "pre-commit",
    "typos",
    "black",
    "isort",
    "prettier",
    "biome",
    "clang-tidy",
    "cppcheck",
];

/// A program, its subcommand, and what that is for.
const SUBCOMMANDS: &[(&str, &str, Purpose)] = &[
    ("cargo", "test", Purpose::Test),
    ("cargo", "t", Purpose::Test),
    ("cargo", "nextest", Purpose::Test),
    ("cargo", "clippy", Purpose::Lint),
    ("cargo", "check", Purpose::Lint),
    ("cargo", "deny", Purpose::Lint),
    ("cargo", "fmt", Purpose::Lint),
    ("cargo", "xtask", Purpose::Test),
    ("go", "test", Purpose::Test),
    ("go", "vet", Purpose::Lint),
    ("npm", "test", Purpose::Test),
    ("npm", "t", Purpose::Test),
    ("yarn", "test", Purpose::Test),
    ("pnpm", "test", Purpose::Test),
    ("bun", "test", Purpose::Test),
    ("deno", "test", Purpose::Test),
    ("deno", "lint", Purpose::Lint),
    ("yarn", "lint", Purpose::Lint),
    ("pnpm", "lint", Purpose::Lint),
    ("make", "test", Purpose::Test),
    ("make", "check", Purpose::Test),
    ("make", "lint", Purpose::Lint),
    ("just", "test", Purpose::Test),
    ("just", "check", Purpose::Test),
    ("just", "lint", Purpose::Lint),
    ("mvn", "test", Purpose::Test),
    ("mvn", "verify", Purpose::Test),
    ("gradle", "test", Purpose::Test),
    ("gradle", "check", Purpose::Test),
    ("rake", "test", Purpose::Test),
    ("rake", "spec", Purpose::Test),
    ("rails", "test", Purpose::Test),
    ("dotnet", "test", Purpose::Test),
    ("swift", "test", Purpose::Test),
    ("mix", "test", Purpose::Test),
    ("composer", "test", Purpose::Test),
    ("sbt", "test", Purpose::Test),
    ("flutter", "test", Purpose::Test),
    ("dart", "test", Purpose::Test),
    ("zig", "test", Purpose::Test),
    ("php", "artisan", Purpose::Test),
];

/// What judges in a simple command; nothing when nothing does.
pub(crate) fn runner(step: &Step) -> Option<Runner> {
    let mut words: &[String] = &step.words;
    // Each turn takes a word away.
    loop {
        let first = words.first()?.trim_start_matches(['@', '-']);
        let name = first.rsplit('/').next().unwrap_or(first);
        let second = words.get(1).map_or("", String::as_str);
        if WRAPPERS_WITH_WORD.iter().any(|(program, word)| (*program, *word) == (name, second)) {
            words = skip_options(&words[2..]);
        } else if first.is_empty() || WRAPPERS.contains(&name) {
            words = skip_options(&words[1..]);
        } else if is_python(name) {
            let args = skip_flags(&words[1..]);
            match (args.first().map(String::as_str), args.get(1)) {
                (Some("-m"), Some(_)) => words = &args[1..],
                (Some(script), _) if is_test_script(script) => {
                    return Some(named(script, Purpose::Test, &args[1..]));
                }
                (Some("manage.py"), Some(what)) if what == "test" => {
                    return Some(named("manage.py test", Purpose::Test, &args[2..]));
                }
                (Some(_), Some(what)) if what == "test" => {
                    return Some(named("setup.py test", Purpose::Test, &args[2..]));
                }
                _ => return None,
            }
        } else {
            return called(name, first, &words[1..]);
        }
    }
}

/// Programs that run what a project calls by a name of its own.
const TASKS: &[&str] = &[
    "make",
    "gmake",
    "just",
    "task",
    "nox",
    "tox",
    "invoke",
    "inv",
    "poe",
    "bazel",
    "bazelisk",
    "pants",
    "turbo",
    "nx",
    "lerna",
    "moon",
    "earthly",
    "rake",
    "gradle",
    "gradlew",
    "mvn",
    "mvnw",
    "pixi",
    "hatch",
    "wireit",
    "dagger",
    "mise",
    "docker-compose",
    "pdm",
    "rye",
    "doit",
    "sbt",
    "mage",
];

/// Whether a command runs something that the project itself gave a name, so that what it does is not
/// seen here.
pub(crate) fn is_task(step: &Step) -> bool {
    let program = step.program();
    let name = program.rsplit('/').next().unwrap_or(program);
    let second = step.words.get(1).map_or("", String::as_str);
    TASKS.contains(&name)
        || matches!(name, "npm" | "pnpm" | "yarn" | "bun" | "uv" | "poetry" | "pipenv" | "cargo")
            && matches!(second, "run" | "run-script" | "xtask")
        || program.starts_with("./")
        || program.starts_with("scripts/")
        || matches!(name, "sh" | "bash" | "python" | "python3" | "node") && second.contains('/')
}

fn called(name: &str, path: &str, args: &[String]) -> Option<Runner> {
    if TESTS.contains(&name) {
        return Some(named(name, Purpose::Test, args));
    }
    if LINTS.contains(&name) {
        return Some(named(name, Purpose::Lint, args));
    }
    if matches!(name, "node" | "tsx" | "ts-node") {
        let has_flag = args.iter().any(|arg| arg == "--test" || arg.starts_with("--test="));
        let script = args.iter().find(|arg| is_test_script(arg));
        return match (has_flag, script) {
            (true, _) => Some(named("node --test", Purpose::Test, args)),
            (false, Some(script)) => Some(named(&format!("node {script}"), Purpose::Test, args)),
            (false, None) => None,
        };
    }
    if matches!(name, "sh" | "bash" | "zsh" | "dash") {
        let script = args.iter().find(|arg| !arg.starts_with('-'))?;
        return is_test_script(script).then(|| named(script, Purpose::Test, args));
    }
    if path.contains('/') && is_test_script(path) {
        return Some(named(path, Purpose::Test, args));
    }
    let name = match name {
        "mvnw" => "mvn",
        "gradlew" => "gradle",
        "gmake" => "make",
        name => name,
    };
    let words = args.iter().map(String::as_str).filter(|arg| !arg.starts_with(['-', '+']));
    let mut words = words.take(MAKE_TARGETS_MAX);
    let first = words.next()?;
    // `npm run test:unit` is `test`; `make lint test` runs tests.
    let is_run = first == "run" || first == "run-script";
    let goals: Vec<&str> = match (is_run, name) {
        (true, _) => words.next().into_iter().collect(),
        (false, "make" | "mvn" | "gradle" | "just" | "rake") => {
            std::iter::once(first).chain(words).collect()
        }
        (false, _) => vec![first],
    };
    for goal in goals {
        let stem = goal.split([':', '-']).next().unwrap_or(goal);
        for (program, subcommand, purpose) in SUBCOMMANDS {
            if *program == name && (*subcommand == goal || *subcommand == stem) {
                return Some(named(&format!("{name} {goal}"), *purpose, args));
            }
        }
        if is_run && matches!(stem, "lint" | "typecheck" | "check" | "types") {
            return Some(named(&format!("{name} {goal}"), Purpose::Lint, args));
        }
        if is_run && matches!(stem, "test" | "tests" | "e2e" | "spec") {
            return Some(named(&format!("{name} {goal}"), Purpose::Test, args));
        }
    }
    None
}

/// Goals of one call of make that are looked at.
const MAKE_TARGETS_MAX: usize = 20;

fn named(name: &str, purpose: Purpose, args: &[String]) -> Runner {
    Runner { name: name.to_owned(), purpose, args: args.to_vec() }
}

fn is_python(name: &str) -> bool {
    name.strip_prefix("python")
        .or_else(|| name.strip_prefix("pypy"))
        .is_some_and(|version| version.chars().all(|c| c.is_ascii_digit() || c == '.'))
        || name == "py"
}

/// Whether a path is that of a script for tests.
fn is_test_script(path: &str) -> bool {
    let is_script = [".sh", ".bash", ".py", ".js", ".mjs", ".cjs", ".ts", ".rb", ".pl", ".bats"]
        .iter()
        .any(|ending| path.ends_with(ending));
    is_script && crate::kind::kind(path.trim_start_matches("./")) == crate::kind::Kind::Test
        || path.ends_with("/run-tests.sh")
        || path.ends_with("/runtests.sh")
}

/// Without options and assignments at the beginning, and the number that `timeout` takes.
fn skip_options(words: &[String]) -> &[String] {
    let is_own = |word: &String| {
        word.starts_with('-')
            || word.contains('=')
            || word.chars().all(|c| c.is_ascii_digit() || "smh.".contains(c))
    };
    let own = words.iter().take_while(|word| is_own(word)).count();
    &words[own..]
}

/// Without flags that take nothing, up to `-m`.
fn skip_flags(words: &[String]) -> &[String] {
    let own = words.iter().take_while(|word| word.starts_with('-') && *word != "-m").count();
    &words[own..]
}

/// Options of runners that take a value and let them see less.
const NARROWING: &[&str] = &[
    "-k",
    "-m",
    "--ignore",
    "--ignore-glob",
    "--deselect",
    "--test-name-pattern",
    "--test-skip-pattern",
    "--testNamePattern",
    "--testPathPattern",
    "--testPathPatterns",
    "--testPathIgnorePatterns",
    "--grep",
    "-g",
    "--fgrep",
    "-f",
    "-t",
    "--exclude",
    "--skip",
    "-run",
    "-skip",
    "--filter",
    "--filter-expr",
    "-E",
    "--shard",
    "--grep-invert",
];

/// Flags of runners that let them see less or fail less.
const WEAKENING: &[&str] = &[
    "--co",
    "--collect-only",
    "--collectonly",
    "--setup-plan",
    "--setup-only",
    "--lf",
    "--last-failed",
    "--noconftest",
    "--runxfail",
    "--listTests",
    "--test-only",
    "--onlyChanged",
    "-o",
    "--onlyFailures",
    "--no-run",
    "--dry-run",
    "--exit-zero",
    "-short",
    "--short",
    "-updateSnapshot",
    "--updateSnapshot",
    "-u",
    "--update-snapshots",
    "--passWithNoTests",
    "--pass-with-no-tests",
    "--no-fail",
    "--suppress-tests",
    "--suite-zero-exit",
    "--allowOnly",
    "--dangerouslyIgnoreUnhandledErrors",
    "--invert",
];

/// What of a runner's arguments lets it see less or fail less: option, and its value if it has one.
pub(crate) fn limits(runner: &Runner) -> Vec<(String, Option<String>)> {
    let mut found = match runner.purpose {
        Purpose::Lint => super::linter::limits(runner),
        Purpose::Test => Vec::new(),
    };
    let mut args = runner.args.iter().peekable();
    while let Some(arg) = args.next() {
        // What follows belongs to something else, or to the runner of the runner.
        let (name, value) = arg.split_once('=').map_or((arg.as_str(), None), |(n, v)| (n, Some(v)));
        if is_narrowing(runner, name) {
            let value = value.map(str::to_owned).or_else(|| args.next().cloned());
            found.push((name.to_owned(), value));
        } else if WEAKENING.contains(&name) && is_weakening(runner, name) {
            found.push((name.to_owned(), None));
        }
    }
    found
}

fn is_narrowing(runner: &Runner, name: &str) -> bool {
    let is = |names: &[&str]| names.contains(&runner.name.as_str());
    let is_python = is(&["pytest", "py.test", "unittest"]);
    NARROWING.contains(&name)
        && runner.purpose == Purpose::Test
        && match name {
            "-m" | "-k" | "--ignore" | "--ignore-glob" | "--deselect" => is_python,
            "-g" | "-f" | "--fgrep" => is(&["mocha", "playwright", "jasmine"]),
            "-t" => is(&["jest", "vitest"]),
            "-run" | "-skip" => is(&["go test", "gotestsum"]),
            "-E" | "--filter-expr" => runner.name.starts_with("cargo"),
            _ => true,
        }
}

fn is_weakening(runner: &Runner, name: &str) -> bool {
    let is = |names: &[&str]| names.contains(&runner.name.as_str());
    match name {
        "-o" => is(&["jest"]),
        "-u" => is(&["jest", "vitest", "playwright"]),
        "-short" | "--short" => is(&["go test", "gotestsum"]),
        "--no-run" => runner.name.starts_with("cargo"),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(script: &str) -> String {
        runner(&super::super::steps(script)[0]).map_or(String::new(), |runner| runner.name)
    }

    #[test]
    fn programs_that_judge_are_found_behind_what_starts_them() {
        for (script, expected) in [
            ("A=1 npx jest --ci", "jest"),
            ("python3 -m pytest -q", "pytest"),
            ("python -W error -m unittest discover", ""),
            ("python3 -B -m unittest discover", "unittest"),
            ("uv run --frozen pytest", "pytest"),
            ("poetry run coverage run -m pytest", "pytest"),
            ("node --test", "node --test"),
            ("node test/run.test.js", "node test/run.test.js"),
            ("-@sh tests/run.sh", "tests/run.sh"),
            ("./tests/run.sh", "./tests/run.sh"),
            ("cargo +nightly test --all", "cargo test"),
            ("npm run test:unit", "npm test:unit"),
            ("npm ci", ""),
            ("make -j2 lint test", "make lint"),
            ("./gradlew check", "gradle check"),
            ("timeout 30 go test ./...", "go test"),
            ("echo pytest", ""),
            ("node src/server.js", ""),
        ] {
            assert_eq!(name(script), expected, "{script}");
        }
    }

    #[test]
    fn what_lets_a_runner_see_less_is_told() {
        let limits = |script: &str| limits(&runner(&super::super::steps(script)[0]).unwrap());
        assert_eq!(limits("pytest -ra -k 'not x'"), [("-k".into(), Some("not x".into()))]);
        assert_eq!(
            limits("go test -short -run=TestA ./..."),
            [("-short".into(), None), ("-run".into(), Some("TestA".into()))]
        );
        assert_eq!(limits("cargo test -q --all-features"), []);
        assert_eq!(limits("eslint -m x --exclude y"), []);
    }
}
