//! Requires that something changed, that no merge was left half done, and that nothing was left behind.

use loki_model::{
    ChangeKind, ChangeStats, Digest, Evidence, FileChange, Finding, GateId, GateReport, Location,
    Severity,
};

use super::described::{Described, Runs};
use super::limit::left_out;
use super::verdicts::Basis;
use super::{Cx, chain, finding};
use crate::Claim;
use crate::config::CONFIG_PATH;
use crate::waiver::waive;

mod dangling_submodule;
mod huge;
mod reported;
mod stray;

/// This gate's name.
pub(crate) const ID: &str = "change";

/// What there is to say about it.
pub(crate) const GATE: Described = Described {
    id: ID,
    must_hold: "something changed, nothing is left behind (conflict markers, scratch and caches, huge \
     binaries), and submodules say where they come from",
    why: "\"Done\" over an empty change is the cheapest false claim; conflict markers are the \
          commonest wreckage.",
    evidence: "One inspection: how many files and lines differ, and the digest of the list of \
          changes.",
    cannot_tell: "Whether the change is the one that was asked for. Which files a task may touch is no \
                  matter of this gate: the tasks of a plan are held to theirs while they run.",
    runs: Runs::Nothing,
    rules: reported::RULES,
    judge,
};

/// Where loki keeps what it shows people and reads settings; no change there is work done.
const OWN_DIR: &str = ".loki/";

/// What people agree on of a spec is work, unless the code was to behave otherwise.
const AGREED_DIR: &str = ".loki/spec/";

fn is_own(path: &str, claim: Claim) -> bool {
    path.starts_with(OWN_DIR) && (claim == Claim::Behaviour || !path.starts_with(AGREED_DIR))
}

/// Findings of one kind that are reported one by one.
const FINDINGS_MAX: usize = 20;

/// Whether there is no work in `changes`: nothing, or only in loki's own directory.
pub(crate) fn is_empty(changes: &[FileChange], claim: Claim) -> bool {
    changes.iter().all(|change| is_own(&change.path, claim))
}

/// Judges what differs between base and tree.
pub(crate) fn judge(cx: &Cx<'_>) -> GateReport {
    let gate = GateId::from(ID);
    let changes = match cx.changes {
        Ok(changes) => changes,
        Err(error) => {
            let summary = format!("what changed is not known: {error}");
            return GateReport::inconclusive(gate, summary, Vec::new(), Vec::new());
        }
    };
    let (own, work): (Vec<&FileChange>, Vec<&FileChange>) =
        changes.iter().partition(|change| is_own(&change.path, cx.claim()));
    let notes = own_changes(own);
    let stats = ChangeStats::of(&work.iter().map(|change| (*change).clone()).collect::<Vec<_>>());
    let evidence = inspection(cx, changes, stats);
    if work.is_empty() {
        let message = "nothing differs from where the change starts";
        let first = finding("change/empty", Severity::Error, None, message, "");
        let summary = "nothing was changed".to_owned();
        return GateReport::fail(gate, summary, first, notes, vec![evidence]);
    }
    let (mut findings, not_shown) = match conflicts(cx) {
        Ok(found) => found,
        Err(error) => {
            let summary = format!("the added lines could not be read: {error}");
            return GateReport::inconclusive(gate, summary, notes, vec![evidence]);
        }
    };
    match dangling_submodule::findings(cx) {
        Ok(found) => findings.extend(found),
        Err(error) => {
            let summary = format!("the submodules could not be read: {error}");
            return GateReport::inconclusive(gate, summary, notes, vec![evidence]);
        }
    }
    let left_behind = stray::findings(cx, &work).and_then(|found| {
        findings.extend(found);
        huge::findings(cx, &work)
    });
    match left_behind {
        Ok(found) => findings.extend(found),
        Err(error) => {
            let summary = format!("the added files could not be looked at: {}", chain(&error));
            return GateReport::inconclusive(gate, summary, notes, vec![evidence]);
        }
    }
    waive(cx, &mut findings);
    let is_conflict = |finding: &&Finding| finding.rule == "change/conflict-marker";
    let conflicts = findings
        .iter()
        .filter(is_conflict)
        .filter(|finding| finding.severity > Severity::Note)
        .count();
    findings.extend(notes);
    let not_shown: Vec<String> = without_binary(changes, not_shown);
    let left_out = left_out(ID, "changed file(s)", &not_shown, "too many added lines");
    let basis = Basis { findings, left_out, evidence: vec![evidence] };
    basis.conclude(cx, ID, described(stats), |worst, _| match conflicts {
        0 => worst.message.clone(),
        places => format!("conflict markers in {places} place(s)"),
    })
}

/// Git leaves no conflict markers in binary files.
fn without_binary(changes: &[FileChange], paths: Vec<String>) -> Vec<String> {
    let is_binary =
        |path: &String| changes.iter().any(|change| change.binary && change.path == *path);
    paths.into_iter().filter(|path| !is_binary(path)).collect()
}

