//! Which tests of the checkout name which requirement.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ignore::WalkBuilder;
use loki_model::{Requirement, RequirementId};
use loki_spec::operation;
use loki_verify::{
    Routes, WantedTests, may_hold_routes, may_hold_tests, named_tests, routes, test_name,
};

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
    /// Operations that the code declares, file by file; not looked for where no requirement is one.
    pub(super) routes: Vec<Routes>,
}

impl Tests {
    /// Looks through the files below `root` that git does not ignore.
    pub(super) fn find(root: &Path, requirements: &[Requirement]) -> Tests {
        let wanted = WantedTests::of(requirements);
        let mut tests = Tests::default();
        let has_operations = requirements.iter().any(|one| operation(one).is_some());
        let own = |entry: &ignore::DirEntry| {
            !matches!(entry.file_name().to_str(), Some(".git" | ".loki"))
        };
        let walk = WalkBuilder::new(root).hidden(false).filter_entry(own).build();
        for entry in walk.flatten().take(FILES_MAX) {
            let Ok(meta) = entry.metadata() else { continue };
            let path = entry.path().strip_prefix(root).ok().and_then(Path::to_str);
            let Some(path) = path.filter(|_| meta.is_file()) else { continue };
            let is_code = has_operations && may_hold_routes(path);
            if may_hold_tests(path) {
                tests.files.insert(path.to_owned());
            } else if !is_code {
                continue;
            }
            if meta.len() <= FILE_BYTES_MAX
                && let Ok(text) = std::fs::read_to_string(entry.path())
            {
                tests.read(path, &text, &wanted);
                if is_code {
                    tests.routes.push(routes(path, &text));
                }
            }
        }
        tests
    }

    fn read(&mut self, path: &str, text: &str, wanted: &WantedTests<'_>) {
        for (test, ids) in wanted.tests(path, text) {
            for id in ids {
                self.of.entry(id.clone()).or_default().insert(test_name(path, &test));
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
