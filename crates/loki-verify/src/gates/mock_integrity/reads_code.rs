//! Tests that look at the text of the code instead of running it.

use loki_model::Severity;

use super::{Found, Rule, with_suite};
use crate::kind::{Kind, kind};
use crate::suite::{Located, Suite};
use crate::syntax::call::{chain, unquoted};
use crate::syntax::{Language, Role};

/// The text is looked at, and nothing is run.
pub(super) const RULE: Rule = Rule {
    id: "mock-integrity/reads-code",
    severity: Severity::Warning,
    what: "Every test that the change brings or alters looks at the text of code: it reads a file of the product, \
           or asks for a function's source.",
    why: "That words stand in the code shows nothing about what it does.",
    example: "+assert 'count < 0' in inspect.getsource(parse_line)",
    fix: "Call the code and ask what it answers.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

fn look(suite: &Suite<'_>, found: &mut Found) {
    let touched = suite.touched();
    let Some((_, first)) = touched.first() else { return };
    if touched.iter().all(|(_, after)| reads_code(suite, after)) {
        let message =
            format!("`{}` looks at the text of the code, and does not run it", first.test.name);
        found.add(RULE.at(first.path(), first.test.lines.0, message));
    }
}

/// Whether a test gets the text of code and asks nothing else.
fn reads_code(suite: &Suite<'_>, located: &Located<'_>) -> bool {
    let tree = located.source.tree();
    let reads = tree.inside(located.test.code).any(|at| match tree.role(at) {
        Role::Call => {
            let called = chain(tree, at);
            match called.last_name() {
                "getsource" | "getsourcelines" => true,
                // What a function of a script is as a text.
                "toString" => {
                    located.source.language().is_script()
                        && called.links.len() == 2
                        && is_own_function(suite, called.first_name())
                }
                _ => false,
            }
        }
        Role::Text => is_product_file(suite, located, unquoted(tree.text(at))),
        _ => false,
    });
    // One assertion more, of what the code does, is enough. Who looks at declarations compares them with code.
    let declares = located.text(located.test.code).contains(".d.ts");
    reads && !declares && located.test.assertions.len() <= 1
}

fn is_own_function(suite: &Suite<'_>, name: &str) -> bool {
    suite.functions(name).any(|(path, ..)| kind(path) == Kind::Source)
}

/// Whether a text is the path of a file of code that the change touches, and the test reads files.
fn is_product_file(suite: &Suite<'_>, located: &Located<'_>, text: &str) -> bool {
    const READS: &[&str] =
        &["readFile", "read_text", "read_to_string", "ReadFile", "open(", "include_str"];
    let path = text.trim_start_matches(['.', '/']);
    let is_code = Language::of(path).is_some() && kind(path) == Kind::Source;
    let reads = || {
        let text = located.text(located.test.code);
        READS.iter().any(|read| text.contains(read))
    };
    let is_touched = || {
        suite.files().any(|(file, _, _)| {
            file.kind == Kind::Source
                && (file.path == path || file.path.ends_with(&format!("/{path}")))
        })
    };
    is_code && is_touched() && reads()
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    const JS: (&str, &str) = ("src/load.js", "export function parse(text) {\n  return text;\n}\n");

    #[test]
    fn tests_that_only_look_at_the_text_of_code_are_a_warning() {
        let python = "def test_a():\n    assert 'count < 0' in inspect.getsource(parse)\n";
        expect(look, &[], &[("tests/test_a.py", python)], "warning reads-code tests/test_a.py:1");
        for test in [
            "test('a', () => {\n  assert.match(parse.toString(), /never/);\n});\n",
            "test('a', () => {\n  assert.match(readFileSync(new URL('../src/load.js', import.meta.url), 'utf8'), /never/);\n});\n",
        ] {
            expect(
                look,
                &[],
                &[JS, ("test/a.test.js", test)],
                "warning reads-code test/a.test.js:1",
            );
        }
    }

    #[test]
    fn tests_that_run_the_code_or_read_other_files_are_fine() {
        for test in [
            "test('a', () => {\n  assert.equal(parse('x'), 'x');\n});\n",
            "test('a', () => {\n  assert.equal(parse(readFileSync('fixtures/a.txt', 'utf8')), 'x');\n});\n",
            "test('a', () => {\n  assert.equal(new Date(0).toString(), 'x');\n});\n",
            "test('a', () => {\n  assert.equal(readFileSync('src/load.js').length, declared(readFileSync('src/load.d.ts')));\n});\n",
        ] {
            expect(look, &[], &[JS, ("test/a.test.js", test)], "");
        }
        let both = "def test_a():\n    assert 'count' in inspect.getsource(parse)\n    assert parse('x') == 'x'\n";
        expect(look, &[], &[("tests/test_a.py", both)], "");
    }
}