fn inspection(cx: &Cx<'_>, changes: &[FileChange], stats: ChangeStats) -> Evidence {
    let list = serde_json::to_vec(changes).unwrap_or_default();
    Evidence::Inspection {
        tree: cx.subject.tree.clone(),
        what: described(stats),
        digest: Digest::of(&list),
    }
}

fn described(stats: ChangeStats) -> String {
    let ChangeStats { files, lines_added, lines_deleted } = stats;
    let noun = if files == 1 { "file" } else { "files" };
    format!("{files} {noun}, +{lines_added} −{lines_deleted}")
}

/// Notes on changes of loki's own directory; that of the settings is never left out.
fn own_changes(mut changes: Vec<&FileChange>) -> Vec<Finding> {
    changes.sort_by_key(|change| change.path != CONFIG_PATH);
    let more = changes.len().saturating_sub(FINDINGS_MAX);
    let mut notes: Vec<Finding> = changes.into_iter().take(FINDINGS_MAX).map(own_change).collect();
    if more > 0 {
        let message = format!("{more} more changes of loki's own directory; they do not count");
        notes.push(finding("change/own-directory", Severity::Note, None, message, ""));
    }
    notes
}

fn own_change(change: &FileChange) -> Finding {
    let location = Some(Location { path: change.path.clone(), line: None });
    if change.path == CONFIG_PATH {
        let message =
            "the change alters the settings of its own judge; those of the base were used";
        return finding("change/settings", Severity::Warning, location, message, "");
    }
    let done = match change.kind {
        ChangeKind::Added => "adds",
        ChangeKind::Modified | ChangeKind::ModeChanged => "alters",
        ChangeKind::Deleted => "deletes",
    };
    let message = format!("the change {done} a file of loki's own directory; it does not count");
    finding("change/own-directory", Severity::Note, location, message, "")
}

/// Openings of conflicts in added lines that are also closed in the same file, and the files of
/// which lines are missing. A marker begins its line, so that a cut line hides none.
fn conflicts(cx: &Cx<'_>) -> Result<(Vec<Finding>, Vec<String>), String> {
    let mut search = Conflicts::default();
    let not_shown = cx.added_lines(&mut |path, line, text| search.line(path, line, text))?;
    let found = search
        .found
        .into_iter()
        .map(|location| {
            let message = "a merge conflict was left unresolved";
            finding("change/conflict-marker", Severity::Error, Some(location), message, "")
        })
        .collect();
    Ok((found, not_shown.files))
}

/// A search for pairs of markers, line by line.
#[derive(Default)]
struct Conflicts {
    open: Option<Location>,
    found: Vec<Location>,
}

impl Conflicts {
    fn line(&mut self, path: &str, line: u32, text: &[u8]) {
        if self.open.as_ref().is_some_and(|open| open.path != path) {
            self.open = None;
        }
        // A lone row of signs underlines a heading or quotes a mail; a conflict names both sides.
        if text.starts_with(b"<<<<<<< ") {
            self.open = Some(Location { path: path.to_owned(), line: Some(line) });
        } else if text.starts_with(b">>>>>>> ") {
            self.found.extend(self.open.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lines: &[(&str, &str)]) -> Vec<String> {
        let mut search = Conflicts::default();
        (1..).zip(lines).for_each(|(at, (path, text))| search.line(path, at, text.as_bytes()));
        search.found.iter().map(Location::to_string).collect()
    }

    #[test]
    fn a_change_of_the_settings_is_told_among_however_many_others() {
        let change = |path: String| FileChange {
            kind: ChangeKind::Added,
            path,
            lines_added: 1,
            lines_deleted: 0,
            binary: false,
        };
        let mut changes: Vec<FileChange> =
            (0..FINDINGS_MAX + 1).map(|at| change(format!("{OWN_DIR}a{at}"))).collect();
        changes.push(change(CONFIG_PATH.to_owned()));
        let notes = own_changes(changes.iter().collect());
        assert_eq!(notes[0].rule, "change/settings");
        assert!(
            notes[FINDINGS_MAX].message.starts_with("2 more"),
            "{}",
            notes[FINDINGS_MAX].message
        );
    }

    #[test]
    fn a_pair_of_markers_is_a_conflict_where_it_opens() {
        let lines = [("a", "x"), ("a", "<<<<<<< HEAD"), ("a", "======="), ("a", ">>>>>>> other")];
        assert_eq!(found(&lines), ["a:2"]);
    }

    #[test]
    fn markers_that_do_not_pair_up_in_one_file_are_none() {
        assert!(found(&[("a", "<<<<<<< HEAD"), ("b", ">>>>>>> other")]).is_empty());
        assert!(found(&[("a", "    <<<<<<< HEAD"), ("a", "    >>>>>>> other")]).is_empty());
        assert!(found(&[("a", ">>>>>>> quoted mail")]).is_empty());
    }
}
