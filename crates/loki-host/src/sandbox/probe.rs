//! What this system has to make a sandbox of, found out by making one.
//!
//! Kernels, containers and security modules forbid namespaces in so many ways that only trying tells.

use super::{Ceilings, Means, Network, Sandbox, rules};
use crate::process::{Cancel, CommandSpec, Ended, Limits, run};

/// A program that does nothing, well.
const PROGRAM: &str = "/bin/sh";

/// How long making one may take.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(10);

/// Tries from much to little.
pub(super) fn means() -> Means {
    let landlock = rules::strength();
    let least = Means { files: landlock.files, signals: landlock.signals, ..Means::default() };
    let network = Means { network: true, ..least };
    let mounts = Means { mounts: true, ..network };
    let processes = Means { processes: true, ..mounts };
    [processes, mounts, network].into_iter().find(|means| works(*means)).unwrap_or(least)
}

fn works(means: Means) -> bool {
    let Ok(room) = tempfile::tempdir() else { return false };
    let sandbox = Sandbox {
        writable: Vec::new(),
        readable: Vec::new(),
        hidden: Vec::new(),
        unread: Vec::new(),
        ceilings: Ceilings::default(),
        overlays: Vec::new(),
        network: Network::OwnLoopback,
        room: room.path().to_owned(),
        means,
    };
    let limits = Limits { total: LIMIT, ..Limits::default() };
    let spec = CommandSpec { limits, ..CommandSpec::new(PROGRAM, "/").args(["-c", ":"]) };
    let spec = spec.within(sandbox);
    let Ok(cancel) = Cancel::new() else { return false };
    run(&spec, &cancel, &mut |_, _| {}).is_ok_and(|report| report.ended == Ended::Exited(0))
}
