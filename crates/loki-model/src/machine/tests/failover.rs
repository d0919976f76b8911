//! Which agent goes on when one can not.

use proptest::prelude::*;

use super::fixtures::*;
use crate::*;

/// A run of a chain whose first call is about to be made.
fn begun(agents: usize) -> Sim {
    let mut sim = Sim::new(chain(agents, 50));
    sim.prepare();
    sim.compose();
    sim
}

/// The call ends with `outcome` at `at`, leaves nothing, and the next one is prepared if there is one.
fn call(sim: &mut Sim, outcome: AgentOutcome, at: Timestamp) {
    call_leaving(0, sim, outcome, at);
}

/// The same with a tree of that number, which does not hold.
fn call_leaving(n: u32, sim: &mut Sim, outcome: AgentOutcome, at: Timestamp) {
    let (report, transcript) = (failed(outcome), digest("t"));
    sim.done_at(
        at,
        EffectResult::AgentReturned { report, transcript, duration_ms: 1, sandbox: None },
    );
    let unchanged = Snapshot { changed: false, ..snapshot(n) };
    sim.done_at(at, EffectResult::SnapshotTaken(unchanged));
    if sim.run.step == Step::Verify {
        sim.done_at(at, EffectResult::TreeJudged(judged(n, Judgement::Fail)));
    }
    if sim.run.step == Step::Reason {
        sim.compose();
    }
}

/// The agents of the chain that were called, in order.
fn called(sim: &Sim) -> Vec<String> {
    let choices = sim.journal.iter().filter_map(|event| match event {
        Event::AgentCalled { choice, .. } => choice.as_ref(),
        _ => None,
    });
    choices.map(|choice| choice.agent.clone()).collect()
}

const SOON: Timestamp = Timestamp(AT.0 + 30_000);
const LATER: Timestamp = Timestamp(AT.0 + 3_600_000);

#[test]
fn an_agent_that_needs_a_person_is_followed_by_the_next_one_without_judging_what_it_did_not_do() {
    for outcome in [AgentOutcome::Auth, AgentOutcome::NotStarted { detail: String::new() }] {
        let mut sim = begun(2);
        call(&mut sim, outcome, AT);
        assert_eq!(called(&sim), ["agent-0", "agent-1"]);
        assert_eq!(sim.run.judged, None);
        assert_eq!(sim.run.choice.as_ref().unwrap().model.as_deref(), Some("model-1"));
        assert_eq!(sim.run.handover.as_ref().unwrap().from, "agent-0");
    }
}

#[test]
fn an_allowance_that_is_used_up_is_followed_by_the_next_agent_and_a_short_wait_is_waited() {
    for (until, expected) in [(None, "agent-1"), (Some(LATER), "agent-1"), (Some(SOON), "agent-0")]
    {
        for outcome in [AgentOutcome::RateLimited { until }, AgentOutcome::Quota { until }] {
            let mut sim = begun(2);
            call(&mut sim, outcome, AT);
            assert_eq!(sim.run.active_agent(), expected, "{until:?}");
            assert_eq!(sim.run.step == Step::Wait, expected == "agent-0");
        }
    }
}

#[test]
fn an_allowance_that_is_used_up_is_waited_for_asked_about_or_the_end_as_the_user_wants_it() {
    let call_with = |on_quota: OnQuota, until: Option<Timestamp>| {
        let mut sim = Sim::new(Settings { on_quota, ..chain(2, 50) });
        sim.prepare();
        sim.compose();
        call(&mut sim, AgentOutcome::Quota { until }, AT);
        sim
    };
    let far = Timestamp(AT.0 + 48 * 3_600_000);
    let waits = call_with(OnQuota::Wait, Some(far));
    assert_eq!((waits.run.wait_until, waits.run.active), (Some(far), 0));
    let asks = call_with(OnQuota::Ask, Some(far));
    assert_eq!(pending(&asks.run).unwrap().kind, EffectKind::Hold);
    let mut stops = call_with(OnQuota::Stop, None);
    stops.close();
    assert_eq!(stops.outcome(), Some(Outcome::AgentUnavailable));
    for on_quota in [OnQuota::Wait, OnQuota::Ask, OnQuota::Stop] {
        let short = call_with(on_quota, Some(SOON));
        assert_eq!(short.run.wait_until, Some(SOON), "a short wait is waited: {on_quota:?}");
    }
}

