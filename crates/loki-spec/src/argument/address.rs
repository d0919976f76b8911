//! From the address of a page to the issue that it shows.

use percent_encoding::percent_decode_str;
use url::Url;

use super::{ClassifyError, is_key, is_repository, number};
use crate::issue::IssueRef;

/// Hosts that people leave `https://` out for.
const WELL_KNOWN: [&str; 5] =
    ["github.com", "www.github.com", "gitlab.com", "www.gitlab.com", "dev.azure.com"];

/// Trackers whose addresses look like those of GitHub, and that speak another language.
const STRANGERS: [&str; 5] =
    ["bitbucket.org", "codeberg.org", "gitea.com", "git.sr.ht", "todo.sr.ht"];

const ISSUE: &str = "the address of an issue, of a tracker that it does not know";
const PAGE: &str = "the address of a page";
const REPOSITORY: &str = "the address of a repository";

/// The issue that is shown at `text`; nothing when `text` is no address.
///
/// Which forge it is follows from the path, so that any host will do. Whether a host may be told a
/// token is decided elsewhere.
pub(super) fn issue_at(text: &str) -> Option<Result<IssueRef, ClassifyError>> {
    let Some((scheme, rest)) = text.split_once("://") else {
        let (host, _) = text.split_once('/').unwrap_or((text, ""));
        let host = host.to_ascii_lowercase();
        let is_known = WELL_KNOWN.contains(&host.as_str()) || host.ends_with(".atlassian.net");
        if text.starts_with("git@") {
            return Some(not_yet(text, REPOSITORY));
        }
        return is_known.then(|| read(&format!("https://{text}"), text));
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or(rest);
    Some(match (scheme.to_ascii_lowercase().as_str(), authority.rsplit_once('@')) {
        ("http" | "https", Some(_)) => Err(ClassifyError::Credentials),
        (_, Some((user, _))) if user.contains(':') => Err(ClassifyError::Credentials),
        ("http" | "https", None) => read(text, text),
        ("file", _) => not_yet(text, "the address of a file, which is named by its path"),
        _ => not_yet(text, REPOSITORY),
    })
}

fn not_yet<T>(text: &str, what: &'static str) -> Result<T, ClassifyError> {
    // What follows may be a secret.
    let argument = text.split(['?', '#']).next().unwrap_or(text).to_owned();
    Err(ClassifyError::NotYet { argument, what })
}

/// Reads `address`, which the user wrote as `text`.
fn read(address: &str, text: &str) -> Result<IssueRef, ClassifyError> {
    let Ok(url) = Url::parse(address) else {
        return not_yet(text, "an address that can not be read");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ClassifyError::Credentials);
    }
    let Some(page) = Page::of(&url) else { return not_yet(text, PAGE) };
    let segments: Vec<&str> = page.segments.iter().map(String::as_str).collect();
    if let Some(number) = pull_request(&segments) {
        return Err(ClassifyError::PullRequest { number });
    }
    let issue = gitlab(&page, &segments)
        .or_else(|| azure(&page, &segments))
        .or_else(|| jira(&page, &segments));
    if let Some(issue) = issue {
        return Ok(issue);
    }
    match github(&page, &segments) {
        Some(_) if STRANGERS.contains(&page.host.as_str()) => not_yet(text, ISSUE),
        Some(issue) => Ok(issue),
        None if segments.iter().any(|part| matches!(*part, "issue" | "issues")) => {
            not_yet(text, ISSUE)
        }
        None => not_yet(text, PAGE),
    }
}

/// What an address says.
struct Page {
    /// In lower case, with its port when that is not the usual one.
    host: String,
    /// Of the path, decoded, without empty ones.
    segments: Vec<String>,
    query: Vec<(String, String)>,
}

impl Page {
    /// Nothing when the path could mean something else than it shows.
    fn of(url: &Url) -> Option<Page> {
        let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
        let host = host.strip_prefix("www.").map(str::to_owned).unwrap_or(host);
        let host = match url.port() {
            // `http` is read as `https`, whose port it then is.
            Some(port) if port != 443 && port != 80 => format!("{host}:{port}"),
            _ => host,
        };
        let segments: Option<Vec<String>> = url
            .path_segments()?
            .filter(|segment| !segment.is_empty())
            .map(|segment| {
                let decoded = percent_decode_str(segment).decode_utf8().ok()?;
                let is_odd = |c: char| c.is_control() || "/\\?#".contains(c);
                let is_plain = !decoded.contains(is_odd) && decoded != "." && decoded != "..";
                is_plain.then(|| decoded.into_owned())
            })
            .collect();
        let query = url.query_pairs().map(|(key, value)| (key.into_owned(), value.into_owned()));
        Some(Page { host, segments: segments?, query: query.collect() })
    }

