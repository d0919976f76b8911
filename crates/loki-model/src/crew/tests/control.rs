//! What is asked of all tasks at once.

use super::fixtures::*;
use crate::crew::*;
use crate::{
    BudgetChange, Control, NewLimits, Offer, Outcome, Rejected as OfRun, StopCause, Usd, Verdict,
};

const PAUSE: Control = Control::Pause { now: false };

fn steer(text: &str) -> Control {
    Control::Steer { text: text.to_owned() }
}

fn two() -> Sim {
    let mut sim = Sim::new(&[("a", &[]), ("b", &[])], Jobs::UpTo(1), None);
    sim.prepare();
    sim
}

/// What the run of `task` is told that has followed so much.
fn orders(sim: &Sim, task: &str, followed: u32) -> Vec<(u32, Control)> {
    let orders = sim.crew.orders(sim.crew.errand(task).unwrap(), followed);
    orders.into_iter().map(|order| (order.number, order.control)).collect()
}

fn refused(sim: &Sim, control: Control) -> Rejected {
    sim.decide(&Input::Control { control, by: "someone".to_owned() }).unwrap_err()
}

#[test]
fn during_a_pause_nothing_is_begun_and_nothing_ends() {
    let mut sim = two();
    sim.asks(PAUSE);
    assert_eq!(orders(&sim, "a", 0), [(1, PAUSE)]);
    sim.returns("a", Outcome::Verified);
    assert!(due(&sim.crew).is_empty(), "neither b nor the queue: {:?}", due(&sim.crew));
    assert!(sim.crew.ended.is_none() && sim.crew.ending.is_none());
    sim.asks(Control::Continue);
    assert_eq!(sim.running(), ["b"]);
    assert!(sim.crew.merging.is_some());
    assert_eq!(refused(&sim, Control::Continue), Rejected::Control(OfRun::NotPaused));
}

#[test]
fn what_all_share_is_finished_when_a_pause_is_asked_for_and_nothing_follows_it() {
    let mut sim = two();
    sim.returns("a", Outcome::Verified);
    sim.asks(PAUSE);
    sim.join(&[]);
    assert!(!due(&sim.crew).iter().any(|(due, _)| matches!(due, Due::Turn(_))));
    sim.asks(Control::Continue);
    sim.judge(Verdict::Verified);
}

#[test]
fn a_pause_that_is_over_is_told_nobody() {
    let mut sim = two();
    sim.asks(PAUSE);
    // The process dies before the run of `a` has heard of it.
    sim.resume(NewLimits::default());
    assert!(!sim.crew.paused);
    assert!(orders(&sim, "a", 0).is_empty());
}

#[test]
fn a_stop_ends_a_pause_in_which_nothing_is_under_way() {
    let mut sim = two();
    sim.asks(PAUSE);
    sim.returns("a", Outcome::Verified);
    sim.input(Input::Stop { by: StopCause::Terminate });
    sim.input(Input::Quiet);
    assert_eq!(sim.outcome(), Some(Outcome::Stopped));
    sim.resume(NewLimits::default());
    assert_eq!(sim.running(), ["b"]);
}

#[test]
fn what_is_said_reaches_runs_that_are_under_way_and_those_that_begin_later_each_once() {
    let mut sim = two();
    sim.asks(steer("first"));
    sim.asks(steer("second"));
    assert_eq!(orders(&sim, "a", 1), [(2, steer("second"))]);
    sim.returns("a", Outcome::Verified);
    assert_eq!(sim.running(), ["b"]);
    assert_eq!(orders(&sim, "b", 0), [(1, steer("first")), (2, steer("second"))]);
    assert!(orders(&sim, "b", 2).is_empty());
    let said: Vec<String> =
        sim.crew.as_run().unwrap().steers.into_iter().map(|steer| steer.text).collect();
    assert_eq!(said, ["first", "second"]);
    assert_eq!(refused(&sim, steer("")), Rejected::Control(OfRun::NotSteerable));
}

