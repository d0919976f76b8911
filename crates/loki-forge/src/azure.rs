//! Azure DevOps, Microsoft's or a server of one's own: REST, version 7.1.
//!
//! Source: "Work Items - Get Work Item", "Comments - Get Comments" and "Wiql - Query By Wiql" of
//! the Azure DevOps Services REST API reference.

use loki_spec::{Comment, Issue, Link, html_to_markdown};
use serde_json::{Value, json};

use crate::ForgeError;
use crate::forges::{COMMENTS_MAX, IssueState, Query};
use crate::json::{elements, text};
use crate::settings::Settings;
use crate::web::{JSON, Site};

const VERSION: (&str, &str) = ("api-version", "7.1");
/// Comments are in preview for years.
const COMMENTS_VERSION: (&str, &str) = ("api-version", "7.1-preview.4");
/// Comments asked for at once; the service gives no more.
const COMMENTS_AT_ONCE: &str = "200";

/// Fields that say what is wanted, and the heading that each gets.
const TEXTS: [(&str, Option<&str>); 3] = [
    ("System.Description", None),
    ("Microsoft.VSTS.TCM.ReproSteps", Some("Steps to reproduce")),
    ("Microsoft.VSTS.Common.AcceptanceCriteria", Some("Acceptance criteria")),
];

pub(crate) fn issue(
    settings: &Settings,
    collection: &str,
    project: Option<&str>,
    number: u64,
) -> Result<Issue, ForgeError> {
    let site = Site::open(settings.azure(collection)?, JSON, Vec::new())?;
    let place = site.base.site();
    let what = match project {
        Some(project) => format!("{place}/{project}#{number}"),
        None => format!("{place}#{number}"),
    };
    read(&site, project, number, &what)
}

pub(crate) fn issues(
    settings: &Settings,
    collection: &str,
    project: &str,
    query: &Query,
) -> Result<(Vec<Issue>, bool), ForgeError> {
    let site = Site::open(settings.azure(collection)?, JSON, Vec::new())?.for_many(query.limit);
    let what = format!("{}/{project}", site.base.site());
    let one_more = (query.limit + 1).to_string();
    let url = site.base.below(&[project, "_apis", "wit", "wiql"], &[VERSION, ("$top", &one_more)]);
    let told = site.post(url, &json!({ "query": wiql(query) }), &what)?.body;
    let numbers = elements(&told["workItems"]).iter().filter_map(|item| item["id"].as_u64());
    let mut numbers: Vec<u64> = numbers.collect();
    let has_more = numbers.len() > query.limit;
    numbers.truncate(query.limit);
    let read = |number| read(&site, Some(project), number, &format!("{what}#{number}"));
    let issues: Result<Vec<Issue>, ForgeError> = numbers.into_iter().map(read).collect();
    Ok((issues?, has_more))
}

/// The question in the language of work items. What users give stands in quotes.
fn wiql(query: &Query) -> String {
    let mut question =
        "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project".to_owned();
    match query.state {
        IssueState::Open => question.push_str(
            " AND [System.State] NOT IN ('Closed', 'Done', 'Removed', 'Resolved', 'Completed')",
        ),
        IssueState::Closed => question.push_str(
            " AND [System.State] IN ('Closed', 'Done', 'Removed', 'Resolved', 'Completed')",
        ),
        IssueState::All => {}
    }
    for label in &query.labels {
        let label = label.replace('\'', "''");
        question.push_str(&format!(" AND [System.Tags] CONTAINS '{label}'"));
    }
    question.push_str(" ORDER BY [System.CreatedDate] DESC");
    question
}

fn read(site: &Site, project: Option<&str>, number: u64, what: &str) -> Result<Issue, ForgeError> {
    let digits = number.to_string();
    let mut path: Vec<&str> = project.into_iter().collect();
    path.extend(["_apis", "wit", "workitems", &digits]);
    let url = site.base.below(&path, &[("$expand", "relations"), VERSION]);
    let told = site.get(url, what)?.body;
    let in_project = text(&told["fields"], "System.TeamProject");
    let project = project.unwrap_or(&in_project);
    let organisation = site.base.path();
    let owner = if organisation.is_empty() { site.base.host() } else { organisation.to_owned() };
    let page = site.base.below(&[project, "_workitems", "edit", &digits], &[]);
    let id = format!("{owner}/{project}#{number}");
    let Some(mut issue) = issue_of(&told, id, page.to_string()) else {
        return Err(site.odd("a work item without a title".to_owned()));
    };
    if told["fields"]["System.CommentCount"].as_u64() != Some(0) {
        comments(site, project, &digits, what, &mut issue)?;
    }
    Ok(issue)
}

