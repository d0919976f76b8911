//! The languages that are read as trees, and what is asked of each.
//!
//! One file a language in `language/`. Each owns what its grammar calls things and how its runners
//! find tests; everything else is written once, over [`Role`]s.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::role::{FIELDS, Part, Role};
use super::test::Place;
use super::tree::Tree;
use crate::layout::file_name;

mod c;
mod cpp;
mod csharp;
mod go;
mod java;
mod javascript;
mod kotlin;
mod php;
mod python;
mod ruby;
mod rust;
mod shell;
mod swift;
mod typescript;

/// A language that is read as a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Language {
    Python,
    JavaScript,
    TypeScript,
    Tsx,
    Rust,
    Go,
    Java,
    Ruby,
    CSharp,
    Php,
    Kotlin,
    Swift,
    C,
    Cpp,
    Shell,
}

/// What is asked of a language.
pub(super) trait Adapter: Sync {
    /// The grammar.
    fn language(&self) -> tree_sitter::Language;

    /// Which named nodes of the grammar play which role; the others play none.
    fn roles(&self) -> &'static [(&'static str, Role)];

    /// The text as the grammar reads it best. Every byte keeps its place.
    fn prepare<'t>(&self, text: &'t str) -> Cow<'t, str> {
        Cow::Borrowed(text)
    }

    /// Where the tests of a file at `path` are.
    fn tests(&self, tree: &Tree, path: &str) -> Vec<Place>;

    /// Whether `text`, which is at `path`, has what every test of the language has, so that it is worth a
    /// look.
    fn may_hold_tests(&self, path: &str, text: &str) -> bool;
}

/// What is known of a grammar once it was asked for.
pub(super) struct Grammar {
    pub(super) language: tree_sitter::Language,
    roles: Vec<Role>,
    parts: Vec<Part>,
}

impl Grammar {
    fn of(adapter: &dyn Adapter) -> Grammar {
        let language = adapter.language();
        let mut roles = vec![Role::Other; language.node_kind_count()];
        for (kind, role) in adapter.roles() {
            let id = language.id_for_node_kind(kind, true);
            if let Some(slot) = roles.get_mut(usize::from(id)) {
                *slot = *role;
            }
        }
        let mut parts = vec![Part::None; language.field_count() + 1];
        for (field, part) in FIELDS {
            if let Some(id) = language.field_id_for_name(field)
                && let Some(slot) = parts.get_mut(usize::from(id.get()))
            {
                *slot = *part;
            }
        }
        Grammar { language, roles, parts }
    }

    pub(super) fn role(&self, kind: u16, is_named: bool) -> Role {
        if !is_named {
            return Role::Token;
        }
        self.roles.get(usize::from(kind)).copied().unwrap_or(Role::Other)
    }

    pub(super) fn part(&self, field: u16) -> Part {
        self.parts.get(usize::from(field)).copied().unwrap_or(Part::None)
    }
}

impl Language {
    /// Every language.
    pub(crate) const ALL: [Language; 15] = [
        Language::Python,
        Language::JavaScript,
        Language::TypeScript,
        Language::Tsx,
        Language::Rust,
        Language::Go,
        Language::Java,
        Language::Ruby,
        Language::CSharp,
        Language::Php,
        Language::Kotlin,
        Language::Swift,
        Language::C,
        Language::Cpp,
        Language::Shell,
    ];

    /// The language of the file at `path`, told by its ending.
    pub(crate) fn of(path: &str) -> Option<Language> {
        let (_, ending) = file_name(path).rsplit_once('.')?;
        Some(match ending.to_ascii_lowercase().as_str() {
            "py" | "pyi" => Language::Python,
            "js" | "mjs" | "cjs" | "jsx" => Language::JavaScript,
            "ts" | "mts" | "cts" => Language::TypeScript,
            "tsx" => Language::Tsx,
            "rs" => Language::Rust,
            "go" => Language::Go,
            "java" => Language::Java,
            "rb" => Language::Ruby,
            "cs" => Language::CSharp,
            "php" => Language::Php,
            "kt" | "kts" => Language::Kotlin,
            "swift" => Language::Swift,
            "c" => Language::C,
            "h" | "cc" | "cpp" | "cxx" | "hh" | "hpp" => Language::Cpp,
            "sh" | "bash" => Language::Shell,
            _ => return None,
        })
    }

