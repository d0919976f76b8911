//! Where programs of the user's are: directories of `PATH`, what links in them lead to, and what
//! variables of toolchains name.

use std::env;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Variables that name places in which programs are, or that they need.
const PLACES_IN: &[&str] = &[
    "PATH",
    "HOME",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "GOROOT",
    "GOPATH",
    "GOMODCACHE",
    "JAVA_HOME",
    "PYENV_ROOT",
    "NVM_DIR",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
    "NODE_PATH",
];

/// Directories that are too high up to be one program's own.
const TOO_HIGH: &[&str] = &["/", "/tmp", "/var/tmp", "/usr", "/usr/local", "/run", "/home"];

/// Links in these lead to what the system has installed, which is never out of sight.
const OF_SYSTEM: &[&str] = &["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/// Entries of one directory of `PATH` that are looked at.
const ENTRIES_MAX: usize = 4_096;

/// Bytes of a program's first line that name its interpreter.
const FIRST_LINE_BYTES_MAX: u64 = 256;

/// What has to stay in sight where temporary directories of the system do not. Resolved, and read once a
/// process as far as links are concerned.
pub(crate) fn in_sight() -> Vec<PathBuf> {
    let mut found = named(PLACES_IN);
    found.extend(linked().iter().cloned());
    found
}

/// Places of the user's programs, each with everything that belongs to it: the whole of a toolchain, not
/// only its directory of programs. Resolved.
pub fn roots() -> Vec<PathBuf> {
    let without_home: Vec<&str> =
        PLACES_IN.iter().copied().filter(|name| *name != "HOME").collect();
    let mut found: Vec<PathBuf> =
        named(&without_home).into_iter().map(|dir| root_of_directory(&dir)).collect();
    found.extend(linked().iter().cloned());
    found
}

/// What the program at `path` needs of its own: itself, where it is installed, and the same of the
/// interpreter that its first line names.
pub fn roots_of(path: &Path) -> Vec<PathBuf> {
    let Ok(path) = fs::canonicalize(path) else { return Vec::new() };
    let mut found = vec![root_of_program(&path)];
    if let Some(interpreter) = interpreter_of(&path) {
        found.push(root_of_directory(interpreter.parent().unwrap_or(&interpreter)));
        found.extend(fs::canonicalize(&interpreter).ok().map(|real| root_of_program(&real)));
    }
    found.push(path);
    found
}

fn named(variables: &[&str]) -> Vec<PathBuf> {
    let values = variables.iter().filter_map(env::var_os);
    values
        .flat_map(|value| env::split_paths(&value).collect::<Vec<_>>())
        .filter(|path| path.is_absolute())
        .filter_map(|path| fs::canonicalize(path).ok())
        .collect()
}

/// Where links in directories of `PATH` lead to, when that is elsewhere.
fn linked() -> &'static [PathBuf] {
    static LINKED: OnceLock<Vec<PathBuf>> = OnceLock::new();
    LINKED.get_or_init(|| {
        let mut found: Vec<PathBuf> = named(&["PATH"])
            .into_iter()
            .filter(|dir| !OF_SYSTEM.iter().any(|system| dir == Path::new(system)))
            .flat_map(|dir| links_in(&dir))
            .filter(|target| !target.starts_with("/usr") && !target.starts_with("/nix"))
            .map(|target| root_of_program(&target))
            .collect();
        found.sort();
        found.dedup();
        found
    })
}

fn links_in(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().take(ENTRIES_MAX);
    entries
        .filter(|entry| entry.file_type().is_ok_and(|is| is.is_symlink()))
        .filter_map(|entry| fs::canonicalize(entry.path()).ok())
        .filter(|target| !target.starts_with(dir))
        .collect()
}

/// Packages of JavaScript need each other; others what is beside their directory of programs.
fn root_of_program(path: &Path) -> PathBuf {
    let packages = path.ancestors().filter(|above| above.ends_with("node_modules")).last();
    if let Some(packages) = packages {
        return packages.to_owned();
    }
    match path.parent() {
        Some(dir) if !is_too_high(dir) => root_of_directory(dir),
        _ => path.to_owned(),
    }
}

fn root_of_directory(dir: &Path) -> PathBuf {
    match dir.parent() {
        Some(above) if dir.ends_with("bin") && !is_too_high(above) => above.to_owned(),
        _ => dir.to_owned(),
    }
}

fn is_too_high(dir: &Path) -> bool {
    static HOME: OnceLock<Option<PathBuf>> = OnceLock::new();
    let home = HOME.get_or_init(|| fs::canonicalize(super::user::home()?).ok());
    TOO_HIGH.iter().any(|high| dir == Path::new(high)) || home.as_deref() == Some(dir)
}

fn interpreter_of(program: &Path) -> Option<PathBuf> {
    let mut line = Vec::new();
    fs::File::open(program).ok()?.take(FIRST_LINE_BYTES_MAX).read_to_end(&mut line).ok()?;
    let line = line.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let path = std::str::from_utf8(line).ok()?.split_whitespace().next()?;
    Some(PathBuf::from(path)).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_a_program_is_found_from_where_it_is() {
        for (program, root) in [
            ("/opt/node/bin/node", "/opt/node"),
            ("/x/lib/node_modules/a/node_modules/b/cli.js", "/x/lib/node_modules"),
            ("/opt/one/agent", "/opt/one"),
            ("/tmp/agent", "/tmp/agent"),
            ("/usr/local/bin/agent", "/usr/local/bin"),
        ] {
            assert_eq!(root_of_program(Path::new(program)), Path::new(root), "{program}");
        }
    }

    #[test]
    fn a_script_needs_its_interpreter_and_where_links_lead() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().canonicalize().unwrap().join(path);
        for made in ["python/bin", "venv/bin", "elsewhere"] {
            fs::create_dir_all(at(made)).unwrap();
        }
        fs::write(at("python/bin/python3"), "").unwrap();
        std::os::unix::fs::symlink("../../python/bin/python3", at("venv/bin/python")).unwrap();
        let line = format!("#!{} -E\n", at("venv/bin/python").display());
        fs::write(at("elsewhere/agent"), line).unwrap();
        let roots = roots_of(&at("elsewhere/agent"));
        for expected in ["elsewhere", "venv", "python"] {
            assert!(roots.contains(&at(expected)), "{expected}: {roots:?}");
        }
        assert_eq!(links_in(&at("venv/bin")), [at("python/bin/python3")]);
    }
}