/// Nothing when it has no title.
pub(crate) fn issue_of(told: &Value, id: String, url: String) -> Option<Issue> {
    let fields = &told["fields"];
    let tags = text(fields, "System.Tags");
    let labels = tags.split(';').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty());
    Some(Issue {
        id,
        url,
        title: fields["System.Title"].as_str()?.to_owned(),
        body: body(told),
        state: text(fields, "System.State"),
        author: person(&fields["System.CreatedBy"]),
        labels: labels.collect(),
        priority: fields["Microsoft.VSTS.Common.Priority"].as_f64().map(|p| p.to_string()),
        links: elements(&told["relations"]).iter().filter_map(link).collect(),
        ..Issue::default()
    })
}

pub(crate) fn said(said: &Value) -> Comment {
    Comment {
        author: person(&said["createdBy"]),
        has_a_say: true,
        written_at: text(said, "createdDate"),
        body: markdown(&said["text"], &said["format"]),
        url: String::new(),
    }
}

fn body(told: &Value) -> String {
    let mut body = String::new();
    for (field, heading) in TEXTS {
        let markdown = markdown(&told["fields"][field], &told["multilineFieldsFormat"][field]);
        if markdown.trim().is_empty() {
            continue;
        }
        if let Some(heading) = heading {
            body.push_str(&format!("\n\n## {heading}\n\n"));
        }
        body.push_str(markdown.trim());
    }
    body.trim().to_owned()
}

/// Fields are HTML unless their format says otherwise.
fn markdown(field: &Value, format: &Value) -> String {
    let written = field.as_str().unwrap_or_default();
    let is_markdown = format.as_str().is_some_and(|f| f.eq_ignore_ascii_case("markdown"));
    if is_markdown { written.to_owned() } else { html_to_markdown(written) }
}

/// A person, as an object or, in old versions, as `Name <address>`.
fn person(told: &Value) -> String {
    match told {
        Value::String(name) => name.split('<').next().unwrap_or_default().trim().to_owned(),
        told => text(told, "displayName"),
    }
}

/// Other work items; links to commits and attachments are left out.
fn link(told: &Value) -> Option<Link> {
    let address = told["url"].as_str()?;
    let (before, id) = address.rsplit_once('/')?;
    let is_item = before.to_ascii_lowercase().ends_with("/workitems");
    let number: u64 = id.parse().ok().filter(|_| is_item)?;
    let relation = text(&told["attributes"], "name");
    Some(Link { relation, id: format!("#{number}"), title: String::new() })
}

/// Whoever may comment there belongs to the organisation.
fn comments(
    site: &Site,
    project: &str,
    digits: &str,
    what: &str,
    issue: &mut Issue,
) -> Result<(), ForgeError> {
    const PAGES_MAX: usize = 20;
    let mut token: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let path = [project, "_apis", "wit", "workItems", digits, "comments"];
        let mut asked = vec![COMMENTS_VERSION, ("$top", COMMENTS_AT_ONCE), ("order", "asc")];
        if let Some(token) = &token {
            asked.push(("continuationToken", token));
        }
        let told = site.get(site.base.below(&path, &asked), what)?.body;
        for comment in elements(&told["comments"]).iter().filter(|it| it["isDeleted"] != true) {
            if issue.comments.len() == COMMENTS_MAX {
                issue.comments_left_out += 1;
                continue;
            }
            issue.comments.push(said(comment));
        }
        let next = told["continuationToken"].as_str().map(str::to_owned);
        if next.is_none() || next == token || issue.comments.len() >= COMMENTS_MAX {
            return Ok(());
        }
        token = next;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_can_not_leave_its_quotes() {
        let query = Query { labels: vec!["it's".to_owned()], state: IssueState::All, limit: 1 };
        assert!(wiql(&query).contains("CONTAINS 'it''s' ORDER"), "{}", wiql(&query));
    }
}
