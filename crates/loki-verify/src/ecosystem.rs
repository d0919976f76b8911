//! Ecosystems: where packages come from, and which files tell of them.

use crate::layout::{file_name, parent};

/// Where packages come from and how their versions are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ecosystem {
    /// JavaScript.
    Npm,
    /// Rust.
    Cargo,
    /// Python.
    PyPi,
    /// Go.
    Go,
    /// Java and other languages of the JVM.
    Maven,
    /// Ruby.
    Ruby,
    /// PHP.
    Composer,
}

impl Ecosystem {
    /// Every one that is known.
    pub const ALL: [Ecosystem; 7] = [
        Ecosystem::Npm,
        Ecosystem::Cargo,
        Ecosystem::PyPi,
        Ecosystem::Go,
        Ecosystem::Maven,
        Ecosystem::Ruby,
        Ecosystem::Composer,
    ];

    /// The one that has a manifest or a lock at `path`, by its name.
    pub fn of_file(path: &str) -> Option<Ecosystem> {
        manifest_of(path).or_else(|| lock_of(path))
    }

    /// The one that advisories in the OSV format call so, in whatever case; a suffix after a colon, as
    /// in `Debian:12`, does not count.
    pub fn named(name: &str) -> Option<Ecosystem> {
        let name = name.split(':').next().unwrap_or(name);
        Ecosystem::ALL.into_iter().find(|one| one.osv().eq_ignore_ascii_case(name))
    }

    /// As advisories in the OSV format name it.
    pub fn osv(self) -> &'static str {
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
    pub(crate) fn lock_names(self) -> &'static [&'static str] {
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
    pub(crate) fn normalised(self, name: &str) -> String {
        match self {
            Ecosystem::PyPi => name.to_ascii_lowercase().replace(['_', '.'], "-"),
            // Crates with `-` and `_` are the same to nobody but people.
            Ecosystem::Cargo | Ecosystem::Go | Ecosystem::Maven => name.to_owned(),
            _ => name.to_ascii_lowercase(),
        }
    }
}

/// The ecosystem of a manifest by its name.
pub(crate) fn manifest_of(path: &str) -> Option<Ecosystem> {
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
pub(crate) fn lock_of(path: &str) -> Option<Ecosystem> {
    use Ecosystem::{Cargo, Composer, Go, Npm, PyPi, Ruby};
    let is_named = |ecosystem: &Ecosystem| ecosystem.lock_names().contains(&file_name(path));
    [Npm, Cargo, PyPi, Go, Ruby, Composer].into_iter().find(is_named)
}
