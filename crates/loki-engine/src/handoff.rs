//! What whoever goes on with a run has to know that ended before everything was shown: what was tried,
//! what is left, and the next best step. Pure.

use std::fmt::Write as _;

use loki_model::{Claim, Event, Finding, GateReport, Judged, Outcome, Run, Severity, Verdict};
use loki_verify::{Coverage, CoverageStatus};

use crate::journal::Recorded;

/// More findings than this are only counted.
const FINDINGS_MAX: usize = 30;
/// More requirements than this are only counted.
const REQUIREMENTS_MAX: usize = 50;
/// What an agent said last is cut to this.
const WORDS_CHARS_MAX: usize = 300;

/// One judgement of the run, oldest first.
pub(crate) struct Seen<'a> {
    /// After which call.
    pub(crate) call: u32,
    /// What it was.
    pub(crate) judged: &'a Judged,
    /// What every gate said.
    pub(crate) reports: Vec<GateReport>,
}

/// Everything that a handoff is made of.
pub(crate) struct HandoffInput<'a> {
    /// The run, about to end.
    pub(crate) run: &'a Run,
    /// How.
    pub(crate) outcome: Outcome,
    /// Its journal.
    pub(crate) events: &'a [Recorded],
    /// Its judgements, oldest first.
    pub(crate) seen: &'a [Seen<'a>],
    /// What shows which requirement.
    pub(crate) coverage: Option<&'a Coverage>,
}

/// The document, as Markdown. Words of agents and programs are quoted as data.
pub(crate) fn handoff(input: &HandoffInput<'_>) -> String {
    let run = input.run;
    let reason = run.ending.as_ref().map_or("", |ending| ending.reason.as_str());
    let mut out = format!("# Handoff: {}\n\n", on_one_line(&run.spec.title));
    let _ = writeln!(out, "Run {} ends {}: {reason}.\n", run.id, input.outcome.label());
    if let Some(workspace) = &run.workspace {
        let on =
            workspace.branch.as_ref().map_or(String::new(), |it| format!(", on branch `{it}`"));
        let _ = writeln!(out, "The files are in `{}`{on}.\n", workspace.path);
    }
    tried(input, &mut out);
    left(input, &mut out);
    next(input, &mut out);
    out
}

fn tried(input: &HandoffInput<'_>, out: &mut String) {
    out.push_str("## What was tried\n\n");
    let mut call = 0;
    for recorded in input.events {
        match &recorded.event {
            Event::AgentCalled { call: number, choice, .. } => {
                call = *number;
                let who = choice.as_ref().map_or("the agent".to_owned(), |choice| {
                    let model = choice.model.as_deref().map(on_one_line);
                    let model = model.map_or(String::new(), |model| format!(" with {model}"));
                    format!("`{}`{model}", choice.agent)
                });
                let _ = write!(out, "{number}. {who}");
            }
            Event::AgentCallWithdrawn { .. } => out.push_str(": it was not made\n"),
            Event::AgentCallLost { .. } => {
                out.push_str(": cut off; what it did until then was kept\n");
            }
            Event::AgentReturned { report, .. } => {
                let claim = match report.claim {
                    Claim::Done => ", said that it was done",
                    Claim::Continue => ", said that work was left",
                    Claim::None => "",
                };
                let _ = writeln!(out, ": {}{claim}", report.outcome.label());
                let words = on_one_line(&report.final_text);
                if !words.is_empty() {
                    let _ = writeln!(out, "   - its last words: “{}”", cut(&words));
                }
            }
            Event::TreeJudged { judged, verdict } => judged_as(judged, *verdict, out),
            Event::JudgementReused { verdict } => {
                let _ = writeln!(out, "   - changed nothing; still {}", verdict.label());
            }
            Event::Steered { text, by } => {
                let _ = writeln!(out, "   - {by} said: “{}”", cut(&on_one_line(text)));
            }
            Event::RolledBack { to, .. } => {
                let _ = writeln!(out, "   - the files were put back to {}", to.commit.short());
            }
            _ => {}
        }
    }
    if call == 0 {
        out.push_str("No agent was called.\n");
    }
    out.push('\n');
}

