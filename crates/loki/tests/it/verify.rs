//! `loki verify`, as a person would run it.

use loki_testkit::{Loki, TestRepo};

use crate::support::{RIGHT, TEST, WRONG, loki};

/// A repository on whose branch `work` nothing was changed yet.
fn repo() -> TestRepo {
    let repo = TestRepo::new().file("sums.py", RIGHT).file("test_sums.py", TEST).commit("start");
    repo.git(["branch", "-M", "main"]);
    repo.git(["checkout", "--quiet", "-b", "work"]);
    repo
}

fn verify(repo: &TestRepo) -> Loki {
    loki(repo).args(["verify"])
}

fn write(repo: &TestRepo, path: &str, text: &str) {
    assert!(std::fs::write(repo.root().join(path), text).is_ok(), "{path}");
}

#[test]
fn each_verdict_has_its_own_exit_code_and_the_documents_are_there() {
    let repo = repo();
    write(&repo, "README.md", "# Sums\n");
    let good = verify(&repo).run();
    assert_eq!(good.code, Some(0), "{}{}", good.stdout, good.stderr);
    assert!(good.stdout.contains("VERIFIED"), "{}", good.stdout);
    let documents = repo.root().join(".loki/verify");
    for name in ["evidence.json", "report.md", "results.sarif", "junit.xml"] {
        assert!(documents.join(name).is_file(), "{name}");
    }
    assert_eq!(repo.git(["status", "--porcelain", "--", ".loki"]), "");
    write(&repo, "sums.py", WRONG);
    let bad = verify(&repo).run();
    assert_eq!(bad.code, Some(2), "{}", bad.stdout);
    assert!(
        bad.stdout.contains("tests/failed") && bad.stdout.contains("BLOCKED"),
        "{}",
        bad.stdout
    );
    let doubtful = verify(&repo).args(["--only", "tests", "--no-run"]).run();
    assert_eq!(doubtful.code, Some(1), "{}", doubtful.stdout);
}

#[test]
fn what_can_not_be_judged_is_never_taken_for_blocked() {
    let repo = repo();
    for args in [
        vec!["--base", "no-such-branch"],
        vec!["--no-such-option"],
        vec!["--only", "no-such-gate"],
        vec!["--patch", "no-such-file"],
        vec!["--head", "main", "--staged"],
        vec!["--jobs", "0"],
        vec!["--jobs", "many"],
    ] {
        let ran = verify(&repo).args(&args).run();
        assert_eq!(ran.code, Some(3), "{args:?}: {}{}", ran.stdout, ran.stderr);
    }
}

/// A test that prints a token when it fails.
fn leaking_test(token: &str) -> String {
    format!(
        "import sys\nimport unittest\n\n\nclass TokenTest(unittest.TestCase):\n    def test_it(self):\n        \
         print('got {token}', file=sys.stderr)\n        self.assertEqual(['{token}'], [])\n"
    )
}

/// The files below a directory that hold `text`.
fn holding(directory: &std::path::Path, text: &str) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let of_entry = |entry: std::fs::DirEntry| {
        let path = entry.path();
        if path.is_dir() {
            return holding(&path, text);
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        let holds = bytes.windows(text.len()).any(|part| part == text.as_bytes());
        holds.then_some(path).into_iter().collect()
    };
    entries.flat_map(of_entry).collect()
}

#[test]
fn a_secret_that_a_failing_test_prints_is_shown_and_kept_nowhere() {
    let repo = repo();
    let token = format!("{}{}", "ghp_", "k3J9xQ2mV7wR4tY8uP1sD6fG5hZ0bN2cLqWe");
    write(&repo, "test_token.py", &leaking_test(&token));
    for args in [vec![], vec!["--explain"], vec!["--json"], vec!["--fresh", "--json"]] {
        let ran = verify(&repo).args(&args).run();
        assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
        assert!(!ran.stdout.contains(&token) && !ran.stderr.contains(&token), "{}", ran.stdout);
    }
    let documents = repo.root().join(".loki/verify");
    assert!(std::fs::read_to_string(documents.join("report.md")).unwrap().contains("[masked]"));
    assert!(std::fs::read_dir(repo.loki_home().join("answers")).unwrap().next().is_some());
    for directory in [documents, repo.loki_home()] {
        assert_eq!(holding(&directory, &token), Vec::<std::path::PathBuf>::new());
    }
}

