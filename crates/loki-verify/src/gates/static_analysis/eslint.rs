//! `eslint`.

use loki_model::Severity;

use super::tool::{Call, Root, Tool, items, json, line, text, zero_or_one};
use crate::bench::Command;
use crate::reported::{REPORTED_MAX, Reported};

pub(super) const TOOL: Tool = Tool {
    name: "eslint",
    program: "eslint",
    endings: &[".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".vue", ".svelte"],
    settings: &[".eslintignore"],
    settings_beginnings: &["eslint.config.", ".eslintrc"],
    sections: &[("package.json", "\"eslintConfig\"")],
    mentions: &[],
    denies: &["--max-warnings=0", "--max-warnings 0"],
    root: Root::Package,
    command,
    did_work: zero_or_one,
    read,
    of_machine: &["import/no-unresolved", "n/no-missing-import", "import-x/no-unresolved"],
    install: "npm install --save-dev eslint",
};

fn command(call: &Call<'_>) -> Command {
    call.run_on_files(&["--format=json", "--no-error-on-unmatched-pattern"])
}

/// Source: ESLint, formatters, `json`. What is no finding of a rule and no fatal error says that a file
/// is ignored or matches no settings.
fn read(answer: &str) -> Result<Vec<Reported>, String> {
    let answer = json(answer)?;
    let mut found = Vec::new();
    for file in items(&answer, "") {
        let path = text(file, "/filePath");
        for message in items(file, "/messages").take(REPORTED_MAX + 1 - found.len()) {
            let is_fatal = message.pointer("/fatal").and_then(serde_json::Value::as_bool);
            let rule = text(message, "/ruleId").or(is_fatal.unwrap_or(false).then_some("syntax"));
            let Some(rule) = rule else { continue };
            let severity = match line(message, "/severity") {
                Some(2) => Severity::Error,
                _ => Severity::Warning,
            };
            let said = text(message, "/message").unwrap_or_default();
            found.push(Reported::new(rule, Some(severity), path, line(message, "/line"), said));
        }
    }
    Ok(found)
}
