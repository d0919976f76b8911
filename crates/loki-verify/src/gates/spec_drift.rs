//! Requires that a change keeps to what was agreed on: the spec, its lock and its approvals.

use std::collections::BTreeSet;

use loki_model::{ChangeKind, Evidence, Finding, GateId, GateReport, Requirement, Spec, TreeId};
use loki_spec::{Delta, Drift, Entry, Kind, Lock, changes, drift};

use super::Cx;
use super::described::{Described, Runs};
use super::rule::Rule;
use super::verdicts::{Basis, worst_and_more};
use crate::agreed::{DELTAS_DIR, LOCK_PATH, source_at};
use crate::delta::FileDelta;
use crate::waiver::waive;

mod evidence;
mod operations;
mod reported;

use reported::{APPROVAL_IN_CHANGE, DELTA_EDITED, LOCK_EDITED, PINNED_EDITED, RULES, TEXT_CHANGED};

/// This gate's name.
pub(crate) const ID: &str = "spec-drift";

/// What there is to say about it.
pub(crate) const GATE: Described = Described {
    id: ID,
    must_hold: "the spec, its lock and its approvals say what they said, or the change of them was approved; \
                what is ticked is shown by a test",
    why: "Whoever can edit what was asked for can always deliver it. What counts is the spec that was \
          agreed on before the change, and approvals that were there before it.",
    evidence: "One inspection: how many requirements of the lock were compared, and the digest of the lock.",
    cannot_tell: "Whether code does what a requirement says: a test that names it is taken at its word by \
                  this gate. Operations whose address is put together while the program runs are not seen.",
    runs: Runs::Nothing,
    rules: RULES,
    judge,
};

/// Judges what the change does to what was agreed on.
pub(crate) fn judge(cx: &Cx<'_>) -> GateReport {
    let id = GateId::from(ID);
    let delta = match cx.delta() {
        Ok(delta) => delta,
        Err(error) => {
            let summary = format!("what changed could not be read: {error}");
            return GateReport::inconclusive(id, summary, Vec::new(), Vec::new());
        }
    };
    let lock = match &cx.agreed().lock {
        None => return without_lock(cx),
        Some(Err(why)) => {
            let summary = format!("the lock of the base can not be read: {why}");
            return GateReport::inconclusive(id, summary, Vec::new(), Vec::new());
        }
        Some(Ok(lock)) => lock,
    };
    let mut findings = Vec::new();
    let now = match sources(cx, lock, cx.subject.tree) {
        Ok(now) => now,
        Err(why) => return GateReport::inconclusive(id, why, Vec::new(), Vec::new()),
    };
    // What was so before is not this change's doing.
    let before =
        sources(cx, lock, cx.subject.base).map(|specs| drift(lock, &specs)).unwrap_or_default();
    let own = brought(cx);
    text(cx, &drift(lock, &now), &before, &own, &mut findings);
    edited_lock(cx, lock, &own, &mut findings);
    for file in delta.files.iter().filter(|file| file.path.starts_with(DELTAS_DIR)) {
        if file.change != ChangeKind::Added {
            let message = "the change rewrites an approval that was there before";
            findings.push(DELTA_EDITED.of(&file.path, message));
        }
    }
    evidence::ticked(cx, delta, &now, lock, &mut findings);
    evidence::lost(cx, lock, &mut findings);
    let asked: Vec<Requirement> = now.iter().flat_map(|spec| spec.requirements.clone()).collect();
    operations::compared(cx, delta, &asked, &mut findings);
    waive(cx, &mut findings);
    let count = lock.requirements.len();
    let what = format!("{count} requirements of the lock");
    let digest = loki_model::Digest::of(lock.to_text().as_bytes());
    let evidence =
        Evidence::Inspection { tree: cx.subject.tree.clone(), what: what.clone(), digest };
    let basis = Basis { findings, left_out: None, evidence: vec![evidence] };
    basis.conclude(cx, ID, format!("kept to {what}"), worst_and_more)
}

