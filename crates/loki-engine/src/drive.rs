//! The loop: record, then do. One thread records, another one does, so that what is asked of a run
//! is recorded at once, whatever is under way.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use loki_host::process::Cancel;
use loki_model::{
    Control, Effect, EffectKind, EffectResult, Input, NewLimits, Order, Progress, Rejected, Run,
    StopCause, Timestamp, cuts_short, decide, pending,
};

use crate::control::Hears;
use crate::journal::{JournalError, Ledger, Recorded};

/// The world in which effects are carried out. The real one works on this machine; tests have
/// others.
pub trait World: Send {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Who asked for a stop, if anyone did.
    fn stop_requested(&self) -> Option<StopCause>;

    /// What ends an effect of this world before its time, without a stop: a rope for each effect.
    fn rope(&self) -> std::io::Result<Cancel>;

    /// Carries out `effect` for `run`. Never fails: what goes wrong is a result. Returns soon
    /// after a stop was requested, after `rope` was pulled, or after `progress` broke: nothing
    /// can be recorded any more.
    fn perform(
        &mut self,
        run: &Run,
        effect: &Effect,
        rope: &Cancel,
        progress: &mut OnProgress<'_>,
    ) -> EffectResult;
}

/// Hears of what is seen while an effect is under way, with the moment.
pub type OnProgress<'a> = dyn FnMut(Timestamp, Progress) -> ControlFlow<()> + Send + 'a;

/// Someone who watches a run.
pub trait Observer: Send {
    /// `recorded` is durable; `run` is the state after it.
    fn on_event(&mut self, run: &Run, recorded: &Recorded);
}

/// Why a run could not be driven on. The journal is intact up to here.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// The journal could not be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The run can not be taken up like this; while it is driven, a defect of loki.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// The process has no file descriptors left.
    #[error("an effect can not be watched: {0}")]
    Rope(#[source] std::io::Error),
}

/// What reaches the loop while an effect is under way.
enum Message {
    /// Whoever saw it goes on once it is recorded.
    Progress(Timestamp, Progress, SyncSender<()>),
    Request(Request),
    /// The effect is over.
    Over,
}

/// Something that is asked of the run that is driven.
struct Request {
    order: Order,
    /// Whether it was asked of the run's crew, so that it counts once.
    of_crew: bool,
    at: Timestamp,
    answer: SyncSender<Result<(), Rejected>>,
}

/// Where what is asked of a run arrives. Lives as long as the run is driven.
pub struct Mailbox {
    sender: SyncSender<Message>,
    receiver: Receiver<Message>,
}

/// More than this many messages at once make their senders wait.
const WAITING_MAX: usize = 64;

impl Mailbox {
    /// Nothing has arrived yet.
    pub fn new() -> Mailbox {
        let (sender, receiver) = sync_channel(WAITING_MAX);
        Mailbox { sender, receiver }
    }

    /// For whoever passes requests on. Any number of them.
    pub fn slot(&self) -> Slot {
        Slot { sender: self.sender.clone() }
    }
}

impl Default for Mailbox {
    fn default() -> Mailbox {
        Mailbox::new()
    }
}

/// Through which requests reach a [`Mailbox`].
#[derive(Clone)]
pub struct Slot {
    sender: SyncSender<Message>,
}

impl Slot {
    /// Asks `control` of the run, in the name of `by`; returns once it is recorded. Nothing when the
    /// run is not driven any more.
    pub fn ask(&self, control: Control, by: String, at: Timestamp) -> Option<Result<(), Rejected>> {
        self.send(Order { number: 0, control, by }, false, at)?.recv().ok()
    }

    /// Has the run follow what was asked of its crew. Does not wait for it: the receiver hears of it once it is
    /// recorded, or the run is not driven any more.
    pub(crate) fn order(&self, order: Order, at: Timestamp) -> Option<Answered> {
        self.send(order, true, at)
    }

    fn send(&self, order: Order, of_crew: bool, at: Timestamp) -> Option<Answered> {
        let (answer, answered) = sync_channel(1);
        self.sender.send(Message::Request(Request { order, of_crew, at, answer })).ok()?;
        Some(answered)
    }
}

/// Where the answer to a request arrives.
pub(crate) type Answered = Receiver<Result<(), Rejected>>;

impl Hears for Slot {
    fn hear(&self, control: Control, by: String, at: Timestamp) -> Option<Result<(), String>> {
        Some(self.ask(control, by, at)?.map_err(|rejected| rejected.to_string()))
    }
}

/// Tells the machine that a further process takes the run up.
pub fn resume(
    journal: &mut dyn Ledger,
    world: &dyn World,
    observer: &mut dyn Observer,
    limits: NewLimits,
) -> Result<(), DriveError> {
    let (at, last_at) = (world.now(), journal.last_at());
    advance(journal, at, &Input::Resume { at, last_at, limits }, observer)
}

/// Has a run that is about to be driven follow what was asked of its crew.
pub(crate) fn follow(
    journal: &mut dyn Ledger,
    observer: &mut dyn Observer,
    order: Order,
    at: Timestamp,
) -> Result<(), DriveError> {
    advance(journal, at, &Input::Follow { order, at }, observer)
}

