//! Assertions that never run, or whose failure nobody waits for.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::{Found, Rule, at, early_exit, quoted, with_suite};
use crate::suite::{Located, Side, Suite};
use crate::syntax::call::{chain, path_of};
use crate::syntax::{Assertion, At, Check, Language, Part, Role};

/// An assertion that never runs.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/unreachable",
    severity: Severity::Error,
    what: "An assertion stands where it never runs, or in a promise that nobody waits for.",
    why: "The test passes before, or without, having asked.",
    example: "+  load().then((x) => {\n+    assert.equal(x, 1);\n+  });",
    fix: "Move it to where it runs; await or return the promise.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

fn look(suite: &Suite<'_>, found: &mut Found) {
    for (before, after) in suite.touched() {
        let had: BTreeSet<String> =
            before.iter().flat_map(|before| reasons(suite, before)).map(|(_, why)| why).collect();
        let mut told = BTreeSet::new();
        for (place, why) in reasons(suite, &after) {
            if had.contains(&why) || !told.insert((place, why.clone())) {
                continue;
            }
            let line = after.source.tree().line(place);
            found.add(at(&RULE, &after, line, format!("in `{}` {why}", after.test.name)));
        }
    }
}

/// Where assertions of a test do not count, and why.
fn reasons(suite: &Suite<'_>, located: &Located<'_>) -> Vec<(At, String)> {
    let mut found = Vec::new();
    if let Some(place) = never_awaited(located) {
        found.push((place, "a coroutine is made that its test case never awaits".to_owned()));
        return found;
    }
    let exit = early_exit::always_exits(located);
    for assertion in &located.test.assertions {
        let code = quoted(located.text(assertion.at));
        let after_exit = exit.is_some_and(|exit| assertion.at > exit);
        if !after_exit && let Some(place) = after_leaving(located, assertion.at) {
            found.push((place, format!("{code} stands behind the end of its block")));
        } else if let Some((place, name)) = in_uncalled(located, assertion.at) {
            found.push((place, format!("nobody calls `{name}`, which asserts")));
        } else if let Some(place) = in_floating(located, assertion) {
            found.push((place, format!("nobody waits for the promise in which {code} stands")));
        } else if let Some(name) = of_promise(suite, located, assertion) {
            found.push((
                assertion.at,
                format!("{code} looks at the promise of `{name}`, not at its value"),
            ));
        }
    }
    found
}

/// The statement that leaves the block before the assertion.
fn after_leaving(located: &Located<'_>, assertion: At) -> Option<At> {
    let tree = located.source.tree();
    let mut inner = assertion;
    for around in tree.all_around(assertion) {
        if around == located.test.whole {
            break;
        }
        if tree.role(around) == Role::Block {
            let leaving = tree.named(around).take_while(|at| *at < inner).find(|at| {
                matches!(tree.role(tree.bare(*at)), Role::Return | Role::Throw | Role::Jump)
            });
            if leaving.is_some() {
                return Some(assertion);
            }
        }
        inner = around;
        if around == located.test.code {
            break;
        }
    }
    None
}

/// A function in the test that asserts and that nothing in the test names.
fn in_uncalled(located: &Located<'_>, assertion: At) -> Option<(At, String)> {
    let tree = located.source.tree();
    let function = tree
        .all_around(assertion)
        .take_while(|around| *around != located.test.code)
        .find(|around| matches!(tree.role(*around), Role::Function | Role::Lambda))?;
    let named = match tree.role(function) {
        Role::Function => function,
        _ => tree.around(function).filter(|around| tree.role(*around) == Role::Bind)?,
    };
    let name_at = tree.child(named, Part::Name).or_else(|| tree.child(named, Part::Left))?;
    let name = tree.text(name_at);
    // A method of an object that is handed around is called by somebody else, and so is a function
    // that is decorated.
    let is_method = tree.around(named).is_some_and(|around| {
        matches!(tree.role(around), Role::Map | Role::Class | Role::Entry)
            || tree
                .all_around(named)
                .any(|at| tree.role(at) == Role::Class && tree.is_within(at, located.test.code))
            || tree.child_with(around, Role::Decorator).is_some()
    });
    if is_method || tree.role(name_at) != Role::Name {
        return None;
    }
    let is_used = tree.inside(located.test.code).any(|at| {
        let is_name = tree.role(at) == Role::Name && tree.text(at) == name && at != name_at;
        is_name && !tree.is_within(at, function)
    });
    (!is_used).then(|| (function, name.to_owned()))
}

