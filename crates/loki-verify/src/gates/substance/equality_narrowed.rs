//! Equalities that compare less than before.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use loki_model::Severity;
use regex::Regex;

use super::{Code, each_code};
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::syntax::call::unquoted;
use crate::syntax::test::decorations;
use crate::syntax::{At, Language, Part, Role, Source};

/// A type whose equality the language made compares fewer fields now.
pub(super) const RULE: Rule = Rule {
    id: "substance/equality-narrowed",
    severity: Severity::Warning,
    what: "A type whose equality compared all of its fields leaves some of them out now.",
    why: "Every test that compares such values passes, whatever those fields hold. An error where the change \
          does nothing else and brings tests.",
    example: "-#[derive(PartialEq)]\n pub struct Note { day: String, kind: String }\n+    fn eq(&self, other: &Note) -> bool { self.day == other.day }",
    fix: "Keep the derived equality, and give what identifies a value a method of its own.",
    look: |cx, delta, found| {
        let before = found.findings.len();
        each_code(cx, delta, found, &mut look);
        // Where nothing else was done, the tests hold for that reason alone.
        if is_all(cx, delta) && crate::gates::states::brings_tests(&delta.files) {
            found.findings[before..].iter_mut().for_each(|one| one.severity = Severity::Error);
        }
    },
};

/// Whether the change alters no function but equalities, and brings no other.
fn is_all(cx: &Cx<'_>, delta: &Delta) -> bool {
    let mut is_all = true;
    each_code(cx, delta, &mut Found::default(), &mut |code, _| {
        is_all &= code.touched().all(|function| EQUALITIES.contains(&function.name.as_str()));
    });
    is_all
}

/// What languages call equalities, and what belongs to them.
const EQUALITIES: &[&str] =
    &["eq", "ne", "__eq__", "__ne__", "__hash__", "hash", "equals", "hashCode"];

/// Parts of names of fields that say nothing about what a value is.
const ASIDE: &[&str] =
    &["cache", "cached", "memo", "lazy", "span", "lock", "mutex", "hash", "_marker", "phantom"];

/// A type by what makes two of it equal.
struct Type {
    at: At,
    fields: Vec<String>,
    /// Whether the language compares all of them.
    is_derived: bool,
    /// Those that are left out by a word of their own, with where.
    left_out: Vec<(String, u32)>,
    /// What compares by hand: its body.
    by_hand: Option<At>,
}

fn look(code: &Code<'_>, found: &mut Found) {
    let new = types(code.after);
    if new.is_empty() {
        return;
    }
    let Some(before) = code.before() else { return };
    let old = types(before);
    let tree = code.after.tree();
    for (name, now) in &new {
        let Some(then) = old.get(name).filter(|then| then.is_derived && then.by_hand.is_none())
        else {
            continue;
        };
        if code.is_in_tests(now.at) {
            continue;
        }
        let is_aside = |field: &str| {
            let field = field.to_ascii_lowercase();
            ASIDE.iter().any(|word| field.contains(word))
        };
        let (line, missing): (u32, Vec<&str>) = match now.by_hand {
            Some(body) => {
                let said: Vec<&str> = tree
                    .inside(body)
                    .filter(|at| tree.is_leaf(*at) && tree.role(*at) != Role::Comment)
                    .map(|at| tree.text(at))
                    .collect();
                let (named, missing): (Vec<&str>, Vec<&str>) =
                    now.fields.iter().map(String::as_str).partition(|field| said.contains(field));
                // A comparison by a method of its own is not looked into.
                if named.is_empty() && said.contains(&"(") {
                    continue;
                }
                (tree.line(body), missing)
            }
            None => {
                let was_left = |field: &str| then.left_out.iter().any(|(other, _)| other == field);
                let gained = now
                    .left_out
                    .iter()
                    .filter(|(field, _)| then.fields.contains(field) && !was_left(field));
                let gained: Vec<&(String, u32)> = gained.collect();
                let line = gained.first().map_or(1, |(_, line)| *line);
                (line, gained.into_iter().map(|(field, _)| field.as_str()).collect())
            }
        };
        let missing: Vec<&str> = missing.into_iter().filter(|field| !is_aside(field)).collect();
        if !missing.is_empty() {
            let message =
                format!("two `{name}` that differ in `{}` are equal now", missing.join("`, `"));
            found.add(RULE.at(&code.file.path, line, message));
        }
    }
}

