//! What is read out of a file, language by language.

use proptest::prelude::*;

use super::*;

mod others;

/// The tests of a file with everything that is known of them, one line each and one line for each
/// assertion, marker and mock.
fn read(path: &str, text: &str) -> String {
    let source = Source::parse(path, text).unwrap();
    assert!(source.is_whole(), "line {:?} does not parse", source.tree().broken_line());
    let mut out = String::new();
    for test in source.tests() {
        out += &test.qualified;
        if test.rows > 1 {
            out += &format!(" ×{}", test.rows);
        }
        if test.is_async {
            out += " async";
        }
        out += "\n";
        for assertion in &test.assertions {
            out += &format!("  {:?} {:?}", assertion.check, assertion.strength);
            if !assertion.subject_text.is_empty() {
                out += &format!(" {}", assertion.subject_text);
            }
            if let Some(expected) = &assertion.expected_text {
                out += &format!(" ~ {expected}");
            }
            if let Some(thrown) = &assertion.thrown {
                out += &format!(" raises {}", thrown.types.join("|"));
            }
            if let Some(tolerance) = assertion.tolerance {
                out += &format!(" ± {}", tolerance.value);
            }
            out += "\n";
        }
        for marker in &test.markers {
            out += &format!("  {:?}", marker.marked);
            if let Some(reason) = &marker.reason {
                out += &format!(" because {reason}");
            }
            if let Some(condition) = &marker.condition {
                out += &format!(" when {condition}");
            }
            out += "\n";
        }
        for mock in &test.mocks {
            out += &format!("  mocks {}", mock.target);
            if let Some(answers) = &mock.answers {
                out += &format!(" -> {answers}");
            }
            out += "\n";
        }
    }
    out
}

#[track_caller]
fn check(path: &str, text: &str, expected: &str) {
    let found = read(path, text);
    assert_eq!(found.trim_end(), expected.trim(), "\n{found}");
}

#[test]
fn pytest_functions_and_classes() {
    check(
        "tests/test_a.py",
        r#"
import pytest
from unittest import mock

def helper():
    pass

@pytest.mark.parametrize("a,b", [(1, 2), (3, 4)])
def test_rows(a, b):
    assert f(a) == b

@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_skipped():
    x = g(1)
    assert x is not None and len(x) == 2
    assert "a" in x, "message"

class TestThing:
    @pytest.mark.skip(reason="later")
    async def test_m(self):
        with pytest.raises(ValueError, match="bad"):
            parse("x")
        assert h() == pytest.approx(1.5, abs=1)
        assert not h()

@mock.patch("pkg.mod.fetch", return_value=3)
def test_mocked(fetch):
    assert run() == 3
    fetch.assert_called_once_with(1)
    pytest.skip("not now")
"#,
        r#"
test_rows ×2
  Equal Exact f(a) ~ b
test_skipped
  Present Truthy g(1) ~ None
  Equal Bound len(g(1)) ~ 2
  Contains Membership g(1) ~ "a"
  SkippedIf because no fork when sys.platform == "win32"
TestThing::test_m async
  Throws Exact parse("x") raises ValueError
  Near Bound h() ~ 1.5 ± 1
  Falsity Exact h()
  Skipped because later
test_mocked
  Equal Exact run() ~ 3
  CalledWith Exact fetch
  Skipped because not now
  mocks pkg.mod.fetch -> 3
"#,
    );
}

