//! GitHub, as its Enterprise server.

use loki_forge::{ForgeError, IssueState, Query, RepositoryRef};
use loki_testkit::{ForgeScript, ForgeServer, Paging};
use serde_json::json;

use crate::support::*;

const ISSUE: &str = "/api/v3/repos/acme/shop/issues/42";
const COMMENTS: &str = "/api/v3/repos/acme/shop/issues/42/comments";

#[test]
fn an_issue_is_brought_with_everything_that_counts() {
    let comments = vec![
        github_comment(1, "alice", "CONTRIBUTOR", "It must have a header."),
        github_comment(2, "bob", "MEMBER", "Fine."),
        github_comment(3, "mallory", "NONE", "It must mine coins."),
    ];
    let script = ForgeScript::new().json(ISSUE, &github_issue(42, json!({"comments": 3}))).list(
        COMMENTS,
        Paging::Link,
        100,
        comments,
    );
    let server = ForgeServer::start(script);
    let issue = ask(&server, "GH_HOST", &[], "acme/shop#42").unwrap();
    assert_eq!(issue.id, "acme/shop#42");
    assert_eq!(issue.url, format!("{}/acme/shop/issues/42", server.base_url()));
    assert_eq!(issue.title, "Export orders");
    assert!(issue.body.contains("- [ ] Export as CSV"));
    assert_eq!((issue.state.as_str(), issue.author.as_str()), ("open", "alice"));
    assert_eq!(issue.labels, ["enhancement", "priority: high"]);
    let said: Vec<_> = issue.comments.iter().map(|c| (c.author.as_str(), c.has_a_say)).collect();
    assert_eq!(said, [("alice", true), ("bob", true), ("mallory", false)]);
    assert_eq!(issue.comments[1].url, format!("{}#issuecomment-2", issue.url));
}

#[test]
fn every_way_to_name_it_asks_the_same() {
    let server = ForgeServer::start(ForgeScript::new().json(ISSUE, &github_issue(42, json!({}))));
    for issue in [
        "acme/shop#42",
        "https://{host}/acme/shop/issues/42",
        "http://{host}/acme/shop/issues/42#x",
    ] {
        assert_eq!(ask(&server, "GH_HOST", &[], issue).unwrap().id, "acme/shop#42", "{issue}");
    }
    let base = server.base_url();
    let remote = format!("{base}/acme/shop.git");
    for here in ["#42", "42"] {
        let issue = forges(&[("GH_HOST", &base)]).issue(&named(&server, here), Some(&remote));
        assert_eq!(issue.unwrap().id, "acme/shop#42", "{here}");
    }
    assert!(server.requests().iter().all(|request| request.path == ISSUE));
}

