//! What a call is held to: an agent's sandbox, and the part of the environment that it gets.
//!
//! Owns how what an agent needs, which its own file declares, and what the caller wants become one
//! sandbox. Refuses to know an agent by its name.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use loki_host::git::remove_export;
use loki_host::process::{CommandSpec, find_on_path};
use loki_host::sandbox::{Ceilings, Means, Network, Overlay, Sandbox, tools, user};
use loki_model::{AgentOutcome, Confinement, SandboxLevel};

use crate::agent::CallSpec;
use crate::environment::{is_for_agents, kept_from_agents, variable_of};
use crate::settings::SandboxSettings;
use crate::shown::shown_on_one_line;

/// How much of the machine the processes of one call may take: more than any honest build does.
const CEILINGS: Ceilings =
    Ceilings { processes: Some(8_192), file_bytes: Some(64 << 30), open_files: Some(65_536) };

/// What calls are held to, whichever agent makes them.
#[derive(Clone, Debug)]
pub struct Hold {
    /// How much of a sandbox there has to be.
    pub level: SandboxLevel,
    /// Whom commands of the built-in agent may reach. Other agents reach everything: their model is there.
    pub network: Network,
    /// Loki's own state.
    pub hidden: Vec<PathBuf>,
    /// Where worktrees of all runs are, and rooms of calls: of these only the call's own are in reach.
    /// Without it rooms are temporary directories of the system.
    pub work: Option<PathBuf>,
    /// The git directory that the working directory belongs to, and nothing that the working directory
    /// itself says of it.
    pub git: Option<PathBuf>,
    /// What the user adds.
    pub settings: SandboxSettings,
}

/// No sandbox: an agent has the rights of its user.
pub static UNHELD: Hold = Hold {
    level: SandboxLevel::Off,
    network: Network::OwnLoopback,
    hidden: Vec::new(),
    work: None,
    git: None,
    settings: SandboxSettings::NONE,
};

impl Hold {
    /// What an agent is held to by it on this machine. The network is not asked for.
    pub fn confinement(&self) -> Confinement {
        if self.level == SandboxLevel::Off {
            return Confinement::OFF;
        }
        Means::here().confinement(self.level, Network::Everything)
    }
}

/// What an agent's program can not do without.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs {
    /// Its own settings, log-in and records: read and written.
    pub(crate) own: &'static [Own],
    /// Variables that it gets besides those that every program needs; `NAME_*` for all that begin so.
    pub(crate) variables: &'static [&'static [&'static str]],
    /// What it needs besides, when a variable says that it works through another service.
    pub(crate) services: &'static [Through],
}

/// A place of an agent's own.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Own {
    /// A directory below the home directory. Made if need be.
    Dir(&'static str),
    /// A file below the home directory, when it is there.
    File(&'static str),
    /// A directory below the one that the second names, else below that place in the home directory, as
    /// of the XDG base directories. Made if need be.
    Below(&'static str, &'static str, &'static str),
    /// The directory that a variable names. Made if need be.
    Named(&'static str),
}

/// A service that has settings and keys of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Through {
    /// The variable that says so.
    pub(crate) when: &'static str,
    /// Read only.
    pub(crate) reads: &'static [&'static str],
    pub(crate) variables: &'static [&'static str],
}

/// Directories that a program may have by custom. Caches are shared.
const XDG: [(&str, &str); 3] = [
    ("XDG_CONFIG_HOME", ".config"),
    ("XDG_DATA_HOME", ".local/share"),
    ("XDG_STATE_HOME", ".local/state"),
];

/// Variables with which services of models are used. For agents that can use any of them.
pub(crate) const MODELS: &[&str] = &[
    "ANTHROPIC_*",
    "OPENAI_*",
    "AZURE_OPENAI_*",
    "GEMINI_*",
    "GOOGLE_API_KEY",
    "GOOGLE_GENERATIVE_AI_API_KEY",
    "OPENROUTER_*",
    "DEEPSEEK_*",
    "MISTRAL_*",
    "GROQ_*",
    "XAI_*",
    "CEREBRAS_*",
    "TOGETHER_*",
    "FIREWORKS_*",
    "COHERE_*",
    "MOONSHOT_*",
    "DASHSCOPE_*",
    "ZAI_*",
    "MINIMAX_*",
    "OLLAMA_*",
    "LM_STUDIO_*",
    "LITELLM_*",
    "AI_GATEWAY_*",
];

