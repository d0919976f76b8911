//! The work of a crew on this machine. What is done for all tasks together is what a single run does, too: to judge
//! and to write the result it is looked at as one.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use loki_host::git::{Merged, Repo};
use loki_host::machine;
use loki_host::process::Cancel;
use loki_model::crew::{
    Base, Crew, Errand, Input, Jobs, Joined, Link, Part, Returned, Turned, Work, within,
};
use loki_model::{
    EffectResult, NewLimits, NewRun, Outcome, Rejected, Run, RunId, Settings, Spec, SpecPin, Spend,
    StopCause, Task, Timestamp, create_part,
};
use loki_store::{AppendError, NewRun as NewRow, ReadError, Store};

use super::drive::{CrewError, CrewMailbox, CrewObserver, CrewWorld, Done, drive_crew};
use super::follow::Followers;
use super::journal::CrewJournal;
use super::part::spec_of;
use super::soon::Soon;
use crate::control;
use crate::drive::{DriveError, Mailbox, Observer, drive, follow, resume};
use crate::journal::{Journal, JournalError, Ledger as _, read_run};
use crate::roles::role;
use crate::world::{RealWorld, Stop, now};

/// Makes the world of one run of a spec.
pub type Worlds<'a> = dyn Fn(Spec) -> RealWorld<'a> + Sync + 'a;
/// Makes whoever watches the run of a task.
pub type Observers<'a> = dyn Fn(&Task) -> Box<dyn Observer + 'a> + Sync + 'a;

/// More files than this are not named.
const NAMED_MAX: usize = 20;
/// A machine that is asked for more than this by each of its processors has no room for one more task.
const LOAD_MAX: f64 = 1.5;

/// This machine, as a crew needs it.
pub struct RealCrew<'a> {
    /// Where journals are.
    pub store: &'a Store,
    /// Where loki's state is.
    pub home: PathBuf,
    /// The repository.
    pub repo: Repo,
    /// What was asked for as a whole.
    pub spec: Spec,
    /// Ends all of it.
    pub stop: Stop,
    /// Makes the world of one run.
    pub worlds: &'a Worlds<'a>,
    /// Makes whoever watches one run.
    pub observers: &'a Observers<'a>,
    /// Runs of tasks that are told of what is asked of all.
    pub followers: Followers,
    /// Runs of tasks whose results may be here soon.
    pub soon: Soon,
}

impl CrewWorld for RealCrew<'_> {
    fn now(&self) -> Timestamp {
        now()
    }

    fn stop_requested(&self) -> Option<StopCause> {
        self.stop.requested()
    }

    fn halt(&self) {
        self.stop.request(StopCause::Terminate);
    }

    fn soon(&self, crew: &Crew, apart_from: Option<&RunId>) -> u32 {
        self.soon.count(crew, apart_from)
    }

    fn follow(&self, crew: &Crew) {
        self.followers.tell(crew);
    }

    fn room(&self, crew: &Crew) -> u32 {
        if crew.jobs != Jobs::Auto {
            return u32::MAX;
        }
        let cpus = u32::try_from(machine::cpus().get()).unwrap_or(u32::MAX);
        let running = u32::try_from(crew.running()).unwrap_or(u32::MAX);
        room(cpus, machine::load(), running)
    }

    fn perform(&self, crew: &Crew, work: &Work) -> Done {
        if let Work::RunTask { task, run } = work {
            return Done::Task(self.run_task(crew, task, run));
        }
        if self.stop.requested().is_some() {
            return Done::Turn(Turned::Interrupted);
        }
        Done::Turn(self.turn(crew, work).unwrap_or_else(|err| match self.stop.requested() {
            Some(_) => Turned::Interrupted,
            None => Turned::Failed { reason: format!("{err:#}") },
        }))
    }
}

