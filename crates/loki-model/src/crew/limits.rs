//! What all tasks may use together: money and tokens in parts, time side by side. Calls are limited for each.

use super::CrewEvent;
use super::state::{Crew, Errand, Standing};
use crate::machine::limits::{NEARLY, warnings as of_run};
use crate::{Event, Resource, Spend, Timestamp, Usd};

impl Errand {
    /// What its newest run has cost, as far as known.
    pub(super) fn spent_in_run(&self) -> Usd {
        self.in_run().fold(Usd::ZERO, |sum, spend| sum + spend.charged())
    }

    /// Tokens of its newest run, as far as known.
    pub(super) fn tokens_in_run(&self) -> u64 {
        self.in_run().fold(0, |sum, spend| sum.saturating_add(spend.tokens.total()))
    }

    fn in_run(&self) -> impl Iterator<Item = &Spend> {
        let of_run = self.spent.iter().filter(|(run, ..)| Some(run) == self.run.as_ref());
        of_run.map(|(_, spend, _)| spend)
    }

    /// Money that it may still spend.
    fn promised(&self) -> Usd {
        self.share.unwrap_or_default().minus(self.spent_in_run())
    }
}

impl Crew {
    /// Money that is neither spent nor promised to a run that is under way; nothing without a budget.
    pub fn budget_left(&self) -> Option<Usd> {
        let promised = self.under_way().fold(Usd::ZERO, |sum, errand| sum + errand.promised());
        Some(self.settings.budget?.minus(self.spend().charged()).minus(promised))
    }

    /// Tokens that are neither used nor promised to a run that is under way; nothing without a limit.
    pub fn tokens_left(&self) -> Option<u64> {
        let promised = self.under_way().fold(0_u64, |sum, errand| {
            let share = errand.tokens.unwrap_or_default();
            sum.saturating_add(share.saturating_sub(errand.tokens_in_run()))
        });
        let left = self.settings.tokens_max?.saturating_sub(self.spend().tokens.total());
        Some(left.saturating_sub(promised))
    }

    /// Wall time until `at`: without pauses, and without the time in which no process drove it.
    pub fn time_used_ms(&self, at: Timestamp) -> u64 {
        self.worked_ms.saturating_add(self.since.map_or(0, |since| at.millis_since(since)))
    }

    /// Wall time that each run has which is under way at `at`; nothing without a limit.
    pub fn time_left_ms(&self, at: Timestamp) -> Option<u64> {
        Some(self.settings.time_max_ms?.saturating_sub(self.time_used_ms(at)))
    }

    /// In how long it has to be said that little time is left, should nothing happen until then.
    pub fn time_is_short_in_ms(&self, at: Timestamp) -> Option<u64> {
        let max = self.settings.time_max_ms?;
        self.since.filter(|_| !self.warned.contains(&Resource::Time))?;
        let (part, whole) = NEARLY;
        Some(max.saturating_mul(part).div_ceil(whole).saturating_sub(self.time_used_ms(at)))
    }

    /// What forbids that a further task is begun.
    pub fn used_up(&self, at: Timestamp) -> Option<Resource> {
        Resource::ALL.into_iter().find(|resource| match resource {
            Resource::Money => self.budget_left() == Some(Usd::ZERO),
            Resource::Tokens => self.tokens_left() == Some(0),
            Resource::Time => self.time_left_ms(at) == Some(0),
        })
    }

    fn under_way(&self) -> impl Iterator<Item = &Errand> {
        self.tasks.iter().filter(|errand| errand.standing == Standing::Running)
    }

    fn to_come(&self) -> u64 {
        let waits =
            |errand: &&Errand| matches!(errand.standing, Standing::Waiting | Standing::Stopped);
        u64::try_from(self.tasks.iter().filter(waits).count()).unwrap_or(u64::MAX)
    }
}

/// What the run of a task may use.
pub(super) struct Share {
    pub(super) budget: Option<Usd>,
    pub(super) tokens: Option<u64>,
}

/// An equal part of what is left. Nothing when there is not enough for one more now: a task should be able to pay
/// for one call that does not tell its cost, or be the only one.
pub(super) fn share(crew: &Crew, errand: &Errand, at: Timestamp) -> Option<Share> {
    if crew.used_up(at).is_some() {
        return None;
    }
    let goes_on = errand.standing == Standing::Stopped;
    let budget = match crew.budget_left() {
        None => None,
        Some(left) => {
            let spent = if goes_on { errand.spent_in_run() } else { Usd::ZERO };
            Some(granted(crew, left)? + spent)
        }
    };
    let tokens = crew.tokens_left().map(|left| {
        let used = if goes_on { errand.tokens_in_run() } else { 0 };
        (left / crew.to_come().max(1)).max(1).saturating_add(used)
    });
    Some(Share { budget, tokens })
}

fn granted(crew: &Crew, left: Usd) -> Option<Usd> {
    let equal = Usd(left.0 / crew.to_come().max(1));
    let enough = Spend::UNKNOWN_CALL;
    match () {
        () if equal >= enough => Some(equal),
        () if crew.running() > 0 => None,
        () => Some(Usd(left.0.min(enough.0))),
    }
}

/// What the runs that are under way may spend once the budget of `before` is that of `after`. Of more, each has an
/// equal part on top of what it had, those that are to come included. Of less than was promised, none has more
/// than an equal part.
pub(super) fn shares_anew(before: &Crew, after: &Crew) -> Vec<CrewEvent> {
    let (Some(budget), true) =
        (after.settings.budget, before.settings.budget != after.settings.budget)
    else {
        return Vec::new();
    };
    let running: Vec<&Errand> = after.under_way().collect();
    let count = u64::try_from(running.len()).unwrap_or(u64::MAX);
    let unspent = budget.minus(after.spend().charged());
    let promised = running.iter().fold(Usd::ZERO, |sum, errand| sum + errand.promised());
    let anew = |errand: &&Errand| match unspent.minus(promised) {
        _ if promised > unspent => Usd(errand.promised().0.min(unspent.0 / count.max(1))),
        left => errand.promised() + Usd(left.0 / count.saturating_add(after.to_come()).max(1)),
    };
    let changed = |errand: &&Errand| {
        let share = errand.spent_in_run() + anew(errand);
        let task = errand.task.id.clone();
        (errand.share != Some(share)).then_some(CrewEvent::TaskShareChanged { task, share })
    };
    running.iter().filter_map(changed).collect()
}

/// What is nearly used and was not said to be.
pub(super) fn warnings(crew: &Crew, at: Timestamp) -> Vec<CrewEvent> {
    let Some(run) = crew.as_run().filter(|run| run.ended.is_none()) else { return Vec::new() };
    let of_crew = |event| match event {
        Event::NearlyUsed { resource, used, limit } => {
            Some(CrewEvent::NearlyUsed { resource, used, limit })
        }
        _ => None,
    };
    of_run(&run, at).into_iter().filter_map(of_crew).collect()
}

/// From `at` on time does not count.
pub(super) fn stop_clock(crew: &mut Crew, at: Option<Timestamp>) {
    if let Some(at) = at
        && let Some(since) = crew.since.take()
    {
        crew.worked_ms = crew.worked_ms.saturating_add(at.millis_since(since));
    }
}
