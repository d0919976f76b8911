//! What is changed on a forge, and found again: GitHub and GitLab, against one that keeps what it is told.

use std::sync::Arc;

use jiff::Timestamp;
use loki_forge::{About, ForgeError, Forges, NewRequest, NotDone, RepositoryRef, Webhook};
use loki_testkit::{ForgeScript, ForgeServer, ForgeState, TestRepo};
use serde_json::json;

use crate::support::forges;

const ISSUE: About = About::Issue(7);

/// A forge whose branches are those of the test's repository, under both of its languages.
struct Stage {
    _repo: TestRepo,
    state: Arc<ForgeState>,
    server: ForgeServer,
}

impl Stage {
    fn new() -> Stage {
        let repo = TestRepo::new().file("a", "a\n").commit("start");
        repo.git(["branch", "work/one"]);
        let state = Arc::new(ForgeState::new(repo.root().join(".git"), &[7]));
        let server = ForgeServer::keeping(&state, ForgeScript::new());
        Stage { _repo: repo, state, server }
    }

    fn both(&self) -> [(Forges, RepositoryRef); 2] {
        let (base, host) = (self.server.base_url(), self.server.host());
        let github =
            RepositoryRef::GitHub { host: host.clone(), repository: "acme/sums".to_owned() };
        let gitlab = RepositoryRef::GitLab { host, project: "acme/sums".to_owned() };
        [
            (forges(&[("GH_HOST", &base), ("GH_TOKEN", "t")]), github),
            (forges(&[("GITLAB_HOST", &base), ("GITLAB_TOKEN", "t")]), gitlab),
        ]
    }
}

fn request<'a>(head: &'a str, body: &'a str) -> NewRequest<'a> {
    NewRequest { head, base: "main", title: "Sums", body }
}

#[test]
fn a_request_is_opened_found_by_its_branch_and_changed() {
    for which in 0..2 {
        let stage = Stage::new();
        let (forges, place) = &stage.both()[which];
        assert_eq!(forges.requests_of(place, "work/one").unwrap(), []);
        let opened = forges.open_request(place, &request("work/one", "first")).unwrap();
        assert_eq!(opened.number, Some(101));
        assert!(opened.url.starts_with(&stage.server.base_url()), "{}", opened.url);
        let seen = forges.requests_of(place, "work/one").unwrap();
        let seen: Vec<_> = seen.iter().map(|one| (one.is_open, one.body.as_str())).collect();
        assert_eq!(seen, [(true, "first")]);
        forges.update_request(place, 101, &request("work/one", "second")).unwrap();
        assert_eq!(stage.state.requests()[0].body, "second");
        assert_eq!(forges.requests_of(place, "other").unwrap(), []);
    }
}

#[test]
fn a_second_request_and_one_for_nothing_are_refused_in_the_forges_words() {
    for which in 0..2 {
        let stage = Stage::new();
        let (forges, place) = &stage.both()[which];
        forges.open_request(place, &request("work/one", "first")).unwrap();
        for (head, words) in [("work/one", "already exists"), ("nowhere", "is not there")] {
            let refused = forges.open_request(place, &request(head, "x")).unwrap_err();
            assert!(matches!(refused, NotDone::Refused(ForgeError::NotChanged { .. })));
            assert!(refused.to_string().contains(words), "{refused}");
        }
    }
}

#[test]
fn a_comment_is_found_by_what_marks_it() {
    for which in 0..2 {
        let stage = Stage::new();
        let (forges, place) = &stage.both()[which];
        let find = |marker| forges.find_comment(place, ISSUE, marker, Timestamp::UNIX_EPOCH);
        assert_eq!(find("<!-- mark -->").unwrap(), None);
        forges.comment(place, ISSUE, "said\n\n<!-- mark -->").unwrap();
        assert!(find("<!-- mark -->").unwrap().is_some());
        assert_eq!(find("<!-- other -->").unwrap(), None);
        assert_eq!(stage.state.comments(7), ["said\n\n<!-- mark -->"]);
    }
}

