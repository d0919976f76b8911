//! Questions as SARIF 2.1.0, for code scanning.

use std::collections::BTreeSet;

use loki_model::Severity;
use loki_spec::{Question, grill_rules};
use serde_json::{Value, json};

/// Source: SARIF 2.1.0, sections 3.13 (log), 3.14 (run), 3.27 (result).
pub(super) fn sarif(questions: &[Question]) -> Value {
    let ids: BTreeSet<&str> = questions.iter().map(|question| question.rule.as_str()).collect();
    let described: Vec<Value> = ids.iter().map(|id| rule(id)).collect();
    let results: Vec<Value> = questions.iter().map(|question| result(question, &ids)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "loki",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": described,
            }},
            "columnKind": "utf16CodeUnits",
            "results": results,
        }],
    })
}

fn rule(id: &str) -> Value {
    match grill_rules().into_iter().find(|rule| rule.id == id) {
        Some(rule) => json!({
            "id": id,
            "shortDescription": { "text": rule.what },
            "fullDescription": { "text": rule.why },
            "help": { "text": rule.limits },
            "defaultConfiguration": { "level": level(rule.severity) },
        }),
        None => json!({ "id": id }),
    }
}

fn result(question: &Question, ids: &BTreeSet<&str>) -> Value {
    let rewording = question.rewording.as_ref().map(|text| format!(" Rather: {text}"));
    let message =
        format!("{}. {}{}", question.message, question.ask, rewording.unwrap_or_default());
    let mut result = json!({
        "ruleId": question.rule,
        "ruleIndex": ids.iter().position(|id| *id == question.rule),
        "level": level(question.severity),
        "message": { "text": message },
        "locations": [place(&question.origin)],
        "partialFingerprints": { "lokiQuestion": question.id },
    });
    if let Some(against) = &question.against {
        result["relatedLocations"] = json!([place(&against.origin)]);
    }
    result
}

fn place(origin: &loki_model::Origin) -> Value {
    let uri = origin.source.replace('%', "%25").replace(' ', "%20");
    let mut physical = json!({ "artifactLocation": { "uri": uri } });
    if let Some(line) = origin.line {
        physical["region"] = json!({ "startLine": line });
    }
    json!({ "physicalLocation": physical })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
