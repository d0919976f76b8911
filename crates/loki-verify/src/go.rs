//! How Go is called.

use crate::bench::Command;

/// What helps when there is no Go.
pub(crate) const NO_GO_FIX: &str = "install Go from https://go.dev/dl";

/// How Go says that something is not on this machine.
const ABSENT: &[&str] =
    &["module lookup disabled by GOPROXY=off", "GOTOOLCHAIN=local", "dial tcp: lookup"];

/// A Go command in `dir`; the environment of every command keeps it off the network.
pub(crate) fn command(dir: &str) -> Command {
    Command::new("go", dir)
}

/// Why Go could not even begin; nothing when it could.
pub(crate) fn absent(text: &str) -> Option<&'static str> {
    ABSENT.iter().any(|sign| text.contains(sign)).then_some(
        "a module or toolchain is not on this machine and none is downloaded while judging: run \
         `go mod download`",
    )
}
