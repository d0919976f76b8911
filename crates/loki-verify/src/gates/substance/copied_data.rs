//! Data that code read from a file, and holds a copy of instead.

use loki_model::Severity;
use serde_json::{Map, Value};

use super::{Code, each_code};
use crate::delta::Delta;
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::layout::file_name;
use crate::syntax::call::unquoted;
use crate::syntax::{At, Part, Role, Source, Tree};

/// A copy that is none.
pub(super) const RULE: Rule = Rule {
    id: "substance/copy-differs",
    severity: Severity::Warning,
    what: "Code that read a file of data holds a copy of it instead, and the copy says something else.",
    why: "Others go on reading the file: the two parts of the product no longer agree.",
    example: "-STATES = json.loads(SCHEMA.read_text())\n+STATES = {\"sorted\": [\"loaded\"], \"delivered\": [\"collected\"]}    # and the file has [] for `delivered`",
    fix: "Read the file, or make the copy by a program; if the data is to change, change the file.",
    look,
};

/// Keys of a table: with fewer, two tables are alike by chance.
const KEYS_MIN: usize = 3;

/// Of the keys of the file, so many percent are in the copy.
const SHARED_PERCENT_MIN: usize = 80;

/// Nested values that are followed.
const DEPTH_MAX: usize = 16;

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    each_code(cx, delta, found, &mut |code, found| {
        if !code.text_before().contains(".json") {
            return;
        }
        let Some(before) = code.before() else { return };
        for name in no_longer_named(before, code.after) {
            let known = cx.layout.all_files().filter(|path| file_name(path) == name);
            let unchanged = known.filter(|path| delta.file(path).is_none());
            let data = unchanged.filter_map(|path| Some((path, cx.read(path)?)));
            for (path, text) in data {
                let Ok(Value::Object(data)) = serde_json::from_str(&text) else { continue };
                if let Some((line, key)) = differs(code, &data) {
                    let message = format!("a copy of `{path}` that differs in `{key}`");
                    found.add(RULE.at(&code.file.path, line, message));
                }
            }
        }
    });
}

/// Names of files of data that only the old text has.
fn no_longer_named(before: &Source, after: &Source) -> Vec<String> {
    let named = |source: &Source| -> Vec<String> {
        let texts = source.literals().into_iter().filter(|literal| literal.is_text);
        texts
            .filter(|literal| literal.value.ends_with(".json"))
            .map(|literal| file_name(&literal.value).to_owned())
            .collect()
    };
    let now = named(after);
    named(before).into_iter().filter(|name| !now.contains(name)).collect()
}

/// Where an added table has the keys of `data` and says something else, and for which key.
fn differs(code: &Code<'_>, data: &Map<String, Value>) -> Option<(u32, String)> {
    let tree = code.after.tree();
    let added = tree.all(Role::Map).filter(|at| code.file.is_added(tree.line(*at)));
    added.into_iter().find_map(|at| {
        let Some(Value::Object(copy)) = value(tree, at, DEPTH_MAX) else { return None };
        let shared = data.keys().filter(|key| copy.contains_key(*key)).count();
        let is_copy = shared >= KEYS_MIN && shared * 100 >= data.len() * SHARED_PERCENT_MIN;
        let key = data.iter().find(|(key, value)| copy.get(*key) != Some(*value));
        let key =
            key.map(|(key, _)| key).or_else(|| copy.keys().find(|key| !data.contains_key(*key)));
        key.filter(|_| is_copy).map(|key| (tree.line(at), key.clone()))
    })
}

/// A value that is written out; nothing where a part of it is computed.
fn value(tree: &Tree, at: At, depth: usize) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    let at = tree.bare(at);
    match tree.role(at) {
        Role::Map => {
            let mut all = Map::new();
            for entry in tree.named(at) {
                if tree.role(entry) != Role::Entry {
                    return None;
                }
                let key = tree.child(entry, Part::Key).or_else(|| tree.named(entry).next())?;
                let held = tree.child(entry, Part::Value).or_else(|| tree.named(entry).last())?;
                all.insert(unquoted(tree.text(key)).to_owned(), value(tree, held, depth)?);
            }
            Some(Value::Object(all))
        }
        Role::List => {
            let items = tree.named(at).map(|item| value(tree, item, depth));
            items.collect::<Option<Vec<Value>>>().map(Value::Array)
        }
        Role::Text => Some(Value::String(unquoted(tree.text(at)).to_owned())),
        Role::Number => serde_json::from_str(tree.text(at)).ok(),
        Role::Boolean => Some(Value::Bool(tree.text(at).eq_ignore_ascii_case("true"))),
        Role::Null => Some(Value::Null),
        _ => None,
    }
}
