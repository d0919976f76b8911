//! What goes wrong, and that no token goes where it does not belong.

use std::net::TcpListener;

use loki_forge::{Fault, ForgeError};
use loki_testkit::{ForgeScript, ForgeServer};
use serde_json::json;

use crate::support::*;

const ISSUE: &str = "/api/v3/repos/acme/shop/issues/42";
const TOKEN: &str = "ghp_s3cretS3cret";

/// What becomes of an answer with this status and these headers, with a token and without.
fn answered(status: u16, headers: &[(&str, &str)], body: &[u8]) -> [ForgeError; 2] {
    let server = ForgeServer::start(ForgeScript::new().answer(ISSUE, status, headers, body));
    [&[("GH_TOKEN", TOKEN)][..], &[]].map(|more| {
        let err = ask(&server, "GH_HOST", more, "acme/shop#42").unwrap_err();
        let shown = format!("{err} {err:?} {:?}", err.hint());
        assert!(!shown.contains("s3cret"), "{shown}");
        err
    })
}

#[test]
fn a_wrong_token_and_none_are_told_apart_with_the_fix() {
    let [wrong, none] = answered(401, &[], br#"{"message":"Bad credentials"}"#);
    assert!(wrong.to_string().contains("does not take the token"), "{wrong}");
    assert!(none.to_string().contains("answers only with a token"), "{none}");
    assert!(none.hint().unwrap().contains("export GH_TOKEN=…"));
    assert!(none.hint().unwrap().contains("gh auth login"));
    assert_eq!(none.fault(), Fault::Environment);
}

#[test]
fn what_is_not_there_may_be_private() {
    let [with, without] = answered(404, &[], br#"{"message":"Not Found"}"#);
    assert!(with.to_string().ends_with("has no `acme/shop#42`, or does not show it"), "{with}");
    assert!(without.to_string().ends_with("does not show it without a token"), "{without}");
    assert!(without.hint().unwrap().starts_with("it may be private: export GH_TOKEN"));
    assert_eq!(with.fault(), Fault::User);
    let [gone, _] = answered(410, &[], b"{}");
    assert!(matches!(gone, ForgeError::Gone { .. }), "{gone}");
}

#[test]
fn a_limit_tells_when_it_ends() {
    let at = jiff::Timestamp::now().as_second() + 600;
    let moment = jiff::Timestamp::from_second(at).unwrap();
    let shown = moment.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    let (epoch, text) = (at.to_string(), moment.to_string());
    for (status, headers) in [
        (403, vec![("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", epoch.as_str())]),
        (429, vec![("ratelimit-reset", epoch.as_str())]),
        (429, vec![("x-ratelimit-reset", text.as_str())]),
    ] {
        let [with, without] = answered(status, &headers, b"{}");
        assert!(with.to_string().ends_with(&format!("until {shown}")), "{with}");
        assert!(without.to_string().ends_with("without a token"), "{without}");
        assert!(without.hint().unwrap().contains("export GH_TOKEN"));
    }
}

#[test]
fn a_limit_that_tells_nothing_or_nonsense_is_still_one() {
    for headers in [
        &[][..],
        &[("retry-after", "soon")],
        &[("x-ratelimit-reset", "99999999999999")],
        &[("x-ratelimit-reset", "-1")],
        &[("retry-after", "99999999999999999999")],
    ] {
        let [err, _] = answered(429, headers, b"{}");
        assert!(
            matches!(err, ForgeError::RateLimited { reset_at: None, .. }),
            "{headers:?} {err:?}"
        );
    }
    let [err, _] = answered(403, &[("retry-after", "60")], b"{}");
    assert!(matches!(err, ForgeError::RateLimited { reset_at: Some(_), .. }), "{err:?}");
}

#[test]
fn a_token_without_the_right_is_told_what_it_lacks() {
    let [err, none] = answered(403, &[], b"{}");
    assert!(err.to_string().contains("does not let this token read `acme/shop#42`"), "{err}");
    assert!(none.to_string().contains("does not let this visitor read"), "{none}");
    let sso = [("x-github-sso", "required; url=https://evil.example/")];
    let [err, _] = answered(403, &sso, b"{}");
    assert!(err.hint().unwrap().contains("single sign-on"));
}

#[test]
fn a_redirect_off_the_host_is_not_followed_with_or_without_a_token() {
    let other = ForgeServer::start(ForgeScript::new().json(ISSUE, &github_issue(42, json!({}))));
    let port = other.host().rsplit(':').next().unwrap().to_owned();
    for location in [
        format!("{}{ISSUE}", other.base_url()),
        format!("http://localhost:{port}{ISSUE}"),
        format!("//{}{ISSUE}", other.host()),
        "https://login.example/?secret=x".to_owned(),
        "http://169.254.169.254/latest".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let [err, _] = answered(302, &[("location", &location)], b"");
        assert!(matches!(err, ForgeError::Redirected { .. }), "{location}: {err}");
        assert!(!err.to_string().contains("secret"), "{err}");
    }
    assert_eq!(other.requests().len(), 0);
}

#[test]
fn a_next_page_off_the_host_is_not_asked() {
    let other = ForgeServer::start(ForgeScript::new());
    let next = format!("<{}/steal>; rel=\"next\"", other.base_url());
    let script = ForgeScript::new().json(ISSUE, &github_issue(42, json!({"comments": 5}))).answer(
        &format!("{ISSUE}/comments"),
        200,
        &[("link", &next)],
        b"[]",
    );
    let server = ForgeServer::start(script);
    let err = ask(&server, "GH_HOST", &[("GH_TOKEN", TOKEN)], "acme/shop#42").unwrap_err();
    assert!(matches!(err, ForgeError::Redirected { .. }), "{err}");
    assert_eq!(other.requests().len(), 0);
}

#[test]
fn a_circle_and_a_redirect_to_nowhere_end() {
    for headers in [&[("location", ISSUE)][..], &[]] {
        let [err, _] = answered(301, headers, b"");
        assert!(matches!(err, ForgeError::NotUnderstood { .. }), "{err}");
    }
}

#[test]
fn a_token_goes_to_no_host_that_only_an_address_names() {
    let server = ForgeServer::start(ForgeScript::new());
    let tokens = [
        ("GH_TOKEN", TOKEN),
        ("GITHUB_TOKEN", TOKEN),
        ("GH_ENTERPRISE_TOKEN", TOKEN),
        ("GITLAB_TOKEN", TOKEN),
        ("AZURE_DEVOPS_EXT_PAT", TOKEN),
        ("JIRA_TOKEN", TOKEN),
        ("JIRA_EMAIL", "me@acme.example"),
        // An address of this machine, so that the server can be asked at all.
        ("GITLAB_HOST", "https://gitlab.acme.example"),
    ];
    let base = server.base_url();
    // Each forge's own token stays at home when another one's variable names the host.
    for (variable, name) in [
        ("GH_HOST", "https://{host}/acme/shop/-/issues/42"),
        ("JIRA_URL", "https://{host}/acme/shop/issues/42"),
        ("GH_HOST", "https://{host}/browse/AB-1"),
        ("GH_HOST", "https://{host}/acme/shop/_workitems/edit/42"),
    ] {
        let variables: Vec<_> = tokens.iter().copied().chain([(variable, base.as_str())]).collect();
        // Asked over HTTPS, which the server does not speak: nothing readable arrives.
        assert!(forges(&variables).issue(&named(&server, name), None).is_err());
    }
    assert!(server.requests().iter().all(|request| !request.has_token()));
}

#[test]
fn a_body_beyond_the_limit_is_refused_before_it_is_all_there() {
    let body = vec![b'x'; loki_forge::RESPONSE_BYTES_MAX + 1];
    let [err, _] = answered(200, &[], &body);
    assert!(matches!(err, ForgeError::TooLarge { .. }), "{err}");
    assert!(err.to_string().contains("more than 5 MiB for `acme/shop#42`"), "{err}");
}

#[test]
fn a_body_just_below_the_limit_is_read() {
    let filler = "x".repeat(5_000_000);
    let told = github_issue(42, json!({"body": filler}));
    let server = ForgeServer::start(ForgeScript::new().json(ISSUE, &told));
    let issue = ask(&server, "GH_HOST", &[], "acme/shop#42").unwrap();
    assert_eq!(issue.body.len(), 5_000_000);
}

#[test]
fn what_no_forge_says_is_told_without_repeating_it() {
    let deep = "[".repeat(100_000);
    for body in [
        &b"<!doctype html><p>s3cret"[..],
        b"",
        b"null",
        b"[]",
        b"7",
        b"{}",
        b"{\"title\": 7}",
        b"{\"title\": \"x",
        b"\xff\xfe",
        deep.as_bytes(),
    ] {
        let [err, _] = answered(200, &[], body);
        assert!(matches!(err, ForgeError::NotUnderstood { .. }), "{err}");
    }
}

#[test]
fn fields_of_any_type_are_taken_for_what_they_can_be() {
    let odd = json!({"number": "x", "title": "T", "body": {"a": 1}, "labels": {"name": "x"},
        "user": [], "comments": -5, "state": 7});
    let server = ForgeServer::start(ForgeScript::new().json(ISSUE, &odd));
    let issue = ask(&server, "GH_HOST", &[], "acme/shop#42").unwrap();
    assert_eq!((issue.title.as_str(), issue.body.as_str()), ("T", ""));
    let odd = json!({"title": "T", "comments": 3});
    let script = ForgeScript::new()
        .json(ISSUE, &odd)
        .json(&format!("{ISSUE}/comments"), &json!([null, 7, {"body": 8, "user": "x", "id": -1}]));
    let server = ForgeServer::start(script);
    let issue = ask(&server, "GH_HOST", &[], "acme/shop#42").unwrap();
    assert_eq!(issue.comments.len(), 3);
    assert!(issue.comments.iter().all(|comment| !comment.has_a_say));
}

#[test]
fn a_forge_out_of_order_and_one_that_is_not_there_are_told() {
    let [err, _] = answered(503, &[], b"");
    assert!(matches!(err, ForgeError::OutOfOrder { status: 503, .. }), "{err}");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base = format!("http://{free}");
    let issue = loki_spec::classify_issue("acme/shop#42").unwrap();
    let err = forges(&[("GH_HOST", &base)]).issue(&issue, None).unwrap_err();
    assert!(matches!(err, ForgeError::Unreachable { .. }), "{err}");
    assert!(err.hint().unwrap().contains("offline"), "{err}");
    assert!(err.to_string().contains("refused"), "{err}");
}

#[test]
fn an_address_without_encryption_is_refused_elsewhere_than_here() {
    let issue = loki_spec::classify_issue("acme/shop#42").unwrap();
    let variables = [("GH_HOST", "http://git.acme.example"), ("GH_TOKEN", TOKEN)];
    let err = forges(&variables).issue(&issue, None).unwrap_err();
    assert!(matches!(err, ForgeError::NotSecure { .. }), "{err}");
}