impl RealCrew<'_> {
    /// Drives a crew on this machine as [`drive_crew`] does, and hears of a stop also while nothing is under way.
    pub fn drive(
        &self,
        journal: &mut CrewJournal<'_>,
        observer: &mut dyn CrewObserver,
        mailbox: &CrewMailbox,
        taken_up: Option<Input>,
    ) -> Result<(), CrewError> {
        let rope = self.stop.cancel().child().map_err(CrewError::Rope)?;
        let slot = mailbox.slot();
        self.soon.tell(mailbox.slot());
        std::thread::scope(|scope| {
            // Also when the loop dies of a panic, for which this thread is waited.
            let over = Over(rope.clone());
            scope.spawn(move || {
                let _ = rope.sleep(Duration::MAX);
                slot.look();
            });
            let driven = drive_crew(journal, self, observer, mailbox, taken_up);
            drop(over);
            driven
        })
    }

    fn turn(&self, crew: &Crew, work: &Work) -> anyhow::Result<Turned> {
        let world = || (self.worlds)(self.spec.clone());
        match work {
            Work::Prepare => Ok(Turned::Prepared(world().prepare_base(crew)?)),
            Work::Join { batch } => self.join(crew, batch),
            Work::Judge { joined } => self.judge(&world(), crew, joined),
            Work::Land { joined } => {
                let name = format!("refs/heads/{}", base_of(crew)?.onto);
                self.repo.set_ref(&name, &joined.commit, None)?;
                Ok(Turned::Landed)
            }
            Work::Close { outcome } => self.close(&world(), crew, *outcome),
            Work::RunTask { .. } => bail!("this is no turn"),
        }
    }

    /// Each result on top of those before, as far as they go together. A hidden ref keeps the commits.
    fn join(&self, crew: &Crew, batch: &[String]) -> anyhow::Result<Turned> {
        let repo = self.repo.with_cancel(self.stop.cancel());
        let mut at = crew.tip.clone().context("there is nothing to join with")?;
        let (mut chain, mut conflicts) = (Vec::new(), Vec::new());
        for task in batch {
            let errand = crew.errand(task).context("the task is gone")?;
            let result = errand.result.as_ref().context("the task has no result")?;
            match repo.merge(&at.commit, result)? {
                Merged::Clean(tree) => {
                    let message = format!("Merge task {task}: {}", errand.task.title);
                    let parents = [at.commit.clone(), result.clone()];
                    let commit = repo.commit_tree(&tree, &parents, &message)?;
                    at = Joined { commit, tree };
                    chain.push(Link { task: task.clone(), joined: at.clone() });
                }
                Merged::Conflicts(mut paths) => {
                    paths.truncate(NAMED_MAX);
                    conflicts.push((task.clone(), paths));
                }
                Merged::GitTooOld => bail!("this git can not merge without a checkout"),
            }
        }
        repo.set_ref(&format!("refs/loki/{}/{}", crew.id, crew.turn.0), &at.commit, None)?;
        Ok(Turned::Joined { chain, conflicts })
    }

    fn judge(&self, world: &RealWorld<'_>, crew: &Crew, joined: &Joined) -> anyhow::Result<Turned> {
        let run = crew.as_run_at(joined).context("there is nothing to judge")?;
        match world.judge_tree(&run, &mut |_, _| ControlFlow::Continue(()))? {
            EffectResult::TreeJudged(judged) => Ok(Turned::Judged(judged)),
            EffectResult::Interrupted => Ok(Turned::Interrupted),
            other => bail!("judging came to {other:?}"),
        }
    }

    fn close(
        &self,
        world: &RealWorld<'_>,
        crew: &Crew,
        outcome: Outcome,
    ) -> anyhow::Result<Turned> {
        let mut run = crew.as_run().context("there is nothing to write")?;
        // All agents whose work is in it were held to at least this.
        for errand in &crew.tasks {
            let Some(id) = &errand.run else { continue };
            let held = read_run(self.store, id).ok().and_then(|run| run.agents_held);
            run.agents_held = match (run.agents_held.take(), held) {
                (Some(one), Some(other)) => Some(one.and(&other)),
                (one, other) => one.or(other),
            };
        }
        match world.write_result(&run, outcome)? {
            EffectResult::ResultWritten { evidence, report, .. } => {
                Ok(Turned::Written { evidence, report })
            }
            other => bail!("the result came to {other:?}"),
        }
    }

    /// Has a run do the task. What it has spent is told whatever happens.
    fn run_task(&self, crew: &Crew, task: &str, id: &RunId) -> Returned {
        let known = crew.errand(task).map(|errand| self.followers.newest(crew, errand));
        let Some((crew, errand)) = &known else {
            return unusable(Outcome::Failed, "the task is gone".to_owned(), None);
        };
        self.try_to_run(crew, errand, id).unwrap_or_else(|err| {
            let known = read_run(self.store, id).ok();
            let outcome = match self.stop.requested() {
                Some(_) => Outcome::Stopped,
                None => Outcome::Failed,
            };
            unusable(outcome, format!("{err:#}"), known.as_ref())
        })
    }

    fn try_to_run(&self, crew: &Crew, errand: &Errand, id: &RunId) -> anyhow::Result<Returned> {
        let spec = spec_of(&self.spec, &errand.task);
        let mut observer = self.soon.watch((self.observers)(&errand.task));
        let mut world = (self.worlds)(spec.clone());
        let mut journal = match read_run(self.store, id) {
            Ok(run) if run.part.as_ref().is_none_or(|part| part.of != crew.id) => {
                bail!("the name {id} is taken by another run")
            }
            // Its end was recorded there, and not here yet.
            Ok(run) if is_over(&run) => return self.returned(errand, &run),
            Ok(_) => {
                let mut journal = Journal::take_up(self.store, id)?;
                let used = journal.run().time_used_ms(journal.last_at());
                let limits = NewLimits {
                    budget: errand.share,
                    tokens_max: errand.tokens,
                    time_max_ms: crew.time_left_ms(now()).map(|left| left.saturating_add(used)),
                    iterations_max: None,
                };
                match resume(&mut journal, &world, &mut observer, limits) {
                    Err(DriveError::Rejected(why)) => {
                        return Ok(at_its_limit(&why, journal.run()));
                    }
                    taken_up => taken_up?,
                }
                journal
            }
            Err(
                JournalError::Read(ReadError::UnknownRun { .. }) | JournalError::NoBeginning(_),
            ) => self.begin(crew, errand, id, &spec, &mut observer)?,
            Err(err) => return Err(err.into()),
        };
        let mailbox = Mailbox::new();
        // The run itself does not need to be reached from elsewhere.
        let server = control::serve(&self.home, id, mailbox.slot());
        let followed = journal.run().followed;
        let (orders, enlisted) = self.followers.enlist(crew, errand, id, followed, mailbox.slot());
        let mut orders = orders.into_iter();
        let told = orders.try_for_each(|order| follow(&mut journal, &mut observer, order, now()));
        let driven = told.and_then(|()| drive(&mut journal, &mut world, &mut observer, &mailbox));
        drop(mailbox);
        drop(enlisted);
        drop(server);
        driven?;
        self.returned(errand, journal.run())
    }

    fn begin(
        &self,
        crew: &Crew,
        errand: &Errand,
        id: &RunId,
        spec: &Spec,
        observer: &mut dyn Observer,
    ) -> anyhow::Result<Journal<'_>> {
        let Errand { task, attempt, from, share, tokens, sent_back, .. } = errand;
        let from = from.as_ref().context("the task starts from nowhere")?;
        let role = role(&task.role);
        let at = now();
        let settings = Settings {
            budget: *share,
            tokens_max: *tokens,
            time_max_ms: crew.time_left_ms(at),
            tier: role.as_ref().map_or(crew.settings.tier, |role| role.tier),
            role: role.map(|role| role.name),
            ..crew.settings.clone()
        };
        let part = Part {
            of: crew.id.clone(),
            task: task.id.clone(),
            requirements: task.requirements.clone(),
            scope: task.scope.clone(),
            attempt: *attempt,
            base: from.commit.clone(),
            rules: base_of(crew)?.tree.clone(),
            sent_back: sent_back.last().cloned(),
            earlier: errand.result.clone(),
        };
        let pin = SpecPin {
            digest: spec.digest.clone(),
            blob: self.store.put_blob(&serde_json::to_vec(spec)?)?,
            title: spec.title.clone(),
            source: spec.source.clone(),
            requirements: u32::try_from(spec.requirements.len()).unwrap_or(u32::MAX),
        };
        let row = NewRow { id: id.clone(), repo: self.repo.root().to_owned(), created_at: at };
        match self.store.create_run(&row) {
            // Its maker died before its first event.
            Ok(()) | Err(AppendError::RunExists { .. }) => {}
            Err(err) => return Err(err.into()),
        }
        let lock = self.store.lock(id)?;
        let new =
            NewRun { id: id.clone(), at, repo: crew.repo.clone(), spec: pin, settings, plan: None };
        let (journal, first) = Journal::begin(self.store, lock, &create_part(new, part), at)?;
        observer.on_event(journal.run(), &first);
        Ok(journal)
    }

    /// What is taken of a run: the commit of the very tree that was judged, and whether it kept to its files.
    fn returned(&self, errand: &Errand, run: &Run) -> anyhow::Result<Returned> {
        let ending = run.ended.as_ref().context("the run has not ended")?;
        let without = unusable(ending.outcome, ending.reason.clone(), Some(run));
        let is_good = matches!(ending.outcome, Outcome::Verified | Outcome::VerifiedWithGaps);
        let (Some(result), Some(workspace), Some((judged, _))) =
            (&run.result, &run.workspace, &run.judged)
        else {
            return Ok(without);
        };
        let tree = self.repo.tree_of(result)?;
        if is_good && tree != judged.tree {
            bail!("the result of run {} is not what was judged", run.id);
        }
        let changes = self.repo.diff(&workspace.start_tree, &tree)?;
        let outside = changes.into_iter().map(|change| change.path);
        let outside = outside.filter(|path| !within(&errand.task.scope, path)).take(NAMED_MAX);
        Ok(Returned { result: Some(result.clone()), outside: outside.collect(), ..without })
    }
}

