//! The INI dialect of Python's tools: sections, `key = value` or `key: value`, values that go on in
//! indented lines, comments that begin a line.

use serde_json::{Map, Value};

/// Keys before the first section are under this one.
const NO_SECTION: &str = "";

/// Reads a text; what has no place in it is passed over.
pub(super) fn read(text: &str) -> Value {
    let mut sections: Map<String, Value> = Map::new();
    let mut section = NO_SECTION.to_owned();
    let mut key: Option<String> = None;
    for line in text.lines() {
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with(['#', ';']) {
            continue;
        }
        let is_indented = line.starts_with([' ', '\t']);
        if let (true, Some(key)) = (is_indented, &key) {
            append(&mut sections, &section, key, bare);
            continue;
        }
        if let Some(name) = bare.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            section = name.trim().to_owned();
            key = None;
            continue;
        }
        let at = bare.find(['=', ':']);
        let (name, value) = at.map_or((bare, ""), |at| (&bare[..at], &bare[at + 1..]));
        let name = name.trim().to_ascii_lowercase();
        let values = sections.entry(section.clone()).or_insert_with(|| Value::Object(Map::new()));
        if let Some(values) = values.as_object_mut() {
            values.insert(name.clone(), Value::String(without_comment(value.trim()).to_owned()));
        }
        key = Some(name);
    }
    Value::Object(sections)
}

fn append(sections: &mut Map<String, Value>, section: &str, key: &str, more: &str) {
    let value = sections.get_mut(section).and_then(|values| values.get_mut(key));
    if let Some(Value::String(text)) = value {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(without_comment(more));
    }
}

/// A comment after a value begins with a blank.
fn without_comment(value: &str) -> &str {
    let at = [" #", " ;"].iter().filter_map(|sign| value.find(sign)).min();
    at.map_or(value, |at| value[..at].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sections_keys_and_continued_values_are_read() {
        let text = "top = 1\n# a comment\n[tool:pytest]\nAddopts = -ra\n    -k 'not x' ; why\ntestpaths:\n  a\n\n  # b\n  c\n[other]\nflag\n";
        let expected = json!({
            "": {"top": "1"},
            "tool:pytest": {"addopts": "-ra\n-k 'not x'", "testpaths": "a\nc"},
            "other": {"flag": ""},
        });
        assert_eq!(read(text), expected);
    }
}
