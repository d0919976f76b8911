//! What commands of a project are held to, and where they can do their work all the same.
//!
//! Owns which places a judgement lets them write, and what of the user's caches they see. What holds them
//! to it is the sandbox of the machine layer.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use loki_host::sandbox::{Means, Network, Overlay, Sandbox, user};
use loki_model::{Confinement, SandboxLevel};

use crate::Subject;
use crate::copy::links::dependency_folders;
use crate::copy::{CleanCopy, Scratch};
use crate::layout::Layout;

/// What whoever judges lets the commands of a change do. A change has no say in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Isolation {
    /// How much of a sandbox there has to be.
    pub level: SandboxLevel,
    /// Whom commands may reach.
    pub network: Network,
    /// Places that they must not read, besides those where people keep secrets.
    pub hidden: Vec<PathBuf>,
}

impl Isolation {
    /// What commands are held to on this machine.
    pub fn confinement(&self) -> Confinement {
        if self.level == SandboxLevel::Off {
            return Confinement::OFF;
        }
        Means::here().confinement(self.level, self.network)
    }
}

/// Files of Go's cache that are linked; ten microseconds each.
const GO_CACHE_FILES_MAX: usize = 200_000;

/// What is written to caches while one command runs. Given back for the next one when dropped, so that
/// it finds what the one before it has built; two at a time never share it.
pub(crate) struct Changes<'a> {
    pool: &'a Pool,
    number: u32,
}

/// Changes that no command is using.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    /// Numbers that are free, and how many there are.
    state: Mutex<(Vec<u32>, u32)>,
    prepared: OnceLock<()>,
}

impl Pool {
    /// Calls `prepare` for the first command of a judgement. Others wait for it.
    fn once(&self, prepare: impl FnOnce()) {
        self.prepared.get_or_init(prepare);
    }

    fn take(&self) -> Changes<'_> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let number = state.0.pop().unwrap_or_else(|| {
            state.1 += 1;
            state.1
        });
        Changes { pool: self, number }
    }
}

impl Drop for Changes<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0.push(self.number);
    }
}

/// A sandbox for one command, what it needs to know of it, and what has to live as long.
pub(crate) struct Held<'a> {
    pub(crate) sandbox: Option<Sandbox>,
    pub(crate) env: Vec<(OsString, OsString)>,
    _changes: Option<Changes<'a>>,
}

/// Where commands on one copy run.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) isolation: &'a Isolation,
    pub(crate) subject: &'a Subject<'a>,
    pub(crate) scratch: &'a Scratch,
    pub(crate) copy: &'a CleanCopy<'a>,
    pub(crate) layout: &'a Layout,
}

impl<'a> Site<'a> {
    /// The sandbox of the next command.
    pub(crate) fn hold(&self) -> Held<'a> {
        if self.isolation.level == SandboxLevel::Off {
            return Held { sandbox: None, env: Vec::new(), _changes: None };
        }
        let mut sandbox = Sandbox::new(self.copy.room(), self.isolation.network);
        let changes = self.scratch.changes().take();
        let all_changes = self.scratch.path().join("changes").join(changes.number.to_string());
        let go_cache = self.scratch.path().join("go-build");
        let _ = fs::create_dir_all(&go_cache);
        sandbox
            .writable
            .extend([self.copy.root(), self.copy.results(), &go_cache].map(Path::to_owned));
        sandbox.readable.push(self.subject.repo.common_dir().to_owned());
        sandbox.readable.push(self.subject.repo.root().to_owned());
        sandbox.readable.extend(self.subject.reuse.map(Path::to_owned));
        let linked = self.subject.reuse.map(|reuse| dependency_folders(reuse, self.layout));
        sandbox
            .readable
            .extend(linked.unwrap_or_default().into_iter().filter(|at| user::is_passing(at)));
        sandbox.readable.extend(user::passing_tools());
        sandbox.hidden.extend(self.isolation.hidden.iter().cloned());
        let mut env = vec![(OsString::from("GOCACHE"), go_cache.clone().into_os_string())];
        if sandbox.means().mounts {
            let overlay = |(number, (of, at)): (usize, (PathBuf, PathBuf))| Overlay {
                of,
                at,
                changes: all_changes.join(number.to_string()),
            };
            let caches = user::caches().into_iter().map(|(path, _)| (path.clone(), path));
            let go = user_go_cache().into_iter().map(|path| (path, go_cache.clone()));
            sandbox.overlays.extend(go.chain(caches).enumerate().map(overlay));
        } else {
            let needed = user::caches().into_iter().filter(|(_, is_needed)| *is_needed);
            sandbox.writable.extend(needed.map(|(path, _)| path));
            if self.layout.all_roots("go.mod").is_empty() {
                // Nothing is worth linking.
            } else if let Some(of) = user_go_cache() {
                self.scratch.changes().once(|| link_go_cache(&of, &go_cache));
            }
            env.push(("XDG_CACHE_HOME".into(), sandbox.temporary().join("cache").into()));
        }
        Held { sandbox: Some(sandbox), env, _changes: Some(changes) }
    }
}

/// Where Go keeps what it has built.
fn user_go_cache() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    set("GOCACHE")
        .or_else(|| {
            Some(
                set("XDG_CACHE_HOME")
                    .or_else(|| Some(user::home()?.join(".cache")))?
                    .join("go-build"),
            )
        })
        .filter(|path| path.is_dir())
}

/// Shows what Go has built before, file by file, where nothing can be mounted: through links, which Go
/// reads and the sandbox does not let it write through. Without, it compiles its whole library first.
///
/// What can not be linked is compiled.
fn link_go_cache(of: &Path, at: &Path) {
    let mut left = GO_CACHE_FILES_MAX;
    for dir in fs::read_dir(of).into_iter().flatten().flatten() {
        let to = at.join(dir.file_name());
        if !dir.file_type().is_ok_and(|is| is.is_dir()) || fs::create_dir_all(&to).is_err() {
            continue;
        }
        for file in fs::read_dir(dir.path()).into_iter().flatten().flatten().take(left) {
            let _ = symlink(file.path(), to.join(file.file_name()));
            left -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_commands_at_a_time_never_share_their_changes() {
        let pool = Pool::default();
        let (one, two) = (pool.take(), pool.take());
        assert_ne!(one.number, two.number);
        let number = one.number;
        drop(one);
        assert_eq!(pool.take().number, number);
    }
}
