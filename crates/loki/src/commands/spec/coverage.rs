//! `loki spec coverage`: which evidence shows which requirement.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use loki_model::Requirement;
use loki_spec::{Mentions, Names};
use serde_json::{Value, json};

use super::links::Tests;
use super::{show, state};
use crate::commands::Done;
use crate::context::Context;
use crate::error::environment;
use crate::output;

/// Where the last judgement of the checkout is.
const EVIDENCE_PATH: &str = ".loki/verify/evidence.json";

/// A longer document is not read.
const EVIDENCE_BYTES_MAX: u64 = 256 << 20;

/// How far a requirement, or one piece of evidence of it, is shown. Ordered: less is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Status {
    /// What names it failed in the last judgement.
    Failing,
    /// What names it was not judged, or the files changed since.
    Stale,
    /// What names it held in the last judgement of these very files.
    Covered,
    /// Nothing names it.
    None,
}

impl Status {
    pub(super) fn label(self) -> &'static str {
        match self {
            Status::Failing => "failing",
            Status::Stale => "stale",
            Status::Covered => "covered",
            Status::None => "none",
        }
    }
}

/// One piece of evidence of one requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// `test` or `command`.
    pub(super) kind: &'static str,
    /// `path > name` of a test, the gate's name for a command.
    pub(super) name: String,
    pub(super) status: Status,
}

/// The last judgement, as far as it matters here.
pub(super) struct Judgement {
    document: Value,
    is_stale: bool,
}

impl Judgement {
    /// The last one at `root`; stale when a file was written after it.
    pub(super) fn read(root: &Path, tests: &Tests) -> Option<Judgement> {
        let path = root.join(EVIDENCE_PATH);
        let meta = std::fs::metadata(&path).ok()?;
        if !meta.is_file() || meta.len() > EVIDENCE_BYTES_MAX {
            return None;
        }
        let document: Value = serde_json::from_slice(&std::fs::read(&path).ok()?).ok()?;
        let is_known = document["schema_version"] == loki_verify::SCHEMA_VERSION;
        let ended: jiff::Timestamp = document["judged_at"].as_str()?.parse().ok()?;
        let took = Duration::from_millis(document["duration_ms"].as_u64()?);
        // What was written while it was judged may not have been seen.
        let began = SystemTime::from(ended).checked_sub(took)?;
        let is_stale = tests.is_cut || tests.newest.is_none_or(|newest| newest > began);
        is_known.then_some(Judgement { document, is_stale })
    }

    fn gates(&self) -> impl Iterator<Item = &Value> {
        self.document["gates"].as_array().into_iter().flatten()
    }

    fn of_test(&self, test: &str) -> Status {
        let (path, name) = test.split_once(" > ").unwrap_or((test, ""));
        let own = name.rsplit([' ', ':', '.']).next().unwrap_or(name);
        let names_it = |finding: &Value| {
            let message = finding["message"].as_str().unwrap_or_default();
            let detail = finding["detail"].as_str().unwrap_or_default();
            let says = [message, detail].iter().any(|text| text.contains(path));
            let is_at = finding["location"]["path"] == path || says;
            is_at && (own.is_empty() || message.contains(own)) && finding["severity"] != "note"
        };
        let of_tests = |gate: &&Value| {
            ["tests", "base-tests", "new-tests"].iter().any(|id| gate["gate"] == *id)
        };
        let mut findings =
            self.gates().filter(of_tests).flat_map(|gate| gate["findings"].as_array()).flatten();
        let has_passed =
            self.gates().any(|gate| gate["gate"] == "tests" && gate["judgement"] == "pass");
        match () {
            () if findings.any(names_it) => Status::Failing,
            () if has_passed && !self.is_stale => Status::Covered,
            () => Status::Stale,
        }
    }

    /// Commands that the project declares as gates and that name the requirement.
    fn commands(&self, names: &Names) -> Vec<Piece> {
        let own = loki_verify::gate_names();
        let is_declared =
            |gate: &&Value| gate["gate"].as_str().is_some_and(|id| !own.contains(&id));
        let declared = self.gates().filter(is_declared);
        let named = declared.filter(|gate| {
            let argv = gate["evidence"].as_array().into_iter().flatten();
            let argv = argv.flat_map(|one| one["run"]["argv"].as_array()).flatten();
            let said: Vec<&str> = argv.chain([&gate["gate"]]).filter_map(Value::as_str).collect();
            Mentions::of(&said.join("\n")).has(names)
        });
        let piece = |gate: &Value| Piece {
            kind: "command",
            name: gate["gate"].as_str().unwrap_or_default().to_owned(),
            status: match gate["judgement"].as_str() {
                Some("pass") if !self.is_stale => Status::Covered,
                Some("fail" | "concern") => Status::Failing,
                _ => Status::Stale,
            },
        };
        named.map(piece).collect()
    }
}

