//! From a [`CommandSpec`] to a started child, or a reason that a person can act on.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::fs::Access;

use super::{CommandSpec, SpawnError, Stdin};
use crate::sandbox::Means;

/// How a process tree is held together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// By a reaper that nothing escapes.
    #[cfg(target_os = "linux")]
    Reaper,
    /// By the process group. A process that leaves its group, and all of them when loki is
    /// killed, get away. Cheaper: for programs that loki trusts to stay in place.
    Group,
}

impl Hold {
    /// The strongest that this system has.
    #[cfg(target_os = "linux")]
    pub(super) const BEST: Hold = Hold::Reaper;
    #[cfg(not(target_os = "linux"))]
    pub(super) const BEST: Hold = Hold::Group;
}

/// What a child reads.
#[derive(Clone, Copy, Debug)]
pub(super) enum Input<'a> {
    /// What was known before it started.
    Given(&'a Stdin),
    /// What it is told while it runs.
    Pipe,
}

/// Starts the child with both outputs piped.
pub(super) fn spawn(spec: &CommandSpec, hold: Hold, input: Input<'_>) -> Result<Child, SpawnError> {
    let refused =
        |source| SpawnError::Refused { program: spec.program.display().to_string(), source };
    // Looked at first, because afterwards its absence reads like that of the program.
    if !spec.cwd.is_dir() {
        return Err(refused(no_directory(&spec.cwd)));
    }
    let mut command = Command::new(&spec.program);
    command.args(&spec.args).current_dir(&spec.cwd);
    // A program must not be looked for where it runs: somebody else may have put one there.
    if let Some(path) = std::env::var_os("PATH").and_then(|path| without_relative(&path)) {
        command.env("PATH", path);
    }
    for name in &spec.env_remove {
        command.env_remove(name);
    }
    command.envs(spec.env_set.iter().map(|(name, value)| (name, value)));
    command.stdin(match input {
        Input::Given(given) => stdin(given).map_err(refused)?,
        Input::Pipe => Stdio::piped(),
    });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(sandbox) = &spec.sandbox {
        command.env("TMPDIR", sandbox.temporary()).env_remove("TMP").env_remove("TEMP");
    }
    match hold {
        #[cfg(target_os = "linux")]
        Hold::Reaper => {
            let plan = spec.sandbox.as_ref().map(|it| it.plan(Path::new(&spec.program), &spec.cwd));
            let plan = plan.transpose().map_err(refused)?;
            super::reaper::stand_between(&mut command, spec.limits.grace, plan);
        }
        Hold::Group => {
            if spec.sandbox.as_ref().is_some_and(|it| it.means() != Means::default()) {
                return Err(refused(io::Error::other("only a reaper makes a sandbox")));
            }
            command.process_group(0);
        }
    }
    command.spawn().map_err(explained).map_err(|error| match (error.kind(), installed(spec)) {
        (io::ErrorKind::NotFound, None) => {
            SpawnError::NotFound { program: spec.program.display().to_string() }
        }
        (io::ErrorKind::NotFound, Some(path)) => refused(no_interpreter(&path)),
        _ => refused(error),
    })
}

/// Where `program` is: itself when it is a path, else the first executable file in `PATH`.
pub fn find_on_path(program: &OsStr) -> Option<PathBuf> {
    if is_path(program) {
        return Some(PathBuf::from(program)).filter(runs);
    }
    find_in(program, &std::env::var_os("PATH")?)
}

/// The first executable file called `name` in the absolute directories of `path`, which is like `PATH`.
pub fn find_in(name: &OsStr, path: &OsStr) -> Option<PathBuf> {
    let directories = std::env::split_paths(path).filter(|directory| directory.is_absolute());
    directories.map(|directory| directory.join(name)).find(runs)
}

fn runs(path: &PathBuf) -> bool {
    path.is_file() && rustix::fs::access(path, Access::EXEC_OK).is_ok()
}

/// `PATH` without what depends on the working directory; nothing when there is nothing of that.
fn without_relative(path: &OsStr) -> Option<OsString> {
    let all: Vec<PathBuf> = std::env::split_paths(path).collect();
    if all.iter().all(|directory| directory.is_absolute()) {
        return None;
    }
    std::env::join_paths(all.iter().filter(|directory| directory.is_absolute())).ok()
}

#[cfg(target_os = "linux")]
use crate::sandbox::explained;

#[cfg(not(target_os = "linux"))]
fn explained(error: io::Error) -> io::Error {
    error
}

fn installed(spec: &CommandSpec) -> Option<PathBuf> {
    if is_path(&spec.program) {
        return Some(spec.cwd.join(&spec.program)).filter(|path| path.exists());
    }
    find_on_path(&spec.program)
}

fn is_path(program: &OsStr) -> bool {
    program.as_encoded_bytes().contains(&b'/')
}

fn stdin(stdin: &Stdin) -> io::Result<Stdio> {
    match stdin {
        Stdin::Null => Ok(Stdio::null()),
        Stdin::Bytes(bytes) => {
            let mut file: File = tempfile::tempfile()?;
            file.write_all(bytes)?;
            file.rewind()?;
            Ok(file.into())
        }
        Stdin::Pipe(end) => Ok(end.try_clone()?.into()),
    }
}

fn no_directory(path: &Path) -> io::Error {
    let text = format!("there is no directory `{}` to run it in", path.display());
    io::Error::new(io::ErrorKind::NotFound, text)
}

fn no_interpreter(path: &Path) -> io::Error {
    let text = format!("`{}` is there, but not the interpreter it names", path.display());
    io::Error::new(io::ErrorKind::NotFound, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_that_depend_on_where_one_is_are_no_part_of_path() {
        assert_eq!(without_relative(OsStr::new("/bin:/usr/bin")), None);
        let clean = without_relative(OsStr::new(".:/bin::bin:/usr/bin"));
        assert_eq!(clean.as_deref(), Some(OsStr::new("/bin:/usr/bin")));
    }
}
