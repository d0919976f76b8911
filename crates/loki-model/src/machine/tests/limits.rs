//! What a run may use: money, tokens, time.

use super::fixtures::*;
use crate::*;

const HOUR: u64 = 3_600_000;

fn used(tokens: u64, cost: Cost) -> CallReport {
    let tokens = TokenUsage { input: tokens, ..TokenUsage::default() };
    CallReport { usage: Usage { tokens: Some(tokens), cost }, ..completed(Claim::Done) }
}

fn after(hours: u64) -> Timestamp {
    Timestamp(AT.0 + i64::try_from(hours * HOUR).unwrap())
}

fn warned(sim: &Sim) -> Vec<(Resource, u64, u64)> {
    let told = |event: &Event| match event {
        Event::NearlyUsed { resource, used, limit } => Some((*resource, *used, *limit)),
        _ => None,
    };
    sim.journal.iter().filter_map(told).collect()
}

fn running(settings: Settings) -> Sim {
    let mut sim = Sim::new(settings);
    sim.prepare();
    sim
}

fn judge_at(sim: &mut Sim, at: Timestamp, n: u32) {
    sim.done(EffectResult::SnapshotTaken(snapshot(n)));
    sim.done_at(at, EffectResult::TreeJudged(judged(n, Judgement::Fail)));
}

fn reason(sim: &Sim) -> &str {
    sim.run.ending.as_ref().map_or("", |ending| ending.reason.as_str())
}

#[test]
fn tokens_of_every_kind_count_and_a_used_limit_ends_the_run() {
    let mut sim = running(Settings { tokens_max: Some(1_000), ..settings(9) });
    sim.attempt(used(600, Cost::Unknown), 1, Judgement::Fail);
    assert_eq!((sim.run.step, sim.run.tokens_left()), (Step::Reason, Some(400)));
    sim.compose();
    let Some(Effect { kind: EffectKind::CallAgent { tokens_left, .. }, .. }) = pending(&sim.run)
    else {
        panic!("{:?}", sim.run.step)
    };
    assert_eq!(tokens_left, Some(400));
    let tokens = TokenUsage { input: 100, output: 100, cache_read: 100, cache_write: 100 };
    let usage = Usage { tokens: Some(tokens), cost: Cost::Unknown };
    sim.agent(CallReport { usage, ..completed(Claim::Done) });
    judge_at(&mut sim, AT, 2);
    assert_eq!(reason(&sim), "1000 tokens used of 1000 tokens");
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::BudgetExhausted));
    let used_up = Err(Rejected::Used { resource: Resource::Tokens });
    assert_eq!(decide(&sim.run, &resume_with(NewLimits::default())), used_up);
    sim.input(resume_with(NewLimits { tokens_max: Some(2_000), ..NewLimits::default() }));
    assert_eq!(sim.run.tokens_left(), Some(1_000));
}

#[test]
fn time_runs_while_somebody_drives_the_run_and_does_not_pause_it() {
    let mut sim = running(Settings { time_max_ms: Some(5 * HOUR), ..settings(9) });
    assert_eq!(sim.run.deadline(), Some(after(5)));
    let by = "someone".to_owned();
    let control = |control, at| Input::Control { control, by: by.clone(), at };
    sim.input(control(Control::Pause { now: false }, after(1)));
    assert_eq!((sim.run.deadline(), sim.run.time_used_ms(after(9))), (None, HOUR));
    sim.input(control(Control::Continue, after(10)));
    assert_eq!(sim.run.deadline(), Some(after(14)));
    // It dies after two hours more, and is taken up much later.
    let limits = NewLimits::default();
    sim.input(Input::Resume { at: after(100), last_at: after(12), limits });
    assert_eq!(sim.run.time_used_ms(after(101)), 4 * HOUR);
    assert_eq!(sim.run.deadline(), Some(after(102)));
}

#[test]
fn a_call_is_told_when_it_has_to_be_over_and_no_further_one_is_made() {
    let mut sim = running(Settings { time_max_ms: Some(2 * HOUR), ..settings(9) });
    sim.compose();
    let Some(Effect { kind: EffectKind::CallAgent { until, .. }, .. }) = pending(&sim.run) else {
        panic!("{:?}", sim.run.step)
    };
    assert_eq!(until, Some(after(2)));
    sim.agent(failed(AgentOutcome::TimedOut { deadline: Deadline::Total }));
    judge_at(&mut sim, after(2), 1);
    assert_eq!(reason(&sim), "2 h 0 min used of 2 h 0 min");
    sim.close();
    let limits = NewLimits::default();
    let again = Input::Resume { at: after(3), last_at: after(2), limits };
    assert_eq!(decide(&sim.run, &again), Err(Rejected::Used { resource: Resource::Time }));
}

