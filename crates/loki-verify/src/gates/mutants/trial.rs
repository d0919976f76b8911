//! Trying mistakes, in copies side by side: where all tests take long, first with those that are near.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use loki_model::Evidence;

use super::is_compiled;
use crate::Config;
use crate::counts::CaseEnd;
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::suites::Suites;
use crate::mutation::Mutant;
use crate::near::Near;
use crate::variant::over;

/// Mutants that are tried at most.
pub(super) const MUTANTS_MAX: usize = 12;

/// A mutant may hang: it gets this many times the time of the suites, and a little more.
const PATIENCE: u32 = 3;

/// The least time that a mutant gets.
const PATIENCE_MIN: Duration = Duration::from_secs(5);

/// Copies in which mutants are tried side by side.
const WORKERS_MAX: usize = 2;

/// Wall time of all mutants together, as far as the suites' own time tells.
const BUDGET: Duration = Duration::from_secs(60);

/// The least step in which the suites' time counts.
const STEP_MIN_MS: u64 = 1024;

/// Suites that take no more are asked as a whole at once.
const QUICK_MS: u64 = 2 * STEP_MIN_MS;

/// The tests that are near are asked first where they take at most this part of the time of all.
const NEAR_SHARE: u64 = 2;

/// What came of one mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// A test that passed failed.
    Killed,
    /// No test noticed.
    Survived,
    /// No test that is near noticed, and there was no time to ask all.
    Unsure,
    /// It does not compile, or could not be tried.
    Void,
}

/// What came of one mutant, and what was run last for it.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    pub(super) end: End,
    pub(super) evidence: Option<Evidence>,
}

/// What came of mutants at these places.
type Trials = Vec<(usize, Tried)>;

/// How many mutants fit; the suites' time counts in steps, so that it is the same from run to run.
pub(super) fn room(suites_ms: u64) -> usize {
    let step = suites_ms.max(1).next_power_of_two().max(STEP_MIN_MS);
    let budget = u64::try_from(BUDGET.as_millis()).unwrap_or(u64::MAX);
    usize::try_from(budget / step).unwrap_or(MUTANTS_MAX).clamp(1, MUTANTS_MAX)
}

/// The tests that are near code with mistakes in it.
#[derive(Debug)]
pub(super) struct Nearest {
    near: Near,
    /// What they take.
    pub(super) ms: u64,
}

impl Nearest {
    /// Runs the tests near the `mutants` once; nothing where they would not help: all of them are quick enough,
    /// or those do not hold by themselves, or take as long.
    pub(super) fn of(cx: &Cx<'_>, delta: &Delta, mutants: &[Mutant]) -> Option<Nearest> {
        let all_ms = cx.quickest_suites_ms();
        if all_ms <= QUICK_MS {
            return None;
        }
        let code: BTreeSet<&str> = mutants.iter().map(|mutant| mutant.path.as_str()).collect();
        let touched = delta.files.iter().filter(|file| file.after.is_some());
        let near = Near::of(
            code.iter().copied(),
            touched.map(|file| file.path.as_str()),
            cx.layout.own_files(),
        );
        let endings: BTreeSet<&str> = code.iter().map(|path| ending(path)).collect();
        let run = |copy: &Cx<'_>| {
            let mut ms = 0;
            for ending in endings {
                let path = code.iter().find(|path| self::ending(path) == ending)?;
                let suites = Suites::run_near(copy, &near, path);
                let is_well = !suites.is_broken_beyond_tests()
                    && !suites.is_unclear()
                    && !suites.ids(CaseEnd::Passed).is_empty();
                ms = is_well.then(|| suites.duration_ms().saturating_add(ms))?;
            }
            Some(ms)
        };
        let ms = over(cx, cx.subject.tree, run).ok()??;
        (ms.saturating_mul(NEAR_SHARE) <= all_ms).then_some(Nearest { near, ms })
    }
}

