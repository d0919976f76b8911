//! `report.md`: what was concluded and what that rests on, for people.

use std::fmt::Write as _;

use loki_model::{
    CommandRun, Confinement, Evidence, Finding, GateId, Judgement, Layer, Priority, Role,
    SandboxLevel, Severity, TreeId, Verdict,
};

use crate::coverage::{CoverageStatus, Shown};
use crate::document::{Judged, instant};
use crate::text::{clip, one_line, plain};

/// Findings that are shown of one gate; `evidence.json` has them all.
const FINDINGS_SHOWN_MAX: usize = 25;

/// Bytes of a finding's detail that are shown.
const DETAIL_BYTES_SHOWN_MAX: usize = 2 * 1024;

/// Bytes of one line that are shown.
const LINE_BYTES_MAX: usize = 400;

/// The whole judgement as Markdown: the verdict first, then gates, findings, what was not shown, and
/// how to run every command again.
///
/// Text from the repository is quoted so that it can not pass for the report's own words.
pub fn report_markdown(judged: &Judged<'_>) -> String {
    let mut out = String::new();
    headline(&mut out, judged);
    gates_table(&mut out, judged);
    findings(&mut out, judged);
    shown(&mut out, judged);
    not_shown(&mut out, judged);
    sandbox(&mut out, judged);
    commands(&mut out, judged);
    out
}

/// Appends one line; writing to a `String` can not fail.
macro_rules! line {
    ($out:expr) => { $out.push('\n') };
    ($out:expr, $($text:tt)*) => {{ let _ = writeln!($out, $($text)*); }};
}

fn headline(out: &mut String, judged: &Judged<'_>) {
    let verdict = judged.verdict();
    let counted = judged.counted();
    let meaning = match verdict {
        Verdict::Verified if counted.is_some() => {
            "Every gate that counted was looked at and holds."
        }
        Verdict::Verified => "Everything that had to hold was looked at and holds.",
        Verdict::Concerns => "Nothing that had to hold is broken, and not all of it was shown.",
        Verdict::Blocked => "Something that had to hold does not, or was not looked at.",
    };
    line!(out, "# {}\n", verdict.label());
    line!(out, "{meaning}\n");
    if let Some(counted) = counted {
        line!(out, "**Only {counted} counted**; the others were left out.\n");
    }
    if let Some(spec) = judged.coverage {
        line!(out, "- Spec: {} (`{}`)", code(&spec.title), spec.digest.short());
    }
    line!(out, "- Commit: `{}`, tree `{}`", judged.commit.short(), judged.tree.short());
    line!(out, "- Compared with tree `{}`", judged.base.short());
    line!(
        out,
        "- Judged at {} in {} by loki {}",
        instant(judged.judged_at),
        seconds(judged.duration_ms),
        judged.tool_version
    );
    line!(out);
}

fn gates_table(out: &mut String, judged: &Judged<'_>) {
    line!(out, "## Gates\n");
    line!(out, "| gate | counts as | judgement | why | time |");
    line!(out, "|---|---|---|---|---|");
    for report in judged.gates {
        let role = match judged.policy.roles.get(report.gate()) {
            Some(Role::Required) => "required",
            Some(Role::Advisory) => "advisory",
            None => "off",
        };
        line!(
            out,
            "| {} | {role} | {} | {} | {} |",
            report.gate(),
            report.judgement().label(),
            cell(report.summary()),
            seconds(report.duration_ms())
        );
    }
    for (gate, reason) in judged.left_out {
        line!(out, "| {gate} | off | left out | {} | – |", cell(reason));
    }
    for gate in missing(judged) {
        line!(out, "| {gate} | – | not run | it gave no judgement | – |");
    }
    line!(out);
}

/// Gates that count and gave no judgement.
fn missing<'a>(judged: &'a Judged<'_>) -> impl Iterator<Item = &'a GateId> {
    let judges = |gate: &GateId| judged.gates.iter().any(|report| report.gate() == gate);
    judged.policy.roles.keys().filter(move |gate| !judges(gate))
}

fn findings(out: &mut String, judged: &Judged<'_>) {
    if judged.gates.iter().all(|gate| gate.findings().is_empty())
        && judged.config_findings.is_empty()
    {
        return;
    }
    line!(out, "## Findings\n");
    let mut shown: Vec<&Finding> = Vec::new();
    for gate in judged.gates {
        let mut own: Vec<&Finding> = gate.findings().iter().collect();
        own.sort_by_key(worst_first);
        shown.extend(own.into_iter().take(FINDINGS_SHOWN_MAX));
    }
    shown.extend(judged.config_findings);
    shown.sort_by_key(worst_first);
    shown.into_iter().for_each(|finding| one_finding(out, finding));
    for report in judged.gates {
        let more = report.findings().len().saturating_sub(FINDINGS_SHOWN_MAX);
        if more > 0 {
            line!(out, "- … and {more} more of gate {}, in `evidence.json`", report.gate());
        }
    }
    line!(out);
}