#[test]
fn unittest_cases() {
    check(
        "tests/test_a.py",
        r#"
class SlugTest(unittest.TestCase):
    CASES = [("a", 1), ("b", 2), ("c", 3)]

    def setUp(self):
        self.x = 1

    @unittest.skip("broken")
    def test_a(self):
        self.assertEqual(slug("A"), "a")
        self.assertTrue(slug("A") == "a")
        self.assertIn("a", slug("A"))
        self.assertIsNotNone(slug("A"))
        self.assertAlmostEqual(ratio(), 0.5, places=2)
        with self.assertRaises(KeyError):
            slug(None)
        self.assertRaises(KeyError, slug, None)

    def test_table(self):
        for text, count in self.CASES:
            with self.subTest(text=text):
                self.assertEqual(size(text), count)

    def test_caught(self):
        try:
            slug(1)
            self.fail("no error")
        except TypeError:
            pass
"#,
        r#"
SlugTest::test_a
  Equal Exact slug("A") ~ "a"
  Equal Exact slug("A") ~ "a"
  Contains Membership slug("A") ~ "a"
  Present Truthy slug("A")
  Near Bound ratio() ~ 0.5 ± 0.005
  Throws Exact slug(None) raises KeyError
  Throws Exact KeyError ~ slug raises KeyError
  Skipped because broken
SlugTest::test_table ×3
  Equal Exact size(text) ~ count
SlugTest::test_caught
  Throws Exact slug(1)self.fail("no error") raises TypeError
"#,
    );
}

#[test]
fn node_test_and_assert() {
    check(
        "test/a.test.js",
        r#"
const test = require('node:test');
const assert = require('node:assert/strict');

test('adds', async (t) => {
  const a = add(1, 2);
  assert.equal(a, 3);
  assert.deepStrictEqual(await list(), [1]);
  assert.ok(a);
  assert.ok(a === 3);
  assert.throws(() => add(null), TypeError);
  await assert.rejects(load('x'), { code: 'E' });
  t.mock.method(store, 'entries', () => [1]);
});

test('skipped', { skip: 'slow' }, () => {});
test.only('focused', () => { assert(true); });
test.todo('later');

describe('group', () => {
  it('inside', () => {
    if (add(1, 1) !== 2) throw new Error('no');
  });
});
"#,
        r#"
adds async
  Equal Exact add(1,2) ~ 3
  Equal Exact list() ~ [1]
  Truth Truthy add(1,2)
  Equal Exact add(1,2) ~ 3
  Throws Exact ()=>add(null) ~ TypeError raises TypeError
  Throws Exact load("x") ~ {code:"E"} raises 
  mocks store.entries -> [1]
skipped
  Skipped because slow
focused
  Truth Truthy true
  Only
later
  Announced
group > inside
  Equal Exact add(1,1) ~ 2
"#,
    );
}

#[test]
fn expect_and_its_matchers() {
    check(
        "src/a.test.ts",
        r#"
import { describe, it, expect, vi } from 'vitest';

describe('a', () => {
  it.each([[1, 2], [3, 4]])('adds %d', (a: number, b: number) => {
    expect(add(a)).toBe(b);
  });
  it('many', async () => {
    expect(load()).toEqual({ a: 1 });
    expect(load()).not.toBeNull();
    expect(load()).toBeDefined();
    expect(load().length).toBe(2);
    expect(load()).toHaveLength(2);
    expect(load()).toContain('a');
    expect(load() === 2).toBe(true);
    expect(() => load()).toThrow();
    expect(() => load()).toThrow(TypeError);
    await expect(load()).rejects.toThrow('no');
    expect(load()).toMatchSnapshot();
    expect(load()).toBeCloseTo(0.3);
    expect(fn).toHaveBeenCalledWith(1);
    expect(load()).to.be.true;
    expect(load()).to.deep.equal([1]);
    vi.spyOn(store, 'get').mockReturnValue(7);
  });
  xit('off', () => {});
});
vi.mock('./db');
"#,
        r#"
a > adds %d ×2
  Equal Exact add(a) ~ b
a > many async
  Equal Exact load() ~ {a:1}
  Present Truthy load()
  Present Truthy load()
  Equal Bound load().length ~ 2
  Length Bound load() ~ 2
  Contains Membership load() ~ "a"
  Equal Exact load() ~ 2
  Throws Type ()=>load() raises 
  Throws Exact ()=>load() ~ TypeError raises TypeError
  Throws Exact load() ~ "no" raises 
  Snapshot Exact load()
  Near Bound load() ~ 0.3 ± 0.005
  CalledWith Exact fn ~ 1
  Truth Truthy load()
  Equal Exact load() ~ [1]
  mocks store.get -> 7
a > off
  Skipped
"#,
    );
}

