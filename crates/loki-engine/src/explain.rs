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
    if let Some(workspace) = run.workspace.as_ref().filter(|_| run.snapshot.is_some()) {
        why.push(match &workspace.branch {
            Some(branch) => format!("the files are in {}, on branch {branch}", workspace.path),
            None => format!("the files are in {}", workspace.path),
        });
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
            let doubled = run.settings.budget.map_or(10.0, |budget| budget.dollars() * 2.0);
            vec![show, format!("{resume} --budget {doubled:.2}")]
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

/// How the result is looked at with plain git.
fn look(run: &Run) -> Vec<String> {
    let Some(workspace) = &run.workspace else { return Vec::new() };
    match &workspace.branch {
        Some(branch) => vec![
            format!(
                "git -C {} diff {}..{branch}",
                quoted(&run.repo),
                workspace.start_commit.short()
            ),
            format!("git -C {} merge {branch}", quoted(&run.repo)),
        ],
        // The snapshots, since a plain diff does not show new files.
        None => run
            .snapshot
            .iter()
            .map(|snapshot| {
                let (from, to) = (workspace.start_commit.short(), snapshot.commit.short());
                format!("git -C {} diff {from} {to}", quoted(&run.repo))
            })
            .collect(),
    }
}

/// For a shell, only where needed.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_for_a_shell_only_where_needed() {
        assert_eq!(quoted("/home/me/a-b_c"), "/home/me/a-b_c");
        assert_eq!(quoted("/tmp/it's here"), r"'/tmp/it'\''s here'");
        assert_eq!(quoted("/tmp/a\nb"), "'/tmp/a\nb'");
    }
}
