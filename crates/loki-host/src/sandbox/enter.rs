//! What a child does to itself between `fork` and `exec`, to be in its sandbox.
//!
//! Owns the order: namespaces, mounts, then rights given up for good. Everything it needs was made
//! before the fork; like the reaper it neither allocates nor locks nor panics, since other threads of
//! loki do not exist in the child.
#![expect(
    unsafe_code,
    reason = "namespaces, mounts and Landlock have no safe interface after a fork"
)]

use std::ffi::CStr;
use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};

use libc::{c_int, c_long, c_ulong, pid_t};

/// Added to the number of an error for each [`Stage`], so that one number tells both: the standard
/// library hands nothing else from the child to its parent.
const STAGE_BASE: i32 = 100_000;

/// Numbers of errors are smaller than this.
const STAGE_STEP: i32 = 1_000;

/// Where a set-up can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub(crate) enum Stage {
    Namespaces = 1,
    Ids,
    Loopback,
    Mounts,
    Privileges,
    Directory,
    Files,
}

impl Stage {
    const ALL: [Stage; 7] = [
        Stage::Namespaces,
        Stage::Ids,
        Stage::Loopback,
        Stage::Mounts,
        Stage::Privileges,
        Stage::Directory,
        Stage::Files,
    ];

    const fn what(self) -> &'static str {
        match self {
            Stage::Namespaces => "no namespaces could be made",
            Stage::Ids => "users could not be mapped",
            Stage::Loopback => "the loopback could not be brought up",
            Stage::Mounts => "places could not be mounted",
            Stage::Privileges => "rights could not be given up",
            Stage::Directory => "the working directory is out of its reach",
            Stage::Files => "files could not be restricted",
        }
    }

    /// The last error of the system, as one of this stage.
    pub(crate) fn failed(self) -> io::Error {
        let number = io::Error::last_os_error().raw_os_error().unwrap_or(0);
        io::Error::from_raw_os_error(STAGE_BASE + self as i32 * STAGE_STEP + number)
    }
}

/// An error of a child that was to be in a sandbox, in words; any other is given back.
pub(crate) fn explained(error: io::Error) -> io::Error {
    let Some(number) = error.raw_os_error().and_then(|raw| raw.checked_sub(STAGE_BASE)) else {
        return error;
    };
    let Some(stage) = Stage::ALL.into_iter().find(|stage| number / STAGE_STEP == *stage as i32)
    else {
        return error;
    };
    let cause = io::Error::from_raw_os_error(number % STAGE_STEP);
    io::Error::other(format!("its sandbox: {}: {cause}", stage.what()))
}

/// Everything that the child does, ready to be done.
#[derive(Debug)]
pub(crate) struct Plan {
    /// `CLONE_NEW…` of the namespaces.
    pub(super) namespaces: c_int,
    /// For `/proc/<pid>/uid_map` and `gid_map`.
    pub(super) ids: Ids,
    pub(super) steps: Vec<Step>,
    /// Trees that were taken by a step and not yet put anywhere.
    pub(super) taken: Vec<c_int>,
    pub(super) ruleset: Option<OwnedFd>,
    pub(super) cwd: CString,
    /// Kept of the rights of a superuser; empty for everybody else.
    pub(super) capabilities: u64,
    /// Of processes, bytes of a file, open files.
    pub(super) limits: [Option<libc::rlim_t>; 3],
}

/// How ids in the namespace are those outside.
#[derive(Debug)]
pub(super) struct Ids {
    /// All that there are; only the superuser may.
    pub(super) all_users: Vec<u8>,
    pub(super) all_groups: Vec<u8>,
    /// Only the own one.
    pub(super) own_user: Vec<u8>,
    pub(super) own_group: Vec<u8>,
}

/// One thing to do about what is mounted where. Slots are places in [`Plan::taken`].
#[derive(Debug)]
pub(super) enum Step {
    /// Nothing mounted from here on is seen outside, nor the other way around.
    Part,
    /// Takes what is mounted at a place, to be put somewhere.
    Take { from: CString, slot: usize },
    /// Makes everything read-only, but what was taken.
    Seal,
    /// Makes what was taken read-only.
    SealTaken { slot: usize },
    /// Mounts what was taken.
    Put { slot: usize, at: CString },
    /// Mounts a new file system.
    Mount { kind: &'static CStr, at: CString, flags: c_ulong, options: CString },
    /// Lets Landlock allow a place that was mounted only now.
    Allow { at: CString, access: u64 },
}

impl Plan {
    /// For `clone`.
    pub(crate) fn namespaces(&self) -> c_int {
        self.namespaces
    }

    /// Whether the first process in the namespaces has to stay as their init.
    pub(crate) fn needs_init(&self) -> bool {
        self.namespaces & libc::CLONE_NEWPID != 0
    }