fn judged_as(judged: &Judged, verdict: Verdict, out: &mut String) {
    let open = judged.gates.iter().filter(|gate| gate.judgement.is_open());
    let open: Vec<String> =
        open.map(|gate| format!("{}: {}", gate.gate, on_one_line(&gate.summary))).collect();
    let what = if open.is_empty() { String::new() } else { format!(" ({})", open.join("; ")) };
    let _ = writeln!(out, "   - judged {}{what}", verdict.label());
}

fn left(input: &HandoffInput<'_>, out: &mut String) {
    out.push_str("## What is left\n\n");
    let findings = open_findings(input.seen.last());
    let judged = input.seen.len();
    for finding in findings.iter().take(FINDINGS_MAX) {
        let times = times(input, finding);
        let since = match times {
            1 if judged > 1 => "; new in the last judgement".to_owned(),
            _ if times == judged && judged > 1 => format!("; in all {judged} judgements"),
            _ => String::new(),
        };
        let (message, place) = (on_one_line(&finding.message), place(finding));
        let _ = writeln!(out, "- `{}`{place}: {message}{since}", finding.rule);
    }
    if findings.len() > FINDINGS_MAX {
        let _ = writeln!(out, "- and {} more, in report.md", findings.len() - FINDINGS_MAX);
    }
    let unshown = unshown(input.coverage);
    for (id, status) in unshown.iter().take(REQUIREMENTS_MAX) {
        let _ = writeln!(out, "- requirement {}: {}", on_one_line(id), status.label());
    }
    if unshown.len() > REQUIREMENTS_MAX {
        let _ = writeln!(out, "- and {} requirements more", unshown.len() - REQUIREMENTS_MAX);
    }
    if findings.is_empty() && unshown.is_empty() {
        out.push_str(if judged == 0 {
            "Everything: nothing was judged.\n"
        } else {
            "Nothing that a gate could name.\n"
        });
    }
    out.push('\n');
}

/// Rules in the order of what costs least to follow: the machine, the state of the files, the work, the limit.
fn next(input: &HandoffInput<'_>, out: &mut String) {
    let run = input.run;
    out.push_str("## The next best step\n\n");
    let lacking = input.seen.last().map_or(Vec::new(), |seen| {
        seen.judged.gates.iter().filter(|gate| gate.environment).collect()
    });
    for gate in &lacking {
        let _ = writeln!(
            out,
            "- This machine lacks something: {}. `loki doctor` says what.",
            on_one_line(&gate.summary)
        );
    }
    if let Some((call, before, now)) = better_before(input) {
        let point = checkpoint_after(input, call);
        let point =
            point.map_or("loki rollback list".to_owned(), |id| format!("loki rollback to {id}"));
        let _ = writeln!(
            out,
            "- Findings after call {call}: {before}, now: {now}. `{point}` goes back to there."
        );
    }
    let findings = open_findings(input.seen.last());
    let judged = input.seen.len();
    let stubborn = findings.iter().find(|finding| judged > 1 && times(input, finding) == judged);
    if let Some(finding) = stubborn.or(findings.first()) {
        let rule = &finding.rule;
        let how = if stubborn.is_some() {
            "no call got rid of it. Say how it is to be mended"
        } else {
            "it is the worst that is left. Say how it is to be mended"
        };
        let place = place(finding);
        let _ = writeln!(out, "- Begin with `{rule}`{place}: {how}: `loki steer \"…\"`.");
    }
    let more = match input.outcome {
        Outcome::BudgetExhausted | Outcome::IterationsExhausted => " with a higher limit",
        _ => "",
    };
    if input.outcome == Outcome::AgentUnavailable {
        let _ = writeln!(
            out,
            "- Get the agent to work (`loki doctor`), or name another with `loki model --agent`."
        );
    }
    let _ = writeln!(out, "- `loki resume {}`{more} goes on from the files as they are.", run.id);
}

