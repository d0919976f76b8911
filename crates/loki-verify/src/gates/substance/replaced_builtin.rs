//! Code of the product that replaces what everybody uses.

use loki_model::Severity;

use super::{Code, each_code};
use crate::gates::rule::{Found, Rule};
use crate::syntax::call::{arguments, path_of, unquoted};
use crate::syntax::{At, Language, Part, Role, Source};

/// A built-in of the language or of its library gets another meaning.
pub(super) const RULE: Rule = Rule {
    id: "substance/built-in-replaced",
    severity: Severity::Warning,
    what: "Code of the product replaces a built-in of the language or of its library for everybody.",
    why: "Every other part of the program, its libraries and its tests get the replacement without \
          knowing: what tests show about time, chance or failure is no longer what users get.",
    example: "+const start = Date.now();\n+Date.now = () => start;",
    fix: "Pass the clock, the source of chance or whatever has to differ in from outside.",
    look: |cx, delta, found| each_code(cx, delta, found, &mut look),
};

/// Methods of JavaScript's own objects, each as it is reached.
const SCRIPT_METHODS: &[(&str, &[&str])] = &[
    ("Date", &["now", "parse", "UTC"]),
    ("Math", &["random", "round", "floor", "ceil", "abs", "max", "min", "trunc", "pow", "sqrt"]),
    ("JSON", &["parse", "stringify"]),
    (
        "Object",
        &["keys", "values", "entries", "assign", "freeze", "is", "defineProperty", "create"],
    ),
    ("Array", &["isArray", "from", "of"]),
    ("Number", &["isNaN", "isInteger", "isFinite", "parseFloat", "parseInt"]),
    ("Promise", &["all", "allSettled", "race", "any", "resolve", "reject"]),
    ("performance", &["now"]),
    ("process", &["exit", "env", "hrtime", "cwd", "nextTick", "uptime", "abort", "kill"]),
    ("crypto", &["randomUUID", "getRandomValues", "subtle"]),
    ("Array.prototype", SCRIPT_LIST),
    ("String.prototype", SCRIPT_TEXT),
    ("Object.prototype", &["toString", "hasOwnProperty", "valueOf", "isPrototypeOf"]),
    ("Date.prototype", &["getTime", "toISOString", "toString", "getTimezoneOffset", "valueOf"]),
    ("Number.prototype", &["toString", "toFixed", "valueOf", "toLocaleString"]),
    ("Map.prototype", &["get", "set", "has", "delete", "clear", "forEach", "keys", "values"]),
    ("Set.prototype", &["add", "has", "delete", "clear", "forEach", "keys", "values"]),
    ("RegExp.prototype", &["test", "exec"]),
    ("Promise.prototype", &["then", "catch", "finally"]),
    ("Function.prototype", &["call", "apply", "bind", "toString"]),
];

const SCRIPT_LIST: &[&str] = &[
    "at",
    "concat",
    "every",
    "fill",
    "filter",
    "find",
    "findIndex",
    "flat",
    "flatMap",
    "forEach",
    "includes",
    "indexOf",
    "join",
    "map",
    "pop",
    "push",
    "reduce",
    "reverse",
    "shift",
    "slice",
    "some",
    "sort",
    "splice",
    "toString",
    "unshift",
];

const SCRIPT_TEXT: &[&str] = &[
    "at",
    "charAt",
    "charCodeAt",
    "endsWith",
    "includes",
    "indexOf",
    "match",
    "matchAll",
    "normalize",
    "padEnd",
    "padStart",
    "repeat",
    "replace",
    "replaceAll",
    "search",
    "slice",
    "split",
    "startsWith",
    "substring",
    "toLowerCase",
    "toString",
    "toUpperCase",
    "trim",
    "trimEnd",
    "trimStart",
];

/// What everybody reaches without an import.
const SCRIPT_GLOBALS: &[&str] = &[
    "setTimeout",
    "setInterval",
    "setImmediate",
    "clearTimeout",
    "clearInterval",
    "queueMicrotask",
    "fetch",
    "Date",
    "Math",
    "JSON",
    "Promise",
    "Error",
    "Array",
    "Object",
    "Map",
    "Set",
    "process",
    "performance",
    "crypto",
    "structuredClone",
    "Number",
    "String",
];

/// Names of the object that holds them.
const SCRIPT_HOLDERS: &[&str] = &["globalThis", "global", "window", "self"];