#[test]
fn rust_tests() {
    check(
        "src/lib.rs",
        r#"
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds() {
        let sum = add(1, 2);
        assert_eq!(sum, 3);
        assert!(sum > 2, "is {sum}");
        assert!(parse("x").is_err());
        assert!(matches!(parse("y"), Err(Error::Bad)));
        assert_ne!(sum, 4);
        if sum != 3 {
            panic!("no");
        }
    }

    #[tokio::test]
    #[ignore = "slow"]
    async fn waits() {
        assert_eq!(vec![1, 2], load().await.unwrap());
    }

    #[test]
    #[should_panic(expected = "empty")]
    fn panics() {
        add_all(&[]);
    }

    #[rstest]
    #[case(1, 2)]
    #[case(2, 3)]
    fn rows(#[case] a: u8, #[case] b: u8) {
        assert_eq!(next(a), b);
    }

    #[cfg(feature = "nope")]
    #[test]
    fn gone() {}
}
"#,
        r#"
tests::adds
  Equal Exact add(1,2) ~ 3
  Order Bound add(1,2) ~ 2
  Truth Truthy parse("x").is_err()
  Matches Exact matches!(parse("y"),Err(Error::Bad))
  Different Membership add(1,2) ~ 4
  Equal Exact add(1,2) ~ 3
tests::waits async
  Equal Exact load().await.unwrap() ~ [1,2]
  Skipped because slow
tests::panics
  Throws Exact raises 
tests::rows ×2
  Equal Exact next(a) ~ b
tests::gone
  CompiledIf when feature = "nope"
"#,
    );
}

