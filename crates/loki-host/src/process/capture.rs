//! Keeping the head and the tail of an output of any length in bounded memory.

use std::collections::VecDeque;

/// Head and tail of one output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captured {
    /// The first bytes.
    pub head: Vec<u8>,
    /// The last bytes, when not all fitted into the head.
    pub tail: Vec<u8>,
    /// Bytes written in all.
    pub bytes_total: u64,
}

impl Captured {
    /// Whether bytes between head and tail were dropped.
    pub fn is_truncated(&self) -> bool {
        self.bytes_dropped() > 0
    }

    /// Head and tail joined; a gap between them leaves no mark.
    pub fn bytes(&self) -> Vec<u8> {
        [self.head.as_slice(), self.tail.as_slice()].concat()
    }

    /// What was kept, for people: bytes that are not UTF-8 are replaced, and a line of its own
    /// stands for dropped bytes.
    pub fn text(&self) -> String {
        if !self.is_truncated() {
            return String::from_utf8_lossy(&self.bytes()).into_owned();
        }
        let (head, tail) =
            (String::from_utf8_lossy(&self.head), String::from_utf8_lossy(&self.tail));
        format!("{head}\n[{} bytes dropped]\n{tail}", self.bytes_dropped())
    }

    fn bytes_dropped(&self) -> u64 {
        let kept = (self.head.len() + self.tail.len()) as u64;
        self.bytes_total.saturating_sub(kept)
    }
}

/// Which output a chunk came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A [`Captured`] in the making.
#[derive(Debug)]
pub struct Capture {
    head: Vec<u8>,
    head_bytes_max: usize,
    tail: VecDeque<u8>,
    tail_bytes_max: usize,
    bytes_total: u64,
}

impl Capture {
    /// Keeps at most `bytes_max` bytes: half from the head, half from the tail.
    pub fn new(bytes_max: usize) -> Capture {
        let tail_bytes_max = bytes_max / 2;
        Capture {
            head: Vec::new(),
            head_bytes_max: bytes_max - tail_bytes_max,
            tail: VecDeque::new(),
            tail_bytes_max,
            bytes_total: 0,
        }
    }

    /// Adds what was written next.
    pub fn push(&mut self, chunk: &[u8]) {
        self.bytes_total = self.bytes_total.saturating_add(chunk.len() as u64);
        let room = self.head_bytes_max - self.head.len();
        let (head, rest) = chunk.split_at(room.min(chunk.len()));
        self.head.extend_from_slice(head);
        let rest = &rest[rest.len().saturating_sub(self.tail_bytes_max)..];
        let excess = (self.tail.len() + rest.len()).saturating_sub(self.tail_bytes_max);
        self.tail.drain(..excess);
        self.tail.extend(rest);
    }

    /// What was kept.
    pub fn finish(self) -> Captured {
        Captured { head: self.head, tail: self.tail.into(), bytes_total: self.bytes_total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(bytes_max: usize, chunks: &[&[u8]]) -> Captured {
        let mut capture = Capture::new(bytes_max);
        chunks.iter().for_each(|chunk| capture.push(chunk));
        capture.finish()
    }

    #[test]
    fn an_output_that_fits_is_kept_whole_even_across_the_seam() {
        let text = "ab€cd".as_bytes();
        for size in 1..=text.len() {
            let chunks: Vec<&[u8]> = text.chunks(size).collect();
            let captured = capture(text.len(), &chunks);
            assert_eq!((captured.text().as_str(), captured.is_truncated()), ("ab€cd", false));
        }
    }

    #[test]
    fn a_longer_output_keeps_head_and_tail_and_says_what_is_missing() {
        let captured = capture(6, &[b"0123", b"456", b"789abc"]);
        assert_eq!(captured.text(), "012\n[7 bytes dropped]\nabc");
        assert_eq!(captured.bytes(), b"012abc");
        assert_eq!(captured.bytes_total, 13);
    }

    #[test]
    fn nothing_is_kept_under_a_limit_of_zero() {
        let captured = capture(0, &[b"0123"]);
        assert_eq!(captured, Captured { bytes_total: 4, ..Captured::default() });
        assert!(captured.is_truncated());
    }

    #[test]
    fn bytes_that_are_not_text_do_not_fail() {
        assert_eq!(capture(100, &[b"a\xffb"]).text(), "a\u{fffd}b");
    }
}