/// The promise that nobody waits for and in which the assertion stands.
fn in_floating(located: &Located<'_>, assertion: &Assertion) -> Option<At> {
    let tree = located.source.tree();
    if !located.source.language().is_script() || takes_callback(located) {
        return None;
    }
    // `expect(promise).resolves…` and `assert.rejects(…)` are promises themselves.
    let own = chain(tree, assertion.at);
    let is_promise = own.links.iter().any(|link| {
        matches!(link.name.as_str(), "resolves" | "rejects" | "doesNotReject" | "eventually")
    });
    if is_promise && is_alone(located, assertion.at) {
        return Some(assertion.at);
    }
    let inside = tree.all_around(assertion.at).take_while(|around| *around != located.test.code);
    for around in inside {
        if tree.role(around) != Role::Call || !is_alone(located, around) {
            continue;
        }
        let chain = chain(tree, around);
        let then = chain.links.iter().find(|link| {
            matches!(link.name.as_str(), "then" | "catch" | "finally")
                && link.arguments.is_some_and(|list| tree.is_within(assertion.at, list))
        });
        if then.is_some() {
            return Some(around);
        }
    }
    None
}

/// Whether a test is given a function to call when it is done.
pub(super) fn takes_callback(located: &Located<'_>) -> bool {
    let tree = located.source.tree();
    let Some(list) = tree.child(located.test.code, Part::Parameters) else { return false };
    let names = std::iter::once(list).chain(tree.inside(list));
    let names: Vec<&str> =
        names.filter(|at| tree.role(*at) == Role::Name).map(|at| tree.text(at)).collect();
    names.iter().any(|name| {
        let calls = located.test.calls.iter();
        matches!(*name, "done" | "cb" | "callback" | "next" | "end")
            || calls.into_iter().any(|call| {
                call == name || call == &format!("{name}.end") || call == &format!("{name}.plan")
            })
    })
}

/// Whether an expression is a whole statement, neither awaited nor handed back.
fn is_alone(located: &Located<'_>, at: At) -> bool {
    let tree = located.source.tree();
    let Some(around) = tree.around(at) else { return false };
    match tree.role(around) {
        Role::Statement => true,
        Role::Unary => tree.text(around).starts_with("void"),
        _ => false,
    }
}

/// The function whose promise is asserted to be true, or to be some value.
fn of_promise(suite: &Suite<'_>, located: &Located<'_>, assertion: &Assertion) -> Option<String> {
    let tree = located.source.tree();
    let language = located.source.language();
    if !language.is_script() && language != Language::Python {
        return None;
    }
    let is_value = matches!(
        assertion.check,
        Check::Truth | Check::Equal | Check::Present | Check::Order | Check::Contains
    );
    let subject = assertion.subject.filter(|_| is_value)?;
    // `bare` sees through `await`: ask for the call itself.
    if tree.role(subject) != Role::Call
        || tree.around(subject).is_some_and(|around| tree.role(around) == Role::Await)
    {
        return None;
    }
    let chain = chain(tree, subject);
    let name = chain.last_name();
    let whole = tree.text(subject);
    if name.is_empty() || whole.starts_with("await") || whole.contains("resolves") {
        return None;
    }
    is_always_async(suite, located, name).then(|| name.to_owned())
}

/// Whether every function of this name that the changed files and those the test imports have hands
/// back a promise.
fn is_always_async(suite: &Suite<'_>, located: &Located<'_>, name: &str) -> bool {
    let mut found: Vec<bool> = suite.trees().are_async(name, located.path()).collect();
    for import in located.source.imports() {
        let language = located.source.language();
        let files = suite.own_files().meant(language, located.path(), import);
        for path in files.into_iter().filter(|path| suite.sides.delta.file(path).is_none()) {
            if let Some(source) = suite.source(&path, Side::After) {
                let named = source.functions().iter().filter(|function| function.name == name);
                found.extend(named.map(|function| function.is_async));
            }
        }
    }
    !found.is_empty() && found.into_iter().all(|is_async| is_async)
}

