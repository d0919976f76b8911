//! Changes on GitHub.
//!
//! Source: "REST API endpoints for pull requests", "… for issue comments", "… for labels", "… for issues".

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::Repository;
use crate::changes::{About, LOOKED_THROUGH_MAX, NewRequest, Posted, RequestSeen};
use crate::error::{ForgeError, NotDone};
use crate::json::{elements, text};
use crate::page::{PAGE_SIZE, list};
use crate::settings::Settings;

pub(crate) fn requests_of(
    settings: &Settings,
    host: &str,
    repository: &str,
    head: &str,
) -> Result<Vec<RequestSeen>, ForgeError> {
    let repository = Repository::open(settings, host, repository)?;
    let whose = format!("{}:{head}", repository.owner);
    let asked = [("head", whose.as_str()), ("state", "all"), ("per_page", PAGE_SIZE)];
    let what = repository.what("pull requests");
    let url = repository.address(&["pulls"], &asked);
    let (told, has_more) = list(&repository.site, url, &what, LOOKED_THROUGH_MAX)?;
    if has_more {
        return Err(ForgeError::TooMany { host: repository.site.host(), what });
    }
    // A server that does not know the filter would tell of all.
    let of_head = told.iter().filter(|told| told["head"]["ref"] == head);
    let seen = of_head.filter_map(|told| {
        let number = told["number"].as_u64()?;
        Some(RequestSeen {
            posted: repository.page(told, "pull", number),
            is_open: told["state"] == "open",
            body: text(told, "body"),
        })
    });
    Ok(seen.collect())
}

pub(crate) fn open_request(
    settings: &Settings,
    host: &str,
    repository: &str,
    request: &NewRequest<'_>,
) -> Result<Posted, NotDone> {
    let repository = open(settings, host, repository)?;
    let NewRequest { head, base, title, body } = request;
    let body = json!({"title": title, "head": head, "base": base, "body": body});
    let url = repository.address(&["pulls"], &[]);
    let told = repository.site.change(Method::POST, url, &body, &repository.what("pull requests"));
    repository.request(&told?.body)
}

pub(crate) fn update_request(
    settings: &Settings,
    host: &str,
    repository: &str,
    number: u64,
    request: &NewRequest<'_>,
) -> Result<Posted, NotDone> {
    let repository = open(settings, host, repository)?;
    let NewRequest { base, title, body, .. } = request;
    let body = json!({"title": title, "base": base, "body": body});
    let url = repository.address(&["pulls", &number.to_string()], &[]);
    let told = repository.site.change(Method::PATCH, url, &body, &repository.id(number));
    repository.request(&told?.body)
}

pub(crate) fn find_comment(
    settings: &Settings,
    host: &str,
    repository: &str,
    about: About,
    marker: &str,
    since: Timestamp,
) -> Result<Option<Posted>, ForgeError> {
    let repository = Repository::open(settings, host, repository)?;
    let (kind, number) = place(about);
    let since = since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let url = repository.address(
        &["issues", &number.to_string(), "comments"],
        &[("since", &since), ("per_page", PAGE_SIZE)],
    );
    let what = repository.id(number);
    let (told, has_more) = list(&repository.site, url, &what, LOOKED_THROUGH_MAX)?;
    match told.iter().find(|told| text(told, "body").contains(marker)) {
        Some(told) => Ok(Some(Posted { number: None, ..repository.page(told, kind, number) })),
        None if has_more => Err(ForgeError::TooMany { host: repository.site.host(), what }),
        None => Ok(None),
    }
}

pub(crate) fn comment(
    settings: &Settings,
    host: &str,
    repository: &str,
    about: About,
    body: &str,
) -> Result<Posted, NotDone> {
    let repository = open(settings, host, repository)?;
    let (kind, number) = place(about);
    let url = repository.address(&["issues", &number.to_string(), "comments"], &[]);
    let body = json!({ "body": body });
    let told = repository.site.change(Method::POST, url, &body, &repository.id(number))?.body;
    Ok(Posted { number: None, ..repository.page(&told, kind, number) })
}

pub(crate) fn has_label(
    settings: &Settings,
    host: &str,
    repository: &str,
    about: About,
    label: &str,
) -> Result<Option<Posted>, ForgeError> {
    let repository = Repository::open(settings, host, repository)?;
    let (kind, number) = place(about);
    let told = repository.told(number)?;
    // GitHub takes no notice of case there.
    let has = elements(&told["labels"])
        .iter()
        .any(|told| text(told, "name").to_lowercase() == label.to_lowercase());
    Ok(has.then(|| repository.page(&told, kind, number)))
}

pub(crate) fn add_label(
    settings: &Settings,
    host: &str,
    repository: &str,
    about: About,
    label: &str,
) -> Result<Posted, NotDone> {
    let repository = open(settings, host, repository)?;
    let (kind, number) = place(about);
    let url = repository.address(&["issues", &number.to_string(), "labels"], &[]);
    let body = json!({ "labels": [label] });
    repository.site.change(Method::POST, url, &body, &repository.id(number))?;
    Ok(repository.page(&Value::Null, kind, number))
}

pub(crate) fn closed(
    settings: &Settings,
    host: &str,
    repository: &str,
    number: u64,
) -> Result<Option<Posted>, ForgeError> {
    let repository = Repository::open(settings, host, repository)?;
    let told = repository.told(number)?;
    Ok((told["state"] == "closed").then(|| repository.page(&told, "issues", number)))
}

pub(crate) fn close(
    settings: &Settings,
    host: &str,
    repository: &str,
    number: u64,
) -> Result<Posted, NotDone> {
    let repository = open(settings, host, repository)?;
    let url = repository.address(&["issues", &number.to_string()], &[]);
    let body = json!({"state": "closed", "state_reason": "completed"});
    let told = repository.site.change(Method::PATCH, url, &body, &repository.id(number))?.body;
    Ok(repository.page(&told, "issues", number))
}

fn open<'a>(
    settings: &Settings,
    host: &str,
    repository: &'a str,
) -> Result<Repository<'a>, NotDone> {
    Repository::open(settings, host, repository).map_err(NotDone::NotSent)
}

/// Requests to merge are issues, too: one count, one interface.
fn place(about: About) -> (&'static str, u64) {
    match about {
        About::Issue(number) => ("issues", number),
        About::Request(number) => ("pull", number),
    }
}

impl Repository<'_> {
    fn what(&self, what: &str) -> String {
        format!("{what} of {}/{}", self.owner, self.name)
    }

    fn told(&self, number: u64) -> Result<Value, ForgeError> {
        let url = self.address(&["issues", &number.to_string()], &[]);
        Ok(self.site.get(url, &self.id(number))?.body)
    }

    fn request(&self, told: &Value) -> Result<Posted, NotDone> {
        match told["number"].as_u64() {
            Some(number) => Ok(self.page(told, "pull", number)),
            None => Err(NotDone::Unclear(self.site.odd("a request without a number".to_owned()))),
        }
    }

    /// Where a person sees it: what the server says if it is a page of its own, else what follows from the
    /// number.
    fn page(&self, told: &Value, kind: &str, number: u64) -> Posted {
        let digits = number.to_string();
        let own = self.pages.below(&[self.owner, self.name, kind, &digits], &[]);
        let said = reqwest::Url::parse(told["html_url"].as_str().unwrap_or_default());
        let said = said.ok().filter(|url| self.pages.has_origin_of(url));
        Posted { url: said.unwrap_or(own).to_string(), number: Some(number) }
    }
}
