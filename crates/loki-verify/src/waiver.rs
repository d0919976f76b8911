//! What the base says need not be reported: waivers in its settings, suppressions in its sources.
//!
//! Owns who is believed: only what was there before the change. A suppression that the change brings is
//! a finding of its own, and hides nothing.

use std::sync::LazyLock;

use jiff::civil::Date;
use loki_model::{Finding, Severity};
use regex::Regex;

use crate::gates::Cx;
use crate::pattern::glob;

/// One kind of finding that the project accepts: a `[[verify.waiver]]` of its settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The rule, as findings name it, or `gate/*`.
    pub rule: String,
    /// Paths that it is accepted in, as a glob from the root of the repository; nothing for all.
    pub path: Option<String>,
    /// Why, in the project's own words. Untrusted.
    pub reason: String,
    /// The last day that it holds.
    pub until: Option<Date>,
}

impl Waiver {
    fn covers(&self, finding: &Finding) -> bool {
        let is_rule = match self.rule.strip_suffix('*') {
            Some(gate) => finding.rule.starts_with(gate),
            None => finding.rule == self.rule,
        };
        let place = finding.location.as_ref();
        let is_place = |pattern: &String| {
            glob(pattern).zip(place).is_some_and(|(glob, place)| glob.is_match(&place.path))
        };
        is_rule && self.path.as_ref().is_none_or(is_place)
    }
}

/// Gates whose findings nobody can wave through: what runs is so, whoever disagrees.
pub(crate) const NEVER_WAIVED: &[&str] = &["build", "tests", "base-tests", "new-tests"];

/// Makes notes of the findings that the base accepts, in place.
pub(crate) fn waive(cx: &Cx<'_>, findings: &mut [Finding]) {
    waive_by_settings(cx, findings);
    for finding in findings.iter_mut().filter(|finding| finding.severity > Severity::Note) {
        if let Some(reason) = suppressed(cx, finding) {
            accept(finding, &reason);
        }
    }
}

/// The same by the settings alone, for findings whose lines are not those of the judged tree.
pub(crate) fn waive_by_settings(cx: &Cx<'_>, findings: &mut [Finding]) {
    for finding in findings.iter_mut().filter(|finding| finding.severity > Severity::Note) {
        let waiver = cx.config.waivers.iter().find(|waiver| waiver.covers(finding));
        if let Some(waiver) = waiver {
            accept(finding, &waiver.reason);
        }
    }
}

fn accept(finding: &mut Finding, reason: &str) {
    finding.severity = Severity::Note;
    finding.message = crate::text::one_line(
        &format!("{} (accepted before the change: {reason})", finding.message),
        MESSAGE_BYTES_MAX,
    );
}

/// Bytes of a message with its reason.
const MESSAGE_BYTES_MAX: usize = 700;

/// Why the line of a finding is not to be reported, as the base says it there: on the line itself, or on
/// lines right above that say nothing else.
fn suppressed(cx: &Cx<'_>, finding: &Finding) -> Option<String> {
    let place = finding.location.as_ref()?;
    let line = usize::try_from(place.line?).ok()?.checked_sub(1)?;
    let file = cx.delta().ok()?.file(&place.path);
    let text = match file {
        Some(file) => file.after.clone()?,
        None => cx.read(&place.path)?,
    };
    let lines: Vec<&str> = text.lines().collect();
    let is_new = |index: usize| {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        file.is_some_and(|file| file.is_added(number))
    };
    let above = (0..line).rev().take_while(|index| {
        lines.get(*index).is_some_and(|text| Suppression::of(text).is_some_and(|it| it.is_alone))
    });
    std::iter::once(line).chain(above).filter(|index| !is_new(*index)).find_map(|index| {
        let suppression = Suppression::of(lines.get(index)?)?;
        suppression.rules.contains(&finding.rule.as_str()).then(|| suppression.reason.to_owned())
    })
}

/// A comment that asks for a rule not to be reported: `loki: allow(gate/rule) why`.
pub(crate) struct Suppression<'a> {
    rules: Vec<&'a str>,
    reason: &'a str,
    /// Whether nothing but the sign of a comment comes before it.
    is_alone: bool,
}

impl<'a> Suppression<'a> {
    /// What `line` asks for; nothing without a reason.
    pub(crate) fn of(line: &'a str) -> Option<Suppression<'a>> {
        static COMMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r"^(.*?)\bloki:\s*allow\(([a-z0-9/,\s-]+)\)\s*(\w.*)$").ok()
        });
        // Most lines are not worth a search.
        if !line.contains("loki:") {
            return None;
        }
        let found = COMMENT.as_ref()?.captures(line)?;
        let (before, rules, reason) = (found.get(1)?, found.get(2)?, found.get(3)?);
        Some(Suppression {
            rules: rules.as_str().split(',').map(str::trim).collect(),
            reason: reason.as_str().trim_end_matches(['*', '/', '-', '>', ' ']),
            is_alone: !before.as_str().contains(char::is_alphanumeric),
        })
    }

    /// The rules that it names.
    pub(crate) fn rules(&self) -> &[&'a str] {
        &self.rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loki_model::Location;

    #[test]
    fn a_suppression_names_rules_and_a_reason_in_any_comment() {
        for (line, rules, reason, is_alone) in [
            (
                "# loki: allow(secrets/aws-key) of the vendor's manual",
                &["secrets/aws-key"][..],
                "of the vendor's manual",
                true,
            ),
            (
                "x = 1  # loki: allow(substance/stub, docs/flag) later",
                &["substance/stub", "docs/flag"],
                "later",
                false,
            ),
            (
                "  /* loki:allow(substance/canned) by design */",
                &["substance/canned"],
                "by design",
                true,
            ),
            ("<!-- loki: allow(docs/flag) hidden -->", &["docs/flag"], "hidden", true),
        ] {
            let found = Suppression::of(line).unwrap();
            assert_eq!((found.rules(), found.reason, found.is_alone), (rules, reason, is_alone));
        }
        for line in [
            "loki: allow(secrets/aws-key)",
            "# allow(x/y) z",
            "# loki: allow() z",
            "# loki: allow(x/y) ...",
        ] {
            assert!(Suppression::of(line).is_none(), "{line}");
        }
    }

    #[test]
    fn a_waiver_covers_its_rule_in_its_paths() {
        let waiver = |rule: &str, path: Option<&str>| Waiver {
            rule: rule.to_owned(),
            path: path.map(str::to_owned),
            reason: "r".to_owned(),
            until: None,
        };
        let finding = Finding {
            rule: "secrets/aws-key".to_owned(),
            severity: Severity::Error,
            location: Some(Location { path: "tests/data/a.txt".to_owned(), line: Some(1) }),
            message: String::new(),
            detail: String::new(),
        };
        assert!(waiver("secrets/aws-key", None).covers(&finding));
        assert!(waiver("secrets/*", Some("tests/**")).covers(&finding));
        assert!(!waiver("secrets/*", Some("src/**")).covers(&finding));
        assert!(!waiver("secrets/aws", None).covers(&finding));
        let nowhere = Finding { location: None, ..finding };
        assert!(!waiver("secrets/*", Some("**")).covers(&nowhere));
    }
}
