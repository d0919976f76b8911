use loki_model::{Origin, Severity};

use super::Question;
use super::rule::{Found, Rule};
use super::sentence::Cx;
use crate::SpecProblem;

pub(crate) const RULE: Rule = Rule {
    id: "reading/not-taken",
    severity: Severity::Warning,
    what: "Something in the document that was not taken as it stands, or that contradicts itself.",
    why: "What is not read is not built, and nobody notices.",
    example: "## Open questions\n\n- Should done tasks be removed?",
    reworded: "- Done tasks are kept until `todo clear` removes them.",
    limits: "What is only odd about the form is a note. What a document of a format contradicts itself in \
             carries the name of its own rule; it is an error where nothing can fulfil it, such as an example that \
             its schema refuses, or two sources that deny each other.",
    look,
};

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    for problem in cx.problems {
        let source = problem.source().unwrap_or(&cx.spec.source);
        let pointer = match problem.kind() {
            SpecProblem::Contradiction { pointer, .. } => pointer.clone(),
            _ => None,
        };
        let origin = Origin { line: problem.line(), pointer, ..Origin::line(source, 1) };
        // Of several sources the text is not one.
        let line = problem.line().filter(|_| problem.source().is_none());
        let statement = line.and_then(|line| line_of(&cx.spec.text, line)).unwrap_or_default();
        let own = match problem.kind() {
            SpecProblem::Contradiction { rule, .. } | SpecProblem::Lint { rule, .. } => *rule,
            _ => rule.id,
        };
        found.questions.push(Question {
            id: String::new(),
            rule: own.to_owned(),
            severity: severity(problem),
            requirement: None,
            origin,
            statement: statement.to_owned(),
            message: problem.to_string(),
            ask: format!("What is wanted here? ({problem})"),
            rewording: None,
            assumption: assumption(problem).to_owned(),
            against: None,
        });
    }
}

/// What no program can fulfil; the others leave open what is meant.
const CAN_NOT_HOLD: &[&str] =
    &["merge/contradiction", "api/empty-range", "api/empty-enum", "api/example"];

fn severity(problem: &SpecProblem) -> Severity {
    match problem.kind() {
        SpecProblem::Contradiction { rule, .. } if CAN_NOT_HOLD.contains(rule) => Severity::Error,
        SpecProblem::Contradiction { .. }
        | SpecProblem::NoRequirements
        | SpecProblem::NothingListed
        | SpecProblem::NoOperations
        | SpecProblem::OpenQuestion { .. }
        | SpecProblem::UnreadTable { .. }
        | SpecProblem::TooMany { .. } => Severity::Warning,
        _ => Severity::Note,
    }
}

fn assumption(problem: &SpecProblem) -> &'static str {
    match problem.kind() {
        SpecProblem::NoRequirements => "the whole text is one wish",
        SpecProblem::OpenQuestion { .. } => "nothing is built for an open question",
        _ => "it is read as the message says",
    }
}

/// The text of a 1-based line.
fn line_of(text: &str, line: u32) -> Option<&str> {
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    text.lines().nth(index).map(str::trim)
}
