//! One call, one loop: output, end, deadlines and cancellation of a child, without a thread and
//! without waking up for nothing.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::cancel::timespec;
use super::capture::Capture;
use super::clock::{Clock, Due};
use super::spawn::{Hold, Input, spawn};
use super::tree::Tree;
use super::{Cancel, CommandSpec, Ended, Happened, ProcessReport, Reply, SpawnError, Stream};

/// Read at once from one output.
const CHUNK_BYTES: usize = 64 * 1024;

/// Read after the end from one output; more than any pipe holds.
const DRAIN_BYTES_MAX: usize = 16 << 20;

/// Between two looks at a child where the system can not announce its end.
const TICK: Duration = Duration::from_millis(20);

/// Runs a program until it and everything it started are gone.
///
/// `on_output` gets every chunk as it comes, also those the report does not keep; the deadlines
/// wait for it. Blocks the calling thread, which must not be killed on its own meanwhile. Returns
/// at most the grace and one second after a limit was reached or `cancel` was pulled; with
/// `cancel` already pulled nothing is started.
///
/// On Linux nothing of the tree survives: not when the program ends and leaves something behind,
/// not at a limit, not when loki itself is killed. Elsewhere that holds only for processes that
/// stay in the program's process group, and not when loki is killed.
///
/// Errors: only when the program could not be started. All that comes after is in the report.
pub fn run(
    spec: &CommandSpec,
    cancel: &Cancel,
    on_output: &mut dyn FnMut(Stream, &[u8]),
) -> Result<ProcessReport, SpawnError> {
    let mut listen = only_output(on_output);
    supervise(spec, Hold::BEST, Role::Listen, Some(cancel), &mut listen)
}

/// As [`run`], for a program that is answered while it runs: `talk` hears of everything that
/// happens and answers through the [`Reply`], which writes to the program's standard input without
/// ever waiting for it. `spec.stdin` is not looked at.
///
/// When a limit is reached or `cancel` is pulled, `talk` is told and the program has `courtesy` to
/// end by itself before its tree is asked to; that much later [`run`]'s promise holds. The report
/// tells of the limit or the cancellation, however the program then ended. An end that the
/// conversation asked for is [`Ended::Cancelled`].
pub fn converse(
    spec: &CommandSpec,
    cancel: &Cancel,
    courtesy: Duration,
    talk: &mut dyn FnMut(Happened<'_>, &mut Reply),
) -> Result<ProcessReport, SpawnError> {
    supervise(spec, Hold::BEST, Role::Talk { courtesy }, Some(cancel), talk)
}

fn only_output(
    on_output: &mut dyn FnMut(Stream, &[u8]),
) -> impl FnMut(Happened<'_>, &mut Reply) + '_ {
    move |happened, _| {
        if let Happened::Output(stream, bytes) = happened {
            on_output(stream, bytes);
        }
    }
}

/// What loki is to the program.
#[derive(Clone, Copy)]
enum Role {
    Listen,
    Talk { courtesy: Duration },
}

/// As [`run`], for programs that start nothing that leaves their process group, a millisecond
/// cheaper. They outlive a killed loki.
pub(crate) fn run_in_group(
    spec: &CommandSpec,
    cancel: Option<&Cancel>,
    on_output: &mut dyn FnMut(Stream, &[u8]),
) -> Result<ProcessReport, SpawnError> {
    supervise(spec, Hold::Group, Role::Listen, cancel, &mut only_output(on_output))
}

fn supervise(
    spec: &CommandSpec,
    hold: Hold,
    role: Role,
    cancel: Option<&Cancel>,
    talk: &mut dyn FnMut(Happened<'_>, &mut Reply),
) -> Result<ProcessReport, SpawnError> {
    let started_at = Instant::now();
    let mut outputs = [Output::new(Stream::Stdout, spec), Output::new(Stream::Stderr, spec)];
    let ended = if cancel.is_some_and(Cancel::is_pulled) {
        Ended::Cancelled
    } else {
        let (input, courtesy) = match role {
            Role::Listen => (Input::Given(&spec.stdin), Duration::ZERO),
            Role::Talk { courtesy } => (Input::Pipe, courtesy),
        };
        let mut child = spawn(spec, hold, input)?;
        let [stdout, stderr] = &mut outputs;
        stdout.pipe = child.stdout.take().map(OwnedFd::from);
        stderr.pipe = child.stderr.take().map(OwnedFd::from);
        let mut reply = Reply::through(child.stdin.take().map(OwnedFd::from));
        let tree = Tree::new(child, hold);
        let clock = Clock::new(spec.limits, hold, courtesy, started_at);
        talk(Happened::Started, &mut reply);
        watch(tree, clock, cancel, &mut outputs, &mut reply, talk).map_err(|source| {
            SpawnError::Refused { program: spec.program.display().to_string(), source }
        })?
    };
    let [stdout, stderr] = outputs.map(|output| output.capture.finish());
    Ok(ProcessReport { ended, duration: started_at.elapsed(), stdout, stderr })
}

/// Waits for the end, whoever brings it about. Fails only when the system can not wait.
fn watch(
    mut tree: Tree,
    mut clock: Clock,
    cancel: Option<&Cancel>,
    outputs: &mut [Output; 2],
    reply: &mut Reply,
    talk: &mut dyn FnMut(Happened<'_>, &mut Reply),
) -> io::Result<Ended> {
    let mut buffer = vec![0; CHUNK_BYTES];
    for output in outputs.iter() {
        output.pipe.as_ref().map_or(Ok(()), |pipe| rustix::io::ioctl_fionbio(pipe, true))?;
    }
    reply.pipe().map_or(Ok(()), |pipe| rustix::io::ioctl_fionbio(pipe, true))?;
    loop {
        if reply.wants_end() && clock.end_by_wish(Instant::now()) {
            tree.ask_to_end();
        }
        let cancel = cancel.filter(|_| clock.why().is_none());
        let ready = wait(&tree, &clock, cancel, outputs, reply)?;
        if ready.exited
            && let Some(status) = tree.try_wait()?
        {
            outputs.iter_mut().for_each(|output| output.drain(&mut buffer, reply, talk));
            return Ok(clock.why().unwrap_or_else(|| ended_by_itself(status)));
        }
        for (output, readable) in outputs.iter_mut().zip(ready.readable) {
            if readable && output.read(&mut buffer, reply, talk) > 0 {
                clock.heard(Instant::now());
            }
        }
        if ready.writable {
            reply.write();
        }
        if reply.is_woken(Instant::now()) {
            talk(Happened::Woken, reply);
        }
        match clock.due(Instant::now(), ready.cancelled) {
            Due::Nothing => {}
            Due::Tell(why) => talk(Happened::Stopping(why), reply),
            Due::Ask => tree.ask_to_end(),
            Due::Kill => tree.kill(),
            Due::Abandon(why) => {
                tree.abandon();
                return Ok(why);
            }
        }
    }
}

struct Ready {
    readable: [bool; 2],
    writable: bool,
    exited: bool,
    cancelled: bool,
}

/// Sleeps until something happened or a moment of `clock` has come.
fn wait(
    tree: &Tree,
    clock: &Clock,
    cancel: Option<&Cancel>,
    outputs: &[Output; 2],
    reply: &Reply,
) -> io::Result<Ready> {
    let [stdout, stderr] = outputs;
    let sources = [
        stdout.pipe.as_ref().map(AsFd::as_fd),
        stderr.pipe.as_ref().map(AsFd::as_fd),
        tree.exit_fd().map(AsFd::as_fd),
    ];
    let ropes = cancel.into_iter().flat_map(Cancel::read_fds);
    let input = reply.writes_to();
    let mut fds: Vec<PollFd<'_>> = (sources.into_iter().flatten())
        .map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN))
        .chain(input.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::OUT)))
        .chain(ropes.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)))
        .collect();
    let tick = tree.exit_fd().is_none().then_some(TICK);
    let left = clock.next_at().map(|at| at.saturating_duration_since(Instant::now()));
    let wake = reply.next_at().map(|at| at.saturating_duration_since(Instant::now()));
    let timeout = [left, wake, tick].into_iter().flatten().min();
    match poll(&mut fds, timeout.and_then(timespec).as_ref()) {
        Ok(_) => {}
        Err(Errno::INTR) => fds.iter_mut().for_each(PollFd::clear_revents),
        Err(error) => return Err(error.into()),
    }
    let mut happened = fds.iter().map(|fd| !fd.revents().is_empty());
    let [stdout, stderr, exited] =
        sources.map(|source| source.is_some() && happened.next().unwrap_or(false));
    let writable = input.is_some() && happened.next().unwrap_or(false);
    let cancelled = happened.any(|happened| happened);
    let exited = exited || tick.is_some();
    Ok(Ready { readable: [stdout, stderr], writable, exited, cancelled })
}

