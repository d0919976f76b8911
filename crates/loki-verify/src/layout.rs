//! What kinds of project a repository holds, and where.

use std::collections::{BTreeMap, BTreeSet};

use loki_host::git::{Entry, EntryKind, GitError, ObjectId, Repo};
use loki_model::TreeId;

/// Projects of one kind that are judged. What is beyond makes the gate inconclusive.
pub(crate) const PROJECTS_MAX: usize = 64;

/// Directories whose content belongs to somebody else.
const FOREIGN_DIRS: &[&str] =
    &["node_modules", "vendor", "third_party", "target", ".venv", "venv", ".git", ".loki"];

/// Directories whose content is data for tests, and may be broken on purpose.
const DATA_DIRS: &[&str] =
    &["fixtures", "fixture", "testdata", "test_data", "test-data", "snippets", "templates"];

/// Files that make a directory the root of a Python project.
const PYTHON_MARKERS: &[&str] =
    &["pyproject.toml", "setup.py", "setup.cfg", "pytest.ini", "tox.ini"];

/// Every file of the judged tree, and the roots of projects among their directories.
///
/// Directories are from the root of the repository, empty for the root itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    /// What each holds, where it comes from a tree.
    files: BTreeMap<String, Option<ObjectId>>,
    /// Symbolic links among them.
    links: BTreeSet<String>,
    /// Commits of other repositories.
    submodules: BTreeMap<String, ObjectId>,
}

impl Layout {
    /// The layout of a tree with `files`, from the root of the repository.
    pub(crate) fn of(files: impl IntoIterator<Item = String>) -> Layout {
        let files = files.into_iter().map(|path| (path, None)).collect();
        Layout { files, ..Layout::default() }
    }

    /// The layout of `tree`.
    pub(crate) fn at(repo: &Repo, tree: &TreeId) -> Result<Layout, GitError> {
        let mut layout = Layout::default();
        for Entry { kind, id, path } in repo.list(tree)? {
            match kind {
                EntryKind::File => {}
                EntryKind::Symlink => _ = layout.links.insert(path.clone()),
                EntryKind::Submodule => {
                    layout.submodules.insert(path, id);
                    continue;
                }
            }
            layout.files.insert(path, Some(id));
        }
        Ok(layout)
    }

    /// Whether the tree has a symbolic link at `path`.
    pub(crate) fn is_link(&self, path: &str) -> bool {
        self.links.contains(path)
    }

    /// Where the tree points to which commits of other repositories.
    pub(crate) fn submodules(&self) -> &BTreeMap<String, ObjectId> {
        &self.submodules
    }

    /// Whether the tree has a file at `path`.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// What the file at `path` holds; nothing where there is none, or the layout is that of no tree.
    pub(crate) fn object(&self, path: &str) -> Option<&ObjectId> {
        self.files.get(path)?.as_ref()
    }

    /// Whether the tree has a file at `path` that belongs to the project itself.
    pub(crate) fn is_own(&self, path: &str) -> bool {
        self.has(path) && !is_foreign(path)
    }

    /// All files, in order.
    pub(crate) fn all_files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// All files that belong to the project itself, in order.
    pub(crate) fn own_files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str).filter(|path| !is_foreign(path))
    }

    /// Own files under `dir` that end in one of `endings`.
    pub(crate) fn ending<'a>(
        &'a self,
        dir: &'a str,
        endings: &'a [&str],
    ) -> impl Iterator<Item = &'a str> {
        self.own_files().filter(move |path| {
            is_under(path, dir) && endings.iter().any(|ending| path.ends_with(ending))
        })
    }

    /// Every directory that holds a file named `marker`, topmost first; without those that are no part of what
    /// their own tools build and test by themselves.
    pub(crate) fn all_roots(&self, marker: &str) -> Vec<String> {
        let dirs = self.dirs_with(&[marker]).into_iter();
        let mut dirs: Vec<String> = dirs.filter(|dir| !self.is_apart(marker, dir)).collect();
        dirs.sort_by_key(|dir| (depth(dir), dir.clone()));
        dirs
    }

    /// Files named like one of `markers` that are passed over, since they are data for tests, stand apart or
    /// belong to somebody else; those of `node_modules` are not worth a word.
    pub(crate) fn passed_over<'a>(&'a self, markers: &'a [&str]) -> impl Iterator<Item = &'a str> {
        self.all_files().filter(|path| {
            markers.contains(&file_name(path))
                && (is_foreign(path)
                    || is_data(path)
                    || self.is_apart(file_name(path), parent(path)))
                && !parent(path).split('/').any(|part| part == "node_modules")
        })
    }

    /// Python projects and the files with `wanted` names in each; files of no project belong to the
    /// root.
    pub(crate) fn python(&self, wanted: &dyn Fn(&str) -> bool) -> BTreeMap<String, Vec<String>> {
        let roots = topmost(self.dirs_with(PYTHON_MARKERS));
        let mut projects: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for path in self.ending("", &[".py"]).filter(|path| wanted(file_name(path))) {
            let root = roots.iter().find(|root| is_under(path, root)).cloned().unwrap_or_default();
            projects.entry(root).or_default().push(path.to_owned());
        }
        projects
    }

    /// Whether a project in `dir` stands apart: Go passes over directories whose names begin with `_`, and what
    /// cargo-fuzz builds needs a compiler and a library of its own.
    fn is_apart(&self, marker: &str, dir: &str) -> bool {
        match marker {
            "go.mod" => dir.split('/').any(|part| part.starts_with('_')),
            "Cargo.toml" => {
                let is_of_fuzzing = |dir: &str| {
                    let targets = join(dir, "fuzz_targets");
                    file_name(dir) == "fuzz"
                        && self.files.keys().any(|path| is_under(path, &targets))
                };
                // Its members, too.
                let mut above =
                    std::iter::successors(Some(dir), |dir| (!dir.is_empty()).then(|| parent(dir)));
                above.any(is_of_fuzzing)
            }
            _ => false,
        }
    }

    fn dirs_with(&self, names: &[&str]) -> BTreeSet<String> {
        self.own_files()
            .filter(|path| names.contains(&file_name(path)) && !is_data(path))
            .map(|path| parent(path).to_owned())
            .collect()
    }
}

