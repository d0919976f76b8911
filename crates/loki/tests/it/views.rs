//! Every view is a projection of the same journal.

use loki_testkit::{Loki, Script, ScriptFile, TestRepo, require_tool};

use crate::support::*;

#[test]
fn json_is_one_event_a_line_in_order_without_gaps() {
    let repo = project();
    let ran = start(&repo, &save(&repo, &right())).args(["--json"]).run().expect_code(0);
    let events = ran.json_lines();
    for (index, event) in events.iter().enumerate() {
        assert_eq!(event["schema_version"], 1);
        assert_eq!(event["seq"], index + 1);
        assert!(event["event"].is_string() && event["at"].is_string(), "{event}");
    }
    assert_eq!(events[0]["event"], "run_created");
    assert_eq!(events.last().unwrap()["event"], "run_ended");
    assert_eq!(events.last().unwrap()["outcome"], "verified");
    let logs = loki(&repo).args(["logs", "--json"]).run().expect_code(0);
    assert_eq!(logs.json_lines(), events);
}

#[test]
fn following_a_finished_run_prints_it_and_ends() {
    let repo = project();
    let _ = start(&repo, &save(&repo, &right())).run().expect_code(0);
    let logs = loki(&repo).args(["logs", "-f"]).run().expect_code(0);
    assert!(logs.stdout.contains("verdict  VERIFIED"), "{}", logs.stdout);
    let last = loki(&repo).args(["logs", "-n", "1"]).run().expect_code(0);
    assert_eq!(last.stdout.lines().count(), 1, "{}", last.stdout);
}

#[test]
fn why_says_what_happened_and_what_to_type_next() {
    let repo = project();
    let lie = Script::new()
        .call(|c| c.write("sums.py", WRONG).write("test_sums.py", TEST).say("LOKI: DONE"));
    let _ = start(&repo, &save(&repo, &lie)).args(["--max-iterations", "1"]).run().expect_code(11);
    let why = loki(&repo).args(["why"]).run().expect_code(0).stdout;
    for told in ["iterations_exhausted", "tests: fail", "loki show", "loki resume"] {
        assert!(why.contains(told), "`{told}` is missing in:\n{why}");
    }
    let json = loki(&repo).args(["why", "--json"]).run().expect_code(0).json();
    assert_eq!(json["outcome"], "iterations_exhausted");
}

#[test]
fn show_has_every_gate_and_the_failing_test() {
    let repo = project();
    let lie = Script::new()
        .call(|c| c.write("sums.py", WRONG).write("test_sums.py", TEST).say("LOKI: DONE"));
    let _ = start(&repo, &save(&repo, &lie)).args(["--max-iterations", "1"]).run().expect_code(11);
    let show = loki(&repo).args(["show"]).run().expect_code(0).stdout;
    for told in ["change", "build", "tests", "secrets", "test_sums.py:8", "LOKI: DONE"] {
        assert!(show.contains(told), "`{told}` is missing in:\n{show}");
    }
    let json = loki(&repo).args(["show", "--json"]).run().expect_code(0).json();
    assert_eq!(json["reports"].as_array().unwrap().len(), loki_verify::gate_names().len());
}

#[test]
fn where_nothing_ran_yet_every_view_says_so() {
    let repo = project();
    for (args, code) in [
        (&["status"][..], 0),
        (&["runs"], 0),
        (&["why"], 2),
        (&["show"], 2),
        (&["logs"], 2),
        (&["stop"], 0),
        (&["resume"], 2),
        (&["show", "zzzz"], 2),
    ] {
        let ran = loki(&repo).args(args.iter().copied()).run();
        assert_eq!(ran.code, Some(code), "{args:?}\n{}\n{}", ran.stdout, ran.stderr);
        assert!(!ran.stdout.is_empty() || !ran.stderr.is_empty(), "{args:?} says nothing");
    }
}

#[test]
fn a_run_is_found_by_any_unique_beginning_of_its_name() {
    let repo = project();
    let _ = start(&repo, &save(&repo, &right())).run().expect_code(0);
    let runs = loki(&repo).args(["runs", "--json"]).run().expect_code(0).json();
    let id = runs["runs"][0]["run"].as_str().unwrap();
    for prefix in [&id[..1], &id[..4], id] {
        let shown = loki(&repo).args(["status", prefix]).run().expect_code(0).stdout;
        assert!(shown.contains(id), "{shown}");
    }
}

#[test]
fn help_and_version_work_anywhere() {
    let repo = project();
    let version = loki(&repo).args(["--version"]).run().expect_code(0).stdout;
    assert_eq!(version, format!("loki {}\n", env!("CARGO_PKG_VERSION")));
    let json = loki(&repo).args(["version", "--json"]).run().expect_code(0).json();
    assert_eq!(json["version"], env!("CARGO_PKG_VERSION"));
    let help = loki(&repo).args(["--help"]).run().expect_code(0).stdout;
    insta::assert_snapshot!(help);
    let _ = loki(&repo).args(["frobnicate"]).run().expect_code(2);
}

/// What `loki start` writes to a terminal, with `environment` in front of it as for `env`.
fn on_a_terminal(repo: &TestRepo, script: &ScriptFile, environment: &str) -> Option<String> {
    let terminal = require_tool("script")?;
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let provider = quoted(&script.provider());
    let loki = quoted(env!("CARGO_BIN_EXE_loki"));
    let line = format!("env {environment} {loki} start prd.md --yes --fresh --provider {provider}");
    let ran = Loki::new(terminal, repo)
        .args(["-q", "-e", "-c", &line, "/dev/null"])
        .env("TERM", "xterm")
        .run()
        .expect_code(0);
    Some(ran.stdout)
}

#[test]
fn a_terminal_sees_a_live_line_and_colours_unless_it_wants_none() {
    let repo = project();
    let script = save(&repo, &right());
    let green = "\u{1b}[32m";
    let Some(coloured) = on_a_terminal(&repo, &script, "-u NO_COLOR") else { return };
    assert!(coloured.contains(green), "{coloured:?}");
    assert!(coloured.contains("1/10 verify"), "the line that stands below:\n{coloured:?}");
    let Some(plain) = on_a_terminal(&repo, &script, "NO_COLOR=1") else { return };
    assert!(!plain.contains(green), "{plain:?}");
    assert!(plain.contains("VERIFIED"), "{plain:?}");
}

#[test]
fn data_that_could_not_be_written_is_a_failure_and_a_reader_that_left_is_not() {
    let repo = project();
    let _ = start(&repo, &save(&repo, &right())).run().expect_code(0);
    let loki = env!("CARGO_BIN_EXE_loki");
    let shell = |line: String| Loki::new("/bin/sh", &repo).args(["-c".to_owned(), line]).run().code;
    assert_eq!(shell(format!("'{loki}' show --json > /dev/full")), Some(1));
    assert_eq!(shell(format!("'{loki}' logs | head -n 1")), Some(0));
}

#[test]
fn a_path_with_escape_sequences_does_not_reach_the_terminal() {
    let repo = TestRepo::named("red\u{1b}[31m").file("prd.md", PRD).commit("start");
    let ran = start(&repo, &save(&repo, &right())).run().expect_code(0);
    let status = loki(&repo).args(["status"]).run().expect_code(0);
    for text in [ran.stdout, ran.stderr, status.stdout] {
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }
}
