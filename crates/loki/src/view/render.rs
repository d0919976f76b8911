//! One event as lines for people. Pure, and the same for every view and for `loki logs`.

use console::Style;
use loki_engine::Recorded;
use loki_model::{
    Activity, AgentOutcome, Ceiling, Choice, Claim, Confinement, Cost, Digest, Event, Finding,
    GateReport, GateSummary, Judgement, Outcome, Run, SandboxLevel, TokenUsage, Verdict,
};

use crate::output::harmless;
use crate::time::{clock, duration};

/// Findings shown a gate; the report has them all.
const FINDINGS_SHOWN_MAX: usize = 5;
/// Lines of a finding's detail shown.
const DETAIL_LINES_MAX: usize = 6;
/// Longer lines are cut.
const LINE_CHARS_MAX: usize = 160;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Head,
    Plain,
    Dim,
    Good,
    Bad,
    Unsure,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    tone: Tone,
    text: String,
}

impl Line {
    /// Whatever went into the text, it is harmless for a terminal.
    fn new(tone: Tone, text: impl Into<String>) -> Line {
        Line { tone, text: harmless(&text.into()) }
    }

    pub(crate) fn plain(&self) -> String {
        self.text.clone()
    }

    /// With colours, when standard error shows them.
    pub(crate) fn styled(&self) -> String {
        let style = Style::new().for_stderr();
        let style = match self.tone {
            Tone::Head => style.bold(),
            Tone::Plain => style,
            Tone::Dim => style.dim(),
            Tone::Good => style.green(),
            Tone::Bad => style.red(),
            Tone::Unsure => style.yellow(),
        };
        style.apply_to(&self.text).to_string()
    }
}

/// `text` on one line without control characters, cut to `chars_max`.
pub(crate) fn one_line(text: &str, chars_max: usize) -> String {
    let text = harmless(text.trim());
    if text.chars().count() <= chars_max {
        text
    } else {
        let cut: String = text.chars().take(chars_max.saturating_sub(1)).collect();
        format!("{cut}…")
    }
}

