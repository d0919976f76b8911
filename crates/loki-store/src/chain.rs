//! What ties each entry of a run's journal to all entries before it.

use std::fmt;

use loki_model::{RunId, Timestamp};
use sha2::{Digest as _, Sha256};

/// Version of the encodings below. It is hashed, so that no entry reads as one of another version.
const ENCODING: u64 = 1;

/// SHA-256 over one entry and the hash of the entry before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventHash(pub(crate) [u8; 32]);

impl fmt::Display for EventHash {
    /// 64 lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for EventHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventHash({self})")
    }
}

/// What the first entry of a run is chained to: the run's own record.
pub(crate) fn genesis(run: &RunId, repo: &[u8], created_at: Timestamp) -> EventHash {
    let mut encoding = Encoding::new("loki run");
    encoding.bytes(run.as_str().as_bytes());
    encoding.bytes(repo);
    encoding.int(created_at.0.cast_unsigned());
    encoding.finish()
}

/// An entry as it is hashed.
pub(crate) struct Link<'a> {
    pub(crate) run: &'a RunId,
    pub(crate) seq: u64,
    pub(crate) recorded_at: Timestamp,
    pub(crate) kind: &'a str,
    pub(crate) payload: &'a str,
}

/// The hash of an entry that follows the one with the hash `prev`.
pub(crate) fn next(prev: &EventHash, link: &Link<'_>) -> EventHash {
    let mut encoding = Encoding::new("loki event");
    encoding.bytes(link.run.as_str().as_bytes());
    encoding.int(link.seq);
    encoding.int(link.recorded_at.0.cast_unsigned());
    encoding.bytes(link.kind.as_bytes());
    encoding.bytes(link.payload.as_bytes());
    encoding.bytes(&prev.0);
    encoding.finish()
}

/// Length-prefixed fields, so that no two different entries encode to the same bytes.
struct Encoding(Sha256);

impl Encoding {
    fn new(what: &str) -> Encoding {
        let mut encoding = Encoding(Sha256::new());
        encoding.bytes(what.as_bytes());
        encoding.int(ENCODING);
        encoding
    }

    fn int(&mut self, value: u64) {
        self.0.update(value.to_be_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.int(bytes.len() as u64);
        self.0.update(bytes);
    }

    fn finish(self) -> EventHash {
        EventHash(self.0.finalize().into())
    }
}
