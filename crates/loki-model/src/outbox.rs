//! What a run does outside of this machine, and what may be done about each of it next.
//!
//! A delivery is recorded before anything is tried, looked up before it is done, and looked up again when a
//! process died in between. What can not be looked up is done once: whether it was is then unknown, and only
//! a person can have it done again.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::{CommitId, Digest, Event, RunId, Timestamp};

/// A request that was cut off may still be on its way: it is not looked up sooner after it was sent.
pub const SETTLE_MS: i64 = 3_000;

/// Attempts at one delivery before a person has to look at it.
pub const ATTEMPTS_MAX: u32 = 5;

/// Deliveries of one run.
pub const DELIVERIES_MAX: usize = 1_000;

/// Which kind of forge a repository is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForgeKind {
    /// GitHub and GitHub Enterprise.
    Github,
    /// GitLab, its own or anybody's.
    Gitlab,
}

/// A repository on a forge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Of which kind.
    pub forge: ForgeKind,
    /// With its port where it is not the usual one.
    pub host: String,
    /// `owner/name`, or `group/sub/project`.
    pub repository: String,
}

/// What something is said about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Target {
    /// An issue.
    Issue {
        /// Its number there.
        number: u64,
    },
    /// The request that another delivery opens.
    Request {
        /// Its number in the outbox.
        delivery: u32,
    },
}

/// What is to be done. Texts are kept in the store and named by their digest; an address that may hold a
/// secret is named by its digest too, and has to be given again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Action {
    /// A branch of the remote holds a commit.
    PushBranch {
        /// The remote's name.
        remote: String,
        /// Without `refs/heads/`.
        branch: String,
        /// What it holds afterwards.
        commit: CommitId,
        /// What it holds until then; nothing when it must not be there.
        expected: Option<CommitId>,
    },
    /// There is a request to merge a branch, with this text.
    OpenRequest {
        /// Where.
        place: Place,
        /// What is to be merged.
        head: String,
        /// Into what.
        base: String,
        /// One line.
        title: String,
        /// Markdown.
        body: Digest,
    },
    /// Something was said.
    Comment {
        /// Where.
        place: Place,
        /// About what.
        on: Target,
        /// Markdown.
        body: Digest,
    },
    /// Something has a label.
    Label {
        /// Where.
        place: Place,
        /// What.
        on: Target,
        /// Its name.
        label: String,
    },
    /// An issue is closed.
    CloseIssue {
        /// Where.
        place: Place,
        /// Its number there.
        number: u64,
    },
    /// A program was told, in JSON.
    CallWebhook {
        /// Whose.
        host: String,
        /// The digest of the whole address.
        address: Digest,
        /// What it is told.
        body: Digest,
    },
    /// People were told, in one line.
    Notify {
        /// Where.
        host: String,
        /// The digest of the whole address.
        address: Digest,
        /// What they are told.
        body: Digest,
    },
}

impl Action {
    /// One word for programs.
    pub fn label(&self) -> &'static str {
        match self {
            Action::PushBranch { .. } => "push_branch",
            Action::OpenRequest { .. } => "open_request",
            Action::Comment { .. } => "comment",
            Action::Label { .. } => "label",
            Action::CloseIssue { .. } => "close_issue",
            Action::CallWebhook { .. } => "call_webhook",
            Action::Notify { .. } => "notify",
        }
    }

    /// Whether one can see afterwards that it was done.
    pub fn can_be_looked_up(&self) -> bool {
        !matches!(self, Action::CallWebhook { .. } | Action::Notify { .. })
    }

    /// Whether doing both would be doing the same twice. What a branch held before makes no difference.
    pub fn is_same(&self, other: &Action) -> bool {
        match (self, other) {
            (
                Action::PushBranch { remote, branch, commit, .. },
                Action::PushBranch { remote: theirs, branch: of, commit: held, .. },
            ) => (remote, branch, commit) == (theirs, of, held),
            _ => self == other,
        }
    }

    /// The delivery that it is about.
    pub fn target(&self) -> Option<Target> {
        match self {
            Action::Comment { on, .. } | Action::Label { on, .. } => Some(*on),
            _ => None,
        }
    }
}

/// What the other side calls what was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Where a person sees it; empty where nobody can.
    pub url: String,
    /// The number of a request.
    pub number: Option<u64>,
}

