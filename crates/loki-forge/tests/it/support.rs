//! What the tests share.

use loki_forge::{ForgeError, Forges};
use loki_spec::{Issue, IssueRef, classify_issue};
use loki_testkit::ForgeServer;
use serde_json::{Value, json};

/// All forges, with these variables and nothing else.
pub(crate) fn forges(variables: &[(&str, &str)]) -> Forges {
    let variables: Vec<(String, String)> =
        variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Forges::with_variables(move |wanted| {
        variables.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone())
    })
}

/// Asks for what people would write, with `variable` set to the server's address.
pub(crate) fn ask(
    server: &ForgeServer,
    variable: &str,
    more: &[(&str, &str)],
    issue: &str,
) -> Result<Issue, ForgeError> {
    let base = server.base_url();
    let mut variables = vec![(variable, base.as_str())];
    variables.extend(more);
    forges(&variables).issue(&named(server, issue), None)
}

/// `{host}` is the server's.
pub(crate) fn named(server: &ForgeServer, issue: &str) -> IssueRef {
    classify_issue(&issue.replace("{host}", &server.host())).unwrap()
}

/// An issue as GitHub tells it, with the fields that nobody reads.
pub(crate) fn github_issue(number: u64, more: Value) -> Value {
    let mut issue = json!({
        "id": 1_000_000 + number,
        "node_id": "I_kwDOA",
        "url": format!("{{base}}/api/v3/repos/acme/shop/issues/{number}"),
        "repository_url": "{base}/api/v3/repos/acme/shop",
        "html_url": format!("{{base}}/acme/shop/issues/{number}"),
        "number": number,
        "state": "open",
        "state_reason": null,
        "title": "Export orders",
        "body": "Accounting needs this.\r\n\r\n- [ ] Export as CSV\r\n- [x] Export as JSON\r\n",
        "user": {"login": "alice", "id": 7, "type": "User", "site_admin": false},
        "labels": [
            {"id": 1, "name": "enhancement", "color": "84b6eb", "default": true, "description": null},
            {"id": 2, "name": "priority: high", "color": "ff0000", "default": false}
        ],
        "assignee": null,
        "assignees": [],
        "milestone": null,
        "locked": false,
        "active_lock_reason": null,
        "comments": 0,
        "closed_at": null,
        "created_at": "2024-05-06T07:08:09Z",
        "updated_at": "2024-05-06T07:08:09Z",
        "author_association": "CONTRIBUTOR",
        "reactions": {"total_count": 0},
        "timeline_url": "{base}/x",
        "performed_via_github_app": null
    });
    merge(&mut issue, more);
    issue
}

/// A comment as GitHub tells it.
pub(crate) fn github_comment(id: u64, author: &str, association: &str, body: &str) -> Value {
    json!({
        "id": id,
        "node_id": "IC_kwDOA",
        "url": "{base}/x",
        "html_url": format!("{{base}}/acme/shop/issues/42#issuecomment-{id}"),
        "issue_url": "{base}/x",
        "body": body,
        "user": {"login": author, "id": id, "type": "User", "site_admin": false},
        "created_at": "2024-05-07T07:08:09Z",
        "updated_at": "2024-05-07T07:08:09Z",
        "author_association": association,
        "performed_via_github_app": null
    })
}

pub(crate) fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}
