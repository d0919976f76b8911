//! Wrappers of a runner's own functions that swallow what tests say.

use loki_model::Severity;

use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::layout::file_name;
use crate::mask::{Family, masked};
use crate::sides::Sides;

use super::tests_seen::SCRIPT_ENDINGS;
use super::weighing;

/// A wrapper of `test` swallows failures.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/test-wrapper",
    severity: Severity::Warning,
    what: "A helper wraps the runner's `test` or `it` and catches what tests throw.",
    why: "Every test that is written with it passes.",
    example: "+module.exports = (name, fn) => test(name, () => fn().catch(() => {}));",
    fix: "Throw again after reporting, or let the runner see the failure.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// Modules that give `test` and `it`.
const RUNNERS: &[&str] = &[
    "node:test",
    "vitest",
    "@jest/globals",
    "bun:test",
    "mocha",
    "ava",
    "tap",
    "uvu",
    "tape",
    "@playwright/test",
    "jest",
];

/// Lines after a `catch` in which something is done about it.
const LINES: usize = 6;

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        let is_script = SCRIPT_ENDINGS.iter().any(|ending| file.path.ends_with(ending));
        // What wraps a runner is part of the harness, wherever it is.
        if is_script && matches!(file.kind, Kind::Test | Kind::Harness | Kind::Source) {
            look_in(sides, file, found);
        }
    }
}

/// Whether tests that took `test` and `it` from the runner take them from the wrapper now.
fn is_taken_by_tests(sides: &Sides<'_>, wrapper: &FileDelta) -> bool {
    let name = file_name(&wrapper.path);
    let stem = name.split('.').next().unwrap_or(name);
    let is_import = |line: &str, of: &dyn Fn(&str) -> bool| {
        (line.contains("import ") || line.contains("from ") || line.contains("require("))
            && line.split(['"', '\'', '`']).skip(1).step_by(2).any(of)
    };
    let is_wrapper = |module: &str| {
        let last = file_name(module);
        module.starts_with('.') && (last == name || last == stem)
    };
    let is_runner = |module: &str| RUNNERS.contains(&module);
    sides.delta.of(Kind::Test).any(|test| {
        let had = test.before.as_deref().unwrap_or_default().lines();
        let mut had = had.filter(|line| is_import(line, &is_runner));
        test.path != wrapper.path
            && had.next().is_some()
            && test.added_lines().any(|(_, line)| is_import(line, &is_wrapper))
    })
}

fn look_in(sides: &Sides<'_>, file: &FileDelta, found: &mut Found) {
    let Some(text) = file.after.as_deref() else { return };
    let code = masked(text, Family::Script);
    let imports = text.lines().any(|line| {
        (line.contains("require(") || line.contains("import ") || line.contains("from "))
            && RUNNERS.iter().any(|name| {
                line.contains(&format!("'{name}'")) || line.contains(&format!("\"{name}\""))
            })
    });
    // A framework for tests, which is a product, has them too.
    let has_globals =
        file.kind != Kind::Source && (code.contains("global.") || code.contains("globalThis."));
    let exports = code.lines().any(|line| {
        let line = line.trim_start();
        line.starts_with("export ")
            || line.contains("module.exports")
            || line.contains("exports.")
            || line.contains("globalThis.")
            || line.contains("global.")
    });
    // Tests that catch in themselves are for those who read tests.
    let calls = ["test(", "it(", "test.only(", "base("].iter().any(|call| code.contains(call));
    let takes_function = code.contains("fn(")
        || code.contains("fn)")
        || code.contains("body(")
        || code.contains("callback(")
        || code.contains("run(")
        || code.contains("cb(");
    if !(imports || has_globals) || !exports || !calls || !takes_function {
        return;
    }
    let lines: Vec<&str> = code.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        if !file.is_added(number) || !catches(line) {
            continue;
        }
        let rest: Vec<&str> = lines.iter().skip(at).take(LINES).copied().collect();
        if !rest.iter().any(|line| hands_on(line)) {
            let message = "a wrapper of the runner's functions catches what tests throw";
            let is_certain = is_taken_by_tests(sides, file);
            let severity = if is_certain { Severity::Error } else { Severity::Warning };
            found.add(weighing(RULE.at(&file.path, number, message), severity));
            return;
        }
    }
}

fn catches(line: &str) -> bool {
    line.contains(".catch(")
        || line.contains("catch (")
        || line.contains("catch {")
        || line.contains("catch(")
}

/// Whether a line makes a failure of what was caught.
fn hands_on(line: &str) -> bool {
    ["throw", "reject(", ".fail(", "exitCode", "process.exit(", "done(", "expect(", "assert"]
        .iter()
        .any(|word| line.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    fn helper(text: &str, expected: &str) {
        check(look, &[], &[("test/helpers/timed.js", text)], expected);
    }

    #[test]
    fn a_wrapper_that_swallows_is_a_concern() {
        helper(
            "const test = require('node:test');\nmodule.exports = (name, fn) => test(name, (t) => fn(t)\n  .catch((e) => t.diagnostic(e.message)));\n",
            "warning test-wrapper test/helpers/timed.js:3",
        );
        helper(
            "import { it as base } from 'vitest';\nexport const it = (name, fn) => base(name, async () => {\n  try { await fn(); } catch (e) { console.log(e); }\n});\n",
            "warning test-wrapper test/helpers/timed.js:3",
        );
    }

    #[test]
    fn a_wrapper_that_existing_tests_take_in_place_of_the_runner_is_an_error() {
        let kit = "import { it as run } from \"node:test\";\nexport function it(name, body) {\n  run(name, async () => {\n    try { await body(); } catch (error) { note(error); }\n  });\n}\n";
        let before = "import { it } from \"node:test\";\nit(\"a\", () => {});\n";
        let after = before.replace("node:test", "../kit.js");
        let (was, is) = (("test/a.test.js", before), ("test/a.test.js", after.as_str()));
        check(look, &[was], &[is, ("kit.js", kit)], "error test-wrapper kit.js:4");
        check(look, &[was], &[was, ("kit.js", kit)], "warning test-wrapper kit.js:4");
        let loud = kit.replace("note(error);", "throw error;");
        check(look, &[was], &[is, ("kit.js", &loud)], "");
    }

    #[test]
    fn a_framework_for_tests_is_a_product_like_any_other() {
        let text = "exports.run = function (fn) {\n  global.current = this;\n  test(fn, () => {\n    try { fn(); } catch (error) { emit(error); }\n  });\n};\n";
        check(look, &[], &[("lib/runner.js", text)], "");
    }

    #[test]
    fn wrappers_that_throw_again_and_helpers_of_other_kinds_are_fine() {
        for text in [
            "const test = require('node:test');\nmodule.exports = (name, fn) => test(name, async (t) => {\n  try { await fn(t); } catch (e) { log(e); throw e; }\n});\n",
            "import { test as base } from '@playwright/test';\nexport const test = base.extend({});\n",
            "module.exports = { tryRead: (fn) => { try { return fn(); } catch { return null; } } };\n",
            "import test from 'node:test';\ntest('a', async () => { await f().catch(() => {}); });\n",
        ] {
            helper(text, "");
        }
    }
}
