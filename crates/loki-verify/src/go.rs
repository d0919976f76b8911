//! How Go is called.

use crate::bench::Command;
use crate::gates::Cx;
use crate::layout::{join, parent};

/// What helps when there is no Go.
pub(crate) const NO_GO_FIX: &str = "install Go from https://go.dev/dl";

/// How Go says that something is not on this machine.
const ABSENT: &[&str] = &[
    "module lookup disabled by GOPROXY=off",
    "GOTOOLCHAIN=local",
    "dial tcp: lookup",
    // Where it keeps what it downloads: there is none, and it can not be made.
    "could not create module cache",
];

/// A Go command in `dir`. Every command is told to stay offline by its environment.
///
/// A module that the `go.work` around it does not list is outside of that workspace.
pub(crate) fn command(cx: &Cx<'_>, dir: &str) -> Command {
    let command = Command::new("go", dir);
    if has_workspace(cx, dir) && !is_listed(cx, dir) {
        command.env("GOWORK", "off")
    } else {
        command
    }
}

fn has_workspace(cx: &Cx<'_>, mut dir: &str) -> bool {
    loop {
        if cx.layout.has(&join(dir, "go.work")) {
            return true;
        }
        if dir.is_empty() {
            return false;
        }
        dir = parent(dir);
    }
}

/// Whether the workspace lists the module in `dir`; so it is taken when Go does not say.
fn is_listed(cx: &Cx<'_>, dir: &str) -> bool {
    let list = Command::new("go", dir).args(["list", "-m", "-f", "{{.Dir}}"]);
    let Ok(ran) = cx.bench().run(list) else { return true };
    let own = join("$COPY", dir);
    !ran.is_ok() || ran.stdout.lines().any(|line| line == own.trim_end_matches('/'))
}

/// Why Go could not even begin; nothing when it could.
pub(crate) fn absent(text: &str) -> Option<&'static str> {
    ABSENT.iter().any(|sign| text.contains(sign)).then_some(
        "a module or toolchain is not on this machine and none is downloaded while judging: run \
         `go mod download`",
    )
}
