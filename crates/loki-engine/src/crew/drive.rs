//! The loop of a crew: whatever is due and not under way is begun, each on a thread of its own; whatever is over
//! is recorded.

use std::collections::BTreeSet;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use loki_model::crew::{Crew, Due, Input, Jobs, Rejected, Returned, Turned, Work, decide, due};
use loki_model::{StopCause, Timestamp};

use super::journal::{CrewJournal, CrewRecorded};
use crate::journal::JournalError;

/// Where the machine decides how many tasks are under way, it is asked this often.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The world in which the work of a crew is done. The real one works on this machine.
pub trait CrewWorld: Sync {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Who asked for a stop, if anyone did.
    fn stop_requested(&self) -> Option<StopCause>;

    /// Ends everything that is under way, as a stop does.
    fn halt(&self);

    /// How many tasks may be under way, as far as the machine is concerned.
    fn room(&self, crew: &Crew) -> u32;

    /// Does `work` for `crew`. Never fails: what goes wrong is a result. Returns soon after a stop was requested.
    fn perform(&self, crew: &Crew, work: &Work) -> Done;
}

/// What came of some work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// Of [`Work::RunTask`].
    Task(Returned),
    /// Of all else.
    Turn(Turned),
}

/// Someone who watches a crew.
pub trait CrewObserver: Send {
    /// `recorded` is durable; `crew` is the state after it.
    fn on_event(&mut self, crew: &Crew, recorded: &CrewRecorded);
}

/// Why a crew could not be driven on. The journal is intact up to here.
#[derive(Debug, thiserror::Error)]
pub enum CrewError {
    /// The journal could not be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// It can not be taken up like this; while it is driven, a defect of loki.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// Some work ended in a way that no work may end.
    #[error("the thread of some work died")]
    Died,
}

/// Records `input` and what follows from it.
pub(super) fn advance(
    journal: &mut CrewJournal<'_>,
    world: &dyn CrewWorld,
    observer: &mut dyn CrewObserver,
    input: &Input,
) -> Result<(), CrewError> {
    let events = decide(journal.crew(), input, world.room(journal.crew()))?;
    for recorded in journal.record(&events, world.now())? {
        observer.on_event(journal.crew(), &recorded);
    }
    Ok(())
}

/// Drives a crew until it ends; `taken_up` says with which limits it goes on, for one that another process
/// has left. At its end `journal.crew().ended` is set, unless an error is returned.
pub fn drive_crew(
    journal: &mut CrewJournal<'_>,
    world: &dyn CrewWorld,
    observer: &mut dyn CrewObserver,
    taken_up: Option<Input>,
) -> Result<(), CrewError> {
    if let Some(input) = taken_up {
        advance(journal, world, observer, &input)?;
    }
    let (sender, over) = channel();
    std::thread::scope(|scope| {
        let mut under_way: BTreeSet<Due> = BTreeSet::new();
        let mut failure = None;
        loop {
            let wanted = if failure.is_none() { due(journal.crew()) } else { Vec::new() };
            for (due, work) in wanted {
                if under_way.insert(due.clone()) {
                    let (crew, told) = (journal.crew().clone(), Told::new(due, sender.clone()));
                    scope.spawn(move || told.tell(world.perform(&crew, &work)));
                }
            }
            if under_way.is_empty() {
                if failure.is_none() && journal.crew().halt.is_some() {
                    failure = advance(journal, world, observer, &Input::Quiet).err();
                }
                return failure.map_or(Ok(()), Err);
            }
            let message = match journal.crew().jobs {
                Jobs::Auto => over.recv_timeout(LOOK_EVERY),
                Jobs::UpTo(_) => over.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            let recorded = match message {
                // Nothing is recorded any more; whatever is still under way ends.
                Ok((due, _)) if failure.is_some() => {
                    under_way.remove(&due);
                    continue;
                }
                Err(_) if failure.is_some() => continue,
                Ok((due, done)) => {
                    under_way.remove(&due);
                    on_over(journal, world, observer, due, done)
                }
                Err(RecvTimeoutError::Timeout) => advance(journal, world, observer, &Input::Look),
                Err(RecvTimeoutError::Disconnected) => Err(CrewError::Died),
            };
            failure = recorded.err();
            if failure.is_some() || journal.crew().halt.is_some() {
                world.halt();
            }
        }
    })
}

fn on_over(
    journal: &mut CrewJournal<'_>,
    world: &dyn CrewWorld,
    observer: &mut dyn CrewObserver,
    due: Due,
    done: Option<Done>,
) -> Result<(), CrewError> {
    if let Some(by) = world.stop_requested()
        && journal.crew().halt.is_none()
    {
        advance(journal, world, observer, &Input::Stop { by })?;
    }
    let input = match (due, done.ok_or(CrewError::Died)?) {
        (Due::Task(run), Done::Task(returned)) => Input::TaskDone { run, returned },
        (Due::Turn(turn), Done::Turn(result)) => Input::TurnDone { turn, result },
        _ => return Err(Rejected::Mismatch.into()),
    };
    advance(journal, world, observer, &input)
}

/// Tells the loop that some work is over, also when its thread dies of a panic.
struct Told {
    due: Due,
    done: Option<Done>,
    sender: Sender<(Due, Option<Done>)>,
}

impl Told {
    fn new(due: Due, sender: Sender<(Due, Option<Done>)>) -> Told {
        Told { due, done: None, sender }
    }

    fn tell(mut self, done: Done) {
        self.done = Some(done);
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        // The loop waits for it and can not be gone.
        let _ = self.sender.send((self.due.clone(), self.done.take()));
    }
}
