//! What leaves this machine: the forge is a server on loopback that keeps what it is told, the remote a bare
//! repository, everything else is real. Processes are killed for real, too.

use std::path::PathBuf;
use std::sync::Arc;

use loki_testkit::{ForgeScript, ForgeServer, ForgeState, Loki, Script, TestRepo};

use crate::support::*;

const TOKEN: &str = "ghp_s3cretS3cret";
const ISSUE: u64 = 42;

struct Stage {
    repo: TestRepo,
    state: Arc<ForgeState>,
    server: ForgeServer,
    remote: PathBuf,
}

impl Stage {
    /// A project whose one run came to its end, on a forge.
    fn new(agent: &Script, code: i32) -> Stage {
        let repo = project();
        let remote = repo.beside("remote.git");
        repo.git(["clone", "--quiet", "--bare", ".", remote.to_str().unwrap()]);
        let state = Arc::new(ForgeState::new(&remote, &[ISSUE]));
        let script = ForgeScript::new().require("authorization", &format!("Bearer {TOKEN}"));
        let server = ForgeServer::keeping(&state, script);
        let address = format!("{}/acme/sums.git", server.base_url());
        repo.git(["remote", "add", "origin", &address]);
        repo.git(["config", "remote.origin.pushurl", remote.to_str().unwrap()]);
        let agent = save(&repo, agent);
        let _ = start(&repo, &agent).args(["--max-iterations", "1"]).run().expect_code(code);
        Stage { repo, state, server, remote }
    }

    fn verified() -> Stage {
        Stage::new(&right(), 0)
    }

    fn loki(&self, args: &[&str]) -> Loki {
        let hooks = format!("{}/hooks", self.server.base_url());
        loki(&self.repo)
            .args(args.iter().copied())
            .env("GH_HOST", self.server.base_url())
            .env("GH_TOKEN", TOKEN)
            .env("LOKI_WEBHOOK_URL", format!("{hooks}/webhook-s3cret"))
            .env("LOKI_NOTIFY_URL", format!("{hooks}/notify-s3cret"))
    }

    fn states(&self) -> Vec<(String, String)> {
        let listed = self.loki(&["outbox", "--json"]).run().expect_code(0).json();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let rows = listed["deliveries"].as_array().unwrap();
        rows.iter().map(|row| (text(&row["kind"]), text(&row["state"]))).collect()
    }

    fn id_of(&self, kind: &str) -> String {
        let listed = self.loki(&["outbox", "--json"]).run().expect_code(0).json();
        let rows = listed["deliveries"].as_array().unwrap().clone();
        let row = rows.iter().find(|row| row["kind"] == kind).unwrap();
        row["id"].as_str().unwrap().to_owned()
    }
}

const ALL: [&str; 8] = [
    "ship",
    "--issue=42",
    "--label=loki",
    "--comment",
    "--close-issue",
    "--webhook",
    "--notify",
    "--json",
];

#[test]
fn a_verified_run_is_pushed_and_a_request_with_its_report_is_opened_once() {
    let stage = Stage::verified();
    let branch = run_branch(&stage.repo);
    let dry = stage.loki(&["ship", "--dry-run"]).run().expect_code(0).stdout;
    assert!(dry.contains("nothing was done") && stage.state.branch(&branch).is_none(), "{dry}");
    let told = stage.loki(&["ship", "--json"]).run().expect_code(0).json();
    assert_eq!((&told["schema_version"], &told["done"]), (&1.into(), &true.into()));
    assert_eq!(
        told["deliveries"][1]["url"],
        format!("{}/acme/sums/pull/101", stage.server.base_url())
    );
    assert_eq!(stage.state.branch(&branch).unwrap(), stage.repo.git(["rev-parse", &branch]));
    let again = stage.loki(&["ship"]).run().expect_code(0).stdout;
    assert!(again.contains("confirmed") && again.contains("/pull/101"), "{again}");
    let [request] = &stage.state.requests()[..] else { panic!("{:?}", stage.state.requests()) };
    assert_eq!(
        (request.title.as_str(), request.base.as_str(), request.updates),
        ("Sums", "main", 0)
    );
    let body = &request.body;
    assert!(body.contains("ended **verified**") && body.contains("## Gates"), "{body}");
    assert_eq!(stage.state.changes(), 1);
}

