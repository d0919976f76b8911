//! The crew over its small space, exhaustively, and over long random ones.

mod control;
mod fixtures;
mod limits;
mod space;

use fixtures::*;

use super::*;
use crate::{NewLimits, Outcome, Resource, Usd, Verdict};

#[test]
fn tasks_without_dependencies_begin_at_once_and_no_more_than_allowed() {
    let mut sim = Sim::new(&[("a", &[]), ("b", &[]), ("c", &[])], Jobs::UpTo(2), None);
    sim.prepare();
    assert_eq!(sim.running(), ["a", "b"]);
    sim.returns("a", Outcome::Verified);
    assert_eq!(sim.running(), ["b", "c"]);
}

#[test]
fn a_task_begins_once_everything_before_it_is_merged_and_starts_from_there() {
    let mut sim = Sim::new(&[("a", &[]), ("b", &["a"])], Jobs::UpTo(4), None);
    sim.prepare();
    assert_eq!(sim.running(), ["a"]);
    sim.returns("a", Outcome::Verified);
    assert!(sim.running().is_empty(), "its result is not merged yet");
    sim.join(&[]);
    sim.judge(Verdict::Verified);
    sim.land();
    assert_eq!(sim.running(), ["b"]);
    assert_eq!(sim.crew.errand("b").unwrap().from, sim.crew.tip);
}

#[test]
fn everything_merged_and_verified_ends_verified() {
    let mut sim = Sim::new(&[("a", &[]), ("b", &[])], Jobs::UpTo(2), None);
    sim.prepare();
    sim.returns("a", Outcome::Verified);
    sim.returns("b", Outcome::Verified);
    sim.join(&[]);
    sim.judge(Verdict::Verified);
    sim.land();
    // The second came while the first was joined.
    sim.join(&[]);
    sim.judge(Verdict::Verified);
    sim.land();
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::Verified));
}

#[test]
fn what_can_not_be_shown_together_is_a_gap() {
    let mut sim = Sim::new(&[("a", &[])], Jobs::UpTo(1), None);
    sim.prepare();
    sim.returns("a", Outcome::Verified);
    sim.join(&[]);
    sim.judge(Verdict::Concerns);
    sim.land();
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::VerifiedWithGaps));
}

#[test]
fn the_later_one_of_a_conflicting_pair_is_done_again_on_the_result_of_the_other() {
    let mut sim = Sim::new(&[("a", &[]), ("b", &[]), ("c", &[])], Jobs::UpTo(3), None);
    sim.prepare();
    sim.returns("a", Outcome::Verified);
    sim.returns("b", Outcome::Verified);
    sim.join(&[]);
    sim.judge(Verdict::Verified);
    sim.land();
    sim.join(&["b"]);
    assert_eq!(sim.running(), ["b", "c"], "b begins again");
    assert_eq!(sim.crew.errand("b").unwrap().from, sim.crew.tip);
    sim.returns("c", Outcome::Verified);
    assert!(sim.crew.merging.is_none(), "nothing is joined as long as b is done alone");
    sim.returns("b", Outcome::Verified);
    assert_eq!(sim.crew.merging.as_ref().unwrap().batch, ["b"]);
}

#[test]
fn results_are_judged_together_with_one_that_may_be_here_soon() {
    let mut sim = Sim::new(&[("a", &[]), ("b", &[]), ("c", &[])], Jobs::UpTo(3), None);
    sim.prepare();
    sim.soon = 1;
    sim.returns("a", Outcome::Verified);
    assert!(sim.crew.merging.is_none());
    sim.soon = 0;
    sim.returns("b", Outcome::Verified);
    assert_eq!(sim.crew.merging.as_ref().unwrap().batch, ["a", "b"]);
}

#[test]
fn one_that_has_to_go_on_after_all_holds_nobody_up() {
    let mut sim = Sim::new(&[("a", &[]), ("b", &[])], Jobs::UpTo(2), None);
    sim.prepare();
    sim.soon = 1;
    sim.returns("a", Outcome::Verified);
    sim.soon = 0;
    sim.input(Input::Look);
    assert_eq!(sim.crew.merging.as_ref().unwrap().batch, ["a"]);
}

#[test]
fn a_result_that_others_build_on_is_judged_at_once() {
    let mut sim = Sim::new(&[("a", &[]), ("b", &[]), ("c", &["a"])], Jobs::UpTo(3), None);
    sim.prepare();
    sim.soon = 1;
    sim.returns("a", Outcome::Verified);
    assert_eq!(sim.crew.merging.as_ref().unwrap().batch, ["a"]);
}

#[test]
fn a_result_outside_of_its_scope_is_refused_and_the_second_time_given_up() {
    let mut sim = Sim::new(&[("a", &[])], Jobs::UpTo(1), None);
    sim.prepare();
    sim.returns_outside("a");
    assert_eq!(sim.running(), ["a"]);
    let sent_back = &sim.crew.errand("a").unwrap().sent_back;
    assert_eq!(*sent_back, [SentBack::OutOfScope { paths: vec!["x".to_owned()] }]);
    sim.returns_outside("a");
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::Stagnated));
    assert!(sim.crew.judged.is_none(), "nothing of it was ever joined");
}

