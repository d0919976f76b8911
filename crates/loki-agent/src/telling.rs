//! The argument of a tool that tells people most about what it does.

use serde_json::Value;

use crate::shown::shown_on_one_line;

/// Names of arguments that tell most, best first.
const TELLING_ARGUMENTS: [&str; 12] = [
    "command",
    "commands",
    "file_path",
    "filePath",
    "path",
    "notebook_path",
    "pattern",
    "url",
    "query",
    "input",
    "prompt",
    "description",
];

/// One line about `input`; empty when nothing in it tells anything.
pub(crate) fn telling_argument(input: &Value) -> String {
    let telling = TELLING_ARGUMENTS.iter().find_map(|&name| {
        let value = &input[name];
        value.as_str().or_else(|| value[0].as_str())
    });
    shown_on_one_line(telling.unwrap_or_default())
}
