//! Changes on GitLab.
//!
//! Source: "Merge requests API", "Notes API" and "Issues API" of GitLab's documentation.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::Project;
use crate::changes::{About, LOOKED_THROUGH_MAX, NewRequest, Posted, RequestSeen};
use crate::error::{ForgeError, NotDone};
use crate::json::{text, texts};
use crate::page::{PAGE_SIZE, list};
use crate::settings::Settings;

pub(crate) fn requests_of(
    settings: &Settings,
    host: &str,
    project: &str,
    head: &str,
) -> Result<Vec<RequestSeen>, ForgeError> {
    let project = Project::open(settings, host, project)?;
    let asked = [("source_branch", head), ("state", "all"), ("per_page", PAGE_SIZE)];
    let what = project.what("merge requests");
    let url = project.address(&["merge_requests"], &asked);
    let (told, has_more) = list(&project.site, url, &what, LOOKED_THROUGH_MAX)?;
    if has_more {
        return Err(ForgeError::TooMany { host: project.site.host(), what });
    }
    // Forks have branches of the same name.
    let of_head = told.iter().filter(|told| {
        told["source_branch"] == head && told["source_project_id"] == told["target_project_id"]
    });
    let seen = of_head.filter_map(|told| {
        let number = told["iid"].as_u64()?;
        Some(RequestSeen {
            posted: project.posted(told, About::Request(number)),
            is_open: matches!(told["state"].as_str(), Some("opened" | "locked")),
            body: text(told, "description"),
        })
    });
    Ok(seen.collect())
}

pub(crate) fn open_request(
    settings: &Settings,
    host: &str,
    project: &str,
    request: &NewRequest<'_>,
) -> Result<Posted, NotDone> {
    let project = open(settings, host, project)?;
    let NewRequest { head, base, title, body } = request;
    let body =
        json!({"source_branch": head, "target_branch": base, "title": title, "description": body});
    let url = project.address(&["merge_requests"], &[]);
    let what = project.what("merge requests");
    let told = project.site.change(Method::POST, url, &body, &what)?.body;
    project.request(&told)
}

pub(crate) fn update_request(
    settings: &Settings,
    host: &str,
    project: &str,
    number: u64,
    request: &NewRequest<'_>,
) -> Result<Posted, NotDone> {
    let project = open(settings, host, project)?;
    let NewRequest { base, title, body, .. } = request;
    let body = json!({"target_branch": base, "title": title, "description": body});
    let url = project.address(&["merge_requests", &number.to_string()], &[]);
    let what = project.id_of(About::Request(number));
    let told = project.site.change(Method::PUT, url, &body, &what)?.body;
    project.request(&told)
}

pub(crate) fn find_comment(
    settings: &Settings,
    host: &str,
    project: &str,
    about: About,
    marker: &str,
    since: Timestamp,
) -> Result<Option<Posted>, ForgeError> {
    let project = Project::open(settings, host, project)?;
    let asked = [("sort", "desc"), ("order_by", "created_at"), ("per_page", PAGE_SIZE)];
    let (kind, number) = place(about);
    let url = project.address(&[kind, &number.to_string(), "notes"], &asked);
    let what = project.id_of(about);
    let (told, has_more) = list(&project.site, url, &what, LOOKED_THROUGH_MAX)?;
    let found = told.iter().find(|told| text(told, "body").contains(marker));
    if let Some(told) = found {
        return Ok(Some(project.note(told, about)));
    }
    // Newest first: what is left out is older than what was looked through.
    let reached = told.last().and_then(|told| told["created_at"].as_str()?.parse().ok());
    if has_more && reached.is_none_or(|at: Timestamp| at >= since) {
        return Err(ForgeError::TooMany { host: project.site.host(), what });
    }
    Ok(None)
}