fn worst_first(finding: &&Finding) -> std::cmp::Reverse<Severity> {
    std::cmp::Reverse(finding.severity)
}

fn one_finding(out: &mut String, finding: &Finding) {
    let severity = match finding.severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let place = finding
        .location
        .as_ref()
        .map_or_else(String::new, |place| format!(" {} –", code(&place.to_string())));
    line!(out, "- **{severity}** `{}`{place} {}", finding.rule, escape(&finding.message));
    let detail = clip(plain(&finding.detail).trim(), DETAIL_BYTES_SHOWN_MAX);
    if !detail.is_empty() {
        let fence = fence_for(&detail);
        line!(out, "\n  {fence}text");
        detail.lines().for_each(|text| line!(out, "  {text}"));
        line!(out, "  {fence}\n");
    }
}

fn requirements_of<'a>(judged: &Judged<'a>) -> impl Iterator<Item = &'a Shown> {
    judged.coverage.into_iter().flat_map(|coverage| &coverage.requirements)
}

fn requirement_line(requirement: &Shown) -> String {
    let wanted = match requirement.priority {
        Priority::Must => "must",
        Priority::Should => "should",
        Priority::Could => "could",
    };
    format!("{} ({wanted}) {}", code(&requirement.id.0), escape(&requirement.text))
}

/// Requirements that have evidence, each with all of it.
fn shown(out: &mut String, judged: &Judged<'_>) {
    let mut with_evidence =
        requirements_of(judged).filter(|one| !one.evidence.is_empty()).peekable();
    if with_evidence.peek().is_none() {
        return;
    }
    line!(out, "## Requirements\n");
    for requirement in with_evidence {
        line!(out, "- {}: **{}**", requirement_line(requirement), requirement.status.label());
        for piece in &requirement.evidence {
            let (kind, status) = (piece.kind.label(), piece.status.label());
            line!(out, "  - {kind} {}: {status}", code(&piece.name));
        }
    }
    line!(out);
}

fn not_shown(out: &mut String, judged: &Judged<'_>) {
    let mut items: Vec<String> = judged
        .gates
        .iter()
        .filter(|gate| gate.judgement() == Judgement::Inconclusive)
        .map(|gate| format!("{}: {}", gate.gate(), escape(gate.summary())))
        .collect();
    items.extend(missing(judged).map(|gate| format!("{gate}: it was not run")));
    items.extend(
        judged
            .left_out
            .iter()
            .map(|(gate, reason)| format!("{gate}: it was left out by {}", escape(reason))),
    );
    let open = requirements_of(judged).filter(|one| one.status != CoverageStatus::Covered);
    items.extend(open.map(|requirement| {
        let why = match requirement.status {
            CoverageStatus::Failing => "what names it does not hold",
            CoverageStatus::Stale => "what names it was not seen to hold",
            _ => "nothing names it",
        };
        format!("{}: {why}", requirement_line(requirement))
    }));
    line!(out, "## What was not shown\n");
    if items.is_empty() {
        line!(out, "Every gate that counts came to a conclusion. They can not tell everything:");
        line!(out, "passing tests show what the tests look at, and nothing else.");
    }
    items.iter().for_each(|item| line!(out, "- {item}"));
    line!(out);
}

/// What the commands could not do, and what they could for want of a layer.
fn sandbox(out: &mut String, judged: &Judged<'_>) {
    let held = judged.confinement();
    if held.is_none() && judged.agents_held.is_none() {
        return;
    }
    line!(out, "## Sandbox\n");
    held.iter().for_each(|held| held_to(out, "command", held));
    judged.agents_held.iter().for_each(|held| held_to(out, "call of an agent", held));
}

/// `what`: a command, or a call of an agent.
fn held_to(out: &mut String, what: &str, held: &Confinement) {
    if held.level == SandboxLevel::Off {
        line!(out, "There was none, as was asked: every {what} had the rights of the user.\n");
        return;
    }
    let names = |layers: &[Layer]| -> String {
        layers.iter().map(|layer| layer.label()).collect::<Vec<_>>().join(", ")
    };
    match held.active.as_slice() {
        [] => line!(out, "Nothing held any {what}."),
        active => line!(out, "Every {what} was held to: {}.", names(active)),
    }
    if !held.active.contains(&Layer::Network) && !held.missing.contains(&Layer::Network) {
        line!(out, "The network was allowed.");
    }
    for layer in &held.missing {
        line!(out, "- This system has no sandbox for {layer}: a {what} could {}.", layer.without());
    }
    line!(out);
}

