//! HTML as the editors of trackers write it. No page: what would run or style is left out.

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader as Tags;

use super::{code_block, code_span, escape, guard_starts, link, marked, table};

/// How often reading goes on behind what is no HTML; the rest is then taken as text.
const RESTARTS_MAX: usize = 100;

/// HTML as Markdown. Tags that do not fit together are read as browsers would about do.
pub fn html_to_markdown(html: &str) -> String {
    let mut writer = Writer::default();
    let mut rest = html;
    for _ in 0..=RESTARTS_MAX {
        let read = read(rest, &mut writer);
        rest = &rest[rest.ceil_char_boundary(read.min(rest.len()))..];
        let Some(letter) = rest.chars().next() else { break };
        // It is none of a tag.
        writer.text(&letter.to_string());
        rest = &rest[letter.len_utf8()..];
    }
    writer.text(rest);
    writer.finish()
}

/// Reads until the end or until what is no HTML; how many bytes were read.
fn read(html: &str, writer: &mut Writer) -> usize {
    let mut tags = Tags::from_str(html);
    let config = tags.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    loop {
        let before = usize::try_from(tags.buffer_position()).unwrap_or(usize::MAX);
        match tags.read_event() {
            // What does not begin like a name is none: `a < b and c > d`.
            Ok(Event::Start(tag)) if !is_named(&tag) => writer.text(&format!("<{}>", &*tag)),
            Ok(Event::Empty(tag)) if !is_named(&tag) => writer.text(&format!("<{}/>", &*tag)),
            Ok(Event::Start(tag)) => writer.start(&tag),
            Ok(Event::Empty(tag)) => {
                writer.start(&tag);
                writer.end(&name(tag.name().as_ref()));
            }
            Ok(Event::End(tag)) => writer.end(&name(tag.name().as_ref())),
            Ok(Event::Text(text)) => writer.text(&text),
            Ok(Event::CData(text)) => writer.text(&text),
            Ok(Event::GeneralRef(reference)) => writer.text(&entity(&reference)),
            Ok(Event::Eof) => return html.len(),
            Ok(_) => {}
            Err(_) => return before,
        }
    }
}

fn is_named(tag: &BytesStart<'_>) -> bool {
    tag.starts_with(|first: char| first.is_ascii_alphabetic())
}

fn name(tag: &str) -> String {
    tag.to_ascii_lowercase()
}

fn attribute(tag: &BytesStart<'_>, wanted: &str) -> Option<String> {
    let mut attributes = tag.html_attributes();
    let attributes = attributes.with_checks(false).flatten();
    let mut found = attributes.filter(|attribute| {
        let key: &str = attribute.key.as_ref();
        key.eq_ignore_ascii_case(wanted)
    });
    found.next().map(|attribute| {
        let value: &str = attribute.value.as_ref();
        value.replace("&amp;", "&").replace("&quot;", "\"").replace("&#39;", "'")
    })
}

/// Names that editors write. What is not known stays as it was written.
fn entity(name: &str) -> String {
    let known = match name {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "quot" => "\"",
        "apos" => "'",
        "nbsp" => " ",
        "ndash" => "–",
        "mdash" => "—",
        "hellip" => "…",
        "lsquo" => "‘",
        "rsquo" => "’",
        "ldquo" => "“",
        "rdquo" => "”",
        "bull" => "•",
        "rarr" => "→",
        "larr" => "←",
        "le" => "≤",
        "ge" => "≥",
        "ne" => "≠",
        "times" => "×",
        "auml" => "ä",
        "ouml" => "ö",
        "uuml" => "ü",
        "szlig" => "ß",
        "eacute" => "é",
        _ => return numbered(name).map_or_else(|| format!("&{name};"), String::from),
    };
    known.to_owned()
}

fn numbered(name: &str) -> Option<char> {
    let number = name.strip_prefix('#')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code)
}

/// Deepest lists and quotations that are told apart.
const DEPTH_MAX: usize = 16;

