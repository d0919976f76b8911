//! Cline's log of one call: one JSON object a line. It has what the output lacks, the status of a
//! request to the model that failed. Untrusted like the output.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use loki_model::AgentOutcome;
use serde_json::{Value, json};

use crate::acp::by_status;
use crate::lines::Lines;
use crate::resets::dated;

/// Longer logs are not read to their end.
const LOG_BYTES_MAX: u64 = 64 << 20;
/// A request that was tried again has the failures of all tries below it; so deep they are looked for.
const DEPTH_MAX: usize = 4;
/// Codes in the body of a refusal that say that it is no matter of waiting a little.
const QUOTA_CODES: [&str; 2] = ["insufficient_quota", "billing_error"];

/// What the last failed request in the log at `path` means.
pub(super) fn outcome_in(path: &Path) -> Option<AgentOutcome> {
    let mut lines = Lines::new();
    let mut last = None;
    let mut take = |line: &[u8]| {
        let entry: Value = serde_json::from_slice(line).unwrap_or_default();
        last = failed_request(&entry["err"], 0).or(last.take());
    };
    let mut file = File::open(path).ok()?.take(LOG_BYTES_MAX);
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(count) => lines.feed(buffer.get(..count).unwrap_or_default(), &mut take),
        }
    }
    lines.finish(&mut take);
    last
}

fn failed_request(error: &Value, depth: usize) -> Option<AgentOutcome> {
    if depth > DEPTH_MAX {
        return None;
    }
    if let Some(status) = error["statusCode"].as_u64() {
        let told = &error["data"]["error"];
        let codes = [&told["code"], &told["type"]];
        let outcome = if codes.iter().any(|code| QUOTA_CODES.iter().any(|known| **code == *known)) {
            AgentOutcome::Quota { until: None }
        } else {
            by_status(u16::try_from(status).ok()?)?
        };
        // Headers that came with the answer, and the body. What was asked has the user's words.
        let told = json!([error["responseHeaders"], error["data"]]);
        return Some(dated(outcome, &told, error["message"].as_str().unwrap_or_default()));
    }
    // Never answered, and worth another try: nobody was there.
    if error["isRetryable"] == true {
        return Some(AgentOutcome::Overloaded);
    }
    let tries = error["errors"].as_array().into_iter().flatten().next_back();
    let inner = [Some(&error["lastError"]), tries, Some(&error["cause"])];
    inner.into_iter().flatten().find_map(|inner| failed_request(inner, depth + 1))
}
