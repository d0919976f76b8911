//! Conditions of jobs and steps of CI: which ones only choose where or on what they run.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::settings::at;

/// Names that a condition looks at.
static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:matrix|strategy|runner|github|needs|steps|inputs|vars|env|secrets|variables|build|job)\.[\w.*\-]+|\bvariables\[[^\]]*\]").ok()
});

/// Texts that a condition compares with.
static TEXTS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"'([^']*)'").ok());

/// The condition of a job or step; nothing for one that runs always.
pub(super) fn condition(value: &Value) -> Option<String> {
    let text = ["if", "condition"].iter().find_map(|key| match value.get(key)? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    })?;
    let bare = text.trim_start_matches("${{").trim_end_matches("}}").trim().to_owned();
    (!bare.is_empty()).then_some(bare)
}

/// Whether a condition that a job or step gains lets it run on less than every change. One that chooses
/// the platform, the event or the repository, or that leaves drafts and those out who ask for it, does
/// not; `job` is where values of the matrix are.
pub(super) fn narrows(condition: &str, job: &Value) -> bool {
    condition.split("||").all(|part| part.split("&&").any(|term| term_narrows(term, job)))
}

fn term_narrows(term: &str, job: &Value) -> bool {
    let term = term.trim().trim_start_matches('(');
    // Brackets around several terms were parted from each other.
    let is_left_over = term.matches(')').count() > term.matches('(').count();
    let term = if is_left_over { term.trim_end_matches(')') } else { term }.trim();
    let lower = term.to_ascii_lowercase();
    let names: Vec<&str> = NAMES
        .as_ref()
        .map(|names| names.find_iter(term).map(|found| found.as_str()).collect())
        .unwrap_or_default();
    if names.is_empty() {
        // `always()`, `success()`, `!cancelled()`; anything else without a name is a constant.
        let is_status = ["always(", "success(", "succeeded(", "cancelled(", "failed("]
            .iter()
            .any(|call| lower.contains(call));
        let is_failure = lower.starts_with("failure(") || lower.starts_with("failed(");
        return is_failure || !(is_status || matches!(lower.as_str(), "true"));
    }
    // Who does not want it says so.
    if term.starts_with("!contains(") {
        return false;
    }
    names.iter().any(|name| match *name {
        "github.event_name" => {
            !(term.contains("!=") || lower.contains("pull_request") || lower.contains("'push'"))
        }
        "github.repository" | "github.repository_owner" | "github.actor" => false,
        name if name.starts_with("github.event.pull_request.draft")
            || name.starts_with("github.event.pull_request.head.repo") =>
        {
            false
        }
        name if name.starts_with("runner.") || name.starts_with("strategy.") => false,
        name if name.starts_with("matrix.") => !is_of_matrix(term, job),
        _ => true,
    })
}

/// Whether a comparison with a value of the matrix can hold for one of its rows.
fn is_of_matrix(term: &str, job: &Value) -> bool {
    let texts: Vec<&str> = TEXTS
        .as_ref()
        .map(|texts| texts.captures_iter(term).filter_map(|found| found.get(1)).collect::<Vec<_>>())
        .unwrap_or_default()
        .into_iter()
        .map(|found| found.as_str())
        .collect();
    let matrix = at(job, &["strategy", "matrix"]).map(Value::to_string).unwrap_or_default();
    // A matrix that is made elsewhere is not known here.
    texts.is_empty()
        || term.contains("!=")
        || matrix.contains("${{")
        || texts.iter().any(|text| matrix.contains(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_chooses_platform_event_or_repository_narrows_nothing() {
        let job = json!({"strategy": {"matrix": {"os": ["linux", "windows"], "node": ["20"]}}});
        for text in [
            "matrix.os == 'linux'",
            "matrix.node == 20",
            "runner.os != 'Windows'",
            "always()",
            "success() || failure()",
            "!cancelled()",
            "github.event_name != 'schedule'",
            "github.event_name == 'push' || github.event_name == 'pull_request'",
            "github.repository == 'us/it'",
            "github.event.pull_request.draft == false",
            "!contains(github.event.head_commit.message, '[skip ci]')",
        ] {
            assert!(!narrows(text, &job), "{text}");
        }
    }

    #[test]
    fn what_waits_for_a_label_a_branch_or_a_wish_narrows() {
        let job = json!({"strategy": {"matrix": {"os": ["linux"]}}});
        for text in [
            "contains(github.event.pull_request.labels.*.name, 'full')",
            "github.ref == 'refs/heads/release'",
            "github.event_name == 'workflow_dispatch'",
            "inputs.full == true",
            "vars.RUN_TESTS == 'yes'",
            "matrix.os == 'plan9'",
            "runner.os == 'Linux' && github.ref == 'refs/heads/main'",
            "needs.changes.outputs.code == 'true'",
            "failure()",
            "1 == 2",
        ] {
            assert!(narrows(text, &job), "{text}");
        }
    }
}
