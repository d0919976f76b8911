//! Findings as SARIF 2.1.0, for code scanning.

use std::collections::BTreeMap;

use loki_model::{Finding, Severity};
use serde_json::{Value, json};

use crate::document::Judged;

/// The published schema of the format.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Every finding of a judgement as one SARIF log.
///
/// Source: SARIF 2.1.0, sections 3.13 (log), 3.14 (run), 3.27 (result).
pub fn sarif(judged: &Judged<'_>) -> Value {
    let findings: Vec<&Finding> = judged
        .gates
        .iter()
        .flat_map(|gate| gate.findings())
        .chain(judged.config_findings)
        .collect();
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &findings {
        rules.entry(finding.rule.as_str()).or_default();
    }
    for (index, place) in rules.values_mut().enumerate() {
        *place = index;
    }
    let described: Vec<Value> = rules.keys().map(|id| rule(id)).collect();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, &rules)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "loki",
                "version": judged.tool_version,
                "rules": described,
            }},
            "columnKind": "utf16CodeUnits",
            "results": results,
            "properties": { "verdict": judged.verdict(), "tree": judged.tree },
        }],
    })
}

fn rule(id: &str) -> Value {
    match crate::rule_text(id) {
        Some(rule) => json!({
            "id": id,
            "shortDescription": { "text": rule.what },
            "fullDescription": { "text": rule.why },
            "help": { "text": rule.fix },
            "defaultConfiguration": { "level": level(rule.severity) },
        }),
        None => json!({ "id": id }),
    }
}

fn result(finding: &Finding, rules: &BTreeMap<&str, usize>) -> Value {
    let locations: Vec<Value> = finding
        .location
        .iter()
        .map(|place| {
            let mut physical = json!({ "artifactLocation": { "uri": uri(&place.path) } });
            if let Some(line) = place.line {
                physical["region"] = json!({ "startLine": line });
            }
            json!({ "physicalLocation": physical })
        })
        .collect();
    json!({
        "ruleId": finding.rule,
        "ruleIndex": rules.get(finding.rule.as_str()),
        "level": level(finding.severity),
        "message": { "text": finding.message },
        "locations": locations,
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// A relative path as a URI reference.
///
/// Source: RFC 3986, section 3.3.
fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte);
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if is_plain(byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String can not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references_that_every_reader_takes() {
        assert_eq!(uri("src/a b:ü.rs"), "src/a%20b%3A%C3%BC.rs");
    }
}
