//! What of the user's own a command in a sandbox can not do without: caches and tools.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Caches that tools insist on writing, from the home directory. The last column says whether a tool can
/// not work at all where it can only read: then it may write the real one where nothing can be mounted.
const CACHES: &[(&str, bool)] = &[
    (".cache", false),
    (".npm", false),
    (".yarn", false),
    (".bun", false),
    (".cargo", false),
    ("go/pkg", false),
    (".gradle", true),
    (".m2", true),
    (".nuget", true),
    (".dotnet", true),
    (".local/share/NuGet", true),
    (".ivy2", true),
    (".sbt", true),
    (".konan", true),
];

/// Directories of which a command sees its own in place of the system's.
const PASSING: &[&str] = &["/tmp", "/var/tmp", "/run", "/dev/shm"];

/// The caches that there are, and whether their tools can not do without writing them.
pub fn caches() -> Vec<(PathBuf, bool)> {
    let Some(home) = home() else { return Vec::new() };
    CACHES
        .iter()
        .map(|(name, is_needed)| (home.join(name), *is_needed))
        .filter(|(path, _)| path.is_dir())
        .collect()
}

/// Tools of the user's that are installed in passing, such as a virtual environment in `/tmp`.
pub fn passing_tools() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let named = ["VIRTUAL_ENV", "CARGO_HOME", "RUSTUP_HOME", "JAVA_HOME", "GOROOT"];
    let roots = named.iter().filter_map(env::var_os).map(PathBuf::from);
    let real = env::split_paths(&path).chain(roots).filter_map(|path| fs::canonicalize(path).ok());
    real.filter(|path| is_passing(path))
        .map(|path| match path.parent() {
            Some(above) if path.ends_with("bin") && is_passing(above) => above.to_owned(),
            _ => path,
        })
        .collect()
}

/// Whether a path is in a directory of the system of which a command sees its own, and not all of it.
pub fn is_passing(path: &Path) -> bool {
    PASSING.iter().any(|dir| path.starts_with(dir) && path != Path::new(dir))
}

/// The user's home directory, when there is one.
pub fn home() -> Option<PathBuf> {
    env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_passing_is_told_from_the_directories_themselves() {
        for (path, expected) in [
            ("/tmp/venv", true),
            ("/tmp", false),
            ("/tmpx/a", false),
            ("/usr/bin", false),
            ("/var/tmp/a/b", true),
        ] {
            assert_eq!(is_passing(Path::new(path)), expected, "{path}");
        }
    }
}
