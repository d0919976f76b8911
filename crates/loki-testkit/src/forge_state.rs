//! A forge that keeps what it is told: one repository with requests, comments, labels and issues, and
//! addresses that take hooks.
//!
//! Speaks as much of GitHub's and of GitLab's REST as changes need. Its branches are those of a bare
//! repository on disk. It can lose its answers: what was asked is done, and nobody hears of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::forge_server::ForgeAnswer;
use crate::model_server::http::Request;

/// `owner/name` of its only repository.
pub const FORGE_REPOSITORY: &str = "acme/sums";
const GITHUB: &str = "/api/v3/repos/acme/sums/";
const GITLAB: &str = "/api/v4/projects/acme%2Fsums/";
const HOOKS: &str = "/hooks/";

/// An answer that is held is given at last.
const HELD_MAX: Duration = Duration::from_secs(20);

/// A request to merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRequest {
    /// Counted with issues, as GitHub does.
    pub number: u64,
    /// The branch that is to be merged.
    pub head: String,
    /// Into which.
    pub base: String,
    /// One line.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// Whether it still can be merged.
    pub open: bool,
    /// How often it was changed after it was opened.
    pub updates: usize,
}

/// Something that was told to an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredHook {
    /// The path after `/hooks/`.
    pub name: String,
    /// What repetitions are told by.
    pub key: String,
    /// As it came.
    pub body: Value,
}

#[derive(Debug, Default)]
struct Kept {
    requests: Vec<StoredRequest>,
    /// About what, and what.
    comments: Vec<(u64, String)>,
    labels: BTreeMap<u64, Vec<String>>,
    /// Whether it is closed, by number.
    issues: BTreeMap<u64, bool>,
    hooks: Vec<StoredHook>,
    /// Every change that was asked for, done or not.
    changes: usize,
    /// How often an open issue was closed.
    closings: usize,
    answers_to_lose: usize,
    /// The first change whose answer is held back.
    held_from: Option<usize>,
}

/// What the forge keeps, shared with its server.
#[derive(Debug)]
pub struct ForgeState {
    branches: PathBuf,
    kept: Mutex<Kept>,
    changed: Condvar,
}

