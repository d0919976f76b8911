//! Findings of a SARIF log.

use std::collections::BTreeMap;

use loki_model::Severity;
use serde_json::Value;

use super::{REPORTED_MAX, Reported};

/// A larger log is not read.
pub(crate) const LOG_BYTES_MAX: u64 = 64 << 20;

/// Runs of one log that are read.
const RUNS_MAX: usize = 100;

/// Reads the results of a SARIF 2.1.0 log, at most one more than are kept.
///
/// `text` is untrusted. Results that the tool suppressed or found unchanged, and those of kinds other
/// than `fail`, are no findings. Fails, in one line, for what is no such log.
///
/// Source: SARIF 2.1.0, sections 3.14 (run), 3.27 (result), 3.49 (reporting descriptor).
pub(crate) fn read(text: &str) -> Result<Vec<Reported>, String> {
    let log: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| format!("it is no JSON: {error}"))?;
    let runs = log.get("runs").and_then(Value::as_array).ok_or("it has no `runs`")?;
    if runs.len() > RUNS_MAX {
        return Err(format!("it has more than {RUNS_MAX} runs"));
    }
    let mut found = Vec::new();
    for run in runs {
        let rules = Rules::of(run);
        // `null` says that the tool did not even start.
        let results = run.get("results").and_then(Value::as_array);
        let results = results.ok_or("one of its runs has no `results`")?;
        let room = REPORTED_MAX + 1 - found.len().min(REPORTED_MAX + 1);
        found.extend(
            results.iter().filter(|one| is_open(one)).take(room).map(|one| rules.read(one)),
        );
    }
    Ok(found)
}

/// Whether a result is a finding that stands.
fn is_open(result: &Value) -> bool {
    let is_text = |key: &str, wanted: &str| {
        result.get(key).and_then(Value::as_str).is_none_or(|text| text == wanted)
    };
    let suppressions = result.get("suppressions").and_then(Value::as_array);
    let is_suppressed = suppressions.is_some_and(|all| {
        let is_accepted = |one: &Value| {
            one.get("status").and_then(Value::as_str).is_none_or(|status| status == "accepted")
        };
        !all.is_empty() && all.iter().all(is_accepted)
    });
    let state = result.get("baselineState").and_then(Value::as_str);
    is_text("kind", "fail") && !is_suppressed && !matches!(state, Some("unchanged" | "absent"))
}

/// How bad the rules of one run are by default.
struct Rules<'a> {
    levels: BTreeMap<&'a str, &'a str>,
    ids: Vec<Option<&'a str>>,
}

impl<'a> Rules<'a> {
    fn of(run: &'a Value) -> Rules<'a> {
        let rules = run.pointer("/tool/driver/rules").and_then(Value::as_array);
        let rules: Vec<&Value> = rules.into_iter().flatten().take(REPORTED_MAX).collect();
        let id = |rule: &&'a Value| rule.get("id").and_then(Value::as_str);
        let level = |rule: &&'a Value| {
            let level = rule.pointer("/defaultConfiguration/level").and_then(Value::as_str);
            Some((id(rule)?, level?))
        };
        Rules {
            levels: rules.iter().filter_map(level).collect(),
            ids: rules.iter().map(id).collect(),
        }
    }

    fn read(&self, result: &Value) -> Reported {
        let text = |pointer: &str| result.pointer(pointer).and_then(Value::as_str);
        let by_index = || {
            let index = result.get("ruleIndex").and_then(Value::as_u64)?;
            *self.ids.get(usize::try_from(index).ok()?)?
        };
        let rule = text("/ruleId").or_else(|| text("/rule/id")).or_else(by_index);
        let level = text("/level").or_else(|| self.levels.get(rule?).copied());
        let place = "/locations/0/physicalLocation";
        let line = result.pointer(&format!("{place}/region/startLine")).and_then(Value::as_u64);
        let path = text(&format!("{place}/artifactLocation/uri")).map(path_of);
        Reported::new(
            rule.unwrap_or_default(),
            level.and_then(severity),
            path.as_deref(),
            line.and_then(|line| u32::try_from(line).ok()),
            text("/message/text").or_else(|| text("/message/markdown")).unwrap_or("(no message)"),
        )
    }
}

fn severity(level: &str) -> Option<Severity> {
    match level {
        "error" => Some(Severity::Error),
        "warning" => Some(Severity::Warning),
        "note" | "none" => Some(Severity::Note),
        _ => None,
    }
}

/// The path that a URI reference means.
///
/// Source: RFC 8089 (file URIs), RFC 3986 section 2.1 (percent encoding).
fn path_of(uri: &str) -> String {
    let path = uri
        .strip_prefix("file://")
        .map_or(uri, |rest| rest.strip_prefix("localhost").unwrap_or(rest));
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let code =
            digits.filter(|_| byte == b'%').and_then(|text| u8::from_str_radix(text, 16).ok());
        out.push(code.unwrap_or(byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn log(results: &Value) -> String {
        json!({ "version": "2.1.0", "runs": [{
            "tool": { "driver": { "name": "x", "rules": [
                { "id": "R1", "defaultConfiguration": { "level": "note" } }, { "id": "R2" },
            ]}},
            "results": results,
        }]})
        .to_string()
    }

    #[test]
    fn results_are_findings_with_the_level_of_their_rule() {
        let place = json!([{ "physicalLocation": {
            "artifactLocation": { "uri": "src/a%20b.py" }, "region": { "startLine": 7 } } }]);
        let text = log(&json!([
            { "ruleId": "R1", "message": { "text": "one" }, "locations": place },
            { "ruleIndex": 1, "level": "error", "message": { "text": "two" } },
        ]));
        let found = read(&text).unwrap();
        assert_eq!(
            found[0],
            Reported::new("R1", Some(Severity::Note), Some("src/a b.py"), Some(7), "one")
        );
        assert_eq!(found[1], Reported::new("R2", Some(Severity::Error), None, None, "two"));
    }

    #[test]
    fn suppressed_and_passing_results_are_none() {
        let text = log(&json!([
            { "message": { "text": "a" }, "suppressions": [{ "kind": "inSource" }] },
            { "message": { "text": "b" }, "kind": "pass" },
            { "message": { "text": "c" }, "baselineState": "unchanged" },
            { "message": { "text": "d" }, "suppressions": [{ "status": "rejected" }] },
        ]));
        let found = read(&text).unwrap();
        assert_eq!(found.iter().map(|one| one.message.as_str()).collect::<Vec<_>>(), ["d"]);
    }

    #[test]
    fn what_is_no_log_is_not_a_log_without_results() {
        for text in ["", "[]", "{}", r#"{"runs":[{}]}"#, r#"{"runs":[{"results":null}]}"#] {
            assert!(read(text).is_err(), "{text}");
        }
        assert_eq!(read(r#"{"runs":[]}"#).unwrap(), []);
    }

    #[test]
    fn places_in_file_uris_are_paths() {
        assert_eq!(path_of("file:///tmp/a%2Bb"), "/tmp/a+b");
        assert_eq!(path_of("a%zz%"), "a%zz%");
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
        ];
        let keys = "(runs|results|ruleId|ruleIndex|level|message|text|locations|tool|driver|rules|id|kind|suppressions)";
        leaf.prop_recursive(6, 64, 6, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(keys, inner, 0..6).prop_map(Value::from_iter),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_is_read_without_panic(value in value()) {
            let _ = read(&json!({ "runs": value.clone() }).to_string());
            let _ = read(&log(&value));
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,200}", uri in "[%0-9a-f/é]{0,20}") {
            let _ = (read(&text), path_of(&uri));
        }
    }
}
