//! `loki spec`

mod coverage;
mod links;
mod report;
mod show;
mod state;
mod sync;

use loki_model::Spec;

use super::Done;
use crate::cli::{SpecArgs, SpecCommand};
use crate::context::Context;

/// When something could not be read or written.
const EXIT_NOT_DONE: u8 = 3;

/// When the text or the tests are not as they were locked.
const EXIT_DRIFT: u8 = 1;

/// `spec` with the names that the lock around here has for its requirements, so that evidence of runs is told
/// under them. A lock that does not read renames nothing; `loki spec status` says why.
pub(super) fn as_locked(spec: Spec, cx: &Context) -> Spec {
    match state::read_lock(&state::root(cx)) {
        Ok(Some(lock)) => lock.name(spec),
        Ok(None) | Err(_) => spec,
    }
}

pub(super) fn spec(args: &SpecArgs, cx: &Context) -> Done {
    let done = match &args.what {
        SpecCommand::Show { spec } => show::show(spec, cx),
        SpecCommand::Lock { spec, force } => sync::lock(spec, *force, cx),
        SpecCommand::Status { report } => report::status(report, cx),
        SpecCommand::Diff { report } => report::diff(report, cx),
        SpecCommand::Sync { spec, message } => sync::sync(spec, message.as_deref(), cx),
        SpecCommand::Coverage { spec, markdown, html } => {
            coverage::coverage(spec, *markdown, html.as_deref(), cx)
        }
    };
    // 1 says drift here.
    done.map_err(|error| match error.exit_code() {
        EXIT_DRIFT => error.exiting_with(EXIT_NOT_DONE),
        _ => error,
    })
}
