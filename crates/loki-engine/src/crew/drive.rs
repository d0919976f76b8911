//! The loop of a crew: whatever is due and not under way is begun, each on a thread of its own; whatever is over
//! is recorded.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

use loki_model::crew::{
    Crew, Due, Input, Jobs, Now, Rejected, Returned, Turned, Work, asked, decide, due,
};
use loki_model::{Control, RunId, StopCause, Timestamp};

use super::journal::{CrewJournal, CrewRecorded};
use crate::control::Hears;
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

    /// How many runs that `crew` waits for are past their last call, as far as can be told, apart from one.
    fn soon(&self, crew: &Crew, apart_from: Option<&RunId>) -> u32;

    /// Has every run that is under way follow what was asked of `crew`. Returns once it is recorded there.
    fn follow(&self, crew: &Crew);

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
    /// The process has no file descriptors left.
    #[error("a stop can not be waited for: {0}")]
    Rope(#[source] std::io::Error),
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
    let returning = match input {
        Input::TaskDone { run, .. } => Some(run),
        _ => None,
    };
    let crew = journal.crew();
    let now = Now { at: world.now(), room: world.room(crew), soon: world.soon(crew, returning) };
    let events = decide(journal.crew(), input, now)?;
    for recorded in journal.record(&events, now.at)? {
        observer.on_event(journal.crew(), &recorded);
    }
    world.follow(journal.crew());
    Ok(())
}

/// Asks `control` of a crew that no other process drives, in the name of `by`: it holds once the crew is taken up.
pub fn ask_crew(
    journal: &mut CrewJournal<'_>,
    control: &Control,
    by: &str,
    at: Timestamp,
) -> Result<(), CrewError> {
    let events = asked(journal.crew(), control, by, at)?;
    journal.record(&events, at)?;
    Ok(())
}

/// What reaches the loop.
enum Message {
    /// Some work is over; nothing when its thread died.
    Over(Due, Option<Done>),
    Asked(Request),
    /// A stop may have been asked for, or there may be more to begin.
    Look,
}

struct Request {
    control: Control,
    by: String,
    answer: SyncSender<Result<(), String>>,
}

/// Where what is asked of a crew arrives. Lives as long as the crew is driven.
pub struct CrewMailbox {
    sender: Sender<Message>,
    receiver: Receiver<Message>,
}

impl CrewMailbox {
    /// Nothing has arrived yet.
    pub fn new() -> CrewMailbox {
        let (sender, receiver) = channel();
        CrewMailbox { sender, receiver }
    }

    /// For whoever passes requests on. Any number of them.
    pub fn slot(&self) -> CrewSlot {
        CrewSlot { sender: self.sender.clone() }
    }
}

impl Default for CrewMailbox {
    fn default() -> CrewMailbox {
        CrewMailbox::new()
    }
}

/// Through which requests reach a [`CrewMailbox`].
#[derive(Clone)]
pub struct CrewSlot {
    sender: Sender<Message>,
}

impl CrewSlot {
    /// Has the loop look whether a stop was asked for, or more can be begun.
    pub(super) fn look(&self) {
        // A loop that is over needs to look no more.
        let _ = self.sender.send(Message::Look);
    }
}

impl Hears for CrewSlot {
    fn hear(&self, control: Control, by: String, _: Timestamp) -> Option<Result<(), String>> {
        let (answer, answered) = sync_channel(1);
        self.sender.send(Message::Asked(Request { control, by, answer })).ok()?;
        answered.recv().ok()
    }
}

