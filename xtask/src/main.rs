//! Chores of the project: `cargo xtask help`.
#![expect(clippy::disallowed_types, reason = "a chore is made of programs")]

mod advisories;
mod bench;
mod codegen;
mod conformance;
mod corpus;
mod fuzz;
mod layers;
mod licences;
mod test;
mod tidy;
mod tools;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};

const HELP: &str = "\
cargo xtask test     everything that must hold before a change lands
cargo xtask quick    the same without the real tools and without documentation tests
cargo xtask codegen  write docs/gates and docs/grill.md from what gates and rules say of themselves
                     (--check only compares)
cargo xtask tools    install what tests need into .tools (npm and PyPI, pinned)
                     (--agents: every agent, not only those of every run)
cargo xtask conformance
                     drive every agent through every situation, and write docs/agents.md
                     (--every-run: only the agents of every run; --filter TEXT; --latest: the newest
                     versions, and no page)
cargo xtask bench    measure, and print the figures next to their targets
                     (--write also writes docs/benchmarks.md; --only PART measures one part)
cargo xtask corpus   judge every labelled case of corpus/ and print how many were judged right
                     (--cases DIR, --filter TEXT, --jobs N, --json FILE)
cargo xtask fuzz     build every fuzz target, and run each for a minute
                     ([TARGET], --seconds N; 0 only builds)";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.first().map(String::as_str) {
        Some("test") => test::test(),
        Some("quick") => test::quick(),
        Some("codegen") => codegen::codegen(args.iter().any(|arg| arg == "--check")),
        Some("tools") => tools::tools(args.iter().any(|arg| arg == "--agents")),
        Some("conformance") => conformance::conformance(&args),
        Some("corpus") => corpus::corpus(&args),
        Some("fuzz") => fuzz::fuzz(&args),
        Some("bench") => {
            let only = args.iter().position(|arg| arg == "--only").and_then(|at| args.get(at + 1));
            bench::bench(args.iter().any(|arg| arg == "--write"), only.map(String::as_str))
        }
        _ => {
            println!("{HELP}");
            Ok(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("error: {err:#}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace.
fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).unwrap_or(here)
}

/// Cargo, as if it were called by hand: what it says of this package to the program that it runs would
/// make build scripts of others that look at it run again.
fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    let of_package =
        |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars().filter(|(name, _)| of_package(name)) {
        cargo.env_remove(name);
    }
    cargo
}

/// Says what is run, runs it in the root, and fails when it does.
fn run(command: &mut Command) -> anyhow::Result<()> {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let shown: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    let shown = shown.join(" ");
    eprintln!("\n$ {shown}");
    let status = command
        .current_dir(root())
        .status()
        .with_context(|| format!("{shown} could not be started"))?;
    if status.success() { Ok(()) } else { bail!("{shown}: {status}") }
}

/// What `cargo metadata` says.
fn metadata() -> anyhow::Result<serde_json::Value> {
    let output = cargo()
        .args(["metadata", "--format-version=1", "--locked", "--all-features"])
        .current_dir(root())
        .output()?;
    if !output.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
