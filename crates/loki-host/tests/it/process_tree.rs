//! Whole trees: nothing that a program started is there once its call is over.
//!
//! Each test plants a process that tries to stay. It holds the writing end of a pipe of which the
//! test holds the reading end, so that its death is an end of file and nothing has to be polled.

use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use loki_host::process::{Cancel, CommandSpec, Ended, Limits, run};
use loki_host::sandbox::{Network, Sandbox};
use loki_model::Deadline;
use rustix::event::{PollFd, PollFlags, poll};

/// Longest wait for a death that must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Longest way from a limit to the report, on a machine that is busy otherwise.
const ENDING_MAX: Duration = Duration::from_secs(10);

/// Ways to start a process that is meant to outlive its parent; `$STAY` is what it runs.
const ESCAPES: [&str; 6] = [
    r#"setsid sh -c "$STAY" &"#,
    r#"nohup sh -c "$STAY" &"#,
    r#"(setsid sh -c "$STAY" & ) & "#,
    r#"setsid sh -c 'setsid sh -c "$STAY" & setsid sh -c "$STAY" & wait' &"#,
    // Never the same process for longer than it takes to start the next one.
    r#"export HOP='sh -c "$HOP" &'; echo up >&9; setsid sh -c "$HOP" &"#,
    r#"sh -c 'sh -c "sh -c \"\$STAY\"; :" ; :' &"#,
];

const STAY: &str = r#"trap "" TERM INT HUP USR1; echo up >&9; while :; do sleep 1; done"#;

/// A named pipe, and the reading end of it.
struct Watch {
    _directory: tempfile::TempDir,
    path: PathBuf,
    read: File,
}

impl Watch {
    fn new() -> Watch {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RWXU).unwrap();
        let nonblocking = rustix::fs::OFlags::NONBLOCK.bits() as i32;
        let read = File::options().read(true).custom_flags(nonblocking).open(&path).unwrap();
        Watch { _directory: directory, path, read }
    }

    /// Starts what stays, waits until it is there, then does `then`.
    fn spec(&self, escape: &str, then: &str) -> CommandSpec {
        // The pipe stays readable for ever while this shell and what stays hold it.
        let script = format!("exec 9>\"$PIPE\"; {escape}\n{then}");
        CommandSpec::new("sh", "/").args(["-c", &script]).env("PIPE", &self.path).env("STAY", STAY)
    }

    /// Waits until it is there.
    fn wait_until_up(&mut self) {
        assert!(self.poll(), "nothing came up");
        let mut buffer = [0; 3];
        assert_eq!(self.read.read(&mut buffer).unwrap(), 3);
    }

    /// Waits until all that hold the pipe are dead.
    fn wait_until_gone(mut self) {
        let mut buffer = [0; 64];
        loop {
            assert!(self.poll(), "something is still there");
            if self.read.read(&mut buffer).unwrap() == 0 {
                return;
            }
        }
    }

    fn poll(&self) -> bool {
        let mut fds = [PollFd::from_borrowed_fd(self.read.as_fd(), PollFlags::IN)];
        poll(&mut fds, Some(&PATIENCE.try_into().unwrap())).unwrap() == 1
    }
}

/// The program says `ready` once what stays is up, as the test sees it through the pipe.
fn run_cancelled_when_up(watch: &mut Watch, spec: &CommandSpec) -> (Ended, Duration) {
    let cancel = Cancel::new().unwrap();
    std::thread::scope(|scope| {
        let supervisor = scope.spawn(|| run(spec, &cancel, &mut |_, _| {}).unwrap());
        watch.wait_until_up();
        let pulled_at = Instant::now();
        cancel.pull();
        (supervisor.join().unwrap().ended, pulled_at.elapsed())
    })
}

#[test]
fn what_a_program_leaves_behind_dies_with_it() {
    for escape in ESCAPES {
        let watch = Watch::new();
        let spec = watch.spec(escape, "echo done; exit 5");
        let report = run(&spec, &Cancel::new().unwrap(), &mut |_, _| {}).unwrap();
        assert_eq!(report.ended, Ended::Exited(5), "{escape}");
        watch.wait_until_gone();
    }
}

