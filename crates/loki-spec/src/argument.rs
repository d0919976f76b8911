//! What the one argument of `start` means: a file, a brief, or something to be told about.

use std::path::{Path, PathBuf};

/// Where a spec is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// In a file that exists.
    File(PathBuf),
    /// In the argument itself.
    Brief(String),
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// Something that can be read as a file.
    File,
    /// A directory.
    Directory,
    /// Nothing.
    Missing,
}

/// Why an argument names no spec.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClassifyError {
    /// Nothing but white space.
    #[error("the spec is empty; name a file, or say in a sentence what is wanted")]
    Empty,
    /// A directory has no one text.
    #[error("`{path}` is a directory; name a file in it, such as `{}`", example_in(.path))]
    Directory {
        /// As given.
        path: String,
    },
    /// It reads like the name of a file.
    #[error("there is no file `{path}`; check the name, or say in a sentence what is wanted")]
    Missing {
        /// As given.
        path: String,
    },
    /// A source that loki will read one day.
    #[error(
        "`{argument}` looks like {what}; this loki reads Markdown, JSON, YAML and briefs, so save \
         its text as a `.md` file"
    )]
    NotYet {
        /// As given.
        argument: String,
        /// What it looks like.
        what: &'static str,
    },
    /// One word is not enough to build something from.
    #[error(
        "`{word}` is neither a file nor a sentence; name a file, or say in a sentence what is wanted"
    )]
    BareWord {
        /// As given.
        word: String,
    },
}

/// Decides what `argument` means. `exists` tells what is at a path.
///
/// A file that exists always wins over every other reading, except when its format is known and
/// not read yet.
pub fn classify(
    argument: &str,
    exists: impl Fn(&Path) -> FileKind,
) -> Result<Argument, ClassifyError> {
    let text = argument.trim();
    if text.is_empty() {
        return Err(ClassifyError::Empty);
    }
    let not_yet = |what| Err(ClassifyError::NotYet { argument: text.to_owned(), what });
    let found =
        if may_be_a_path(argument) { exists(Path::new(argument)) } else { FileKind::Missing };
    match (found, later_format(text)) {
        (FileKind::File, Some(what)) => return not_yet(what),
        (FileKind::File, None) => return Ok(Argument::File(PathBuf::from(argument))),
        (FileKind::Directory, _) => {
            return Err(ClassifyError::Directory { path: text.to_owned() });
        }
        (FileKind::Missing, _) => {}
    }
    let missing = || Err(ClassifyError::Missing { path: text.to_owned() });
    if text.contains(char::is_whitespace) {
        // `./my spec.md` is a name; `write it down in notes.md` is a brief.
        let is_name = !text.contains('\n') && is_anchored(text) && has_extension(text, &READ);
        return if is_name { missing() } else { Ok(Argument::Brief(text.to_owned())) };
    }
    if let Some(what) = later_source(text).or_else(|| later_format(text)) {
        return not_yet(what);
    }
    if has_extension(text, &READ) || is_anchored(text) || text.contains(['/', '\\']) {
        return missing();
    }
    if text.chars().any(is_written_without_spaces) {
        return Ok(Argument::Brief(text.to_owned()));
    }
    Err(ClassifyError::BareWord { word: text.to_owned() })
}

/// Extensions of files that are read.
const READ: [&str; 6] = ["md", "markdown", "txt", "json", "yaml", "yml"];

/// Extensions of formats that will be read one day, and what they are.
const LATER: [(&str, &str); 5] = [
    ("toml", "a TOML file"),
    ("pdf", "a PDF file"),
    ("docx", "a Word file"),
    ("rst", "a reStructuredText file"),
    ("adoc", "an AsciiDoc file"),
];

/// Longest path that the systems we run on take, in bytes.
const PATH_BYTES_MAX: usize = 4096;

fn may_be_a_path(text: &str) -> bool {
    text.len() <= PATH_BYTES_MAX && !text.contains(['\n', '\0'])
}

fn is_anchored(text: &str) -> bool {
    ["/", "./", "../", "~/"].iter().any(|start| text.starts_with(start))
        || [".", "..", "~"].contains(&text)
}

fn extension(text: &str) -> Option<String> {
    Path::new(text).extension().map(|extension| extension.to_string_lossy().to_lowercase())
}

fn has_extension(text: &str, extensions: &[&str]) -> bool {
    extension(text).is_some_and(|found| extensions.contains(&found.as_str()))
}

fn later_format(text: &str) -> Option<&'static str> {
    let found = extension(text)?;
    LATER.iter().find(|(extension, _)| *extension == found).map(|(_, what)| *what)
}

fn later_source(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    if text == "-" {
        return Some("standard input");
    }
    if ["http://", "https://"].iter().any(|start| lower.starts_with(start)) {
        let is_issue = ["/issues/", "/pull/", "/merge_requests/", "/browse/", "/issue/"];
        let is_issue = is_issue.iter().any(|part| lower.contains(part));
        return Some(if is_issue { "the address of an issue" } else { "the address of a page" });
    }
    if lower.contains("://") || lower.starts_with("git@") {
        return Some("the address of a repository");
    }
    match text.split_once('#') {
        Some(("", number)) if is_number(number) => return Some("an issue of this repository"),
        Some((repository, number)) if is_number(number) && is_repository(repository) => {
            return Some("an issue of a repository");
        }
        _ => {}
    }
    let (project, number) = text.rsplit_once('-')?;
    (is_project(project) && is_number(number)).then_some("an issue of a tracker")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `owner/name`
fn is_repository(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    text.split_once('/').is_some_and(|(owner, name)| is_name(owner) && is_name(name))
}

/// `PROJ`, `A1`
fn is_project(text: &str) -> bool {
    text.len() >= 2
        && text.starts_with(|first: char| first.is_ascii_uppercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Chinese, Japanese and Thai, in which a sentence has no spaces.
fn is_written_without_spaces(letter: char) -> bool {
    matches!(letter, '\u{0e00}'..='\u{0e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

fn example_in(path: &str) -> String {
    format!("{}/PRD.md", path.trim_end_matches('/'))
}

#[cfg(test)]
mod tests;
