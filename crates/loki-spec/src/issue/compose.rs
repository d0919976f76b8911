//! One document of all that an issue says.

use super::discussion::asked_in;
use super::{Comment, Issue};
use crate::decode::SPEC_BYTES_MAX;
use crate::markdown::{Block, blocks};
use crate::markup::escape;
use crate::sentences::{Ends, split};

/// Longest title, label or name that is taken over, in characters.
const WORDS_CHARS_MAX: usize = 300;

/// An issue as Markdown, and where its parts are in it.
pub(super) struct Document {
    pub(super) text: String,
    /// 1-based line of the body's first line.
    pub(super) body_starts_at: u32,
    pub(super) body_lines: u32,
    /// 1-based lines of what comments ask for, and the address of each comment.
    pub(super) comments: Vec<(u32, String)>,
}

/// Composes the document, at most as long as a spec may be: comments that do not fit are left out,
/// which is said, and so is the second half of a body that is longer than that.
///
/// What others wrote can not pass for something else: whatever in the body is left open ends with
/// the document, and what is said about the issue and in comments is text that neither counts as a
/// requirement nor as code that was asked for. Comments of people without a say are not in it, since
/// what a spec names may decide whether a change was asked for.
pub(super) fn compose(issue: &Issue) -> Document {
    let mut writer = Writer::default();
    let title = literal(&one_line(&issue.title));
    let title = if title.is_empty() { "untitled".to_owned() } else { title };
    writer.line(&format!("# {title}"));
    writer.line("");
    about(issue, &mut writer);
    let body = bounded(&issue.body);
    if !asks_for_anything(body) {
        writer.heading("Requirements");
        writer.line(&format!("- {title}"));
        for expected in expectations(body) {
            writer.line(&format!("  - {expected}"));
        }
    }
    let comments = asked(issue, &mut writer);
    writer.heading("Description");
    let body_starts_at = writer.next_line();
    for line in body.lines() {
        writer.line(line);
    }
    let body_lines = writer.next_line() - body_starts_at;
    discussion(issue, &mut writer);
    Document { text: writer.text, body_starts_at, body_lines, comments }
}

/// What is said about the issue itself.
fn about(issue: &Issue, writer: &mut Writer) {
    writer.line("<pre>");
    writer.line(&inert(&issue.url));
    let labels = issue.labels.join(", ");
    for (what, value) in [
        ("by", issue.author.as_str()),
        ("state", &issue.state),
        ("priority", issue.priority.as_deref().unwrap_or_default()),
        ("labels", &labels),
    ] {
        let value = inert(&one_line(value));
        if !value.is_empty() {
            writer.line(&format!("{what}: {value}"));
        }
    }
    for link in &issue.links {
        let [relation, id, title] =
            [&link.relation, &link.id, &link.title].map(|text| inert(&one_line(text)));
        writer.line(format!("{relation}: {id} {title}").trim());
    }
    writer.line("</pre>");
}

/// What those who have a say ask for in comments, as a list.
fn asked(issue: &Issue, writer: &mut Writer) -> Vec<(u32, String)> {
    let mut lines = Vec::new();
    for comment in issue.comments.iter().filter(|comment| comment.has_a_say) {
        for statement in asked_in(&comment.body) {
            if lines.is_empty() {
                writer.heading("Asked for in comments");
            }
            let from = if comment.url.is_empty() { &issue.url } else { &comment.url };
            lines.push((writer.next_line(), from.clone()));
            writer.line(&format!("- {statement}"));
        }
    }
    lines
}

/// Comments of people who have a say, oldest first.
fn discussion(issue: &Issue, writer: &mut Writer) {
    if issue.comments.is_empty() {
        return;
    }
    writer.heading("Comments");
    let mut left_out = issue.comments_left_out;
    for Comment { author, written_at, body, has_a_say, .. } in &issue.comments {
        let bytes = body.len() + body.lines().count() * 3 + body.matches('<').count() * 3;
        let is_too_much = writer.text.len() + bytes + SURROUNDINGS_BYTES_MAX > SPEC_BYTES_MAX;
        if !has_a_say || is_too_much {
            left_out += 1;
            continue;
        }
        let (author, at) = (inert(&one_line(author)), inert(&one_line(written_at)));
        writer.line("<pre>");
        writer.line(&format!("{author}, {at}:"));
        for line in body.lines() {
            writer.line(format!("| {}", inert(line)).trim_end());
        }
        writer.line("</pre>");
        writer.line("");
    }
    if left_out > 0 {
        let plural = if left_out == 1 { "comment is" } else { "comments are" };
        writer.line(&format!("{left_out} more {plural} not shown here."));
    }
}

/// What a comment needs besides its text, in bytes: names, tags and a note at the end.
const SURROUNDINGS_BYTES_MAX: usize = 8 << 10;

/// Fit to stand in a `<pre>`: no tag, and no code.
fn inert(text: &str) -> String {
    text.replace('<', "&lt;").replace('`', "'")
}

/// Plain text as Markdown; code between backticks stays what it is.
fn literal(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(nth, part)| if nth % 2 == 0 { escape(part) } else { part.to_owned() });
    parts.collect::<Vec<_>>().join("`")
}

/// Whether anything in the body would be a requirement by itself.
fn asks_for_anything(body: &str) -> bool {
    let (spec, problems) = crate::read("", body);
    let unmarked = problems.iter().any(|p| matches!(p, crate::SpecProblem::Unmarked { .. }));
    let marked = spec.requirements.iter().any(|r| !super::is_formality(&r.text));
    marked && !unmarked && !is_a_description(body, &spec)
}

/// A few sentences without a list and without `must` describe what the title asks for.
fn is_a_description(body: &str, spec: &loki_model::Spec) -> bool {
    blocks(body).iter().all(|block| matches!(block, Block::Paragraph(_)))
        && spec.requirements.iter().all(|r| crate::wording::priority(&r.text).is_none())
}

/// What the body says below a heading such as `Expected behaviour`.
fn expectations(body: &str) -> Vec<String> {
    const EXPECTATIONS_MAX: usize = 10;
    let mut expected = Vec::new();
    let mut inside = false;
    for block in blocks(body) {
        match &block {
            Block::Heading { text, .. } => {
                inside = text.text.trim().to_lowercase().starts_with("expected");
            }
            Block::Paragraph(text) if inside => {
                let sentences = split(text, Ends::Sentences);
                expected.extend(sentences.into_iter().map(|(sentence, _)| sentence.to_owned()));
            }
            _ => {}
        }
    }
    expected.retain(|sentence| sentence.contains(char::is_alphanumeric));
    expected.truncate(EXPECTATIONS_MAX);
    expected
}

/// The body, or as much of it as leaves room for what surrounds it.
fn bounded(body: &str) -> &str {
    let body = body.trim_end();
    &body[..body.floor_char_boundary(SPEC_BYTES_MAX / 2)]
}

fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let text = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    text.chars().take(WORDS_CHARS_MAX).collect()
}

#[derive(Default)]
struct Writer {
    text: String,
    lines: u32,
}

impl Writer {
    fn line(&mut self, line: &str) {
        // What ends a line for some readers and not for others would shift the count.
        self.text.extend(line.chars().map(|c| if c == '\r' { ' ' } else { c }));
        self.text.push('\n');
        self.lines += 1;
    }

    fn heading(&mut self, text: &str) {
        self.line("");
        self.line(&format!("## {text}"));
        self.line("");
    }

    /// 1-based.
    fn next_line(&self) -> u32 {
        self.lines + 1
    }
}