fn ending(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// Tries every mutant; of those that no test near them noticed, as many with all tests as there is time for.
pub(super) fn tried(
    cx: &Cx<'_>,
    held: &BTreeSet<&str>,
    chosen: &[Mutant],
    nearest: Option<&Nearest>,
) -> Result<Vec<Tried>, String> {
    let all: Vec<usize> = (0..chosen.len()).collect();
    let near = nearest.map(|nearest| &nearest.near);
    let first = pass(cx, held, chosen, &all, near)?;
    let mut trials: Vec<Tried> = first.into_iter().map(|(_, tried)| tried).collect();
    if near.is_some() {
        let has_survived = |at: &usize| trials.get(*at).is_some_and(|one| one.end == End::Survived);
        let unnoticed: Vec<usize> = all.into_iter().filter(has_survived).collect();
        let (asked, rest) = unnoticed.split_at(unnoticed.len().min(room(cx.quickest_suites_ms())));
        for at in rest {
            trials.iter_mut().skip(*at).take(1).for_each(|one| one.end = End::Unsure);
        }
        if !asked.is_empty() {
            for (at, again) in pass(cx, held, chosen, asked, None)? {
                trials.iter_mut().skip(at).take(1).for_each(|one| *one = again.clone());
            }
        }
    }
    Ok(trials)
}

/// Tries the mutants at these places, in a few copies side by side.
fn pass(
    cx: &Cx<'_>,
    held: &BTreeSet<&str>,
    chosen: &[Mutant],
    places: &[usize],
    near: Option<&Near>,
) -> Result<Trials, String> {
    let trials: Mutex<Trials> = Mutex::new(Vec::new());
    let patience = Duration::from_millis(cx.suites().duration_ms()) * PATIENCE + PATIENCE_MIN;
    let config =
        Config { command_limit: cx.config.command_limit.min(patience), ..cx.config.clone() };
    // What cargo builds is in one place: side by side it would be built twice.
    let is_cargo = chosen.iter().any(|mutant| mutant.path.ends_with(".rs"));
    let workers = WORKERS_MAX.min(cx.subject.jobs.get()).min(places.len());
    let workers = if is_cargo { 1 } else { workers };
    let was_red = cx.suites().ids(CaseEnd::Failed);
    let work = |worker: usize| {
        over(cx, cx.subject.tree, |copy| {
            let copy = copy.with_config(&config);
            for at in places.iter().skip(worker).step_by(workers) {
                let Some(mutant) = chosen.get(*at) else { continue };
                let tried = one(&copy, held, &was_red, mutant, near);
                trials.lock().unwrap_or_else(PoisonError::into_inner).push((*at, tried));
            }
        })
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..workers).map(|worker| scope.spawn(move || work(worker))).collect();
        let own = work(0);
        let joined = others.into_iter().map(|other| other.join().unwrap_or(Ok(())));
        std::iter::once(own).chain(joined).collect::<Result<Vec<()>, String>>()
    })?;
    let mut trials = trials.into_inner().unwrap_or_else(PoisonError::into_inner);
    trials.sort_by_key(|(at, _)| *at);
    Ok(trials)
}

/// Makes one mistake, runs the suites, and takes it back.
fn one(
    cx: &Cx<'_>,
    held: &BTreeSet<&str>,
    was_red: &BTreeSet<&str>,
    mutant: &Mutant,
    near: Option<&Near>,
) -> Tried {
    let void = Tried { end: End::Void, evidence: None };
    let path = cx.copy.root().join(&mutant.path);
    let Some(text) = read(&path) else { return void };
    if std::fs::write(&path, mutant.apply(&text)).is_err() {
        return void;
    }
    let suites = match near {
        Some(near) => Suites::run_near(cx, near, &mutant.path),
        None => Suites::run_for(cx, &mutant.path),
    };
    // A copy in which this fails shows failures from here on, never survivors.
    let _ = std::fs::write(&path, text);
    let end = match cx.cancel.is_pulled() || suites.parts.is_empty() {
        true => End::Void,
        false => end(&suites, held, was_red, mutant),
    };
    Tried { end, evidence: suites.evidence().next().cloned() }
}