#[test]
fn a_model_is_validated_as_for_a_single_run_and_holds_for_tasks_that_begin_later() {
    let mut sim = two();
    let model = Control::Model { model: Some("large".to_owned()) };
    let not = OfRun::ModelNotChoosable { agent: "agent".to_owned() };
    let mut offer = Offer::unknown("agent");
    offer.capabilities.model = false;
    sim.crew.settings.agents = vec![offer.clone()];
    assert_eq!(refused(&sim, model.clone()), Rejected::Control(not));
    offer.capabilities.model = true;
    sim.crew.settings.agents = vec![offer];
    sim.asks(model.clone());
    assert_eq!(sim.crew.as_run().unwrap().switched.as_deref(), Some("large"));
    sim.returns("a", Outcome::Verified);
    assert_eq!(orders(&sim, "b", 0), [(1, model)]);
}

#[test]
fn a_retry_begins_tasks_that_failed_again_and_those_that_waited_for_them_follow() {
    let mut sim = Sim::new(&[("a", &[]), ("b", &["a"]), ("c", &[])], Jobs::UpTo(3), None);
    sim.prepare();
    sim.returns("a", Outcome::Stagnated);
    assert_eq!(sim.running(), ["c"]);
    sim.asks(Control::Retry);
    assert_eq!(sim.running(), ["a", "c"]);
    assert_eq!(sim.crew.errand("a").unwrap().attempt, 2);
    assert_eq!(orders(&sim, "c", 0), [(1, Control::Retry)]);
    assert!(orders(&sim, "a", 0).len() <= 1);
}

#[test]
fn more_money_is_shared_among_all_that_are_under_way_or_to_come() {
    let budget = Some(Usd(6_000_000));
    let mut sim = Sim::new(&[("a", &[]), ("b", &[]), ("c", &[])], Jobs::UpTo(2), budget);
    sim.prepare();
    let share = |sim: &Sim, task: &str| sim.crew.errand(task).unwrap().share;
    assert_eq!((share(&sim, "a"), share(&sim, "b")), (Some(Usd(2_000_000)), Some(Usd(2_000_000))));
    let change = BudgetChange::Add(Usd(3_000_000));
    sim.asks(Control::Budget { change });
    let more = Some(Usd(3_666_666));
    assert_eq!((share(&sim, "a"), share(&sim, "b")), (more, more));
    let to_run = |usd| Control::Budget { change: BudgetChange::Set(usd) };
    assert_eq!(orders(&sim, "a", 0), [(1, to_run(Usd(3_666_666)))]);
}

#[test]
fn less_money_than_was_promised_cuts_what_was_promised() {
    let mut sim = Sim::new(&[("a", &[]), ("b", &[])], Jobs::UpTo(2), Some(Usd(8_000_000)));
    sim.prepare();
    sim.asks(Control::Budget { change: BudgetChange::Set(Usd(2_000_000)) });
    let share = |task: &str| sim.crew.errand(task).unwrap().share;
    assert_eq!((share("a"), share("b")), (Some(Usd(1_000_000)), Some(Usd(1_000_000))));
    assert_eq!(sim.crew.budget_left(), Some(Usd::ZERO));
    let mut none = two();
    let add = Control::Budget { change: BudgetChange::Add(Usd(1)) };
    assert_eq!(refused(&none, add), Rejected::Control(OfRun::NoBudget));
    none.asks(Control::Budget { change: BudgetChange::Set(Usd(4_000_000)) });
    assert_eq!(none.crew.errand("a").unwrap().share, Some(Usd(2_000_000)));
}

#[test]
fn what_is_asked_while_it_is_over_holds_once_it_goes_on() {
    let mut sim = two();
    sim.input(Input::Stop { by: StopCause::Terminate });
    sim.returns("a", Outcome::Stopped);
    sim.input(Input::Quiet);
    sim.asks(steer("use SQLite"));
    assert_eq!(refused(&sim, PAUSE), Rejected::Control(OfRun::Ended));
    assert!(sim.running().is_empty());
    sim.resume(NewLimits::default());
    assert_eq!(orders(&sim, "a", 0), [(1, steer("use SQLite"))]);
}
