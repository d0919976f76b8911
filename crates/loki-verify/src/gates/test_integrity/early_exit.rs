//! Existing tests that end before they assert.

use loki_model::Severity;

use super::{Found, Rule, at, quoted, weighing, with_suite};
use crate::suite::{Located, Suite};
use crate::syntax::call::chain;
use crate::syntax::{At, Language, Part, Role};

/// A test that ends before it asserts.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/early-exit",
    severity: Severity::Error,
    what: "An existing test ends before its assertions, always or when a condition holds.",
    why: "It passes without having asked anything.",
    example: " def test_total():\n+    return\n     assert total([1, 2]) == 3",
    fix: "Take the exit out.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

/// An exit from a test.
struct Exit {
    at: At,
    /// Nothing for one that is always taken.
    condition: Option<String>,
    text: String,
    /// Whether it ends the whole process.
    ends_process: bool,
}

fn look(suite: &Suite<'_>, found: &mut Found) {
    for (before, after, _) in suite.kept() {
        let had: Vec<(Option<String>, String)> =
            exits(&before).into_iter().map(|exit| (exit.condition, exit.text)).collect();
        for exit in exits(&after) {
            if had.iter().any(|known| *known == (exit.condition.clone(), exit.text.clone())) {
                continue;
            }
            // What only returns after the last assertion leaves nothing out.
            let misses = after.test.assertions.iter().any(|assertion| assertion.at > exit.at);
            if !misses && !exit.ends_process {
                continue;
            }
            let severity =
                if exit.condition.is_none() { Severity::Error } else { Severity::Warning };
            let when = match &exit.condition {
                Some(condition) => format!(" when {}", quoted(condition)),
                None => String::new(),
            };
            let message = format!(
                "`{}` ends with {} before it asserts{when}",
                after.test.name,
                quoted(&exit.text)
            );
            let line = after.source.tree().line(exit.at);
            found.add(weighing(at(&RULE, &after, line, message), severity));
        }
    }
}

/// Whether an existing test got an exit that is always taken, so that what follows is no matter of
/// other rules.
pub(super) fn always_exits(located: &Located<'_>) -> Option<At> {
    exits(located).into_iter().find(|exit| exit.condition.is_none()).map(|exit| exit.at)
}

/// Exits at the top of a test, or in a condition at its top, before its first assertion.
fn exits(located: &Located<'_>) -> Vec<Exit> {
    let tree = located.source.tree();
    let mut found = Vec::new();
    let first = located.test.assertions.iter().map(|assertion| assertion.at).min();
    for statement in tree.named(located.test.body) {
        if first.is_some_and(|first| first < statement) {
            break;
        }
        let bare = tree.bare(statement);
        if let Some(ends_process) = exit(located, bare) {
            let text = tree.text(bare).to_owned();
            found.push(Exit { at: statement, condition: None, text, ends_process });
            break;
        }
        if tree.role(bare) != Role::If {
            continue;
        }
        let condition = tree.child(bare, Part::Condition);
        let body = tree
            .child(bare, Part::Body)
            .or_else(|| tree.named(bare).find(|at| Some(*at) != condition));
        let (Some(condition), Some(body)) = (condition, body) else { continue };
        let statements = std::iter::once(body).chain(tree.named(body));
        for at in statements {
            let bare = tree.bare(at);
            if let Some(ends_process) = exit(located, bare) {
                let condition = Some(tree.text(condition).to_owned());
                let text = tree.text(bare).to_owned();
                found.push(Exit { at, condition, text, ends_process });
            }
        }
    }
    found
}

/// Whether the node leaves the test, and then whether it ends the process.
fn exit(located: &Located<'_>, at: At) -> Option<bool> {
    let tree = located.source.tree();
    match tree.role(at) {
        // What hands a promise back is how a test waits for it.
        Role::Return => {
            let is_bare = tree.named(at).next().is_none_or(|value| {
                matches!(tree.role(tree.bare(value)), Role::Null | Role::Boolean)
                    || tree.text(value) == "Ok(())"
            });
            let is_jump =
                located.source.language() != Language::Swift || tree.text(at).starts_with("return");
            (is_bare && is_jump).then_some(false)
        }
        Role::Call => {
            let path = chain(tree, at).path();
            let is_exit = matches!(
                path.as_str(),
                "process.exit"
                    | "sys.exit"
                    | "os._exit"
                    | "os.abort"
                    | "exit"
                    | "quit"
                    | "os.Exit"
                    | "std.process.exit"
                    | "process.abort"
                    | "System.exit"
                    | "Deno.exit"
                    | "runtime.Goexit"
                    | "exit!"
            );
            is_exit.then_some(true)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    /// The same test in every language, with a statement before what it asserts.
    fn languages(statement: [&str; 5]) -> Vec<(&'static str, String)> {
        let [py, js, rs, go, java] = statement;
        vec![
            ("tests/test_a.py", format!("def test_a():\n    {py}\n    assert f() == 1\n")),
            ("a.test.js", format!("test('a', () => {{\n  {js}\n  assert.equal(f(), 1);\n}});\n")),
            ("src/a.rs", format!("#[test]\nfn a() {{\n    {rs}\n    assert_eq!(f(), 1);\n}}\n")),
            (
                "a_test.go",
                format!(
                    "package p\nfunc TestA(t *testing.T) {{\n\t{go}\n\tif f() != 1 {{\n\t\tt.Fatal()\n\t}}\n}}\n"
                ),
            ),
            (
                "ATest.java",
                format!(
                    "class ATest {{\n  @Test void a() {{\n    {java}\n    assertEquals(1, f());\n  }}\n}}\n"
                ),
            ),
        ]
    }

    #[test]
    fn an_exit_before_the_first_assertion_is_an_error() {
        let before = languages(["x = 1", "const x = 1;", "let x = 1;", "x := 1", "int x = 1;"]);
        let exits = [
            languages(["return", "return;", "return;", "return", "return;"]),
            languages([
                "os._exit(0)",
                "process.exit(0);",
                "std::process::exit(0);",
                "os.Exit(0)",
                "System.exit(0);",
            ]),
        ];
        for after in exits {
            for ((path, before), (_, after)) in before.iter().zip(&after) {
                let line = if path.ends_with("py") || path.ends_with("js") { 2 } else { 3 };
                let expected = format!("error early-exit {path}:{line}");
                expect(look, &[(path, before)], &[(path, after)], &expected);
            }
        }
    }

    #[test]
    fn an_exit_under_a_condition_is_a_warning() {
        let before = "def test_a():\n    assert f() == 1\n";
        let after = "def test_a():\n    if not HAS_X:\n        return\n    assert f() == 1\n";
        expect(
            look,
            &[("tests/test_a.py", before)],
            &[("tests/test_a.py", after)],
            "warning early-exit tests/test_a.py:3",
        );
    }

    #[test]
    fn handing_back_a_promise_and_ends_of_inner_functions_are_none() {
        let before = "test('a', () => {\n  assert.equal(f(), 1);\n});\n";
        let after = "test('a', () => {\n  const g = () => { return; };\n  return p().then(() => assert.equal(f(g), 1));\n});\n";
        expect(look, &[("a.test.js", before)], &[("a.test.js", after)], "");
        let before = "def test_a():\n    assert f() == 1\n";
        let after = "def test_a():\n    assert f() == 1\n    return\n";
        expect(look, &[("tests/test_a.py", before)], &[("tests/test_a.py", after)], "");
    }
}