    fn asked(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn site(&self, below: &[&str]) -> String {
        [&[self.host.as_str()], below].concat().join("/")
    }
}

/// `/owner/name/issues/7`
fn github(page: &Page, segments: &[&str]) -> Option<IssueRef> {
    let [owner, name, "issues", digits, ..] = segments else { return None };
    let repository = format!("{owner}/{name}");
    let number = number(digits).filter(|_| is_repository(&repository))?;
    Some(IssueRef::GitHub { host: Some(page.host.clone()), repository, number })
}

/// `/group/project/-/issues/7`, `/group/sub/project/-/work_items/7`; on hosts named after it also
/// the old form without `-`.
fn gitlab(page: &Page, segments: &[&str]) -> Option<IssueRef> {
    let found = |project: &[&str], digits: &str| {
        let number = number(digits).filter(|_| project.len() >= 2)?;
        let project = project.join("/");
        Some(IssueRef::GitLab { host: page.host.clone(), project, number })
    };
    if let Some(at) = segments.iter().position(|segment| *segment == "-")
        && let [_, "issues" | "work_items", digits, ..] = &segments[at..]
    {
        return found(&segments[..at], digits);
    }
    let is_named = page.host.split(['.', ':']).any(|label| label == "gitlab");
    match segments {
        [project @ .., "issues", digits] if is_named => found(project, digits),
        _ => None,
    }
}

/// `/org/project/_workitems/edit/7`, also below a collection of a server, and boards that show a
/// work item.
fn azure(page: &Page, segments: &[&str]) -> Option<IssueRef> {
    let at = segments.iter().position(|segment| {
        matches!(*segment, "_workitems" | "_boards" | "_backlogs" | "_sprints" | "_queries")
    })?;
    let digits = match &segments[at..] {
        ["_workitems", "edit", digits, ..] => *digits,
        _ => page.asked("workitem").or_else(|| page.asked("id"))?,
    };
    let number = number(digits)?;
    let before = &segments[..at];
    let is_organisation = page.host.ends_with(".visualstudio.com");
    let (collection, project) = match before {
        // The organisation is the host.
        [first @ "DefaultCollection", rest @ ..] if is_organisation => (vec![*first], rest),
        _ if is_organisation => (Vec::new(), before),
        // The organisation, or the last part in front of the project.
        [organisation] => (vec![*organisation], &[][..]),
        [collection @ .., project] => (collection.to_vec(), std::slice::from_ref(project)),
        [] => return None,
    };
    let project = match project {
        [] => None,
        [project, ..] => Some((*project).to_owned()),
    };
    Some(IssueRef::AzureDevOps { collection: page.site(&collection), project, number })
}

/// `/browse/PROJ-7`, also below a path; the pages and boards of the cloud.
fn jira(page: &Page, segments: &[&str]) -> Option<IssueRef> {
    let at = |site: String, key: &str| {
        let key = key.to_ascii_uppercase();
        is_key(&key).then_some(IssueRef::Jira { site: Some(site), key })
    };
    match segments {
        [below @ .., "browse", key] => at(page.site(below), key),
        [below @ .., "projects", _, "issues", key] => {
            let below = if below.first() == Some(&"jira") { &[] } else { below };
            at(page.site(below), key)
        }
        _ if page.host.ends_with(".atlassian.net") => {
            at(page.host.clone(), page.asked("selectedIssue")?)
        }
        _ => None,
    }
}

/// `/owner/name/pull/7`, `/-/merge_requests/7`, `/pullrequest/7`
fn pull_request(segments: &[&str]) -> Option<u64> {
    let kinds = ["pull", "pulls", "merge_requests", "pullrequest", "pull-requests"];
    let at = segments.iter().position(|segment| kinds.contains(segment))?;
    if at < 2 { None } else { number(segments.get(at + 1)?) }
}
