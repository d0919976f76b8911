//! The process between loki and a program, so that nothing of the program's tree survives.
//!
//! Owns everything between `fork` and `exec`: a second fork makes two processes. One becomes the
//! program. The other, the reaper, adopts every orphan below it (`PR_SET_CHILD_SUBREAPER`), so
//! that no double fork, new session or ignored signal leads out of the tree; when the program
//! ends, when loki asks, or when loki dies, it kills all that is left and ends as the program did.
//!
//! Refuses memory: after a fork of a process with threads only raw system calls are safe, so
//! nothing here allocates, locks or panics.
#![expect(unsafe_code, reason = "fork, signals and prctl have no safe interface")]

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use libc::{c_int, pid_t};

mod children;
mod enter;

pub(crate) use children::decimal;

use crate::sandbox::Plan;
use enter::Word;

/// Asks the reaper to end the program and, after the grace, kill everything.
pub(super) const ASK_SIGNAL: c_int = libc::SIGTERM;

/// Tells the reaper to kill everything at once; the kernel sends it when loki dies.
pub(super) const KILL_SIGNAL: c_int = libc::SIGUSR1;

/// After this long the reaper leaves behind what can not be killed (another user's process, a
/// process stuck in the kernel), so that a report is not lost to it.
const KILL_MS_MAX: i64 = 5_000;

/// Between two looks at children that do not die at once; any death wakes earlier.
const KILL_PAUSE_MS: i64 = 10;

/// Signals are numbered from 1 to this.
const SIGNAL_MAX: c_int = 64;

/// Puts a reaper between this process and what `command` starts, and a sandbox around the latter.
///
/// The child that [`Command::spawn`] returns is then the reaper. It ends with the program's exit
/// code or signal. It notices the death of the *thread* that spawned it, so that thread must stay
/// until the child was waited for.
pub(super) fn stand_between(command: &mut Command, grace: Duration, mut plan: Option<Plan>) {
    let grace_ms = i64::try_from(grace.as_millis()).unwrap_or(i64::MAX);
    // SAFETY: the closure runs after a fork; `split` only makes system calls and uses its stack and
    // what the plan holds already.
    unsafe {
        let loki = libc::getpid();
        command.pre_exec(move || split(loki, grace_ms, plan.as_mut()));
    }
}

/// Returns in the process that is to become the program, and never in the reaper.
fn split(loki: pid_t, grace_ms: i64, plan: Option<&mut Plan>) -> io::Result<()> {
    // SAFETY: plain system calls on values of this stack frame.
    unsafe {
        let mut all = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::sigprocmask(libc::SIG_SETMASK, &all, std::ptr::null_mut());
        // Were it ignored, as inherited, children would vanish without a status.
        libc::signal(libc::SIGCHLD, libc::SIG_DFL);
        libc::setsid();
        if libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) != 0
            || libc::prctl(libc::PR_SET_PDEATHSIG, KILL_SIGNAL) != 0
        {
            return Err(io::Error::last_os_error());
        }
        if libc::getppid() != loki {
            // Loki died before the kernel was told to tell.
            libc::_exit(1);
        }
        let reaper = libc::getpid();
        if let Some(plan) = plan {
            return enter::split(reaper, grace_ms, plan);
        }
        match fork(0) {
            -1 => Err(io::Error::last_os_error()),
            0 => prepare_program(reaper),
            program => reap(program, grace_ms, None),
        }
    }
}

/// A raw clone is a fork that runs no handlers and takes no lock of the C library. The child is in new
/// namespaces of the kinds that `namespaces` names.
fn fork(namespaces: c_int) -> pid_t {
    let flags = libc::SIGCHLD | namespaces;
    // SAFETY: without a stack of its own the child goes on on a copy of this one.
    unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) as pid_t }
}

/// The program starts as if from a fresh shell: own session, no signal blocked or ignored.
fn prepare_program(reaper: pid_t) -> io::Result<()> {
    // SAFETY: plain system calls on values of this stack frame.
    unsafe {
        libc::setsid();
        if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) != 0 {
            return Err(io::Error::last_os_error());
        }
        if libc::getppid() != reaper {
            libc::_exit(1);
        }
        // The C library's own function refuses the signals that it keeps for itself. All zeros is
        // the default action; the calls for those that can not be caught fail, which is as good.
        let default = [0_u64; 4];
        for signal in 1..=SIGNAL_MAX {
            libc::syscall(libc::SYS_rt_sigaction, signal, default.as_ptr(), 0, 8);
        }
        let mut none = std::mem::zeroed();
        libc::sigemptyset(&mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &none, std::ptr::null_mut());
    }
    Ok(())
}

