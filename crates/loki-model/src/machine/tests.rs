//! The machine over its small space, exhaustively, and over long random runs.

mod control;
mod failover;
mod fixtures;
mod limits;
mod properties;
mod sessions;
mod table;

use fixtures::*;

use crate::*;

#[test]
fn a_first_attempt_that_passes_every_gate_ends_verified_after_one_call() {
    let mut sim = Sim::new(settings(5));
    sim.prepare();
    sim.attempt(completed(Claim::Done), 1, Judgement::Pass);
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::Verified));
    assert_eq!(sim.run.calls, 1);
}

#[test]
fn a_refused_attempt_is_followed_by_another() {
    let mut sim = Sim::new(settings(5));
    sim.prepare();
    sim.attempt(completed(Claim::Done), 1, Judgement::Fail);
    assert_eq!(sim.run.step, Step::Reason);
    assert_eq!(sim.run.iteration, 2);
    sim.attempt(completed(Claim::Done), 2, Judgement::Pass);
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::Verified));
}

#[test]
fn a_limit_of_n_iterations_means_exactly_n_calls() {
    for limit in 1..=3 {
        let mut sim = Sim::new(settings(limit));
        sim.prepare();
        for n in 1..=limit {
            assert_eq!(sim.run.step, Step::Reason, "call {n} of {limit}");
            sim.attempt(completed(Claim::Done), n, Judgement::Fail);
        }
        sim.close();
        assert_eq!(sim.outcome(), Some(Outcome::IterationsExhausted));
        assert_eq!(sim.run.calls, limit);
    }
}

#[test]
fn gates_that_pass_do_not_end_the_run_while_the_agent_says_that_work_is_left() {
    let mut sim = Sim::new(settings(2));
    sim.prepare();
    sim.attempt(completed(Claim::Continue), 1, Judgement::Pass);
    assert_eq!(sim.run.step, Step::Reason);
    sim.attempt(completed(Claim::Continue), 2, Judgement::Pass);
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::VerifiedWithGaps));
}

#[test]
fn what_can_not_be_shown_twice_in_the_same_words_ends_with_gaps() {
    let mut sim = Sim::new(settings(9));
    sim.prepare();
    sim.attempt(completed(Claim::Done), 1, Judgement::Inconclusive);
    assert_eq!(sim.run.step, Step::Reason, "the agent gets one chance to show more");
    sim.attempt(completed(Claim::Done), 2, Judgement::Inconclusive);
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::VerifiedWithGaps));
}

#[test]
fn an_agent_that_never_changes_a_file_stagnates() {
    let mut sim = Sim::new(settings(9));
    sim.prepare();
    sim.attempt(completed(Claim::Done), 0, Judgement::Fail);
    sim.repeat(completed(Claim::Done), 0);
    sim.repeat(completed(Claim::Done), 0);
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::Stagnated));
    assert_eq!(sim.run.calls, 3);
}

#[test]
fn flipping_between_two_trees_stagnates() {
    let mut sim = Sim::new(settings(20));
    sim.prepare();
    for n in [1, 2, 1, 2, 1] {
        sim.repeat(completed(Claim::Done), n);
        let judged = judged(n, Judgement::Fail);
        sim.done(EffectResult::TreeJudged(Judged { findings: digest(&n.to_string()), ..judged }));
    }
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::Stagnated));
}

#[test]
fn changes_that_leave_the_same_findings_stagnate_unless_the_user_has_something_to_say() {
    let attempts = |numbers: std::ops::Range<u32>, sim: &mut Sim| {
        for n in numbers {
            sim.attempt(completed(Claim::Done), n, Judgement::Fail);
        }
    };
    let mut sim = Sim::new(settings(20));
    sim.prepare();
    attempts(1..4, &mut sim);
    let control = Control::Steer { text: "look at the other file".to_owned() };
    sim.input(Input::Control { control, by: "someone".to_owned(), at: AT });
    attempts(4..7, &mut sim);
    assert_eq!(sim.run.step, Step::Reason);
    attempts(7..8, &mut sim);
    let ending = sim.run.ending.clone().unwrap();
    assert_eq!(ending.outcome, Outcome::Stagnated);
    assert_eq!(ending.reason, "4 changes in a row left the same findings");
    sim.close();
    sim.resume();
    attempts(8..11, &mut sim);
    assert_eq!(sim.run.step, Step::Reason);
}

#[test]
fn an_agent_that_is_not_logged_in_is_called_once() {
    let mut sim = Sim::new(settings(9));
    sim.prepare();
    sim.compose();
    sim.agent(failed(AgentOutcome::Auth));
    sim.done(EffectResult::SnapshotTaken(snapshot(1)));
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::AgentUnavailable));
    assert_eq!(sim.run.calls, 1);
}

