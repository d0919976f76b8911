//! Code that behaves otherwise while tests run.

use loki_model::Severity;

use super::{Code, each_code_in};
use crate::gates::rule::{Found, Rule};
use crate::layout::{join, parent};
use crate::sides::Sides;
use crate::suite::Trees;
use crate::syntax::call::{chain, unquoted};
use crate::syntax::{At, Language, Part, Role, Source};

mod callers;

/// A look at who is calling.
pub(super) const RULE: Rule = Rule {
    id: "substance/knows-its-tests",
    severity: Severity::Error,
    what: "Code of the product finds out whether tests are running.",
    why: "What it does then is not what its users get, so that no test shows anything about it.",
    example: "+ if 'pytest' in sys.modules:\n+     return EXPECTED",
    fix: "Pass what has to differ in from outside: a clock, a connection, a setting.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), cx.trees(delta), found),
};

/// Names that only test runners set or have.
const MARKS: &[&str] = &[
    "PYTEST_CURRENT_TEST",
    "PYTEST_VERSION",
    "PYTEST_XDIST_WORKER",
    "NODE_TEST_CONTEXT",
    // What a process of Node has loaded of Node itself, such as its test runner.
    "moduleLoadList",
    "JEST_WORKER_ID",
    "VITEST_WORKER_ID",
    "VITEST_POOL_ID",
    "MOCHA_COLORS",
    "NEXTEST",
    "NEXTEST_RUN_ID",
    "RUST_TEST_THREADS",
    "BAZEL_TEST",
    "TEST_SRCDIR",
    "PHPUNIT_COMPOSER_INSTALL",
    "BATS_VERSION",
    "BATS_TEST_FILENAME",
    "BATS_TEST_NAME",
    "BATS_TEST_NUMBER",
    "BATS_TEST_DIRNAME",
    "BATS_RUN_TMPDIR",
    "BATS_TEST_TMPDIR",
    "__coverage__",
    "LOKI_VERIFY",
];

/// Calls that only make sense to find out.
const CALLS: &[&str] = &["testing.Testing", "flag.Lookup(\"test"];

/// Packages of runners, of which callers are asked by name.
const PACKAGES: &[&str] = &["org.junit.", "org.testng.", "junit.framework."];

/// Whether runners of Ruby are loaded.
const DEFINED: &[&str] = &[
    "defined?(Minitest",
    "defined?(RSpec",
    "defined?(Test::Unit",
    "defined?(::Minitest",
    "defined?(::RSpec",
];

/// Variables that services which build and test set.
const SERVICES: &[&str] = &[
    "CI",
    "CONTINUOUS_INTEGRATION",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "CIRCLECI",
    "TRAVIS",
    "BUILDKITE",
    "JENKINS_URL",
    "TEAMCITY_VERSION",
    "TF_BUILD",
];

/// Parts of names of what may be otherwise where nobody looks on: what is shown, asked and waited for.
const OF_APPEARANCE: &[&str] = &[
    "color",
    "colour",
    "ansi",
    "tty",
    "terminal",
    "progress",
    "spinner",
    "interactive",
    "prompt",
    "log",
    "print",
    "verbose",
    "quiet",
    "banner",
    "telemetry",
    "analytics",
    "update",
    "browser",
    "is_ci",
    "isci",
    "in_ci",
    "on_ci",
    "detect",
    "timeout",
    "retr",
    "worker",
    "parallel",
    "snapshot",
];

/// Beginnings of names of variables that only runners of tests set, where the environment is asked.
const RUNNER_BEGINNINGS: &[&str] = &["NEXTEST_", "RUST_TEST_", "CARGO_BIN_EXE_"];

/// Beginnings of names of variables that tools set for whatever they build, run or test: what is
/// installed is run without them.
const TOOL_BEGINNINGS: &[&str] = &[
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_PKG_",
    "CARGO_CRATE_NAME",
    "CARGO_PRIMARY_PACKAGE",
    "npm_lifecycle_",
    "npm_package_",
];

/// Directories of programs for those who work on the project.
pub(super) const TOOL_DIRS: &[&str] = &[
    "xtask", "scripts", "script", "tools", "tooling", "build", "ci", "dev", "examples", "benches",
];

