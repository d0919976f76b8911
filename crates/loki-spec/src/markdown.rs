//! Markdown as a flat list of the blocks that can hold statements.
//!
//! Refuses everything that is not said to a reader: code blocks, comments, front matter, struck out
//! text, images. Of HTML it knows what makes text a block, and no more.

mod html;

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::sentences::Prose;
use html::Html;

/// One block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    /// A heading of level 1 to 6.
    Heading { level: u8, text: Prose },
    /// A paragraph outside of lists.
    Paragraph(Prose),
    /// The first text of a list item; `depth` is 1 in the outermost list.
    Item { depth: usize, text: Prose },
    /// Further text of the list item above.
    ItemMore { text: Prose },
    /// A table.
    Table(Table),
}

/// A table, cell by cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) head: Vec<Prose>,
    pub(crate) rows: Vec<Vec<Prose>>,
    /// 1-based.
    pub(crate) line: u32,
}

/// Reads `text` into blocks, in order. Never fails: everything is Markdown.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut reader = Reader::new(text);
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        reader.event(event, &range);
    }
    reader.flush();
    reader.blocks
}

struct Reader {
    line_starts: Vec<usize>,
    blocks: Vec<Block>,
    prose: Prose,
    heading: Option<u8>,
    /// For each list item that is open, whether its first text was read.
    items: Vec<bool>,
    table: Option<Table>,
    /// How many elements are open whose text is not read.
    silent: usize,
    links: usize,
    /// Whether HTML strikes out what is read, at most to the end of its block.
    struck: bool,
    html: Html,
}

impl Reader {
    fn new(text: &str) -> Reader {
        let line_starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Reader {
            line_starts: std::iter::once(0).chain(line_starts).collect(),
            blocks: Vec::new(),
            prose: Prose::default(),
            heading: None,
            items: Vec::new(),
            table: None,
            silent: 0,
            links: 0,
            struck: false,
            html: Html::default(),
        }
    }

    fn event(&mut self, event: Event<'_>, range: &Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text, range),
            Event::Code(code) => self.text(&format!("`{code}`"), range),
            Event::SoftBreak | Event::HardBreak => self.push(" "),
            Event::Rule => self.flush(),
            Event::Html(html) => self.html(&html, range),
            Event::InlineHtml(html) => {
                let lower = html.to_ascii_lowercase();
                if lower.starts_with("<br") {
                    self.push(" ");
                } else if ["<del", "<s>", "<strike"].iter().any(|tag| lower.starts_with(tag)) {
                    self.struck = true;
                } else if ["</del", "</s>", "</strike"].iter().any(|tag| lower.starts_with(tag)) {
                    self.struck = false;
                }
            }
            Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: &Range<usize>) {
        match tag {
            Tag::CodeBlock(_) | Tag::MetadataBlock(_) => {
                self.flush();
                self.silent += 1;
            }
            Tag::HtmlBlock => self.flush(),
            Tag::Image { .. } | Tag::Strikethrough => self.silent += 1,
            Tag::Link { .. } => self.links += 1,
            Tag::Heading { level, .. } => {
                self.flush();
                self.heading = Some(number(*level));
            }
            Tag::Item => {
                self.flush();
                self.items.push(false);
            }
            Tag::Table(_) => {
                self.flush();
                self.table = Some(Table { line: self.line_of(range.start), ..Table::default() });
            }
            Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.rows.push(Vec::new());
                }
            }
            Tag::Paragraph | Tag::List(_) | Tag::BlockQuote(_) => self.flush(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::HtmlBlock => self.end_html(),
            TagEnd::CodeBlock
            | TagEnd::MetadataBlock(_)
            | TagEnd::Image
            | TagEnd::Strikethrough => self.silent = self.silent.saturating_sub(1),
            TagEnd::Link => self.links = self.links.saturating_sub(1),
            TagEnd::Heading(_) => {
                self.flush();
                self.heading = None;
            }
            TagEnd::Item => {
                self.flush();
                self.items.pop();
            }
            TagEnd::TableCell => self.end_cell(),
            TagEnd::Table => self.blocks.extend(self.table.take().map(Block::Table)),
            TagEnd::Paragraph | TagEnd::List(_) | TagEnd::BlockQuote(_) => self.flush(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str, range: &Range<usize>) {
        if self.silent > 0 || self.struck {
            return;
        }
        let line = self.line_of(range.start);
        if self.prose.lines.last().is_none_or(|(_, last)| *last < line) {
            self.prose.lines.push((self.prose.text.len(), line));
        }
        let before = self.prose.text.len();
        self.push(text);
        if self.links > 0 {
            self.prose.linked_bytes += self.prose.text.len() - before;
        }
    }

    fn push(&mut self, text: &str) {
        if self.silent == 0 {
            // What moves a terminal's cursor has no place in a line of text.
            self.prose.text.extend(text.chars().map(|c| if c.is_control() { ' ' } else { c }));
        }
    }

    fn end_cell(&mut self) {
        let prose = std::mem::take(&mut self.prose);
        if let Some(table) = &mut self.table {
            table.rows.last_mut().unwrap_or(&mut table.head).push(prose);
        }
    }

    /// Ends the block that is being read, if there is any text.
    fn flush(&mut self) {
        self.struck = false;
        let text = std::mem::take(&mut self.prose);
        if text.text.trim().is_empty() {
            return;
        }
        let depth = self.items.len();
        let block = match (self.heading, self.items.last_mut()) {
            (Some(level), None) => Block::Heading { level, text },
            (_, Some(seen)) if !*seen => {
                *seen = true;
                Block::Item { depth, text }
            }
            (_, Some(_)) => Block::ItemMore { text },
            (None, None) => Block::Paragraph(text),
        };
        self.blocks.push(block);
    }

    /// 1-based.
    fn line_of(&self, offset: usize) -> u32 {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        u32::try_from(line).unwrap_or(u32::MAX)
    }
}

fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}