/// Drives a crew until it ends; `taken_up` says with which limits it goes on, for one that another process
/// has left. At its end `journal.crew().ended` is set, unless an error is returned.
pub fn drive_crew(
    journal: &mut CrewJournal<'_>,
    world: &dyn CrewWorld,
    observer: &mut dyn CrewObserver,
    mailbox: &CrewMailbox,
    taken_up: Option<Input>,
) -> Result<(), CrewError> {
    world.follow(journal.crew());
    if let Some(input) = taken_up {
        advance(journal, world, observer, &input)?;
    }
    std::thread::scope(|scope| {
        let mut under_way: BTreeSet<Due> = BTreeSet::new();
        let mut failure = None;
        loop {
            let wanted = if failure.is_none() { due(journal.crew()) } else { Vec::new() };
            for (due, work) in wanted {
                if under_way.insert(due.clone()) {
                    let (crew, told) =
                        (journal.crew().clone(), Told::new(due, mailbox.sender.clone()));
                    scope.spawn(move || told.tell(world.perform(&crew, &work)));
                }
            }
            if under_way.is_empty() {
                if failure.is_none() && journal.crew().halt.is_some() {
                    failure = advance(journal, world, observer, &Input::Quiet).err();
                }
                // In a pause somebody has to say something.
                let waits = failure.is_none() && journal.crew().ended.is_none();
                if !(waits && journal.crew().paused) {
                    return failure.map_or(Ok(()), Err);
                }
            }
            let message = match patience(journal.crew(), world.now()) {
                Some(patience) => mailbox.receiver.recv_timeout(patience),
                None => mailbox.receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            if let Ok(Message::Over(due, _)) = &message {
                under_way.remove(due);
            }
            let recorded = match message {
                // Nothing is recorded any more; whatever is still under way ends.
                _ if failure.is_some() => continue,
                Ok(Message::Over(due, done)) => on_over(journal, world, observer, due, done),
                Ok(Message::Asked(request)) => on_asked(journal, world, observer, request),
                Ok(Message::Look) => on_look(journal, world, observer),
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

/// After how long somebody has to look although nothing has happened.
fn patience(crew: &Crew, at: Timestamp) -> Option<Duration> {
    let look = (crew.jobs == Jobs::Auto && !crew.paused).then_some(LOOK_EVERY);
    let short = crew.time_is_short_in_ms(at).map(Duration::from_millis);
    look.into_iter().chain(short).min()
}

fn on_over(
    journal: &mut CrewJournal<'_>,
    world: &dyn CrewWorld,
    observer: &mut dyn CrewObserver,
    due: Due,
    done: Option<Done>,
) -> Result<(), CrewError> {
    on_stop(journal, world, observer)?;
    let input = match (due, done.ok_or(CrewError::Died)?) {
        (Due::Task(run), Done::Task(returned)) => Input::TaskDone { run, returned },
        (Due::Turn(turn), Done::Turn(result)) => Input::TurnDone { turn, result },
        _ => return Err(Rejected::Mismatch.into()),
    };
    advance(journal, world, observer, &input)
}

fn on_stop(
    journal: &mut CrewJournal<'_>,
    world: &dyn CrewWorld,
    observer: &mut dyn CrewObserver,
) -> Result<(), CrewError> {
    match world.stop_requested() {
        Some(by) if journal.crew().halt.is_none() => {
            advance(journal, world, observer, &Input::Stop { by })
        }
        _ => Ok(()),
    }
}

fn on_look(
    journal: &mut CrewJournal<'_>,
    world: &dyn CrewWorld,
    observer: &mut dyn CrewObserver,
) -> Result<(), CrewError> {
    on_stop(journal, world, observer)?;
    let crew = journal.crew();
    if crew.halt.is_some() || crew.ended.is_some() {
        return Ok(());
    }
    advance(journal, world, observer, &Input::Look)
}

/// What can not be done is an answer; what can not be recorded is an error, and no answer.
fn on_asked(
    journal: &mut CrewJournal<'_>,
    world: &dyn CrewWorld,
    observer: &mut dyn CrewObserver,
    request: Request,
) -> Result<(), CrewError> {
    let Request { control, by, answer } = request;
    let answered = match advance(journal, world, observer, &Input::Control { control, by }) {
        Err(CrewError::Rejected(why)) => Err(why.to_string()),
        recorded => Ok(recorded?),
    };
    // Whoever asked may be gone.
    let _ = answer.send(answered);
    Ok(())
}

/// Tells the loop that some work is over, also when its thread dies of a panic.
struct Told {
    due: Due,
    done: Option<Done>,
    sender: Sender<Message>,
}

impl Told {
    fn new(due: Due, sender: Sender<Message>) -> Told {
        Told { due, done: None, sender }
    }

    fn tell(mut self, done: Done) {
        self.done = Some(done);
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        // The loop waits for it and can not be gone.
        let _ = self.sender.send(Message::Over(self.due.clone(), self.done.take()));
    }
}
