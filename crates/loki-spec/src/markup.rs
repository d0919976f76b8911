//! What trackers write in other languages than Markdown becomes Markdown: Atlassian documents, wiki
//! text of Jira, HTML of Azure DevOps.
//!
//! Never fails: what is not understood is shown as its text. Sizes are bounded by what comes in.

mod adf;
mod html;
mod wiki;

pub use adf::adf_to_markdown;
pub use html::html_to_markdown;
pub use wiki::wiki_to_markdown;

/// `text` so that Markdown shows it as it is, apart from its white space. For one line.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = None;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied();
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_special = match letter {
            '\\' | '`' | '*' | '[' | ']' | '<' | '~' | '|' => true,
            // Within a word it is what it is.
            '_' => !(is_word(before) && is_word(next)),
            '&' => is_word(next) || next == Some('#'),
            _ => false,
        };
        if is_special {
            escaped.push('\\');
        }
        escaped.push(if letter.is_control() { ' ' } else { letter });
        before = Some(letter);
    }
    escaped
}

/// Keeps each line from being taken for a heading, a list, a quotation or an underline.
pub(crate) fn guard_starts(paragraph: &str) -> String {
    let lines = paragraph.lines().map(|line| {
        let line = line.trim_start();
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let after = line[digits..].chars().next();
        if line.starts_with(['#', '>', '+', '-', '=']) {
            format!("\\{line}")
        } else if digits > 0 && matches!(after, Some('.' | ')')) {
            format!("{}\\{}", &line[..digits], &line[digits..])
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// `text` as a code span.
pub(crate) fn code_span(text: &str) -> String {
    let text = text.split(|c: char| c.is_control()).collect::<Vec<_>>().join(" ");
    if text.trim().is_empty() {
        return text;
    }
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    let is_edge = |edge: Option<char>| edge == Some('`');
    let pad = if is_edge(text.chars().next()) || is_edge(text.chars().last()) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// `text` as a block of code.
pub(crate) fn code_block(language: &str, text: &str) -> String {
    let language: String =
        language.chars().filter(|c| c.is_alphanumeric() || "+-#._".contains(*c)).collect();
    let fence = "`".repeat(longest_run(text, '`').max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}", text.trim_end_matches('\n'))
}

/// `text` between marks such as `**`, which do not work next to white space.
pub(crate) fn marked(text: &str, mark: &str) -> String {
    let inside = text.trim();
    if inside.is_empty() {
        return text.to_owned();
    }
    let start = text.len() - text.trim_start().len();
    let end = text.trim_end().len();
    format!("{}{mark}{inside}{mark}{}", &text[..start], &text[end..])
}

/// `[text](address)`; the text alone where the address could mean anything.
pub(crate) fn link(text: &str, address: &str) -> String {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>\\".contains(c);
    let is_known =
        ["https://", "http://", "mailto:"].iter().any(|start| address.starts_with(start));
    if !is_known || !address.chars().all(is_plain) {
        return text.to_owned();
    }
    if text.trim().is_empty() { format!("<{address}>") } else { format!("[{text}](<{address}>)") }
}

/// Every line of `text` below the first is moved to the right by `by`, or all are, with `first` in
/// front of the first.
pub(crate) fn hang(first: &str, text: &str, by: usize) -> String {
    let indent = " ".repeat(by);
    let mut hung = String::with_capacity(text.len() + first.len());
    hung.push_str(first);
    for (nth, line) in text.lines().enumerate() {
        if nth > 0 {
            hung.push('\n');
            if !line.is_empty() {
                hung.push_str(&indent);
            }
        }
        hung.push_str(line);
    }
    hung
}

pub(crate) fn quoted(text: &str) -> String {
    let lines = text.lines().map(|line| format!("> {line}").trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// Rows of cells as a table; the first row is its head. Cells are one line each.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    if columns == 0 {
        return String::new();
    }
    let line = |cells: &[String]| {
        let cell = |at: usize| {
            let text = cells.get(at).map_or("", String::as_str);
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        format!("| {} |", (0..columns).map(cell).collect::<Vec<_>>().join(" | "))
    };
    let mut lines: Vec<String> = rows.iter().map(|row| line(row)).collect();
    lines.insert(1, format!("|{}", " --- |".repeat(columns)));
    lines.join("\n")
}

pub(crate) fn longest_run(text: &str, wanted: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for letter in text.chars() {
        run = if letter == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests;
