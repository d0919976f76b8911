//! Reading what `git diff-tree --raw --patch -U0` writes, as it comes.
//!
//! Shape: one line `:<modes> <ids> <status>\t<path>` for each file, an empty line, then for each
//! file in the same order one section, or two where a file became another type: `diff --git …`,
//! headers, and hunks whose `@@` line says how many lines follow.

/// Longer lines are cut; a line this long is not written by hand.
pub(super) const LINE_BYTES_MAX: usize = 1 << 20;

/// The raw line of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) old_mode: u32,
    pub(super) new_mode: u32,
    /// What the old and the new side hold, by their names in the object database.
    pub(super) ids: [String; 2],
    /// `A`, `D`, `M` or `T`.
    pub(super) status: u8,
    /// Bytes that are not UTF-8 are replaced.
    pub(super) path: String,
}

/// One thing that differs in the file at an index into [`Patch::entries`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// A new line, with its 1-based number on the new side.
    Added(u32, &'a [u8]),
    /// A line that is gone.
    Deleted(&'a [u8]),
    /// Git shows no lines of this file.
    Hidden,
}

/// A patch in the reading.
#[derive(Default)]
pub(super) struct Patch {
    entries: Vec<Entry>,
    part: Part,
    /// The begun line at the end of the last chunk, cut at [`LINE_BYTES_MAX`].
    begun: Vec<u8>,
    sections: usize,
    entry: Option<usize>,
    problem: Option<String>,
}

#[derive(Clone, Copy, Default)]
enum Part {
    #[default]
    Raw,
    Headers,
    Hunk {
        deleted_left: u32,
        added_left: u32,
        added_at: u32,
    },
}

type Visit<'v> = dyn FnMut(usize, &Entry, Line<'_>) + 'v;

impl Patch {
    /// Reads on.
    pub(super) fn push(&mut self, chunk: &[u8], visit: &mut Visit<'_>) {
        for piece in chunk.split_inclusive(|byte| *byte == b'\n') {
            match piece.strip_suffix(b"\n") {
                Some(line) if self.begun.is_empty() => {
                    self.line(line.get(..LINE_BYTES_MAX).unwrap_or(line), visit);
                }
                line => {
                    let room = LINE_BYTES_MAX.saturating_sub(self.begun.len());
                    let rest = line.unwrap_or(piece);
                    self.begun.extend_from_slice(rest.get(..room).unwrap_or(rest));
                    if line.is_some() {
                        let line = std::mem::take(&mut self.begun);
                        self.line(&line, visit);
                    }
                }
            }
        }
    }

    /// All files that differ, in git's order; or the text that has no place in a patch.
    pub(super) fn finish(self) -> Result<Vec<Entry>, String> {
        let at_end = !matches!(self.part, Part::Hunk { .. }) && self.begun.is_empty();
        let complete = self.entry.map_or(0, |entry| entry + 1) == self.entries.len();
        match self.problem {
            Some(problem) => Err(problem),
            None if at_end && complete => Ok(self.entries),
            None => Err("the patch ends early".to_owned()),
        }
    }

    /// All files that differ, in git's order, where no patch was asked for.
    pub(super) fn announced(self) -> Result<Vec<Entry>, String> {
        match self.problem {
            Some(problem) => Err(problem),
            None => Ok(self.entries),
        }
    }

    fn line(&mut self, line: &[u8], visit: &mut Visit<'_>) {
        match self.part {
            Part::Raw if line.is_empty() => self.part = Part::Headers,
            Part::Raw => match entry(line) {
                Some(entry) => self.entries.push(entry),
                None => self.fail(line),
            },
            Part::Headers => self.header(line, visit),
            Part::Hunk { deleted_left, added_left, added_at } => {
                let hunk = |deleted_left, added_left, added_at| match (deleted_left, added_left) {
                    (0, 0) => Part::Headers,
                    _ => Part::Hunk { deleted_left, added_left, added_at },
                };
                match line {
                    [b'-', text @ ..] if deleted_left > 0 => {
                        self.show(Line::Deleted(text), visit);
                        self.part = hunk(deleted_left - 1, added_left, added_at);
                    }
                    [b'+', text @ ..] if added_left > 0 => {
                        self.show(Line::Added(added_at, text), visit);
                        self.part = hunk(deleted_left, added_left - 1, added_at.saturating_add(1));
                    }
                    [b'\\', ..] => {}
                    _ => self.fail(line),
                }
            }
        }
    }

