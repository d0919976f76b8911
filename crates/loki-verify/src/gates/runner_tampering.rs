//! Requires that nothing in the change makes tests and checks see less, fail less, or count what did
//! not run.

use loki_model::{Finding, GateReport, Severity};

use super::Cx;
use super::described::{Described, Runs};
use super::rule::{self, Rule};
use crate::delta::{Delta, FileDelta};
use crate::kind::Kind;

mod assertions;
mod attributes;
mod bare_suppressions;
mod build_script;
mod cargo;
mod ci;
mod ci_condition;
mod coverage;
mod docker;
mod environment;
mod exits;
mod go;
mod guards;
mod hooks;
mod ignored;
mod js_settings;
mod lint;
mod loss;
mod makefile;
mod other_runners;
mod own_suppressions;
mod pytest;
mod results;
mod scripts;
mod shadow;
mod shell_tests;
mod suppressions;
mod tests_seen;
mod typescript;
mod unreadable;
mod wrapper;

/// This gate's name.
pub(crate) const ID: &str = "runner-tampering";

/// What there is to say about it.
pub(crate) const GATE: Described = Described {
    id: ID,
    must_hold: "tests and checks see and fail as much as before: runner settings, scripts, CI, hooks",
    why: "A suite that is green because it no longer looks is the cheapest false claim after an empty change, and it stays: every later change is judged by it.",
    evidence: "One inspection: how many changed files were read, and the digest of both their sides.",
    cannot_tell: "What a setting does that no rule knows, and what a program does that decides it at run time.",
    runs: Runs::Nothing,
    rules: RULES,
    judge,
};

/// Everything that is looked for, most certain first.
pub(crate) const RULES: &[&Rule] = &[
    &hooks::RULE,
    &assertions::RULE,
    &assertions::PRELOAD,
    &exits::RULE,
    &pytest::RULE,
    &pytest::COLLECT_IGNORE,
    &scripts::RULE,
    &makefile::RULE,
    &shell_tests::RULE,
    &js_settings::RULE,
    &other_runners::RULE,
    &cargo::RULE,
    &build_script::RULE,
    &go::RULE,
    &shadow::RULE,
    &wrapper::RULE,
    &attributes::RULE,
    &ignored::RULE,
    &environment::RULE,
    &typescript::RULE,
    &suppressions::RULE,
    &bare_suppressions::RULE,
    &own_suppressions::RULE,
    &lint::RULE,
    &coverage::RULE,
    &ci::RULE,
    &docker::RULE,
    &guards::RULE,
    &results::RULE,
    &unreadable::RULE,
];

/// Judges what the change does to whatever judges it.
pub(crate) fn judge(cx: &Cx<'_>) -> GateReport {
    let concerned = cx
        .delta()
        .map_or(0, |delta: &Delta| delta.files.iter().filter(|file| is_concerned(file)).count());
    rule::judge(cx, ID, RULES, concerned as u64)
}

/// Any text but prose can decide what runs; prose only when it claims results.
fn is_concerned(file: &FileDelta) -> bool {
    !matches!(file.kind, Kind::Docs | Kind::Foreign) || results::is_result(&file.path)
}

/// The same finding with another weight.
fn weighing(mut finding: Finding, severity: Severity) -> Finding {
    finding.severity = severity;
    finding
}

/// The first of `names` and how many more there are.
fn named(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [first, more @ ..] => format!("`{first}` and {} more", more.len()),
    }
}

/// The 1-based line of the first new line of a file that holds `needle`; the first new line at all, or
/// 1, where none does.
fn line_of(file: &FileDelta, needle: &str) -> u32 {
    let found = file.added_lines().find(|(_, line)| line.contains(needle));
    found.map(|(number, _)| number).or_else(|| file.added.first().copied()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_is_documented_under_its_own_name() {
        let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), RULES.len());
        for rule in RULES {
            assert!(rule.id.starts_with("runner-tampering/"), "{}", rule.id);
            for text in [rule.what, rule.why, rule.example, rule.fix] {
                assert!(!text.is_empty(), "{}", rule.id);
            }
        }
    }
}
