//! Version managers that put one script before every program: pyenv and its kin.
//!
//! Owns what such a script would start, where that follows from what the user chose once and for all: a
//! fifth of a second of shell for each start of a program is saved then. Wherever it could depend on
//! anything else, the script is left to decide.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use loki_host::process::find_in;

use crate::layout::{Layout, file_name};

/// A version manager of the kind that rbenv began: `shims`, `versions` and a file `version` in one folder.
struct Manager {
    name: &'static str,
    /// Says the version for one shell.
    variable: &'static str,
    /// Says the version for a directory and those below it.
    file: &'static str,
}

const MANAGERS: &[Manager] = &[
    Manager { name: "pyenv", variable: "PYENV_VERSION", file: ".python-version" },
    Manager { name: "rbenv", variable: "RBENV_VERSION", file: ".ruby-version" },
    Manager { name: "nodenv", variable: "NODENV_VERSION", file: ".node-version" },
];

/// More bytes are no choice of versions.
const VERSION_BYTES_MAX: u64 = 4096;

/// Where programs are looked for that run in a copy of `layout` somewhere in `scratch`: `PATH`, with the
/// chosen versions before the scripts that would choose them.
pub(crate) fn search_path(layout: &Layout, scratch: &Path) -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut entries = Vec::new();
    let mut is_same = true;
    for entry in env::split_paths(&path) {
        let chosen = chosen(&entry, &|variable| env::var_os(variable), layout, scratch);
        is_same &= chosen.is_empty();
        entries.extend(chosen);
        entries.push(entry);
    }
    match env::join_paths(entries) {
        Ok(joined) if !is_same => joined,
        _ => path,
    }
}

/// Where the program `name` is that a command in such a copy would start.
pub(crate) fn find(name: &str, layout: &Layout, scratch: &Path) -> Option<PathBuf> {
    find_in(name.as_ref(), &search_path(layout, scratch))
}

/// The programs of the versions that the scripts in `shims` would choose; nothing where there are no
/// such scripts, or where the choice is theirs.
fn chosen(
    shims: &Path,
    variable: &dyn Fn(&str) -> Option<OsString>,
    layout: &Layout,
    scratch: &Path,
) -> Vec<PathBuf> {
    let Some(root) = shims.parent().filter(|_| shims.ends_with("shims")) else { return Vec::new() };
    let Some(manager) = MANAGERS.iter().find(|manager| is_of(manager, root)) else {
        return Vec::new();
    };
    let is_project_asked = layout.all_files().any(|path| file_name(path) == manager.file)
        || scratch.ancestors().any(|above| above.join(manager.file).exists());
    if is_project_asked || has_hooks(manager, root) {
        return Vec::new();
    }
    let said = match variable(manager.variable).filter(|said| !said.is_empty()) {
        Some(said) => said.to_str().map(|said| said.replace(':', " ")),
        None => read_short(&root.join("version")),
    };
    let programs = |version: &str| {
        let is_plain = !version.contains('/') && !version.starts_with('.');
        Some(root.join("versions").join(version).join("bin")).filter(|bin| is_plain && bin.is_dir())
    };
    let all: Option<Vec<PathBuf>> =
        said.and_then(|said| said.split_whitespace().map(programs).collect());
    all.unwrap_or_default()
}

fn is_of(manager: &Manager, root: &Path) -> bool {
    ["bin", "libexec"].iter().any(|dir| root.join(dir).join(manager.name).exists())
}

/// Whether a plugin does something else whenever a program is started.
fn has_hooks(manager: &Manager, root: &Path) -> bool {
    let hooks = format!("etc/{}.d/exec", manager.name);
    let plugins = fs::read_dir(root.join("plugins")).into_iter().flatten().flatten();
    plugins.map(|plugin| plugin.path().join(&hooks)).any(|hooks| hooks.exists())
}

fn read_short(path: &Path) -> Option<String> {
    fs::metadata(path).ok().filter(|meta| meta.is_file() && meta.len() <= VERSION_BYTES_MAX)?;
    fs::read_to_string(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: &dyn Fn(&str) -> Option<OsString> = &|_| None;

    /// A pyenv with two versions.
    fn pyenv(version: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for dir in ["bin", "shims", "versions/3.11.7/bin", "versions/3.12.1/bin"] {
            fs::create_dir_all(root.path().join(dir)).unwrap();
        }
        fs::write(root.path().join("bin/pyenv"), "").unwrap();
        fs::write(root.path().join("version"), version).unwrap();
        root
    }

    /// What is chosen, by name.
    fn names(
        root: &tempfile::TempDir,
        variable: &dyn Fn(&str) -> Option<OsString>,
        files: &[&str],
    ) -> Vec<String> {
        let shims = root.path().join("shims");
        let layout = Layout::of(files.iter().map(|file| (*file).to_owned()));
        let chosen = chosen(&shims, variable, &layout, Path::new("/nowhere/at/all"));
        let name = |bin: &PathBuf| bin.parent()?.file_name()?.to_str().map(str::to_owned);
        chosen.iter().filter_map(name).collect()
    }

    #[test]
    fn the_version_that_the_user_chose_for_everything_is_taken() {
        assert_eq!(names(&pyenv("3.11.7\n"), NEVER, &["a.py"]), ["3.11.7"]);
        assert_eq!(names(&pyenv("3.12.1\n3.11.7\n"), NEVER, &[]), ["3.12.1", "3.11.7"]);
    }

    #[test]
    fn the_version_of_this_shell_wins() {
        let shell = |name: &str| (name == "PYENV_VERSION").then(|| OsString::from("3.12.1:3.11.7"));
        assert_eq!(names(&pyenv("3.11.7\n"), &shell, &[]), ["3.12.1", "3.11.7"]);
        assert_eq!(names(&pyenv("3.11.7\n"), &|_| Some(OsString::new()), &[]), ["3.11.7"]);
    }

    #[test]
    fn a_project_that_names_its_version_is_left_to_the_scripts() {
        assert!(names(&pyenv("3.11.7\n"), NEVER, &["sub/.python-version"]).is_empty());
        let root = pyenv("3.11.7\n");
        fs::write(root.path().join(".python-version"), "3.12.1\n").unwrap();
        let shims = root.path().join("shims");
        assert!(chosen(&shims, NEVER, &Layout::of([]), &root.path().join("state/x")).is_empty());
    }

    #[test]
    fn what_is_no_installed_version_is_left_to_the_scripts() {
        for version in ["", "system\n", "3.11\n", "3.11.7\nsystem\n", "../versions/3.11.7\n", "."] {
            assert!(names(&pyenv(version), NEVER, &[]).is_empty(), "{version:?}");
        }
    }

    #[test]
    fn a_plugin_that_acts_at_every_start_keeps_doing_so() {
        let root = pyenv("3.11.7\n");
        fs::create_dir_all(root.path().join("plugins/x/etc/pyenv.d/exec")).unwrap();
        assert!(names(&root, NEVER, &[]).is_empty());
    }

    #[test]
    fn other_folders_of_path_hold_no_scripts_of_a_manager() {
        let root = pyenv("3.11.7\n");
        let of = |dir: &Path| chosen(dir, NEVER, &Layout::of([]), Path::new("/nowhere"));
        assert!(of(&root.path().join("bin")).is_empty());
        fs::remove_file(root.path().join("bin/pyenv")).unwrap();
        assert!(of(&root.path().join("shims")).is_empty());
        assert!(of(Path::new("shims")).is_empty());
    }
}
