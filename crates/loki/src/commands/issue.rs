//! An issue of a forge becomes a spec: asks the forge, says what came.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use loki_forge::{Fault, ForgeError, Forges};
use loki_spec::{IssueRef, classify_issue, read_issue};

use super::intake::Read;
use crate::context::Context;
use crate::error::{CommandError, chain};
use crate::output;

/// What takes longer is announced.
const PATIENCE: Duration = Duration::from_secs(1);

/// Reads the issue that the user named as one.
pub(super) fn read_named(name: &str, cx: &Context) -> Result<Read, CommandError> {
    let issue = classify_issue(name)
        .map_err(|err| CommandError::user(chain(&err)).hint("loki start --help"))?;
    read(&issue, cx)
}

/// Asks the forge for `issue` and reads it as a spec.
pub(super) fn read(issue: &IssueRef, cx: &Context) -> Result<Read, CommandError> {
    let forges = Forges::from_environment();
    let here = match issue {
        IssueRef::Here { number } => Some(remote(&format!("issue {number}"), cx)?),
        _ => None,
    };
    let host = forges.host_of(issue);
    let whom = if host.is_empty() { "the forge".to_owned() } else { host };
    let waiting = format!("asking {whom} for {issue} …");
    let told = with_patience(&waiting, cx, || forges.issue(issue, here.as_deref()));
    let told = told.map_err(|err| refused(&err))?;
    let (spec, problems) = read_issue(&told);
    if !cx.quiet {
        let count = match told.comments.len() {
            0 => String::new(),
            1 => ", 1 comment".to_owned(),
            count => format!(", {count} comments"),
        };
        output::talk(&format!("spec: {} `{}` ({}{count})", told.id, told.title, told.url));
    }
    Ok((spec, problems))
}

/// The address of this repository's remote, for `what` that belongs to it.
pub(super) fn remote(what: &str, cx: &Context) -> Result<String, CommandError> {
    cx.repo()?.remote_address(None).map_err(|err| {
        CommandError::user(format!("where {what} is can not be told: {}", chain(&err)))
            .hint("give the whole address")
    })
}

/// Blame and advice for a forge that gave nothing.
pub(super) fn refused(err: &ForgeError) -> CommandError {
    let error = match err.fault() {
        Fault::User => CommandError::user(chain(err)),
        Fault::Environment => CommandError::environment(chain(err)),
    };
    match err.hint() {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// Does `work`, and says `waiting` when it takes long.
pub(super) fn with_patience<T>(waiting: &str, cx: &Context, work: impl FnOnce() -> T) -> T {
    if cx.quiet {
        return work();
    }
    let (done, end) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            if end.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                output::talk(waiting);
            }
        });
        let result = work();
        drop(done);
        result
    })
}
