//! `loki spec coverage`: which evidence shows which requirement.

use std::cell::OnceCell;
use std::fmt::Write as _;
use std::path::Path;

use loki_model::{GateReport, Requirement, TreeId};
use loki_verify::{Coverage, CoverageStatus, Piece, PieceKind, Shown};
use serde_json::{Value, json};

use super::links::Tests;
use super::{show, state};
use crate::commands::Done;
use crate::context::Context;
use crate::error::environment;
use crate::output;

/// Where the last judgement of the checkout is.
const EVIDENCE_PATH: &str = ".loki/verify/evidence.json";

/// What loki itself writes, from the root.
const OWN_DIR: &str = ".loki/";

/// A longer document is not read.
const EVIDENCE_BYTES_MAX: u64 = 256 << 20;

/// The last judgement, as far as it matters here.
pub(super) struct Judgement {
    coverage: Option<Coverage>,
    reports: Vec<GateReport>,
    tree: String,
    /// Whether the files are not those that were judged; found out when something depends on it.
    is_stale: OnceCell<bool>,
}

impl Judgement {
    /// The last one at `root`.
    pub(super) fn read(root: &Path) -> Option<Judgement> {
        let path = root.join(EVIDENCE_PATH);
        let meta = std::fs::metadata(&path).ok()?;
        if !meta.is_file() || meta.len() > EVIDENCE_BYTES_MAX {
            return None;
        }
        let mut document: Value = serde_json::from_slice(&std::fs::read(&path).ok()?).ok()?;
        if document["schema_version"] != loki_verify::SCHEMA_VERSION {
            return None;
        }
        let reports = serde_json::from_value(document["gates"].take()).ok()?;
        let coverage = serde_json::from_value(document["spec"].take()).ok()?;
        let tree = document["tree"].as_str()?.to_owned();
        Some(Judgement { coverage, reports, tree, is_stale: OnceCell::new() })
    }

    /// What was seen then, as far as it still says something.
    fn now(&self, seen: CoverageStatus, cx: &Context) -> CoverageStatus {
        let is_stale = || *self.is_stale.get_or_init(|| !is_as_judged(&self.tree, cx));
        if seen == CoverageStatus::Covered && is_stale() { CoverageStatus::Stale } else { seen }
    }

    /// Whether it looked at tests one by one.
    fn knows_tests(&self) -> bool {
        self.coverage.is_some()
    }
}

/// Whether the files of the checkout are those of `tree`. What loki keeps beside them is not judged.
fn is_as_judged(tree: &str, cx: &Context) -> bool {
    let compare = || -> Option<bool> {
        let judged = TreeId::try_from(tree.to_owned()).ok()?;
        let repo = cx.repo().ok()?;
        let now = repo.snapshot(repo.root()).ok()?;
        if now == judged {
            return Some(true);
        }
        let changes = repo.diff(&judged, &now).ok()?;
        Some(changes.iter().all(|change| change.path.starts_with(OWN_DIR)))
    };
    compare() == Some(true)
}

/// A requirement with all evidence that there is of it, tests first.
pub(super) fn shown(
    requirement: &Requirement,
    tests: &Tests,
    judgement: Option<&Judgement>,
    cx: &Context,
) -> Shown {
    let test = |name: &String| {
        let seen = judgement.and_then(|judged| {
            let seen = judged.coverage.as_ref()?.of_test(name)?;
            Some(judged.now(seen, cx))
        });
        let status = seen.unwrap_or(CoverageStatus::Stale);
        Piece { kind: PieceKind::Test, name: name.clone(), status }
    };
    let mut evidence: Vec<Piece> =
        tests.of.get(&requirement.id).into_iter().flatten().map(test).collect();
    if let Some(judged) = judgement {
        let files = judged.coverage.iter().flat_map(|known| known.files(&requirement.id));
        let commands = loki_verify::commands(requirement, &judged.reports);
        evidence.extend(
            commands
                .into_iter()
                .chain(files)
                .map(|piece| Piece { status: judged.now(piece.status, cx), ..piece }),
        );
    }
    Shown::of(requirement, evidence)
}

