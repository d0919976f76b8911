//! What the one argument of `start` means: a file, a directory, an issue, a brief, or something to be
//! told about. The only place that decides it.

mod address;

use std::path::{Path, PathBuf};

use crate::issue::IssueRef;

/// Where a spec is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// In a file that exists.
    File(PathBuf),
    /// In a directory that exists.
    Directory(PathBuf),
    /// In an issue of a forge or a tracker, which nobody asked yet.
    Issue(IssueRef),
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
    /// It reads like the name of a file.
    #[error("there is no file `{path}`; check the name, or say in a sentence what is wanted")]
    Missing {
        /// As given.
        path: String,
    },
    /// A source that loki does not read.
    #[error(
        "`{argument}` looks like {what}; this loki reads files, briefs, and issues of GitHub, \
         GitLab, Azure DevOps and Jira, so save its text as a `.md` file"
    )]
    NotYet {
        /// As given, an address without what follows `?` and `#`.
        argument: String,
        /// What it looks like.
        what: &'static str,
    },
    /// Only an issue will do, and this is none.
    #[error("`{argument}` is no issue; one is its address, `owner/name#7`, `#7`, `7` or `PROJ-7`")]
    NotAnIssue {
        /// As given.
        argument: String,
    },
    /// A change, not what was asked for. `number` is its own.
    #[error(
        "this is pull request {number} and not an issue; `loki verify --pr {number}` judges it"
    )]
    PullRequest {
        /// As in the address.
        number: u64,
    },
    /// An address with a name or a password in front of the host. It is not repeated.
    #[error(
        "the address holds a user or a password; leave them out, since tokens come from the \
         environment"
    )]
    Credentials,
    /// One word is not enough to build something from.
    #[error(
        "`{word}` is neither a file, an issue nor a sentence; name a file, or say in a sentence \
         what is wanted"
    )]
    BareWord {
        /// As given.
        word: String,
    },
}

/// Decides what `argument` means. `look` tells what is at a path.
///
/// A file or directory that exists always wins over every other reading, except when its format is
/// known and not read. Of the rest, in this order: text with spaces is a brief, an address is what
/// its path says, `owner/name#7`, `#7`, `7` and `PROJ-7` are issues, and what is written like a
/// path is a file that is missing.
pub fn classify(
    argument: &str,
    look: impl Fn(&Path) -> FileKind,
) -> Result<Argument, ClassifyError> {
    let text = argument.trim();
    if text.is_empty() {
        return Err(ClassifyError::Empty);
    }
    let found = if may_be_a_path(argument) { look(Path::new(argument)) } else { FileKind::Missing };
    match (found, unread_format(text)) {
        (FileKind::File, Some(what)) => return not_yet(text, what),
        (FileKind::File, None) => return Ok(Argument::File(PathBuf::from(argument))),
        (FileKind::Directory, _) => return Ok(Argument::Directory(PathBuf::from(argument))),
        (FileKind::Missing, _) => {}
    }
    let missing = || Err(ClassifyError::Missing { path: text.to_owned() });
    if text.contains(char::is_whitespace) {
        // `./my spec.md` is a name; `write it down in notes.md` is a brief.
        let is_name = !text.contains('\n') && is_anchored(text) && has_extension(text, &READ);
        return if is_name { missing() } else { Ok(Argument::Brief(text.to_owned())) };
    }
    if text == "-" {
        return not_yet(text, "standard input");
    }
    if let Some(meant) = address::issue_at(text) {
        return meant.map(Argument::Issue);
    }
    if let Some(issue) = short_issue(text) {
        return Ok(Argument::Issue(issue));
    }
    if let Some(what) = unread_format(text) {
        return not_yet(text, what);
    }
    if has_extension(text, &READ) || is_anchored(text) || text.contains(['/', '\\']) {
        return missing();
    }
    if text.chars().any(is_written_without_spaces) {
        return Ok(Argument::Brief(text.to_owned()));
    }
    Err(ClassifyError::BareWord { word: text.to_owned() })
}

