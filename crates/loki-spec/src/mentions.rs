//! Which requirements a text speaks of: tests and commands are tied to requirements by name.
//!
//! Owns the forms in which a name may be written. Refuses to guess from words: what has no name of a
//! requirement in it speaks of none.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use loki_model::Requirement;
use regex::Regex;

use crate::matching::{is_derived, label_as_written, normal_label};

mod method;

/// What a text names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Identifiers as they are.
    words: BTreeSet<String>,
    /// Names of requirements in one way of writing.
    names: BTreeSet<String>,
    /// Paths of addresses, in parts, each with the methods that they are asked for by.
    paths: BTreeSet<(Vec<String>, Asked)>,
}

/// By which methods of HTTP an address is asked for, as far as the text tells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    /// By one of these, in capitals.
    By(Vec<&'static str>),
    /// The text does not say.
    Unsaid,
}

/// By what a requirement is mentioned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    words: Vec<String>,
    names: Vec<String>,
    /// Method in capitals and path in parts.
    operation: Option<(String, Vec<String>)>,
}

struct Forms {
    word: Regex,
    made: Regex,
    label: Regex,
    path: Regex,
}

static FORMS: LazyLock<Option<Forms>> = LazyLock::new(|| {
    let form = |text: &str| Regex::new(text).ok();
    Some(Forms {
        word: form(r"[A-Za-z_$][\w$]*")?,
        made: form(r"(?:^|[^A-Za-z0-9])[Rr][-_]([0-9a-f]{4,64})(?:[^0-9A-Za-z]|$)")?,
        label: form(r"([A-Za-z]+(?:[-_][A-Za-z]+)*)[-_]?([0-9]+(?:\.[0-9]+)*)")?,
        path: form(&format!(
            r#"(?:["'`/]|\b(?:{}) )(/[\w{{}}<>:.~%$/-]*)"#,
            method::METHODS.join("|")
        ))?,
    })
});

impl Mentions {
    /// Everything that `text` names.
    pub fn of(text: &str) -> Mentions {
        let Some(forms) = FORMS.as_ref() else { return Mentions::default() };
        let mut found = Mentions::default();
        found.words.extend(forms.word.find_iter(text).map(|word| word.as_str().to_owned()));
        let made = forms.made.captures_iter(text).filter_map(|one| one.get(1));
        found.names.extend(made.map(|digits| format!("R-{}", digits.as_str())));
        for one in forms.label.captures_iter(text) {
            let (Some(letters), Some(digits)) = (one.get(1), one.get(2)) else { continue };
            // `test_fr_1` names FR-1: any number of words may come first.
            let parts: Vec<&str> = letters.as_str().split(['-', '_']).collect();
            for first in 0..parts.len() {
                let name = format!("{}{}", parts[first..].concat(), digits.as_str());
                found.names.insert(normal_label(&name));
            }
        }
        let paths: Vec<regex::Match<'_>> =
            forms.path.captures_iter(text).filter_map(|one| one.get(1)).collect();
        let asking = method::Asking::of(text);
        for (index, path) in paths.iter().enumerate() {
            let from = index.checked_sub(1).and_then(|index| paths.get(index));
            let to = paths.get(index + 1);
            let around = from.map_or(0, regex::Match::end)..to.map_or(text.len(), |to| to.start());
            let asked = asking.asked(path.range(), around);
            found.paths.insert((parts(path.as_str()), asked));
        }
        found
    }

    /// Whether `names` are among it. An operation of an HTTP API is named by its path only where the text
    /// does not ask for that path by other methods.
    pub fn has(&self, names: &Names) -> bool {
        self.has_where(names, |asked, method| match asked {
            Asked::By(methods) => methods.contains(&method),
            Asked::Unsaid => true,
        })
    }

    /// Whether a part of the text could have `names`: the same, whatever the methods.
    pub fn may_have(&self, names: &Names) -> bool {
        self.has_where(names, |_, _| true)
    }

    fn has_where(&self, names: &Names, is_method: impl Fn(&Asked, &str) -> bool) -> bool {
        let is_asked = |(method, path): &(String, Vec<String>)| {
            self.paths.iter().any(|(seen, asked)| is_method(asked, method) && is_at(seen, path))
        };
        names.words.iter().any(|word| self.words.contains(word))
            || names.names.iter().any(|name| self.names.contains(name))
            || names.operation.as_ref().is_some_and(is_asked)
    }
}

