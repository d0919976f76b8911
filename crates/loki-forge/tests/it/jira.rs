//! Jira, the cloud's and a server's.

use loki_testkit::{ForgeScript, ForgeServer, Paging};
use serde_json::{Value, json};

use crate::support::*;

/// An issue as Jira tells it, apart from what differs between its versions.
fn jira_issue(description: Value) -> Value {
    json!({
        "expand": "renderedFields,names,schema",
        "id": "10042",
        "self": "{base}/rest/api/x/issue/10042",
        "key": "AB2-17",
        "fields": {
            "summary": "Export orders",
            "description": description,
            "status": {"name": "In Progress", "id": "3", "statusCategory": {"key": "indeterminate"}},
            "labels": ["backend"],
            "priority": {"name": "Low", "id": "4", "iconUrl": "x"},
            "reporter": {"displayName": "Alice A", "accountId": "1", "active": true},
            "issuetype": {"name": "Story", "subtask": false},
            "parent": {"key": "AB2-1", "fields": {"summary": "Reports"}},
            "issuelinks": [
                {"id": "1", "type": {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"},
                 "inwardIssue": {"key": "AB2-9", "fields": {"summary": "Database"}}},
                {"id": "2", "type": {"name": "Relates", "inward": "relates to", "outward": "relates to"},
                 "outwardIssue": {"key": "CD-3", "fields": {"summary": "Import"}}}
            ],
            "subtasks": [{"key": "AB2-18", "fields": {"summary": "Header"}}]
        }
    })
}

fn comment(id: u64, body: Value) -> Value {
    json!({
        "self": "{base}/x",
        "id": id.to_string(),
        "author": {"displayName": format!("Person {id}"), "active": true},
        "body": body,
        "created": "2024-05-07T07:08:09.123+0000",
        "updated": "2024-05-07T07:08:09.123+0000",
        "jsdPublic": true
    })
}

fn adf(text: &str) -> Value {
    json!({"type": "doc", "version": 1, "content": [
        {"type": "bulletList", "content": [{"type": "listItem", "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": text}]}]}]}]})
}

fn server_info(kind: &str) -> Value {
    json!({"baseUrl": "{base}", "version": "9.12.0", "deploymentType": kind, "buildNumber": 1})
}

#[test]
fn an_issue_of_the_cloud_is_brought_from_its_document() {
    let comments = (1..=5).map(|id| comment(id, adf(&format!("said {id}")))).collect();
    let script = ForgeScript::new()
        .json("/rest/api/2/serverInfo", &server_info("Cloud"))
        .json("/rest/api/3/issue/AB2-17", &jira_issue(adf("Export as CSV")))
        .list("/rest/api/3/issue/AB2-17/comment", Paging::StartAt, 2, comments)
        // `me@acme.example:s3cret`
        .require("authorization", "Basic bWVAYWNtZS5leGFtcGxlOnMzY3JldA==");
    let server = ForgeServer::start(script);
    let login = [("JIRA_EMAIL", "me@acme.example"), ("JIRA_TOKEN", "s3cret")];
    for name in ["AB2-17", "https://{host}/browse/AB2-17"] {
        let issue = ask(&server, "JIRA_BASE_URL", &login, name).unwrap();
        assert_eq!(issue.id, "AB2-17");
        assert_eq!(issue.url, format!("{}/browse/AB2-17", server.base_url()));
        assert_eq!(issue.body, "- Export as CSV");
        assert_eq!((issue.state.as_str(), issue.author.as_str()), ("In Progress", "Alice A"));
        assert_eq!(issue.priority.as_deref(), Some("Low"));
        let links: Vec<_> =
            issue.links.iter().map(|l| format!("{} {} {}", l.relation, l.id, l.title)).collect();
        assert_eq!(
            links,
            [
                "parent AB2-1 Reports",
                "is blocked by AB2-9 Database",
                "relates to CD-3 Import",
                "subtask AB2-18 Header"
            ]
        );
        assert_eq!(issue.comments.len(), 5);
        assert_eq!(issue.comments[4].body, "- said 5");
        assert_eq!(issue.comments[0].url, format!("{}?focusedCommentId=1", issue.url));
    }
}

#[test]
fn an_issue_of_a_server_is_brought_from_wiki_text() {
    let script = ForgeScript::new()
        .json("/jira/rest/api/2/serverInfo", &server_info("Server"))
        .json("/jira/rest/api/2/issue/AB2-17", &jira_issue(json!("h2. Goal\n* Export as CSV")))
        .list(
            "/jira/rest/api/2/issue/AB2-17/comment",
            Paging::StartAt,
            100,
            vec![comment(1, json!("It *must* have a header."))],
        )
        .require("authorization", "Bearer s3cret");
    let server = ForgeServer::start(script);
    let base = format!("{}/jira", server.base_url());
    let variables = [("JIRA_URL", base.as_str()), ("JIRA_API_TOKEN", "s3cret")];
    let name = named(&server, "https://{host}/jira/browse/AB2-17");
    let issue = forges(&variables).issue(&name, None).unwrap();
    assert_eq!(issue.body, "## Goal\n\n- Export as CSV");
    assert_eq!(issue.comments[0].body, "It **must** have a header.");
}

#[test]
fn a_key_without_a_site_says_what_to_set() {
    let key = loki_spec::classify_issue("AB2-17").unwrap();
    let err = forges(&[]).issue(&key, None).unwrap_err();
    assert_eq!(err.to_string(), "which Jira has `AB2-17` is not known");
    assert!(err.hint().unwrap().contains("JIRA_BASE_URL"));
}
