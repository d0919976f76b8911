//! Names of things: runs, digests, git objects. Each is a type, so that none is taken for another.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A text that is not an id of the kind it was read as.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {kind}")]
pub struct InvalidId {
    /// The text as given.
    pub text: String,
    /// What it should have been.
    pub kind: &'static str,
}

/// Names one run on one machine: eight letters from `k` to `z`.
///
/// The alphabet has no digits and no `a`–`f`, so that a run is never mistaken for a commit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(String);

impl RunId {
    /// Letters in an id.
    pub const LEN: usize = 8;

    /// Makes an id out of 32 random bits.
    pub fn from_bits(bits: u32) -> RunId {
        let letter = |nibble: u32| char::from(b'k' + u8::try_from(nibble & 0xf).unwrap_or(0));
        RunId((0..Self::LEN).map(|i| letter(bits >> (4 * i))).collect())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RunId {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<RunId, InvalidId> {
        if text.len() == Self::LEN && text.bytes().all(|b| (b'k'..=b'z').contains(&b)) {
            Ok(RunId(text))
        } else {
            Err(InvalidId { text, kind: "run id" })
        }
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> String {
        id.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A SHA-256 digest, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(hex(&Sha256::digest(bytes)))
    }

    /// All 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 12 digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

impl TryFrom<String> for Digest {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Digest, InvalidId> {
        if text.len() == 64 && is_lower_hex(&text) {
            Ok(Digest(text))
        } else {
            Err(InvalidId { text, kind: "SHA-256 digest" })
        }
    }
}

/// The digest of everything that was fed in.
impl From<Sha256> for Digest {
    fn from(fed: Sha256) -> Digest {
        Digest(hex(&fed.finalize()))
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! git_object_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The full hexadecimal object name (40 digits, or 64 in a SHA-256 repository).
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The first ten digits, for people.
            pub fn short(&self) -> &str {
                &self.0[..10]
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<$name, InvalidId> {
                if matches!(text.len(), 40 | 64) && is_lower_hex(&text) {
                    Ok($name(text))
                } else {
                    Err(InvalidId { text, kind: $kind })
                }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

git_object_id!(
    /// A git commit.
    CommitId,
    "git commit id"
);
git_object_id!(
    /// A git tree: what every tracked and untracked file of a workspace held at one moment.
    TreeId,
    "git tree id"
);

fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_id_is_eight_letters_and_reads_back() {
        let id = RunId::from_bits(0xdead_beef);
        assert_eq!(id.as_str(), "zyyvxuyx");
        assert_eq!(RunId::try_from(id.to_string()), Ok(id));
    }

    #[test]
    fn a_run_id_with_a_foreign_letter_is_refused() {
        for text in ["", "kkkkkkk", "kkkkkkkkk", "kkkkkkka", "KKKKKKKK", "../kkkkk"] {
            assert!(RunId::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn the_digest_of_nothing_is_the_published_one() {
        assert_eq!(
            Digest::of(b"").as_str(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
