//! The tests that stand nearest to changed code: those that the change touches, and those that are named like
//! the files of the code. They are asked first where asking all takes long; what they do not notice says
//! nothing yet.

use std::collections::BTreeSet;

use crate::kind::{Kind, kind};
use crate::layout::{file_name, is_under, parent};

/// Names of files that say nothing about what is in them: their directory does.
const BARE: &[&str] = &["index", "mod", "lib", "main", "init", "src"];

/// Words in names of test files that only say that they are some.
const TEST_WORDS: &[&str] = &["test", "tests", "spec"];

/// Code, and the tests near it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Near {
    code: BTreeSet<String>,
    tests: BTreeSet<String>,
}

impl Near {
    /// The tests near `code`: of `all` files those that are named like it, and those of `touched` that are tests.
    pub(crate) fn of<'a>(
        code: impl IntoIterator<Item = &'a str>,
        touched: impl IntoIterator<Item = &'a str>,
        all: impl IntoIterator<Item = &'a str>,
    ) -> Near {
        let code: BTreeSet<String> = code.into_iter().map(str::to_owned).collect();
        let names: BTreeSet<Vec<String>> = code.iter().map(|path| name(path)).collect();
        let is_test = |path: &&str| kind(path) == Kind::Test;
        let touched = touched.into_iter().filter(is_test);
        let alike = all.into_iter().filter(is_test).filter(|path| {
            let words = words(file_name(path));
            names.iter().any(|name| !name.is_empty() && holds(&words, name))
        });
        let tests = touched.chain(alike).map(str::to_owned).collect();
        Near { code, tests }
    }

    /// Whether a file of tests is near.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.tests.contains(path)
    }

    /// The tests below a directory, from there on.
    pub(crate) fn tests_in<'a>(&'a self, dir: &'a str) -> impl Iterator<Item = &'a str> {
        within(&self.tests, dir)
    }

    /// The directories below `dir` that hold code or tests whose names end in `ending`, from there on.
    pub(crate) fn dirs_in<'a>(&'a self, dir: &'a str, ending: &'a str) -> BTreeSet<&'a str> {
        let files = within(&self.code, dir).chain(within(&self.tests, dir));
        files.filter(|path| path.ends_with(ending)).map(parent).collect()
    }
}

fn within<'a>(paths: &'a BTreeSet<String>, dir: &'a str) -> impl Iterator<Item = &'a str> {
    let below = paths.iter().filter(move |path| dir.is_empty() || is_under(path, dir));
    below.filter_map(move |path| Some(path.get(dir.len()..)?.trim_start_matches('/')))
}

/// What a file of code is named by.
fn name(path: &str) -> Vec<String> {
    let own = words(file_name(path));
    match own.as_slice() {
        [only] if BARE.contains(&only.as_str()) => words(file_name(parent(path))),
        _ => own,
    }
}

/// The words of a file's name without its endings, and without those that say that it is a test.
fn words(file: &str) -> Vec<String> {
    let mut words: Vec<String> = file
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    if file.contains('.') {
        words.pop();
    }
    words.retain(|word| !TEST_WORDS.contains(&word.as_str()));
    words
}

/// Whether one row of words stands in another one.
fn holds(words: &[String], name: &[String]) -> bool {
    words.windows(name.len()).any(|some| some == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(code: &[&str], touched: &[&str], all: &[&str]) -> Vec<String> {
        let near = Near::of(code.iter().copied(), touched.iter().copied(), all.iter().copied());
        near.tests.into_iter().collect()
    }

    #[test]
    fn tests_are_near_by_their_name_and_by_being_touched() {
        let all = [
            "tests/test_order_book.py",
            "tests/test_order_book_limits.py",
            "tests/test_orders.py",
            "tests/test_book.py",
            "tests/test_cli.py",
            "docs/order_book.md",
        ];
        assert_eq!(
            near(&["pkg/order_book.py"], &["tests/test_cli.py", "README.md"], &all),
            ["tests/test_cli.py", "tests/test_order_book.py", "tests/test_order_book_limits.py"]
        );
    }

    #[test]
    fn a_file_whose_name_says_nothing_is_named_by_its_directory() {
        let all = ["test/cart.test.js", "test/index.test.js", "test/other.test.js"];
        assert_eq!(near(&["src/cart/index.js"], &[], &all), ["test/cart.test.js"]);
        assert!(near(&["index.js"], &[], &all).is_empty());
    }

    #[test]
    fn directories_and_tests_are_told_from_the_directory_that_is_asked_for() {
        let near = Near::of(
            ["mod/a/a.go", "mod/b.go", "other/c.go"],
            ["mod/a/a_test.go"],
            std::iter::empty(),
        );
        assert_eq!(near.tests_in("mod").collect::<Vec<_>>(), ["a/a_test.go"]);
        assert_eq!(near.dirs_in("mod", ".go").into_iter().collect::<Vec<_>>(), ["", "a"]);
        assert_eq!(
            near.dirs_in("", ".go").into_iter().collect::<Vec<_>>(),
            ["mod", "mod/a", "other"]
        );
        assert!(near.dirs_in("mo", ".go").is_empty());
    }
}
