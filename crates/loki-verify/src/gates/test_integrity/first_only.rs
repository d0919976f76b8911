//! Several cases in one block that expects an error: the first one that raises it ends the block.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::{Found, Rule, at, quoted, with_suite};
use crate::suite::{Located, Suite};
use crate::syntax::call::chain;
use crate::syntax::{Assertion, At, Check, Part, Role};

/// Cases that are never reached.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/first-only",
    severity: Severity::Warning,
    what: "A block that expects an error calls the same function several times, each time with something else.",
    why: "The first call that raises the error ends the block: what the others do is not looked at.",
    example: "+with pytest.raises(DeckError):\n+    load(name=\"\")\n+    load(length=-1)        # never reached",
    fix: "Give each case a block of its own, or make them a table.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

fn look(suite: &Suite<'_>, found: &mut Found) {
    for (before, after) in suite.touched() {
        let had: BTreeSet<String> = before
            .iter()
            .flat_map(|before| unreached(before).map(|(_, text)| text).collect::<Vec<_>>())
            .collect();
        if let Some((place, text)) = unreached(&after).find(|(_, text)| !had.contains(text)) {
            let line = after.source.tree().line(place);
            let message = format!(
                "in `{}` {text} is reached only where the calls before it raise no error, and one is expected",
                after.test.name
            );
            found.add(at(&RULE, &after, line, message));
        }
    }
}

/// The second call of every such block, with its text.
fn unreached<'a>(located: &'a Located<'_>) -> impl Iterator<Item = (At, String)> + 'a {
    let raises = located.test.assertions.iter().filter(|at| at.check == Check::Throws);
    raises.filter_map(|assertion| {
        let calls = calls(located, assertion)?;
        Some((*calls.get(1)?, quoted(located.text(*calls.get(1)?))))
    })
}

/// The calls that a block consists of, where all are of one function that is no method, and each differs from
/// the others: what is called again in the same way, or on an object, may raise only then.
fn calls(located: &Located<'_>, assertion: &Assertion) -> Option<Vec<At>> {
    let tree = located.source.tree();
    let subject = assertion.subject?;
    let block = match tree.role(subject) {
        Role::Block => subject,
        Role::Lambda | Role::Function => tree.child(subject, Part::Body)?,
        _ => return None,
    };
    if tree.role(block) != Role::Block {
        return None;
    }
    let statements = tree.statements(block);
    let calls: Vec<At> = statements.iter().map(|at| tree.bare(*at)).collect();
    let name = |at: At| {
        (tree.role(at) == Role::Call)
            .then(|| chain(tree, at))
            .filter(|chain| chain.links.len() == 1)
    };
    let names: Option<BTreeSet<String>> =
        calls.iter().map(|at| name(*at).map(|chain| chain.path())).collect();
    let texts: BTreeSet<&str> = calls.iter().map(|at| tree.text(*at)).collect();
    (calls.len() > 1 && names?.len() == 1 && texts.len() == calls.len()).then_some(calls)
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn calls_after_the_first_that_raises_are_told() {
        for (path, text, line) in [
            (
                "tests/test_a.py",
                "def test_a():\n    with pytest.raises(E):\n        load(1)\n        load(2)\n",
                4,
            ),
            (
                "tests/test_a.py",
                "class A(unittest.TestCase):\n    def test_a(self):\n        with self.assertRaises(E):\n            load(1)\n            load(2)\n            load(3)\n",
                5,
            ),
            (
                "a.test.js",
                "test('a', () => {\n  assert.throws(() => {\n    load(1);\n    load(2);\n  }, E);\n});\n",
                4,
            ),
            (
                "a.test.ts",
                "test('a', () => {\n  expect(() => {\n    load(1);\n    load(2);\n  }).toThrow(E);\n});\n",
                4,
            ),
        ] {
            expect(look, &[], &[(path, text)], &format!("warning first-only {path}:{line}"));
        }
    }

    #[test]
    fn what_leads_to_the_call_that_raises_is_fine() {
        for body in [
            "load(1)",
            "x = load(1)\n        load(x)",
            "load(1)\n        load(1)",
            "bus.send(1)\n        bus.send(2)",
            "open(1)\n        load(2)",
        ] {
            let text = format!("def test_a():\n    with pytest.raises(E):\n        {body}\n");
            expect(look, &[], &[("tests/test_a.py", &text)], "");
        }
        let kept = "def test_a():\n    with pytest.raises(E):\n        load(1)\n        load(2)\n";
        let more = format!("{kept}    assert load(3) == 3\n");
        expect(look, &[("tests/test_a.py", kept)], &[("tests/test_a.py", &more)], "");
    }
}
