//! What holds for every crew: in all states that a small one can reach, and over long random sequences of
//! larger ones.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::fixtures::*;
use crate::crew::*;
use crate::{BudgetChange, Control, NewLimits, Outcome, Spend, StopCause, Usd, Verdict};

/// What holds after every step.
fn check_promises(sim: &Sim) {
    let crew = &sim.crew;
    assert_eq!(fold(&sim.journal).as_ref(), Some(crew));
    let budget = crew.settings.budget;
    let promised = crew
        .tasks
        .iter()
        .filter(|errand| errand.standing == Standing::Running)
        .fold(Usd::ZERO, |sum, errand| {
            sum + errand.share.unwrap_or_default().minus(errand.spent_in_run())
        });
    assert!(budget.is_none_or(|budget| crew.spend().charged() + promised <= budget), "{crew:?}");
    if let (Some((judged, _)), Some(tip)) = (&crew.judged, &crew.tip) {
        assert_eq!(judged.tree, tip.tree, "the tip is what was judged");
    }
    if sim.outcome() == Some(Outcome::Verified) {
        assert!(crew.tasks.iter().all(|errand| errand.standing == Standing::Merged));
        assert_eq!(crew.judged.as_ref().map(|(_, verdict)| *verdict), Some(Verdict::Verified));
    }
    assert!(due(crew).len() <= crew.tasks.len() + 1);
    let is_over = crew.ended.is_some() || crew.halt.is_some();
    let waits = crew.paused && crew.running() == 0 && crew.ending.is_none();
    assert_eq!(due(crew).is_empty(), is_over || waits, "it goes on, waits or is over: {crew:?}");
}

/// What holds of every event, told in the order of the journal.
fn check_journal(sim: &Sim) {
    let mut crew = fold(&sim.journal[..1]).unwrap();
    let mut merged = BTreeSet::new();
    for event in &sim.journal[1..] {
        match event {
            CrewEvent::TaskStarted { task, from, .. } => {
                for before in &crew.errand(task).unwrap().task.after {
                    let standing = &crew.errand(before).unwrap().standing;
                    assert_eq!(*standing, Standing::Merged, "{task} begins before {before}");
                }
                let Jobs::UpTo(jobs) = crew.jobs else { panic!("no such crew here") };
                assert!(crew.running() < jobs as usize, "more than {jobs} at once");
                let goes_on = crew.errand(task).unwrap().standing == Standing::Stopped;
                assert!(goes_on || Some(from) == crew.tip.as_ref());
            }
            CrewEvent::TasksMerged { tasks, .. } => {
                for task in tasks {
                    assert!(merged.insert(task.clone()), "{task} is merged twice");
                    let errand = crew.errand(task).unwrap();
                    assert!(!errand.alone || errand.from == crew.tip, "the tip moved under {task}");
                }
            }
            _ => {}
        }
        apply(&mut crew, event);
        let text = serde_json::to_string(event).unwrap();
        assert_eq!(&serde_json::from_str::<CrewEvent>(&text).unwrap(), event);
        assert!(text.contains(&format!("\"event\":\"{}\"", event.kind())));
    }
}

/// Everything that can come of one thing that is under way, as far as this world allows: whoever starts from
/// the tip meets nobody.
fn results(sim: &Sim, work: &Work) -> Vec<Sim> {
    let after = |change: &dyn Fn(&mut Sim)| {
        let mut after = sim.clone();
        change(&mut after);
        after
    };
    let verdicts = [Verdict::Verified, Verdict::Concerns, Verdict::Blocked];
    match work {
        Work::Prepare => vec![after(&Sim::prepare)],
        Work::RunTask { task, .. } => vec![
            after(&|sim| sim.returns(task, Outcome::Verified)),
            after(&|sim| sim.returns(task, Outcome::Stagnated)),
            after(&|sim| sim.returns_outside(task)),
        ],
        Work::Join { batch } => {
            let mut all = vec![after(&|sim| sim.join(&[]))];
            let last = batch.last().unwrap();
            if !sim.crew.errand(last).unwrap().alone {
                all.push(after(&|sim| sim.join(&[last])));
            }
            all
        }
        Work::Judge { .. } => {
            verdicts.iter().map(|verdict| after(&|sim| sim.judge(*verdict))).collect()
        }
        Work::Land { .. } => vec![after(&Sim::land)],
        Work::Close { .. } => vec![after(&Sim::close)],
    }
}

#[test]
fn every_state_of_a_small_crew_leads_to_an_end() {
    let mut seen = BTreeSet::new();
    let mut ends = BTreeSet::new();
    let mut open = vec![Sim::new(&[("a", &[]), ("b", &[])], Jobs::UpTo(2), None)];
    while let Some(sim) = open.pop() {
        // Commits are counted: the same work in another order has other names.
        let mut nameless = sim.crew.clone();
        nameless.turn = crate::EffectId(0);
        if !seen.insert(serde_json::to_string(&nameless).unwrap()) {
            continue;
        }
        check_promises(&sim);
        if let Some(outcome) = sim.outcome() {
            ends.insert(outcome);
            check_journal(&sim);
            continue;
        }
        for (_, work) in due(&sim.crew) {
            open.extend(results(&sim, &work));
        }
        assert!(sim.journal.len() < 80, "it goes in circles: {:?}", sim.journal);
    }
    assert!(seen.len() > 100, "{} states", seen.len());
    assert_eq!(
        ends,
        [Outcome::Verified, Outcome::VerifiedWithGaps, Outcome::Stagnated].into_iter().collect()
    );
}

#[derive(Clone, Debug)]
struct World {
    /// For each task which of those before it it waits for.
    after: Vec<u8>,
    jobs: u32,
    budget: Option<u64>,
    choices: Vec<(u8, u8)>,
}