    /// Tells the kernel who users are in the namespace of `pid`; for its parent, outside of it.
    pub(crate) fn map_ids(&self, pid: pid_t) -> io::Result<()> {
        if self.namespaces & libc::CLONE_NEWUSER == 0 {
            return Ok(());
        }
        let is_mapped = write_of(pid, b"/uid_map", &self.ids.all_users)
            && write_of(pid, b"/gid_map", &self.ids.all_groups);
        let is_mapped = is_mapped
            || write_of(pid, b"/uid_map", &self.ids.own_user)
                && write_of(pid, b"/setgroups", b"deny")
                && write_of(pid, b"/gid_map", &self.ids.own_group);
        if is_mapped { Ok(()) } else { Err(Stage::Ids.failed()) }
    }

    /// Furnishes the namespaces, as the first process in them.
    pub(crate) fn furnish(&mut self) -> io::Result<()> {
        if self.namespaces & libc::CLONE_NEWNET != 0 && !raise_loopback() {
            return Err(Stage::Loopback.failed());
        }
        let ruleset = self.ruleset.as_ref().map(|fd| fd.as_raw_fd());
        for step in &self.steps {
            if !step.take(&mut self.taken, ruleset) {
                return Err(Stage::Mounts.failed());
            }
        }
        Ok(())
    }

    /// Gives up everything that a judged program must not have, as what becomes the program.
    pub(crate) fn confine(&self) -> io::Result<()> {
        // SAFETY: plain system calls on values of this frame and of the plan.
        unsafe {
            // What is mounted where has changed since the directory was entered.
            if libc::chdir(self.cwd.as_ptr()) != 0 {
                return Err(Stage::Directory.failed());
            }
            let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            if libc::setrlimit(libc::RLIMIT_CORE, &none) != 0
                || !lower(libc::RLIMIT_NPROC, self.limits[0])
                || !lower(libc::RLIMIT_FSIZE, self.limits[1])
                || !lower(libc::RLIMIT_NOFILE, self.limits[2])
                || libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
                || !drop_capabilities(self.capabilities)
            {
                return Err(Stage::Privileges.failed());
            }
            if let Some(ruleset) = &self.ruleset
                && libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), 0) != 0
            {
                return Err(Stage::Files.failed());
            }
        }
        Ok(())
    }
}

impl Step {
    /// Does it; false leaves the reason in `errno`.
    fn take(&self, taken: &mut [c_int], ruleset: Option<c_int>) -> bool {
        match self {
            // SAFETY: strings end in zero bytes and outlive the call.
            Step::Part => unsafe {
                let flags = libc::MS_REC | libc::MS_PRIVATE;
                libc::mount(
                    c"none".as_ptr(),
                    c"/".as_ptr(),
                    std::ptr::null(),
                    flags,
                    std::ptr::null(),
                ) == 0
            },
            Step::Take { from, slot } => {
                let flags = libc::OPEN_TREE_CLONE
                    | libc::OPEN_TREE_CLOEXEC
                    | libc::AT_RECURSIVE as libc::c_uint;
                // SAFETY: as above.
                let tree = unsafe {
                    libc::syscall(libc::SYS_open_tree, libc::AT_FDCWD, from.as_ptr(), flags)
                };
                let (Ok(tree), Some(slot)) = (c_int::try_from(tree), taken.get_mut(*slot)) else {
                    return false;
                };
                *slot = tree;
                tree >= 0
            }
            Step::Seal => read_only(libc::AT_FDCWD, c"/"),
            Step::SealTaken { slot } => taken.get(*slot).is_some_and(|tree| read_only(*tree, c"")),
            Step::Put { slot, at } => {
                let Some(tree) = taken.get(*slot).copied() else { return false };
                // SAFETY: as above.
                unsafe {
                    let put = libc::syscall(
                        libc::SYS_move_mount,
                        tree,
                        c"".as_ptr(),
                        libc::AT_FDCWD,
                        at.as_ptr(),
                        libc::MOVE_MOUNT_F_EMPTY_PATH,
                    );
                    put == 0 && libc::close(tree) == 0
                }
            }
            // SAFETY: as above.
            Step::Mount { kind, at, flags, options } => unsafe {
                let options = options.as_ptr().cast();
                libc::mount(kind.as_ptr(), at.as_ptr(), kind.as_ptr(), *flags, options) == 0
            },
            Step::Allow { at, access } => ruleset.is_none_or(|ruleset| allow(ruleset, at, *access)),
        }
    }
}

/// Lowers a limit of this process and whatever it starts; one that is lower already stays.
fn lower(which: libc::__rlimit_resource_t, to: Option<libc::rlim_t>) -> bool {
    let Some(to) = to else { return true };
    // SAFETY: the kernel reads and writes the limit of this frame.
    unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        if libc::getrlimit(which, &mut limit) != 0 {
            return false;
        }
        limit.rlim_max = limit.rlim_max.min(to);
        limit.rlim_cur = limit.rlim_cur.min(to);
        libc::setrlimit(which, &limit) == 0
    }
}

