//! The command line's grammar. The documentation of the arguments is the manual.

mod advisories;
mod agent;
mod control;
mod groups;
mod import;
mod landing;
mod limits;
mod outbox;
mod planning;
mod points;
mod probe;
mod selftest;
mod spec;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use advisories::{AdvisoriesArgs, AdvisoriesCommand, UpdateArgs};
pub(crate) use agent::{AgentArgs, Deadlines, OnQuotaChoice};
pub(crate) use control::{
    BudgetArgs, ModelArgs, PauseArgs, RetryArgs, SpendArgs, SteerArgs, StopArgs, WhichRun,
};
pub(crate) use groups::parse;
pub(crate) use import::{ImportArgs, ImportState};
pub(crate) use landing::{ApplyArgs, DiffArgs, DiscardArgs};
pub(crate) use limits::{LimitArgs, UnknownCostChoice};
pub(crate) use outbox::{OutboxArgs, OutboxCommand, ShipArgs};
pub(crate) use planning::{GrillArgs, InitArgs, PlanArgs, QuickstartArgs};
pub(crate) use points::{
    CheckpointArgs, CheckpointCommand, PointsArgs, RollbackArgs, RollbackCommand,
};
pub(crate) use probe::ProbeArgs;
pub(crate) use selftest::SelftestArgs;
pub(crate) use spec::{ReportArgs, SpecArgs, SpecCommand};

/// Hand loki a spec: it drives a coding agent until the spec is proved done, or says what is not.
#[derive(Debug, Parser)]
#[command(name = "loki", version, about, disable_help_subcommand = true, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

const AFTER_HELP: &str = "\
First steps:
  loki demo                     watch a whole run: no key, no cost
  loki doctor                   what is missing on this machine, with the fix
  loki quickstart               from an idea to a run in four questions
  loki init -t cli-tool         write a spec to begin with; --list shows all
  loki grill prd.md             what the spec leaves open, before money is spent on it
  loki plan prd.md              how large it is, who works on it, what it may cost
  loki start prd.md             build what prd.md asks for, in a worktree of its own
  loki start \"add a --json flag\"
  loki start 42                 build what issue 42 of this repository asks for
  loki verify                   judge the change in this checkout
  loki diff; loki apply         look at what a run made; bring it to your branch
  loki ship                     push what it made and open a request to merge it
  loki rollback list            what can be gone back to; every call leaves one

Exit codes of a run: 0 verified, 1 failed, 2 usage, 10 verified with gaps, 11 iterations
exhausted, 12 budget exhausted, 13 stagnated, 14 agent unavailable, 130 stopped.
Of `loki verify`: 0 VERIFIED, 1 CONCERNS, 2 BLOCKED, 3 could not judge.";

/// Options that every command takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct Global {
    /// Print JSON with a `schema_version` instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Print results only, no progress
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    /// Work as if started in this directory
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub(crate) directory: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Start(StartArgs),
    Grill(GrillArgs),
    Plan(PlanArgs),
    Init(InitArgs),
    Quickstart(QuickstartArgs),
    Resume(ResumeArgs),
    Verify(VerifyArgs),
    Gates(GatesArgs),
    Advisories(AdvisoriesArgs),
    Spec(SpecArgs),
    Demo(DemoArgs),
    /// Show how a run stands
    Status(RunArgs),
    Runs(RunsArgs),
    /// Show everything known of a run: each gate, each finding, where things are
    Show(RunArgs),
    /// Explain what happened last, why, and what to do next
    Why(RunArgs),
    Logs(LogsArgs),
    Pause(PauseArgs),
    Steer(SteerArgs),
    Diff(DiffArgs),
    Apply(ApplyArgs),
    Ship(ShipArgs),
    Outbox(OutboxArgs),
    Discard(DiscardArgs),
    Rollback(RollbackArgs),
    #[command(alias = "cp")]
    Checkpoint(CheckpointArgs),
    Model(ModelArgs),
    Budget(BudgetArgs),
    Spend(SpendArgs),
    Retry(RetryArgs),
    Stop(StopArgs),
    Agent(AgentRolesArgs),
    Provider(ProviderArgs),
    Failover(FailoverArgs),
    Record(RecordArgs),
    Import(ImportArgs),
    Selftest(SelftestArgs),
    #[command(hide = true)]
    Probe(ProbeArgs),
    Doctor(DoctorArgs),
    /// Print the version
    Version,
}