/// The reaper's life. All signals are blocked and taken one by one.
///
/// `word`: where the status of the program is said, by an init of its namespace to the reaper outside.
fn reap(program: pid_t, grace_ms: i64, word: Option<&Word>) -> ! {
    // SAFETY: plain system calls. Nothing in this process uses a file descriptor from here on;
    // closing them lets pipes end and locks go when their other owners go. It comes last:
    // `Command::spawn` returns once they are closed, so whoever asks finds the reaper ready.
    unsafe {
        libc::prctl(libc::PR_SET_NAME, c"loki-reaper".as_ptr());
        // It still has the memory of loki, with every secret in its environment.
        libc::prctl(libc::PR_SET_DUMPABLE, 0);
        libc::chdir(c"/".as_ptr());
        close_everything();
    }
    let mut status = None;
    let mut kill_at = None;
    loop {
        reap_dead(program, &mut status);
        let left = kill_at.map(|at: i64| at.saturating_sub(now_ms()));
        if status.is_some() || left.is_some_and(|left| left <= 0) {
            break;
        }
        match wait_for_signal(left) {
            KILL_SIGNAL => break,
            ASK_SIGNAL if kill_at.is_none() => {
                ask_to_end(program);
                kill_at = Some(now_ms().saturating_add(grace_ms));
            }
            _ => {}
        }
    }
    kill_everything(program, &mut status);
    // SAFETY: does not fail.
    let is_init = unsafe { libc::getpid() } == 1;
    match word {
        Some(word) if is_init => {
            word.say(status);
            // SAFETY: does not return.
            unsafe { libc::_exit(128 + libc::SIGKILL) }
        }
        Some(word) => end_as(word.heard().or(status)),
        None => end_as(status),
    }
}

fn close_everything() {
    // SAFETY: see `reap`. On a kernel without `close_range` the usual range is closed one by one.
    unsafe {
        if libc::syscall(libc::SYS_close_range, 0, libc::c_uint::MAX, 0) == 0 {
            return;
        }
        let mut limit: libc::rlimit = std::mem::zeroed();
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        for fd in 0..c_int::try_from(limit.rlim_cur.min(1 << 20)).unwrap_or(1 << 20) {
            libc::close(fd);
        }
    }
}

/// Takes the status of everything that died. Returns whether any child is left.
fn reap_dead(program: pid_t, status: &mut Option<c_int>) -> bool {
    loop {
        let mut raw: c_int = 0;
        // SAFETY: writes the status to this frame.
        let pid = unsafe { libc::waitpid(-1, &mut raw, libc::WNOHANG | libc::__WALL) };
        if pid <= 0 {
            return pid == 0;
        }
        if pid == program {
            *status = Some(raw);
        }
    }
}

/// Returns the signal that came, or -1 after `timeout_ms`; waits for ever without one.
fn wait_for_signal(timeout_ms: Option<i64>) -> c_int {
    // SAFETY: plain system calls on values of this stack frame.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        for signal in [libc::SIGCHLD, ASK_SIGNAL, KILL_SIGNAL] {
            libc::sigaddset(&mut set, signal);
        }
        let Some(ms) = timeout_ms else {
            return libc::sigwaitinfo(&set, std::ptr::null_mut());
        };
        let mut timeout: libc::timespec = std::mem::zeroed();
        timeout.tv_sec = (ms / 1_000) as libc::time_t;
        timeout.tv_nsec = ((ms % 1_000) * 1_000_000) as libc::c_long;
        libc::sigtimedwait(&set, std::ptr::null_mut(), &timeout)
    }
}

/// The program's own group is asked as a terminal would, and orphans that are children by now.
fn ask_to_end(program: pid_t) {
    // SAFETY: `program` was not waited for yet, so the number is still its own.
    unsafe { libc::kill(-program, libc::SIGTERM) };
    children::each(&mut |pid| {
        if pid != program {
            // SAFETY: only `reap_dead` frees the number of a child, and it does not run now.
            unsafe { libc::kill(pid, libc::SIGTERM) };
        }
    });
}

/// Kills children until there are none. The children of a killed one become children in turn.
fn kill_everything(program: pid_t, status: &mut Option<c_int>) {
    let until = now_ms() + KILL_MS_MAX;
    while reap_dead(program, status) {
        // SAFETY: as in `ask_to_end`.
        children::each(&mut |pid| unsafe {
            libc::kill(pid, libc::SIGKILL);
        });
        if !reap_dead(program, status) || now_ms() > until {
            return;
        }
        wait_for_signal(Some(KILL_PAUSE_MS));
    }
}

/// Ends this process the way the program ended, so that loki sees the program's own status.
fn end_as(status: Option<c_int>) -> ! {
    let Some(status) = status else {
        // SAFETY: does not return.
        unsafe { libc::_exit(128 + libc::SIGKILL) }
    };
    if !libc::WIFSIGNALED(status) {
        // SAFETY: does not return.
        unsafe { libc::_exit(libc::WEXITSTATUS(status)) }
    }
    let signal = libc::WTERMSIG(status);
    // SAFETY: plain system calls on values of this stack frame. The program may have left a core,
    // the reaper must not.
    unsafe {
        let no_core = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        libc::setrlimit(libc::RLIMIT_CORE, &no_core);
        libc::signal(signal, libc::SIG_DFL);
        libc::kill(libc::getpid(), signal);
        let mut only = std::mem::zeroed();
        libc::sigemptyset(&mut only);
        libc::sigaddset(&mut only, signal);
        libc::sigprocmask(libc::SIG_UNBLOCK, &only, std::ptr::null_mut());
        libc::_exit(128 + signal)
    }
}

fn now_ms() -> i64 {
    // SAFETY: writes to this frame.
    unsafe {
        let mut now: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now);
        now.tv_sec * 1_000 + now.tv_nsec / 1_000_000
    }
}
