//! The gate `change`.

use loki_model::{CommitId, Policy, Role, TreeId};

use crate::fixture::{Files, Fixture, judged, shown};

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
    assert!(text.starts_with("concern: the change adds a binary file"), "{text}");
    assert!(!text.contains("change/conflict-marker"), "{text}");
}

/// Judges a change that points to a commit of another repository at `lib/rules`.
fn with_a_submodule(base: Files<'_>) -> String {
    let fixture = Fixture::new(base);
    let (tree, commit) = submodule(&fixture);
    let (mut config, _) = fixture.config();
    config.policy = Policy::new(&[("change", Role::Required)]);
    shown(&fixture.judge_tree(&config, &tree, &commit)[0])
}

/// The base with a pointer to a commit of another repository at `lib/rules`.
fn submodule(fixture: &Fixture) -> (TreeId, CommitId) {
    let commit = "5f2c1e0d9b8a7f6e5d4c3b2a19087f6e5d4c3b2a";
    let patch = format!(
        "diff --git a/lib/rules b/lib/rules\nnew file mode 160000\nindex 0000000..{short}\n\
         --- /dev/null\n+++ b/lib/rules\n@@ -0,0 +1 @@\n+Subproject commit {commit}\n",
        short = &commit[..7]
    );
    let tree = fixture.repo.apply_patch(&fixture.base, patch.as_bytes()).unwrap();
    let commit = fixture.repo.commit_tree(&tree, &[], "a change").unwrap();
    (tree, commit)
}

#[test]
fn a_pointer_to_a_repository_that_is_not_named_is_a_concern() {
    let text = with_a_submodule(&[("a", "1\n")]);
    assert!(text.starts_with("concern: points to a commit"), "{text}");
    assert!(text.contains("change/dangling-submodule lib/rules"), "{text}");
    let other = "[submodule \"x\"]\n\tpath = lib/other\n\turl = https://example.com/x\n";
    let text = with_a_submodule(&[("a", "1\n"), (".gitmodules", other)]);
    assert!(text.contains("change/dangling-submodule lib/rules"), "{text}");
}

#[test]
fn a_submodule_that_is_named_passes() {
    let named = "[submodule \"x\"]\n\tpath = lib/rules\n\turl = https://example.com/x\n";
    let text = with_a_submodule(&[("a", "1\n"), (".gitmodules", named)]);
    assert!(text.starts_with("pass"), "{text}");
}

#[test]
fn a_pointer_that_the_checkout_lost_is_seen_in_the_commit() {
    let mut fixture = Fixture::new(&[("a", "1\n")]);
    let start = fixture.repo.commit_tree(&fixture.base, &[], "the start").unwrap();
    let (_, head) = submodule(&fixture);
    fixture.history = Some((start, head));
    let text = shown(&fixture.judge("change", &[("a", "2\n")]));
    assert!(text.contains("change/dangling-submodule lib/rules"), "{text}");
}

#[test]
fn what_programs_left_behind_is_a_concern_once_for_each_kind() {
    let change = [
        ("app.py", "x = 1\n"),
        (".aider.chat.history.md", "# chat\n"),
        ("IMPLEMENTATION_SUMMARY.md", "# Done\n"),
        ("__pycache__/app.cpython-313.pyc", "x\n"),
        ("lib/__pycache__/util.cpython-313.pyc", "x\n"),
    ];
    let text = judged("change", &[("a", "1\n")], &change);
    assert!(text.starts_with("concern: "), "{text}");
    assert_eq!(text.matches("change/stray").count(), 3, "{text}");
    let caches = "adds a cache of Python, and 1 more file(s) of the kind";
    assert!(text.contains(caches), "{text}");
}

#[test]
fn a_repository_that_tracks_such_files_may_have_more_of_them() {
    let base = [("web/node_modules/a/index.js", "1\n"), (".env", "A=1\n"), ("FIX_NOTES.md", "x\n")];
    let change = [
        ("web/node_modules/b/index.js", "1\n"),
        ("api/.env", "B=1\n"),
        (".env", "A=2\n"),
        ("FIX_SUMMARY.md", "x\n"),
        ("tests/data.rej", "x\n"),
    ];
    let text = judged("change", &base, &change);
    assert!(text.starts_with("pass"), "{text}");
}

#[test]
fn a_report_that_the_message_names_is_meant() {
    let named = Fixture::new(&[("a", "1\n")]).saying("docs: CHANGES_SUMMARY.md for the auditors");
    let text = shown(&named.judge("change", &[("CHANGES_SUMMARY.md", "x\n")]));
    assert!(text.starts_with("pass"), "{text}");
}

#[test]
fn a_huge_binary_file_is_a_concern_where_the_base_tracks_none_as_large() {
    let (small, large) = ("\0".repeat(1 << 20), "\0".repeat(6 << 20));
    let text = judged("change", &[("a", "1\n")], &[("app.bin", &large), ("icon.bin", &small)]);
    assert!(text.starts_with("concern: the change adds a binary file of 6 MiB"), "{text}");
    assert_eq!(text.matches("change/huge").count(), 1, "{text}");
    let words = "word\n".repeat(1_300_000);
    let text = judged("change", &[("a", "1\n")], &[("words.txt", &words)]);
    assert!(text.starts_with("pass"), "{text}");
    let text = judged("change", &[("movie.bin", &large)], &[("app.bin", &large)]);
    assert!(text.starts_with("pass"), "{text}");
    let lfs = [("a", "1\n"), (".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")];
    let text = judged("change", &lfs, &[("app.bin", &large)]);
    assert!(text.starts_with("pass"), "{text}");
}

#[test]
fn a_pointer_that_moves_is_no_text_that_is_too_large() {
    let fixture = Fixture::new(&[("a", "1\n")]);
    let (tree, commit) = submodule(&fixture);
    let (mut config, _) = fixture.config();
    config.policy = Policy::new(&[("substance", Role::Required)]);
    let text = shown(&fixture.judge_tree(&config, &tree, &commit)[0]);
    assert!(!text.contains("too large"), "{text}");
}
