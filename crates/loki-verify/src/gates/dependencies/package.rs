//! The words of this gate: what a manifest declares, what a lock holds.

use crate::delta::FileDelta;
use crate::layout::{join, parent};
use crate::sides::Sides;

use super::{locks, manifests};
pub(super) use crate::ecosystem::{Ecosystem, lock_of, manifest_of};

/// One dependency that a manifest declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    pub(super) ecosystem: Ecosystem,
    /// As the registry knows it.
    pub(super) name: String,
    /// What is asked for: a range, an address, a path.
    pub(super) spec: String,
    /// Whether it has to be in the lock.
    pub(super) is_locked: bool,
}

/// One package that a lock holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Locked {
    pub(super) name: String,
    pub(super) version: String,
    /// Where it comes from, when the lock says so.
    pub(super) source: String,
    /// What its content has to be, when the lock says so.
    pub(super) integrity: String,
    /// Whether it runs a program when it is installed.
    pub(super) has_script: bool,
    /// Under which licence it is, when the lock says so.
    pub(super) licence: String,
}

/// The lock that counts for a manifest: next to it, or in the nearest directory around it. Of npm's, only that
/// of a workspace holds what packages below need.
pub(super) fn lock_for(sides: &Sides<'_>, ecosystem: Ecosystem, manifest: &str) -> Option<String> {
    let own = parent(manifest);
    let mut dir = own;
    loop {
        let mut paths = ecosystem.lock_names().iter().map(|name| join(dir, name));
        if let Some(path) = paths.find(|path| sides.layout.has(path)) {
            let is_own = dir == own || ecosystem != Ecosystem::Npm || has_workspaces(sides, dir);
            return is_own.then_some(path);
        }
        if dir.is_empty() {
            return None;
        }
        dir = parent(dir);
    }
}

fn has_workspaces(sides: &Sides<'_>, dir: &str) -> bool {
    let manifest = sides.after(&join(dir, "package.json")).unwrap_or_default();
    manifest.contains("\"workspaces\"") || sides.layout.has(&join(dir, "pnpm-workspace.yaml"))
}

/// Dependencies that a changed manifest declares and did not declare before, or not like this: with
/// what was asked for before, if anything was.
pub(super) fn newly_declared(file: &FileDelta) -> Vec<(Declared, Option<Declared>)> {
    let Some(ecosystem) = manifest_of(&file.path) else { return Vec::new() };
    let read = |text: &Option<String>| {
        manifests::declared(ecosystem, &file.path, text.as_deref().unwrap_or_default())
    };
    let (before, after) = (read(&file.before), read(&file.after));
    after
        .into_iter()
        .filter(|now| !before.contains(now))
        .map(|now| {
            let then = before.iter().find(|then| then.name == now.name).cloned();
            (now, then)
        })
        .collect()
}

/// What a changed lock held and holds.
pub(super) fn locked(file: &FileDelta) -> Option<(Ecosystem, Vec<Locked>, Vec<Locked>)> {
    let ecosystem = lock_of(&file.path)?;
    let read =
        |text: &Option<String>| locks::locked(&file.path, text.as_deref().unwrap_or_default());
    Some((ecosystem, read(&file.before), read(&file.after)))
}

/// The 1-based line of the first new line of a file that holds a name; 1 where none does.
pub(super) fn line_of(file: &FileDelta, name: &str) -> u32 {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let holds = |line: &str| {
        line.match_indices(name).any(|(at, _)| {
            !line[..at].ends_with(is_part) && !line[at + name.len()..].starts_with(is_part)
        })
    };
    let found = file.added_lines().find(|(_, line)| holds(line)).map(|(number, _)| number);
    found.or_else(|| file.added.first().copied()).unwrap_or(1)
}
