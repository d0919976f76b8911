//! The grammar of `loki rollback` and `loki checkpoint`.

use clap::{Args, Subcommand};

/// Put files back to what they were at a checkpoint, and undo that
///
/// A checkpoint is made before every call of an agent, by `loki checkpoint create`, and before files are
/// put back, so that going back can be undone. It holds every file that is not ignored, byte by byte. Going
/// back changes files only: HEAD, branches and what is staged stay, and so do ignored files. A run whose
/// files are put back goes on from there with `loki resume`; what it has cost stays spent.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = ROLLBACK_HELP)]
pub(crate) struct RollbackArgs {
    #[command(subcommand)]
    pub(crate) what: RollbackCommand,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum RollbackCommand {
    /// List the checkpoints of this repository, newest first
    List(PointsArgs),
    /// Show a checkpoint: when and why it was made, how the run stood, what differs from now
    Show(PointArgs),
    /// Put files back to a checkpoint
    To {
        #[command(flatten)]
        point: PointArgs,

        #[command(flatten)]
        how: BackArgs,
    },
    /// Put files back to the newest checkpoint that was made before a call or by hand
    Latest {
        /// Only checkpoints of this run: any unique beginning of its name
        #[arg(long, value_name = "RUN")]
        run: Option<String>,

        #[command(flatten)]
        how: BackArgs,
    },
}

/// Which checkpoint.
#[derive(Args, Clone, Debug)]
pub(crate) struct PointArgs {
    /// Any unique beginning of its id, as `loki rollback list` shows it
    pub(crate) id: String,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct BackArgs {
    /// Accepted for scripts written for other versions: files are always put back
    #[arg(long, hide = true)]
    pub(crate) code: bool,
}

/// Which checkpoints.
#[derive(Args, Clone, Debug)]
pub(crate) struct PointsArgs {
    /// Only those of this run: any unique beginning of its name
    #[arg(long, value_name = "RUN")]
    pub(crate) run: Option<String>,

    /// Show at most so many
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 50)]
    pub(crate) lines: usize,
}

const ROLLBACK_HELP: &str = "\
Examples:
  loki rollback list
  loki rollback latest               what was there before the newest call
  loki rollback to 3f9c              undo: the last line says what to type
  loki checkpoint create -m \"before I try something\"

Checkpoints are kept below refs/loki/checkpoint for 30 days, and longer while they are among the newest 20
of their directory or their run has not ended: see docs/rollback.md.";

/// Keep everything that is here now, to come back to it
#[derive(Args, Clone, Debug)]
pub(crate) struct CheckpointArgs {
    #[command(subcommand)]
    pub(crate) what: CheckpointCommand,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum CheckpointCommand {
    /// Keep all files of this work tree that are not ignored; nothing of it changes
    Create {
        /// What it is for, in one line
        #[arg(long, short, value_name = "TEXT")]
        message: Option<String>,

        /// Keep the workspace of this run instead: any unique beginning of its name
        #[arg(long, value_name = "RUN")]
        run: Option<String>,
    },
    /// The same as `loki rollback list`
    List(PointsArgs),
    /// The same as `loki rollback show`
    Show(PointArgs),
    /// Forget old checkpoints now, as each new one does
    Prune,
}
