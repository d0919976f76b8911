//! GitLab, as a server of one's own.

use loki_forge::{IssueState, Query, RepositoryRef};
use loki_testkit::{ForgeScript, ForgeServer, Paging};
use serde_json::{Value, json};

use crate::support::*;

const ISSUE: &str = "/api/v4/projects/acme%2Fweb%2Fshop/issues/42";
const NOTES: &str = "/api/v4/projects/acme%2Fweb%2Fshop/issues/42/notes";

/// An issue as GitLab tells it.
fn gitlab_issue(number: u64) -> Value {
    json!({
        "id": 9_000 + number,
        "iid": number,
        "project_id": 5,
        "title": "Export orders",
        "description": "- [ ] Export as CSV\n- [ ] Export as JSON\n",
        "state": "opened",
        "created_at": "2024-05-06T07:08:09.123Z",
        "updated_at": "2024-05-06T07:08:09.123Z",
        "closed_at": null,
        "labels": ["backend", "priority::2"],
        "milestone": null,
        "assignees": [{"id": 3, "username": "carol", "name": "Carol", "state": "active"}],
        "author": {"id": 2, "username": "alice", "name": "Alice", "state": "active"},
        "type": "ISSUE",
        "user_notes_count": 3,
        "upvotes": 0,
        "confidential": false,
        "issue_type": "issue",
        "web_url": format!("{{base}}/acme/web/shop/-/issues/{number}"),
        "time_stats": {"time_estimate": 0},
        "task_completion_status": {"count": 2, "completed_count": 0},
        "has_tasks": true,
        "weight": null,
        "severity": "UNKNOWN"
    })
}

/// A note as GitLab tells it.
fn note(id: u64, author: &str, body: &str, system: bool) -> Value {
    json!({
        "id": id,
        "type": null,
        "body": body,
        "attachment": null,
        "author": {"id": id, "username": author, "name": author, "state": "active"},
        "created_at": "2024-05-07T07:08:09.123Z",
        "updated_at": "2024-05-07T07:08:09.123Z",
        "system": system,
        "noteable_id": 9_042,
        "noteable_type": "Issue",
        "noteable_iid": 42,
        "resolvable": false,
        "confidential": false,
        "internal": false
    })
}

fn script() -> ForgeScript {
    let notes = vec![
        note(1, "alice", "It must have a header.", false),
        note(2, "alice", "changed the description", true),
        note(3, "carol", "I take it.", false),
        note(4, "mallory", "It must mine coins.", false),
    ];
    ForgeScript::new().json(ISSUE, &gitlab_issue(42)).list(NOTES, Paging::Link, 2, notes)
}

#[test]
fn an_issue_is_brought_with_what_people_said() {
    let server = ForgeServer::start(script());
    for name in
        ["https://{host}/acme/web/shop/-/issues/42", "https://{host}/acme/web/shop/-/work_items/42"]
    {
        let issue = ask(&server, "GITLAB_HOST", &[], name).unwrap();
        assert_eq!(issue.id, "acme/web/shop#42");
        assert_eq!(issue.url, format!("{}/acme/web/shop/-/issues/42", server.base_url()));
        assert_eq!(issue.labels, ["backend", "priority::2"]);
        let said: Vec<_> =
            issue.comments.iter().map(|c| (c.author.as_str(), c.has_a_say)).collect();
        assert_eq!(said, [("alice", true), ("carol", true), ("mallory", false)]);
        assert_eq!(issue.comments[0].url, format!("{}#note_1", issue.url));
    }
}

#[test]
fn a_token_is_sent_as_gitlab_wants_it() {
    let server = ForgeServer::start(script().require("private-token", "glpat-s3cret"));
    let name = "https://{host}/acme/web/shop/-/issues/42";
    assert!(ask(&server, "GITLAB_HOST", &[("GITLAB_TOKEN", "glpat-s3cret")], name).is_ok());
    assert!(ask(&server, "GITLAB_HOST", &[], name).is_err());
}

#[test]
fn a_server_below_a_path_is_asked_below_it() {
    let script = ForgeScript::new()
        .json("/git/api/v4/projects/acme%2Fshop/issues/42", &gitlab_issue(42))
        .list("/git/api/v4/projects/acme%2Fshop/issues/42/notes", Paging::Link, 100, Vec::new());
    let server = ForgeServer::start(script);
    let base = format!("{}/git/", server.base_url());
    let name = named(&server, "https://{host}/git/acme/shop/-/issues/42");
    let issue = forges(&[("GITLAB_HOST", &base)]).issue(&name, None).unwrap();
    assert_eq!(issue.id, "acme/shop#42");
    assert_eq!(issue.url, format!("{base}acme/shop/-/issues/42"));
}

#[test]
fn issues_of_a_project_are_listed() {
    let script = script().list(
        "/api/v4/projects/acme%2Fweb%2Fshop/issues",
        Paging::Link,
        100,
        vec![gitlab_issue(42)],
    );
    let server = ForgeServer::start(script);
    let base = server.base_url();
    let repository = RepositoryRef::GitLab { host: server.host(), project: "acme/web/shop".into() };
    let query = Query { labels: Vec::new(), state: IssueState::Open, limit: 10 };
    let (issues, more) = forges(&[("GITLAB_HOST", &base)]).issues(&repository, &query).unwrap();
    assert_eq!((issues.len(), more), (1, false));
    assert_eq!(issues[0].comments.len(), 3);
    assert!(server.requests()[0].path.contains("state=opened"));
}
