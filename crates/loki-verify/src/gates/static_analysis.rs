//! Requires that the project's own linters and type checkers find nothing new, or loki's own rules where the
//! project has none.
//!
//! They look at the judged tree and at the base, both under the settings of the base.

use loki_model::{ChangeKind, Evidence, Finding, GateId, GateReport, Location, Severity};

use super::described::{Described, Runs};
use super::verdicts::{Basis, worst_and_more};
use super::{Cx, NOT_RUN, chain, finding};
use crate::kind::{Kind, kind};
use crate::layout::is_data;
use crate::reported::{Reported, new_in};
use crate::variant::beside;
use crate::waiver::waive;
use own::Look;
use project::{Project, Use};
use run::{Seen, run};
use tool::Tool;

mod biome;
mod clippy;
mod eslint;
mod excluded;
mod flake8;
mod go_vet;
mod golangci;
mod mypy;
mod own;
mod phpstan;
mod project;
mod pylint;
mod pyright;
mod reported;
mod rubocop;
mod ruff;
mod run;
mod shellcheck;
mod staticcheck;
#[cfg(test)]
mod tests;
mod tool;

/// This gate's name.
pub(crate) const ID: &str = "static-analysis";

/// What there is to say about it.
pub(crate) const GATE: Described = Described {
    id: ID,
    must_hold: "the linters and type checkers that the project uses find nothing new in changed files, and \
          neither do loki's own rules where it uses none",
    why: "A linter that the project runs in its own automation turns red there anyway; until then, what \
          it knows about the change is lost. Old findings say nothing about the change.",
    evidence: "One command for each tool over the judged tree, and one over the base where there was \
          anything to compare. Both under the base's settings. One inspection of changed code in languages \
          of which no tool is configured.",
    cannot_tell: "Anything that no tool looks for, and anything where a tool is not installed: that is a \
          note. Findings in files that the change does not touch are not counted, and neither are rules \
          that the base breaks in the same place, since nobody keeps them.",
    runs: Runs::InPart,
    rules: reported::RULES,
    judge,
};

/// Every tool that is known.
const TOOLS: &[&Tool] = &[
    &ruff::TOOL,
    &flake8::TOOL,
    &mypy::TOOL,
    &pyright::TOOL,
    &pylint::TOOL,
    &eslint::TOOL,
    &biome::TOOL,
    &clippy::TOOL,
    &go_vet::TOOL,
    &staticcheck::TOOL,
    &golangci::TOOL,
    &shellcheck::TOOL,
    &rubocop::TOOL,
    &phpstan::TOOL,
];

/// Runs the project's own tools.
pub(crate) fn judge(cx: &Cx<'_>) -> GateReport {
    let id = GateId::from(ID);
    let unknown = |why: String| GateReport::inconclusive(id.clone(), why, Vec::new(), Vec::new());
    if let Err(error) = cx.changes {
        return unknown(format!("what changed is not known: {error}"));
    }
    let project = match Project::at_base(cx, TOOLS) {
        Ok(project) => project,
        Err(error) => return unknown(format!("the base could not be read: {}", chain(&error))),
    };
    let is_covered = |path: &str| {
        let mut endings = project.tools.iter().flat_map(|tool| tool.endings);
        endings.any(|end| path.ends_with(end))
    };
    let own = match own::look(cx, &is_covered) {
        Ok(own) => own,
        Err(error) => return unknown(format!("what changed could not be read: {error}")),
    };
    let uses = project.uses(&touched(cx));
    if uses.is_empty() && own.evidence.is_none() {
        let summary = match project.tools.as_slice() {
            [] => "no linter or type checker is configured, and no code is changed".to_owned(),
            tools => {
                let names: Vec<&str> = tools.iter().map(|tool| tool.name).collect();
                format!("the change touches no file for {}", names.join(", "))
            }
        };
        return GateReport::not_applicable(id, summary);
    }
    let (ready, missing): (Vec<Use<'_>>, Vec<Use<'_>>) =
        uses.into_iter().partition(|used| used.program(cx).is_some());
    let notes: Vec<Finding> = missing.iter().map(not_installed).collect();
    if ready.is_empty() && own.evidence.is_none() {
        let names: Vec<&str> = missing.iter().map(|used| used.tool.name).collect();
        let summary = format!("{}: configured, and not installed here", names.join(", "));
        return GateReport::not_applicable(id, summary).noting(notes);
    }
    let not_run = ready.iter().filter(|_| !cx.config.runs);
    let unclear: Vec<String> =
        not_run.map(|used| format!("{}: {NOT_RUN}", used.tool.name)).collect();
    let may_run = cx.config.runs && !ready.is_empty();
    let compared = if may_run { compared(cx, &project, &ready) } else { Ok(Vec::new()) };
    match compared {
        Ok(seen) => told(cx, &project, seen, unclear, own, notes),
        Err(error) => unknown(format!("the tools could not be run: {error}")),
    }
}

