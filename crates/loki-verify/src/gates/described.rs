//! What there is to say about a gate, as data: one table serves the judge, the settings, the rule table
//! of SARIF, `loki gates` and the pages of the documentation.

use loki_model::{GateReport, Severity};

use super::rule::{Rule, RuleText};
use super::{ALL, Cx};
use crate::bond::planted::Planted;

/// How much of a gate is commands of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// It only reads.
    Nothing,
    /// It reads as well: where nothing may run, it judges by that.
    InPart,
    /// Without them it can not tell.
    Everything,
}

/// One gate.
pub(crate) struct Described {
    /// Its name: kebab case, for what is looked at.
    pub(crate) id: &'static str,
    /// What must hold, told to those whose work is judged.
    pub(crate) must_hold: &'static str,
    /// Why it matters.
    pub(crate) why: &'static str,
    /// What a judgement rests on.
    pub(crate) evidence: &'static str,
    /// What it can not tell.
    pub(crate) cannot_tell: &'static str,
    /// How much of it is commands of the project.
    pub(crate) runs: Runs,
    /// What it can find.
    pub(crate) rules: &'static [&'static Rule],
    /// How it judges.
    pub(crate) judge: fn(&Cx<'_>) -> GateReport,
}

/// What is said of one gate of loki's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateText {
    /// Its name.
    pub id: &'static str,
    /// What must hold.
    pub must_hold: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What a judgement rests on.
    pub evidence: &'static str,
    /// What it can not tell.
    pub cannot_tell: &'static str,
    /// How much of it is commands of the project.
    pub runs: Runs,
    /// What holds it to its word.
    pub bond: &'static str,
    /// What it can find.
    pub rules: Vec<RuleText>,
}

impl From<&Described> for GateText {
    fn from(gate: &Described) -> GateText {
        let &Described { id, must_hold, why, evidence, cannot_tell, runs, rules, .. } = gate;
        let rules = rules.iter().map(|rule| RuleText::from(*rule)).collect();
        let bond = crate::bond::planted::planted(id).map_or("", Planted::said);
        GateText { id, must_hold, why, evidence, cannot_tell, runs, bond, rules }
    }
}

/// What is said of every gate of loki's own, cheapest first.
pub fn gate_texts() -> Vec<GateText> {
    ALL.iter().map(|gate| GateText::from(*gate)).collect()
}

/// What is said of the rule `id`, as a finding names it: of itself, of what any gate can report, or of
/// the family that it belongs to.
pub fn rule_text(id: &str) -> Option<RuleText> {
    let (gate, offence) = id.split_once('/')?;
    let own = super::rules().find(|rule| rule.id == id).map(RuleText::from);
    let is_gate = ALL.iter().any(|known| known.id == gate);
    let common =
        || ANY_GATE.iter().find(|rule| is_gate && rule.id.strip_prefix("*/") == Some(offence));
    let family = || super::rules().find(|rule| rule.id.strip_suffix("/*") == Some(gate));
    own.or_else(|| common().copied()).or_else(|| family().map(RuleText::from))
}

/// What any gate can report about itself.
pub(crate) const ANY_GATE: &[RuleText] = &[
    RuleText {
        id: "*/left-out",
        severity: Severity::Warning,
        what: "Something was not looked at, since there is too much of it or it can not be read.",
        why: "What was not looked at may hold anything: the gate can not pass.",
        example: "3 changed file(s) not looked at: too large or nested too deep to be looked into",
        fix: "Split what is too large, or take generated files out of the change.",
    },
    RuleText {
        id: "*/more",
        severity: Severity::Note,
        what: "There are more findings than are listed one by one.",
        why: "The first ones were enough to decide.",
        example: "12 more findings",
        fix: "Correct the ones that are listed, and judge again.",
    },
    RuleText {
        id: "*/none-here",
        severity: Severity::Note,
        what: "A nested project had nothing to show, and the one around it has to.",
        why: "It is said so that nobody takes it for looked at.",
        example: "no test ran in packages/types",
        fix: "Nothing, unless there should be something.",
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use regex::Regex;

    use super::*;

    #[test]
    fn every_gate_and_every_rule_says_what_it_is() {
        for gate in ALL {
            let texts = [gate.id, gate.must_hold, gate.why, gate.evidence, gate.cannot_tell];
            assert!(texts.iter().all(|text| !text.trim().is_empty()), "{}", gate.id);
            assert!(!gate.rules.is_empty(), "{} has no rules", gate.id);
            for rule in gate.rules {
                assert_eq!(rule.id.split('/').next(), Some(gate.id), "{}", rule.id);
                let texts = [rule.what, rule.why, rule.example, rule.fix];
                assert!(texts.iter().all(|text| !text.trim().is_empty()), "{}", rule.id);
            }
        }
        let ids: Vec<&str> = super::super::rules().map(|rule| rule.id).collect();
        let unique: BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{ids:?}");
    }

    #[test]
    fn every_rule_that_sources_name_is_described() {
        let gates: Vec<&str> = ALL.iter().map(|gate| gate.id).collect();
        let named = Regex::new(&format!("\"((?:{})/[a-z-]+)\"", gates.join("|"))).unwrap();
        let mut missing = BTreeSet::new();
        for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/gates")) {
            let text = fs::read_to_string(&file).unwrap();
            let found = named.captures_iter(&text).map(|found| found[1].to_owned());
            missing.extend(found.filter(|id| rule_text(id).is_none()));
        }
        assert!(missing.is_empty(), "no text says what these are: {missing:?}");
    }

    fn sources(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn a_rule_is_told_by_its_name_its_kind_or_its_family() {
        assert_eq!(rule_text("tests/failed").unwrap().id, "tests/failed");
        assert_eq!(rule_text("build/left-out").unwrap().id, "*/left-out");
        assert_eq!(rule_text("secrets/github-token").unwrap().id, "secrets/*");
        assert_eq!(rule_text("static-analysis/ruff:F401").unwrap().id, "static-analysis/*");
        assert_eq!(rule_text("own/failed"), None);
        assert_eq!(rule_text("nonsense"), None);
    }
}
