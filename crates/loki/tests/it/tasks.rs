//! Tasks side by side: real worktrees, real merges, real judgements. The agent is a shell script that looks in its
//! prompt which task is meant.

use std::time::Duration;

use loki_testkit::{Loki, Ran, TestRepo};
use serde_json::Value;

use crate::support::*;

const NAMES: [&str; 4] = ["alpha", "beta", "gamma", "delta"];

/// A Python project with these modules, none of which is written yet.
pub(crate) fn modules(names: &[&str]) -> TestRepo {
    let mut prd = "# Modules\n\n## Requirements\n\n".to_owned();
    let mut repo = TestRepo::new();
    for name in names {
        repo = repo.file(&format!("{name}.py"), "def value():\n    raise SystemExit('not yet')\n");
        prd.push_str(&format!("- `value()` of `{name}.py` must return the name of its module.\n"));
    }
    repo.file("prd.md", prd).commit("start")
}

/// One task for each name; `more` is added to it.
pub(crate) fn tasks(repo: &TestRepo, names: &[&str], more: &dyn Fn(&str) -> String) {
    let task = |name: &&str| {
        format!("[[task]]\nid = '{name}'\ntitle = 'Write the {name} module'\n{}\n", more(name))
    };
    let text: String = names.iter().map(task).collect();
    std::fs::write(repo.beside("tasks.toml"), text).unwrap();
}

/// The agent: `body` is done with `$name` set to the task's.
pub(crate) fn agent(repo: &TestRepo, body: &str) -> String {
    agent_called(repo, "agent.sh", body)
}

pub(crate) fn agent_called(repo: &TestRepo, file: &str, body: &str) -> String {
    let path = repo.stage(file);
    let stage = repo.stage("").display().to_string();
    let script = format!(
        "prompt=$(cat)\nstage='{stage}'\n\
         name=$(printf '%s' \"$prompt\" | sed -n 's/^# Write the \\([a-z]*\\) module$/\\1/p' | head -1)\n\
         echo \"$name\" >> $stage/calls\n{body}\necho 'LOKI: DONE'\n"
    );
    std::fs::write(&path, script).unwrap();
    format!("command:/bin/sh '{}'", path.display())
}

/// Writes the module and its test.
pub(crate) const WRITE: &str = "\
printf 'def value():\\n    return \"%s\"\\n' $name > $name.py
printf 'import unittest\\n\\nfrom %s import value\\n\\n\\nclass ValueTest(unittest.TestCase):\\n    def test_value_is_%s(self):\\n        self.assertEqual(value(), \"%s\")\\n' $name $name $name > test_$name.py
";

/// Pipes with names: who opens one waits for whoever opens its other end.
#[expect(clippy::disallowed_types, reason = "a pipe is made by mkfifo")]
fn fifos(repo: &TestRepo, names: &[&str]) {
    for name in names {
        let made = std::process::Command::new("mkfifo").arg(repo.stage(name)).status().unwrap();
        assert!(made.success(), "{name}");
    }
}

/// `alpha` and `beta` go on together, the first time.
const MEET: &str = "\
if [ ! -e $stage/met-$name ]; then touch $stage/met-$name
if [ $name = alpha ]; then : > $stage/meet; else : < $stage/meet; fi; fi
";

pub(crate) fn start_tasks(repo: &TestRepo, agent: &str, jobs: &str) -> Loki {
    let tasks = repo.beside("tasks.toml").display().to_string();
    loki(repo).args(["start", "prd.md", "--yes", "--jobs", jobs, "--tasks"]).args([
        tasks.as_str(),
        "--provider",
        agent,
    ])
}

pub(crate) fn status(repo: &TestRepo) -> Value {
    loki(repo).args(["status", "--json"]).run().expect_code(0).json()
}

/// The state and the attempts of each task.
pub(crate) fn states(status: &Value) -> Vec<(String, String, u64)> {
    let text = |task: &Value, key: &str| task[key].as_str().unwrap().to_owned();
    let tasks = status["tasks"].as_array().unwrap();
    tasks
        .iter()
        .map(|task| (text(task, "id"), text(task, "state"), task["attempt"].as_u64().unwrap()))
        .collect()
}

pub(crate) fn branch(status: &Value) -> String {
    format!("loki/{}", status["run"].as_str().unwrap())
}

