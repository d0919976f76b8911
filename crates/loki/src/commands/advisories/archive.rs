//! Zip files of advisories, made by whomever.
//!
//! Owns what is read out of one: text, never more than a bound, and never written anywhere, so that no name in
//! it can lead out of a directory.

use std::fs::File;
use std::io::{self, Read};

use flate2::read::DeflateDecoder;
use loki_verify::advisories::{ADVISORIES_MAX, ADVISORY_BYTES_MAX, Intake};
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive};

use super::bring::BringError;
use super::progress::Progress;

/// Bytes of all files together.
const UNPACKED_BYTES_MAX: u64 = 16 << 30;

/// Takes every `*.json` in the zip `file`, which people call `shown`.
pub(super) fn take(
    file: File,
    shown: &str,
    intake: &mut Intake,
    progress: &Progress,
) -> Result<(), BringError> {
    let broken = |source| BringError::Broken { name: shown.to_owned(), source };
    let unfit =
        |detail: &str| BringError::Unfit { name: shown.to_owned(), detail: detail.to_owned() };
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_file(file, &mut buffer).map_err(broken)?;
    let promised = archive.entries_hint();
    if promised > ADVISORIES_MAX as u64 {
        return Err(unfit("it holds too many files"));
    }
    let (mut seen, mut unpacked) = (0_u64, 0_u64);
    let mut entries = archive.entries(&mut buffer);
    while let Some(entry) = entries.next_entry().map_err(broken)? {
        seen += 1;
        if seen > promised {
            break;
        }
        let name = String::from_utf8_lossy(entry.file_path().as_ref()).into_owned();
        if entry.is_dir() || !name.ends_with(".json") {
            continue;
        }
        let held = archive.get_entry(entry.wayfinder()).map_err(broken)?;
        let reader = held.reader();
        let text = match entry.compression_method() {
            CompressionMethod::STORE => bounded(held.verifying_reader(reader)),
            CompressionMethod::DEFLATE => {
                bounded(held.verifying_reader(DeflateDecoder::new(reader)))
            }
            _ => return Err(unfit("its files are compressed in a way that is not known")),
        };
        let text =
            text.map_err(|error| unfit(&format!("`{name}` can not be unpacked: {error}")))?;
        unpacked += text.len() as u64;
        if unpacked > UNPACKED_BYTES_MAX {
            return Err(unfit("it holds too much"));
        }
        intake.take(&name, &text)?;
        progress.at(|| format!("{shown}: {seen} of {promised} files read"));
    }
    if seen == promised { Ok(()) } else { Err(unfit("it does not hold as many files as it says")) }
}

/// All that there is, unless it is more than an advisory can be.
fn bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(ADVISORY_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > ADVISORY_BYTES_MAX {
        return Err(io::Error::other(format!(
            "it is larger than {} MiB",
            ADVISORY_BYTES_MAX >> 20
        )));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use loki_verify::Ecosystem;
    use std::io::{Seek as _, Write as _};

    const ADVISORY: &str = "{\"id\": \"X-1\", \"modified\": \"2026-03-04T05:06:07Z\", \"affected\": \
                            [{\"package\": {\"ecosystem\": \"npm\", \"name\": \"a\"}, \"versions\": [\"1.0.0\"]}]}";

    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
        for (name, content) in files {
            let file = archive.new_file(name).compression_method(CompressionMethod::DEFLATE);
            let (mut entry, config) = file.start().unwrap();
            let level = flate2::Compression::default();
            let encoder = flate2::write::DeflateEncoder::new(&mut entry, level);
            let mut writer = config.wrap(encoder);
            writer.write_all(content).unwrap();
            let (encoder, descriptor) = writer.finish().unwrap();
            encoder.finish().unwrap();
            entry.finish(descriptor).unwrap();
        }
        archive.finish().unwrap();
        bytes
    }

    /// How many advisories of npm a zip brings, or why it is refused.
    fn taken(bytes: &[u8]) -> Result<u64, String> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        let mut intake = Intake::new([Ecosystem::Npm]);
        take(file, "all.zip", &mut intake, &Progress::new(true))
            .map_err(|error| crate::error::chain(&error))?;
        Ok(intake.advisories(Ecosystem::Npm))
    }

    #[test]
    fn names_that_lead_out_of_the_archive_lead_nowhere() {
        let bytes = zip(&[("../../x.json", ADVISORY.as_bytes()), ("/etc/y.json", b"{}")]);
        assert_eq!(taken(&bytes), Ok(1));
    }

    #[test]
    fn what_is_called_otherwise_is_not_read() {
        assert_eq!(
            taken(&zip(&[("readme.txt", b"no json"), ("a.json", ADVISORY.as_bytes())])),
            Ok(1)
        );
    }

    #[test]
    fn a_file_that_grows_without_end_is_refused() {
        let bomb = vec![b' '; usize::try_from(ADVISORY_BYTES_MAX).unwrap() + 1];
        let bytes = zip(&[("a.json", &bomb)]);
        assert!(bytes.len() < 1 << 20);
        let refused = taken(&bytes).unwrap_err();
        assert!(refused.contains("larger than 16 MiB"), "{refused}");
    }

    #[test]
    fn an_archive_that_was_cut_off_or_damaged_is_refused() {
        let whole = zip(&[("a.json", ADVISORY.as_bytes())]);
        assert_eq!(taken(&whole), Ok(1));
        for length in [0, 1, whole.len() / 2, whole.len() - 1] {
            assert!(taken(&whole[..length]).is_err(), "{length} bytes");
        }
        let mut damaged = whole.clone();
        // Somewhere in the middle of the text.
        damaged[60] ^= 0xff;
        assert!(taken(&damaged).is_err());
        assert!(taken(b"<html>not here</html>").is_err());
    }

    #[test]
    fn a_file_that_is_no_json_is_named() {
        let refused = taken(&zip(&[("npm/broken.json", b"{")])).unwrap_err();
        assert!(refused.contains("`npm/broken.json` is no advisory"), "{refused}");
    }
}
