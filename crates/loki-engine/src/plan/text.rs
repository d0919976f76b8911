//! The words of a spec, so that phrases can be looked for at the ends of words.

use loki_model::{RequirementId, Spec};

/// What a spec says, requirement by requirement.
pub(crate) struct Text {
    /// Title and constraints, in small letters, one space around each word.
    head: String,
    /// Each requirement with its criteria, likewise.
    requirements: Vec<(RequirementId, String)>,
}

impl Text {
    pub(crate) fn of(spec: &Spec) -> Text {
        let notes = spec.constraints.iter().map(|note| note.text.as_str());
        let head = std::iter::once(spec.title.as_str()).chain(notes);
        let requirements = spec.requirements.iter().map(|requirement| {
            let criteria = requirement.acceptance.iter().map(String::as_str);
            let words = spaced(std::iter::once(requirement.text.as_str()).chain(criteria));
            (requirement.id.clone(), words)
        });
        Text { head: spaced(head), requirements: requirements.collect() }
    }

    /// How many requirements there are.
    pub(crate) fn len(&self) -> usize {
        self.requirements.len()
    }

    /// The places of the requirements that say `phrase`.
    pub(crate) fn that_say<'a>(&'a self, phrase: &'a str) -> impl Iterator<Item = usize> + 'a {
        let says = move |(at, (_, words)): (usize, &'a (RequirementId, String))| {
            has(words, phrase).then_some(at)
        };
        self.requirements.iter().enumerate().filter_map(says)
    }

    /// Whether anything of it says `phrase`.
    pub(crate) fn says(&self, phrase: &str) -> bool {
        has(&self.head, phrase) || self.that_say(phrase).next().is_some()
    }

    /// Whether requirement `at` says `phrase`.
    pub(crate) fn says_at(&self, at: usize, phrase: &str) -> bool {
        self.requirements.get(at).is_some_and(|(_, words)| has(words, phrase))
    }

    /// The name of requirement `at`.
    pub(crate) fn id(&self, at: usize) -> Option<&RequirementId> {
        self.requirements.get(at).map(|(id, _)| id)
    }
}

fn spaced<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::from(" ");
    for text in texts {
        let lower = text.to_lowercase();
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '/' | '@');
        for word in lower.split(|c: char| !is_part(c)) {
            let word = word.trim_matches(['-', '/']);
            if !word.is_empty() {
                out.push_str(word);
                out.push(' ');
            }
        }
    }
    out
}

/// Whether `words` hold `phrase`, from the beginning of a word to the end of one.
fn has(words: &str, phrase: &str) -> bool {
    let spaced = words.as_bytes();
    words.match_indices(phrase).any(|(at, _)| {
        at > 0 && spaced[at - 1] == b' ' && spaced.get(at + phrase.len()) == Some(&b' ')
    })
}
