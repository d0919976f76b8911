//! Calls: what is called, on what, with what.

use super::role::{Part, Role};
use super::tree::{At, Tree};

/// Links of one chain that are looked at.
const LINKS_MAX: usize = 64;

/// One name of `a.b(c).d`, with what it is called with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// Empty where the result of a call is called at once.
    pub(crate) name: String,
    /// The node that holds what it is called with; nothing when it is not called.
    pub(crate) arguments: Option<At>,
    /// The call, or the member, up to here.
    pub(crate) at: At,
}

/// `a.b(c).d`, from its beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chain {
    /// What it begins with, when that is no name.
    pub(crate) root: Option<At>,
    /// The names, in order.
    pub(crate) links: Vec<Link>,
}

impl Chain {
    /// The names with dots between.
    pub(crate) fn path(&self) -> String {
        let names: Vec<&str> = self.links.iter().map(|link| link.name.as_str()).collect();
        names.join(".")
    }

    /// The last name; empty when there is none.
    pub(crate) fn last_name(&self) -> &str {
        self.links.last().map_or("", |link| &link.name)
    }

    /// The first name; empty when it begins with something else.
    pub(crate) fn first_name(&self) -> &str {
        match self.root {
            Some(_) => "",
            None => self.links.first().map_or("", |link| &link.name),
        }
    }
}

/// Takes a chain apart. Anything that is no chain has only a root.
pub(crate) fn chain(tree: &Tree, at: At) -> Chain {
    let mut links: Vec<Link> = Vec::new();
    let mut root = None;
    let mut node = tree.bare(at);
    // What the node at hand is called with, and the call itself.
    let mut called: Option<(Option<At>, At)> = None;
    while links.len() < LINKS_MAX {
        let next = match tree.role(node) {
            Role::Call | Role::New => {
                let result = called.replace((arguments_node(tree, node), node));
                links.extend(result.map(|(arguments, at)| link(String::new(), arguments, at)));
                match step_into(tree, node) {
                    Step::Called(callee) => Some(callee),
                    Step::Named(name, object) => {
                        let (arguments, at) = called.take().unwrap_or((None, node));
                        links.push(link(name, arguments, at));
                        object
                    }
                    Step::Nothing => None,
                }
            }
            Role::Member => {
                let (object, property) = ends(tree, node);
                let (arguments, at) = called.take().map_or((None, node), |called| called);
                links.push(link(name_text(tree, property), arguments, at));
                object
            }
            Role::Subscript => tree.named(node).next(),
            Role::Name => {
                let (arguments, at) = called.take().map_or((None, node), |called| called);
                links.push(link(tree.text(node).trim_start_matches('$').to_owned(), arguments, at));
                None
            }
            _ => {
                root = Some(node);
                links.extend(
                    called.take().map(|(arguments, at)| link(String::new(), arguments, at)),
                );
                None
            }
        };
        match next {
            Some(next) => node = tree.bare(next),
            None => break,
        }
    }
    links.reverse();
    Chain { root, links }
}

fn link(name: String, arguments: Option<At>, at: At) -> Link {
    Link { name, arguments, at }
}

enum Step {
    /// What is called stands in one node.
    Called(At),
    /// Name and object of a method stand beside each other.
    Named(String, Option<At>),
    Nothing,
}

fn step_into(tree: &Tree, call: At) -> Step {
    if let Some(callee) = tree.child(call, Part::Callee) {
        return Step::Called(callee);
    }
    if let Some(name) = tree.child(call, Part::Name).or_else(|| tree.child(call, Part::Type)) {
        let object = tree.named(call).find(|at| *at < name && is_value(tree, *at));
        return Step::Named(name_text(tree, name), object);
    }
    match tree.named(call).next() {
        Some(first) if tree.role(first) != Role::Arguments => Step::Called(first),
        _ => Step::Nothing,
    }
}

fn is_value(tree: &Tree, at: At) -> bool {
    !matches!(tree.role(at), Role::Decorator | Role::Arguments | Role::Type)
}

/// Object and property of a member.
fn ends(tree: &Tree, member: At) -> (Option<At>, At) {
    let property = tree.child(member, Part::Name).or_else(|| tree.named(member).last());
    let property = property.unwrap_or(member);
    let object = tree.named(member).next().filter(|first| *first < property);
    (object, property)
}

