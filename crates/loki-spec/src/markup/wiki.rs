//! Wiki text, in which servers of Jira keep text.
//!
//! Source: "Text Formatting Notation Help" of Jira.

use super::{code_block, code_span, escape, guard_starts, link, marked, quoted, table};

/// Wiki text as Markdown. Takes time that is linear in the text.
pub fn wiki_to_markdown(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = Reader::default();
    let mut lines = text.split('\n');
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        if let Some((name, argument, rest)) = opening(trimmed) {
            reader.flush();
            match name {
                "code" | "noformat" => {
                    let body = until(rest, &format!("{{{name}}}"), &mut lines);
                    let language = argument.split(['|', ':']).find(|part| !part.contains('='));
                    reader.parts.push(code_block(language.unwrap_or_default(), &body));
                }
                "quote" => {
                    let body = until(rest, "{quote}", &mut lines);
                    reader.parts.push(quoted(&simple(&body)));
                }
                _ => {
                    let title = argument.split('|').find_map(|part| part.strip_prefix("title="));
                    reader.parts.extend(title.map(|title| format!("**{}**", escape(title.trim()))));
                    if !rest.trim().is_empty() {
                        reader.line(rest);
                    }
                }
            }
            continue;
        }
        reader.line(line);
    }
    reader.flush();
    reader.parts.retain(|part| !part.trim().is_empty());
    reader.parts.join("\n\n")
}

/// A quotation, which holds no other macros.
fn simple(text: &str) -> String {
    let mut reader = Reader::default();
    text.split('\n').for_each(|line| reader.line(line));
    reader.flush();
    reader.parts.join("\n\n")
}

/// `{code:rust|title=x}rest` as name, argument and rest, for what stands alone at the start of a
/// line. The ends of panels are nothing.
fn opening(line: &str) -> Option<(&str, &str, &str)> {
    let inside = line.strip_prefix('{')?;
    let (head, rest) = inside.split_once('}')?;
    let (name, argument) = head.split_once(':').unwrap_or((head, ""));
    let is_block = matches!(
        name,
        "code" | "noformat" | "quote" | "panel" | "info" | "note" | "tip" | "warning"
    );
    is_block.then_some((name, argument, rest))
}

/// What stands before `end`, which may come lines later or never.
fn until<'a>(first: &str, end: &str, lines: &mut impl Iterator<Item = &'a str>) -> String {
    let mut body = String::new();
    let mut line = first;
    loop {
        if let Some((before, _)) = line.split_once(end) {
            body.push_str(before);
            return body.trim_matches('\n').to_owned();
        }
        body.push_str(line);
        body.push('\n');
        match lines.next() {
            Some(next) => line = next,
            None => return body.trim_matches('\n').to_owned(),
        }
    }
}

/// Blocks that are done, and the one that is being read.
#[derive(Default)]
struct Reader {
    parts: Vec<String>,
    open: Open,
}

#[derive(Default)]
enum Open {
    #[default]
    Nothing,
    Paragraph(Vec<String>),
    List(Vec<String>),
    Table(Vec<Vec<String>>),
}

impl Reader {
    fn line(&mut self, line: &str) {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            return self.flush();
        }
        if trimmed.len() >= 4 && trimmed.bytes().all(|byte| byte == b'-') {
            self.flush();
            return self.parts.push("---".to_owned());
        }
        if let Some((level, text)) = heading(trimmed) {
            self.flush();
            let marks = "#".repeat(level);
            let text = inline(text);
            let text = if text.ends_with('#') { format!("{text}\\#") } else { text };
            return self.parts.push(format!("{marks} {text}").trim_end().to_owned());
        }
        if let Some(text) = trimmed.strip_prefix("bq. ") {
            self.flush();
            return self.parts.push(quoted(&guard_starts(&inline(text))));
        }
        if let Some((depth, is_ordered, text)) = item(trimmed) {
            let mark = if is_ordered { "1." } else { "-" };
            // Deep enough below either mark.
            let indent = "   ".repeat(depth - 1);
            let text = format!("{indent}{mark} {}", guard_starts(&inline(text)));
            return match &mut self.open {
                Open::List(items) => items.push(text),
                _ => {
                    self.flush();
                    self.open = Open::List(vec![text]);
                }
            };
        }
        if trimmed.starts_with('|') {
            let row = cells(trimmed);
            return match &mut self.open {
                Open::Table(rows) => rows.push(row),
                _ => {
                    self.flush();
                    self.open = Open::Table(vec![row]);
                }
            };
        }
        match &mut self.open {
            Open::Paragraph(lines) => lines.push(inline(trimmed)),
            // Goes on with the item above.
            Open::List(items) => {
                if let Some(last) = items.last_mut() {
                    last.push(' ');
                    last.push_str(&inline(trimmed));
                }
            }
            _ => {
                self.flush();
                self.open = Open::Paragraph(vec![inline(trimmed)]);
            }
        }
    }

    fn flush(&mut self) {
        match std::mem::take(&mut self.open) {
            Open::Nothing => {}
            Open::Paragraph(lines) => self.parts.push(guard_starts(&lines.join("\n"))),
            Open::List(items) => self.parts.push(items.join("\n")),
            Open::Table(rows) => self.parts.push(table(&rows)),
        }
    }
}

