//! Requires that no added line holds a secret.

use std::collections::BTreeSet;

use loki_model::{Digest, Evidence, GateId, GateReport};

use super::described::Described;
use super::part::Part;
use super::{Cx, NotShown, SHOWN_LINE_BYTES_MAX, limit};
use search::Search;

mod reported;
mod rules;
mod search;

/// Bytes that two pieces of one line have in common, so that a secret across their border is seen.
const OVERLAP_BYTES: usize = 4 * 1024;

/// This gate's name.
pub(crate) const ID: &str = "secrets";

/// What there is to say about it.
pub(crate) const GATE: Described = Described {
    id: ID,
    must_hold: "no key, token or password is added",
    why: "What was once pushed is known for ever.",
    evidence: "One inspection: how many added lines were read, and the digest of all of them.",
    cannot_tell: "Secrets without a documented shape, and secrets that are split or encoded.",
    runs: false,
    rules: reported::RULES,
    judge,
};

/// Judges the lines that the change adds.
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
    let left_out = search_rest(cx, &mut search, not_shown);
    let (lines, count) = (search.lines, search.found);
    let evidence = Evidence::Inspection {
        tree: cx.subject.tree.clone(),
        what: format!("{lines} added lines"),
        digest: Digest::from(search.digest),
    };
    let mut findings = search.findings.into_iter();
    match (findings.next(), left_out) {
        (None, None) => {
            GateReport::pass(gate, format!("none in {lines} added lines"), evidence, vec![])
        }
        (None, Some(part)) => {
            GateReport::inconclusive(gate, part.summary, part.findings, vec![evidence])
        }
        (Some(first), left_out) => {
            let noun = if count == 1 { "secret" } else { "secrets" };
            let summary = format!("{count} {noun} in added lines");
            let unsearched = left_out.map(|part| part.findings).unwrap_or_default();
            let more = findings.chain(unsearched).collect();
            GateReport::fail(gate, summary, first, more, vec![evidence])
        }
    }
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
