//! Runs the commands of a project on the clean copy and records what they did.

use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use loki_host::process::{
    Cancel, Captured, CommandSpec, Ended, Limits, SpawnError, Stdin, Stream, run,
};
use loki_model::{CommandRun, Evidence, Exit, Output, TestCounts, TreeId};

use crate::gates::secrets::masked_bytes;
use crate::isolation::{Held, Site};
use crate::slots::Slots;
use crate::{Keep, environment, shims};

/// Bytes kept of each output of a command.
const OUTPUT_BYTES_MAX: usize = 1 << 20;

/// A line of machine-readable output that is longer is dropped, and its event with it: readers whose
/// counts do not show the gap have to ask [`Ran::has_gap`].
const LINE_BYTES_MAX: usize = 8 << 20;

/// Bytes of an output that is taken as a whole.
const WHOLE_BYTES_MAX: usize = 32 << 20;

/// Where commands run: the clean copy, and everything that is recorded with them.
pub(crate) struct Bench<'a> {
    /// The root of the clean copy.
    pub(crate) copy: &'a Path,
    /// A directory outside of the copy.
    pub(crate) results: &'a Path,
    /// What is checked out.
    pub(crate) tree: &'a TreeId,
    /// Wall time of one command.
    pub(crate) limit: Duration,
    /// Takes the outputs.
    pub(crate) keep: &'a dyn Keep,
    /// Ends every command.
    pub(crate) cancel: &'a Cancel,
    /// Numbers the files of results.
    pub(crate) results_made: &'a AtomicU32,
    /// Where commands wait for each other.
    pub(crate) slots: &'a Slots,
    /// What commands are held to.
    pub(crate) site: Site<'a>,
}

/// One command.
pub(crate) struct Command {
    program: OsString,
    args: Vec<OsString>,
    dir: String,
    env: Vec<(OsString, OsString)>,
    stdin: Stdin,
    by_hand: Option<Vec<OsString>>,
}

impl Command {
    /// `program` in `dir`, from the root of the copy.
    pub(crate) fn new(program: impl Into<OsString>, dir: &str) -> Command {
        Command {
            program: program.into(),
            args: Vec::new(),
            dir: dir.to_owned(),
            env: Vec::new(),
            stdin: Stdin::Null,
            by_hand: None,
        }
    }

