//! The names that a function gives values to, and which values.

use std::collections::BTreeMap;

use super::role::{Part, Role};
use super::tree::{At, Tree};

/// What a local was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Given {
    /// This value, and no other.
    Once(At),
    /// A part of this value.
    PartOf(At),
    /// Something from outside, or several values.
    Unknown,
}

/// The locals of one function.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    locals: BTreeMap<String, Given>,
}

impl Scope {
    /// The locals of `code`: its parameters, and what it gives values to.
    pub(crate) fn of(tree: &Tree, code: At) -> Scope {
        let mut scope = Scope::default();
        for at in tree.inside(code) {
            match tree.role(at) {
                Role::Bind => scope.bind(tree, at),
                Role::Parameters => scope.parameters(tree, at),
                Role::Loop => {
                    let left = tree.child(at, Part::Left).or_else(|| tree.child(at, Part::Name));
                    let left = left.into_iter();
                    let clauses = tree.named(at).filter(|at| tree.role(*at) == Role::Other);
                    let lefts = clauses.filter_map(|at| tree.child(at, Part::Left));
                    left.chain(lefts).for_each(|left| scope.all_unknown(tree, left));
                }
                _ if tree.part(at) == Part::Alias => scope.all_unknown(tree, at),
                _ => {}
            }
        }
        scope
    }

    /// Whether the function gives this name a value.
    pub(crate) fn is_local(&self, name: &str) -> bool {
        self.locals.contains_key(name)
    }

    /// The only value of a local.
    pub(crate) fn value(&self, name: &str) -> Option<At> {
        match self.locals.get(name) {
            Some(Given::Once(value)) => Some(*value),
            _ => None,
        }
    }

    /// The value that a local, or a part of it, comes from.
    pub(crate) fn origin(&self, name: &str) -> Option<At> {
        match self.locals.get(name) {
            Some(Given::Once(value) | Given::PartOf(value)) => Some(*value),
            _ => None,
        }
    }

    fn bind(&mut self, tree: &Tree, bind: At) {
        let Some((left, value)) = bound(tree, bind) else {
            let name = tree.child(bind, Part::Name).or_else(|| tree.named(bind).next());
            name.into_iter().for_each(|name| self.all_unknown(tree, name));
            return;
        };
        if is_changed(tree, bind) {
            self.all_unknown(tree, left);
            return;
        }
        match single_name(tree, left) {
            Some(name) => self.give(tree.text(name), Given::Once(single_value(tree, value))),
            // What is given to `a.b` or `a[b]` changes `a`.
            None if matches!(tree.role(left), Role::Member | Role::Subscript) => {}
            None => {
                for name in names(tree, left) {
                    self.give(tree.text(name), Given::PartOf(value));
                }
            }
        }
    }

    fn parameters(&mut self, tree: &Tree, parameters: At) {
        for at in tree.named(parameters) {
            let name = tree.child(at, Part::Name).or_else(|| tree.child(at, Part::Left));
            match (tree.role(at), name) {
                (Role::Name, _) => self.give(tree.text(at), Given::Unknown),
                (_, Some(name)) => self.all_unknown(tree, name),
                _ => {
                    let first = tree.inside(at).find(|at| tree.role(*at) == Role::Name);
                    first.into_iter().for_each(|at| self.give(tree.text(at), Given::Unknown));
                }
            }
        }
    }

    fn all_unknown(&mut self, tree: &Tree, at: At) {
        for name in names(tree, at) {
            self.give(tree.text(name), Given::Unknown);
        }
    }

    fn give(&mut self, name: &str, given: Given) {
        let known = self.locals.get(name).copied();
        let given = if known.is_none() { given } else { Given::Unknown };
        self.locals.insert(name.to_owned(), given);
    }
}

/// Every name of a file that is given one value, by where it holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// With the function in which it holds, and the value.
    given: BTreeMap<String, Vec<(At, Option<At>)>>,
}

impl Names {
    /// The names of a file.
    pub(super) fn of(tree: &Tree) -> Names {
        let mut names = Names::default();
        // The functions that are open where the text is read.
        let mut open: Vec<At> = Vec::new();
        for at in tree.inside(At::ROOT) {
            while open.last().is_some_and(|function| !tree.is_within(at, *function)) {
                open.pop();
            }
            match tree.role(at) {
                Role::Function | Role::Lambda => open.push(at),
                Role::Bind => {
                    let function = open.last().copied().unwrap_or(At::ROOT);
                    names.bind(tree, at, function);
                }
                _ => {}
            }
        }
        names
    }

    fn bind(&mut self, tree: &Tree, bind: At, function: At) {
        let Some((left, value)) = bound(tree, bind) else { return };
        let Some(name) = single_name(tree, left) else { return };
        let known = self.given.entry(tree.text(name).to_owned()).or_default();
        match known.iter_mut().find(|(held_in, _)| *held_in == function) {
            Some((_, value)) => *value = None,
            None => known.push((function, Some(single_value(tree, value)))),
        }
    }