/// Whether the type around a place has fields that an equality could compare.
pub(super) fn has_fields(source: &Source, at: At) -> bool {
    let tree = source.tree();
    let Some(class) = tree.all_around(at).find(|at| tree.role(*at) == Role::Class) else {
        return false;
    };
    let own = name_of(source, class);
    types(source).into_iter().any(|(name, known)| {
        Some(&name) == own.as_ref() && !known.fields.is_empty()
            || tree.is_within(at, known.at) && !known.fields.is_empty()
    })
}

/// The types of a file by name, in languages where equality can be made by a word.
fn types(source: &Source) -> BTreeMap<String, Type> {
    let tree = source.tree();
    let of_language: fn(&Source, At) -> Option<(String, Type)> = match source.language() {
        Language::Rust => rust,
        Language::Python => python,
        Language::Kotlin | Language::Java => with_header,
        _ => return BTreeMap::new(),
    };
    tree.all(Role::Class).filter_map(|at| of_language(source, at)).collect()
}

fn name_of(source: &Source, class: At) -> Option<String> {
    let tree = source.tree();
    Some(tree.text(tree.child(class, Part::Name)?).to_owned())
}

/// `#[derive(PartialEq)] struct`, and `impl PartialEq for` it.
fn rust(source: &Source, class: At) -> Option<(String, Type)> {
    let tree = source.tree();
    let is_struct = tree.children(class).any(|at| tree.text(at) == "struct");
    let name = is_struct.then(|| name_of(source, class))??;
    let is_derived = decorations(tree, class).into_iter().any(|mark| {
        let text = tree.text(mark);
        text.contains("derive")
            && text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "PartialEq")
    });
    let body = tree.child(class, Part::Body)?;
    let fields = tree.named(body).filter(|at| tree.child(*at, Part::Type).is_some());
    let fields = fields.filter_map(|at| Some(tree.text(tree.child(at, Part::Name)?).to_owned()));
    let by_hand = source.functions().iter().find(|function| {
        function.name == "eq"
            && tree.all_around(function.at).find(|at| tree.role(*at) == Role::Class).is_some_and(
                |around| {
                    let head = tree.text(around).split('{').next().unwrap_or_default();
                    let of = head.split_once(" for ").map_or("", |(_, of)| of.trim());
                    head.contains("PartialEq") && of.split(['<', ' ']).next() == Some(name.as_str())
                },
            )
    });
    let by_hand = by_hand.and_then(|function| function.body);
    let fields = fields.collect();
    Some((name, Type { at: class, fields, is_derived, left_out: Vec::new(), by_hand }))
}

/// `@dataclass class`, with `__eq__` or with `field(compare=False)`.
fn python(source: &Source, class: At) -> Option<(String, Type)> {
    let tree = source.tree();
    let name = name_of(source, class)?;
    let marks: Vec<&str> =
        decorations(tree, class).into_iter().map(|mark| tree.text(mark)).collect();
    let makes = |mark: &&str| {
        let name = mark.trim_start_matches('@').split('(').next().unwrap_or_default();
        let last = name.rsplit('.').next().unwrap_or_default().trim();
        matches!(last, "dataclass" | "define" | "frozen") || name == "attr.s"
    };
    let is_derived =
        marks.iter().any(|mark| makes(mark) && !mark.replace(' ', "").contains("eq=False"));
    let body = tree.child(class, Part::Body)?;
    let (mut fields, mut left_out) = (Vec::new(), Vec::new());
    for statement in tree.statements(body) {
        let bound = tree.bare(statement);
        if tree.role(bound) != Role::Bind || tree.child(bound, Part::Type).is_none() {
            continue;
        }
        let Some(left) = tree.child(bound, Part::Left) else { continue };
        let field = tree.text(left).to_owned();
        let text = tree.text(bound).replace(' ', "");
        if text.contains("compare=False") || text.contains("eq=False") {
            left_out.push((field.clone(), tree.line(bound)));
        }
        if !text.contains("ClassVar") {
            fields.push(field);
        }
    }
    Some((
        name,
        Type { at: class, fields, is_derived, left_out, by_hand: method(source, class, "__eq__") },
    ))
}