pub(super) fn coverage(
    specs: &[String],
    is_markdown: bool,
    html: Option<&Path>,
    cx: &Context,
) -> Done {
    let root = state::root(cx);
    let requirements = requirements(specs, &root, cx)?;
    let tests = Tests::find(&root, &requirements);
    let judgement = Judgement::read(&root);
    let rows: Vec<Shown> =
        requirements.iter().map(|one| shown(one, &tests, judgement.as_ref(), cx)).collect();
    if let Some(path) = html {
        let path = cx.directory.join(path);
        std::fs::write(&path, page(&rows)).map_err(environment)?;
    }
    match () {
        () if cx.json => output::json(&document(&rows)),
        () if is_markdown => output::data(markdown(&rows).trim_end()),
        () => lines(&rows).iter().for_each(|line| output::data(line)),
    }
    if !cx.quiet && !cx.json {
        match &judgement {
            None => output::talk("nothing was judged here yet: loki verify"),
            Some(judged) if !judged.knows_tests() => output::talk(
                "the last judgement knew of no spec: loki verify --spec FILE, or loki spec lock FILE",
            ),
            Some(_) => {}
        }
    }
    Ok(0)
}

fn requirements(
    specs: &[String],
    root: &Path,
    cx: &Context,
) -> Result<Vec<Requirement>, crate::error::CommandError> {
    match state::read_lock(root)? {
        Some(lock) if specs.is_empty() => {
            let sources = state::read_sources(&lock, root, cx)?;
            let now = loki_spec::Lock::of(&sources.specs, Some(&lock));
            Ok(now.requirements)
        }
        _ => Ok(show::read(specs, cx)?.requirements),
    }
}

fn count(rows: &[Shown], status: CoverageStatus) -> usize {
    rows.iter().filter(|row| row.status == status).count()
}

fn summary(rows: &[Shown]) -> String {
    let counts =
        CoverageStatus::ALL.map(|status| format!("{} {}", count(rows, status), status.label()));
    format!("{} requirements: {}", rows.len(), counts.join(", "))
}

fn lines(rows: &[Shown]) -> Vec<String> {
    let mut lines = Vec::new();
    for Shown { id, text, status, evidence, .. } in rows {
        lines.push(format!("{:<8} {id}  {text}", status.label()));
        let piece = |piece: &Piece| {
            let (kind, status) = (piece.kind.label(), piece.status.label());
            format!("           {kind} {} ({status})", piece.name)
        };
        lines.extend(evidence.iter().map(piece));
    }
    lines.push(summary(rows));
    lines
}

fn document(rows: &[Shown]) -> Value {
    let summary: serde_json::Map<String, Value> = CoverageStatus::ALL
        .iter()
        .map(|status| (status.label().to_owned(), json!(count(rows, *status))))
        .collect();
    json!({ "schema_version": 1, "summary": summary, "requirements": rows })
}

fn markdown(rows: &[Shown]) -> String {
    let cell = |text: &str| text.replace('\\', "\\\\").replace('|', "\\|").replace('\n', " ");
    let mut out =
        format!("{}\n\n| requirement | status | evidence |\n|---|---|---|\n", summary(rows));
    for Shown { id, text, status, evidence, .. } in rows {
        let evidence: Vec<String> = evidence
            .iter()
            .map(|one| cell(&format!("{} ({})", one.name, one.status.label())))
            .collect();
        // Writing to a String can not fail.
        let _ = writeln!(
            out,
            "| {} {} | {} | {} |",
            cell(&id.0),
            cell(text),
            status.label(),
            evidence.join("<br>")
        );
    }
    out
}

/// One page without anything from elsewhere.
fn page(rows: &[Shown]) -> String {
    let safe = |text: &str| {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    };
    let mut body = String::new();
    for Shown { id, text, status, evidence, .. } in rows {
        let evidence: String = evidence
            .iter()
            .map(|one| {
                let (label, name) = (one.status.label(), safe(&one.name));
                format!("<li class=\"{label}\">{} {name} ({label})</li>", one.kind.label())
            })
            .collect();
        let (id, text) = (safe(&id.0), safe(text));
        let label = status.label();
        let _ = writeln!(
            body,
            "<tr><td><code>{id}</code></td><td>{text}</td><td class=\"{label}\">{label}</td>\
             <td><ul>{evidence}</ul></td></tr>"
        );
    }
    let summary = summary(rows);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Coverage of the spec</title>\n\
         <style>body{{font:16px/1.5 system-ui;margin:2rem}}table{{border-collapse:collapse}}\
         td,th{{border-bottom:1px solid #ccc;padding:.4rem .8rem;text-align:left;vertical-align:top}}\
         ul{{margin:0;padding:0;list-style:none}}.covered{{color:#17692c}}.failing{{color:#a4131b}}\
         .stale{{color:#7a4d00}}.none{{color:#555}}</style>\n<h1>Coverage of the spec</h1>\n<p>{summary}</p>\n\
         <table>\n<tr><th>id</th><th>requirement</th><th>status</th><th>evidence</th></tr>\n{body}</table>\n</html>\n"
    )
}