#[test]
fn a_wait_that_is_longer_than_what_is_left_is_not_begun() {
    let mut sim = running(Settings { time_max_ms: Some(HOUR), ..settings(9) });
    sim.compose();
    sim.agent(failed(AgentOutcome::RateLimited { until: Some(after(2)) }));
    judge_at(&mut sim, AT, 1);
    assert_eq!(sim.run.step, Step::Close);
    assert!(reason(&sim).starts_with("it would have to wait for longer"), "{}", reason(&sim));
}

#[test]
fn a_wait_that_took_too_long_ends_the_run() {
    let mut sim = running(Settings { time_max_ms: Some(HOUR), ..settings(9) });
    sim.attempt(failed(AgentOutcome::Overloaded), 1, Judgement::Fail);
    assert_eq!(sim.run.step, Step::Wait);
    sim.done_at(after(1), EffectResult::Waited);
    assert_eq!(sim.run.step, Step::Close);
}

#[test]
fn it_is_said_once_of_each_limit_that_little_is_left_and_again_after_it_was_raised() {
    let limits = Settings { budget: Some(Usd(1_000_000)), tokens_max: Some(1_000), ..settings(9) };
    let mut sim = running(limits);
    let cost = |micros| Cost::Known { usd: Usd(micros) };
    sim.attempt(used(799, cost(799_999)), 1, Judgement::Fail);
    assert_eq!(warned(&sim), []);
    sim.attempt(used(1, cost(1)), 2, Judgement::Fail);
    let money = (Resource::Money, 800_000, 1_000_000);
    let both = [money, (Resource::Tokens, 800, 1_000)];
    assert_eq!(warned(&sim), both);
    sim.attempt(used(1, cost(1)), 3, Judgement::Fail);
    assert_eq!(warned(&sim), both);
    let raised = Control::Budget { change: BudgetChange::Set(Usd(1_000_001)) };
    sim.input(Input::Control { control: raised, by: "x".to_owned(), at: AT });
    sim.attempt(used(1, cost(100_000)), 4, Judgement::Fail);
    assert_eq!(warned(&sim).last(), Some(&(Resource::Money, 900_001, 1_000_001)));
}

#[test]
fn what_a_call_of_unknown_cost_counts_is_the_users_choice() {
    let with = |unknown_cost, budget| {
        let budget = Some(budget);
        let mut sim = running(Settings { budget, unknown_cost, ..settings(9) });
        sim.attempt(completed(Claim::Done), 1, Judgement::Fail);
        sim
    };
    let budget = Usd(3_000_000);
    assert_eq!(with(UnknownCost::Estimate, budget).run.spend.charged(), Spend::UNKNOWN_CALL);
    let allowed = with(UnknownCost::Allow, budget);
    assert_eq!((allowed.run.spend.charged(), allowed.run.spend.unknown_calls), (Usd::ZERO, 1));
    assert_eq!(allowed.run.step, Step::Reason);
    let mut denied = with(UnknownCost::Deny, budget);
    assert_eq!(reason(&denied), "the cost of a call is not known, and such calls are not allowed");
    denied.close();
    assert_eq!(denied.outcome(), Some(Outcome::BudgetExhausted));
    // Someone has looked at it.
    denied.resume();
    assert_eq!(denied.run.step, Step::Reason);
}

#[test]
fn without_a_budget_no_call_is_denied_for_its_cost() {
    let mut sim = running(Settings { unknown_cost: UnknownCost::Deny, ..settings(9) });
    sim.attempt(completed(Claim::Done), 1, Judgement::Fail);
    assert_eq!(sim.run.step, Step::Reason);
}

#[test]
fn amounts_are_shown_in_their_unit() {
    for (resource, amount, shown) in [
        (Resource::Money, 1_500_000, "$1.50"),
        (Resource::Tokens, 7, "7 tokens"),
        (Resource::Time, 59_999, "59 s"),
        (Resource::Time, 60_000, "1 min"),
        (Resource::Time, 61_000, "1 min 1 s"),
        (Resource::Time, 2 * HOUR + 90_000, "2 h 1 min"),
    ] {
        assert_eq!(resource.shown(amount), shown);
    }
}
