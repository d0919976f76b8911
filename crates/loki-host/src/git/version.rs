//! Which git this is.

use std::fmt;
use std::path::Path;

use super::GitError;
use super::run::Call;

/// The version of the git that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u32,
    minor: u32,
}

impl Version {
    /// It knows `rev-parse --path-format`.
    pub const OLDEST: Version = Version { major: 2, minor: 31 };

    /// Whether it is new enough.
    pub fn is_supported(self) -> bool {
        self >= Version::OLDEST
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Asks git for its version.
pub fn version() -> Result<Version, GitError> {
    let line = Call::new(Path::new("/"), "version").line()?;
    parse(&line).ok_or(GitError::Unexpected { subcommand: "version", what: line })
}

fn parse(line: &str) -> Option<Version> {
    let mut parts = line.strip_prefix("git version ")?.split('.');
    Some(Version { major: parts.next()?.parse().ok()?, minor: parts.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_whatever_vendors_append() {
        for line in ["git version 2.47.3", "git version 2.47.3 (Apple Git-1)", "git version 2.47"] {
            assert_eq!(parse(line), Some(Version { major: 2, minor: 47 }), "{line}");
        }
        assert_eq!(parse("hg 1.2.3"), None);
    }

    #[test]
    fn an_old_git_is_told_apart() {
        assert!(!Version { major: 2, minor: 30 }.is_supported());
        assert!(Version { major: 3, minor: 0 }.is_supported());
    }
}