/// A command with its sandbox and what has to live as long.
pub(crate) struct Held {
    pub(crate) command: CommandSpec,
    _room: Option<Room>,
}

/// A call that does not begin, because it could not be held as was asked.
fn refused(detail: &str) -> AgentOutcome {
    AgentOutcome::NotStarted { detail: shown_on_one_line(detail) }
}

/// Why less of a sandbox than `hold` asks for is not enough; nothing when it is.
pub(crate) fn unfit(hold: &Hold, held: &Confinement) -> Option<AgentOutcome> {
    if hold.level != SandboxLevel::Strict || held.missing.is_empty() {
        return None;
    }
    let missing: Vec<&str> = held.missing.iter().map(|layer| layer.label()).collect();
    Some(refused(&format!(
        "the sandbox is to be strict, and this system has none for {}: see `loki doctor`",
        missing.join(", ")
    )))
}

/// Puts `command` into the sandbox that the call is to be held to, and takes from its environment what
/// it does not need. `files` are places of this one call that it reads and writes.
pub(crate) fn hold(
    mut command: CommandSpec,
    needs: &Needs,
    spec: &CallSpec<'_>,
    files: &[&Path],
) -> Result<Held, AgentOutcome> {
    let hold = spec.hold;
    command.env_remove = kept_from_agents();
    if hold.level == SandboxLevel::Off {
        return Ok(Held { command, _room: None });
    }
    if let Some(refusal) = unfit(hold, &hold.confinement()) {
        return Err(refusal);
    }
    let variables = needs.variables(&command.env_set);
    let named: Vec<&str> = hold.settings.env.iter().map(String::as_str).collect();
    let all = std::env::vars_os().map(|(name, _)| name);
    command.env_remove.extend(all.filter(|name| !is_for_agents(name, &[&variables, &named])));
    if Means::here() == Means::default() && !cfg!(target_os = "linux") {
        return Ok(Held { command, _room: None });
    }
    let wrong = |err: &io::Error| refused(&format!("its sandbox can not be made: {err}"));
    let room = Room::new(hold.work.as_deref()).map_err(|err| wrong(&err))?;
    let sandbox = sandbox(&command, needs, spec, files, &room.0).map_err(|err| wrong(&err))?;
    command.sandbox = Some(sandbox);
    Ok(Held { command, _room: Some(room) })
}

fn sandbox(
    command: &CommandSpec,
    needs: &Needs,
    spec: &CallSpec<'_>,
    files: &[&Path],
    room: &Path,
) -> io::Result<Sandbox> {
    let hold = spec.hold;
    let own = needs.places(&command.env_set);
    let mut sandbox = Sandbox::new(room.join("room"), Network::Everything);
    sandbox.ceilings = CEILINGS;
    sandbox.writable.push(spec.cwd.to_owned());
    sandbox.writable.extend(files.iter().map(|path| path.to_path_buf()));
    sandbox.writable.extend(hold.settings.write.iter().filter(|path| path.exists()).cloned());
    sandbox.writable.extend(own.iter().cloned());
    sandbox.writable.extend(user::shared_caches());
    sandbox.readable.extend(hold.git.iter().flat_map(|git| objects_of(git)));
    sandbox.readable.extend(hold.settings.read.iter().cloned());
    sandbox.readable.extend(needs.reads(&command.env_set));
    let program = find_on_path(&command.program);
    sandbox.readable.extend(program.iter().flat_map(|at| tools::roots_of(at)));
    // What is within another place is in reach already, and a call before could have put a link there.
    let all = sandbox.writable.clone();
    let is_apart =
        |path: &PathBuf| !all.iter().any(|above| path != above && path.starts_with(above));
    sandbox.writable.retain(is_apart);
    sandbox.readable.retain(is_apart);
    let is_meant = |secret: &PathBuf| {
        sandbox.writable.iter().chain(&sandbox.readable).any(|place| place.starts_with(secret))
    };
    sandbox.hidden.retain(|secret| !is_meant(secret));
    sandbox.hidden.extend(hold.hidden.iter().cloned());
    if let Some(git) = &hold.git {
        // Index, commits and stashes work, and nothing that git would run stays there.
        let changes = room.join("git");
        sandbox.overlays.push(Overlay { of: git.clone(), at: git.clone(), changes });
    }
    let keep: Vec<PathBuf> = [&sandbox.writable, &sandbox.readable]
        .into_iter()
        .flatten()
        .filter_map(|path| fs::canonicalize(path).ok())
        .chain(tools::roots())
        .collect();
    sandbox.unread = unread(hold, &keep);
    Ok(sandbox)
}