/// A coroutine as a test of a case that does not know coroutines.
fn never_awaited(located: &Located<'_>) -> Option<At> {
    let tree = located.source.tree();
    if located.source.language() != Language::Python || !located.test.is_async {
        return None;
    }
    let class = tree.all_around(located.test.code).find(|at| tree.role(*at) == Role::Class)?;
    let heritage = tree.child(class, Part::Heritage)?;
    let bases: Vec<String> = tree.named(heritage).filter_map(|base| path_of(tree, base)).collect();
    let is_plain = |base: &String| matches!(base.as_str(), "TestCase" | "unittest.TestCase");
    let is_only_plain = !bases.is_empty() && bases.iter().all(is_plain);
    let is_marked = !located.test.markers.is_empty()
        || crate::syntax::test::decorations(tree, located.test.whole).iter().any(|_| true);
    (is_only_plain && !is_marked).then_some(located.test.code)
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn an_assertion_in_a_promise_that_floats_is_an_error() {
        for (text, line) in [
            ("test('a', () => {\n  load().then((x) => {\n    assert.equal(x, 1);\n  });\n});\n", 2),
            ("test('a', async () => {\n  load().then((x) => expect(x).toBe(1));\n});\n", 2),
            ("test('a', () => {\n  expect(load()).resolves.toBe(1);\n});\n", 2),
            ("test('a', () => {\n  assert.rejects(load());\n});\n", 2),
        ] {
            expect(
                look,
                &[],
                &[("a.test.js", text)],
                &format!("error unreachable a.test.js:{line}"),
            );
        }
    }

    #[test]
    fn a_promise_that_somebody_waits_for_is_none() {
        for text in [
            "test('a', () => {\n  return load().then((x) => { assert.equal(x, 1); });\n});\n",
            "test('a', () => load().then((x) => { assert.equal(x, 1); }));\n",
            "test('a', async () => {\n  await load().then((x) => { assert.equal(x, 1); });\n});\n",
            "test('a', (done) => {\n  load().then((x) => { assert.equal(x, 1); done(); });\n});\n",
            "test('a', async () => {\n  const p = load().then((x) => { assert.equal(x, 1); });\n  await p;\n});\n",
            "test('a', async () => {\n  await Promise.all([load().then((x) => assert.equal(x, 1))]);\n});\n",
            "test('a', async () => {\n  await expect(load()).resolves.toBe(1);\n});\n",
            "test('a', () => {\n  emitter.on('x', (x) => { assert.equal(x, 1); });\n  emitter.emit('x', 1);\n});\n",
        ] {
            expect(look, &[], &[("a.test.js", text)], "");
        }
    }

    #[test]
    fn an_assertion_on_the_promise_itself_is_an_error() {
        let source = "export class Store {\n  async compact() { return 1; }\n}\n";
        let text = "import { Store } from '../src/store.js';\ntest('a', async () => {\n  const a = new Store();\n  assert.ok(a.compact());\n});\n";
        expect(
            look,
            &[("src/store.js", source)],
            &[("src/store.js", source), ("test/a.test.js", text)],
            "error unreachable test/a.test.js:4",
        );
        let text = text.replace("assert.ok(a", "assert.ok(await a");
        expect(
            look,
            &[("src/store.js", source)],
            &[("src/store.js", source), ("test/a.test.js", &text)],
            "",
        );
    }

    #[test]
    fn an_assertion_behind_the_end_of_its_block_is_an_error() {
        let text = "def test_a():\n    for x in [1]:\n        continue\n        assert f(x) == 1\n";
        expect(look, &[], &[("tests/test_a.py", text)], "error unreachable tests/test_a.py:4");
        let text =
            "test('a', () => {\n  if (x) {\n    throw e;\n    assert.equal(f(), 1);\n  }\n});\n";
        expect(look, &[], &[("a.test.js", text)], "error unreachable a.test.js:4");
    }

    #[test]
    fn an_assertion_in_a_function_that_nobody_calls_is_an_error() {
        let text = "def test_a():\n    def check():\n        assert f() == 1\n    g()\n";
        expect(look, &[], &[("tests/test_a.py", text)], "error unreachable tests/test_a.py:2");
        let text =
            "test('a', () => {\n  const check = () => {\n    assert.equal(f(), 1);\n  };\n});\n";
        expect(look, &[], &[("a.test.js", text)], "error unreachable a.test.js:2");
        let text = "def test_a():\n    def check(x):\n        assert f(x) == 1\n    run(check)\n";
        expect(look, &[], &[("tests/test_a.py", text)], "");
        let text = "def test_a():\n    class Spy:\n        def call(self, x):\n            assert x == 1\n    run(Spy())\n";
        expect(look, &[], &[("tests/test_a.py", text)], "");
    }

    #[test]
    fn a_coroutine_in_a_plain_test_case_is_an_error() {
        let text = "class ATest(unittest.TestCase):\n    async def test_a(self):\n        self.assertEqual(await f(), 1)\n";
        expect(look, &[], &[("tests/test_a.py", text)], "error unreachable tests/test_a.py:2");
        let text = text.replace("TestCase", "IsolatedAsyncioTestCase");
        expect(look, &[], &[("tests/test_a.py", &text)], "");
    }
}
