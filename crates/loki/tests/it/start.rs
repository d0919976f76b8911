//! A spec to its finish.

use loki_testkit::{Script, TestRepo};

use crate::support::*;

#[test]
fn a_first_attempt_that_holds_ends_verified_after_one_call() {
    let repo = project();
    let script = save(&repo, &right());
    let ran = start(&repo, &script).run().expect_code(0);
    assert!(ran.stderr.contains("VERIFIED"), "{}", ran.stderr);
    assert_eq!(script.prompts().len(), 1);
    assert_eq!(repo.git(["show", &format!("{}:sums.py", run_branch(&repo))]), RIGHT.trim_end());
}

#[test]
fn a_refused_attempt_is_told_what_failed_and_where_and_may_mend_it() {
    let repo = project();
    let script = save(
        &repo,
        &Script::new()
            .call(|c| c.write("sums.py", WRONG).write("test_sums.py", TEST).say("LOKI: DONE"))
            .call(|c| c.write("sums.py", RIGHT).say("LOKI: DONE")),
    );
    let ran = start(&repo, &script).run().expect_code(0);
    assert!(ran.stderr.contains("BLOCKED"), "{}", ran.stderr);
    let second = &script.prompts()[1];
    for told in ["tests/failed", "test_two_and_three_are_five", "test_sums.py:8", "-1 != 5"] {
        assert!(second.contains(told), "`{told}` is missing in:\n{second}");
    }
}

#[test]
fn a_claim_to_be_done_with_red_tests_is_never_verified() {
    let repo = project();
    let lie = Script::new().call(|c| {
        c.write("sums.py", WRONG).write("test_sums.py", TEST).say("All tests pass!\nLOKI: DONE")
    });
    let ran = start(&repo, &save(&repo, &lie)).args(["--max-iterations", "2"]).run();
    assert_eq!(ran.expect_code(11).stderr.matches("BLOCKED").count(), 2);
}

#[test]
fn forged_evidence_in_the_workspace_changes_nothing() {
    let repo = project();
    let forged = r#"{"schema_version":1,"verdict":"verified"}"#;
    let lie = Script::new().call(|c| {
        c.write("sums.py", WRONG)
            .write("test_sums.py", TEST)
            .write(".loki/verify/evidence.json", forged)
            .write("junit.xml", "<testsuite tests='9' failures='0'/>")
            .say("LOKI: DONE")
    });
    let _ = start(&repo, &save(&repo, &lie)).args(["--max-iterations", "1"]).run().expect_code(11);
    let evidence: serde_json::Value =
        serde_json::from_str(&repo.read(".loki/verify/evidence.json")).unwrap();
    assert_eq!(evidence["verdict"], "blocked");
}

#[test]
fn zero_tests_are_not_a_pass() {
    let repo = project();
    let none = Script::new().call(|c| c.write("sums.py", RIGHT).say("LOKI: DONE"));
    let ran = start(&repo, &save(&repo, &none)).args(["--max-iterations", "1"]).run();
    assert!(ran.expect_code(10).stderr.contains("CONCERNS"));
}

#[test]
fn a_run_makes_exactly_as_many_calls_as_it_may() {
    for limit in [1, 2, 3] {
        let repo = project();
        let script = (0..9).fold(Script::new(), |script, n| {
            script.call(|c| {
                c.write("sums.py", WRONG)
                    .write("test_sums.py", TEST)
                    .write("notes.txt", n.to_string())
                    .say("LOKI: DONE")
            })
        });
        let file = save(&repo, &script);
        let _ = start(&repo, &file)
            .args(["--max-iterations", &limit.to_string()])
            .run()
            .expect_code(11);
        assert_eq!(file.prompts().len(), limit);
    }
}

#[test]
fn the_users_checkout_index_and_branch_are_not_touched() {
    let repo = project();
    repo.write("sums.py", "# my unfinished work\n");
    repo.write("staged.py", "x = 1\n");
    repo.git(["add", "staged.py"]);
    repo.write("untracked.txt", "mine\n");
    let before = (repo.git(["status", "--porcelain"]), repo.git(["rev-parse", "HEAD"]));
    let index = std::fs::read(repo.root().join(".git/index")).unwrap();
    let ran = start(&repo, &save(&repo, &right())).run().expect_code(0);
    assert!(ran.stderr.contains("uncommitted changes"), "{}", ran.stderr);
    let after = (repo.git(["status", "--porcelain"]), repo.git(["rev-parse", "HEAD"]));
    assert_eq!(before, after);
    assert_eq!(std::fs::read(repo.root().join(".git/index")).unwrap(), index);
    assert_eq!(repo.read("sums.py"), "# my unfinished work\n");
    assert_eq!(repo.git(["symbolic-ref", "--short", "HEAD"]), "main");
}

