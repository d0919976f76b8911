//! What a change adds to a function that was there before, left out again.

use std::collections::BTreeSet;

use crate::delta::FileDelta;
use crate::mutation::{Mutant, Scale};
use crate::syntax::{At, Function, Language, Role, Source, Tree};

/// Statements that only tell what goes on.
const TELLS: &[&str] = &[
    "console.",
    "log.",
    "logger.",
    "logging.",
    "LOG.",
    "print",
    "eprint",
    "tracing::",
    "debug!",
    "info!",
    "warn!",
    "trace!",
    "error!",
    "fmt.Print",
    "System.out",
    "System.err",
    "puts ",
    "echo ",
    "warnings.",
];

/// Statements that only refuse.
const REFUSES: &[&str] =
    &["raise", "throw", "panic", "return Err", "bail!", "assert", "debug_assert"];

/// Mutants that leave out rows of statements which the change adds to `function`, outermost first. What
/// stands in the place of another statement is no addition.
pub(super) fn removals(
    file: &FileDelta,
    source: &Source,
    function: &Function,
    before: Option<&Source>,
) -> Vec<Mutant> {
    let tree = source.tree();
    let Some(body) = function.body else { return Vec::new() };
    let gone = before.map(|before| gone(before, source, function)).unwrap_or_default();
    let mut found: Vec<(At, Mutant)> = Vec::new();
    let blocks = tree.inside(body).filter(|at| tree.role(*at) == Role::Block);
    for block in std::iter::once(body).chain(blocks) {
        if found.iter().any(|(first, mutant)| {
            block > *first && mutant.bytes.contains(&tree.bytes(block).start)
        }) {
            continue;
        }
        let statements = tree.statements(block);
        let is_new =
            |at: &At| (tree.line(*at)..=tree.last_line(*at)).all(|line| file.is_added(line));
        let all_new = statements.iter().all(is_new);
        if all_new {
            // Nothing of it was there before: what is around it is what was added.
            continue;
        }
        // What has statements of its own is left out by itself: others may use what stands beside it.
        let is_one = |at: &At| {
            matches!(tree.role(*at), Role::If | Role::Loop | Role::Try | Role::With | Role::Switch)
        };
        let together = |a: &At, b: &At| is_new(a) == is_new(b) && !is_one(a) && !is_one(b);
        for row in statements.chunk_by(together) {
            let (Some(first), Some(last)) = (row.first(), row.last()) else { continue };
            if !is_new(first) || !row.iter().any(|at| does_something(source, *at)) {
                continue;
            }
            if row.iter().any(|at| gone.contains(head(tree.text(*at)))) {
                continue;
            }
            let bytes = tree.bytes(*first).start..tree.bytes(*last).end;
            let with = match source.language() {
                Language::Python => "pass",
                Language::Shell => ":",
                _ => "",
            };
            let mutant = Mutant {
                path: file.path.clone(),
                line: tree.line(*first),
                function: function.qualified.clone(),
                what: "does without what the change adds here".to_owned(),
                scale: Scale::Addition,
                bytes,
                with: with.to_owned(),
            };
            found.push((*first, mutant));
        }
    }
    found.into_iter().map(|(_, mutant)| mutant).collect()
}

/// The heads of statements of a function that the change takes out or alters.
fn gone<'a>(before: &'a Source, source: &Source, function: &Function) -> BTreeSet<&'a str> {
    let (old, new) = (before.tree(), source.tree());
    let mut all = before.functions().iter();
    let Some(body) = all.find(|old| old.qualified == function.qualified).and_then(|old| old.body)
    else {
        return BTreeSet::new();
    };
    let statements = |tree: &Tree, body: At| -> Vec<At> {
        let blocks = tree.inside(body).filter(|at| tree.role(*at) == Role::Block);
        std::iter::once(body).chain(blocks).flat_map(|block| tree.statements(block)).collect()
    };
    let kept: BTreeSet<&str> = function
        .body
        .map(|body| statements(new, body).into_iter().map(|at| new.text(at)).collect())
        .unwrap_or_default();
    let texts = statements(old, body).into_iter().map(|at| old.text(at));
    texts.filter(|text| !kept.contains(text)).map(head).filter(|head| !head.is_empty()).collect()
}

/// What a statement begins with: what it calls, or what it gives a value to.
fn head(text: &str) -> &str {
    text.split(['(', '=', '{', '\n']).next().unwrap_or_default().trim()
}

/// Whether a statement, with all that is in it, only tells what goes on.
pub(super) fn only_tells(source: &Source, at: At) -> bool {
    let tree = source.tree();
    let text = tree.text(at).trim_start();
    if TELLS.iter().any(|begin| text.starts_with(begin)) {
        return true;
    }
    let blocks = tree.inside(at).filter(|inner| tree.role(*inner) == Role::Block);
    let inner: Vec<At> = blocks.flat_map(|block| tree.statements(block)).collect();
    tree.role(at) == Role::If && !inner.is_empty() && inner.iter().all(|at| only_tells(source, *at))
}

/// Whether a statement does more than to tell, to refuse, to name something, or to leave.
fn does_something(source: &Source, at: At) -> bool {
    let tree = source.tree();
    let text = tree.text(at).trim_start();
    let is_plain = matches!(
        tree.role(at),
        Role::Comment
            | Role::Return
            | Role::Throw
            | Role::Jump
            | Role::Pass
            | Role::Import
            | Role::Function
    );
    let begins = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
    if is_plain || begins(TELLS) || begins(REFUSES) {
        return false;
    }
    let names = ["let ", "const ", "var ", "final "];
    if begins(&names) || (tree.role(at) == Role::Bind && text.contains(":=")) {
        return false;
    }
    if tree.role(at) != Role::If {
        return true;
    }
    let blocks = tree.inside(at).filter(|inner| tree.role(*inner) == Role::Block);
    let mut inner = blocks.flat_map(|block| tree.statements(block)).peekable();
    inner.peek().is_none() || inner.any(|at| does_something(source, at))
}

#[cfg(test)]
mod tests {
    use crate::mutation::Scale;
    use crate::mutation::tests::altered;

    const OLD: &str = "def render(total):\n    rows = [total]\n    return rows\n";

    #[test]
    fn what_comes_is_left_out_and_what_stands_for_something_else_is_not() {
        let new = "def render(total, paid=0):\n    rows = [total, 1]\n    if paid:\n        rows.append(paid)\n    return rows\n";
        let found = altered("a.py", OLD, new, Scale::Addition);
        assert_eq!(
            found,
            ["3: def render(total, paid=0):\n    rows = [total, 1]\n    pass\n    return rows\n"]
        );
    }

    #[test]
    fn a_statement_with_the_same_beginning_as_one_that_went_is_no_addition() {
        let new = OLD.replace("rows = [total]", "rows = [total, 1]");
        assert!(altered("a.py", OLD, &new, Scale::Addition).is_empty());
    }
}
