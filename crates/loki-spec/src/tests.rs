//! Specs as people write them, and text as nobody would.

mod any_text;
mod constructs;
mod documents;
mod labelled;
mod living;
mod lock;

use std::fmt::Write as _;

use loki_model::Priority;

use crate::read;

/// What `text` is read as: title, requirements with their criteria, problems.
fn show(text: &str) -> String {
    let (spec, problems) = read("PRD.md", text);
    let mut shown = format!("# {}\n", spec.title);
    for requirement in &spec.requirements {
        let loki_model::Requirement { id, text, priority, acceptance, origin } = requirement;
        let priority = match priority {
            Priority::Must => "must",
            Priority::Should => "should",
            Priority::Could => "could",
        };
        writeln!(shown, "{}: {id} {priority}: {text}", origin.line.unwrap()).unwrap();
        for criterion in acceptance {
            writeln!(shown, "    - {criterion}").unwrap();
        }
    }
    for problem in problems {
        match problem.line() {
            Some(line) => writeln!(shown, "! {line}: {problem}").unwrap(),
            None => writeln!(shown, "! {problem}").unwrap(),
        }
    }
    shown
}