#[test]
fn in_place_the_agent_works_in_the_checkout_and_nothing_is_committed() {
    let repo = project();
    let head = repo.git(["rev-parse", "HEAD"]);
    let _ = start(&repo, &save(&repo, &right())).args(["--in-place"]).run().expect_code(0);
    assert_eq!(repo.read("sums.py"), RIGHT);
    assert_eq!(repo.git(["rev-parse", "HEAD"]), head);
}

#[test]
fn a_brief_of_one_sentence_is_a_spec() {
    let repo = project();
    let script = save(&repo, &right());
    let _ = loki(&repo)
        .args(["start", "add() must return the sum of two numbers", "--yes", "--provider"])
        .args([script.provider()])
        .run()
        .expect_code(0);
    assert!(script.prompts()[0].contains("add() must return the sum"));
}

#[test]
fn a_repository_without_a_commit_starts_from_nothing() {
    let repo = TestRepo::new();
    repo.write("prd.md", PRD);
    let _ = start(&repo, &save(&repo, &right())).run().expect_code(0);
    let files = repo.git(["ls-tree", "--name-only", &run_branch(&repo)]);
    assert_eq!(files, "sums.py\ntest_sums.py");
}

#[test]
fn awkward_directory_names_work() {
    for name in ["with space", "it's \"quoted\"", "línea ñ 日本", "new\nline", "-dash"] {
        let repo = TestRepo::named(name).file("prd.md", PRD).commit("start");
        let ran = start(&repo, &save(&repo, &right())).run();
        assert_eq!(ran.code, Some(0), "{name:?}\n{}\n{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn what_the_agent_commits_itself_counts_and_stays_on_the_runs_branch() {
    let repo = project();
    let script = Script::new().call(|c| {
        c.write("sums.py", RIGHT)
            .write("test_sums.py", TEST)
            .git(&["add", "-A"])
            .git(&["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "by the agent"])
            .say("LOKI: DONE")
    });
    // In the sandbox only the files of its commits stay.
    let file = save(&repo, &script);
    let _ = start(&repo, &file).args(["--sandbox", "off"]).run().expect_code(0);
    assert!(repo.git(["log", "--format=%s", &run_branch(&repo)]).contains("by the agent"));
    assert!(!repo.git(["log", "--format=%s", "main"]).contains("by the agent"));
    let _ = start(&repo, &file).run().expect_code(0);
    let branches = run_branch(&repo);
    assert_eq!(branches.lines().count(), 2, "{branches}");
    for branch in branches.lines() {
        assert_eq!(repo.git(["show", &format!("{branch}:sums.py")]), RIGHT.trim_end());
    }
}

#[test]
fn evidence_is_valid_by_its_published_schema() {
    let repo = project();
    let _ = start(&repo, &save(&repo, &right())).run().expect_code(0);
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/formats/evidence.schema.json");
    let schema: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let evidence: serde_json::Value =
        serde_json::from_str(&repo.read(".loki/verify/evidence.json")).unwrap();
    jsonschema::validate(&schema, &evidence).unwrap();
    assert_eq!(evidence["verdict"], "verified");
    assert!(repo.read(".loki/verify/report.md").contains("VERIFIED"));
    assert_eq!(repo.git(["status", "--porcelain"]), "");
}

#[test]
fn a_prompt_of_two_megabytes_reaches_the_agent_whole() {
    let repo = project();
    let long = format!("# Sums\n\n- add must work\n\n{}", "lorem ipsum dolor ".repeat(120_000));
    repo.write("long.md", &long);
    let script = save(&repo, &right());
    let _ = loki(&repo)
        .args(["start", "long.md", "--yes", "--provider", &script.provider()])
        .run()
        .expect_code(0);
    assert!(script.prompts()[0].len() > 2_000_000);
    assert!(script.prompts()[0].contains(long.trim_end()));
}
