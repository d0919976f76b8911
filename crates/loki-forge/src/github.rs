//! GitHub and GitHub Enterprise: REST, version 2022-11-28.
//!
//! Source: "REST API endpoints for issues" and "… for issue comments" of GitHub's documentation.

mod changes;

use loki_spec::{Comment, Issue};
use serde_json::Value;

use crate::ForgeError;
use crate::address::Base;
use crate::forges::{COMMENTS_MAX, Query};
use crate::json::{elements, text};
use crate::page::{PAGE_SIZE, list};
use crate::settings::Settings;
use crate::web::Site;

pub(crate) use changes::{
    add_label, close, closed, comment, find_comment, has_label, open_request, requests_of,
    update_request,
};

/// One repository, and where its pages are.
struct Repository<'a> {
    site: Site,
    pages: Base,
    owner: &'a str,
    name: &'a str,
}

pub(crate) fn issue(
    settings: &Settings,
    host: &str,
    repository: &str,
    number: u64,
) -> Result<Issue, ForgeError> {
    let repository = Repository::open(settings, host, repository)?;
    let what = repository.id(number);
    let digits = number.to_string();
    let url = repository.address(&["issues", &digits], &[]);
    let told = repository.site.get(url, &what)?.body;
    repository.read(&told, number)
}

/// Requests to merge are issues, too, and are left out.
pub(crate) fn issues(
    settings: &Settings,
    host: &str,
    repository: &str,
    query: &Query,
) -> Result<(Vec<Issue>, bool), ForgeError> {
    let mut repository = Repository::open(settings, host, repository)?;
    repository.site = repository.site.for_many(query.limit);
    let what = format!("{}/{}", repository.owner, repository.name);
    let labels = query.labels.join(",");
    let asked = query.asked("open", &labels);
    let url = repository.address(&["issues"], &asked);
    let (told, mut has_more) = list(&repository.site, url, &what, LISTED_MAX)?;
    let mut issues = Vec::new();
    for told in told.iter().filter(|told| told["pull_request"].is_null()) {
        if issues.len() == query.limit {
            has_more = true;
            break;
        }
        let Some(number) = told["number"].as_u64() else { continue };
        issues.push(repository.read(told, number)?);
    }
    Ok((issues, has_more))
}

/// Most elements of a list that are looked at, requests to merge included.
const LISTED_MAX: usize = 2_000;

impl<'a> Repository<'a> {
    fn open(
        settings: &Settings,
        host: &str,
        repository: &'a str,
    ) -> Result<Repository<'a>, ForgeError> {
        let (pages, access) = settings.github(host)?;
        let headers = vec![("x-github-api-version", "2022-11-28")];
        let site = Site::open(access, "application/vnd.github+json", headers)?;
        let (owner, name) = repository.split_once('/').unwrap_or((repository, ""));
        Ok(Repository { site, pages, owner, name })
    }

    fn id(&self, number: u64) -> String {
        format!("{}/{}#{number}", self.owner, self.name)
    }

    fn address(&self, below: &[&str], query: &[(&str, &str)]) -> reqwest::Url {
        let path = [&["repos", self.owner, self.name], below].concat();
        self.site.base.below(&path, query)
    }

    fn read(&self, told: &Value, number: u64) -> Result<Issue, ForgeError> {
        let digits = number.to_string();
        let page = self.pages.below(&[self.owner, self.name, "issues", &digits], &[]);
        let Some(mut issue) = issue_of(told, self.id(number), page.to_string()) else {
            return Err(self.site.odd("an issue without a title".to_owned()));
        };
        let count = told["comments"].as_u64().unwrap_or(0);
        if count > 0 {
            let path = ["issues", &digits, "comments"];
            let url = self.address(&path, &[("per_page", PAGE_SIZE)]);
            let (told, has_more) = list(&self.site, url, &issue.id, COMMENTS_MAX)?;
            issue.comments = told.iter().map(|told| said(told, &issue)).collect();
            if has_more {
                issue.comments_left_out = count.saturating_sub(COMMENTS_MAX as u64).max(1);
            }
        }
        Ok(issue)
    }
}

/// Nothing when it has no title.
pub(crate) fn issue_of(told: &Value, id: String, url: String) -> Option<Issue> {
    let labels = elements(&told["labels"]).iter().map(|label| match label {
        Value::String(name) => name.clone(),
        label => text(label, "name"),
    });
    Some(Issue {
        id,
        url,
        title: told["title"].as_str()?.to_owned(),
        body: text(told, "body"),
        state: text(told, "state"),
        author: text(&told["user"], "login"),
        labels: labels.filter(|name| !name.is_empty()).collect(),
        ..Issue::default()
    })
}

pub(crate) fn said(told: &Value, issue: &Issue) -> Comment {
    let author = text(&told["user"], "login");
    let belongs =
        matches!(told["author_association"].as_str(), Some("OWNER" | "MEMBER" | "COLLABORATOR"));
    let is_bot = told["user"]["type"] == "Bot";
    let place = told["id"].as_u64().map(|id| format!("{}#issuecomment-{id}", issue.url));
    Comment {
        has_a_say: !is_bot && (belongs || !author.is_empty() && author == issue.author),
        author,
        written_at: text(told, "created_at"),
        body: text(told, "body"),
        url: place.unwrap_or_default(),
    }
}