/// `data class` of Kotlin and `record` of Java, with `equals`.
fn with_header(source: &Source, class: At) -> Option<(String, Type)> {
    static PROPERTIES: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\b(?:val|var)\s+(\w+)\s*:").ok());
    let tree = source.tree();
    let text = tree.text(class);
    let (head, rest) = text.split_once('(')?;
    let words: Vec<&str> = head.split_whitespace().collect();
    let fields: Vec<String> = match source.language() {
        Language::Kotlin => {
            let header = rest.split('{').next().unwrap_or_default();
            let found = PROPERTIES.as_ref()?.captures_iter(header);
            found.filter_map(|found| Some(found.get(1)?.as_str().to_owned())).collect()
        }
        _ => {
            let header = rest.split(')').next().unwrap_or_default();
            let last = |part: &str| part.split_whitespace().last().map(str::to_owned);
            header.split(',').filter_map(last).collect()
        }
    };
    let is_derived =
        words.windows(2).any(|pair| pair == ["data", "class"]) || words.contains(&"record");
    let name = unquoted(words.last()?).split('<').next()?.to_owned();
    Some((
        name,
        Type {
            at: class,
            fields,
            is_derived,
            left_out: Vec::new(),
            by_hand: method(source, class, "equals"),
        },
    ))
}

/// The body of a method that stands directly in a class.
fn method(source: &Source, class: At, name: &str) -> Option<At> {
    let tree = source.tree();
    let own = |at: At| tree.all_around(at).find(|at| tree.role(*at) == Role::Class) == Some(class);
    let found =
        source.functions().iter().find(|function| function.name == name && own(function.at));
    found.and_then(|function| function.body)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{expect, look_at};
    use super::Found;
    use crate::sides::Sides;

    fn look(sides: &Sides<'_>, found: &mut Found) {
        look_at(super::look, sides, found);
    }

    const RUST: &str = "#[derive(Clone, PartialEq, Eq)]\npub struct Note {\n    /// A day.\n    pub day: String,\n    pub kind: String,\n    cache: Option<u32>,\n}\n";

    /// The same with an equality of its own that says `body`.
    fn rust(body: &str) -> String {
        RUST.replace("PartialEq, Eq", "Eq")
            + &format!(
                "\nimpl PartialEq for Note {{\n    fn eq(&self, other: &Note) -> bool {{\n        {body}\n    }}\n}}\n"
            )
    }

    #[test]
    fn fields_that_are_no_longer_compared_are_a_warning() {
        let python = "@dataclass(frozen=True)\nclass Note:\n    day: str\n    kind: str\n";
        let kotlin = "data class Note(val day: String, val kind: String)\n";
        let java = "record Note(String day, String kind) {\n}\n";
        for (path, before, after, line) in [
            ("src/a.rs", RUST, rust("self.day == other.day").as_str(), 10),
            (
                "pkg/a.py",
                python,
                &format!("{python}\n    def __eq__(self, other):\n        return self.day == other.day\n"),
                7,
            ),
            ("pkg/a.py", python, &python.replace("kind: str", "kind: str = field(compare=False)"), 4),
            (
                "src/a.kt",
                kotlin,
                &format!("{} {{\n    override fun equals(other: Any?): Boolean {{\n        return other is Note && other.day == day\n    }}\n}}\n", kotlin.trim()),
                2,
            ),
            (
                "src/Note.java",
                java,
                &java.replace("{\n", "{\n    public boolean equals(Object o) {\n        return o instanceof Note n && n.day.equals(day);\n    }\n"),
                2,
            ),
        ] {
            let expected = format!("warning equality-narrowed {path}:{line}");
            expect(look, &[(path, before)], &[(path, after)], &expected);
        }
    }

    #[test]
    fn equalities_that_compare_as_much_are_fine() {
        let python = "@dataclass\nclass Note:\n    day: str\n    kind: str\n";
        for (path, before, after) in [
            // What is only kept for speed says nothing about the value.
            ("src/a.rs", RUST, rust("self.day == other.day && self.kind == other.kind").as_str()),
            (
                "src/a.rs",
                RUST,
                &rust(
                    "let Note { day, kind, .. } = self;\n        *day == other.day && *kind == other.kind",
                ),
            ),
            ("src/a.rs", RUST, &rust("self.key() == other.key()")),
            ("pkg/a.py", python, &python.replace("kind: str", "kind: str = field(default='')")),
            (
                "pkg/a.py",
                python,
                &python.replace("    kind", "    cached: int = field(compare=False)\n    kind"),
            ),
        ] {
            expect(look, &[(path, before)], &[(path, after)], "");
        }
    }

    #[test]
    fn types_that_are_new_or_never_compared_everything_are_fine() {
        let by_hand = rust("self.day == other.day");
        expect(look, &[], &[("src/a.rs", &by_hand)], "");
        let plain = RUST.replace("PartialEq, Eq", "Eq");
        expect(look, &[("src/a.rs", &plain)], &[("src/a.rs", &by_hand)], "");
    }
}
