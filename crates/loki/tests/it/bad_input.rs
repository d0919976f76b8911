//! What is wrong is said, with the fix; nothing is spent, nothing is lost.

use loki_testkit::{Ran, TestRepo};

use crate::support::*;

/// Runs `loki start ARGS` with an agent that must not be called.
fn refused(repo: &TestRepo, args: &[&str]) -> Ran {
    let script = save(repo, &right());
    let ran = loki(repo).args(["start", "--provider", &script.provider()]).args(args).run();
    assert_eq!(script.prompts().len(), 0, "the agent was called");
    assert_eq!(ran.code, Some(2), "{args:?}\n{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("error: "), "{}", ran.stderr);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    ran
}

#[test]
fn a_spec_that_can_not_be_one_is_refused_by_what_it_is() {
    let repo = project();
    repo.write("binary.md", [0_u8, 159, 146, 150]);
    repo.write("latin1.md", [b'#', b' ', 0xe9, b'\n']);
    repo.write("huge.md", vec![b'x'; 20 << 20]);
    repo.write("empty.md", "");
    repo.write("blank.md", " \n\t\n");
    std::fs::create_dir(repo.root().join("folder.md")).unwrap();
    for (spec, told) in [
        ("missing.md", "missing.md"),
        ("binary.md", "binary"),
        ("latin1.md", "UTF-8"),
        ("huge.md", "20 MiB"),
        ("empty.md", "empty"),
        ("blank.md", "empty"),
        ("folder.md", "directory"),
    ] {
        let ran = refused(&repo, &[spec, "--yes"]);
        assert!(ran.stderr.contains(told), "{spec}: `{told}` is missing in {}", ran.stderr);
    }
}

#[test]
fn an_unreadable_spec_is_refused() {
    let repo = project();
    std::os::unix::fs::symlink("nowhere", repo.root().join("dangling.md")).unwrap();
    let _ = refused(&repo, &["dangling.md", "--yes"]);
    std::os::unix::fs::symlink("loop.md", repo.root().join("loop.md")).unwrap();
    let _ = refused(&repo, &["--prd", "loop.md", "--yes"]);
    let _ = refused(&repo, &["--prd", "/dev/zero", "--yes"]);
}

#[test]
fn no_spec_at_all_names_what_was_looked_for() {
    let repo = TestRepo::new().file("README.md", "# x\n").commit("start");
    assert!(refused(&repo, &["--yes"]).stderr.contains("prd.md"));
}

#[test]
fn outside_of_a_repository_git_init_is_offered() {
    let place = TestRepo::unversioned("plain");
    place.write("prd.md", PRD);
    assert!(refused(&place, &["prd.md", "--yes"]).stderr.contains("git init"));
}

#[test]
fn a_bare_repository_is_refused() {
    let repo = project();
    let bare = repo.beside("bare.git");
    repo.git(["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    std::fs::write(bare.join("prd.md"), PRD).unwrap();
    let script = save(&repo, &right());
    let ran = loki(&repo)
        .cwd(&bare)
        .args(["start", "prd.md", "--yes", "--provider", &script.provider()])
        .run()
        .expect_code(2);
    assert!(ran.stderr.contains("bare"), "{}", ran.stderr);
}

#[test]
fn without_a_terminal_nothing_that_may_cost_money_starts_unless_told_to() {
    let repo = project();
    let ran = refused(&repo, &["prd.md"]);
    assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
    let script = save(&repo, &right());
    let _ = loki(&repo)
        .args(["start", "prd.md", "--provider", &script.provider()])
        .env("LOKI_ASSUME_YES", "1")
        .run()
        .expect_code(0);
}

#[test]
fn who_asks_for_gemini_is_told_where_it_went() {
    let repo = project();
    let ran = loki(&repo).args(["start", "prd.md", "--yes", "--provider", "gemini"]).run();
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("--provider 'acp:gemini --acp'"), "{}", ran.stderr);
}

#[test]
fn an_unknown_provider_is_refused_with_those_there_are() {
    let repo = project();
    for provider in ["gpt", "command:", "command:'open", "replay:missing.toml"] {
        let ran = loki(&repo).args(["start", "prd.md", "--yes", "--provider", provider]).run();
        assert_eq!(ran.code, Some(2), "{provider}: {}", ran.stderr);
    }
}

#[test]
fn limits_that_make_no_sense_are_refused() {
    let repo = project();
    for args in [
        ["--max-iterations", "0"],
        ["--max-iterations", "-1"],
        ["--max-iterations", "many"],
        ["--budget", "0"],
        ["--budget", "nan"],
        ["--idle-timeout", "0"],
    ] {
        let ran = loki(&repo).args(["start", "prd.md", "--yes"]).args(args).run();
        assert_eq!(ran.code, Some(2), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn errors_are_json_when_json_is_asked_for() {
    let repo = project();
    let ran = loki(&repo).args(["start", "missing.md", "--json"]).run().expect_code(2);
    let error = ran.json();
    assert_eq!(error["schema_version"], 1);
    assert!(error["error"]["message"].as_str().unwrap().contains("missing.md"));
}

#[test]
fn a_state_directory_that_can_not_be_used_is_an_error_of_the_machine() {
    let repo = project();
    let script = save(&repo, &right());
    let file = repo.beside("file");
    std::fs::write(&file, "").unwrap();
    let ran = start(&repo, &script).env("LOKI_HOME", file.join("below")).run().expect_code(1);
    assert!(ran.stderr.contains("error: "), "{}", ran.stderr);
    assert_eq!(script.prompts().len(), 0);
}

#[test]
fn what_would_be_in_the_way_of_the_result_is_said_before_anything_is_spent() {
    let repo = project();
    repo.write(".loki", "a file\n");
    assert!(refused(&repo, &["prd.md", "--yes"]).stderr.contains("in the way"));
    let repo = project();
    std::os::unix::fs::symlink("/tmp", repo.root().join(".loki")).unwrap();
    assert!(refused(&repo, &["prd.md", "--yes"]).stderr.contains("in the way"));
}

#[test]
fn rules_of_the_judge_that_can_not_be_followed_are_not_left_out_silently() {
    for settings in ["[verify\n", "[verify]\ntests = 3\n", "[verify.gates]\ntests = \"maybe\"\n"] {
        let repo = project().file(".loki/config.toml", settings).commit("settings");
        let ran = refused(&repo, &["prd.md", "--yes"]);
        assert!(ran.stderr.contains(".loki/config.toml"), "{settings}: {}", ran.stderr);
    }
}

#[test]
fn a_spec_of_which_a_part_would_be_left_out_is_refused() {
    let repo = project();
    let items: String = (0..5000).map(|n| format!("- item {n} must work\n")).collect();
    repo.write("endless.md", format!("# Endless\n\n## Requirements\n\n{items}"));
    let ran = refused(&repo, &["endless.md", "--yes"]);
    assert!(ran.stderr.contains("split the spec"), "{}", ran.stderr);
}

#[test]
fn a_misspelt_command_line_is_json_when_json_is_asked_for() {
    let repo = project();
    for args in [&["status", "--bogus", "--json"][..], &["--json", "frobnicate"]] {
        let ran = loki(&repo).args(args.iter().copied()).run().expect_code(2);
        assert_eq!(ran.json()["schema_version"], 1);
    }
}