/// Pulls the rope when it is dropped.
struct Over(Cancel);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.pull();
    }
}

/// How many tasks there is room for, of which `running` are under way: one for each processor, and none more while
/// the machine is busy. One always is, so that it goes on; a load that nobody tells hinders nobody.
fn room(cpus: u32, load: Option<f64>, running: u32) -> u32 {
    let is_busy = load.is_some_and(|load| load > LOAD_MAX * f64::from(cpus));
    if is_busy { running.clamp(1, cpus.max(1)) } else { cpus }
}

fn base_of(crew: &Crew) -> anyhow::Result<&Base> {
    crew.base.as_ref().context("nothing is prepared")
}

fn is_over(run: &Run) -> bool {
    run.ended.as_ref().is_some_and(|ending| ending.outcome != Outcome::Stopped)
}

fn unusable(outcome: Outcome, reason: String, run: Option<&Run>) -> Returned {
    let spend = run.map_or_else(Spend::default, |run| run.spend);
    let calls = run.map_or(0, |run| run.calls);
    Returned { outcome, reason, result: None, outside: Vec::new(), spend, calls }
}

fn at_its_limit(why: &Rejected, run: &Run) -> Returned {
    let outcome = match why {
        Rejected::CallsUsed => Outcome::IterationsExhausted,
        Rejected::Used { .. } => Outcome::BudgetExhausted,
        _ => Outcome::Failed,
    };
    unusable(outcome, why.to_string(), Some(run))
}

#[cfg(test)]
mod tests {
    use super::room;

    #[test]
    fn a_busy_machine_gets_no_more_tasks_and_always_one() {
        for (cpus, load, running, expected) in [
            (4, Some(0.0), 0, 4),
            (4, Some(6.0), 3, 4),
            (4, Some(6.1), 3, 3),
            (4, Some(6.1), 0, 1),
            // Some were begun when there were more processors.
            (2, Some(99.0), 5, 2),
            (2, None, 1, 2),
        ] {
            assert_eq!(room(cpus, load, running), expected, "{cpus} {load:?} {running}");
        }
    }
}
