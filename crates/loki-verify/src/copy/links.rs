//! Installed dependencies of the user's checkout, made visible in the clean copy.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};

use crate::layout::{Layout, is_under, join};

/// Virtual environments of Python, linked as a whole.
pub(crate) const PYTHON_ENVIRONMENTS: &[&str] = &[".venv", "venv"];

/// Hidden parts of a `node_modules` that programs are started from or resolved through.
const NODE_HIDDEN: &[&str] = &[".bin", ".pnpm"];

/// Links `node_modules`, `.venv` and `venv` of every project directory of `reuse` into `copy`.
///
/// A folder that the judged tree holds itself is left as it is. What can not be linked is missing,
/// and the gates that need it say so.
pub(super) fn link_dependencies(copy: &Path, reuse: &Path, layout: &Layout) {
    let Ok(reuse) = fs::canonicalize(reuse) else { return };
    for dir in layout.all_roots("package.json") {
        let path = join(&dir, "node_modules");
        if !is_tracked(layout, &path) {
            let _ = link_modules(copy, &reuse, &path);
        }
    }
    let python = ["pyproject.toml", "setup.py", "requirements.txt"];
    let dirs = python.iter().flat_map(|marker| layout.all_roots(marker));
    for dir in dirs.chain([String::new()]) {
        for environment in PYTHON_ENVIRONMENTS {
            let path = join(&dir, environment);
            if !is_tracked(layout, &path) && reuse.join(&path).is_dir() {
                let _ = symlink(reuse.join(&path), copy.join(&path));
            }
        }
    }
}

/// Where the folders that are linked really are.
pub(crate) fn dependency_folders(reuse: &Path, layout: &Layout) -> Vec<PathBuf> {
    let node = layout.all_roots("package.json").into_iter().map(|dir| join(&dir, "node_modules"));
    let python = PYTHON_ENVIRONMENTS.iter().map(|name| (*name).to_owned());
    node.chain(python).filter_map(|path| fs::canonicalize(reuse.join(path)).ok()).collect()
}

fn is_tracked(layout: &Layout, dir: &str) -> bool {
    layout.has(dir) || layout.all_files().any(|path| is_under(path, dir))
}

/// Makes a `node_modules` of links, one for each package.
///
/// Not one link for the whole: a package of the same workspace is a link to the checkout, and must
/// become the one in the copy; and caches that builds write into the folder must not reach the
/// checkout.
fn link_modules(copy: &Path, reuse: &Path, path: &str) -> io::Result<()> {
    let from = reuse.join(path);
    let to = copy.join(path);
    let entries = fs::read_dir(&from)?;
    fs::create_dir(&to)?;
    for entry in entries.flatten() {
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if text.starts_with('@') && entry.path().is_dir() {
            fs::create_dir(to.join(&name))?;
            for scoped in fs::read_dir(entry.path())?.flatten() {
                link_package(
                    copy,
                    reuse,
                    &scoped.path(),
                    &to.join(&name).join(scoped.file_name()),
                )?;
            }
        } else if !text.starts_with('.') || NODE_HIDDEN.contains(&text.as_ref()) {
            link_package(copy, reuse, &entry.path(), &to.join(&name))?;
        }
    }
    Ok(())
}

fn link_package(copy: &Path, reuse: &Path, from: &Path, to: &Path) -> io::Result<()> {
    let target = fs::canonicalize(from)?;
    symlink(in_workspace(copy, reuse, &target).unwrap_or_else(|| from.to_owned()), to)
}

/// The copy's own counterpart of a package of the same workspace.
fn in_workspace(copy: &Path, reuse: &Path, target: &Path) -> Option<PathBuf> {
    let inside = target.strip_prefix(reuse).ok()?;
    let installed = Component::Normal("node_modules".as_ref());
    (!inside.components().any(|part| part == installed)).then(|| copy.join(inside))
}
