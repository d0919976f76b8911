//! `loki pause`, `steer`, `retry` and `budget`: what is asked of a run, whoever drives it.

use std::io::Read as _;

use loki_engine::control::{Asked, ask, user_name, was_recorded};
use loki_engine::journal::JournalError;
use loki_engine::world::now;
use loki_engine::{DriveError, Journal, Ledger as _, drive, read_run};
use loki_model::{BudgetChange, Control, Rejected, Run, RunId, STEER_BYTES_MAX};
use loki_store::{RunFilter, Store};
use serde_json::json;

use super::launch::lock_error;
use super::{Done, tasks};
use crate::cli::{BudgetArgs, PauseArgs, RetryArgs, SteerArgs, WhichRun};
use crate::context::{Context, began};
use crate::error::{CommandError, environment};
use crate::output;

pub(super) fn pause(args: &PauseArgs, cx: &Context) -> Done {
    let run = request(&args.which, Control::Pause { now: args.now }, cx)?;
    let then = if args.now { "" } else { " once what is under way is finished" };
    said(&run, &format!("run {} pauses{then}; go on with: loki resume {}", run.id, run.id), cx)
}

pub(super) fn steer(args: &SteerArgs, cx: &Context) -> Done {
    let text = match args.text.as_slice() {
        [dash] if dash == "-" => {
            let mut text = String::new();
            // One more than is allowed, so that too much is seen.
            let stdin = std::io::stdin().take(STEER_BYTES_MAX as u64 + 1);
            { stdin }.read_to_string(&mut text).map_err(environment)?;
            text
        }
        words => words.join(" "),
    };
    let run = request(&args.which, Control::Steer { text }, cx)?;
    said(&run, &format!("run {}: its next prompt says so", run.id), cx)
}

pub(super) fn retry(args: &RetryArgs, cx: &Context) -> Done {
    let run = request(&args.which, Control::Retry, cx)?;
    said(&run, &format!("run {} tries again", run.id), cx)
}

pub(super) fn budget(args: &BudgetArgs, cx: &Context) -> Done {
    let run = match args.amount {
        Some(change) => request(&args.which, Control::Budget { change }, cx)?,
        None => find(&args.which, cx)?.1,
    };
    let (charged, budget) = (run.spend.charged(), run.settings.budget);
    if cx.json {
        output::json(&json!({
            "schema_version": 1,
            "run": run.id,
            "charged_usd": charged.dollars(),
            "budget_usd": budget.map(loki_model::Usd::dollars),
            "left_usd": run.budget_left().map(loki_model::Usd::dollars),
        }));
        return Ok(0);
    }
    output::data(&match budget {
        Some(budget) => format!("run {}: {charged} of {budget} charged", run.id),
        None => format!("run {}: {charged} charged, no limit; set one with: loki budget 5", run.id),
    });
    Ok(0)
}

fn said(run: &Run, text: &str, cx: &Context) -> Done {
    if cx.json {
        output::json(&json!({ "schema_version": 1, "run": run.id, "paused": run.paused }));
    } else {
        output::data(text);
    }
    Ok(0)
}

/// The run that is meant: the newest that is under way here, unless one is named, else the newest.
pub(super) fn find(which: &WhichRun, cx: &Context) -> Result<(Store, Run), CommandError> {
    if which.run.is_none()
        && let Some(store) = cx.store_read_only()?
    {
        let repo = cx.repo()?;
        let runs = store.runs(RunFilter { repo: Some(repo.root()) }).map_err(environment)?;
        let mut driven =
            runs.into_iter().filter(began).filter(|row| store.owner(&row.id).is_some());
        if let Some(row) = driven.next() {
            let run = read_run(&store, &row.id).map_err(environment)?;
            return Ok((store, run));
        }
    }
    cx.open_run(which.run.as_deref())
}

/// Asks `control` of the run that is meant. Once it returns that is recorded; the run is as it is then.
pub(super) fn request(
    which: &WhichRun,
    control: Control,
    cx: &Context,
) -> Result<Run, CommandError> {
    let (store, run) = find(which, cx)?;
    request_of(&store, &run.id, control, cx)
}

pub(super) fn request_of(
    store: &Store,
    id: &RunId,
    control: Control,
    cx: &Context,
) -> Result<Run, CommandError> {
    let before = store.events(id, 0).map_err(environment)?.last().map_or(0, |last| last.seq);
    match ask(&cx.home, id, &control).map_err(environment)? {
        Asked::Recorded => {}
        Asked::Refused(why) => return Err(refused(id, &why, &control)),
        // Its process may have died between the recording and the answer.
        Asked::NotDriven if was_recorded(store, id, before, &control).map_err(environment)? => {}
        Asked::NotDriven => record(id, control, cx)?,
    }
    read_run(store, id).map_err(environment)
}

/// Nobody drives the run: what is asked holds once it is resumed.
fn record(id: &RunId, control: Control, cx: &Context) -> Result<(), CommandError> {
    let store = cx.store()?;
    if let Some(asked) = tasks::ask_undriven(&store, id, &control)? {
        return asked.map_err(|refused| refused.told(id, &control));
    }
    let mut journal = Journal::take_up(&store, id).map_err(|err| match &err {
        JournalError::Lock(lock) => lock_error(lock),
        _ => environment(err),
    })?;
    if journal.run().ended.is_none() && is_for_now(&control) {
        return Err(Refused::CutOff.told(id, &control));
    }
    match drive::ask(&mut journal, control.clone(), user_name(), now()) {
        Ok(()) => Ok(()),
        Err(DriveError::Rejected(rejected)) => Err(Refused::Run(rejected).told(id, &control)),
        Err(err) => Err(environment(err)),
    }
}

/// What means nothing to a run that nobody drives.
pub(super) fn is_for_now(control: &Control) -> bool {
    matches!(control, Control::Pause { .. } | Control::Continue | Control::Retry)
}

/// Why nothing is asked of a run that nobody drives.
pub(super) enum Refused {
    /// Only a run that is under way can be asked this.
    CutOff,
    /// The run's own reason.
    Run(Rejected),
}

impl Refused {
    fn told(&self, id: &RunId, control: &Control) -> CommandError {
        match self {
            Refused::CutOff => {
                let message = format!("run {id} is not under way: it was cut off");
                CommandError::user(message).hint(format!("loki resume {id}"))
            }
            Refused::Run(Rejected::Ended) => {
                let message = format!("run {id} has ended");
                CommandError::user(message)
                    .hint(format!("loki show {id}    or    loki resume {id}"))
            }
            Refused::Run(rejected) => refused(id, &rejected.to_string(), control),
        }
    }
}

fn refused(id: &RunId, why: &str, control: &Control) -> CommandError {
    let hint = match control {
        Control::Budget { change: BudgetChange::Add(_) } => "loki budget 5".to_owned(),
        Control::Model { .. } | Control::Agent { .. } => {
            "loki provider models; a [[price]] in $LOKI_HOME/agents.toml makes \
                                  another one known to new runs"
                .to_owned()
        }
        _ => format!("loki status {id}"),
    };
    CommandError::user(format!("run {id}: {why}")).hint(hint)
}