#[test]
fn a_stop_ends_a_judgement_without_a_verdict() {
    let repo = repo();
    let endless = "import threading\nimport unittest\n\n\nclass EndlessTest(unittest.TestCase):\n    \
                   def test_waits(self):\n        self.assertTrue(threading.Event().wait())\n";
    write(&repo, "test_endless.py", endless);
    let running = verify(&repo).spawn();
    running.wait_for_output("✓ change");
    running.signal(15);
    let ran = running.wait();
    assert_eq!(ran.code, Some(3), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("stopped: nothing was judged"), "{}", ran.stderr);
}

#[test]
fn an_empty_change_is_blocked_and_the_same_question_is_remembered() {
    let repo = repo();
    assert_eq!(verify(&repo).run().code, Some(2));
    write(&repo, "README.md", "# Sums\n");
    assert_eq!(verify(&repo).run().code, Some(0));
    let again = verify(&repo).run();
    assert!(again.stderr.contains("nothing changed since"), "{}", again.stderr);
    let fresh = verify(&repo).args(["--fresh"]).run();
    assert!(!fresh.stderr.contains("nothing changed since"), "{}", fresh.stderr);
}

#[test]
fn gates_that_were_left_out_are_told_with_the_verdict_remembered_or_not() {
    let repo = repo();
    write(&repo, "README.md", "# Sums\n");
    for _ in 0..2 {
        let part = verify(&repo).args(["--skip", "base-tests"]).env("LOKI_GATE_TESTS", "false");
        let ran = part.run();
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains("VERIFIED by 13 of 15 gates"), "{}", ran.stdout);
        let told = "left out base-tests (--skip); tests (LOKI_GATE_TESTS=false)";
        assert!(ran.stdout.contains(told), "{}", ran.stdout);
    }
    let whole = verify(&repo).run();
    assert!(!whole.stdout.contains(" of 15 gates"), "{}", whole.stdout);
    let explained = verify(&repo).args(["--only", "change", "--explain"]).run();
    assert!(explained.stdout.contains("Only 1 of 15 gates counted"), "{}", explained.stdout);
}

/// A clone of `repo` that holds the newest commit of `work` only.
fn shallow(repo: &TestRepo) -> TestRepo {
    let clone = TestRepo::unversioned("shallow");
    let from = format!("file://{}", repo.root().display());
    clone.git(["clone", "--quiet", "--depth", "1", "--branch", "work", &from, "."]);
    clone
}

#[test]
fn a_shallow_clone_without_the_start_is_never_taken_for_an_empty_change() {
    let repo = repo();
    write(&repo, "README.md", "# Sums\n");
    repo.commit_all("Say what it is");
    repo.git(["checkout", "--quiet", "main"]);
    let clone = shallow(&repo);
    let cut = verify(&clone).run();
    assert_eq!(cut.code, Some(3), "{}{}", cut.stdout, cut.stderr);
    assert!(cut.stderr.contains("the clone is shallow"), "{}", cut.stderr);
    assert!(cut.stderr.contains("git fetch --unshallow"), "{}", cut.stderr);
    // What was changed since is a change to the last commit, however much is missing before that.
    write(&clone, "NOTES.md", "# Notes\n");
    let changed = verify(&clone).args(["--only", "change"]).run();
    assert_eq!(changed.code, Some(0), "{}{}", changed.stdout, changed.stderr);
    assert!(changed.stderr.contains("compared with the last commit"), "{}", changed.stderr);
    clone.git(["clean", "--quiet", "--force"]);
    // The branch itself, without the history to the two of them.
    clone.git(["fetch", "--quiet", "--depth", "1", "origin", "main:refs/remotes/origin/main"]);
    let trees = verify(&clone).args(["--only", "change,secrets"]).run();
    assert_eq!(trees.code, Some(0), "{}{}", trees.stdout, trees.stderr);
    let told = "compared with `origin/main`, tree with tree: the clone is shallow";
    assert!(trees.stderr.contains(told), "{}", trees.stderr);
    // What the message says to type.
    let all = "+refs/heads/*:refs/remotes/origin/*";
    clone.git(["fetch", "--quiet", "--unshallow", "origin", all]);
    let whole = verify(&clone).args(["--only", "change"]).run();
    assert_eq!(whole.code, Some(0), "{}{}", whole.stdout, whole.stderr);
    assert!(whole.stderr.contains("compared with `origin/main`\n"), "{}", whole.stderr);
}