#[test]
fn a_survivor_that_holds_the_outputs_does_not_hold_up_the_report() {
    let watch = Watch::new();
    let spec = watch.spec(r#"setsid sh -c "$STAY" &"#, "echo done");
    let report = run(&spec, &Cancel::new().unwrap(), &mut |_, _| {}).unwrap();
    assert_eq!(report.stdout.text(), "done\n");
    assert!(report.duration < PATIENCE, "{:?}", report.duration);
}

#[test]
fn what_ignores_every_request_dies_at_a_deadline() {
    for escape in ESCAPES {
        let watch = Watch::new();
        let mut spec = watch.spec(escape, "trap '' TERM; while :; do sleep 1; done");
        let grace = Duration::from_millis(100);
        let total = Duration::from_millis(300);
        spec.limits = Limits { total, grace, ..Limits::default() };
        let report = run(&spec, &Cancel::new().unwrap(), &mut |_, _| {}).unwrap();
        assert_eq!(report.ended, Ended::TimedOut(Deadline::Total), "{escape}");
        assert!(report.duration < total + grace + ENDING_MAX, "{:?}", report.duration);
        watch.wait_until_gone();
    }
}

#[test]
fn what_ignores_every_request_dies_when_another_thread_cancels() {
    for escape in ESCAPES {
        let mut watch = Watch::new();
        let mut spec = watch.spec(escape, "trap '' TERM; while :; do sleep 1; done");
        spec.limits.grace = Duration::from_millis(100);
        let (ended, took) = run_cancelled_when_up(&mut watch, &spec);
        assert_eq!(ended, Ended::Cancelled, "{escape}");
        assert!(took < spec.limits.grace + ENDING_MAX, "{took:?}");
        watch.wait_until_gone();
    }
}

#[test]
fn stopping_the_reaper_only_buys_the_grace() {
    let mut watch = Watch::new();
    let mut spec = watch.spec(
        r#"kill -STOP "$PPID"; setsid sh -c "$STAY" &"#,
        "trap '' TERM; while :; do sleep 1; done",
    );
    spec.limits.grace = Duration::from_millis(10);
    let (ended, took) = run_cancelled_when_up(&mut watch, &spec);
    assert_eq!(ended, Ended::Cancelled);
    assert!(took < spec.limits.grace + ENDING_MAX, "{took:?}");
    watch.wait_until_gone();
}

#[test]
fn a_program_does_not_outlive_its_reaper() {
    let watch = Watch::new();
    let spec = watch.spec("", r#"trap "" TERM; kill -KILL "$PPID"; while :; do sleep 1; done"#);
    let report = run(&spec, &Cancel::new().unwrap(), &mut |_, _| {}).unwrap();
    assert_eq!(report.ended, Ended::Signalled(9));
    watch.wait_until_gone();
}

#[test]
fn a_nested_supervisor_takes_its_tree_with_it() {
    let mut watch = Watch::new();
    let mut spec = helper(&watch, ESCAPES[0]);
    spec.limits.grace = Duration::from_millis(10);
    let (ended, _) = run_cancelled_when_up(&mut watch, &spec);
    assert_eq!(ended, Ended::Cancelled);
    watch.wait_until_gone();
}

#[test]
fn nothing_outlives_a_killed_supervisor() {
    for escape in ESCAPES {
        let mut watch = Watch::new();
        let spec = helper(&watch, escape);
        let mut supervisor = Command::new(&spec.program)
            .args(&spec.args)
            .envs(spec.env_set)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        watch.wait_until_up();
        supervisor.kill().unwrap();
        supervisor.wait().unwrap();
        watch.wait_until_gone();
    }
}

#[test]
fn a_signal_that_loki_ignores_is_not_ignored_by_its_programs() {
    let exe = std::env::current_exe().unwrap();
    let script = r#"trap "" INT TERM QUIT; exec "$0" "$@""#;
    let output = Command::new("sh")
        .args(["-c", script])
        .arg(exe)
        .args(["--exact", "process_tree::helper_that_supervises", "--nocapture"])
        .env("LOKI_TEST_SCRIPT", "grep SigIgn /proc/self/status >&2; kill -INT $$")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("ended Signalled(2)"), "{text}");
    assert!(text.contains("SigIgn:\t0000000000000000"), "{text}");
}

/// This test binary as a process that supervises.
fn helper(watch: &Watch, escape: &str) -> CommandSpec {
    let inner = watch.spec(escape, "while :; do sleep 1; done");
    let mut spec = CommandSpec::new(std::env::current_exe().unwrap(), "/").args([
        "--exact",
        "process_tree::helper_that_supervises",
        "--nocapture",
    ]);
    spec.env_set = inner.env_set;
    spec.env("LOKI_TEST_SCRIPT", inner.args.last().unwrap())
}

/// Does nothing unless another test starts it as a process of its own.
#[test]
fn helper_that_supervises() {
    let Some(script) = std::env::var_os("LOKI_TEST_SCRIPT") else { return };
    let mut spec = CommandSpec::new("sh", "/");
    spec.args = vec!["-c".into(), script];
    let report = run(&spec, &Cancel::new().unwrap(), &mut |_, _| {}).unwrap();
    println!("ended {:?}: {}", report.ended, report.stderr.text());
}

/// Agents that leave what they can: children that nobody waits for, daemons, and forks in all
/// directions, 32 at most. Half of them end by themselves, the others hang.
const SWARM: [&str; 3] = [
    "for (1..20) { exit if !fork } ",
    "for (1..8) { next if fork; setpgrp; exit if fork; $SIG{TERM} = $SIG{HUP} = 'IGNORE'; sleep 1000 }",
    "fork for 1..5; $SIG{TERM} = 'IGNORE'; if ($$ != $main) { sleep 1000 }",
];

/// How many agents there are, and how many at a time.
const SWARM_AGENTS: usize = 100;
const SWARM_AT_A_TIME: usize = 5;

#[test]
fn of_a_hundred_agents_that_fork_in_every_way_nothing_survives() {
    let mark = format!("LOKI_SWARM=swarm-{}", std::process::id());
    let (name, value) = mark.split_once('=').unwrap();
    // It says that it is up: a process is started a moment before its environment is to be seen.
    let mut seen = Command::new("sh")
        .args(["-c", "echo up; read -r end"])
        .env(name, value)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut up = [0; 3];
    seen.stdout.as_mut().unwrap().read_exact(&mut up).unwrap();
    assert_eq!(processes_with(&mark), 1, "the count sees what is there");
    drop(seen.stdin.take());
    seen.wait().unwrap();
    let number = std::sync::atomic::AtomicUsize::new(0);
    let agent = |number: usize| {
        let end = if number.is_multiple_of(2) { "exit 0" } else { "sleep 1000" };
        let script = format!("my $main = $$; {}; {end}", SWARM[number % SWARM.len()]);
        let limits = Limits {
            total: Duration::from_millis(300),
            grace: Duration::from_millis(20),
            ..Limits::default()
        };
        let spec = CommandSpec::new("perl", "/").args(["-e", &script]).env(name, value);
        let room = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::new(room.path(), Network::Everything);
        let spec = CommandSpec { limits, ..spec };
        let spec = if number.is_multiple_of(5) { spec } else { spec.within(sandbox) };
        run(&spec, &Cancel::new().unwrap(), &mut |_, _| {}).unwrap().ended
    };
    let mut ended = Vec::new();
    std::thread::scope(|scope| {
        let work = || {
            let next = || number.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            std::iter::repeat_with(next).take_while(|n| *n < SWARM_AGENTS).map(agent).collect()
        };
        let workers: Vec<_> = (0..SWARM_AT_A_TIME).map(|_| scope.spawn(work)).collect();
        ended.extend(workers.into_iter().flat_map(|worker| {
            let ended: Vec<Ended> = worker.join().unwrap();
            ended
        }));
    });
    assert_eq!(ended.len(), SWARM_AGENTS);
    assert!(ended.contains(&Ended::TimedOut(Deadline::Total)), "{ended:?}");
    assert!(ended.contains(&Ended::Exited(0)), "{ended:?}");
    assert_eq!(processes_with(&mark), 0, "survivors");
}

/// How many processes of this machine have `mark` in their environment. One that is dead and not yet
/// waited for has none.
fn processes_with(mark: &str) -> usize {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|process| std::fs::read(process.path().join("environ")).ok())
        .filter(|environ| environ.split(|byte| *byte == 0).any(|entry| entry == mark.as_bytes()))
        .count()
}
