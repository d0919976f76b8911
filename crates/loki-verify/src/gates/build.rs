//! Requires that the project builds, and that every changed file at least parses.

use loki_model::{GateId, GateReport};

use super::Cx;
use super::described::Described;
use super::part::{Part, fold};

mod cargo;
mod dotnet;
mod go;
mod jvm;
mod native;
mod node;
mod python;
mod reported;
mod scripts;
mod syntax;
mod tsc;

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
    cannot_tell: "Whether it runs. What a project builds with tools or packages that are not on this \
          machine is inconclusive when the change touches it, and not looked at otherwise.",
    runs: true,
    rules: reported::RULES,
    judge,
};

/// Findings of one project that are reported one by one.
const FINDINGS_MAX: usize = 20;

/// Builds everything that can be built.
pub(crate) fn judge(cx: &Cx<'_>) -> GateReport {
    let looks: [fn(&Cx<'_>) -> Vec<Part>; 9] = [
        python::judge,
        scripts::judge,
        node::judge,
        tsc::judge,
        cargo::judge,
        go::judge,
        jvm::judge,
        dotnet::judge,
        native::judge,
    ];
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

/// Whether the change touches a file that ends in one of `endings`; so it is taken when what it
/// touches is not known.
fn touches(cx: &Cx<'_>, endings: &[&str]) -> bool {
    let ends = |path: &str| endings.iter().any(|ending| path.ends_with(ending));
    cx.changes.map_or(true, |changes| changes.iter().any(|change| ends(&change.path)))
}

/// Whether builds of the repository leave something in the copy that its tests use: they can not run
/// side by side then.
pub(crate) fn leaves_output(cx: &Cx<'_>) -> bool {
    !cx.layout.all_roots("Cargo.toml").is_empty()
        || crate::node::packages(cx).all.iter().any(|package| package.script("build").is_some())
        || !crate::jvm::builds(cx).is_empty()
        || !crate::dotnet::dirs(cx).is_empty()
        || native::builds(cx)
}
