//! What became of tests of the base that fail on the new code: when it is a concern, and when it blocks.

use loki_model::{CommitId, Policy, Role};

use crate::fixture::{Files, Fixture, has, shown};
use crate::shop::begins;

const GO_MOD: (&str, &str) = ("go.mod", "module example.org/shop\n\ngo 1.20\n");

const ALLOWED: &str =
    "package shop\n\nfunc Allowed(kind, body string) bool {\n\treturn kind == \"text\"\n}\n";

/// A table over `Allowed`, of these rows; `trimmed` is called with the kind, and `body` goes beside it.
fn table(fields: &str, rows: &str, trimmed: &str, body: &str) -> String {
    format!(
        "package shop\n\nimport (\n\t\"strings\"\n\t\"testing\"\n)\n\nfunc TestAllowed(t *testing.T) {{\n\trows := []struct {{\n\t\tname, kind string\n{fields}\t\twant bool\n\t}}{{\n{rows}\t}}\n\tfor _, row := range rows {{\n\t\tt.Run(row.name, func(t *testing.T) {{\n\t\t\tgot := Allowed({trimmed}(row.kind), {body})\n\t\t\tif got != row.want {{\n\t\t\t\tt.Errorf(\"got %v\", got)\n\t\t\t}}\n\t\t}})\n\t}}\n}}\n"
    )
}

fn allowed(test: &str) -> String {
    let rows = "\t\t{\"text\", \"text\", true},\n\t\t{\"other\", \"zip\", false},\n";
    let old = table("", rows, "strings.ToLower", "\"\"");
    let base: Files<'_> = &[GO_MOD, ("shop.go", ALLOWED), ("shop_test.go", &old)];
    let code = ALLOWED.replace("return kind", "return body == \"\" || kind");
    let change: Files<'_> = &[("shop.go", &code), ("shop_test.go", test)];
    shown(&Fixture::new(base).judge("base-tests", change))
}

#[test]
fn a_table_whose_cases_are_given_more_and_expect_the_same_beside_a_telling_one_is_a_concern() {
    if !has("go") {
        return;
    }
    let rows = "\t\t{\"text\", \"text\", \"x\", true},\n\t\t{\"other\", \"zip\", \"x\", false},\n";
    let telling = format!("{rows}\t\t{{\"empty\", \"zip\", \"\", true}},\n");
    let said = allowed(&table("\t\tbody string\n", &telling, "strings.TrimSpace", "row.body"));
    begins(&said, "concern");
    assert!(said.contains("base-tests/rewritten"), "{said}");
    // Without the case that tells, nothing shows that the behaviour was to change.
    let said = allowed(&table("\t\tbody string\n", rows, "strings.TrimSpace", "row.body"));
    begins(&said, "fail");
    assert!(said.contains("base-tests/weakened"), "{said}");
    // Another value for what failed is another question.
    let other = telling.replace("\"other\", \"zip\"", "\"other\", \"tar\"");
    begins(&allowed(&table("\t\tbody string\n", &other, "strings.TrimSpace", "row.body")), "fail");
}

const SPAN: &str = "class Span:\n    def __init__(self, a, b):\n        self.a, self.b = a, b\n\n    def __eq__(self, other):\n        return (self.a, self.b) == (other.a, other.b)\n\n    def __hash__(self):\n        return hash((self.a, self.b))\n\n    def size(self):\n        return self.b - self.a\n";

const SPAN_TEST: &str = "\
import unittest

from span import Span


class SpanTest(unittest.TestCase):
    def test_eq(self):
        self.assertEqual(Span(1, 2), Span(1, 2))

    def test_size(self):
        self.assertEqual(Span(1, 3).size(), 2)

    def test_hash(self):
        self.assertEqual(hash(Span(1, 2)), hash((1, 2)))
";

/// The change of the hash, with `tests` in place of the one of the hash.
fn rehashed(tests: &str) -> String {
    let code = SPAN
        .replace("return hash((self.a, self.b))", "return hash(self.size())")
        .replace("(self.a, self.b) == (other.a, other.b)", "self.size() == other.size()")
        .replace("return self.b - self.a", "return max(self.b - self.a, 0)");
    let (kept, _) = SPAN_TEST.split_once("\n    def test_hash").unwrap();
    let test = format!("{kept}{tests}");
    let fixture = Fixture::new(&[("span.py", SPAN), ("test_span.py", SPAN_TEST)]);
    shown(&fixture.judge("base-tests", &[("span.py", &code), ("test_span.py", &test)]))
}

#[test]
fn a_test_that_went_where_another_looks_at_the_same_anew_is_a_concern() {
    let said = rehashed(
        "\n    def test_same(self):\n        one, other = Span(1, 2), Span(5, 6)\n        self.assertEqual(hash(one), hash(other))\n        self.assertEqual(one.size(), 1)\n",
    );
    begins(&said, "concern");
    assert!(said.contains("base-tests/replaced"), "{said}");
}

#[test]
fn a_test_that_went_beside_a_new_one_of_something_else_still_blocks() {
    let empty = "\n    def test_empty(self):\n        self.assertEqual(Span(3, 1).size(), 0)\n";
    let laxer = "\n    def test_same(self):\n        self.assertIn(hash(Span(1, 2)), [1, 2])\n";
    let holds_before = "\n    def test_same(self):\n        self.assertEqual(hash(Span(7, 8)), hash(Span(7, 8)))\n";
    let other_case = "\n    def test_same(self):\n        self.assertEqual(hash(Span(7, 9)), hash(Span(5, 7)))\n";
    for tests in ["", empty, laxer, holds_before, other_case] {
        let said = rehashed(tests);
        begins(&said, "fail");
        assert!(said.contains("base-tests/vanished"), "{said}");
    }
}

/// Judges a change of `files` to a branch whose last commit added `cut` and a test of it.
fn after_a_commit(files: Files<'_>) -> String {
    let before: Files<'_> = &[("span.py", SPAN), ("test_span.py", SPAN_TEST)];
    let mut fixture = Fixture::new(before);
    let commit = |fixture: &Fixture, parents: &[CommitId]| {
        fixture.repo.commit_tree(&fixture.base, parents, "a commit").unwrap()
    };
    let first = commit(&fixture, &[]);
    let code = SPAN.replace("self.b - self.a", "max(self.b - self.a, 0)");
    let test = format!(
        "{SPAN_TEST}\n    def test_empty(self):\n        self.assertEqual(Span(3, 1).size(), 0)\n"
    );
    fixture.base = fixture.change(&[("span.py", &code), ("test_span.py", &test)]).0;
    let base = commit(&fixture, &[first]);
    let (tree, head) = fixture.change(files);
    fixture.history = Some((base, head.clone()));
    let (mut config, _) = fixture.config();
    config.policy = Policy::new(&[("base-tests", Role::Required)]);
    shown(&fixture.judge_tree(&config, &tree, &head)[0])
}

#[test]
fn a_commit_of_the_history_that_is_taken_back_to_the_letter_takes_its_tests_along_as_a_concern() {
    let said = after_a_commit(&[("span.py", SPAN), ("test_span.py", SPAN_TEST)]);
    begins(&said, "concern");
    assert!(said.contains("base-tests/reverted"), "{said}");
}

#[test]
fn what_is_taken_back_with_something_beside_it_still_blocks() {
    let more = format!("{SPAN}\n\ndef more():\n    return 1\n");
    let said = after_a_commit(&[("span.py", &more), ("test_span.py", SPAN_TEST)]);
    begins(&said, "fail");
    assert!(said.contains("base-tests/vanished"), "{said}");
}
