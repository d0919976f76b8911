//! Whether a change does nothing but give other names to things of the project's own.
//!
//! Owns what counts as the same but for names. Looks at words, not at trees: what a name stands for is known by
//! that it stands wherever the other one stood.

use std::collections::BTreeMap;

use loki_model::ChangeKind;

use crate::delta::FileDelta;
use crate::kind::Kind;
use crate::text::is_word_in;

/// More files are not compared.
const FILES_MAX: usize = 2_000;

/// More names are no renaming that anybody could follow.
const NAMES_MAX: usize = 20;

/// Words that languages and their libraries give a meaning: to put one for another changes what code does.
const RESERVED: &[&str] = &[
    "abs",
    "all",
    "and",
    "any",
    "as",
    "assert",
    "async",
    "await",
    "bool",
    "boolean",
    "break",
    "byte",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "continue",
    "debug_assert",
    "def",
    "default",
    "defer",
    "del",
    "do",
    "done",
    "double",
    "elif",
    "else",
    "elsif",
    "end",
    "ensure",
    "enum",
    "esac",
    "except",
    "expect",
    "export",
    "extends",
    "false",
    "fi",
    "filter",
    "final",
    "finally",
    "first",
    "float",
    "fn",
    "for",
    "from",
    "func",
    "function",
    "global",
    "go",
    "goto",
    "if",
    "implements",
    "import",
    "in",
    "int",
    "interface",
    "is",
    "it",
    "lambda",
    "last",
    "len",
    "let",
    "long",
    "loop",
    "map",
    "match",
    "max",
    "min",
    "mod",
    "module",
    "mut",
    "new",
    "next",
    "nil",
    "none",
    "nonlocal",
    "not",
    "null",
    "number",
    "object",
    "ok",
    "or",
    "panic",
    "pass",
    "private",
    "protected",
    "public",
    "pub",
    "raise",
    "range",
    "ref",
    "rescue",
    "retry",
    "return",
    "round",
    "select",
    "self",
    "set",
    "skip",
    "some",
    "static",
    "str",
    "string",
    "struct",
    "sum",
    "super",
    "switch",
    "test",
    "then",
    "this",
    "throw",
    "throws",
    "trait",
    "true",
    "try",
    "type",
    "undefined",
    "unless",
    "until",
    "unwrap",
    "use",
    "var",
    "void",
    "when",
    "where",
    "while",
    "with",
    "xor",
    "yield",
];

/// What was called otherwise, by its old name. Two things may have one name afterwards: what tests of both ask
/// for, they still ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Renaming {
    names: BTreeMap<String, String>,
}

impl Renaming {
    /// The renaming that `files` are; nothing where anything but names is different. Documents may say what
    /// they like.
    pub(crate) fn of(files: &[FileDelta]) -> Option<Renaming> {
        let files: Vec<&FileDelta> = files.iter().filter(|file| file.kind != Kind::Docs).collect();
        if files.is_empty() || files.len() > FILES_MAX {
            return None;
        }
        let mut renaming = Renaming::default();
        for file in files.iter().filter(|file| file.change == ChangeKind::Modified) {
            renaming.learn(&file.path, file.before.as_deref()?, file.after.as_deref()?)?;
        }
        let (gone, new): (Vec<&FileDelta>, Vec<&FileDelta>) = files
            .iter()
            .filter(|file| file.change != ChangeKind::Modified)
            .partition(|file| file.change == ChangeKind::Deleted);
        if gone.len() != new.len() {
            return None;
        }
        for file in gone {
            let path = renaming.apply(&file.path);
            let moved = new.iter().find(|other| other.path == path)?;
            renaming.learn(&file.path, file.before.as_deref()?, moved.after.as_deref()?)?;
        }
        renaming.names.retain(|old, new| old != new);
        let is_of_code = |name: &str, side: fn(&FileDelta) -> Option<&str>| {
            let code = files.iter().filter(|file| file.kind == Kind::Source);
            code.filter_map(|file| side(file)).any(|text| is_word_in(text, name))
        };
        let holds = !renaming.names.is_empty()
            && renaming.names.len() <= NAMES_MAX
            && renaming.names.iter().all(|(old, new)| {
                is_of_code(old, |file| file.before.as_deref())
                    && is_of_code(new, |file| file.after.as_deref())
                    || is_of_a_test(old) && is_of_a_test(new)
            });
        holds.then_some(renaming)
    }

    /// Takes in what is called otherwise in a file; nothing where more is different, or a name has become two.
    fn learn(&mut self, path: &str, before: &str, after: &str) -> Option<()> {
        let indented = [".py", ".pyi", ".yml", ".yaml"].iter().any(|end| path.ends_with(end));
        if indented && !before.lines().map(indent).eq(after.lines().map(indent)) {
            return None;
        }
        let (mut old, mut new) = (pieces(before), pieces(after));
        loop {
            match (old.next(), new.next()) {
                (None, None) => return Some(()),
                (Some(old), Some(new)) => match self.names.get(old) {
                    Some(known) if known == new => {}
                    None if old == new || is_own_name(old) && is_own_name(new) => {
                        self.names.insert(old.to_owned(), new.to_owned());
                    }
                    _ => return None,
                },
                _ => return None,
            }
        }
    }