/// As the kernel's `struct mount_attr`.
#[repr(C)]
struct MountAttributes {
    set: u64,
    clear: u64,
    propagation: u64,
    user_namespace: u64,
}

fn read_only(directory: c_int, path: &CStr) -> bool {
    const READ_ONLY: u64 = 1;
    let attributes =
        MountAttributes { set: READ_ONLY, clear: 0, propagation: 0, user_namespace: 0 };
    let flags = libc::AT_RECURSIVE | libc::AT_EMPTY_PATH;
    // SAFETY: the kernel reads the attributes, whose size it is told.
    unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            directory,
            path.as_ptr(),
            flags,
            &raw const attributes,
            size_of::<MountAttributes>(),
        ) == 0
    }
}

/// As the kernel's `struct landlock_path_beneath_attr`, which is packed.
#[repr(C, packed)]
struct PathBeneath {
    allowed: u64,
    parent: c_int,
}

fn allow(ruleset: c_int, at: &CStr, access: u64) -> bool {
    const PATH_BENEATH: c_int = 1;
    // SAFETY: strings end in zero bytes; the kernel reads the attributes of this frame.
    unsafe {
        let parent = libc::open(at.as_ptr(), libc::O_PATH | libc::O_CLOEXEC);
        if parent < 0 {
            return false;
        }
        let attributes = PathBeneath { allowed: access, parent };
        let added = libc::syscall(
            libc::SYS_landlock_add_rule,
            ruleset,
            PATH_BENEATH,
            &raw const attributes,
            0,
        );
        libc::close(parent);
        added == 0
    }
}

fn raise_loopback() -> bool {
    // SAFETY: the kernel reads and writes the request of this frame.
    unsafe {
        let socket = libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0);
        if socket < 0 {
            return false;
        }
        let mut request: libc::ifreq = std::mem::zeroed();
        for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
            *to = *from as libc::c_char;
        }
        request.ifr_ifru.ifru_flags = libc::IFF_UP as libc::c_short;
        let is_up = libc::ioctl(socket, libc::SIOCSIFFLAGS as _, &raw const request) == 0;
        libc::close(socket);
        is_up
    }
}

/// As the kernel's `struct __user_cap_header_struct` and two of `__user_cap_data_struct`.
#[repr(C)]
struct CapabilityHeader {
    version: u32,
    pid: c_int,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct CapabilityWord {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// Gives up every capability that is not in `kept`, for this process and whatever it runs.
fn drop_capabilities(kept: u64) -> bool {
    const VERSION: u32 = 0x2008_0522;
    const COUNT: u32 = 64;
    let mut header = CapabilityHeader { version: VERSION, pid: 0 };
    let mut words = [CapabilityWord::default(); 2];
    // SAFETY: the kernel reads and writes header and words of this frame.
    unsafe {
        for capability in 0..COUNT {
            let number = c_ulong::from(capability);
            if libc::prctl(libc::PR_CAPBSET_READ, number, 0, 0, 0) < 0 {
                // The kernel knows no more.
                break;
            }
            if kept & (1 << capability) == 0 {
                // Fails for whoever has none to give up.
                libc::prctl(libc::PR_CAPBSET_DROP, number, 0, 0, 0);
            }
        }
        if libc::syscall(libc::SYS_capget, &raw mut header, words.as_mut_ptr()) != 0 {
            return false;
        }
        for (word, kept) in words.iter_mut().zip([kept as u32, (kept >> 32) as u32]) {
            word.permitted &= kept;
            word.effective &= kept;
            word.inheritable = 0;
        }
        libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
        libc::syscall(libc::SYS_capset, &raw mut header, words.as_ptr()) == 0
    }
}

/// Writes to a file of a process below `/proc`.
fn write_of(pid: pid_t, name: &[u8], content: &[u8]) -> bool {
    let mut path = [0_u8; 64];
    let mut digits = [0_u8; 10];
    let parts = [b"/proc/".as_slice(), crate::process::decimal(pid, &mut digits), name];
    let mut room = path.iter_mut().take(63);
    for byte in parts.into_iter().flatten() {
        let Some(place) = room.next() else { return false };
        *place = *byte;
    }
    // SAFETY: the path ends in a zero byte; the kernel reads the content that it is told of.
    unsafe {
        let file = libc::open(path.as_ptr().cast(), libc::O_WRONLY | libc::O_CLOEXEC);
        if file < 0 {
            return false;
        }
        let written = libc::write(file, content.as_ptr().cast(), content.len());
        let error = *libc::__errno_location();
        libc::close(file);
        *libc::__errno_location() = error;
        c_long::try_from(content.len()).is_ok_and(|all| written as c_long == all)
    }
}
