//! The one way to call git: known environment, known configuration, a deadline, a typed error.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::process::{Cancel, CommandSpec, Ended, Limits, SpawnError, Stdin, Stream, run_in_group};

/// Longest call. A first checkout of a large repository takes minutes.
const CALL_TIME_MAX: Duration = Duration::from_secs(600);

/// Kept of an answer, unless the call says otherwise. A list of a million paths fits.
const ANSWER_BYTES_MAX: usize = 256 << 20;

/// Kept of one line of an error.
const DETAIL_CHARS_MAX: usize = 400;

/// Passed to every call. What a repository configures must neither run nor hide anything.
const CONFIG: [&str; 17] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "core.splitIndex=false",
    // An index is believed only where all that the file system says agrees.
    "core.trustctime=true",
    "core.checkStat=default",
    "core.safecrlf=false",
    "core.quotepath=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "advice.detachedHead=false",
    "advice.addEmbeddedRepo=false",
    "color.ui=false",
    // No names made up from the machine: without a configured one loki commits as itself.
    "user.useConfigOnly=true",
    "log.showSignature=false",
    // It repeats what commits say, and git believes it.
    "core.commitGraph=false",
];

/// Set for every call.
const ENVIRONMENT: [(&str, &str); 6] = [
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("LC_ALL", "C"),
    // An object is what its name says, whatever the repository would put in its place.
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_GRAFT_FILE", "/dev/null"),
    // What is missing would be fetched by programs that the repository names.
    ("GIT_NO_LAZY_FETCH", "1"),
];

/// Why a call of git did not do what it was for.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// Git said no.
    #[error("`git {subcommand}` exited {exit}: {detail}")]
    Failed {
        /// Such as `read-tree`.
        subcommand: &'static str,
        /// Its exit code; 128 and the signal's number when it was killed.
        exit: i32,
        /// The last line of its standard error, shortened.
        detail: String,
    },
    /// It took longer than any call may.
    #[error("`git {subcommand}` did not end in time")]
    TimedOut {
        /// Such as `read-tree`.
        subcommand: &'static str,
    },
    /// Whoever asked does not wait for it any more.
    #[error("`git {subcommand}` was cancelled")]
    Cancelled {
        /// Such as `add`.
        subcommand: &'static str,
    },
    /// The answer is larger than loki reads.
    #[error("`git {subcommand}` answered more than {bytes_max} bytes")]
    TooLong {
        /// Such as `cat-file`.
        subcommand: &'static str,
        /// The limit.
        bytes_max: usize,
    },
    /// The answer does not have the form that git documents.
    #[error("`git {subcommand}` answered something unexpected: {what}")]
    Unexpected {
        /// Such as `diff-tree`.
        subcommand: &'static str,
        /// What was read.
        what: String,
    },
    /// Git could not be started.
    #[error("git could not be run")]
    NotRun(#[from] SpawnError),
    /// A file around the repository could not be read or written.
    #[error("failed to use `{path}`")]
    File {
        /// Which.
        path: PathBuf,
        /// The system's word.
        #[source]
        source: std::io::Error,
    },
    /// The directory is there and is none of this repository's additional work trees.
    #[error("`{path}` is not a worktree that loki may change")]
    NotAWorktree {
        /// Which.
        path: PathBuf,
    },
    /// The files of a repository within the work tree can not be part of its snapshot.
    #[error("the repository `{path}` within the work tree could not be taken along: {what}")]
    Nested {
        /// Where it is, from the root of the work tree around it.
        path: PathBuf,
        /// Why.
        what: String,
    },
    /// Loki writes below `refs/` only.
    #[error("`{name}` is not the full name of a ref")]
    NotARef {
        /// As given.
        name: String,
    },
}

impl GitError {
    pub(super) fn file(path: &Path, source: std::io::Error) -> GitError {
        GitError::File { path: path.to_owned(), source }
    }
}

/// One call in the making.
#[derive(Clone)]
pub(super) struct Call {
    subcommand: &'static str,
    spec: CommandSpec,
    cancel: Option<Cancel>,
}

/// How a call ended by itself.
pub(super) struct Outcome {
    subcommand: &'static str,
    pub(super) exit: i32,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: String,
    truncated_at: Option<usize>,
}

impl Call {
    pub(super) fn new(cwd: &Path, subcommand: &'static str) -> Call {
        let mut spec = CommandSpec::new("git", cwd);
        let inherited = std::env::vars_os().map(|(name, _)| name);
        spec.env_remove = inherited.filter(|name| is_for_git(name)).collect();
        spec.limits = Limits {
            total: CALL_TIME_MAX,
            output_bytes_max: ANSWER_BYTES_MAX,
            ..Limits::default()
        };
        spec.args.extend(CONFIG.iter().flat_map(|setting| ["-c", setting]).map(OsString::from));
        spec.args.push(subcommand.into());
        let spec = ENVIRONMENT.iter().fold(spec, |spec, (name, value)| spec.env(name, value));
        Call { subcommand, spec, cancel: None }
    }

