//! What a run takes for granted: told before it begins and after it ended. A contradiction stops it.

use loki_model::{Assumption, Run, Spec, Standing};
use loki_spec::{Question, ledger};

use super::grill;
use crate::context::Context;
use crate::error::CommandError;
use crate::output;
use crate::view::render::one_line;

/// Assumptions told; `loki show` has them all.
const TOLD_MAX: usize = 5;

/// Reads `ID=REASON`.
pub(super) fn waivers(args: &[String]) -> Result<Vec<(String, String)>, CommandError> {
    let read = |arg: &String| {
        let parts = arg.split_once('=').map(|(id, reason)| (id.trim(), reason.trim()));
        let whole = parts.filter(|(id, reason)| !id.is_empty() && !reason.is_empty());
        whole.map(|(id, reason)| (id.to_owned(), reason.to_owned())).ok_or_else(|| {
            CommandError::user(format!("`--waive {arg}` gives no reason"))
                .hint("--waive Q-1a2b=\"why both can stand\"")
        })
    };
    args.iter().map(read).collect()
}

/// What the run takes for granted; an error where the spec contradicts itself and nobody accepted that.
pub(super) fn take(
    spec: &Spec,
    questions: &[Question],
    waivers: &[(String, String)],
) -> Result<Vec<Assumption>, CommandError> {
    let ledger = ledger(spec, questions, waivers);
    if let Some(id) = ledger.unknown.first() {
        let message = format!("there is no open question `{id}` about `{}`", spec.source);
        return Err(CommandError::user(message).hint(format!("loki grill {}", spec.source)));
    }
    let Some(first) = ledger.blocking.first() else { return Ok(ledger.assumptions) };
    let told: Vec<String> = ledger.blocking.iter().flat_map(grill::lines).collect();
    let message =
        format!("the spec contradicts itself, so no run could fulfil it:\n{}", told.join("\n"));
    let hint = format!(
        "correct it, or: loki grill {} --answer    or: --waive {}=REASON",
        spec.source, first.id
    );
    Err(CommandError::user(message).hint(hint))
}

/// Before anything is spent.
pub(super) fn tell(assumptions: &[Assumption], cx: &Context) {
    if cx.quiet || cx.json || assumptions.is_empty() {
        return;
    }
    lines(assumptions, TOLD_MAX).iter().for_each(|line| output::talk(line));
}

/// After the run, where its result is told.
pub(super) fn tell_again(run: &Run) {
    lines(of(run), TOLD_MAX).iter().for_each(|line| output::data(line));
}

/// Everything that `run` takes for granted.
pub(super) fn all(run: &Run) -> Vec<String> {
    lines(of(run), usize::MAX)
}

fn of(run: &Run) -> &[Assumption] {
    run.plan.as_ref().map_or(&[], |plan| &plan.assumptions)
}

fn lines(assumptions: &[Assumption], told_max: usize) -> Vec<String> {
    if assumptions.is_empty() {
        return Vec::new();
    }
    const CHARS_MAX: usize = 160;
    let mut lines = vec!["taken for granted:".to_owned()];
    for assumption in assumptions.iter().take(told_max) {
        let Assumption { id, about, assumed, standing, .. } = assumption;
        let waived = match standing {
            Standing::Assumed => String::new(),
            Standing::Waived { reason } => format!(" (accepted: {})", one_line(reason, 80)),
        };
        let about = one_line(about, CHARS_MAX);
        lines.push(format!("  {id} {} [{about}]{waived}", one_line(assumed, CHARS_MAX)));
    }
    match assumptions.len().saturating_sub(told_max) {
        0 => {}
        more => lines.push(format!("  and {more} more: loki show")),
    }
    lines
}
