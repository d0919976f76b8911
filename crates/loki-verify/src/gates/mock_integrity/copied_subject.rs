//! Tests of a copy.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::{Found, Rule, is_any_function, with_suite};
use crate::suite::Suite;
use crate::syntax::{Function, Source, normal, scope::Scope};

/// A copy of what should be tested.
pub(super) const RULE: Rule = Rule {
    id: "mock-integrity/copied-subject",
    severity: Severity::Warning,
    what: "A file of tests defines a function that the project has under the same name, and tests that \
           one.",
    why: "The copy is tested; the code may do something else.",
    example: "+def slugify(text):  # the same as in the package\n+    …\n+def test_slugify():\n+    assert slugify(\"A\") == \"a\"",
    fix: "Import the function.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

/// A shorter body is like any other.
const BODY_CHARS_MIN: usize = 25;

fn look(suite: &Suite<'_>, found: &mut Found) {
    let mut told: BTreeSet<(String, u32)> = BTreeSet::new();
    for (before, after) in suite.touched() {
        let source = after.source;
        if !crate::suite::is_for_tests(after.path()) {
            continue;
        }
        let known: BTreeSet<&str> = before
            .iter()
            .flat_map(|before| before.source.functions())
            .map(|function| function.name.as_str())
            .collect();
        let imported: BTreeSet<String> = source
            .imports()
            .iter()
            .flat_map(|import| import.names.iter().chain(&import.known_as).cloned())
            .collect();
        for function in source.functions() {
            let is_called = after.test.calls.contains(&function.name);
            let is_test = source.tests().iter().any(|test| test.code == function.at);
            if !is_called
                || is_test
                || known.contains(function.name.as_str())
                || imported.contains(&function.name)
            {
                continue;
            }
            if let Some(path) = original(suite, &after, source, function)
                && told.insert((after.path().to_owned(), function.lines.0))
            {
                let message = format!(
                    "`{}` tests its own copy of `{}`, not the one of `{path}`",
                    after.test.qualified, function.name
                );
                found.add(RULE.at(after.path(), function.lines.0, message));
            }
        }
    }
}

/// The file of the product that has the same function.
fn original(
    suite: &Suite<'_>,
    located: &crate::suite::Located<'_>,
    source: &Source,
    function: &Function,
) -> Option<String> {
    let own = said(source, function).filter(|said| said.len() >= BODY_CHARS_MIN)?;
    let mut found = None;
    is_any_function(suite, located, &function.name, &mut |path, product, other| {
        let is_same = said(product, other).as_deref() == Some(&own);
        found = is_same.then(|| path.to_owned());
        is_same
    });
    found
}

/// What a function does, whatever its locals are called.
fn said(source: &Source, function: &Function) -> Option<String> {
    let tree = source.tree();
    let scope = Scope::of(tree, function.at);
    Some(normal::renamed(tree, function.body?, &scope))
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn a_copy_of_a_function_of_the_product_is_a_warning() {
        for (product, test, line) in [
            (
                (
                    "pkg/slug.py",
                    "def slug(text):\n    out = text.strip().lower()\n    return out.replace(' ', '-')\n",
                ),
                (
                    "tests/test_slug.py",
                    "def slug(s):\n    r = s.strip().lower()\n    return r.replace(' ', '-')\n\ndef test_a():\n    assert slug('A b') == 'a-b'\n",
                ),
                1,
            ),
            (
                (
                    "src/slug.js",
                    "export function slug(text) {\n  return text.trim().toLowerCase().replace(' ', '-');\n}\n",
                ),
                (
                    "test/slug.test.js",
                    "function slug(t) {\n  return t.trim().toLowerCase().replace(' ', '-');\n}\ntest('a', () => { assert.equal(slug('A b'), 'a-b'); });\n",
                ),
                1,
            ),
        ] {
            let expected = format!("warning copied-subject {}:{line}", test.0);
            expect(look, &[], &[product, test], &expected);
        }
    }

    #[test]
    fn helpers_and_other_ways_to_the_same_end_are_none() {
        let product = (
            "pkg/slug.py",
            "def slug(text):\n    out = text.strip().lower()\n    return out.replace(' ', '-')\n",
        );
        let naive = (
            "tests/test_slug.py",
            "from pkg.slug import slug as real\n\ndef naive(s):\n    r = s.strip().lower()\n    return r.replace(' ', '-')\n\ndef test_a():\n    assert real('A b') == naive('A b')\n",
        );
        expect(look, &[], &[product, naive], "");
        let imported = (
            "tests/test_slug.py",
            "from pkg.slug import slug\n\ndef test_a():\n    assert slug('A b') == 'a-b'\n",
        );
        expect(look, &[], &[product, imported], "");
    }
}
