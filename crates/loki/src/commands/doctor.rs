//! `loki doctor`

use std::path::Path;

use loki_host::sandbox::{Means, Network};
use loki_model::{Layer, SandboxLevel};
use loki_store::OpenError;
use serde_json::json;

use super::readiness::{Ready, readiness};
use super::{Done, advisories, sandbox};
use crate::context::Context;
use crate::error::chain;
use crate::output;
use crate::view::render::one_line;

/// Less free space than this and a run can not start.
const DISK_BYTES_MIN: u64 = 200 << 20;
/// Less than this is worth a warning.
const DISK_BYTES_WARN: u64 = 2 << 30;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ok,
    Warn,
    /// A run could not start.
    Fail,
}

struct Check {
    name: String,
    state: State,
    found: String,
    fix: Option<String>,
}

impl Check {
    fn new(name: impl Into<String>, state: State, found: impl Into<String>) -> Check {
        Check { name: name.into(), state, found: found.into(), fix: None }
    }

    fn fix(mut self, fix: impl Into<String>) -> Check {
        self.fix = Some(fix.into());
        self
    }
}

pub(super) fn doctor(cx: &Context) -> Done {
    let mut checks = vec![git(), repository(cx), state_directory(cx), disk(cx)];
    checks.extend(sandbox_layers());
    checks.extend(agents());
    checks.extend(runtimes());
    checks.push(vulnerabilities(cx));
    let can_start = checks.iter().all(|check| check.state != State::Fail);
    if cx.json {
        output::json(&document(&checks, can_start));
    } else {
        for check in &checks {
            output::data(&line(check));
        }
        output::data(if can_start { "a run can start" } else { "a run can not start yet" });
    }
    Ok(if can_start { 0 } else { 1 })
}

fn git() -> Check {
    match loki_host::git::version() {
        Ok(version) if version.is_supported() => Check::new("git", State::Ok, version.to_string()),
        Ok(version) => Check::new("git", State::Fail, format!("{version} is too old"))
            .fix(format!("install git {} or newer", loki_host::git::Version::OLDEST)),
        Err(err) => Check::new("git", State::Fail, chain(&err))
            .fix("apt-get install git    (or your system's own way)"),
    }
}

/// Not being in one is a matter of where one stands, not of the machine.
fn repository(cx: &Context) -> Check {
    match loki_host::git::Repo::discover(&cx.directory) {
        Ok(repo) => Check::new("repository", State::Ok, repo.root().display().to_string()),
        Err(err) => Check::new("repository", State::Warn, chain(&err)).fix("git init"),
    }
}

fn state_directory(cx: &Context) -> Check {
    let name = "state directory";
    let shown = cx.home.display().to_string();
    match loki_store::Store::open(&cx.home) {
        Ok(_) => Check::new(name, State::Ok, shown),
        Err(err) => {
            Check::new(name, State::Fail, format!("{shown}: {}", chain(&err))).fix(match err {
                OpenError::Damaged { .. } | OpenError::HalfRepaired { .. } => {
                    "loki doctor --repair"
                }
                _ => "export LOKI_HOME=/a/directory/you/can/write",
            })
        }
    }
}

fn disk(cx: &Context) -> Check {
    let existing = cx.home.ancestors().find(|dir| dir.exists()).unwrap_or(Path::new("/"));
    match loki_host::machine::free_bytes(existing) {
        Ok(free) => {
            let state = match free {
                0..DISK_BYTES_MIN => State::Fail,
                DISK_BYTES_MIN..DISK_BYTES_WARN => State::Warn,
                _ => State::Ok,
            };
            let check = Check::new("disk", state, format!("{} MiB free", free >> 20));
            if state == State::Ok { check } else { check.fix("free some space, or move LOKI_HOME") }
        }
        Err(err) => Check::new("disk", State::Warn, err.to_string()),
    }
}

