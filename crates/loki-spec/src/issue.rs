//! Issues of forges and trackers: how one is named, what one is, and how it becomes a spec.
//!
//! Refuses to ask anybody: `loki-forge` does, and brings the [`Issue`].

mod compose;
mod discussion;
mod labels;

use std::fmt;

use loki_model::{Note, Origin, Priority, Spec};

use self::compose::compose;
use self::labels::wanted;
use crate::{SpecProblem, read, wording};

/// An issue, before anybody was asked for it.
///
/// Hosts are in lower case and have a port where it is not the usual one; there is no scheme, since
/// only HTTPS is spoken unless the user says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssueRef {
    /// Of the repository around here, wherever its remote is.
    Here {
        /// From 1.
        number: u64,
    },
    /// Of a repository on GitHub or GitHub Enterprise.
    GitHub {
        /// Nothing for the usual one.
        host: Option<String>,
        /// `owner/name`
        repository: String,
        /// From 1.
        number: u64,
    },
    /// Of a project on GitLab.
    GitLab {
        /// Such as `gitlab.com`.
        host: String,
        /// `group/sub/project`
        project: String,
        /// The one that the project counts, from 1.
        number: u64,
    },
    /// A work item of Azure DevOps.
    AzureDevOps {
        /// Host and organisation, or collection: `dev.azure.com/acme`.
        collection: String,
        /// Where the address names it.
        project: Option<String>,
        /// Its id.
        number: u64,
    },
    /// Of Jira.
    Jira {
        /// Host and path of the site; nothing for the usual one.
        site: Option<String>,
        /// `PROJ-456`
        key: String,
    },
}

impl fmt::Display for IssueRef {
    /// As people name it: `acme/shop#42`, `PROJ-456`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IssueRef::Here { number } => write!(f, "#{number}"),
            IssueRef::GitHub { repository: project, number, .. }
            | IssueRef::GitLab { project, number, .. } => write!(f, "{project}#{number}"),
            IssueRef::AzureDevOps { collection, project, number } => {
                let organisation = collection.split_once('/').map_or(collection.as_str(), |c| c.1);
                match project {
                    Some(project) => write!(f, "{organisation}/{project}#{number}"),
                    None => write!(f, "{organisation}#{number}"),
                }
            }
            IssueRef::Jira { key, .. } => f.write_str(key),
        }
    }
}

/// An issue as a forge told it. All of it is untrusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issue {
    /// Names it among others: `acme/shop#42`, `PROJ-456`.
    pub id: String,
    /// The page that shows it.
    pub url: String,
    /// In one line.
    pub title: String,
    /// Markdown; empty where nobody wrote anything.
    pub body: String,
    /// As the forge calls it: `open`, `In Progress`.
    pub state: String,
    /// Who opened it, as the forge names people.
    pub author: String,
    /// In the forge's order.
    pub labels: Vec<String>,
    /// How urgent the tracker has it, where it has a field for that: `High`, `2`.
    pub priority: Option<String>,
    /// Oldest first.
    pub comments: Vec<Comment>,
    /// How many comments there are beyond those.
    pub comments_left_out: u64,
    /// Other issues that it names as related.
    pub links: Vec<Link>,
}

/// What somebody said about an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comment {
    /// As the forge names people.
    pub author: String,
    /// Whether the author has a say in what is built: opened the issue, or belongs to the project.
    /// What others ask for is told and is no requirement.
    pub has_a_say: bool,
    /// As the forge writes moments.
    pub written_at: String,
    /// Markdown.
    pub body: String,
    /// The place that shows it; empty where there is none.
    pub url: String,
}

/// An issue that another one names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// `blocks`, `is blocked by`, `child`
    pub relation: String,
    /// As in [`Issue::id`].
    pub id: String,
    /// Empty where the forge does not tell it.
    pub title: String,
}