fn look(sides: &Sides<'_>, trees: &Trees, found: &mut Found) {
    each_code_in(sides.delta, trees, found, &mut |code, found| {
        let is_for_builds = is_for_builds(sides, code);
        let tree = code.after.tree();
        let mut lines: Vec<u32> = Vec::new();
        for at in tree.inside(At::ROOT) {
            let line = tree.line(at);
            if !code.file.is_added(line) || lines.contains(&line) || code.is_in_tests(at) {
                continue;
            }
            let callers = || callers::mark(code, at);
            if let Some(what) = mark(code.after, at).or_else(callers) {
                lines.push(line);
                let message = format!("code of the product finds out whether tests run: {what}");
                found.add(RULE.at(&code.file.path, line, message));
                continue;
            }
            if let Some(real) = callers::told_apart(code, at) {
                lines.push(line);
                let message =
                    format!("code of the product tells `{real}` from what is put in its place");
                let finding = RULE.at(&code.file.path, line, message);
                found.add(loki_model::Finding { severity: Severity::Warning, ..finding });
                continue;
            }
            let Some((severity, name)) = asked(code.after, at) else { continue };
            if severity == Severity::Error || !is_for_builds {
                lines.push(line);
                let message =
                    format!("code of the product asks at run time for `{name}`, which {}", {
                        let is_of_runner =
                            RUNNER_BEGINNINGS.iter().any(|begin| name.starts_with(begin));
                        match severity {
                            Severity::Error if is_of_runner => "only a runner of tests sets",
                            Severity::Error => {
                                "is set in builds and tests alone, and decides by that"
                            }
                            _ if SERVICES.contains(&name) => "services that run tests set",
                            _ => "is set in builds and tests and not for what is installed",
                        }
                    });
                let finding = RULE.at(&code.file.path, line, message);
                found.add(loki_model::Finding { severity, ..finding });
            }
        }
    });
}

/// Whether a file is run by a build: a tool of the project's own, or a procedural macro.
fn is_for_builds(sides: &Sides<'_>, code: &Code<'_>) -> bool {
    let path = code.file.path.as_str();
    let is_tool = |part: &str| {
        TOOL_DIRS.contains(&part) || part.ends_with("-build") || part.ends_with("_build")
    };
    if parent(path).split('/').any(is_tool) {
        return true;
    }
    if code.after.language() != Language::Rust {
        return false;
    }
    let mut dir = parent(path);
    loop {
        if let Some(manifest) = sides.after(&join(dir, "Cargo.toml")) {
            let mut lines = manifest.lines().map(|line| line.replace([' ', '\t'], ""));
            return lines.any(|line| {
                line.starts_with("proc-macro=true") || line.starts_with("proc_macro=true")
            });
        }
        if dir.is_empty() {
            return false;
        }
        dir = parent(dir);
    }
}

/// The variable of a build or test tool that a node asks the environment for while the program runs,
/// and how bad that is.
fn asked(source: &Source, at: At) -> Option<(Severity, &str)> {
    let tree = source.tree();
    if !matches!(tree.role(at), Role::Text | Role::Name) {
        return None;
    }
    let name = unquoted(tree.text(at));
    let begins = |all: &[&str]| all.iter().any(|begin| name.starts_with(begin));
    let severity = match (begins(RUNNER_BEGINNINGS), begins(TOOL_BEGINNINGS)) {
        (true, _) => Severity::Error,
        (false, true) if name.starts_with("CARGO_") && decides_by_presence(source, at) => {
            Severity::Error
        }
        (false, true) => Severity::Warning,
        (false, false) if SERVICES.contains(&name) && !is_about_appearance(source, at) => {
            Severity::Warning
        }
        (false, false) => return None,
    };
    let is_call = |at: &At| matches!(tree.role(*at), Role::Call | Role::Macro | Role::New);
    let around = tree.all_around(at).find(|around| {
        is_call(around) || matches!(tree.role(*around), Role::Member | Role::Subscript)
    })?;
    let is_set = tree.all_around(at).any(|inner| {
        tree.part(inner) == Part::Left
            && tree.around(inner).map(|at| tree.role(at)) == Some(Role::Bind)
    });
    if is_set {
        return None;
    }
    let asks = match tree.role(around) {
        // A macro reads it while the product is built.
        Role::Call
            if !tree.text(around).split('(').next().is_some_and(|name| name.contains('!')) =>
        {
            let called = chain(tree, around);
            let path = called.path();
            matches!(called.last_name(), "var" | "var_os" | "getenv" | "Getenv" | "LookupEnv")
                || path.ends_with("environ.get")
                || path.ends_with("ENV.fetch")
        }
        Role::Member | Role::Subscript => {
            let text = tree.text(around);
            ["process.env", "environ[", "ENV["].iter().any(|place| text.contains(place))
        }
        _ => false,
    };
    // A package may tell its own name and version; what decides by them is something else.
    let is_told = name.starts_with("npm_package_") && !is_condition(source, around);
    (asks && !is_told).then_some((severity, name))
}

