//! The names that a function gives values to, and which values.

use std::collections::BTreeMap;

use super::role::{Part, Role};
use super::tree::{At, Tree};

/// What a local was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Given {
    /// This value.
    Whole(At),
    /// A part of this value.
    PartOf(At),
    /// Something from outside, or a change of what it was.
    Unknown,
}

/// One place at which a local is given something.
#[derive(Clone, Copy, Debug)]
struct Gift {
    /// What gives it.
    at: At,
    given: Given,
    /// The block within which that holds.
    block: At,
}

/// The locals of one function.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    locals: BTreeMap<String, Vec<Gift>>,
}

impl Scope {
    /// The locals of `code`: its parameters, and what it gives values to.
    pub(crate) fn of(tree: &Tree, code: At) -> Scope {
        let mut scope = Scope::default();
        // The blocks that are open where the text is read.
        let mut open: Vec<At> = vec![code];
        for at in tree.inside(code) {
            while open.len() > 1 && open.last().is_some_and(|block| !tree.is_within(at, *block)) {
                open.pop();
            }
            let block = open.last().copied().unwrap_or(code);
            match tree.role(at) {
                Role::Bind => scope.bind(tree, at, block),
                Role::Parameters => scope.parameters(tree, at, block),
                Role::Loop => {
                    let left = tree.child(at, Part::Left).or_else(|| tree.child(at, Part::Name));
                    let clauses = tree.named(at).filter(|at| tree.role(*at) == Role::Other);
                    let lefts = clauses.filter_map(|at| tree.child(at, Part::Left));
                    left.into_iter().chain(lefts).for_each(|left| {
                        scope.all_unknown(tree, left, at, block);
                    });
                }
                _ if tree.part(at) == Part::Alias => scope.all_unknown(tree, at, at, block),
                _ => {}
            }
            if matches!(
                tree.role(at),
                Role::Block | Role::Loop | Role::If | Role::Else | Role::Handler | Role::Case
            ) || matches!(tree.role(at), Role::Lambda | Role::Function)
            {
                open.push(at);
            }
        }
        scope
    }

    /// Adds the locals of a function around this one, where they are not hidden.
    pub(super) fn extend(&mut self, outer: &Scope) {
        for (name, gifts) in &outer.locals {
            if !self.locals.contains_key(name) {
                self.locals.insert(name.clone(), gifts.clone());
            }
        }
    }

    /// Whether the function gives this name a value.
    pub(crate) fn is_local(&self, name: &str) -> bool {
        self.locals.contains_key(name)
    }

    /// The value that a local has where it is named at `name`.
    pub(crate) fn value(&self, tree: &Tree, name: At) -> Option<At> {
        match self.given(tree, name)? {
            Given::Whole(value) => Some(value),
            _ => None,
        }
    }

    /// The value that a local, or a part of it, comes from where it is named at `name`.
    pub(crate) fn origin(&self, tree: &Tree, name: At) -> Option<At> {
        match self.given(tree, name)? {
            Given::Whole(value) | Given::PartOf(value) => Some(value),
            Given::Unknown => None,
        }
    }

    /// What a local was given last before it is named; nothing where that may have been one of several.
    fn given(&self, tree: &Tree, name: At) -> Option<Given> {
        if tree.role(name) != Role::Name {
            return None;
        }
        let gifts = self.locals.get(tree.text(name))?;
        let mut before =
            gifts.iter().filter(|gift| gift.at < name && !tree.is_within(name, gift.at));
        let last = before.next_back()?;
        if !tree.is_within(name, last.block) {
            return None;
        }
        // In a loop, what comes later comes before the next round.
        let mut loops = tree.all_around(name).filter(|around| tree.role(*around) == Role::Loop);
        let is_given_again = loops.any(|over| {
            !tree.is_within(last.at, over) && gifts.iter().any(|gift| tree.is_within(gift.at, over))
        });
        (!is_given_again).then_some(last.given)
    }