/// How a delivery stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is to be done; nothing was tried.
    Intended,
    /// It is being done, or the process that did it died.
    Acting {
        /// When that began.
        since: Timestamp,
    },
    /// It is done.
    Confirmed {
        /// What the other side calls it.
        receipt: Receipt,
        /// Whether it was found to be done, instead of being told so.
        found: bool,
    },
    /// Whether it was done can not be seen. It is not done again by itself.
    Unknown {
        /// What happened.
        reason: String,
    },
    /// It was not done, or somebody else has changed the same since.
    Failed {
        /// Why.
        reason: String,
    },
    /// Somebody decided that it is not to be done.
    GivenUp {
        /// Who.
        by: String,
    },
}

impl DeliveryState {
    /// One word for people and programs.
    pub fn label(&self) -> &'static str {
        match self {
            DeliveryState::Intended => "intended",
            DeliveryState::Acting { .. } => "acting",
            DeliveryState::Confirmed { .. } => "confirmed",
            DeliveryState::Unknown { .. } => "unknown",
            DeliveryState::Failed { .. } => "failed",
            DeliveryState::GivenUp { .. } => "given_up",
        }
    }
}

/// One thing that a run does outside of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its number within the run, from 1.
    pub id: u32,
    /// What is to be done.
    pub action: Action,
    /// The delivery that has to be confirmed before.
    pub needs: Option<u32>,
    /// Who wanted it.
    pub by: String,
    /// When.
    pub intended_at: Timestamp,
    /// How it stands.
    pub state: DeliveryState,
    /// Attempts since it was last wanted.
    pub attempts: u32,
}

impl Delivery {
    /// A text that stands, hidden, in what is made by this delivery and in nothing else.
    pub fn marker(&self, run: &RunId) -> String {
        // When it was wanted tells it from one of a run of the same name on another machine.
        format!("<!-- loki {run}-{} {} -->", self.id, self.intended_at.0)
    }

    /// What receivers tell a repetition by.
    pub fn key(&self, run: &RunId) -> String {
        format!("loki-{run}-{}", self.id)
    }

    /// Whether nothing further will come of it by itself.
    pub fn is_settled(&self) -> bool {
        !matches!(self.state, DeliveryState::Intended | DeliveryState::Acting { .. })
    }

    /// What the other side calls it, once it is done.
    pub fn receipt(&self) -> Option<&Receipt> {
        match &self.state {
            DeliveryState::Confirmed { receipt, .. } => Some(receipt),
            _ => None,
        }
    }
}

/// What was seen of a delivery on the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// It is done.
    There(Receipt),
    /// It is not.
    NotThere,
    /// It can not be done as things are.
    InTheWay {
        /// What is.
        reason: String,
    },
    /// Nothing could be seen.
    NotSeen {
        /// Why.
        reason: String,
    },
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// The other side says that it is done.
    Done(Receipt),
    /// The other side says no.
    Refused {
        /// In its words.
        reason: String,
    },
    /// Nothing of it left this machine.
    NotSent {
        /// Why.
        reason: String,
    },
    /// It may have been done.
    Unclear {
        /// What happened.
        reason: String,
    },
}

/// What reaches a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryInput {
    /// A process takes it up.
    TakenUp,
    /// It was looked up.
    LookedUp(Look),
    /// It was tried.
    Acted(Act),
    /// A person wants it done again.
    Retry {
        /// Who.
        by: String,
    },
    /// A person does not want it done any more.
    Drop {
        /// Who.
        by: String,
    },
}

/// What must be done about a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// See whether it is done, not before this moment.
    LookUp {
        /// What was sent may arrive until then.
        not_before: Timestamp,
    },
    /// Do it.
    Act,
}

/// What follows, in this order: record `events`, then do the `errand`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// Durable before anything else.
    pub events: Vec<Event>,
    /// Nothing when the delivery rests, settled or not.
    pub errand: Option<Errand>,
}

/// Why an input means nothing to a delivery.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPossible {
    /// It is done, or not wanted any more.
    #[error("it is {0} already")]
    Over(&'static str),
    /// Nobody asked for that.
    #[error("that was not awaited")]
    NotAwaited,
    /// There are too many.
    #[error("a run has at most {DELIVERIES_MAX} deliveries")]
    TooMany,
}