/// Files of the project that the change adds or alters.
fn touched<'a>(cx: &Cx<'a>) -> Vec<&'a str> {
    let changes = cx.changes.unwrap_or(&[]);
    let is_looked_at = |path: &str| {
        cx.layout.is_own(path)
            && !is_data(path)
            && !matches!(kind(path), Kind::Fixture | Kind::Foreign)
    };
    changes
        .iter()
        .filter(|change| change.kind != ChangeKind::Deleted && !change.binary)
        .map(|change| change.path.as_str())
        .filter(|path| is_looked_at(path))
        .collect()
}

fn not_installed(used: &Use<'_>) -> Finding {
    let Tool { name, install, .. } = used.tool;
    let message = format!("{name} is configured and not installed here: {install}");
    finding("static-analysis/not-installed", Severity::Note, None, message, "")
}

/// What one tool showed of both states.
struct Compared<'a> {
    used: &'a Use<'a>,
    head: Seen,
    /// Nothing where there was nothing to compare.
    base: Option<Seen>,
}

fn compared<'a>(
    cx: &Cx<'_>,
    project: &Project,
    uses: &'a [Use<'a>],
) -> Result<Vec<Compared<'a>>, String> {
    let tree = project.judged_tree(cx)?;
    let run = |cx: &Cx<'_>, used: &Use<'_>| run(cx, used, &project.automation);
    let heads: Vec<Seen> = beside(cx, &tree, |cx| uses.iter().map(|used| run(cx, used)).collect())?;
    let is_open = |seen: &Seen| seen.doubt.is_some() || !seen.found.is_empty();
    let mut bases: Vec<Option<Seen>> = Vec::new();
    if heads.iter().any(is_open) {
        let changes = cx.changes.unwrap_or(&[]);
        bases = beside(cx, cx.subject.base, |cx| {
            let pairs = uses.iter().zip(&heads);
            pairs
                .map(|(used, head)| {
                    is_open(head).then(|| run(cx, &used.as_before(changes, &project.layout)))
                })
                .collect()
        })?;
    }
    bases.resize_with(heads.len(), || None);
    let all = uses.iter().zip(heads).zip(bases);
    Ok(all.map(|((used, head), base)| Compared { used, head, base }).collect())
}