/// The name that a node stands for, without types it is given.
pub(crate) fn name_text(tree: &Tree, at: At) -> String {
    let at = match tree.role(at) {
        Role::Wrap | Role::Type => tree.named(at).next().unwrap_or(at),
        _ => at,
    };
    let text = tree.text(at);
    let end = text.find(['<', '[', '(']).unwrap_or(text.len());
    let name = text.get(..end).unwrap_or(text);
    name.trim_matches(|c: char| c == '`' || c == '$' || c == '#' || c.is_whitespace()).to_owned()
}

/// `a.b.c` of a chain that is only names; nothing for anything else.
pub(crate) fn path_of(tree: &Tree, at: At) -> Option<String> {
    let chain = chain(tree, at);
    (chain.root.is_none() && !chain.links.is_empty()).then(|| chain.path())
}

fn arguments_node(tree: &Tree, call: At) -> Option<At> {
    let part = tree.child(call, Part::Arguments).or_else(|| tree.child_with(call, Role::Arguments));
    part.or_else(|| {
        tree.children(call)
            .filter(|at| matches!(tree.role(*at), Role::Other | Role::Call))
            .find_map(|at| {
                // A call of the language may hold its arguments one level deeper.
                let is_suffix = tree.role(at) == Role::Other;
                is_suffix.then(|| tree.child_with(at, Role::Arguments))?
            })
    })
}

/// What a node of arguments holds: values, and named arguments as such.
pub(crate) fn arguments_in(tree: &Tree, arguments: At) -> Vec<At> {
    if tree.role(arguments) != Role::Arguments {
        // A lone text or a generator in place of a list.
        return vec![arguments];
    }
    tree.named(arguments).map(|at| argument(tree, at)).collect()
}

/// The value of an argument that may be wrapped together with its name.
fn argument(tree: &Tree, at: At) -> At {
    if tree.role(at) != Role::Wrap {
        return at;
    }
    let mut named = tree.named(at);
    let (Some(first), Some(last)) = (named.next(), tree.named(at).last()) else { return at };
    let between = tree.slice(tree.bytes(first).end..tree.bytes(last).start);
    let is_named = matches!(between.trim(), "=" | ":");
    if is_named { last } else { at }
}

/// What the call is given, named arguments included.
pub(crate) fn arguments(tree: &Tree, call: At) -> Vec<At> {
    arguments_node(tree, call).map_or_else(Vec::new, |list| arguments_in(tree, list))
}

/// What the call is given by place.
pub(crate) fn positional(tree: &Tree, call: At) -> Vec<At> {
    let all = arguments(tree, call).into_iter();
    all.filter(|at| tree.role(*at) != Role::Keyword).collect()
}

/// The value of the argument with this name: `name=value`, or an entry of a map that is given.
pub(crate) fn keyword(tree: &Tree, call: At, name: &str) -> Option<At> {
    arguments(tree, call).into_iter().find_map(|at| match tree.role(at) {
        Role::Keyword => entry_value(tree, at, name),
        Role::Map => tree
            .named(at)
            .filter(|at| tree.role(*at) == Role::Entry)
            .find_map(|entry| entry_value(tree, entry, name)),
        Role::Entry => entry_value(tree, at, name),
        _ => None,
    })
}

fn entry_value(tree: &Tree, entry: At, name: &str) -> Option<At> {
    let key = tree
        .child(entry, Part::Name)
        .or_else(|| tree.child(entry, Part::Key))
        .or_else(|| tree.named(entry).next())?;
    let is_it = unquoted(tree.text(key)).trim_end_matches(':') == name;
    is_it.then(|| tree.child(entry, Part::Value).or_else(|| tree.named(entry).last()))?
}

/// The text that the call is given first.
pub(crate) fn text_argument(tree: &Tree, call: At) -> Option<String> {
    let first = positional(tree, call).into_iter().next()?;
    let first = tree.bare(first);
    (tree.role(first) == Role::Text).then(|| unquoted(tree.text(first)).to_owned())
}

/// The function that the call is given.
pub(crate) fn function_argument(tree: &Tree, call: At) -> Option<At> {
    let bare = |at| tree.bare(at);
    let given = arguments(tree, call).into_iter().map(bare).find(|at| is_function(tree, *at));
    // A block that stands behind the arguments.
    given.or_else(|| {
        tree.children(call).map(bare).find(|at| tree.role(*at) == Role::Lambda).or_else(|| {
            let suffixes = tree.children(call).filter(|at| tree.role(*at) == Role::Other);
            suffixes.into_iter().find_map(|at| tree.child_with(at, Role::Lambda))
        })
    })
}

