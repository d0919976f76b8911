//! What an idea says: which starter fits it, what it is about, what it asks for.

use super::{Starter, capital};
use crate::title::TITLE_CHARS_MAX;

/// Longest idea that is read, in bytes; what is beyond is in the document and shapes nothing.
const IDEA_BYTES_MAX: usize = 4_000;
/// Most requirements that are made of an idea.
const WISHES_MAX: usize = 12;

/// The starter with the most of its words in `idea`; the smaller one of two that have as many.
pub(super) fn best<'a>(starters: &'a [Starter], idea: &str) -> Option<&'a Starter> {
    let words = spaced(idea);
    let score = |starter: &Starter| {
        let said = |word: &&&str| words.contains(&format!(" {word} "));
        starter.words.iter().filter(said).count()
    };
    let scored = starters.iter().map(|starter| (score(starter), starter));
    let most = scored.clone().map(|(score, _)| score).max().filter(|most| *most > 0)?;
    scored.into_iter().find(|(score, _)| *score == most).map(|(_, starter)| starter)
}

/// The document of `starter` for `idea`.
pub(super) fn document(starter: &Starter, idea: &str) -> String {
    let idea = idea.split_whitespace().collect::<Vec<_>>().join(" ");
    let idea = &idea[..idea.floor_char_boundary(IDEA_BYTES_MAX)];
    let things = things(idea, starter);
    let text = match (&things, starter.thing) {
        (Some((thing, things)), Some(_)) => starter.about((thing, things)),
        _ => starter.document(),
    };
    let Some((_, rest)) = text.split_once("## Requirements\n\n") else { return text };
    let wishes = wishes(idea);
    let mut out = format!("# {}\n\n{}\n\n## Requirements\n\n", title(idea), paragraph(idea));
    for (at, wish) in wishes.iter().enumerate() {
        out.push_str(&format!("- FR-{}: {wish}\n", at + 1));
    }
    out.push_str(&renumbered(rest, wishes.len()));
    out
}

/// The idea as a sentence that no one takes for Markdown.
fn paragraph(idea: &str) -> String {
    let end = if idea.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("> {}{end}", plain(idea))
}

