//! The grammar of what leaves this machine: `loki ship` and `loki outbox`.

use clap::{Args, Subcommand};

/// Push the branch of a verified run and open a request to merge it
///
/// Nothing leaves this machine unless you call this. The branch goes to the remote that the repository has,
/// with a lease: commits of others there are never overwritten. The request (a pull request on GitHub, a merge
/// request on GitLab) gets the report of the run as its text; one that is open for the branch is updated.
/// Everything is recorded before it is tried and looked up before it is done, so that it is done once, however
/// often this is called or killed: call it again to go on. What can not be looked up afterwards (a webhook) is
/// shown as `unknown` when its answer was lost, and is never sent again by itself: see `loki outbox`.
///
/// Tokens are those of `loki start ISSUE`: GH_TOKEN, GITLAB_TOKEN and so on. Git logs in as you configured it.
/// Exits with 0 when all of it is done, with 1 when something is not.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = "\
Examples:
  loki ship                       the newest run here
  loki ship --dry-run             only say what would be done
  loki ship --comment --label loki --issue 42
  loki ship --comment='Please look at the second commit.'
  loki ship --push-only           no request, only the branch
  loki ship --unverified          although gates are open; the request says so")]
pub(crate) struct ShipArgs {
    /// Any unique beginning of a run's name (default: the newest here)
    pub(crate) run: Option<String>,

    /// Only say what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Ship it although it did not end verified, or was changed since; the request says so
    #[arg(long)]
    pub(crate) unverified: bool,

    /// The remote to push to (default: origin, else the default branch's)
    #[arg(long, value_name = "NAME")]
    pub(crate) remote: Option<String>,

    /// The branch to merge into (default: the remote's default branch)
    #[arg(long, value_name = "BRANCH")]
    pub(crate) base: Option<String>,

    /// The title of the request (default: that of the spec)
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,

    /// Push the branch and open no request
    #[arg(long, conflicts_with_all = ["comment", "label", "title"])]
    pub(crate) push_only: bool,

    /// The issue that it is about (default: the one that the spec was read from, if it is of this repository)
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) issue: Option<u64>,

    /// Comment on the issue, or on the request where there is no issue: with TEXT, else with how the run ended
    #[arg(long, value_name = "TEXT", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(crate) comment: Option<String>,

    /// Give the request this label; others stay
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) label: Vec<String>,

    /// Close the issue at once, without waiting for the merge
    #[arg(long)]
    pub(crate) close_issue: bool,

    /// Tell the address in LOKI_WEBHOOK_URL, in JSON
    #[arg(long)]
    pub(crate) webhook: bool,

    /// Tell the chat at the address in LOKI_NOTIFY_URL, in one line
    #[arg(long)]
    pub(crate) notify: bool,
}

/// Show what runs did outside of this machine, and decide about what is not settled
///
/// `intended` and `acting`: call `loki ship` again, or `loki outbox retry`. `unknown`: it was sent, and whether
/// it arrived can not be seen; look there, then `retry` (which sends it again) or `drop`.
#[derive(Args, Clone, Debug)]
pub(crate) struct OutboxArgs {
    #[command(subcommand)]
    pub(crate) what: Option<OutboxCommand>,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum OutboxCommand {
    /// List the deliveries of a run
    List {
        /// Any unique beginning of a run's name (default: the newest here that has any)
        run: Option<String>,
    },
    /// Do one again that failed or is unknown, or go on with one that was cut off
    Retry {
        /// As `loki outbox list` shows it, such as kqmzxyvw-3
        id: String,
    },
    /// Decide that one is not to be done any more
    Drop {
        /// As `loki outbox list` shows it, such as kqmzxyvw-3
        id: String,
    },
}
