//! What the command line and the environment say about the sandbox of builds and tests.

use std::path::Path;

use loki_host::sandbox::Network;
use loki_model::{Layer, SandboxLevel};
use loki_verify::Isolation;

use crate::cli::{SandboxArgs, SandboxChoice};
use crate::context::Context;
use crate::error::CommandError;
use crate::output;

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

/// Finds out beside other things what there is to make a sandbox of: that takes longer than a call of git.
pub(super) fn try_out(args: SandboxArgs) {
    if !matches!(args.sandbox, SandboxChoice::Off) {
        std::thread::spawn(loki_host::sandbox::Means::here);
    }
}

/// What is said before anything runs, where commands will be held to less than they could be.
pub(super) fn lacking(isolation: &Isolation) -> Option<String> {
    let held = isolation.confinement();
    if held.level == SandboxLevel::Off {
        return Some("builds and tests run without a sandbox, as asked".to_owned());
    }
    let missing: Vec<&str> = held.missing.iter().map(|layer| layer.label()).collect();
    (!missing.is_empty()).then(|| {
        format!("the sandbox lacks {} on this system; see `loki doctor`", missing.join(", "))
    })
}

/// Says what a run's judgements will lack.
///
/// # Errors
///
/// The sandbox is to be strict and is not whole: no attempt of an agent could be judged.
pub(super) fn announce(args: SandboxArgs, cx: &Context) -> Result<(), CommandError> {
    let isolation = isolation(args, &cx.home);
    let Some(line) = lacking(&isolation) else { return Ok(()) };
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
