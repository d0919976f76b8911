//! Cuts a stream of bytes into lines, in bounded memory and whatever the chunks.

/// Longer lines are dropped whole.
pub(crate) const LINE_BYTES_MAX: usize = 8 << 20;

/// A line in the making.
#[derive(Debug)]
pub(crate) struct Lines {
    line: Vec<u8>,
    line_bytes_max: usize,
    /// The current line is too long and its rest is skipped.
    skipping: bool,
    dropped: u64,
}

impl Lines {
    pub(crate) fn new() -> Lines {
        Lines::with_limit(LINE_BYTES_MAX)
    }

    fn with_limit(line_bytes_max: usize) -> Lines {
        Lines { line: Vec::new(), line_bytes_max, skipping: false, dropped: 0 }
    }

    /// Hands every line that `bytes` completes to `take`, without its newline.
    pub(crate) fn feed(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            self.extend(&rest[..end]);
            self.end_line(take);
            rest = &rest[end + 1..];
        }
        self.extend(rest);
    }

    /// Hands over a last line that has no newline.
    pub(crate) fn finish(&mut self, take: &mut dyn FnMut(&[u8])) {
        if self.skipping || !self.line.is_empty() {
            self.end_line(take);
        }
    }

    /// Lines that were too long.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    fn extend(&mut self, part: &[u8]) {
        if self.skipping || self.line.len() + part.len() > self.line_bytes_max {
            self.skipping = true;
            // Freed, not only emptied: one huge line must not cost memory for the rest of the call.
            self.line = Vec::new();
        } else {
            self.line.extend_from_slice(part);
        }
    }

    fn end_line(&mut self, take: &mut dyn FnMut(&[u8])) {
        if self.skipping {
            self.dropped += 1;
        } else {
            take(&self.line);
        }
        self.skipping = false;
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(chunks: &[&[u8]], line_bytes_max: usize) -> (Vec<String>, u64) {
        let mut lines = Lines::with_limit(line_bytes_max);
        let mut taken = Vec::new();
        let mut take = |line: &[u8]| taken.push(String::from_utf8_lossy(line).into_owned());
        for chunk in chunks {
            lines.feed(chunk, &mut take);
        }
        lines.finish(&mut take);
        (taken, lines.dropped())
    }

    #[test]
    fn chunks_do_not_matter() {
        let text = b"ab\n\ncde\nf";
        for size in 1..=text.len() {
            let chunks: Vec<&[u8]> = text.chunks(size).collect();
            let expected = ["ab", "", "cde", "f"].map(str::to_owned).to_vec();
            assert_eq!(cut(&chunks, 10), (expected, 0), "chunks of {size}");
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_dropped_and_counted() {
        for chunks in [&[b"a\n01234\nb\n".as_slice()][..], &[b"a\n012", b"34", b"\nb\n"]] {
            let expected = ["a", "b"].map(str::to_owned).to_vec();
            assert_eq!(cut(chunks, 4), (expected, 1));
        }
    }

    #[test]
    fn a_last_line_that_is_too_long_counts_too() {
        assert_eq!(cut(&[b"01234"], 4), (Vec::new(), 1));
    }
}
