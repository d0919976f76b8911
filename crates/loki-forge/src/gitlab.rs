//! GitLab, its own or anybody's: REST, version 4.
//!
//! Source: "Issues API" and "Notes API" of GitLab's documentation.

mod changes;

use loki_spec::{Comment, Issue};
use serde_json::Value;

use crate::ForgeError;
use crate::forges::{COMMENTS_MAX, Query};
use crate::json::{elements, text, texts};
use crate::page::{PAGE_SIZE, list};
use crate::settings::Settings;
use crate::web::{JSON, Site};

pub(crate) use changes::{
    add_label, close, closed, comment, find_comment, has_label, open_request, requests_of,
    update_request,
};

/// One project. Issues and work items of it are counted together.
struct Project {
    site: Site,
    path: String,
}

pub(crate) fn issue(
    settings: &Settings,
    host: &str,
    project: &str,
    number: u64,
) -> Result<Issue, ForgeError> {
    let project = Project::open(settings, host, project)?;
    let url = project.address(&["issues", &number.to_string()], &[]);
    let told = project.site.get(url, &project.id(number))?.body;
    project.read(&told, number)
}

pub(crate) fn issues(
    settings: &Settings,
    host: &str,
    project: &str,
    query: &Query,
) -> Result<(Vec<Issue>, bool), ForgeError> {
    let mut project = Project::open(settings, host, project)?;
    project.site = project.site.for_many(query.limit);
    let labels = query.labels.join(",");
    let asked = query.asked("opened", &labels);
    let url = project.address(&["issues"], &asked);
    let (told, has_more) = list(&project.site, url, &project.path, query.limit)?;
    let mut issues = Vec::new();
    for told in &told {
        let Some(number) = told["iid"].as_u64() else { continue };
        issues.push(project.read(told, number)?);
    }
    Ok((issues, has_more))
}

impl Project {
    fn open(settings: &Settings, host: &str, project: &str) -> Result<Project, ForgeError> {
        let access = settings.gitlab(host)?;
        // A server below a path has that path in front of every project.
        let below = format!("{}/", access.base.path());
        let path = project.strip_prefix(&below).unwrap_or(project).to_owned();
        Ok(Project { site: Site::open(access, JSON, Vec::new())?, path })
    }

    fn id(&self, number: u64) -> String {
        format!("{}#{number}", self.path)
    }

    fn address(&self, below: &[&str], query: &[(&str, &str)]) -> reqwest::Url {
        let path = [&["api", "v4", "projects", &self.path], below].concat();
        self.site.base.below(&path, query)
    }

    fn page(&self, number: u64) -> String {
        let digits = number.to_string();
        let mut path: Vec<&str> = self.path.split('/').collect();
        path.extend(["-", "issues", &digits]);
        self.site.base.below(&path, &[]).to_string()
    }

    fn read(&self, told: &Value, number: u64) -> Result<Issue, ForgeError> {
        let Some(mut issue) = issue_of(told, self.id(number), self.page(number)) else {
            return Err(self.site.odd("an issue without a title".to_owned()));
        };
        let trusted = trusted(told);
        // Older servers do not count them.
        let count = told["user_notes_count"].as_u64().unwrap_or(1);
        if count > 0 {
            let asked = [("sort", "asc"), ("order_by", "created_at"), ("per_page", PAGE_SIZE)];
            let url = self.address(&["issues", &number.to_string(), "notes"], &asked);
            let (told, has_more) = list(&self.site, url, &issue.id, COMMENTS_MAX)?;
            let notes = told.iter().filter(|note| note["system"] != true);
            issue.comments = notes.map(|note| said(note, &issue.url, &trusted)).collect();
            if has_more {
                issue.comments_left_out = count.saturating_sub(COMMENTS_MAX as u64).max(1);
            }
        }
        Ok(issue)
    }
}

/// Nothing when it has no title.
pub(crate) fn issue_of(told: &Value, id: String, url: String) -> Option<Issue> {
    Some(Issue {
        id,
        url,
        title: told["title"].as_str()?.to_owned(),
        body: text(told, "description"),
        state: text(told, "state"),
        author: text(&told["author"], "username"),
        labels: texts(&told["labels"]),
        ..Issue::default()
    })
}

/// GitLab does not tell who belongs to a project: who opened the issue or works on it has a say.
pub(crate) fn trusted(told: &Value) -> Vec<String> {
    let assigned = elements(&told["assignees"]).iter().map(|person| text(person, "username"));
    let author = text(&told["author"], "username");
    assigned.chain([author]).filter(|name| !name.is_empty()).collect()
}

pub(crate) fn said(told: &Value, page: &str, trusted: &[String]) -> Comment {
    let author = text(&told["author"], "username");
    let place = told["id"].as_u64().map(|id| format!("{page}#note_{id}"));
    Comment {
        has_a_say: trusted.contains(&author),
        author,
        written_at: text(told, "created_at"),
        body: text(told, "body"),
        url: place.unwrap_or_default(),
    }
}