fn told(
    cx: &Cx<'_>,
    project: &Project,
    all: Vec<Compared<'_>>,
    mut unclear: Vec<String>,
    own: Look,
    mut findings: Vec<Finding>,
) -> GateReport {
    let mut evidence: Vec<Evidence> = Vec::new();
    let mut looked: Vec<&str> = Vec::new();
    for Compared { used, head, base } in all {
        let name = used.tool.name;
        evidence.extend(head.evidence);
        let base = base.unwrap_or_default();
        evidence.extend(base.evidence);
        match (head.doubt, base.doubt) {
            (None, None) => {
                looked.push(name);
                findings.extend(news(cx, project, used, head.found, &base.found));
            }
            (Some(why), None) => {
                unclear.push(format!("{name}: {why}; it could be run on the base"));
            }
            (None, Some(why)) => unclear.push(format!("{name}: what is new is not known: {why}")),
            // It says more about this machine than about the change.
            (Some(why), Some(_)) => {
                let message = format!("{name} could not be run, and neither on the base: {why}");
                findings.push(finding(
                    "static-analysis/not-run",
                    Severity::Note,
                    None,
                    message,
                    "",
                ));
            }
        }
    }
    if own.evidence.is_some() {
        looked.push("loki's own rules");
    }
    evidence.extend(own.evidence);
    findings.extend(own.findings);
    let id = GateId::from(ID);
    if let Some(why) = unclear.first() {
        let is_open = |finding: &Finding| finding.severity > Severity::Note;
        if !findings.iter().any(is_open) {
            let summary = crate::text::one_line(why, SUMMARY_BYTES_MAX);
            return GateReport::inconclusive(id, summary, findings, evidence);
        }
        let more = unclear.iter().map(|why| {
            finding("static-analysis/not-run", Severity::Warning, None, why.as_str(), "")
        });
        findings.extend(more);
    }
    if looked.is_empty() && unclear.is_empty() {
        let summary = "no tool that is configured could be run here".to_owned();
        return GateReport::not_applicable(id, summary).noting(findings);
    }
    looked.dedup();
    waive(cx, &mut findings);
    let none = format!("{}: nothing new", looked.join(", "));
    Basis { findings, left_out: own.left_out, evidence }.conclude(cx, ID, none, worst_and_more)
}

/// Bytes of a summary.
const SUMMARY_BYTES_MAX: usize = 400;

/// What is new, as findings.
fn news(
    cx: &Cx<'_>,
    project: &Project,
    used: &Use<'_>,
    found: Vec<Reported>,
    base: &[Reported],
) -> Vec<Finding> {
    let changes = cx.changes.unwrap_or(&[]);
    let touched = |one: &Reported| {
        one.path.as_ref().is_some_and(|path| used.files.iter().any(|file| file == path))
    };
    let found: Vec<Reported> = found.into_iter().filter(touched).collect();
    let new = new_in(found, base, changes);
    new.iter().map(|one| news_of(cx, project, used.tool, one, base)).collect()
}

fn news_of(
    cx: &Cx<'_>,
    project: &Project,
    tool: &Tool,
    one: &Reported,
    base: &[Reported],
) -> Finding {
    let name = tool.name;
    let is_of_machine = tool.of_machine.contains(&one.rule.as_str());
    let severity = match one.severity.unwrap_or(Severity::Error) {
        _ if is_of_machine || !is_kept(one, base) => Severity::Note,
        Severity::Warning if project.denies(tool) => error(cx),
        Severity::Error => error(cx),
        Severity::Warning | Severity::Note => Severity::Note,
    };
    let rule = if one.rule.is_empty() { "finding" } else { one.rule.as_str() };
    let place = one.path.clone().map(|path| Location { path, line: one.line });
    let id = format!("{ID}/{}:{rule}", name.replace(' ', "-"));
    finding(&id, severity, place, format!("{name}: {} ({rule})", one.message), &one.text)
}

/// How bad an error of a tool is.
fn error(cx: &Cx<'_>) -> Severity {
    if cx.config.static_analysis_blocks { Severity::Error } else { Severity::Warning }
}

/// Whether the base keeps the rule of a finding where the finding is: in the same directory, or among
/// tests for one in a test. A rule that it breaks there is not one that the project minds.
fn is_kept(one: &Reported, base: &[Reported]) -> bool {
    let Some(path) = &one.path else { return true };
    let is_test = |path: &str| kind(path) == Kind::Test;
    let dir = crate::layout::parent(path);
    !base.iter().filter(|other| other.rule == one.rule).any(|other| {
        other.path.as_deref().is_some_and(|other| {
            is_test(other) == is_test(path)
                && (is_test(path) || crate::layout::parent(other) == dir)
        })
    })
}