/// Decides the consequences of `input`. Pure.
pub fn decide(
    delivery: &Delivery,
    input: &DeliveryInput,
    at: Timestamp,
) -> Result<Course, NotPossible> {
    let id = delivery.id;
    let label = delivery.state.label();
    let course = match (&delivery.state, input) {
        (DeliveryState::Intended | DeliveryState::Acting { .. }, DeliveryInput::TakenUp) => {
            taken_up(delivery, at)
        }
        (_, DeliveryInput::TakenUp) => Course::default(),
        (DeliveryState::Intended | DeliveryState::Acting { .. }, DeliveryInput::LookedUp(look)) => {
            looked_up(delivery, look, at)
        }
        (DeliveryState::Acting { .. }, DeliveryInput::Acted(act)) => acted(delivery, act, at),
        (_, DeliveryInput::LookedUp(_) | DeliveryInput::Acted(_)) => {
            return Err(NotPossible::NotAwaited);
        }
        (
            DeliveryState::Unknown { .. } | DeliveryState::Failed { .. },
            DeliveryInput::Retry { by },
        ) => {
            let wanted = Event::DeliveryRetried { id, by: by.clone() };
            let mut after = delivery.clone();
            apply_to(&mut after, &wanted);
            let mut course = taken_up(&after, at);
            course.events.insert(0, wanted);
            course
        }
        (DeliveryState::Intended | DeliveryState::Acting { .. }, DeliveryInput::Retry { .. }) => {
            taken_up(delivery, at)
        }
        (
            DeliveryState::Confirmed { .. } | DeliveryState::GivenUp { .. },
            DeliveryInput::Retry { .. } | DeliveryInput::Drop { .. },
        ) => return Err(NotPossible::Over(label)),
        (_, DeliveryInput::Drop { by }) => {
            events(vec![Event::DeliveryGivenUp { id, by: by.clone() }])
        }
    };
    Ok(course)
}

fn events(events: Vec<Event>) -> Course {
    Course { events, errand: None }
}

fn taken_up(delivery: &Delivery, at: Timestamp) -> Course {
    let looks_up = delivery.action.can_be_looked_up();
    match &delivery.state {
        DeliveryState::Acting { since } if looks_up => look_after(*since),
        DeliveryState::Acting { .. } => events(vec![Event::DeliveryUnknown {
            id: delivery.id,
            reason: "the process that sent it died before it was answered".to_owned(),
        }]),
        _ if looks_up => {
            Course { events: Vec::new(), errand: Some(Errand::LookUp { not_before: at }) }
        }
        _ => try_it(delivery, at),
    }
}

fn look_after(sent: Timestamp) -> Course {
    let not_before = Timestamp(sent.0.saturating_add(SETTLE_MS));
    Course { events: Vec::new(), errand: Some(Errand::LookUp { not_before }) }
}

fn try_it(delivery: &Delivery, at: Timestamp) -> Course {
    let attempt = delivery.attempts + 1;
    let tried = Event::DeliveryTried { id: delivery.id, attempt, at };
    Course { events: vec![tried], errand: Some(Errand::Act) }
}

fn looked_up(delivery: &Delivery, look: &Look, at: Timestamp) -> Course {
    let id = delivery.id;
    match look {
        Look::There(receipt) => {
            let receipt = receipt.clone();
            events(vec![Event::DeliveryConfirmed { id, receipt, found: true }])
        }
        Look::NotThere if delivery.attempts >= ATTEMPTS_MAX => {
            let reason = format!("it was tried {ATTEMPTS_MAX} times and is not there");
            events(vec![Event::DeliveryFailed { id, reason }])
        }
        Look::NotThere => try_it(delivery, at),
        Look::InTheWay { reason } => {
            events(vec![Event::DeliveryFailed { id, reason: reason.clone() }])
        }
        // "Could not look" is not "not there": it rests until somebody takes it up.
        Look::NotSeen { .. } => Course::default(),
    }
}

fn acted(delivery: &Delivery, act: &Act, at: Timestamp) -> Course {
    let id = delivery.id;
    events(vec![match act {
        Act::Done(receipt) => {
            Event::DeliveryConfirmed { id, receipt: receipt.clone(), found: false }
        }
        Act::Refused { reason } | Act::NotSent { reason } => {
            Event::DeliveryFailed { id, reason: reason.clone() }
        }
        Act::Unclear { .. } if delivery.action.can_be_looked_up() => return look_after(at),
        Act::Unclear { reason } => Event::DeliveryUnknown { id, reason: reason.clone() },
    }])
}

