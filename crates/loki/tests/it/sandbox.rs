//! The judge against a suite that is hostile, as a person would run it.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests; clippy.toml allows it in test functions, not in their helpers"
)]

use std::net::TcpListener;

use loki_testkit::{Loki, TestRepo};

use crate::support::{loki, project, right, save, start};

/// A suite that passes when it got nowhere, and when it could serve itself. What it is up against is in
/// `scene.json`.
const HOSTILE: &str = r##"
import json, os, pathlib, socket, subprocess, unittest
scene = json.loads((pathlib.Path(__file__).parent / "scene.json").read_text())
home, state, checkout = (pathlib.Path(scene[name]) for name in ("home", "state", "checkout"))
key = home / ".ssh/id"

class Hostile(unittest.TestCase):
    def refused(self, attack):
        self.assertRaises(OSError, attack)

    def test_a_key_is_not_read(self):
        self.refused(key.read_text)
        self.refused(lambda: pathlib.Path(os.path.expanduser("~/.ssh/id")).read_text())

    def test_a_key_is_not_read_through_links(self):
        os.symlink(key, "link")
        self.refused(pathlib.Path("link").read_text)
        self.refused(lambda: os.link(key, "hard"))

    def test_the_state_of_loki_is_out_of_reach(self):
        self.refused(lambda: (state / "evil").write_text("x"))
        self.assertEqual([p for p in state.glob("*.sqlite*")], [])

    def test_the_checkout_is_not_written(self):
        self.refused(lambda: (checkout / "evil").write_text("x"))
        self.refused(lambda: (checkout / "sums.py").unlink())
        self.refused(lambda: (checkout / "sums.py").chmod(0o777))
        self.refused(lambda: (checkout / ".git/hooks/post-checkout").write_text("#!/bin/sh"))

    def test_a_server_outside_is_not_reached(self):
        self.refused(lambda: socket.create_connection(("127.0.0.1", scene["port"]), 5))

    def test_an_own_server_is_reached(self):
        server = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(server.getsockname(), 5)
        connection, _ = server.accept()
        connection.sendall(b"hi")
        self.assertEqual(client.recv(2), b"hi")

    def test_no_credential_is_in_any_environment(self):
        self.assertNotIn("PLANTED_TOKEN", os.environ)
        self.assertNotIn("SSH_AUTH_SOCK", os.environ)
        for other in pathlib.Path("/proc").glob("[0-9]*/environ"):
            try:
                self.assertNotIn(b"planted-value", other.read_bytes())
            except OSError:
                pass

    def test_nothing_outside_is_seen_through_a_process(self):
        for root in pathlib.Path("/proc").glob("[0-9]*/root"):
            self.refused((root / str(key).lstrip("/")).read_text)

    def test_whoever_watches_is_not_ended(self):
        for other in pathlib.Path("/proc").glob("[0-9]*/comm"):
            self.assertNotEqual(other.read_text().strip(), "loki")
        try:
            os.kill(os.getppid(), 0)
            os.kill(1, 9)
        except OSError:
            pass
"##;

const SUMS: &str = "def add(a, b):\n    return a + b\n";

/// A repository with a suite on a branch of its own, a home with a key, and a server.
fn scene(suite: &str) -> (TestRepo, TcpListener) {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let repo = TestRepo::new().file("sums.py", SUMS).commit("start");
    repo.git(["branch", "-M", "main"]);
    repo.git(["checkout", "--quiet", "-b", "work"]);
    std::fs::create_dir_all(repo.home().join(".ssh")).unwrap();
    std::fs::write(repo.home().join(".ssh/id"), "the planted key").unwrap();
    let scene = serde_json::json!({
        "home": repo.home(),
        "state": repo.loki_home(),
        "checkout": repo.root(),
        "port": server.local_addr().unwrap().port(),
    });
    std::fs::write(repo.root().join("scene.json"), scene.to_string()).unwrap();
    std::fs::write(repo.root().join("test_suite.py"), suite).unwrap();
    (repo, server)
}

fn verify(repo: &TestRepo) -> Loki {
    loki(repo)
        .args(["verify", "--json", "--only", "tests"])
        .env("PLANTED_TOKEN", "planted-value")
        .env("SSH_AUTH_SOCK", "/planted-value")
}

/// Whether this system has every layer. Says so when it has not.
pub(crate) fn is_whole(repo: &TestRepo) -> bool {
    let doctor = loki(repo).args(["doctor", "--json"]).run().json();
    let checks = doctor["checks"].as_array().unwrap().clone();
    let mut layers =
        checks.iter().filter(|check| check["name"].as_str().unwrap().starts_with("sandbox: "));
    let is_whole = layers.all(|check| check["state"] == "ok");
    if !is_whole {
        eprintln!("SKIPPED: this system has no whole sandbox");
    }
    is_whole
}

