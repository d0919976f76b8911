//! Failures of assertions that are caught, and errors for which any error will do.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::compared::is_related;
use super::{Found, Rule, at, quoted, showing, weighing, with_suite};
use crate::suite::{Located, Suite};
use crate::syntax::call::{Chain, arguments_in, chain, function_argument, positional};
use crate::syntax::{At, Check, Handler, Part, Role};

/// A failure that is caught.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/swallowed",
    severity: Severity::Error,
    what: "The failure of an assertion is caught and dropped, or a test that asked for one error is \
           content with any.",
    why: "Such a test can not fail.",
    example: "+    try:\n+        assert total == 12\n+    except Exception:\n+        pass",
    fix: "Let the failure through; name the error that is expected.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

fn look(suite: &Suite<'_>, found: &mut Found) {
    for (before, after) in suite.touched() {
        let had: BTreeSet<String> =
            before.iter().flat_map(catchers).map(|(_, text)| text).collect();
        for (catcher, text) in catchers(&after) {
            if had.contains(&text) {
                continue;
            }
            let line = after.source.tree().line(catcher);
            let message = format!(
                "in `{}` a failed assertion is caught and dropped by {}",
                after.test.name,
                quoted(first_line(&text))
            );
            found.add(at(&RULE, &after, line, message));
        }
    }
    for (before, after, _) in suite.kept() {
        broader(suite, &before, &after, found);
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// What catches failures of the assertions of a test, with its text.
fn catchers(located: &Located<'_>) -> Vec<(At, String)> {
    let mut found: BTreeSet<At> = BTreeSet::new();
    let handlers = located.source.handlers();
    for assertion in &located.test.assertions {
        // An error that is expected is not the failure of an assertion.
        if assertion.check != Check::Throws {
            found.extend(catcher(located, handlers, assertion.at));
        }
    }
    let tree = located.source.tree();
    found.into_iter().map(|at| (at, tree.text(at).to_owned())).collect()
}

/// What catches a failure at `assertion`, looked for outwards until the test ends.
fn catcher(located: &Located<'_>, handlers: &[Handler], assertion: At) -> Option<At> {
    let tree = located.source.tree();
    let inside = tree.all_around(assertion).take_while(|around| *around != located.test.code);
    for around in inside {
        match tree.role(around) {
            Role::Try => {
                let mut own =
                    handlers.iter().filter(|handler| tree.around(handler.at) == Some(around));
                let catches = own.find(|handler| {
                    tree.is_within(assertion, handler.tried)
                        && !tree.is_within(assertion, handler.at)
                        && handler.catches_assertions()
                        && !handler.raises
                        && (handler.is_empty || only_tells(located, handler))
                });
                if let Some(handler) = catches {
                    return Some(handler.at);
                }
            }
            Role::With => {
                let head = tree
                    .child(around, Part::Body)
                    .map(|body| tree.slice(tree.bytes(around).start..tree.bytes(body).start));
                let head = head.unwrap_or_default();
                let is_suppressed = head.contains("suppress(")
                    && ["suppress(Exception", "suppress(BaseException", "AssertionError"]
                        .iter()
                        .any(|broad| head.contains(broad));
                // A block that has to fail passes when its assertion fails.
                let is_expected = head.contains("raises(Exception)")
                    || head.contains("raises(AssertionError")
                    || head.contains("assertRaises(Exception)")
                    || head.contains("assertRaises(AssertionError");
                let is_of_assertions =
                    head.contains("AssertionError") && !head.contains("suppress");
                // Assertion helpers are tested by what they raise.
                if is_suppressed || (is_expected && !is_of_assertions) {
                    return Some(around);
                }
            }
            Role::Call => {
                if let Some(at) = dropped_by_call(located, around, assertion) {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether a handler does nothing but tell somebody of the error.
fn only_tells(located: &Located<'_>, handler: &Handler) -> bool {
    let tree = located.source.tree();
    let body =
        tree.child(handler.at, Part::Body).or_else(|| tree.child_with(handler.at, Role::Block));
    let Some(body) = body else { return false };
    let statements = tree.statements(body);
    !statements.is_empty()
        && statements.into_iter().all(|statement| {
            let bare = tree.bare(statement);
            match tree.role(bare) {
                Role::Pass | Role::Jump => true,
                Role::Return => tree.named(bare).next().is_none(),
                Role::Call => {
                    let path = chain(tree, bare).path();
                    let first = path.split('.').next().unwrap_or_default();
                    matches!(
                        first,
                        "print"
                            | "console"
                            | "log"
                            | "logger"
                            | "logging"
                            | "println"
                            | "eprintln"
                            | "fmt"
                            | "System"
                            | "puts"
                            | "warnings"
                            | "t"
                    ) && !path.ends_with("skip")
                        && !path.contains("Fatal")
                        && !path.contains("Error")
                }
                _ => false,
            }
        })
}

/// `promise.then(() => { … }).catch(() => {})`, `catch_unwind(|| { … })`.
fn dropped_by_call(located: &Located<'_>, call: At, assertion: At) -> Option<At> {
    let tree = located.source.tree();
    let chain = chain(tree, call);
    match chain.last_name() {
        "catch" => {
            let last = chain.links.last()?.arguments?;
            let is_before = !tree.is_within(assertion, last);
            let handler = arguments_in(tree, last).into_iter().next().map(|at| tree.bare(at))?;
            (is_before && is_idle_function(located, handler)).then_some(call)
        }
        "catch_unwind" => {
            let is_inside = function_argument(tree, call)
                .or_else(|| positional(tree, call).into_iter().next())
                .is_some_and(|code| tree.is_within(assertion, code));
            (is_inside && is_result_dropped(located, call)).then_some(call)
        }
        _ => None,
    }
}

/// A function that does nothing: `() => {}`, `() => undefined`, `noop`.
fn is_idle_function(located: &Located<'_>, at: At) -> bool {
    let tree = located.source.tree();
    match tree.role(at) {
        Role::Lambda => {
            let Some(body) = tree.child(at, Part::Body) else { return true };
            match tree.role(body) {
                Role::Block => tree.named(body).all(|at| {
                    let bare = tree.bare(at);
                    tree.role(bare) == Role::Call && chain(tree, bare).first_name() == "console"
                        || tree.role(bare) == Role::Return && tree.named(bare).next().is_none()
                }),
                Role::Null | Role::Boolean | Role::Number | Role::Text => true,
                _ => false,
            }
        }
        Role::Name | Role::Member => tree.text(at).contains("noop"),
        _ => false,
    }
}

/// Whether nobody looks at what a call hands back.
pub(super) fn is_result_dropped(located: &Located<'_>, call: At) -> bool {
    let tree = located.source.tree();
    let mut at = call;
    while let Some(around) = tree.around(at) {
        match tree.role(around) {
            Role::Wrap | Role::Await => at = around,
            // A list of one.
            Role::Other if tree.named(around).nth(1).is_none() => at = around,
            Role::Statement => return true,
            // Go and Ruby have no node around an expression that stands alone.
            Role::Block => return true,
            Role::Bind => {
                let left =
                    tree.child(around, Part::Left).or_else(|| tree.child(around, Part::Name));
                let text = left.map_or("", |left| tree.text(left));
                return text.split(',').all(|name| name.trim().starts_with('_'));
            }
            // A method that only takes the result apart.
            Role::Member => match tree.around(around) {
                Some(outer)
                    if tree.role(outer) == Role::Call && is_taking_apart(&chain(tree, outer)) =>
                {
                    at = outer;
                }
                _ => return false,
            },
            _ => return false,
        }
    }
    false
}

fn is_taking_apart(chain: &Chain) -> bool {
    matches!(chain.last_name(), "ok" | "err" | "is_ok" | "is_err" | "unwrap_or_default")
}

/// An assertion that asked for one error and is content with any.
fn broader(suite: &Suite<'_>, before: &Located<'_>, after: &Located<'_>, found: &mut Found) {
    let narrow = |effective: &crate::suite::Effective| {
        effective.assertion.thrown.as_ref().is_some_and(|thrown| !thrown.is_broad)
    };
    let old: Vec<_> = suite.effective(before).into_iter().filter(narrow).collect();
    if old.is_empty() {
        return;
    }
    let new = suite.effective(after);
    let count = |all: &[crate::suite::Effective]| all.iter().filter(|one| narrow(one)).count();
    if count(&new) >= count(&old) {
        return;
    }
    for a in &new {
        let is_broad = a.assertion.thrown.as_ref().is_some_and(|thrown| thrown.is_broad);
        let is_known = before.test.assertions.iter().any(|known| known.text == a.assertion.text);
        let Some(b) = old.iter().find(|b| is_related(b, a)) else { continue };
        if !is_broad || is_known {
            continue;
        }
        let types = b.assertion.thrown.as_ref().map(|thrown| thrown.types.join(", "));
        let message = format!(
            "`{}` asked for {} and is content with any error now",
            after.test.name,
            quoted(types.as_deref().unwrap_or("one error"))
        );
        let finding = weighing(at(&RULE, after, a.line, message), Severity::Warning);
        let shown = format!("- {}\n+ {}", before.text(b.assertion.at), after.text(a.assertion.at));
        found.add(showing(finding, &shown));
    }
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn a_failure_that_is_caught_is_an_error() {
        for (path, text, line) in [
            (
                "tests/test_a.py",
                "def test_a():\n    try:\n        assert f() == 1\n    except Exception:\n        pass\n",
                4,
            ),
            (
                "tests/test_a.py",
                "def test_a():\n    try:\n        assert f() == 1\n    except AssertionError as e:\n        print(e)\n",
                4,
            ),
            (
                "tests/test_a.py",
                "def test_a():\n    with contextlib.suppress(Exception):\n        assert f() == 1\n",
                2,
            ),
            (
                "a.test.js",
                "test('a', () => {\n  try {\n    assert.equal(f(), 1);\n  } catch {}\n});\n",
                4,
            ),
            (
                "a.test.ts",
                "test('a', () => {\n  try {\n    expect(f()).toBe(1);\n  } catch (e) {\n    console.log(e);\n  }\n});\n",
                4,
            ),
            (
                "a.test.js",
                "test('a', async () => {\n  await p().then((x) => {\n    assert.equal(x, 1);\n  }).catch(() => {});\n});\n",
                2,
            ),
            (
                "src/a.rs",
                "#[test]\nfn a() {\n    let _ = std::panic::catch_unwind(|| {\n        assert_eq!(f(), 1);\n    });\n}\n",
                3,
            ),
            (
                "ATest.java",
                "class ATest {\n  @Test void a() {\n    try {\n      assertEquals(1, f());\n    } catch (Throwable t) {\n    }\n  }\n}\n",
                5,
            ),
        ] {
            expect(look, &[], &[(path, text)], &format!("error swallowed {path}:{line}"));
        }
    }

    #[test]
    fn a_loop_that_tries_until_an_assertion_holds_is_an_error() {
        let text = "def test_a():\n    for _ in range(20):\n        try:\n            assert f() == 1\n            break\n        except AssertionError:\n            continue\n";
        expect(look, &[], &[("tests/test_a.py", text)], "error swallowed tests/test_a.py:6");
    }

    #[test]
    fn an_error_that_was_named_and_is_not_any_more_is_a_warning() {
        for (path, before, after, line) in [
            (
                "tests/test_a.py",
                "def test_a():\n    with pytest.raises(Expired):\n        verify(1)\n",
                "def test_a():\n    with pytest.raises(Exception):\n        verify(1)\n",
                2,
            ),
            (
                "a.test.js",
                "test('a', () => {\n  assert.throws(() => f(), TypeError);\n});\n",
                "test('a', () => {\n  assert.throws(() => f());\n});\n",
                2,
            ),
            (
                "a.test.ts",
                "it('a', () => {\n  expect(() => f()).toThrow(TypeError);\n});\n",
                "it('a', () => {\n  expect(() => f()).toThrow();\n});\n",
                2,
            ),
            (
                "ATest.java",
                "class ATest {\n  @Test void a() {\n    assertThrows(Bad.class, () -> f());\n  }\n}\n",
                "class ATest {\n  @Test void a() {\n    assertThrows(Exception.class, () -> f());\n  }\n}\n",
                3,
            ),
        ] {
            let expected = format!("warning swallowed {path}:{line}");
            expect(look, &[(path, before)], &[(path, after)], &expected);
        }
    }

    #[test]
    fn errors_that_are_looked_at_are_none() {
        for (path, text) in [
            (
                "tests/test_a.py",
                "def test_a():\n    try:\n        f()\n        assert False\n    except ValueError as e:\n        assert str(e) == 'x'\n",
            ),
            (
                "tests/test_a.py",
                "def test_a():\n    try:\n        assert f() == 1\n    finally:\n        close()\n",
            ),
            (
                "tests/test_a.py",
                "def test_a():\n    errors = []\n    try:\n        assert f() == 1\n    except Exception as e:\n        errors.append(e)\n    assert errors == []\n",
            ),
            (
                "tests/test_a.py",
                "def test_a():\n    with pytest.raises(AssertionError):\n        assert_valid(1)\n",
            ),
            (
                "tests/test_a.py",
                "def test_a():\n    with contextlib.suppress(FileNotFoundError):\n        os.remove('x')\n    assert f() == 1\n",
            ),
            (
                "a.test.js",
                "test('a', async () => {\n  const e = await p().catch((e) => e);\n  assert.equal(e.code, 1);\n  await cleanup().catch(() => {});\n});\n",
            ),
            (
                "a.test.js",
                "test('a', () => {\n  try {\n    assert.equal(f(), 1);\n  } catch (e) {\n    dump();\n    throw e;\n  }\n});\n",
            ),
            (
                "src/a.rs",
                "#[test]\nfn a() {\n    let r = std::panic::catch_unwind(|| {\n        assert_ok(f());\n    });\n    assert!(r.is_err());\n}\n",
            ),
            (
                "ATest.java",
                "class ATest {\n  @Test void a() {\n    try {\n      f();\n      fail();\n    } catch (Exception e) {\n    }\n  }\n}\n",
            ),
        ] {
            expect(look, &[], &[(path, text)], "");
        }
        let before = "def test_a():\n    with pytest.raises(Expired):\n        verify(1)\n";
        let after = "def test_a():\n    with pytest.raises(TokenError):\n        verify(1)\n";
        expect(look, &[("tests/test_a.py", before)], &[("tests/test_a.py", after)], "");
    }
}
