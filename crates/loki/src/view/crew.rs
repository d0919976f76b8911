//! How tasks side by side are shown while they go on.

use loki_engine::crew::{CrewObserver, CrewRecorded};
use loki_model::crew::{Crew, CrewEvent, Jobs, SentBack};
use loki_model::{BudgetChange, Control};
use serde_json::{Value, json};

use super::render::one_line;
use crate::output;
use crate::time::{clock, rfc3339};

/// Lines for people, or JSON lines for programs, or nothing.
pub(crate) struct Told {
    pub(crate) json: bool,
    pub(crate) quiet: bool,
}

impl CrewObserver for Told {
    fn on_event(&mut self, crew: &Crew, recorded: &CrewRecorded) {
        if self.json {
            output::json(&json_of(crew, recorded));
        } else if !self.quiet {
            lines(crew, recorded).iter().for_each(|line| output::talk(line));
        }
    }
}

/// As the events of a single run: `schema_version`, `run`, `seq`, `at`, `event` and the event's own fields.
pub(crate) fn json_of(crew: &Crew, recorded: &CrewRecorded) -> Value {
    let mut value = json!({
        "schema_version": 1,
        "run": crew.id,
        "seq": recorded.seq,
        "at": rfc3339(recorded.at),
    });
    if let (Value::Object(line), Ok(Value::Object(event))) =
        (&mut value, serde_json::to_value(&recorded.event))
    {
        line.extend(event.into_iter().filter(|(key, _)| key != "at"));
    }
    value
}

/// How many at once, in words.
pub(crate) fn jobs(jobs: Jobs) -> String {
    match jobs {
        Jobs::UpTo(jobs) => format!("at most {jobs} at once"),
        Jobs::Auto => "as many at once as there are processors for".to_owned(),
    }
}

/// Why a task is done again.
pub(crate) fn why(why: &SentBack) -> String {
    match why {
        SentBack::Conflict { paths } => {
            format!("another task changed the same lines in {}", paths.join(", "))
        }
        SentBack::OutOfScope { paths } => {
            format!("it changed files outside of its scope: {}", paths.join(", "))
        }
        SentBack::Blocked { .. } => "together with the others it does not hold".to_owned(),
        SentBack::Unfinished { reason } => reason.clone(),
    }
}

/// Who wants what of all tasks.
fn asked(control: &Control, by: &str) -> String {
    match control {
        Control::Pause { now: false } => format!("{by} wants a pause after what is under way"),
        Control::Pause { now: true } => format!("{by} wants a pause at once"),
        Control::Continue => format!("{by} lets all tasks go on"),
        Control::Steer { text } => format!("{by} says to all tasks: {}", one_line(text, 120)),
        Control::Model { model } => {
            let model = model.as_deref().unwrap_or("what its tier has");
            format!("{by} wants the next call of each task to ask for {model}")
        }
        Control::Agent { offer, .. } => {
            format!("{by} wants {} to take over in each task", offer.agent)
        }
        Control::Retry => format!("{by} wants what failed tried again"),
        Control::Budget { change: BudgetChange::Set(budget) } => {
            format!("{by} allows {budget} in all")
        }
        Control::Budget { change: BudgetChange::Add(more) } => {
            format!("{by} allows {more} more")
        }
    }
}

/// The lines of one event; none for what only machines care for.
pub(crate) fn lines(crew: &Crew, recorded: &CrewRecorded) -> Vec<String> {
    let at = clock(recorded.at);
    let line = match &recorded.event {
        CrewEvent::CrewCreated { id, spec, tasks, jobs: at_once, .. } => {
            let (title, n) = (one_line(&spec.title, 80), tasks.len());
            format!("{at} run {id}: {title}\n  {n} tasks, {}", jobs(*at_once))
        }
        CrewEvent::CrewResumed { .. } => format!("{at} run {} goes on", crew.id),
        CrewEvent::BasePrepared { base } => {
            let from = base.branch.as_deref().unwrap_or("no branch");
            format!(
                "  starts from {from} at {}, results come to {}",
                base.commit.short(),
                base.onto
            )
        }
        CrewEvent::TaskStarted { task, attempt, run, share, .. } => {
            let title = crew.errand(task).map_or("", |errand| errand.task.title.as_str());
            let again = if *attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
            let share = share.map_or_else(String::new, |share| format!(", up to {share}"));
            format!("{at} {task} begins: {} (run {run}{again}{share})", one_line(title, 80))
        }
        CrewEvent::TaskReturned { task, outcome, reason, .. } => {
            format!("{at} {task} ended {}: {}", outcome.label(), one_line(reason, 120))
        }
        CrewEvent::TaskSentBack { task, why: reason } => {
            format!("  {task} has to be done again: {}", one_line(&why(reason), 200))
        }
        CrewEvent::TaskFailed { task, reason, .. } => {
            format!("  {task} failed: {}", one_line(reason, 200))
        }
        CrewEvent::BatchJudged { count, verdict, .. } => {
            let chain = crew.merging.as_ref().map_or(&[][..], |merging| &merging.chain);
            let tasks: Vec<&str> = chain.iter().take(*count).map(|l| l.task.as_str()).collect();
            let with = if tasks.is_empty() {
                String::new()
            } else {
                format!(" with {}", tasks.join(", "))
            };
            format!("{at} the whole{with}: {}", verdict.label())
        }
        CrewEvent::TasksMerged { tasks, joined } => {
            format!("{at} merged {} at {}", tasks.join(", "), joined.commit.short())
        }
        CrewEvent::CrewHalted { reason } => {
            format!("  everything is ended: {}", one_line(reason, 200))
        }
        CrewEvent::CrewAsked { control, by, .. } => format!("{at} {}", asked(control, by)),
        CrewEvent::TaskShareChanged { task, share } => {
            format!("  {task} may spend up to {share}")
        }
        CrewEvent::NearlyUsed { resource, used, limit } => {
            let (used, limit) = (resource.shown(*used), resource.shown(*limit));
            format!("  all tasks together have used {used} of {limit}")
        }
        CrewEvent::HappenedAsRun { .. }
        | CrewEvent::BatchBegun { .. }
        | CrewEvent::BatchJoined { .. }
        | CrewEvent::StopRequested { .. }
        | CrewEvent::CloseStarted { .. }
        | CrewEvent::ResultWritten { .. }
        | CrewEvent::CrewEnded { .. } => return Vec::new(),
    };
    line.lines().map(output::harmless).collect()
}
