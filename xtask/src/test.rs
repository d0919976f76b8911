//! Everything that must hold before a change lands, cheapest first.

use std::time::Instant;

use crate::{advisories, cargo, codegen, layers, licences, run, tidy, tools};

pub(crate) fn test() -> anyhow::Result<()> {
    let begun = Instant::now();
    static_checks()?;
    let complete = tools::install_or_explain()?;
    suite(complete)?;
    run(cargo().args(["test", "--workspace", "--doc", "--locked", "--quiet"]))?;
    eprintln!("\neverything holds ({} s)", begun.elapsed().as_secs());
    Ok(())
}

pub(crate) fn quick() -> anyhow::Result<()> {
    static_checks()?;
    suite(false)
}

fn static_checks() -> anyhow::Result<()> {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    layers::check()?;
    licences::check()?;
    advisories::check()?;
    tidy::check()?;
    codegen::codegen(true)?;
    run(cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]))
}

/// Whether `cargo nextest` is installed.
pub(crate) fn has_nextest() -> bool {
    let mut command = cargo();
    command.args(["nextest", "--version"]);
    command.output().is_ok_and(|output| output.status.success())
}

/// With nextest where it is installed, with `cargo test` elsewhere: the same tests.
fn suite(tools_required: bool) -> anyhow::Result<()> {
    // The scripted agent and loki itself are started by tests as programs.
    run(cargo().args(["build", "--workspace", "--bins", "--locked", "--quiet"]))?;
    let mut command = cargo();
    if has_nextest() {
        command.args(["nextest", "run", "--workspace", "--locked"]);
    } else {
        command.args(["test", "--workspace", "--locked", "--no-fail-fast", "--all-targets"]);
    }
    if tools_required {
        command.env("LOKI_TEST_REQUIRE_TOOLS", "1").env("PATH", tools::path()?);
    }
    run(&mut command)
}
