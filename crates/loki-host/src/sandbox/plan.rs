//! From a [`Sandbox`] to the [`Plan`] that a child carries out: everything that needs memory.

use std::collections::BTreeSet;
use std::ffi::CString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::aliases::{Mounts, is_around};
use super::enter::{Ids, Plan, Step};
use super::rules::{self, Places};
use super::{Ceilings, Network, Overlay, Sandbox, tools};

/// Directories of the system that hold temporary files and sockets of everybody, and what a command
/// finds in their place.
const PRIVATE: &[(&str, &str)] = &[("/tmp", "tmp"), ("/var/tmp", "tmp"), ("/run", "run")];

/// What of `/run` stays in sight: parts of the system, and how names are resolved.
const OF_RUN: &[&str] = &[
    "/run/current-system",
    "/run/booted-system",
    "/run/opengl-driver",
    "/run/wrappers",
    "/run/systemd/resolve",
    "/run/resolvconf",
];

/// How names are resolved, which many systems keep in `/run`.
const NAMES: &str = "/etc/resolv.conf";

/// What a superuser keeps: what tests that are run as one rely on, and nothing that reaches the machine.
/// In order: CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, NET_BIND_SERVICE, SYS_CHROOT.
const OF_SUPERUSER: &[u32] = &[0, 1, 3, 4, 5, 6, 7, 10, 18];

/// Where programs have memory in common.
const SHARED: &str = "/dev/shm";

/// Bytes in the private shared memory of a command.
const SHARED_MEMORY: &str = "mode=1777,size=2g";

impl Sandbox {
    /// Makes what a command needs in [`Sandbox::room`], and says what its child has to do.
    ///
    /// # Errors
    ///
    /// A place that has to exist does not, or the room can not be made.
    pub(crate) fn plan(&self, program: &Path, cwd: &Path) -> io::Result<Plan> {
        fs::create_dir_all(&self.room)?;
        let room = Room::in_directory(&fs::canonicalize(&self.room)?)?;
        let resolved = |paths: &[PathBuf]| -> Vec<PathBuf> {
            // Most secrets are not there: asking that first is cheaper than walking up to where they are not.
            let there = paths.iter().filter(|path| path.exists());
            there.filter_map(|path| fs::canonicalize(path).ok()).collect()
        };
        let mut places = Places {
            writable: self.writable.iter().map(fs::canonicalize).collect::<Result<_, _>>()?,
            readable: resolved(&self.readable),
            hidden: resolved(&self.hidden),
            replaced: Vec::new(),
        };
        let mounted = Mounts::here();
        let aliases: Vec<PathBuf> =
            places.hidden.iter().flat_map(|path| mounted.aliases(path)).collect();
        places.hidden.extend(aliases);
        let unread = resolved(&self.unread);
        // A kernel that has only part of Landlock still does that part.
        let has_landlock = self.means.files || !rules::strength().files;
        if !has_landlock {
            places.hidden.extend(unread.iter().cloned());
        }
        let cwd = fs::canonicalize(cwd)?;
        let mut mounting = Mounting::default();
        if self.means.mounts {
            let mut seen = places.readable.clone();
            seen.extend(tools::in_sight());
            // What is laid over has to be where it is laid over from.
            seen.extend(self.overlays.iter().filter_map(|over| fs::canonicalize(&over.of).ok()));
            seen.extend(program.is_absolute().then(|| fs::canonicalize(program).ok()).flatten());
            seen.push(cwd.clone());
            // What is writable stays so, all of it.
            seen.retain(|path| !places.writable.iter().any(|above| path.starts_with(above)));
            let is_shared = |path: &PathBuf| path.starts_with(SHARED);
            let has_shared = seen.iter().chain(&places.writable).any(is_shared);
            if has_shared {
                fs::create_dir_all(&room.shared)?;
            }
            let private = private(&room, has_shared);
            let seen = in_sight(&seen, &private);
            mounting.plan(self, &room, &places, &private, &seen)?;
            places.readable.extend([room.run.clone(), room.nothing.clone(), room.empty.clone()]);
            places.writable.push(room.tmp.clone());
            if has_shared {
                places.writable.push(room.shared.clone());
            }
            let is_hidden =
                |path: &PathBuf| places.hidden.iter().chain(&unread).any(|it| path.starts_with(it));
            let seen: Vec<PathBuf> = seen.into_iter().filter(|path| !is_hidden(path)).collect();
            places.readable.extend(seen);
            places.replaced.extend(private.into_iter().map(|(dir, _)| dir));
        } else {
            places.writable.push(room.tmp.clone());
            places.writable.extend(self.shared_temporary(&places));
        }
        places.hidden.extend(unread);
        let ruleset =
            if has_landlock { rules::ruleset(&places, self.means.processes)? } else { None };
        Ok(Plan {
            namespaces: self.namespaces(),
            ids: ids(),
            taken: vec![-1; mounting.slots],
            steps: mounting.steps,
            ruleset,
            cwd: c_path(&cwd)?,
            capabilities: if rustix::process::geteuid().is_root() {
                OF_SUPERUSER.iter().fold(0, |kept, capability| kept | 1 << capability)
            } else {
                0
            },
            limits: limits(self.ceilings, self.namespaces() & libc::CLONE_NEWUSER != 0),
        })
    }

