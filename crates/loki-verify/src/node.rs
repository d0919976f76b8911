//! What `package.json` says about a project.

use serde_json::Value;

use crate::gates::Cx;
use crate::layout::{join, parent, shown};

/// What helps when there is no node or npm.
pub(crate) const NO_NODE_FIX: &str = "install Node.js 20 or newer from https://nodejs.org";

/// What `npm init` writes where no test is.
const NO_TEST_SCRIPT: &str = "no test specified";

/// One `package.json`.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    /// Its directory.
    pub(crate) dir: String,
    manifest: Value,
}

/// Why a `package.json` is not looked at.
pub(crate) const UNREAD: &str = "it is too large or no JSON";

/// Every package of the repository.
pub(crate) struct Packages {
    /// Those that read, topmost first.
    pub(crate) all: Vec<Package>,
    /// Paths of those that do not.
    pub(crate) unread: Vec<String>,
}

/// Every package of the repository.
pub(crate) fn packages(cx: &Cx<'_>) -> Packages {
    let mut packages = Packages { all: Vec::new(), unread: Vec::new() };
    for dir in cx.layout.all_roots("package.json") {
        let path = join(&dir, "package.json");
        match cx.read(&path).and_then(|text| serde_json::from_str(&text).ok()) {
            Some(manifest) => packages.all.push(Package { dir, manifest }),
            None => packages.unread.push(path),
        }
    }
    packages
}

impl Package {
    /// The package in `dir` as the base of the change has it.
    pub(crate) fn at_base(cx: &Cx<'_>, dir: &str) -> Option<Package> {
        let path = join(dir, "package.json");
        let bytes = cx.subject.repo.read_file(cx.subject.base, &path).ok()??;
        Some(Package { dir: dir.to_owned(), manifest: serde_json::from_slice(&bytes).ok()? })
    }

    /// One of its scripts.
    pub(crate) fn script(&self, name: &str) -> Option<&str> {
        let script = self.manifest.get("scripts")?.get(name)?.as_str()?.trim();
        (!script.is_empty()).then_some(script)
    }

    /// Its `test` script, unless that is the one that says that there is none.
    pub(crate) fn test_script(&self) -> Option<&str> {
        self.script("test").filter(|script| !script.contains(NO_TEST_SCRIPT))
    }

    /// Names of the packages that it declares to need.
    pub(crate) fn dependencies(&self) -> impl Iterator<Item = &str> {
        ["dependencies", "devDependencies"]
            .into_iter()
            .filter_map(|kind| self.manifest.get(kind)?.as_object())
            .flat_map(|table| table.keys().map(String::as_str))
    }

    /// What helps where a script of it calls a `program` that is not there, as far as its name is known: what
    /// is no package that it needs may come with one.
    pub(crate) fn fix_of_missing(&self, program: Option<&str>) -> String {
        let mut needed = self.dependencies().peekable();
        match program {
            Some(program) if needed.peek().is_none() => format!("install `{program}`"),
            Some(program) if needed.all(|name| name != program) => {
                format!(
                    "install `{program}`, or run `npm ci` if a package that is needed brings it"
                )
            }
            _ => "run `npm ci`".to_owned(),
        }
    }

    /// Why the package can not be relied on to run: what it needs is not installed.
    pub(crate) fn not_installed(&self, cx: &Cx<'_>) -> Option<String> {
        self.dependencies().next()?;
        let mut dir = self.dir.as_str();
        loop {
            if cx.copy.root().join(join(dir, "node_modules")).is_dir() {
                return None;
            }
            if dir.is_empty() {
                let place = shown(&self.dir);
                return Some(format!(
                    "its dependencies are not installed: run `npm ci` in {place}"
                ));
            }
            dir = parent(dir);
        }
    }
}
