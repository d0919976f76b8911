//! New tests that assert nothing.

use loki_model::Severity;

use super::{Found, Rule, at, unreachable, with_suite};
use crate::suite::{Located, Suite};
use crate::syntax::call::chain;
use crate::syntax::{Language, Marked, Role};

/// A new test that asserts nothing.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/no-assertion",
    severity: Severity::Warning,
    what: "A new test asserts nothing, and nothing that it calls does.",
    why: "It holds as long as nothing is raised, whatever comes out.",
    example: "+def test_dedupe():\n+    dedupe([1, 1])",
    fix: "Assert what has to come out. A test that only wants no error says so in its name.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

/// Parts of names of tests that only want no error.
const SMOKE: &[&str] = &[
    "smoke",
    "not_raise",
    "no_raise",
    "not_throw",
    "no_throw",
    "nothrow",
    "no_error",
    "noerror",
    "without_error",
    "not_panic",
    "no_panic",
    "not_crash",
    "no_crash",
    "does_not_fail",
    "not_fail",
    "compiles",
    "imports",
    "importable",
    "import",
    "runs",
    "starts",
    "boots",
    "renders",
    "render",
    "loads",
    "build",
    "can_be",
    "is_accepted",
    "accepts",
    "accept",
    "allow",
    "permit",
    "tolerat",
    "valid",
    "ignores",
    "noop",
    "no_op",
    "succeed",
    "is_ok",
    "survive",
    "no_exception",
    "not_hang",
    "terminat",
    "leak",
    "race",
    "deadlock",
    "example",
    "usage",
    "doc",
];

/// Parts of names of functions that, whatever they are, look at something.
const LOOKS: &[&str] = &[
    "assert", "expect", "verify", "check", "should", "must", "ensure", "validate", "require",
    "approve", "snapshot", "raises", "fail", "compare", "golden", "match", "test_",
];

fn look(suite: &Suite<'_>, found: &mut Found) {
    for test in suite.new_tests() {
        if asserts(suite, &test) || is_excused(&test) {
            continue;
        }
        let message = format!("the new `{}` asserts nothing", test.test.qualified);
        found.add(at(&RULE, &test, test.test.lines.0, message));
    }
}

/// Whether anything in a test can make it fail but an error of what it calls.
pub(super) fn asserts(suite: &Suite<'_>, located: &Located<'_>) -> bool {
    let test = located.test;
    if !test.assertions.is_empty() || test.is_around_tests {
        return true;
    }
    let tree = located.source.tree();
    let names: Vec<&str> = test
        .calls
        .iter()
        .map(|call| call.rsplit('.').find(|name| !name.is_empty()).unwrap_or_default())
        .collect();
    let looks = names.iter().any(|name| {
        let name = name.to_ascii_lowercase();
        LOOKS.iter().any(|word| name.contains(word))
    });
    // A runner that waits to be called is not called when something goes wrong.
    let waits = unreachable::takes_callback(located);
    if looks || waits || names.iter().any(|name| suite.helper_asserts(located, name)) {
        return true;
    }
    // A failing call anywhere, a raised error, a process that is made to end badly.
    tree.inside(test.code).any(|at| match tree.role(at) {
        Role::Throw | Role::Assert => true,
        Role::Call => {
            let chain = chain(tree, at);
            let last = chain.last_name();
            let is_rust = located.source.language() == Language::Rust;
            (is_rust && matches!(last, "unwrap" | "expect" | "unwrap_err" | "expect_err" | "panic"))
                || matches!(last, "Error" | "Errorf" | "Fatal" | "Fatalf" | "FailNow" | "Fail")
                || matches!(last, "exit" | "_exit" | "status")
        }
        Role::Macro => true,
        // Rust hands the error to the runner.
        Role::Wrap => located.source.language() == Language::Rust && tree.text(at).ends_with('?'),
        _ => false,
    })
}

/// Whether a test is none of those that have to assert.
fn is_excused(located: &Located<'_>) -> bool {
    let test = located.test;
    let never_runs = test.markers.iter().any(|marker| {
        matches!(marker.marked, Marked::Skipped | Marked::Announced | Marked::MayFail)
    });
    if never_runs || test.body == test.whole {
        return true;
    }
    let spelled: String = test
        .qualified
        .chars()
        .flat_map(|c| {
            let before = if c.is_uppercase() { Some('_') } else { None };
            before.into_iter().chain(if c.is_alphanumeric() { c } else { '_' }.to_lowercase())
        })
        .collect();
    let squeezed = spelled.replace("__", "_");
    if SMOKE.iter().any(|word| squeezed.contains(word)) {
        return true;
    }
    let tree = located.source.tree();
    let head = tree.text(test.whole).lines().next().unwrap_or_default();
    match located.source.language() {
        Language::Go => !test.name.starts_with("Test") && !test.qualified.contains('/'),
        Language::Rust => head.contains("bench") || is_typed_check(located),
        language if language.is_script() => {
            head.trim_start().starts_with("bench") || is_typed_check(located)
        }
        _ => false,
    }
}

