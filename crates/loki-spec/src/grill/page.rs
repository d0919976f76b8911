//! What the rules say of themselves, as Markdown.

use std::fmt::Write as _;

use loki_model::Severity;

use super::RULES;
use super::rule::Rule;

/// The page of all rules, `docs/grill.md`.
pub fn grill_page() -> String {
    let mut out = "<!-- Written by `cargo xtask codegen` from what the rules say of themselves. -->\n\n\
         # Questions about a spec\n\n\
         What `loki grill` asks without a model. An *error* is a contradiction: a run does not start until it is \
         answered or waived. A *warning* is a question that somebody should answer; a *note* is style. What is \
         only welcome (`could`) is asked about as a note.\n\n\
         | rule | severity | what is found |\n|---|---|---|\n"
        .to_owned();
    for rule in RULES {
        // Writing to a String can not fail.
        let anchor = rule.id.replace('/', "");
        let _ = writeln!(
            out,
            "| [{}](#{anchor}) | {} | {} |",
            rule.id,
            label(rule),
            rule.what.replace('|', "\\|")
        );
    }
    for rule in RULES {
        let _ = write!(
            out,
            "\n## {}\n\n{} {}\n\n```text\n{}\n```\n\nRather:\n\n```text\n{}\n```\n\n{}\n",
            rule.id, rule.what, rule.why, rule.example, rule.reworded, rule.limits
        );
    }
    out
}

fn label(rule: &Rule) -> &'static str {
    match rule.severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
