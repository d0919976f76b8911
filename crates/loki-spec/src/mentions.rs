//! Which requirements a text speaks of: tests and commands are tied to requirements by name.
//!
//! Owns the forms in which a name may be written. Refuses to guess from words: what has no name of a
//! requirement in it speaks of none.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use loki_model::Requirement;
use regex::Regex;

use crate::matching::{is_derived, label_as_written, normal_label};

/// What a text names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Identifiers as they are.
    words: BTreeSet<String>,
    /// Names of requirements in one way of writing.
    names: BTreeSet<String>,
    /// Paths of addresses, in parts.
    paths: BTreeSet<Vec<String>>,
}

/// By what a requirement is mentioned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    words: Vec<String>,
    names: Vec<String>,
    path: Option<Vec<String>>,
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
        path: form(r#"["'`/](/[\w{}<>:.~%$/-]*)"#)?,
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
        let paths = forms.path.captures_iter(text).filter_map(|one| one.get(1));
        found.paths.extend(paths.map(|path| parts(path.as_str())));
        found
    }

    /// Whether `names` are among it.
    pub fn has(&self, names: &Names) -> bool {
        let is_path = |path: &Vec<String>| self.paths.iter().any(|seen| is_at(seen, path));
        names.words.iter().any(|word| self.words.contains(word))
            || names.names.iter().any(|name| self.names.contains(name))
            || names.path.as_ref().is_some_and(is_path)
    }
}

impl Names {
    /// By what `requirement` is mentioned: its id, a name that stands before its statement, and, for an
    /// operation of an HTTP API, its path.
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
        names.path = operation(requirement).map(|(_, path)| parts(&path));
        names
    }
}

/// Method in capitals and path of a requirement that is an operation of an HTTP API.
pub fn operation(requirement: &Requirement) -> Option<(String, String)> {
    const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];
    let pointer = requirement.origin.pointer.as_ref()?;
    let (path, method) = pointer.strip_prefix("/paths/")?.split_once('/')?;
    let is_method = METHODS.contains(&method);
    is_method.then(|| (method.to_uppercase(), path.replace("~1", "/").replace("~0", "~")))
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
        for text in
            ["getPet(1)", "get('/pets/7')", "\"http://localhost:80/v1/pets/7\"", "`/pets/${id}`"]
        {
            assert!(speaks(&one, text), "{text}");
        }
        for text in ["getPets(1)", "get('/pets')", "get('/pets/7/toys')"] {
            assert!(!speaks(&one, text), "{text}");
        }
        assert_eq!(operation(&one), Some(("GET".to_owned(), "/pets/{id}".to_owned())));
    }
}
