//! Results of Rust that are mapped flat, so that nobody hears of an error.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::{Code, each_code};
use crate::gates::rule::{Found, Rule};
use crate::syntax::call::{chain, positional};
use crate::syntax::{At, Language, Role};

/// An iterator that leaves errors out.
pub(super) const RULE: Rule = Rule {
    id: "substance/results-dropped",
    severity: Severity::Warning,
    what: "An iterator takes only what a function of the same file could do, and leaves its errors out: \
           `flat_map`, `filter_map` with `ok()`, or `flatten` after `map`.",
    why: "The function says that it can fail, and whoever asks for all gets fewer and no word.",
    example: "+ paths.iter().flat_map(|path| read_song(path)).collect()",
    fix: "`.map(…).collect::<Result<Vec<_>, _>>()?`, or tell of each that was left out.",
    look: |cx, delta, found| each_code(cx, delta, found, &mut look),
};

fn look(code: &Code<'_>, found: &mut Found) {
    if code.after.language() != Language::Rust {
        return;
    }
    let functions = code.after.functions().iter();
    let can_fail: BTreeSet<&str> = functions
        .filter(|function| {
            let returns = function.returns.as_deref().unwrap_or_default();
            returns.trim_start_matches("->").trim_start().starts_with("Result<")
        })
        .map(|function| function.name.as_str())
        .collect();
    let tree = code.after.tree();
    for (at, called) in code.after.calls() {
        let line = tree.line(at);
        if code.is_in_tests(at) {
            continue;
        }
        let Some((last, before)) = called.links.split_last() else { continue };
        let given = |call: At| positional(tree, call).first().copied();
        let (maker, is_dropped) = match last.name.as_str() {
            "flat_map" => (given(last.at), true),
            "filter_map" => {
                let given = given(last.at);
                (given, given.is_some_and(|given| tree.text(given).trim_end().ends_with(".ok()")))
            }
            "flatten" => match before.last() {
                Some(map) if map.name == "map" => (given(map.at), true),
                _ => (None, false),
            },
            _ => (None, false),
        };
        let Some(maker) = maker.filter(|_| is_dropped).and_then(|given| made_by(code, given))
        else {
            continue;
        };
        let place = last.arguments.map_or(line, |arguments| tree.line(arguments));
        if can_fail.contains(maker.as_str()) && code.file.is_added(place) {
            let message = format!("errors of `{maker}` are left out here, and nobody is told");
            found.add(RULE.at(&code.file.path, place, message));
        }
    }
}

/// The function that is given, or that a closure hands the outcome of.
fn made_by(code: &Code<'_>, given: At) -> Option<String> {
    let tree = code.after.tree();
    if tree.role(given) == Role::Name {
        return Some(tree.text(given).to_owned());
    }
    let call = tree.inside(given).find(|at| tree.role(*at) == Role::Call)?;
    let called = chain(tree, call);
    let links: Vec<&str> = called.links.iter().map(|link| link.name.as_str()).collect();
    match links.as_slice() {
        [name] | [name, "ok"] => Some((*name).to_owned()),
        [.., kind, name] if kind.starts_with(char::is_uppercase) || *kind == "Self" => {
            Some((*name).to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{expect, look_at};
    use super::Found;
    use crate::sides::Sides;

    fn look(sides: &Sides<'_>, found: &mut Found) {
        look_at(super::look, sides, found);
    }

    fn file(body: &str) -> String {
        format!(
            "fn all(p: &[P]) -> Vec<S> {{\n    p.iter()\n        {body}\n        .collect()\n}}\n\nfn read(p: &P) -> Result<S, E> {{\n    open(p)\n}}\n\nfn parts(p: &P) -> Vec<S> {{\n    p.parts()\n}}\n"
        )
    }

    #[test]
    fn errors_of_an_own_function_that_are_mapped_flat_are_a_warning() {
        for body in [
            ".flat_map(|p| read(p))",
            ".flat_map(read)",
            ".filter_map(|p| read(p).ok())",
            ".map(|p| read(p)).flatten()",
        ] {
            expect(look, &[], &[("src/a.rs", &file(body))], "warning results-dropped src/a.rs:3");
        }
    }

    #[test]
    fn what_can_not_fail_and_what_is_told_is_fine() {
        for body in [
            ".flat_map(|p| parts(p))",
            ".map(|p| read(p))",
            ".filter_map(|p| read(p).map_err(|e| warn(e)).ok())",
            ".flat_map(|p| p.children())",
        ] {
            expect(look, &[], &[("src/a.rs", &file(body))], "");
        }
    }
}