/// What modules of Python's library hold.
const PYTHON: &[(&str, &[&str])] = &[
    (
        "time",
        &[
            "time",
            "time_ns",
            "sleep",
            "monotonic",
            "monotonic_ns",
            "perf_counter",
            "localtime",
            "gmtime",
            "strftime",
        ],
    ),
    ("datetime", &["datetime", "date", "timedelta", "timezone"]),
    (
        "random",
        &[
            "random",
            "randint",
            "choice",
            "choices",
            "shuffle",
            "sample",
            "uniform",
            "randrange",
            "seed",
            "Random",
        ],
    ),
    (
        "os",
        &[
            "environ", "getenv", "path", "getcwd", "listdir", "remove", "rename", "urandom",
            "system", "stat",
        ],
    ),
    ("json", &["dumps", "loads", "dump", "load"]),
    ("uuid", &["uuid1", "uuid4"]),
    ("secrets", &["token_hex", "token_bytes", "token_urlsafe", "choice", "compare_digest"]),
    ("hmac", &["compare_digest", "new"]),
    ("hashlib", &["sha256", "sha1", "md5", "sha512", "new"]),
    ("math", &["floor", "ceil", "isclose", "sqrt", "fsum"]),
    ("sys", &["exit"]),
    ("subprocess", &["run", "Popen", "call", "check_call", "check_output"]),
    ("socket", &["socket", "create_connection", "getaddrinfo"]),
    (
        "builtins",
        &[
            "print",
            "open",
            "input",
            "len",
            "sum",
            "sorted",
            "isinstance",
            "type",
            "eval",
            "exec",
            "__import__",
            "max",
            "min",
            "int",
            "str",
            "float",
            "bool",
            "list",
            "dict",
            "set",
            "range",
            "any",
            "all",
            "abs",
            "round",
            "zip",
            "map",
            "filter",
            "hash",
            "id",
            "repr",
            "getattr",
            "hasattr",
            "AssertionError",
            "Exception",
        ],
    ),
];

/// Methods of Ruby's own classes and modules; those of the class itself begin with `self.`.
const RUBY: &[(&str, &[&str])] = &[
    (
        "Time",
        &["self.now", "self.at", "self.new", "self.parse", "to_i", "to_f", "to_s", "+", "-", "<=>"],
    ),
    ("Date", &["self.today", "self.parse", "self.new"]),
    ("DateTime", &["self.now", "self.parse"]),
    ("Random", &["self.rand", "self.new", "rand"]),
    ("Process", &["self.clock_gettime", "self.exit", "self.kill"]),
    (
        "Kernel",
        &[
            "rand",
            "sleep",
            "exit",
            "puts",
            "raise",
            "require",
            "system",
            "abort",
            "self.rand",
            "self.sleep",
            "self.exit",
        ],
    ),
    ("Object", &["==", "equal?", "eql?", "hash", "nil?", "send", "raise", "to_s", "freeze"]),
    ("BasicObject", &["==", "!"]),
    (
        "String",
        &[
            "==", "upcase", "downcase", "strip", "to_s", "to_i", "split", "sub", "gsub",
            "include?", "length", "size", "[]",
        ],
    ),
    ("Integer", &["+", "-", "*", "/", "==", "<=>", "to_s", "zero?", "times"]),
    ("Float", &["+", "-", "*", "/", "==", "<=>", "to_s", "round", "nan?"]),
    (
        "Array",
        &[
            "==", "each", "map", "sort", "include?", "first", "last", "size", "length", "push",
            "sum", "[]",
        ],
    ),
    ("Hash", &["==", "[]", "[]=", "fetch", "key?", "each", "merge", "keys", "values"]),
    ("NilClass", &["nil?", "to_s", "to_a", "method_missing", "=="]),
    ("File", &["self.read", "self.write", "self.exist?", "self.open"]),
    ("SecureRandom", &["self.hex", "self.uuid"]),
    ("ENV", &["self.[]", "self.fetch"]),
];

/// Words in a path that say that replacing is what the file is for, or that it serves tests.
const SAYING_SO: &[&str] = &[
    "polyfill",
    "polyfills",
    "ponyfill",
    "shim",
    "shims",
    "compat",
    "mock",
    "mocks",
    "fake",
    "fakes",
    "testing",
    "testutil",
    "testutils",
    "test",
    "bench",
];

