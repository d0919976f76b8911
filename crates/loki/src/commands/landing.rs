//! What a bare `loki` says.

use crate::output;

pub(super) fn print() {
    output::data(
        "\
loki hands a spec to a coding agent and does not accept \"done\" until it has proved it.

  loki demo               watch a whole run with a recorded agent: no key, no cost
  loki doctor             what is missing on this machine, with the fix
  loki start prd.md       build what prd.md asks for, in a worktree of its own
  loki status             how the newest run here stands
  loki why                what happened last, why, and what to do next
  loki diff               what it made; loki apply brings it to your branch
  loki rollback list      what files can be put back to

`loki --help` lists everything.",
    );
}