#[derive(Default)]
struct Writer {
    blocks: Vec<Block>,
    line: String,
    /// Elements within the line that are open, and where they began in it.
    marks: Vec<(String, usize, String)>,
    /// For each list that is open the number of its next item, if they are numbered.
    lists: Vec<Option<u32>>,
    /// An item began and has no text yet.
    new_item: bool,
    quotes: usize,
    heading: Option<usize>,
    /// In `pre` or `code`: white space counts, and nothing is escaped.
    code: usize,
    /// In `script`, `style` and the like.
    silent: usize,
    table: Option<Vec<Vec<String>>>,
}

struct Block {
    text: String,
    is_item: bool,
}

impl Writer {
    fn start(&mut self, tag: &BytesStart<'_>) {
        let name = name(tag.name().as_ref());
        match name.as_str() {
            "script" | "style" | "head" | "title" | "template" => self.silent += 1,
            _ if self.silent > 0 => {}
            "br" => self.line.push(if self.table.is_some() { ' ' } else { '\n' }),
            "hr" => {
                self.flush();
                self.push("---".to_owned(), false);
            }
            "img" => {
                let alt = attribute(tag, "alt").unwrap_or_default();
                let alt = alt.trim();
                let shown = if alt.is_empty() { "(an image)" } else { "(an image: " };
                self.line.push_str(shown);
                if !alt.is_empty() {
                    self.line.push_str(&escape(alt));
                    self.line.push(')');
                }
            }
            "input" if attribute(tag, "type").is_some_and(|kind| kind == "checkbox") => {
                let is_done = attribute(tag, "checked").is_some();
                self.line.push_str(if is_done { "[x] " } else { "[ ] " });
            }
            "ul" | "ol" => {
                self.flush();
                if self.lists.len() < DEPTH_MAX {
                    self.lists.push((name == "ol").then_some(1));
                }
            }
            "li" => {
                self.flush();
                self.new_item = true;
            }
            "blockquote" => {
                self.flush();
                self.quotes = (self.quotes + 1).min(DEPTH_MAX);
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.flush();
                self.heading = name[1..].parse().ok();
            }
            "pre" => {
                self.flush();
                self.code += 1;
            }
            "table" => {
                self.flush();
                self.table = Some(Vec::new());
            }
            "tr" => {
                if let Some(rows) = &mut self.table {
                    rows.push(Vec::new());
                }
            }
            "code" | "tt" | "kbd" | "samp" => {
                self.code += 1;
                self.mark(name, String::new());
            }
            "b" | "strong" | "i" | "em" | "s" | "strike" | "del" => self.mark(name, String::new()),
            "a" => {
                let address = attribute(tag, "href").unwrap_or_default();
                self.mark(name, address);
            }
            _ if is_block(&name) => self.flush(),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "script" | "style" | "head" | "title" | "template" => {
                self.silent = self.silent.saturating_sub(1);
            }
            _ if self.silent > 0 => {}
            "ul" | "ol" => {
                self.flush();
                self.lists.pop();
                self.new_item = false;
            }
            "blockquote" => {
                self.flush();
                self.quotes = self.quotes.saturating_sub(1);
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.flush();
                self.heading = None;
            }
            "pre" => {
                self.code = self.code.saturating_sub(1);
                self.marks.clear();
                let text = std::mem::take(&mut self.line);
                if !text.trim().is_empty() {
                    self.push(code_block("", &text), false);
                }
            }
            "td" | "th" => self.end_cell(),
            "table" => self.end_table(),
            "code" | "tt" | "kbd" | "samp" => {
                self.code = self.code.saturating_sub(1);
                let is_block = self.code > 0;
                self.unmark(name, |text, _| if is_block { text } else { code_span(&text) });
            }
            "b" | "strong" => self.unmark(name, |text, _| marked(&text, "**")),
            "i" | "em" => self.unmark(name, |text, _| marked(&text, "*")),
            "s" | "strike" | "del" => self.unmark(name, |text, _| marked(&text, "~~")),
            "a" => self.unmark(name, |text, address| link(&text, address)),
            _ if is_block(name) => self.flush(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.silent > 0 {
            return;
        }
        if self.code > 0 {
            return self.line.push_str(text);
        }
        let escaped = escape(text);
        for (nth, word) in escaped.split(char::is_whitespace).enumerate() {
            if nth > 0 && !self.line.is_empty() && !self.line.ends_with([' ', '\n']) {
                self.line.push(' ');
            }
            self.line.push_str(word);
        }
    }

    fn mark(&mut self, name: String, address: String) {
        const MARKS_MAX: usize = 64;
        if self.marks.len() < MARKS_MAX {
            self.marks.push((name, self.line.len(), address));
        }
    }

    fn unmark(&mut self, name: &str, show: impl FnOnce(String, &str) -> String) {
        let Some(at) = self.marks.iter().rposition(|(open, ..)| open == name) else { return };
        let (_, start, address) = self.marks.remove(at);
        let inside = self.line.split_off(self.line.floor_char_boundary(start));
        self.line.push_str(&show(inside, &address));
    }

    /// Ends the block that is being read.
    fn flush(&mut self) {
        self.marks.clear();
        if self.table.is_some() {
            // Paragraphs in cells become one.
            return self.line.push(' ');
        }
        let text = std::mem::take(&mut self.line);
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let text = guard_starts(text);
        let block = match self.heading {
            Some(level) => {
                let text = text.replace('\n', " ");
                format!("{} {text}", "#".repeat(level))
            }
            None => text,
        };
        let is_item = self.new_item;
        self.push(block, is_item);
    }

    /// Puts a block where it belongs: below its item, within its quotations.
    fn push(&mut self, text: String, is_item: bool) {
        let mark = match self.lists.last_mut() {
            Some(Some(number)) if is_item => {
                *number = number.saturating_add(1);
                format!("{}. ", *number - 1)
            }
            _ if is_item => "- ".to_owned(),
            _ => String::new(),
        };
        let outside = self.lists.len().saturating_sub(1);
        let first = "   ".repeat(outside);
        let below = match (self.lists.len(), mark.len()) {
            (0, marked) => " ".repeat(marked),
            (_, 0) => "   ".repeat(outside + 1),
            (_, marked) => format!("{first}{}", " ".repeat(marked)),
        };
        let quote = "> ".repeat(self.quotes);
        let lines = text.lines().enumerate().map(|(nth, line)| {
            let indent = if nth == 0 && is_item { format!("{first}{mark}") } else { below.clone() };
            format!("{quote}{indent}{line}").trim_end().to_owned()
        });
        let text = lines.collect::<Vec<_>>().join("\n");
        self.blocks.push(Block { text, is_item });
        self.new_item = false;
    }

    fn end_cell(&mut self) {
        self.marks.clear();
        let text = std::mem::take(&mut self.line);
        if let Some(row) = self.table.as_mut().and_then(|rows| rows.last_mut()) {
            row.push(text.trim().to_owned());
        }
    }

    fn end_table(&mut self) {
        let Some(mut rows) = self.table.take() else { return };
        rows.retain(|row| !row.is_empty());
        let text = table(&rows);
        if !text.is_empty() {
            self.push(text, false);
        }
        self.line.clear();
    }

    fn finish(mut self) -> String {
        if self.table.is_some() {
            self.end_cell();
            self.end_table();
        }
        self.flush();
        let mut text = String::new();
        let mut was_item = false;
        for Block { text: block, is_item } in &self.blocks {
            if !text.is_empty() {
                text.push_str(if *is_item && was_item { "\n" } else { "\n\n" });
            }
            text.push_str(block);
            was_item = *is_item;
        }
        text
    }
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "main"
            | "li"
            | "dl"
            | "dt"
            | "dd"
            | "details"
            | "summary"
            | "figure"
            | "figcaption"
            | "address"
            | "center"
    )
}
