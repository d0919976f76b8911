//! `read`: lines of a text file.

use serde::Deserialize;
use serde_json::json;

use super::super::model::ToolOffer;
use super::place::Place;
use super::{Outcome, cut, push_line};

/// Larger files are not opened.
const FILE_BYTES_MAX: u64 = 16 << 20;
/// Of one answer.
const ANSWER_BYTES_MAX: usize = 48 << 10;
const LINES_DEFAULT: usize = 1000;
const LINE_CHARS_MAX: usize = 1000;

/// What is asked for.
#[derive(Deserialize)]
pub(super) struct Wish {
    path: String,
    /// Counted from 1.
    from_line: Option<usize>,
    lines: Option<usize>,
}

pub(super) fn offer() -> ToolOffer {
    ToolOffer {
        name: "read",
        description: "Reads a text file. Says which lines it gives and how many there are; ask \
                      for the others with from_line.",
        schema: json!({
            "type": "object",
            "properties": {
                "path": {"type": "string", "description": "below the working directory"},
                "from_line": {"type": "integer", "description": "first line, from 1"},
                "lines": {"type": "integer", "description": "how many at most, 1000 if not given"},
            },
            "required": ["path"],
        }),
    }
}

pub(super) fn read(place: &Place, wish: &Wish) -> Outcome {
    let path = place.path(&wish.path)?;
    let bytes = place.root().read(&path, FILE_BYTES_MAX).map_err(|err| err.to_string())?;
    if bytes.contains(&0) {
        return Err(format!("`{path}` is no text, but {} bytes with zeros in them", bytes.len()));
    }
    let text = String::from_utf8_lossy(&bytes);
    let first = wish.from_line.unwrap_or(1).max(1);
    let wanted = wish.lines.unwrap_or(LINES_DEFAULT);
    let total = text.lines().count();
    let mut given = String::new();
    let mut last = first - 1;
    for line in text.lines().skip(first - 1).take(wanted) {
        if !push_line(&mut given, &cut(line, LINE_CHARS_MAX), ANSWER_BYTES_MAX) {
            break;
        }
        last += 1;
    }
    if last < first {
        return Ok(format!("[{path} has {total} lines; none from line {first}]"));
    }
    Ok(format!("[{path}, lines {first} to {last} of {total}]\n{given}"))
}
