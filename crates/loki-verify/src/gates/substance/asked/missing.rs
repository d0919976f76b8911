//! What the spec names and no code has.

use loki_model::Severity;

use super::{both, has_flag, listed, was_there};
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::text::is_word_in;

/// Something that was asked for is nowhere.
pub(in crate::gates::substance) const RULE: Rule = Rule {
    id: "substance/asked-and-missing",
    severity: Severity::Warning,
    what: "The spec names a flag, or what an error says, and neither the code nor a test has it.",
    why: "What is named word for word and is nowhere was not done.",
    example: "`notes tally --place PLACE FILE` counts only notes of that place.    # and no code reads `--place`",
    fix: "Do it, or have the spec changed.",
    look,
};

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    let Some((asked, texts, path)) = both(cx, delta) else { return };
    let is_anywhere = |text: &str| texts.code.contains(text) || texts.tests.contains(text);
    let flags = asked.flags.iter().filter(|flag| {
        !has_flag(&texts.code, flag) && !is_word_in(&texts.tests, flag) && !was_there(delta, flag)
    });
    let was = |piece: &String| {
        delta
            .files
            .iter()
            .any(|file| file.before.as_deref().is_some_and(|text| text.contains(piece.as_str())))
    };
    let messages = asked
        .messages
        .iter()
        .filter(|pieces| pieces.iter().any(|piece| !is_anywhere(piece)) && !pieces.iter().all(was));
    let missing: Vec<String> =
        flags.cloned().chain(messages.map(|pieces| pieces.join(" … "))).collect();
    if !missing.is_empty() {
        let message = format!("the spec names {}, and no code has it", listed(&missing));
        found.add(RULE.of(path, message));
    }
}