#[test]
fn an_agent_that_keeps_failing_is_given_up_after_three_calls() {
    for outcome in [
        AgentOutcome::Garbage,
        AgentOutcome::TimedOut { deadline: Deadline::Idle },
        AgentOutcome::Crashed { exit_code: Some(1), detail: String::new() },
    ] {
        let mut sim = Sim::new(settings(9));
        sim.prepare();
        sim.attempt(failed(outcome.clone()), 0, Judgement::Fail);
        sim.repeat(failed(outcome.clone()), 0);
        sim.repeat(failed(outcome.clone()), 0);
        sim.close();
        assert_eq!(sim.outcome(), Some(Outcome::AgentUnavailable), "{outcome:?}");
        assert_eq!(sim.run.calls, 3);
    }
}

#[test]
fn a_rate_limited_agent_is_waited_for_until_the_moment_it_named() {
    let mut sim = Sim::new(settings(9));
    sim.prepare();
    let until = Some(Timestamp(90_000));
    sim.attempt(failed(AgentOutcome::RateLimited { until }), 0, Judgement::Fail);
    let effect = pending(&sim.run).map(|effect| effect.kind);
    assert_eq!(effect, Some(EffectKind::WaitUntil { until: Timestamp(90_000) }));
    sim.done(EffectResult::Waited);
    assert_eq!((sim.run.step, sim.run.iteration), (Step::Reason, 2));
}

#[test]
fn an_agent_that_asks_for_a_day_of_patience_ends_the_run() {
    let mut sim = Sim::new(settings(9));
    sim.prepare();
    let until = Some(Timestamp(86_400_000));
    sim.attempt(failed(AgentOutcome::Quota { until }), 0, Judgement::Fail);
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::AgentUnavailable));
}

#[test]
fn calls_of_unknown_cost_are_charged_against_the_budget() {
    let mut sim = Sim::new(Settings { budget: Some(Usd(3_000_000)), ..settings(9) });
    sim.prepare();
    sim.attempt(completed(Claim::Done), 1, Judgement::Fail);
    assert_eq!(sim.run.budget_left(), Some(Usd(1_000_000)));
    sim.attempt(completed(Claim::Done), 2, Judgement::Fail);
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::BudgetExhausted));
    assert_eq!(sim.run.spend.known, Usd::ZERO, "unknown is not known");
}

#[test]
fn a_call_cut_off_by_death_is_charged_and_not_made_again() {
    let mut sim = Sim::new(settings(9));
    sim.prepare();
    sim.compose();
    assert_eq!(sim.run.step, Step::Act);
    sim.resume();
    assert_eq!(sim.run.step, Step::Reflect);
    assert!(sim.run.last_call_lost);
    assert_eq!(sim.run.calls, 1);
    assert_eq!(sim.run.spend.estimated, Spend::UNKNOWN_CALL);
}

#[test]
fn death_in_any_other_step_offers_the_same_effect_again() {
    for step in Step::ALL.into_iter().filter(|step| *step != Step::Act) {
        let mut sim = Sim::at(step);
        let before = pending(&sim.run);
        sim.resume();
        assert_eq!(pending(&sim.run), before, "{step:?}");
    }
}

#[test]
fn a_stop_takes_effect_when_the_running_effect_ends_and_can_be_resumed() {
    for step in Step::ALL {
        let mut sim = Sim::at(step);
        sim.input(Input::Stop { by: StopCause::Interrupt });
        assert_eq!(sim.outcome(), None, "{step:?}");
        if step == Step::Act {
            sim.agent(failed(AgentOutcome::Cancelled));
        } else {
            sim.done(EffectResult::Interrupted);
        }
        assert_eq!(sim.outcome(), Some(Outcome::Stopped), "{step:?}");
        assert_eq!(pending(&sim.run), None, "{step:?}");
        sim.resume();
        let expected = if step == Step::Act { Step::Reflect } else { step };
        assert_eq!(sim.run.step, expected);
        assert!(pending(&sim.run).is_some(), "{step:?}");
    }
}

#[test]
fn what_only_the_machine_lacks_spends_no_further_call() {
    let of = |environment: &[bool]| {
        let mut sim = Sim::new(settings(9));
        sim.prepare();
        sim.repeat(completed(Claim::Done), 1);
        let mut judged = judged(1, Judgement::Inconclusive);
        let gate = judged.gates[0].clone();
        let gates = environment.iter().enumerate();
        judged.gates = gates
            .map(|(n, environment)| GateSummary {
                gate: GateId::from(format!("gate-{n}").as_str()),
                environment: *environment,
                ..gate.clone()
            })
            .collect();
        judged.policy = Policy::new(&[("gate-0", Role::Required), ("gate-1", Role::Required)]);
        sim.done(EffectResult::TreeJudged(judged));
        sim
    };
    let lacking = of(&[true, true]);
    let ending = lacking.run.ending.clone().unwrap();
    assert_eq!((lacking.run.calls, ending.outcome), (1, Outcome::VerifiedWithGaps));
    assert!(ending.reason.starts_with("this machine can not show it: gate-0"), "{}", ending.reason);
    assert_eq!(of(&[true, false]).run.step, Step::Reason);
}