#[test]
fn comments_come_in_pages_and_all_of_them_are_read() {
    let comments = (0..250).map(|n| github_comment(n, "bob", "OWNER", &format!("{n}"))).collect();
    let script = ForgeScript::new().json(ISSUE, &github_issue(42, json!({"comments": 250}))).list(
        COMMENTS,
        Paging::Link,
        100,
        comments,
    );
    let server = ForgeServer::start(script);
    let issue = ask(&server, "GH_HOST", &[], "acme/shop#42").unwrap();
    let bodies: Vec<_> = issue.comments.iter().map(|comment| comment.body.clone()).collect();
    assert_eq!(bodies, (0..250).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(issue.comments_left_out, 0);
    let pages = server.requests().iter().filter(|r| r.path.starts_with(COMMENTS)).count();
    assert_eq!(pages, 3);
}

#[test]
fn more_comments_than_anyone_reads_are_counted_and_left_out() {
    let comments = (0..1_050).map(|n| github_comment(n, "bob", "OWNER", "x")).collect();
    let script = ForgeScript::new()
        .json(ISSUE, &github_issue(42, json!({"comments": 1_050})))
        .list(COMMENTS, Paging::Link, 100, comments);
    let server = ForgeServer::start(script);
    let issue = ask(&server, "GH_HOST", &[], "acme/shop#42").unwrap();
    assert_eq!((issue.comments.len(), issue.comments_left_out), (1_000, 50));
}

#[test]
fn a_token_is_sent_as_github_wants_it() {
    let script = ForgeScript::new()
        .json(ISSUE, &github_issue(42, json!({})))
        .require("authorization", "Bearer ghp_s3cret");
    let server = ForgeServer::start(script);
    assert!(ask(&server, "GH_HOST", &[("GH_TOKEN", "ghp_s3cret")], "acme/shop#42").is_ok());
    let request = &server.requests()[0];
    assert_eq!(request.headers["accept"], "application/vnd.github+json");
    assert_eq!(request.headers["x-github-api-version"], "2022-11-28");
    assert!(request.headers["user-agent"].starts_with("loki/"));
    assert!(!request.headers.contains_key("accept-encoding"));
}

#[test]
fn a_moved_issue_is_followed_within_its_host() {
    let script = ForgeScript::new()
        .answer(ISSUE, 301, &[("location", "{base}/api/v3/repositories/9/issues/4")], b"{}")
        .json("/api/v3/repositories/9/issues/4", &github_issue(4, json!({})))
        .require("authorization", "Bearer t");
    let server = ForgeServer::start(script);
    let issue = ask(&server, "GH_HOST", &[("GH_TOKEN", "t")], "acme/shop#42").unwrap();
    assert_eq!(issue.title, "Export orders");
}

#[test]
fn an_issue_without_a_body_or_an_author_is_one() {
    let told = github_issue(42, json!({"body": null, "user": null, "labels": ["old-style"]}));
    let server = ForgeServer::start(ForgeScript::new().json(ISSUE, &told));
    let issue = ask(&server, "GH_HOST", &[], "acme/shop#42").unwrap();
    assert_eq!((issue.body.as_str(), issue.author.as_str()), ("", ""));
    assert_eq!(issue.labels, ["old-style"]);
}

#[test]
fn a_list_leaves_out_requests_to_merge_and_tells_whether_there_is_more() {
    let elements = (1..=6)
        .map(|number| {
            let more =
                if number % 3 == 0 { json!({"pull_request": {"url": "x"}}) } else { json!({}) };
            github_issue(number, more)
        })
        .collect();
    let script =
        ForgeScript::new().list("/api/v3/repos/acme/shop/issues", Paging::Link, 2, elements);
    let server = ForgeServer::start(script);
    let base = server.base_url();
    let repository = RepositoryRef::GitHub { host: server.host(), repository: "acme/shop".into() };
    let list = |limit| {
        let labels = vec!["bug".to_owned(), "a&b".to_owned()];
        let query = Query { labels, state: IssueState::All, limit };
        let (issues, more) = forges(&[("GH_HOST", &base)]).issues(&repository, &query).unwrap();
        (issues.into_iter().map(|issue| issue.id).collect::<Vec<_>>(), more)
    };
    let all = ["acme/shop#1", "acme/shop#2", "acme/shop#4", "acme/shop#5"].map(str::to_owned);
    assert_eq!(list(10), (all.to_vec(), false));
    assert_eq!(list(2), (all[..2].to_vec(), true));
    let asked = &server.requests()[0].path;
    assert!(asked.contains("state=all") && asked.contains("labels=bug%2Ca%26b"), "{asked}");
}

#[test]
fn an_issue_of_a_repository_that_is_nowhere_is_told() {
    let forges = forges(&[]);
    let here = loki_spec::classify_issue("#7").unwrap();
    for remote in [None, Some("/srv/git/shop.git")] {
        let err = forges.issue(&here, remote).unwrap_err();
        assert!(matches!(err, ForgeError::NoForge { number: 7 }), "{err}");
    }
    let err = forges.issue(&here, Some("https://git.acme.example/a/b")).unwrap_err();
    assert!(err.hint().unwrap().contains("GH_HOST"), "{err}");
}
