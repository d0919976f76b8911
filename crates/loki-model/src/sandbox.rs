//! How a command was kept from doing harm.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much of a sandbox is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SandboxLevel {
    /// None: commands have the rights of the user.
    Off,
    /// Every layer that this system has; what it lacks is told.
    #[default]
    Standard,
    /// Every layer, or nothing is run.
    Strict,
}

/// One thing that a sandbox holds a command to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Secrets can not be read, and nothing outside of the command's own places can be written.
    Files,
    /// What is outside can not be altered in any other way either (modes, owners, times), and neither
    /// sockets nor temporary files of other programs are in sight.
    Mounts,
    /// No network but a loopback of the command's own.
    Network,
    /// Programs outside can be neither signalled nor traced.
    Processes,
}

impl Layer {
    /// Every layer.
    pub const ALL: [Layer; 4] = [Layer::Files, Layer::Mounts, Layer::Network, Layer::Processes];

    /// As in JSON.
    pub const fn label(self) -> &'static str {
        match self {
            Layer::Files => "files",
            Layer::Mounts => "mounts",
            Layer::Network => "network",
            Layer::Processes => "processes",
        }
    }

    /// What a command can do without it, after "a command could".
    pub const fn without(self) -> &'static str {
        match self {
            Layer::Files => "read your secrets and write wherever you can",
            Layer::Mounts => {
                "change modes of your files, and reach sockets and temporary files of your programs"
            }
            Layer::Network => "reach the network",
            Layer::Processes => "signal your other programs",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// What a command was held to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// What was asked for.
    pub level: SandboxLevel,
    /// What held, in the order of [`Layer::ALL`].
    pub active: Vec<Layer>,
    /// What was asked for and is not to be had on this system, in the same order. A network that was
    /// allowed is in neither list.
    pub missing: Vec<Layer>,
}

impl Confinement {
    /// None at all.
    pub const OFF: Confinement =
        Confinement { level: SandboxLevel::Off, active: Vec::new(), missing: Vec::new() };

    /// What held for both.
    #[must_use]
    pub fn and(mut self, other: &Confinement) -> Confinement {
        self.active.retain(|layer| other.active.contains(layer));
        self.missing.extend(&other.missing);
        self.missing.sort();
        self.missing.dedup();
        if other.level == SandboxLevel::Off {
            self.level = SandboxLevel::Off;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_commands_the_one_that_was_held_to_less_tells() {
        let whole = Confinement {
            level: SandboxLevel::Standard,
            active: Layer::ALL.to_vec(),
            missing: Vec::new(),
        };
        let part = Confinement {
            level: SandboxLevel::Standard,
            active: vec![Layer::Files],
            missing: vec![Layer::Network],
        };
        assert_eq!(whole.clone().and(&part), part);
        assert_eq!(part.and(&whole).active, [Layer::Files]);
        assert_eq!(whole.and(&Confinement::OFF), Confinement::OFF);
    }
}
