//! What someone asks of a run that is under way.

use super::fixtures::*;
use crate::*;

const BY: &str = "someone";

fn ask(sim: &mut Sim, control: Control) {
    sim.input(Input::Control { control, by: BY.to_owned(), at: AT });
}

fn refused(sim: &Sim, control: Control) -> Rejected {
    decide(&sim.run, &Input::Control { control, by: BY.to_owned(), at: AT }).unwrap_err()
}

fn pending_kind(sim: &Sim) -> EffectKind {
    pending(&sim.run).unwrap().kind
}

fn steer(text: &str) -> Control {
    Control::Steer { text: text.to_owned() }
}

#[test]
fn a_paused_run_is_held_at_every_step_but_the_last_and_then_goes_on_where_it_was() {
    for step in Step::ALL {
        let mut sim = Sim::at(step);
        let before = pending(&sim.run);
        ask(&mut sim, Control::Pause { now: false });
        if step == Step::Close {
            assert_eq!(pending(&sim.run), before, "a result is written at once");
            continue;
        }
        assert_eq!(pending_kind(&sim), EffectKind::Hold, "{step:?}");
        ask(&mut sim, Control::Continue);
        assert_eq!(pending(&sim.run), before, "{step:?}");
    }
}

#[test]
fn what_is_under_way_when_a_pause_is_asked_for_is_finished_and_nothing_further_is_begun() {
    let mut sim = Sim::at(Step::Act);
    ask(&mut sim, Control::Pause { now: false });
    sim.agent(completed(Claim::Done));
    assert_eq!((sim.run.step, pending_kind(&sim)), (Step::Reflect, EffectKind::Hold));
    ask(&mut sim, Control::Continue);
    assert_eq!(pending_kind(&sim), EffectKind::TakeSnapshot);
}

#[test]
fn a_prompt_that_is_composed_while_a_pause_is_asked_for_makes_no_call() {
    let mut sim = Sim::at(Step::Reason);
    ask(&mut sim, Control::Pause { now: false });
    sim.compose();
    assert_eq!((sim.run.calls, pending_kind(&sim)), (0, EffectKind::Hold));
    ask(&mut sim, Control::Continue);
    sim.compose();
    assert_eq!(sim.run.calls, 1);
}

#[test]
fn a_stop_ends_a_pause_and_so_does_a_process_that_takes_the_run_up() {
    let mut sim = Sim::at(Step::Reflect);
    ask(&mut sim, Control::Pause { now: false });
    let mut stopped = sim.clone();
    stopped.input(Input::Stop { by: StopCause::Terminate });
    stopped.done(EffectResult::Interrupted);
    assert_eq!(stopped.outcome(), Some(Outcome::Stopped));
    sim.resume();
    assert_eq!(pending_kind(&sim), EffectKind::TakeSnapshot);
}

#[test]
fn only_the_call_the_pause_and_the_wait_are_cut_short() {
    let call = Sim::at(Step::Act);
    let wait = Sim::at(Step::Wait);
    let mut hold = Sim::at(Step::Reflect);
    ask(&mut hold, Control::Pause { now: false });
    let pauses = [Control::Pause { now: true }, Control::Continue, Control::Retry];
    let others = [Control::Pause { now: false }, steer("x"), Control::Model { model: None }];
    for (index, sim) in [&call, &hold, &wait].into_iter().enumerate() {
        let kind = pending_kind(sim);
        let cut: Vec<bool> = pauses.iter().map(|control| cuts_short(control, &kind)).collect();
        let expected: Vec<bool> = (0..3).map(|at| at == index).collect();
        assert_eq!(cut, expected, "{kind:?}");
        assert!(!others.iter().any(|control| cuts_short(control, &kind)));
    }
}

#[test]
fn a_call_that_was_cut_short_counts_and_the_run_goes_on_with_a_further_one() {
    let mut sim = Sim::at(Step::Act);
    ask(&mut sim, Control::Pause { now: true });
    sim.agent(failed(AgentOutcome::Cancelled));
    ask(&mut sim, Control::Continue);
    sim.done(EffectResult::SnapshotTaken(snapshot(1)));
    sim.done(EffectResult::TreeJudged(judged(1, Judgement::Fail)));
    sim.compose();
    assert_eq!((sim.run.step, sim.run.calls), (Step::Act, 2));
}