#[test]
fn everything_that_is_asked_for_is_done_in_order_and_no_address_is_kept() {
    let stage = Stage::verified();
    let ran = stage.loki(&ALL).run().expect_code(0);
    assert_eq!(stage.state.labels(101), ["loki"]);
    let [comment] = &stage.state.comments(ISSUE)[..] else { panic!("one comment") };
    assert!(comment.contains("ended **verified**") && comment.contains("#101"), "{comment}");
    assert_eq!(stage.state.closings(ISSUE), (1, true));
    let hooks: Vec<_> = stage.state.hooks().into_iter().map(|hook| hook.name).collect();
    assert_eq!(hooks, ["webhook-s3cret", "notify-s3cret"]);
    let kinds: Vec<String> = stage.states().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(
        kinds,
        [
            "push_branch",
            "open_request",
            "label",
            "comment",
            "close_issue",
            "call_webhook",
            "notify"
        ]
    );
    let logs = stage.loki(&["logs", "--json"]).run().expect_code(0).stdout;
    let shown = format!("{}{}{logs}", ran.stdout, ran.stderr);
    assert!(logs.contains("delivery_confirmed") && !shown.contains("s3cret"), "{shown}");
    let _ = stage.loki(&ALL).run().expect_code(0);
    assert_eq!((stage.state.changes(), stage.state.comments(ISSUE).len()), (6, 1));
}

#[test]
fn why_names_the_way_out_until_the_branch_was_pushed_and_only_where_there_is_one() {
    let stage = Stage::verified();
    let names_it = || {
        let why = stage.loki(&["why", "--json"]).run().expect_code(0).json();
        why["next"].to_string().contains("loki ship ")
    };
    assert!(names_it());
    stage.repo.git(["remote", "rename", "origin", "away"]);
    stage.repo.git(["remote", "remove", "away"]);
    assert!(!names_it(), "there is no remote");
    let stage = Stage::verified();
    let _ = stage.loki(&["ship"]).run().expect_code(0);
    let why = stage.loki(&["why"]).run().expect_code(0);
    assert!(!why.stdout.contains("loki ship"), "{}", why.stdout);
}

#[test]
fn what_did_not_end_verified_is_shipped_only_when_asked_and_says_so() {
    let wrong = Script::new()
        .call(|c| c.write("sums.py", WRONG).write("test_sums.py", TEST).say("LOKI: DONE"));
    let stage = Stage::new(&wrong, 11);
    let refused = stage.loki(&["ship"]).run().expect_code(2);
    assert!(refused.stderr.contains("--unverified"), "{}", refused.stderr);
    assert_eq!(stage.state.branch(&run_branch(&stage.repo)), None);
    let _ = stage.loki(&["ship", "--unverified"]).run().expect_code(0);
    let body = stage.state.requests()[0].body.clone();
    assert!(body.starts_with("**Not verified.**") && body.contains("all the same"), "{body}");
}

#[test]
fn a_branch_that_others_changed_there_is_not_overwritten() {
    let stage = Stage::verified();
    let branch = run_branch(&stage.repo);
    let name = format!("refs/heads/{branch}");
    let other = stage.repo.git(["commit-tree", "HEAD^{tree}", "-m", "theirs"]);
    let remote = stage.remote.to_str().unwrap();
    stage.repo.git(["push", "--quiet", remote, &format!("{other}:{name}")]);
    let refused = stage.loki(&["ship"]).run().expect_code(2);
    assert!(refused.stderr.contains("not from this run"), "{}", refused.stderr);
    assert_eq!(stage.state.branch(&branch).unwrap(), other);
}

#[test]
fn of_two_at_once_one_ships_and_the_other_says_who() {
    let stage = Stage::verified();
    stage.state.hold_answers_from(1);
    let first = stage.loki(&["ship", "--json"]).spawn();
    assert!(stage.state.wait_for_changes(1));
    let second = stage.loki(&["ship"]).run().expect_code(2);
    assert!(second.stderr.contains("in use by"), "{}", second.stderr);
    stage.state.release_answers();
    let _ = first.wait().expect_code(0);
    assert_eq!((stage.state.requests().len(), stage.state.changes()), (1, 1));
}