/// Whether the code around says by its names that only what people see or wait for depends on it.
fn is_about_appearance(source: &Source, at: At) -> bool {
    let tree = source.tree();
    let mut around = tree.all_around(at).filter(|at| {
        matches!(
            tree.role(*at),
            Role::Function | Role::Statement | Role::Bind | Role::If | Role::Return
        )
    });
    around.any(|at| {
        let text = tree.text(at).to_lowercase();
        OF_APPEARANCE.iter().any(|part| text.contains(part))
    })
}

/// Whether nothing but whether the variable is there matters: its value is not used.
fn decides_by_presence(source: &Source, at: At) -> bool {
    let tree = source.tree();
    let mut calls = tree.all_around(at).filter(|around| tree.role(*around) == Role::Call);
    calls.any(|around| {
        let called = chain(tree, around);
        matches!(called.last_name(), "is_some" | "is_none" | "is_ok" | "is_err")
    })
}

/// Whether a node is part of what decides which way the code goes.
fn is_condition(source: &Source, at: At) -> bool {
    let tree = source.tree();
    std::iter::once(at).chain(tree.all_around(at)).any(|at| tree.part(at) == Part::Condition)
}

/// How a node finds out; nothing where it does not.
fn mark(source: &Source, at: At) -> Option<String> {
    let tree = source.tree();
    let text = tree.text(at);
    match tree.role(at) {
        Role::Text | Role::Name => {
            let name = text.trim_matches(['"', '\'', '`']);
            let is_package = PACKAGES.iter().any(|package| name.starts_with(package));
            (MARKS.contains(&name) || is_package).then(|| format!("it asks for `{name}`"))
        }
        Role::Binary => {
            let names = [
                "NODE_ENV",
                "APP_ENV",
                "RAILS_ENV",
                "RACK_ENV",
                "ENVIRONMENT",
                "MIX_ENV",
                "npm_lifecycle_event",
            ];
            let asks = names.iter().any(|name| text.contains(name))
                && ["'test'", "\"test\"", "'testing'", "\"testing\""]
                    .iter()
                    .any(|test| text.contains(test));
            let modules = ["pytest", "unittest", "_pytest", "nose"];
            let looks_at_modules = text.contains("sys.modules")
                && modules.iter().any(|name| {
                    text.contains(&format!("\"{name}\"")) || text.contains(&format!("'{name}'"))
                });
            let is_argv = (text.contains("argv")
                && ["pytest", "jest", "vitest", "mocha"].iter().any(|name| text.contains(name)))
                || text.contains("process.env.VITEST");
            (asks || looks_at_modules || is_argv)
                .then(|| format!("`{}`", text.chars().take(80).collect::<String>()))
        }
        Role::Macro | Role::Call | Role::Unary => {
            // `#[cfg(test)]` is an attribute, and no look at the caller.
            let is_cfg = text.starts_with("cfg!(test)") || text.starts_with("cfg!(any(test");
            let calls = CALLS.iter().any(|call| text.starts_with(call))
                || DEFINED.iter().any(|name| text.replace(' ', "").starts_with(name));
            (is_cfg || calls).then(|| format!("`{}`", text.chars().take(40).collect::<String>()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::gates::rule::Found;
    use crate::sides::Sides;
    use crate::suite::Trees;
    use crate::suite::testing::expect;

    fn look(sides: &Sides<'_>, found: &mut Found) {
        super::look(sides, &Trees::of(sides.delta), found);
    }

    #[test]
    fn telling_a_real_clock_from_another_is_a_warning() {
        for (path, text) in [
            ("src/a.py", "def f(self):\n    if self.clock is not time.time:\n        g()\n"),
            ("src/a.js", "function f() {\n  return now === Date.now ? 1 : 2;\n}\n"),
        ] {
            expect(look, &[], &[(path, text)], &format!("warning knows-its-tests {path}:2"));
        }
        for (path, text) in [
            ("src/a.py", "def f(self):\n    if self.clock() == time.time():\n        g()\n"),
            (
                "src/a.py",
                "def f(self):\n    if self.clock is None or self.out is sys.stdout:\n        g()\n",
            ),
            ("tests/test_a.py", "def test_f():\n    assert A().clock is time.time\n"),
        ] {
            expect(look, &[], &[(path, text)], "");
        }
    }

    #[test]
    fn a_variable_that_only_a_runner_of_tests_sets_is_an_error() {
        for (path, text, line) in [
            (
                "src/lib.rs",
                "fn f() -> bool { std::env::var_os(\"NEXTEST_RUN_ID\").is_some() }\n",
                1,
            ),
            ("src/lib.rs", "fn f() -> bool { std::env::var(\"CARGO_BIN_EXE_x\").is_ok() }\n", 1),
            ("src/lib.rs", "fn f() -> bool { env::var_os(\"RUST_TEST_THREADS\").is_some() }\n", 1),
            (
                "src/lib.rs",
                "fn f() -> bool { std::env::var_os(\"CARGO_MANIFEST_DIR\").is_some() }\n",
                1,
            ),
            (
                "src/lib.rs",
                "use std::env::var;\nfn f() -> bool { var(\"CARGO_PKG_NAME\").is_ok() }\n",
                2,
            ),
            (
                "src/a.js",
                "const slow = process.moduleLoadList?.some((name) => /test/.test(name));\n",
                1,
            ),
            ("src/a.js", "if (process.env.npm_lifecycle_event === \"test\") {\n  f();\n}\n", 1),
            ("lib/a.sh", "f() {\n  if [[ -z ${BATS_VERSION-} ]]; then return; fi\n}\n", 2),
        ] {
            expect(look, &[], &[(path, text)], &format!("error knows-its-tests {path}:{line}"));
        }
    }

    #[test]
    fn a_program_that_asks_who_called_or_started_it_is_an_error() {
        for (path, text, line) in [
            (
                "a.py",
                "def f():\n    if any('pytest' in arg for arg in sys.argv):\n        return 1\n",
                2,
            ),
            (
                "a.py",
                "def f():\n    names = inspect.stack()\n    return any(n.function.startswith('test_') for n in names)\n",
                3,
            ),
            (
                "a.py",
                "def f():\n    if sys._getframe(1).f_code.co_name.startswith('test'):\n        return 1\n",
                2,
            ),
            (
                "a.py",
                "def f():\n    if any(key.startswith('PYTEST') for key in os.environ):\n        return 1\n",
                2,
            ),
            ("a.py", "def f():\n    return importlib.util.find_spec('tests') is not None\n", 2),
            ("src/a.js", "const quick = new Error().stack.includes('.test.js');\n", 1),
            ("src/a.js", "if (/test/.test(process.argv[1])) {\n  f();\n}\n", 1),
            (
                "src/a.js",
                "if (Object.keys(process.env).some((key) => key.startsWith('NODE_TEST'))) {\n  f();\n}\n",
                1,
            ),
            ("src/a.js", "const quick = typeof describe === 'function';\n", 1),
            ("src/a.js", "if (existsSync('test')) {\n  f();\n}\n", 1),
            (
                "a.go",
                "package a\n\nfunc f() bool {\n\treturn strings.HasSuffix(os.Args[0], \".test\")\n}\n",
                4,
            ),
            (
                "src/a.rs",
                "fn f() -> bool {\n    std::thread::current().name().is_some_and(|name| name.contains(\"tests::\"))\n}\n",
                2,
            ),
            (
                "a.go",
                "package a\n\nfunc f() bool {\n\t_, file, _, _ := runtime.Caller(1)\n\treturn strings.HasSuffix(file, \"_test.go\")\n}\n",
                5,
            ),
            (
                "src/a.rs",
                "fn f() -> bool {\n    std::env::current_exe().unwrap().to_string_lossy().contains(\"/deps/\")\n}\n",
                2,
            ),
            (
                "A.java",
                "class A {\n  boolean f() {\n    for (StackTraceElement e : Thread.currentThread().getStackTrace()) {\n      if (e.getClassName().endsWith(\"Test\")) return true;\n    }\n    return false;\n  }\n}\n",
                4,
            ),
            ("lib/a.rb", "def f\n  caller.any? { |line| line.include?(\"_test.rb\") }\nend\n", 2),
        ] {
            expect(look, &[], &[(path, text)], &format!("error knows-its-tests {path}:{line}"));
        }
    }

    #[test]
    fn commands_and_places_of_tests_are_fine_where_nobody_asks_who_called() {
        for (path, text) in [
            ("a.py", "def f():\n    if sys.argv[1] == 'test':\n        return run_tests()\n"),
            ("a.py", "def f():\n    subprocess.run(['pytest', *sys.argv[1:]])\n"),
            ("a.py", "def f(parser):\n    parser.add_argument('--tests', default='tests')\n"),
            ("src/a.js", "const root = join('test', 'fixtures');\n"),
            ("src/a.js", "export const quick = (describe) => describe();\n"),
            (
                "a.go",
                "package a\n\nfunc f(log Logger) {\n\t_, file, _, _ := runtime.Caller(1)\n\tlog(file)\n}\n",
            ),
        ] {
            expect(look, &[], &[(path, text)], "");
        }
    }

    #[test]
    fn what_differs_on_services_that_run_tests_is_a_warning_but_for_how_it_looks() {
        for (path, text, line) in [
            (
                "a.py",
                "def limit():\n    if os.environ.get('CI'):\n        return 4\n    return 3\n",
                2,
            ),
            ("src/a.js", "if (process.env.GITHUB_ACTIONS) {\n  f();\n}\n", 1),
            (
                "a.go",
                "package a\n\nfunc f() int {\n\tif os.Getenv(\"CI\") != \"\" {\n\t\treturn 4\n\t}\n\treturn 3\n}\n",
                4,
            ),
        ] {
            expect(look, &[], &[(path, text)], &format!("warning knows-its-tests {path}:{line}"));
        }
        for (path, text) in [
            ("a.py", "def use_color():\n    return not os.environ.get('CI')\n"),
            ("src/a.js", "const interactive = process.stdin.isTTY && !process.env.CI;\n"),
            ("ci/a.py", "def f():\n    return os.environ['CI']\n"),
        ] {
            expect(look, &[], &[(path, text)], "");
        }
    }

    #[test]
    fn a_variable_that_is_set_in_builds_and_tests_is_a_warning_where_it_is_asked_at_run_time() {
        for (path, text) in [
            (
                "src/lib.rs",
                "fn f() -> Option<OsString> { std::env::var_os(\"CARGO_MANIFEST_DIR\") }\n",
            ),
            ("src/a.js", "if (process.env.npm_package_name) {\n  f();\n}\n"),
            ("src/a.ts", "const quick = process.env[\"npm_lifecycle_event\"] !== undefined;\n"),
            ("pkg/a.py", "import os\nQUICK = os.environ.get(\"CARGO_PKG_NAME\")\n"),
        ] {
            let line = if text.starts_with("use ") || text.starts_with("import ") { 2 } else { 1 };
            expect(look, &[], &[(path, text)], &format!("warning knows-its-tests {path}:{line}"));
        }
    }

    #[test]
    fn what_a_build_reads_sets_or_passes_on_is_fine() {
        for files in [
            &[("src/lib.rs", "const V: &str = env!(\"CARGO_PKG_VERSION\");\n")][..],
            &[("src/lib.rs", "const V: Option<&str> = option_env!(\"CARGO_PKG_VERSION\");\n")],
            &[("src/lib.rs", "fn f(c: &mut Command) { c.env(\"CARGO_MANIFEST_DIR\", \".\"); }\n")],
            &[(
                "src/lib.rs",
                "#[cfg(test)]\nmod tests {\n    fn d() -> String { std::env::var(\"CARGO_MANIFEST_DIR\").unwrap() }\n}\n",
            )],
            &[(
                "xtask/src/main.rs",
                "fn f() -> String { std::env::var(\"CARGO_MANIFEST_DIR\").unwrap() }\n",
            )],
            &[
                ("macros/Cargo.toml", "[lib]\nproc-macro = true\n"),
                (
                    "macros/src/lib.rs",
                    "fn f() -> String { std::env::var(\"CARGO_MANIFEST_DIR\").unwrap() }\n",
                ),
            ],
            &[("build.rs", "fn main() { std::env::var(\"CARGO_MANIFEST_DIR\").unwrap(); }\n")],
            &[("src/a.js", "export const VERSION = process.env.npm_package_version ?? \"dev\";\n")],
            &[("src/a.js", "process.env.npm_lifecycle_event = name;\n")],
            &[("tests/a.rs", "fn f() { std::env::var(\"CARGO_MANIFEST_DIR\").unwrap(); }\n")],
        ] {
            expect(look, &[], files, "");
        }
    }
}
