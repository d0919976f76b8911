//! Which tests of the checkout name which requirement.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::SystemTime;

use ignore::WalkBuilder;
use loki_model::{Requirement, RequirementId};
use loki_spec::{Mentions, Names};
use loki_verify::{may_hold_tests, named_tests};

/// Files that are looked at; what is beyond is not.
const FILES_MAX: usize = 50_000;

/// A larger file holds no tests that people wrote.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// What the checkout has.
#[derive(Debug, Default)]
pub(super) struct Tests {
    /// `path > name` of the tests that name a requirement, sorted.
    pub(super) of: BTreeMap<RequirementId, BTreeSet<String>>,
    /// Paths of the files that may hold tests.
    files: BTreeSet<String>,
    /// When the newest file was written.
    pub(super) newest: Option<SystemTime>,
    /// Whether there were more files than are looked at.
    pub(super) is_cut: bool,
}

impl Tests {
    /// Looks through the files below `root` that git does not ignore.
    pub(super) fn find(root: &Path, requirements: &[Requirement]) -> Tests {
        let names: Vec<(&RequirementId, Names)> =
            requirements.iter().map(|one| (&one.id, Names::of(one))).collect();
        let mut tests = Tests::default();
        let own = |entry: &ignore::DirEntry| {
            !matches!(entry.file_name().to_str(), Some(".git" | ".loki"))
        };
        let walk = WalkBuilder::new(root).hidden(false).filter_entry(own).build();
        for (count, entry) in walk.flatten().enumerate() {
            if count == FILES_MAX {
                tests.is_cut = true;
                break;
            }
            let Ok(meta) = entry.metadata() else { continue };
            // The directory at the root changes with everything that loki itself writes there.
            if entry.depth() > 0 {
                tests.newest = tests.newest.max(meta.modified().ok());
            }
            let path = entry.path().strip_prefix(root).ok().and_then(Path::to_str);
            let Some(path) = path.filter(|path| meta.is_file() && may_hold_tests(path)) else {
                continue;
            };
            tests.files.insert(path.to_owned());
            if meta.len() <= FILE_BYTES_MAX
                && let Ok(text) = std::fs::read_to_string(entry.path())
            {
                tests.read(path, &text, &names);
            }
        }
        tests
    }

    fn read(&mut self, path: &str, text: &str, names: &[(&RequirementId, Names)]) {
        // Most files name nothing, and are not worth a tree.
        let whole = Mentions::of(text);
        let named: Vec<&(&RequirementId, Names)> =
            names.iter().filter(|(_, names)| whole.has(names)).collect();
        if named.is_empty() {
            return;
        }
        for test in named_tests(path, text) {
            let mentions = Mentions::of(&format!("{}\n{}", test.name, test.text));
            for (id, _) in named.iter().filter(|(_, names)| mentions.has(names)) {
                let tests = self.of.entry((*id).clone()).or_default();
                tests.insert(format!("{path} > {}", test.name));
            }
        }
    }

    /// Of the tests that showed a requirement once, those that are not there any more.
    pub(super) fn gone<'a>(&self, root: &Path, locked: &'a BTreeSet<String>) -> Vec<&'a str> {
        let mut known: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let mut is_there = |test: &str| {
            let (path, name) = test.split_once(" > ").unwrap_or((test, ""));
            if !self.files.contains(path) {
                return false;
            }
            let key = self.files.get(path).map_or("", String::as_str);
            let names = known.entry(key).or_insert_with(|| {
                let text = std::fs::read_to_string(root.join(path)).unwrap_or_default();
                named_tests(path, &text).into_iter().map(|test| test.name).collect()
            });
            names.contains(name)
        };
        locked.iter().map(String::as_str).filter(|test| !is_there(test)).collect()
    }
}