    fn bind(&mut self, tree: &Tree, bind: At, block: At) {
        let Some((left, value)) = bound(tree, bind) else {
            let name = tree.child(bind, Part::Name).or_else(|| tree.named(bind).next());
            name.into_iter().for_each(|name| self.all_unknown(tree, name, bind, block));
            return;
        };
        if is_changed(tree, bind) {
            self.all_unknown(tree, left, bind, block);
            return;
        }
        match single_name(tree, left) {
            Some(name) => {
                let given = Given::Whole(single_value(tree, value));
                self.give(tree, name, Gift { at: bind, given, block });
            }
            // What is given to `a.b` or `a[b]` changes `a`.
            None if matches!(tree.role(left), Role::Member | Role::Subscript) => {}
            None => {
                for name in names(tree, left) {
                    self.give(tree, name, Gift { at: bind, given: Given::PartOf(value), block });
                }
            }
        }
    }

    fn parameters(&mut self, tree: &Tree, parameters: At, block: At) {
        for at in tree.named(parameters) {
            let name = tree.child(at, Part::Name).or_else(|| tree.child(at, Part::Left));
            let unknown = Gift { at: parameters, given: Given::Unknown, block };
            match (tree.role(at), name) {
                (Role::Name, _) => self.give(tree, at, unknown),
                (_, Some(name)) => self.all_unknown(tree, name, parameters, block),
                _ => {
                    let first = tree.inside(at).find(|at| tree.role(*at) == Role::Name);
                    first.into_iter().for_each(|at| self.give(tree, at, unknown));
                }
            }
        }
    }

    fn all_unknown(&mut self, tree: &Tree, at: At, giver: At, block: At) {
        for name in names(tree, at) {
            self.give(tree, name, Gift { at: giver, given: Given::Unknown, block });
        }
    }

    fn give(&mut self, tree: &Tree, name: At, gift: Gift) {
        self.locals.entry(tree.text(name).to_owned()).or_default().push(gift);
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
        let shown = scope.locals.iter().map(|(name, gifts)| match gifts.as_slice() {
            [Gift { given: Given::Whole(value), .. }] => format!("{name}={}", tree.text(*value)),
            [Gift { given: Given::PartOf(value), .. }] => {
                format!("{name} of {}", tree.text(*value))
            }
            _ => name.clone(),
        });
        shown.collect::<Vec<_>>().join("; ")
    }

    /// What the last mention of `x` stands for.
    fn value_of_x(text: &str) -> String {
        let tree = Tree::parse(Language::Python, text).unwrap();
        let function = tree.all(Role::Function).next().unwrap();
        let scope = Scope::of(&tree, function);
        let names = tree.all(Role::Name).filter(|at| tree.text(*at) == "x");
        let value = scope.value(&tree, names.last().unwrap());
        value.map_or_else(|| "unknown".to_owned(), |at| tree.text(at).to_owned())
    }

    #[test]
    fn a_local_stands_for_what_it_was_given_last() {
        for (text, value) in [
            ("def f():\n    x = 1\n    x = 2\n    g(x)\n", "2"),
            ("def f():\n    x = 1\n    if a:\n        x = 2\n    g(x)\n", "unknown"),
            ("def f():\n    x = 1\n    if a:\n        x = 2\n        g(x)\n", "2"),
            ("def f():\n    x = 1\n    for a in b:\n        g(x)\n", "1"),
            (
                "def f():\n    x = 1\n    for a in b:\n        h = x\n        x = 2\n        x = 3\n",
                "unknown",
            ),
            ("def f():\n    for a in b:\n        x = a\n        g(x)\n", "a"),
            ("def f(x):\n    g(x)\n", "unknown"),
            ("def f():\n    x = 1\n    x += 1\n    g(x)\n", "unknown"),
        ] {
            // In the fifth, the mention that is asked about is the one before the gifts.
            let text = text.replace(
                "h = x\n        x = 2\n        x = 3",
                "y = 2\n        g(x)\n        y = x",
            );
            let expected = if text.contains("y = x") { "1" } else { value };
            assert_eq!(value_of_x(&text), expected, "{text}");
        }
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
