//! Which test files a setting lets a runner see, before and after.

use loki_model::Severity;

use crate::kind::Kind;
use crate::layout::{file_name, is_under};
use crate::pattern;
use crate::sides::Sides;

/// Endings of tests in JavaScript and TypeScript.
pub(super) const SCRIPT_ENDINGS: &[&str] =
    &[".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"];

/// Test files that a runner saw and sees no longer.
#[derive(Debug, Default)]
pub(super) struct Unseen {
    /// Those that the base has too.
    existing: Vec<String>,
    /// Those that are new.
    new: Vec<String>,
}

impl Unseen {
    /// The test files under `dir` that end in one of `endings`, for which `before` held and `after`
    /// does not.
    pub(super) fn find(
        sides: &Sides<'_>,
        dir: &str,
        endings: &[&str],
        before: &dyn Fn(&str) -> bool,
        after: &dyn Fn(&str) -> bool,
    ) -> Unseen {
        let mut unseen = Unseen::default();
        let tests = sides.files(dir, Kind::Test);
        for path in tests.filter(|path| endings.iter().any(|ending| path.ends_with(ending))) {
            // What is not named as a test helps tests.
            if is_collected(path) && before(path) && !after(path) {
                let list = if sides.was(path) { &mut unseen.existing } else { &mut unseen.new };
                list.push(path.to_owned());
            }
        }
        unseen
    }

    /// What that means, and how bad it is; nothing when nothing is unseen.
    pub(super) fn verdict(&self) -> Option<(Severity, String)> {
        if !self.existing.is_empty() {
            let names = super::named(&self.existing);
            Some((Severity::Error, format!("{names} no longer run")))
        } else if !self.new.is_empty() {
            let names = super::named(&self.new);
            Some((Severity::Warning, format!("the new {names} do not run")))
        } else {
            None
        }
    }
}

/// Whether runners take a file for tests by its name alone.
fn is_collected(path: &str) -> bool {
    let name = file_name(path);
    let stem = name.split('.').next().unwrap_or_default();
    let in_tests = path.split('/').any(|dir| matches!(dir, "__tests__"));
    stem.starts_with("test_")
        || stem.starts_with("test-")
        || stem.ends_with("_test")
        || stem.ends_with("-test")
        || matches!(stem, "test" | "tests")
        || name.contains(".test.")
        || name.contains(".spec.")
        || in_tests
}

/// Whether `path` is in one of `dirs` or is one of them; without any, everything is.
pub(super) fn is_in_any(path: &str, root: &str, dirs: &[String]) -> bool {
    dirs.is_empty() || dirs.iter().any(|dir| is_in(path, root, dir))
}

/// Whether `path` is `given`, is below it, or matches it as a pattern; both seen from `root`.
pub(super) fn is_in(path: &str, root: &str, given: &str) -> bool {
    let given = given.trim_start_matches("./").trim_end_matches('/');
    let given = given.strip_suffix("/...").unwrap_or(given).trim_end_matches("/**");
    let Some(path) = below(path, root) else { return false };
    if matches!(given, "" | "." | "...") || path == given || is_under(path, given) {
        return true;
    }
    given.contains(['*', '?', '[', '{'])
        && pattern::glob(given).is_some_and(|pattern| {
            pattern.is_match(path)
                // A pattern of directories holds what is in them.
                || path.match_indices('/').any(|(at, _)| pattern.is_match(&path[..at]))
        })
}

/// `path` as seen from the directory `root`.
pub(super) fn below<'p>(path: &'p str, root: &str) -> Option<&'p str> {
    if root.is_empty() { Some(path) } else { path.strip_prefix(root)?.strip_prefix('/') }
}
