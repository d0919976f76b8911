//! Specs to begin with, and how an idea shapes one.
//!
//! Each is a Markdown file in `starters/` whose front matter says what it is for. All of them leave
//! nothing open for `grill`: a test asks.

mod files;
mod idea;

use files::FILES;

/// A spec to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Starter {
    /// As after `--template`.
    pub name: &'static str,
    /// How much there is to build: `simple`, `standard` or `complex`.
    pub group: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Words of an idea that speak of it.
    words: Vec<&'static str>,
    /// What it keeps, in the singular and the plural, where that can be another thing.
    thing: Option<(&'static str, &'static str)>,
    /// The document, with `{thing}` and `{things}` in it.
    text: &'static str,
}

/// The one that is built when nobody says otherwise.
pub const STARTER_DEFAULT: &str = "simple-todo-app";

/// All of them, the small ones first.
pub fn starters() -> Vec<Starter> {
    // A test reads each; one that could not be read would be missing, not wrong.
    FILES.iter().filter_map(|file| read(file)).collect()
}

/// The one that is called so.
pub fn starter(name: &str) -> Option<Starter> {
    starters().into_iter().find(|starter| starter.name == name)
}

impl Starter {
    /// The document as it is.
    pub fn document(&self) -> String {
        self.about(self.thing.unwrap_or_default())
    }

    fn about(&self, (thing, things): (&str, &str)) -> String {
        let text = self.text.replace("{things}", things).replace("{thing}", thing);
        text.replace("{Things}", &capital(things)).replace("{Thing}", &capital(thing))
    }
}

/// Shapes the starter that fits `idea` best, or `wanted`, by it: the idea is its title and its first
/// requirements, and what it is about takes the place of what the starter is about.
pub fn shaped(idea: &str, wanted: Option<&Starter>) -> (Starter, String) {
    let all = starters();
    let best = wanted.cloned().or_else(|| idea::best(&all, idea).cloned());
    let fallback = || all.iter().find(|starter| starter.name == STARTER_DEFAULT).cloned();
    let Some(starter) = best.or_else(fallback) else {
        return (Starter { text: "", ..EMPTY }, idea.to_owned());
    };
    let text =
        if idea.trim().is_empty() { starter.document() } else { idea::document(&starter, idea) };
    (starter, text)
}

const EMPTY: Starter =
    Starter { name: "", group: "", summary: "", words: Vec::new(), thing: None, text: "" };

fn read(file: &'static str) -> Option<Starter> {
    let (head, text) = file.strip_prefix("---\n")?.split_once("\n---\n")?;
    let field = |name: &str| {
        head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::trim))
    };
    Some(Starter {
        name: field("name")?,
        group: field("group")?,
        summary: field("summary")?,
        words: field("words")?.split(", ").collect(),
        thing: field("thing").zip(field("things")),
        text,
    })
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests;