/// All evidence of a requirement, tests first.
pub(super) fn pieces(
    requirement: &Requirement,
    tests: &Tests,
    judgement: Option<&Judgement>,
) -> Vec<Piece> {
    let status = |test: &str| judgement.map_or(Status::Stale, |judged| judged.of_test(test));
    let of = tests.of.get(&requirement.id).into_iter().flatten();
    let tests = of.map(|test| Piece { kind: "test", name: test.clone(), status: status(test) });
    let commands = judgement.map(|judged| judged.commands(&Names::of(requirement)));
    tests.chain(commands.into_iter().flatten()).collect()
}

/// What all evidence of a requirement amounts to: one failure outweighs everything.
pub(super) fn status(pieces: &[Piece]) -> Status {
    match () {
        () if pieces.iter().any(|piece| piece.status == Status::Failing) => Status::Failing,
        () if pieces.iter().any(|piece| piece.status == Status::Covered) => Status::Covered,
        () if pieces.is_empty() => Status::None,
        () => Status::Stale,
    }
}

/// One row of the matrix.
struct Row {
    requirement: Requirement,
    status: Status,
    pieces: Vec<Piece>,
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
    let judgement = Judgement::read(&root, &tests);
    let rows: Vec<Row> = requirements
        .into_iter()
        .map(|requirement| {
            let pieces = pieces(&requirement, &tests, judgement.as_ref());
            Row { status: status(&pieces), requirement, pieces }
        })
        .collect();
    if let Some(path) = html {
        let path = cx.directory.join(path);
        std::fs::write(&path, page(&rows)).map_err(environment)?;
    }
    match () {
        () if cx.json => output::json(&document(&rows)),
        () if is_markdown => output::data(markdown(&rows).trim_end()),
        () => lines(&rows).iter().for_each(|line| output::data(line)),
    }
    if judgement.is_none() && !cx.quiet && !cx.json {
        output::talk("nothing was judged here yet: loki verify");
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

const ALL: [Status; 4] = [Status::Covered, Status::Failing, Status::Stale, Status::None];

fn count(rows: &[Row], status: Status) -> usize {
    rows.iter().filter(|row| row.status == status).count()
}

fn summary(rows: &[Row]) -> String {
    let counts = ALL.map(|status| format!("{} {}", count(rows, status), status.label()));
    format!("{} requirements: {}", rows.len(), counts.join(", "))
}

fn lines(rows: &[Row]) -> Vec<String> {
    let mut lines = Vec::new();
    for Row { requirement, status, pieces } in rows {
        lines.push(format!("{:<8} {}  {}", status.label(), requirement.id, requirement.text));
        let piece = |piece: &Piece| {
            format!("           {} {} ({})", piece.kind, piece.name, piece.status.label())
        };
        lines.extend(pieces.iter().map(piece));
    }
    lines.push(summary(rows));
    lines
}

fn document(rows: &[Row]) -> Value {
    let row = |row: &Row| {
        let piece = |piece: &Piece| json!({ "kind": piece.kind, "name": piece.name, "status": piece.status.label() });
        json!({
            "id": row.requirement.id,
            "text": row.requirement.text,
            "priority": row.requirement.priority,
            "status": row.status.label(),
            "evidence": row.pieces.iter().map(piece).collect::<Vec<_>>(),
        })
    };
    let summary: serde_json::Map<String, Value> =
        ALL.iter().map(|status| (status.label().to_owned(), json!(count(rows, *status)))).collect();
    json!({
        "schema_version": 1,
        "summary": summary,
        "requirements": rows.iter().map(row).collect::<Vec<_>>(),
    })
}

fn markdown(rows: &[Row]) -> String {
    let cell = |text: &str| text.replace('\\', "\\\\").replace('|', "\\|").replace('\n', " ");
    let mut out =
        format!("{}\n\n| requirement | status | evidence |\n|---|---|---|\n", summary(rows));
    for Row { requirement, status, pieces } in rows {
        let evidence: Vec<String> = pieces
            .iter()
            .map(|one| cell(&format!("{} ({})", one.name, one.status.label())))
            .collect();
        // Writing to a String can not fail.
        let _ = writeln!(
            out,
            "| {} {} | {} | {} |",
            cell(&requirement.id.0),
            cell(&requirement.text),
            status.label(),
            evidence.join("<br>")
        );
    }
    out
}

/// One page without anything from elsewhere.
fn page(rows: &[Row]) -> String {
    let safe = |text: &str| {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    };
    let mut body = String::new();
    for Row { requirement, status, pieces } in rows {
        let evidence: String = pieces
            .iter()
            .map(|one| {
                let (label, name) = (one.status.label(), safe(&one.name));
                format!("<li class=\"{label}\">{} {name} ({label})</li>", one.kind)
            })
            .collect();
        let (id, text) = (safe(&requirement.id.0), safe(&requirement.text));
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
