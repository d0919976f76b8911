//! `loki spec`

mod coverage;
mod links;
mod report;
mod show;
mod state;
mod sync;

use super::Done;
use crate::cli::{SpecArgs, SpecCommand};
use crate::context::Context;

/// When something could not be read or written.
const EXIT_NOT_DONE: u8 = 3;

/// When the text or the tests are not as they were locked.
const EXIT_DRIFT: u8 = 1;

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