#[test]
fn what_is_wrong_is_said_with_what_to_type_instead() {
    let repo = repo();
    write(&repo, "README.md", "# Sums\n");
    std::fs::write(repo.beside("bad.patch"), "--- a/sums.py\n+++ b/sums.py\n@@ -1 +1 @@\n-x\n+y\n")
        .unwrap();
    repo.git(["update-ref", "refs/remotes/origin/trunk", "main"]);
    let patch = repo.beside("bad.patch");
    for (args, wrong, hint) in [
        (vec!["--base", "trunk"], "git knows no commit `trunk`", "loki verify origin/trunk"),
        (vec!["--head", "trunk"], "git knows no commit `trunk`", "loki verify --head origin/trunk"),
        (vec!["nowhere"], "git knows no commit `nowhere`", "git branch --all"),
        (
            vec!["--spec", "/nowhere.md"],
            "`/nowhere.md` could not be read",
            "loki verify --spec FILE",
        ),
        (
            vec!["--patch", patch.to_str().unwrap()],
            "does not apply",
            "loki verify BASE --patch FILE",
        ),
        (
            vec!["--out", "sums.py/out", "--only", "change"],
            "sums.py/out` could not be made",
            "--out",
        ),
    ] {
        let ran = verify(&repo).args(&args).run();
        assert_eq!(ran.code, Some(3), "{args:?}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(wrong), "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(&format!("try: {hint}")) || hint == "--out", "{}", ran.stderr);
    }
    let colon = verify(&repo).env("LOKI_HOME", repo.beside("a:b")).run();
    assert_ne!(colon.code, Some(0), "{}", colon.stdout);
    assert!(colon.stderr.contains("its path has a colon"), "{}", colon.stderr);
}

/// A repository whose tests need its submodule `vendor/rules`, and a newer commit of that.
fn with_submodule() -> (TestRepo, TestRepo) {
    let rules = TestRepo::new().file("rules.py", "MOST = 3\n").commit("start");
    let repo = repo();
    let allow = ["-c", "protocol.file.allow=always"];
    let add = ["submodule", "--quiet", "add", rules.root().to_str().unwrap(), "vendor/rules"];
    repo.git(allow.iter().chain(&add));
    let test = "import unittest\nfrom vendor.rules.rules import MOST\n\nclass Rules(unittest.TestCase):\n    def test_most(self):\n        self.assertGreater(MOST, 2)\n";
    write(&repo, "test_rules.py", test);
    repo.commit_all("Use the rules");
    repo.git(["branch", "--force", "main", "work"]);
    rules.write("rules.py", "MOST = 4\n");
    rules.commit_all("More");
    repo.git(["-C", "vendor/rules", "pull", "--quiet"]);
    (repo, rules)
}

#[test]
fn submodules_of_the_checkout_are_in_the_copy_at_the_commit_that_is_pointed_to() {
    let (repo, _rules) = with_submodule();
    let newer = verify(&repo).args(["--only", "change,secrets,substance,tests,base-tests"]).run();
    assert_eq!(newer.code, Some(0), "{}{}", newer.stdout, newer.stderr);
    assert!(newer.stderr.contains("2 passed, 0 failed"), "{}", newer.stderr);
    assert!(!newer.stderr.contains("too large"), "{}", newer.stderr);
    repo.git(["submodule", "--quiet", "deinit", "--force", "--all"]);
    write(&repo, "more.py", "MORE = 1\n");
    let told = "without the submodule `vendor/rules`, not here (git submodule update --init)";
    for gate in ["build", "tests"] {
        let empty = verify(&repo).args(["--only", gate]).run();
        assert!(empty.stderr.contains(told), "{gate}: {}", empty.stderr);
    }
}

