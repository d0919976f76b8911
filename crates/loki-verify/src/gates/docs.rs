//! Requires that what the change says in its documentation is so.

use loki_model::{ChangeKind, GateReport};

use super::Cx;
use super::described::{Described, Runs};
use super::rule::{self, Rule};
use crate::delta::{Delta, FileDelta};
use crate::kind::{Kind, kind};
use crate::layout::is_data;

mod commands;
pub(super) mod flags;
mod links;
mod markdown;
mod recipes;
mod symbols;

/// This gate's name.
pub(crate) const ID: &str = "docs";

/// What there is to say about it.
pub(crate) const GATE: Described = Described {
    id: ID,
    must_hold: "commands and links that the change writes into Markdown lead to something that exists, \
                and its new command line flags and exported symbols are documented where the others are",
    why: "Documentation that is written along with a change is believed for years. A command in it that \
          never existed is the cheapest kind of false claim.",
    evidence: "One inspection: how many changed files were read, and the digest of what differs.",
    cannot_tell: "Whether prose is true or complete. Links of web sites (absolute ones, those without an \
                  ending, generated pages), commands of other programs, and anything on lines that the \
                  change leaves alone are not looked at.",
    runs: Runs::Nothing,
    rules: RULES,
    judge,
};

const RULES: &[&Rule] = &[
    &commands::MISSING_COMMAND,
    &links::BROKEN_LINK,
    &flags::UNDOCUMENTED_FLAG,
    &symbols::UNDOCUMENTED_SYMBOL,
];

/// Judges the changed documentation, and what changed sources add to what people see.
pub(crate) fn judge(cx: &Cx<'_>) -> GateReport {
    let concerned = cx.delta().map_or(1, |delta| pages(delta).count() + sources(delta).count());
    rule::judge(cx, ID, RULES, u64::try_from(concerned).unwrap_or(u64::MAX))
}

/// Pages of Markdown that the change adds or alters.
fn pages(delta: &Delta) -> impl Iterator<Item = &FileDelta> {
    delta.files.iter().filter(|file| {
        file.change != ChangeKind::Deleted
            && is_markdown(&file.path)
            && file.after.is_some()
            && !file.path.starts_with(".loki/")
    })
}

/// Sources of programs that the change adds or alters.
fn sources(delta: &Delta) -> impl Iterator<Item = &FileDelta> {
    delta.of(Kind::Source).filter(|file| file.after.is_some() && !is_data(&file.path))
}

/// Whether the file at `path` is a page that people read.
fn is_markdown(path: &str) -> bool {
    let is_page = [".md", ".markdown"].iter().any(|ending| path.ends_with(ending));
    is_page && !is_data(path) && !matches!(kind(path), Kind::Fixture | Kind::Foreign)
}