/// Where the objects of a repository are: its own directory, and others that it borrows from.
fn objects_of(git: &Path) -> Vec<PathBuf> {
    let borrowed = fs::read_to_string(git.join("objects/info/alternates")).unwrap_or_default();
    let borrowed = borrowed.lines().map(|line| git.join("objects").join(line));
    [git.to_owned()].into_iter().chain(borrowed).collect()
}

/// What is no secret, and none of an agent's business: what people keep in their home directory, other
/// repositories, the checkout that the worktree was made from, work of other runs.
fn unread(hold: &Hold, keep: &[PathBuf]) -> Vec<PathBuf> {
    let resolved = |path: &Path| fs::canonicalize(path).ok();
    let mut found = Vec::new();
    let is_plain = |path: &Path| {
        path.file_name().is_some_and(|name| !name.as_encoded_bytes().starts_with(b"."))
    };
    if let Some(home) = user::home().as_deref().and_then(resolved) {
        found.extend(user::beside(&home, keep, &is_plain));
    }
    if let Some(main) = hold.git.as_deref().and_then(checkout_of).as_deref().and_then(resolved) {
        if !keep.contains(&main) {
            found.extend(user::beside(&main, keep, &|_| true));
        }
        let around = main.parent().filter(|around| around.parent().is_some());
        found.extend(around.into_iter().flat_map(|around| {
            user::beside(around, keep, &|path| path != main && path.join(".git").exists())
        }));
    }
    if let Some(work) = hold.work.as_deref().and_then(resolved) {
        found.extend(user::beside(&work, keep, &|_| true));
    }
    found
}

/// The work tree that a git directory belongs to by its place.
fn checkout_of(git: &Path) -> Option<PathBuf> {
    git.parent().filter(|_| git.ends_with(".git")).map(Path::to_owned)
}

impl Needs {
    fn variables(&self, set: &[(OsString, OsString)]) -> Vec<&'static str> {
        let through = self.through(set).flat_map(|service| service.variables);
        self.variables.iter().copied().flatten().chain(through).copied().collect()
    }

    fn through(&self, set: &[(OsString, OsString)]) -> impl Iterator<Item = &'static Through> {
        let services = self.services.iter();
        services.filter(|service| variable_of(set, service.when).is_some())
    }

    fn reads(&self, set: &[(OsString, OsString)]) -> Vec<PathBuf> {
        let Some(home) = home_of(set) else { return Vec::new() };
        self.through(set).flat_map(|it| it.reads).map(|place| home.join(place)).collect()
    }

    /// The places that there are by now.
    fn places(&self, set: &[(OsString, OsString)]) -> Vec<PathBuf> {
        let absolute = |name: &str| {
            variable_of(set, name).map(PathBuf::from).filter(|path| path.is_absolute())
        };
        let home = home_of(set);
        let below_home = |place: &str| Some(home.as_deref()?.join(place));
        let is_made = |path: &PathBuf| path.is_dir() || fs::create_dir_all(path).is_ok();
        let made = |path: PathBuf| is_made(&path).then_some(path);
        let place = |own: &Own| match own {
            Own::Dir(place) => below_home(place).and_then(made),
            Own::File(place) => below_home(place).filter(|path| path.is_file()),
            Own::Below(variable, place, name) => absolute(variable)
                .or_else(|| below_home(place))
                .and_then(|above| made(above.join(name))),
            Own::Named(variable) => absolute(variable).and_then(made),
        };
        self.own.iter().filter_map(place).collect()
    }
}

fn home_of(set: &[(OsString, OsString)]) -> Option<PathBuf> {
    variable_of(set, "HOME").map(PathBuf::from).filter(|home| home.is_absolute())
}

/// The places that a program of this name has by custom, as there are: for agents that nobody declared.
pub(crate) fn customary(program: &OsStr) -> Vec<PathBuf> {
    let Some(name) = Path::new(program).file_name() else { return Vec::new() };
    let home = user::home().unwrap_or_default();
    let mut dotted = OsString::from(".");
    dotted.push(name);
    let xdg = XDG.iter().map(|(variable, place)| {
        let above = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        above.unwrap_or_else(|| home.join(place)).join(name)
    });
    let all = [home.join(dotted)].into_iter().chain(xdg);
    all.filter(|path| path.is_absolute() && path.exists()).collect()
}