    /// Adds arguments.
    pub(crate) fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Command {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets one environment variable.
    pub(crate) fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Command {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Says how a person would run the same, without what only loki has.
    pub(crate) fn by_hand<A: Into<OsString>>(
        mut self,
        words: impl IntoIterator<Item = A>,
    ) -> Command {
        self.by_hand = Some(words.into_iter().map(Into::into).collect());
        self
    }

    /// Gives it something to read.
    pub(crate) fn stdin(mut self, bytes: Vec<u8>) -> Command {
        self.stdin = Stdin::Bytes(bytes);
        self
    }
}

/// A command that ended.
#[derive(Clone)]
pub(crate) struct Ran {
    /// For the record.
    pub(crate) run: CommandRun,
    /// Head and tail of what it wrote, with the copy's own path as `$COPY`.
    pub(crate) stdout: String,
    /// As `stdout`.
    pub(crate) stderr: String,
    tree: TreeId,
    has_gap: bool,
}

impl Ran {
    /// Whether a line of its standard output was too long to be handed over.
    pub(crate) fn has_gap(&self) -> bool {
        self.has_gap
    }

    /// Its exit code, if it ended by itself.
    pub(crate) fn exit_code(&self) -> Option<i32> {
        match self.run.exit {
            Exit::Exited { code } => Some(code),
            _ => None,
        }
    }

    /// Whether it ended by itself and well.
    pub(crate) fn is_ok(&self) -> bool {
        self.exit_code() == Some(0)
    }

    /// Both outputs, errors last.
    pub(crate) fn text(&self) -> String {
        format!("{}\n{}", self.stdout.trim_end(), self.stderr.trim_end()).trim().to_owned()
    }

    /// As evidence.
    pub(crate) fn evidence(self) -> Evidence {
        Evidence::Command { tree: self.tree, run: self.run }
    }

    /// As evidence with what its runner counted.
    pub(crate) fn evidence_counting(mut self, counts: TestCounts) -> Evidence {
        self.run.tests = Some(counts);
        self.evidence()
    }
}

impl Bench<'_> {
    /// Runs `command`.
    pub(crate) fn run(&self, command: Command) -> Result<Ran, SpawnError> {
        self.run_lines(command, &mut |_| {})
    }

    /// Runs `command` and hands over every line of its standard output while it runs, whatever is
    /// kept of it in the end.
    pub(crate) fn run_lines(
        &self,
        command: Command,
        on_line: &mut dyn FnMut(&[u8]),
    ) -> Result<Ran, SpawnError> {
        let dir = command.dir.clone();
        let by_hand = command.by_hand.as_deref().map(|words| self.words(words).into_boxed_slice());
        let held = self.site.hold();
        let spec = self.spec(command, &held);
        let mut lines = Lines::default();
        // The time that it waits here is not its own.
        let slot = self.slots.take();
        let report = run(&spec, self.cancel, &mut |stream, bytes| {
            if stream == Stream::Stdout {
                lines.feed(bytes, on_line);
            }
        })?;
        drop(slot);
        lines.finish(on_line);
        Ok(Ran {
            run: CommandRun {
                argv: self.words(std::iter::once(&spec.program).chain(&spec.args)),
                cwd: dir,
                exit: exit(report.ended),
                duration_ms: u64::try_from(report.duration.as_millis()).unwrap_or(u64::MAX),
                stdout: self.output(&report.stdout),
                stderr: self.output(&report.stderr),
                tests: None,
                sandbox: Some(self.site.isolation.confinement()),
                by_hand,
            },
            stdout: self.anonymous(&report.stdout.text()),
            stderr: self.anonymous(&report.stderr.text()),
            tree: self.tree.clone(),
            has_gap: lines.dropped,
        })
    }

    /// Runs `command` and gives all of its standard output as text; nothing of it when that is more than
    /// [`WHOLE_BYTES_MAX`] or has a line that is too long.
    pub(crate) fn run_whole(&self, command: Command) -> Result<(Ran, Option<String>), SpawnError> {
        let (mut text, mut is_whole) = (String::new(), true);
        let ran = self.run_lines(command, &mut |line| {
            is_whole &= text.len() + line.len() <= WHOLE_BYTES_MAX;
            if is_whole {
                text.push_str(&String::from_utf8_lossy(line));
                text.push('\n');
            }
        })?;
        let is_whole = is_whole && !ran.has_gap();
        Ok((ran, is_whole.then_some(text)))
    }

    fn spec(&self, command: Command, held: &Held<'_>) -> CommandSpec {
        let mut env_set = environment::added(self.site.isolation.network);
        let path = shims::search_path(self.site.layout, self.site.subject.scratch);
        env_set.push(("PATH".into(), path));
        env_set.extend(held.env.iter().cloned());
        env_set.extend(command.env);
        CommandSpec {
            program: command.program,
            args: command.args,
            cwd: self.copy.join(&command.dir),
            env_set,
            env_remove: environment::removed(self.site.isolation.network),
            stdin: command.stdin,
            limits: Limits {
                total: self.limit,
                output_bytes_max: OUTPUT_BYTES_MAX,
                ..Limits::default()
            },
            sandbox: held.sandbox.clone(),
        }
    }

    /// The path of a results file that does not exist yet.
    pub(crate) fn results_file(&self, extension: &str) -> PathBuf {
        let number = self.results_made.fetch_add(1, Ordering::Relaxed);
        self.results.join(format!("results-{number}.{extension}"))
    }

    /// Reads a results file; nothing when there is none, or none that is an ordinary file of at most
    /// `bytes_max`.
    pub(crate) fn read_results(&self, path: &Path, bytes_max: u64) -> Option<String> {
        let found = fs::symlink_metadata(path).ok()?;
        if !found.is_file() || found.len() > bytes_max {
            return None;
        }
        let mut bytes = Vec::new();
        fs::File::open(path).ok()?.take(bytes_max).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A text with the copy's own path as `$COPY`, and files of results without their numbers, which
    /// follow from what ran first.
    pub(crate) fn anonymous(&self, text: &str) -> String {
        let text = text
            .replace(&*self.copy.to_string_lossy(), "$COPY")
            .replace(&*self.results.to_string_lossy(), "$RESULTS");
        let mut parts = text.split("$RESULTS/results-");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| {
            let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
            text + "$RESULTS/results" + rest
        })
    }

    fn words<'b>(&self, words: impl IntoIterator<Item = &'b OsString>) -> Vec<String> {
        words.into_iter().map(|word| self.anonymous(&word.to_string_lossy())).collect()
    }

