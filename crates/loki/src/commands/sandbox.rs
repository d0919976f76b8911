//! What the command line and the environment say about the sandbox of agents, builds and tests.

use std::path::Path;

use loki_agent::Hold;
use loki_engine::world::work_dir;
use loki_host::sandbox::Network;
use loki_model::{Layer, SandboxLevel};
use loki_verify::Isolation;

use super::crew::agent_settings_quietly;
use crate::cli::{SandboxArgs, SandboxChoice};
use crate::context::Context;
use crate::error::CommandError;
use crate::output;
use clap::ValueEnum as _;

/// What is asked for, with loki's own state in `home` out of reach.
pub(super) fn isolation(args: SandboxArgs, home: &Path) -> Isolation {
    Isolation {
        level: match args.sandbox {
            SandboxChoice::Off => SandboxLevel::Off,
            SandboxChoice::Standard => SandboxLevel::Standard,
            SandboxChoice::Strict => SandboxLevel::Strict,
        },
        network: if args.allow_network { Network::Everything } else { Network::OwnLoopback },
        hidden: vec![home.to_owned()],
    }
}

/// What a single call of an agent is held to, outside of any run.
///
/// # Errors
///
/// `LOKI_SANDBOX` is set to something that means nothing.
pub(super) fn hold(cx: &Context) -> Result<Hold, CommandError> {
    let set = std::env::var("LOKI_SANDBOX").ok().filter(|level| !level.is_empty());
    let sandbox = match set {
        None => SandboxChoice::Standard,
        Some(level) => SandboxChoice::from_str(&level, true).map_err(|_| {
            CommandError::user(format!("LOKI_SANDBOX is `{level}`, not off, standard or strict"))
        })?,
    };
    let args = SandboxArgs { sandbox, allow_network: false };
    let Isolation { level, network, hidden } = isolation(args, &cx.home);
    let settings = agent_settings_quietly(cx).sandbox;
    Ok(Hold { level, network, hidden, work: Some(work_dir(&cx.home)), git: None, settings })
}

/// Finds out beside other things what there is to make a sandbox of: that takes longer than a call of git.
pub(super) fn try_out(args: SandboxArgs) {
    if !matches!(args.sandbox, SandboxChoice::Off) {
        std::thread::spawn(loki_host::sandbox::Means::here);
    }
}

/// What is said before anything runs, where commands will be held to less than they could be.
/// `who`: what runs.
pub(super) fn lacking(isolation: &Isolation, who: &str) -> Option<String> {
    let held = isolation.confinement();
    if held.level == SandboxLevel::Off {
        return Some(format!("{who} run without a sandbox, as asked"));
    }
    let missing: Vec<&str> = held.missing.iter().map(|layer| layer.label()).collect();
    (!missing.is_empty()).then(|| {
        format!("the sandbox lacks {} on this system; see `loki doctor`", missing.join(", "))
    })
}

/// Says what a run's agents and judgements will lack.
///
/// # Errors
///
/// The sandbox is to be strict and is not whole: no attempt of an agent could be judged.
pub(super) fn announce(args: SandboxArgs, cx: &Context) -> Result<(), CommandError> {
    let isolation = isolation(args, &cx.home);
    let Some(line) = lacking(&isolation, "agents, builds and tests") else { return Ok(()) };
    if isolation.level == SandboxLevel::Strict {
        return Err(CommandError::environment(line).hint("loki doctor    or    --sandbox standard"));
    }
    if !cx.json && !cx.quiet {
        output::talk(&line);
    }
    Ok(())
}

/// What can be done about a layer that this system does not have.
pub(super) const fn advice(layer: Layer) -> &'static str {
    match layer {
        Layer::Files => "Linux 6.2 or newer with Landlock among its security modules (`lsm=`)",
        Layer::Mounts | Layer::Network => {
            "let programs make user namespaces: `sysctl kernel.apparmor_restrict_unprivileged_userns=0`, \
             `kernel.unprivileged_userns_clone=1` or `user.max_user_namespaces`; in a container, allow \
             `unshare` and `mount`"
        }
        Layer::Processes => {
            "Linux 6.12 or newer, or user namespaces as above with an unmasked /proc"
        }
    }
}
