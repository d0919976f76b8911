//! Runs the `loki` command as a person would, apart from the machine of whoever tests.

mod output;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use self::output::Outputs;
use crate::repo::{GIT_ENV, TestRepo};
use crate::tools::{require_tool, tool};

/// A command still running after this long is killed and fails its test.
const RUN_MAX: Duration = Duration::from_secs(60);
/// Makes a terminal and types on it.
const TYPED: &str = include_str!("typed.py");
/// How long outputs may stay open after the command itself is gone.
const DRAIN_MAX: Duration = Duration::from_secs(2);

/// One command line of loki, not yet run.
///
/// The environment is empty but for `PATH`, `HOME`, `LANG`, `NO_COLOR`, `LOKI_HOME`, what lets agents use
/// [`TestRepo::stage`], and what keeps
/// git hermetic.
#[derive(Clone, Debug)]
pub struct Loki {
    program: PathBuf,
    args: Vec<OsString>,
    cwd: PathBuf,
    env: BTreeMap<OsString, OsString>,
    timeout: Duration,
}

impl Loki {
    /// `program` in `repo`; for `program` the caller gives `env!("CARGO_BIN_EXE_loki")`.
    pub fn new(program: impl Into<PathBuf>, repo: &TestRepo) -> Loki {
        let mut env = BTreeMap::new();
        let mut set = |name: &str, value: OsString| env.insert(name.into(), value);
        set("PATH", minimal_path());
        set("HOME", repo.home().into());
        set("LOKI_HOME", repo.loki_home().into());
        set("LOKI_SANDBOX_WRITE", repo.stage("").into());
        set("LANG", "C.UTF-8".into());
        set("NO_COLOR", "1".into());
        for (name, value) in GIT_ENV {
            set(name, value.into());
        }
        let cwd = repo.root().to_owned();
        Loki { program: program.into(), args: Vec::new(), cwd, env, timeout: RUN_MAX }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Loki {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets one environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Loki {
        self.env.insert(name.into(), value.into());
        self
    }

    /// Puts a directory in front of `PATH`.
    #[must_use]
    pub fn path_dir(mut self, directory: impl AsRef<Path>) -> Loki {
        let rest = self.env.get(OsStr::new("PATH")).cloned().unwrap_or_default();
        let all = [directory.as_ref().to_owned()].into_iter().chain(std::env::split_paths(&rest));
        let joined = std::env::join_paths(all).expect("a directory of PATH has no colon");
        self.env.insert("PATH".into(), joined);
        self
    }

    /// Runs elsewhere than in the root of the repository.
    #[must_use]
    pub fn cwd(mut self, directory: impl Into<PathBuf>) -> Loki {
        self.cwd = directory.into();
        self
    }

    /// Changes how long the command may take (60 seconds).
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Loki {
        self.timeout = timeout;
        self
    }

    /// Runs to the end.
    pub fn run(&self) -> Ran {
        self.spawn().wait()
    }

    /// Runs to the end on a terminal of its own on which somebody has typed `keys`; `\x04` is the end of
    /// the input. Everything that the terminal shows, the keys included, is in `stdout`.
    pub fn run_typing(&self, keys: &str) -> Ran {
        let python = require_tool("python3").expect("a terminal is made by python3");
        let program = self.program.clone().into_os_string();
        let before = ["-c".into(), TYPED.into(), keys.into(), program];
        let args = before.into_iter().chain(self.args.iter().cloned()).collect();
        let ran = Loki { program: python, args, ..self.clone() }.run();
        Ran { stdout: ran.stdout.replace("\r\n", "\n"), ..ran }
    }

    /// Starts, and leaves it running.
    pub fn spawn(&self) -> Running {
        let mut child = Command::new(&self.program)
            .args(&self.args)
            .current_dir(&self.cwd)
            .env_clear()
            .envs(&self.env)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|err| panic!("cannot start {}: {err}", self.program.display()));
        let pid = pid_of(&child);
        let stdout = child.stdout.take().expect("standard output is piped");
        let stderr = child.stderr.take().expect("standard error is piped");
        let outputs = Outputs::read(stdout, stderr);
        let (sender, ended) = mpsc::channel();
        thread::spawn(move || {
            // The test may have stopped listening.
            let _ = sender.send(child.wait());
        });
        let deadline = Instant::now() + self.timeout;
        Running { pid, outputs, ended, status: None, deadline }
    }
}

/// A command that was started. Killed with its process group when dropped.
#[derive(Debug)]
pub struct Running {
    pid: Pid,
    outputs: Outputs,
    ended: Receiver<std::io::Result<ExitStatus>>,
    status: Option<ExitStatus>,
    deadline: Instant,
}

impl Running {
    /// Its process id.
    pub fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Sends a signal (a number such as 15) to the command alone.
    pub fn signal(&self, signal: i32) {
        let named = Signal::from_named_raw(signal).unwrap_or_else(|| panic!("no signal {signal}"));
        kill_process(self.pid, named).expect("a running command can be signalled");
    }

    /// Kills the command alone, if it still runs.
    pub fn kill(&self) {
        match kill_process(self.pid, Signal::KILL) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => {}
            Err(err) => panic!("{err}"),
        }
    }

    /// Waits until `text` was written to either output; panics at the command's deadline or when it
    /// ended without.
    pub fn wait_for_output(&self, text: &str) {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let seen = self.outputs.wait_for(text, left);
        let (stdout, stderr) = (self.outputs.stdout(), self.outputs.stderr());
        assert!(seen, "`{text}` was never written\nstdout:\n{stdout}\nstderr:\n{stderr}");
    }

    /// Waits for the end; panics, with all output, at the deadline.
    pub fn wait(mut self) -> Ran {
        let left = self.deadline.saturating_duration_since(Instant::now());
        match self.ended.recv_timeout(left) {
            Ok(status) => self.status = Some(status.expect("a child can be waited for")),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => panic!(
                "the command did not end in time\nstdout:\n{}\nstderr:\n{}",
                self.outputs.stdout(),
                self.outputs.stderr()
            ),
        }
        let status = self.status.unwrap_or_default();
        self.outputs.wait_for_end(DRAIN_MAX);
        Ran {
            code: status.code(),
            signal: status.signal(),
            stdout: self.outputs.stdout(),
            stderr: self.outputs.stderr(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.status.is_none() {
            // Both fail only when nothing is left to kill.
            let _ = kill_process_group(self.pid, Signal::KILL);
            let _ = self.ended.recv_timeout(DRAIN_MAX);
        }
    }
}

/// A command that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Its exit code; nothing when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// Fails the test, showing all output, unless the exit code is this one.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Ran {
        assert_eq!(
            self.code,
            Some(code),
            "signal {:?}\nstdout:\n{}\nstderr:\n{}",
            self.signal,
            self.stdout,
            self.stderr
        );
        self
    }

    /// Every line of standard output as JSON.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        let read = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|err| panic!("not JSON ({err}): {line}"))
        };
        self.stdout.lines().map(read).collect()
    }

    /// All of standard output as one JSON value.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|err| panic!("not JSON ({err}): {}", self.stdout))
    }
}

fn pid_of(child: &Child) -> Pid {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a child has a process id")
}

/// The system's directories and the one that holds git.
fn minimal_path() -> OsString {
    let git = tool("git").and_then(|path| path.parent().map(Path::to_owned));
    let system = ["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from);
    std::env::join_paths(system.into_iter().chain(git)).expect("these have no colon")
}