    fn header(&mut self, line: &[u8], visit: &mut Visit<'_>) {
        if line.starts_with(b"diff --git ") {
            self.next_section();
        } else if line.starts_with(b"@@ ") {
            match hunk(line) {
                Some(part) => self.part = part,
                None => self.fail(line),
            }
        } else if line.starts_with(b"Binary files ") {
            self.show(Line::Hidden, visit);
        }
    }

    fn next_section(&mut self) {
        if self.sections > 0 {
            self.sections -= 1;
            return;
        }
        let next = self.entry.map_or(0, |entry| entry + 1);
        match self.entries.get(next) {
            Some(entry) => {
                self.sections = usize::from(entry.changes_type());
                self.entry = Some(next);
            }
            None => self.fail(b"more files than announced"),
        }
    }

    fn show(&mut self, line: Line<'_>, visit: &mut Visit<'_>) {
        match self.entry.and_then(|index| Some((index, self.entries.get(index)?))) {
            Some((index, entry)) => visit(index, entry, line),
            None => self.fail(b"a change before the first file"),
        }
    }

    fn fail(&mut self, text: &[u8]) {
        let text = || String::from_utf8_lossy(text.get(..80).unwrap_or(text)).into_owned();
        self.problem.get_or_insert_with(text);
    }
}

impl Entry {
    /// Git then writes a deletion and an addition.
    fn changes_type(&self) -> bool {
        const TYPE: u32 = 0o170_000;
        self.old_mode != 0 && self.new_mode != 0 && (self.old_mode ^ self.new_mode) & TYPE != 0
    }
}

/// `:<old mode> <new mode> <old id> <new id> <status>\t<path>`
fn entry(line: &[u8]) -> Option<Entry> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let facts = std::str::from_utf8(line.get(..tab)?).ok()?.strip_prefix(':')?;
    let facts: Vec<&str> = facts.split(' ').collect();
    let [old_mode, new_mode, old_id, new_id, status] = facts[..] else { return None };
    let path = unquote(line.get(tab + 1..)?)?;
    Some(Entry {
        old_mode: u32::from_str_radix(old_mode, 8).ok()?,
        new_mode: u32::from_str_radix(new_mode, 8).ok()?,
        ids: [old_id.to_owned(), new_id.to_owned()],
        status: *status.as_bytes().first()?,
        path: String::from_utf8_lossy(&path).into_owned(),
    })
}

/// `@@ -<line>[,<count>] +<line>[,<count>] @@ …`
fn hunk(line: &[u8]) -> Option<Part> {
    let mut ranges = line.split(|byte| *byte == b' ').skip(1);
    let mut range = |sign: u8| {
        let text = std::str::from_utf8(ranges.next()?.strip_prefix(&[sign])?).ok()?;
        let (start, count) = text.split_once(',').unwrap_or((text, "1"));
        Some((start.parse::<u32>().ok()?, count.parse::<u32>().ok()?))
    };
    let (_, deleted_left) = range(b'-')?;
    let (added_at, added_left) = range(b'+')?;
    // A hunk without lines is none, and no line is before the first.
    let has_lines = deleted_left > 0 || added_left > 0;
    let has_place = added_left == 0 || added_at > 0;
    (has_lines && has_place).then_some(Part::Hunk { deleted_left, added_left, added_at })
}