#[test]
fn a_wait_for_the_same_agent_is_not_begun_for_ever() {
    let mut sim = Sim::new(Settings { on_quota: OnQuota::Wait, ..chain(1, 50) });
    sim.prepare();
    sim.compose();
    while sim.run.ended.is_none() {
        match sim.run.step {
            Step::Wait => sim.done(EffectResult::Waited),
            Step::Reason => sim.compose(),
            Step::Close => sim.close(),
            _ => call(&mut sim, AgentOutcome::Quota { until: Some(LATER) }, AT),
        }
    }
    assert_eq!((sim.outcome(), sim.run.calls), (Some(Outcome::AgentUnavailable), 6));
}

#[test]
fn a_run_goes_on_by_itself_after_an_allowance_came_back_as_often_as_it_may() {
    let mut sim =
        Sim::new(Settings { on_quota: OnQuota::Wait, resumes_max: Some(2), ..chain(1, 50) });
    sim.prepare();
    sim.compose();
    while sim.run.ended.is_none() {
        match sim.run.step {
            Step::Wait => sim.done(EffectResult::Waited),
            Step::Reason => sim.compose(),
            Step::Close => sim.close(),
            _ => call(&mut sim, AgentOutcome::Quota { until: Some(LATER) }, AT),
        }
    }
    assert_eq!((sim.outcome(), sim.run.calls), (Some(Outcome::AgentUnavailable), 3));
    let reason = sim.run.ended.as_ref().unwrap().reason.clone();
    assert!(reason.contains("2 times"), "{reason}");
    // A person has looked at it: it counts from the beginning again.
    sim.input(resume_with(NewLimits::default()));
    assert_eq!(sim.run.resumes, 0);
}

#[test]
fn short_waits_and_outages_are_no_windows() {
    let mut sim = Sim::new(Settings { resumes_max: Some(0), ..chain(1, 50) });
    sim.prepare();
    sim.compose();
    call(&mut sim, AgentOutcome::RateLimited { until: Some(SOON) }, AT);
    assert_eq!((sim.run.step, sim.run.resumes), (Step::Wait, 0));
    sim.done(EffectResult::Waited);
    sim.compose();
    call(&mut sim, AgentOutcome::Overloaded, AT);
    assert_eq!((sim.run.step, sim.run.resumes), (Step::Wait, 0));
}

#[test]
fn no_call_is_made_in_quiet_hours_and_the_run_goes_on_after_them() {
    let mut sim = Sim::new(chain(1, 50));
    sim.prepare();
    let until = Timestamp(AT.0 + 60_000);
    let prompt =
        |not_before| EffectResult::PromptComposed { prompt: digest("p"), bytes: 1, not_before };
    sim.done(prompt(Some(until)));
    assert_eq!((sim.run.step, sim.run.wait_until, sim.run.calls), (Step::Wait, Some(until), 0));
    sim.done(EffectResult::Waited);
    assert_eq!(sim.run.step, Step::Reason);
    // What lies in the past is no reason to wait.
    sim.done(prompt(Some(Timestamp(AT.0))));
    assert_eq!((sim.run.step, sim.run.calls), (Step::Act, 1));
}

#[test]
fn an_outage_is_waited_for_once() {
    let mut sim = begun(2);
    call(&mut sim, AgentOutcome::Overloaded, AT);
    assert_eq!((sim.run.step, sim.run.active), (Step::Wait, 0));
    sim.done(EffectResult::Waited);
    sim.compose();
    call(&mut sim, AgentOutcome::Overloaded, AT);
    assert_eq!((sim.run.step, sim.run.active), (Step::Act, 1));
}

/// The only agent's tier has a model of its own, and a cheaper tier another one.
fn two_models() -> Sim {
    let mut settings = chain(1, 50);
    let offer = &mut settings.agents[0];
    offer.models.push(Model { id: "small".to_owned(), ..offer.models[0].clone() });
    offer.tiers.fast.model = Some("small".to_owned());
    let mut sim = Sim::new(settings);
    sim.prepare();
    sim.compose();
    sim
}

fn asked(sim: &Sim) -> Option<String> {
    sim.run.choice.as_ref().unwrap().model.clone()
}

#[test]
fn a_model_that_stays_overloaded_rests_while_another_one_serves_and_then_comes_back() {
    let mut sim = two_models();
    call(&mut sim, AgentOutcome::Overloaded, AT);
    sim.done(EffectResult::Waited);
    sim.compose();
    assert_eq!(asked(&sim).as_deref(), Some("model-0"), "once is waited for");
    call(&mut sim, AgentOutcome::Overloaded, AT);
    assert_eq!(asked(&sim).as_deref(), Some("small"));
    call_leaving(1, &mut sim, AgentOutcome::Completed, SOON);
    assert_eq!(asked(&sim).as_deref(), Some("small"), "its rest is not over");
    call_leaving(2, &mut sim, AgentOutcome::Completed, LATER);
    assert_eq!(asked(&sim).as_deref(), Some("model-0"));
}