/// Asks `control` of a run that no other process drives, in the name of `by`: it holds once the run is
/// taken up.
pub fn ask(
    journal: &mut dyn Ledger,
    control: Control,
    by: String,
    at: Timestamp,
) -> Result<(), DriveError> {
    advance(journal, at, &Input::Control { control, by, at }, &mut Nobody)
}

struct Nobody;

impl Observer for Nobody {
    fn on_event(&mut self, _: &Run, _: &Recorded) {}
}

/// Drives a run until it ends.
///
/// Each effect starts only after everything that led to it is durable. At its end
/// `journal.run().ended` is set, unless an error is returned.
pub fn drive(
    journal: &mut dyn Ledger,
    world: &mut dyn World,
    observer: &mut dyn Observer,
    mailbox: &Mailbox,
) -> Result<(), DriveError> {
    while let Some(effect) = pending(journal.run()) {
        let result = perform(journal, world, observer, mailbox, &effect)?;
        let at = world.now();
        if let Some(by) = world.stop_requested()
            && journal.run().stopping.is_none()
        {
            advance(journal, at, &Input::Stop { by }, observer)?;
        }
        // A pause has no result: what follows it is what would have been done before, or a stop.
        let result = match (&effect.kind, journal.run().stopping) {
            (EffectKind::Hold, None) => continue,
            (EffectKind::Hold, Some(_)) => EffectResult::Interrupted,
            _ => result,
        };
        advance(journal, at, &Input::Done { at, effect: effect.id, result }, observer)?;
    }
    Ok(())
}

/// Carries out one effect on a thread of its own, recording what is seen and asked meanwhile.
fn perform(
    journal: &mut dyn Ledger,
    world: &mut dyn World,
    observer: &mut dyn Observer,
    mailbox: &Mailbox,
    effect: &Effect,
) -> Result<EffectResult, DriveError> {
    let run = journal.run().clone();
    let rope = world.rope().map_err(DriveError::Rope)?;
    let (sender, over) = (mailbox.sender.clone(), Over(mailbox.sender.clone()));
    let rope_of_effect = &rope;
    std::thread::scope(|scope| {
        let doing = scope.spawn(move || {
            // Told also when the thread dies of a panic, which is passed on below.
            let _over = over;
            let mut progress = |at, progress| {
                let (recorded, is_recorded) = sync_channel(1);
                let told = sender.send(Message::Progress(at, progress, recorded));
                match told.is_ok() && is_recorded.recv().is_ok() {
                    true => ControlFlow::Continue(()),
                    false => ControlFlow::Break(()),
                }
            };
            world.perform(&run, effect, rope_of_effect, &mut progress)
        });
        let mut failure = None;
        while let Ok(message) = mailbox.receiver.recv() {
            let recorded = match message {
                Message::Over => break,
                // Nothing can be recorded any more; who waits for an answer hears that.
                _ if failure.is_some() => continue,
                Message::Progress(at, progress, seen) => {
                    let input = Input::Progress { effect: effect.id, progress };
                    let recorded = advance(journal, at, &input, observer);
                    match &recorded {
                        Ok(()) => drop(seen.send(())),
                        // First the deed here, too: a dropped answer is heard.
                        Err(_) => rope.pull(),
                    }
                    recorded
                }
                Message::Request(request) => asked(journal, observer, effect, &rope, request),
            };
            failure = recorded.err();
        }
        let result = doing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        failure.map_or(Ok(result), Err)
    })
}

/// What can not be done is an answer; what can not be recorded is an error.
fn asked(
    journal: &mut dyn Ledger,
    observer: &mut dyn Observer,
    under_way: &Effect,
    rope: &Cancel,
    request: Request,
) -> Result<(), DriveError> {
    let Request { order, of_crew, at, answer } = request;
    let counts = !of_crew || order.number > journal.run().followed;
    let cuts_short = counts && cuts_short(&order.control, &under_way.kind);
    let input = match of_crew {
        true => Input::Follow { order, at },
        false => Input::Control { control: order.control, by: order.by, at },
    };
    match advance(journal, at, &input, observer) {
        Err(DriveError::Rejected(rejected)) => {
            // Whoever asked may be gone.
            let _ = answer.send(Err(rejected));
            Ok(())
        }
        Ok(()) => {
            // First the deed: whoever has the answer may rely on it.
            if cuts_short {
                rope.pull();
            }
            let _ = answer.send(Ok(()));
            Ok(())
        }
        Err(err) => {
            rope.pull();
            Err(err)
        }
    }
}

/// Says that the effect is over when it is dropped.
struct Over(SyncSender<Message>);

impl Drop for Over {
    fn drop(&mut self) {
        // The loop waits for it and can not be gone.
        let _ = self.0.send(Message::Over);
    }
}

fn advance(
    journal: &mut dyn Ledger,
    at: Timestamp,
    input: &Input,
    observer: &mut dyn Observer,
) -> Result<(), DriveError> {
    let decision = decide(journal.run(), input)?;
    for recorded in journal.record(&decision.events, at)? {
        observer.on_event(journal.run(), &recorded);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