#[test]
fn labels_and_closed_issues_are_seen() {
    for which in 0..2 {
        let stage = Stage::new();
        let (forges, place) = &stage.both()[which];
        assert_eq!(forges.has_label(place, ISSUE, "loki").unwrap(), None);
        forges.add_label(place, ISSUE, "loki").unwrap();
        assert!(forges.has_label(place, ISSUE, "loki").unwrap().is_some());
        assert_eq!(forges.closed(place, 7).unwrap(), None);
        forges.close(place, 7).unwrap();
        assert!(forges.closed(place, 7).unwrap().is_some());
        assert_eq!(
            (stage.state.labels(7), stage.state.closings(7)),
            (vec!["loki".to_owned()], (1, true))
        );
    }
}

#[test]
fn a_lost_answer_is_unclear_and_a_closed_door_is_not_sent() {
    let stage = Stage::new();
    let (forges, place) = &stage.both()[0];
    stage.state.lose_answers(1);
    let lost = forges.comment(place, ISSUE, "said").unwrap_err();
    assert!(matches!(lost, NotDone::Unclear(_)), "{lost}");
    assert_eq!(stage.state.comments(7).len(), 1);
    drop(stage.server);
    let unheard = forges.comment(place, ISSUE, "said").unwrap_err();
    assert!(matches!(unheard, NotDone::NotSent(_)), "{unheard}");
}

#[test]
fn what_is_not_allowed_says_what_the_token_needs() {
    let stage = Stage::new();
    let (forges, place) = &stage.both()[0];
    let refused = forges.comment(place, About::Issue(8), "said").unwrap_err();
    assert!(matches!(refused, NotDone::Refused(_)), "{refused}");
    assert!(refused.error().hint().unwrap().contains("allowed to write"), "{refused}");
    let script = ForgeScript::new().require("authorization", "Bearer other");
    let server = ForgeServer::keeping(&stage.state, script);
    let base = server.base_url();
    let place = RepositoryRef::GitHub { host: server.host(), repository: "acme/sums".to_owned() };
    let forges = crate::support::forges(&[("GH_HOST", &base), ("GH_TOKEN", "wrong")]);
    let refused = forges.comment(&place, ISSUE, "said").unwrap_err();
    assert!(matches!(refused, NotDone::Refused(ForgeError::NotLoggedIn { .. })), "{refused}");
    assert_eq!(stage.state.comments(7).len(), 0);
}

#[test]
fn a_change_follows_no_redirect_to_another_question_or_another_host() {
    const COMMENTS: &str = "/api/v3/repos/acme/sums/issues/7/comments";
    for (status, to) in [(301, "{base}/x"), (302, "{base}/x"), (307, "https://evil.example/x")] {
        let script = ForgeScript::new()
            .answer(COMMENTS, status, &[("location", to)], b"{}")
            .json("/x", &json!({"id": 1}));
        let server = ForgeServer::start(script);
        let (base, host) = (server.base_url(), server.host());
        let place = RepositoryRef::GitHub { host, repository: "acme/sums".to_owned() };
        let forges = forges(&[("GH_HOST", &base), ("GH_TOKEN", "t")]);
        let refused = forges.comment(&place, ISSUE, "said").unwrap_err();
        assert!(!matches!(refused, NotDone::Unclear(_)), "{refused}");
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[test]
fn azure_devops_is_told_nothing() {
    let place = RepositoryRef::AzureDevOps {
        collection: "dev.azure.com/acme".to_owned(),
        project: "Shop".to_owned(),
    };
    let refused = forges(&[]).comment(&place, ISSUE, "said").unwrap_err();
    assert!(matches!(refused, NotDone::Refused(ForgeError::NotSupported { .. })), "{refused}");
}

#[test]
fn a_webhook_is_told_once_with_a_key_and_no_token() {
    let stage = Stage::new();
    let hook = Webhook::set_by("X", &format!("{}/hooks/s3cret", stage.server.base_url())).unwrap();
    hook.call(&json!({"text": "done"}), "loki-kqmz-1").unwrap();
    let told = stage.state.hooks();
    assert_eq!((told.len(), told[0].key.as_str()), (1, "loki-kqmz-1"));
    assert_eq!(told[0].body, json!({"text": "done"}));
    assert!(!stage.server.requests()[0].has_token());
    stage.state.lose_answers(1);
    let lost = hook.call(&json!({}), "k").unwrap_err();
    assert!(matches!(&lost, NotDone::Unclear(_)) && !lost.to_string().contains("s3cret"), "{lost}");
    drop(stage.server);
    let unheard = hook.call(&json!({}), "k").unwrap_err();
    assert!(matches!(unheard, NotDone::NotSent(_)), "{unheard}");
}