/// The lines of one event; none for what only machines care for.
pub(crate) fn lines(
    run: &Run,
    recorded: &Recorded,
    reports: &dyn Fn(&Digest) -> Vec<GateReport>,
) -> Vec<Line> {
    use Tone::{Dim, Head, Plain, Unsure};
    let one = |tone, text: String| vec![Line::new(tone, text)];
    match &recorded.event {
        Event::RunCreated { .. } | Event::PartCreated { .. } => created(run, recorded),
        Event::RunResumed { .. } => {
            one(Head, format!("run {} goes on at iteration {}", run.id, run.iteration.max(1)))
        }
        Event::WorkspacePrepared { workspace } => {
            let branch = workspace.branch.as_deref().unwrap_or("this checkout, in place");
            let start = workspace.start_commit.short();
            one(Dim, format!("  works on {branch} from {start} in {}", workspace.path))
        }
        Event::IterationStarted { iteration } => {
            let max = run.settings.iterations_max;
            one(Head, format!("{} iteration {iteration} of {max}", clock(recorded.at)))
        }
        Event::PromptComposed { bytes, .. } => {
            one(Dim, format!("  reason   prompt of {bytes} bytes"))
        }
        Event::AgentCalled { choice, resumed, .. } => {
            let goes_on = if *resumed { ", in the same conversation" } else { "" };
            one(Plain, format!("{}{goes_on}", called(run, choice.as_deref())))
        }
        Event::ModelSwitched { model, .. } => {
            let model = model.as_deref().unwrap_or("what its tier has");
            one(Unsure, format!("  switch   the next call asks for {model}"))
        }
        Event::ModelRested { model, reason, back_at, .. } => {
            let back = clock(*back_at);
            one(Unsure, format!("  switch   {model} is left until {back} ({reason})"))
        }
        Event::ModelReturned { model, .. } => {
            one(Dim, format!("  switch   {model} may be asked again"))
        }
        Event::AgentChosen { from, offer, by, .. } => {
            let (from, to) = (shown_agent(from), shown_agent(&offer.agent));
            one(Unsure, format!("  switch   {from} is left ({by} wants it so); {to} takes over"))
        }
        Event::RunPaused { now: false, by, .. } if by == "loki" => {
            one(Unsure, "  pause    an allowance is used up; go on with: loki resume".to_owned())
        }
        Event::RunPaused { now: false, by, .. } => {
            one(Unsure, format!("  pause    {by} wants a pause after what is under way"))
        }
        Event::RunPaused { now: true, by, .. } => {
            one(Unsure, format!("  pause    {by} wants a pause at once"))
        }
        Event::RunContinued { by, .. } => one(Unsure, format!("  pause    {by} lets it go on")),
        Event::Steered { text, by } => {
            one(Plain, format!("  steer    {by}: {}", one_line(text, LINE_CHARS_MAX)))
        }
        Event::NearlyUsed { resource, used, limit } => {
            let (used, limit) = (resource.shown(*used), resource.shown(*limit));
            one(Unsure, format!("  limit    {used} of {limit} used"))
        }
        Event::RetryRequested { by } => {
            one(Unsure, format!("  retry    {by} wants it tried again"))
        }
        Event::BudgetChanged { budget, by } => {
            one(Unsure, format!("  budget   {by} allows {budget} in all"))
        }
        Event::ModelUnavailable { agent, model } => {
            one(Unsure, format!("  act      {} does not offer {model}", shown_agent(agent)))
        }
        Event::AgentSwitched { from, to, reason, back_at, .. } => {
            let (from, to) = (shown_agent(from), shown_agent(to));
            let back = match back_at {
                Some(at) => format!(" until {}", clock(*at)),
                None => String::new(),
            };
            one(Unsure, format!("  switch   {from} is left{back} ({reason}); {to} takes over"))
        }
        Event::AgentActed { activities } => activities.iter().map(activity).collect(),
        Event::AgentReturned { report, duration_ms, sandbox, .. } => {
            let cost = match report.usage.cost {
                Cost::Known { usd } => usd.to_string(),
                Cost::Computed { usd } => format!("{usd} computed"),
                Cost::Unknown => "cost not told".to_owned(),
            };
            let tone = if report.outcome == AgentOutcome::Completed { Plain } else { Unsure };
            let says = match report.claim {
                Claim::Done => ", says it is done",
                Claim::Continue => ", says work is left",
                Claim::None => "",
            };
            let detail = match &report.outcome {
                AgentOutcome::Crashed { detail, .. } | AgentOutcome::NotStarted { detail } => {
                    format!(": {}", one_line(detail, LINE_CHARS_MAX))
                }
                _ => String::new(),
            };
            let label = report.outcome.label();
            let took = duration(*duration_ms);
            let used = report.usage.tokens.map(|tokens| tokens_used(&tokens)).unwrap_or_default();
            let held = sandbox.as_ref().map(held_to).unwrap_or_default();
            one(tone, format!("  act      {label}{detail}{says} ({took}, {cost}{used}{held})"))
        }
        Event::AgentCallLost { call } => {
            one(Unsure, format!("  act      call {call} was cut off; it is not made again"))
        }
        Event::WaitStarted { until, reason, .. } => {
            one(Unsure, format!("  wait     {reason}, goes on at {}", clock(*until)))
        }
        Event::SnapshotTaken { snapshot } => {
            let s = snapshot.since_start;
            let changed = format!(
                "{} {} changed, +{} −{}",
                s.files,
                if s.files == 1 { "file" } else { "files" },
                s.lines_added,
                s.lines_deleted
            );
            let tree = snapshot.tree.short();
            one(Dim, format!("  reflect  {changed} since the start (tree {tree})"))
        }
        Event::GateJudged { gate } => vec![gate_line(gate)],
        Event::TreeJudged { judged, verdict } => {
            let mut lines = findings(&reports(&judged.reports));
            lines.push(verdict_line(*verdict));
            lines
        }
        Event::JudgementReused { verdict } => vec![
            Line::new(Dim, "  verify   nothing changed since the last judgement"),
            verdict_line(*verdict),
        ],
        Event::AgentCallWithdrawn { call } => {
            one(Dim, format!("  act      call {call} was not made"))
        }
        Event::RolledBack { to, kept, .. } => {
            let (to, kept) = (to.commit.short(), kept.commit.short());
            one(
                Unsure,
                format!("  rollback files are those of checkpoint {to} again; before: {kept}"),
            )
        }
        Event::WorkspaceDiscarded { kept } => {
            let kept = kept.commit.short();
            one(
                Unsure,
                format!("  discard  worktree and branch are gone; kept as checkpoint {kept}"),
            )
        }
        Event::CheckpointMade { .. }
        | Event::CrewFollowed { .. }
        | Event::WaitEnded
        | Event::StopRequested { .. }
        | Event::CloseStarted { .. }
        | Event::ResultWritten { .. } => Vec::new(),
        Event::DeliveryIntended { id, action, .. } => {
            one(Plain, format!("  outbox   {id} {}: wanted", action.label()))
        }
        Event::DeliveryTried { .. } => Vec::new(),
        Event::DeliveryConfirmed { id, receipt, .. } => {
            one(Tone::Good, format!("  outbox   {id} is done {}", receipt.url))
        }
        Event::DeliveryUnknown { id, reason } => {
            one(Unsure, format!("  outbox   {id} is unknown: {reason}"))
        }
        Event::DeliveryFailed { id, reason } => {
            one(Tone::Bad, format!("  outbox   {id} failed: {reason}"))
        }
        Event::DeliveryRetried { id, by } => {
            one(Dim, format!("  outbox   {id} is wanted again by {by}"))
        }
        Event::DeliveryGivenUp { id, by } => {
            one(Dim, format!("  outbox   {id} was given up by {by}"))
        }
        Event::RunEnded { outcome, reason } => vec![ended(*outcome, reason)],
    }
}

