//! Which files make the states that differential gates compare.

use std::collections::BTreeSet;

use loki_host::git::Edit;
use loki_model::{ChangeKind, GateId, TreeId};

use super::{Cx, base_tests, chain, mutants, new_tests};
use crate::claim::Claim;
use crate::delta::FileDelta;
use crate::kind::Kind;
use crate::text_tests::splice;
use crate::variant::State;

/// Whose settings of runners a state has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settings {
    /// As the base has them.
    Base,
    /// As the change leaves them.
    Head,
}

/// Whether a file decides what tests do.
pub(crate) fn is_of_tests(file: &FileDelta) -> bool {
    matches!(file.kind, Kind::Test | Kind::Fixture | Kind::Harness)
}

/// Whether a file says how tests run.
fn is_of_settings(file: &FileDelta) -> bool {
    matches!(file.kind, Kind::Harness | Kind::Manifest | Kind::Lock)
}

/// The judged code under the base's tests.
pub(crate) fn old_tests_on_new_code(cx: &Cx<'_>, settings: Settings) -> Result<TreeId, String> {
    let delta = cx.delta().map_err(str::to_owned)?;
    let (base, tree) = (cx.subject.base, cx.subject.tree);
    let is_taken = |file: &&FileDelta| match settings {
        Settings::Base => is_of_tests(file) || is_of_settings(file),
        Settings::Head => is_of_tests(file) && !is_of_settings(file),
    };
    let taken: Vec<&FileDelta> = delta.files.iter().filter(is_taken).collect();
    let spliced = spliced(&delta.files, Side::After);
    compose(cx, tree, base, &taken, &spliced)
}

/// The base's code under the tests of the change.
pub(crate) fn new_tests_on_old_code(cx: &Cx<'_>) -> Result<TreeId, String> {
    let delta = cx.delta().map_err(str::to_owned)?;
    let (base, tree) = (cx.subject.base, cx.subject.tree);
    let taken: Vec<&FileDelta> = delta.files.iter().filter(|file| is_of_tests(file)).collect();
    let spliced = spliced(&delta.files, Side::Before);
    compose(cx, base, tree, &taken, &spliced)
}

/// `tree` with `taken` files as `from` has them, and files with other content.
fn compose(
    cx: &Cx<'_>,
    tree: &TreeId,
    from: &TreeId,
    taken: &[&FileDelta],
    spliced: &[(&str, String)],
) -> Result<TreeId, String> {
    let gone = if from == cx.subject.base { ChangeKind::Added } else { ChangeKind::Deleted };
    let take = taken.iter().map(|file| match file.change == gone {
        true => Edit::Remove { path: &file.path },
        false => Edit::Take { path: &file.path, from },
    });
    let write = spliced.iter().map(|(path, text)| Edit::Write { path, content: text.as_bytes() });
    // Removals first: a file may stand where a directory was.
    let mut edits: Vec<Edit<'_>> = take.chain(write).collect();
    edits.sort_by_key(|edit| !matches!(edit, Edit::Remove { .. }));
    cx.subject.repo.compose(tree, &edits).map_err(|error| chain(&error))
}

/// Which side's code a file keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// Sources that hold tests themselves: the code of one side with the tests of the other.
fn spliced(files: &[FileDelta], code: Side) -> Vec<(&str, String)> {
    files
        .iter()
        .filter(|file| file.kind == Kind::Source)
        .filter_map(|file| {
            let (before, after) = (file.before.as_deref()?, file.after.as_deref()?);
            let (code, tests) = match code {
                Side::Before => (before, after),
                Side::After => (after, before),
            };
            let text = splice(&file.path, code, tests)?;
            (text != code).then_some((file.path.as_str(), text))
        })
        .collect()
}

/// Prepares the states that gates are sure to look at after that of the change, in this order. Beside what
/// runs meanwhile.
pub(crate) fn prepare(cx: &Cx<'_>) {
    let counts = |gate: &str| cx.config.policy.roles.contains_key(&GateId::from(gate));
    let Ok(delta) = cx.delta() else { return };
    // What cargo builds is carried from copy to copy, each of which has to be younger than the one before.
    let prepare = |state: &State| {
        if !cx.copy.builds_beside() {
            state.prepare(cx);
        }
    };
    if counts(base_tests::ID) && (touches_tests(&delta.files) || touches_settings(&delta.files)) {
        let _ = cx.old_on_new().map(prepare);
    }
    if counts(new_tests::ID) && new_tests::why_not(cx, delta).is_none() {
        let _ = cx.new_on_old_state().map(prepare);
    }
    let has_mutants = cx.claim() != Claim::Neutral && delta.of(Kind::Source).next().is_some();
    if counts(mutants::ID) && has_mutants {
        let _ = State::of(cx, cx.subject.tree.clone()).as_ref().map(prepare);
    }
}

/// Whether the change touches tests, in files of their own or within sources.
pub(crate) fn touches_tests(files: &[FileDelta]) -> bool {
    files.iter().any(is_of_tests) || !spliced(files, Side::After).is_empty()
}

/// Whether the change brings or alters tests, or what they are given; not only how they run.
pub(crate) fn brings_tests(files: &[FileDelta]) -> bool {
    let is_brought = |file: &FileDelta| {
        matches!(file.kind, Kind::Test | Kind::Fixture) && file.change != ChangeKind::Deleted
    };
    files.iter().any(is_brought) || !spliced(files, Side::Before).is_empty()
}

/// Whether the change touches how tests run.
pub(crate) fn touches_settings(files: &[FileDelta]) -> bool {
    files.iter().any(is_of_settings)
}

/// Paths of the changed files of tests.
pub(crate) fn changed_tests(files: &[FileDelta]) -> BTreeSet<&str> {
    files.iter().filter(|file| is_of_tests(file)).map(|file| file.path.as_str()).collect()
}
