//! What a command may do with files, as a ruleset of Landlock.
//!
//! Landlock allows and never denies, and what it allows of a directory holds for all below. So a place
//! is hidden by allowing everything beside it: the directories above it may be listed, and each of
//! their other entries is allowed on its own. A link is never followed on the way: what it leads to is
//! allowed where it is, or not at all.

use std::fs::{self, FileType};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr as _,
    RulesetCreated, RulesetCreatedAttr as _, Scope,
};

/// The newest interface that is asked for; older kernels do what they can of it.
const ABI_WANTED: ABI = ABI::V9;

/// Devices that every program may use.
const DEVICES: &[&str] = &[
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts",
];

/// A directory with more entries is listed, and none of them is allowed: no home has as many.
const ENTRIES_MAX: usize = 20_000;

/// Places, all resolved.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// With everything below.
    pub(super) writable: Vec<PathBuf>,
    /// May be read although something above it is hidden.
    pub(super) readable: Vec<PathBuf>,
    /// Neither read nor written.
    pub(super) hidden: Vec<PathBuf>,
    /// Directories that the command finds others in place of: what is in them is out of its reach, but
    /// for what is named above.
    pub(super) replaced: Vec<PathBuf>,
}

/// What this kernel's Landlock can hold a program to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Strength {
    /// Reading, and every way of writing: creating, changing, cutting short, moving.
    pub(super) files: bool,
    /// Signals to programs outside.
    pub(super) signals: bool,
}

/// Asks the kernel.
pub(super) fn strength() -> Strength {
    let abi = abi();
    // Before its third version files could still be cut short.
    Strength { files: abi >= 3, signals: abi >= 6 }
}

fn abi() -> i64 {
    const VERSION: u32 = 1;
    // SAFETY: with this flag the kernel reads no memory; it answers with a number.
    #[expect(unsafe_code, reason = "the crate keeps its own answer to itself")]
    unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0_usize, VERSION)
    }
}

/// A ruleset that allows reading everything but what is hidden, and writing what is writable. Nothing
/// on a kernel without Landlock.
///
/// `has_own_proc`: `/proc` is mounted later, and not allowed here.
pub(super) fn ruleset(places: &Places, has_own_proc: bool) -> io::Result<Option<OwnedFd>> {
    if abi() < 1 {
        return Ok(None);
    }
    let mut ruleset = Ruleset::default();
    ruleset = ruleset.handle_access(everything()).map_err(io::Error::other)?;
    if strength().signals {
        ruleset = ruleset.scope(Scope::from_all(ABI_WANTED)).map_err(io::Error::other)?;
    }
    let mut rules = Rules { ruleset: ruleset.create().map_err(io::Error::other)? };
    let mut avoided: Vec<&Path> =
        places.hidden.iter().chain(&places.replaced).map(PathBuf::as_path).collect();
    avoided.push(Path::new("/dev"));
    avoided.extend(has_own_proc.then_some(Path::new("/proc")));
    rules.allow_around(Path::new("/"), &avoided);
    for device in DEVICES {
        let device = Path::new(device);
        rules.allow(device, on_devices() | AccessFs::ReadDir);
    }
    let hidden: Vec<&Path> = places.hidden.iter().map(PathBuf::as_path).collect();
    for place in &places.readable {
        rules.allow_around(place, &hidden);
    }
    for place in &places.writable {
        rules.allow(place, everything());
    }
    Ok(rules.ruleset.into())
}

/// Everything that Landlock knows, as the kernel counts it; for places that are made later.
pub(super) fn everything_bits() -> u64 {
    let known = match abi() {
        ..=1 => ABI::V1,
        2 => ABI::V2,
        3 | 4 => ABI::V3,
        5..=8 => ABI::V5,
        9.. => ABI_WANTED,
    };
    AccessFs::from_all(known).bits()
}

/// Reading, as the kernel counts it.
pub(super) fn reading_bits() -> u64 {
    reading().bits()
}

fn everything() -> BitFlags<AccessFs> {
    AccessFs::from_all(ABI_WANTED)
}

fn reading() -> BitFlags<AccessFs> {
    AccessFs::Execute | AccessFs::ReadFile | AccessFs::ReadDir
}

fn on_devices() -> BitFlags<AccessFs> {
    AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::Truncate | AccessFs::IoctlDev
}

struct Rules {
    ruleset: RulesetCreated,
}

impl Rules {
    /// What can not be opened stays forbidden.
    fn allow(&mut self, path: &Path, access: BitFlags<AccessFs>) {
        let Ok(found) = fs::metadata(path) else { return };
        self.allow_as(path, found.file_type(), access);
    }

    fn allow_as(&mut self, path: &Path, is: FileType, access: BitFlags<AccessFs>) {
        let access = if is.is_dir() { access } else { access & AccessFs::from_file(ABI_WANTED) };
        if let Ok(fd) = PathFd::new(path) {
            // Only a place that vanished meanwhile is refused, and it is gone.
            let _ = (&mut self.ruleset).add_rule(PathBeneath::new(fd, access));
        }
    }

    /// Allows reading `dir` and everything below but `avoided`.
    fn allow_around(&mut self, dir: &Path, avoided: &[&Path]) {
        if avoided.contains(&dir) {
            return;
        }
        let below: Vec<&Path> =
            avoided.iter().filter(|path| path.starts_with(dir)).copied().collect();
        if below.is_empty() {
            self.allow(dir, reading());
            return;
        }
        // Their names can be seen, and what they hold can not.
        self.allow(dir, AccessFs::ReadDir.into());
        for entry in fs::read_dir(dir).into_iter().flatten().flatten().take(ENTRIES_MAX) {
            let (path, Ok(is)) = (entry.path(), entry.file_type()) else { continue };
            if is.is_symlink() {
                continue;
            }
            if below.iter().any(|avoided| avoided.starts_with(&path)) {
                self.allow_around(&path, &below);
            } else {
                self.allow_as(&path, is, reading());
            }
        }
    }
}