    fn namespaces(&self) -> libc::c_int {
        let means = self.means;
        let is_alone = means.network && self.network == Network::OwnLoopback;
        let kinds = [
            (is_alone, libc::CLONE_NEWNET),
            (means.mounts, libc::CLONE_NEWNS | libc::CLONE_NEWIPC),
            (means.processes, libc::CLONE_NEWPID),
        ];
        let wanted =
            kinds.iter().filter(|(wanted, _)| *wanted).fold(0, |all, (_, kind)| all | kind);
        if wanted == 0 { 0 } else { wanted | libc::CLONE_NEWUSER }
    }

    /// Where nothing can be mounted, programs that insist on the system's own temporary directories get
    /// them, unless something of the user's is in there.
    fn shared_temporary(&self, places: &Places) -> Vec<PathBuf> {
        let guarded: Vec<&PathBuf> = places.hidden.iter().chain(&places.readable).collect();
        ["/tmp", "/var/tmp", "/dev/shm"]
            .map(PathBuf::from)
            .into_iter()
            .filter(|dir| !guarded.iter().any(|path| is_around(dir, path)))
            .collect()
    }
}

/// What the child lowers its limits to, in the order of its list. `counts_alone`: processes of the user
/// outside are not counted.
fn limits(ceilings: Ceilings, counts_alone: bool) -> [Option<libc::rlim_t>; 3] {
    [ceilings.processes.filter(|_| counts_alone), ceilings.file_bytes, ceilings.open_files]
}

/// Directories for what a command finds in place of the system's own.
struct Room {
    tmp: PathBuf,
    run: PathBuf,
    /// Shared memory, where a place that the command needs is in that of the system. Not made beforehand.
    shared: PathBuf,
    /// An empty directory.
    nothing: PathBuf,
    /// An empty file.
    empty: PathBuf,
    root: PathBuf,
}

impl Room {
    fn in_directory(root: &Path) -> io::Result<Room> {
        let place = |name: &str| root.join(name);
        let room = Room {
            tmp: place("tmp"),
            run: place("run"),
            shared: place("shm"),
            nothing: place("nothing"),
            empty: place("empty"),
            root: root.to_owned(),
        };
        for dir in [&room.tmp, &room.run, &room.nothing] {
            fs::create_dir_all(dir)?;
        }
        if !room.empty.exists() {
            fs::write(&room.empty, "")?;
        }
        Ok(room)
    }
}

/// Steps in the making.
#[derive(Default)]
struct Mounting {
    steps: Vec<Step>,
    slots: usize,
}

/// What is mounted where: what was taken before everything was made read-only.
struct Bind {
    from: PathBuf,
    at: PathBuf,
    writable: bool,
}

impl Mounting {
    fn plan(
        &mut self,
        sandbox: &Sandbox,
        room: &Room,
        places: &Places,
        private: &[(PathBuf, PathBuf)],
        seen: &[PathBuf],
    ) -> io::Result<()> {
        let mut binds = private_binds(private);
        let writable =
            |path: &PathBuf| Bind { from: path.clone(), at: path.clone(), writable: true };
        let mut again: Vec<Bind> = places.writable.iter().map(writable).collect();
        // For what is mounted of it only: Landlock does not let the command write there.
        again.push(writable(&room.root));
        for overlay in &sandbox.overlays {
            fs::create_dir_all(overlay.changes.join("upper"))?;
            again.push(writable(&fs::canonicalize(&overlay.changes)?));
        }
        for path in seen {
            again.push(Bind { from: path.clone(), at: path.clone(), writable: false });
        }
        for bind in &again {
            make_mount_point(&bind.at, private)?;
        }
        // What is above comes first, and covers nothing.
        again.sort_by_key(|bind| (bind.at.components().count(), bind.at.clone()));
        again.dedup_by(|later, earlier| later.at == earlier.at);
        binds.extend(again);
        self.steps.push(Step::Part);
        let slots: Vec<usize> =
            binds.iter().map(|bind| self.take(&bind.from)).collect::<io::Result<_>>()?;
        self.steps.push(Step::Seal);
        for (bind, slot) in binds.iter().zip(slots) {
            if !bind.writable {
                self.steps.push(Step::SealTaken { slot });
            }
            self.steps.push(Step::Put { slot, at: c_path(&bind.at)? });
        }
        for overlay in &sandbox.overlays {
            let covers = |bind: &Bind| bind.at != overlay.at && bind.at.starts_with(&overlay.at);
            // One that would cover a place of the command stays as it is: readable.
            if !binds.iter().any(covers) {
                self.overlay(overlay)?;
            }
        }
        self.hide(places, room, private, &binds)?;
        self.own_views(sandbox, private)
    }

