//! Wrappers of a runner's own functions that swallow what tests say.

use loki_model::Severity;

use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::mask::{Family, masked};
use crate::sides::Sides;

use super::tests_seen::SCRIPT_ENDINGS;

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
        if is_script && matches!(file.kind, Kind::Test | Kind::Harness) {
            look_in(file, found);
        }
    }
}

fn look_in(file: &FileDelta, found: &mut Found) {
    let Some(text) = file.after.as_deref() else { return };
    let code = masked(text, Family::Script);
    let imports = text.lines().any(|line| {
        (line.contains("require(") || line.contains("import ") || line.contains("from "))
            && RUNNERS.iter().any(|name| {
                line.contains(&format!("'{name}'")) || line.contains(&format!("\"{name}\""))
            })
    });
    let has_globals = code.contains("global.") || code.contains("globalThis.");
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
            found.add(RULE.at(&file.path, number, message));
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
