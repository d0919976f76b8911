//! The grammar of `loki spec`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Keep a spec and its code together: lock, compare, approve
///
/// `loki spec lock` writes down which requirements were agreed on. From then on `status` says what is no
/// longer so, in the text and in the tests, and `sync` approves a change of the text. The lock and the
/// approvals are committed; `loki verify` judges by those of the base.
#[derive(Args, Clone, Debug)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct SpecArgs {
    #[command(subcommand)]
    pub(crate) what: SpecCommand,
}

const AFTER_HELP: &str = "\
Examples:
  loki spec show prd.md --json       what loki reads in it
  loki spec lock prd.md              agree on it; commit .loki/spec
  loki spec status                   0: in sync, 1: drift
  loki spec diff                     what is worded differently, word by word
  loki spec sync -m \"asked for in #12\"   approve the change
  loki spec coverage                 which tests show which requirement

A test shows a requirement when it names it: its id (R-3f9a, in a comment or as test_r_3f9a), the name
before its statement (FR-1), or the operation of an API, by its name or by method and path. Exits with 0 in sync, 1 drift, 2 usage
or no lock, 3 when something could not be read or written.";

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum SpecCommand {
    /// Show what is read in a spec: every requirement with its place and criteria
    Show {
        /// Files, directories or the text itself (default: as for `loki start`)
        spec: Vec<String>,
    },
    /// Write down what was agreed on, into .loki/spec/spec.lock
    Lock {
        /// Files or directories of this repository (default: as for `loki start`)
        spec: Vec<String>,
        /// Replace a lock that is there, without approving what changed
        #[arg(long)]
        force: bool,
    },
    /// Say what is not as it was locked: in the text, and in the tests
    Status {
        #[command(flatten)]
        report: ReportArgs,
    },
    /// Show word by word what the text says now and what was locked
    Diff {
        #[command(flatten)]
        report: ReportArgs,
    },
    /// Approve what changed in the text: updates the lock, adds an entry to .loki/spec/deltas
    Sync {
        /// Files or directories that are to be locked too
        spec: Vec<String>,
        /// Why it changed
        #[arg(long, short, value_name = "TEXT")]
        message: Option<String>,
    },
    /// Show which tests, declared gates and files show which requirement, by the last `loki verify`
    Coverage {
        /// Files or directories (default: those of the lock, else as for `loki start`)
        spec: Vec<String>,
        /// Print it as a Markdown table
        #[arg(long, conflicts_with = "html")]
        markdown: bool,
        /// Write it as a page into this file
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ReportArgs {
    /// Evidence that is older than the code counts as drift too
    #[arg(long)]
    pub(crate) strict: bool,

    /// Write drift-report.json into this directory (default: .loki/verify)
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}