fn look(code: &Code<'_>, found: &mut Found) {
    let path = code.file.path.to_ascii_lowercase();
    if path.split(|c: char| !c.is_alphanumeric()).any(|word| SAYING_SO.contains(&word)) {
        return;
    }
    let tree = code.after.tree();
    let now = replaced(code.after).into_iter();
    let added: Vec<(At, String)> =
        now.filter(|(at, _)| code.file.is_added(tree.line(*at))).collect();
    if added.is_empty() {
        return;
    }
    let known: Vec<String> =
        code.before().map(replaced).unwrap_or_default().into_iter().map(|(_, name)| name).collect();
    let mut told: Vec<String> = Vec::new();
    for (at, name) in added {
        let line = tree.line(at);
        if code.is_in_tests(at)
            || known.contains(&name)
            || told.contains(&name)
            || is_guarded(code.after, at, &name)
        {
            continue;
        }
        let message = format!("`{name}` gets another meaning, for the whole program");
        found.add(RULE.at(&code.file.path, line, message));
        told.push(name);
    }
}

/// Every built-in that a file replaces, with the place.
fn replaced(source: &Source) -> Vec<(At, String)> {
    let tree = source.tree();
    match source.language() {
        language if language.is_script() => {
            given(source).filter(|(_, name)| is_of_script(source, name)).collect()
        }
        Language::Python => given(source)
            .filter(|(_, name)| {
                let held = name.rsplit_once('.');
                held.is_some_and(|(module, name)| {
                    is_in(PYTHON, module, name) && imports(source, module)
                })
            })
            .collect(),
        Language::Ruby => tree.all(Role::Function).filter_map(|at| reopened(source, at)).collect(),
        _ => Vec::new(),
    }
}

fn is_in(table: &[(&str, &[&str])], holder: &str, name: &str) -> bool {
    table.iter().any(|(held, names)| *held == holder && names.contains(&name))
}

/// What is given another value: `a.b = …`, `a["b"] = …`, `defineProperty(a, "b", …)`,
/// `setattr(a, "b", …)`; with dots between the names.
fn given(source: &Source) -> impl Iterator<Item = (At, String)> {
    let tree = source.tree();
    let bound = tree.all(Role::Bind).filter_map(|at| {
        let left = tree.child(at, Part::Left)?;
        let name = match tree.role(left) {
            Role::Member => path_of(tree, left)?,
            Role::Subscript => {
                let key = tree.named(left).last().filter(|at| tree.role(*at) == Role::Text)?;
                format!("{}.{}", path_of(tree, tree.named(left).next()?)?, unquoted(tree.text(key)))
            }
            _ => return None,
        };
        Some((at, name))
    });
    let called = source.calls().filter_map(|(at, called)| {
        if !matches!(
            called.path().as_str(),
            "Object.defineProperty" | "Reflect.defineProperty" | "setattr"
        ) {
            return None;
        }
        let given = arguments(tree, at);
        let (holder, name) = (given.first()?, given.get(1)?);
        let name = (tree.role(*name) == Role::Text).then(|| unquoted(tree.text(*name)))?;
        Some((at, format!("{}.{name}", path_of(tree, *holder)?)))
    });
    bound.chain(called)
}

fn is_of_script(source: &Source, name: &str) -> bool {
    let (first, rest) = name.split_once('.').unwrap_or((name, ""));
    let bare = if SCRIPT_HOLDERS.contains(&first) { rest } else { name };
    let Some((holder, last)) = bare.rsplit_once('.') else {
        return bare != name && SCRIPT_GLOBALS.contains(&bare) && !is_own(source, first);
    };
    is_in(SCRIPT_METHODS, holder, last) && !is_own(source, first)
}

/// Whether a file declares the name itself: `const self = this`, `function f(window) { … }`. An import
/// hands out the same object that everybody has.
fn is_own(source: &Source, name: &str) -> bool {
    let tree = source.tree();
    let is_bound = tree.all(Role::Bind).any(|at| {
        let bound = tree.child(at, Part::Name).or_else(|| tree.child(at, Part::Left));
        bound.is_some_and(|bound| tree.text(bound) == name && !tree.text(at).contains("require"))
    });
    // What a parameter is when it is not given, and its type, declare nothing.
    let declares = |at: At| !matches!(tree.part(at), Part::Right | Part::Value | Part::Type);
    let is_taken = |list: At| {
        tree.inside_but(list, |at| !declares(at))
            .any(|at| tree.is_leaf(at) && declares(at) && tree.text(at) == name)
    };
    is_bound || tree.all(Role::Parameters).any(is_taken)
}