#[test]
fn a_result_reported_twice_is_refused_the_second_time() {
    let mut sim = Sim::new(settings(2));
    let effect = sim.run.awaiting;
    sim.prepare();
    let again = Input::Done { at: AT, effect, result: EffectResult::Waited };
    let awaited = sim.run.awaiting;
    assert_eq!(decide(&sim.run, &again), Err(Rejected::Stale { got: effect, awaited }));
}

#[test]
fn a_judgement_of_another_tree_is_refused() {
    let sim = Sim::at(Step::Verify);
    let result = EffectResult::TreeJudged(judged(99, Judgement::Pass));
    let input = Input::Done { at: AT, effect: sim.run.awaiting, result };
    assert_eq!(decide(&sim.run, &input), Err(Rejected::Mismatch { effect: sim.run.awaiting }));
}

#[test]
fn an_exhausted_run_goes_on_only_with_a_higher_limit() {
    let mut sim = Sim::new(settings(1));
    sim.prepare();
    sim.attempt(completed(Claim::Done), 1, Judgement::Fail);
    sim.close();
    let resume = |iterations_max| resume_with(NewLimits { iterations_max, ..NewLimits::default() });
    assert_eq!(decide(&sim.run, &resume(None)), Err(Rejected::CallsUsed));
    sim.input(resume(Some(2)));
    assert_eq!((sim.run.step, sim.run.iteration), (Step::Reason, 2));
}

#[test]
fn a_verified_run_has_nothing_left_to_do() {
    let mut sim = Sim::new(settings(1));
    sim.prepare();
    sim.attempt(completed(Claim::Done), 1, Judgement::Pass);
    sim.close();
    let resume = resume_with(NewLimits { iterations_max: Some(9), ..NewLimits::default() });
    assert_eq!(decide(&sim.run, &resume), Err(Rejected::Finished));
}

#[test]
fn anything_that_fails_under_loki_ends_the_run_resumably() {
    for step in Step::ALL {
        let mut sim = Sim::at(step);
        sim.done(EffectResult::Failed { reason: "disk full".to_owned() });
        assert_eq!(sim.outcome(), Some(Outcome::Failed), "{step:?}");
        sim.resume();
        assert!(pending(&sim.run).is_some(), "{step:?}");
    }
}

#[test]
fn a_stop_before_the_call_leaves_the_call_unmade_and_uncounted() {
    let mut sim = Sim::at(Step::Reason);
    sim.input(Input::Stop { by: StopCause::Interrupt });
    sim.compose();
    assert_eq!((sim.outcome(), sim.run.calls), (Some(Outcome::Stopped), 0));

    let mut sim = Sim::at(Step::Act);
    sim.input(Input::Stop { by: StopCause::Interrupt });
    sim.done(EffectResult::Interrupted);
    assert_eq!((sim.outcome(), sim.run.calls), (Some(Outcome::Stopped), 0));
    sim.resume();
    sim.compose();
    assert_eq!((sim.run.step, sim.run.calls), (Step::Act, 1));
    assert_eq!(sim.run.spend, Spend::default());
}

#[test]
fn a_resumed_run_is_held_to_a_limit_that_was_lowered() {
    for step in [Step::Reason, Step::Wait] {
        let mut sim = Sim::new(settings(9));
        sim.prepare();
        let turned_away = failed(AgentOutcome::Overloaded);
        let report = if step == Step::Wait { turned_away } else { completed(Claim::Done) };
        sim.attempt(report, 1, Judgement::Fail);
        assert_eq!(sim.run.step, step);
        let lowered = resume_with(NewLimits { iterations_max: Some(1), ..NewLimits::default() });
        assert_eq!(decide(&sim.run, &lowered), Err(Rejected::CallsUsed));
        let no_money = resume_with(NewLimits { budget: Some(Usd(1)), ..NewLimits::default() });
        assert_eq!(decide(&sim.run, &no_money), Err(Rejected::Used { resource: Resource::Money }));
    }
}

#[test]
fn what_an_earlier_call_said_does_not_speak_for_a_lost_one() {
    let mut sim = Sim::new(Settings { budget: Some(Usd(3_000_000)), ..settings(9) });
    sim.prepare();
    sim.attempt(failed(AgentOutcome::BudgetReached), 1, Judgement::Fail);
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::BudgetExhausted));
    sim.input(resume_with(NewLimits { budget: Some(Usd(50_000_000)), ..NewLimits::default() }));
    sim.compose();
    sim.resume();
    sim.done(EffectResult::SnapshotTaken(snapshot(2)));
    sim.done(EffectResult::TreeJudged(judged(2, Judgement::Fail)));
    assert_eq!((sim.run.step, sim.outcome()), (Step::Reason, None));
}