/// Check what a run needs on this machine, with the fix for each gap
///
/// Exits with 1 when no run could start. Spends nothing.
#[derive(Args, Clone, Debug)]
pub(crate) struct DoctorArgs {
    /// Look through loki's own state, and put a store in the place of a damaged one that holds all that was
    /// recorded before the damage
    ///
    /// The damaged files are kept beside it. Nothing is done while any run is under way, or when nothing is
    /// damaged. Exits with 1 when something was lost.
    #[arg(long)]
    pub(crate) repair: bool,
}

/// Build what a spec asks for
///
/// Makes a branch and a worktree of its own from HEAD, lets the agent work there, judges what it
/// did on a clean copy, and goes on until everything that must hold holds or a limit is reached.
/// Your checkout, its index and its branch are not touched. A run of the same spec that was cut
/// off or stopped goes on where it was.
#[derive(Args, Clone, Debug)]
pub(crate) struct StartArgs {
    /// What to build: files, a directory, an issue, or the task in one sentence
    ///
    /// Markdown, JSON, YAML, OpenAPI, Swagger and AsyncAPI files; directories of OpenSpec, BMAD,
    /// spec-kit, Kiro and Task Master. An issue is its address, `owner/repo#42`, `PROJ-42`, or `#42` or
    /// `42` for one of this repository's remote, on GitHub, GitLab, Azure DevOps or Jira; a file of that
    /// name wins. Several become one spec: what is said twice counts once, and contradictions are told.
    /// Without any, the first kind that is here is taken: prd.md, PRD.md, spec.json, spec.yaml, spec.yml,
    /// SPEC.md, spec.md, or the same in docs/.
    pub(crate) spec: Vec<String>,

    /// Take the task from this text, whatever it looks like
    #[arg(long, value_name = "TEXT", conflicts_with = "spec")]
    pub(crate) brief: Option<String>,

    /// Take the task from this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["spec", "brief"])]
    pub(crate) prd: Option<PathBuf>,

    /// Take the task from this OpenSpec change, such as openspec/changes/add-login
    #[arg(long, value_name = "DIR", conflicts_with_all = ["brief", "bmad_project"])]
    pub(crate) openspec: Option<PathBuf>,

    /// Take the task from this BMAD project: its PRD, epics and stories
    #[arg(long, value_name = "DIR", conflicts_with = "brief")]
    pub(crate) bmad_project: Option<PathBuf>,

    /// Take the task from this issue, whatever files there are
    #[arg(long, value_name = "ISSUE", conflicts_with_all = ["spec", "brief", "prd"])]
    pub(crate) issue: Option<String>,

    #[command(flatten)]
    pub(crate) agent: AgentArgs,