/// Reads an issue as a spec.
///
/// Requirements are what the body asks for, as [`read()`](crate::read()) has it, and what those who have a
/// say ask for in comments; where the body asks for nothing, the title is the one requirement. Their
/// origin is the address of the issue with a 1-based line of its body, or the address of the
/// comment. What people without a say said is context. Labels and the tracker's priority give the priority where the words say none. The
/// spec's text is a Markdown document of all of it, for people and agents; [`read()`](crate::read()) finds the same
/// requirements in it. Problems are those of the body, by its lines. Never fails.
pub fn read_issue(issue: &Issue) -> (Spec, Vec<SpecProblem>) {
    let document = compose(issue);
    let (mut spec, problems) = read(&issue.url, &document.text);
    // A title is what somebody wants, however it begins.
    spec.requirements.retain(|requirement| {
        let line = requirement.origin.line.unwrap_or(0);
        document.is_of_title(line) || !is_formality(&requirement.text)
    });
    let usual = wanted(issue);
    for requirement in &mut spec.requirements {
        let line = requirement.origin.line.unwrap_or(0);
        requirement.origin = document.origin(&issue.url, line);
        if let Some(usual) = usual
            && requirement.priority == Priority::Must
            && wording::priority(&requirement.text).is_none()
        {
            requirement.priority = usual;
        }
    }
    for notes in [&mut spec.constraints, &mut spec.assumptions, &mut spec.context] {
        // What stands elsewhere is loki's own frame around the body.
        notes.retain_mut(|note| match document.body_line(note.origin.line.unwrap_or(0)) {
            Some(line) => {
                note.origin = Origin::line(&issue.url, line);
                true
            }
            None => false,
        });
    }
    spec.context.extend(said_by_others(issue));
    issue.id.clone_into(&mut spec.id);
    let problems = problems.into_iter().filter_map(|p| p.placed(&|line| document.body_line(line)));
    (spec, problems.collect())
}

/// What people without a say said, one note each: told, and neither a requirement nor part of the
/// text by which a change is judged.
fn said_by_others(issue: &Issue) -> Vec<Note> {
    const NOTES_MAX: usize = 100;
    const NOTE_BYTES_MAX: usize = 2_000;
    let others = issue.comments.iter().filter(|comment| !comment.has_a_say);
    let note = |comment: &Comment| {
        let words = comment.body.split(|c: char| c.is_whitespace() || c.is_control());
        let said = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let text = format!("{}: {said}", comment.author);
        let end = text.floor_char_boundary(NOTE_BYTES_MAX);
        let source = if comment.url.is_empty() { &issue.url } else { &comment.url };
        let origin = Origin { source: source.clone(), line: None, pointer: None };
        Note { text: text[..end].to_owned(), origin }
    };
    others.take(NOTES_MAX).map(note).collect()
}

/// What forms let people tick before they may write: `I have searched the existing issues`.
fn is_formality(text: &str) -> bool {
    let text = text.trim_start_matches(['*', '_', ' ']).to_lowercase().replace('’', "'");
    let starts = ["i have ", "i've ", "i agree", "i am ", "i'm ", "i understand", "i searched"];
    starts.iter().any(|start| text.starts_with(start))
}

/// Where a line of the composed text was.
impl compose::Document {
    fn origin(&self, url: &str, line: u32) -> Origin {
        if let Some(comment) = self.comments.iter().find(|(at, _)| *at == line) {
            return Origin { source: comment.1.clone(), line: None, pointer: None };
        }
        match self.body_line(line) {
            Some(line) => Origin::line(url, line),
            None => Origin { source: url.to_owned(), line: None, pointer: None },
        }
    }

    /// Whether a line is neither of the body nor of a comment.
    fn is_of_title(&self, line: u32) -> bool {
        self.body_line(line).is_none() && self.comments.iter().all(|(at, _)| *at != line)
    }

    /// 1-based line of the body.
    fn body_line(&self, line: u32) -> Option<u32> {
        let offset = line.checked_sub(self.body_starts_at)?;
        (offset < self.body_lines).then_some(offset + 1)
    }
}

#[cfg(test)]
mod tests;
