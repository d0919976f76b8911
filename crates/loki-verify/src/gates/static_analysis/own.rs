//! loki's own rules, for languages of which no linter or type checker is configured.
//!
//! Each names code that is wrong whatever a project is for. As of tools, only what is new is told.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::{Evidence, Finding, Location, Severity};

use super::{ID, finding};
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::limit::left_out;
use crate::gates::part::Part;
use crate::gates::rule::{Found, Rule};
use crate::gates::substance::each_code;
use crate::kind::Kind;
use crate::suite::Side;
use crate::syntax::{At, Role, Source, Tree};

pub(super) mod condition_assigned;
pub(super) mod literal_identity;
pub(super) mod mutable_default;
pub(super) mod same_condition;
pub(super) mod same_key;
pub(super) mod same_operands;
pub(super) mod self_assigned;
pub(super) mod unknown_name;
pub(super) mod unreachable_code;

/// One rule, and what it sees in a file.
pub(super) struct Own {
    /// What there is to say about it.
    pub(super) rule: Rule,
    /// Where it is broken, and how: without lines, so that the same in both states reads the same.
    seen: fn(&Source) -> Vec<(At, String)>,
}

/// Every rule.
pub(super) const OWN: &[&Own] = &[
    &unknown_name::OWN,
    &unreachable_code::OWN,
    &same_operands::OWN,
    &same_condition::OWN,
    &same_key::OWN,
    &condition_assigned::OWN,
    &self_assigned::OWN,
    &literal_identity::OWN,
    &mutable_default::OWN,
];

/// What the rules see in a change.
#[derive(Default)]
pub(super) struct Look {
    /// What is new.
    pub(super) findings: Vec<Finding>,
    /// Files that could not be looked into: they keep the gate from passing.
    pub(super) left_out: Option<Part>,
    /// That they looked; nothing where there was nothing to look at.
    pub(super) evidence: Option<Evidence>,
}

/// Looks at changed code that `is_covered` by none of the project's own tools.
pub(super) fn look(cx: &Cx<'_>, is_covered: &dyn Fn(&str) -> bool) -> Result<Look, String> {
    let delta: &Delta = cx.delta()?;
    let (mut found, mut files, mut seen) = (Found::default(), 0_u64, Vec::new());
    each_code(cx, delta, &mut found, &mut |code, _| {
        if is_covered(&code.file.path) {
            return;
        }
        files += 1;
        for own in OWN {
            seen.extend((own.seen)(code.after).into_iter().map(|(at, said)| {
                let line = Some(code.after.tree().line(at));
                let place = Location { path: code.file.path.clone(), line };
                Seen { own, place, said }
            }));
        }
    });
    found.unread.retain(|path| !is_covered(path));
    if files == 0 && found.unread.is_empty() {
        return Ok(Look::default());
    }
    let noun = if files == 1 { "file" } else { "files" };
    let what = format!("{files} changed {noun} by loki's own rules");
    let (tree, digest) = (cx.subject.tree.clone(), delta.digest.clone());
    Ok(Look {
        findings: news(cx, delta, seen),
        left_out: left_out(
            ID,
            "changed file(s)",
            &found.unread,
            "too large or nested too deep to be looked into",
        ),
        evidence: Some(Evidence::Inspection { tree, what, digest }),
    })
}

/// One place at which a rule is broken.
struct Seen {
    own: &'static Own,
    place: Location,
    said: String,
}

/// What the change has more often than its files had before, wherever it stood: a note where the file had
/// others of the kind.
fn news(cx: &Cx<'_>, delta: &Delta, seen: Vec<Seen>) -> Vec<Finding> {
    if seen.is_empty() {
        return Vec::new();
    }
    let trees = cx.trees(delta);
    let mut before: BTreeMap<(&str, String), usize> = BTreeMap::new();
    let mut unkept: BTreeSet<(&str, &str)> = BTreeSet::new();
    for file in delta.of(Kind::Source) {
        let Some(source) = trees.of_file(&file.path, Side::Before) else { continue };
        for own in OWN {
            for (_, said) in (own.seen)(source) {
                unkept.insert((own.rule.id, &file.path));
                *before.entry((own.rule.id, said)).or_default() += 1;
            }
        }
    }
    let mut findings = Vec::new();
    for Seen { own, place, said } in seen {
        let Rule { id, severity, why, fix, .. } = own.rule;
        if let Some(left) = before.get_mut(&(id, said.clone())).filter(|left| **left > 0) {
            *left -= 1;
            continue;
        }
        let severity = match severity {
            _ if unkept.contains(&(id, &place.path)) => Severity::Note,
            Severity::Warning if cx.config.static_analysis_blocks => Severity::Error,
            other => other,
        };
        findings.push(finding(id, severity, Some(place), said, &format!("{why} {fix}")));
    }
    findings
}

/// Whether reading a value twice gives the same twice, as far as the text tells.
fn is_steady(tree: &Tree, at: At) -> bool {
    let moves = |at: At| {
        matches!(
            tree.role(at),
            Role::Call
                | Role::Macro
                | Role::New
                | Role::Await
                | Role::Yield
                | Role::Bind
                | Role::Lambda
                | Role::Function
        ) || matches!(tree.text(at), "++" | "--")
    };
    !moves(at) && !tree.inside(at).any(moves)
}

/// A text in one line with one space between its words, short enough for a message.
fn short(text: &str) -> String {
    const BYTES_MAX: usize = 60;
    crate::text::clip_head(&text.split_whitespace().collect::<Vec<_>>().join(" "), BYTES_MAX)
}

/// Whether two places hold the same words.
fn is_same(tree: &Tree, one: At, other: At) -> bool {
    let (one, other) = (tree.text(one), tree.text(other));
    one == other || one.split_whitespace().eq(other.split_whitespace())
}

#[cfg(test)]
mod testing {
    //! What a rule sees in a text.

    use super::*;

    /// Requires that `own` sees `expected`, each as line and message, in the text of a file at `path`.
    #[track_caller]
    pub(super) fn sees(own: &Own, path: &str, text: &str, expected: &[(u32, &str)]) {
        let source = Source::parse(path, text).unwrap();
        assert!(source.is_whole(), "{path} does not parse:\n{text}");
        let seen = (own.seen)(&source);
        let lines: Vec<(u32, &str)> =
            seen.iter().map(|(at, said)| (source.tree().line(*at), said.as_str())).collect();
        assert_eq!(lines, expected, "{path}\n{text}");
    }
}