fn ended_by_itself(status: ExitStatus) -> Ended {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ended::Exited(code),
        (None, signal) => Ended::Signalled(signal.unwrap_or_default()),
    }
}

/// One output: its pipe until it ends, and what is kept of it.
struct Output {
    stream: Stream,
    pipe: Option<OwnedFd>,
    capture: Capture,
}

impl Output {
    fn new(stream: Stream, spec: &CommandSpec) -> Output {
        Output { stream, pipe: None, capture: Capture::new(spec.limits.output_bytes_max) }
    }

    /// Reads once, without waiting. Returns how many bytes came.
    fn read(
        &mut self,
        buffer: &mut [u8],
        reply: &mut Reply,
        talk: &mut dyn FnMut(Happened<'_>, &mut Reply),
    ) -> usize {
        let Some(pipe) = &self.pipe else { return 0 };
        match rustix::io::read(pipe, &mut *buffer) {
            Err(Errno::AGAIN | Errno::INTR) => 0,
            Ok(0) | Err(_) => {
                self.pipe = None;
                0
            }
            Ok(count) => {
                let chunk = buffer.get(..count).unwrap_or(&[]);
                self.capture.push(chunk);
                talk(Happened::Output(self.stream, chunk), reply);
                count
            }
        }
    }

    /// Reads what is there. Everybody who could add to it is dead, or of no interest any more.
    fn drain(
        &mut self,
        buffer: &mut [u8],
        reply: &mut Reply,
        talk: &mut dyn FnMut(Happened<'_>, &mut Reply),
    ) {
        let mut bytes = 0;
        while bytes < DRAIN_BYTES_MAX {
            match self.read(buffer, reply, talk) {
                0 => return,
                count => bytes += count,
            }
        }
    }
}