pub(crate) fn calls(repo: &TestRepo) -> Vec<String> {
    let text = std::fs::read_to_string(repo.stage("calls")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Which tasks were merged, in order.
fn merges(repo: &TestRepo, branch: &str) -> Vec<String> {
    let log = repo.git(["log", "--first-parent", "--reverse", "--format=%s", branch]);
    let merged = |line: &str| {
        line.strip_prefix("Merge task ").and_then(|l| l.split(':').next()).map(str::to_owned)
    };
    log.lines().filter_map(merged).collect()
}

pub(crate) fn expect_everything(repo: &TestRepo, names: &[&str]) {
    let branch = branch(&status(repo));
    let mut merged = merges(repo, &branch);
    merged.sort();
    let mut wanted: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    wanted.sort();
    assert_eq!(merged, wanted, "each task is merged once");
    for name in names {
        let written = repo.git(["show", &format!("{branch}:{name}.py")]);
        assert_eq!(written, format!("def value():\n    return \"{name}\""));
    }
}

#[test]
fn independent_tasks_are_done_at_the_same_time_and_merge_clean() {
    let repo = modules(&NAMES);
    tasks(&repo, &NAMES, &|name| format!("scope = ['{name}.py', 'test_{name}.py']"));
    // None of them goes on before all of them have begun.
    for name in &NAMES[1..] {
        fifos(&repo, &[&format!("in-{name}"), &format!("out-{name}")]);
    }
    let agent = agent(
        &repo,
        &format!(
            "if [ $name = alpha ]; then\n\
             for other in beta gamma delta; do : < $stage/in-$other; done\n\
             for other in beta gamma delta; do : > $stage/out-$other; done\n\
             else : > $stage/in-$name; : < $stage/out-$name; fi\n{WRITE}"
        ),
    );
    let ran = start_tasks(&repo, &agent, "4").run().expect_code(0);
    assert!(ran.stdout.contains("loki apply"), "{}", ran.stdout);
    expect_everything(&repo, &NAMES);
    let status = status(&repo);
    assert_eq!(status["outcome"], "verified");
    assert_eq!(status["verdict"], "verified");
    assert_eq!(calls(&repo).len(), 4);
    // Only the whole is a run of the user's.
    let runs = loki(&repo).args(["runs", "--json"]).run().expect_code(0).json();
    assert_eq!(runs["runs"].as_array().unwrap().len(), 1);
    assert_eq!(runs["runs"][0]["tasks"].as_array().unwrap().len(), 4);
    // It is brought to the branch like any other.
    let _ = loki(&repo).args(["apply"]).run().expect_code(0);
    assert_eq!(repo.read("gamma.py"), "def value():\n    return \"gamma\"\n");
    assert!(repo.exists(".loki/verify/evidence.json"));
}

#[test]
fn a_task_waits_for_those_before_it_and_starts_from_what_they_made() {
    let names = ["alpha", "beta"];
    let repo = modules(&names);
    let after =
        |name: &str| if name == "beta" { "after = ['alpha']".to_owned() } else { String::new() };
    tasks(&repo, &names, &after);
    let agent = agent(
        &repo,
        &format!("[ $name = beta ] && {{ grep -q '\"alpha\"' alpha.py || exit 1; }}\n{WRITE}"),
    );
    let _ = start_tasks(&repo, &agent, "4").run().expect_code(0);
    expect_everything(&repo, &names);
    assert_eq!(calls(&repo), ["alpha", "beta"]);
}

#[test]
fn the_branch_that_is_checked_out_is_where_it_starts_from_whatever_it_is_called() {
    let names = ["alpha", "beta"];
    let repo = modules(&names);
    repo.git(["branch", "--move", "trunk"]);
    tasks(&repo, &names, &|_| String::new());
    let agent = agent(&repo, WRITE);
    let ran = start_tasks(&repo, &agent, "2").run().expect_code(0);
    assert!(ran.stderr.contains("starts from trunk"), "{}", ran.stderr);
    let _ = loki(&repo).args(["apply"]).run().expect_code(0);
    assert_eq!(repo.git(["branch", "--show-current"]), "trunk");
    assert_eq!(repo.read("beta.py"), "def value():\n    return \"beta\"\n");
}

/// Both write the same line of one file, and keep what is there of the other.
const BEFORE: &str = "before=$(cat names.txt)\n";
const SHARED: &str = "printf '%s %s\\n' \"$before\" $name > names.txt\n";

#[test]
fn a_pair_that_changes_the_same_line_ends_with_both_changes() {
    let names = ["alpha", "beta"];
    let repo = modules(&names).file("names.txt", "names:\n").commit("names");
    tasks(&repo, &names, &|_| String::new());
    let agent = agent(&repo, &format!("{BEFORE}{MEET}{SHARED}{WRITE}"));
    fifos(&repo, &["meet"]);
    let ran = start_tasks(&repo, &agent, "2").run().expect_code(0);
    assert!(ran.stderr.contains("has to be done again"), "{}", ran.stderr);
    expect_everything(&repo, &names);
    let status = status(&repo);
    let shared = repo.git(["show", &format!("{}:names.txt", branch(&status))]);
    assert!(["names: alpha beta", "names: beta alpha"].contains(&shared.as_str()), "{shared}");
    let attempts: u64 = states(&status).iter().map(|(.., attempt)| attempt).sum();
    assert_eq!((attempts, calls(&repo).len()), (3, 3), "the later one was done twice");
}

#[test]
fn a_change_outside_of_its_scope_is_refused_and_the_task_is_told() {
    let names = ["alpha", "beta"];
    let repo = modules(&names);
    tasks(&repo, &names, &|name| format!("scope = ['{name}.py', 'test_{name}.py']"));
    // It keeps to its files once it was told.
    let agent = agent(
        &repo,
        &format!(
            "if [ $name = beta ]; then case \"$prompt\" in *'outside of its scope'*) ;; \
             *) echo x > extra.txt ;; esac; fi\n{WRITE}"
        ),
    );
    let _ = start_tasks(&repo, &agent, "2").run().expect_code(0);
    expect_everything(&repo, &names);
    let status = status(&repo);
    assert_eq!(status["tasks"][1]["sent_back"][0]["kind"], "out_of_scope");
    assert_eq!(status["tasks"][1]["sent_back"][0]["paths"][0], "extra.txt");
    let there = repo.git(["ls-tree", "--name-only", &branch(&status)]);
    assert!(!there.contains("extra.txt"), "{there}");
}

#[test]
fn a_task_that_never_keeps_to_its_scope_fails_alone() {
    let names = ["alpha", "beta"];
    let repo = modules(&names);
    tasks(&repo, &names, &|name| format!("scope = ['{name}.py', 'test_{name}.py']"));
    let agent = agent(&repo, &format!("[ $name = beta ] && echo x > extra.txt\n{WRITE}"));
    let ran = start_tasks(&repo, &agent, "2").run().expect_code(13);
    assert!(ran.stdout.contains("outside of its scope again: extra.txt"), "{}", ran.stdout);
    let status = status(&repo);
    let states: Vec<String> = states(&status).into_iter().map(|(_, state, _)| state).collect();
    assert_eq!(states, ["merged", "failed"]);
    assert_eq!(merges(&repo, &branch(&status)), ["alpha"]);
}

/// `alpha` renames what `beta` begins to use: each is right for itself. Whoever comes second looks at what is
/// there.
const RENAMED: &str = "\
if [ $name = alpha ]; then
grep -q 'import help' beta.py || printf 'def helped():\\n    return 1\\n' > helper.py
else
with=help; grep -q helped helper.py && with=helped
fi
";

#[test]
fn what_does_not_hold_together_is_done_again_on_what_the_other_made() {
    let names = ["alpha", "beta"];
    let repo = modules(&names).file("helper.py", "def help():\n    return 1\n").commit("helper");
    tasks(&repo, &names, &|_| String::new());
    let agent = agent(&repo, &format!("{RENAMED}{MEET}{WRITE}{}", using_helper("beta")));
    fifos(&repo, &["meet"]);
    let ran = start_tasks(&repo, &agent, "2").run().expect_code(0);
    let status = status(&repo);
    assert_eq!(status["outcome"], "verified");
    let backs: Vec<&Value> = status["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|task| task["sent_back"].as_array().unwrap())
        .collect();
    assert_eq!(backs.len(), 1, "{}", ran.stderr);
    assert_eq!(backs[0]["kind"], "blocked");
    let mut merged = merges(&repo, &branch(&status));
    merged.sort();
    assert_eq!(merged, ["alpha", "beta"]);
}

/// `alpha` and `beta` meet in one line. While the later one is done alone, three others come; of these `gamma` renames
/// what `delta` begins to use.
fn batch() -> String {
    format!(
        "case $name in\n\
         alpha|beta)\n\
         {BEFORE}{MEET}\
         [ \"$before\" = names: ] || {{ for other in gamma delta omega; do : > $stage/second-$other; done; : < $stage/go; }}\n\
         {SHARED} ;;\n\
         *)\n\
         with=help; grep -q helped helper.py && with=helped\n\
         [ -e $stage/begun-$name ] || {{ touch $stage/begun-$name; : < $stage/second-$name; }}\n\
         [ $name = gamma ] && {{ grep -q 'import help' delta.py || printf 'def helped():\\n    return 1\\n' > helper.py; }} ;;\n\
         esac\n"
    )
}

#[test]
fn a_batch_that_does_not_hold_is_halved_and_who_breaks_it_is_done_again() {
    let names = ["alpha", "beta", "gamma", "delta", "omega"];
    let repo = modules(&names)
        .file("helper.py", "def help():\n    return 1\n")
        .file("names.txt", "names:\n")
        .commit("more");
    tasks(&repo, &names, &|_| String::new());
    fifos(&repo, &["meet", "go", "second-gamma", "second-delta", "second-omega"]);
    let agent = agent(&repo, &format!("{}{WRITE}{}", batch(), using_helper("delta")));
    let running = start_tasks(&repo, &agent, "5").timeout(Duration::from_secs(120)).spawn();
    // The three wait in the queue while the one that was sent back is held.
    for name in ["gamma", "delta", "omega"] {
        running.wait_for_output(&format!("{name} ended verified"));
    }
    std::fs::write(repo.stage("go"), "").unwrap();
    let ran = running.wait().expect_code(0);
    let status = status(&repo);
    let blocked: Vec<&str> = status["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|task| task["sent_back"].to_string().contains("\"blocked\""))
        .map(|task| task["id"].as_str().unwrap())
        .collect();
    assert!(blocked == ["gamma"] || blocked == ["delta"], "{blocked:?}\n{}", ran.stderr);
    let logs = loki(&repo).args(["logs", "--json"]).run().expect_code(0).json_lines();
    let mut batches = logs.iter().filter(|line| line["event"] == "batch_begun");
    assert!(batches.any(|line| line["tasks"].as_array().unwrap().len() == 3));
    let verdicts: Vec<(u64, &str)> = logs
        .iter()
        .filter(|line| line["event"] == "batch_judged")
        .map(|line| (line["count"].as_u64().unwrap(), line["verdict"].as_str().unwrap()))
        .collect();
    assert!(verdicts.contains(&(3, "blocked")), "{verdicts:?}");
    let mut merged = merges(&repo, &branch(&status));
    merged.sort();
    assert_eq!(merged, ["alpha", "beta", "delta", "gamma", "omega"]);
}

/// The module of `name` imports the helper that `$with` names.
fn using_helper(name: &str) -> String {
    format!(
        "[ $name = {name} ] && printf 'from helper import %s\\n\\n\\n%s\\n' $with \"$(cat {name}.py)\" > {name}.new \
         && mv {name}.new {name}.py; true\n"
    )
}

pub(crate) fn resume_to_the_end(repo: &TestRepo) -> Ran {
    loki(repo).args(["resume", "--yes"]).run().expect_code(0)
}

/// SIGKILL right after the first event of each of these kinds, then `loki resume`.
fn kill_after(events: &[&str]) {
    let names = ["alpha", "beta"];
    for event in events {
        let repo = modules(&names);
        tasks(&repo, &names, &|_| String::new());
        let agent = agent(&repo, WRITE);
        let running = start_tasks(&repo, &agent, "2").args(["--json"]).spawn();
        running.wait_for_output(&format!("\"event\":\"{event}\""));
        running.kill();
        let _ = running.wait();
        if status(&repo)["outcome"] != "verified" {
            let _ = resume_to_the_end(&repo);
        }
        expect_everything(&repo, &names);
        let status = status(&repo);
        assert_eq!(status["outcome"], "verified", "{event}");
        let attempts: u64 = states(&status).iter().map(|(.., attempt)| attempt).sum();
        assert_eq!(attempts, 2, "no task began again from nothing: {event}");
        // A call that was cut off is charged and made again; no other one is.
        assert!(status["calls"].as_u64().unwrap() <= 4, "{event}: {status}");
        assert!(
            calls(&repo).len() as u64 <= status["calls"].as_u64().unwrap(),
            "{event}: {status}"
        );
        assert!(!some_process_mentions(&repo.stage("agent.sh").display().to_string()), "{event}");
    }
}

#[test]
fn a_kill_while_it_is_prepared_loses_nothing() {
    kill_after(&["crew_created", "base_prepared", "task_started", "part_created"]);
}

#[test]
fn a_kill_while_tasks_are_done_loses_nothing_and_does_nothing_twice() {
    kill_after(&["agent_called", "snapshot_taken", "tree_judged"]);
}

#[test]
fn a_kill_while_results_come_together_merges_each_once() {
    kill_after(&["run_ended", "task_returned", "batch_begun", "batch_joined"]);
}

#[test]
fn a_kill_while_what_was_made_together_is_judged_and_landed_merges_each_once() {
    kill_after(&["batch_judged", "tasks_merged", "close_started"]);
}

#[test]
fn a_stop_ends_every_task_and_a_resume_goes_on_with_the_same_runs() {
    let names = ["alpha", "beta"];
    let repo = modules(&names);
    tasks(&repo, &names, &|_| String::new());
    let agent = agent(
        &repo,
        &format!("[ -e $stage/go ] || {{ : > $stage/begun-$name; : < $stage/never; }}\n{WRITE}"),
    );
    fifos(&repo, &["begun-alpha", "begun-beta", "never"]);
    let running = start_tasks(&repo, &agent, "2").spawn();
    for name in names {
        let _ = std::fs::read(repo.stage(&format!("begun-{name}"))).unwrap();
    }
    let before = status(&repo);
    assert_eq!(before["state"], "running");
    let told = loki(&repo).args(["stop"]).run().expect_code(0);
    assert_eq!(told.stdout.matches("stopped").count(), 1, "one run is stopped: {}", told.stdout);
    let ran = running.wait().expect_code(130);
    assert!(ran.stdout.contains("loki resume"), "{}", ran.stdout);
    assert!(!some_process_mentions(&repo.stage("agent.sh").display().to_string()));
    assert!(states(&status(&repo)).iter().all(|(_, state, _)| state == "stopped"));
    std::fs::write(repo.stage("go"), "").unwrap();
    let _ = resume_to_the_end(&repo);
    expect_everything(&repo, &names);
    let runs = |status: &Value| -> Vec<Value> {
        status["tasks"].as_array().unwrap().iter().map(|task| task["run"].clone()).collect()
    };
    assert_eq!(runs(&status(&repo)), runs(&before));
}

#[test]
fn tasks_that_make_no_sense_are_refused_before_anything_is_spent() {
    let repo = modules(&["alpha"]);
    let agent = agent(&repo, WRITE);
    tasks(&repo, &["alpha"], &|_| "after = ['alpha']".to_owned());
    let ran = start_tasks(&repo, &agent, "2").run().expect_code(2);
    assert!(ran.stderr.contains("waits for itself"), "{}", ran.stderr);
    tasks(&repo, &["alpha"], &|_| String::new());
    let ran = start_tasks(&repo, &agent, "2").args(["--in-place"]).run().expect_code(2);
    assert!(ran.stderr.contains("--in-place"), "{}", ran.stderr);
    assert!(calls(&repo).is_empty());
}

#[test]
fn a_task_of_a_whole_is_shown_and_is_not_gone_on_with_alone() {
    let names = ["alpha", "beta"];
    let repo = modules(&names);
    tasks(&repo, &names, &|_| String::new());
    let agent = agent(&repo, WRITE);
    let _ = start_tasks(&repo, &agent, "1").run().expect_code(0);
    let status = status(&repo);
    let part = status["tasks"][0]["run"].as_str().unwrap().to_owned();
    for command in ["resume", "stop"] {
        let ran = loki(&repo).args([command, part.as_str()]).run().expect_code(2);
        assert!(ran.stderr.contains("does task alpha of run"), "{}", ran.stderr);
    }
    let shown = loki(&repo).args(["status", part.as_str()]).run().expect_code(0);
    assert!(shown.stdout.contains("task alpha of run"), "{}", shown.stdout);
    let logs = loki(&repo).args(["logs"]).run().expect_code(0);
    assert!(logs.stdout.contains("merged alpha"), "{}", logs.stdout);
    let why = loki(&repo).args(["why"]).run().expect_code(0);
    assert!(why.stdout.contains("ended verified"), "{}", why.stdout);
    let diff = loki(&repo).args(["diff", "--stat"]).run().expect_code(0);
    assert!(diff.stdout.contains("alpha.py") && diff.stdout.contains("beta.py"), "{}", diff.stdout);
}

#[test]
fn a_whole_is_discarded_with_everything_that_its_tasks_left() {
    let names = ["alpha", "beta"];
    let repo = modules(&names);
    tasks(&repo, &names, &|_| String::new());
    let agent = agent(&repo, WRITE);
    let _ = start_tasks(&repo, &agent, "2").run().expect_code(0);
    let branch = branch(&status(&repo));
    let tip = repo.git(["rev-parse", &branch]);
    let done = loki(&repo).args(["discard", "--json"]).run().expect_code(0).json();
    assert_eq!(repo.git(["branch", "--list", "loki/*"]), "", "no branch is left");
    assert_eq!(repo.git(["worktree", "list"]).lines().count(), 1, "no worktree is left");
    let kept = done["kept"]["id"].as_str().unwrap();
    assert_eq!(repo.git(["rev-parse", &format!("{kept}^")]), tip, "what was merged is kept");
    for command in ["apply", "diff", "discard"] {
        let refused = loki(&repo).args([command]).run().expect_code(2);
        assert!(refused.stderr.contains("was discarded"), "{}", refused.stderr);
        assert!(refused.stderr.contains(&format!("git branch {branch}")), "{}", refused.stderr);
    }
    let _ = loki(&repo).args(["resume", "--yes"]).run().expect_code(2);
    assert!(loki(&repo).args(["why"]).run().expect_code(0).stdout.contains("discarded"));
}

#[test]
fn a_whole_is_shipped_like_any_run() {
    let names = ["alpha", "beta"];
    let repo = modules(&names);
    let remote = repo.beside("remote.git");
    repo.git(["clone", "--quiet", "--bare", ".", remote.to_str().unwrap()]);
    repo.git(["remote", "add", "origin", remote.to_str().unwrap()]);
    tasks(&repo, &names, &|_| String::new());
    let agent = agent(&repo, WRITE);
    let _ = start_tasks(&repo, &agent, "2").run().expect_code(0);
    let branch = branch(&status(&repo));
    let _ = loki(&repo).args(["ship", "--push-only"]).run().expect_code(0);
    let there = repo.git(["ls-remote", "origin", &format!("refs/heads/{branch}")]);
    assert!(there.starts_with(&repo.git(["rev-parse", &branch])), "{there}");
    let again = loki(&repo).args(["ship", "--push-only"]).run().expect_code(0);
    assert!(again.stdout.contains("has everything"), "{}", again.stdout);
    let listed = loki(&repo).args(["outbox", "--json"]).run().expect_code(0).json();
    assert_eq!(listed["deliveries"][0]["state"], "confirmed");
    assert_eq!(status(&repo)["outcome"], "verified");
}

#[test]
fn a_plan_with_one_task_is_one_run_whatever_the_jobs() {
    let repo = project();
    let script = save(&repo, &right());
    let ran = start(&repo, &script).args(["--jobs", "4"]).run().expect_code(0);
    assert!(ran.stderr.contains("one run does all of it"), "{}", ran.stderr);
    assert!(status(&repo)["tasks"].is_null());
}

/// The modules as a spec of Kiro: a requirement and a task for each, one after another.
fn kiro_spec(repo: TestRepo, names: &[&str]) -> TestRepo {
    let (mut requirements, mut list) = ("# Requirements\n".to_owned(), "# Plan\n\n".to_owned());
    for (at, name) in names.iter().enumerate() {
        let n = at + 1;
        requirements.push_str(&format!(
            "\n### Requirement {n}: the {name} module\n\n#### Acceptance Criteria\n\n1. WHEN `value()` of `{name}.py` \
             is called THEN the system SHALL return its name\n"
        ));
        list.push_str(&format!(
            "- [ ] {n}. Write the {name} module\n  - as {name}.py has it\n  - _Requirements: {n}.1_\n"
        ));
    }
    let folder = ".kiro/specs/modules";
    repo.file(&format!("{folder}/requirements.md"), requirements)
        .file(&format!("{folder}/tasks.md"), list)
        .commit("a spec")
}

#[test]
fn the_order_that_a_spec_has_itself_is_planned_and_followed() {
    let names = ["alpha", "beta"];
    let repo = kiro_spec(modules(&names), &names);
    let spec = ".kiro/specs/modules";
    let plan = loki(&repo).args(["plan", spec]).run().expect_code(0);
    assert!(plan.stdout.contains(".kiro/specs/modules/tasks.md order"), "{}", plan.stdout);
    let plan = loki(&repo).args(["plan", spec, "--json"]).run().expect_code(0).json();
    let tasks = &plan["side_by_side"]["tasks"];
    assert_eq!(tasks[1]["after"], serde_json::json!(["1"]), "{plan}");
    assert_eq!(tasks[1]["requirements"].as_array().unwrap().len(), 1);
    // The second begins from what the first made, and both are told what stands below their boxes.
    let agent = agent(
        &repo,
        &format!(
            "case \"$prompt\" in *\"as $name.py has it\"*) ;; *) exit 1 ;; esac\n\
             [ $name = beta ] && {{ grep -q '\"alpha\"' alpha.py || exit 1; }}\n{WRITE}"
        ),
    );
    let start = loki(&repo).args(["start", spec, "--yes", "--jobs", "2", "--provider", &agent]);
    let ran = start.run().expect_code(0);
    assert!(ran.stderr.contains("2 tasks in the order of .kiro/specs/modules/tasks.md"));
    assert_eq!(calls(&repo), names);
    let status = status(&repo);
    assert_eq!(merges(&repo, &branch(&status)), ["1", "2"]);
}

#[test]
fn a_list_of_another_tool_is_followed_for_any_spec() {
    let names = ["alpha", "beta"];
    let repo = modules(&names);
    let list = "- [ ] T001 [P] Write the alpha module\n- [ ] T002 [P] Write the beta module\n";
    std::fs::write(repo.beside("tasks.md"), list).unwrap();
    let path = repo.beside("tasks.md").display().to_string();
    // The last one sees to what no task names, and so comes after all others.
    let agent = agent(&repo, WRITE);
    let start = loki(&repo).args(["start", "prd.md", "--yes", "--jobs", "2", "--tasks", &path]);
    let _ = start.args(["--provider", agent.as_str()]).run().expect_code(0);
    assert_eq!(calls(&repo), names);
    let states: Vec<String> =
        states(&status(&repo)).into_iter().map(|(id, state, _)| format!("{id} {state}")).collect();
    assert_eq!(states, ["T001 merged", "T002 merged"]);
}

#[test]
fn an_order_that_can_not_be_followed_is_refused_with_the_place_and_the_fix() {
    let repo = modules(&["alpha"]);
    let agent = agent(&repo, WRITE);
    for (tasks, wrong) in [
        (
            r#"{"id": 1, "title": "a", "dependencies": [2]}, {"id": 2, "title": "b", "dependencies": [1]}"#,
            "task `1` waits for itself",
        ),
        (
            r#"{"id": 1, "title": "a", "dependencies": [7]}"#,
            "`tasks.json:2`: task `1` comes after `7`, which is not there",
        ),
        (
            r#"{"id": 1, "title": "a", "dependencies": []}, {"id": 1, "title": "b"}"#,
            "two tasks are called `1`",
        ),
    ] {
        std::fs::write(repo.root().join("tasks.json"), format!("{{\"tasks\": [\n{tasks}]}}"))
            .unwrap();
        let start = loki(&repo).args(["start", "tasks.json", "--yes", "--jobs", "2"]);
        let ran = start.args(["--provider", agent.as_str()]).run().expect_code(2);
        assert!(ran.stderr.contains(wrong), "{}", ran.stderr);
        assert!(ran.stderr.contains("docs/tasks.md"), "{}", ran.stderr);
        let plan = loki(&repo).args(["plan", "tasks.json", "--json"]).run().expect_code(0).json();
        let problem = &plan["side_by_side"]["problem"];
        assert!(wrong.ends_with(problem["what"].as_str().unwrap()), "{plan}");
    }
    assert!(calls(&repo).is_empty());
    let runs = loki(&repo).args(["runs", "--json"]).run().json();
    assert!(runs["runs"].as_array().is_none_or(Vec::is_empty), "{runs}");
}
