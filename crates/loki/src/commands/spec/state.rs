//! Where the lock is, and what its sources say now.

use std::path::{Path, PathBuf};

use loki_model::Spec;
use loki_spec::Lock;

use crate::commands::intake;
use crate::context::Context;
use crate::error::{CommandError, chain, environment};

/// From the root of the repository.
pub(super) const LOCK_PATH: &str = ".loki/spec/spec.lock";
pub(super) const DELTAS_PATH: &str = ".loki/spec/deltas";

/// The directory that the lock is about: the nearest one around here that has a lock, else the root of the
/// repository, else here. Finding it starts no program.
pub(super) fn root(cx: &Context) -> PathBuf {
    let here = std::fs::canonicalize(&cx.directory).unwrap_or_else(|_| cx.directory.clone());
    let with = |name: &str| here.ancestors().find(|dir| dir.join(name).exists());
    with(LOCK_PATH).or_else(|| with(".git")).unwrap_or(&here).to_owned()
}

/// The lock at `root`; nothing when there is none.
pub(super) fn read_lock(root: &Path) -> Result<Option<Lock>, CommandError> {
    let text = match std::fs::read_to_string(root.join(LOCK_PATH)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(CommandError::environment(format!("{LOCK_PATH} can not be read: {error}")));
        }
    };
    let damaged = |error| CommandError::environment(format!("{LOCK_PATH}: {}", chain(&error)));
    Lock::parse(&text).map(Some).map_err(damaged)
}

/// The lock, or how to make one.
pub(super) fn need_lock(root: &Path) -> Result<Lock, CommandError> {
    read_lock(root)?.ok_or_else(|| {
        CommandError::user(format!("there is no {LOCK_PATH}: nothing was agreed on yet"))
            .hint("loki spec lock prd.md")
    })
}

/// What the sources of a lock say now.
pub(super) struct Sources {
    pub(super) specs: Vec<Spec>,
    /// Sources that are not there any more.
    pub(super) missing: Vec<String>,
    /// Sources that are no files: nothing is asked over the network for a comparison.
    pub(super) elsewhere: Vec<String>,
}

/// Reads the sources of `lock` as they are now.
pub(super) fn read_sources(
    lock: &Lock,
    root: &Path,
    cx: &Context,
) -> Result<Sources, CommandError> {
    let mut sources = Sources { specs: Vec::new(), missing: Vec::new(), elsewhere: Vec::new() };
    for source in lock.sources.keys() {
        if root.join(source).exists() {
            sources.specs.push(read_at(source, root, cx)?);
        } else if source.contains("://") || source.contains('#') {
            sources.elsewhere.push(source.clone());
        } else {
            sources.missing.push(source.clone());
        }
    }
    Ok(sources)
}

impl Sources {
    /// The lock without what can not be compared.
    pub(super) fn comparable(&self, lock: &Lock) -> Lock {
        let mut lock = lock.clone();
        lock.requirements.retain(|one| !self.elsewhere.contains(&one.origin.source));
        lock
    }
}

/// Reads a file or directory by its path from `root`, which is what its requirements name as source.
pub(super) fn read_at(source: &str, root: &Path, cx: &Context) -> Result<Spec, CommandError> {
    let at_root =
        Context { json: cx.json, quiet: true, directory: root.to_owned(), home: cx.home.clone() };
    intake::read_named(Path::new(source), &at_root)
}

/// The path from `root` of what the command line names.
pub(super) fn in_root(named: &str, root: &Path, cx: &Context) -> Result<String, CommandError> {
    let full = std::fs::canonicalize(cx.directory.join(named)).map_err(|_| {
        CommandError::user(format!("`{named}` is no file or directory here: only those are locked"))
            .hint("loki spec lock prd.md")
    })?;
    let inside = full.strip_prefix(root).map_err(|_| {
        CommandError::user(format!("`{named}` is outside of {}", root.display()))
            .hint("loki spec lock FILE    (a file of this repository)")
    })?;
    inside
        .to_str()
        .map(str::to_owned)
        .ok_or_else(|| CommandError::user(format!("`{named}` has a name that is not valid UTF-8")))
}

/// Writes `text` to `path` below `root`, and makes its directories.
pub(super) fn write(root: &Path, path: &str, text: &str) -> Result<(), CommandError> {
    // Makes `.loki` with its .gitignore, and refuses links in the way.
    loki_verify::verify_dir(root).map_err(environment)?;
    let full = root.join(path);
    if let Some(directory) = full.parent() {
        std::fs::create_dir_all(directory).map_err(environment)?;
    }
    loki_verify::write_whole(&full, text.as_bytes()).map_err(environment)
}
