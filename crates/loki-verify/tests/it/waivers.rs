//! What the base accepts is a note; what the change itself asks for hides nothing.

use crate::fixture::judged;

/// A line with a token that no scanner takes this file for.
fn line(comment: &str) -> String {
    format!("token = '{}{}'{comment}\n", "ghp_", "k3J9xQ2mV7wR4tY8uP1sD6fG5hZ0bN2cLqWe")
}

const SETTINGS: &str =
    "[[verify.waiver]]\nrule = 'secrets/*'\npath = 'tests/data/**'\nreason = 'made up'\n";

#[test]
fn a_finding_that_the_settings_of_the_base_waive_is_a_note() {
    let base = [(".loki/config.toml", SETTINGS), ("a", "1\n")];
    let text = judged("secrets", &base, &[("tests/data/a.py", &line(""))]);
    assert!(text.starts_with("pass: none in 1 added lines\nsecrets/github-token"), "{text}");
    assert!(text.contains("(accepted before the change: made up)"), "{text}");
    let text = judged("secrets", &base, &[("src/a.py", &line(""))]);
    assert!(text.starts_with("fail: 1 secret in added lines\n"), "{text}");
}

#[test]
fn a_waiver_that_the_change_brings_waives_nothing() {
    let change = [(".loki/config.toml", SETTINGS), ("tests/data/a.py", &line(""))];
    let text = judged("secrets", &[("a", "1\n")], &change);
    assert!(text.starts_with("concern: 1 secret in added lines\n"), "{text}");
}

#[test]
fn a_comment_that_stood_above_the_line_before_is_believed() {
    let comment = "# loki: allow(secrets/github-token) of the manual\n";
    let base = [("a.py", &*format!("{comment}token = None\n"))];
    let after = format!("{comment}{}", line(""));
    let text = judged("secrets", &base, &[("a.py", &after)]);
    assert!(text.starts_with("pass: "), "{text}");
    assert!(text.contains("a.py:2"), "{text}");
    assert!(text.contains("(accepted before the change: of the manual)"), "{text}");
}

#[test]
fn a_comment_that_the_change_brings_or_moves_is_not_believed() {
    let comment = "# loki: allow(secrets/github-token) of the manual";
    for (base, after) in [
        ("x = 1\n".to_owned(), format!("x = 1\n{comment}\n{}", line(""))),
        ("x = 1\n".to_owned(), format!("x = 1\n{}", line(&format!("  {comment}")))),
        (format!("{comment}\nx = 1\n"), format!("x = 1\n{comment}\n{}", line(""))),
        (format!("{comment}\nx = 1\n"), format!("{comment}\nx = 1\n{}", line(""))),
    ] {
        let text = judged("secrets", &[("a.py", &base)], &[("a.py", &after)]);
        assert!(text.starts_with("fail: 1 secret in added lines\n"), "{after}\n{text}");
    }
}

#[test]
fn more_findings_than_are_shown_are_not_all_taken_for_waived() {
    let base = [(".loki/config.toml", SETTINGS), ("a", "1\n")];
    let many: String = (0..120)
        .map(|number| {
            format!("t{number} = '{}{number:04}mV7wR4tY8uP1sD6fG5hZ0bN2cLqWe3xQ'\n", "ghp_")
        })
        .collect();
    let change = [("tests/data/a.py", &*many), ("z.py", &line(""))];
    let text = judged("secrets", &base, &change);
    assert!(!text.starts_with("pass"), "{text}");
}
