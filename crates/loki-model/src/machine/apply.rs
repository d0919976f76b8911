//! Folding events into a run. Total: an event that was once recorded can always be applied.

use crate::{
    AgentOutcome, Breaker, CallReport, Cost, EffectId, Ending, Event, Handover, NextAgent, Outcome,
    PastJudgement, Resource, Run, Spend, Steer, Step, Timestamp, UnknownCost, Usage, outbox,
};

use super::{failover, session};

/// Folds a whole journal. Nothing when it does not begin with a creation.
pub fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Option<Run> {
    let mut events = events.into_iter();
    let mut run = begin(events.next()?)?;
    for event in events {
        apply(&mut run, event);
    }
    Some(run)
}

fn begin(first: &Event) -> Option<Run> {
    let (id, at, repo, spec, settings, plan, part) = match first {
        Event::RunCreated { id, at, repo, spec, settings, plan } => {
            (id, at, repo, spec, settings, plan.clone(), None)
        }
        Event::PartCreated { id, at, repo, spec, settings, part } => {
            (id, at, repo, spec, settings, None, Some(part.clone()))
        }
        _ => return None,
    };
    Some(Run {
        id: id.clone(),
        repo: repo.clone(),
        created_at: *at,
        spec: spec.clone(),
        settings: settings.clone(),
        plan,
        part,
        step: Step::Prepare,
        awaiting: EffectId(1),
        workspace: None,
        iteration: 0,
        calls: 0,
        spend: Spend::default(),
        worked_ms: 0,
        since: Some(*at),
        warned: Vec::new(),
        cost_denied: false,
        prompt: None,
        wait_until: None,
        resumes: 0,
        last_call: None,
        last_call_lost: false,
        active: 0,
        switched: None,
        unavailable: Vec::new(),
        choice: None,
        session: None,
        resumed: false,
        breakers: Vec::new(),
        handover: None,
        failed_calls: 0,
        turned_away: 0,
        agents_held: None,
        snapshot: None,
        judged: None,
        history: Vec::new(),
        steers: Vec::new(),
        told: 0,
        paused: false,
        followed: 0,
        next_agent: None,
        stopping: None,
        ending: None,
        ended: None,
        evidence: None,
        result: None,
        discarded: None,
        outbox: Vec::new(),
    })
}

