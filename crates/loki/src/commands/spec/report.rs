//! `loki spec status` and `loki spec diff`: what is not as it was locked.

use std::path::Path;

use console::Style;
use loki_model::{Requirement, RequirementId};
use loki_spec::{Drift, Entry, Kind, Lock, PartKind, drift, operation, word_diff};
use loki_verify::{CoverageStatus, unnamed_routes};
use serde_json::{Value, json};

use super::coverage::{Judgement, shown};
use super::links::Tests;
use super::state::{self, LOCK_PATH, Sources};
use super::{Done, EXIT_DRIFT};
use crate::cli::ReportArgs;
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::output::{self, harmless};

/// The version of `drift-report.json`. See `docs/formats/spec.md`.
const SCHEMA_VERSION: u32 = 1;

pub(super) fn status(args: &ReportArgs, cx: &Context) -> Done {
    let report = Report::make(args, cx)?;
    report.publish(args, cx)?;
    if cx.json {
        output::json(&report.document());
    } else {
        report.summary().iter().for_each(|line| output::painted(line));
    }
    Ok(report.exit_code())
}

pub(super) fn diff(args: &ReportArgs, cx: &Context) -> Done {
    let report = Report::make(args, cx)?;
    report.publish(args, cx)?;
    if cx.json {
        output::json(&report.document());
    } else {
        let lines: Vec<String> = report.drift.entries.iter().flat_map(entry_lines).collect();
        lines.iter().for_each(|line| output::painted(line));
        report.lost_lines().iter().for_each(|line| output::painted(line));
        if lines.is_empty() && report.lost.is_empty() {
            output::data("in sync: nothing differs");
        }
    }
    Ok(report.exit_code())
}

/// What the code does not show any more, or never did.
struct Lost {
    kind: LostKind,
    /// Of an operation that no requirement is, method and path.
    id: RequirementId,
    what: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LostKind {
    /// A test that showed it is not there any more.
    EvidenceGone,
    /// A test that names it failed in the last judgement.
    EvidenceFailing,
    /// What names it was not judged since the files changed.
    EvidenceStale,
    /// An operation of an API that no test names.
    UntestedOperation,
    /// An operation of the code that no OpenAPI file of the lock has.
    UnnamedOperation,
}

impl LostKind {
    fn label(self) -> &'static str {
        match self {
            LostKind::EvidenceGone => "evidence_gone",
            LostKind::EvidenceFailing => "evidence_failing",
            LostKind::EvidenceStale => "evidence_stale",
            LostKind::UntestedOperation => "untested_operation",
            LostKind::UnnamedOperation => "unnamed_operation",
        }
    }

    fn says(self) -> &'static str {
        match self {
            LostKind::EvidenceGone => "the test that showed it is gone",
            LostKind::EvidenceFailing => "what shows it failed when it was last judged",
            LostKind::EvidenceStale => "what shows it was not judged since files changed",
            LostKind::UntestedOperation => "no test names this operation or its path",
            LostKind::UnnamedOperation => "the code has this operation and the spec has not",
        }
    }
}

struct Report {
    lock: Lock,
    sources: Sources,
    drift: Drift,
    lost: Vec<Lost>,
    is_strict: bool,
}

impl Report {
    fn make(args: &ReportArgs, cx: &Context) -> Result<Report, CommandError> {
        let root = state::root(cx);
        let lock = state::need_lock(&root)?;
        let sources = state::read_sources(&lock, &root, cx)?;
        let drift = drift(&sources.comparable(&lock), &sources.specs);
        let now = Lock::of(&sources.specs, Some(&lock));
        let lost = lost(&lock, &now.requirements, &root, cx);
        Ok(Report { lock, sources, drift, lost, is_strict: args.strict })
    }

    fn publish(&self, args: &ReportArgs, cx: &Context) -> Result<(), CommandError> {
        let directory = match &args.out {
            Some(out) => {
                let out = cx.directory.join(out);
                std::fs::create_dir_all(&out).map_err(environment)?;
                out
            }
            None => loki_verify::verify_dir(&state::root(cx)).map_err(environment)?,
        };
        let bytes = serde_json::to_vec_pretty(&self.document()).map_err(environment)?;
        loki_verify::write_whole(&directory.join("drift-report.json"), &bytes).map_err(environment)
    }

