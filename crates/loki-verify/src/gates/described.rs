//! What there is to say about a gate, as data: one table serves the judge, the settings, the rule table
//! of SARIF, `loki gates` and the pages of the documentation.

use loki_model::GateReport;

use super::Cx;
use super::rule::Rule;

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
    /// Whether it runs commands of the project.
    pub(crate) runs: bool,
    /// What it can find.
    pub(crate) rules: &'static [&'static Rule],
    /// How it judges.
    pub(crate) judge: fn(&Cx<'_>) -> GateReport,
}
