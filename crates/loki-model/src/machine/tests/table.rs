//! The legal transitions, found by exploring every reachable state, are those in ARCHITECTURE.md.

use std::collections::{BTreeMap, BTreeSet};

use super::fixtures::*;
use crate::*;

/// The time that runs have.
const DAY_MS: u64 = 86_400_000;

/// What is tried in every state: each kind of result, with the values that lead apart.
fn alphabet() -> Vec<(&'static str, EffectResult)> {
    let returned = |outcome: AgentOutcome, claim| EffectResult::AgentReturned {
        report: CallReport { claim, ..failed(outcome) },
        transcript: digest("t"),
        duration_ms: 1,
        sandbox: None,
    };
    vec![
        ("workspace prepared", EffectResult::WorkspacePrepared(workspace())),
        (
            "prompt composed",
            EffectResult::PromptComposed { prompt: digest("p"), bytes: 1, not_before: None },
        ),
        ("waited", EffectResult::Waited),
        ("agent returned", returned(AgentOutcome::Completed, Claim::Done)),
        ("agent returned", returned(AgentOutcome::Completed, Claim::Continue)),
        ("agent turned away", returned(AgentOutcome::Overloaded, Claim::None)),
        (
            "agent turned away",
            returned(AgentOutcome::Quota { until: Some(Timestamp(i64::MAX)) }, Claim::None),
        ),
        ("agent returned", returned(AgentOutcome::BudgetReached, Claim::None)),
        ("agent can not work", returned(AgentOutcome::Auth, Claim::None)),
        ("snapshot taken", EffectResult::SnapshotTaken(snapshot(0))),
        ("snapshot taken", EffectResult::SnapshotTaken(snapshot(1))),
        ("tree judged", EffectResult::TreeJudged(judged(0, Judgement::Fail))),
        ("tree judged", EffectResult::TreeJudged(judged(1, Judgement::Fail))),
        ("tree judged", EffectResult::TreeJudged(judged(1, Judgement::Pass))),
        ("result written", written()),
        ("failed", EffectResult::Failed { reason: "x".to_owned() }),
    ]
}

fn place(run: &Run) -> String {
    match &run.ended {
        Some(_) => "ended".to_owned(),
        None => format!("{:?}", run.step).to_lowercase(),
    }
}

fn explore() -> BTreeMap<(String, &'static str), BTreeSet<String>> {
    let mut table: BTreeMap<(String, &'static str), BTreeSet<String>> = BTreeMap::new();
    let timed = Settings { time_max_ms: Some(DAY_MS), ..settings(3) };
    let mut frontier = vec![Sim::new(timed), Sim::new(chain(2, 2))];
    while let Some(sim) = frontier.pop() {
        let mut follow = |name, input: Input| {
            if decide(&sim.run, &input).is_ok() {
                let mut after = sim.clone();
                after.input(input);
                let row = table.entry((place(&sim.run), name)).or_default();
                row.insert(place(&after.run));
                (after.run.ended.is_none()).then_some(after)
            } else {
                None
            }
        };
        let effect = sim.run.awaiting;
        for (name, result) in alphabet() {
            let after = follow(name, Input::Done { at: AT, effect, result });
            frontier.extend(after);
        }
        let late = Timestamp(2 * DAY_MS.cast_signed());
        let waited = Input::Done { at: late, effect, result: EffectResult::Waited };
        frontier.extend(follow("waited", waited));
        // Quiet hours can come again and again: once is enough.
        let (prompt, not_before) = (digest("p"), Some(Timestamp(AT.0 + 1)));
        let quiet = EffectResult::PromptComposed { prompt, bytes: 1, not_before };
        let after = follow("prompt composed", Input::Done { at: AT, effect, result: quiet });
        frontier.extend(after.filter(|_| sim.run.iteration <= 1));
        let resume = resume_with(NewLimits::default());
        // Taken up once is enough; more of the same leads nowhere new.
        if !sim.run.last_call_lost {
            let after = follow("taken up after death", resume);
            frontier.extend(after.filter(|after| after.run.last_call_lost));
        }
        let mut stopped = sim.clone();
        stopped.input(Input::Stop { by: StopCause::Interrupt });
        stopped.input(Input::Done { at: AT, effect, result: EffectResult::Interrupted });
        assert_eq!(stopped.outcome(), Some(Outcome::Stopped));
        table.entry((place(&sim.run), "stopped")).or_default().insert(place(&stopped.run));
    }
    table
}

fn rendered() -> String {
    let mut text = String::from("| in | when | then |\n|---|---|---|\n");
    let table = explore();
    for step in ["prepare", "reason", "wait", "act", "reflect", "verify", "close"] {
        for ((from, name), to) in table.iter().filter(|((from, _), _)| from == step) {
            let to: Vec<&str> = to.iter().map(String::as_str).collect();
            text += &format!("| {from} | {name} | {} |\n", to.join(", "));
        }
    }
    text
}

#[test]
fn the_transitions_are_those_that_are_documented() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ARCHITECTURE.md");
    let document = std::fs::read_to_string(path).unwrap();
    let table = rendered();
    assert!(document.contains(&table), "ARCHITECTURE.md should contain:\n{table}");
}
