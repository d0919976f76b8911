//! Tokens and time of all tasks together.

use super::fixtures::*;
use crate::crew::*;
use crate::{
    Control, NewLimits, Outcome, Resource, Settings, Spend, StopCause, Timestamp, TokenUsage,
    Verdict,
};

const MINUTE: u64 = 60_000;

fn limited(limits: NewLimits, jobs: u32) -> Sim {
    let mut sim = Sim::new(&[("a", &[]), ("b", &[])], Jobs::UpTo(jobs), None);
    let CrewEvent::CrewCreated { settings, .. } = &mut sim.journal[0] else { panic!() };
    let NewLimits { tokens_max, time_max_ms, .. } = limits;
    *settings = Settings { tokens_max, time_max_ms, ..settings.clone() };
    sim.crew = fold(&sim.journal).unwrap();
    sim.prepare();
    sim
}

fn returns_with(sim: &mut Sim, task: &str, outcome: Outcome, tokens: u64) {
    let tokens = TokenUsage { input: tokens, ..TokenUsage::default() };
    let spend = Spend { tokens, ..Spend::default() };
    sim.task_done(task, Returned { spend, ..returned(outcome) });
}

fn later(sim: &mut Sim, millis: u64) {
    sim.at = Timestamp(sim.at.0 + i64::try_from(millis).unwrap());
}

fn warned(sim: &Sim) -> Vec<Resource> {
    let warning = |event: &CrewEvent| match event {
        CrewEvent::NearlyUsed { resource, .. } => Some(*resource),
        _ => None,
    };
    sim.journal.iter().filter_map(warning).collect()
}

fn merge(sim: &mut Sim) {
    sim.join(&[]);
    sim.judge(Verdict::Verified);
    sim.land();
}

#[test]
fn tokens_are_shared_like_money() {
    let limits = NewLimits { tokens_max: Some(1_000), ..NewLimits::default() };
    let mut sim = limited(limits, 1);
    assert_eq!(sim.crew.errand("a").unwrap().tokens, Some(500));
    returns_with(&mut sim, "a", Outcome::Verified, 100);
    assert_eq!(sim.crew.errand("b").unwrap().tokens, Some(900), "what a left is b's");
    assert_eq!(sim.crew.tokens_left(), Some(0), "all of it is promised");
}

#[test]
fn tokens_that_are_used_end_it_and_more_of_them_go_on() {
    let limits = NewLimits { tokens_max: Some(1_000), ..NewLimits::default() };
    let mut sim = limited(limits, 1);
    returns_with(&mut sim, "a", Outcome::Verified, 1_001);
    assert_eq!(warned(&sim), [Resource::Tokens]);
    merge(&mut sim);
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::BudgetExhausted));
    assert!(sim.crew.ended.as_ref().unwrap().reason.contains("1001 tokens used of 1000 tokens"));
    let resume = Input::Resume { last_at: sim.at, limits: NewLimits::default() };
    assert_eq!(sim.decide(&resume), Err(Rejected::Used { resource: Resource::Tokens }));
    sim.resume(NewLimits { tokens_max: Some(3_000), ..NewLimits::default() });
    assert_eq!(sim.running(), ["b"]);
}

#[test]
fn time_is_one_for_all_and_what_is_made_by_then_is_still_brought_together() {
    let limits = NewLimits { time_max_ms: Some(10 * MINUTE), ..NewLimits::default() };
    let mut sim = limited(limits, 1);
    assert_eq!(sim.crew.time_is_short_in_ms(sim.at), Some(8 * MINUTE));
    later(&mut sim, 8 * MINUTE);
    sim.input(Input::Look);
    assert_eq!(warned(&sim), [Resource::Time]);
    assert_eq!(sim.crew.time_is_short_in_ms(sim.at), None, "it was said");
    later(&mut sim, MINUTE);
    assert_eq!(sim.crew.time_left_ms(sim.at), Some(MINUTE));
    later(&mut sim, MINUTE);
    sim.returns("a", Outcome::Verified);
    assert_eq!(warned(&sim), [Resource::Time]);
    assert!(sim.running().is_empty(), "no time is left for b");
    merge(&mut sim);
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::BudgetExhausted));
    assert!(sim.crew.ended.as_ref().unwrap().reason.contains("10 min used of 10 min"));
    later(&mut sim, 60 * MINUTE);
    assert_eq!(sim.crew.time_used_ms(sim.at), 10 * MINUTE, "what is over takes no time");
}

#[test]
fn pauses_and_the_time_in_which_nobody_drove_it_do_not_count() {
    let limits = NewLimits { time_max_ms: Some(10 * MINUTE), ..NewLimits::default() };
    let mut sim = limited(limits, 2);
    later(&mut sim, MINUTE);
    sim.asks(Control::Pause { now: false });
    later(&mut sim, 60 * MINUTE);
    sim.asks(Control::Continue);
    later(&mut sim, MINUTE);
    assert_eq!(sim.crew.time_used_ms(sim.at), 2 * MINUTE);
    sim.input(Input::Stop { by: StopCause::Terminate });
    let last_at = sim.at;
    later(&mut sim, 60 * MINUTE);
    sim.input(Input::Resume { last_at, limits: NewLimits::default() });
    assert_eq!(sim.crew.time_used_ms(sim.at), 2 * MINUTE);
    assert!(warned(&sim).is_empty());
}
