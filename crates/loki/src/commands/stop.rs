//! `loki stop`

use std::time::{Duration, Instant};

use loki_engine::read_run;
use loki_model::RunId;
use loki_store::{RunFilter, Store};
use serde_json::json;

use super::Done;
use crate::cli::StopArgs;
use crate::context::{Context, began};
use crate::error::{CommandError, environment};
use crate::output;

/// A run lets go of its lock within two seconds; this is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);

pub(super) fn stop(args: &StopArgs, cx: &Context) -> Done {
    let running = match cx.store_read_only()? {
        None => Vec::new(),
        Some(store) => {
            let running = wanted(args, cx, &store)?;
            for (id, pid) in &running {
                end(id, *pid, args.now)?;
            }
            for (id, _) in &running {
                wait_for(&store, id)?;
            }
            running
        }
    };
    let ids: Vec<&RunId> = running.iter().map(|(id, _)| id).collect();
    if cx.json {
        output::json(&json!({ "schema_version": 1, "stopped": ids }));
    } else if ids.is_empty() {
        output::data("no run is under way");
    } else {
        for id in ids {
            output::data(&format!("stopped {id}; go on with: loki resume {id}"));
        }
    }
    Ok(0)
}

fn wanted(args: &StopArgs, cx: &Context, store: &Store) -> Result<Vec<(RunId, u32)>, CommandError> {
    let ids = match (&args.run, args.all) {
        (Some(prefix), _) => {
            let id = cx.find_run(store, Some(prefix))?;
            if let Some(Ok(run)) = id.as_ref().map(|id| read_run(store, id)) {
                super::tasks::refuse_part(&run, "stop")?;
            }
            id.into_iter().collect()
        }
        (None, all) => {
            let repo = if all { None } else { Some(cx.repo()?) };
            let filter = RunFilter { repo: repo.as_ref().map(|repo| repo.root()) };
            let rows = store.runs(filter).map_err(environment)?;
            // The process of a task is that of its run.
            rows.into_iter().filter(began).map(|row| row.id).collect::<Vec<_>>()
        }
    };
    let running = |id: RunId| store.owner(&id).and_then(|owner| owner.pid).map(|pid| (id, pid));
    Ok(ids.into_iter().filter_map(running).collect())
}

/// The pid is that of a process that holds the run's lock at this moment.
fn end(id: &RunId, pid: u32, now: bool) -> Result<(), CommandError> {
    use loki_host::machine::{kill, terminate};
    let told = if now { kill(pid) } else { terminate(pid) };
    told.map_err(|err| {
        CommandError::environment(format!("run {id} (process {pid}) could not be told: {err}"))
    })
}

fn wait_for(store: &Store, id: &RunId) -> Result<(), CommandError> {
    let deadline = Instant::now() + PATIENCE;
    while let Some(owner) = store.owner(id) {
        if Instant::now() > deadline {
            let seconds = PATIENCE.as_secs();
            let message = format!("run {id} did not stop within {seconds} s");
            let pid = owner.pid.map_or("its process".to_owned(), |pid| pid.to_string());
            return Err(CommandError::environment(message).hint(format!("kill -9 {pid}")));
        }
        std::thread::sleep(POLL);
    }
    Ok(())
}
