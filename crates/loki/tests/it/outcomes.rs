//! Agents that can not or do not work end in the right outcome, within their limits.

use loki_testkit::{Script, TestRepo};

use crate::support::*;

fn outcome(repo: &TestRepo, script: &Script, args: &[&str], code: i32) -> String {
    let file = save(repo, script);
    let ran = start(repo, &file).args(args).run().expect_code(code);
    format!("{}{}", ran.stdout, ran.stderr)
}

#[test]
fn an_agent_that_hangs_is_ended_and_given_up() {
    let repo = project();
    let hang = Script::new().call(|c| c.say("thinking").hang_stubbornly());
    let text = outcome(&repo, &hang, &["--idle-timeout", "1", "--max-iterations", "9"], 14);
    assert_eq!(text.matches("act      timed out (idle)").count(), 3, "{text}");
    assert!(text.contains("loki doctor"), "{text}");
}

#[test]
fn an_agent_that_hangs_while_it_talks_meets_the_total_limit() {
    let repo = project();
    let chat = Script::new().call(|c| c.shell("while :; do echo still; sleep 0.1; done"));
    let text = outcome(&repo, &chat, &["--call-timeout", "1", "--max-iterations", "1"], 11);
    assert!(text.contains("timed out ("), "{text}");
}

#[test]
fn an_agent_that_exits_with_an_error_is_given_up_after_three_calls() {
    let repo = project();
    let broken = Script::new().call(|c| c.err("no can do").exit(1));
    let text = outcome(&repo, &broken, &["--max-iterations", "9"], 14);
    assert!(text.contains("no can do"), "{text}");
}

#[test]
fn an_agent_that_never_changes_a_file_stagnates() {
    let repo = project();
    let idle = Script::new().call(|c| c.say("All done!\nLOKI: DONE"));
    let text = outcome(&repo, &idle, &["--max-iterations", "9"], 13);
    assert!(text.contains("stagnated"), "{text}");
}

#[test]
fn an_agent_that_prints_garbage_is_judged_by_what_it_did() {
    let repo = project();
    let noise = Script::new().call(|c| {
        c.step(loki_testkit::agent_script::Step::BytesHex("ff00fe1b5b324a".into()))
            .step(loki_testkit::agent_script::Step::FloodBytes(3_000_000))
            .write("sums.py", RIGHT)
            .write("test_sums.py", TEST)
            .say("LOKI: DONE")
    });
    let text = outcome(&repo, &noise, &[], 0);
    assert!(!text.contains('\u{1b}'), "escape sequences of the agent reached the terminal");
}

#[test]
fn an_agent_that_is_not_there_is_named() {
    let repo = project();
    let ran = loki(&repo)
        .args(["start", "prd.md", "--yes", "--provider", "command:no-such-agent --flag"])
        .run()
        .expect_code(14);
    let text = format!("{}{}", ran.stdout, ran.stderr);
    assert!(text.contains("no-such-agent"), "{text}");
}

#[test]
fn calls_that_do_not_tell_their_cost_use_the_budget_up() {
    let repo = project();
    let script = (0..9).fold(Script::new(), |script, n| {
        script.call(|c| c.write("n.txt", n.to_string()).say("LOKI: CONTINUE"))
    });
    let file = save(&repo, &script);
    let _ = start(&repo, &file).args(["--budget", "3.5"]).run();
    assert_eq!(file.prompts().len(), 2, "$2.00 are charged for each");
}

#[test]
fn a_run_ends_with_its_time_whatever_its_agent_does() {
    let repo = project();
    let hang = Script::new().call(|c| c.say("thinking").hang_stubbornly());
    let text = outcome(&repo, &hang, &["--max-time", "2s"], 12);
    assert!(text.contains("act      timed out") && text.contains("of 2 s used"), "{text}");
    let again = loki(&repo).args(["resume", "--yes"]).run().expect_code(2);
    assert!(again.stderr.contains("its limit of time is used"), "{}", again.stderr);
    assert!(again.stderr.contains("--max-time"), "{}", again.stderr);
}

