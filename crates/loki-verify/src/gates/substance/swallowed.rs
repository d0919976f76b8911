//! Errors that vanish.

use loki_model::Severity;

use super::{Code, each_code};
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::syntax::{At, Handler, Language, Role};

/// A swallowed error.
pub(super) const RULE: Rule = Rule {
    id: "substance/error-swallowed",
    severity: Severity::Warning,
    what: "New code catches every error and goes on as if nothing had happened.",
    why: "What went wrong is known to nobody: data is lost, checks are passed, and no test notices.",
    example: "+ except Exception:\n+     return {}",
    fix: "Catch the errors that are expected, by name; let the others through, or tell of them.",
    look,
};

/// Parts of names of calls that tell somebody.
const TELLS: &[&str] = &[
    "log",
    "warn",
    "error",
    "print",
    "report",
    "capture",
    "notify",
    "fail",
    "abort",
    "exit",
    "emit",
    "reject",
    "debug",
    "trace",
    "stderr",
    "exception",
    "alert",
    "rollback",
    "next",
    "callback",
    "cb",
    "done",
    "send",
    "raise",
    "panic",
];

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    each_code(cx, delta, found, &mut |code, found| {
        for handler in code.after.handlers() {
            if is_new(code, handler)
                && handler.is_broad()
                && !handler.raises
                && is_silent(code, handler)
            {
                let message = "every error is caught here and nobody is told";
                found.add(RULE.at(&code.file.path, handler.line, message));
            }
        }
        if code.after.language() == Language::Rust {
            defaulted(code, found);
        }
    });
}

fn is_new(code: &Code<'_>, handler: &Handler) -> bool {
    code.file.is_added(handler.line) && !code.is_in_tests(handler.at)
}

/// Whether a handler tells nobody and does not use the error.
fn is_silent(code: &Code<'_>, handler: &Handler) -> bool {
    let tree = code.after.tree();
    let tells = tree.inside(handler.at).any(|at| {
        let is_call = matches!(tree.role(at), Role::Call | Role::New | Role::Macro | Role::Yield);
        is_call && {
            let text = tree.text(at).to_lowercase();
            let callee = text.split('(').next().unwrap_or_default().to_owned();
            TELLS.iter().any(|word| callee.contains(word))
        }
    });
    !tells && !uses_error(code, handler) && !says_absent(code, handler)
}

/// Whether a handler does no more than to hand out that there is nothing, which callers can tell from
/// any result.
fn says_absent(code: &Code<'_>, handler: &Handler) -> bool {
    let tree = code.after.tree();
    let mut returns =
        tree.inside(handler.at).filter(|at| tree.role(*at) == Role::Return).peekable();
    returns.peek().is_some()
        && returns.all(|at| {
            let text = tree.text(at).trim_start_matches("return").trim().trim_end_matches(';');
            matches!(text, "" | "null" | "undefined" | "None" | "nil" | "false" | "False")
        })
}

/// Whether the error itself is looked at: `e` of `except E as e`, `catch (e)`.
fn uses_error(code: &Code<'_>, handler: &Handler) -> bool {
    let tree = code.after.tree();
    let head: &str = tree.text(handler.at).split(['{', ':']).next().unwrap_or_default();
    let name = head
        .rsplit(|c: char| !c.is_alphanumeric() && c != '_')
        .find(|word| !word.is_empty())
        .unwrap_or_default()
        .to_owned();
    let is_a_name = head.contains(" as ") || head.contains('(');
    let uses = tree
        .inside(handler.at)
        .filter(|at| tree.role(*at) == Role::Name && tree.text(*at) == name)
        .count();
    is_a_name && uses > 1
}

/// `…unwrap_or_default()` on what can fail outside: files, processes, connections, parsing.
fn defaulted(code: &Code<'_>, found: &mut Found) {
    const FALLIBLE: &[&str] = &[
        "fs::",
        "read_to_string",
        "File::open",
        "Command::new",
        "TcpStream",
        "from_str",
        "parse(",
        "from_slice",
        "from_reader",
        "catch_unwind",
        "env::current",
    ];
    let tree = code.after.tree();
    let mut lines: Vec<u32> = Vec::new();
    for (at, call) in code.after.calls() {
        let line = tree.line(at);
        if !matches!(call.last_name(), "unwrap_or_default" | "unwrap_or" | "unwrap_or_else")
            || !code.file.is_added(line)
            || lines.contains(&line)
            || code.is_in_tests(at)
        {
            continue;
        }
        let text = tree.text(at);
        let is_error_used = text.contains("|e") || text.contains("|err");
        // A number that does not parse has a usual default; a file that is not read has none.
        let is_fallible = FALLIBLE.iter().any(|name| text.contains(name));
        if is_fallible
            && call.last_name() == "unwrap_or_default"
            && !is_error_used
            && returns_result(code, at)
        {
            lines.push(line);
            let message =
                "an error is turned into an empty value, in a function that can report errors";
            found.add(RULE.at(&code.file.path, line, message));
        }
    }
}

/// Whether the function around says that it can fail.
fn returns_result(code: &Code<'_>, at: At) -> bool {
    let tree = code.after.tree();
    code.after.functions().iter().any(|function| {
        tree.is_within(at, function.at)
            && function.returns.as_deref().is_some_and(|returns| returns.contains("Result"))
    })
}
