//! HTML between Markdown: which tags begin and end a block of text, and which hide it.
//!
//! This is no parser of HTML: whatever is not understood is text, and nothing of it is kept but words.

use std::ops::Range;

use super::{Block, Reader, Table};

/// Longest tag that is looked at, in bytes; a longer one is text.
const TAG_BYTES_MAX: usize = 2_000;

/// Deepest nesting of lists that is told apart.
const DEPTH_MAX: usize = 100;

/// What is open.
#[derive(Debug, Default)]
pub(super) struct Html {
    /// Lists.
    lists: usize,
    /// An item whose text is not complete; a heading of this level.
    item: bool,
    heading: Option<u8>,
    /// The tag whose end ends what is hidden.
    hidden: Option<String>,
    /// Whether the row that is read is one of heads.
    is_head: bool,
    /// Whether the next cell begins a row.
    row_is_new: bool,
}

impl Reader {
    /// Reads a part of an HTML block; parts end anywhere between tags and words.
    pub(super) fn html(&mut self, html: &str, range: &Range<usize>) {
        let mut rest = html;
        while !rest.is_empty() {
            let at = html.len() - rest.len();
            let here = range.start + at..range.end;
            if let Some(until) = self.html.hidden.as_deref() {
                let is_end = |part: &[u8]| part.eq_ignore_ascii_case(until.as_bytes());
                match rest.as_bytes().windows(until.len()).position(is_end) {
                    None => return,
                    Some(end) => {
                        rest = &rest[end + until.len()..];
                        self.html.hidden = None;
                        continue;
                    }
                }
            }
            if let Some(after) = rest.strip_prefix("<!--") {
                self.html.hidden = Some("-->".to_owned());
                rest = after;
            } else if let Some((name, is_end, after)) = tag(rest) {
                self.tag(&name, is_end, &here);
                rest = after;
            } else {
                let next = rest.char_indices().skip(1).find(|(_, letter)| *letter == '<');
                let end = next.map_or(rest.len(), |(end, _)| end);
                self.html_text(&rest[..end], &here);
                rest = &rest[end..];
            }
        }
    }

    fn html_text(&mut self, text: &str, range: &Range<usize>) {
        let text = text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&nbsp;", " ")
            .replace("&amp;", "&");
        let is_blank = text.trim().is_empty();
        // Lines of the source are words apart.
        if is_blank {
            if !self.prose.text.is_empty() {
                self.push(" ");
            }
            return;
        }
        let blank = text.len() - text.trim_start().len();
        self.text(&text, &(range.start + blank..range.end));
    }

    fn tag(&mut self, name: &str, is_end: bool, range: &Range<usize>) {
        match (name, is_end) {
            ("script" | "style" | "pre" | "template" | "del" | "s" | "strike", false) => {
                self.html.hidden = Some(format!("</{name}>"));
            }
            ("ul" | "ol", _) => {
                self.end_block();
                let lists = self.html.lists;
                self.html.lists =
                    if is_end { lists.saturating_sub(1) } else { (lists + 1).min(DEPTH_MAX) };
            }
            ("li", _) => {
                self.end_block();
                self.html.item = !is_end;
            }
            ("table", false) => {
                self.end_block();
                self.table = Some(Table { line: self.line_of(range.start), ..Table::default() });
            }
            ("table", true) => {
                self.end_block();
                self.blocks.extend(self.table.take().map(Block::Table));
            }
            ("th" | "td", false) => {
                if let Some(table) = &mut self.table {
                    self.html.is_head = name == "th" && table.rows.is_empty();
                    if !self.html.is_head && self.html.row_is_new {
                        table.rows.push(Vec::new());
                    }
                    self.html.row_is_new = false;
                }
                self.prose = crate::sentences::Prose::default();
            }
            ("th" | "td", true) => self.end_html_cell(),
            ("tr", _) => self.html.row_is_new = true,
            ("br", _) => self.push(" "),
            (
                "p" | "div" | "section" | "details" | "summary" | "blockquote" | "article"
                | "center",
                _,
            ) => {
                self.end_block();
            }
            _ => match name.strip_prefix('h').and_then(|level| level.parse::<u8>().ok()) {
                Some(level @ 1..=6) => {
                    self.end_block();
                    self.html.heading = (!is_end).then_some(level);
                }
                _ => {}
            },
        }
    }

    fn end_html_cell(&mut self) {
        let prose = std::mem::take(&mut self.prose);
        if let Some(table) = &mut self.table {
            match self.html.is_head {
                true => table.head.push(prose),
                false => table.rows.last_mut().unwrap_or(&mut table.head).push(prose),
            }
        }
    }

    /// Ends the text that is being read within HTML.
    fn end_block(&mut self) {
        let text = std::mem::take(&mut self.prose);
        if text.text.trim().is_empty() {
            return;
        }
        let depth = self.html.lists.max(1) + self.items.len();
        let block = match self.html.heading {
            Some(level) => Block::Heading { level, text },
            None if self.html.item => {
                self.html.item = false;
                Block::Item { depth, text }
            }
            None if self.html.lists > 0 => Block::ItemMore { text },
            None => Block::Paragraph(text),
        };
        self.blocks.push(block);
    }

    /// A block of HTML ends; lists and tables may go on in the next one.
    pub(super) fn end_html(&mut self) {
        if self.table.is_none() {
            self.end_block();
        }
        self.html.heading = None;
        if self.html.hidden.as_deref() == Some("-->") {
            self.html.hidden = None;
        }
    }
}

/// The name of the tag that `text` begins with, whether it is an end, and what follows it.
fn tag(text: &str) -> Option<(String, bool, &str)> {
    let inside = text.strip_prefix('<')?;
    let (inside, is_end) = match inside.strip_prefix('/') {
        Some(inside) => (inside, true),
        None => (inside, false),
    };
    let name = inside.bytes().take_while(u8::is_ascii_alphanumeric).count();
    if name == 0 || !inside.as_bytes()[0].is_ascii_alphabetic() {
        return None;
    }
    let most = inside.len().min(TAG_BYTES_MAX);
    let end = inside.as_bytes()[..most].iter().position(|byte| b"<>".contains(byte))?;
    if inside.as_bytes()[end] == b'<' {
        return None;
    }
    Some((inside[..name].to_ascii_lowercase(), is_end, &inside[end + 1..]))
}
