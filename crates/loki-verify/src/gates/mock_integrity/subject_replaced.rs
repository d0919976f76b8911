//! Tests that replace what they test.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::{Found, Rule, is_own_function, with_suite};
use crate::layout::file_name;
use crate::suite::{Located, Suite, is_for_tests};
use crate::syntax::call::chain;
use crate::syntax::{At, Import, Mock, Part, Role};

/// What is tested is replaced.
pub(super) const RULE: Rule = Rule {
    id: "mock-integrity/subject-replaced",
    severity: Severity::Warning,
    what: "A test replaces a function of the project and then calls it, or replaces the whole module \
           that it is the test of.",
    why: "What it asserts about is its own double; the code could do anything.",
    example: "+with patch.object(api, \"parse\", return_value=days):\n+    assert api.parse(raw) == days",
    fix: "Call the real function. Replace only what it reaches outside of the program.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

fn look(suite: &Suite<'_>, found: &mut Found) {
    for (before, after) in suite.touched() {
        let had: BTreeSet<&str> = before
            .iter()
            .flat_map(|before| &before.test.mocks)
            .map(|mock| mock.target.as_str())
            .collect();
        for mock in &after.test.mocks {
            if had.contains(mock.target.as_str())
                || mock.is_module
                || mock.answers.is_none() && is_spy(&after, mock)
            {
                continue;
            }
            let Some((object, name)) = parts(&mock.target) else { continue };
            let Some(call) = called_anyway(&after, mock, object, name) else { continue };
            if !is_own_function(suite, &after, name) {
                continue;
            }
            let line = after.source.tree().line(call);
            let message = format!(
                "`{}` replaces `{}` and then calls it: it tests its own double",
                after.test.qualified, mock.target
            );
            found.add(RULE.at(after.path(), line, message));
        }
    }
    modules(suite, found);
}

/// Whether a double only listens and lets the real function work.
fn is_spy(located: &Located<'_>, mock: &Mock) -> bool {
    let text = located.text(mock.at);
    ["wraps=", "spy", "callThrough", "autospec"].iter().any(|word| text.contains(word))
}

/// Object and name of a target.
fn parts(target: &str) -> Option<(&str, &str)> {
    let (path, name) = target.rsplit_once('.')?;
    Some((path.rsplit('.').next().unwrap_or(path), name))
}

/// A call of the replaced function, by way of the object on which it was replaced, where it is in force.
fn called_anyway(located: &Located<'_>, mock: &Mock, object: &str, name: &str) -> Option<At> {
    let tree = located.source.tree();
    // In a `with` it ends with the block; decorations come before the code.
    let held = tree.all_around(mock.at).take_while(|around| *around != located.test.code);
    let block = held
        .filter(|around| tree.role(*around) == Role::With)
        .find_map(|around| tree.child(around, Part::Body));
    let in_force = |call: At| match block {
        Some(block) => tree.is_within(call, block),
        None => call > mock.at,
    };
    let is_inside = |at: At| tree.is_within(at, mock.at);
    let calls = tree.inside(located.test.code).filter(|at| tree.role(*at) == Role::Call);
    let call = calls.into_iter().find(|call| {
        if !in_force(*call) || is_inside(*call) {
            return false;
        }
        let chain = chain(tree, *call);
        let named = chain.links.len().checked_sub(2).and_then(|index| chain.links.get(index));
        chain.last_name() == name && named.is_some_and(|link| link.name == object)
    })?;
    // What only happens to be called on the way is not what is tested.
    let is_asserted =
        located.test.assertions.iter().any(|assertion| {
            assertion.calls.contains(name) || assertion.subject_text.contains(name)
        });
    is_asserted.then_some(call)
}

/// Whole modules that are replaced in the file that tests them.
fn modules(suite: &Suite<'_>, found: &mut Found) {
    for (file, before, after) in suite.files() {
        if after.tests().is_empty() {
            continue;
        }
        let Some(after) = after.source().filter(|after| !after.mocks().is_empty()) else {
            continue;
        };
        let known: BTreeSet<String> = before
            .source()
            .into_iter()
            .flat_map(|before| before.mocks())
            .map(|mock| mock.target.clone())
            .collect();
        for mock in after.mocks() {
            if !mock.is_module || known.contains(&mock.target) {
                continue;
            }
            let text = after.tree().text(mock.at);
            // A part of the real one stays.
            if ["requireActual", "importActual", "importOriginal"]
                .iter()
                .any(|word| text.contains(word))
            {
                continue;
            }
            let import = Import {
                module: mock.target.clone(),
                names: Vec::new(),
                known_as: Vec::new(),
                line: mock.line,
            };
            let meant = suite.own_files().meant(after.language(), &file.path, &import);
            let is_subject =
                meant.iter().any(|path| !is_for_tests(path) && stem(path) == stem(&file.path));
            if is_subject {
                let message =
                    format!("`{}` replaces `{}`, which it is the test of", file.path, mock.target);
                found.add(RULE.at(&file.path, mock.line, message));
            }
        }
    }
}

/// The name of a file without what makes it a test.
fn stem(path: &str) -> &str {
    file_name(path).split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    const API: (&str, &str) = (
        "weather/api.py",
        "def parse(raw):\n    return raw\n\ndef fetch(city):\n    return urlopen(city)\n",
    );
    const STORE: (&str, &str) =
        ("src/store.js", "export class Store {\n  entries(p) { return []; }\n  open() {}\n}\n");

    #[test]
    fn a_function_that_is_replaced_and_called_is_a_warning() {
        for (text, line) in [
            (
                "from weather import api\ndef test_a():\n    with mock.patch.object(api, 'parse', return_value=1):\n        assert api.parse(2) == 1\n",
                4,
            ),
            (
                "from weather import api\n@mock.patch('weather.api.parse', return_value=1)\ndef test_a(p):\n    assert api.parse(2) == 1\n",
                4,
            ),
            (
                "from weather import api\ndef test_a(monkeypatch):\n    monkeypatch.setattr(api, 'parse', lambda raw: 1)\n    assert api.parse(2) == 1\n",
                4,
            ),
            (
                "from weather import api\ndef test_a():\n    api.parse = Mock(return_value=1)\n    assert api.parse(2) == 1\n",
                4,
            ),
        ] {
            expect(
                look,
                &[API],
                &[API, ("tests/test_a.py", text)],
                &format!("warning subject-replaced tests/test_a.py:{line}"),
            );
        }
        for (text, line) in [
            (
                "import { Store } from '../src/store.js';\ntest('a', (t) => {\n  const a = new Store();\n  t.mock.method(a, 'entries', () => [1]);\n  assert.deepEqual(a.entries('u'), [1]);\n});\n",
                5,
            ),
            (
                "import { Store } from '../src/store.js';\ntest('a', () => {\n  const a = new Store();\n  jest.spyOn(a, 'entries').mockReturnValue([1]);\n  expect(a.entries('u')).toEqual([1]);\n});\n",
                5,
            ),
            (
                "import { Store } from '../src/store.js';\ntest('a', () => {\n  const a = new Store();\n  a.entries = jest.fn(() => [1]);\n  expect(a.entries('u')).toEqual([1]);\n});\n",
                5,
            ),
        ] {
            expect(
                look,
                &[STORE],
                &[STORE, ("test/a.test.js", text)],
                &format!("warning subject-replaced test/a.test.js:{line}"),
            );
        }
    }

    #[test]
    fn doubles_of_other_languages_are_known() {
        for (code, test, line) in [
            (
                (
                    "src/main/java/Calc.java",
                    "class Calc { int add(int a, int b) { return a + b; } }\n",
                ),
                (
                    "src/test/java/CalcTest.java",
                    "class CalcTest {\n  @Test\n  void adds() {\n    Calc calc = mock(Calc.class);\n    when(calc.add(1, 2)).thenReturn(3);\n    assertEquals(3, calc.add(1, 2));\n  }\n}\n",
                ),
                6,
            ),
            (
                (
                    "src/main/kotlin/Calc.kt",
                    "class Calc {\n    fun add(a: Int, b: Int) = a + b\n}\n",
                ),
                (
                    "src/test/kotlin/CalcTest.kt",
                    "class CalcTest {\n    @Test\n    fun adds() {\n        val calc = mockk<Calc>()\n        every { calc.add(any(), any()) } returns 3\n        assertEquals(3, calc.add(1, 2))\n    }\n}\n",
                ),
                6,
            ),
            (
                (
                    "Calc.cs",
                    "public class Calc { public virtual int Add(int a, int b) { return a + b; } }\n",
                ),
                (
                    "Tests/CalcTests.cs",
                    "public class CalcTests {\n    [Fact]\n    public void Adds() {\n        var mock = new Mock<Calc>();\n        mock.Setup(c => c.Add(1, 2)).Returns(3);\n        Assert.Equal(3, mock.Object.Add(1, 2));\n    }\n}\n",
                ),
                6,
            ),
            (
                ("lib/calc.rb", "class Calc\n  def add(a, b)\n    a + b\n  end\nend\n"),
                (
                    "spec/calc_spec.rb",
                    "describe Calc do\n  it 'adds' do\n    allow(calc).to receive(:add).and_return(3)\n    expect(calc.add(1, 2)).to eq(3)\n  end\nend\n",
                ),
                4,
            ),
        ] {
            let expected = format!("warning subject-replaced {}:{line}", test.0);
            expect(look, &[code], &[code, test], &expected);
        }
    }

    #[test]
    fn a_module_that_is_replaced_in_its_own_test_is_a_warning() {
        let text = "jest.mock('../src/store.js');\nimport { Store } from '../src/store.js';\ntest('a', () => {\n  expect(new Store().entries()).toBeUndefined();\n});\n";
        expect(
            look,
            &[STORE],
            &[STORE, ("test/store.test.js", text)],
            "warning subject-replaced test/store.test.js:1",
        );
        expect(look, &[STORE], &[STORE, ("test/app.test.js", text)], "");
    }

    #[test]
    fn doubles_at_the_edges_and_of_what_is_used_are_none() {
        for text in [
            // The network, behind a function of the project.
            "from weather import api\nfrom weather.cli import main\ndef test_a(monkeypatch):\n    monkeypatch.setattr(api, 'fetch', lambda city: {})\n    assert main(['Oslo']) == 0\n",
            // The clock.
            "from weather import api\ndef test_a():\n    with mock.patch('weather.api.time.sleep') as sleep:\n        assert api.parse(1) == 1\n    sleep.assert_called_once_with(1)\n",
            // Other people's packages.
            "import requests\nfrom weather import api\ndef test_a():\n    with mock.patch.object(requests, 'get', return_value=1):\n        assert requests.get('x') == 1\n        assert api.parse(1) == 1\n",
            // It is the real one again.
            "from weather import api\ndef test_a():\n    with mock.patch.object(api, 'parse', return_value=1):\n        run()\n    assert api.parse(2) == 2\n",
            // It only listens.
            "from weather import api\ndef test_a():\n    with mock.patch.object(api, 'parse', wraps=api.parse) as p:\n        assert api.parse(2) == 2\n",
        ] {
            expect(look, &[API], &[API, ("tests/test_a.py", text)], "");
        }
        for text in [
            "import { Bus } from '../src/store.js';\ntest('a', (t) => {\n  t.mock.method(Date, 'now', () => 1);\n  assert.equal(new Bus().at(Date.now()), 1);\n});\n",
            "import { Store } from '../src/store.js';\ntest('a', () => {\n  const a = new Store();\n  const s = jest.spyOn(a, 'entries');\n  expect(a.entries('u')).toEqual([]);\n});\n",
        ] {
            expect(look, &[STORE], &[STORE, ("test/a.test.js", text)], "");
        }
    }
}