pub(crate) fn comment(
    settings: &Settings,
    host: &str,
    project: &str,
    about: About,
    body: &str,
) -> Result<Posted, NotDone> {
    let project = open(settings, host, project)?;
    let (kind, number) = place(about);
    let url = project.address(&[kind, &number.to_string(), "notes"], &[]);
    let body = json!({ "body": body });
    let told = project.site.change(Method::POST, url, &body, &project.id_of(about))?.body;
    Ok(project.note(&told, about))
}

pub(crate) fn has_label(
    settings: &Settings,
    host: &str,
    project: &str,
    about: About,
    label: &str,
) -> Result<Option<Posted>, ForgeError> {
    let project = Project::open(settings, host, project)?;
    let told = project.told(about)?;
    let has = texts(&told["labels"]).iter().any(|told| told == label);
    Ok(has.then(|| project.posted(&told, about)))
}

pub(crate) fn add_label(
    settings: &Settings,
    host: &str,
    project: &str,
    about: About,
    label: &str,
) -> Result<Posted, NotDone> {
    let project = open(settings, host, project)?;
    let told = project.put(about, &json!({ "add_labels": label }))?;
    Ok(project.posted(&told, about))
}

pub(crate) fn closed(
    settings: &Settings,
    host: &str,
    project: &str,
    number: u64,
) -> Result<Option<Posted>, ForgeError> {
    let project = Project::open(settings, host, project)?;
    let told = project.told(About::Issue(number))?;
    Ok((told["state"] == "closed").then(|| project.posted(&told, About::Issue(number))))
}

pub(crate) fn close(
    settings: &Settings,
    host: &str,
    project: &str,
    number: u64,
) -> Result<Posted, NotDone> {
    let project = open(settings, host, project)?;
    let told = project.put(About::Issue(number), &json!({ "state_event": "close" }))?;
    Ok(project.posted(&told, About::Issue(number)))
}

fn open(settings: &Settings, host: &str, project: &str) -> Result<Project, NotDone> {
    Project::open(settings, host, project).map_err(NotDone::NotSent)
}

/// Issues and requests are counted apart.
fn place(about: About) -> (&'static str, u64) {
    match about {
        About::Issue(number) => ("issues", number),
        About::Request(number) => ("merge_requests", number),
    }
}

impl Project {
    fn what(&self, what: &str) -> String {
        format!("{what} of {}", self.path)
    }

    fn id_of(&self, about: About) -> String {
        match about {
            About::Issue(number) => self.id(number),
            About::Request(number) => format!("{}!{number}", self.path),
        }
    }

    fn told(&self, about: About) -> Result<Value, ForgeError> {
        let (kind, number) = place(about);
        let url = self.address(&[kind, &number.to_string()], &[]);
        Ok(self.site.get(url, &self.id_of(about))?.body)
    }

    fn put(&self, about: About, body: &Value) -> Result<Value, NotDone> {
        let (kind, number) = place(about);
        let url = self.address(&[kind, &number.to_string()], &[]);
        Ok(self.site.change(Method::PUT, url, body, &self.id_of(about))?.body)
    }

    fn request(&self, told: &Value) -> Result<Posted, NotDone> {
        match told["iid"].as_u64() {
            Some(number) => Ok(self.posted(told, About::Request(number))),
            None => Err(NotDone::Unclear(self.site.odd("a request without a number".to_owned()))),
        }
    }

    fn posted(&self, told: &Value, about: About) -> Posted {
        let (kind, number) = place(about);
        let digits = number.to_string();
        let mut path: Vec<&str> = self.path.split('/').collect();
        path.extend(["-", kind, &digits]);
        let own = self.site.base.below(&path, &[]);
        let said = reqwest::Url::parse(told["web_url"].as_str().unwrap_or_default());
        let said = said.ok().filter(|url| self.site.base.has_origin_of(url));
        Posted { url: said.unwrap_or(own).to_string(), number: Some(number) }
    }

    fn note(&self, told: &Value, about: About) -> Posted {
        let page = self.posted(&Value::Null, about).url;
        let place = told["id"].as_u64().map(|id| format!("{page}#note_{id}"));
        Posted { url: place.unwrap_or(page), number: None }
    }
}