#[test]
fn whichever_answer_is_lost_to_a_kill_each_thing_is_done_once_or_shown_as_unknown() {
    // In the order in which they are asked for; the last two can not be looked up.
    let kinds = ["open_request", "label", "comment", "close_issue", "call_webhook", "notify"];
    for (place, kind) in kinds.iter().enumerate() {
        let stage = Stage::verified();
        stage.state.hold_answers_from(place + 1);
        let running = stage.loki(&ALL).spawn();
        assert!(stage.state.wait_for_changes(place + 1));
        running.kill();
        let _ = running.wait();
        stage.state.release_answers();
        let cut_off = stage.states();
        let told = format!("killed at {kind}: {cut_off:?}");
        let is_told = place >= 4;
        let again = stage.loki(&ALL).run();
        assert_eq!(again.code, Some(i32::from(is_told)), "{told}");
        assert_eq!(stage.state.requests().len(), 1, "{told}");
        assert_eq!(stage.state.labels(101), ["loki"], "{told}");
        assert_eq!(stage.state.comments(ISSUE).len(), 1, "{told}");
        assert_eq!(stage.state.closings(ISSUE), (1, true), "{told}");
        assert_eq!(stage.state.hooks().len(), 2, "{told}");
        for (other, state) in stage.states() {
            let expected = if is_told && other == *kind { "unknown" } else { "confirmed" };
            assert_eq!(state, expected, "{told}: {other}");
        }
    }
}

#[test]
fn what_is_unknown_is_sent_again_or_given_up_by_a_person_only() {
    let stage = Stage::verified();
    stage.state.lose_answers(1);
    let args = ["ship", "--push-only", "--webhook"];
    let told = stage.loki(&args).run().expect_code(1).stdout;
    assert!(told.contains("unknown") && told.contains("loki outbox retry"), "{told}");
    let _ = stage.loki(&args).run().expect_code(1);
    assert_eq!(stage.state.hooks().len(), 1);
    let id = stage.id_of("call_webhook");
    let other =
        stage.loki(&["outbox", "retry", &id]).env("LOKI_WEBHOOK_URL", "http://127.0.0.1:1/other");
    let other = other.run().expect_code(1).stdout;
    assert!(other.contains("does not hold the address"), "{other}");
    let sent = stage.loki(&["outbox", "retry", &id]).run().expect_code(0).stdout;
    assert!(sent.contains("confirmed"), "{sent}");
    let keys: Vec<_> = stage.state.hooks().into_iter().map(|hook| hook.key).collect();
    assert_eq!(keys, [format!("loki-{id}"), format!("loki-{id}")]);
    let over = stage.loki(&["outbox", "drop", &id]).run().expect_code(2).stderr;
    assert!(over.contains("confirmed already"), "{over}");
}

#[test]
#[expect(clippy::disallowed_types, reason = "a pipe is made by mkfifo")]
fn a_kill_within_a_push_leaves_one_branch_and_one_request() {
    for hook in ["pre-receive", "post-receive"] {
        let stage = Stage::verified();
        let pipe = stage.repo.beside("pid");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let path = stage.remote.join("hooks").join(hook);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let kills = format!("#!/bin/sh\nread pid < {}\nkill -9 $pid\n", pipe.display());
        std::fs::write(&path, kills).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&path, mode).unwrap();
        let running = stage.loki(&["ship"]).spawn();
        // Opens once the hook reads.
        std::fs::write(&pipe, format!("{}\n", running.pid())).unwrap();
        assert_eq!(running.wait().signal, Some(9), "{hook}");
        std::fs::remove_file(&path).unwrap();
        let _ = stage.loki(&["ship"]).run().expect_code(0);
        let branch = run_branch(&stage.repo);
        assert_eq!(stage.state.branch(&branch).unwrap(), stage.repo.git(["rev-parse", &branch]));
        assert_eq!(stage.state.requests().len(), 1, "{hook}");
    }
}