#[test]
fn a_retry_ends_the_wait_and_forgives() {
    let mut sim = Sim::new(chain(2, 50));
    sim.prepare();
    sim.compose();
    sim.agent(failed(AgentOutcome::Auth));
    sim.done(EffectResult::SnapshotTaken(Snapshot { changed: false, ..snapshot(0) }));
    assert!(!sim.run.breakers.is_empty());
    ask(&mut sim, Control::Retry);
    assert!(sim.run.breakers.is_empty());

    let mut sim = Sim::at(Step::Wait);
    ask(&mut sim, Control::Retry);
    assert_eq!(sim.run.wait_until, Some(Timestamp(0)), "also for whoever waits after a pause");
    assert_eq!(sim.run.turned_away, 0);
}

#[test]
fn an_instruction_is_new_until_a_call_that_was_told_of_it_ends_well() {
    let mut sim = Sim::at(Step::Act);
    ask(&mut sim, steer("  use SQLite \n"));
    let heard = |sim: &Sim| sim.run.steers.iter().map(|steer| steer.heard).collect::<Vec<_>>();
    sim.agent(completed(Claim::Done));
    assert_eq!(heard(&sim), [false], "the call before did not know it");
    sim.done(EffectResult::SnapshotTaken(snapshot(1)));
    sim.done(EffectResult::TreeJudged(judged(1, Judgement::Fail)));
    sim.compose();
    ask(&mut sim, steer("no"));
    sim.agent(completed(Claim::Done));
    assert_eq!(heard(&sim), [true, false]);
    assert_eq!(sim.run.steers[0].text, "use SQLite");
    assert_eq!(sim.run.steers[0].by, BY);
}

#[test]
fn an_instruction_that_says_nothing_or_too_much_is_refused() {
    let mut sim = Sim::at(Step::Act);
    for text in [String::new(), "  ".to_owned(), "x".repeat(STEER_BYTES_MAX + 1)] {
        assert_eq!(refused(&sim, steer(&text)), Rejected::NotSteerable);
    }
    (0..STEERS_MAX).for_each(|_| ask(&mut sim, steer("x")));
    assert_eq!(refused(&sim, steer("x")), Rejected::NotSteerable);
}

#[test]
fn a_budget_is_set_or_raised_and_one_that_never_was_is_not_raised() {
    let mut sim = Sim::at(Step::Act);
    let add = Control::Budget { change: BudgetChange::Add(Usd(5)) };
    assert_eq!(refused(&sim, add.clone()), Rejected::NoBudget);
    ask(&mut sim, Control::Budget { change: BudgetChange::Set(Usd(7)) });
    ask(&mut sim, add);
    assert_eq!(sim.run.settings.budget, Some(Usd(12)));
}

#[test]
fn another_agent_takes_over_at_the_next_call_with_what_it_offers() {
    let mut sim = Sim::new(chain(1, 50));
    sim.prepare();
    sim.compose();
    let offer = Box::new(Offer::unknown("other"));
    ask(&mut sim, Control::Agent { offer: offer.clone(), model: None });
    assert_eq!(sim.run.choice.as_ref().unwrap().agent, "agent-0", "the call goes on");
    sim.agent(completed(Claim::Done));
    sim.done(EffectResult::SnapshotTaken(snapshot(1)));
    sim.done(EffectResult::TreeJudged(judged(1, Judgement::Fail)));
    sim.compose();
    assert_eq!(sim.run.choice.as_ref().unwrap().agent, "other");
    assert_eq!(sim.run.handover.as_ref().unwrap().from, "agent-0");
    ask(&mut sim, Control::Agent { offer, model: None });
    assert_eq!(sim.run.settings.agents.len(), 2, "no agent is there twice");
    assert!(sim.run.breakers.is_empty(), "nobody did anything wrong");
}