fn is_function(tree: &Tree, at: At) -> bool {
    matches!(tree.role(at), Role::Lambda | Role::Function)
}

/// The content of a literal text, without its quotes and what stands before them.
pub(crate) fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inner = text.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '@');
    let inner = inner.trim_start_matches('#').trim_end_matches('#');
    for quote in ["\"\"\"", "'''", "\"", "'", "`"] {
        if let Some(opened) = inner.strip_prefix(quote)
            && let Some(content) = opened.strip_suffix(quote)
        {
            return content;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::language::Language;

    fn chain_of(language: Language, text: &str) -> (Tree, Chain) {
        let tree = Tree::parse(language, text).unwrap();
        let call = [Role::Call, Role::New]
            .iter()
            .find_map(|role| tree.all(*role).next())
            .unwrap_or(At::ROOT);
        let chain = chain(&tree, call);
        (tree, chain)
    }

    fn path(language: Language, text: &str) -> String {
        chain_of(language, text).1.path()
    }

    #[test]
    fn what_is_called_reads_alike_in_every_language() {
        assert_eq!(path(Language::Python, "a.b(1).c[0].d(2)"), "a.b.c.d");
        assert_eq!(path(Language::JavaScript, "(await a.b(1))?.c.d(2);"), "a.b.c.d");
        assert_eq!(path(Language::TypeScript, "a!.b<T>(1).c(2);"), "a.b.c");
        assert_eq!(path(Language::Rust, "fn f() { a::b(1)?.c::<T>(&2).d(); }"), "a.b.c.d");
        assert_eq!(path(Language::Go, "package p\nfunc f() { a.b(1).c(2) }"), "a.b.c");
        assert_eq!(path(Language::Java, "class X { void f() { a.b(1).c(2); } }"), "a.b.c");
        assert_eq!(path(Language::Ruby, "a.b(1).c(2)"), "a.b.c");
        assert_eq!(path(Language::CSharp, "class X { void f() { a.b<T>(1).c(2); } }"), "a.b.c");
        assert_eq!(path(Language::Php, "<?php $a->b(1)->c(2);"), "a.b.c");
        assert_eq!(path(Language::Php, "<?php A::b(1);"), "A.b");
        assert_eq!(path(Language::Kotlin, "fun f() { a.b(1).c(2) }"), "a.b.c");
        assert_eq!(path(Language::Swift, "func f() { a.b(1).c(2) }"), "a.b.c");
        assert_eq!(path(Language::Cpp, "void f() { a.b(1)->c(2); }"), "a.b.c");
        assert_eq!(path(Language::Shell, "foo bar baz\n"), "foo");
    }

    #[test]
    fn the_result_of_a_call_that_is_called_has_no_name() {
        let (tree, chain) = chain_of(Language::JavaScript, "it.each([1, 2])('t', () => {});");
        assert_eq!(chain.path(), "it.each.");
        let rows = chain.links[1].arguments.unwrap();
        assert_eq!(arguments_in(&tree, rows).len(), 1);
    }

    #[test]
    fn arguments_are_found_by_place_and_by_name() {
        let tree = Tree::parse(Language::Python, "f(1, b=2)").unwrap();
        let call = tree.all(Role::Call).next().unwrap();
        assert_eq!(positional(&tree, call).len(), 1);
        assert_eq!(tree.text(keyword(&tree, call, "b").unwrap()), "2");
        let tree = Tree::parse(Language::JavaScript, "f('t', { skip: true }, () => 1)").unwrap();
        let call = tree.all(Role::Call).next().unwrap();
        assert_eq!(tree.text(keyword(&tree, call, "skip").unwrap()), "true");
        assert_eq!(text_argument(&tree, call).unwrap(), "t");
        assert_eq!(tree.text(function_argument(&tree, call).unwrap()), "() => 1");
    }

    #[test]
    fn quotes_and_what_stands_before_them_are_taken_off() {
        for (text, content) in
            [("'a'", "a"), ("rb\"a\"", "a"), ("r#\"a\"#", "a"), ("'''a'''", "a"), ("a", "a")]
        {
            assert_eq!(unquoted(text), content);
        }
    }
}
