//! The grammar of the commands that reach into a run that is under way.

use clap::Args;

/// Stop the runs that are under way here
///
/// The agent and everything it started ends, what it did is kept, and the run can be resumed.
#[derive(Args, Clone, Debug)]
pub(crate) struct StopArgs {
    /// Any unique beginning of a run's name (default: all that are under way in this repository)
    pub(crate) run: Option<String>,

    /// Stop the runs of all repositories
    #[arg(long, conflicts_with = "run")]
    pub(crate) all: bool,

    /// Kill the run and its agent without letting them finish anything
    ///
    /// As safe as a crash: what was recorded stays, the call that was cut off is charged, and the run can
    /// be resumed.
    #[arg(long)]
    pub(crate) now: bool,
}

/// Let a run do nothing further until `loki resume`
///
/// What is under way is finished first: a call of the agent, or the judging of what it did. Of tasks side by
/// side all are paused, and none begins.
#[derive(Args, Clone, Debug)]
pub(crate) struct PauseArgs {
    #[command(flatten)]
    pub(crate) which: WhichRun,

    /// End the agent's call that is under way, too
    ///
    /// What it did stays in the workspace; the call counts and is charged.
    #[arg(long)]
    pub(crate) now: bool,
}

/// Show what runs, and questions outside of them, cost
///
/// Every call of an agent counts before it is made: one that was cut off, or did not tell its cost, is
/// charged $2.00 unless its run says otherwise.
#[derive(Args, Clone, Debug)]
pub(crate) struct SpendArgs {
    /// Also those of other repositories
    #[arg(long)]
    pub(crate) all: bool,
}

/// Tell the agent something, from its next prompt on
///
/// Every later prompt of the run has it, too; of tasks side by side those of each, also of those that have not
/// begun. It does not change what the result is judged by: for that,
/// change the spec.
#[derive(Args, Clone, Debug)]
pub(crate) struct SteerArgs {
    /// What to tell it; `-` reads standard input
    #[arg(value_name = "TEXT", required = true)]
    pub(crate) text: Vec<String>,

    #[command(flatten)]
    pub(crate) which: WhichRun,
}

/// End a run's wait, and forgive its agents and models what they failed at
///
/// For when you know better: the quota was raised, the service is back. Of tasks side by side those that failed
/// begin again.
#[derive(Args, Clone, Debug)]
pub(crate) struct RetryArgs {
    #[command(flatten)]
    pub(crate) which: WhichRun,
}

/// Show or change what a run may spend
///
/// Of tasks side by side it is for all together, and each has its part.
#[derive(Args, Clone, Debug)]
pub(crate) struct BudgetArgs {
    /// US dollars for the whole run, or `+5` for so much more than before
    #[arg(value_name = "USD", value_parser = change)]
    pub(crate) amount: Option<loki_model::BudgetChange>,

    #[command(flatten)]
    pub(crate) which: WhichRun,
}

/// Show which model a run asks for, or switch to another one from its next call on
///
/// The switch is for that run only, and for the agent that works in it then. Of tasks side by side it is for the
/// next call of each.
#[derive(Args, Clone, Debug)]
pub(crate) struct ModelArgs {
    /// The model to ask for, or the tier whose model it is: `planning`, `development` or `fast`
    #[arg(value_name = "NAME|TIER")]
    pub(crate) name: Option<String>,

    /// Let this agent go on with the work
    #[arg(long, value_name = "AGENT")]
    pub(crate) agent: Option<String>,

    #[command(flatten)]
    pub(crate) which: WhichRun,

    /// Ask again for what would have been asked without a switch
    #[arg(long, conflicts_with_all = ["name", "agent"])]
    pub(crate) reset: bool,

    /// Go ahead without asking, also where another agent costs money
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// Which run is meant.
#[derive(Args, Clone, Debug)]
pub(crate) struct WhichRun {
    /// Any unique beginning of a run's name (default: the newest that is under way here, else the newest)
    #[arg(long, value_name = "RUN")]
    pub(crate) run: Option<String>,
}

fn change(text: &str) -> Result<loki_model::BudgetChange, String> {
    use loki_model::BudgetChange;
    match text.strip_prefix('+') {
        Some(more) => super::dollars(more).map(BudgetChange::Add),
        None => super::dollars(text).map(BudgetChange::Set),
    }
}