    fn counts(&self, lost: &Lost) -> bool {
        self.is_strict || lost.kind != LostKind::EvidenceStale
    }

    fn is_in_sync(&self) -> bool {
        self.drift.is_none() && !self.lost.iter().any(|lost| self.counts(lost))
    }

    fn exit_code(&self) -> u8 {
        if self.is_in_sync() { 0 } else { EXIT_DRIFT }
    }

    fn summary(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for source in &self.sources.missing {
            lines.push(format!("missing    {} is not there any more", harmless(source)));
        }
        for source in &self.sources.elsewhere {
            lines.push(format!("skipped    {} is no file: not compared", harmless(source)));
        }
        lines.extend(self.drift.entries.iter().map(entry_line));
        lines.extend(self.lost_lines());
        let count = self.lock.requirements.len();
        if self.is_in_sync() {
            lines.push(format!("in sync: {count} requirements as they were locked"));
        } else {
            let entries = self.drift.entries.iter().filter(|entry| entry.kind != Kind::Moved);
            let (text, code) =
                (entries.count(), self.lost.iter().filter(|lost| self.counts(lost)).count());
            lines.push(format!(
                "drift: {text} in the text, {code} in the code, of {count} requirements"
            ));
            if text > 0 {
                lines.push("  see it: loki spec diff    approve it: loki spec sync".to_owned());
            }
        }
        lines
    }

    fn lost_lines(&self) -> Vec<String> {
        let line = |lost: &Lost| {
            let (id, what) = (harmless(&lost.id.0), harmless(&lost.what));
            format!("{:<10} {id}  {}: {what}", "lost", lost.kind.says())
        };
        let (count, stale): (Vec<&Lost>, Vec<&Lost>) =
            self.lost.iter().partition(|lost| self.counts(lost));
        let mut lines: Vec<String> = count.into_iter().map(line).collect();
        if !stale.is_empty() {
            let says = LostKind::EvidenceStale.says();
            lines.push(format!(
                "{:<10} {} requirements: {says}; loki verify",
                "stale",
                stale.len()
            ));
        }
        lines
    }

    fn document(&self) -> Value {
        let mut summary = serde_json::Map::new();
        for kind in
            [Kind::Added, Kind::Removed, Kind::Reworded, Kind::Changed, Kind::Renamed, Kind::Moved]
        {
            let count = self.drift.entries.iter().filter(|entry| entry.kind == kind).count();
            summary.insert(kind.label().to_owned(), json!(count));
        }
        summary.insert("unchanged".to_owned(), json!(self.drift.unchanged));
        summary.insert("lost".to_owned(), json!(self.lost.len()));
        let lost = |lost: &Lost| {
            json!({
                "kind": lost.kind.label(),
                "id": lost.id,
                "what": lost.what,
                "counts": self.counts(lost),
            })
        };
        json!({
            "schema_version": SCHEMA_VERSION,
            "lock": LOCK_PATH,
            "in_sync": self.is_in_sync(),
            "summary": summary,
            "sources": self.lock.sources.keys().collect::<Vec<_>>(),
            "missing_sources": self.sources.missing,
            "not_compared": self.sources.elsewhere,
            "text": self.drift.entries.iter().map(entry_json).collect::<Vec<_>>(),
            "code": self.lost.iter().map(lost).collect::<Vec<_>>(),
        })
    }
}

