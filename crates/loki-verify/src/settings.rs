//! Settings files of other people's tools, read into one shape whatever they are written in.
//!
//! Owns the parsing, bounded. Refuses to know what a key means: that is for who asks.

use serde_json::{Map, Value};

use crate::layout::file_name;

mod ini;
mod make;

pub(crate) use make::{Recipes, recipes};

/// Brackets within brackets; deeper texts are not read.
const DEPTH_MAX: usize = 100;

/// Reads a settings file by the conventions of its name.
///
/// Nothing when the name is of no known form; an error when the text is not what its name promises.
pub(crate) fn read(path: &str, text: &str) -> Option<Result<Value, Unreadable>> {
    let name = file_name(path).to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    Some(match (name.as_str(), ending) {
        ("setup.cfg" | ".coveragerc" | ".flake8" | ".pylintrc" | "pylintrc" | ".npmrc", _) => {
            Ok(ini::read(text))
        }
        (".pypirc" | "pip.conf", _) | (_, "ini") => Ok(ini::read(text)),
        ("cargo.lock" | "uv.lock" | "poetry.lock" | "pdm.lock" | "pipfile", _) | (_, "toml") => {
            toml(text)
        }
        ("config", _) if path.ends_with(".cargo/config") => toml(text),
        (_, "json" | "jsonc" | "json5") => json(text),
        (".eslintrc" | ".babelrc" | ".nycrc" | ".c8rc" | ".mocharc" | ".swcrc" | ".taprc", _) => {
            json(text).or_else(|_| yaml(text))
        }
        ("composer.lock" | "pipfile.lock" | "bun.lock", _) => json(text),
        (_, "yml" | "yaml") => yaml(text),
        _ => return None,
    })
}

/// A text that is not what its name promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Reads TOML.
pub(crate) fn toml(text: &str) -> Result<Value, Unreadable> {
    let table: toml::Table = text.parse().map_err(|_| Unreadable)?;
    serde_json::to_value(table).map_err(|_| Unreadable)
}

/// Reads JSON, with the comments, trailing commas and bare keys that tools allow in their settings.
pub(crate) fn json(text: &str) -> Result<Value, Unreadable> {
    if let Ok(value) = serde_json::from_str(text) {
        return Ok(value);
    }
    if depth(text) > DEPTH_MAX {
        return Err(Unreadable);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = jsonc_parser::ParseOptions::default();
    jsonc_parser::parse_to_serde_value::<Value>(text, &options).map_err(|_| Unreadable)
}

/// Reads the first document of YAML. What repeats itself without end is refused by the parser.
pub(crate) fn yaml(text: &str) -> Result<Value, Unreadable> {
    if depth(text) > DEPTH_MAX {
        return Err(Unreadable);
    }
    serde_saphyr::from_str::<Value>(text).map_err(|_| Unreadable)
}

/// How deep brackets nest, at most; those in texts count too.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// What is under a path of keys.
pub(crate) fn at<'v>(value: &'v Value, keys: &[&str]) -> Option<&'v Value> {
    keys.iter().try_fold(value, |value, key| value.get(key))
}

/// The object under a path of keys; an empty one where there is none.
pub(crate) fn object<'v>(value: &'v Value, keys: &[&str]) -> &'v Map<String, Value> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    at(value, keys).and_then(Value::as_object).unwrap_or(&NONE)
}

/// A text or a list of texts as a list; a text is split at line ends and commas.
pub(crate) fn list(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => text
            .split(['\n', ','])
            .map(|item| item.trim().to_owned())
            .filter(|item| !item.is_empty() && !item.starts_with('#'))
            .collect(),
        Some(Value::Array(items)) => {
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// A number, also one in a text with a sign of per cent.
pub(crate) fn number(value: Option<&Value>) -> Option<f64> {
    match value? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().trim_end_matches('%').trim().parse().ok(),
        _ => None,
    }
}

/// A yes or no, however a tool spells it.
pub(crate) fn flag(value: Option<&Value>) -> Option<bool> {
    match value? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        },
        Value::Number(number) => number.as_i64().map(|number| number != 0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn every_form_reads_into_the_same_shape() {
        let expected = json!({"a": {"b": "1"}});
        for (path, text) in [
            ("x.toml", "[a]\nb = '1'"),
            ("tsconfig.json", "// why\n{\"a\": {\"b\": \"1\",},}"),
            (".eslintrc", "{a: {b: '1'}} /* bare */"),
            ("ci.yml", "a:\n  b: '1' # why\n"),
            ("tox.ini", "[a]\nb = 1\n"),
        ] {
            assert_eq!(read(path, text), Some(Ok(expected.clone())), "{path}");
        }
        assert_eq!(read("a.py", ""), None);
        assert_eq!(read("a.json", "{"), Some(Err(Unreadable)));
    }

    #[test]
    fn what_nests_or_repeats_without_end_is_refused() {
        assert_eq!(json(&"[".repeat(100_000)), Err(Unreadable));
        assert_eq!(yaml(&"[".repeat(100_000)), Err(Unreadable));
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned();
        for at in 1..12 {
            let before = format!("*a{}, ", at - 1).repeat(8);
            bomb += &format!("a{at}: &a{at} [{before}]\n");
        }
        assert_eq!(yaml(&bomb), Err(Unreadable));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "([\\[\\]{}:=,#&*'\"!|>-]|a|\n| |\\PC){0,80}") {
            for name in ["a.toml", "a.json", "a.yml", "a.ini", ".eslintrc"] {
                let _ = read(name, &text);
            }
        }
    }
}
