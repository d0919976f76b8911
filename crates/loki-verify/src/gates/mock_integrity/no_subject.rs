//! New files of tests that touch nothing of the project.

use loki_model::{ChangeKind, Severity};

use super::{Found, Rule, with_suite};
use crate::kind::Kind;
use crate::suite::{Suite, is_for_tests};
use crate::syntax::{Import, Language, Part, Role, Source};

/// Nothing of the project is tested.
pub(super) const RULE: Rule = Rule {
    id: "mock-integrity/no-subject",
    severity: Severity::Warning,
    what: "A new file of tests imports nothing of the project, and starts nothing.",
    why: "Whatever it asserts, it is not about the project's code.",
    example: "+import unittest\n+class TotalTest(unittest.TestCase):\n+    def test_total(self):\n+        self.assertEqual(sum([1, 2]), 3)",
    fix: "Import what is tested and call it.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

/// Modules of the language and of test libraries, by which no project is reached.
const PYTHON_MODULES: &[&str] = &[
    "__future__",
    "abc",
    "argparse",
    "array",
    "ast",
    "base64",
    "bisect",
    "calendar",
    "collections",
    "contextlib",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "enum",
    "fractions",
    "functools",
    "hashlib",
    "heapq",
    "html",
    "io",
    "itertools",
    "json",
    "logging",
    "math",
    "numbers",
    "operator",
    "pathlib",
    "pprint",
    "queue",
    "random",
    "re",
    "shutil",
    "statistics",
    "string",
    "struct",
    "tempfile",
    "textwrap",
    "threading",
    "time",
    "types",
    "typing",
    "unicodedata",
    "unittest",
    "uuid",
    "warnings",
    "weakref",
    "zlib",
    "pytest",
    "mock",
    "hypothesis",
    "os",
    "sys",
];

const SCRIPT_MODULES: &[&str] = &[
    "assert",
    "assert/strict",
    "test",
    "events",
    "buffer",
    "util",
    "path",
    "os",
    "timers",
    "stream",
    "vitest",
    "jest",
    "@jest/globals",
    "chai",
    "mocha",
    "sinon",
    "ava",
    "tap",
    "uvu",
    "uvu/assert",
    "crypto",
    "url",
    "querystring",
    "perf_hooks",
    "timers/promises",
    "string_decoder",
];

/// Parts of names of functions by which a program is reached from outside.
const REACHES: &[&str] = &[
    "spawn",
    "exec",
    "fork",
    "popen",
    "system",
    "check_output",
    "check_call",
    "run",
    "open",
    "read",
    "fetch",
    "request",
    "goto",
    "visit",
    "connect",
    "import",
    "require",
    "load",
    "start",
    "listen",
    "compile",
    "eval",
    "getattr",
    "glob",
    "listdir",
    "walk",
    "exists",
    "environ",
    "which",
];

fn look(suite: &Suite<'_>, found: &mut Found) {
    for (file, _, after) in suite.files() {
        if file.change != ChangeKind::Added || file.kind != Kind::Test || after.tests().is_empty() {
            continue;
        }
        let Some(source) = after.source() else { continue };
        let has_assertions = source.tests().iter().any(|test| !test.assertions.is_empty());
        if has_assertions && reaches_nothing(suite, &file.path, source) {
            let message = format!("`{}` touches nothing of the project", file.path);
            found.add(RULE.of(&file.path, message));
        }
    }
}

/// Whether everything that a file of tests uses is known, and none of it is the project's.
fn reaches_nothing(suite: &Suite<'_>, path: &str, source: &Source) -> bool {
    let language = source.language();
    let imports = source.imports();
    let is_foreign = |import: &Import| match language {
        Language::Python => {
            let top = import.module.split('.').next().unwrap_or_default();
            PYTHON_MODULES.contains(&top)
        }
        language if language.is_script() => {
            let module = import.module.strip_prefix("node:").unwrap_or(&import.module);
            SCRIPT_MODULES.contains(&module)
        }
        _ => false,
    };
    let is_helper = |import: &Import| {
        let files = suite.own_files().meant(language, path, import);
        // A helper that is itself of no use to reach the project.
        !files.is_empty()
            && files.iter().all(|file| {
                is_for_tests(file)
                    && suite
                        .source(file, crate::suite::Side::After)
                        .is_some_and(|helper| helper.imports().iter().all(is_foreign))
            })
    };
    if !matches!(language, Language::Python) && !language.is_script() {
        return false;
    }
    if !imports.iter().all(|import| is_foreign(import) || is_helper(import)) {
        return false;
    }
    let reaches = source.calls().any(|(_, chain)| {
        chain.links.iter().any(|link| {
            let name = link.name.to_ascii_lowercase();
            REACHES.iter().any(|word| name.contains(word))
        })
    });
    // What a runner gives a test may be the project.
    !reaches && !source.tests().iter().any(|test| takes_fixture(source, test.code))
}

/// Parameters that runners give by themselves.
const OWN_FIXTURES: &[&str] = &[
    "self",
    "cls",
    "tmp_path",
    "tmpdir",
    "capsys",
    "monkeypatch",
    "caplog",
    "t",
    "done",
    "subtests",
    "recwarn",
];

/// Whether a test is given something that may be of the project.
fn takes_fixture(source: &Source, code: crate::syntax::At) -> bool {
    let tree = source.tree();
    let Some(list) = tree.child(code, Part::Parameters) else { return false };
    let names = std::iter::once(list).chain(tree.inside(list));
    let mut names = names.filter(|at| tree.role(*at) == Role::Name).map(|at| tree.text(at));
    names.any(|name| !OWN_FIXTURES.contains(&name))
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    const PKG: (&str, &str) = ("pkg/a.py", "def f():\n    return 1\n");

    #[test]
    fn a_file_that_touches_nothing_of_the_project_is_a_warning() {
        for (path, text) in [
            (
                "tests/test_a.py",
                "import unittest\nclass ATest(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(sum([1, 2]), 3)\n",
            ),
            (
                "tests/test_a.py",
                "def total(xs):\n    return sum(xs)\ndef test_a():\n    assert total([1]) == 1\n",
            ),
            (
                "test/a.test.js",
                "import test from 'node:test';\nimport assert from 'node:assert/strict';\ntest('a', () => { assert.equal([1].length, 1); });\n",
            ),
        ] {
            expect(look, &[PKG], &[PKG, (path, text)], &format!("warning no-subject {path}"));
        }
    }

    #[test]
    fn what_reaches_the_project_is_none() {
        for (path, text) in [
            ("tests/test_a.py", "from pkg.a import f\ndef test_a():\n    assert f() == 1\n"),
            ("tests/test_a.py", "import numpy\ndef test_a():\n    assert numpy.ones(1)[0] == 1\n"),
            (
                "tests/test_a.py",
                "import subprocess\ndef test_a():\n    assert subprocess.run(['pkg']).returncode == 0\n",
            ),
            (
                "tests/test_a.py",
                "def test_a(client):\n    assert client.get('/').status_code == 200\n",
            ),
            (
                "test/a.test.js",
                "const { f } = require('../src/a.js');\ntest('a', () => { assert.equal(f(), 1); });\n",
            ),
            (
                "test/a.test.js",
                "test('a', async () => { const { f } = await import('../src/a.js'); assert.equal(f(), 1); });\n",
            ),
            (
                "test/a.test.js",
                "test('a', async () => { await page.goto('/'); expect(page.title()).toBe('x'); });\n",
            ),
            ("src/a_test.rs", "#[test]\nfn a() { assert_eq!(1 + 1, 2); }\n"),
        ] {
            expect(look, &[PKG], &[PKG, (path, text)], "");
        }
    }
}
