//! What a requirement says of files, in so few forms that a program can look whether it holds.
//!
//! Owns the forms. Each is a whole criterion, or the whole statement: a file that exists, that does not, or
//! that contains a text. Anything else says nothing here, and no sentence is understood by half.

use std::sync::LazyLock;

use loki_model::Requirement;
use regex::Regex;

/// Assertions of one requirement that are read.
const ASSERTIONS_MAX: usize = 50;

/// One thing that is said of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileAssertion {
    /// From the root of the repository, `/` between parts.
    pub path: String,
    /// What holds of it.
    pub holds: Holds,
}

/// What holds of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// There is one, or a directory with one.
    Exists,
    /// There is none.
    Absent,
    /// It has this text in it.
    Contains(String),
}

impl std::fmt::Display for FileAssertion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.holds {
            Holds::Exists => write!(f, "`{}` exists", self.path),
            Holds::Absent => write!(f, "`{}` does not exist", self.path),
            Holds::Contains(text) => write!(f, "`{}` contains `{text}`", self.path),
        }
    }
}

struct Forms {
    there_is: Regex,
    exists: Regex,
    absent: Regex,
    contains: Regex,
}

static FORMS: LazyLock<Option<Forms>> = LazyLock::new(|| {
    const FILE: &str = r"(?:(?:the|a)\s+)?(file\s+|directory\s+)?`([^`]+)`";
    const MUST: &str = "(?:must|shall|should)";
    let form = |text: String| Regex::new(&format!(r"(?i)^{text}$")).ok();
    Some(Forms {
        there_is: form(format!(r"there\s+(?:is|{MUST}\s+be)\s+{FILE}"))?,
        exists: form(format!(
            r"{FILE}\s+(?:exists|{MUST}\s+exist|{MUST}\s+be\s+there|is\s+there)"
        ))?,
        absent: form(format!(
            r"{FILE}\s+(?:does\s+not\s+exist|{MUST}\s+not\s+exist|no\s+longer\s+exists)"
        ))?,
        contains: form(format!(
            r#"{FILE}\s+(?:contains|{MUST}\s+contain)\s+(?:`([^`]+)`|"([^"`]+)")"#
        ))?,
    })
});

/// What the statement of `requirement` and its criteria say of files, in order.
pub fn file_assertions(requirement: &Requirement) -> Vec<FileAssertion> {
    let all = std::iter::once(&requirement.text).chain(&requirement.acceptance);
    all.filter_map(|text| assertion(text)).take(ASSERTIONS_MAX).collect()
}

/// Whether files can show all of it: the statement is about one, or every criterion is.
pub fn is_about_files_only(requirement: &Requirement) -> bool {
    let Requirement { text, acceptance, .. } = requirement;
    let is_of_file = |text: &String| assertion(text).is_some();
    match acceptance.as_slice() {
        [] => is_of_file(text),
        criteria => criteria.iter().all(is_of_file),
    }
}

fn assertion(text: &str) -> Option<FileAssertion> {
    let forms = FORMS.as_ref()?;
    // A name of its own may stand before it.
    let text = text.trim().trim_end_matches('.');
    let text = match text.split_once(": ") {
        Some((label, rest)) if !label.contains(['`', ' ']) => rest,
        _ => text,
    };
    let read = |form: &Regex, holds: &dyn Fn(&regex::Captures<'_>) -> Option<Holds>| {
        let found = form.captures(text)?;
        let path = path(found.get(2)?.as_str(), found.get(1).is_some())?;
        Some(FileAssertion { path, holds: holds(&found)? })
    };
    let quoted = |found: &regex::Captures<'_>| {
        let text = found.get(3).or(found.get(4))?.as_str();
        Some(Holds::Contains(text.to_owned()))
    };
    read(&forms.there_is, &|_| Some(Holds::Exists))
        .or_else(|| read(&forms.exists, &|_| Some(Holds::Exists)))
        .or_else(|| read(&forms.absent, &|_| Some(Holds::Absent)))
        .or_else(|| read(&forms.contains, &quoted))
}

