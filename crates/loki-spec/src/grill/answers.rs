//! Answers, written into the text of a spec, and found there again.

use std::collections::BTreeSet;

use super::Question;

/// Where answers go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Below the statement that they are about, as a criterion of it.
    AtStatement,
    /// All together, in a section at the end.
    Section,
}

/// The heading of the section.
const HEADING: &str = "## Answers";

/// Longest answer that is kept, in bytes.
const ANSWER_BYTES_MAX: usize = 1_000;

/// The names of the questions that `text` answers: what stands in a comment behind the answer.
pub fn answered(text: &str) -> BTreeSet<String> {
    let comments = text.split("<!--").skip(1).filter_map(|rest| rest.split_once("-->"));
    let names = comments.map(|(comment, _)| comment.trim()).filter(|comment| {
        comment.strip_prefix("Q-").is_some_and(|hex| {
            (4..=64).contains(&hex.len()) && hex.bytes().all(|b| b.is_ascii_hexdigit())
        })
    });
    names.map(str::to_owned).collect()
}

/// Writes `answers` into `text`, a Markdown document. What is there keeps its bytes.
///
/// Empty answers are left out. A question about no line of a list goes into the section, whatever
/// `place` says.
pub fn write_answers(text: &str, answers: &[(&Question, String)], place: Place) -> String {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut lines: Vec<String> =
        text.lines().map(|line| line.trim_end_matches('\r').to_owned()).collect();
    let mut at_end = Vec::new();
    let mut inserted: Vec<(usize, String)> = Vec::new();
    for (question, answer) in answers {
        let answer = one_line(answer);
        if answer.is_empty() {
            continue;
        }
        let item = (place == Place::AtStatement).then(|| item(&lines, question)).flatten();
        match item {
            Some((after, indent)) => {
                inserted.push((after, format!("{indent}- {answer} <!-- {} -->", question.id)));
            }
            None => at_end.push(format!("- {} {answer} <!-- {} -->", question.ask, question.id)),
        }
    }
    // From the end, so that places stay what they are; the first answer to a statement comes first.
    inserted.reverse();
    inserted.sort_by_key(|(after, _)| std::cmp::Reverse(*after));
    for (after, line) in inserted {
        lines.insert(after, line);
    }
    append(&mut lines, HEADING, at_end);
    joined(&lines, newline)
}

/// Appends `questions` to `text` as a section of open questions.
pub fn add_questions(text: &str, questions: &[&Question]) -> String {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut lines: Vec<String> =
        text.lines().map(|line| line.trim_end_matches('\r').to_owned()).collect();
    let asked = |question: &&Question| {
        let about = match question.statement.as_str() {
            "" => String::new(),
            statement => format!(" ({statement})"),
        };
        format!("- {}: {}{}", question.id, question.ask, one_line(&about.replace('`', "")))
    };
    append(&mut lines, "## Open questions", questions.iter().map(asked).collect());
    joined(&lines, newline)
}

/// Adds items to the section of that name at the end, or makes it.
fn append(lines: &mut Vec<String>, heading: &str, items: Vec<String>) {
    if items.is_empty() {
        return;
    }
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    let last_heading = lines.iter().rev().find(|line| line.starts_with('#'));
    if last_heading.is_none_or(|line| line.trim() != heading) {
        lines.extend([String::new(), heading.to_owned(), String::new()]);
    }
    lines.extend(items);
}

fn joined(lines: &[String], newline: &str) -> String {
    let mut text = lines.join(newline);
    text.push_str(newline);
    text
}

/// The line behind the item that a question is about, and how far what belongs to it is set in.
fn item(lines: &[String], question: &Question) -> Option<(usize, String)> {
    let line = usize::try_from(question.origin.line?).ok()?.checked_sub(1)?;
    let text = lines.get(line)?;
    let set_in = text.len() - text.trim_start().len();
    let marker = marker(text.trim_start())?;
    // The rest of the item's first paragraph.
    let more = lines[line + 1..].iter().take_while(|next| {
        let text = next.trim_start();
        !text.is_empty() && self::marker(text).is_none() && next.len() - text.len() > set_in
    });
    let after = line + 1 + more.count();
    Some((after, format!("{}{}", &text[..set_in], " ".repeat(marker))))
}

/// How many columns the mark of a list takes.
fn marker(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mark = match digits {
        0 => usize::from(text.starts_with(['-', '*', '+'])),
        _ => digits + usize::from(text[digits..].starts_with(['.', ')'])),
    };
    (mark > digits && text[mark..].starts_with(' ')).then_some(mark + 1)
}

fn one_line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // A comment in an answer could claim to answer something else.
    let mut text = text.replace("<!--", "").replace("-->", "");
    text.truncate(text.floor_char_boundary(ANSWER_BYTES_MAX));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{grill, read};

    const SPEC: &str = "\
# Notes

- The search must be fast,
  also on phones
  - it finds parts of words
1. The API must be secure.

The page must work in all browsers.
";

    fn open(text: &str) -> Vec<Question> {
        let (spec, problems) = read("prd.md", text);
        grill(&spec, &problems)
    }

    fn answers(questions: &[Question]) -> Vec<(&Question, String)> {
        questions
            .iter()
            .map(|question| (question, format!("answer to {}", question.rule)))
            .collect()
    }

    #[test]
    fn answers_stand_below_what_they_are_about() {
        let questions = open(SPEC);
        let text = write_answers(SPEC, &answers(&questions), Place::AtStatement);
        insta::assert_snapshot!(text);
    }

    #[test]
    fn what_is_answered_is_not_asked_again() {
        let questions = open(SPEC);
        assert_eq!(questions.len(), 3);
        for place in [Place::AtStatement, Place::Section] {
            let text = write_answers(SPEC, &answers(&questions), place);
            assert_eq!(open(&text), [], "{text}");
        }
    }

    #[test]
    fn open_questions_stay_open() {
        let questions = open(SPEC);
        let text = add_questions(SPEC, &questions.iter().collect::<Vec<_>>());
        let ids = |questions: Vec<Question>| -> BTreeSet<String> {
            questions.into_iter().filter(Question::is_serious).map(|q| q.id).collect()
        };
        assert!(ids(open(&text)).is_superset(&ids(questions)));
    }

    #[test]
    fn an_answer_can_not_answer_something_else() {
        let questions = open(SPEC);
        let sly = format!("yes <!-- {} -->", questions[1].id);
        let text = write_answers(SPEC, &[(&questions[0], sly)], Place::Section);
        assert!(!answered(&text).contains(&questions[1].id), "{text}");
    }

    #[test]
    fn line_ends_stay_what_they_are() {
        let text = SPEC.replace('\n', "\r\n");
        let written = write_answers(&text, &answers(&open(&text)), Place::AtStatement);
        assert_eq!(written.matches('\n').count(), written.matches("\r\n").count());
    }
}
