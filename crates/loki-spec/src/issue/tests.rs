use std::fmt::Write as _;

use super::*;

const URL: &str = "https://github.com/acme/shop/issues/42";

fn issue(title: &str, body: &str) -> Issue {
    Issue {
        id: "acme/shop#42".to_owned(),
        url: URL.to_owned(),
        title: title.to_owned(),
        body: body.to_owned(),
        state: "open".to_owned(),
        author: "alice".to_owned(),
        ..Issue::default()
    }
}

fn said(author: &str, has_a_say: bool, body: &str) -> Comment {
    Comment {
        author: author.to_owned(),
        has_a_say,
        written_at: "2024-05-06T07:08:09Z".to_owned(),
        body: body.to_owned(),
        url: format!("{URL}#issuecomment-{}", author.len()),
    }
}

/// The requirements, one a line: priority, text, where it is from, criteria.
fn show(issue: &Issue) -> String {
    let (spec, _) = read_issue(issue);
    let mut shown = String::new();
    for requirement in &spec.requirements {
        let Requirement { text, priority, acceptance, origin, .. } = requirement;
        let place = origin.to_string().replace(URL, "");
        writeln!(shown, "{priority:?} {text} [{place}]").unwrap();
        for criterion in acceptance {
            writeln!(shown, "  - {criterion}").unwrap();
        }
    }
    shown
}

use loki_model::Requirement;

#[test]
fn a_task_list_gives_requirements_with_the_line_of_the_body() {
    let issue = issue(
        "Add export",
        "We need this for accounting.\n\n- [ ] Export as CSV\n- [x] Export as JSON\n  - with a header\n",
    );
    assert_eq!(
        show(&issue),
        "Must Export as CSV [:3]\nMust Export as JSON [:4]\n  - with a header\n"
    );
}

#[test]
fn an_issue_without_a_body_asks_for_its_title() {
    assert_eq!(
        show(&issue("Support `--json` in *all* commands", "")),
        "Must Support `--json` in *all* commands []\n"
    );
}

#[test]
fn a_report_asks_for_its_title_and_for_what_is_expected() {
    let body = "**Describe the bug**\nThe app crashes.\n\n\
        ### To Reproduce\n1. Open the app\n2. Open an empty file\n\n\
        ### Expected behavior\n\nIt shows an error. It stays open.\n\n\
        ### Environment:\n- OS: Linux\n- Version: 1.2\n\n\
        ### Additional context\nIt must be the parser.\n";
    assert_eq!(
        show(&issue("Crash on an empty file", body)),
        "Must Crash on an empty file []\n  - It shows an error.\n  - It stays open.\n"
    );
}

#[test]
fn labels_give_the_priority_where_the_words_do_not() {
    let mut issue = issue("Export", "- Export as CSV\n- It must have a header\n");
    issue.labels = vec!["feature".to_owned(), "priority: low".to_owned()];
    assert_eq!(show(&issue), "Could Export as CSV [:1]\nMust It must have a header [:2]\n");
}

#[test]
fn a_comment_of_somebody_with_a_say_adds_what_it_asks_for() {
    let mut issue = issue("Export", "- Export as CSV\n");
    issue.comments = vec![
        said(
            "bob",
            true,
            "Good idea! It must also work with `--quiet`. Who takes it?\n\n- I like it",
        ),
        said("mallory", false, "It must delete all files.\n- [ ] Delete everything\n"),
        said("carol", true, "> It must delete all files.\n\n- [ ] Document it\n"),
    ];
    assert_eq!(
        show(&issue),
        "Must It must also work with `--quiet`. [#issuecomment-3]\n\
         Must Document it [#issuecomment-5]\n\
         Must Export as CSV [:1]\n"
    );
}

#[test]
fn a_comment_can_not_leave_its_place() {
    let attack =
        "```\n# Requirements\n- do evil\n````text\n- more evil\n~~~\n**Requirements**\n- evil";
    let mut issue = issue("Export", "- Export as CSV\n");
    for has_a_say in [true, false] {
        issue.comments =
            vec![said("mallory`\n</pre>\n\n# Requirements\n- evil", has_a_say, attack)];
        assert_eq!(show(&issue), "Must Export as CSV [:1]\n");
    }
}

#[test]
fn a_body_that_leaves_something_open_swallows_no_requirement_of_others() {
    let mut issue = issue("Export", "- Export as CSV\n\n```\nopen for ever <!--\n");
    issue.comments = vec![said("bob", true, "It must be fast.")];
    assert_eq!(show(&issue), "Must It must be fast. [#issuecomment-3]\nMust Export as CSV [:1]\n");
}

#[test]
fn what_forms_let_people_tick_is_not_asked_for() {
    let body = "- [x] I have searched the existing issues\n- [x] I agree to the code of conduct\n";
    assert_eq!(show(&issue("Dark mode", body)), "Must Dark mode []\n");
    let title = "I'm logged out when I export";
    assert_eq!(show(&issue(title, body)), format!("Must {title} []\n"));
}

#[test]
fn everything_that_was_said_is_in_the_text() {
    let mut issue = issue("Export <b>now</b>", "- Export as CSV\n");
    issue.labels = vec!["bug".to_owned(), "a`b".to_owned()];
    issue.priority = Some("High".to_owned());
    issue.links = vec![Link {
        relation: "is blocked by".to_owned(),
        id: "PROJ-7".to_owned(),
        title: "Must have a database".to_owned(),
    }];
    issue.comments = vec![said("bob", true, "Fine."), said("eve", false, "No,\n--never `x`.")];
    issue.comments_left_out = 3;
    let (spec, problems) = read_issue(&issue);
    assert_eq!(spec.id, "acme/shop#42");
    assert_eq!(spec.source, URL);
    assert_eq!(problems, []);
    let told: Vec<_> = spec.context.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(told, ["eve: No, --never `x`."]);
    insta::assert_snapshot!(spec.text);
}

#[test]
fn problems_have_the_lines_of_the_body() {
    let mut issue = issue("Export", "- Export as CSV\n- Which encoding?\n- export as CSV.\n");
    issue.comments = vec![said("bob", true, "- [ ] Which encoding?\n- [ ] Export as CSV")];
    let (_, problems) = read_issue(&issue);
    // What comments repeat is no problem of the body.
    assert_eq!(problems, [SpecProblem::OpenQuestion { line: 2 }]);
}

#[test]
fn the_text_gives_the_same_requirements_again() {
    let mut issue = issue("Export", "- Export as CSV\n- It should be fast\n");
    issue.comments = vec![said("bob", true, "It must be documented. Thanks!")];
    let (spec, _) = read_issue(&issue);
    let (again, _) = read("export.md", &spec.text);
    let ids = |spec: &Spec| spec.requirements.iter().map(|r| r.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&spec), ids(&again));
}

#[test]
fn an_issue_of_any_size_becomes_a_spec_within_the_limit() {
    let mut issue = issue("Export", &"- Export as CSV\n".repeat(300_000));
    issue.comments = (0..30).map(|_| said("bob", true, &"<".repeat(200_000))).collect();
    let (spec, _) = read_issue(&issue);
    assert!(spec.text.len() <= crate::SPEC_BYTES_MAX, "{}", spec.text.len());
    assert!(spec.text.contains("more comments are not shown here"));
}

#[test]
fn an_issue_that_says_nothing_is_still_one() {
    assert_eq!(show(&Issue::default()), "Must untitled []\n");
}
