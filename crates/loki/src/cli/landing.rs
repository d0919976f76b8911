//! The grammar of `loki diff`, `loki apply` and `loki discard`.

use clap::Args;

/// Show what a run changed: its branch against the commit it started from
///
/// As `git diff` would show it, without a pager and without colours, so that it can be piped. Of a run that
/// is under way the newest snapshot is shown.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = "\
Examples:
  loki diff                 the newest run here
  loki diff --stat
  loki diff kqmz | less
  loki diff | git apply     its changes without its commits")]
pub(crate) struct DiffArgs {
    /// Any unique beginning of a run's name (default: the newest here)
    pub(crate) run: Option<String>,

    /// Only which files changed, and how much
    #[arg(long)]
    pub(crate) stat: bool,
}

/// Bring what a run made to the branch that is checked out here
///
/// Moves your branch on to the run's, or merges where yours has commits of its own. It is all or nothing:
/// where both changed the same places, or what you have not committed is in the way, nothing changes and
/// it is said what to type. Conflict markers are never written. Only what ended verified is brought, unless
/// you say otherwise. What was there before is kept as a checkpoint.
#[derive(Args, Clone, Debug)]
pub(crate) struct ApplyArgs {
    /// Any unique beginning of a run's name (default: the newest here)
    pub(crate) run: Option<String>,

    /// Only say what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Bring it although it did not end verified, or was changed since
    #[arg(long)]
    pub(crate) unverified: bool,
}

/// Remove the worktree and the branch of a run
///
/// Of tasks side by side those of all tasks go, too. The run's journal and evidence stay. Files and branch are kept as a checkpoint first: the last line says
/// what brings them back, for as long as checkpoints are kept.
#[derive(Args, Clone, Debug)]
pub(crate) struct DiscardArgs {
    /// Any unique beginning of a run's name (default: the newest here)
    pub(crate) run: Option<String>,
}