/// The line that stands below while something goes on.
pub(crate) fn standing(run: &Run, doing: &str) -> String {
    let (iteration, max) = (run.iteration.max(1), run.settings.iterations_max);
    let phase = run.step.phase().label();
    let mut text = format!("{} {iteration}/{max} {phase}", run.id);
    if run.spend.unknown_calls > 0 {
        text.push_str(&format!("  {} charged", run.spend.charged()));
    } else if run.spend.charged().0 > 0 {
        text.push_str(&format!("  {} spent", run.spend.charged()));
    }
    if !doing.is_empty() {
        text.push_str("  ");
        text.push_str(doing);
    }
    text
}

fn created(run: &Run, recorded: &Recorded) -> Vec<Line> {
    let spec = &run.spec;
    let requirements = match spec.requirements {
        1 => "1 requirement".to_owned(),
        n => format!("{n} requirements"),
    };
    let budget = match run.settings.budget {
        Some(budget) => format!("a budget of {budget}"),
        None => "no budget".to_owned(),
    };
    let max = run.settings.iterations_max;
    let at = clock(recorded.at);
    vec![
        Line::new(Tone::Head, format!("{at} run {}: {}", run.id, one_line(&spec.title, 80))),
        Line::new(
            Tone::Dim,
            format!(
                "  {} · {requirements} · {} · at most {max} calls · {budget}",
                one_line(&spec.source, 60),
                provider(run),
            ),
        ),
    ]
}

/// What held a call, where that was not everything that agents can be held to.
fn held_to(held: &Confinement) -> String {
    if held.level == SandboxLevel::Off {
        return ", no sandbox".to_owned();
    }
    let missing: Vec<&str> = held.missing.iter().map(|layer| layer.label()).collect();
    if missing.is_empty() {
        String::new()
    } else {
        format!(", sandbox without {}", missing.join(", "))
    }
}

/// What a call read and wrote, for people.
fn tokens_used(tokens: &TokenUsage) -> String {
    let read = tokens.input.saturating_add(tokens.cache_read).saturating_add(tokens.cache_write);
    let cached = tokens.cache_read;
    format!(", {read} tokens in, {cached} of them cached, {} out", tokens.output)
}

/// Who works, with which model, and why that one where something else was to be expected.
fn called(run: &Run, choice: Option<&Choice>) -> String {
    let Some(choice) = choice else { return format!("  act      {} works", provider(run)) };
    let agent = shown_agent(&choice.agent);
    let effort = choice.effort.map(|effort| format!(", effort {effort}")).unwrap_or_default();
    match (&choice.model, &choice.ceiling) {
        (None, Ceiling::Kept) => format!("  act      {agent} works{effort}"),
        (_, _) => {
            let (model, why) = (one_line(choice.model_label(), 60), choice.why());
            format!("  act      {agent} works with {model} ({why}{effort})")
        }
    }
}

/// The provider, without the directories of the programs and files it names.
fn provider(run: &Run) -> String {
    shown_agent(&run.settings.provider)
}

/// An agent's name without the directories of the programs and files in it.
pub(crate) fn shown_agent(name: &str) -> String {
    let words = name.split(' ').map(|word| {
        let (kind, path) = match word.split_once(':') {
            Some((kind, path)) => (format!("{kind}:"), path),
            None => (String::new(), word),
        };
        format!("{kind}{}", path.rsplit('/').next().unwrap_or(path).trim_matches('\''))
    });
    one_line(&words.collect::<Vec<_>>().join(" "), 60)
}

fn activity(activity: &Activity) -> Line {
    let text = match activity {
        Activity::Said { text } => format!("    “{}”", one_line(text, LINE_CHARS_MAX)),
        Activity::Used { tool, detail } => {
            format!("    {} {}", one_line(tool, 40), one_line(detail, LINE_CHARS_MAX))
        }
        Activity::ToolFailed { detail } => {
            format!("    failed: {}", one_line(detail, LINE_CHARS_MAX))
        }
        Activity::Retrying { reason } => {
            format!("    retrying: {}", one_line(reason, LINE_CHARS_MAX))
        }
    };
    Line::new(Tone::Dim, text)
}