    /// Call the agent at most this often (default: 10)
    #[arg(long, value_name = "COUNT", env = "LOKI_MAX_ITERATIONS",
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) max_iterations: Option<u32>,

    /// Spend at most this many US dollars
    #[arg(long, value_name = "USD", env = "LOKI_BUDGET_LIMIT", value_parser = dollars)]
    pub(crate) budget: Option<loki_model::Usd>,

    /// What a call that does not tell its cost counts against the budget
    #[arg(long, value_name = "WHAT", value_enum, default_value = "estimate")]
    pub(crate) unknown_cost: UnknownCostChoice,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,

    /// Go ahead without asking, also where it costs money
    #[arg(long, short)]
    pub(crate) yes: bool,

    /// Do the tasks of the spec side by side, this many at once, or `auto` for as many as there are processors
    ///
    /// Each task has an agent and a worktree of its own. Results come together in one queue, are judged together,
    /// and a task that meets the lines of another one is done again. Where the spec gives its work an order of its
    /// own (Task Master, Kiro, spec-kit, a `tasks.md`), that one is followed; `loki plan` shows it. 1, the default,
    /// lets one agent do all of it.
    #[arg(long, value_name = "COUNT", value_parser = planning::jobs)]
    pub(crate) jobs: Option<loki_model::crew::Jobs>,

    /// Do the tasks in this file instead: TOML as docs/tasks.md says, a `tasks.md`, or a `tasks.json`
    #[arg(long, value_name = "FILE")]
    pub(crate) tasks: Option<PathBuf>,

    /// Let the agent work in this checkout instead of a worktree of its own
    #[arg(long)]
    pub(crate) in_place: bool,

    /// Begin a new run even if one of the same spec can go on
    #[arg(long)]
    pub(crate) fresh: bool,

    /// Start although the spec contradicts itself here, for this reason
    ///
    /// `loki grill` shows the ids. The reason is kept with the run.
    #[arg(long, value_name = "ID=REASON")]
    pub(crate) waive: Vec<String>,

    #[command(flatten)]
    pub(crate) sandbox: SandboxArgs,

    /// Accepted for scripts written for other versions: no dashboard is started
    #[arg(long, hide = true)]
    pub(crate) no_dashboard: bool,
}

/// Go on with a run that was paused, stopped, cut off, or came to a limit
#[derive(Args, Clone, Debug)]
pub(crate) struct ResumeArgs {
    /// Any unique beginning of a run's name (default: the newest here that can go on)
    pub(crate) run: Option<String>,

    /// Call the agent at most this often, earlier calls included
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) max_iterations: Option<u32>,

    /// Spend at most this many US dollars, earlier calls included
    #[arg(long, value_name = "USD", value_parser = dollars)]
    pub(crate) budget: Option<loki_model::Usd>,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,

    /// Go ahead without asking, also where it costs money
    #[arg(long, short)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) deadlines: Deadlines,

    #[command(flatten)]
    pub(crate) sandbox: SandboxArgs,
}

/// What agents are held to while they work, and builds and tests of a change while it is judged.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct SandboxArgs {
    /// The sandbox of agents, builds and tests: `off`, `standard` (all that this system has, and it is told
    /// what it lacks) or `strict` (all of it, or nothing runs)
    #[arg(
        long,
        value_name = "LEVEL",
        value_enum,
        env = "LOKI_SANDBOX",
        default_value = "standard"
    )]
    pub(crate) sandbox: SandboxChoice,

    /// Let builds and tests reach the network
    #[arg(long, env = "LOKI_ALLOW_NETWORK",
          value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) allow_network: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SandboxChoice {
    Off,
    Standard,
    Strict,
}

/// Judge a change: VERIFIED, CONCERNS or BLOCKED, with evidence
///
/// Compares everything in this checkout (committed, staged, changed and new files) with the point
/// where it left the default branch, on a clean copy and by the rules of that point: the project's
/// builds, suites and linters run, and what tests, settings and code lost is looked for. It needs
/// no settings and no network. `loki gates` shows what must hold.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = VERIFY_HELP)]
pub(crate) struct VerifyArgs {
    /// What to compare with: a branch, tag or commit (default: where the default branch was left)
    ///
    /// The change starts where it left the history of BASE, so that `main` does not have to be up
    /// to date. Settings, tests and waivers are read from that point.
    #[arg(value_name = "BASE", conflicts_with = "base")]
    pub(crate) base_arg: Option<String>,

    /// The same as an option
    #[arg(long, value_name = "REF", env = "LOKI_VERIFY_BASE", help_heading = WHAT)]
    pub(crate) base: Option<String>,

    /// Judge the checkout with everything in it; that is the default
    #[arg(long, group = "what", help_heading = WHAT)]
    pub(crate) worktree: bool,

    /// Judge what is staged, as a commit would have it
    #[arg(long, group = "what", help_heading = WHAT)]
    pub(crate) staged: bool,

