//! Jira: the cloud with REST version 3 and its documents, servers with version 2 and wiki text.
//!
//! Source: "The Jira Cloud platform REST API", and "JIRA Server platform REST API reference".

use loki_spec::{Comment, Issue, Link, adf_to_markdown, wiki_to_markdown};
use serde_json::Value;

use crate::ForgeError;
use crate::forges::COMMENTS_MAX;
use crate::json::{elements, text, texts};
use crate::settings::{Settings, is_cloud};
use crate::web::{JSON, Site};

const FIELDS: &str =
    "summary,description,status,labels,priority,reporter,issuelinks,subtasks,parent,issuetype";
/// Comments asked for at once.
const COMMENTS_AT_ONCE: &str = "100";

pub(crate) fn issue(
    settings: &Settings,
    site: Option<&str>,
    key: &str,
) -> Result<Issue, ForgeError> {
    let site = Site::open(settings.jira(site, key)?, JSON, Vec::new())?;
    let version = version(&site)?;
    let url = site.base.below(&["rest", "api", version, "issue", key], &[("fields", FIELDS)]);
    let told = site.get(url, key)?.body;
    let page = site.base.below(&["browse", key], &[]).to_string();
    let Some(mut issue) = issue_of(&told, version, key, page) else {
        return Err(site.odd("an issue without a summary".to_owned()));
    };
    comments(&site, version, key, &mut issue)?;
    Ok(issue)
}

/// Nothing when it has no summary.
pub(crate) fn issue_of(told: &Value, version: &str, key: &str, url: String) -> Option<Issue> {
    let fields = &told["fields"];
    let priority = text(&fields["priority"], "name");
    Some(Issue {
        id: key.to_owned(),
        url,
        title: fields["summary"].as_str()?.to_owned(),
        body: markdown(&fields["description"], version),
        state: text(&fields["status"], "name"),
        author: text(&fields["reporter"], "displayName"),
        labels: texts(&fields["labels"]),
        priority: (!priority.is_empty()).then_some(priority),
        links: links(fields),
        ..Issue::default()
    })
}

pub(crate) fn said(said: &Value, version: &str, page: &str) -> Comment {
    let place = text(said, "id");
    let is_plain = !place.is_empty() && place.bytes().all(|byte| byte.is_ascii_digit());
    let url = if is_plain { format!("{page}?focusedCommentId={place}") } else { String::new() };
    Comment {
        author: text(&said["author"], "displayName"),
        has_a_say: true,
        written_at: text(said, "created"),
        body: markdown(&said["body"], version),
        url,
    }
}

/// The cloud has version 3. Who else that is can be asked for without logging in.
fn version(site: &Site) -> Result<&'static str, ForgeError> {
    if is_cloud(&site.base.site()) {
        return Ok("3");
    }
    let url = site.base.below(&["rest", "api", "2", "serverInfo"], &[]);
    match site.get(url, "serverInfo") {
        Ok(reply) if reply.body["deploymentType"] == "Cloud" => Ok("3"),
        Ok(reply) if reply.body.is_object() => Ok("2"),
        Ok(_) => Err(site.odd("what it says about itself is no object".to_owned())),
        // Some servers show it to nobody; the issue itself will tell.
        Err(ForgeError::NotLoggedIn { .. } | ForgeError::Forbidden { .. }) => Ok("2"),
        Err(err) => Err(err),
    }
}

fn markdown(value: &Value, version: &str) -> String {
    match (value, version) {
        (Value::String(wiki), "2") => wiki_to_markdown(wiki),
        (Value::Null, _) => String::new(),
        (document, _) => adf_to_markdown(document),
    }
}

fn links(fields: &Value) -> Vec<Link> {
    let of = |relation: &str, other: &Value| {
        let id = text(other, "key");
        let title = text(&other["fields"], "summary");
        (!id.is_empty()).then(|| Link { relation: relation.to_owned(), id, title })
    };
    let linked = elements(&fields["issuelinks"]).iter().filter_map(|link| {
        let outward = of(&text(&link["type"], "outward"), &link["outwardIssue"]);
        outward.or_else(|| of(&text(&link["type"], "inward"), &link["inwardIssue"]))
    });
    let below = elements(&fields["subtasks"]).iter().filter_map(|task| of("subtask", task));
    of("parent", &fields["parent"]).into_iter().chain(linked).chain(below).collect()
}

/// Whoever may comment there was let in.
fn comments(site: &Site, version: &str, key: &str, issue: &mut Issue) -> Result<(), ForgeError> {
    const PAGES_MAX: usize = 20;
    let mut start = 0_usize;
    for _ in 0..PAGES_MAX {
        let from = start.to_string();
        let asked =
            [("startAt", from.as_str()), ("maxResults", COMMENTS_AT_ONCE), ("orderBy", "created")];
        let url = site.base.below(&["rest", "api", version, "issue", key, "comment"], &asked);
        let told = site.get(url, key)?.body;
        let page = elements(&told["comments"]);
        let url = issue.url.clone();
        issue.comments.extend(page.iter().map(|told| said(told, version, &url)));
        start += page.len();
        let total = told["total"].as_u64().and_then(|total| usize::try_from(total).ok());
        let total = total.unwrap_or(start);
        if page.is_empty() || start >= total {
            return Ok(());
        }
        if start >= COMMENTS_MAX {
            issue.comments_left_out = (total - start) as u64;
            return Ok(());
        }
    }
    Ok(())
}