/// What is to be delivered, before it has a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What is to be done.
    pub action: Action,
    /// The delivery that has to be confirmed before.
    pub needs: Option<u32>,
    /// Somebody looked, and it is not there: that it was done once does not count.
    pub again: bool,
}

/// How something that is wanted enters the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The same is there: it is done, under way, or for a person to decide about.
    There {
        /// Which.
        id: u32,
    },
    /// It becomes this one once `event` is recorded. What failed before is wanted again.
    New {
        /// Which.
        id: u32,
        /// What to record.
        event: Box<Event>,
    },
}

impl Entry {
    /// The delivery's number.
    pub fn id(&self) -> u32 {
        match self {
            Entry::There { id } | Entry::New { id, .. } => *id,
        }
    }
}

/// Decides what becomes of something that `by` wants done: nothing is done twice because it was asked for
/// twice.
pub fn enter(
    outbox: &[Delivery],
    wanted: Wanted,
    by: &str,
    at: Timestamp,
) -> Result<Entry, NotPossible> {
    let same = |delivery: &&Delivery| match delivery.state {
        DeliveryState::GivenUp { .. } => false,
        DeliveryState::Confirmed { .. } => !wanted.again && delivery.action.is_same(&wanted.action),
        // With another lease it is another attempt.
        DeliveryState::Failed { .. } => delivery.action == wanted.action,
        _ => delivery.action.is_same(&wanted.action),
    };
    if let Some(there) = outbox.iter().rev().find(same) {
        let id = there.id;
        return Ok(match there.state {
            DeliveryState::Failed { .. } => {
                Entry::New { id, event: Box::new(Event::DeliveryRetried { id, by: by.to_owned() }) }
            }
            _ => Entry::There { id },
        });
    }
    let number = outbox.last().map_or(0, |last| last.id);
    if outbox.len() >= DELIVERIES_MAX {
        return Err(NotPossible::TooMany);
    }
    let id = number + 1;
    let (action, needs, by) = (Box::new(wanted.action), wanted.needs, by.to_owned());
    let event = Box::new(Event::DeliveryIntended { id, action, needs, by, at });
    Ok(Entry::New { id, event })
}

/// The delivery that `delivery` waits for, and that is not confirmed.
pub fn waits_for<'a>(outbox: &'a [Delivery], delivery: &Delivery) -> Option<&'a Delivery> {
    let needs = delivery.needs?;
    let needed = outbox.iter().find(|other| other.id == needs)?;
    needed.receipt().is_none().then_some(needed)
}

/// Folds one event into `outbox`; those about anything else change nothing.
pub fn apply(outbox: &mut Vec<Delivery>, event: &Event) {
    let id = match event {
        Event::DeliveryIntended { id, action, needs, by, at } => {
            outbox.push(Delivery {
                id: *id,
                action: (**action).clone(),
                needs: *needs,
                by: by.clone(),
                intended_at: *at,
                state: DeliveryState::Intended,
                attempts: 0,
            });
            return;
        }
        Event::DeliveryTried { id, .. }
        | Event::DeliveryConfirmed { id, .. }
        | Event::DeliveryUnknown { id, .. }
        | Event::DeliveryFailed { id, .. }
        | Event::DeliveryRetried { id, .. }
        | Event::DeliveryGivenUp { id, .. } => *id,
        _ => return,
    };
    if let Some(delivery) = outbox.iter_mut().find(|delivery| delivery.id == id) {
        apply_to(delivery, event);
    }
}

fn apply_to(delivery: &mut Delivery, event: &Event) {
    delivery.state = match event {
        Event::DeliveryTried { attempt, at, .. } => {
            delivery.attempts = *attempt;
            DeliveryState::Acting { since: *at }
        }
        Event::DeliveryConfirmed { receipt, found, .. } => {
            DeliveryState::Confirmed { receipt: receipt.clone(), found: *found }
        }
        Event::DeliveryUnknown { reason, .. } => DeliveryState::Unknown { reason: reason.clone() },
        Event::DeliveryFailed { reason, .. } => DeliveryState::Failed { reason: reason.clone() },
        Event::DeliveryRetried { .. } => {
            delivery.attempts = 0;
            DeliveryState::Intended
        }
        Event::DeliveryGivenUp { by, .. } => DeliveryState::GivenUp { by: by.clone() },
        _ => return,
    };
}