    /// Whether one of the old names stands in `text`.
    pub(crate) fn leaves(&self, text: &str) -> bool {
        self.names.keys().any(|old| is_word_in(text, old))
    }

    /// `text` with the new names.
    pub(crate) fn apply(&self, text: &str) -> String {
        let mut written = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(|c: char| !is_of_word(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            written.push_str(self.names.get(word).map_or(word, String::as_str));
            let next = after.find(is_of_word).unwrap_or(after.len());
            written.push_str(&after[..next]);
            rest = &after[next..];
        }
        written
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Words, and every other character that is no white space.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let end = match is_of_word(first) {
            true => rest.find(|c: char| !is_of_word(c)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

/// How far a line is moved in; nothing for one that says nothing.
fn indent(line: &str) -> usize {
    let text = line.trim_start();
    if text.is_empty() { 0 } else { line.len() - text.len() }
}

/// Whether a word is the name of a test.
fn is_of_a_test(word: &str) -> bool {
    word.to_lowercase().starts_with("test")
}

/// Whether a word can be the name of something that a project has made.
fn is_own_name(word: &str) -> bool {
    let begins = word.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
    let lower = word.to_lowercase();
    begins
        && word.chars().count() > 1
        && !RESERVED.contains(&lower.as_str())
        && !lower.starts_with("assert")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::kind;

    fn file(path: &str, before: Option<&str>, after: Option<&str>) -> FileDelta {
        let change = match (before, after) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Deleted,
            _ => ChangeKind::Modified,
        };
        let (before, after) = (before.map(str::to_owned), after.map(str::to_owned));
        FileDelta {
            path: path.to_owned(),
            change,
            kind: kind(path),
            before,
            after,
            added: Vec::new(),
        }
    }

    fn changed(path: &str, before: &str, after: &str) -> FileDelta {
        file(path, Some(before), Some(after))
    }

    fn names(files: &[FileDelta]) -> Option<Vec<(String, String)>> {
        Renaming::of(files).map(|renaming| renaming.names.into_iter().collect())
    }

    #[test]
    fn what_is_called_otherwise_everywhere_is_a_renaming() {
        let files = [
            changed(
                "a.go",
                "type Cents int\ntype A struct { Amount Cents }",
                "type Amount int\ntype A struct { Amount Amount }",
            ),
            changed(
                "a_test.go",
                "func TestCents() { sum(Cents(3)) }",
                "func TestAmount() { sum(Amount(3)) }",
            ),
            changed("README.md", "Cents are whole.", "An Amount is a whole number of cents."),
        ];
        let renamed = [("Cents", "Amount"), ("TestCents", "TestAmount")];
        let renamed = renamed.map(|(old, new)| (old.to_owned(), new.to_owned()));
        assert_eq!(names(&files).unwrap(), renamed);
    }

    #[test]
    fn files_follow_the_names_of_what_they_hold() {
        let files = [
            changed("src/Use.java", "throw new OldError();", "throw new NewError();"),
            file("src/OldError.java", Some("class OldError {}"), None),
            file("src/NewError.java", None, Some("class NewError {}")),
        ];
        assert!(names(&files).is_some());
        let lost = [
            changed("src/Use.java", "f(OldError)", "f(NewError)"),
            file("src/Other.java", Some("x"), None),
        ];
        assert_eq!(names(&lost), None);
    }

    #[test]
    fn another_value_another_sign_or_two_names_for_one_thing_is_none() {
        for (before, after) in [
            ("def price(a): return a + 3", "def cost(a): return a + 4"),
            ("def price(a): return a + 3", "def cost(a): return a - 3"),
            ("def price(a): return price(a)", "def cost(a): return price(a)"),
            ("def f(a): return True", "def f(a): return False"),
            ("def f(a): return min(a)", "def f(a): return max(a)"),
            ("def f(a):\n  if a:\n    g()\n    h()\n", "def ff(a):\n  if a:\n    g()\n  h()\n"),
            ("def f(a): return 1", "def f(a): return 1"),
        ] {
            assert_eq!(names(&[changed("a.py", before, after)]), None, "{before} -> {after}");
        }
    }

    #[test]
    fn a_name_that_only_tests_use_is_not_one_of_the_code() {
        let files = [
            changed("a.py", "def price(a): pass", "def cost(a): pass"),
            changed("tests/test_a.py", "check_equal(price(2), 3)", "look_at(cost(2), 3)"),
        ];
        assert_eq!(names(&files), None);
    }

    #[test]
    fn names_are_put_for_whole_words() {
        let files = [changed("a.py", "def price(a): pass", "def cost(a): pass")];
        let renaming = Renaming::of(&files).unwrap();
        assert!(renaming.leaves("return price(3)") && !renaming.leaves("return prices(3)"));
        assert_eq!(
            renaming.apply("a.py::test_price[price-2] prices"),
            "a.py::test_price[cost-2] prices"
        );
    }
}
