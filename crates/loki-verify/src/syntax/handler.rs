//! Handlers: which errors are caught, and what is done about them.

use super::call::chain;
use super::role::{Part, Role};
use super::tree::{At, Tree};

/// What is done about an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Handler {
    /// The handler.
    pub(crate) at: At,
    /// Its 1-based line.
    pub(crate) line: u32,
    /// What is tried.
    pub(crate) tried: At,
    /// Which errors, as written; empty for all.
    pub(crate) types: Vec<String>,
    /// Whether it raises an error itself, or makes the test fail.
    pub(crate) raises: bool,
    /// Whether it does nothing at all.
    pub(crate) is_empty: bool,
}

impl Handler {
    /// Whether it catches everything.
    pub(crate) fn is_broad(&self) -> bool {
        self.types.iter().all(|name| super::vocabulary::is_broad_error(name))
    }

    /// Whether it catches what a failed assertion raises.
    pub(crate) fn catches_assertions(&self) -> bool {
        self.is_broad()
            || self.types.iter().any(|name| {
                let last = name.rsplit(['.', '\\']).next().unwrap_or_default();
                last.contains("Assertion") || last == "ExpectationFailedException"
            })
    }
}

/// Every handler of the tree, in the order of the text.
pub(super) fn handlers(tree: &Tree) -> Vec<Handler> {
    tree.all(Role::Handler).filter_map(|at| handler(tree, at)).collect()
}

fn handler(tree: &Tree, at: At) -> Option<Handler> {
    let around = tree.around(at)?;
    let tried = match tree.role(around) {
        Role::Try => tree
            .child(around, Part::Body)
            .or_else(|| tree.child_with(around, Role::Block))
            .unwrap_or(around),
        _ => around,
    };
    Some(Handler {
        at,
        line: tree.line(at),
        tried,
        types: caught(tree, at),
        raises: raises(tree, at),
        is_empty: is_empty(tree, at),
    })
}

/// Which errors a handler is for, as written; empty for all.
pub(super) fn caught(tree: &Tree, handler: At) -> Vec<String> {
    let body = body(tree, handler);
    let is_type = |at: At| {
        matches!(tree.role(at), Role::Name | Role::Member | Role::Type)
            && body.is_none_or(|body| !tree.is_within(at, body))
    };
    let is_shut = |at: At| is_type(at) || Some(at) == body;
    let named = tree.inside_but(handler, is_shut).filter(|at| is_type(*at));
    // A name that begins small is the variable that takes the error.
    let names = named.map(|at| tree.text(at).trim_start_matches('\\').to_owned());
    names
        .filter(|name| {
            let last = name.rsplit(['.', ':', '\\']).next().unwrap_or_default();
            last.starts_with(char::is_uppercase) && !last.starts_with('$')
        })
        .collect()
}

fn body(tree: &Tree, handler: At) -> Option<At> {
    tree.child(handler, Part::Body).or_else(|| tree.child_with(handler, Role::Block))
}

fn raises(tree: &Tree, handler: At) -> bool {
    let is_shut = |at: At| matches!(tree.role(at), Role::Function | Role::Lambda);
    tree.inside_but(handler, is_shut).any(|at| match tree.role(at) {
        Role::Throw => true,
        Role::Return => tree.text(at).starts_with("throw"),
        Role::Call => {
            let chain = chain(tree, at);
            let name = chain.last_name();
            name == "raise"
                || name.to_ascii_lowercase().contains("fail")
                || name.to_ascii_lowercase().starts_with("assert")
                || matches!(name, "reject" | "panic" | "exit" | "abort" | "Fatal" | "Fatalf")
                || matches!(name, "Error" | "Errorf" if chain.first_name().len() <= 4)
                || chain.links.iter().any(|link| link.name == "expect")
        }
        Role::Assert => true,
        _ => false,
    })
}

fn is_empty(tree: &Tree, handler: At) -> bool {
    let Some(body) = body(tree, handler) else { return true };
    tree.statements(body).into_iter().all(|at| match tree.role(at) {
        Role::Pass | Role::Jump => true,
        Role::Statement => tree.text(at).trim_end_matches(';') == "..." || is_only_text(tree, at),
        _ => false,
    })
}

fn is_only_text(tree: &Tree, at: At) -> bool {
    tree.role(tree.bare(at)) == Role::Text
}