/// What the suites show of a mistake in the code.
fn end(suites: &Suites, held: &BTreeSet<&str>, was_red: &BTreeSet<&str>, mutant: &Mutant) -> End {
    // A test may fail under names that it has only then, such as those of its parts.
    let red = suites.ids(CaseEnd::Failed);
    if red.iter().any(|id| !was_red.contains(id)) {
        return End::Killed;
    }
    let passed = suites.ids(CaseEnd::Passed);
    if suites.is_broken_beyond_tests() {
        // Compilers refuse some mistakes; an interpreter that dies of one has noticed it.
        let is_refused = is_compiled(&mutant.path) && passed.is_empty();
        return if is_refused { End::Void } else { End::Killed };
    }
    if suites.is_unclear() {
        // A mistake that makes tests hang was noticed.
        return if suites.timed_out() { End::Killed } else { End::Void };
    }
    let ran_any = held.iter().any(|id| passed.contains(id));
    if ran_any { End::Survived } else { End::Void }
}

/// The text of a file of the copy, unless it is none.
fn read(path: &Path) -> Option<String> {
    let found = std::fs::symlink_metadata(path).ok()?;
    found.is_file().then(|| std::fs::read_to_string(path).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use loki_host::process::find_on_path;
    use loki_model::ChangeKind;

    use crate::delta::FileDelta;
    use crate::gates::testing::in_copy_of;
    use crate::kind::Kind;
    use crate::mutation::{Moved, Options, mutants};

    #[test]
    fn what_the_tests_that_are_near_do_not_notice_is_asked_of_all() {
        if find_on_path("python3".as_ref()).is_none() {
            return;
        }
        let code = "def low(a):\n    return a < 3\n\n\ndef high(a):\n    return a > 3\n\n\ndef odd(a):\n    return a % 2\n";
        let test = |body: &str| {
            format!(
                "import unittest\nimport shop\nclass T(unittest.TestCase):\n    def test_a(self):\n        {body}\n"
            )
        };
        let (near, far) =
            (test("self.assertTrue(shop.low(2))"), test("self.assertTrue(shop.high(4))"));
        let files = [("shop.py", code), ("tests/test_shop.py", &near), ("tests/test_far.py", &far)];
        let file = FileDelta {
            path: "shop.py".to_owned(),
            change: ChangeKind::Added,
            kind: Kind::Source,
            before: None,
            after: Some(code.to_owned()),
            added: (1..=10).collect(),
        };
        let all = mutants(&file, &Moved::default(), &Options::default());
        let idle: Vec<Mutant> =
            all.into_iter().filter(|mutant| mutant.what.contains("nothing")).collect();
        let ends = in_copy_of(&files, |cx| {
            let held = cx.suites().ids(CaseEnd::Passed);
            let near = Near::of(["shop.py"], [], cx.layout.own_files());
            let by_near = pass(cx, &held, &idle, &[0, 1, 2], Some(&near)).unwrap();
            let by_all = tried(cx, &held, &idle, Some(&Nearest { near, ms: 1 })).unwrap();
            let by_near: Vec<End> = by_near.into_iter().map(|(_, tried)| tried.end).collect();
            (by_near, by_all.into_iter().map(|tried| tried.end).collect::<Vec<_>>())
        });
        let (killed, survived) = (End::Killed, End::Survived);
        assert_eq!(ends, (vec![killed, survived, survived], vec![killed, killed, survived]));
    }

    #[test]
    fn as_many_mutants_are_tried_as_fit_into_the_budget_and_one_in_any_case() {
        let rooms = [0, 1_000, 4_000, 5_000, 9_000, 40_000, 600_000].map(room);
        assert_eq!(rooms, [12, 12, 12, 7, 3, 1, 1]);
    }
}
