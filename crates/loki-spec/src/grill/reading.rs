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
    limits: "What is only odd about the form is a note.",
    look,
};

fn look(rule: &Rule, cx: &Cx<'_>, found: &mut Found) {
    for problem in cx.problems {
        let origin = Origin { line: problem.line(), ..Origin::line(&cx.spec.source, 1) };
        let statement =
            problem.line().and_then(|line| line_of(&cx.spec.text, line)).unwrap_or_default();
        found.questions.push(Question {
            id: String::new(),
            rule: rule.id.to_owned(),
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

fn severity(problem: &SpecProblem) -> Severity {
    match problem {
        SpecProblem::NoRequirements
        | SpecProblem::OpenQuestion { .. }
        | SpecProblem::UnreadTable { .. }
        | SpecProblem::TooMany { .. } => Severity::Warning,
        _ => Severity::Note,
    }
}

fn assumption(problem: &SpecProblem) -> &'static str {
    match problem {
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