#[test]
fn what_an_agent_did_before_it_could_not_work_any_more_is_kept() {
    let mut sim = Sim::at(Step::Act);
    sim.agent(failed(AgentOutcome::Auth));
    assert_eq!(sim.run.step, Step::Reflect);
    sim.done(EffectResult::SnapshotTaken(snapshot(1)));
    assert_eq!(sim.run.step, Step::Close);
    assert_eq!(sim.run.snapshot, Some(snapshot(1)));
}

#[test]
fn a_crashed_agent_does_not_end_with_gaps_where_nothing_could_be_shown() {
    let mut sim = Sim::new(settings(1));
    sim.prepare();
    let crashed = AgentOutcome::Crashed { exit_code: Some(1), detail: String::new() };
    sim.attempt(failed(crashed), 1, Judgement::Inconclusive);
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::IterationsExhausted));
}

#[test]
fn a_moment_to_come_back_that_is_past_does_not_make_the_run_hurry() {
    let mut sim = Sim::new(settings(9));
    sim.prepare();
    let until = Some(Timestamp(1));
    sim.attempt(failed(AgentOutcome::RateLimited { until }), 0, Judgement::Fail);
    assert!(sim.run.wait_until.is_some_and(|until| until.millis_since(AT) >= 10_000));
}

#[test]
fn being_turned_away_does_not_use_up_the_patience_for_crashes() {
    let mut sim = Sim::new(settings(9));
    sim.prepare();
    let overloaded = failed(AgentOutcome::Overloaded);
    sim.attempt(overloaded.clone(), 0, Judgement::Fail);
    sim.done(EffectResult::Waited);
    sim.repeat(overloaded, 0);
    sim.done(EffectResult::Waited);
    sim.repeat(failed(AgentOutcome::Garbage), 0);
    assert_eq!((sim.run.step, sim.run.failed_calls), (Step::Reason, 1));
}

fn checkpoint(letter: char) -> Checkpoint {
    let id = letter.to_string().repeat(40);
    Checkpoint {
        commit: CommitId::try_from(id.clone()).unwrap(),
        tree: TreeId::try_from(id).unwrap(),
    }
}

fn back_to(sim: &Sim) -> Input {
    let judged = sim.run.judged.clone().map(Box::new);
    let snapshot = sim.run.snapshot.clone();
    Input::RollBack { to: checkpoint('a'), kept: checkpoint('b'), snapshot, judged }
}

#[test]
fn a_run_whose_files_were_put_back_goes_on_from_there_and_keeps_its_cost() {
    let mut sim = Sim::new(settings(5));
    sim.prepare();
    sim.attempt(completed(Claim::Done), 1, Judgement::Fail);
    let then = back_to(&sim);
    sim.attempt(completed(Claim::Done), 2, Judgement::Pass);
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::Verified));
    let spend = sim.run.spend;
    sim.input(then);
    assert_eq!(sim.outcome(), Some(Outcome::Stopped));
    assert_eq!((sim.run.verdict(), sim.run.spend), (Some(Verdict::Blocked), spend));
    sim.resume();
    assert_eq!((sim.run.step, sim.run.calls), (Step::Reason, 2));
    sim.attempt(completed(Claim::Done), 3, Judgement::Pass);
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::Verified));
}

#[test]
fn a_call_that_was_cut_off_is_charged_before_files_are_put_back_wherever_the_run_stood() {
    for step in Step::ALL {
        let mut sim = Sim::at(step);
        let input = back_to(&sim);
        if step == Step::Prepare {
            assert_eq!(decide(&sim.run, &input), Err(Rejected::NoWorkspace));
            continue;
        }
        let unknown = sim.run.spend.unknown_calls;
        sim.input(input);
        let lost = u32::from(step == Step::Act);
        assert_eq!(sim.run.spend.unknown_calls, unknown + lost, "{step:?}");
        sim.resume();
        assert_eq!(sim.run.step, Step::Reason, "{step:?}");
    }
}

#[test]
fn a_discarded_run_goes_on_only_after_it_was_brought_back() {
    let mut sim = Sim::at(Step::Reason);
    let back = back_to(&sim);
    sim.input(Input::Discard { kept: checkpoint('c') });
    let resume = resume_with(NewLimits::default());
    assert_eq!(decide(&sim.run, &resume), Err(Rejected::Discarded));
    let again = Input::Discard { kept: checkpoint('c') };
    assert_eq!(decide(&sim.run, &again), Err(Rejected::Discarded));
    sim.input(back);
    sim.resume();
    assert_eq!(sim.run.step, Step::Reason);
}