#[test]
fn a_bad_batch_is_halved_until_the_one_is_found_that_breaks_it() {
    let all: &[(&str, &[&str])] = &[("0", &[]), ("a", &[]), ("b", &[]), ("c", &[]), ("d", &[])];
    for bad in 0..4 {
        let mut sim = Sim::new(all, Jobs::UpTo(5), None);
        sim.prepare();
        sim.returns("0", Outcome::Verified);
        for task in ["a", "b", "c", "d"] {
            sim.returns(task, Outcome::Verified);
        }
        sim.join(&[]);
        sim.judge(Verdict::Verified);
        sim.land();
        sim.join(&[]);
        let mut judgements = 0;
        while let Some(MergingStep::Judge { count }) = sim.crew.merging.as_ref().map(|m| m.step) {
            if sim.crew.merging.as_ref().unwrap().batch.len() < 4 {
                break;
            }
            judgements += 1;
            sim.judge(if count > bad { Verdict::Blocked } else { Verdict::Verified });
        }
        assert!(judgements <= 3, "{judgements} judgements");
        let guilty = ["a", "b", "c", "d"][bad];
        let sent_back: Vec<&str> = sim
            .crew
            .tasks
            .iter()
            .filter(|errand| !errand.sent_back.is_empty())
            .map(|errand| errand.task.id.as_str())
            .collect();
        assert_eq!(sent_back, [guilty]);
        if bad > 0 {
            sim.land();
        }
        let merged = |task: &str| sim.crew.errand(task).unwrap().standing == Standing::Merged;
        assert!(["a", "b", "c", "d"][..bad].iter().all(|task| merged(task)));
        assert_eq!(sim.crew.queue, ["a", "b", "c", "d"][bad + 1..].to_vec());
    }
}

#[test]
fn who_waits_for_a_task_that_failed_never_begins_and_the_others_are_merged() {
    let mut sim = Sim::new(&[("a", &[]), ("b", &["a"]), ("c", &[])], Jobs::UpTo(3), None);
    sim.prepare();
    sim.returns("a", Outcome::Stagnated);
    sim.returns("c", Outcome::Verified);
    sim.join(&[]);
    sim.judge(Verdict::Verified);
    sim.land();
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::Stagnated));
    assert_eq!(sim.crew.errand("b").unwrap().attempt, 0);
    assert_eq!(sim.crew.errand("c").unwrap().standing, Standing::Merged);
}

#[test]
fn a_budget_is_shared_and_holds_tasks_back_that_could_not_pay_for_a_call() {
    let mut sim =
        Sim::new(&[("a", &[]), ("b", &[]), ("c", &[])], Jobs::UpTo(3), Some(Usd(5_000_000)));
    sim.prepare();
    assert_eq!(sim.running(), ["a"], "5 dollars are not enough for three at once");
    assert_eq!(sim.crew.errand("a").unwrap().share, Some(Usd(2_000_000)));
    sim.spends("a", Outcome::Verified, Usd(1_000_000));
    assert_eq!(sim.running(), ["b", "c"], "4 dollars are enough for two");
}

#[test]
fn a_used_up_budget_ends_it_and_a_higher_one_goes_on() {
    let mut sim = Sim::new(&[("a", &[]), ("b", &[])], Jobs::UpTo(1), Some(Usd(2_000_000)));
    sim.prepare();
    sim.spends("a", Outcome::Verified, Usd(2_000_000));
    sim.join(&[]);
    sim.judge(Verdict::Verified);
    sim.land();
    sim.close();
    assert_eq!(sim.outcome(), Some(Outcome::BudgetExhausted));
    let limits = NewLimits::default();
    let resume = Input::Resume { last_at: sim.at, limits };
    assert_eq!(sim.decide(&resume), Err(Rejected::Used { resource: Resource::Money }));
    sim.resume(NewLimits { budget: Some(Usd(4_000_000)), ..limits });
    assert_eq!(sim.running(), ["b"]);
}

#[test]
fn a_stop_begins_nothing_new_and_a_resume_goes_on_with_the_same_runs() {
    let mut sim = Sim::new(&[("a", &[]), ("b", &[])], Jobs::UpTo(1), None);
    sim.prepare();
    let run = sim.crew.errand("a").unwrap().run.clone();
    sim.input(Input::Stop { by: crate::StopCause::Interrupt });
    assert!(due(&sim.crew).is_empty());
    sim.returns("a", Outcome::Stopped);
    sim.input(Input::Quiet);
    assert_eq!(sim.outcome(), Some(Outcome::Stopped));
    sim.resume(NewLimits::default());
    assert_eq!(sim.running(), ["a"]);
    assert_eq!(sim.crew.errand("a").unwrap().run, run);
    assert_eq!(sim.crew.errand("a").unwrap().attempt, 1);
}

#[test]
fn a_judgement_of_another_tree_is_refused() {
    let mut sim = Sim::new(&[("a", &[])], Jobs::UpTo(1), None);
    sim.prepare();
    sim.returns("a", Outcome::Verified);
    sim.join(&[]);
    let judged = judged(99, Verdict::Verified);
    let input = Input::TurnDone { turn: sim.crew.turn, result: Turned::Judged(judged) };
    assert_eq!(sim.decide(&input), Err(Rejected::Mismatch));
}

#[test]
fn a_result_counts_once() {
    let mut sim = Sim::new(&[("a", &[])], Jobs::UpTo(1), None);
    sim.prepare();
    let run = sim.crew.errand("a").unwrap().run.clone().unwrap();
    sim.returns("a", Outcome::Verified);
    let input = Input::TaskDone { run, returned: returned(Outcome::Verified) };
    assert_eq!(sim.decide(&input), Err(Rejected::Stale));
}