/// What agents are held to, and builds and tests while a change is judged.
fn sandbox_layers() -> Vec<Check> {
    let held = Means::here().confinement(SandboxLevel::Standard, Network::OwnLoopback);
    let check = |layer: Layer| {
        let name = format!("sandbox: {layer}");
        if held.active.contains(&layer) {
            let who = match layer {
                Layer::Network => "held, but for agents: their models are there",
                _ => "held",
            };
            return Check::new(name, State::Ok, who);
        }
        let found = format!("not on this system: a command could {}", layer.without());
        Check::new(name, State::Warn, found).fix(sandbox::advice(layer))
    };
    Layer::ALL.into_iter().map(check).collect()
}

/// One usable agent is enough; none at all and no run can start.
fn agents() -> Vec<Check> {
    let mut checks = Vec::new();
    let mut usable = false;
    for agent in loki_agent::known() {
        let ready = readiness(agent.as_ref());
        let name = format!("agent {}", ready.agent);
        usable |= ready.state.is_usable();
        let (state, found) = match ready.state {
            Ready::NotInstalled => (State::Warn, "not installed".to_owned()),
            Ready::NotLoggedIn => (State::Warn, format!("{}, not logged in", ready.found)),
            Ready::LoggedIn => (State::Ok, format!("{}, logged in", ready.found)),
            Ready::LoginUnknown => {
                (State::Ok, format!("{}, login can not be told for free", ready.found))
            }
        };
        checks.push(Check { fix: ready.fix, ..Check::new(name, state, found) });
    }
    if !usable {
        checks.push(
            Check::new("an agent", State::Fail, "none is ready; see above")
                .fix("loki start --provider command:PROGRAM    (any program that reads a prompt)"),
        );
    }
    checks
}

/// What projects are judged with. Only those that a repository needs matter.
fn runtimes() -> Vec<Check> {
    const RUNTIMES: [(&str, &str); 4] = [
        ("python3", "apt-get install python3"),
        ("node", "apt-get install nodejs npm"),
        ("cargo", "curl https://sh.rustup.rs -sSf | sh"),
        ("go", "apt-get install golang-go"),
    ];
    RUNTIMES
        .into_iter()
        .map(|(program, fix)| {
            let name = format!("for judging: {program}");
            match loki_host::process::find_on_path(program.as_ref()) {
                Some(path) => Check::new(name, State::Ok, path.display().to_string()),
                None => Check::new(name, State::Warn, "not found").fix(format!(
                    "{fix}    (where your projects use it: their tests can not be judged without)"
                )),
            }
        })
        .collect()
}

/// Only changes of dependencies are looked up.
fn vulnerabilities(cx: &Context) -> Check {
    let (name, place) = ("for judging: advisories", advisories::place(cx));
    // What is hidden is loki's own.
    let is_shown = |entry: std::fs::DirEntry| !entry.file_name().to_string_lossy().starts_with('.');
    let mut entries = std::fs::read_dir(&place).into_iter().flatten().flatten();
    if entries.any(is_shown) {
        Check::new(name, State::Ok, place.display().to_string())
    } else {
        Check::new(name, State::Warn, "not here: added packages are not looked up")
            .fix(advisories::UPDATE)
    }
}

fn line(check: &Check) -> String {
    let mark = match check.state {
        State::Ok => "ok  ",
        State::Warn => "warn",
        State::Fail => "FAIL",
    };
    let mut line = format!("{mark}  {:<22} {}", check.name, one_line(&check.found, 200));
    if let Some(fix) = &check.fix {
        line.push_str(&format!("\n      fix: {fix}"));
    }
    line
}

fn document(checks: &[Check], can_start: bool) -> serde_json::Value {
    let state = |state| match state {
        State::Ok => "ok",
        State::Warn => "warn",
        State::Fail => "fail",
    };
    json!({
        "schema_version": 1,
        "can_start": can_start,
        "checks": checks
            .iter()
            .map(|c| json!({
                "name": c.name,
                "state": state(c.state),
                "found": c.found,
                "fix": c.fix,
            }))
            .collect::<Vec<_>>(),
    })
}