impl Names {
    /// By what `requirement` is mentioned: its id, a name that stands before its statement, and, for an
    /// operation of an HTTP API, its method and path.
    pub fn of(requirement: &Requirement) -> Names {
        let mut names = Names::default();
        let id = &requirement.id.0;
        if is_derived(id) {
            names.names.push(id.clone());
        } else if id.contains(|c: char| c.is_ascii_digit()) && id.contains(['-', '.']) {
            names.names.push(normal_label(id));
        } else {
            names.words.push(id.clone());
            names.names.push(normal_label(id));
        }
        names.names.extend(label_as_written(&requirement.text).map(normal_label));
        names.operation = operation(requirement).map(|(method, path)| (method, parts(&path)));
        names
    }
}

/// Method in capitals and path of a requirement that is an operation of an HTTP API.
pub fn operation(requirement: &Requirement) -> Option<(String, String)> {
    let pointer = requirement.origin.pointer.as_ref()?;
    let (path, method) = pointer.strip_prefix("/paths/")?.split_once('/')?;
    let is_lower = method.chars().all(|c| c.is_ascii_lowercase());
    let method = method::named(method).filter(|_| is_lower)?;
    Some((method.to_owned(), path.replace("~1", "/").replace("~0", "~")))
}

fn parts(path: &str) -> Vec<String> {
    path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Whether `seen` ends in an address of the operation at `path`: a host and a prefix may come first.
fn is_at(seen: &[String], path: &[String]) -> bool {
    let Some(start) = seen.len().checked_sub(path.len()) else { return false };
    // `/` is in every address.
    if path.is_empty() {
        return seen.is_empty();
    }
    seen[start..].iter().zip(path).all(|(seen, part)| {
        let is_open = part.starts_with('{');
        is_open || seen == part
    })
}

#[cfg(test)]
mod tests {
    use loki_model::{Origin, Priority, RequirementId};

    use super::*;

    fn requirement(id: &str, text: &str, pointer: Option<&str>) -> Requirement {
        let origin = Origin { source: "a".into(), line: None, pointer: pointer.map(str::to_owned) };
        let (id, text) = (RequirementId(id.to_owned()), text.to_owned());
        Requirement { id, text, priority: Priority::Must, acceptance: Vec::new(), origin }
    }

    fn speaks(of: &Requirement, text: &str) -> bool {
        Mentions::of(text).has(&Names::of(of))
    }

    #[test]
    fn a_requirement_is_mentioned_by_its_id() {
        let one = requirement("R-3f9a", "Notes are saved", None);
        for text in ["# R-3f9a", "def test_r_3f9a(self):", "covers(R-3f9a, R-0000)"] {
            assert!(speaks(&one, text), "{text}");
        }
        for text in ["R-3f9a01", "PR-3f9a", "notes are saved", "R-3f9"] {
            assert!(!speaks(&one, text), "{text}");
        }
    }

    #[test]
    fn a_requirement_is_mentioned_by_the_name_before_its_statement() {
        let one = requirement("R-3f9a", "FR-1: Notes are saved", None);
        for text in ["FR-1", "it('FR1 saves')", "def test_fr_1_saves():", "fn fr_01()"] {
            assert!(speaks(&one, text), "{text}");
        }
        for text in ["FR-10", "FR-1.2", "NFR-1x2", "fr"] {
            assert!(!speaks(&one, text), "{text}");
        }
    }

    #[test]
    fn an_operation_is_mentioned_by_its_name_and_by_its_path() {
        let one = requirement("getPet", "GET /pets/{id}", Some("/paths/~1pets~1{id}/get"));
        for text in [
            "getPet(1)",
            "get('/pets/7')",
            "\"http://localhost:80/v1/pets/7\"",
            "`/pets/${id}`",
            "it('GET /pets/7')",
        ] {
            assert!(speaks(&one, text), "{text}");
        }
        for text in ["getPets(1)", "get('/pets')", "get('/pets/7/toys')", "put('/pets/7')"] {
            assert!(!speaks(&one, text), "{text}");
        }
        assert_eq!(operation(&one), Some(("GET".to_owned(), "/pets/{id}".to_owned())));
    }
}
