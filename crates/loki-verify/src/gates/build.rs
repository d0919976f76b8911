//! Requires that the project builds, and that every changed file at least parses.

use loki_model::{GateId, GateReport};

use super::Cx;
use super::described::Described;
use super::part::{Part, fold};

mod cargo;
mod go;
mod node;
mod python;
mod reported;
mod syntax;

/// This gate's name.
pub(crate) const ID: &str = "build";

/// What there is to say about it.
pub(crate) const GATE: Described = Described {
    id: ID,
    must_hold: "everything that can be built builds, and every changed file parses",
    why: "Tests import a part of a project. What they do not import can be broken without any \
          test turning red.",
    evidence: "One command for each build system that the repository shows, and one for the syntax of \
          changed files of each language without a build.",
    cannot_tell: "Whether it runs. TypeScript without a `build` script is not looked at.",
    runs: true,
    rules: reported::RULES,
    judge,
};

/// Findings of one project that are reported one by one.
const FINDINGS_MAX: usize = 20;

/// Builds everything that can be built.
pub(crate) fn judge(cx: &Cx<'_>) -> GateReport {
    let looks: [fn(&Cx<'_>) -> Vec<Part>; 4] =
        [python::judge, node::judge, cargo::judge, go::judge];
    let mut parts: Vec<Part> = Vec::new();
    for look in looks {
        parts.extend(look(cx));
    }
    if parts.is_empty() {
        let summary = "nothing that is built, and no changed file that can be parsed".to_owned();
        return GateReport::not_applicable(GateId::from(ID), summary);
    }
    fold(ID, "", parts)
}
