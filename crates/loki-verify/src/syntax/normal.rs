//! What a piece of code says, however it is written: without white space, comments, the kind of
//! quotes and idle parentheses; on demand without the names of locals.

use std::collections::BTreeMap;

use loki_model::Digest;

use super::call::unquoted;
use super::role::{Part, Role};
use super::scope::Scope;
use super::tree::{At, Tree};

/// A longer text is cut: what comes after does not tell two pieces of code apart.
const NORMAL_BYTES_MAX: usize = 256 << 10;

/// A value that is longer is not put in place of the name of a local.
const INLINED_BYTES_MAX: usize = 400;

/// Names of locals that are replaced in one text.
const INLINED_NAMES_MAX: usize = 64;

/// How often the values of locals are put in place of names that stand in such values.
const INLINED_DEPTH_MAX: usize = 3;

/// What the node says.
pub(crate) fn normal(tree: &Tree, at: At) -> String {
    write(tree, at, &mut |_| None)
}

/// What the node says with the names of locals replaced by their order.
pub(crate) fn renamed(tree: &Tree, at: At, scope: &Scope) -> String {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    write(tree, at, &mut |name| {
        let name = tree.text(name);
        scope.is_local(name).then(|| {
            let next = numbers.len() + 1;
            format!("§{}", numbers.entry(name.to_owned()).or_insert(next))
        })
    })
}

/// What the node says with the values of locals in place of their names, where they have only one.
pub(crate) fn inlined(tree: &Tree, at: At, scope: &Scope) -> String {
    inlined_to(tree, at, scope, INLINED_DEPTH_MAX, &mut INLINED_NAMES_MAX.clone())
}

fn inlined_to(tree: &Tree, at: At, scope: &Scope, depth: usize, names: &mut usize) -> String {
    write(tree, at, &mut |name| {
        let value = scope.value(tree, name).filter(|_| depth > 0)?;
        if tree.bytes(value).len() > INLINED_BYTES_MAX || *names == 0 {
            return None;
        }
        *names -= 1;
        Some(inlined_to(tree, tree.bare(value), scope, depth - 1, names))
    })
}

/// A digest of what the node says, for two that say the same.
pub(crate) fn digest(tree: &Tree, at: At, scope: &Scope) -> Digest {
    Digest::of(renamed(tree, at, scope).as_bytes())
}

fn write(tree: &Tree, at: At, name: &mut dyn FnMut(At) -> Option<String>) -> String {
    let mut out = String::new();
    let mut skip_to = at;
    for node in std::iter::once(at).chain(tree.inside(at)) {
        if node < skip_to {
            continue;
        }
        if out.len() > NORMAL_BYTES_MAX {
            break;
        }
        match tree.role(node) {
            Role::Comment => skip_to = tree.past(node),
            Role::Text if tree.inside(node).all(|at| tree.role(at) != Role::Filled) => {
                out.push('"');
                out.push_str(unquoted(tree.text(node)));
                out.push('"');
                skip_to = tree.past(node);
            }
            Role::Number => {
                word(&mut out, &tree.text(node).to_ascii_lowercase().replace('_', ""));
                skip_to = tree.past(node);
            }
            Role::Name => {
                let other = (!is_property(tree, node)).then(|| name(node)).flatten();
                word(&mut out, other.as_deref().unwrap_or(tree.text(node)));
                skip_to = tree.past(node);
            }
            Role::Token if is_idle(tree, node) => {}
            _ if tree.is_leaf(node) => word(&mut out, tree.text(node).trim()),
            _ => {}
        }
    }
    out
}

fn word(out: &mut String, text: &str) {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '§';
    if out.chars().next_back().is_some_and(is_word) && text.starts_with(is_word) {
        out.push(' ');
    }
    // A comma before a closing sign says nothing.
    if matches!(text, ")" | "]" | "}") && out.ends_with(',') {
        out.pop();
    }
    out.push_str(text);
}

/// A sign that may be left out.
fn is_idle(tree: &Tree, token: At) -> bool {
    let text = tree.text(token);
    text.trim().is_empty()
        || text == ";"
        || tree.around(token).is_some_and(|around| {
            tree.role(around) == Role::Wrap && matches!(text, "(" | ")" | "&" | "?" | "!")
        })
}

/// Whether a name is that of a property or of an argument, and so never that of a local.
fn is_property(tree: &Tree, name: At) -> bool {
    let Some(around) = tree.around(name) else { return false };
    match tree.role(around) {
        Role::Member => tree.named(around).next() != Some(name),
        Role::Keyword => tree.part(name) == Part::Name,
        Role::Call => tree.part(name) == Part::Name,
        Role::Entry => tree.part(name) == Part::Key,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::language::Language;

    fn said(language: Language, text: &str) -> String {
        normal(&Tree::parse(language, text).unwrap(), At::ROOT)
    }

    #[test]
    fn layout_quotes_and_comments_do_not_count() {
        assert_eq!(
            said(Language::Python, "f( 'a',  # why\n   1_000,\n)\n"),
            said(Language::Python, "f(\"a\", 1000)")
        );
        assert_eq!(
            said(Language::JavaScript, "f(`a`, (b)); // why"),
            said(Language::JavaScript, "f('a', b)")
        );
        assert_eq!(
            said(Language::Rust, "fn f() { g(&a, /* b */ c,); }"),
            said(Language::Rust, "fn f() { g(a, c) }")
        );
    }

    #[test]
    fn what_is_said_counts() {
        assert_ne!(said(Language::Python, "not a"), said(Language::Python, "nota"));
        assert_ne!(said(Language::Python, "f('a')"), said(Language::Python, "f(a)"));
        assert_ne!(said(Language::Python, "f('a b')"), said(Language::Python, "f('ab')"));
        assert_ne!(said(Language::JavaScript, "`${a}`"), said(Language::JavaScript, "`a`"));
    }

    #[test]
    fn names_of_locals_do_not_count_where_that_is_asked_for() {
        let digest_of = |text: &str| {
            let tree = Tree::parse(Language::Python, text).unwrap();
            let function = tree.all(Role::Function).next().unwrap();
            let scope = Scope::of(&tree, function);
            digest(&tree, tree.child(function, Part::Body).unwrap(), &scope)
        };
        let first = digest_of("def t():\n    a = f(1)\n    assert a.b == 2\n");
        assert_eq!(first, digest_of("def t():\n    out = f(1)\n    assert out.b == 2\n"));
        assert_ne!(first, digest_of("def t():\n    a = f(1)\n    assert a.c == 2\n"));
        assert_ne!(first, digest_of("def t():\n    a = g(1)\n    assert a.b == 2\n"));
    }

    #[test]
    fn the_value_of_a_local_stands_for_its_name() {
        let tree =
            Tree::parse(Language::Python, "def t():\n    a = f(1)\n    b = a\n    assert b == 2\n")
                .unwrap();
        let function = tree.all(Role::Function).next().unwrap();
        let scope = Scope::of(&tree, function);
        let assert = tree.all(Role::Assert).next().unwrap();
        assert_eq!(inlined(&tree, assert, &scope), "assert f(1)==2");
    }
}
