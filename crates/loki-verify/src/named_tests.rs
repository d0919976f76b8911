//! The tests of a file by name, for whoever ties them to something else.

use crate::kind::{Kind, kind};
use crate::syntax::Source;

/// One test of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedTest {
    /// With the names around it, as its runner writes them; empty where a language has no trees here, and
    /// the file counts as one test.
    pub name: String,
    /// Its own name, without those around it; empty like the other.
    pub own: String,
    /// 1-based line where it begins.
    pub line: u32,
    /// 1-based line where it ends.
    pub last_line: u32,
    /// All of it, with the comments right above.
    pub text: String,
}

/// Whether a file can have tests, as far as its path tells.
pub fn may_hold_tests(path: &str) -> bool {
    match kind(path) {
        Kind::Test => true,
        Kind::Source => path.ends_with(".rs"),
        _ => false,
    }
}

/// The tests in the text of a file, in order.
pub fn named_tests(path: &str, text: &str) -> Vec<NamedTest> {
    let Some(source) = Source::parse(path, text) else {
        let is_test = kind(path) == Kind::Test;
        let last_line = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
        let (name, own) = (String::new(), String::new());
        let whole = NamedTest { name, own, line: 1, last_line, text: text.to_owned() };
        return is_test.then_some(whole).into_iter().collect();
    };
    let lines: Vec<&str> = text.lines().collect();
    let of_test = |test: &crate::syntax::Test| {
        let index = |line: u32| usize::try_from(line).unwrap_or(usize::MAX);
        let (first, last) = (index(test.lines.0).max(1), index(test.lines.1).min(lines.len()));
        let above = lines.get(..first - 1).unwrap_or_default();
        let comments = above.iter().rev().take_while(|line| is_comment(line)).count();
        let text = lines.get(first - 1 - comments..last).unwrap_or_default().join("\n");
        let (name, own) = (test.qualified.clone(), test.name.clone());
        NamedTest { name, own, line: test.lines.0, last_line: test.lines.1, text }
    };
    source.tests().iter().map(of_test).collect()
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    ["#", "//", "/*", "*", "--", "@"].iter().any(|sign| line.starts_with(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_comes_with_the_comments_above_it() {
        let text = "import a\n\n# R-3f9a\ndef test_a():\n    assert a.b()\n\n\ndef test_c():\n    assert 1\n";
        let found = named_tests("tests/test_a.py", text);
        let names: Vec<&str> = found.iter().map(|test| test.name.as_str()).collect();
        assert_eq!(names, ["test_a", "test_c"]);
        assert!(found[0].text.contains("R-3f9a") && !found[1].text.contains("R-3f9a"));
    }

    #[test]
    fn a_file_without_a_tree_is_one_test() {
        assert_eq!(named_tests("tests/a_test.lua", "x")[0].name, "");
        assert!(named_tests("src/a.lua", "x").is_empty());
        assert!(may_hold_tests("src/lib.rs") && !may_hold_tests("src/a.py"));
    }
}