    /// Judge this branch, tag or commit instead of the checkout
    ///
    /// A commit on the default branch is compared with the one before it.
    #[arg(long, value_name = "REF", group = "what", help_heading = WHAT)]
    pub(crate) head: Option<String>,

    /// Judge pull request N of the remote, without touching the checkout
    ///
    /// GitHub, GitLab, Gitea, Forgejo and Bitbucket. Fetched with git into the hidden ref
    /// refs/loki/pull/REMOTE/N and compared with where it left the remote's default branch, or
    /// BASE. Logging in is up to your own git configuration, never to the repository's.
    #[arg(long, value_name = "N", group = "what", help_heading = WHAT,
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) pr: Option<u32>,

    /// The remote that has the pull request (default: origin, else the default branch's)
    #[arg(long, value_name = "NAME", requires = "pr", help_heading = WHAT)]
    pub(crate) remote: Option<String>,

    /// Judge BASE, or the last commit, with this patch applied; `-` reads standard input
    #[arg(long, value_name = "FILE", group = "what", help_heading = WHAT)]
    pub(crate) patch: Option<PathBuf>,

    /// What was asked for: a file of the base or outside of the repository; `-` reads standard input
    ///
    /// Tests may expect another value than before where the spec names it.
    #[arg(long, value_name = "FILE", help_heading = HOW)]
    pub(crate) spec: Option<PathBuf>,

    /// Judge by these gates only: names as in `loki gates list`
    #[arg(long, value_name = "GATE", value_delimiter = ',', help_heading = HOW)]
    pub(crate) only: Vec<String>,

    /// Leave these gates out
    #[arg(long, value_name = "GATE", value_delimiter = ',', help_heading = HOW)]
    pub(crate) skip: Vec<String>,

    /// Block on findings of this severity too (default: errors only)
    #[arg(
        long,
        value_name = "SEVERITY",
        value_delimiter = ',',
        value_enum,
        env = "LOKI_VERIFY_BLOCK_ON",
        help_heading = HOW
    )]
    pub(crate) block_on: Vec<BlockOn>,

    /// Approve that these tests ask for another behaviour now: parts of their names, or `all`
    ///
    /// Without it, a test of the base that fails on the new code is a regression, also when the
    /// change edits it.
    #[arg(long, value_name = "TEST", value_delimiter = ',', help_heading = HOW)]
    pub(crate) approve_delta: Vec<String>,

    /// Judge afresh, even if nothing changed since the same was judged
    #[arg(long, help_heading = HOW)]
    pub(crate) fresh: bool,

    /// Run no command of the project: gates that would have to can not tell
    ///
    /// For changes of people you do not trust: what the project has is run with your rights.
    #[arg(long, help_heading = RUNS)]
    pub(crate) no_run: bool,

    /// End a command of the project after this many seconds (default: 600, or as the base says)
    #[arg(long, value_name = "SECONDS", env = "LOKI_VERIFY_TIMEOUT", help_heading = RUNS,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) timeout: Option<u64>,

    /// Run at most this many gates and commands side by side (default: one for each processor)
    ///
    /// 1 runs one after another, for suites that share a port or a database. What is concluded is
    /// the same.
    #[arg(long, value_name = "COUNT", env = "LOKI_VERIFY_JOBS", help_heading = RUNS,
          value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: Option<u16>,

    /// Judge the checkout again each time it changes, until Ctrl-C
    ///
    /// A change that comes while judging starts over; what was judged before is remembered. Ends
    /// with the exit code of the last verdict, 3 before the first. With --json each judgement is
    /// one document on a line of its own.
    #[arg(long, help_heading = RUNS)]
    pub(crate) watch: bool,

    /// Say for each gate what it asks and why, what was run, where, and how to run it again
    ///
    /// With the beginning of a rule's name, such as `tests/`, show the findings of that rule.
    #[arg(long, value_name = "RULE", num_args = 0..=1, default_missing_value = "",
          help_heading = TOLD)]
    pub(crate) explain: Option<String>,

    /// Write the documents into this directory (default: .loki/verify)
    #[arg(long, value_name = "DIR", help_heading = TOLD)]
    pub(crate) out: Option<PathBuf>,

    /// Also write the findings as SARIF 2.1.0 to this file
    #[arg(long, value_name = "FILE", help_heading = TOLD)]
    pub(crate) sarif: Option<PathBuf>,

    #[command(flatten, next_help_heading = RUNS)]
    pub(crate) sandbox: SandboxArgs,
}

