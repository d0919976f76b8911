//! Keys that a function puts into what it hands out, and that nobody takes out again.

use std::collections::BTreeSet;

use super::product_texts;
use crate::gates::Cx;
use crate::gates::substance::Code;
use crate::syntax::{At, Function, Language, Part, Role, Tree, call};

/// Other keys of the same object that the product reads: less, and the object is for others to read.
const SIBLINGS_READ_MIN: usize = 2;

/// Keys that a function which was there before puts into its objects since this change, and that no code of
/// the product reads, though it reads most others of them.
pub(super) fn unread(cx: &Cx<'_>, code: &Code<'_>, function: &Function) -> Vec<(String, u32)> {
    let language = code.after.language();
    if !language.is_script() && language != Language::Python {
        return Vec::new();
    }
    let tree = code.after.tree();
    let added: Vec<(String, u32)> = keys(tree, function.at)
        .into_iter()
        .filter(|(key, at)| code.file.is_added(tree.line(*at)) && key.len() > 2)
        .map(|(key, at)| (key, tree.line(at)))
        .collect();
    if added.is_empty() {
        return Vec::new();
    }
    let Some(before) = code.before() else { return Vec::new() };
    let Some(old) = before.functions().iter().find(|old| old.qualified == function.qualified)
    else {
        return Vec::new();
    };
    let known: BTreeSet<String> =
        keys(before.tree(), old.at).into_iter().map(|(key, _)| key).collect();
    let new: Vec<(String, u32)> =
        added.into_iter().filter(|(key, _)| !known.contains(key)).collect();
    if new.is_empty() || known.len() < SIBLINGS_READ_MIN {
        return Vec::new();
    }
    let texts: Vec<String> = product_texts(cx, code, "").collect();
    let is_read =
        |key: &String| texts.iter().any(|text| text.lines().any(|line| takes_out(line, key)));
    let read = known.iter().filter(|key| is_read(key)).count();
    if read < SIBLINGS_READ_MIN || read * 2 < known.len() {
        return Vec::new();
    }
    new.into_iter().filter(|(key, _)| !is_read(key)).collect()
}

/// The keys of objects in a function, with where they are; those of what is given to a call are no answer.
fn keys(tree: &Tree, function: At) -> Vec<(String, At)> {
    let maps = tree.inside(function).filter(|at| tree.role(*at) == Role::Map);
    let own = maps.filter(|map| {
        let mut around = tree.all_around(*map).take_while(|around| *around != function);
        !around.any(|around| matches!(tree.role(around), Role::Call | Role::New | Role::Throw))
    });
    let named = own.flat_map(|map| tree.named(map).collect::<Vec<_>>());
    let key = |at: At| {
        let key = match tree.role(at) {
            Role::Entry => tree.child(at, Part::Key).or_else(|| tree.named(at).next())?,
            _ if tree.is_leaf(at) => at,
            _ => return None,
        };
        let text = call::unquoted(tree.text(key));
        let is_name = text.chars().all(|c| c.is_alphanumeric() || c == '_');
        (is_name && !text.is_empty()).then(|| (text.to_owned(), at))
    };
    named.filter_map(key).collect()
}

/// Whether a line takes a value out by its key: `a.key`, `a["key"]`, `const { key } = a`, `({ key }) => …`.
fn takes_out(line: &str, key: &str) -> bool {
    line.match_indices(key).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + key.len()..]);
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        if before.ends_with(is_part) || after.starts_with(is_part) {
            return false;
        }
        let rest = after.trim_start();
        let is_set = rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>");
        let is_quoted = before.ends_with(['"', '\'']);
        let is_made = is_quoted && after[1.min(after.len())..].trim_start().starts_with(':');
        let is_member = before.ends_with('.') && !before.ends_with("..") && !is_set;
        let taken_apart = after.split_once('}').is_some_and(|(_, behind)| {
            let behind = behind.trim_start();
            (behind.starts_with('=') && !behind.starts_with("=="))
                || behind.starts_with("of ")
                || (behind.starts_with(')') && (behind.contains("=>") || behind.contains('{')))
        });
        let is_picked = before.contains('{') && taken_apart;
        is_member || (is_quoted && !is_made) || is_picked
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_a_key_out_is_told_from_what_puts_it_in() {
        for (line, expected) in [
            ("if (rule.except?.includes(day)) {", true),
            ("const { every, except } = rule;", true),
            ("days.filter(({ except }) => except === day)", true),
            ("return rule[\"except\"]", true),
            ("return { ...rule, except };", false),
            ("rule.except = left;", false),
            ("return {\"every\": 1, \"except\": left}", false),
            ("const exceptions = rule.exceptions;", false),
            ("f(...except)", false),
        ] {
            assert_eq!(takes_out(line, "except"), expected, "{line}");
        }
    }
}
