//! Questions of a program about its own process whose answers only tests give: who called it, what it was
//! started with, what else is loaded.

use std::sync::LazyLock;

use regex::Regex;

use super::super::Code;
use super::super::knows_its_place::with_values;
use crate::syntax::call::{chain, unquoted};
use crate::syntax::{At, Part, Role, Tree};

/// What tells who called.
const STACKS: &[&str] = &[
    "inspect.stack",
    "currentframe",
    "_getframe",
    "extract_stack",
    "format_stack",
    "walk_stack",
    ").stack",
    "captureStackTrace",
    "runtime.Caller",
    "FuncForPC",
    "debug.Stack",
    "Backtrace",
    "getStackTrace",
    "StackWalker",
    "caller_locations",
    "debug_backtrace",
    "thread::current",
    "current_thread",
    "currentThread",
    "caller.any",
    "caller.first",
    "caller.grep",
    "caller(",
    "caller[",
];

/// What tells how the program was started.
const STARTS: &[&str] = &[
    "argv",
    "execArgv",
    "os.Args",
    "env::args",
    "current_exe",
    "os.Executable",
    "process.title",
    "__main__",
    "require.main",
    "mainModule",
    "PROGRAM_NAME",
];

/// What tells the name of the program itself.
const OWN_NAMES: &[&str] = &[
    "os.Args[0]",
    "argv[0]",
    "current_exe",
    "os.Executable",
    "PROGRAM_NAME",
    "process.title",
    "require.main",
];

/// What tells what else is loaded, or could be.
const LOADED: &[&str] =
    &["sys.modules", "find_spec", "require.cache", "LOADED_FEATURES", "class_exists", "forName"];

/// What has the variables of the environment, by all of their names.
const ENVIRONMENTS: &[&str] =
    &["environ", "process.env", "env::vars", "os.Environ", "ENV", "getenv"];

/// Looks for files, of which users have none that hold tests.
const LOOKS_FOR_FILES: &[&str] =
    &["exists", "existsSync", "is_dir", "isdir", "is_file", "isfile", "os.Stat", "statSync"];

/// Names that only runners of tests and files of tests have.
struct Forms {
    /// A runner.
    runner: Regex,
    /// Something of tests: `test_a`, `a.test.js`, `a_test.go`, `/spec/`.
    of_tests: Regex,
    /// The beginning of a variable that a runner sets.
    variable: Regex,
    /// A directory or a file of tests.
    place: Regex,
}

static FORMS: LazyLock<Option<Forms>> = LazyLock::new(|| {
    let form = |text: &str| Regex::new(text).ok();
    Some(Forms {
        runner: form(
            r"(?i)(^|[^a-z])(pytest|py\.test|unittest|nose2|jest|vitest|mocha|jasmine|rspec|minitest|phpunit|junit|surefire|nextest|--test)([^a-z]|$)|^deps$|^\.test(\.exe)?$|^-test\.",
        )?,
        of_tests: form(
            r"(?i)(^|[^a-z])(tests?|testing|specs?)([^a-z]|$)|pytest|unittest|jest|mocha|junit|trunner",
        )?,
        variable: form(r"^(PYTEST|NODE_TEST|JEST|VITEST|MOCHA|NEXTEST|BATS|PHPUNIT)_?$")?,
        place: form(
            r"(?i)^(\./)?(tests?|spec|__tests__)(/|$)|(^|/)(test_\w+\.py|\w+_test\.(py|go)|[\w.-]+\.(test|spec)\.[cm]?[jt]sx?)$",
        )?,
    })
});

/// How a node finds out that tests are running; nothing where it does not.
pub(super) fn mark(code: &Code<'_>, at: At) -> Option<String> {
    let is_global = || is_global_of_a_runner(code, at).then(|| shown(code.after.tree().text(at)));
    by_words(code, at).or_else(is_global)
}

/// How a written text is used to find out that tests are running.
fn by_words(code: &Code<'_>, at: At) -> Option<String> {
    let tree = code.after.tree();
    if tree.role(at) != Role::Text {
        return None;
    }
    let forms = FORMS.as_ref()?;
    let is_pattern = tree.text(at).starts_with('/');
    let value = unquoted(tree.text(at)).trim_matches('/');
    let (is_runner, is_of_tests) = (forms.runner.is_match(value), forms.of_tests.is_match(value));
    let (is_variable, is_place) = (forms.variable.is_match(value), forms.place.is_match(value));
    if !is_runner && !is_of_tests && !is_variable && !is_place {
        return None;
    }
    // A name of its own for what a caller is, such as a key or a message, asks nothing.
    let asks = expression(tree, at)?;
    let text = with_values(code, asks);
    let has = |names: &[&str]| names.iter().any(|name| text.contains(name));
    // `tests` is a word of programs that have to do with tests, `"test"` the name of a command.
    let is_start = (has(STARTS)
        && (is_runner || (is_pattern && is_of_tests) || is_of_a_file(value)))
        || (has(OWN_NAMES) && is_of_tests);
    // The frames are often got some lines before.
    let is_of_stack = || {
        let function = tree.all_around(at).find(|around| tree.role(*around) == Role::Function);
        let text = tree.text(function.unwrap_or(asks));
        STACKS.iter().any(|name| text.contains(name))
    };
    let is_asked = (is_compared(tree, at, asks)
        && ((is_of_tests && is_of_stack()) || is_start || (is_variable && has(ENVIRONMENTS))))
        || ((is_runner || is_place) && has(LOADED))
        || (is_place && has(LOOKS_FOR_FILES) && decides(tree, at));
    is_asked.then(|| shown(tree.text(asks)))
}

