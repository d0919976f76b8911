//! Checkboxes of a Markdown list, line by line: `- [ ]* 2.1 Test it`, as Kiro marks what may be left out, is no item of
//! a task list to Markdown itself.

use crate::statements::one_line;

/// More items than this are not read.
const ITEMS_MAX: usize = 10_000;
/// More headings than this are not read.
const HEADINGS_MAX: usize = 2_000;
/// Most text that is kept with one item, in bytes.
const MORE_BYTES_MAX: usize = 16 * 1024;
/// A tab is as wide as this many spaces.
const TAB: usize = 4;

/// What was found in a text.
#[derive(Debug, Default)]
pub(super) struct Checklist {
    pub(super) items: Vec<Item>,
    pub(super) headings: Vec<Heading>,
    /// Lines that stand with no checkbox.
    pub(super) asides: Vec<String>,
    /// Blocks of JSON.
    pub(super) json: Vec<String>,
}

/// A line with a checkbox.
#[derive(Debug)]
pub(super) struct Item {
    /// 1-based.
    pub(super) line: u32,
    pub(super) text: String,
    pub(super) is_done: bool,
    /// `[ ]*`
    pub(super) is_optional: bool,
    /// Which heading it is below; nothing before the first.
    pub(super) heading: Option<usize>,
    /// The item that it is nested in.
    pub(super) parent: Option<usize>,
    /// Lines that stand with it and are no checkboxes.
    pub(super) more: String,
    indent: usize,
}

#[derive(Debug)]
pub(super) struct Heading {
    pub(super) level: usize,
    pub(super) title: String,
}

/// Reads `text`. Takes time that is linear in it.
pub(super) fn read(text: &str) -> Checklist {
    let mut list = Checklist::default();
    let mut is_comment = false;
    let mut fence: Option<(String, Option<String>)> = None;
    // Items that the next line may be nested in, outermost first.
    let mut open: Vec<usize> = Vec::new();
    for (at, raw) in text.lines().enumerate() {
        if let Some((mark, json)) = &mut fence {
            if raw.trim().starts_with(mark.as_str()) {
                list.json.extend(json.take());
                fence = None;
            } else if let Some(json) = json {
                json.push_str(raw);
                json.push('\n');
            }
            continue;
        }
        let line = without_comments(raw, &mut is_comment);
        if line.trim().is_empty() {
            continue;
        }
        if let Some(mark) = ["```", "~~~"].into_iter().find(|mark| line.trim().starts_with(mark)) {
            let is_json = line.trim()[mark.len()..].trim().eq_ignore_ascii_case("json");
            fence = Some((mark.to_owned(), is_json.then(String::new)));
            continue;
        }
        if let Some(heading) = heading(&line) {
            if list.headings.len() == HEADINGS_MAX {
                break;
            }
            list.headings.push(heading);
            open.clear();
            continue;
        }
        let indent = indent(&line);
        if let Some((is_done, is_optional, said)) = checkbox(line.trim()) {
            if list.items.len() == ITEMS_MAX {
                break;
            }
            while open.last().is_some_and(|last| list.items[*last].indent >= indent) {
                open.pop();
            }
            let parent = open.last().copied();
            open.push(list.items.len());
            list.items.push(Item {
                line: u32::try_from(at + 1).unwrap_or(u32::MAX),
                text: one_line(said),
                is_done: is_done || parent.is_some_and(|at| list.items[at].is_done),
                is_optional: is_optional || parent.is_some_and(|at| list.items[at].is_optional),
                heading: list.headings.len().checked_sub(1),
                parent,
                more: String::new(),
                indent,
            });
            continue;
        }
        while open.last().is_some_and(|last| list.items[*last].indent >= indent) {
            open.pop();
        }
        let said = one_line(&line);
        match open.last().map(|last| &mut list.items[*last].more) {
            Some(more) if more.len() + said.len() < MORE_BYTES_MAX => {
                more.push_str(&said);
                more.push('\n');
            }
            Some(_) => {}
            None => list.asides.push(said),
        }
    }
    list
}

impl Checklist {
    /// What stands with `item`, and what is nested in it with its boxes, up to the first that is a task of its own.
    pub(super) fn detail(&self, item: &Item, is_task: impl Fn(&Item) -> bool) -> String {
        let mut detail = item.more.clone();
        let from = self.items.partition_point(|other| other.line <= item.line);
        let nested = self.items[from..].iter().take_while(|other| other.parent.is_some());
        for other in nested.take_while(|other| !is_task(other)) {
            if detail.len() > MORE_BYTES_MAX {
                break;
            }
            let mark = if other.is_done { 'x' } else { ' ' };
            detail.push_str(&format!("- [{mark}] {}\n{}", other.text, other.more));
        }
        detail
    }
}

/// `line` without what is commented out; comments may go over several lines.
fn without_comments(line: &str, is_comment: &mut bool) -> String {
    let (mut kept, mut rest) = (String::new(), line);
    loop {
        let mark = if *is_comment { "-->" } else { "<!--" };
        let Some(at) = rest.find(mark) else {
            if !*is_comment {
                kept.push_str(rest);
            }
            return kept;
        };
        if !*is_comment {
            kept.push_str(&rest[..at]);
        }
        rest = &rest[at + mark.len()..];
        *is_comment = !*is_comment;
    }
}

fn heading(line: &str) -> Option<Heading> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let title = line[level..].strip_prefix(' ').filter(|_| (1..=6).contains(&level))?;
    Some(Heading { level, title: one_line(title.trim_end_matches('#')) })
}

fn indent(line: &str) -> usize {
    let blank = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t'));
    blank.map(|byte| if byte == b'\t' { TAB } else { 1 }).sum()
}

/// Whether it is ticked off, whether it may be left out, and what it says.
fn checkbox(line: &str) -> Option<(bool, bool, &str)> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = match digits {
        0 => line.strip_prefix(['-', '*', '+'])?,
        _ => line[digits..].strip_prefix(['.', ')'])?,
    };
    let mut inside = rest.trim_start().strip_prefix('[')?.chars();
    let mark = inside.next()?;
    let rest = inside.as_str().strip_prefix(']')?;
    let (rest, is_optional) = match rest.strip_prefix('*') {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let said = rest.strip_prefix([' ', '\t'])?.trim();
    (!said.is_empty()).then_some((matches!(mark, 'x' | 'X'), is_optional, said))
}