/// Folds one event into `run`.
pub fn apply(run: &mut Run, event: &Event) {
    match event {
        // A second creation can not be recorded; ignoring it keeps the fold total.
        Event::RunCreated { .. }
        | Event::PartCreated { .. }
        | Event::CheckpointMade { .. }
        | Event::AgentActed { .. }
        | Event::GateJudged { .. } => {}
        Event::RunResumed { iterations_max, budget, tokens_max, time_max_ms, at, last_at } => {
            run.settings.iterations_max = *iterations_max;
            run.settings.budget = *budget;
            run.settings.tokens_max = *tokens_max;
            run.settings.time_max_ms = *time_max_ms;
            stop_clock(run, *last_at);
            run.since = *at;
            if run.ended.as_ref().is_some_and(|end| end.outcome == Outcome::Stagnated) {
                run.history.clear();
            }
            run.warned.clear();
            run.cost_denied = false;
            run.stopping = None;
            run.paused = false;
            run.ended = None;
            // A person has looked at it.
            forgive(run);
            run.session = None;
        }
        Event::WorkspacePrepared { workspace } => run.workspace = Some(workspace.clone()),
        Event::IterationStarted { iteration } => {
            run.iteration = *iteration;
            run.ending = None;
            enter(run, Step::Reason);
        }
        Event::PromptComposed { prompt, .. } => {
            run.prompt = Some(prompt.clone());
            run.told = run.steers.len();
        }
        Event::ModelUnavailable { agent, model } => {
            run.unavailable.push((agent.clone(), model.clone()));
        }
        Event::ModelRested { agent, model, reason, back_at } => {
            trip(run, agent, Some(model), reason, Some(*back_at));
            run.turned_away = 0;
        }
        Event::ModelReturned { agent, model } => {
            run.breakers.retain(|breaker| !breaker.is_of(agent, Some(model)));
        }
        Event::ModelSwitched { model, .. } => match &mut run.next_agent {
            Some(next) => next.model.clone_from(model),
            None => run.switched.clone_from(model),
        },
        Event::AgentSwitched { from, index, reason, back_at, .. } => {
            trip(run, from, None, reason, *back_at);
            hand_over(run, from, *index, reason);
        }
        Event::AgentChosen { offer, model, .. } => {
            let place = run.settings.agents.iter().position(|known| known.agent == offer.agent);
            let index = place.unwrap_or_else(|| {
                if run.settings.agents.is_empty() {
                    // A run of an older version: the active agent has the first place.
                    run.settings.agents.push(run.offer(0));
                }
                run.settings.agents.push((**offer).clone());
                run.settings.agents.len() - 1
            });
            run.next_agent = Some(NextAgent { index, model: model.clone() });
            // What comes of a call is that of the agent that was called.
            if run.step != Step::Act {
                next_agent(run);
            }
        }
        Event::RunPaused { at, .. } => {
            run.paused = true;
            stop_clock(run, *at);
        }
        Event::RunContinued { at, .. } => {
            run.paused = false;
            run.since = *at;
        }
        Event::Steered { text, by } => {
            run.steers.push(Steer { text: text.clone(), by: by.clone(), heard: false });
            run.history.clear();
        }
        Event::RetryRequested { .. } => {
            forgive(run);
            run.wait_until = run.wait_until.map(|_| Timestamp(0));
        }
        Event::BudgetChanged { budget, .. } => {
            run.settings.budget = Some(*budget);
            run.warned.retain(|resource| *resource != Resource::Money);
        }
        Event::CrewFollowed { order } => run.followed = *order,
        Event::NearlyUsed { resource, .. } => run.warned.push(*resource),
        Event::AgentCalled { call, choice, resumed } => {
            run.resumed = *resumed;
            run.calls = *call;
            run.choice = choice.as_deref().cloned();
            enter(run, Step::Act);
        }
        Event::AgentReturned { report, sandbox, .. } => {
            if let Some(held) = sandbox {
                let before = run.agents_held.take();
                run.agents_held = Some(before.map_or(held.clone(), |before| before.and(held)));
            }
            on_returned(run, report);
        }
        Event::AgentCallLost { .. } => on_lost(run),
        Event::AgentCallWithdrawn { call } => {
            run.calls = call.saturating_sub(1);
            enter(run, Step::Reason);
        }
        Event::WaitStarted { until, window, .. } => {
            run.resumes = run.resumes.saturating_add(u32::from(*window));
            run.session = None;
            run.wait_until = Some(*until);
            enter(run, Step::Wait);
        }
        Event::WaitEnded => run.wait_until = None,
        Event::SnapshotTaken { snapshot } => {
            run.snapshot = Some(snapshot.clone());
            enter(run, Step::Verify);
        }
        Event::TreeJudged { judged, verdict } => {
            run.judged = Some((judged.clone(), *verdict));
            remember_judgement(run);
        }
        Event::JudgementReused { .. } => {
            // A call that was turned away says nothing about going in circles.
            let completed = |call: &CallReport| call.outcome == AgentOutcome::Completed;
            if run.last_call.as_ref().is_some_and(completed) {
                remember_judgement(run);
            }
        }
        Event::RolledBack { snapshot, judged, .. } => {
            run.snapshot.clone_from(snapshot);
            run.judged.clone_from(judged);
            // What was said and proved afterwards is about files that are not there any more.
            run.session = None;
            run.last_call = None;
            run.last_call_lost = false;
            run.discarded = None;
            run.ended = None;
        }
        Event::WorkspaceDiscarded { kept } => run.discarded = Some(kept.clone()),
        Event::StopRequested { by } => run.stopping = Some(*by),
        Event::CloseStarted { ending } => {
            run.ending = Some(ending.clone());
            enter(run, Step::Close);
        }
        Event::ResultWritten { evidence, commit, .. } => {
            run.evidence.clone_from(evidence);
            run.result.clone_from(commit);
        }
        Event::DeliveryIntended { .. }
        | Event::DeliveryTried { .. }
        | Event::DeliveryConfirmed { .. }
        | Event::DeliveryUnknown { .. }
        | Event::DeliveryFailed { .. }
        | Event::DeliveryRetried { .. }
        | Event::DeliveryGivenUp { .. } => outbox::apply(&mut run.outbox, event),
        Event::RunEnded { outcome, reason } => {
            run.ended = Some(Ending { outcome: *outcome, reason: reason.clone() });
            run.stopping = None;
        }
    }
}