    /// The only value of `name` as seen from `from`.
    pub(crate) fn value(&self, tree: &Tree, name: &str, from: At) -> Option<At> {
        let known = self.given.get(name)?.iter();
        let seen = known.filter(|(function, _)| tree.is_within(from, *function));
        // The innermost function begins last.
        seen.max_by_key(|(function, _)| *function)?.1
    }
}

/// Names in a pattern.
fn names(tree: &Tree, at: At) -> impl Iterator<Item = At> + '_ {
    let nodes = std::iter::once(at).chain(tree.inside(at));
    // A name may be made of a sign and a name.
    let is_part = |at: At| tree.around(at).is_some_and(|around| tree.role(around) == Role::Name);
    nodes.filter(move |at| tree.role(*at) == Role::Name && !is_part(*at))
}

/// What is given a value, and the value.
pub(crate) fn bound(tree: &Tree, bind: At) -> Option<(At, At)> {
    let left = tree
        .child(bind, Part::Left)
        .or_else(|| tree.child(bind, Part::Name))
        .or_else(|| tree.child(bind, Part::Declarator))
        .or_else(|| tree.named(bind).next())?;
    let value = tree
        .child(bind, Part::Right)
        .or_else(|| tree.child(bind, Part::Value))
        .or_else(|| tree.named(bind).last().filter(|last| *last > left))?;
    (tree.role(value) != Role::Type).then_some((left, value))
}

/// The name, where only one is given a value.
pub(crate) fn single_name(tree: &Tree, left: At) -> Option<At> {
    let mut at = left;
    // A list of one, a declaration around a name.
    while tree.role(at) != Role::Name {
        let mut named = tree.named(at).filter(|at| tree.role(*at) != Role::Type);
        let is_holder = !matches!(tree.role(at), Role::Member | Role::Subscript | Role::Call);
        match (named.next(), named.next()) {
            (Some(only), None) if is_holder => at = only,
            _ => return None,
        }
    }
    Some(at)
}

/// The value, where a list holds only one.
fn single_value(tree: &Tree, value: At) -> At {
    if tree.role(value) != Role::Other {
        return value;
    }
    let mut named = tree.named(value);
    match (named.next(), named.next()) {
        (Some(only), None) => only,
        _ => value,
    }
}

/// Whether the value adds to an older one: `a += 1`.
fn is_changed(tree: &Tree, bind: At) -> bool {
    let signs = tree.children(bind).filter(|at| !tree.is_named(*at));
    signs.into_iter().any(|sign| {
        let text = tree.text(sign);
        text.len() > 1 && text.ends_with('=') && !matches!(text, ":=" | "==")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::language::Language;

    /// Each local with what it was given.
    fn locals(language: Language, text: &str) -> String {
        let tree = Tree::parse(language, text).unwrap();
        let function = tree.all(Role::Function).next().unwrap();
        let scope = Scope::of(&tree, function);
        let shown = scope.locals.iter().map(|(name, given)| match given {
            Given::Once(value) => format!("{name}={}", tree.text(*value)),
            Given::PartOf(value) => format!("{name} of {}", tree.text(*value)),
            Given::Unknown => name.clone(),
        });
        shown.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn locals_are_known_with_their_values_in_every_language() {
        assert_eq!(
            locals(
                Language::Python,
                "def f(p, *q, r=1):\n    a = g(1)\n    b, c = a\n    d = 1\n    d += 2\n    for i, j in d:\n        pass\n    with o() as w:\n        pass\n"
            ),
            "a=g(1); b of a; c of a; d; i; j; p; q; r; w"
        );
        assert_eq!(
            locals(
                Language::JavaScript,
                "function f(p, { q }) { const a = g(1); let [b, c] = a; b = 2; for (const i of a) {} }"
            ),
            "a=g(1); b; c of a; i; p"
        );
        assert_eq!(
            locals(
                Language::TypeScript,
                "function f(p: number, q?: string) { const a: X = g(1); }"
            ),
            "a=g(1); p; q"
        );
        assert_eq!(
            locals(
                Language::Rust,
                "fn f(p: &str) { let a = g(1); let mut n: u8 = 2; n = 3; let (b, c) = a; for i in a {} }"
            ),
            "a=g(1); b of a; c of a; i; n; p"
        );
        assert_eq!(
            locals(
                Language::Go,
                "package p\nfunc f(p int) { a := g(1); b, c := h(); var d = 4; for i, v := range a {} }"
            ),
            "a=g(1); b of h(); c of h(); d=4; i; p; v"
        );
        assert_eq!(
            locals(
                Language::Java,
                "class X { void f(int p) { int a = g(1); var b = a; for (int i : a) {} } }"
            ),
            "a=g(1); b=a; i; p"
        );
    }
}
