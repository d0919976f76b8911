//! The reader of answers, for the fuzz target in `fuzz/`: there only with `--cfg fuzzing`, and in tests, which read
//! what was found before. No part of the interface.

use loki_spec::Issue;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::json::elements;
use crate::{azure, github, gitlab, jira, page, web};

/// An answer as any forge may give it: lines of headers, an empty line, a body. What it says of an issue, of comments and of
/// when to ask again is read as each forge writes it.
///
/// Promises that nothing panics; that the next page is another one; that what is wrong is told in one line; that whatever an issue says becomes a spec, or is told.
pub fn forge(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (head, body) = text.split_once("\n\n").unwrap_or(("", &text));
    let headers = headers(head);
    let Ok(from) = Url::parse("https://forge.example/list?page=1") else { return };
    assert_ne!(page::next_page(&headers, &from), Some(from));
    let _ = (web::is_used_up(&headers), web::reset_at(&headers));
    let Ok(body) = serde_json::from_str::<Value>(body) else { return };
    let message = web::message(&body);
    assert!(!message.contains(char::is_control), "{message:?}");
    // A list of issues holds each as it is shown alone.
    let each = elements(&body).iter().chain([&body]);
    each.take(EACH_MAX).for_each(read);
}

/// More of a list are as those before.
const EACH_MAX: usize = 20;

fn read(told: &Value) {
    let (id, url) = ("acme/shop#1".to_owned(), "https://forge.example/1".to_owned());
    let comments = || elements(&told["comments"]).iter().take(EACH_MAX);
    let mut issues: Vec<Issue> = Vec::new();
    issues.extend(github::issue_of(told, id.clone(), url.clone()).map(|mut issue| {
        issue.comments = comments().map(|told| github::said(told, &issue)).collect();
        issue
    }));
    issues.extend(gitlab::issue_of(told, id.clone(), url.clone()).map(|mut issue| {
        let trusted = gitlab::trusted(told);
        assert!(!trusted.contains(&String::new()), "nobody has no say");
        issue.comments = comments().map(|told| gitlab::said(told, &issue.url, &trusted)).collect();
        issue
    }));
    for version in ["2", "3"] {
        issues.extend(jira::issue_of(told, version, "SHOP-1", url.clone()).map(|mut issue| {
            let said = |told| jira::said(told, version, &issue.url);
            issue.comments = comments().map(said).collect();
            issue
        }));
    }
    issues.extend(azure::issue_of(told, id, url).map(|mut issue| {
        issue.comments = comments().map(azure::said).collect();
        issue
    }));
    for issue in issues {
        let (spec, problems) = loki_spec::read_issue(&issue);
        assert!(!problems.is_empty() || !spec.requirements.is_empty(), "{issue:?}");
    }
}

fn headers(head: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in head.lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        let name = HeaderName::from_bytes(name.trim().to_lowercase().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value.trim())) {
            headers.insert(name, value);
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Seeds, and what was found before.
    #[test]
    fn every_seed_is_read_as_promised() {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/forge");
        let files: Vec<_> = fs::read_dir(seeds).unwrap().flatten().collect();
        assert!(!files.is_empty());
        files.iter().for_each(|file| forge(&fs::read(file.path()).unwrap()));
    }
}