/// Reads `text` as an issue and as nothing else, whatever files there are: what follows `--issue`.
pub fn classify_issue(text: &str) -> Result<IssueRef, ClassifyError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ClassifyError::Empty);
    }
    if let Some(meant) = address::issue_at(text) {
        return meant;
    }
    short_issue(text).ok_or_else(|| ClassifyError::NotAnIssue { argument: text.to_owned() })
}

/// Extensions of files that are read.
const READ: [&str; 6] = ["md", "markdown", "txt", "json", "yaml", "yml"];

/// Extensions of formats that are not read, and what they are.
const UNREAD: [(&str, &str); 5] = [
    ("toml", "a TOML file"),
    ("pdf", "a PDF file"),
    ("docx", "a Word file"),
    ("rst", "a reStructuredText file"),
    ("adoc", "an AsciiDoc file"),
];

/// Longest path that the systems we run on take, in bytes.
const PATH_BYTES_MAX: usize = 4096;

fn not_yet<T>(text: &str, what: &'static str) -> Result<T, ClassifyError> {
    Err(ClassifyError::NotYet { argument: text.to_owned(), what })
}

fn may_be_a_path(text: &str) -> bool {
    text.len() <= PATH_BYTES_MAX && !text.contains(['\n', '\0'])
}

fn is_anchored(text: &str) -> bool {
    ["/", "./", "../", "~/"].iter().any(|start| text.starts_with(start))
        || [".", "..", "~"].contains(&text)
        || is_on_a_drive(text)
}

/// `C:\specs`, `c:/specs`
fn is_on_a_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic())
}

fn extension(text: &str) -> Option<String> {
    Path::new(text).extension().map(|extension| extension.to_string_lossy().to_lowercase())
}

fn has_extension(text: &str, extensions: &[&str]) -> bool {
    extension(text).is_some_and(|found| extensions.contains(&found.as_str()))
}

fn unread_format(text: &str) -> Option<&'static str> {
    let found = extension(text)?;
    UNREAD.iter().find(|(extension, _)| *extension == found).map(|(_, what)| *what)
}

/// `owner/name#7`, `#7`, `7`, `PROJ-7`
fn short_issue(text: &str) -> Option<IssueRef> {
    if let Some((repository, digits)) = text.rsplit_once('#') {
        let number = number(digits)?;
        return match repository {
            "" => Some(IssueRef::Here { number }),
            _ if is_repository(repository) => {
                Some(IssueRef::GitHub { host: None, repository: repository.to_owned(), number })
            }
            _ => None,
        };
    }
    if let Some(number) = number(text) {
        return Some(IssueRef::Here { number });
    }
    is_key(text).then(|| IssueRef::Jira { site: None, key: text.to_owned() })
}

/// The number of an issue: decimal, from 1, without leading zeros.
fn number(text: &str) -> Option<u64> {
    let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    if is_decimal { text.parse().ok() } else { None }
}

/// `owner/name`
fn is_repository(text: &str) -> bool {
    let is_name = |name: &str| {
        !matches!(name, "" | "-" | "." | "..")
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    text.split_once('/').is_some_and(|(owner, name)| is_name(owner) && is_name(name))
}

/// `PROJ-456`, `AB2-17`
///
/// Source: the default pattern of Jira's project keys, and `_`, which servers may allow.
fn is_key(text: &str) -> bool {
    let Some((project, digits)) = text.rsplit_once('-') else { return false };
    let is_part = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    project.len() >= 2
        && project.starts_with(|first: char| first.is_ascii_uppercase())
        && project.bytes().all(is_part)
        && number(digits).is_some()
}

/// Chinese, Japanese and Thai, in which a sentence has no spaces.
fn is_written_without_spaces(letter: char) -> bool {
    matches!(letter, '\u{0e00}'..='\u{0e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

#[cfg(test)]
mod tests;