    fn take(&mut self, from: &Path) -> io::Result<usize> {
        let slot = self.slots;
        self.slots += 1;
        self.steps.push(Step::Take { from: c_path(from)?, slot });
        Ok(slot)
    }

    fn overlay(&mut self, overlay: &Overlay) -> io::Result<()> {
        let Ok(of) = fs::canonicalize(&overlay.of) else { return Ok(()) };
        let changes = fs::canonicalize(&overlay.changes)?;
        // What the system kept there for a command before, it does not take again.
        let work = tempfile::Builder::new().prefix("work").tempdir_in(&changes)?.keep();
        let upper = changes.join("upper");
        let mut options = Vec::new();
        let parts = [("lowerdir", &of), ("upperdir", &upper), ("workdir", &work)];
        for (name, path) in parts {
            let path = path.as_os_str().as_bytes();
            if path.iter().any(|byte| b":,\\".contains(byte)) {
                // They mean something in the options. The place stays as writable as it is, and empty.
                return Ok(());
            }
            options.extend([name.as_bytes(), b"=", path, b","].concat());
        }
        // Without it, the end of the command waits until the whole file system is on the disk.
        options.extend(b"userxattr,volatile");
        let at = c_path(&overlay.at)?;
        self.steps.push(Step::Mount {
            kind: c"overlay",
            at: at.clone(),
            flags: libc::MS_NOSUID | libc::MS_NODEV,
            options: CString::new(options)?,
        });
        self.steps.push(Step::Allow { at, access: rules::everything_bits() });
        Ok(())
    }

    /// Nothing is where secrets were. Landlock forbids them too; a mount also hides sockets, and reads
    /// as absent where programs do not expect to be refused.
    fn hide(
        &mut self,
        places: &Places,
        room: &Room,
        private: &[(PathBuf, PathBuf)],
        binds: &[Bind],
    ) -> io::Result<()> {
        let is_in_sight = |path: &PathBuf| {
            !private.iter().any(|(dir, _)| path.starts_with(dir))
                || binds
                    .iter()
                    .any(|bind| !is_private(&bind.at, private) && path.starts_with(&bind.at))
        };
        let hidden: BTreeSet<&PathBuf> = places.hidden.iter().filter(|p| is_in_sight(p)).collect();
        let mut done: Vec<&PathBuf> = Vec::new();
        for path in hidden {
            if done.iter().any(|above| path.starts_with(above)) {
                continue;
            }
            let slot = self.take(if path.is_dir() { &room.nothing } else { &room.empty })?;
            self.steps.push(Step::SealTaken { slot });
            self.steps.push(Step::Put { slot, at: c_path(path)? });
            done.push(path);
        }
        Ok(())
    }

    fn own_views(&mut self, sandbox: &Sandbox, private: &[(PathBuf, PathBuf)]) -> io::Result<()> {
        let flags = libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC;
        if sandbox.means.processes {
            let at = CString::from(c"/proc");
            self.steps.push(Step::Mount {
                kind: c"proc",
                at: at.clone(),
                flags: flags | libc::MS_RDONLY,
                options: CString::default(),
            });
            self.steps.push(Step::Allow { at, access: rules::reading_bits() });
        }
        if Path::new(SHARED).is_dir() && !private.iter().any(|(dir, _)| dir == Path::new(SHARED)) {
            let at = c_path(Path::new(SHARED))?;
            self.steps.push(Step::Mount {
                kind: c"tmpfs",
                at: at.clone(),
                flags: libc::MS_NOSUID | libc::MS_NODEV,
                options: CString::new(SHARED_MEMORY)?,
            });
            self.steps.push(Step::Allow { at, access: rules::everything_bits() });
        }
        Ok(())
    }
}

