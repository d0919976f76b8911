//! Lines that were run, of a tracefile of LCOV.

use std::collections::BTreeMap;

use lcov::{Reader, Record};

use super::{REPORTED_MAX, Reported};
use crate::delta::FileDelta;

/// For each file, as printed, the lines that can be run, and whether any run of them did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tracefile {
    files: BTreeMap<String, BTreeMap<u32, bool>>,
}

/// Reads a tracefile.
///
/// `text` is untrusted. A line that is in several tests' records was run where any of them says so. Fails, in one
/// line, for what is no tracefile or tells of no line at all.
///
/// Source: `man geninfo`, "FILES".
pub(crate) fn read(text: &str) -> Result<Tracefile, String> {
    let mut tracefile = Tracefile::default();
    let mut path: Option<String> = None;
    for record in Reader::new(text.as_bytes()) {
        match record.map_err(|error| error.to_string())? {
            Record::SourceFile { path: named } => {
                path = Some(named.to_string_lossy().into_owned());
            }
            Record::LineData { line, count, .. } => {
                let path = path.as_ref().ok_or("a line stands outside of any file")?;
                let lines = tracefile.files.entry(path.clone()).or_default();
                *lines.entry(line).or_default() |= count > 0;
            }
            Record::EndOfRecord => path = None,
            _ => {}
        }
    }
    if tracefile.files.is_empty() {
        return Err("it tells of no line".to_owned());
    }
    Ok(tracefile)
}

impl Tracefile {
    /// Added lines that nothing ran, those beside each other as one, at most one more than are kept. `changed`
    /// gives the change of a file as printed.
    pub(crate) fn not_run<'a>(
        &self,
        changed: &dyn Fn(&str) -> Option<&'a FileDelta>,
    ) -> Vec<Reported> {
        let mut found = Vec::new();
        for (path, lines) in &self.files {
            let Some(file) = changed(path) else { continue };
            let mut added = lines.iter().filter(|(line, _)| file.is_added(**line)).peekable();
            while let Some((first, is_run)) = added.next() {
                if *is_run {
                    continue;
                }
                let mut last = first;
                while let Some((line, _)) = added.next_if(|(_, is_run)| !**is_run) {
                    last = line;
                }
                let message = match last - first {
                    0 => "no test runs this line".to_owned(),
                    _ => format!("no test runs lines {first} to {last}"),
                };
                found.push(Reported::new("not-run", None, Some(path), Some(*first), &message));
                if found.len() > REPORTED_MAX {
                    return found;
                }
            }
        }
        found
    }

    /// The files that it tells of, as printed.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_was_run_where_any_test_ran_it() {
        let text = "TN:a\nSF:/c/a.py\nDA:1,1\nDA:2,0\nDA:3,0\nLF:3\nLH:1\nend_of_record\n\
                    TN:b\nSF:/c/a.py\nDA:2,4,checksum\nDA:3,0\nend_of_record\n";
        let lines = [(1, true), (2, true), (3, false)].into_iter().collect();
        let expected = Tracefile { files: [("/c/a.py".to_owned(), lines)].into() };
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn what_tells_of_no_line_is_no_answer() {
        for text in
            ["", "TN:\n", "SF:a.py\nend_of_record\n", "DA:1,1\n", "nonsense\n", "SF:a\nDA:x\n"]
        {
            assert!(read(text).is_err(), "{text:?}");
        }
    }
}
