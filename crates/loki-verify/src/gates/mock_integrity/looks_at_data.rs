//! Tests that look at data which was made visible for them, and call nothing.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::{Found, Rule, with_suite};
use crate::suite::{Suite, is_for_tests};
use crate::syntax::{Language, Source};
use crate::text::is_word_in;

/// No test calls what uses the data.
pub(super) const RULE: Rule = Rule {
    id: "mock-integrity/looks-at-data",
    severity: Severity::Warning,
    what: "All tests that the change brings only look at data of a module, which the change makes visible for \
           them; none calls anything of the project.",
    why: "That something stands in a table shows nothing about the code that should use it.",
    example: "+module.exports = { ENTITIES, escapeHtml };\n+test(\"apostrophes\", () => expect(ENTITIES[\"'\"]).toBe(\"&#39;\"));",
    fix: "Test what the data is for: call the function that uses it.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

/// Names of calls that ask or look, and belong to no project.
const LOOKS: &[&str] = &[
    "expect",
    "not",
    "toBe",
    "toEqual",
    "toStrictEqual",
    "toHaveLength",
    "toContain",
    "toContainEqual",
    "toMatch",
    "toMatchObject",
    "toBeDefined",
    "toBeTruthy",
    "toHaveProperty",
    "assert",
    "equal",
    "deepEqual",
    "strictEqual",
    "deepStrictEqual",
    "ok",
    "keys",
    "values",
    "entries",
    "has",
    "get",
    "includes",
    "isArray",
    "isFrozen",
    "stringify",
    "sort",
    "test",
    "it",
    "describe",
];

fn look(suite: &Suite<'_>, found: &mut Found) {
    let touched = suite.touched();
    let Some((_, first)) = touched.first() else { return };
    let only_look = touched.iter().all(|(before, after)| {
        let mut calls = after.test.calls.iter();
        let looks =
            |call: &String| call.split('.').next_back().is_some_and(|last| LOOKS.contains(&last));
        before.is_none() && calls.all(looks)
    });
    if !only_look {
        return;
    }
    let scripts = suite.files().filter(|(file, ..)| {
        let is_script = Language::of(&file.path).is_some_and(Language::is_script);
        is_script && !is_for_tests(&file.path)
    });
    let exposed: BTreeSet<String> = scripts
        .filter_map(|(_, before, after)| Some(exposed(before.source()?, after.source()?)))
        .flatten()
        .collect();
    let is_about_data = touched.iter().all(|(_, after)| {
        let text = after.text(after.test.code);
        exposed.iter().any(|name| is_word_in(text, name))
    });
    if is_about_data {
        let names: Vec<String> = exposed.iter().map(|name| format!("`{name}`")).collect();
        let message = format!(
            "the tests of the change look at {}, made visible for them, and call nothing of the project",
            names.join(", ")
        );
        let line = first.test.lines.0;
        found.add(RULE.at(first.path(), line, message));
    }
}

/// Names of data that were in the file before, and that others can see since the change.
fn exposed(before: &Source, after: &Source) -> BTreeSet<String> {
    let (was, is) = (exports(before), exports(after));
    let text = before.tree().whole_text();
    let functions: BTreeSet<&str> =
        after.functions().iter().map(|function| function.name.as_str()).collect();
    let mut new: BTreeSet<String> = is.difference(&was).cloned().collect();
    new.retain(|name| is_word_in(text, name) && !functions.contains(name.as_str()));
    new
}

/// Words on lines that export.
fn exports(source: &Source) -> BTreeSet<String> {
    let lines = source.tree().whole_text().lines();
    let exporting = lines.filter(|line| {
        let line = line.trim_start();
        line.starts_with("export ")
            || line.starts_with("module.exports")
            || line.starts_with("exports.")
    });
    let words = exporting.flat_map(|line| {
        let head = line.split("=>").next().unwrap_or_default();
        // What is exported where it is made has its name before its value.
        let head = match line.trim_start().starts_with("export const") {
            true => head.split('=').next().unwrap_or_default(),
            false => head,
        };
        head.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$')
    });
    words
        .filter(|word| {
            word.len() > 1 && !matches!(*word, "export" | "exports" | "module" | "const")
        })
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    const OLD: &str = "const ENTITIES = { \"&\": \"&amp;\" };\nfunction escape(text) {\n  return text.replace(/&/g, (c) => ENTITIES[c]);\n}\nmodule.exports = { escape };\n";

    fn new() -> String {
        OLD.replace("\"&amp;\" }", "\"&amp;\", \"'\": \"&#39;\" }")
            .replace("{ escape }", "{ ENTITIES, escape }")
    }

    #[test]
    fn tests_that_only_look_at_what_was_shown_to_them_are_a_warning() {
        let test = "const { ENTITIES } = require(\"../src/a\");\ntest(\"apostrophes\", () => {\n  expect(ENTITIES[\"'\"]).toBe(\"&#39;\");\n  expect(Object.keys(ENTITIES)).toHaveLength(2);\n});\n";
        expect(
            look,
            &[("src/a.js", OLD)],
            &[("src/a.js", &new()), ("test/a.test.js", test)],
            "warning looks-at-data test/a.test.js:2",
        );
    }

    #[test]
    fn tests_that_call_and_data_that_everybody_saw_before_are_fine() {
        let looks = "test(\"a\", () => {\n  expect(ENTITIES[\"'\"]).toBe(\"&#39;\");\n});\n";
        let calls = format!(
            "{looks}test(\"b\", () => {{\n  expect(escape(\"'\")).toBe(\"&#39;\");\n}});\n"
        );
        expect(look, &[("src/a.js", OLD)], &[("src/a.js", &new()), ("test/a.test.js", &calls)], "");
        let seen = OLD.replace("{ escape }", "{ ENTITIES, escape }");
        expect(
            look,
            &[("src/a.js", &seen)],
            &[("src/a.js", &new()), ("test/a.test.js", looks)],
            "",
        );
    }
}