/// Endings of names that are surely names of files: `config.load` is a function.
const ENDINGS: &[&str] = &[
    "md", "txt", "rst", "adoc", "json", "jsonc", "yaml", "yml", "toml", "ini", "cfg", "xml",
    "html", "css", "scss", "svg", "png", "jpg", "ico", "csv", "sql", "sh", "py", "js", "mjs",
    "cjs", "ts", "tsx", "jsx", "rs", "go", "rb", "java", "kt", "cs", "php", "c", "h", "cpp",
    "swift", "lock", "proto", "tf", "env",
];

/// Names without an ending that are surely names of files.
const NAMES: &[&str] = &[
    "LICENSE",
    "LICENCE",
    "README",
    "CHANGELOG",
    "Dockerfile",
    "Makefile",
    "Procfile",
    "CODEOWNERS",
];

/// `text` as a path that stays within the repository; nothing where it may be something else.
fn path(text: &str, is_called_a_file: bool) -> Option<String> {
    let text = text.trim();
    let is_folder = text.ends_with('/');
    let text = text.strip_prefix("./").unwrap_or(text).trim_end_matches('/');
    let parts: Vec<&str> = text.split('/').collect();
    let is_inside = parts.iter().all(|part| !matches!(*part, "" | "." | ".." | ".git"));
    let is_plain = !text.chars().any(|c| c.is_control() || "\\*?<>|$(){}\"'".contains(c));
    let name = parts.last().copied().unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let is_file = is_called_a_file
        || is_folder
        || parts.len() > 1
        || NAMES.contains(&name)
        || name.starts_with('.')
        || ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()));
    (is_inside && is_plain && is_file).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use loki_model::{Origin, Priority, RequirementId};

    use super::*;

    fn requirement(text: &str, acceptance: &[&str]) -> Requirement {
        Requirement {
            id: RequirementId("R-1".to_owned()),
            text: text.to_owned(),
            priority: Priority::Must,
            acceptance: acceptance.iter().map(|one| (*one).to_owned()).collect(),
            origin: Origin::line("prd.md", 1),
        }
    }

    fn said(text: &str) -> String {
        let all = file_assertions(&requirement(text, &[]));
        all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn a_statement_about_a_file_is_read_in_few_forms() {
        for (text, expected) in [
            ("`docs/api.md` exists", "`docs/api.md` exists"),
            ("The file `LICENSE` must exist.", "`LICENSE` exists"),
            ("There must be a file `settings`", "`settings` exists"),
            ("FR-1: `./README.md` exists", "`README.md` exists"),
            ("`old/` does not exist", "`old` does not exist"),
            ("`README.md` must contain `cargo run`", "`README.md` contains `cargo run`"),
            ("`README.md` contains \"How to run\"", "`README.md` contains `How to run`"),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn anything_else_says_nothing_of_files() {
        for text in [
            "`add` exists",
            "`config.load` must exist",
            "`docs/api.md` exists and is long",
            "When `a/b.txt` exists it is read",
            "`../secret.txt` exists",
            "`/etc/passwd` exists",
            "`.git/config` exists",
            "The file must exist",
            "`a/$(id).txt` exists",
            "`README.md` contains the words",
        ] {
            assert_eq!(said(text), "", "{text}");
        }
    }

    #[test]
    fn files_show_all_of_a_requirement_only_where_it_says_nothing_else() {
        assert!(is_about_files_only(&requirement("`a.md` exists", &[])));
        assert!(is_about_files_only(&requirement("It is described", &["`a.md` exists"])));
        assert!(!is_about_files_only(&requirement("It works", &["`a.md` exists", "It is fast"])));
        assert!(!is_about_files_only(&requirement("`a.md` exists", &["It is fast"])));
    }
}
