//! What of the user's own a command in a sandbox can not do without: caches and tools.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::process::find_on_path;

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

/// Caches that agents share with everything else of the user's, so that what one of them fetched is there
/// when it is judged: the program that wants them, and their places from the home directory. None has
/// programs or settings in it that something else would run.
const SHARED: &[(&str, &[&str])] = &[
    ("sh", &[".cache"]),
    ("npm", &[".npm"]),
    ("yarn", &[".yarn/berry/cache"]),
    ("pnpm", &[".local/share/pnpm/store"]),
    ("bun", &[".bun/install/cache"]),
    ("cargo", &[".cargo/registry", ".cargo/git"]),
    ("go", &["go/pkg"]),
    (
        "java",
        &[".gradle/caches", ".gradle/wrapper", ".gradle/daemon", ".gradle/native", ".gradle/.tmp"],
    ),
    ("java", &[".m2/repository", ".m2/wrapper", ".ivy2/cache", ".konan"]),
    ("dotnet", &[".nuget/packages", ".local/share/NuGet", ".dotnet"]),
];

/// Variables that name such caches.
const SHARED_BY: &[&str] = &[
    "XDG_CACHE_HOME",
    "GOCACHE",
    "GOMODCACHE",
    "PIP_CACHE_DIR",
    "UV_CACHE_DIR",
    "NPM_CONFIG_CACHE",
    "npm_config_cache",
    "YARN_CACHE_FOLDER",
    "NUGET_PACKAGES",
];

/// Entries of one directory that are looked at to keep them out of reach.
const BESIDE_MAX: usize = 4_096;

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

/// The caches that agents share, made where their tool is installed and they are not there yet. A cache
/// that can not be made is left out.
pub fn shared_caches() -> Vec<PathBuf> {
    let set = |name: &&str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let mut found: Vec<PathBuf> = SHARED_BY.iter().filter_map(set).collect();
    let cargo = set(&"CARGO_HOME");
    found.extend(cargo.iter().flat_map(|at| [at.join("registry"), at.join("git")]));
    let home = home().unwrap_or_default();
    for (program, places) in SHARED {
        let missing = places.iter().map(|place| home.join(place)).filter(|path| !path.is_dir());
        let missing: Vec<PathBuf> = missing.filter(|_| !home.as_os_str().is_empty()).collect();
        if !missing.is_empty() && find_on_path(program.as_ref()).is_some() {
            found.extend(missing);
        }
        found.extend(places.iter().map(|place| home.join(place)).filter(|path| path.is_dir()));
    }
    found.retain(|path| path.is_dir() || fs::create_dir_all(path).is_ok());
    found.sort();
    found.dedup();
    found
}

/// What of the entries of `dir` is none of a command's business: all that `is_meant` says, but what
/// `keep` is in, of which only the part beside `keep` is. All paths are resolved.
pub fn beside(dir: &Path, keep: &[PathBuf], is_meant: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten().take(BESIDE_MAX) {
        let path = entry.path();
        if !is_meant(&path) || keep.iter().any(|kept| path.starts_with(kept)) {
            continue;
        }
        if keep.iter().any(|kept| kept.starts_with(&path)) {
            found.extend(beside(&path, keep, &|_| true));
        } else {
            found.push(path);
        }
    }
    found
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
    fn what_is_beside_a_place_is_told_without_what_leads_to_it() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        for made in ["src/mine/.git", "src/other", "go/pkg", "letters", ".config"] {
            fs::create_dir_all(at(made)).unwrap();
        }
        let is_plain = |path: &Path| !path.ends_with(".config");
        let mut found = beside(dir.path(), &[at("src/mine"), at("go")], &is_plain);
        found.sort();
        assert_eq!(found, [at("letters"), at("src/other")]);
    }

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
