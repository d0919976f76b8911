//! The words of this gate: ecosystems, what a manifest declares, what a lock holds.

use crate::delta::FileDelta;
use crate::layout::{file_name, join, parent};
use crate::sides::Sides;

use super::{locks, manifests};

/// Where packages come from and how their versions are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ecosystem {
    Npm,
    Cargo,
    PyPi,
    Go,
    Maven,
    Ruby,
    Composer,
}

impl Ecosystem {
    /// As advisories in the OSV format name it.
    pub(super) fn osv(self) -> &'static str {
        match self {
            Ecosystem::Npm => "npm",
            Ecosystem::Cargo => "crates.io",
            Ecosystem::PyPi => "PyPI",
            Ecosystem::Go => "Go",
            Ecosystem::Maven => "Maven",
            Ecosystem::Ruby => "RubyGems",
            Ecosystem::Composer => "Packagist",
        }
    }

    /// Names of files that hold resolved versions.
    fn lock_names(self) -> &'static [&'static str] {
        match self {
            Ecosystem::Npm => &[
                "package-lock.json",
                "npm-shrinkwrap.json",
                "pnpm-lock.yaml",
                "yarn.lock",
                "bun.lock",
            ],
            Ecosystem::Cargo => &["Cargo.lock"],
            Ecosystem::PyPi => &["uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"],
            Ecosystem::Go => &["go.sum"],
            Ecosystem::Maven => &[],
            Ecosystem::Ruby => &["Gemfile.lock"],
            Ecosystem::Composer => &["composer.lock"],
        }
    }

    /// A name in the form in which two spellings of it are equal.
    pub(super) fn normalised(self, name: &str) -> String {
        match self {
            Ecosystem::PyPi => name.to_ascii_lowercase().replace(['_', '.'], "-"),
            // Crates with `-` and `_` are the same to nobody but people.
            Ecosystem::Cargo | Ecosystem::Go | Ecosystem::Maven => name.to_owned(),
            _ => name.to_ascii_lowercase(),
        }
    }
}

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

/// The ecosystem of a manifest by its name.
pub(super) fn manifest_of(path: &str) -> Option<Ecosystem> {
    let name = file_name(path).to_ascii_lowercase();
    Some(match name.as_str() {
        "package.json" => Ecosystem::Npm,
        "cargo.toml" => Ecosystem::Cargo,
        "pyproject.toml" | "pipfile" => Ecosystem::PyPi,
        "go.mod" => Ecosystem::Go,
        "pom.xml" => Ecosystem::Maven,
        "gemfile" => Ecosystem::Ruby,
        "composer.json" => Ecosystem::Composer,
        name if is_requirements(name, path) => Ecosystem::PyPi,
        _ => return None,
    })
}

fn is_requirements(name: &str, path: &str) -> bool {
    let is_text = name.ends_with(".txt") || name.ends_with(".in");
    let in_dir = file_name(parent(path)) == "requirements";
    is_text && (name.starts_with("requirements") || name.starts_with("constraints") || in_dir)
}

/// The ecosystem of a lock by its name.
pub(super) fn lock_of(path: &str) -> Option<Ecosystem> {
    use Ecosystem::{Cargo, Composer, Go, Npm, PyPi, Ruby};
    let is_named = |ecosystem: &Ecosystem| ecosystem.lock_names().contains(&file_name(path));
    [Npm, Cargo, PyPi, Go, Ruby, Composer].into_iter().find(is_named)
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