#[test]
fn commits_patches_and_what_is_staged_are_judged_without_the_checkout() {
    let repo = repo();
    write(&repo, "sums.py", WRONG);
    repo.git(["commit", "--quiet", "--all", "--message", "Break it"]);
    let patch = repo.git(["diff", "main", "work"]);
    repo.git(["checkout", "--quiet", "main"]);
    assert_eq!(verify(&repo).args(["main", "--head", "work"]).run().code, Some(2));
    let file = repo.beside("change.patch");
    std::fs::write(&file, format!("{patch}\n")).unwrap();
    let ran = verify(&repo).args(["main", "--patch", file.to_str().unwrap()]).run();
    assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
    write(&repo, "README.md", "# Sums\n");
    repo.git(["add", "README.md"]);
    write(&repo, "sums.py", WRONG);
    assert_eq!(verify(&repo).args(["--staged"]).run().code, Some(0));
}

#[test]
fn the_spec_is_what_the_base_holds_and_never_what_the_change_brings() {
    let repo = repo();
    write(&repo, "README.md", "# Sums\n");
    write(&repo, "task.md", "- Sums must be right\n");
    let brought = verify(&repo).args(["--spec", "task.md"]).run();
    assert_eq!(brought.code, Some(3), "{}", brought.stdout);
    assert!(brought.stderr.contains("`task.md` is not in the base"), "{}", brought.stderr);
    repo.git(["checkout", "--quiet", "main"]);
    repo.git(["add", "task.md"]);
    repo.git(["commit", "--quiet", "--message", "Ask"]);
    repo.git(["checkout", "--quiet", "-B", "work"]);
    write(&repo, "task.md", "- Sums must be wrong\n");
    let judged = verify(&repo).args(["--spec", "task.md", "--only", "change", "--json"]).run();
    assert_eq!(judged.code, Some(0), "{}{}", judged.stdout, judged.stderr);
    let evidence = judged.json();
    assert_eq!(evidence["spec"]["source"], "task.md");
    assert_eq!(evidence["spec"]["requirements"][0]["text"], "Sums must be right");
}

#[test]
fn programs_get_the_evidence_on_standard_output() {
    let repo = repo();
    write(&repo, "README.md", "# Sums\n");
    let ran = verify(&repo).args(["--json", "--sarif", "found.sarif"]).run();
    let evidence: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(evidence["schema_version"], 2);
    assert_eq!(evidence["verdict"], "verified");
    let schema = include_str!("../../../../docs/formats/evidence.schema.json");
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&evidence), "{:?}", validator.iter_errors(&evidence).next());
    let sarif = std::fs::read_to_string(repo.root().join("found.sarif")).unwrap();
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
}

#[test]
fn the_same_question_gets_the_same_answer_apart_from_times() {
    let repo = repo();
    write(&repo, "sums.py", WRONG);
    let answers: Vec<serde_json::Value> = (0..3)
        .map(|_| {
            let ran = verify(&repo).args(["--json", "--fresh"]).run();
            without_times(serde_json::from_str(&ran.stdout).unwrap())
        })
        .collect();
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[1], answers[2]);
}

#[test]
fn how_much_runs_side_by_side_changes_nothing_of_the_evidence() {
    let repo = repo();
    write(&repo, "sums.py", WRONG);
    let judged = |args: &[&str]| {
        let ran = verify(&repo).args(["--json", "--fresh"]).args(args.iter().copied()).run();
        without_times(serde_json::from_str(&ran.stdout).unwrap())
    };
    let serial = judged(&["--jobs", "1"]);
    assert_eq!(serial["verdict"], "blocked");
    assert_eq!(serial, judged(&[]));
    assert_eq!(serial, judged(&["--jobs", "8"]));
}

