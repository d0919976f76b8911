//! What happened last, why, and what to do next. Pure.

use loki_model::{AgentOutcome, CallReport, Ending, GateSummary, Judgement, Outcome, Run, Verdict};

/// An answer to "why?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// One sentence: how the run stands.
    pub what: String,
    /// What led there, most important first.
    pub why: Vec<String>,
    /// What to type next, most useful first.
    pub next: Vec<String>,
}

/// Explains `run`. `alive` says whether a process drives it at this moment; `remedies` are the
/// agent's own words for putting it right.
pub fn explain(run: &Run, alive: bool, remedies: &[String]) -> Advice {
    match &run.ended {
        Some(ending) => ended(run, ending, remedies),
        None if alive => Advice {
            what: format!(
                "run {} is under way: {} phase, iteration {} of {}",
                run.id,
                run.step.phase().label(),
                run.iteration.max(1),
                run.settings.iterations_max
            ),
            why: gates(run),
            next: vec!["loki logs -f".to_owned(), "loki stop".to_owned()],
        },
        None => Advice {
            what: format!(
                "run {} was cut off in the {} phase; nothing is lost",
                run.id,
                run.step.phase().label()
            ),
            why: gates(run),
            next: vec![format!("loki resume {}", run.id)],
        },
    }
}

fn ended(run: &Run, ending: &Ending, remedies: &[String]) -> Advice {
    let calls = run.calls;
    let plural = if calls == 1 { "" } else { "s" };
    let label = ending.outcome.label();
    let what = format!("run {} ended {label} after {calls} agent call{plural}", run.id);
    let mut why = vec![ending.reason.clone()];
    if ending.outcome == Outcome::AgentUnavailable {
        why.extend(last_call(run));
    } else {
        why.extend(gates(run));
    }
    if let Some(kept) = &run.discarded {
        why.push("its worktree and branch were discarded".to_owned());
        let next = vec![format!("loki rollback to {}    (brings them back)", kept.commit.short())];
        return Advice { what, why, next };
    }
    if let Some(workspace) = run.workspace.as_ref().filter(|_| run.snapshot.is_some()) {
        why.push(match &workspace.branch {
            Some(branch) => format!("the files are in {}, on branch {branch}", workspace.path),
            None => format!("the files are in {}", workspace.path),
        });
    }
    let has_handoff =
        !matches!(ending.outcome, Outcome::Verified | Outcome::Stopped | Outcome::Failed);
    if has_handoff && run.workspace.is_some() {
        why.push("what was tried and what is left: .loki/verify/handoff.md".to_owned());
    }
    let mut next = match ending.outcome {
        Outcome::AgentUnavailable => remedies.to_vec(),
        _ => Vec::new(),
    };
    next.extend(next_commands(run, ending.outcome));
    Advice { what, why, next }
}

fn next_commands(run: &Run, outcome: Outcome) -> Vec<String> {
    let id = &run.id;
    let show = format!("loki show {id}");
    let raised = run.settings.iterations_max.saturating_mul(2);
    let resume = format!("loki resume {id}");
    let used_up = run.calls >= run.settings.iterations_max;
    let again =
        if used_up { format!("{resume} --max-iterations {raised}") } else { resume.clone() };
    match outcome {
        Outcome::Verified => look(run),
        // To look at, not to merge: somebody has to judge the gaps first.
        Outcome::VerifiedWithGaps => [vec![show], look(run).into_iter().take(1).collect()].concat(),
        Outcome::IterationsExhausted => vec![show, again],
        Outcome::BudgetExhausted => {
            let settings = &run.settings;
            let budget = settings.budget.map(|it| format!(" --budget {:.2}", it.dollars() * 2.0));
            let tokens =
                settings.tokens_max.map(|max| format!(" --max-tokens {}", max.saturating_mul(2)));
            let time = settings.time_max_ms.map(|max| format!(" --max-time {}m", max / 30_000 + 1));
            let more: String = [budget, tokens, time].into_iter().flatten().collect();
            vec![show, format!("{resume}{more}")]
        }
        Outcome::Stagnated => vec![
            show,
            "make the spec more precise about what keeps failing, then: loki start --fresh …"
                .to_owned(),
        ],
        Outcome::Stopped => vec![again],
        Outcome::AgentUnavailable | Outcome::Failed => vec!["loki doctor".to_owned(), again],
    }
}

/// How the result is looked at and taken. In place there is nothing to take.
fn look(run: &Run) -> Vec<String> {
    let Some(workspace) = &run.workspace else { return Vec::new() };
    let diff = format!("loki diff {}", run.id);
    match &workspace.branch {
        Some(_) => vec![diff, format!("loki apply {}", run.id)],
        None => vec![diff],
    }
}

fn gates(run: &Run) -> Vec<String> {
    let Some((judged, verdict)) = &run.judged else { return Vec::new() };
    let open = |gate: &&GateSummary| match verdict {
        Verdict::Verified => gate.judgement == Judgement::Pass,
        _ => gate.judgement.is_open(),
    };
    judged
        .gates
        .iter()
        .filter(open)
        .map(|gate| format!("{}: {}, {}", gate.gate, gate.judgement.label(), gate.summary))
        .collect()
}

fn last_call(run: &Run) -> Option<String> {
    let CallReport { outcome, .. } = run.last_call.as_ref()?;
    match outcome {
        AgentOutcome::Crashed { exit_code, detail } => {
            let code = exit_code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
            Some(format!("it ended with {code}: {detail}"))
        }
        _ => None,
    }
}
