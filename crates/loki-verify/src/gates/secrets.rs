//! Requires that no added line, name or message holds a secret, and that none was added and removed again on
//! the way.

use std::collections::BTreeSet;

use loki_model::{
    ChangeKind, CommitId, Digest, Evidence, Finding, GateId, GateReport, Severity, TreeId,
};
use sha2::Digest as _;

use super::described::{Described, Runs};
use super::part::Part;
use super::verdicts::Basis;
use super::{Cx, NotShown, SHOWN_LINE_BYTES_MAX, chain, limit};
use crate::waiver::{waive, waive_by_settings};
pub use masked::without_secrets;
pub(crate) use masked::{masked, masked_bytes};
use search::{Search, may_hold_secrets};

mod masked;
mod proof;
mod reported;
mod rules;
mod search;

/// Bytes that two pieces of one line have in common, so that a secret across their border is seen.
const OVERLAP_BYTES: usize = 4 * 1024;

/// Commits between base and tip that are looked into.
const COMMITS_MAX: usize = 200;

/// Findings in earlier commits that are reported one by one.
const PAST_FINDINGS_MAX: usize = 50;

/// This gate's name.
pub(crate) const ID: &str = "secrets";

/// What there is to say about it.
pub(crate) const GATE: Described = Described {
    id: ID,
    must_hold: "no key, token or password is added, not even for a while",
    why: "What was once pushed is known for ever, also when a later commit takes it out.",
    evidence: "One inspection: how many added lines were read, and the digest of all of them.",
    cannot_tell: "Secrets without a documented shape, and secrets that are split or encoded. Commits \
          between base and tip are seen only where the caller names them.",
    runs: Runs::Nothing,
    rules: reported::RULES,
    judge,
};

/// Judges the lines and names that the change adds, those that its commits added on the way, and what they say.
pub(crate) fn judge(cx: &Cx<'_>) -> GateReport {
    let mut search = Search::default();
    let searched = cx.added_lines(&mut |path, line, text| search.line(path, line, text));
    let gate = GateId::from(ID);
    let not_shown = match searched {
        Ok(not_shown) => not_shown,
        Err(error) => {
            let summary = format!("the added lines could not be read: {error}");
            return GateReport::inconclusive(gate, summary, search.findings, Vec::new());
        }
    };
    for change in cx.changes.unwrap_or_default() {
        if change.kind == ChangeKind::Added {
            search.name(&change.path);
        }
    }
    let mut left_out: Vec<Part> = search_rest(cx, &mut search, not_shown).into_iter().collect();
    let past = match past(cx, &search) {
        Ok(past) => past,
        Err(error) => {
            let summary = format!("the commits of the change could not be read: {error}");
            return GateReport::inconclusive(gate, summary, search.findings, Vec::new());
        }
    };
    left_out.extend(past.left_out);
    search.digest.update(past.digest.to_string());
    let count = search.found + past.found;
    let lines = search.lines;
    let what = match past.commits {
        0 => format!("{lines} added lines"),
        1 => format!("{lines} added lines, 1 commit"),
        commits => format!("{lines} added lines, {commits} commits"),
    };
    let (tree, digest) = (cx.subject.tree.clone(), Digest::from(search.digest));
    let evidence = Evidence::Inspection { tree, what: what.clone(), digest };
    let mut findings = search.findings;
    waive(cx, &mut findings);
    // Lines of earlier commits are not those of the judged tree.
    let mut earlier = past.findings;
    waive_by_settings(cx, &mut earlier);
    findings.extend(earlier);
    if count > findings.len() && findings.iter().all(|finding| finding.severity == Severity::Note) {
        let more = format!("{} more", count - findings.len());
        left_out.extend(limit::left_out(ID, "secret(s)", &[more], "there are too many"));
    }
    let is_in_lines = |finding: &Finding| {
        finding.location.as_ref().is_some_and(|location| location.line.is_some())
    };
    let place = match findings.iter().all(is_in_lines) {
        true => "added lines",
        false => "what the change adds",
    };
    let left_out = left_out.into_iter().reduce(|mut all, part| {
        all.findings.extend(part.findings);
        all
    });
    let basis = Basis { findings, left_out, evidence: vec![evidence] };
    basis.conclude(cx, ID, format!("none in {what}"), |_, _| {
        let noun = if count == 1 { "secret" } else { "secrets" };
        format!("{count} {noun} in {place}")
    })
}

/// Searches the ends of cut lines, and tells what is still not seen.
fn search_rest(cx: &Cx<'_>, search: &mut Search, not_shown: NotShown) -> Option<Part> {
    let mut unseen: BTreeSet<String> = not_shown.files.into_iter().collect();
    for (path, number) in not_shown.lines {
        match rest_of_line(cx, &path, number) {
            Some(rest) => search.rest_of_line(&path, number, &rest),
            None => _ = unseen.insert(path),
        }
    }
    let unseen: Vec<String> = unseen.into_iter().collect();
    limit::left_out(ID, "file(s) with added lines", &unseen, "they are too large to be read whole")
}