/// Whether a file of Python means the module of the library by a name.
fn imports(source: &Source, module: &str) -> bool {
    let tree = source.tree();
    let own = |at: At| tree.text(at).trim().strip_prefix("import ").map(str::to_owned);
    tree.all(Role::Import)
        .filter_map(own)
        .any(|names| names.split(',').any(|name| name.trim() == module))
}

/// What a method of Ruby replaces, where its class or module is one of the language's own.
fn reopened(source: &Source, function: At) -> Option<(At, String)> {
    let tree = source.tree();
    let around: Vec<At> = tree
        .all_around(function)
        .filter(|at| {
            matches!(tree.role(*at), Role::Class | Role::Module | Role::Lambda | Role::Function)
        })
        .collect();
    // Inside of a module of the project's own, or of a refinement, it is another class.
    let &[class] = around.as_slice() else { return None };
    if !matches!(tree.role(class), Role::Class | Role::Module)
        || tree.child(class, Part::Heritage).is_some()
    {
        return None;
    }
    let head = tree.text(class).lines().next()?.trim();
    let holder = head
        .strip_prefix("class << ")
        .or_else(|| head.strip_prefix("class "))
        .or_else(|| head.strip_prefix("module "))?
        .split([';', ' ', '#'])
        .next()?
        .trim_start_matches("::");
    let name = tree.text(tree.child(function, Part::Name)?);
    let is_of_class = head.starts_with("class << ") || tree.text(function).starts_with("def self.");
    let name = if is_of_class { format!("self.{name}") } else { name.to_owned() };
    is_in(RUBY, holder, &name).then(|| {
        let shown = name
            .strip_prefix("self.")
            .map_or(format!("{holder}#{name}"), |own| format!("{holder}.{own}"));
        (function, shown)
    })
}

/// Whether it is only filled in where it is missing.
fn is_guarded(source: &Source, at: At, name: &str) -> bool {
    let tree = source.tree();
    let last = name.rsplit(['.', '#']).next().unwrap_or(name);
    let says_missing = |text: &str| {
        let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '?');
        let asks =
            ["!", "not ", "unless", "typeof", "undefined", "null", " in ", "hasattr", "defined?"];
        let is_of_it = words.any(|word| word == last) || text.contains("version");
        is_of_it && (text.contains("version") || asks.iter().any(|sign| text.contains(sign)))
    };
    let head = |at: At| {
        let condition = tree.child(at, Part::Condition).map(|at| tree.text(at));
        let text = condition.or_else(|| tree.text(at).lines().next()).unwrap_or_default();
        // `unless` stands before the condition.
        let is_unless = tree.text(at).starts_with("unless") || tree.text(at).contains(" unless ");
        if is_unless { format!("unless {text}") } else { text.to_owned() }
    };
    let is_around = tree.all_around(at).any(|around| match tree.role(around) {
        Role::If | Role::Ternary | Role::Binary => says_missing(&head(around)),
        Role::Handler => true,
        _ => false,
    });
    // `x ??= …`, `x = x || …`.
    let text = tree.text(at);
    let value = text.split_once('=').map_or("", |(_, value)| value.trim());
    let keeps = text.contains("??=")
        || text.contains("||=")
        || [" ||", " ??"].iter().any(|or| value.starts_with(&format!("{name}{or}")));
    // `if (x) return;` before it.
    let is_left_before = tree.all(Role::If).take_while(|other| *other < at).any(|other| {
        tree.inside(other).any(|at| tree.role(at) == Role::Return) && head(other).contains(last)
    });
    is_around || keeps || is_left_before
}

#[cfg(test)]
mod tests {
    use super::super::testing::{expect, look_at};
    use super::Found;
    use crate::sides::Sides;

