//! `loki logs`

use std::time::Duration;

use loki_engine::Recorded;
use loki_engine::crew::read_crew_events;
use loki_engine::journal::read_events;
use loki_model::crew::{self, Crew};
use loki_model::{Run, RunId, apply, fold};
use loki_store::Store;

use super::{Done, tasks};
use crate::cli::LogsArgs;
use crate::context::Context;
use crate::error::environment;
use crate::output;
use crate::view::{self, json_of, render, reports};

/// How soon a new event is seen.
const POLL: Duration = Duration::from_millis(200);

pub(super) fn logs(args: &LogsArgs, cx: &Context) -> Done {
    let (store, run) = cx.open_run(args.run.as_deref())?;
    if tasks::of(&store, &run).is_some() {
        return of_tasks(args, &store, &run.id, cx);
    }
    let mut printer =
        Printer { store: &store, id: run.id.clone(), state: None, json: cx.json, seen: 0 };
    let events = read_events(&store, &run.id, 0).map_err(environment)?;
    let skip = args.lines.map_or(0, |lines| events.len().saturating_sub(lines));
    for (index, recorded) in events.iter().enumerate() {
        printer.take(recorded, index >= skip);
    }
    while args.follow && !printer.over() {
        std::thread::sleep(POLL);
        // Asked first: whoever drives the run writes before it lets go of it.
        let abandoned = store.owner(&run.id).is_none();
        let more = read_events(&store, &run.id, printer.seen).map_err(environment)?;
        for recorded in &more {
            printer.take(recorded, true);
        }
        if abandoned {
            break;
        }
    }
    Ok(0)
}

/// The events of a run of several tasks; those of one task are in the journal of its own run.
fn of_tasks(args: &LogsArgs, store: &Store, id: &RunId, cx: &Context) -> Done {
    let mut crew: Option<Crew> = None;
    let mut seen = 0;
    let mut skip = 0;
    loop {
        // Asked first: whoever drives the run writes before it lets go of it.
        let abandoned = store.owner(id).is_none();
        let events = read_crew_events(store, id, seen).map_err(environment)?;
        if let (0, Some(lines)) = (seen, args.lines) {
            skip = events.len().saturating_sub(lines);
        }
        for (index, recorded) in events.iter().enumerate() {
            seen = recorded.seq;
            match &mut crew {
                Some(crew) => crew::apply(crew, &recorded.event),
                None => crew = crew::fold([&recorded.event]),
            }
            let Some(crew) = crew.as_ref().filter(|_| index >= skip) else { continue };
            if cx.json {
                output::json(&view::crew::json_of(crew, recorded));
            } else {
                view::crew::lines(crew, recorded).iter().for_each(|line| output::data(line));
            }
        }
        skip = 0;
        if !args.follow || abandoned || crew.as_ref().is_some_and(|crew| crew.ended.is_some()) {
            return Ok(0);
        }
        std::thread::sleep(POLL);
    }
}

struct Printer<'a> {
    store: &'a Store,
    id: RunId,
    state: Option<Run>,
    json: bool,
    seen: u64,
}

impl Printer<'_> {
    fn take(&mut self, recorded: &Recorded, show: bool) {
        match &mut self.state {
            Some(run) => apply(run, &recorded.event),
            None => self.state = fold([&recorded.event]),
        }
        self.seen = recorded.seq;
        if !show {
            return;
        }
        if self.json {
            output::json(&json_of(&self.id, recorded));
        } else if let Some(run) = &self.state {
            for line in render::lines(run, recorded, &|digest| reports(self.store, digest)) {
                output::data(&line.plain());
            }
        }
    }

    fn over(&self) -> bool {
        self.state.as_ref().is_some_and(|run| run.ended.is_some())
    }
}