fn any_world() -> impl Strategy<Value = World> {
    (
        proptest::collection::vec(any::<u8>(), 1..7),
        1..4_u32,
        proptest::option::of(1..40_u64),
        proptest::collection::vec(any::<(u8, u8)>(), 0..120),
    )
        .prop_map(|(after, jobs, budget, choices)| World { after, jobs, budget, choices })
}

fn sim_of(world: &World) -> Sim {
    const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
    let after: Vec<Vec<&str>> = world
        .after
        .iter()
        .enumerate()
        .map(|(n, bits)| (0..n).filter(|m| bits >> m & 1 == 1).map(|m| NAMES[m]).collect())
        .collect();
    let tasks: Vec<(&str, &[&str])> =
        after.iter().enumerate().map(|(n, after)| (NAMES[n], after.as_slice())).collect();
    Sim::new(&tasks, Jobs::UpTo(world.jobs), world.budget.map(|half| Usd(half * 500_000)))
}

/// Whoever spends stays within the share: that is the promise of a run.
fn act(sim: &mut Sim, work: &Work, how: u8) {
    match work {
        Work::RunTask { task, .. } => {
            let errand = sim.crew.errand(task).unwrap();
            let share = errand.share.unwrap_or(Usd(3_000_000)).0;
            let spend = Spend { known: Usd(share * u64::from(how % 5) / 4), ..Spend::default() };
            let outcome = match how % 7 {
                0 => Outcome::BudgetExhausted,
                1 => Outcome::VerifiedWithGaps,
                _ => Outcome::Verified,
            };
            let outside = if how % 11 == 2 { vec!["x".to_owned()] } else { Vec::new() };
            sim.task_done(task, Returned { spend, outside, ..returned(outcome) });
        }
        Work::Judge { .. } => {
            let verdicts = [Verdict::Verified, Verdict::Concerns, Verdict::Blocked];
            sim.judge(verdicts[usize::from(how) % 3]);
        }
        Work::Join { batch } => {
            let last = batch.last().unwrap().clone();
            let meets = how.is_multiple_of(3) && !sim.crew.errand(&last).unwrap().alone;
            let one = [last.as_str()];
            sim.join(if meets { &one } else { &[] });
        }
        Work::Prepare => sim.prepare(),
        Work::Land { .. } => sim.land(),
        Work::Close { .. } => sim.close(),
    }
}

/// Everything that is under way ends because of the stop; then somebody goes on.
fn stop_and_resume(sim: &mut Sim) {
    sim.input(Input::Stop { by: StopCause::Terminate });
    for task in sim.running().into_iter().map(str::to_owned).collect::<Vec<_>>() {
        let spent = sim.crew.errand(&task).unwrap().spent_in_run();
        let spend = Spend { known: spent, ..Spend::default() };
        sim.task_done(&task, Returned { spend, ..returned(Outcome::Stopped) });
    }
    sim.turned(Turned::Interrupted);
    sim.input(Input::Quiet);
    assert_eq!(sim.outcome(), Some(Outcome::Stopped));
    let mut limits = NewLimits::default();
    let resume = Input::Resume { last_at: sim.at, limits };
    if let Err(Rejected::Used { .. }) = sim.decide(&resume) {
        limits.budget = sim.crew.settings.budget.map(|budget| budget + Usd(5_000_000));
    }
    sim.resume(limits);
}

/// What somebody asks of all tasks, as far as it can be asked now.
fn ask(sim: &mut Sim, how: u8) {
    let control = match how % 6 {
        0 => Control::Pause { now: how > 100 },
        1 => Control::Continue,
        2 => Control::Steer { text: format!("say {how}") },
        3 => Control::Retry,
        4 => Control::Budget { change: BudgetChange::Add(Usd(u64::from(how) * 50_000)) },
        _ => Control::Budget { change: BudgetChange::Set(Usd(u64::from(how) * 200_000)) },
    };
    let budget = sim.crew.settings.budget;
    let is_lower = matches!(&control, Control::Budget { change: BudgetChange::Set(to) }
        if budget.is_none_or(|_| *to < sim.crew.spend().charged()));
    let input = Input::Control { control, by: "someone".to_owned() };
    // Whoever is below what was spent already has not kept any promise of ours.
    if !is_lower && sim.decide(&input).is_ok() {
        sim.input(input);
    }
}

proptest! {
    #[test]
    fn every_crew_keeps_its_promises_and_comes_to_an_end(world in any_world()) {
        let mut sim = sim_of(&world);
        for (which, how) in &world.choices {
            if sim.crew.ended.is_some() {
                break;
            }
            if *which == 255 {
                // A process that died and another that takes it up: nothing was lost, nothing is new.
                let before = due(&sim.crew);
                sim.resume(NewLimits::default());
                let after = due(&sim.crew);
                prop_assert!(before.iter().all(|work| after.contains(work)));
            } else if *which >= 250 {
                stop_and_resume(&mut sim);
            } else if *which >= 225 {
                ask(&mut sim, *how);
            } else {
                let due = due(&sim.crew);
                if let Some((_, work)) = due.get(usize::from(*which) % due.len().max(1)) {
                    act(&mut sim, work, *how);
                }
            }
            check_promises(&sim);
        }
        if sim.crew.paused && sim.crew.ended.is_none() {
            sim.asks(Control::Continue);
        }
        let mut steps = 0;
        while sim.crew.ended.is_none() {
            let (_, work) = due(&sim.crew).remove(0);
            act(&mut sim, &work, 3);
            check_promises(&sim);
            steps += 1;
            prop_assert!(steps < 500, "it goes in circles: {:?}", sim.crew);
        }
        check_journal(&sim);
    }
}
