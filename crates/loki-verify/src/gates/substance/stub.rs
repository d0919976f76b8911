//! Functions that say that they are not written yet.

use loki_model::Severity;

use super::{Code, each_code};
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::syntax::{At, Function, Language, Nature, Role, Source};

mod idle;

/// A stub.
pub(super) const RULE: Rule = Rule {
    id: "substance/stub",
    severity: Severity::Error,
    what: "A function that the change brings does not do anything yet.",
    why: "It is called finished and fails, or answers nothing, as soon as somebody uses it.",
    example: "+ def outer_join(left, right):\n+     raise NotImplementedError",
    fix: "Write the function, or leave it and what promises it out of the change.",
    look,
};

/// What a body raises that is not written yet, in lower case.
const UNWRITTEN: &[&str] = &[
    "notimplemented",
    "not implemented",
    "not yet implemented",
    "unimplemented",
    "to be implemented",
    "unsupportedoperationexception()",
];

/// The same words for a body that does nothing else. In a branch they may only say what is not supported.
const PROMISED: &[&str] = &[
    "coming soon",
    "not available yet",
    "not yet available",
    "not supported yet",
    "not yet supported",
    "not ready",
    "not written yet",
    "not done yet",
    "to be done",
    "work in progress",
    "will be added",
    "in a later version",
];

/// What it says that classes made from this one have to bring.
const BY_OTHERS: &[&str] = &[
    "subclass",
    "must define",
    "must implement",
    "must be implemented",
    "must override",
    "must be overridden",
    "should implement",
    "override this",
    "derived class",
];

/// A longer error says more than that.
const RAISED_BYTES_MAX: usize = 200;

/// Words of comments that say so.
const EXCUSES: &[&str] = &[
    "todo",
    "fixme",
    "not implemented",
    "placeholder",
    "stub",
    "for now",
    "implement later",
    "to be done",
    "tbd",
    "in a real implementation",
    "not yet",
    "dummy",
];

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    each_code(cx, delta, found, &mut look_at);
}

fn look_at(code: &Code<'_>, found: &mut Found) {
    for function in code.touched() {
        if idle::is_deaf(code, function) {
            let message =
                format!("`{}` answers a constant whatever it is given", function.qualified);
            let finding = RULE.at(&code.file.path, function.lines.0, message);
            found.add(loki_model::Finding { severity: Severity::Warning, ..finding });
        } else if let Some(how) = hollow(code, function).or_else(|| idle::empty(code, function)) {
            let message = format!("`{}` {how}", function.qualified);
            found.add(RULE.at(&code.file.path, function.lines.0, message));
        }
    }
}

