//! What every command needs: where it is, where trust lives, how to speak.

use std::path::{Path, PathBuf};

use loki_engine::journal::read_run;
use loki_host::git::{DiscoverError, Repo};
use loki_model::crew::{FIRST_KIND, PART_KIND};
use loki_model::{ASKING_KIND, Run, RunId};
use loki_store::{OpenError, ResolveError, RunFilter, RunRow, Store};

use crate::cli::Global;
use crate::error::{CommandError, chain, environment};

pub(crate) struct Context {
    pub(crate) json: bool,
    pub(crate) quiet: bool,
    pub(crate) directory: PathBuf,
    pub(crate) home: PathBuf,
}

impl Context {
    pub(crate) fn new(global: &Global) -> Result<Context, CommandError> {
        let here = std::env::current_dir().map_err(environment)?;
        let directory = match &global.directory {
            Some(dir) => here.join(dir),
            None => here,
        };
        if !directory.is_dir() {
            let shown = directory.display();
            return Err(CommandError::user(format!("`{shown}` is not a directory")));
        }
        Ok(Context { json: global.json, quiet: global.quiet, directory, home: home()? })
    }

    /// The repository around here.
    pub(crate) fn repo(&self) -> Result<Repo, CommandError> {
        Repo::discover(&self.directory).map_err(|err| match &err {
            DiscoverError::NotARepository { .. } => {
                CommandError::user(chain(&err)).hint("git init    (then run this again)")
            }
            DiscoverError::Bare { .. } => CommandError::user(chain(&err))
                .hint("git worktree add ../work    (then run this again in ../work)"),
            _ => CommandError::environment(chain(&err)).hint("loki doctor"),
        })
    }

    /// For commands that write.
    pub(crate) fn store(&self) -> Result<Store, CommandError> {
        Store::open(&self.home).map_err(|err| environment(err).hint("loki doctor"))
    }

    /// For commands that look. Nothing when there never was a run.
    pub(crate) fn store_read_only(&self) -> Result<Option<Store>, CommandError> {
        match Store::open_read_only(&self.home) {
            Ok(store) => Ok(Some(store)),
            Err(OpenError::NotThere { .. }) => Ok(None),
            Err(err) => Err(environment(err).hint("loki doctor")),
        }
    }

    /// The run that `wanted` names, or the newest of this repository.
    pub(crate) fn find_run(
        &self,
        store: &Store,
        wanted: Option<&str>,
    ) -> Result<Option<RunId>, CommandError> {
        let Some(prefix) = wanted else {
            let repo = self.repo()?;
            let filter = RunFilter { repo: Some(repo.root()) };
            let runs = store.runs(filter).map_err(environment)?;
            return Ok(runs.into_iter().find(began).map(|row| row.id));
        };
        match store.resolve(prefix) {
            Ok(id) => Ok(Some(id)),
            Err(ResolveError::Read(err)) => Err(environment(err)),
            Err(err) => Err(CommandError::user(chain(&err)).hint("loki runs --all")),
        }
    }

    /// The run that `wanted` names or the newest here, with its state; an error when there is none.
    pub(crate) fn open_run(&self, wanted: Option<&str>) -> Result<(Store, Run), CommandError> {
        let nothing = || CommandError::user("there is no run here yet").hint("loki start prd.md");
        let store = self.store_read_only()?.ok_or_else(nothing)?;
        let id = self.find_run(&store, wanted)?.ok_or_else(nothing)?;
        let run = read_run(&store, &id).map_err(environment)?;
        Ok((store, run))
    }
}

/// Whether it is a run of its own of which anything was recorded: the maker of a run may die before its first
/// event, a task of several is part of another run, and questions are asked outside of any.
pub(crate) fn began(row: &RunRow) -> bool {
    row.events > 0 && ![Some(PART_KIND), Some(ASKING_KIND)].contains(&row.first_kind.as_deref())
}

/// Whether it is a run of several tasks side by side.
pub(crate) fn is_crew(row: &RunRow) -> bool {
    row.first_kind.as_deref() == Some(FIRST_KIND)
}

/// `$LOKI_HOME`, else `$XDG_STATE_HOME/loki`, else `~/.local/state/loki`.
fn home() -> Result<PathBuf, CommandError> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let home = if let Some(home) = set("LOKI_HOME") {
        PathBuf::from(home)
    } else if let Some(state) = set("XDG_STATE_HOME").filter(|dir| Path::new(dir).is_absolute()) {
        Path::new(&state).join("loki")
    } else if let Some(user) = set("HOME") {
        Path::new(&user).join(".local/state/loki")
    } else {
        return Err(CommandError::environment("there is no place for loki's state")
            .hint("export LOKI_HOME=/some/directory"));
    };
    let home = std::path::absolute(home).map_err(environment)?;
    // Variables such as `PYTHONPATH` are lists with colons in between: what a gate puts into one is not found.
    if home.as_os_str().as_encoded_bytes().contains(&b':') {
        let shown = home.display();
        let why = format!("loki's state can not be in `{shown}`: its path has a colon");
        return Err(CommandError::user(why).hint("export LOKI_HOME=/another/directory"));
    }
    Ok(home)
}
