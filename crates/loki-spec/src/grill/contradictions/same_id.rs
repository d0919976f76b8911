use std::collections::HashMap;

use loki_model::Severity;

use super::says;
use crate::grill::rule::{Found, Rule};
use crate::grill::sentence::{Cx, Sentence};

pub(crate) const RULE: Rule = Rule {
    id: "contradiction/same-id",
    severity: Severity::Warning,
    what: "Two requirements that the author gave the same number.",
    why: "Whoever writes or reads `FR-3` means one of them, and nobody knows which.",
    example: "FR-3: Notes can be archived.\nFR-3: Notes can be shared.",
    reworded: "FR-3: Notes can be archived.\nFR-4: Notes can be shared.",
    limits: "Only numbers in front of a statement that look like `FR-3:`, `REQ12.` or `[US-7]`. Phases and \
             priorities such as P1 are no numbers of requirements.",
    look,
};

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    let mut first: HashMap<&str, &Sentence<'_>> = HashMap::new();
    for sentence in cx.statements() {
        let Some(id) = own_id(sentence.text) else { continue };
        match first.get(id) {
            Some(other) => {
                let message = format!("`{id}` is also `{}`", other.text);
                let mut says = says(message, other);
                says.ask = format!("Which of the two is `{id}`?");
                says.assumption = "they are two requirements".to_owned();
                found.contradiction(rule, rule.severity, (sentence, other), says);
            }
            None => {
                first.insert(id, sentence);
            }
        }
    }
}

/// The author's own name of a requirement.
fn own_id(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['[', '(', '*', ' ']);
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let rest = &text[letters..];
    let dash = usize::from(rest.starts_with('-'));
    let digits = rest[dash..].bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    let number = rest[dash..dash + digits].trim_end_matches('.');
    let end = letters + dash + number.len();
    let closes = text[end..].starts_with([':', ')', ']', '.', ' ', '*']);
    let is_phase = letters == 1
        && matches!(text.as_bytes().first(), Some(b'P' | b'V' | b'Q' | b'M' | b'S' | b'H'));
    let separated = text[end..].starts_with([':', ')', ']', '.', '*'])
        || text[end..].starts_with(" -")
        || text[end..].starts_with(" –")
        || text[end..].starts_with(" —");
    (letters > 0 && letters <= 6 && !number.is_empty() && closes && separated && !is_phase)
        .then(|| &text[..end])
}