pub(crate) fn gate_line(gate: &GateSummary) -> Line {
    let (mark, tone) = match gate.judgement {
        Judgement::Pass => ("✓", Tone::Good),
        Judgement::Fail => ("✗", Tone::Bad),
        Judgement::Concern => ("!", Tone::Unsure),
        Judgement::Inconclusive => ("?", Tone::Unsure),
        Judgement::NotApplicable => ("–", Tone::Dim),
    };
    let (name, summary) = (gate.gate.0.as_str(), one_line(&gate.summary, LINE_CHARS_MAX));
    Line::new(
        tone,
        format!("  verify   {mark} {name:<8} {summary} ({})", duration(gate.duration_ms)),
    )
}

fn findings(reports: &[GateReport]) -> Vec<Line> {
    let mut lines = Vec::new();
    let open = |r: &&GateReport| r.judgement().is_open();
    for report in reports.iter().filter(open) {
        for finding in report.findings().iter().take(FINDINGS_SHOWN_MAX) {
            lines.extend(finding_lines(finding));
        }
        let more = report.findings().len().saturating_sub(FINDINGS_SHOWN_MAX);
        if more > 0 {
            lines.push(Line::new(Tone::Dim, format!("    and {more} more")));
        }
    }
    lines
}

pub(crate) fn finding_lines(finding: &Finding) -> Vec<Line> {
    let place = finding.location.as_ref().map(|l| format!("{l}: ")).unwrap_or_default();
    let message = one_line(&finding.message, LINE_CHARS_MAX);
    let head = format!("    {}{message} [{}]", harmless(&place), finding.rule);
    let detail: Vec<&str> = finding.detail.lines().filter(|l| !l.trim().is_empty()).collect();
    // What was expected stands above the way through the runner, of which nothing has to be mended.
    let said: Vec<&str> = detail.iter().copied().filter(|line| !is_of_stack(line)).collect();
    let detail = if said.is_empty() { detail } else { said };
    let last = detail.iter().skip(detail.len().saturating_sub(DETAIL_LINES_MAX));
    let quoted = last.map(|l| {
        let line = harmless(l);
        Line::new(Tone::Dim, format!("      | {}", one_line_keeping_indent(&line)))
    });
    std::iter::once(Line::new(Tone::Bad, head)).chain(quoted).collect()
}

/// Whether a line is one call of a stack, as runners of JavaScript and Java show it.
fn is_of_stack(line: &str) -> bool {
    let line = line.trim_start();
    let call = line.strip_prefix("at ").or_else(|| line.strip_prefix("❯ "));
    call.is_some_and(|call| call.contains(':') || call.contains('('))
}

fn one_line_keeping_indent(text: &str) -> String {
    text.trim_end().chars().take(LINE_CHARS_MAX).collect()
}

pub(crate) fn verdict_line(verdict: Verdict) -> Line {
    let tone = match verdict {
        Verdict::Verified => Tone::Good,
        Verdict::Concerns => Tone::Unsure,
        Verdict::Blocked => Tone::Bad,
    };
    Line::new(tone, format!("  verdict  {}", verdict.label()))
}

fn ended(outcome: Outcome, reason: &str) -> Line {
    let tone = match outcome {
        Outcome::Verified => Tone::Good,
        Outcome::VerifiedWithGaps | Outcome::Stopped => Tone::Unsure,
        _ => Tone::Bad,
    };
    Line::new(tone, format!("{}: {}", outcome.label(), one_line(reason, 400)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_expected_is_shown_rather_than_the_way_through_the_runner() {
        let calls =
            "    at Object.<anonymous> (node_modules/jest-circus/build/run.js:1:2)\n".repeat(9);
        let finding = Finding {
            rule: "tests/failed".to_owned(),
            severity: loki_model::Severity::Error,
            location: None,
            message: "`adds` failed".to_owned(),
            detail: format!(
                "Error: expect(received).toBe(expected)\n\nExpected: 3\nReceived: 2\n{calls}"
            ),
        };
        let shown: Vec<String> = finding_lines(&finding).iter().map(Line::plain).collect();
        let wanted = [
            "    `adds` failed [tests/failed]",
            "      | Error: expect(received).toBe(expected)",
            "      | Expected: 3",
            "      | Received: 2",
        ];
        assert_eq!(shown, wanted);
        let only_calls = finding_lines(&Finding { detail: calls, ..finding });
        assert_eq!(only_calls.len(), 1 + DETAIL_LINES_MAX);
    }
}
