//! The Atlassian Document Format, in which the cloud version of Jira keeps text.
//!
//! Source: the nodes and marks of the schema at <https://go.atlassian.com/adf-json-schema>.

use serde_json::Value;

use super::{code_block, code_span, escape, guard_starts, hang, link, marked, quoted, table};

/// Deepest nesting that is followed. Reading JSON stops at about this depth, too.
const DEPTH_MAX: usize = 128;

/// An Atlassian document as Markdown. What is no document is empty; of nodes that are not known
/// the text is kept.
pub fn adf_to_markdown(document: &Value) -> String {
    match document {
        // Old servers and some gateways answer with plain text here.
        Value::String(text) => text.clone(),
        _ => blocks(children(document), 0),
    }
}

fn children(node: &Value) -> &[Value] {
    node["content"].as_array().map_or(&[], Vec::as_slice)
}

fn kind(node: &Value) -> &str {
    node["type"].as_str().unwrap_or_default()
}

fn attribute<'a>(node: &'a Value, name: &str) -> &'a str {
    node["attrs"][name].as_str().unwrap_or_default()
}

/// Blocks, with an empty line between each two. Text that stands where blocks are expected is a
/// paragraph.
fn blocks(nodes: &[Value], depth: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut loose = 0;
    for (at, node) in nodes.iter().enumerate() {
        if is_inline(node) {
            loose += 1;
            if nodes.get(at + 1).is_none_or(|next| !is_inline(next)) {
                parts.push(paragraph(&nodes[at + 1 - loose..=at], depth));
                loose = 0;
            }
        } else {
            parts.push(block(node, depth));
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts.join("\n\n")
}

fn is_inline(node: &Value) -> bool {
    const INLINE: [&str; 11] = [
        "text",
        "hardBreak",
        "mention",
        "emoji",
        "date",
        "status",
        "inlineCard",
        "placeholder",
        "mediaInline",
        "inlineExtension",
        "image",
    ];
    INLINE.contains(&kind(node))
}

fn block(node: &Value, depth: usize) -> String {
    if depth >= DEPTH_MAX {
        return String::new();
    }
    let depth = depth + 1;
    let inner = children(node);
    match kind(node) {
        "paragraph" | "caption" => paragraph(inner, depth),
        "heading" => {
            let level = node["attrs"]["level"].as_u64().unwrap_or(1).clamp(1, 6);
            let text = paragraph(inner, depth).replace('\n', " ");
            // A `#` at the end would close the heading.
            let text = if text.ends_with('#') { format!("{text}\\#") } else { text };
            let marks = "######".chars().take(usize::try_from(level).unwrap_or(1));
            format!("{} {text}", marks.collect::<String>()).trim_end().to_owned()
        }
        "bulletList" | "decisionList" => list(inner, depth, |_, _| "- ".to_owned()),
        "orderedList" => {
            let first = node["attrs"]["order"].as_u64().unwrap_or(1).min(999_999);
            list(inner, depth, |nth, _| format!("{}. ", first + nth))
        }
        "taskList" => list(inner, depth, |_, item| {
            let is_done = attribute(item, "state") == "DONE";
            if is_done { "- [x] " } else { "- [ ] " }.to_owned()
        }),
        "codeBlock" => code_block(attribute(node, "language"), &plain(inner, depth)),
        "blockquote" | "panel" => quoted(&blocks(inner, depth)),
        "expand" | "nestedExpand" => {
            let title = escape(attribute(node, "title").trim());
            let title = if title.is_empty() { title } else { format!("**{title}**\n\n") };
            format!("{title}{}", blocks(inner, depth))
        }
        "rule" => "---".to_owned(),
        "table" => table(&rows(inner, depth)),
        "mediaSingle" | "mediaGroup" => {
            let parts = inner.iter().map(|node| block(node, depth));
            parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
        }
        "media" => image(node),
        "blockCard" | "embedCard" => link("", attribute(node, "url")),
        // Columns, extensions, whatever comes next.
        _ => blocks(inner, depth),
    }
}

/// A list in which `mark` gives what stands in front of the nth item. Lists that stand beside
/// items, as task lists have them, belong to the item before.
fn list(items: &[Value], depth: usize, mark: impl Fn(u64, &Value) -> String) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut nth = 0;
    for item in items {
        if matches!(kind(item), "taskList" | "bulletList" | "orderedList") {
            let nested = block(item, depth);
            if !nested.is_empty() {
                lines.push(hang("  ", &nested, 2));
            }
            continue;
        }
        let mark = mark(nth, item);
        nth += 1;
        let indent = if mark.starts_with("- ") { 2 } else { mark.len() };
        lines.push(hang(&mark, &item_text(children(item), depth), indent).trim_end().to_owned());
    }
    lines.join("\n")
}

/// The blocks of an item; lists follow without an empty line.
fn item_text(nodes: &[Value], depth: usize) -> String {
    if depth >= DEPTH_MAX {
        return String::new();
    }
    if nodes.iter().all(is_inline) {
        return paragraph(nodes, depth);
    }
    let mut text = String::new();
    for node in nodes {
        let is_list = matches!(kind(node), "bulletList" | "orderedList" | "taskList");
        let part = if is_inline(node) { inline(node) } else { block(node, depth) };
        if part.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push_str(if is_list { "\n" } else { "\n\n" });
        }
        text.push_str(&part);
    }
    text
}