impl ForgeState {
    /// With the branches of the bare repository `branches`, and open issues of these numbers.
    pub fn new(branches: impl Into<PathBuf>, issues: &[u64]) -> ForgeState {
        let issues = issues.iter().map(|number| (*number, false)).collect();
        let kept = Mutex::new(Kept { issues, ..Kept::default() });
        ForgeState { branches: branches.into(), kept, changed: Condvar::new() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next `count` changes are made and not answered.
    pub fn lose_answers(&self, count: usize) {
        self.kept().answers_to_lose = count;
    }

    /// From the change of this number on, counted from 1, changes are made and their answers held back.
    pub fn hold_answers_from(&self, change: usize) {
        self.kept().held_from = Some(change);
    }

    /// Answers are given again, those that were held back as well.
    pub fn release_answers(&self) {
        self.kept().held_from = None;
        self.changed.notify_all();
    }

    /// Waits until that many changes were asked for; whether they were within 20 seconds.
    pub fn wait_for_changes(&self, count: usize) -> bool {
        let until = Instant::now() + HELD_MAX;
        let mut kept = self.kept();
        while kept.changes < count {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.changed.wait_timeout(kept, left);
            kept = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Every change that was asked for so far.
    pub fn changes(&self) -> usize {
        self.kept().changes
    }

    /// All requests, in order.
    pub fn requests(&self) -> Vec<StoredRequest> {
        self.kept().requests.clone()
    }

    /// Closes a request, as a person would.
    pub fn close_request(&self, number: u64) {
        let mut kept = self.kept();
        kept.requests.iter_mut().filter(|it| it.number == number).for_each(|it| it.open = false);
    }

    /// All comments on what has this number, in order.
    pub fn comments(&self, number: u64) -> Vec<String> {
        let kept = self.kept();
        let about = kept.comments.iter().filter(|(about, _)| *about == number);
        about.map(|(_, body)| body.clone()).collect()
    }

    /// The labels of what has this number.
    pub fn labels(&self, number: u64) -> Vec<String> {
        self.kept().labels.get(&number).cloned().unwrap_or_default()
    }

    /// How often an open issue was closed, and whether this one is.
    pub fn closings(&self, number: u64) -> (usize, bool) {
        let kept = self.kept();
        (kept.closings, kept.issues.get(&number).copied().unwrap_or(false))
    }

    /// Everything that was told to an address.
    pub fn hooks(&self) -> Vec<StoredHook> {
        self.kept().hooks.clone()
    }

    /// What a branch of its repository holds.
    pub fn branch(&self, name: &str) -> Option<String> {
        let mut git = Command::new("git");
        git.args(["rev-parse", "--verify", "--quiet", &format!("refs/heads/{name}")]);
        git.env("GIT_DIR", &self.branches).stderr(Stdio::null()).stdin(Stdio::null());
        let output = git.output().expect("git can be started");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Answers one request; nothing when the answer is lost.
    pub(crate) fn answer(&self, request: &Request) -> Option<ForgeAnswer> {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let is_change = request.method != "GET";
        let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let (status, told) = if let Some(rest) = path.strip_prefix(GITHUB) {
            self.github(&request.method, rest, query, &body)
        } else if let Some(rest) = path.strip_prefix(GITLAB) {
            self.gitlab(&request.method, rest, query, &body)
        } else if let Some(name) = path.strip_prefix(HOOKS) {
            let key = request.headers.get("idempotency-key").cloned().unwrap_or_default();
            self.kept().hooks.push(StoredHook { name: name.to_owned(), key, body });
            (200, json!({ "ok": true }))
        } else {
            (404, json!({ "message": "Not Found" }))
        };
        if is_change {
            let mut kept = self.kept();
            kept.changes += 1;
            let number = kept.changes;
            self.changed.notify_all();
            if kept.answers_to_lose > 0 {
                kept.answers_to_lose -= 1;
                return None;
            }
            let until = Instant::now() + HELD_MAX;
            while kept.held_from.is_some_and(|from| number >= from) && Instant::now() < until {
                let waited = self.changed.wait_timeout(kept, Duration::from_millis(100));
                kept = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
        let body = told.to_string().into_bytes();
        Some(ForgeAnswer { status, body, ..ForgeAnswer::default() })
    }

    fn github(&self, method: &str, path: &str, query: &str, body: &Value) -> (u16, Value) {
        let parts: Vec<&str> = path.split('/').collect();
        let number = parts.get(1).and_then(|part| part.parse().ok()).unwrap_or(0);
        match (method, parts.as_slice()) {
            ("GET", ["pulls"]) => {
                let wanted = query_of(query).get("head").cloned().unwrap_or_default();
                let head = wanted.split_once(':').map_or("", |(_, head)| head);
                let kept = self.kept();
                let of_head = kept.requests.iter().filter(|request| request.head == head);
                (200, of_head.map(github_request).collect())
            }
            ("POST", ["pulls"]) => {
                let told = self.open(
                    &text(body, "head"),
                    &text(body, "base"),
                    &text(body, "title"),
                    &text(body, "body"),
                );
                match told {
                    Ok(request) => (201, github_request(&request)),
                    Err(message) => {
                        let error = json!({"resource": "PullRequest", "code": "custom", "message": message});
                        (422, json!({"message": "Validation Failed", "errors": [error]}))
                    }
                }
            }
            ("PATCH", ["pulls", _]) => {
                let (base, title, told) =
                    (text(body, "base"), text(body, "title"), text(body, "body"));
                match self.update(number, &base, &title, &told) {
                    Some(request) => (200, github_request(&request)),
                    None => not_found(),
                }
            }
            ("GET", ["issues", _]) if self.is_there(number) => (200, self.github_issue(number)),
            ("GET", ["issues", _, "comments"]) => {
                let comments = self.comments(number).into_iter();
                (200, comments.map(|body| json!({"id": 1, "body": body})).collect())
            }
            ("POST", ["issues", _, "comments"]) if self.is_there(number) => {
                let mut kept = self.kept();
                kept.comments.push((number, text(body, "body")));
                (201, json!({"id": kept.comments.len(), "body": body["body"]}))
            }
            ("POST", ["issues", _, "labels"]) if self.is_there(number) => {
                let names = body["labels"].as_array().cloned().unwrap_or_default();
                names.iter().for_each(|name| self.label(number, name.as_str().unwrap_or_default()));
                (200, self.github_issue(number)["labels"].clone())
            }
            ("PATCH", ["issues", _]) if self.is_there(number) => {
                if body["state"] == "closed" {
                    self.close(number);
                }
                (200, self.github_issue(number))
            }
            _ => not_found(),
        }
    }

    fn gitlab(&self, method: &str, path: &str, query: &str, body: &Value) -> (u16, Value) {
        let parts: Vec<&str> = path.split('/').collect();
        let number = parts.get(1).and_then(|part| part.parse().ok()).unwrap_or(0);
        match (method, parts.as_slice()) {
            ("GET", ["merge_requests"]) => {
                let head = query_of(query).get("source_branch").cloned().unwrap_or_default();
                let kept = self.kept();
                let of_head = kept.requests.iter().filter(|request| request.head == head);
                (200, of_head.map(gitlab_request).collect())
            }
            ("POST", ["merge_requests"]) => {
                let told = self.open(
                    &text(body, "source_branch"),
                    &text(body, "target_branch"),
                    &text(body, "title"),
                    &text(body, "description"),
                );
                match told {
                    Ok(request) => (201, gitlab_request(&request)),
                    Err(message) => (409, json!({ "message": [message] })),
                }
            }
            ("PUT", ["merge_requests", _]) if !body["title"].is_null() => {
                let (base, title) = (text(body, "target_branch"), text(body, "title"));
                match self.update(number, &base, &title, &text(body, "description")) {
                    Some(request) => (200, gitlab_request(&request)),
                    None => not_found(),
                }
            }
            ("GET" | "PUT", ["issues" | "merge_requests", _]) if self.is_there(number) => {
                if body["state_event"] == "close" {
                    self.close(number);
                }
                if let Some(label) = body["add_labels"].as_str() {
                    self.label(number, label);
                }
                let closed = self.closings(number).1;
                let state = if closed { "closed" } else { "opened" };
                (200, json!({"iid": number, "state": state, "labels": self.labels(number)}))
            }
            ("GET", ["issues" | "merge_requests", _, "notes"]) => {
                let notes = self.comments(number).into_iter().rev();
                (200, notes.map(|body| json!({"id": 1, "body": body})).collect())
            }
            ("POST", ["issues" | "merge_requests", _, "notes"]) if self.is_there(number) => {
                let mut kept = self.kept();
                kept.comments.push((number, text(body, "body")));
                (201, json!({"id": kept.comments.len(), "body": body["body"]}))
            }
            _ => not_found(),
        }
    }

    fn open(
        &self,
        head: &str,
        base: &str,
        title: &str,
        body: &str,
    ) -> Result<StoredRequest, String> {
        if self.branch(head).is_none() {
            return Err(format!("the branch {head} is not there"));
        }
        let mut kept = self.kept();
        if kept.requests.iter().any(|request| request.open && request.head == head) {
            return Err(format!("A pull request already exists for acme:{head}."));
        }
        let request = StoredRequest {
            number: 101 + kept.requests.len() as u64,
            head: head.to_owned(),
            base: base.to_owned(),
            title: title.to_owned(),
            body: body.to_owned(),
            open: true,
            updates: 0,
        };
        kept.requests.push(request.clone());
        Ok(request)
    }

    fn update(&self, number: u64, base: &str, title: &str, body: &str) -> Option<StoredRequest> {
        let mut kept = self.kept();
        let request = kept.requests.iter_mut().find(|request| request.number == number)?;
        (request.base, request.title) = (base.to_owned(), title.to_owned());
        request.body = body.to_owned();
        request.updates += 1;
        Some(request.clone())
    }

    fn is_there(&self, number: u64) -> bool {
        let kept = self.kept();
        kept.issues.contains_key(&number) || kept.requests.iter().any(|it| it.number == number)
    }

    fn label(&self, number: u64, name: &str) {
        let mut kept = self.kept();
        let labels = kept.labels.entry(number).or_default();
        if !labels.iter().any(|label| label == name) {
            labels.push(name.to_owned());
        }
    }

    fn close(&self, number: u64) {
        let mut kept = self.kept();
        if kept.issues.insert(number, true) == Some(false) {
            kept.closings += 1;
        }
    }

    fn github_issue(&self, number: u64) -> Value {
        let labels: Vec<Value> =
            self.labels(number).into_iter().map(|name| json!({ "name": name })).collect();
        let state = if self.closings(number).1 { "closed" } else { "open" };
        json!({"number": number, "state": state, "labels": labels, "title": "An issue"})
    }
}

fn github_request(request: &StoredRequest) -> Value {
    let StoredRequest { number, head, base, title, body, open, .. } = request;
    let state = if *open { "open" } else { "closed" };
    json!({"number": number, "state": state, "title": title, "body": body,
        "head": {"ref": head}, "base": {"ref": base}})
}

fn gitlab_request(request: &StoredRequest) -> Value {
    let StoredRequest { number, head, base, title, body, open, .. } = request;
    let state = if *open { "opened" } else { "closed" };
    json!({"iid": number, "state": state, "title": title, "description": body,
        "source_branch": head, "target_branch": base, "source_project_id": 1, "target_project_id": 1})
}

fn not_found() -> (u16, Value) {
    (404, json!({ "message": "Not Found" }))
}

fn text(body: &Value, field: &str) -> String {
    body[field].as_str().unwrap_or_default().to_owned()
}

fn query_of(query: &str) -> BTreeMap<String, String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), decoded(value))).collect()
}

/// Without the escapes that a query has.
fn decoded(value: &str) -> String {
    let mut parts = value.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if byte.is_ascii() => {
                out.push(char::from(byte));
                out.push_str(&part[2..]);
            }
            _ => out.push_str(part),
        }
    }
    out
}
