//! The grammar of what is said about agents, wherever one is called.

use clap::Args;

/// Which agent, and how long it may take.
#[derive(Args, Clone, Debug)]
pub(crate) struct AgentArgs {
    /// The agent: `claude`, `codex`, `opencode`, `cline`, `aider`, `api`, `acp:COMMAND`,
    /// `command:PROGRAM ARGS` or `replay:FILE` (default: as `loki provider set` left it, else `claude`)
    #[arg(long, value_name = "AGENT", env = "LOKI_PROVIDER")]
    pub(crate) provider: Option<String>,

    /// The model to ask the agent for (default: as `loki provider models` shows)
    #[arg(long, value_name = "NAME", env = "LOKI_MODEL")]
    pub(crate) model: Option<String>,

    /// Ask for no dearer model than this one, or than that of this tier: `planning`, `development`
    /// or `fast`
    #[arg(long, value_name = "MODEL|TIER", env = "LOKI_MAX_TIER")]
    pub(crate) max_tier: Option<String>,

    /// How much models are to think (default: as each tier has it)
    #[arg(long, value_name = "EFFORT", env = "LOKI_EFFORT", value_parser = effort)]
    pub(crate) effort: Option<loki_model::Effort>,

    /// How few words the agent is asked to spend on people: `off`, `brief`, `terse` or `auto` (default:
    /// brief with a budget, terse once less than a quarter of it is left)
    ///
    /// Files are never meant, and calls that ask or judge are never held to it.
    #[arg(long, value_name = "LEVEL", env = "LOKI_CAVEMAN", value_parser = brevity)]
    pub(crate) brevity: Option<BrevityChoice>,

    /// What to do when an allowance of the agent's is used up for longer than a minute
    #[arg(
        long,
        value_name = "WHAT",
        env = "LOKI_ON_QUOTA",
        value_enum,
        default_value = "failover"
    )]
    pub(crate) on_quota: OnQuotaChoice,

    /// How often the run may go on by itself after an allowance came back (default: as often as it takes)
    #[arg(long, value_name = "COUNT", env = "LOKI_MAX_RESUMES")]
    pub(crate) max_resumes: Option<u32>,

    /// Make no call between these times of the day, such as 22:00-07:00
    ///
    /// By this machine's clock and time zone, also on days when clocks change. A call that is under way is
    /// not cut short.
    #[arg(long, value_name = "FROM-TO", env = "LOKI_QUIET_HOURS", value_parser = quiet_hours)]
    pub(crate) quiet_hours: Option<QuietChoice>,

    #[command(flatten)]
    pub(crate) deadlines: Deadlines,
}

/// What is done when an allowance is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OnQuotaChoice {
    /// Another agent goes on; without one wait up to six hours, or end
    Failover,
    /// Wait for the same agent, however long
    Wait,
    /// Pause until `loki resume`
    Ask,
    /// End; `loki resume` goes on
    Stop,
}

/// Hours without a call; nothing where an empty value says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QuietChoice(pub(crate) Option<loki_model::QuietHours>);

/// A level of brevity; nothing when it is inferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BrevityChoice(pub(crate) Option<loki_model::Brevity>);

/// How long a call may take.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Deadlines {
    /// End a call after this many seconds
    #[arg(long, value_name = "SECONDS", env = "LOKI_PROVIDER_CALL_TIMEOUT", default_value_t = 7200,
          value_parser = clap::value_parser!(u64).range(1..=604_800))]
    pub(crate) call_timeout: u64,

    /// End a call after this many seconds without any output
    #[arg(long, value_name = "SECONDS", env = "LOKI_PROVIDER_IDLE_TIMEOUT", default_value_t = 900,
          value_parser = clap::value_parser!(u64).range(1..=604_800))]
    pub(crate) idle_timeout: u64,
}

fn effort(text: &str) -> Result<loki_model::Effort, String> {
    loki_model::Effort::named(text)
        .ok_or_else(|| "there are low, medium, high, xhigh and max".to_owned())
}

fn quiet_hours(text: &str) -> Result<QuietChoice, String> {
    if text.trim().is_empty() {
        return Ok(QuietChoice(None));
    }
    let named = loki_model::QuietHours::named(text);
    named.map(|hours| QuietChoice(Some(hours))).map_err(|err| err.to_string())
}

/// Also what scripts for other versions say.
fn brevity(text: &str) -> Result<BrevityChoice, String> {
    use loki_model::Brevity;
    let named = Brevity::ALL.into_iter().find(|level| level.label() == text);
    let level = named.or(match text {
        "0" | "false" | "no" => Some(Brevity::Off),
        "1" | "lite" => Some(Brevity::Brief),
        "2" | "true" | "yes" | "on" | "full" | "ultra" => Some(Brevity::Terse),
        _ => None,
    });
    match (level, text) {
        (Some(_), _) | (None, "auto" | "") => Ok(BrevityChoice(level)),
        _ => Err("there are off, brief, terse and auto".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brevity_is_a_level_or_left_to_loki() {
        use loki_model::Brevity;
        assert_eq!(brevity("terse"), Ok(BrevityChoice(Some(Brevity::Terse))));
        assert_eq!(brevity("0"), Ok(BrevityChoice(Some(Brevity::Off))));
        assert_eq!(brevity("auto"), Ok(BrevityChoice(None)));
        assert!(brevity("loud").is_err());
    }
}
