//! What someone asks for while the run is under way.

use crate::{
    BudgetChange, Control, EffectKind, Event, Offer, Order, Rejected, Run, STEER_BYTES_MAX,
    STEERS_MAX, Step, Timestamp,
};

/// Recorded at once; what is under way goes on, unless [`cuts_short`]. A run that has ended and may be
/// resumed takes what is to hold then.
pub(crate) fn on_control(
    run: &Run,
    control: &Control,
    by: &str,
    at: Timestamp,
) -> Result<Event, Rejected> {
    let for_later = !matches!(control, Control::Pause { .. } | Control::Continue | Control::Retry);
    if run.ended.is_some() && !(for_later && run.is_resumable()) {
        return Err(Rejected::Ended);
    }
    let (by, at) = (by.to_owned(), Some(at));
    Ok(match control {
        Control::Pause { now } => Event::RunPaused { now: *now, by, at },
        Control::Continue if run.paused => Event::RunContinued { by, at },
        Control::Continue => return Err(Rejected::NotPaused),
        Control::Steer { text } => steered(run, text, by)?,
        Control::Model { model } => {
            if let Some(name) = model {
                let next = run.next_agent.as_ref().map_or(run.active, |next| next.index);
                can_be_asked_for(&run.offer(next), name)?;
            }
            Event::ModelSwitched { model: model.clone(), by }
        }
        Control::Agent { offer, model } => {
            if let Some(name) = model {
                can_be_asked_for(offer, name)?;
            }
            let (from, offer) = (run.active_agent().to_owned(), offer.clone());
            Event::AgentChosen { from, offer, model: model.clone(), by }
        }
        Control::Retry => Event::RetryRequested { by },
        Control::Budget { change } => {
            let budget = match (change, run.settings.budget) {
                (BudgetChange::Set(budget), _) => *budget,
                (BudgetChange::Add(more), Some(budget)) => budget + *more,
                (BudgetChange::Add(_), None) => return Err(Rejected::NoBudget),
            };
            Event::BudgetChanged { budget, by }
        }
    })
}

/// Follows what was asked of the run's crew: each order once. What means nothing to this run is over with.
pub(super) fn on_order(run: &Run, order: &Order, at: Timestamp) -> Result<Vec<Event>, Rejected> {
    if order.number <= run.followed {
        return Ok(Vec::new());
    }
    if run.ended.is_some() {
        return Err(Rejected::Ended);
    }
    let Order { number, control, by } = order;
    let holds_already = match control {
        Control::Budget { change: BudgetChange::Set(budget) } => {
            run.settings.budget == Some(*budget)
        }
        _ => false,
    };
    let event = on_control(run, control, by, at).ok().filter(|_| !holds_already);
    Ok(event.into_iter().chain([Event::CrewFollowed { order: *number }]).collect())
}

/// Whether `control` ends an effect that is under way before its time. It has a result all the same.
pub fn cuts_short(control: &Control, under_way: &EffectKind) -> bool {
    matches!(
        (control, under_way),
        (Control::Pause { now: true }, EffectKind::CallAgent { .. })
            | (Control::Continue, EffectKind::Hold)
            | (Control::Retry, EffectKind::WaitUntil { .. })
    )
}

fn steered(run: &Run, text: &str, by: String) -> Result<Event, Rejected> {
    let text = text.trim();
    if text.is_empty() || text.len() > STEER_BYTES_MAX || run.steers.len() >= STEERS_MAX {
        return Err(Rejected::NotSteerable);
    }
    Ok(Event::Steered { text: text.to_owned(), by })
}

impl Run {
    /// Whether a pause keeps the next effect from being begun.
    pub(super) fn is_held(&self) -> bool {
        // A result is written at once: there is nothing left to look at first.
        self.paused && self.step != Step::Close
    }
}

/// Whether an agent can be asked for `model`, as far as known.
fn can_be_asked_for(offer: &Offer, model: &str) -> Result<(), Rejected> {
    let agent = offer.agent.clone();
    if !offer.capabilities.model {
        return Err(Rejected::ModelNotChoosable { agent });
    }
    if offer.models.is_empty() || offer.model(model).is_some() {
        return Ok(());
    }
    let known = offer.models.iter().map(|known| known.id.clone()).collect();
    Err(Rejected::ModelNotOffered { agent, model: model.to_owned(), known })
}