/// Every step waits for an effect of its own.
fn enter(run: &mut Run, step: Step) {
    run.step = step;
    if step != Step::Act {
        next_agent(run);
    }
    run.awaiting = EffectId(run.awaiting.0 + 1);
}

fn on_returned(run: &mut Run, report: &CallReport) {
    charge(run, &report.usage);
    match &report.outcome {
        AgentOutcome::Completed | AgentOutcome::BudgetReached => {
            run.failed_calls = 0;
            run.turned_away = 0;
            run.handover = None;
            let agent = run.active_agent().to_owned();
            run.breakers.retain(|breaker| breaker.model.is_some() || breaker.agent != agent);
            let told = run.told.min(run.steers.len());
            run.steers[..told].iter_mut().for_each(|steer| steer.heard = true);
        }
        AgentOutcome::Cancelled => {}
        outcome if outcome.is_turned_away() => run.turned_away += 1,
        _ => run.failed_calls += 1,
    }
    run.last_call = Some(report.clone());
    run.last_call_lost = false;
    let good = report.outcome == AgentOutcome::Completed;
    let id = report.session.as_deref().filter(|_| good);
    run.session = id.and_then(|id| session::after_call(run, id));
    enter(run, Step::Reflect);
}

fn trip(
    run: &mut Run,
    agent: &str,
    model: Option<&str>,
    reason: &str,
    open_until: Option<Timestamp>,
) {
    let trips = failover::trips(run, agent, model) + 1;
    run.breakers.retain(|breaker| !breaker.is_of(agent, model));
    let (agent, model, reason) = (agent.to_owned(), model.map(str::to_owned), reason.to_owned());
    run.breakers.push(Breaker { agent, model, trips, open_until, reason });
}

/// Whoever takes over begins with a clean slate.
fn hand_over(run: &mut Run, from: &str, index: usize, reason: &str) {
    run.handover = Some(Handover { from: from.to_owned(), reason: reason.to_owned() });
    run.active = index;
    run.failed_calls = 0;
    run.turned_away = 0;
    run.switched = None;
}

fn next_agent(run: &mut Run) {
    if let Some(next) = run.next_agent.take() {
        let from = run.active_agent().to_owned();
        hand_over(run, &from, next.index, "the user wants it so");
        run.switched = next.model;
    }
}

/// What agents and models failed at so far counts no more.
fn forgive(run: &mut Run) {
    run.failed_calls = 0;
    run.turned_away = 0;
    run.resumes = 0;
    run.breakers.clear();
    run.unavailable.clear();
}

fn on_lost(run: &mut Run) {
    run.session = None;
    charge(run, &Usage::UNKNOWN);
    run.last_call = None;
    run.last_call_lost = true;
    enter(run, Step::Reflect);
}

fn charge(run: &mut Run, usage: &Usage) {
    let unknown = run.settings.unknown_cost;
    run.spend.charge(usage, unknown);
    if usage.cost == Cost::Unknown && unknown == UnknownCost::Deny {
        run.cost_denied = run.settings.budget.is_some();
    }
}

/// From `at` on time does not count.
fn stop_clock(run: &mut Run, at: Option<Timestamp>) {
    if let (Some(since), Some(at)) = (run.since.take(), at) {
        run.worked_ms = run.worked_ms.saturating_add(at.millis_since(since));
    }
}

fn remember_judgement(run: &mut Run) {
    if let Some((judged, verdict)) = &run.judged {
        run.history.push(PastJudgement {
            tree: judged.tree.clone(),
            verdict: *verdict,
            findings: judged.findings.clone(),
        });
    }
}
