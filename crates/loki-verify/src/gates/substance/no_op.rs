//! Changes that claim something and do nothing.

use loki_model::{ChangeKind, Severity};

use crate::claim::Claim;
use crate::delta::{Delta, FileDelta};
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::suite::Side;
use crate::syntax::{At, Role, Source};

/// A change of comments alone.
pub(super) const RULE: Rule = Rule {
    id: "substance/nothing-done",
    severity: Severity::Warning,
    what: "The change claims new behaviour, and its code differs in comments and layout only.",
    why: "What was to be fixed or added is not.",
    example: "Fix issue 12: strings are refused\n+ # issue 12: strings are refused here",
    fix: "Make the change that the message describes, or describe the one that was made.",
    look,
};

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    if cx.claim() != Claim::Behaviour {
        return;
    }
    let does_something = |file: &&FileDelta| match file.kind {
        Kind::Source => !is_only_words(cx, delta, file),
        Kind::Test | Kind::Docs | Kind::Foreign => false,
        Kind::Fixture | Kind::Harness | Kind::Manifest | Kind::Lock | Kind::Other => true,
    };
    let is_own = |file: &&FileDelta| !file.path.starts_with(".loki/");
    if delta.files.iter().filter(is_own).any(|file| does_something(&file)) {
        return;
    }
    // A change of tests or documents alone is what it is.
    if let Some(first) = delta.of(Kind::Source).next() {
        let message = "new behaviour is claimed, and no code does anything else than before";
        found.add(RULE.of(&first.path, message));
    }
}

/// Whether both sides are the same but for comments and layout.
fn is_only_words(cx: &Cx<'_>, delta: &Delta, file: &FileDelta) -> bool {
    if file.change != ChangeKind::Modified {
        return false;
    }
    let signs = |side| cx.trees(delta).of_file(&file.path, side).map(signs);
    let (Some(mut before), Some(mut after)) = (signs(Side::Before), signs(Side::After)) else {
        return false;
    };
    // Statements in another order can be a correction, and then a test shows it.
    if delta.of(Kind::Test).next().is_none() {
        before.sort_unstable();
        after.sort_unstable();
    }
    before == after
}

/// Everything that means something, in order.
fn signs(source: &Source) -> Vec<String> {
    let tree = source.tree();
    let is_shut = |at: At| {
        tree.role(at) == Role::Comment
            || tree.role(at) == Role::Statement
                && tree.named(at).next().is_some()
                && tree.named(at).all(|inner| tree.role(inner) == Role::Text)
    };
    tree.inside_but(At::ROOT, is_shut)
        .filter(|at| tree.is_leaf(*at) && !is_shut(*at))
        .map(|at| tree.text(at).trim().to_owned())
        .filter(|text| !text.is_empty())
        .collect()
}