    /// Ends the call when `cancel` is pulled.
    pub(super) fn cancel(mut self, cancel: Option<&Cancel>) -> Call {
        self.cancel = cancel.cloned();
        self
    }

    /// Passes settings that win over those of all files.
    pub(super) fn settings(mut self, settings: &[(String, String)]) -> Call {
        for (number, (key, value)) in settings.iter().enumerate() {
            self = self.env(&format!("GIT_CONFIG_KEY_{number}"), key);
            self = self.env(&format!("GIT_CONFIG_VALUE_{number}"), value);
        }
        self.env("GIT_CONFIG_COUNT", settings.len().to_string())
    }

    pub(super) fn arg(mut self, arg: impl AsRef<OsStr>) -> Call {
        self.spec.args.push(arg.as_ref().to_owned());
        self
    }

    pub(super) fn args<'a>(mut self, args: impl IntoIterator<Item = &'a str>) -> Call {
        self.spec.args.extend(args.into_iter().map(OsString::from));
        self
    }

    pub(super) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Call {
        self.spec = self.spec.env(name, value.as_ref());
        self
    }

    pub(super) fn stdin(self, bytes: Vec<u8>) -> Call {
        self.input(Stdin::Bytes(bytes))
    }

    pub(super) fn input(mut self, stdin: Stdin) -> Call {
        self.spec.stdin = stdin;
        self
    }

    pub(super) fn answer_bytes_max(mut self, bytes_max: usize) -> Call {
        self.spec.limits.output_bytes_max = bytes_max;
        self
    }

    /// The whole answer of a call that must succeed.
    pub(super) fn answer(self) -> Result<Vec<u8>, GitError> {
        self.outcome()?.answer()
    }

    /// As [`Call::answer`], without the line's end, for answers of one line.
    pub(super) fn line(self) -> Result<String, GitError> {
        let subcommand = self.subcommand;
        let answer = String::from_utf8(self.answer()?).map_err(|error| GitError::Unexpected {
            subcommand,
            what: String::from_utf8_lossy(error.as_bytes()).into_owned(),
        })?;
        Ok(answer.trim_end_matches('\n').to_owned())
    }

    /// As [`Call::line`], read as the name of an object.
    pub(super) fn id<T: TryFrom<String>>(self) -> Result<T, GitError> {
        let subcommand = self.subcommand;
        let line = self.line()?;
        T::try_from(line.clone()).map_err(|_| GitError::Unexpected { subcommand, what: line })
    }

    /// For calls whose failure is an answer too.
    pub(super) fn outcome(self) -> Result<Outcome, GitError> {
        self.run(&mut |_| {})
    }

    /// Hands the answer of a call that must succeed to `visit`, chunk by chunk, and keeps none.
    pub(super) fn stream(mut self, visit: &mut dyn FnMut(&[u8])) -> Result<(), GitError> {
        // The errors still have to fit.
        self.spec.limits.output_bytes_max = 64 * 1024;
        let outcome = self.run(visit)?;
        outcome.require_success()
    }

    fn run(self, visit: &mut dyn FnMut(&[u8])) -> Result<Outcome, GitError> {
        let Call { subcommand, spec, cancel } = self;
        let report = run_in_group(&spec, cancel.as_ref(), &mut |stream, chunk| {
            if stream == Stream::Stdout {
                visit(chunk);
            }
        })?;
        let exit = match report.ended {
            Ended::Exited(code) => code,
            Ended::Signalled(signal) => 128 + signal,
            Ended::TimedOut(_) => return Err(GitError::TimedOut { subcommand }),
            Ended::Cancelled => return Err(GitError::Cancelled { subcommand }),
        };
        let bytes_max = spec.limits.output_bytes_max;
        let truncated = report.stdout.is_truncated();
        let stdout = report.stdout.bytes();
        let stderr = report.stderr.text();
        Ok(Outcome {
            subcommand,
            exit,
            stdout,
            stderr,
            truncated_at: truncated.then_some(bytes_max),
        })
    }
}

impl Outcome {
    /// The whole answer, if the call succeeded.
    pub(super) fn answer(self) -> Result<Vec<u8>, GitError> {
        self.require_success()?;
        match self.truncated_at {
            Some(bytes_max) => Err(GitError::TooLong { subcommand: self.subcommand, bytes_max }),
            None => Ok(self.stdout),
        }
    }

    pub(super) fn require_success(&self) -> Result<(), GitError> {
        if self.exit == 0 { Ok(()) } else { Err(self.failure()) }
    }

    /// What the call's failure is as an error.
    pub(super) fn failure(&self) -> GitError {
        let mut lines = self.stderr.lines().map(str::trim).filter(|line| !line.is_empty());
        // Advice follows the reason; the reason begins with its kind.
        let reason = lines.clone().rfind(|line| line.starts_with("fatal: "));
        let detail = reason.or(lines.next_back()).unwrap_or("it gave no reason");
        GitError::Failed {
            subcommand: self.subcommand,
            exit: self.exit,
            detail: detail.chars().take(DETAIL_CHARS_MAX).collect(),
        }
    }
}

fn is_for_git(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b"GIT_")
}