    /// Whether it is JavaScript or one of its dialects.
    pub(crate) fn is_script(self) -> bool {
        matches!(self, Language::JavaScript | Language::TypeScript | Language::Tsx)
    }

    fn adapter(self) -> &'static dyn Adapter {
        match self {
            Language::Python => &python::Python,
            Language::JavaScript => &javascript::JavaScript,
            Language::TypeScript => &typescript::TypeScript,
            Language::Tsx => &typescript::Tsx,
            Language::Rust => &rust::Rust,
            Language::Go => &go::Go,
            Language::Java => &java::Java,
            Language::Ruby => &ruby::Ruby,
            Language::CSharp => &csharp::CSharp,
            Language::Php => &php::Php,
            Language::Kotlin => &kotlin::Kotlin,
            Language::Swift => &swift::Swift,
            Language::C => &c::C,
            Language::Cpp => &cpp::Cpp,
            Language::Shell => &shell::Shell,
        }
    }

    pub(super) fn grammar(self) -> &'static Grammar {
        static GRAMMARS: [OnceLock<Grammar>; Language::ALL.len()] =
            [const { OnceLock::new() }; Language::ALL.len()];
        GRAMMARS[self as usize].get_or_init(|| Grammar::of(self.adapter()))
    }

    pub(super) fn prepare(self, text: &str) -> Cow<'_, str> {
        self.adapter().prepare(text)
    }

    pub(super) fn tests(self, tree: &Tree, path: &str) -> Vec<Place> {
        self.adapter().tests(tree, path)
    }

    pub(super) fn may_hold_tests(self, path: &str, text: &str) -> bool {
        self.adapter().may_hold_tests(path, text)
    }
}

/// Whether a text has one of `words`, with nothing of a name around it.
fn has_word(text: &str, words: &[&str]) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    // In a text that is broken, a number may stand right before a word.
    let bare = |word: &str| words.contains(&word.trim_start_matches(char::is_numeric));
    text.split(|c| !is_part(c)).any(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_behind_a_number_and_not_within_another_word() {
        assert!(has_word("1it('a')", &["it"]));
        assert!(!has_word("wait('a') it_b()", &["it"]));
    }

    #[test]
    fn every_node_that_has_a_role_is_in_its_grammar() {
        for language in Language::ALL {
            let adapter = language.adapter();
            let grammar = adapter.language();
            for (kind, _) in adapter.roles() {
                let id = grammar.id_for_node_kind(kind, true);
                assert!(id != 0, "{language:?} has no node `{kind}`");
            }
        }
    }

    #[test]
    fn every_field_that_means_something_is_in_some_grammar() {
        for (field, _) in FIELDS {
            let known = Language::ALL
                .iter()
                .any(|language| language.grammar().language.field_id_for_name(field).is_some());
            assert!(known, "no grammar has a field `{field}`");
        }
    }

    #[test]
    fn texts_without_the_words_of_tests_are_told_by_their_words() {
        for (path, text, expected) in [
            ("a.py", "def test_a(): pass\n", true),
            ("a.py", "def scale(): pass\n", false),
            ("a.js", "it.each(rows)('a', f);\n", true),
            ("a.ts", "const within = split(units);\n", false),
            ("a.rs", "#[tokio::test]\nasync fn a() {}\n", true),
            ("a.rs", "fn attest() {}\n", false),
            ("a_test.go", "func TestA(t *testing.T) {}\n", true),
            ("a.go", "func TestA(t *testing.T) {}\n", false),
            ("A.java", "class A { @Test void a() {} }\n", true),
            ("A.java", "class A { void a() {} }\n", false),
            ("a.rb", "specify { }\n", true),
            ("a.rb", "def attest; end\n", false),
            ("a.c", "void test_a(void) {}\n", false),
            ("a.cc", "TEST(A, B) {}\n", true),
            ("A.cs", "[Fact] void A() {}\n", true),
            ("a.php", "/** @test */ function a() {}\n", true),
            ("README", "test\n", false),
        ] {
            assert_eq!(crate::syntax::may_hold_tests(path, text), expected, "{path}: {text}");
        }
    }

    #[test]
    fn languages_are_told_by_the_ending_of_the_name() {
        assert_eq!(Language::of("a/b.test.tsx"), Some(Language::Tsx));
        assert_eq!(Language::of("a/B.PY"), Some(Language::Python));
        assert_eq!(Language::of("a.py/README"), None);
        assert_eq!(Language::of("Makefile"), None);
    }
}
