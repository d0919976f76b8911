//! What someone asks of all tasks at once. The crew alone keeps it; the runs of tasks follow, each order once.

use serde::{Deserialize, Serialize};

use super::decide::Rejected;
use super::state::{Crew, Errand, SentBack, Standing};
use super::{CrewEvent, limits};
use crate::machine::control::on_control as of_run;
use crate::{BudgetChange, Control, Order, Resource, Timestamp};

/// Something that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// What.
    pub control: Control,
    /// Who asked.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What follows when `control` is asked of `crew`, whether or not a process drives it. What a single run would
/// refuse is refused in the same words.
pub fn asked(
    crew: &Crew,
    control: &Control,
    by: &str,
    at: Timestamp,
) -> Result<Vec<CrewEvent>, Rejected> {
    let run = crew.as_run().ok_or(Rejected::Stale)?;
    of_run(&run, control, by, at).map_err(Rejected::Control)?;
    let event = CrewEvent::CrewAsked { control: control.clone(), by: by.to_owned(), at };
    let after = super::decide::folded(crew, std::slice::from_ref(&event));
    Ok([event].into_iter().chain(limits::shares_anew(crew, &after)).collect())
}

pub(super) fn apply(crew: &mut Crew, ask: Ask) {
    match &ask.control {
        Control::Pause { .. } => {
            crew.paused = true;
            limits::stop_clock(crew, Some(ask.at));
        }
        Control::Continue => {
            crew.paused = false;
            crew.since = Some(ask.at);
        }
        Control::Retry if crew.ending.is_none() => begin_again(crew),
        Control::Budget { change } => {
            let before = crew.settings.budget.unwrap_or_default();
            crew.settings.budget = Some(match change {
                BudgetChange::Set(budget) => *budget,
                BudgetChange::Add(more) => before + *more,
            });
            crew.warned.retain(|resource| *resource != Resource::Money);
        }
        Control::Retry | Control::Steer { .. } | Control::Model { .. } | Control::Agent { .. } => {}
    }
    crew.asks.push(ask);
}

/// Who failed has all chances again.
pub(super) fn begin_again(crew: &mut Crew) {
    for errand in &mut crew.tasks {
        if let Standing::Failed { reason, .. } = &errand.standing {
            errand.sent_back.push(SentBack::Unfinished { reason: reason.clone() });
            errand.standing = Standing::Waiting;
        }
    }
}

impl Crew {
    /// What the run that does `errand` has to follow after order `followed`, in order: also what was said before
    /// it began, but no pause that is over.
    pub fn orders(&self, errand: &Errand, followed: u32) -> Vec<Order> {
        let order = |(number, ask): (u32, &Ask)| {
            let is_new = number > errand.asked_before;
            let control = match &ask.control {
                Control::Pause { .. } if !(is_new && self.paused) => return None,
                Control::Continue | Control::Retry if !is_new => return None,
                Control::Budget { .. } => {
                    Control::Budget { change: BudgetChange::Set(errand.share?) }
                }
                control => control.clone(),
            };
            Some(Order { number, control, by: ask.by.clone() })
        };
        let numbered = (1..).zip(&self.asks);
        numbered.filter(|(number, _)| *number > followed).filter_map(order).collect()
    }

    /// How much was asked so far.
    pub fn asked(&self) -> u32 {
        u32::try_from(self.asks.len()).unwrap_or(u32::MAX)
    }
}
