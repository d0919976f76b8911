//! The signs of a piece of code and how deep each stands: all of it but comments and layout.

use super::role::Role;
use super::test::decorations;
use super::tree::{At, Tree};
use super::{Language, Source};

/// The signs of a node, comments apart, each with how many nodes are around it.
///
/// The depth tells apart what only white space does: in Python, which block a statement is in.
pub(crate) fn tokens(tree: &Tree, at: At) -> Vec<(usize, &str)> {
    tokens_but(tree, at, &|_| false)
}

fn tokens_but<'a>(tree: &'a Tree, at: At, is_out: &dyn Fn(At) -> bool) -> Vec<(usize, &'a str)> {
    let mut ends: Vec<At> = Vec::new();
    let is_shut = |at: At| tree.role(at) == Role::Comment || is_out(at);
    let mut found = Vec::new();
    for node in tree.inside_but(at, is_shut) {
        while ends.last().is_some_and(|end| *end <= node) {
            ends.pop();
        }
        if is_shut(node) {
            continue;
        }
        let text = tree.text(node).trim();
        if tree.is_leaf(node) && !text.is_empty() {
            found.push((ends.len(), text));
        }
        ends.push(tree.past(node));
    }
    found
}

impl Source {
    /// Whether both say the same to whoever runs them, tests within a Rust file apart.
    pub(crate) fn does_the_same_as(&self, other: &Source) -> bool {
        let both_whole = self.is_whole() && other.is_whole();
        both_whole && self.product() == other.product()
    }

    /// Everything that is not only there for tests.
    fn product(&self) -> Vec<(usize, &str)> {
        let tree = self.tree();
        tokens_but(tree, At::ROOT, &|at| is_for_tests(self, at))
    }

    /// Whether a node is part of what is compiled for tests alone.
    pub(crate) fn is_for_tests(&self, at: At) -> bool {
        std::iter::once(at).chain(self.tree().all_around(at)).any(|at| is_for_tests(self, at))
    }
}

/// An item of Rust under `#[cfg(test)]`, or that attribute itself.
fn is_for_tests(source: &Source, at: At) -> bool {
    const MARK: &str = "#[cfg(test)]";
    let tree = source.tree();
    if source.language() != Language::Rust {
        return false;
    }
    match tree.role(at) {
        Role::Decorator => tree.text(at).trim() == MARK,
        Role::Comment | Role::Token | Role::Name => false,
        _ => {
            tree.is_named(at)
                && decorations(tree, at).iter().any(|mark| tree.text(*mark).trim() == MARK)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(path: &str, before: &str, after: &str) -> bool {
        let parse = |text: &str| Source::parse(path, text).unwrap();
        parse(before).does_the_same_as(&parse(after))
    }

    #[test]
    fn comments_and_layout_do_nothing() {
        assert!(same("a.py", "# a\nx = f( 1)\n", "x = f(1)  # b\n\n"));
        assert!(same(
            "a.py",
            "def f():\n    # a\n    return 1\n",
            "def f():\n    return 1\n    # b\n"
        ));
        assert!(same("a.js", "f(1); // a\n", "/* b */\nf(1);\n"));
        assert!(same("a.rs", "/// A.\nfn f() {}\n", "fn f() {\n}\n"));
        assert!(same(
            "a.go",
            "package p\n\n// F does.\nfunc F() {}\n",
            "package p\n\nfunc F() {}\n"
        ));
    }

    #[test]
    fn everything_else_does_something() {
        for (path, before, after) in [
            ("a.py", "if a:\n    f()\n    g()\n", "if a:\n    f()\ng()\n"),
            ("a.py", "def f():\n    \"\"\"A.\"\"\"\n", "def f():\n    \"\"\"B.\"\"\"\n"),
            ("a.py", "x = 'a'\n", "x = 'b'\n"),
            ("a.py", "x = a < b\n", "x = b > a\n"),
            ("a.py", "x = 1\n", "#x = 1\n"),
            ("a.rs", "fn f() -> R { g()? }\n", "fn f() -> R { g() }\n"),
            ("a.js", "f(!a);\n", "f(a);\n"),
        ] {
            assert!(!same(path, before, after), "{before} {after}");
        }
        // What does not parse may hide anything.
        assert!(!same("a.py", "def f(:\n# a\n", "def f(:\n# b\n"));
    }

    #[test]
    fn what_is_compiled_for_tests_alone_is_no_product() {
        let module =
            |inner: &str| format!("fn f() {{}}\n\n#[cfg(test)]\nmod tests {{\n    {inner}\n}}\n");
        assert!(same("a.rs", &module("fn a() {}"), &module("#[test]\n    fn b() {}")));
        assert!(same("a.rs", "fn f() {}\n", &module("fn a() {}")));
        let helper = "#[cfg(test)]\nfn help() {}\n\nfn f() {}\n";
        assert!(same("a.rs", helper, "fn f() {}\n"));
        for other in [
            helper.replace("cfg(test)", "cfg(not(test))"),
            helper.replace("cfg(test)", "cfg(any(test, unix))"),
            helper.replace("fn f() {}", "fn f() { 1; }"),
            helper.replace("#[cfg(test)]\n", ""),
        ] {
            assert!(!same("a.rs", helper, &other), "{other}");
        }
    }
}
