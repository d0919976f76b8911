//! What is said of gates and rules, as Markdown: for a terminal and for the documentation alike.

use std::fmt::Write as _;

use loki_model::Severity;

use crate::gates::described::{ANY_GATE, GateText, Runs, gate_texts};
use crate::gates::rule::RuleText;

/// Said at the top of what is written from here.
const GENERATED: &str =
    "<!-- Written by `cargo xtask codegen` from what the gates say of themselves. -->\n\n";

/// Every page of the documentation of gates: its file name and its text, the index first.
pub fn gate_pages() -> Vec<(String, String)> {
    let gates = gate_texts();
    let mut pages = vec![("README.md".to_owned(), index(&gates))];
    let page = |gate: &GateText| format!("{GENERATED}{}", gate_page(gate));
    pages.extend(gates.iter().map(|gate| (format!("{}.md", gate.id), page(gate))));
    pages
}

fn index(gates: &[GateText]) -> String {
    let mut out = format!(
        "{GENERATED}# Gates\n\nWhat `loki verify` and every run look at, cheapest first. A project says in \
         `.loki/config.toml` which of them count, what is accepted, and can add its own: see \
         [configuration](../configuration.md).\n\n| gate | what must hold | runs commands |\n|---|---|---|\n"
    );
    for gate in gates {
        let runs = match gate.runs {
            Runs::Nothing => "no",
            Runs::InPart => "in part",
            Runs::Everything => "yes",
        };
        // Writing to a String can not fail.
        let _ = writeln!(out, "| [{0}]({0}.md) | {1} | {runs} |", gate.id, cell(gate.must_hold));
    }
    out.push_str("\n## What any gate can report\n");
    ANY_GATE.iter().for_each(|rule| out.push_str(&rule_section(rule)));
    out
}

/// What is said of one gate.
pub fn gate_page(gate: &GateText) -> String {
    let runs = match gate.runs {
        Runs::Nothing => "It runs nothing of the project.",
        Runs::InPart => {
            "It reads, and runs commands of the project on a clean copy; with `--no-run` it only reads, and can \
             not tell where there was anything to run."
        }
        Runs::Everything => {
            "It runs commands of the project on a clean copy; with `--no-run` it can not tell."
        }
    };
    let bond = gate.bond;
    let mut out = format!(
        "# {}\n\nWhat must hold: {}.\n\n{runs}\n\n## Why it matters\n\n{}\n\n## Evidence\n\n{} {bond}\n\n\
         ## What it can not tell\n\n{}\n",
        gate.id, gate.must_hold, gate.why, gate.evidence, gate.cannot_tell
    );
    if !gate.rules.is_empty() {
        out.push_str("\n## Rules\n");
        gate.rules.iter().for_each(|rule| out.push_str(&rule_section(rule)));
    }
    out
}

/// What is said of one rule.
pub fn rule_section(rule: &RuleText) -> String {
    let severity = match rule.severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let fence = if rule.example.contains("```") { "````" } else { "```" };
    format!(
        "\n### {} ({severity})\n\n{} {}\n\n{fence}text\n{}\n{fence}\n\nWhat to do: {}\n",
        rule.id,
        rule.what,
        rule.why,
        rule.example.trim_end(),
        rule.fix
    )
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_an_index_that_leads_to_a_page_for_each_gate() {
        let pages = gate_pages();
        assert_eq!(pages.len(), gate_texts().len() + 1);
        let (name, index) = &pages[0];
        assert_eq!(name, "README.md");
        for (name, text) in &pages[1..] {
            assert!(index.contains(&format!("({name})")), "{name}");
            assert!(text.contains("## What it can not tell\n"), "{name}");
        }
    }
}