/// Which directories of the system are private, and what is in their place. One that is a link has its
/// target in the list.
fn private(room: &Room, has_shared: bool) -> Vec<(PathBuf, PathBuf)> {
    let is_real = |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    let shared = has_shared.then(|| (PathBuf::from(SHARED), room.shared.clone()));
    PRIVATE
        .iter()
        .filter(|(path, _)| is_real(Path::new(path)))
        .map(|(path, name)| {
            (PathBuf::from(path), if *name == "tmp" { room.tmp.clone() } else { room.run.clone() })
        })
        .chain(shared)
        .collect()
}

fn private_binds(private: &[(PathBuf, PathBuf)]) -> Vec<Bind> {
    private
        .iter()
        .map(|(at, from)| Bind {
            from: from.clone(),
            at: at.clone(),
            writable: !at.ends_with("run"),
        })
        .collect()
}

fn is_private(path: &Path, private: &[(PathBuf, PathBuf)]) -> bool {
    private.iter().any(|(dir, _)| dir == path)
}

/// What of `seen` would be out of sight, without what is below another one.
fn in_sight(seen: &[PathBuf], private: &[(PathBuf, PathBuf)]) -> Vec<PathBuf> {
    let of_run = OF_RUN.iter().map(PathBuf::from).filter(|path| path.exists());
    let of_run = of_run.chain(fs::canonicalize(NAMES).ok());
    let covered: BTreeSet<PathBuf> = seen
        .iter()
        .cloned()
        .chain(of_run)
        .filter(|path| private.iter().any(|(dir, _)| path.starts_with(dir) && path != dir))
        .collect();
    let mut found: Vec<PathBuf> = Vec::new();
    for path in covered {
        if !found.iter().any(|above| path.starts_with(above)) {
            found.push(path);
        }
    }
    found
}

/// Makes what `at` is mounted on, where that is in a private directory.
fn make_mount_point(at: &Path, private: &[(PathBuf, PathBuf)]) -> io::Result<()> {
    let Some((dir, from)) = private.iter().find(|(dir, _)| at.starts_with(dir) && at != dir) else {
        return Ok(());
    };
    let Ok(below) = at.strip_prefix(dir) else { return Ok(()) };
    let point = from.join(below);
    if at.is_dir() {
        return fs::create_dir_all(point);
    }
    if let Some(above) = point.parent() {
        fs::create_dir_all(above)?;
    }
    if fs::symlink_metadata(at)?.is_symlink() {
        let made = symlink(fs::read_link(at)?, point);
        return made.or_else(|err| match err.kind() {
            io::ErrorKind::AlreadyExists => Ok(()),
            _ => Err(err),
        });
    }
    if point.exists() { Ok(()) } else { fs::write(point, "") }
}

/// Who there is, inside as outside.
fn ids() -> Ids {
    let own = |id: u32| format!("{id} {id} 1\n").into_bytes();
    Ids {
        all_users: same(&fs::read_to_string("/proc/self/uid_map").unwrap_or_default()),
        all_groups: same(&fs::read_to_string("/proc/self/gid_map").unwrap_or_default()),
        own_user: own(rustix::process::geteuid().as_raw()),
        own_group: own(rustix::process::getegid().as_raw()),
    }
}

/// A map that leaves every id of `map` as it is.
fn same(map: &str) -> Vec<u8> {
    let line = |line: &str| {
        let mut columns = line.split_whitespace();
        let (inside, count) = (columns.next()?, columns.nth(1)?);
        Some(format!("{inside} {inside} {count}\n"))
    };
    map.lines().filter_map(line).collect::<String>().into_bytes()
}

fn c_path(path: &Path) -> io::Result<CString> {
    Ok(CString::new(path.as_os_str().as_bytes())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_as_they_are_in_a_namespace_below_another() {
        assert_eq!(same("         0     100000      65536\n"), b"0 0 65536\n");
        assert_eq!(same("0 0 10\n  10 1000 1\n"), b"0 0 10\n10 10 1\n");
    }

    #[test]
    fn of_places_in_private_directories_only_the_uppermost_are_mounted() {
        let private = [(PathBuf::from("/tmp"), PathBuf::from("/room/tmp"))];
        let seen = ["/tmp/a/b", "/tmp/a", "/tmp", "/usr/bin", "/tmp/a/b/c"].map(PathBuf::from);
        assert_eq!(in_sight(&seen, &private), [PathBuf::from("/tmp/a")]);
    }
}