    /// What is kept of an output is without secrets: a test may print those that it holds.
    fn output(&self, captured: &Captured) -> Output {
        Output {
            digest: self.keep.keep(&masked_bytes(&captured.bytes())),
            bytes: captured.bytes_total,
            truncated: captured.is_truncated(),
        }
    }
}

fn exit(ended: Ended) -> Exit {
    match ended {
        Ended::Exited(code) => Exit::Exited { code },
        Ended::Signalled(signal) => Exit::Signalled { signal },
        Ended::TimedOut(deadline) => Exit::TimedOut { deadline },
        Ended::Cancelled => Exit::Cancelled,
    }
}

/// How a command that could not finish is called in a sentence; nothing when it ended by itself.
///
/// A kill from outside, such as for want of memory, says nothing about the project.
pub(crate) fn unfinished(exit: Exit) -> Option<String> {
    const SIGKILL: i32 = 9;
    match exit {
        Exit::TimedOut { .. } | Exit::Cancelled | Exit::Signalled { signal: SIGKILL } => {
            Some(exit.to_string())
        }
        Exit::Exited { .. } | Exit::Signalled { .. } => None,
    }
}

/// Cuts a stream into lines.
#[derive(Default)]
struct Lines {
    open: Vec<u8>,
    /// Whether the open line is too long and dropped.
    dropping: bool,
    /// Whether any line was dropped.
    dropped: bool,
}

impl Lines {
    fn feed(&mut self, mut bytes: &[u8], on_line: &mut dyn FnMut(&[u8])) {
        while let Some(end) = bytes.iter().position(|&byte| byte == b'\n') {
            self.push(&bytes[..end]);
            self.finish(on_line);
            bytes = &bytes[end + 1..];
        }
        self.push(bytes);
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.dropping || self.open.len() + bytes.len() > LINE_BYTES_MAX {
            self.dropping = true;
            self.dropped = true;
            self.open.clear();
        } else {
            self.open.extend_from_slice(bytes);
        }
    }

    fn finish(&mut self, on_line: &mut dyn FnMut(&[u8])) {
        if !self.dropping && !self.open.is_empty() {
            on_line(&self.open);
        }
        self.open.clear();
        self.dropping = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        let mut lines = Lines::default();
        chunks.iter().for_each(|chunk| lines.feed(chunk, &mut |line| found.push(line.to_vec())));
        lines.finish(&mut |line| found.push(line.to_vec()));
        found
    }

    #[test]
    fn a_line_that_is_too_long_is_dropped_and_the_next_one_is_not() {
        let long = vec![b'x'; LINE_BYTES_MAX + 1];
        assert_eq!(lines(&[b"a\n", &long, b"more\nb\n"]), [b"a".to_vec(), b"b".to_vec()]);
        let mut reading = Lines::default();
        reading.feed(b"a\n", &mut |_| {});
        assert!(!reading.dropped);
        reading.feed(&long, &mut |_| {});
        assert!(reading.dropped);
    }

    proptest! {
        #[test]
        fn lines_are_the_same_however_the_stream_is_cut(
            text in "[ab\n]{0,60}", cuts in proptest::collection::vec(0usize..60, 0..5)
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let chunks: Vec<&[u8]> =
                cuts.windows(2).map(|pair| &text.as_bytes()[pair[0]..pair[1]]).collect();
            let whole: Vec<Vec<u8>> = text
                .split('\n')
                .filter(|line| !line.is_empty())
                .map(|line| line.as_bytes().to_vec())
                .collect();
            prop_assert_eq!(lines(&chunks), whole);
        }
    }
}