/// Without a lock there is still what the run was asked for.
fn without_lock(cx: &Cx<'_>) -> GateReport {
    let id = GateId::from(ID);
    let Some(spec) = cx.subject.spec else {
        return GateReport::not_applicable(id, format!("the base has no {LOCK_PATH}"));
    };
    let Ok(delta) = cx.delta() else {
        return GateReport::not_applicable(id, "what changed could not be read".to_owned());
    };
    let named: BTreeSet<&str> = spec.source.split(", ").collect();
    let edited = delta.files.iter().filter(|file| named.contains(file.path.as_str()));
    let mut findings: Vec<Finding> = edited.filter_map(pinned).collect();
    let operations = operations::compared(cx, delta, &spec.requirements, &mut findings);
    if findings.is_empty() && operations == 0 {
        return GateReport::not_applicable(id, format!("the base has no {LOCK_PATH}"));
    }
    waive(cx, &mut findings);
    let what = format!("the spec `{}` as it was pinned", spec.source);
    let tree = cx.subject.tree.clone();
    let evidence = Evidence::Inspection { tree, what: what.clone(), digest: spec.digest.clone() };
    let basis = Basis { findings, left_out: None, evidence: vec![evidence] };
    basis.conclude(cx, ID, format!("kept to {what}"), worst_and_more)
}

/// A finding where the change asks for something else than what was asked for before.
fn pinned(file: &FileDelta) -> Option<Finding> {
    let before = file.before.as_deref()?;
    let Some(after) = file.after.as_deref() else {
        return Some(
            PINNED_EDITED.of(&file.path, "the change deletes the spec that it is judged by"),
        );
    };
    let read = |text: &str| Some(loki_spec::read_as(&file.path, text).ok()?.0.requirements);
    let Some((old, new)) = read(before).zip(read(after)) else {
        return Some(PINNED_EDITED.of(&file.path, "the change makes the spec unreadable"));
    };
    let found = changes(&old, &new);
    let first = found.entries.iter().find(|entry| entry.kind != Kind::Moved)?;
    let message = format!(
        "the change edits the spec that it is judged by: {}; the original counts",
        told(first)
    );
    let line = first.new.as_ref().and_then(|new| new.origin.line);
    Some(match line {
        Some(line) => PINNED_EDITED.at(&file.path, line, message),
        None => PINNED_EDITED.of(&file.path, message),
    })
}

/// The sources of the lock as `tree` has them. One that is gone asks for nothing any more.
fn sources(cx: &Cx<'_>, lock: &Lock, tree: &TreeId) -> Result<Vec<Spec>, String> {
    let listed = cx.subject.repo.list_files(tree).map_err(|error| super::chain(&error))?;
    let mut specs = Vec::new();
    for source in lock.sources.keys() {
        let files = &mut listed.iter().map(String::as_str);
        match source_at(cx.reader, tree, source, files) {
            None => {}
            Some(Ok(spec)) => specs.push(spec),
            Some(Err(why)) => return Err(format!("`{source}` can not be read: {why}")),
        }
    }
    Ok(specs)
}

/// Addresses and issues are no files of any tree.
fn is_elsewhere(source: &str) -> bool {
    source.contains("://") || source.contains('#')
}

/// Approvals that the change itself brings.
fn brought(cx: &Cx<'_>) -> Vec<Delta> {
    let files = cx.delta().map(|delta| delta.files.as_slice()).unwrap_or_default();
    let added = files
        .iter()
        .filter(|file| file.path.starts_with(DELTAS_DIR) && file.change == ChangeKind::Added);
    added.filter_map(|file| Delta::parse(file.after.as_deref()?).ok()).collect()
}

