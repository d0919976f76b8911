//! `loki record`

use loki_engine::journal::read_events;
use loki_engine::record::record as make;
use loki_host::git::Repo;
use serde_json::json;

use super::Done;
use crate::cli::RecordArgs;
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::output;

pub(super) fn record(args: &RecordArgs, cx: &Context) -> Done {
    let (store, run) = cx.open_run(args.run.as_deref())?;
    let repo = Repo::discover(std::path::Path::new(&run.repo)).map_err(environment)?;
    let events = read_events(&store, &run.id, 0).map_err(environment)?;
    let made = make(&events, &repo).map_err(|err| CommandError::environment(format!("{err:#}")))?;
    if made.calls == 0 {
        let message = format!("no call of run {} has ended yet", run.id);
        return Err(CommandError::user(message).hint("loki logs -f"));
    }
    if let Some(out) = &args.out {
        let path = cx.directory.join(out);
        std::fs::write(&path, &made.text).map_err(|err| {
            CommandError::environment(format!("`{}` could not be written: {err}", out.display()))
        })?;
    }
    if cx.json {
        output::json(&json!({
            "schema_version": 1,
            "run": run.id,
            "calls": made.calls,
            "left_out": made.left_out,
            "out": args.out,
            "recording": args.out.is_none().then_some(&made.text),
        }));
        return Ok(0);
    }
    made.left_out.iter().for_each(|line| output::talk(line));
    match &args.out {
        Some(out) => {
            let calls =
                if made.calls == 1 { "1 call".to_owned() } else { format!("{} calls", made.calls) };
            output::talk(&format!("{calls} of run {} recorded; play with:", run.id));
            output::talk(&format!("  loki start --provider replay:{} …", out.display()));
        }
        // Made harmless for a terminal it would not read back.
        None => output::raw(&made.text),
    }
    Ok(0)
}