/// Whether `path` is data for tests, so that its content need not be right.
pub(crate) fn is_data(path: &str) -> bool {
    path.contains("{{") || parent(path).split('/').any(|part| DATA_DIRS.contains(&part))
}

pub(crate) fn is_foreign(path: &str) -> bool {
    parent(path).split('/').any(|part| FOREIGN_DIRS.contains(&part))
}

/// Whether one of `dirs` is around `dir`.
pub(crate) fn is_nested<D: AsRef<str>>(dirs: &[D], dir: &str) -> bool {
    dirs.iter().map(AsRef::as_ref).any(|around| around != dir && is_under(dir, around))
}

fn topmost(dirs: BTreeSet<String>) -> Vec<String> {
    let mut roots: Vec<String> = Vec::new();
    // In this order a directory comes before everything that is in it.
    for dir in dirs {
        if !roots.iter().any(|root| dir == *root || is_under(&dir, root)) {
            roots.push(dir);
        }
    }
    roots
}

/// Whether `path` is in `dir` or below.
pub(crate) fn is_under(path: &str, dir: &str) -> bool {
    dir.is_empty() || path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
}

/// `dir/name`, or `name` in the root.
pub(crate) fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }
}

/// The path that `named` leads to from `dir`, with `.` and `..` followed; nothing above the root.
pub(crate) fn resolved(dir: &str, named: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in dir.split('/').chain(named.split('/')) {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The directory of a file.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// How a directory is called in a sentence.
pub(crate) fn shown(dir: &str) -> &str {
    if dir.is_empty() { "the root" } else { dir }
}

fn depth(dir: &str) -> usize {
    if dir.is_empty() { 0 } else { 1 + dir.matches('/').count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(files: &[&str]) -> Layout {
        Layout::of(files.iter().map(|file| (*file).to_owned()))
    }

    #[test]
    fn projects_are_found_topmost_first_and_foreign_ones_are_passed_over() {
        let layout = layout(&[
            "a/Cargo.toml",
            "a/b/Cargo.toml",
            "ab/Cargo.toml",
            "node_modules/z/Cargo.toml",
            "tests/fixtures/y/Cargo.toml",
            "vendor/x/Cargo.toml",
        ]);
        assert_eq!(layout.all_roots("Cargo.toml"), ["a", "ab", "a/b"]);
        let passed_over: Vec<&str> = layout.passed_over(&["Cargo.toml"]).collect();
        assert_eq!(passed_over, ["tests/fixtures/y/Cargo.toml", "vendor/x/Cargo.toml"]);
    }

    #[test]
    fn projects_that_stand_apart_are_passed_over() {
        let layout = layout(&[
            "_examples/rest/go.mod",
            "examples/rest/go.mod",
            "go.mod",
            "Cargo.toml",
            "fuzz/Cargo.toml",
            "fuzz/fuzz_targets/parse.rs",
            "fuzz/python/Cargo.toml",
            "_tools/Cargo.toml",
            "tools/fuzz/Cargo.toml",
            "tools/fuzz/src/lib.rs",
        ]);
        assert_eq!(layout.all_roots("go.mod"), ["", "examples/rest"]);
        assert_eq!(layout.all_roots("Cargo.toml"), ["", "_tools", "tools/fuzz"]);
        let passed_over: Vec<&str> = layout.passed_over(&["Cargo.toml", "go.mod"]).collect();
        let expected = ["_examples/rest/go.mod", "fuzz/Cargo.toml", "fuzz/python/Cargo.toml"];
        assert_eq!(passed_over, expected);
    }

    #[test]
    fn a_directory_is_nested_in_those_around_it_alone() {
        assert!(is_nested(&["", "a"], "a"));
        assert!(is_nested(&["a"], "a/b"));
        assert!(!is_nested(&["a", "ab"], "a"));
        assert!(!is_nested(&[""], ""));
    }

    #[test]
    fn python_files_belong_to_the_project_around_them() {
        let projects = layout(&["back/pyproject.toml", "back/tests/test_a.py", "tools/test_b.py"])
            .python(&|name| name.starts_with("test_"));
        assert_eq!(projects["back"], ["back/tests/test_a.py"]);
        assert_eq!(projects[""], ["tools/test_b.py"]);
    }
}