    fn look(sides: &Sides<'_>, found: &mut Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn a_built_in_that_is_replaced_for_everybody_is_a_warning() {
        for (path, text, line) in [
            ("src/a.ts", "const start = Date.now();\nDate.now = () => start;\n", 2),
            ("src/a.ts", "Date.now = stop;\nfunction f(now = Date.now(), at: Date) {}\n", 1),
            ("src/a.js", "Math.random = () => 0.5;\n", 1),
            ("src/a.js", "globalThis.setTimeout = (f) => f();\n", 1),
            ("src/a.js", "window.fetch = wrapped;\n", 1),
            ("src/a.js", "process.exit = () => {};\n", 1),
            ("src/a.js", "Array.prototype.includes = function () {\n  return true;\n};\n", 1),
            ("src/a.js", "Object.defineProperty(Date, \"now\", { value: () => 0 });\n", 1),
            ("src/a.js", "if (fast) {\n  Date.now = () => 0;\n}\n", 2),
            ("pkg/a.py", "import time\n\ntime.time = lambda: 0\n", 3),
            ("pkg/a.py", "import builtins\nbuiltins.print = quiet\n", 2),
            ("pkg/a.py", "import datetime, os\nos.environ = {}\n", 2),
            ("pkg/a.py", "import datetime\nsetattr(datetime, \"datetime\", Frozen)\n", 2),
            ("lib/a.rb", "class Time\n  def self.now\n    at(0)\n  end\nend\n", 2),
            ("lib/a.rb", "module Kernel\n  def sleep(_)\n  end\nend\n", 2),
            ("lib/a.rb", "class << Time\n  def now\n    at(0)\n  end\nend\n", 2),
        ] {
            expect(look, &[], &[(path, text)], &format!("warning built-in-replaced {path}:{line}"));
        }
    }

    #[test]
    fn what_is_filled_in_where_it_is_missing_is_fine() {
        for (path, text) in [
            ("src/a.js", "if (!Array.prototype.at) {\n  Array.prototype.at = at;\n}\n"),
            ("src/a.js", "if (typeof fetch === \"undefined\") {\n  globalThis.fetch = load;\n}\n"),
            ("src/a.js", "globalThis.fetch ??= load;\n"),
            ("src/a.js", "globalThis.fetch = globalThis.fetch || load;\n"),
            (
                "src/a.js",
                "function fill() {\n  if (String.prototype.at) return;\n  String.prototype.at = at;\n}\n",
            ),
            ("src/polyfills/at.js", "Array.prototype.at = at;\n"),
            (
                "pkg/a.py",
                "import math\nif not hasattr(math, \"isclose\"):\n    math.isclose = close\n",
            ),
            (
                "pkg/a.py",
                "import time\ntry:\n    time.monotonic()\nexcept AttributeError:\n    time.monotonic = time.time\n",
            ),
        ] {
            expect(look, &[], &[(path, text)], "");
        }
    }

    #[test]
    fn names_of_ones_own_and_what_is_there_to_be_set_are_fine() {
        for (path, text) in [
            (
                "src/a.js",
                "clock.now = () => 0;\nthis.random = Math.random;\nconst now = Date.now;\n",
            ),
            ("src/a.js", "const self = this;\nself.fetch = load;\n"),
            ("src/a.js", "function start(window) {\n  window.fetch = load;\n}\n"),
            ("src/a.js", "process.env.TZ = \"UTC\";\nprocess.exitCode = 1;\nwindow.app = app;\n"),
            ("src/a.js", "Array.prototype.lastOne = function () {};\n"),
            (
                "pkg/a.py",
                "import os, sys\nos.environ[\"A\"] = \"b\"\nsys.stdout = out\nsys.path = []\n",
            ),
            ("pkg/a.py", "from pkg import time\ntime.time = 3\nself.time.time = 1\n"),
            ("lib/a.rb", "module Shop\n  class Time\n    def self.now\n    end\n  end\nend\n"),
            ("lib/a.rb", "class String\n  def shout\n    upcase\n  end\nend\n"),
            (
                "lib/a.rb",
                "module Calm\n  refine String do\n    def upcase\n      self\n    end\n  end\nend\n",
            ),
            ("test/setup.js", "Date.now = () => 0;\n"),
            ("src/__mocks__/clock.js", "Date.now = () => 0;\n"),
        ] {
            expect(look, &[], &[(path, text)], "");
        }
    }

    #[test]
    fn what_was_replaced_before_is_not_the_changes_doing() {
        let before = [("src/a.js", "Date.now = clock;\n")];
        expect(look, &before, &[("src/a.js", "Date.now = () => clock();\n")], "");
    }
}
