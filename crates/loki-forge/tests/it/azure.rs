//! Azure DevOps.

use loki_forge::{IssueState, Query, RepositoryRef};
use loki_testkit::{ForgeScript, ForgeServer, Paging};
use serde_json::{Value, json};

use crate::support::*;

const ITEM: &str = "/acme/My%20Shop/_apis/wit/workitems/42";
const COMMENTS: &str = "/acme/My%20Shop/_apis/wit/workItems/42/comments";

/// A work item as Azure DevOps tells it.
fn item() -> Value {
    json!({
        "id": 42,
        "rev": 3,
        "fields": {
            "System.AreaPath": "My Shop",
            "System.TeamProject": "My Shop",
            "System.WorkItemType": "User Story",
            "System.State": "Active",
            "System.Reason": "Implementation started",
            "System.CreatedDate": "2024-05-06T07:08:09.12Z",
            "System.CreatedBy": {"displayName": "Alice A", "uniqueName": "alice@acme.example", "id": "1"},
            "System.CommentCount": 3,
            "System.Title": "Export orders",
            "System.Tags": "backend; nice to have",
            "Microsoft.VSTS.Common.Priority": 2,
            "System.Description": "<div>It <b>must</b> export:</div><ul><li>as CSV</li><li>as JSON</li></ul>",
            "Microsoft.VSTS.Common.AcceptanceCriteria": "* A header is there"
        },
        "multilineFieldsFormat": {
            "System.Description": "html",
            "Microsoft.VSTS.Common.AcceptanceCriteria": "markdown"
        },
        "relations": [
            {"rel": "System.LinkTypes.Hierarchy-Reverse",
             "url": "{base}/acme/1-2-3/_apis/wit/workItems/7",
             "attributes": {"isLocked": false, "name": "Parent"}},
            {"rel": "AttachedFile", "url": "{base}/acme/_apis/wit/attachments/8",
             "attributes": {"name": "a.png"}}
        ],
        "_links": {"html": {"href": "{base}/acme/x/_workitems/edit/42"}},
        "url": "{base}/acme/1-2-3/_apis/wit/workItems/42"
    })
}

fn comment(id: u64, text: &str, format: &str) -> Value {
    json!({
        "workItemId": 42,
        "id": id,
        "version": 1,
        "text": text,
        "renderedText": "x",
        "format": format,
        "createdBy": {"displayName": format!("Person {id}"), "id": "x"},
        "createdDate": "2024-05-07T07:08:09.12Z",
        "modifiedDate": "2024-05-07T07:08:09.12Z"
    })
}

fn script() -> ForgeScript {
    let comments = vec![
        comment(1, "<p>It must have a <i>header</i>.</p>", "html"),
        comment(2, "**Fine**", "markdown"),
        comment(3, "<div>ok</div>", "html"),
    ];
    ForgeScript::new().json(ITEM, &item()).list(COMMENTS, Paging::Continuation, 2, comments)
}

fn address(server: &ForgeServer) -> String {
    format!("{}/acme", server.base_url())
}

#[test]
fn a_work_item_is_brought_with_its_texts_as_markdown() {
    let server = ForgeServer::start(script());
    let base = address(&server);
    let name = named(&server, "https://{host}/acme/My%20Shop/_workitems/edit/42");
    let issue = forges(&[("AZURE_DEVOPS_ORG_URL", &base)]).issue(&name, None).unwrap();
    assert_eq!(issue.id, "acme/My Shop#42");
    assert_eq!(issue.url, format!("{base}/My%20Shop/_workitems/edit/42"));
    assert_eq!(
        issue.body,
        "It **must** export:\n\n- as CSV\n- as JSON\n\n## Acceptance criteria\n\n* A header is there"
    );
    assert_eq!(issue.author, "Alice A");
    assert_eq!(issue.labels, ["backend", "nice to have"]);
    assert_eq!(issue.priority.as_deref(), Some("2"));
    let links: Vec<_> = issue.links.iter().map(|l| (l.relation.as_str(), l.id.as_str())).collect();
    assert_eq!(links, [("Parent", "#7")]);
    let said: Vec<_> = issue.comments.iter().map(|comment| comment.body.as_str()).collect();
    assert_eq!(said, ["It must have a *header*.", "**Fine**", "ok"]);
    assert!(issue.comments.iter().all(|comment| comment.has_a_say));
}

#[test]
fn a_token_is_sent_as_azure_devops_wants_it() {
    // `:s3cret-pat`
    let server = ForgeServer::start(script().require("authorization", "Basic OnMzY3JldC1wYXQ="));
    let base = address(&server);
    let name = named(&server, "https://{host}/acme/My%20Shop/_workitems/edit/42");
    let variables =
        [("AZURE_DEVOPS_ORG_URL", base.as_str()), ("AZURE_DEVOPS_EXT_PAT", "s3cret-pat")];
    assert!(forges(&variables).issue(&name, None).is_ok());
}

#[test]
fn a_page_to_log_in_is_no_answer() {
    let page = b"<html>Sign in</html>";
    for (status, headers) in [(203, &[][..]), (302, &[("location", "https://login.example/x?y")])] {
        let server = ForgeServer::start(ForgeScript::new().answer(ITEM, status, headers, page));
        let base = address(&server);
        let name = named(&server, "https://{host}/acme/My%20Shop/_workitems/edit/42");
        let err = forges(&[("AZURE_DEVOPS_ORG_URL", &base)]).issue(&name, None).unwrap_err();
        assert_eq!(err.hint().as_deref(), Some("export AZURE_DEVOPS_EXT_PAT=…"), "{err}");
    }
}

#[test]
fn work_items_of_a_project_are_listed() {
    let found =
        json!({"queryType": "flat", "workItems": [{"id": 42, "url": "x"}, {"id": 41, "url": "x"}]});
    let server = ForgeServer::start(script().json("/acme/My%20Shop/_apis/wit/wiql", &found));
    let base = address(&server);
    let collection = format!("{}/acme", server.host());
    let repository = RepositoryRef::AzureDevOps { collection, project: "My Shop".into() };
    let query = Query { labels: vec!["backend".into()], state: IssueState::Open, limit: 1 };
    let (issues, more) =
        forges(&[("AZURE_DEVOPS_ORG_URL", &base)]).issues(&repository, &query).unwrap();
    assert_eq!((issues.len(), more), (1, true));
    let asked = &server.requests()[0];
    assert_eq!(asked.method, "POST");
    assert!(asked.body.contains("[System.Tags] CONTAINS 'backend'"), "{}", asked.body);
}