/// What was not shown of the line at the 1-based `number`, and a little of what was.
fn rest_of_line(cx: &Cx<'_>, path: &str, number: u32) -> Option<Vec<u8>> {
    let bytes = cx.subject.repo.read_file(cx.subject.tree, path).ok()??;
    let index = usize::try_from(number.checked_sub(1)?).ok()?;
    let line = bytes.split(|byte| *byte == b'\n').nth(index)?;
    Some(line.get(SHOWN_LINE_BYTES_MAX - OVERLAP_BYTES..)?.to_owned())
}

/// What the commits between base and tip held that the tip does not.
struct Past {
    commits: usize,
    found: usize,
    findings: Vec<Finding>,
    left_out: Option<Part>,
    digest: Digest,
}

impl Past {
    /// Takes over what a search found and nobody `told` yet; gives back the digest of what was searched.
    fn tell(&mut self, search: Search, told: &mut BTreeSet<String>) -> Vec<u8> {
        for (finding, secret) in search.findings.into_iter().zip(search.secrets) {
            let is_new = told.insert(secret.to_string()) && self.findings.len() < PAST_FINDINGS_MAX;
            if is_new {
                self.found += usize::from(finding.severity > Severity::Note);
                self.findings.push(finding);
            }
        }
        search.digest.finalize().to_vec()
    }
}

fn past(cx: &Cx<'_>, tip: &Search) -> Result<Past, String> {
    let none = Past {
        commits: 0,
        found: 0,
        findings: Vec::new(),
        left_out: None,
        digest: Digest::of(b""),
    };
    let Some((base, head)) = cx.subject.history else { return Ok(none) };
    let repo = cx.subject.repo;
    let history = repo.history(base, head, COMMITS_MAX).map_err(|error| chain(&error))?;
    let tree_of = |commit: &CommitId| -> Result<TreeId, String> {
        let known = history.commits.iter().find(|known| known.commit == *commit);
        match known {
            Some(known) => Ok(known.tree.clone()),
            None => repo.tree_of(commit).map_err(|error| chain(&error)),
        }
    };
    let mut past = Past { commits: history.commits.len(), ..none };
    let mut told: BTreeSet<String> = BTreeSet::new();
    let mut unseen: BTreeSet<String> = BTreeSet::new();
    let mut hash = sha2::Sha256::new();
    let messages = match history.commits.is_empty() {
        true => Vec::new(),
        false => repo.messages(base, head, COMMITS_MAX).map_err(|error| chain(&error))?,
    };
    // Oldest first: a secret is told where it came in.
    for entry in history.commits.iter().rev() {
        let said = messages.iter().find(|(commit, _)| *commit == entry.commit);
        if let Some((commit, message)) = said {
            let mut search = Search::of_commit(commit.as_str(), tip);
            search.message(message);
            hash.update(past.tell(search, &mut told));
        }
        let parents = match entry.parents.is_empty() {
            true => vec![repo.empty_tree().map_err(|error| chain(&error))?],
            false => entry.parents.iter().map(tree_of).collect::<Result<_, _>>()?,
        };
        let is_whole_change =
            entry.tree == *cx.subject.tree && parents == [cx.subject.base.clone()];
        if is_whole_change {
            // Its lines were read already.
            continue;
        }
        // What a merge adds to one side, the other side had: new is what neither had.
        let mut new: Option<Search> = None;
        for parent in &parents {
            let mut search = Search::of_commit(entry.commit.as_str(), tip);
            let mut names: BTreeSet<String> = BTreeSet::new();
            let cut = repo.added_lines(parent, &entry.tree, &mut |path, line, text| {
                if line == 1 && may_hold_secrets(path) {
                    names.insert(path.to_owned());
                }
                search.line(path, line, text);
            });
            unseen.extend(cut.map_err(|error| chain(&error))?);
            for name in names {
                // A file that was called like that before has no new name.
                let known = repo.read_file(parent, &name).map_err(|error| chain(&error))?;
                if known.is_none() {
                    search.name(&name);
                }
            }
            new = Some(match new {
                None => search,
                Some(other) => search.also_in(&other),
            });
        }
        let Some(search) = new else { continue };
        hash.update(past.tell(search, &mut told));
    }
    past.digest = Digest::from(hash);
    if history.is_cut {
        unseen.insert(format!("{} commits and more", COMMITS_MAX + 1));
    }
    let unseen: Vec<String> = unseen.into_iter().collect();
    past.left_out =
        limit::left_out(ID, "part(s) of earlier commits", &unseen, "there is too much of it");
    Ok(past)
}
