//! The gate `change`.

use crate::fixture::judged;

#[test]
fn a_change_passes_with_its_size() {
    let text = judged("change", &[("a", "1\n")], &[("b", "1\n2\n")]);
    assert_eq!(text, "pass: 1 file, +2 −0\n");
}

#[test]
fn no_change_fails() {
    let text = judged("change", &[("a", "1\n")], &[]);
    assert!(text.starts_with("fail: nothing was changed\nchange/empty"), "{text}");
}

#[test]
fn a_change_of_lokis_own_directory_is_no_work() {
    let text = judged("change", &[("a", "1\n")], &[(".loki/notes.md", "x\n")]);
    assert!(text.starts_with("fail: nothing was changed"), "{text}");
    assert!(text.contains("change/own-directory .loki/notes.md"), "{text}");
}

#[test]
fn a_change_of_the_judges_settings_is_pointed_out() {
    let change = [("b", "1\n"), (".loki/config.toml", "[verify.gates]\ntests = 'off'\n")];
    let text = judged("change", &[("a", "1\n")], &change);
    assert!(text.starts_with("concern: the change alters the settings of its own judge"), "{text}");
    assert!(text.contains("change/settings .loki/config.toml"), "{text}");
}

#[test]
fn an_unresolved_conflict_fails_where_it_opens() {
    let change = [("a", "1\n<<<<<<< HEAD\n2\n=======\n3\n>>>>>>> theirs\n")];
    let text = judged("change", &[("a", "1\n")], &change);
    assert!(text.contains("change/conflict-marker a:2"), "{text}");
}

#[test]
fn a_conflict_behind_what_is_shown_is_not_taken_for_none() {
    let filler = format!("{}\n", "y".repeat(4095)).repeat(2 << 10);
    let lines = format!("{filler}<<<<<<< a\n=======\n>>>>>>> b\n");
    let text = judged("change", &[("a", "1\n")], &[("b", &lines)]);
    assert!(text.starts_with("inconclusive: 1 changed file(s) not looked at"), "{text}");
    let binary = lines.replacen("yy", "y\0", 1);
    let text = judged("change", &[("a", "1\n")], &[("b", &binary)]);
    assert!(text.starts_with("pass"), "{text}");
}