/// How a function is hollow; nothing for one that does something.
pub(super) fn hollow(code: &Code<'_>, function: &Function) -> Option<&'static str> {
    let source = code.after;
    let tree = source.tree();
    // A tree with holes may lack what the function does.
    let body = function.body.filter(|_| source.is_whole())?;
    if !matches!(function.nature, Nature::Plain) || is_abstract(source, function) {
        return None;
    }
    let statements = tree.statements(body).into_iter().filter(|at| !is_words(source, *at));
    let statements: Vec<At> = statements.collect();
    let comments = || {
        // A comment before the first statement is beside the body in some grammars.
        let inside = tree.inside(function.at).filter(|at| tree.role(*at) == Role::Comment);
        inside.map(|at| tree.text(at).to_lowercase()).collect::<String>()
    };
    match statements.as_slice() {
        [] => {
            let excuse = comments();
            let is_excused = EXCUSES.iter().any(|word| excuse.contains(word));
            is_excused.then_some("is empty, and a comment says that it is not written yet")
        }
        [only] if is_unwritten(source, *only) || is_promised(source, *only) => {
            Some("only says that it is not implemented")
        }
        [only] if is_python_s_refusal(source, function, *only) => {
            Some("only says that it is not implemented")
        }
        [only] if is_nothing(source, *only) => {
            let excuse = comments();
            let is_excused = EXCUSES.iter().any(|word| excuse.contains(word));
            is_excused
                .then_some("answers a constant, and a comment says that it is not written yet")
        }
        all => {
            let says = all.iter().any(|at| {
                let text = tree.text(*at).to_lowercase();
                let mut words = UNWRITTEN.iter().chain(PROMISED);
                is_told(&text) && words.any(|words| text.contains(words))
            });
            let does_nothing = all.iter().all(|at| {
                let text = tree.text(*at).to_lowercase();
                let ends = ["return", "exit", "sys.exit(", "process.exit("];
                is_told(&text)
                    || ends.iter().any(|end| text.starts_with(end))
                    || is_nothing(source, *at)
                    || tree.role(*at) == Role::Import
            });
            (says && does_nothing).then_some("only prints that it is not implemented")
        }
    }
}

/// Whether a statement, in lower case, only tells people something.
fn is_told(text: &str) -> bool {
    [
        "echo",
        "print",
        "puts",
        "console.",
        "log.",
        "logger.",
        "logging.",
        "fmt.print",
        "eprint",
        "warn",
    ]
    .iter()
    .any(|begin| text.trim_start().starts_with(begin))
}

/// Whether a statement only raises an error that says that something is not implemented.
pub(super) fn is_unwritten(source: &Source, at: At) -> bool {
    // Applications that keep to-do lists have the word in their names.
    let whole = source.tree().text(at);
    let text = whole.to_lowercase();
    let text = text.trim_start_matches("return").trim_start();
    let is_macro = ["todo!", "unimplemented!"].iter().any(|name| text.starts_with(name))
        || (source.language() == Language::Kotlin && text.starts_with("todo("));
    let is_raised = is_raised(text);
    let says = UNWRITTEN.iter().any(|words| text.contains(words))
        || whole.split(|c: char| !c.is_alphanumeric()).any(|word| word == "TODO");
    // It is for others to write.
    let is_for_others = BY_OTHERS.iter().any(|words| text.contains(words));
    is_macro || (is_raised && text.len() <= RAISED_BYTES_MAX && says && !is_for_others)
}

/// Whether a statement, in lower case and without its `return`, raises an error, or hands one out.
fn is_raised(text: &str) -> bool {
    const RAISES: &[&str] = &[
        "raise",
        "throw",
        "panic",
        "fatalerror",
        "preconditionfailure",
        "error(",
        "die(",
        "abort(",
        "err(",
        "errors.new(",
        "fmt.errorf(",
        "promise.reject(",
    ];
    let is_second = ["errors.new(", "fmt.errorf("]
        .iter()
        .any(|made| text.split_once(made).is_some_and(|(before, _)| before.ends_with(", ")));
    is_second || RAISES.iter().any(|begin| text.starts_with(begin))
}

/// Whether a statement only raises an error that promises it for later.
fn is_promised(source: &Source, at: At) -> bool {
    let text = source.tree().text(at).to_lowercase();
    let text = text.trim_start_matches("return").trim_start();
    text.len() <= RAISED_BYTES_MAX
        && is_raised(text)
        && PROMISED.iter().any(|words| text.contains(words))
}

/// Whether a statement hands out Python's sign that an operator does not know its operand, in a function
/// that is no operator.
fn is_python_s_refusal(source: &Source, function: &Function, at: At) -> bool {
    source.language() == Language::Python
        && !function.name.starts_with("__")
        && source.tree().text(at) == "return NotImplemented"
}

/// Whether a statement does nothing or hands a constant out.
fn is_nothing(source: &Source, at: At) -> bool {
    let tree = source.tree();
    match tree.role(at) {
        Role::Pass => true,
        Role::Return => tree.inside(at).all(|inner| {
            matches!(
                tree.role(inner),
                Role::Token
                    | Role::Null
                    | Role::Boolean
                    | Role::Number
                    | Role::Text
                    | Role::List
                    | Role::Map
                    | Role::Comment
                    | Role::Wrap
            ) || !tree.is_named(inner)
        }),
        _ => tree.text(at) == "...",
    }
}

/// Whether a statement only documents.
fn is_words(source: &Source, at: At) -> bool {
    let tree = source.tree();
    tree.role(at) == Role::Comment
        || tree.role(at) == Role::Statement
            && tree.named(at).next().is_some()
            && tree.named(at).all(|inner| tree.role(inner) == Role::Text)
}

/// Whether others are meant to do it: in a class that is one of interfaces, or that other classes of
/// the file are made from, or that says so.
pub(super) fn is_abstract(source: &Source, function: &Function) -> bool {
    let tree = source.tree();
    let Some(class) = tree.all_around(function.at).find(|at| tree.role(*at) == Role::Class) else {
        return false;
    };
    let text = tree.text(class);
    let head: String = text.lines().take(4).collect::<Vec<_>>().join(" ").to_lowercase();
    let says = ["abc", "protocol", "abstract", "interface", "base class", "trait ", "mixin"];
    if says.iter().any(|word| head.contains(word)) {
        return true;
    }
    let name = text.split(|c: char| !c.is_alphanumeric() && c != '_').nth(1).unwrap_or_default();
    let is_made_from = !name.is_empty()
        && source.language() == Language::Python
        && tree.whole_text().contains(&format!("({name}"));
    let is_ruby_parent =
        source.language() == Language::Ruby && tree.whole_text().contains(&format!("< {name}\n"));
    is_made_from
        || is_ruby_parent
        || (!name.is_empty() && tree.whole_text().contains(&format!("extends {name}")))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{expect, look_at};
    use super::Found;
    use crate::sides::Sides;

    fn look(sides: &Sides<'_>, found: &mut Found) {
        look_at(super::look_at, sides, found);
    }

    #[test]
    fn a_new_function_that_does_nothing_with_what_it_is_given_is_an_error() {
        for (path, text) in [
            ("a.py", "def export(rows, path):\n    \"\"\"Writes the rows.\"\"\"\n    pass\n"),
            ("a.py", "def export(rows, path):\n    \"\"\"Writes the rows.\"\"\"\n"),
            ("a.py", "def export(rows):\n    ...\n"),
            ("src/a.js", "export function exportRows(rows, path) {}\n"),
            ("src/a.rs", "pub fn export(rows: &[Row]) {}\n"),
            ("a.go", "package a\n\nfunc Export(rows []Row) {}\n"),
            ("lib/a.sh", "export_rows() {\n  :\n}\n"),
        ] {
            let line = if path == "a.go" { 3 } else { 1 };
            expect(look, &[], &[(path, text)], &format!("error stub {path}:{line}"));
        }
    }

    #[test]
    fn a_function_that_is_meant_to_do_nothing_is_fine() {
        for (path, text) in [
            ("a.py", "def noop(rows):\n    pass\n"),
            ("a.py", "def export(rows):\n    pass  # nobody listens yet on this system\n"),
            ("a.py", "def refresh():\n    pass\n"),
            ("a.py", "class Quiet:\n    def show(self, text):\n        pass\n"),
            ("a.py", "@overload\ndef f(x: int) -> int: ...\n"),
            ("src/a.js", "export const ignored = (event) => {};\n"),
            ("src/a.rs", "fn is_send<T: Send>(_: T) {}\n"),
            ("src/a.rs", "#[cfg(not(unix))]\npub fn keep(path: &Path) {}\n"),
        ] {
            expect(look, &[], &[(path, text)], "");
        }
        let old = "def export(rows, path):\n    write(rows)\n";
        let new = "def export(rows, path):\n    pass\n";
        expect(look, &[("a.py", old)], &[("a.py", new)], "");
    }

    #[test]
    fn a_new_function_that_succeeds_whatever_it_is_given_is_a_warning() {
        for (path, text, line) in [
            ("a.go", "package a\n\nfunc Save(path string) error {\n\treturn nil\n}\n", 3),
            ("src/a.rs", "pub fn save(_path: &str) -> Result<(), E> {\n    Ok(())\n}\n", 1),
        ] {
            expect(look, &[], &[(path, text)], &format!("warning stub {path}:{line}"));
        }
        for (path, text) in [
            ("a.go", "package a\n\nfunc (q Quiet) Save(path string) error {\n\treturn nil\n}\n"),
            ("a.go", "package a\n\nfunc IsRoot(path string) bool {\n\treturn false\n}\n"),
            (
                "src/a.rs",
                "impl Sink for Null {\n    fn save(&self, _path: &str) -> Result<(), E> {\n        Ok(())\n    }\n}\n",
            ),
        ] {
            expect(look, &[], &[(path, text)], "");
        }
    }

    #[test]
    fn a_body_that_only_promises_is_an_error() {
        for (path, text, line) in [
            ("a.py", "def f(x):\n    raise RuntimeError('coming soon')\n", 1),
            ("a.py", "def f(x):\n    return NotImplemented\n", 1),
            ("a.py", "def f(x):\n    # TODO: write it\n    return None\n", 1),
            (
                "a.py",
                "def f(x):\n    import logging\n\n    logging.warning('f is not available yet')\n    return None\n",
                1,
            ),
            (
                "a.go",
                "package a\n\nfunc f(x int) (int, error) {\n\treturn 0, errors.New(\"not implemented\")\n}\n",
                3,
            ),
            (
                "src/a.rs",
                "fn f(x: u8) -> Result<u8, String> {\n    Err(\"not implemented\".into())\n}\n",
                1,
            ),
            ("src/a.kt", "fun f(x: Int): Int {\n    TODO(\"later\")\n}\n", 1),
            ("lib/a.sh", "f() {\n  echo \"not implemented\" >&2\n  exit 1\n}\n", 1),
        ] {
            expect(look, &[], &[(path, text)], &format!("error stub {path}:{line}"));
        }
        let operator = "class A:\n    def __add__(self, other):\n        return NotImplemented\n";
        expect(look, &[], &[("a.py", operator)], "");
    }
}