/// The lines of the first block of shell after a place.
fn shell_after(text: &str) -> &str {
    let (_, rest) = text.split_once("```sh\n").unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn a_mistake_that_no_test_notices_can_be_seen_in_a_tree_of_its_own() {
    let repo = repo();
    write(&repo, "sums.py", &format!("{RIGHT}\n\ndef twice(a):\n    return 2 * a\n"));
    let blind = "import unittest\nfrom sums import twice\n\n\nclass TwiceTest(unittest.TestCase):\n    def test_twice(self):\n        twice(2)\n        self.assertEqual(1, 1)\n";
    write(&repo, "test_twice.py", blind);
    repo.git(["add", "-A"]);
    repo.git(["commit", "--quiet", "-m", "Add twice"]);
    let ran = verify(&repo).args(["--only", "mutants", "--json"]).run();
    let evidence: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let gates = evidence["gates"].as_array().unwrap();
    let gate = gates.iter().find(|gate| gate["gate"] == "mutants").unwrap();
    assert_eq!(gate["findings"][0]["rule"], "mutants/unwatched", "{gate}");
    let tree = gate["evidence"][0]["tree"].as_str().unwrap();
    let text = repo.git(["show", &format!("{tree}:sums.py")]);
    assert!(text.ends_with("def twice(a):\n    return None\n    return 2 * a"), "{text}");
}

#[test]
fn every_command_of_the_report_can_be_run_by_hand_and_ends_as_the_report_says() {
    let repo = repo();
    let node = "const test = require('node:test');\ntest('a', () => {});\n";
    let repo = repo
        .file("web/package.json", "{\"scripts\": {\"test\": \"node --test\"}}")
        .file("web/a.test.js", node)
        .commit("web");
    repo.git(["branch", "-f", "main"]);
    let lifted = RIGHT.replace("def ", "def twice(a):\n    return 2 * a\n\n\ndef ");
    write(&repo, "sums.py", &lifted);
    let more = "import unittest\nfrom sums import twice\n\n\nclass TwiceTest(unittest.TestCase):\n    def test_twice(self):\n        self.assertEqual(twice(2), 4)\n";
    write(&repo, "test_twice.py", more);
    write(&repo, "web/a.test.js", &node.replace("{}", "{ if (1 > 2) throw 1; }"));
    repo.git(["add", "-A"]);
    repo.git(["commit", "--quiet", "-m", "Add twice"]);
    let ran = verify(&repo).run();
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let report = std::fs::read_to_string(repo.root().join(".loki/verify/report.md")).unwrap();
    let (_, by_hand) = report.split_once("## How to run it again").unwrap();
    let copies = tempfile::tempdir().unwrap();
    let mut gates = Vec::new();
    for state in by_hand.split("\n### ").skip(1) {
        let make = shell_after(state);
        for told in state.split("\n- gate ").skip(1) {
            let (gate, rest) = told.split_once(": exited ").unwrap();
            if gate.starts_with("mutants") {
                continue;
            }
            let code: i32 = rest.split(',').next().unwrap().parse().unwrap();
            let script = format!("set -e\n{make}set +e\n{}", shell_after(rest).trim());
            let shell = Loki::new("bash", &repo).args(["-c", &script]);
            let ran = shell.env("TMPDIR", copies.path()).run();
            assert_eq!(ran.code, Some(code), "{gate}: {script}\n{}", ran.stderr);
            gates.push(gate.to_owned());
        }
    }
    let explained = verify(&repo).args(["--explain"]).run().stdout;
    let asked =
        "\n- **new-tests** – of the tests that come with a change of behaviour at least one fails";
    assert!(explained.contains(asked), "{explained}");
    gates.dedup();
    assert_eq!(gates, ["build", "tests", "new-tests", "base-tests", "new-tests"], "{report}");
}

/// Times, and digests of outputs that hold some.
fn without_times(mut value: serde_json::Value) -> serde_json::Value {
    match &mut value {
        serde_json::Value::Object(map) => {
            for key in ["duration_ms", "judged_at", "stdout", "stderr", "commit"] {
                map.remove(key);
            }
            map.values_mut().for_each(|value| *value = without_times(value.take()));
        }
        serde_json::Value::Array(items) => {
            items.iter_mut().for_each(|value| *value = without_times(value.take()));
        }
        serde_json::Value::String(text) if text.contains(" s") || text.contains("in 0.") => {
            // Runners tell how long they took.
            *text = text.split(" in ").next().unwrap_or_default().to_owned();
        }
        _ => {}
    }
    value
}
