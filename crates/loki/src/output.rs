//! Standard output is data, standard error is talk.
//!
//! A reader that went away is not an error; a disk that is full is.

use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Data could not be written. Checked once, at the end of the process.
static LOST: AtomicBool = AtomicBool::new(false);

/// Nobody reads data any more.
static UNREAD: AtomicBool = AtomicBool::new(false);

/// Lines of data.
pub(crate) fn data(lines: &str) {
    write(std::io::stdout().lock(), &harmless_lines(lines));
}

/// A line of data with colours of ours, every part of others made harmless already.
pub(crate) fn painted(line: &str) {
    write(std::io::stdout().lock(), line);
}

/// Lines of talk. Losing them loses nothing.
pub(crate) fn talk(lines: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", harmless_lines(lines));
}

/// A file's text as it is, for pipes and redirections; made harmless where it goes to a terminal.
pub(crate) fn raw(text: &str) {
    let stdout = std::io::stdout();
    if std::io::IsTerminal::is_terminal(&stdout) {
        data(text);
    } else {
        write(stdout.lock(), text);
    }
}

/// A piece of others' bytes as it is, for pipes and redirections; made harmless where it goes to a
/// terminal.
pub(crate) fn piece(bytes: &[u8]) {
    let stdout = std::io::stdout();
    let written = if std::io::IsTerminal::is_terminal(&stdout) {
        let text = harmless_lines(&String::from_utf8_lossy(bytes));
        stdout.lock().write_all(text.as_bytes())
    } else {
        stdout.lock().write_all(bytes)
    };
    note(written);
}

/// One JSON document on one line. JSON escapes control characters itself.
pub(crate) fn json(value: &serde_json::Value) {
    write(std::io::stdout().lock(), &value.to_string());
}

/// Whether data was lost to anything but a reader that went away.
pub(crate) fn was_lost() -> bool {
    LOST.load(Ordering::Relaxed)
}

/// Whether whoever read the data went away, for commands that would go on for ever.
pub(crate) fn reader_is_gone() -> bool {
    UNREAD.load(Ordering::Relaxed)
}

fn write(mut to: impl Write, line: &str) {
    note(writeln!(to, "{line}").and_then(|()| to.flush()));
}

fn note(written: std::io::Result<()>) {
    match written {
        Ok(()) => {}
        Err(err) if err.kind() == ErrorKind::BrokenPipe => UNREAD.store(true, Ordering::Relaxed),
        Err(_) => LOST.store(true, Ordering::Relaxed),
    }
}

fn harmless_lines(text: &str) -> String {
    text.split('\n').map(harmless).collect::<Vec<_>>().join("\n")
}

/// Text of other programs, made harmless for a terminal: no escape sequences, nothing that turns
/// the direction of writing around, one line.
pub(crate) fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_bidirectional(c) { ' ' } else { c }).collect()
}

/// Source: Unicode Standard Annex #9, explicit directional formatting characters.
fn is_bidirectional(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_of_others_do_not_reach_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\nc\u{7}é\u{202e}x"), "a [2Jb c é x");
        assert_eq!(harmless_lines("a\u{1b}b\nc"), "a b\nc");
    }

    #[test]
    fn a_full_disk_is_told_from_a_reader_that_went_away() {
        struct Fails(ErrorKind);
        impl Write for Fails {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(self.0.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        write(Fails(ErrorKind::BrokenPipe), "x");
        assert!(!was_lost() && reader_is_gone());
        write(Fails(ErrorKind::StorageFull), "x");
        assert!(was_lost());
    }
}