/// Whether a test only has to compile.
fn is_typed_check(located: &Located<'_>) -> bool {
    let tree = located.source.tree();
    let text = tree.text(located.test.code);
    text.contains("@ts-expect-error") || text.contains("is_send") || text.contains("expectType")
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn a_new_test_that_asserts_nothing_is_a_warning() {
        for (path, text, line) in [
            ("tests/test_a.py", "def test_a():\n    dedupe([1, 1])\n", 1),
            ("tests/test_a.py", "def test_a():\n    r = dedupe([1])\n    print(r)\n", 1),
            ("a.test.js", "test('a', () => {\n  dedupe([1]);\n});\n", 1),
            ("a.test.tsx", "it('a', async () => {\n  await load();\n});\n", 1),
            ("src/a.rs", "#[test]\nfn a() {\n    dedupe(&[1]);\n}\n", 2),
            ("a_test.go", "package p\nfunc TestA(t *testing.T) {\n\tDedupe(1)\n}\n", 2),
            ("ATest.java", "class ATest {\n  @Test void a() {\n    dedupe(1);\n  }\n}\n", 2),
        ] {
            expect(look, &[], &[(path, text)], &format!("warning no-assertion {path}:{line}"));
        }
    }

    #[test]
    fn what_asserts_by_others_is_none() {
        let helper = "def agree(a, b):\n    assert a == b\n";
        let text = "from helpers import agree\ndef test_a():\n    agree(f(), 1)\n";
        expect(
            look,
            &[("tests/helpers.py", helper)],
            &[("tests/helpers.py", helper), ("tests/test_a.py", text)],
            "",
        );
        for (path, text) in [
            (
                "tests/test_a.py",
                "def same(a, b):\n    assert a == b\ndef test_a():\n    same(f(), 1)\n",
            ),
            (
                "a.test.js",
                "const same = (a, b) => assert.equal(a, b);\ntest('a', () => { same(f(), 1); });\n",
            ),
            (
                "src/a.rs",
                "fn same(a: u8, b: u8) { assert_eq!(a, b) }\n#[test]\nfn a() { same(f(), 1); }\n",
            ),
            (
                "a_test.go",
                "package p\nfunc same(t *testing.T, a, b int) {\n\tif a != b {\n\t\tt.Fatal()\n\t}\n}\nfunc TestA(t *testing.T) { same(t, f(), 1) }\n",
            ),
            (
                "ATest.java",
                "class ATest {\n  void same(int a) { assertEquals(1, a); }\n  @Test void a() { same(f()); }\n}\n",
            ),
        ] {
            expect(look, &[], &[(path, text)], "");
        }
    }

    #[test]
    fn tests_that_say_that_they_only_want_no_error_are_none() {
        for (path, text) in [
            (
                "tests/test_a.py",
                "def test_close_does_not_raise_twice():\n    close()\n    close()\n",
            ),
            ("tests/test_a.py", "def test_smoke():\n    main()\n"),
            ("a.test.js", "test('does not throw on empty input', () => { f(''); });\n"),
            (
                "src/a.rs",
                "#[test]\nfn parses() -> Result<(), E> {\n    parse(\"x\")?;\n    Ok(())\n}\n",
            ),
            ("src/a.rs", "#[test]\nfn parses() {\n    parse(\"x\").unwrap();\n}\n"),
            (
                "a_test.go",
                "package p\nfunc BenchmarkA(b *testing.B) {\n\tf()\n}\nfunc ExampleA() {\n\tf()\n}\n",
            ),
            ("a.test.js", "describe('g', () => {\n  it.todo('later');\n});\n"),
            ("ATest.java", "class ATest {\n  @Test void rendersWithoutError() { f(); }\n}\n"),
        ] {
            expect(look, &[], &[(path, text)], "");
        }
    }

    #[test]
    fn old_tests_are_no_matter_of_this_rule() {
        let text = "def test_a():\n    dedupe([1, 1])\n";
        let after = "def test_a():\n    dedupe([1, 2])\n";
        expect(look, &[("tests/test_a.py", text)], &[("tests/test_a.py", after)], "");
    }
}
