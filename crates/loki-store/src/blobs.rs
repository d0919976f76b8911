//! Large payloads, named by the digest of their content.

use std::io::{self, Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use loki_model::Digest;
use rusqlite::{OptionalExtension as _, TransactionBehavior};

use crate::database::{self, At, Durability};
use crate::failpoint;
use crate::{AppendError, ReadError, Store};

/// Largest blob, in bytes before compression.
pub const BLOB_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Below this, compression saves less than it costs.
const COMPRESSED_BYTES_MIN: usize = 128;

/// How the content of a blob is kept; the numbers are stored.
const RAW: i64 = 0;
const ZLIB: i64 = 1;

impl Store {
    /// Keeps `bytes`, at most [`BLOB_BYTES_MAX`], and returns their name.
    ///
    /// Keeping the same content again changes nothing. A blob survives the end of this process
    /// as soon as this returns, and a loss of power as soon as a later [`Store::append`] returned:
    /// an entry that names a blob is never there without it.
    pub fn put_blob(&self, bytes: &[u8]) -> Result<Digest, AppendError> {
        self.refuse_unless_writable()?;
        if bytes.len() > BLOB_BYTES_MAX {
            let (bytes, bytes_max) = (bytes.len(), BLOB_BYTES_MAX);
            return Err(AppendError::TooBig { what: "a blob", bytes, bytes_max });
        }
        let fail = |err| At(self.path()).append(err);
        let digest = Digest::of(bytes);
        if self.has_blob(&digest).map_err(fail)? {
            return Ok(digest);
        }
        // Outside of the connection's lock: other threads put blobs meanwhile.
        let compressed = compress(bytes).filter(|compressed| compressed.len() < bytes.len());
        let (encoding, content) = match &compressed {
            Some(compressed) => (ZLIB, compressed.as_slice()),
            None => (RAW, bytes),
        };
        let mut conn = self.conn();
        failpoint::hit("put blob: before begin");
        database::set_durability(&conn, Durability::WithNext).map_err(fail)?;
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        tx.prepare_cached(
            "INSERT INTO blobs (digest, encoding, size, content) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
        )
        .and_then(|mut insert| {
            insert.execute((digest.as_str(), encoding, bytes.len() as i64, content))
        })
        .map_err(fail)?;
        failpoint::hit("put blob: inserted");
        tx.commit().map_err(fail)?;
        failpoint::hit("put blob: committed");
        Ok(digest)
    }

    /// The content that `digest` names, verified; nothing when it was never put.
    pub fn get_blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, ReadError> {
        let fail = |err| At(self.path()).read(err);
        let row = self
            .conn()
            .prepare_cached("SELECT encoding, size, content FROM blobs WHERE digest = ?1")
            .and_then(|mut select| {
                select
                    .query_row([digest.as_str()], |row| {
                        let size: i64 = row.get(1)?;
                        Ok((row.get::<_, i64>(0)?, size, row.get::<_, Vec<u8>>(2)?))
                    })
                    .optional()
            })
            .map_err(fail)?;
        let Some((encoding, size, content)) = row else {
            return Ok(None);
        };
        decode(encoding, size, content)
            .filter(|bytes| Digest::of(bytes) == *digest)
            .map(Some)
            .ok_or_else(|| ReadError::BlobDamaged { digest: digest.clone() })
    }

    fn has_blob(&self, digest: &Digest) -> rusqlite::Result<bool> {
        self.conn()
            .prepare_cached("SELECT 1 FROM blobs WHERE digest = ?1")?
            .exists([digest.as_str()])
    }
}

/// Nothing when it is not worth it.
fn compress(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() < COMPRESSED_BYTES_MIN {
        return None;
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail; if it did, the raw bytes are as good.
    encoder.write_all(bytes).and_then(|()| encoder.finish()).ok()
}

/// Nothing when `content` is not a blob of `size` bytes.
pub(crate) fn decode(encoding: i64, size: i64, content: Vec<u8>) -> Option<Vec<u8>> {
    let size = usize::try_from(size).ok().filter(|size| *size <= BLOB_BYTES_MAX)?;
    let bytes = match encoding {
        RAW => content,
        ZLIB => decompress(&content, size).ok()?,
        _ => return None,
    };
    (bytes.len() == size).then_some(bytes)
}

fn decompress(content: &[u8], size: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One more than expected, so that a larger content is seen and never unfolded as a whole.
    ZlibDecoder::new(content).take(size as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