/// Every command, by the state of the repository that it was run on, and how to make that state.
fn commands(out: &mut String, judged: &Judged<'_>) {
    let mut states: Vec<(&TreeId, Vec<(&GateId, &CommandRun)>)> = Vec::new();
    for gate in judged.gates {
        for evidence in gate.evidence() {
            let Evidence::Command { tree, run } = evidence else { continue };
            match states.iter_mut().find(|(known, _)| *known == tree) {
                Some((_, runs)) => runs.push((gate.gate(), run)),
                None => states.push((tree, vec![(gate.gate(), run)])),
            }
        }
    }
    if states.is_empty() {
        return;
    }
    line!(out, "## How to run it again\n");
    line!(
        out,
        "Each state is made anew with git, and goes with `git worktree remove --force \"$COPY\"`."
    );
    line!(
        out,
        "What is installed in folders of your checkout, such as `node_modules` and `.venv`, loki links into it."
    );
    line!(out, "The exact words of each command are in `evidence.json`.\n");
    for (tree, runs) in states {
        let (what, commit) = if tree == judged.tree {
            ("The change".to_owned(), judged.commit.as_str().to_owned())
        } else if tree == judged.base {
            ("What it is compared with".to_owned(), commit_of(tree))
        } else {
            let mut gates: Vec<String> = runs.iter().map(|(gate, _)| format!("`{gate}`")).collect();
            gates.dedup();
            (format!("As {} put it together", gates.join(" and ")), commit_of(tree))
        };
        line!(out, "### {what}: tree `{}`\n", tree.short());
        line!(out, "```sh");
        line!(out, "COPY=$(mktemp -d)/copy RESULTS=$(mktemp -d)");
        line!(out, "git worktree add --detach \"$COPY\" {commit}");
        line!(out, "```\n");
        for (gate, run) in runs {
            let command = shell_line(run);
            let fence = fence_for(&command);
            let is_judged = tree == judged.tree;
            let mistake = match gate.0.as_str() {
                "mutants" if is_judged => ", with the first mistake in place",
                "mutants" => ", with a mistake that no test notices",
                _ => "",
            };
            line!(out, "- gate {gate}{mistake}: {}, {}", run.exit, outcome(run));
            line!(out, "\n  {fence}sh\n  {command}\n  {fence}\n");
        }
    }
}

/// A word of a shell that makes a commit of a tree.
fn commit_of(tree: &TreeId) -> String {
    format!("\"$(git commit-tree {} -m copy)\"", tree.as_str())
}

fn outcome(run: &CommandRun) -> String {
    let took = seconds(run.duration_ms);
    match run.tests {
        Some(counts) => format!("{counts}, {took}"),
        None => took,
    }
}

fn shell_line(run: &CommandRun) -> String {
    let words = run.by_hand.as_deref().unwrap_or(&run.argv);
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    let dir = if run.cwd.is_empty() {
        "\"$COPY\"".to_owned()
    } else {
        format!("\"$COPY\"/{}", quoted(&run.cwd))
    };
    one_line(&format!("cd {dir} && {}", words.join(" ")), 8 * LINE_BYTES_MAX)
}

/// One word of a shell command, in which `$COPY` and `$RESULTS` stay variables.
fn quoted(word: &str) -> String {
    let is_harmless = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+%".contains(c);
    if !word.is_empty() && word.chars().all(is_harmless) {
        return word.to_owned();
    }
    if !["$COPY", "$RESULTS"].iter().any(|name| word.contains(name)) {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    let literal: String = word
        .chars()
        .flat_map(|c| "\"\\`$".contains(c).then_some('\\').into_iter().chain([c]))
        .collect();
    format!("\"{}\"", literal.replace(r"\$COPY", "$COPY").replace(r"\$RESULTS", "$RESULTS"))
}

fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}

/// A fence that `text` can not close.
fn fence_for(text: &str) -> String {
    "`".repeat(longest_backticks(text).max(2) + 1)
}

fn longest_backticks(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Untrusted text as inline code.
fn code(text: &str) -> String {
    let text = one_line(text, LINE_BYTES_MAX);
    let ticks = "`".repeat(longest_backticks(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// Untrusted text as plain text: Markdown and HTML in it have no effect, but for inline code of
/// loki's own sentences, between single backticks that pair up.
fn escape(text: &str) -> String {
    let text = one_line(text, LINE_BYTES_MAX);
    let has_code = longest_backticks(&text) == 1 && text.matches('`').count().is_multiple_of(2);
    let mut out = String::new();
    let mut is_inside = false;
    for c in text.chars() {
        is_inside ^= has_code && c == '`';
        let is_plain = is_inside || !(r"\*_[]<>#|!&~".contains(c) || c == '`' && !has_code);
        out.extend((!is_plain).then_some('\\'));
        out.push(c);
    }
    out
}

/// [`escape`] for a cell of a table, where a bar ends the cell even inside of code.
fn cell(text: &str) -> String {
    escape(text).replace("\\|", "|").replace('|', "\\|")
}
