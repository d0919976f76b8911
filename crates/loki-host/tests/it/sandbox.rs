//! A sandbox against programs that mean harm, and against those that only want to work.
//!
//! Each row of a table is a line of shell that ends well when it got what it wanted.

use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use loki_host::process::{Cancel, CommandSpec, Ended, Limits, ProcessReport, run};
use loki_host::sandbox::{Means, Network, Overlay, Sandbox};
use loki_model::Deadline;

const KEY: &str = "the planted key";

/// What a hostile program finds around it: a home with a key, loki's state, a checkout beside the copy,
/// and a program of the user's with a secret in its environment, a TCP port and a socket.
struct Scene {
    dir: tempfile::TempDir,
    tcp: TcpListener,
    _unix: UnixListener,
    bystander: Child,
}

impl Scene {
    fn new() -> Scene {
        Scene::within(&std::env::temp_dir())
    }

    fn within(above: &Path) -> Scene {
        let dir = tempfile::tempdir_in(above).unwrap();
        let at = |path: &str| dir.path().join(path);
        for path in ["home/.ssh", "home/other", "state", "checkout", "copy"] {
            fs::create_dir_all(at(path)).unwrap();
        }
        fs::write(at("home/.ssh/id"), KEY).unwrap();
        fs::write(at("home/other/file"), "to be read").unwrap();
        std::os::unix::fs::symlink(".ssh", at("home/alias")).unwrap();
        fs::write(at("state/journal"), KEY).unwrap();
        fs::write(at("checkout/file"), "the user's").unwrap();
        let bystander = Command::new("sleep")
            .arg("1000")
            .env("PLANTED", KEY)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let unix = UnixListener::bind(at("socket")).unwrap();
        Scene { tcp: TcpListener::bind("127.0.0.1:0").unwrap(), _unix: unix, bystander, dir }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn sandbox(&self, means: Means) -> Sandbox {
        let mut sandbox = Sandbox::new(self.at("room"), Network::OwnLoopback).with_means(means);
        sandbox.writable = vec![self.at("copy")];
        sandbox.readable = vec![self.at("home"), self.at("checkout")];
        sandbox.hidden = vec![self.at("home/.ssh"), self.at("state")];
        sandbox
    }

    fn run(&self, sandbox: Sandbox, script: &str) -> ProcessReport {
        let port = self.tcp.local_addr().unwrap().port().to_string();
        let spec = CommandSpec::new("bash", self.at("copy"))
            .args(["-c", script])
            .env("HOME", self.at("home"))
            .env("STATE", self.at("state"))
            .env("CHECKOUT", self.at("checkout"))
            .env("SOCKET", self.at("socket"))
            .env("PORT", port)
            .env("BYSTANDER", self.bystander.id().to_string())
            .env("LOKI", std::process::id().to_string())
            .within(sandbox);
        run(&spec, &Cancel::new().unwrap(), &mut |_, _| {}).unwrap()
    }

    /// Everything of the user's is as it was.
    fn is_untouched(&mut self) -> bool {
        fs::read_to_string(self.at("checkout/file")).is_ok_and(|text| text == "the user's")
            && fs::metadata(self.at("checkout/file")).unwrap().permissions().mode() & 0o7777
                == 0o644
            && fs::read_dir(self.at("checkout")).unwrap().count() == 1
            && fs::read_dir(self.at("state")).unwrap().count() == 1
            && fs::read_to_string(self.at("home/.ssh/id")).is_ok_and(|text| text == KEY)
            && self.bystander.try_wait().unwrap().is_none()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = self.bystander.kill();
        let _ = self.bystander.wait();
    }
}

/// The means of this system, and what is left of them where some of it is forbidden.
fn every_means() -> Vec<(&'static str, Means)> {
    let here = Means::here();
    let mut all = vec![
        ("all", here),
        ("no processes", Means { processes: false, ..here }),
        ("no mounts", Means { processes: false, mounts: false, ..here }),
        ("landlock", Means { processes: false, mounts: false, network: false, ..here }),
        ("namespaces", Means { files: false, signals: false, ..here }),
    ];
    all.dedup_by(|(_, one), (_, other)| one == other);
    all
}

/// What keeps an attack from its end.
#[derive(Clone, Copy, Debug)]
enum By {
    Files,
    Mounts,
    Network,
    Processes,
    /// The scope of Landlock or the namespace for the network.
    Abstract,
}

impl By {
    fn is_had(self, means: Means) -> bool {
        match self {
            By::Files => means.files || means.mounts,
            By::Mounts => means.mounts,
            By::Network => means.network,
            By::Processes => means.processes || means.signals,
            By::Abstract => means.network || means.signals,
        }
    }
}

const TO_ABSTRACT: &str = r#"perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0); exit !connect(S, pack("Sa*", AF_UNIX, "\0loki-$ENV{BYSTANDER}"))'"#;

const ATTACKS: &[(By, &str, &str)] = &[
    (By::Files, "read a key", r#"grep planted "$HOME/.ssh/id""#),
    (By::Files, "read a key through a link of the user's", r#"grep planted "$HOME/alias/id""#),
    (By::Files, "read a key through a link", r#"ln -s "$HOME/.ssh/id" l && grep planted l"#),
    (By::Files, "read a key through a hard link", r#"ln "$HOME/.ssh/id" h && grep planted h"#),
    (By::Files, "move a key", r#"mv "$HOME/.ssh/id" m && grep planted m"#),
    (By::Files, "read loki's state", r#"cat "$STATE/journal""#),
    (By::Files, "write loki's state", r#"echo x > "$STATE/evil" && exit 0; exit 1"#),
    (By::Files, "write to the checkout", r#"echo x >> "$CHECKOUT/file""#),
    (By::Files, "add to the checkout", r#"mkdir "$CHECKOUT/new""#),
    (By::Files, "plant a hook", r#"mkdir -p "$CHECKOUT/.git/hooks""#),
    (By::Files, "cut a file of the checkout short", r#"truncate -s 0 "$CHECKOUT/file""#),
    (By::Files, "remove from the checkout", r#"rm -f "$CHECKOUT/file""#),
    (By::Files, "write through a hard link", r#"ln "$CHECKOUT/file" h && echo x > h"#),
    (By::Files, "write through a link", r#"ln -s "$CHECKOUT/file" l && echo x > l"#),
    (By::Files, "write beside the copy", "mkdir ../home/new"),
    (By::Mounts, "change a mode", r#"chmod 777 "$CHECKOUT/file""#),
    (
        By::Mounts,
        "reach a socket",
        r#"perl -MIO::Socket::UNIX -e 'exit !IO::Socket::UNIX->new($ENV{SOCKET})'"#,
    ),
    (By::Files, "mount", "mount -t tmpfs none \"$CHECKOUT\""),
    (By::Files, "mount as a new superuser", r#"unshare -Urm mount -t tmpfs none "$CHECKOUT""#),
    (By::Files, "uncover", "umount -l /tmp"),
    (By::Network, "reach a server on this machine", r#"exec 3<>"/dev/tcp/127.0.0.1/$PORT""#),
    (By::Abstract, "reach an abstract socket", TO_ABSTRACT),
    (By::Processes, "end a program of the user's", r#"kill "$BYSTANDER""#),
    (By::Processes, "end loki", r#"kill -0 "$LOKI""#),
    (By::Processes, "end everything", "kill -9 -1; exit 1"),
    (
        By::Files,
        "look through a process",
        r#"for p in /proc/[0-9]*; do grep planted "$p/root$HOME/.ssh/id" && exit 0; done; exit 1"#,
    ),
    (
        By::Files,
        "see another environment",
        r#"for p in /proc/[0-9]*; do grep -a PLANTED= "$p/environ" && exit 0; done; exit 1"#,
    ),
    (By::Files, "trace a program of the user's", r#"head -c 1 "/proc/$BYSTANDER/maps" | grep ."#),
];

#[test]
fn an_attack_is_stopped_by_the_layer_that_is_there_for_it() {
    let mut failures = Vec::new();
    for (name, means) in every_means() {
        let mut scene = Scene::new();
        let address = SocketAddr::from_abstract_name(format!("loki-{}", scene.bystander.id()));
        let _listening = UnixListener::bind_addr(&address.unwrap()).unwrap();
        for (by, what, script) in ATTACKS.iter().filter(|(by, ..)| by.is_had(means)) {
            let report = scene.run(scene.sandbox(means), script);
            if report.ended == Ended::Exited(0) || !scene.is_untouched() {
                failures.push(format!("{name}: {what} ({by:?}): {}", report.stdout.text()));
                scene = Scene::new();
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn the_attacks_would_work_without_a_sandbox() {
    // Those that would harm the machine of whoever runs this test are not tried.
    let harmless = ["read", "write", "add", "look", "see", "change", "reach", "cut", "plant"];
    for (_, what, script) in ATTACKS.iter().filter(|(_, what, _)| {
        harmless.iter().any(|word| what.starts_with(word)) && !what.contains("abstract")
    }) {
        let scene = Scene::new();
        let none = Means::default();
        let mut open = scene.sandbox(none);
        open.hidden.clear();
        let spec = CommandSpec::new("bash", scene.at("copy"))
            .args(["-c", script])
            .env("HOME", scene.at("home"))
            .env("STATE", scene.at("state"))
            .env("CHECKOUT", scene.at("checkout"))
            .env("SOCKET", scene.at("socket"))
            .env("PORT", scene.tcp.local_addr().unwrap().port().to_string());
        let report = run(&spec, &Cancel::new().unwrap(), &mut |_, _| {}).unwrap();
        assert_eq!(report.ended, Ended::Exited(0), "{what}: {}", report.stderr.text());
    }
}

const ORDINARY: &[(&str, &str)] = &[
    ("writes its own place", "echo x > new && mkdir d && mv new d && ln d/new h && chmod 700 h"),
    ("has a directory for temporary files", r#"f=$(mktemp) && echo x > "$f" && rm "$f""#),
    ("reads what is beside", r#"grep read "$HOME/other/file" && test -r "$CHECKOUT/file""#),
    ("uses devices", "head -c 4 /dev/urandom > /dev/null && : < /dev/zero"),
    ("reads and writes pipes", "echo x | cat | grep x && cat <(echo y) | grep y"),
    ("has shared memory", "echo x > /dev/shm/loki-test-$$ && rm /dev/shm/loki-test-$$"),
    ("sees itself", "test -d /proc/self/fd && ls /proc/$$/fd"),
    ("ends its own children", "sleep 100 & kill $! && ! wait $!"),
    (
        "talks to itself over a socket",
        "perl -MIO::Socket::UNIX -e 'my $s=IO::Socket::UNIX->new(Local=>\"s\",Listen=>1) or die; IO::Socket::UNIX->new(\"s\") or die'",
    ),
    (
        "serves itself over TCP",
        "perl -MIO::Socket::INET -e 'my $s=IO::Socket::INET->new(Listen=>1,LocalAddr=>\"127.0.0.1\") or die; IO::Socket::INET->new(PeerAddr=>\"127.0.0.1\",PeerPort=>$s->sockport) or die'",
    ),
    ("has no core dumps", "test \"$(ulimit -c)\" = 0"),
    ("has no way to more rights", "grep 'NoNewPrivs:.*1' /proc/self/status"),
    (
        "uses git",
        "git init -q r && cd r && git -c user.name=a -c user.email=b commit -q --allow-empty -m m && git log -1 --format=%s | grep m",
    ),
];

#[test]
fn an_ordinary_program_works() {
    let mut failures = Vec::new();
    for (name, means) in every_means() {
        let scene = Scene::new();
        for (what, script) in ORDINARY {
            let report = scene.run(scene.sandbox(means), &format!("set -e; {script}"));
            if report.ended != Ended::Exited(0) {
                failures.push(format!("{name}: {what}: {}", report.stderr.text()));
            }
        }
        let made = fs::metadata(scene.at("copy/d")).unwrap();
        assert_eq!(made.uid(), rustix::process::geteuid().as_raw(), "{name}");
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn a_place_below_a_writable_one_is_writable_too() {
    for (name, means) in every_means() {
        let scene = Scene::new();
        fs::create_dir(scene.at("copy/below")).unwrap();
        let mut sandbox = scene.sandbox(means);
        sandbox.readable.push(scene.at("copy/below"));
        let spec = CommandSpec::new("touch", scene.at("copy/below")).args(["file", "../other"]);
        let report = run(&spec.within(sandbox), &Cancel::new().unwrap(), &mut |_, _| {}).unwrap();
        assert_eq!(report.ended, Ended::Exited(0), "{name}: {}", report.stderr.text());
    }
}

#[test]
fn a_copy_in_shared_memory_is_worked_in_and_nothing_else_of_it_is_seen() {
    let shared = Path::new("/dev/shm");
    if !shared.is_dir() {
        eprintln!("SKIPPED: this system has no {}", shared.display());
        return;
    }
    for (name, means) in every_means() {
        let mut scene = Scene::within(shared);
        // Where nothing can be mounted, the rest of it is everybody's and closed.
        let script = match means.mounts {
            true => "touch file && echo x > /dev/shm/own && ! ls \"$STATE\"/journal",
            false => "touch file",
        };
        let report = scene.run(scene.sandbox(means), script);
        assert_eq!(report.ended, Ended::Exited(0), "{name}: {}", report.stderr.text());
        assert!(scene.at("copy/file").exists(), "{name}");
        assert!(scene.is_untouched(), "{name}");
    }
}

#[test]
fn a_program_ends_as_it_ends() {
    let scene = Scene::new();
    for (_, means) in every_means() {
        for (script, ended) in [
            ("exit 7", Ended::Exited(7)),
            ("kill -TERM $$", Ended::Signalled(15)),
            ("kill -KILL $$", Ended::Signalled(9)),
            ("kill -ABRT $$", Ended::Signalled(6)),
        ] {
            assert_eq!(scene.run(scene.sandbox(means), script).ended, ended, "{script} {means:?}");
        }
    }
}

#[test]
fn a_program_that_is_not_there_is_said_to_be_missing() {
    let scene = Scene::new();
    for (_, means) in every_means() {
        let spec = CommandSpec::new("no-such-program", scene.at("copy"));
        let spec = spec.within(scene.sandbox(means));
        let error = run(&spec, &Cancel::new().unwrap(), &mut |_, _| {}).unwrap_err();
        assert_eq!(error.to_string(), "`no-such-program` was not found");
    }
}

#[test]
fn nothing_of_a_tree_survives_a_limit() {
    for (name, means) in every_means() {
        let scene = Scene::new();
        let fifo = scene.at("copy/fifo");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let mut read = fs::File::options()
            .read(true)
            .custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed())
            .open(&fifo)
            .unwrap();
        let script = "trap '' TERM; exec 9>fifo; setsid sh -c 'trap \"\" TERM; sleep 1000' & wait";
        let limits = Limits {
            total: Duration::from_millis(500),
            grace: Duration::from_millis(100),
            ..Limits::default()
        };
        let spec = CommandSpec::new("bash", scene.at("copy")).args(["-c", script]);
        let spec = CommandSpec { limits, ..spec }.within(scene.sandbox(means));
        let report = run(&spec, &Cancel::new().unwrap(), &mut |_, _| {}).unwrap();
        assert_eq!(report.ended, Ended::TimedOut(Deadline::Total), "{name}");
        // With a writer left that would be an error: nothing to read yet.
        assert_eq!(read.read(&mut [0; 8]).unwrap(), 0, "{name}: something still has it open");
    }
}

#[test]
fn an_overlay_shows_a_directory_and_keeps_its_changes_apart() {
    if !Means::here().mounts {
        eprintln!("SKIPPED: nothing can be mounted here");
        return;
    }
    let scene = Scene::new();
    fs::create_dir(scene.at("cache")).unwrap();
    fs::write(scene.at("cache/old"), "kept").unwrap();
    fs::write(scene.at("cache/key"), KEY).unwrap();
    let mut sandbox = scene.sandbox(Means::here());
    sandbox.hidden.push(scene.at("cache/key"));
    sandbox.overlays.push(Overlay {
        of: scene.at("cache"),
        at: scene.at("cache"),
        changes: scene.at("changes"),
    });
    let cache = scene.at("cache").display().to_string();
    let script = format!("grep kept {cache}/old && echo x > {cache}/old && echo y > {cache}/new");
    let key = scene.run(sandbox.clone(), &format!("grep planted {cache}/key"));
    assert_eq!(key.ended, Ended::Exited(1), "what is hidden below it stays hidden");
    let report = scene.run(sandbox.clone(), &script);
    assert_eq!(report.ended, Ended::Exited(0), "{}", report.stderr.text());
    assert_eq!(fs::read_to_string(scene.at("cache/old")).unwrap(), "kept");
    assert!(!scene.at("cache/new").exists());
    let again = scene.run(sandbox, &format!("grep y {cache}/new"));
    assert_eq!(again.ended, Ended::Exited(0), "changes are there for the next command");
}

#[test]
fn a_network_that_is_allowed_is_the_one_of_loki() {
    let scene = Scene::new();
    let mut sandbox = scene.sandbox(Means::here());
    sandbox.network = Network::Everything;
    let report = scene.run(sandbox, r#"exec 3<>"/dev/tcp/127.0.0.1/$PORT""#);
    assert_eq!(report.ended, Ended::Exited(0), "{}", report.stderr.text());
}

#[test]
fn a_sandbox_that_can_not_be_made_runs_nothing() {
    let scene = Scene::new();
    let mut sandbox = scene.sandbox(Means::here());
    sandbox.writable.push(scene.at("not there"));
    let spec = CommandSpec::new("touch", scene.at("copy")).args(["ran"]).within(sandbox);
    assert!(run(&spec, &Cancel::new().unwrap(), &mut |_, _| {}).is_err());
    assert!(!Path::new(&scene.at("copy/ran")).exists());
}