/// A directory for one call, gone with it.
struct Room(PathBuf);

impl Room {
    fn new(work: Option<&Path>) -> io::Result<Room> {
        let rooms = match work {
            Some(work) => work.join("rooms"),
            None => std::env::temp_dir(),
        };
        fs::create_dir_all(&rooms)?;
        if work.is_some() {
            sweep(&rooms);
        }
        let prefix = format!("{PREFIX}{}-", std::process::id());
        Ok(Room(tempfile::Builder::new().prefix(&prefix).tempdir_in(rooms)?.keep()))
    }
}

/// Names of rooms begin with this and the number of the process that made them.
const PREFIX: &str = "room-";

/// Removes rooms whose process was killed.
fn sweep(rooms: &Path) {
    for entry in fs::read_dir(rooms).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let maker = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('-'));
        let maker = maker.and_then(|(pid, _)| pid.parse::<u32>().ok());
        if maker.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            let _ = remove_export(&entry.path());
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = remove_export(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use loki_model::Layer;

    use super::*;

    const NEEDS: Needs = Needs {
        own: &[
            Own::Dir(".agent"),
            Own::File(".agent.json"),
            Own::Below("AGENT_DATA", ".local/share", "agent"),
            Own::Named("AGENT_CONFIG"),
        ],
        variables: &[&["AGENT_*"], &["MODEL_KEY"]],
        services: &[Through { when: "AGENT_CLOUD", reads: &[".cloud"], variables: &["CLOUD_*"] }],
    };

    fn set(pairs: &[(&str, &Path)]) -> Vec<(OsString, OsString)> {
        pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    }

    #[test]
    fn directories_of_its_own_are_made_and_files_are_there_or_not() {
        let home = tempfile::tempdir().unwrap();
        let at = |path: &str| home.path().join(path);
        let mut env = set(&[("HOME", home.path())]);
        assert_eq!(NEEDS.places(&env), [at(".agent"), at(".local/share/agent")]);
        fs::write(at(".agent.json"), "{}").unwrap();
        fs::create_dir_all(at("named")).unwrap();
        env.extend(set(&[("AGENT_CONFIG", &at("named")), ("AGENT_DATA", &at("data"))]));
        let expected = [at(".agent"), at(".agent.json"), at("data/agent"), at("named")];
        assert_eq!(NEEDS.places(&env), expected);
        assert!(at("data/agent").is_dir());
    }

    #[test]
    fn a_service_brings_its_credentials_only_when_it_is_used() {
        let home = tempfile::tempdir().unwrap();
        let mut env = set(&[("HOME", home.path())]);
        assert_eq!(NEEDS.variables(&env), ["AGENT_*", "MODEL_KEY"]);
        assert_eq!(NEEDS.reads(&env), Vec::<PathBuf>::new());
        env.extend(set(&[("AGENT_CLOUD", Path::new("1"))]));
        assert_eq!(NEEDS.variables(&env), ["AGENT_*", "MODEL_KEY", "CLOUD_*"]);
        assert_eq!(NEEDS.reads(&env), [home.path().join(".cloud")]);
    }

    #[test]
    fn less_than_what_is_strictly_asked_for_is_refused() {
        let strict = Hold { level: SandboxLevel::Strict, ..UNHELD.clone() };
        let mut held = Confinement {
            level: SandboxLevel::Strict,
            active: vec![Layer::Files],
            missing: vec![Layer::Mounts],
        };
        let Some(AgentOutcome::NotStarted { detail }) = unfit(&strict, &held) else { panic!() };
        assert!(detail.contains("mounts"), "{detail}");
        assert_eq!(unfit(&UNHELD, &held), None);
        held.missing.clear();
        assert_eq!(unfit(&strict, &held), None);
    }

    #[test]
    fn objects_that_a_repository_borrows_are_a_part_of_it() {
        let git = tempfile::tempdir().unwrap();
        fs::create_dir_all(git.path().join("objects/info")).unwrap();
        fs::write(git.path().join("objects/info/alternates"), "/other/objects\n").unwrap();
        let expected = [git.path().to_owned(), PathBuf::from("/other/objects")];
        assert_eq!(objects_of(git.path()), expected);
    }
}