#[test]
fn a_model_that_the_user_named_does_not_rest() {
    let mut sim = two_models();
    let control = Control::Model { model: Some("model-0".to_owned()) };
    sim.input(Input::Control { control, by: "someone".to_owned(), at: AT });
    call(&mut sim, AgentOutcome::Completed, AT);
    for _ in 0..2 {
        call(&mut sim, AgentOutcome::Overloaded, AT);
        assert_eq!(sim.run.step, Step::Wait);
        sim.done(EffectResult::Waited);
        sim.compose();
        assert_eq!(asked(&sim).as_deref(), Some("model-0"));
    }
}

#[test]
fn an_agent_that_keeps_failing_is_followed_by_the_next_one_instead_of_the_end() {
    let mut sim = begun(2);
    for _ in 0..3 {
        call(&mut sim, AgentOutcome::Garbage, AT);
    }
    assert_eq!(called(&sim), ["agent-0", "agent-0", "agent-0", "agent-1"]);
}

#[test]
fn whoever_took_over_stays_after_a_good_call_even_when_the_first_one_could_come_back() {
    let mut sim = begun(2);
    call(&mut sim, AgentOutcome::Quota { until: None }, AT);
    let much_later = Timestamp(AT.0 + 86_400_000);
    call(&mut sim, AgentOutcome::Completed, much_later);
    assert_eq!(called(&sim), ["agent-0", "agent-1", "agent-1"]);
    assert_eq!(sim.run.handover, None);
}

#[test]
fn with_all_agents_cooling_down_the_run_waits_for_the_one_that_is_free_first() {
    let mut sim = begun(2);
    call(&mut sim, AgentOutcome::RateLimited { until: Some(LATER) }, AT);
    let much_later = Timestamp(LATER.0 + 3_600_000);
    call(&mut sim, AgentOutcome::RateLimited { until: Some(much_later) }, AT);
    assert_eq!((sim.run.step, sim.run.active_agent()), (Step::Wait, "agent-0"));
    assert_eq!(sim.run.wait_until, Some(LATER));
}

#[test]
fn an_agent_that_needs_a_person_is_never_gone_back_to() {
    let mut sim = begun(2);
    call(&mut sim, AgentOutcome::Auth, AT);
    call(&mut sim, AgentOutcome::Auth, AT);
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::AgentUnavailable));
    let reason = &sim.run.ended.as_ref().unwrap().reason;
    assert!(reason.contains("agent-1") && reason.contains("agent-0"), "{reason}");
    assert_eq!(sim.run.calls, 2);
}

#[test]
fn a_model_that_loki_chose_and_that_is_not_offered_is_replaced_and_one_that_was_named_is_not() {
    let mut sim = begun(1);
    call(&mut sim, AgentOutcome::ModelNotFound, AT);
    let choice = sim.run.choice.clone().unwrap();
    assert_eq!((choice.model, choice.reason), (None, Reason::Own));

    let named = Settings { model: Some("model-0".to_owned()), ..chain(1, 50) };
    let mut sim = Sim::new(named);
    sim.prepare();
    sim.compose();
    call(&mut sim, AgentOutcome::ModelNotFound, AT);
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::AgentUnavailable));
}

#[test]
fn a_switch_of_the_model_holds_from_the_next_call_on_for_the_active_agent_only() {
    let mut settings = chain(2, 50);
    for offer in &mut settings.agents {
        let new = Model { id: "new".to_owned(), ..offer.models[0].clone() };
        offer.models.push(new);
    }
    let mut sim = Sim::new(settings);
    sim.prepare();
    sim.compose();
    let asked = |sim: &Sim| sim.run.choice.clone().unwrap().model;
    let switch = |model: Option<&str>| {
        let control = Control::Model { model: model.map(str::to_owned) };
        Input::Control { control, by: "someone".to_owned(), at: AT }
    };
    sim.input(switch(Some("new")));
    assert_eq!(asked(&sim).as_deref(), Some("model-0"), "the call that is under way goes on");
    call(&mut sim, AgentOutcome::Completed, AT);
    assert_eq!(asked(&sim).as_deref(), Some("new"));
    call(&mut sim, AgentOutcome::Auth, AT);
    assert_eq!(asked(&sim).as_deref(), Some("model-1"));
    sim.input(switch(Some("new")));
    sim.input(switch(None));
    call(&mut sim, AgentOutcome::Completed, AT);
    assert_eq!(asked(&sim).as_deref(), Some("model-1"));
}

#[test]
fn a_person_who_resumes_the_run_has_mended_every_agent() {
    let mut sim = begun(2);
    call(&mut sim, AgentOutcome::Auth, AT);
    call(&mut sim, AgentOutcome::Auth, AT);
    sim.close();
    sim.resume();
    sim.compose();
    call(&mut sim, AgentOutcome::Auth, AT);
    assert_eq!(sim.run.step, Step::Act, "the other one is tried again");
}