fn open_findings<'a>(seen: Option<&'a Seen<'a>>) -> Vec<&'a Finding> {
    let Some(seen) = seen else { return Vec::new() };
    let open = seen.reports.iter().filter(|report| report.judgement().is_open());
    let mut findings: Vec<&Finding> = open.flat_map(GateReport::findings).collect();
    findings.retain(|finding| finding.severity > Severity::Note);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

/// In how many judgements it came up. Lines move; what is wrong does not.
fn times(input: &HandoffInput<'_>, finding: &Finding) -> usize {
    let path = |finding: &Finding| finding.location.as_ref().map(|at| at.path.clone());
    let same = |other: &&Finding| {
        other.rule == finding.rule
            && other.message == finding.message
            && path(other) == path(finding)
    };
    let has = |seen: &&Seen<'_>| open_findings(Some(seen)).iter().any(same);
    input.seen.iter().filter(has).count()
}

/// The newest call after which fewer findings were left than now.
fn better_before(input: &HandoffInput<'_>) -> Option<(u32, usize, usize)> {
    let (last, before) = input.seen.split_last()?;
    let count = |seen: &Seen<'_>| open_findings(Some(seen)).len();
    let now = count(last);
    let best = before.iter().rev().min_by_key(|seen| count(seen))?;
    (count(best) < now).then(|| (best.call, count(best), now))
}

/// The files as call number `call` left them were kept before the next one.
fn checkpoint_after(input: &HandoffInput<'_>, call: u32) -> Option<String> {
    input.events.iter().find_map(|recorded| match &recorded.event {
        Event::CheckpointMade { call: before, checkpoint } if *before == call + 1 => {
            Some(checkpoint.commit.short().to_owned())
        }
        _ => None,
    })
}

fn unshown(coverage: Option<&Coverage>) -> Vec<(String, CoverageStatus)> {
    let all = coverage.map_or(&[][..], |coverage| &coverage.requirements);
    let unshown = all.iter().filter(|it| it.status != CoverageStatus::Covered);
    unshown.map(|it| (it.id.0.clone(), it.status)).collect()
}

fn place(finding: &Finding) -> String {
    let at = finding.location.as_ref().map(|at| on_one_line(&at.to_string()));
    at.map_or(String::new(), |at| format!(" in `{at}`"))
}

fn on_one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(WORDS_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use loki_model::*;

    use super::*;

    fn finding(rule: &str, message: &str, line: u32) -> Finding {
        Finding {
            rule: rule.to_owned(),
            severity: Severity::Error,
            location: Some(Location { path: "sums.py".to_owned(), line: Some(line) }),
            message: message.to_owned(),
            detail: String::new(),
        }
    }

    fn reports(findings: &[Finding]) -> Vec<GateReport> {
        let gate = GateId::from("tests");
        match findings.split_first() {
            Some((first, more)) => {
                let (first, more) = (first.clone(), more.to_vec());
                vec![GateReport::fail(gate, "red".to_owned(), first, more, Vec::new())]
            }
            None => {
                vec![GateReport::inconclusive(gate, "unclear".to_owned(), Vec::new(), Vec::new())]
            }
        }
    }

    fn judged(reports: &[GateReport]) -> Judged {
        Judged {
            tree: TreeId::try_from("0".repeat(40)).unwrap(),
            policy: Policy::new(&[("tests", Role::Required)]),
            gates: reports.iter().map(GateSummary::from).collect(),
            findings: Digest::of(b"f"),
            reports: Digest::of(b"r"),
            judged_at: Timestamp(1),
            duration_ms: 1,
        }
    }

    fn called(call: u32, words: &str) -> [Event; 2] {
        let report = CallReport {
            outcome: AgentOutcome::Completed,
            claim: Claim::Done,
            usage: Usage::UNKNOWN,
            session: None,
            model: None,
            final_text: words.to_owned(),
        };
        let transcript = Digest::of(b"t");
        [
            Event::AgentCalled { call, choice: None, resumed: false },
            Event::AgentReturned { report, transcript, duration_ms: 1, sandbox: None },
        ]
    }

    /// The handoff of a run whose calls each left these findings.
    fn told(outcome: Outcome, calls: &[&[Finding]]) -> String {
        let digest = Digest::of(b"spec");
        let spec = SpecPin {
            digest: digest.clone(),
            blob: digest,
            title: "Sums\n# not a heading".to_owned(),
            source: "prd.md".to_owned(),
            requirements: 1,
        };
        let created = create(NewRun {
            id: RunId::from_bits(7),
            at: Timestamp(0),
            repo: "/repo".to_owned(),
            spec,
            settings: Settings::new("scripted", 9),
            plan: None,
        });
        let mut run = fold([&created]).unwrap();
        let reason = "two calls allowed, all used".to_owned();
        run.ending = Some(Ending { outcome, reason });
        let mut events = vec![created];
        let all: Vec<Vec<GateReport>> = calls.iter().map(|findings| reports(findings)).collect();
        let judgements: Vec<Judged> = all.iter().map(|reports| judged(reports)).collect();
        let mut seen = Vec::new();
        for (call, (reports, judged)) in (1..).zip(all.into_iter().zip(&judgements)) {
            let commit = CommitId::try_from(format!("{call:040x}")).unwrap();
            let tree = TreeId::try_from(format!("{call:040x}")).unwrap();
            events.extend(called(call, "All done.\n# Trust me\u{1b}[0m"));
            let checkpoint = Checkpoint { commit, tree };
            events.push(Event::CheckpointMade { call, checkpoint });
            let verdict = Verdict::Blocked;
            events.push(Event::TreeJudged { judged: judged.clone(), verdict });
            seen.push(Seen { call, judged, reports });
        }
        let events: Vec<Recorded> = (1..)
            .zip(events)
            .map(|(seq, event)| Recorded { seq, at: Timestamp(1), event })
            .collect();
        let (run, seen) = (&run, &seen);
        handoff(&HandoffInput { run, outcome, events: &events, seen, coverage: None })
    }

    #[test]
    fn what_was_tried_what_is_left_and_what_to_do_is_told() {
        let stays = finding("tests/failed", "test_sum failed", 3);
        let moved = finding("tests/failed", "test_sum failed", 9);
        let new = finding("substance/stub", "`total` is not written", 5);
        let text = told(Outcome::IterationsExhausted, &[&[stays], &[moved, new]]);
        insta::assert_snapshot!(text);
    }

    #[test]
    fn words_of_others_stay_on_their_line() {
        let text = told(Outcome::Stagnated, &[&[finding("a/b", "x\n# y\u{7}", 1)]]);
        assert!(!text.lines().any(|line| line.starts_with("# y") || line.starts_with("# Trust")));
        assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'), "{text}");
    }

    #[test]
    fn a_run_that_never_called_anyone_has_a_handoff_too() {
        let text = told(Outcome::AgentUnavailable, &[]);
        assert!(text.contains("No agent was called.") && text.contains("nothing was judged"));
        assert!(text.contains("loki doctor"), "{text}");
    }

    #[test]
    fn long_lists_and_long_words_are_cut() {
        let many: Vec<Finding> = (0..100).map(|n| finding("a/b", &format!("{n}"), 1)).collect();
        let text = told(Outcome::BudgetExhausted, &[&many]);
        assert!(text.contains("and 70 more"), "{text}");
        assert!(text.len() < 8_000);
        assert_eq!(cut(&"é".repeat(400)).chars().count(), WORDS_CHARS_MAX + 1);
    }
}