/// `h2. Title`
fn heading(line: &str) -> Option<(usize, &str)> {
    let rest = line.strip_prefix('h')?;
    let level = rest.chars().next()?.to_digit(10).filter(|level| (1..=6).contains(level))?;
    let text = rest[1..].strip_prefix('.')?;
    Some((usize::try_from(level).ok()?, text.trim()))
}

/// `** text` as depth, whether it is numbered, text. Depth is at most 6.
fn item(line: &str) -> Option<(usize, bool, &str)> {
    const DEPTH_MAX: usize = 6;
    let marks = line.bytes().take_while(|byte| b"*#-".contains(byte)).count();
    let text = line[marks..].strip_prefix(' ')?;
    let last = line[..marks].chars().last()?;
    Some((marks.min(DEPTH_MAX), last == '#', text.trim()))
}

/// `||head||head||` or `|cell|cell|`
fn cells(line: &str) -> Vec<String> {
    let separator = if line.starts_with("||") { "||" } else { "|" };
    let inside = line.strip_prefix(separator).unwrap_or(line);
    let inside = inside.strip_suffix(separator).unwrap_or(inside);
    // A link has a bar of its own.
    let mut cells: Vec<String> = Vec::new();
    for part in inside.split(separator) {
        match cells.last_mut() {
            Some(last) if is_open(last) => {
                last.push('|');
                last.push_str(part);
            }
            _ => cells.push(part.to_owned()),
        }
    }
    cells.iter().map(|cell| inline(cell.trim())).collect()
}

fn is_open(cell: &str) -> bool {
    cell.rfind('[').is_some_and(|at| !cell[at..].contains(']'))
}

/// Marks within a line.
fn inline(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut plain = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let is_word = plain.chars().next_back().is_some_and(char::is_alphanumeric);
        match element(rest, is_word) {
            Some((markdown, used)) => {
                shown.push_str(&escape(&plain));
                plain.clear();
                shown.push_str(&markdown);
                rest = &rest[used..];
            }
            None => {
                plain.push(letter);
                rest = &rest[letter.len_utf8()..];
            }
        }
    }
    shown.push_str(&escape(&plain));
    shown
}

/// One element at the start of `rest` as Markdown, and how many bytes of `rest` it takes.
fn element(rest: &str, is_word: bool) -> Option<(String, usize)> {
    let between = |start: &str, end: &str| {
        let inside = rest.strip_prefix(start)?;
        let at = inside[..inside.floor_char_boundary(ELEMENT_BYTES_MAX)].find(end)?;
        Some((&inside[..at], start.len() + at + end.len()))
    };
    if let Some(after) = rest.strip_prefix('\\') {
        // Two are the end of a line, one takes the next letter as it is.
        let next = after.chars().next()?;
        return match next {
            '\\' => Some(("\n".to_owned(), 2)),
            _ => Some((escape(&next.to_string()), 1 + next.len_utf8())),
        };
    }
    let first = rest.chars().next()?;
    match first {
        '{' if rest.starts_with("{{") => {
            between("{{", "}}").map(|(code, used)| (code_span(code), used))
        }
        '{' => {
            let style = between("{", "}").filter(|(head, _)| is_style(head));
            style.map(|(_, used)| (String::new(), used))
        }
        '[' => between("[", "]").map(|(inside, used)| (bracketed(inside), used)),
        '!' => between("!", "!").filter(|(name, _)| !name.is_empty() && !name.contains(' ')).map(
            |(name, used)| {
                let name = name.split('|').next().unwrap_or_default();
                (format!("(an image: {})", escape(name)), used)
            },
        ),
        '*' | '_' | '-' if !is_word => {
            let (inside, used) = between(&first.to_string(), &first.to_string())?;
            let after = rest[used..].chars().next();
            let fits = !inside.is_empty()
                && !inside.starts_with(' ')
                && !inside.ends_with(' ')
                && !after.is_some_and(char::is_alphanumeric);
            let sign = match first {
                '*' => "**",
                '_' => "*",
                _ => "~~",
            };
            // What is inside is marked no further.
            fits.then(|| (marked(&escape(inside), sign), used))
        }
        _ => None,
    }
}

/// Longest element within a line that is looked for.
const ELEMENT_BYTES_MAX: usize = 2_000;

/// `{color:red}`, `{color}`, `{anchor:x}`, ends of panels.
fn is_style(head: &str) -> bool {
    let name = head.split(':').next().unwrap_or_default();
    matches!(name, "color" | "anchor" | "panel" | "info" | "note" | "tip" | "warning" | "quote")
}

/// `text|address`, `address`, `~person`, `^attachment`, `#anchor`
fn bracketed(inside: &str) -> String {
    if let Some(person) = inside.strip_prefix('~') {
        return format!("@{}", escape(person));
    }
    if let Some(name) = inside.strip_prefix('^') {
        return format!("(a file: {})", escape(name));
    }
    let mut parts = inside.split('|');
    let text = parts.next().unwrap_or_default();
    match parts.next() {
        Some(address) => link(&escape(text), address.trim()),
        None if text.contains("://") || text.starts_with("mailto:") => link("", text.trim()),
        // Brackets that people just wrote.
        None => escape(&format!("[{text}]")),
    }
}
