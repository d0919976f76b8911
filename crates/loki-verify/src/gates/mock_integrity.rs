//! Requires that tests test the code, not what they put in its place.

use loki_model::GateReport;

use super::Cx;
use super::described::{Described, Runs};
use super::rule::{self, Found, Rule};
use crate::delta::Delta;
use crate::sides::Sides;
use crate::suite::{Located, Side, Suite, is_for_tests};
use crate::syntax::{Function, Source};

mod copied_subject;
mod echo;
mod looks_at_data;
mod never_asked;
mod never_asserts;
mod no_subject;
mod reads_code;
mod subject_replaced;

/// This gate's name.
pub(crate) const ID: &str = "mock-integrity";

/// What there is to say about it.
pub(crate) const GATE: Described = Described {
    id: ID,
    must_hold: "tests exercise the project's own code: what is tested is not \
     itself replaced, and assertions on doubles really assert",
    why: "A test that replaces what it tests holds whatever the code does. Doubles at \
          the edges of a program, such as the network, the clock, files, chance, other \
          people's packages, are how honest tests are written, and never a finding.",
    evidence: "One inspection of the syntax trees of every changed test, and of what they \
          import.",
    cannot_tell: "Whether a double behaves like what it stands for. A mock alone proves nothing, \
          for or against.",
    runs: Runs::Nothing,
    rules: RULES,
    judge,
};

/// Everything that is looked for, most certain first.
pub(crate) const RULES: &[&Rule] = &[
    &never_asserts::RULE,
    &subject_replaced::RULE,
    &echo::RULE,
    &copied_subject::RULE,
    &no_subject::RULE,
    &never_asked::RULE,
    &looks_at_data::RULE,
    &reads_code::RULE,
];

/// Looks through every changed test.
pub(crate) fn judge(cx: &Cx<'_>) -> GateReport {
    let concerned = cx.delta().map_or(0, |delta| {
        let sides = Sides::of(cx, delta);
        let suite = Suite::of(&sides, cx.trees(delta));
        suite.files().filter(|(_, _, after)| !after.tests().is_empty()).count()
    });
    rule::judge(cx, ID, RULES, u64::try_from(concerned).unwrap_or(u64::MAX))
}

/// Has a rule look at the suite of the change.
fn with_suite(cx: &Cx<'_>, delta: &Delta, found: &mut Found, look: fn(&Suite<'_>, &mut Found)) {
    let sides = Sides::of(cx, delta);
    let trees = cx.trees(delta);
    found.unread.extend(trees.unread_tests());
    look(&Suite::of(&sides, trees), found);
}

/// Calls `visit` with every function called `name` of the product's code that a test can mean: those of files
/// that changed, and of those that its file imports or reaches without. Stops when it returns true, and returns whether it did.
fn is_any_function(
    suite: &Suite<'_>,
    located: &Located<'_>,
    name: &str,
    visit: &mut dyn FnMut(&str, &Source, &Function) -> bool,
) -> bool {
    let mut changed = suite.functions(name).filter(|(path, ..)| !is_for_tests(path));
    if changed.any(|(path, source, function)| visit(path, source, function)) {
        return true;
    }
    let language = located.source.language();
    let imports = located.source.imports().iter();
    let meant =
        imports.flat_map(|import| suite.own_files().meant(language, located.path(), import));
    let text = located.source.tree().whole_text();
    let known = suite.own_files().without_import(language, located.path(), text);
    let mut unchanged = meant
        .chain(known)
        .filter(|path| !is_for_tests(path) && suite.sides.delta.file(path).is_none());
    unchanged.any(|path| {
        suite.source(&path, Side::After).is_some_and(|source| {
            let mut named = source.functions().iter().filter(|function| function.name == name);
            named.any(|function| visit(&path, &source, function))
        })
    })
}

/// Whether the product's own code has a function of this name.
fn is_own_function(suite: &Suite<'_>, located: &Located<'_>, name: &str) -> bool {
    is_any_function(suite, located, name, &mut |_, source, function| {
        source.tests().iter().all(|test| test.code != function.at)
    })
}