fn shown(text: &str) -> String {
    format!("`{}`", text.chars().take(SHOWN_CHARS_MAX).collect::<String>())
}

/// Characters of an expression that a message shows.
const SHOWN_CHARS_MAX: usize = 80;

/// Whether a text is a part of the name of a file of tests: `.test.`, `_test.go`, `.spec.js`.
fn is_of_a_file(value: &str) -> bool {
    [".test", ".spec", "_test.", "test_"].iter().any(|part| value.contains(part))
}

/// The expression around a text: what is a condition, or what a statement does or hands out.
fn expression(tree: &Tree, at: At) -> Option<At> {
    let mut whole = None;
    for around in tree.all_around(at) {
        match tree.role(around) {
            Role::Block
            | Role::Function
            | Role::Class
            | Role::If
            | Role::Loop
            | Role::Try
            | Role::Switch
            | Role::Case
            | Role::Map
            | Role::Import
            | Role::Decorator => break,
            _ if around == At::ROOT => break,
            _ => whole = Some(around),
        }
    }
    whole
}

/// Whether a text is compared with something, within the expression `asks`, and not handed on.
fn is_compared(tree: &Tree, at: At, asks: At) -> bool {
    const COMPARES: &[&str] = &[
        "startswith",
        "endswith",
        "startsWith",
        "endsWith",
        "starts_with",
        "ends_with",
        "start_with?",
        "end_with?",
        "includes",
        "include?",
        "contains",
        "Contains",
        "HasPrefix",
        "HasSuffix",
        "indexOf",
        "find",
        "match",
        "match?",
        "search",
        "test",
        "is_match",
        "MatchString",
        "equals",
        "strpos",
        "str_contains",
    ];
    let around = std::iter::once(at).chain(tree.all_around(at));
    around.take_while(|around| tree.is_within(*around, asks)).any(|around| {
        match tree.role(around) {
            Role::Binary => true,
            Role::Call => COMPARES.contains(&chain(tree, around).last_name()),
            _ => false,
        }
    })
}

/// Whether the code goes another way by it.
fn decides(tree: &Tree, at: At) -> bool {
    std::iter::once(at).chain(tree.all_around(at)).any(|at| {
        tree.part(at) == Part::Condition
            || matches!(tree.role(at), Role::Ternary | Role::Binary | Role::Unary)
    })
}

/// What tests put something in the place of: clocks, chance, and what leads out of the process.
const REAL: &[&str] = &[
    "time.time",
    "time.monotonic",
    "time.sleep",
    "datetime.now",
    "datetime.utcnow",
    "datetime.datetime.now",
    "datetime.date.today",
    "date.today",
    "random.random",
    "uuid.uuid4",
    "subprocess.run",
    "urllib.request.urlopen",
    "requests.get",
    "Date.now",
    "performance.now",
    "Math.random",
    "setTimeout",
    "globalThis.fetch",
    "crypto.randomUUID",
];

/// The real thing that a value is compared with, to tell whether it is the one: only where tests put
/// something in its place it is not.
pub(super) fn told_apart(code: &Code<'_>, at: At) -> Option<&'static str> {
    const SIGNS: &[&str] = &["is", "is not", "==", "!=", "===", "!=="];
    let tree = code.after.tree();
    if tree.role(at) != Role::Binary {
        return None;
    }
    let mut signs = tree.children(at).filter(|sign| !tree.is_named(*sign));
    if !signs.any(|sign| SIGNS.contains(&tree.text(sign).trim())) {
        return None;
    }
    let sides: Vec<&str> = tree.named(at).map(|side| tree.text(tree.bare(side))).collect();
    REAL.iter().copied().find(|real| sides.contains(real))
}

/// A global that only a runner of tests defines, in a language whose runners do.
fn is_global_of_a_runner(code: &Code<'_>, at: At) -> bool {
    const GLOBALS: &[&str] =
        &["describe", "it", "jest", "vi", "beforeEach", "afterEach", "jasmine", "mocha", "QUnit"];
    let tree = code.after.tree();
    if !code.after.language().is_script() {
        return false;
    }
    let text = tree.text(at);
    let asked = match tree.role(at) {
        Role::Unary => text.strip_prefix("typeof").map(|name| name.trim_matches(['(', ')', ' '])),
        Role::Member => {
            ["globalThis.", "global.", "globalThis?."].iter().find_map(|of| text.strip_prefix(of))
        }
        _ => None,
    };
    let name =
        asked.map(|name| name.trim_start_matches("globalThis.").trim_start_matches("global."));
    name.is_some_and(|name| GLOBALS.contains(&name))
}