const WHAT: &str = "What is judged";
const HOW: &str = "By which rules";
const RUNS: &str = "What is run";
const TOLD: &str = "What is told";

const VERIFY_HELP: &str = "\
Examples:
  loki verify                        everything here, before you push
  loki verify --watch --skip mutants while you work
  loki verify HEAD~3                 the last three commits and what is not committed
  loki verify --pr 7 --no-run        a stranger's pull request, without running it
  git diff main | loki verify main --patch -
  loki verify --explain tests/       what the tests gate found, and how to see it yourself

Exits with 0 for VERIFIED, 1 for CONCERNS (a person has to look, or something could not be told),
2 for BLOCKED, and 3 when nothing could be judged. The documents in .loki/verify are report.md for
people, and evidence.json, results.sarif and junit.xml for programs. How gates count is set in
.loki/config.toml of the base: see docs/configuration.md.";

/// Show the gates: what each looks for, and how it counts here
#[derive(Args, Clone, Debug)]
pub(crate) struct GatesArgs {
    #[command(subcommand)]
    pub(crate) what: Option<GatesCommand>,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum GatesCommand {
    /// List every gate and how it counts for a change in this checkout
    ///
    /// How a gate counts is what `.loki/config.toml` says at the point where the change starts.
    List {
        /// The point where the change starts (default: as for `loki verify`)
        #[arg(long, value_name = "REF", env = "LOKI_VERIFY_BASE")]
        base: Option<String>,
    },
    /// Explain a gate or a rule: what is looked for, why, and what to do about it
    Explain {
        /// A gate such as `tests` or a rule such as `tests/failed` (default: every gate)
        #[arg(value_name = "GATE|RULE")]
        name: Option<String>,
    },
}

/// A severity that can block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum BlockOn {
    /// Surely wrong
    #[value(alias = "critical", alias = "high")]
    Error,
    /// For a person to decide
    #[value(alias = "medium")]
    Warning,
}

