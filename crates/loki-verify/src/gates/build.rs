//! Requires that the project builds, and that every changed file at least parses.

use loki_model::{Evidence, GateId, GateReport, Severity};

use super::described::{Described, Runs};
use super::part::{Part, State};
use super::{Cx, finding};
use crate::kind::{Kind, kind};
use crate::layout::{file_name, is_under};
use crate::syntax::Language;

mod baseline;
mod cargo;
mod dotnet;
mod go;
mod grammar;
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
          changed files of each language without a build; the grammar of what no program here reads. Where a \
          build fails, the same of the base.",
    cannot_tell: "Whether it runs. What a project builds with tools or packages that are not on this \
          machine is inconclusive when the change touches it, and not looked at otherwise.",
    runs: Runs::Everything,
    rules: reported::RULES,
    judge,
};

/// The rule of files that do not parse.
const SYNTAX: &str = "build/syntax";

/// Findings of one project that are reported one by one.
const FINDINGS_MAX: usize = 20;

/// Builds everything that can be built.
pub(crate) fn judge(cx: &Cx<'_>) -> GateReport {
    let looks: [Look; 10] = [
        (python::judge, &[]),
        (scripts::judge, &[]),
        (node::syntax, &[]),
        (node::judge, &[Language::JavaScript, Language::TypeScript, Language::Tsx]),
        (tsc::judge, &[Language::TypeScript, Language::Tsx]),
        (cargo::judge, &[Language::Rust]),
        (go::judge, &[Language::Go]),
        (jvm::judge, &[Language::Java, Language::Kotlin]),
        (dotnet::judge, &[Language::CSharp]),
        (native::judge, &[Language::C, Language::Cpp]),
    ];
    let mut parts: Vec<Part> = Vec::new();
    let mut built: Vec<Language> = Vec::new();
    for (look, languages) in looks {
        let seen = look(cx);
        if seen.iter().any(|part| part.state != State::Unclear) {
            built.extend(languages);
        }
        parts.extend(seen);
    }
    let mut parts = excused(parts);
    parts.extend(grammar::judge(cx, &built));
    if parts.is_empty() {
        let summary = "nothing that is built, and no changed file that can be parsed".to_owned();
        return GateReport::not_applicable(GateId::from(ID), summary);
    }
    baseline::concluded(&cx.copy.without(), parts)
}

/// What looks at the projects of one kind, and the languages in which it builds them.
type Look = (fn(&Cx<'_>) -> Vec<Part>, &'static [Language]);

/// Whether the change touches a file that ends in one of `endings`; so it is taken when what it
/// touches is not known.
fn touches(cx: &Cx<'_>, endings: &[&str]) -> bool {
    let ends = |path: &str| endings.iter().any(|ending| path.ends_with(ending));
    cx.changes.map_or(true, |changes| changes.iter().any(|change| ends(&change.path)))
}

/// A project in `dir` that lacks something on this machine, `why`. Where it is one of several, and the change
/// leaves alone both it and everything that says what any project is made of, the base lacks the same: that
/// is noted.
fn lacking(cx: &Cx<'_>, dir: &str, what: &str, why: &str, evidence: Vec<Evidence>) -> Part {
    let message = format!("{what}: {why}");
    let Ok(changes) = cx.changes else { return Part::unclear(message, evidence) };
    let matters = |path: &str| {
        is_under(path, dir)
            || matches!(kind(path), Kind::Manifest | Kind::Lock | Kind::Harness)
            || file_name(path).starts_with("go.")
    };
    if dir.is_empty() || changes.iter().any(|change| matters(&change.path)) {
        return Part::unclear(message, evidence);
    }
    let note = finding(NOT_BUILT, Severity::Note, None, &*message, "");
    Part::unclear(message, evidence).noting([note])
}

/// The rule by which a project is excused that could not be built before either.
const NOT_BUILT: &str = "build/not-built";

/// The same where something else was built: then what says nothing about the change makes nothing unclear.
fn excused(mut parts: Vec<Part>) -> Vec<Part> {
    if parts.iter().any(|part| part.state == State::Held) {
        let is_noted = |part: &&mut Part| {
            part.state == State::Unclear && part.findings.iter().any(|one| one.rule == NOT_BUILT)
        };
        parts.iter_mut().filter(is_noted).for_each(|part| part.state = State::Held);
    }
    parts
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