#[test]
fn go_tests() {
    check(
        "pkg/a_test.go",
        r#"
package pkg

import "testing"

func TestAdd(t *testing.T) {
	got, err := Add(1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got != 3 {
		t.Errorf("got %d", got)
	}
	if !reflect.DeepEqual(List(), []int{1}) {
		t.Fatal("no")
	}
	require.Equal(t, 3, got)
	assert.NoError(t, err)
}

func TestTable(t *testing.T) {
	for _, c := range []struct{ in, want int }{{1, 2}, {2, 3}} {
		t.Run("x", func(t *testing.T) {
			if got := Next(c.in); got != c.want {
				t.Errorf("no")
			}
		})
	}
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
}

func helper(t *testing.T) {}
"#,
        r#"
TestAdd
  Quiet Truthy err
  Equal Exact got ~ 3
  Equal Exact List() ~ []int{1}
  Equal Exact got ~ 3
  Quiet Truthy err
TestTable ×2
  SkippedIf because no signals when runtime.GOOS == "windows"
TestTable/x
  Equal Exact Next(c.in) ~ c.want
"#,
    );
}

#[test]
fn junit_tests() {
    check(
        "src/test/java/ATest.java",
        r#"
class ATest {
    @Test
    void adds() {
        int sum = Calc.add(1, 2);
        assertEquals(3, sum);
        Assertions.assertTrue(sum > 2);
        assertNotNull(Calc.make());
        assertThat(sum).isEqualTo(3);
        assertThat(sum, is(equalTo(3)));
        assertThrows(BadException.class, () -> Calc.add(null));
        when(store.get(1)).thenReturn(7);
        verify(store).get(1);
    }

    @Disabled("flaky")
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void rows(int n) {
        assertEquals(n, Calc.id(n), 0.5);
    }

    @Test(expected = IllegalStateException.class)
    public void fails() {
        Calc.fail();
    }

    void helper() {}
}
"#,
        r#"
ATest.adds
  Equal Exact Calc.add(1,2) ~ 3
  Order Bound Calc.add(1,2) ~ 2
  Present Truthy Calc.make()
  Equal Exact Calc.add(1,2) ~ 3
  Equal Exact Calc.add(1,2) ~ 3
  Throws Exact ()->Calc.add(null) ~ BadException.class raises BadException
  CalledWith Exact
  mocks store.get -> 7
ATest.rows ×3
  Equal Bound Calc.id(n) ~ n ± 0.5
  Skipped because flaky
ATest.fails
  Throws Exact raises IllegalStateException
"#,
    );
}

/// The functions of a file: name, what it takes, what it is.
fn functions(path: &str, text: &str) -> Vec<String> {
    let source = Source::parse(path, text).unwrap();
    let shown = source.functions().iter().map(|function| {
        format!("{}({}) {:?}", function.qualified, function.parameters.join(","), function.nature)
    });
    shown.collect()
}

#[test]
fn functions_are_read_in_every_language() {
    assert_eq!(
        functions(
            "a.py",
            "class A(Protocol):\n    def f(self, x: int = 1, *y, **z): ...\nclass B:\n    @abstractmethod\n    def g(self): pass\n    def h(self):\n        def k(): return 1\ndef m(): return 1\nn = lambda q: q\n"
        ),
        [
            "A.f(self,x,y,z) Abstract",
            "B.g(self) Abstract",
            "B.h(self) Plain",
            "B.h.k() Plain",
            "m() Plain",
            "n(q) Plain"
        ]
    );
    assert_eq!(
        functions(
            "a.ts",
            "abstract class A { abstract f(x: number): void; g(y?: string) { return 1 } constructor() {} }\nexport const h = (z = 1) => z;\nfunction k(a: number): void;\nfunction k(a: any) {}\n"
        ),
        [
            "A.f(x) Abstract",
            "A.g(y) Plain",
            "A.constructor() Constructor",
            "h(z) Plain",
            "k(a) Overload",
            "k(a) Plain"
        ]
    );
    assert_eq!(
        functions(
            "a.rs",
            "trait T { fn f(&self, x: u8); fn g(&self) -> u8 { 1 } }\nimpl A<u8> { fn new() -> A { A } fn h(self, (a, b): (u8, u8)) {} }\nmod m { fn k() {} }\n"
        ),
        [
            "T::f(self,x) Abstract",
            "T::g(self) Default",
            "A::new() Constructor",
            "A::h(self,(a, b)) Plain",
            "m::k() Plain"
        ]
    );
    assert_eq!(
        functions(
            "a.go",
            "package p\nfunc F(a, b int, c string) error { return nil }\nfunc (s *S) G() {}\n"
        ),
        ["F(a,b,c) Plain", "S.G() Plain"]
    );
    assert_eq!(
        functions(
            "A.java",
            "abstract class A { A(int x) {} abstract int f(int y); int g() { return 1; } }\ninterface I { int h(); default int k() { return 1; } }\n"
        ),
        ["A.A(x) Plain", "A.f(y) Abstract", "A.g() Plain", "I.h() Abstract", "I.k() Default"]
    );
}

#[test]
fn a_text_that_is_too_large_or_of_no_language_has_no_tree() {
    assert!(Source::parse("a.txt", "x").is_none());
    assert!(Source::parse("a.py", &"#".repeat(tree::PARSED_BYTES_MAX + 1)).is_none());
}

#[test]
fn deep_nesting_is_read_without_growing_the_stack() {
    let deep = "(".repeat(900) + "1" + &")".repeat(900);
    let open = "[".repeat(50_000);
    for (path, text) in [
        ("test_a.py", format!("def test_a():\n    assert {deep} == 2\n")),
        ("a.test.js", format!("test('a', () => {{ assert.equal({deep}, 2); }});")),
        ("a.test.js", format!("test('a', () => {{ {} }});", "f(".repeat(20_000))),
        ("src/a.rs", format!("#[test] fn a() {{ assert_eq!({deep}, 2) }}")),
        ("a_test.go", format!("package p\nfunc TestA(t *testing.T) {{ x := {open} }}")),
        ("ATest.java", format!("class A {{ @Test void a() {{ assertEquals({deep}, 2); }} }}")),
        ("a.rb", format!("it 'a' do\n x = {open}\nend")),
    ] {
        if let Some(source) = Source::parse(path, &text) {
            let _ = (source.tests(), source.functions(), source.helpers());
            let _ = (source.handlers(), source.imports(), source.mocks(), source.markers());
        }
    }
}

#[test]
fn what_is_nested_deeper_than_rules_look_has_no_tree() {
    let deep = |sign: &str| sign.repeat(200_000);
    for (path, text) in [
        ("a.py", format!("x = {}1{}\n", deep("("), deep(")"))),
        ("a.go", format!("package p\nvar x = {}1\n", deep("-"))),
        ("a.js", format!("x = {}{};\n", deep("["), deep("]"))),
        ("a.rs", format!("fn f() -> i8 {{ {}1 }}\n", deep("-"))),
    ] {
        assert!(Source::parse(path, &text).is_none(), "{path}");
    }
    assert!(Source::parse("a.py", &format!("x = 1{}\n", " + 1".repeat(900))).is_some());
}

#[test]
fn a_place_is_in_a_module_of_tests_however_deep_it_is() {
    let text = "mod a { fn one() {} }\n#[cfg(test)]\nmod tests { mod tests_of_b { fn two() {} } fn three() {} }\nfn four() {}\n";
    let source = Source::parse("src/a.rs", text).unwrap();
    let is_in = |function: &Function| source.is_in_test_module(function.at);
    assert_eq!(
        source.functions().iter().map(is_in).collect::<Vec<_>>(),
        [false, true, true, false]
    );
}

/// Pieces that hostile and half-written sources are made of.
const PIECES: &[&str] = &[
    "def test_a():",
    "\n    ",
    "\n",
    "assert ",
    "f(x)",
    " == ",
    "1",
    "\"a\"",
    "'",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "it('a', () => ",
    "expect(x)",
    ".toBe(1)",
    ";",
    "#[test]",
    "fn a() ",
    "assert_eq!(",
    "class A",
    ":",
    ",",
    "=",
    "=> ",
    "@Test",
    "void a()",
    "func TestA(t *testing.T)",
    "try",
    "except X",
    "catch (e)",
    "if ",
    "for x in ",
    "return ",
    "async ",
    "await ",
    "é",
    "\u{0}",
    "\\",
    "`${",
    "//",
    "/*",
    "mock.patch('a.b')",
    "t.Run(\"a\", ",
    "use a::{b",
    "not ",
    "with ",
    "lambda x: ",
    "vec![",
    "<?php ",
    "describe A do",
    " end",
    "<<EOF",
    "%w[",
    "r#\"",
    "$this->",
    "@",
    "...",
    "-",
    "import ",
    "from ",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn nothing_panics_on_any_text(pieces in prop::collection::vec(0..PIECES.len(), 0..60)) {
        let text: String = pieces.into_iter().map(|at| PIECES[at]).collect();
        for path in ["test_a.py", "a.test.js", "a.test.tsx", "a.ts", "src/a.rs", "a_test.go", "ATest.java",
            "a_test.rb", "ATest.cs", "ATest.php", "ATest.kt", "ATests.swift", "a.c", "a_test.cpp", "test_a.sh"]
        {
            let Some(source) = Source::parse(path, &text) else { continue };
            let _ = (source.tests(), source.functions(), source.helpers(), source.literals());
            let _ = (source.handlers(), source.imports(), source.mocks(), source.markers());
            let _ = (source.comments(), source.calls().count());
        }
    }
}