#[test]
fn tokens_without_money_are_charged_at_the_price_of_what_was_asked_or_stay_unknown() {
    let tokens = TokenUsage { input: 3_000_000, output: 1_000_000, cache_read: 0, cache_write: 0 };
    let usage = Usage { tokens: Some(tokens), cost: Cost::Unknown };
    let cases = [
        (None, Cost::Computed { usd: Usd(10) }),
        (Some("model-0"), Cost::Computed { usd: Usd(10) }),
        (Some("model-0-2026-11-02"), Cost::Computed { usd: Usd(10) }),
        (Some("model-0-mini"), Cost::Unknown),
        (Some("other"), Cost::Unknown),
    ];
    for (answered, cost) in cases {
        let mut sim = begun(1);
        let model = answered.map(str::to_owned);
        sim.agent(CallReport { usage, model, ..completed(Claim::Done) });
        assert_eq!(sim.run.last_call.as_ref().unwrap().usage.cost, cost, "{answered:?}");
        let charged = if cost == Cost::Unknown { Spend::UNKNOWN_CALL } else { Usd(10) };
        assert_eq!(sim.run.spend.charged(), charged);
        assert_eq!(sim.run.spend.known, Usd::ZERO);
    }
}

fn any_trouble() -> impl Strategy<Value = AgentOutcome> {
    let until = || proptest::option::of((0..30_000_000_i64).prop_map(Timestamp));
    prop_oneof![
        2 => Just(AgentOutcome::Completed),
        2 => until().prop_map(|until| AgentOutcome::RateLimited { until }),
        2 => until().prop_map(|until| AgentOutcome::Quota { until }),
        2 => Just(AgentOutcome::Overloaded),
        1 => Just(AgentOutcome::Auth),
        1 => Just(AgentOutcome::ModelNotFound),
        1 => Just(AgentOutcome::Garbage),
    ]
}

proptest! {
    #[test]
    fn nobody_is_called_while_cooling_down_and_nobody_is_left_without_trouble(
        agents in 1..4_usize,
        calls in proptest::collection::vec((any_trouble(), 0..2_000_000_i64), 1..40),
    ) {
        let mut sim = begun(agents);
        let mut now = AT;
        for (outcome, passed) in calls {
            now = Timestamp(now.0 + passed);
            let before = sim.run.clone();
            let good = outcome == AgentOutcome::Completed;
            call(&mut sim, outcome, now);
            if sim.run.step == Step::Wait {
                let until = sim.run.wait_until.unwrap();
                prop_assert!(until.millis_since(now) <= 7 * 3_600_000, "no wait is endless");
                now = now.max(until);
                sim.done_at(now, EffectResult::Waited);
                sim.compose();
            }
            if sim.run.step != Step::Act {
                break;
            }
            if good {
                prop_assert_eq!(sim.run.active, before.active, "what works is not left");
            }
            let active = sim.run.active_agent();
            let breaker = sim.run.breakers.iter().find(|breaker| breaker.agent == active);
            prop_assert!(breaker.is_none_or(|b| b.open_until.is_some_and(|until| until <= now)));
        }
    }

    #[test]
    fn what_is_dispatched_is_what_was_quoted_reported_and_priced(
        pin in proptest::option::of("model-[0-2]"),
        ceiling in proptest::option::of("model-[0-2]|sonnet|fast"),
        input in 0..10_000_000_u64,
    ) {
        let settings = Settings { model: pin, ceiling, ..chain(1, 9) };
        let quoted = settings.quote(Tier::Development);
        let mut sim = Sim::new(settings);
        sim.prepare();
        sim.compose();
        let Some(EffectKind::CallAgent { choice: dispatched, .. }) =
            pending(&sim.run).map(|effect| effect.kind) else { panic!("a call is pending") };
        let reported = sim.journal.iter().rev().find_map(|event| match event {
            Event::AgentCalled { choice, .. } => choice.clone(),
            _ => None,
        });
        prop_assert_eq!(&quoted, dispatched.as_ref());
        prop_assert_eq!(Some(&dispatched), reported.as_ref());
        let tokens = TokenUsage { input, ..TokenUsage::default() };
        let usage = Usage { tokens: Some(tokens), cost: Cost::Unknown };
        let model = dispatched.model.clone();
        sim.agent(CallReport { usage, model, ..completed(Claim::Done) });
        let expected = quoted.price.map_or(Spend::UNKNOWN_CALL, |price| price.of(&tokens));
        prop_assert_eq!(sim.run.spend.charged(), expected);
    }
}
