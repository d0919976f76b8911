//! What comes before a run: questions, a plan, a spec to begin with.

use std::path::PathBuf;

use clap::Args;

use clap::Parser as _;

use super::{AgentArgs, Cli, Command, StartArgs};

/// Ask what a spec leaves open, before money is spent on it
///
/// Looks for vague words, missing cases, what can not be tested, and statements that contradict each
/// other; each with its place and a proposal. That needs no agent and costs nothing. With
/// `--with-agent` an agent is asked as well. docs/grill.md explains every rule.
#[derive(Args, Clone, Debug)]
#[command(after_help = GRILL_HELP)]
pub(crate) struct GrillArgs {
    /// As for `loki start`; several become one
    pub(crate) spec: Vec<String>,

    /// Answer the questions, and write the answers into the spec below what they are about
    ///
    /// Without FILE the questions are asked on the terminal. FILE holds JSON such as
    /// `{"Q-1a2b": "within 200 ms"}`; `-` is standard input.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "",
          require_equals = true)]
    pub(crate) answer: Option<String>,

    /// Append the answers as a section of their own instead; with no answers, the open questions
    #[arg(long)]
    pub(crate) apply: bool,

    /// Also write the questions as SARIF 2.1.0 into this file
    #[arg(long, value_name = "FILE")]
    pub(crate) sarif: Option<PathBuf>,

    /// Explain a rule, such as `vague/no-limit`, and ask nothing
    #[arg(long, value_name = "RULE")]
    pub(crate) explain: Option<String>,

    /// Let an agent question the spec as well, which may cost money
    #[arg(long)]
    pub(crate) with_agent: bool,

    /// Go ahead without asking, also where it costs money
    #[arg(long, short)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) agent: AgentArgs,
}

const GRILL_HELP: &str = "\
Examples:
  loki grill prd.md                      print the questions
  loki grill prd.md --answer             answer them one by one
  loki grill prd.md --answer=FILE        take the answers from a JSON file
  loki grill prd.md --json               for programs

Exit codes: 0 nothing serious, 1 questions that somebody should answer, 2 usage, 3 the agent failed.";

/// Say how large a spec is, who would work on it, and what that may cost
///
/// Nothing is called and nothing is spent. The models are those that a run with the same options would
/// ask for. Estimates come from runs on this machine where there are enough, and say so.
#[derive(Args, Clone, Debug)]
pub(crate) struct PlanArgs {
    /// As for `loki start`; several become one
    pub(crate) spec: Vec<String>,

    /// Compare the estimates of finished runs with what they really took
    #[arg(long, conflicts_with = "spec")]
    pub(crate) check: bool,

    #[command(flatten)]
    pub(crate) agent: AgentArgs,
}

/// Write a spec to begin with from a template
///
/// Makes `prd.md` here, or in the new directory NAME. What is there is never overwritten.
#[derive(Args, Clone, Debug)]
pub(crate) struct InitArgs {
    /// A new directory to make it in (default: here)
    pub(crate) name: Option<String>,

    /// The template, as in `--list`
    #[arg(long, short, value_name = "TEMPLATE")]
    pub(crate) template: Option<String>,

    /// List the templates
    #[arg(long)]
    pub(crate) list: bool,
}

/// From an idea to a run in four questions
///
/// Enter at every question builds the sample, a todo list. The estimate is shown before anything is
/// spent. Without a terminal, options take the place of the questions, and `--yes` that of the last.
#[derive(Args, Clone, Debug)]
pub(crate) struct QuickstartArgs {
    /// What to build, in your words (default: a todo list)
    pub(crate) idea: Option<String>,

    /// The template to begin with, as in `loki init --list` (default: what fits the idea)
    #[arg(long, short, value_name = "TEMPLATE")]
    pub(crate) template: Option<String>,

    /// Show the spec and the plan; write nothing and start nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Go ahead without asking, also where it costs money
    #[arg(long, short)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) agent: AgentArgs,
}

impl StartArgs {
    /// `loki start SPEC` and nothing more; nothing for what would be read as an option.
    pub(crate) fn of(spec: &str) -> Option<StartArgs> {
        match Cli::try_parse_from(["loki", "start", spec]).ok()?.command? {
            Command::Start(args) => Some(args),
            _ => None,
        }
    }
}

/// A count, or `auto`.
pub(super) fn jobs(text: &str) -> Result<loki_model::crew::Jobs, String> {
    use loki_model::crew::{Jobs, TASKS_MAX};
    if text == "auto" {
        return Ok(Jobs::Auto);
    }
    match text.parse::<u32>() {
        Ok(jobs) if jobs >= 1 && jobs as usize <= TASKS_MAX => Ok(Jobs::UpTo(jobs)),
        _ => Err(format!("a number from 1 to {TASKS_MAX}, or `auto`")),
    }
}
