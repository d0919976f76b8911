//! Errors that vanish.

use loki_model::Severity;

use super::{Code, each_code};
use crate::gates::rule::{Found, Rule};
use crate::syntax::{At, Handler, Language, Part, Role, Tree};

/// A swallowed error.
pub(super) const RULE: Rule = Rule {
    id: "substance/error-swallowed",
    severity: Severity::Warning,
    what: "New code catches every error and goes on as if nothing had happened.",
    why: "What went wrong is known to nobody: data is lost, checks are passed, and no test notices.",
    example: "+ except Exception:\n+     return {}",
    fix: "Catch the errors that are expected, by name; let the others through, or tell of them.",
    look: |cx, delta, found| each_code(cx, delta, found, &mut look),
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

fn look(code: &Code<'_>, found: &mut Found) {
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
        dropped_panics(code, found);
    }
}

fn is_new(code: &Code<'_>, handler: &Handler) -> bool {
    code.file.is_added(handler.line) && !code.is_in_tests(handler.at)
}

/// Whether a handler tells nobody and does not use the error.
fn is_silent(code: &Code<'_>, handler: &Handler) -> bool {
    !tells(code.after.tree(), handler.at)
        && !uses_error(code, handler)
        && !says_absent(code, handler)
}

/// Whether something inside of the node tells somebody.
pub(super) fn tells(tree: &Tree, at: At) -> bool {
    tree.inside(at).any(|at| {
        let is_call = matches!(tree.role(at), Role::Call | Role::New | Role::Macro | Role::Yield);
        is_call && {
            let text = tree.text(at).to_lowercase();
            let callee = text.split('(').next().unwrap_or_default().to_owned();
            TELLS.iter().any(|word| callee.contains(word))
        }
    })
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

/// A panic that is caught and turned into a value, or thrown away.
fn dropped_panics(code: &Code<'_>, found: &mut Found) {
    let tree = code.after.tree();
    for (at, call) in code.after.calls() {
        // The call itself, not what it is the beginning of.
        let is_part = tree.around(at).is_some_and(|around| tree.role(around) == Role::Member);
        let line = tree.line(at);
        let Some(caught) = call.links.iter().position(|link| link.name == "catch_unwind") else {
            continue;
        };
        if is_part || !code.file.is_added(line) || code.is_in_tests(at) {
            continue;
        }
        let after = call.links.get(caught + 1).map(|link| link.name.as_str());
        let is_dropped = match after {
            Some("ok" | "unwrap_or" | "unwrap_or_default") => true,
            Some("unwrap_or_else" | "map_or_else") => tree.text(at).contains("|_|"),
            // `let _ = …`, and a statement of its own.
            None => tree.around(at).is_some_and(|around| match tree.role(around) {
                Role::Bind => {
                    tree.child(around, Part::Left).is_some_and(|left| tree.text(left) == "_")
                }
                Role::Statement => true,
                _ => false,
            }),
            Some(_) => false,
        };
        if is_dropped {
            let message = "a panic is caught here and nobody is told";
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

#[cfg(test)]
mod tests {
    use super::super::testing::{expect, look_at};
    use super::Found;
    use crate::sides::Sides;

    fn look(sides: &Sides<'_>, found: &mut Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn a_panic_that_is_caught_and_dropped_is_a_warning() {
        for line in [
            "std::panic::catch_unwind(|| parse(text)).ok()",
            "catch_unwind(AssertUnwindSafe(|| parse(text))).unwrap_or_default()",
            "panic::catch_unwind(|| parse(text)).unwrap_or_else(|_| Vec::new())",
            "let _ = std::panic::catch_unwind(|| parse(text));",
            "std::panic::catch_unwind(|| parse(text));",
        ] {
            let text = format!("fn f(text: &str) {{\n    {line}\n}}\n");
            expect(look, &[], &[("src/a.rs", &text)], "warning error-swallowed src/a.rs:2");
        }
    }

    #[test]
    fn a_panic_that_is_told_or_looked_at_is_fine() {
        for line in [
            "catch_unwind(|| parse(text)).map_err(|panic| Error::of(panic))",
            "catch_unwind(|| parse(text))?",
            "match catch_unwind(|| parse(text)) { Ok(x) => x, Err(panic) => resume_unwind(panic) }",
            "let found = catch_unwind(|| parse(text));",
            "if catch_unwind(|| parse(text)).is_err() { warn(); }",
        ] {
            let text = format!("fn f(text: &str) {{\n    {line}\n}}\n");
            expect(look, &[], &[("src/a.rs", &text)], "");
        }
        let test = "#[test]\nfn f() {\n    let _ = catch_unwind(|| parse(\"\"));\n}\n";
        expect(look, &[], &[("tests/a.rs", test)], "");
    }

    #[test]
    fn a_broad_handler_that_tells_nobody_is_a_warning() {
        let silent =
            "def f():\n    try:\n        return g()\n    except Exception:\n        return {}\n";
        expect(look, &[], &[("a.py", silent)], "warning error-swallowed a.py:4");
        let told =
            silent.replace("        return {}", "        log.exception('g')\n        return {}");
        expect(look, &[], &[("a.py", &told)], "");
    }
}
