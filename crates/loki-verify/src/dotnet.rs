//! How .NET is called, and what its words mean.

use crate::bench::{Command, Ran};
use crate::gates::Cx;
use crate::layout::is_nested;

/// What helps when there is no .NET.
pub(crate) const NO_DOTNET_FIX: &str = "install .NET from https://dotnet.microsoft.com";

/// Endings of files that .NET builds.
pub(crate) const SOURCES: &[&str] =
    &[".cs", ".fs", ".vb", ".csproj", ".fsproj", ".vbproj", ".sln", ".props"];

/// How .NET says that a package is not on this machine.
const ABSENT: &[&str] = &["NU1101", "NU1102", "NU1103", "NU1301", "NETSDK1004", "NETSDK1045"];

/// Topmost directories with a solution, else with a project.
pub(crate) fn dirs(cx: &Cx<'_>) -> Vec<String> {
    let with = |endings: &[&str]| -> Vec<String> {
        let files = cx.layout.ending("", endings).filter(|path| !crate::layout::is_data(path));
        let mut dirs: Vec<String> =
            files.map(|path| crate::layout::parent(path).to_owned()).collect();
        dirs.sort();
        dirs.dedup();
        dirs
    };
    let solutions = with(&[".sln", ".slnx"]);
    let dirs =
        if solutions.is_empty() { with(&[".csproj", ".fsproj", ".vbproj"]) } else { solutions };
    dirs.iter().filter(|dir| !is_nested(&dirs, dir)).cloned().collect()
}

/// A command of .NET in `dir` that is told to take packages from this machine alone, and to leave no
/// process behind; nothing holds it to that.
pub(crate) fn command(cx: &Cx<'_>, dir: &str, verb: &str) -> Command {
    let mut sources = std::ffi::OsString::from("-p:RestoreSources=");
    // A directory that holds no package.
    sources.push(cx.copy.results());
    Command::new("dotnet", dir)
        .args([verb, "--nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false"])
        .args([sources])
        .env("DOTNET_CLI_TELEMETRY_OPTOUT", "1")
        .env("DOTNET_NOLOGO", "1")
        .env("DOTNET_SKIP_FIRST_TIME_EXPERIENCE", "1")
        .env("MSBUILDDISABLENODEREUSE", "1")
}

/// Why .NET could not even begin: a package is not on this machine. Nothing when it could.
pub(crate) fn absent(ran: &Ran) -> Option<&'static str> {
    let text = ran.text();
    (!ran.is_ok() && ABSENT.iter().any(|sign| text.contains(sign))).then_some(
        "a package is not on this machine and none is downloaded while judging: run `dotnet restore`",
    )
}
