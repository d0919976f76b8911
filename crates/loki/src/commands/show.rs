//! `loki show`

use loki_model::{GateReport, Run};
use loki_store::Store;
use serde_json::json;

use super::{Done, ledger, status};
use crate::cli::RunArgs;
use crate::context::Context;
use crate::output;
use crate::view::render::{finding_lines, one_line};
use crate::view::reports;

/// Everything that is known of a run: how it stands, what each gate saw, where things are.
pub(super) fn show(args: &RunArgs, cx: &Context) -> Done {
    let (store, run) = cx.open_run(args.run.as_deref())?;
    let reports = match &run.judged {
        Some((judged, _)) => reports(&store, &judged.reports),
        None => Vec::new(),
    };
    if cx.json {
        let mut document = status::document(&store, &run);
        document["reports"] = json!(reports);
        document["evidence"] = json!(run.evidence);
        document["result"] = json!(run.result);
        document["plan"] = json!(run.plan);
        output::json(&document);
    } else {
        for line in text(&store, &run, &reports) {
            output::data(&line);
        }
    }
    Ok(0)
}

fn text(store: &Store, run: &Run, reports: &[GateReport]) -> Vec<String> {
    let mut lines = status::text(store, run);
    if let Some(result) = &run.result {
        lines.push(format!("result     {result}"));
    }
    if let Some(evidence) = &run.evidence {
        lines.push(format!("evidence   sha256 {evidence}"));
    }
    lines.extend(ledger::all(run));
    for report in reports {
        let judgement = report.judgement().label();
        let summary = one_line(report.summary(), 160);
        lines.push(format!("\n{} · {judgement} · {summary}", report.gate()));
        for finding in report.findings() {
            lines.extend(finding_lines(finding).iter().map(|line| line.plain()));
        }
    }
    if let Some(call) = run.last_call.as_ref().filter(|call| !call.final_text.is_empty()) {
        lines.push("\nlast words of the agent (a claim, not evidence)".to_owned());
        lines.extend(call.final_text.lines().map(|line| format!("  > {}", one_line(line, 200))));
    }
    lines
}
