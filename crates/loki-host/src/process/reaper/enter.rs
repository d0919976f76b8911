//! How the reaper starts a program in a sandbox.
//!
//! The namespaces are made with the child, so that the reaper stays outside and can say who its users
//! are; the child waits for that. Where processes have a namespace, its first one must stay as its init:
//! it reaps inside as the reaper does outside, and says how the program ended through a page of memory
//! that both have, because an init can not end by a signal.

use std::io;
use std::sync::atomic::{AtomicI64, Ordering};

use libc::{c_int, pid_t};

use super::{fork, prepare_program, reap};
use crate::sandbox::{Plan, Stage};

/// Nothing was said yet. No status is negative.
const SILENCE: i64 = -1;

/// Where the init inside says to the reaper outside how the program ended.
pub(super) struct Word(*const AtomicI64);

impl Word {
    fn new() -> io::Result<Word> {
        let (protection, flags) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
        let size = size_of::<AtomicI64>();
        // SAFETY: a mapping of its own, which stays for the life of this process and its child. The
        // program loses it when it is executed.
        let page = unsafe { libc::mmap(std::ptr::null_mut(), size, protection, flags, -1, 0) };
        if page == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let word = Word(page.cast());
        word.cell().store(SILENCE, Ordering::SeqCst);
        Ok(word)
    }

    pub(super) fn say(&self, status: Option<c_int>) {
        self.cell().store(status.map_or(SILENCE, i64::from), Ordering::SeqCst);
    }

    pub(super) fn heard(&self) -> Option<c_int> {
        c_int::try_from(self.cell().load(Ordering::SeqCst)).ok().filter(|status| *status >= 0)
    }

    fn cell(&self) -> &AtomicI64 {
        // SAFETY: the page is zeroed, aligned, large enough, and never unmapped.
        unsafe { &*self.0 }
    }
}

/// As [`super::split`], from where the reaper is ready.
pub(super) fn split(reaper: pid_t, grace_ms: i64, plan: &mut Plan) -> io::Result<()> {
    let word = Word::new()?;
    let mut go: [c_int; 2] = [-1; 2];
    // SAFETY: plain system calls on values of this stack frame.
    unsafe {
        if libc::pipe2(go.as_mut_ptr(), libc::O_CLOEXEC) != 0 {
            return Err(io::Error::last_os_error());
        }
        let [wait, tell] = go;
        match fork(plan.namespaces()) {
            -1 => Err(Stage::Namespaces.failed()),
            0 => {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
                libc::close(tell);
                let mut byte = 0_u8;
                if libc::read(wait, (&raw mut byte).cast(), 1) != 1 {
                    // The reaper is gone, or says why it will not go on.
                    libc::_exit(1);
                }
                libc::close(wait);
                become_program(reaper, grace_ms, plan, &word)
            }
            child => {
                libc::close(wait);
                if let Err(error) = plan.map_ids(child) {
                    libc::kill(child, libc::SIGKILL);
                    return Err(error);
                }
                libc::write(tell, c"!".as_ptr().cast(), 1);
                libc::close(tell);
                reap(child, grace_ms, Some(&word))
            }
        }
    }
}

/// In the new namespaces, where users are known by now.
fn become_program(reaper: pid_t, grace_ms: i64, plan: &mut Plan, word: &Word) -> io::Result<()> {
    plan.furnish()?;
    if plan.needs_init() {
        // SAFETY: plain system calls.
        unsafe {
            libc::setsid();
            let init = libc::getpid();
            match fork(0) {
                -1 => return Err(io::Error::last_os_error()),
                0 => prepare_program(init)?,
                program => reap(program, grace_ms, Some(word)),
            }
        }
    } else {
        prepare_program(reaper)?;
    }
    plan.confine()
}