fn lost(lock: &Lock, now: &[Requirement], root: &Path, cx: &Context) -> Vec<Lost> {
    let tests = Tests::find(root, now);
    let judgement = Judgement::read(root);
    let mut all = Vec::new();
    for one in now {
        let mut add = |kind, what: String| all.push(Lost { kind, id: one.id.clone(), what });
        if let Some(locked) = lock.tests.get(&one.id) {
            for test in tests.gone(root, locked) {
                add(LostKind::EvidenceGone, test.to_owned());
            }
        }
        let shown = shown(one, &tests, judgement.as_ref(), cx);
        for piece in shown.evidence.iter().filter(|piece| piece.status == CoverageStatus::Failing) {
            add(LostKind::EvidenceFailing, piece.name.clone());
        }
        match shown.status {
            CoverageStatus::Stale => add(LostKind::EvidenceStale, one.text.clone()),
            CoverageStatus::None => {
                if let Some((method, path)) = operation(one) {
                    add(LostKind::UntestedOperation, format!("{method} {path}"));
                }
            }
            CoverageStatus::Covered | CoverageStatus::Failing => {}
        }
    }
    let operations: Vec<(String, String)> = now.iter().filter_map(operation).collect();
    all.extend(unnamed_routes(&tests.routes, &operations).into_iter().map(|(path, route)| Lost {
        kind: LostKind::UnnamedOperation,
        id: RequirementId(route.to_string()),
        what: format!("{path}:{}", route.line),
    }));
    all
}

fn tone(kind: Kind) -> Style {
    match kind {
        Kind::Added => Style::new().green(),
        Kind::Removed => Style::new().red(),
        Kind::Reworded | Kind::Changed | Kind::Renamed => Style::new().yellow(),
        Kind::Moved => Style::new().dim(),
    }
}

/// One line for one requirement.
fn entry_line(entry: &Entry) -> String {
    let side = entry.new.as_ref().or(entry.old.as_ref());
    let text = side.map_or("", |side| side.text.as_str());
    let place = entry.new.as_ref().map(|new| format!("  ({})", new.origin)).unwrap_or_default();
    let kind = tone(entry.kind).apply_to(format!("{:<10}", entry.kind.label()));
    format!("{kind} {}  {}", harmless(&entry.id.0), harmless(&format!("{text}{place}")))
}

/// Everything that differs of one requirement. Harmless for a terminal, with its colours.
pub(super) fn entry_lines(entry: &Entry) -> Vec<String> {
    let mut lines = vec![entry_line(entry)];
    let (Some(old), Some(new)) = (&entry.old, &entry.new) else { return lines };
    if entry.differs.text {
        lines.push(format!("    {}", worded(&old.text, &new.text)));
    }
    if let Some(name) = &entry.differs.name {
        lines.push(format!("    name: {}", worded(&entry.id.0, &name.0)));
    }
    if entry.differs.priority {
        let of = super::show::priority;
        lines.push(format!("    priority: {}", worded(of(old), of(new))));
    }
    let items = |sign: &str, style: Style, items: &[String]| -> Vec<String> {
        let line =
            |item: &String| style.apply_to(format!("    {sign} {}", harmless(item))).to_string();
        items.iter().map(line).collect()
    };
    lines.extend(items("-", Style::new().red(), &entry.differs.criteria_removed));
    lines.extend(items("+", Style::new().green(), &entry.differs.criteria_added));
    lines
}

/// `at most [-200-]{+500+} ms`
fn worded(old: &str, new: &str) -> String {
    let part = |part: &loki_spec::Part| {
        let text = harmless(&part.text);
        match part.kind {
            PartKind::Same => text,
            PartKind::Removed => Style::new().red().apply_to(format!("[-{text}-]")).to_string(),
            PartKind::Added => Style::new().green().apply_to(format!("{{+{text}+}}")).to_string(),
        }
    };
    word_diff(old, new).iter().map(part).collect()
}

fn entry_json(entry: &Entry) -> Value {
    let words = |old: &Requirement, new: &Requirement| -> Vec<Value> {
        let part = |part: loki_spec::Part| {
            let kind = match part.kind {
                PartKind::Same => "same",
                PartKind::Removed => "removed",
                PartKind::Added => "added",
            };
            json!({ "kind": kind, "text": part.text })
        };
        word_diff(&old.text, &new.text).into_iter().map(part).collect()
    };
    let both = entry.old.as_ref().zip(entry.new.as_ref()).filter(|_| entry.differs.text);
    json!({
        "id": entry.id,
        "kind": entry.kind,
        "old": entry.old,
        "new": entry.new,
        "name": entry.differs.name,
        "words": both.map(|(old, new)| words(old, new)),
        "criteria_added": entry.differs.criteria_added,
        "criteria_removed": entry.differs.criteria_removed,
    })
}