#[test]
fn a_call_that_fails_after_another_agent_was_chosen_is_not_held_against_that_one() {
    let mut sim = Sim::new(chain(2, 50));
    sim.prepare();
    sim.compose();
    let offer = Box::new(Offer::unknown("other"));
    ask(&mut sim, Control::Agent { offer, model: None });
    sim.agent(failed(AgentOutcome::Auth));
    sim.done(EffectResult::SnapshotTaken(snapshot(1)));
    sim.done(EffectResult::TreeJudged(judged(1, Judgement::Fail)));
    sim.compose();
    assert_eq!(sim.run.choice.as_ref().unwrap().agent, "other");
    assert!(sim.run.breakers.is_empty());
}

#[test]
fn a_model_that_the_active_agent_is_not_known_to_offer_is_refused() {
    let mut sim = Sim::new(chain(1, 50));
    let model = |name: &str| Control::Model { model: Some(name.to_owned()) };
    assert!(matches!(refused(&sim, model("other")), Rejected::ModelNotOffered { .. }));
    ask(&mut sim, model("model-0"));
    assert_eq!(sim.run.switched.as_deref(), Some("model-0"));
}

#[test]
fn a_model_is_asked_of_the_agent_that_is_to_go_on() {
    let mut settings = chain(2, 50);
    let offer = Box::new(settings.agents.pop().unwrap());
    let mut sim = Sim::new(settings);
    sim.prepare();
    sim.compose();
    let of_other = |model: &str| Control::Agent { offer: offer.clone(), model: Some(model.into()) };
    assert!(matches!(refused(&sim, of_other("model-0")), Rejected::ModelNotOffered { .. }));
    ask(&mut sim, of_other("model-1"));
    let model = Control::Model { model: Some("model-1".to_owned()) };
    ask(&mut sim, model);
    assert_eq!(sim.run.next_choice().model.as_deref(), Some("model-1"));
    assert_eq!(sim.run.switched, None, "the one that works now is asked for nothing else");
    sim.agent(completed(Claim::Done));
    assert_eq!(sim.run.switched.as_deref(), Some("model-1"));
}

#[test]
fn a_run_that_ended_takes_what_is_to_hold_when_it_is_resumed_and_nothing_else() {
    let mut sim = Sim::at(Step::Act);
    sim.input(Input::Stop { by: StopCause::Terminate });
    sim.agent(failed(AgentOutcome::Cancelled));
    assert_eq!(sim.outcome(), Some(Outcome::Stopped));
    for control in [Control::Pause { now: true }, Control::Continue, Control::Retry] {
        assert_eq!(refused(&sim, control), Rejected::Ended);
    }
    ask(&mut sim, steer("use SQLite"));
    assert_eq!(sim.outcome(), Some(Outcome::Stopped));

    let mut verified = Sim::at(Step::Close);
    verified.close();
    assert_eq!(refused(&verified, steer("more")), Rejected::Ended);
}

#[test]
fn a_run_follows_what_was_asked_of_its_crew_each_once() {
    let follow = |number, control| Input::Follow {
        order: Order { number, control, by: BY.to_owned() },
        at: AT,
    };
    let mut sim = Sim::at(Step::Act);
    sim.input(follow(1, steer("use SQLite")));
    sim.input(follow(1, steer("use SQLite")));
    assert_eq!((sim.run.steers.len(), sim.run.followed), (1, 1));
    // What means nothing to this run is over with.
    sim.input(follow(2, Control::Continue));
    assert_eq!(sim.run.followed, 2);
    let budget = Control::Budget { change: BudgetChange::Set(Usd(7)) };
    sim.input(follow(3, budget.clone()));
    assert_eq!(sim.run.settings.budget, Some(Usd(7)));
    let again = decide(&sim.run, &follow(4, budget)).unwrap().events;
    assert_eq!(again, [Event::CrewFollowed { order: 4 }]);
    // One that has ended takes it once it goes on.
    sim.input(Input::Stop { by: StopCause::Terminate });
    sim.agent(completed(Claim::Done));
    assert_eq!(decide(&sim.run, &follow(4, steer("x"))), Err(Rejected::Ended));
    sim.resume();
    sim.input(follow(4, steer("x")));
    assert_eq!(sim.run.steers.len(), 2);
}