#[test]
fn a_hostile_suite_gets_nowhere_and_an_honest_server_works() {
    let (repo, _server) = scene(HOSTILE);
    if !is_whole(&repo) {
        return;
    }
    let json = verify(&repo).args(["--sandbox", "strict"]).run().json();
    let gate = &json["gates"][0];
    assert_eq!(gate["judgement"], "pass", "{gate:#}");
    assert_eq!(json["sandbox"]["level"], "strict");
    let all = serde_json::json!(["files", "mounts", "network", "processes"]);
    assert_eq!(json["sandbox"]["active"], all);
    assert_eq!(gate["evidence"][0]["run"]["sandbox"]["active"], all);
    assert_eq!(std::fs::read_to_string(repo.root().join("sums.py")).unwrap(), SUMS);
    assert!(!repo.loki_home().join("evil").exists());
    let report = std::fs::read_to_string(repo.root().join(".loki/verify/report.md")).unwrap();
    assert!(report.contains("held to: files, mounts, network, processes"), "{report}");
}

#[test]
fn what_a_run_judges_is_held_to_the_same() {
    let repo = project();
    if !is_whole(&repo) {
        return;
    }
    let script = save(&repo, &right());
    let _ = start(&repo, &script).run().expect_code(0);
    let evidence = repo.read(".loki/verify/evidence.json");
    let evidence: serde_json::Value = serde_json::from_str(&evidence).unwrap();
    let all = serde_json::json!(["files", "mounts", "network", "processes"]);
    assert_eq!(evidence["sandbox"]["active"], all);
}

/// Passes when it reaches the server outside.
const REACHES: &str = r#"
import json, pathlib, socket, unittest
port = json.loads((pathlib.Path(__file__).parent / "scene.json").read_text())["port"]
class Reaches(unittest.TestCase):
    def test_it(self):
        socket.create_connection(("127.0.0.1", port), 5)
"#;

#[test]
fn the_network_is_there_for_whoever_allows_it_and_for_no_change() {
    let (repo, _server) = scene(REACHES);
    if !is_whole(&repo) {
        return;
    }
    let judged = |run: Loki| run.run().json();
    assert_eq!(judged(verify(&repo))["gates"][0]["judgement"], "fail");
    let allowed = judged(verify(&repo).args(["--allow-network"]));
    assert_eq!(allowed["gates"][0]["judgement"], "pass", "{allowed:#}");
    let held = serde_json::json!(["files", "mounts", "processes"]);
    assert_eq!(allowed["sandbox"]["active"], held);
    assert_eq!(allowed["sandbox"]["missing"], serde_json::json!([]));
    let by_variable = judged(verify(&repo).env("LOKI_ALLOW_NETWORK", "1"));
    assert_eq!(by_variable["gates"][0]["judgement"], "pass");
    std::fs::create_dir_all(repo.root().join(".loki")).unwrap();
    let asked = "[verify]\nallow_network = true\nsandbox = 'off'\n";
    std::fs::write(repo.root().join(".loki/config.toml"), asked).unwrap();
    assert_eq!(judged(verify(&repo))["gates"][0]["judgement"], "fail");
}

#[test]
fn no_sandbox_is_told_where_none_was_wanted() {
    let (repo, _server) = scene(REACHES);
    let ran = loki(&repo).args(["verify", "--only", "tests", "--sandbox", "off"]).run();
    assert!(ran.stderr.contains("without a sandbox"), "{}", ran.stderr);
    let report = std::fs::read_to_string(repo.root().join(".loki/verify/report.md")).unwrap();
    assert!(report.contains("## Sandbox\n\nThere was none"), "{report}");
}

/// Runs loki where no namespaces can be made, as in many containers; nothing where not even that works.
fn without_namespaces(repo: &TestRepo, args: &[&str]) -> Option<loki_testkit::Ran> {
    let forbid = "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$@\"";
    let own = ["-Ur", "sh", "-c", forbid, "sh", env!("CARGO_BIN_EXE_loki"), "-C"];
    let root = repo.root().to_string_lossy().into_owned();
    let try_it = Loki::new("unshare", repo).args(["-Ur", "sh", "-c", forbid, "sh", "true"]);
    if try_it.run().code != Some(0) {
        eprintln!("SKIPPED: namespaces can not be forbidden here");
        return None;
    }
    Some(Loki::new("unshare", repo).args(own).args([root]).args(args).run())
}

#[test]
fn what_a_system_lacks_is_told_and_a_strict_sandbox_judges_nothing() {
    let (repo, _server) = scene(REACHES);
    let args = ["verify", "--only", "tests"];
    let Some(told) = without_namespaces(&repo, &args) else { return };
    assert!(told.stderr.contains("the sandbox lacks"), "{}", told.stderr);
    let report = std::fs::read_to_string(repo.root().join(".loki/verify/report.md")).unwrap();
    let sentence = "This system has no sandbox for network: a command could reach the network";
    assert!(report.contains(sentence), "{report}");
    let strict = without_namespaces(&repo, &["verify", "--sandbox", "strict"]).unwrap();
    assert_eq!(strict.code, Some(3), "{}", strict.stderr);
    assert!(strict.stderr.contains("network"), "{}", strict.stderr);
    let start = ["start", "--brief", "x", "--yes", "--sandbox", "strict", "--provider"];
    let start = [start.as_slice(), &["command:true"]].concat();
    assert_eq!(without_namespaces(&repo, &start).unwrap().code, Some(1));
    let doctor = without_namespaces(&repo, &["doctor"]).unwrap();
    assert!(
        doctor.stdout.contains("sandbox: network       not on this system"),
        "{}",
        doctor.stdout
    );
}
