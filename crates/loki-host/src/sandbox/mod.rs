//! A sandbox for one command: what it may read and write, whom it may reach, and what holds it to that.
//!
//! Owns what this system has to offer and how it is put together. Refuses to know what a command is
//! for: places come from the caller, but for those where people keep secrets, which
//! [`secrets`] knows.
//!
//! Four layers, each told by name, none assumed: Landlock for files, and namespaces for mounts, network
//! and processes. Why so: `docs/decisions/0013-sandbox.md`.

use std::path::PathBuf;

use loki_model::{Confinement, Layer, SandboxLevel};

#[cfg(target_os = "linux")]
mod aliases;
#[cfg(target_os = "linux")]
mod enter;
#[cfg(target_os = "linux")]
mod plan;
#[cfg(target_os = "linux")]
mod probe;
#[cfg(target_os = "linux")]
mod rules;
pub mod secrets;
pub mod tools;
pub mod user;

#[cfg(target_os = "linux")]
pub(crate) use enter::{Plan, Stage, explained};

/// What a command may reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// Itself, by a loopback of its own.
    #[default]
    OwnLoopback,
    /// Everything that loki can.
    Everything,
}

/// What one command is held to.
///
/// It may read everything but [`Sandbox::hidden`], and write [`Sandbox::writable`] and a directory for
/// temporary files of its own. Whatever it starts inherits that. No writable place may be below a hidden
/// one.
#[derive(Clone, Debug)]
pub struct Sandbox {
    /// With everything below. Each has to exist.
    pub writable: Vec<PathBuf>,
    /// Must stay in sight where what surrounds it does not: temporary directories of the system are
    /// private to the command, and empty. What is absent is left out.
    pub readable: Vec<PathBuf>,
    /// With everything below; what is absent is left out.
    pub hidden: Vec<PathBuf>,
    /// No secrets, and none of the command's business either: as [`Sandbox::hidden`], but by Landlock
    /// alone where there is Landlock, which costs nothing for each.
    pub unread: Vec<PathBuf>,
    /// How much of the machine it may take.
    pub ceilings: Ceilings,
    /// Directories that look writable and keep nothing.
    pub overlays: Vec<Overlay>,
    /// Whom it may reach.
    pub network: Network,
    /// An own directory of whoever runs the command, for its temporary files and what is mounted. Made
    /// if need be; two commands may share it.
    pub room: PathBuf,
    means: Means,
}

/// How much of the machine each process of a command may take; as much as loki may where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ceilings {
    /// Processes and threads of the command together. Without a namespace for users all that the user
    /// runs would count, so that it is not set there; a superuser is never held to it.
    pub processes: Option<u64>,
    /// Bytes of one file.
    pub file_bytes: Option<u64>,
    /// Files open at a time.
    pub open_files: Option<u64>,
}

/// A directory whose content shows at another place, where it can be changed without changing it.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// The directory. It is never written.
    pub of: PathBuf,
    /// Where it shows. Has to exist, and be writable; where nothing can be mounted that is all it is.
    pub at: PathBuf,
    /// Takes what is written, for one command at a time. Made if need be.
    pub changes: PathBuf,
}

impl Sandbox {
    /// A sandbox by everything that this system has, around nothing writable, with the known
    /// [secrets](secrets::places) hidden.
    pub fn new(room: impl Into<PathBuf>, network: Network) -> Sandbox {
        Sandbox {
            writable: Vec::new(),
            readable: Vec::new(),
            hidden: secrets::places(),
            unread: Vec::new(),
            ceilings: Ceilings::default(),
            overlays: Vec::new(),
            network,
            room: room.into(),
            means: Means::here(),
        }
    }

    /// What of it is held together by what.
    pub fn means(&self) -> Means {
        self.means
    }

    /// The same held together by less, as on a system that has no more.
    #[must_use]
    pub fn with_means(mut self, means: Means) -> Sandbox {
        self.means = means;
        self
    }

    /// Where the command finds its own directory for temporary files.
    pub fn temporary(&self) -> PathBuf {
        if self.means.mounts { PathBuf::from("/tmp") } else { self.room.join("tmp") }
    }
}

/// What there is to make a sandbox of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Means {
    /// Landlock, well enough to keep files from being read, changed, cut short and moved.
    pub files: bool,
    /// Landlock, well enough to hold back signals.
    pub signals: bool,
    /// A namespace for users and for the network.
    pub network: bool,
    /// One for mounts too.
    pub mounts: bool,
    /// One for processes too, with a view of its own of them.
    pub processes: bool,
}

impl Means {
    /// What this system has. It is tried out once, which takes a few milliseconds.
    #[cfg(target_os = "linux")]
    pub fn here() -> Means {
        static HERE: std::sync::OnceLock<Means> = std::sync::OnceLock::new();
        *HERE.get_or_init(probe::means)
    }

    /// What this system has.
    #[cfg(not(target_os = "linux"))]
    pub fn here() -> Means {
        Means::default()
    }

    /// What a command is held to by them at `level`.
    pub fn confinement(self, level: SandboxLevel, network: Network) -> Confinement {
        if level == SandboxLevel::Off {
            return Confinement::OFF;
        }
        let is_wanted = |layer: &Layer| *layer != Layer::Network || network == Network::OwnLoopback;
        let holds = |layer: &Layer| match layer {
            // A superuser could still read whole disks through their devices.
            Layer::Files => self.files || self.mounts && !rustix::process::geteuid().is_root(),
            Layer::Mounts => self.mounts,
            Layer::Network => self.network,
            Layer::Processes => self.processes || self.signals,
        };
        let (active, missing) = Layer::ALL.into_iter().filter(is_wanted).partition(holds);
        Confinement { level, active, missing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_that_is_wanted_is_active_or_missing() {
        let some = Means { files: true, signals: true, ..Means::default() };
        let held = some.confinement(SandboxLevel::Standard, Network::OwnLoopback);
        assert_eq!(held.active, [Layer::Files, Layer::Processes]);
        assert_eq!(held.missing, [Layer::Mounts, Layer::Network]);
        let open = some.confinement(SandboxLevel::Strict, Network::Everything);
        assert_eq!(open.missing, [Layer::Mounts]);
        assert_eq!(some.confinement(SandboxLevel::Off, Network::OwnLoopback), Confinement::OFF);
    }
}
