//! One document of each format, and what is wrong with those that are not quite in theirs.

use insta::assert_snapshot;
use loki_model::{Note, Priority};

use super::*;

fn show(source: &str, text: &str) -> String {
    match read_as(source, text) {
        Ok((spec, problems)) => shown(&spec, &problems),
        Err(err) => err.to_string(),
    }
}

/// Everything that was read of a spec. Sources are left out where they are that of the spec.
pub(super) fn shown(spec: &Spec, problems: &[SpecProblem]) -> String {
    use std::fmt::Write as _;
    let mut shown = format!("# {} [{}]\n", spec.title, spec.id);
    for found in &spec.requirements {
        let priority = match found.priority {
            Priority::Must => "must",
            Priority::Should => "should",
            Priority::Could => "could",
        };
        let file = found.origin.source.strip_prefix(&spec.source).unwrap().trim_start_matches('/');
        let line = format!(
            "{file}{}{}",
            if file.is_empty() { "" } else { ":" },
            found.origin.line.unwrap()
        );
        let pointer = found.origin.pointer.as_deref().unwrap_or_default();
        writeln!(shown, "{line}{pointer}: {priority}: {}", found.text).unwrap();
        for criterion in &found.acceptance {
            writeln!(shown, "    - {criterion}").unwrap();
        }
    }
    let mut notes = |mark: &str, notes: &[Note]| {
        for note in notes {
            writeln!(shown, "{mark} {}: {}", note.origin.line.unwrap(), note.text).unwrap();
        }
    };
    notes("constraint", &spec.constraints);
    notes("assumption", &spec.assumptions);
    notes("context", &spec.context);
    for problem in problems {
        let file = problem.source().unwrap_or_default().trim_start_matches(&spec.source);
        let file = file.trim_start_matches('/');
        writeln!(shown, "! {file}:{}: {problem}", problem.line().unwrap_or(0)).unwrap();
    }
    shown
}

#[test]
fn each_operation_of_an_api_is_a_requirement() {
    assert_snapshot!(show("petstore.yaml", include_str!("../../tests/specs/petstore.yaml")));
}

#[test]
fn swagger_is_read_like_its_successors() {
    assert_snapshot!(show("./api/swagger.json", include_str!("../../tests/specs/swagger.json")));
}

#[test]
fn what_can_not_hold_in_an_api_is_told() {
    assert_snapshot!(show("x.yml", include_str!("../../tests/specs/contradictory.yaml")));
}

#[test]
fn operations_of_channels_are_requirements() {
    assert_snapshot!(show("lights.yaml", include_str!("../../tests/specs/lights2.yaml")));
    assert_snapshot!(show("lights.yaml", include_str!("../../tests/specs/lights3.yaml")));
}

#[test]
fn features_are_found_by_their_shape() {
    assert_snapshot!(show("/tmp/shop.json", include_str!("../../tests/specs/shop.json")));
    assert_snapshot!(show("stories.yaml", include_str!("../../tests/specs/stories.yaml")));
}

#[test]
fn a_text_without_a_telling_name_is_known_by_its_shape() {
    for (source, text, format) in [
        ("brief", "{\"requirements\": [\"a\"]}", Format::Outline),
        ("-", "openapi: 3.0.0\npaths: {}\n", Format::OpenApi),
        ("api", "# comment\nasyncapi: 3.0.0\n", Format::AsyncApi),
        ("brief", "[see](there) what must be", Format::Markdown),
        ("notes.txt", "{braces} must balance", Format::Markdown),
        ("a.md", "- openapi: is a word", Format::Markdown),
        ("a.md", "---\ntitle: x\n---\n# A\n", Format::Markdown),
        ("a.json", "{\"features\": []}", Format::Outline),
    ] {
        assert_eq!(read_known(source, text).unwrap().2, format, "{text}");
    }
}

#[test]
fn what_breaks_the_promise_of_its_name_is_refused_with_the_place() {
    for (source, text, start) in [
        ("a.json", "{\n\"a\": 1,\n}", "`a.json`, line 2, column 7: not JSON"),
        ("a.yaml", "a:\n  - b\n c: d\n", "`a.yaml`, line 3"),
        ("a.yml", "only words", "`a.yml`, line 1, column 1: not YAML"),
        ("a.json", "\"word\"", "`a.json`, line 1"),
        ("a.yaml", "a: 1\n---\nb: 2", "`a.yaml`, line 2"),
        ("a.yaml", "a: \u{1}", "`a.yaml`, line 1"),
    ] {
        let shown = show(source, text);
        assert!(shown.starts_with(start), "{text}: {shown}");
    }
}

#[test]
fn a_spec_is_called_by_its_file_or_by_its_title() {
    for (source, title, expected) in [
        ("prd.md", "A", "prd"),
        ("./docs/api.v1.yaml", "A", "docs/api.v1"),
        ("../x/shop.json", "A", "shop"),
        ("/tmp/shop.json", "A", "shop"),
        ("brief", "Add a --json flag!", "add-a-json-flag"),
        ("-", "…", "spec"),
    ] {
        assert_eq!(id(source, title), expected, "{source}");
    }
}
