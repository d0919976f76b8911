//! One event, one line.

use loki_engine::{Observer, Recorded};
use loki_model::{Run, RunId};
use serde_json::{Value, json};

use crate::output;
use crate::time::rfc3339;

pub(super) struct JsonLines;

impl Observer for JsonLines {
    fn on_event(&mut self, run: &Run, recorded: &Recorded) {
        output::json(&json_of(&run.id, recorded));
    }
}

/// The event with its place in the journal: `schema_version`, `run`, `seq`, `at`, `event` and the
/// event's own fields.
pub(crate) fn json_of(run: &RunId, recorded: &Recorded) -> Value {
    let mut value = json!({
        "schema_version": 1,
        "run": run,
        "seq": recorded.seq,
        "at": rfc3339(recorded.at),
    });
    if let (Value::Object(line), Ok(Value::Object(event))) =
        (&mut value, serde_json::to_value(&recorded.event))
    {
        for (key, field) in event {
            // The moment of creation is the line's own `at`.
            if key != "at" {
                line.insert(key, field);
            }
        }
    }
    value
}