/// Show the roles that agents can be given, and run one
///
/// An agent with helpers of its own, such as Claude Code, gets them all as helpers.
#[derive(Args, Clone, Debug)]
pub(crate) struct AgentRolesArgs {
    #[command(subcommand)]
    pub(crate) what: Option<AgentCommand>,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum AgentCommand {
    /// List the roles
    List,
    /// Show a role and its charter
    Info {
        /// As in `loki agent list`
        role: String,
    },
    /// Build what a spec asks for, as `loki start` does, with an agent in this role
    Run {
        /// As in `loki agent list`
        role: String,

        #[command(flatten)]
        start: Box<StartArgs>,
    },
}

/// Show and choose agents and their models
#[derive(Args, Clone, Debug)]
pub(crate) struct ProviderArgs {
    #[command(subcommand)]
    pub(crate) what: Option<ProviderCommand>,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ProviderCommand {
    /// Show which agent is called when none is named, and what says so
    Show,
    /// List the agents: installed or not, logged in or not
    List,
    /// Choose the agent that is called when none is named
    Set {
        /// As after `--provider`
        #[arg(value_name = "AGENT")]
        name: String,
    },
    /// Show what is known of an agent: what it honours, which models its tiers are served with
    Info {
        /// As after `--provider` (default: the current one)
        #[arg(value_name = "AGENT")]
        name: Option<String>,
    },
    /// Show which model each tier asks for, at which price and why, and the models that are known
    Models {
        /// As after `--provider` (default: the current one)
        #[arg(value_name = "AGENT")]
        name: Option<String>,
    },
    /// Check that an agent is installed and logged in; exits with 1 where it is not
    ///
    /// Spends nothing unless told to.
    Test {
        /// As after `--provider` (default: the current one)
        #[arg(value_name = "AGENT")]
        name: Option<String>,

        /// Make one small call of the model of the fast tier, which may cost a little
        #[arg(long)]
        spend: bool,
    },
}

/// Let other agents take over where one can not go on
///
/// On a rate limit, a used-up allowance, a lost login or an outage, the next agent of the chain goes on
/// in the same worktree. Whoever took over stays; one that was left is not tried again for a while.
#[derive(Args, Clone, Debug)]
pub(crate) struct FailoverArgs {
    #[command(subcommand)]
    pub(crate) what: Option<FailoverCommand>,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum FailoverCommand {
    /// Show whether it is on, the order of agents, and how the run that is under way stands
    Status,
    /// Switch it on for runs that begin from now on
    Enable,
    /// Switch it off for runs that begin from now on
    Disable,
    /// Set the order of agents; without any, show it
    Chain {
        /// As after `--provider`, separated by spaces or commas
        #[arg(value_name = "AGENT", value_delimiter = ',')]
        agents: Vec<String>,
    },
    /// Check that each agent of the chain could take over; exits with 1 where one could not
    Test,
}

/// Make a recording of a run, to be played again without a model
///
/// It holds what the agent said and how each of its calls changed files: look through it before you
/// pass it on. `--provider replay:FILE` plays it.
#[derive(Args, Clone, Debug)]
pub(crate) struct RecordArgs {
    /// Any unique beginning of a run's name (default: the newest here)
    pub(crate) run: Option<String>,

    /// Write it into this file (default: standard output)
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Watch a whole run with a recorded agent: no key, no cost
///
/// The agent is a recording. Everything else is real: the repository, the run's branch and
/// worktree, the judgement of each attempt, the evidence.
#[derive(Args, Clone, Debug)]
pub(crate) struct DemoArgs {
    /// Where to make the demonstration's repository (default: a new temporary directory)
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,

    /// The language of the recording (default: the first whose runtime is installed)
    #[arg(long, value_enum)]
    pub(crate) language: Option<DemoLanguage>,

    /// Ask nothing. It never does: nothing is spent
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum DemoLanguage {
    Python,
    Node,
    Rust,
}

/// Which run.
#[derive(Args, Clone, Debug)]
pub(crate) struct RunArgs {
    /// Any unique beginning of a run's name (default: the newest here)
    pub(crate) run: Option<String>,
}

/// List the runs of this repository, newest first
#[derive(Args, Clone, Debug)]
pub(crate) struct RunsArgs {
    /// List the runs of all repositories
    #[arg(long)]
    pub(crate) all: bool,
}

/// Print what happened in a run
#[derive(Args, Clone, Debug)]
pub(crate) struct LogsArgs {
    /// Any unique beginning of a run's name (default: the newest here)
    pub(crate) run: Option<String>,

    /// Go on printing until the run ends
    #[arg(long, short)]
    pub(crate) follow: bool,

    /// Only the last so many events
    #[arg(long, short = 'n', value_name = "COUNT")]
    pub(crate) lines: Option<usize>,
}

fn dollars(text: &str) -> Result<loki_model::Usd, String> {
    let number: f64 = text
        .trim_start_matches('$')
        .parse()
        .map_err(|_| "not a number of dollars, such as 5 or 0.50".to_owned())?;
    match loki_model::Usd::from_dollars(number) {
        Some(usd) if usd.0 > 0 => Ok(usd),
        _ => Err("a budget is more than nothing; leave it out for no limit".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_grammar_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_budget_is_a_positive_amount() {
        assert_eq!(dollars("0.50"), Ok(loki_model::Usd(500_000)));
        assert_eq!(dollars("$5"), Ok(loki_model::Usd(5_000_000)));
        for text in ["0", "-1", "nan", "inf", "five", ""] {
            assert!(dollars(text).is_err(), "{text}");
        }
    }
}
