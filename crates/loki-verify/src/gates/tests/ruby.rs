//! Ruby: which runner a project uses.

use std::collections::{BTreeMap, BTreeSet};

use crate::gates::Cx;
use crate::gates::limit::each;
use crate::gates::part::Part;
use crate::layout::{file_name, is_data, join};

mod minitest;
mod rspec;

/// The directory that holds the files of rspec, or specifications of minitest.
const SPECS: &str = "spec";

/// Directories that hold tests.
const TESTS: &[&str] = &["test", "tests"];

/// How Ruby says that a library is not on this machine.
const ABSENT: &[&str] =
    &["Could not find gem", "Could not find ", "command not found: rspec", "Gem::MissingSpecError"];

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    let files = || cx.layout.ending("", &[".rb"]).filter(|path| !is_data(path));
    let specs: BTreeSet<&str> = files()
        .filter(|path| path.ends_with("_spec.rb"))
        .filter_map(|path| project(path, SPECS))
        .collect();
    let (own, rspec): (Vec<&str>, Vec<&str>) =
        specs.into_iter().partition(|dir| has_specs_of_minitest(cx, dir));
    let mut tests: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in files() {
        let of_test = TESTS.iter().find_map(|tests| project(path, tests));
        let of_specs = project(path, SPECS).filter(|dir| own.contains(dir));
        if let Some(dir) = of_test.filter(|_| is_test_name(path)) {
            tests.entry(dir).or_default().push(path);
        } else if let Some(dir) = of_specs.filter(|_| path.ends_with("_spec.rb")) {
            tests.entry(dir).or_default().push(path);
        }
    }
    let tests: Vec<(&str, Vec<&str>)> =
        tests.into_iter().filter(|(dir, files)| minitest::is_meant(cx, dir, files)).collect();
    let what = "Ruby projects";
    let mut parts = each(super::ID, what, &rspec, |dir| dir, |dir| vec![rspec::run(cx, dir)]);
    let run = |(dir, files): &(&str, Vec<&str>)| vec![minitest::run(cx, dir, files)];
    parts.extend(each(super::ID, what, &tests, |(dir, _)| dir, run));
    parts
}

/// The project that a file in a directory of this name belongs to.
fn project<'a>(path: &'a str, tests: &str) -> Option<&'a str> {
    if path.strip_prefix(tests).is_some_and(|rest| rest.starts_with('/')) {
        return Some("");
    }
    path.find(&format!("/{tests}/")).map(|at| &path[..at])
}

/// Whether a file is named like one that holds tests.
fn is_test_name(path: &str) -> bool {
    let name = file_name(path);
    !matches!(name, "test_helper.rb" | "test_case.rb")
        && (name.ends_with("_test.rb") || name.starts_with("test_"))
}

/// Whether the files of specifications in a project speak of minitest, and not of rspec.
fn has_specs_of_minitest(cx: &Cx<'_>, dir: &str) -> bool {
    let specs = join(dir, SPECS);
    let texts: Vec<String> =
        cx.layout.ending(&specs, &[".rb"]).filter_map(|path| cx.read(path)).collect();
    let any =
        |words: &[&str]| texts.iter().any(|text| words.iter().any(|word| text.contains(word)));
    any(&["minitest", "Minitest"]) && !any(&["rspec", "RSpec"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_belong_to_the_project_around_them() {
        assert_eq!(project("spec/a/b_spec.rb", SPECS), Some(""));
        assert_eq!(project("gems/x/spec/b_spec.rb", SPECS), Some("gems/x"));
        assert_eq!(project("gems/x/test/b_test.rb", "test"), Some("gems/x"));
        assert_eq!(project("lib/b_spec.rb", SPECS), None);
        assert_eq!(project("specs/b_spec.rb", SPECS), None);
    }

    #[test]
    fn tests_are_told_from_what_helps_them() {
        assert!(is_test_name("test/a_test.rb") && is_test_name("test/x/test_a.rb"));
        assert!(!is_test_name("test/test_helper.rb") && !is_test_name("test/helper.rb"));
    }
}