/// Undoes git's quoting of a path with special bytes: `"a\tb\303\244"`.
fn unquote(path: &[u8]) -> Option<Vec<u8>> {
    let Some(quoted) = path.strip_prefix(b"\"") else { return Some(path.to_vec()) };
    let mut rest = quoted.strip_suffix(b"\"")?;
    let mut bytes = Vec::with_capacity(rest.len());
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte != b'\\' {
            bytes.push(*byte);
            continue;
        }
        let [escaped, after @ ..] = rest else { return None };
        rest = after;
        bytes.push(match escaped {
            b'a' => 7,
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 11,
            b'f' => 12,
            b'r' => b'\r',
            b'"' | b'\\' => *escaped,
            b'0'..=b'3' => {
                let [second @ b'0'..=b'7', third @ b'0'..=b'7', after @ ..] = rest else {
                    return None;
                };
                rest = after;
                (escaped - b'0') << 6 | (second - b'0') << 3 | (third - b'0')
            }
            _ => return None,
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATCH: &str = "\
:100644 120000 aa bb T\ta
:100644 100755 aa bb M\tb
:000000 100644 aa bb A\t\"c \\\"\\n\\303\\244\"

diff --git a/a b/a
deleted file mode 100644
--- a/a
+++ /dev/null
@@ -1 +0,0 @@
-old
diff --git a/a b/a
new file mode 120000
@@ -0,0 +1 @@
+b
\\ No newline at end of file
diff --git a/b b/b
@@ -2,2 +2 @@ fn one() {
--- two
-diff --git a/x b/x
+++ three
\\ No newline at end of file
@@ -9,0 +8,2 @@
+
+@@ -1 +1 @@
diff --git \"a/c\" \"b/c\"
Binary files /dev/null and b/c differ
";

    fn read(patch: &[u8], chunk_bytes: usize) -> Result<Vec<String>, String> {
        let mut seen = Vec::new();
        let mut patches = Patch::default();
        for chunk in patch.chunks(chunk_bytes) {
            patches.push(chunk, &mut |_, entry, line| {
                let text = String::from_utf8_lossy;
                let line = match line {
                    Line::Added(number, line) => format!("+{number} {}", text(line)),
                    Line::Deleted(line) => format!("- {}", text(line)),
                    Line::Hidden => "hidden".to_owned(),
                };
                seen.push(format!("{}: {line}", entry.path.escape_debug()));
            });
        }
        patches.finish().map(|_| seen)
    }

    #[test]
    fn lines_go_to_their_files_however_the_patch_is_cut_up() {
        for chunk_bytes in [1, 2, 7, 64, 100_000] {
            let seen = read(PATCH.as_bytes(), chunk_bytes).unwrap();
            assert_eq!(
                seen,
                [
                    "a: - old",
                    "a: +1 b",
                    "b: - -- two",
                    "b: - diff --git a/x b/x",
                    "b: +2 ++ three",
                    "b: +8 ",
                    "b: +9 @@ -1 +1 @@",
                    "c \\\"\\nä: hidden",
                ]
            );
        }
    }

    #[test]
    fn a_patch_that_ends_early_is_no_patch() {
        let lines: Vec<&str> = PATCH.lines().collect();
        for kept in 1..lines.len() - 1 {
            let text = lines[..kept].join("\n") + "\n";
            assert!(read(text.as_bytes(), 64).is_err(), "{text}");
        }
    }

    #[test]
    fn hunks_that_can_not_be_are_no_patch() {
        let file = ":100644 100644 aa bb M\ta\n\ndiff --git a/a b/a\n";
        for hunk in ["@@ -0,0 +0 @@", "@@ -1,4294967295 +1,4294967295 @@"] {
            assert!(read(format!("{file}{hunk}\n+x\n").as_bytes(), 64).is_err(), "{hunk}");
        }
    }

    #[test]
    fn no_differences_are_no_patch_at_all() {
        assert_eq!(read(b"", 1), Ok(vec![]));
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes, 5);
            let _ = read(&[PATCH.as_bytes(), &bytes].concat(), 50);
        }
    }
}