fn text(cx: &Cx<'_>, now: &Drift, before: &Drift, own: &[Delta], findings: &mut Vec<Finding>) {
    let known = |entry: &&Entry| {
        let same = |other: &Entry| (&other.id, says(other)) == (&entry.id, says(entry));
        !before.entries.iter().any(same)
    };
    for entry in now.entries.iter().filter(|entry| entry.kind != Kind::Moved).filter(known) {
        let is_there_to_see = |old: &Requirement| !is_elsewhere(&old.origin.source);
        if entry.kind == Kind::Removed && !entry.old.as_ref().is_some_and(is_there_to_see) {
            continue;
        }
        let is_agreed = cx.agreed().deltas.iter().any(|delta| delta.approves(entry));
        if is_agreed {
            continue;
        }
        let by = own.iter().find(|delta| delta.approves(entry));
        let (rule, message) = match by {
            Some(delta) => {
                let by = &delta.approved_by;
                (
                    &APPROVAL_IN_CHANGE,
                    format!("{}; the change says that {by} approves it", told(entry)),
                )
            }
            None => (&TEXT_CHANGED, format!("{}, and nobody approved it", told(entry))),
        };
        findings.push(at(rule, entry, message));
    }
}

/// What a requirement asks for now.
fn says(entry: &Entry) -> Option<(&str, &[String])> {
    entry.new.as_ref().map(|new| (new.text.as_str(), new.acceptance.as_slice()))
}

fn edited_lock(cx: &Cx<'_>, lock: &Lock, own: &[Delta], findings: &mut Vec<Finding>) {
    let Some(file) = cx.delta().ok().and_then(|delta| delta.file(LOCK_PATH)) else { return };
    let Some(text) = file.after.as_deref() else {
        findings.push(LOCK_EDITED.of(LOCK_PATH, "the change deletes the lock"));
        return;
    };
    let head = match Lock::parse(text) {
        Ok(head) => head,
        Err(error) => {
            let line = error.line().unwrap_or(1);
            findings.push(LOCK_EDITED.at(
                LOCK_PATH,
                line,
                format!("the lock does not read: {error}"),
            ));
            return;
        }
    };
    let all = cx.agreed().deltas.iter().chain(own);
    let approved = |entry: &Entry| all.clone().any(|delta| delta.approves(entry));
    let found = changes(&lock.requirements, &head.requirements);
    for entry in found.entries.iter().filter(|entry| entry.kind != Kind::Moved) {
        if !approved(entry) {
            let message =
                format!("the change edits the lock: {}, and nobody approved it", told(entry));
            findings.push(LOCK_EDITED.of(LOCK_PATH, message));
        }
    }
}

fn at(rule: &Rule, entry: &Entry, message: String) -> Finding {
    match entry.new.as_ref().map(|new| &new.origin) {
        Some(origin) => match origin.line {
            Some(line) => rule.at(&origin.source, line, message),
            None => rule.of(&origin.source, message),
        },
        None => {
            let source = entry.old.as_ref().map_or(LOCK_PATH, |old| old.origin.source.as_str());
            rule.of(source, message)
        }
    }
}

/// `R-3f9a reworded: … => …`
fn told(entry: &Entry) -> String {
    let text = |side: &Option<Requirement>| {
        let text = side.as_ref().map_or("", |side| side.text.as_str());
        crate::text::one_line(text, STATEMENT_BYTES_MAX)
    };
    let (old, new) = (text(&entry.old), text(&entry.new));
    let label = entry.kind.label();
    match entry.kind {
        Kind::Added => format!("{} {label}: `{new}`", entry.id),
        Kind::Reworded => format!("{} {label}: `{old}` became `{new}`", entry.id),
        Kind::Removed => format!("{} {label}: `{old}`", entry.id),
        Kind::Changed | Kind::Renamed | Kind::Moved => format!("{} {label}: `{new}`", entry.id),
    }
}

/// Bytes of a statement in a message.
const STATEMENT_BYTES_MAX: usize = 120;
