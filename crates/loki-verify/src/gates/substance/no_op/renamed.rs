//! Names that only one function knows, called otherwise.

use std::collections::BTreeMap;

use crate::syntax::{At, Language, Part, Role, Source, Tree};

/// Whether both sides are the same but for comments, and for what locals are called.
pub(super) fn is_all(before: &Source, after: &Source) -> bool {
    let (old, new) = (super::leaves(before), super::leaves(after));
    if old.len() != new.len() {
        return false;
    }
    let mut others: BTreeMap<(At, &str), &str> = BTreeMap::new();
    let pairs = || old.iter().copied().zip(new.iter().copied());
    for (was, is) in pairs() {
        let (was_text, is_text) = (before.tree().text(was).trim(), after.tree().text(is).trim());
        if was_text == is_text {
            continue;
        }
        let room = room(before.tree(), was);
        if !is_local(before, was) || !is_local(after, is) {
            return false;
        }
        if *others.entry((room, was_text)).or_insert(is_text) != is_text {
            return false;
        }
    }
    // One name for what were two is another meaning, as is a name that stayed at one of its places.
    let is_clear = pairs().all(|(was, is)| {
        let (was_text, is_text) = (before.tree().text(was).trim(), after.tree().text(is).trim());
        let room = room(before.tree(), was);
        let known = others.get(&(room, was_text));
        let is_taken = others.iter().any(|((other, _), name)| *other == room && *name == was_text);
        match known {
            Some(name) => *name == is_text || is_member(before.tree(), was),
            None => !is_taken || is_member(before.tree(), was),
        }
    });
    is_clear && !others.is_empty()
}

/// The outermost function around a place, or all of the file.
fn room(tree: &Tree, at: At) -> At {
    let functions = tree.all_around(at).filter(|around| tree.role(*around) == Role::Function);
    functions.last().unwrap_or(At::ROOT)
}

/// Whether a leaf is a name that nothing outside of its function can know.
fn is_local(source: &Source, at: At) -> bool {
    let tree = source.tree();
    let text = tree.text(at).trim();
    let is_name = text.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$')
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'));
    let room = room(tree, at);
    if !is_name || !tree.is_named(at) || room == At::ROOT || is_member(tree, at) {
        return false;
    }
    let Some(around) = tree.around(at) else { return false };
    let is_key = matches!(tree.part(at), Part::Key | Part::Callee | Part::Type)
        || matches!(tree.role(around), Role::Keyword | Role::Map | Role::Function | Role::Class)
        || matches!(tree.role(at), Role::Type | Role::Text | Role::Token);
    // Callers can name what a function takes.
    let is_taken = is_parameter(tree, text, room) && names_arguments(source.language());
    !is_key && !is_taken && crate::syntax::scope::Scope::of(tree, room).is_local(text)
}

fn is_member(tree: &Tree, at: At) -> bool {
    let Some(around) = tree.around(at) else { return false };
    tree.role(around) == Role::Member && tree.children(around).next() != Some(at)
        || tree.role(around) == Role::Call && tree.part(at) == Part::Name
}

fn is_parameter(tree: &Tree, name: &str, function: At) -> bool {
    let lists = tree.children(function).filter(|at| tree.role(*at) == Role::Parameters);
    lists.into_iter().any(|list| tree.inside(list).any(|at| tree.text(at) == name))
}

/// Whether a call can say which parameter a value is for.
fn names_arguments(language: Language) -> bool {
    matches!(
        language,
        Language::Python
            | Language::Ruby
            | Language::Kotlin
            | Language::Swift
            | Language::CSharp
            | Language::Php
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(path: &str, before: &str, after: &str) -> bool {
        is_all(&Source::parse(path, before).unwrap(), &Source::parse(path, after).unwrap())
    }

    #[test]
    fn a_local_with_another_name_is_the_same() {
        for (path, before, after) in [
            (
                "a.py",
                "def f(a):\n    rest = a.rest\n    return rest.seconds\n",
                "def f(a):\n    pause = a.rest  # why\n    return pause.seconds\n",
            ),
            (
                "a.rb",
                "def between(from)\n  select { |reading| reading.time >= from }\nend\n",
                "def between(from)\n  select { |entry| entry.time >= from }\nend\n",
            ),
            (
                "a.js",
                "function f(a) {\n  const b = a.b;\n  return g(b);\n}\n",
                "function f(it) {\n  const c = it.b;\n  return g(c);\n}\n",
            ),
            (
                "a.go",
                "package p\n\nfunc f(a int) int {\n\tb := a\n\treturn b\n}\n",
                "package p\n\nfunc f(a int) int {\n\tc := a\n\treturn c\n}\n",
            ),
            (
                "a.rs",
                "fn f(a: u8) -> u8 {\n    let b = a;\n    b\n}\n",
                "fn f(a: u8) -> u8 {\n    let c = a;\n    c\n}\n",
            ),
        ] {
            assert!(renamed(path, before, after), "{before} {after}");
        }
    }

    #[test]
    fn a_name_that_others_know_or_that_means_something_else_is_a_difference() {
        for (path, before, after) in [
            // What a caller can name.
            ("a.py", "def f(a):\n    return a\n", "def f(b):\n    return b\n"),
            ("a.py", "def f(a):\n    return a.b\n", "def f(a):\n    return a.c\n"),
            (
                "a.js",
                "function f(a) {\n  return { a };\n}\n",
                "function f(b) {\n  return { b };\n}\n",
            ),
            ("a.js", "const a = 1;\n", "const b = 1;\n"),
            ("a.js", "function f() {}\n", "function g() {}\n"),
            // Another variable.
            (
                "a.js",
                "function f(a, b) {\n  return a < b;\n}\n",
                "function f(a, b) {\n  return b < a;\n}\n",
            ),
            (
                "a.js",
                "function f(a, b) {\n  return a < b;\n}\n",
                "function f(a, b) {\n  return a < a;\n}\n",
            ),
            (
                "a.js",
                "function f(x) {\n  const y = x.a;\n  return x;\n}\n",
                "function f(x) {\n  const y = x.a;\n  return y;\n}\n",
            ),
            ("a.py", "def f():\n    return len(f)\n", "def f():\n    return sum(f)\n"),
        ] {
            assert!(!renamed(path, before, after), "{before} {after}");
        }
    }
}