#[test]
fn a_run_that_did_not_get_there_leaves_a_handoff_and_one_that_did_takes_it_away() {
    let repo = project();
    let script = Script::new()
        .call(|c| c.write("sums.py", WRONG).write("test_sums.py", TEST).say("LOKI: DONE"))
        .call(|c| c.say("It is done.\n# Really\nLOKI: DONE"))
        .call(|c| c.write("sums.py", RIGHT).say("LOKI: DONE"));
    let file = save(&repo, &script);
    let ran = start(&repo, &file).args(["--max-iterations", "2"]).run().expect_code(11);
    assert!(ran.stdout.contains(".loki/verify/handoff.md"), "{}", ran.stdout);
    let told = repo.read(".loki/verify/handoff.md");
    for part in ["iterations_exhausted", "1. ", "2. ", "test_two_and_three_are_five", "loki resume"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.lines().any(|line| line.starts_with("# Really")), "{told}");
    let _ = loki(&repo).args(["resume", "--yes", "--max-iterations", "3"]).run().expect_code(0);
    assert!(!repo.root().join(".loki/verify/handoff.md").exists());
}

#[test]
fn nothing_that_an_agent_left_running_outlives_its_call() {
    let repo = project();
    let alive = repo.stage("alive");
    let command = format!("while :; do date > '{}'; sleep 0.05; done", alive.display());
    let script = Script::new().call(|c| {
        c.spawn_detached(command)
            .wait_for_file(alive.to_str().unwrap())
            .write("sums.py", RIGHT)
            .write("test_sums.py", TEST)
            .say("LOKI: DONE")
    });
    let _ = outcome(&repo, &script, &[], 0);
    std::fs::remove_file(&alive).unwrap();
    // Whoever is still there would make it again within two of its turns.
    let left = loki(&repo).args(["version"]).run();
    assert_eq!(left.code, Some(0));
    assert!(!some_process_mentions(&alive.display().to_string()));
}

#[test]
fn an_agent_that_removes_its_own_worktree_has_undone_its_work_and_nothing_else() {
    let repo = project();
    let script = Script::new()
        .call(|c| c.write("lost.py", "x = 1\n").shell("rm -rf \"$PWD\"").say("LOKI: DONE"))
        .call(|c| c.write("sums.py", RIGHT).write("test_sums.py", TEST).say("LOKI: DONE"));
    let text = outcome(&repo, &script, &[], 0);
    assert!(text.contains("BLOCKED") && text.contains("VERIFIED"), "{text}");
    assert_eq!(repo.git(["show", &format!("{}:sums.py", run_branch(&repo))]), RIGHT.trim_end());
}

#[test]
fn what_the_agent_did_to_git_in_its_worktree_does_not_stop_the_run() {
    for sabotage in [
        "rm -f .git",
        "git checkout -q -b elsewhere",
        "git checkout -q --detach",
        "git worktree remove --force .",
        "rm -f .git && git init -q . && git -c user.name=a -c user.email=a@b commit -qm x --allow-empty",
        "touch \"$(git rev-parse --git-dir)/index.lock\"",
    ] {
        let repo = project();
        let head = repo.git(["rev-parse", "main"]);
        let script = Script::new()
            .call(|c| match c.shell(sabotage) {
                // All its files are gone with it; what it wrote then would be all that there is.
                c if sabotage.contains("remove") => c.say("x"),
                c => c.write("sums.py", RIGHT).write("test_sums.py", TEST).say("x"),
            })
            .call(|c| c.write("sums.py", RIGHT).write("test_sums.py", TEST).say("LOKI: DONE"));
        let file = save(&repo, &script);
        let ran = start(&repo, &file).run();
        assert_eq!(ran.code, Some(0), "{sabotage}\n{}\n{}", ran.stdout, ran.stderr);
        let branch = repo.git(["for-each-ref", "--format=%(refname:short)", "refs/heads/loki/"]);
        assert_eq!(
            repo.git(["show", &format!("{branch}:sums.py")]),
            RIGHT.trim_end(),
            "{sabotage}"
        );
        assert_eq!(repo.git(["rev-parse", "main"]), head, "{sabotage}");
    }
}
