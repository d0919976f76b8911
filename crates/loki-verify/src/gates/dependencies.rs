//! Requires that what the change depends on is what it says, comes from where it did, and is not
//! known to be harmful.

use loki_model::{Finding, GateReport, Severity};

use super::Cx;
use super::described::{Described, Runs};
use super::rule::{self, Rule};
use crate::delta::FileDelta;
use crate::kind::Kind;
use crate::layout::file_name;

mod advisories;
mod downgrade;
mod in_step;
mod install;
mod integrity;
mod licences;
mod locks;
mod lookalike;
mod manifests;
mod package;
mod popular;
mod registry;
mod sources;
mod version;

/// This gate's name.
pub(crate) const ID: &str = "dependencies";

/// What there is to say about it.
pub(crate) const GATE: Described = Described {
    id: ID,
    must_hold: "added dependencies are locked, from known places, and not known to be vulnerable",
    why: "A dependency runs with all rights of the project, and most of it nobody has \
          read.",
    evidence: "One inspection: how many changed files were read, and the digest of both their \
          sides. Known vulnerabilities come from a snapshot of advisories on this machine, \
          whose date is said; a package that could not be looked up there keeps the gate from \
          passing.",
    cannot_tell: "What a package does, what a registry answers today, and vulnerabilities that \
          are not in the snapshot.",
    runs: Runs::Nothing,
    rules: RULES,
    judge,
};

/// Everything that is looked for.
pub(crate) const RULES: &[&Rule] = &[
    &advisories::RULE,
    &advisories::NOT_LOOKED_UP,
    &in_step::RULE,
    &install::RULE,
    &registry::RULE,
    &lookalike::RULE,
    &sources::RULE,
    &integrity::RULE,
    &downgrade::RULE,
    &licences::RULE,
];

/// Judges what the change does to what the project depends on.
pub(crate) fn judge(cx: &Cx<'_>) -> GateReport {
    let concerned = cx.delta().map_or(0, |delta| {
        let of_kind = |file: &&FileDelta| matches!(file.kind, Kind::Manifest | Kind::Lock);
        delta.files.iter().filter(|file| of_kind(file) || names_registry(&file.path)).count()
    });
    rule::judge(cx, ID, RULES, concerned as u64)
}

/// Whether a file can say where packages come from without being a manifest.
fn names_registry(path: &str) -> bool {
    const NAMES: &[&str] = &[
        ".npmrc",
        ".yarnrc",
        ".yarnrc.yml",
        "build.rs",
        "bunfig.toml",
        "Dockerfile",
        "Makefile",
        ".env",
        "build.gradle",
        "build.gradle.kts",
    ];
    NAMES.contains(&file_name(path)) || path.contains(".cargo/config")
}

/// The same finding with another weight.
fn weighing(mut finding: Finding, severity: Severity) -> Finding {
    finding.severity = severity;
    finding
}