fn plain(text: &str) -> String {
    text.replace(['<', '>', '#', '|'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn title(idea: &str) -> String {
    let first = idea.split(['.', ':', ';', '!', '?', ',']).next().unwrap_or(idea);
    let first = first.split(" with ").next().unwrap_or(first);
    let mut words = plain(first);
    for start in
        ["build me ", "build ", "make me ", "make ", "create ", "write ", "i want ", "i need "]
    {
        if words.to_lowercase().starts_with(start) {
            words = words[start.len()..].to_owned();
        }
    }
    for article in ["a ", "an ", "the "] {
        if words.to_lowercase().starts_with(article) {
            words = words[article.len()..].to_owned();
            break;
        }
    }
    let words: String = words.chars().take(TITLE_CHARS_MAX).collect();
    if words.trim().is_empty() { "My product".to_owned() } else { capital(words.trim()) }
}

/// What the idea asks for, in its own words: its sentences, and each part behind `with`.
fn wishes(idea: &str) -> Vec<String> {
    let idea = plain(idea);
    let sentences = idea.split(['.', ';', '!', '?']).map(str::trim).filter(|part| !part.is_empty());
    let mut wishes = Vec::new();
    for sentence in sentences {
        match sentence.split_once(" with ") {
            Some((whole, parts)) => {
                wishes.push(format!("The product is: {whole}."));
                let parts = parts.replace(", and ", ", ").replace(" and ", ", ");
                let parts = parts.split(", ").map(str::trim).filter(|part| !part.is_empty());
                wishes.extend(parts.map(|part| format!("It has this: {part}.")));
            }
            None if wishes.is_empty() => wishes.push(format!("The product is: {sentence}.")),
            None => wishes.push(format!("{}.", capital(sentence))),
        }
    }
    wishes.truncate(WISHES_MAX);
    wishes
}

/// The numbers of the starter, after those of the idea.
fn renumbered(text: &str, by: usize) -> String {
    let line = |line: &str| {
        let number = line.strip_prefix("- FR-").and_then(|rest| {
            let (number, rest) = rest.split_once(':')?;
            Some((number.parse::<usize>().ok()?, rest))
        });
        match number {
            Some((number, rest)) => format!("- FR-{}:{rest}\n", number + by),
            None => format!("{line}\n"),
        }
    };
    text.lines().map(line).collect()
}

/// What the idea keeps, in the singular and the plural: `books`, or the `expense` of a tracker.
fn things(idea: &str, starter: &Starter) -> Option<(String, String)> {
    const KEEPERS: &[&str] = &[
        "tracker",
        "list",
        "manager",
        "log",
        "collection",
        "catalogue",
        "catalog",
        "organizer",
        "organiser",
        "planner",
        "library",
        "journal",
        "shop",
        "store",
        "api",
        "app",
    ];
    const NO_THINGS: &[&str] = &[
        "this",
        "users",
        "tags",
        "notes",
        "days",
        "hours",
        "minutes",
        "weeks",
        "friends",
        "people",
        "photos",
        "reminders",
        "lists",
        "categories",
        "its",
        "his",
        "was",
        "is",
        "as",
        "has",
        "does",
        "us",
        "less",
        "access",
        "business",
        "address",
        "status",
        "payments",
        "emails",
        "notifications",
        "features",
        "things",
        "charts",
        "tests",
        "endpoints",
        "accounts",
        "files",
        "windows",
        "ios",
        "css",
        "js",
        "aws",
        "https",
        "across",
        "process",
        "express",
        "press",
        "always",
        "rails",
        "devices",
        "teams",
        "customers",
        "sells",
        "keeps",
        "shows",
        "tracks",
        "lets",
        "allows",
        "helps",
        "stores",
        "plus",
        "news",
        "class",
        "gas",
        "bus",
    ];
    let lower = idea.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric() && c != '-')
        .filter(|word| !word.is_empty())
        .collect();
    let is_own = |word: &str| {
        starter.words.contains(&word)
            && starter.thing.is_none_or(|(one, many)| word != one && word != many)
    };
    let plural = words.iter().find(|word| {
        let is_plural = word.len() > 3 && word.ends_with('s') && !word.ends_with("ss");
        is_plural && !NO_THINGS.contains(word) && !is_own(word)
    });
    if let Some(plural) = plural {
        return Some((singular(plural), (*plural).to_owned()));
    }
    let kept = words.windows(2).find(|pair| {
        KEEPERS.contains(&pair[1]) && pair[0].len() > 2 && !is_own(pair[0]) && !is_general(pair[0])
    })?;
    Some((kept[0].to_owned(), plural_of(kept[0])))
}

fn is_general(word: &str) -> bool {
    matches!(
        word,
        "web"
            | "mobile"
            | "simple"
            | "small"
            | "online"
            | "personal"
            | "rest"
            | "http"
            | "json"
            | "the"
            | "new"
            | "todo"
            | "to-do"
            | "shared"
            | "private"
            | "little"
            | "my"
            | "our"
            | "your"
            | "desktop"
            | "android"
    )
}

fn singular(plural: &str) -> String {
    match plural.strip_suffix("ies") {
        Some(rest) if rest.len() > 1 => format!("{rest}y"),
        _ if ["xes", "ches", "shes", "sses"].iter().any(|end| plural.ends_with(end)) => {
            plural[..plural.len() - 2].to_owned()
        }
        _ => plural.strip_suffix('s').unwrap_or(plural).to_owned(),
    }
}

fn plural_of(singular: &str) -> String {
    match singular.strip_suffix('y') {
        Some(rest) if !rest.ends_with(['a', 'e', 'o', 'u']) => format!("{rest}ies"),
        _ if singular.ends_with(['s', 'x'])
            || singular.ends_with("ch")
            || singular.ends_with("sh") =>
        {
            format!("{singular}es")
        }
        _ => format!("{singular}s"),
    }
}

fn spaced(text: &str) -> String {
    let lower = text.to_lowercase();
    let words =
        lower.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|word| !word.is_empty());
    let mut out = String::from(" ");
    for word in words {
        out.push_str(word);
        out.push(' ');
    }
    out
}