fn rows(nodes: &[Value], depth: usize) -> Vec<Vec<String>> {
    let cell = |cell: &Value| blocks(children(cell), depth).replace('\n', " ");
    let row = |row: &Value| children(row).iter().map(cell).collect();
    nodes.iter().filter(|node| kind(node) == "tableRow").map(row).collect()
}

fn paragraph(nodes: &[Value], _depth: usize) -> String {
    let text: String = nodes.iter().map(inline).collect();
    guard_starts(text.trim())
}

fn inline(node: &Value) -> String {
    match kind(node) {
        "text" => marked_text(node),
        "hardBreak" => "\n".to_owned(),
        "mention" | "placeholder" => escape(attribute(node, "text")),
        "emoji" => match attribute(node, "text") {
            "" => escape(attribute(node, "shortName")),
            text => escape(text),
        },
        "status" => code_span(attribute(node, "text")),
        "date" => date(&node["attrs"]["timestamp"]),
        "inlineCard" => link("", attribute(node, "url")),
        "mediaInline" | "media" | "image" => image(node),
        _ => children(node).iter().filter(|node| is_inline(node)).map(inline).collect(),
    }
}

fn marked_text(node: &Value) -> String {
    let text = node["text"].as_str().unwrap_or_default();
    let marks = node["marks"].as_array().map_or(&[][..], Vec::as_slice);
    let has = |wanted: &str| marks.iter().any(|mark| kind(mark) == wanted);
    let mut shown = if has("code") { code_span(text) } else { escape(text) };
    for (mark, sign) in [("strike", "~~"), ("em", "*"), ("strong", "**")] {
        if has(mark) {
            shown = marked(&shown, sign);
        }
    }
    match marks.iter().find(|mark| kind(mark) == "link") {
        Some(mark) => link(&shown, attribute(mark, "href")),
        None => shown,
    }
}

fn image(node: &Value) -> String {
    match attribute(node, "alt") {
        "" => "(an image)".to_owned(),
        alt => format!("(an image: {})", escape(alt)),
    }
}

/// Milliseconds since 1970, as text or number, as a day.
fn date(timestamp: &Value) -> String {
    let text = timestamp.as_str().map(str::to_owned).unwrap_or_else(|| timestamp.to_string());
    match text.parse::<i64>() {
        Ok(ms) => day(ms.div_euclid(86_400_000)),
        Err(_) => String::new(),
    }
}

/// Days since 1970 as `2024-02-29`.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
fn day(days: i64) -> String {
    if !(-719_162..=2_932_896).contains(&days) {
        return String::new();
    }
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Text without marks, as it stands in code.
fn plain(nodes: &[Value], depth: usize) -> String {
    if depth >= DEPTH_MAX {
        return String::new();
    }
    let text = |node: &Value| match kind(node) {
        "text" => node["text"].as_str().unwrap_or_default().to_owned(),
        "hardBreak" => "\n".to_owned(),
        _ => plain(children(node), depth + 1),
    };
    nodes.iter().map(text).collect()
}
