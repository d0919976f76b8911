//! Requires that what the change claims to do is really done.

use loki_model::GateReport;

use super::Cx;
use super::described::{Described, Runs};
use super::rule::{self, Found, Rule};
use crate::delta::{Delta, FileDelta};
use crate::kind::Kind;
use crate::suite::{Side, Text, Trees};
use crate::syntax::{At, Function, Role, Source};

mod always_equal;
mod asked;
mod canned;
mod claimed_items;
mod copied_data;
mod environment;
mod equality_narrowed;
mod error_discarded;
mod error_never_returned;
mod hard_coded;
mod knows_its_place;
mod never_told;
mod no_op;
mod not_wired;
mod random_identity;
mod random_order;
mod reads_tests;
mod replaced_builtin;
mod results_dropped;
mod stub;
mod swallowed;
mod unwired;
mod unwritten;

/// This gate's name.
pub(crate) const ID: &str = "substance";

/// What there is to say about it.
pub(crate) const GATE: Described = Described {
    id: ID,
    must_hold: "what is claimed is done: no stubs, no answers made for the \
     tests, no other behaviour under test, no errors that vanish, no options that nobody reads",
    why: "Code can look finished and be hollow: a body that only says that it is not written yet, answers that are only right for the inputs of the tests, another behaviour while tests run, errors that vanish, options that nobody reads.",
    evidence: "One inspection of the syntax trees of every changed file of code.",
    cannot_tell: "Whether code that does something does the right thing. See `tests` and `mutants`.",
    runs: Runs::Nothing,
    rules: RULES,
    judge,
};

/// What is looked for.
pub(crate) const RULES: &[&Rule] = &[
    &stub::RULE,
    &unwritten::RULE,
    &environment::RULE,
    &knows_its_place::RULE,
    &replaced_builtin::RULE,
    &hard_coded::RULE,
    &reads_tests::RULE,
    &canned::RULE,
    &swallowed::RULE,
    &error_never_returned::RULE,
    &error_discarded::RULE,
    &results_dropped::RULE,
    &not_wired::RULE,
    &unwired::RULE,
    &never_told::RULE,
    &always_equal::RULE,
    &equality_narrowed::RULE,
    &no_op::RULE,
    &claimed_items::RULE,
    &asked::missing::RULE,
    &asked::untested::RULE,
    &asked::promised::RULE,
    &random_identity::RULE,
    &random_order::RULE,
    &copied_data::RULE,
];

/// Looks through every changed file of code.
pub(crate) fn judge(cx: &Cx<'_>) -> GateReport {
    // Where a flag is announced, pages alone are too little.
    let is_promised = !asked::promised::promised(cx).is_empty();
    let is_concerned = |file: &&FileDelta| {
        matches!(file.kind, Kind::Source | Kind::Test) || (is_promised && file.kind == Kind::Docs)
    };
    let concerned = cx.delta().map_or(0, |delta| delta.files.iter().filter(is_concerned).count());
    rule::judge(cx, ID, RULES, u64::try_from(concerned).unwrap_or(u64::MAX))
}

/// One changed file of the product's code, with its trees.
pub(super) struct Code<'a> {
    pub(super) file: &'a FileDelta,
    pub(super) after: &'a Source,
    before: Option<&'a Text>,
}

impl<'a> Code<'a> {
    /// The tree of what the base has; parsed when it is first asked for.
    pub(super) fn before(&self) -> Option<&'a Source> {
        self.before?.source()
    }

    /// What the base has; empty where it has no such file.
    pub(super) fn text_before(&self) -> &'a str {
        self.before.map_or("", Text::text)
    }

    /// Functions that are no tests and that the change adds or alters.
    pub(super) fn touched(&self) -> impl Iterator<Item = &Function> {
        self.after.functions().iter().filter(|function| {
            let (first, last) = function.lines;
            let is_test = self.after.tests().iter().any(|test| test.code == function.at);
            self.file.is_any_added(first, last) && !is_test && !self.is_in_tests(function.at)
        })
    }

    /// Whether the place is in a class that is made from another one, or that fills a form.
    pub(super) fn is_in_family(&self, at: At) -> bool {
        let tree = self.after.tree();
        let mut classes = tree.all_around(at).filter(|at| tree.role(*at) == Role::Class);
        classes.any(|class| {
            let head = tree.text(class).lines().next().unwrap_or_default();
            ["(", "extends", "implements", " for "].iter().any(|sign| head.contains(sign))
        })
    }

    /// Whether the place is in a module of tests within the file.
    pub(super) fn is_in_tests(&self, at: At) -> bool {
        self.after.is_in_test_module(at)
    }
}

/// Has `look` look at every changed file of the product's code that has a tree; what has none is said.
pub(super) fn each_code(
    cx: &Cx<'_>,
    delta: &Delta,
    found: &mut Found,
    look: &mut dyn FnMut(&Code<'_>, &mut Found),
) {
    each_code_in(delta, cx.trees(delta), found, &mut |code, found| {
        // The content of a link is where it leads, whatever it is called.
        if !cx.layout.is_link(&code.file.path) {
            look(code, found);
        }
    });
}

/// The same with trees that are at hand.
pub(super) fn each_code_in(
    delta: &Delta,
    trees: &Trees,
    found: &mut Found,
    look: &mut dyn FnMut(&Code<'_>, &mut Found),
) {
    for file in delta.of(Kind::Source) {
        let Some(text) = file.after.as_deref() else { continue };
        if crate::syntax::Language::of(&file.path).is_none() || is_generated(text) {
            continue;
        }
        let Some(after) = trees.of_file(&file.path, Side::After) else {
            found.unread.push(file.path.clone());
            continue;
        };
        let before = trees.text_of(&file.path, Side::Before);
        look(&Code { file, after, before }, found);
    }
}

/// Whether a text says of itself that no person wrote it.
fn is_generated(text: &str) -> bool {
    text.lines().take(5).any(|line| {
        let line = line.to_ascii_lowercase();
        line.contains("do not edit")
            || line.contains("@generated")
            || line.contains("autogenerated")
    })
}

#[cfg(test)]
mod testing {
    //! Rules over the product's code, tested without a repository.

    use super::*;
    use crate::sides::Sides;
    pub(super) use crate::suite::testing::expect;

    /// Has `look` look at the code of a change.
    pub(super) fn look_at(look: fn(&Code<'_>, &mut Found), sides: &Sides<'_>, found: &mut Found) {
        each_code_in(sides.delta, &Trees::of(sides.delta), found, &mut |code, found| {
            look(code, found);
        });
    }
}
