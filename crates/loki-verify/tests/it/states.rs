//! Tests in other states of the repository: the base's on new code, new ones on old code, and code
//! with mistakes in it.

use loki_verify::Claim;

use crate::fixture::{Files, Fixture, has, shown};
use crate::shop::{BASE, CODE, TEST, begins};

/// What the gate says of a change of the shop.
fn judged(gate: &str, claim: Claim, change: Files<'_>) -> String {
    shown(&Fixture::new(BASE).claiming(claim).judge(gate, change))
}

#[test]
fn a_test_that_was_weakened_until_it_passed_blocks() {
    let broken = "def price(amount, off=0):\n    return amount + off\n";
    let weak = TEST.replace("self.assertEqual(price(10, 3), 7)", "self.assertTrue(price(10, 3))");
    let said =
        judged("base-tests", Claim::Unknown, &[("shop.py", broken), ("test_shop.py", &weak)]);
    begins(&said, "fail");
    assert!(said.contains("base-tests/weakened test_shop.py:11"), "{said}");
}

#[test]
fn a_test_that_was_deleted_or_skipped_while_it_would_fail_blocks() {
    let broken = "def price(amount, off=0):\n    return amount + off\n";
    let (kept, _) = TEST.split_once("\n    def test_three_off").unwrap();
    let said = judged("base-tests", Claim::Unknown, &[("shop.py", broken), ("test_shop.py", kept)]);
    begins(&said, "fail");
    assert!(said.contains("base-tests/vanished"), "{said}");
    let skipped = TEST
        .replace("    def test_three_off", "    @unittest.skip(\"slow\")\n    def test_three_off");
    let said =
        judged("base-tests", Claim::Unknown, &[("shop.py", broken), ("test_shop.py", &skipped)]);
    begins(&said, "fail");
    assert!(said.contains("base-tests/skipped"), "{said}");
}

#[test]
fn another_expectation_is_a_concern_until_it_is_approved() {
    let other = "def price(amount, off=0):\n    return amount - 2 * off\n";
    let follows = TEST.replace("price(10, 3), 7", "price(10, 3), 4");
    let change: Files<'_> = &[("shop.py", other), ("test_shop.py", &follows)];
    let said = judged("base-tests", Claim::Unknown, change);
    begins(&said, "concern");
    assert!(said.contains("base-tests/rewritten"), "{said}");
    let fixture = Fixture::new(BASE);
    let (mut config, _) = fixture.config();
    config.policy.roles.retain(|gate, _| gate.0 == "base-tests");
    config.approved.push("test_three_off".to_owned());
    let reports = fixture.judge_with(&config, change);
    begins(&shown(&reports[0]), "pass");
}

#[test]
fn an_expectation_that_the_spec_names_word_for_word_is_a_note() {
    let other = "def price(amount, off=0):\n    return amount - off + 10\n";
    let follows = TEST
        .replace("price(10, 3), 7", "price(10, 3), 17")
        .replace("price(10), 10", "price(10), 20");
    let change: Files<'_> = &[("shop.py", other), ("test_shop.py", &follows)];
    let judged = |spec: &str| shown(&Fixture::new(BASE).asked(spec).judge("base-tests", change));
    let said = judged("Shipping costs 10: `price(10, 3)` is 17, and `price(10)` is 20.");
    begins(&said, "pass");
    assert!(said.contains("base-tests/asked"), "{said}");
    let said = judged("Shipping costs 10: `price(10)` is 20, and there are 170 shops.");
    begins(&said, "concern");
    assert!(
        said.contains("1 fail and ask for something else now, 1 ask for what the spec names"),
        "{said}"
    );
}

#[test]
fn an_expectation_that_an_approved_change_of_the_spec_names_is_a_note() {
    let (old, new) = (
        "- `price(10, 3)` must be 7, `price(10)` must be 10\n",
        "- `price(10, 3)` must be 17, `price(10)` must be 20\n",
    );
    let read = |text: &str| loki_spec::read("prd.md", &format!("# Shop\n\n{text}")).0;
    let lock = loki_spec::Lock::of(&[read(old)], None);
    let change = loki_spec::drift(&lock, &[read(new)]);
    let delta = loki_spec::Delta::of(&change, "2026-01-02T03:04:05Z", "Ada <a@b>", None).to_text();
    let other = "def price(amount, off=0):\n    return amount - off + 10\n";
    let follows = TEST
        .replace("price(10, 3), 7", "price(10, 3), 17")
        .replace("price(10), 10", "price(10), 20");
    let judged = |lock: &loki_spec::Lock, deltas: &[(&str, &str)]| {
        let lock = lock.to_text();
        let base = [BASE, &[(".loki/spec/spec.lock", lock.as_str())], deltas].concat();
        let files: Files<'_> = &[("shop.py", other), ("test_shop.py", &follows)];
        shown(&Fixture::new(&base).judge("base-tests", files))
    };
    let approved = [(".loki/spec/deltas/20260102030405-aaaaaaaa.toml", delta.as_str())];
    let now = loki_spec::Lock::of(&[read(new)], Some(&lock));
    let said = judged(&now, &approved);
    begins(&said, "pass");
    assert!(said.contains("base-tests/asked"), "{said}");
    begins(&judged(&now, &[]), "concern");
    // An approval that the lock has left behind approves nothing any more.
    begins(&judged(&lock, &approved), "concern");
}

#[test]
fn tests_beside_a_file_that_can_not_be_loaded_any_more_are_not_taken_for_weakened() {
    if !has("pytest") {
        return;
    }
    let base: Files<'_> = &[
        ("shop.py", "LIMIT = 3\ndef price(amount):\n    return amount\n"),
        ("conftest.py", ""),
        (
            "test_limit.py",
            "from shop import LIMIT, price\ndef test_limit():\n    assert LIMIT == 3\ndef test_one():\n    assert price(1) == 1\n",
        ),
        ("test_price.py", "from shop import price\ndef test_two():\n    assert price(2) == 2\n"),
    ];
    let change: Files<'_> = &[
        ("shop.py", "def price(amount):\n    return amount\n"),
        ("test_limit.py", "from shop import price\ndef test_one():\n    assert price(1) == 1\n"),
    ];
    let said = shown(&Fixture::new(base).saying("Remove the limit").judge("base-tests", change));
    begins(&said, "pass");
    assert!(said.contains("base-tests/kept") && said.contains("base-tests/removed"), "{said}");
    assert!(!said.contains("test_two"), "{said}");
}

#[test]
fn tests_that_moved_or_became_a_table_are_fine() {
    let moved = judged(
        "base-tests",
        Claim::Unknown,
        &[("test_shop.py", ""), ("tests/__init__.py", "#\n"), ("tests/test_shop.py", TEST)],
    );
    begins(&moved, "pass");
    let table = "\
import unittest

from shop import price


class PriceTest(unittest.TestCase):
    def test_prices(self):
        for given, wanted in (((10,), 10), ((10, 3), 7)):
            with self.subTest(given):
                self.assertEqual(price(*given), wanted)
";
    begins(&judged("base-tests", Claim::Unknown, &[("test_shop.py", table)]), "pass");
}

#[test]
fn a_removed_feature_takes_its_tests_along_where_the_change_says_so() {
    let base: Files<'_> = &[
        ("shop.py", "def price(a):\n    return a\n\n\ndef legacy_tax(a):\n    return a * 2\n"),
        (
            "test_price.py",
            "import unittest\nfrom shop import price\n\n\nclass P(unittest.TestCase):\n    def test_p(self):\n        self.assertEqual(price(1), 1)\n",
        ),
        (
            "test_tax.py",
            "import unittest\nfrom shop import legacy_tax\n\n\nclass T(unittest.TestCase):\n    def test_t(self):\n        self.assertEqual(legacy_tax(1), 2)\n",
        ),
    ];
    let change: Files<'_> = &[("shop.py", "def price(a):\n    return a\n"), ("test_tax.py", "")];
    begins(&shown(&Fixture::new(base).judge("base-tests", change)), "concern");
    let announced = Fixture::new(base).saying("Remove legacy_tax");
    begins(&shown(&announced.judge("base-tests", change)), "pass");
    let promised = [base, &[("README.md", "`legacy_tax` doubles what it is given.\n")]].concat();
    begins(&shown(&Fixture::new(&promised).judge("base-tests", change)), "fail");
}

#[test]
fn tests_that_follow_new_names_are_fine_as_long_as_nothing_else_changed() {
    let (code, test) = (CODE.replace("price", "cost"), TEST.replace("price", "cost"));
    let said = judged("base-tests", Claim::Unknown, &[("shop.py", &code), ("test_shop.py", &test)]);
    begins(&said, "pass");
    assert!(said.contains("base-tests/renamed"), "{said}");
    let other = test.replace("cost(10, 3), 7", "cost(10, 3), 7.0");
    let said =
        judged("base-tests", Claim::Unknown, &[("shop.py", &code), ("test_shop.py", &other)]);
    begins(&said, "concern");
}

#[test]
fn a_test_that_lost_what_is_gone_is_fine_where_the_change_says_so() {
    let base: Files<'_> = &[
        ("shop.py", "def price(a):\n    return a\n\n\ndef legacy_tax(a):\n    return a * 2\n"),
        (
            "test_shop.py",
            "import unittest\nfrom shop import legacy_tax, price\n\n\nclass P(unittest.TestCase):\n    def test_p(self):\n        self.assertEqual(legacy_tax(price(1)), 2)\n        self.assertEqual(price(3), 3)\n",
        ),
    ];
    let change: Files<'_> = &[
        ("shop.py", "def price(a):\n    return a\n"),
        (
            "test_shop.py",
            "import unittest\nfrom shop import price\n\n\nclass P(unittest.TestCase):\n    def test_p(self):\n        self.assertEqual(price(3), 3)\n",
        ),
    ];
    begins(&shown(&Fixture::new(base).judge("base-tests", change)), "concern");
    let announced = Fixture::new(base).saying("Remove legacy_tax");
    begins(&shown(&announced.judge("base-tests", change)), "pass");
}

#[test]
fn an_announced_removal_takes_what_tests_asked_of_it_along() {
    let base: Files<'_> = &[
        ("shop.py", "def price(a, how=''):\n    return str(a) if how == '--text' else a\n"),
        (
            "test_shop.py",
            "import unittest\nfrom shop import price\n\n\nclass P(unittest.TestCase):\n    def test_p(self):\n        self.assertEqual(price(3), 3)\n        self.assertEqual(price(3, '--text'), '3')\n",
        ),
    ];
    let change: Files<'_> = &[
        ("shop.py", "def price(a, how=''):\n    return a\n"),
        (
            "test_shop.py",
            "import unittest\nfrom shop import price\n\n\nclass P(unittest.TestCase):\n    def test_p(self):\n        self.assertEqual(price(3), 3)\n",
        ),
    ];
    begins(&shown(&Fixture::new(base).judge("base-tests", change)), "fail");
    let announced = Fixture::new(base).saying("Remove the text form");
    begins(&shown(&announced.judge("base-tests", change)), "pass");
    // What the message does not name is not announced.
    for message in ["Remove redundant checks", "Remove tests"] {
        let other = Fixture::new(base).saying(message);
        begins(&shown(&other.judge("base-tests", change)), "fail");
    }
}

/// A base whose tests compare through a fixture of pytest, and read each file of a folder.
const SHARED: Files<'_> = &[
    ("shop.py", CODE),
    (
        "conftest.py",
        "import pytest\n\n\n@pytest.fixture\ndef same():\n    def check(a, b):\n        assert a == b\n\n    return check\n",
    ),
    (
        "tests/test_shop.py",
        "from pathlib import Path\nimport pytest\nfrom shop import price\n\nLISTS = sorted((Path(__file__).parent / 'lists').glob('*.txt'))\n\n\ndef test_three_off(same):\n    same(price(10, 3), 7)\n\n\n@pytest.mark.parametrize('path', LISTS, ids=lambda p: p.name)\ndef test_lists(path):\n    assert price(int(path.read_text())) == 5\n",
    ),
    ("tests/lists/one.txt", "5"),
    ("pytest.ini", "[pytest]\npythonpath = .\n"),
];

#[test]
fn a_test_that_holds_only_by_what_the_change_makes_of_its_helpers_blocks() {
    if !has("pytest") {
        return;
    }
    let fixture = Fixture::new(SHARED).with_venv();
    let broken = "def price(amount, off=0):\n    return amount\n";
    let weak = SHARED[1].1.replace("a == b", "a");
    let said = shown(&fixture.judge("base-tests", &[("shop.py", broken), ("conftest.py", &weak)]));
    begins(&said, "fail");
    assert!(said.contains("base-tests/resettled"), "{said}");
}

#[test]
fn settings_that_have_to_follow_moved_code_are_fine() {
    if !has("pytest") {
        return;
    }
    let fixture = Fixture::new(SHARED).with_venv();
    let moved: Files<'_> =
        &[("shop.py", ""), ("src/shop.py", CODE), ("pytest.ini", "[pytest]\npythonpath = src\n")];
    begins(&shown(&fixture.judge("base-tests", moved)), "pass");
}

#[test]
fn test_cases_that_share_a_class_of_another_file_are_still_run() {
    let own = "import unittest\n\n\nclass Shared(unittest.TestCase):\n    def setUp(self):\n        self.off = 3\n";
    let test = "from shop import price\nfrom support import Shared\n\n\nclass PriceTest(Shared):\n    def test_nothing_off(self):\n        self.assertEqual(price(10), 10)\n\n    def test_three_off(self):\n        self.assertEqual(price(10, self.off), 7)\n";
    let change: Files<'_> = &[("support.py", own), ("test_shop.py", test)];
    begins(&judged("tests", Claim::Unknown, change), "pass: 2 passed");
    begins(&judged("base-tests", Claim::Unknown, change), "pass");
    begins(&judged("test-integrity", Claim::Unknown, change), "pass");
}

#[test]
fn a_test_that_is_as_it_was_and_is_not_run_any_more_is_a_concern() {
    if !has("pytest") {
        return;
    }
    let fixture = Fixture::new(SHARED).with_venv();
    let moved: Files<'_> = &[("tests/lists/one.txt", ""), ("tests/data/lists/one.txt", "5")];
    let said = shown(&fixture.judge("base-tests", moved));
    begins(&said, "concern");
    assert!(said.contains("base-tests/silenced"), "{said}");
}

#[test]
fn a_change_that_leaves_tests_alone_is_none_of_this_gates_business() {
    let said = judged("base-tests", Claim::Unknown, &[("README.md", "# Shop\n")]);
    begins(&said, "n/a");
}

#[test]
fn new_tests_have_to_need_the_change() {
    let code = "def price(amount, off=0):\n    return max(amount - off, 0)\n";
    let vacuous =
        format!("{TEST}\n    def test_again(self):\n        self.assertEqual(price(5), 5)\n");
    let said =
        judged("new-tests", Claim::Behaviour, &[("shop.py", code), ("test_shop.py", &vacuous)]);
    begins(&said, "concern");
    let telling = format!(
        "{TEST}\n    def test_never_below_zero(self):\n        self.assertEqual(price(1, 2), 0)\n"
    );
    let change: Files<'_> = &[("shop.py", code), ("test_shop.py", &telling)];
    begins(&judged("new-tests", Claim::Behaviour, change), "pass");
    begins(&judged("new-tests", Claim::Neutral, change), "n/a");
}

#[test]
fn new_tests_that_hold_without_the_change_are_a_concern_unless_the_change_says_that_it_keeps_behaviour()
 {
    let code = CODE.replace("amount - off", "amount + -off");
    let more = format!("{TEST}\n    def test_five(self):\n        self.assertEqual(price(5), 5)\n");
    let judge = |message: &str, test: &str| {
        let fixture = Fixture::new(BASE).claiming(Claim::of(&[message]));
        shown(&fixture.judge("new-tests", &[("shop.py", &code), ("test_shop.py", test)]))
    };
    let said = judge("One sum per price", &more);
    begins(&said, "concern");
    assert!(said.contains("new-tests/nothing-shown test_shop.py"), "{said}");
    begins(&judge("refactor: one sum per price", &more), "n/a");
    for message in ["", "Cover prices that are not reduced"] {
        begins(&judge(message, &more), "pass");
    }
    // Tests that were there before may only be written in another way.
    let edited = TEST.replace("price(10), 10", "price(20), 20");
    begins(&judge("One sum per price", &edited), "pass");
}

#[test]
fn a_function_in_which_no_mistake_is_noticed_is_a_concern() {
    let code = format!("{CODE}\n\ndef total(prices):\n    return sum(prices) + 1\n");
    let runs = "\
import unittest

from shop import total


class TotalTest(unittest.TestCase):
    def test_total_runs(self):
        total([1, 2])
";
    let said = judged("mutants", Claim::Behaviour, &[("shop.py", &code), ("test_total.py", runs)]);
    begins(&said, "concern");
    assert!(said.contains("mutants/unwatched shop.py:5"), "{said}");
    let looks = runs.replace("        total([1, 2])", "        self.assertEqual(total([1, 2]), 4)");
    begins(
        &judged("mutants", Claim::Behaviour, &[("shop.py", &code), ("test_total.py", &looks)]),
        "pass",
    );
}

#[test]
fn an_option_that_tests_give_and_none_needs_is_a_concern() {
    let base = "\
import argparse


def run(words):
    parser = argparse.ArgumentParser()
    parser.add_argument(\"amount\", type=int)
    options = parser.parse_args(words)
    return options.amount
";
    let code = base
        .replace(
            "    options =",
            "    parser.add_argument(\"--off\", type=int)\n    options =",
        )
        .replace(
            "    return options.amount\n",
            "    off = 0 if options.off is None else options.off\n    return max(options.amount - off, 5)\n",
        );
    let test = "\
import unittest

from shop import run


class RunTest(unittest.TestCase):
    def test_off(self):
        self.assertEqual(run([\"3\", \"--off\", \"1\"]), 5)
        self.assertEqual(run([\"9\"]), 9)
";
    let judge = |test: &str| {
        let fixture = Fixture::new(&[("shop.py", base)]).claiming(Claim::Behaviour);
        shown(&fixture.judge("mutants", &[("shop.py", &code), ("test_shop.py", test)]))
    };
    let said = judge(test);
    begins(&said, "concern");
    assert!(said.contains("mutants/option-unwatched shop.py:9"), "{said}");
    begins(
        &judge(&test.replace("\"3\", \"--off", "\"7\", \"--off").replace("]), 5", "]), 6")),
        "pass",
    );
}

#[test]
fn mistakes_of_which_none_is_noticed_are_a_concern_where_the_change_brings_tests() {
    let code = CODE.replace("amount - off", "amount - off if off < amount else 0");
    let test = "import unittest\nimport shop\n\n\nclass LoadTest(unittest.TestCase):\n    def test_loads(self):\n        self.assertTrue(shop.price)\n";
    let base: Files<'_> = &[("shop.py", CODE), ("test_load.py", test)];
    let more = format!("{test}        self.assertTrue(callable(shop.price))\n");
    let judge = |change: Files<'_>| {
        shown(&Fixture::new(base).claiming(Claim::Behaviour).judge("mutants", change))
    };
    let said = judge(&[("shop.py", &code), ("test_load.py", &more)]);
    begins(&said, "concern");
    begins(&judge(&[("shop.py", &code)]), "pass");
}

#[test]
fn a_change_that_no_test_needs_is_a_concern() {
    let code = CODE.replace("    return", "    if amount < 0:\n        return 0\n    return");
    let more = format!("{CODE}\n\ndef total(prices):\n    return sum(prices)\n");
    let test = "import unittest\n\nfrom shop import total\n\n\nclass TotalTest(unittest.TestCase):\n    def test_total(self):\n        self.assertEqual(total([1, 2]), 3)\n";
    let both = more.replace(CODE, &code);
    let said = judged("mutants", Claim::Behaviour, &[("shop.py", &both), ("test_total.py", test)]);
    begins(&said, "concern");
    assert!(said.contains("mutants/change-unwatched shop.py:2"), "{said}");
    let looks = test.replace("import total", "import price, total").replace(
        "        self.assertEqual(total",
        "        self.assertEqual(price(-1), 0)\n        self.assertEqual(total",
    );
    let change: Files<'_> = &[("shop.py", &both), ("test_total.py", &looks)];
    begins(&judged("mutants", Claim::Behaviour, change), "pass");
}

#[test]
fn a_fix_for_the_one_value_of_its_test_is_a_concern() {
    let fixed = CODE.replace("amount - off", "0 if off == 3 and amount == 1 else amount - off");
    let test = TEST.replace("price(10, 3), 7", "price(1, 3), 0");
    let judge = |message: &str| {
        let fixture = Fixture::new(BASE).claiming(Claim::Behaviour).saying(message);
        shown(&fixture.judge("mutants", &[("shop.py", &fixed), ("test_shop.py", &test)]))
    };
    let said = judge("Fix prices below zero");
    begins(&said, "concern");
    assert!(said.contains("mutants/special-case shop.py:2"), "{said}");
    begins(&judge("Add a special offer"), "pass");
}

#[test]
fn a_suite_that_broke_before_is_not_blamed_on_a_change_of_tests_and_another_crash_is() {
    let test = "import unittest\nimport helper\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(1, 1)\n";
    let dies = |word: &str| format!("import os\nos.write(2, b'{word} 7')\nos._exit(3)\n");
    let judge = |helper: &str| {
        let before = dies("boom");
        let fixture = Fixture::new(&[("helper.py", before.as_str()), ("test_a.py", test)]);
        let after = format!("{test}    def test_b(self):\n        self.assertEqual(2, 2)\n");
        shown(&fixture.judge("tests", &[("test_a.py", &after), ("helper.py", helper)]))
    };
    begins(&judge(&dies("boom")), "concern");
    begins(&judge(&dies("bang")), "fail");
}

#[test]
fn what_was_red_before_is_listed_and_not_blamed() {
    let red = TEST.replace("price(10), 10", "price(10), 11");
    let fixture = Fixture::new(&[("shop.py", CODE), ("test_shop.py", &red)]);
    let said = shown(&fixture.judge("tests", &[("README.md", "# Shop\n")]));
    begins(&said, "concern");
    assert!(said.contains("tests/red-before"), "{said}");
    let fixture = Fixture::new(&[("shop.py", CODE), ("test_shop.py", &red)]);
    let broken = "def price(amount, off=0):\n    return amount + off\n";
    let said = shown(&fixture.judge("tests", &[("shop.py", broken)]));
    begins(&said, "fail");
    assert!(said.contains("1 newly red") && said.contains("1 red before"), "{said}");
}

#[test]
fn nothing_that_one_state_leaves_behind_is_seen_by_the_next() {
    let test = "\
import os
import unittest

from shop import price


class PriceTest(unittest.TestCase):
    def test_a_everything_is_as_it_was(self):
        self.assertFalse(os.path.exists(\"leftover\"))
        with open(\"data.txt\") as data:
            self.assertEqual(data.read(), \"1\\n\")

    def test_b_leaves_something(self):
        open(\"leftover\", \"w\").close()
        with open(\"data.txt\", \"w\") as data:
            data.write(\"2\\n\")
        self.assertEqual(price(10), 10)
";
    let more = format!("{test}\n    def test_c(self):\n        self.assertEqual(price(3), 3)\n");
    let fixture = Fixture::new(&[("shop.py", CODE), ("test_shop.py", test), ("data.txt", "1\n")]);
    let fixture = fixture.claiming(Claim::Behaviour);
    let (mut config, _) = fixture.config();
    config.policy.roles.retain(|gate, _| ["base-tests", "new-tests"].contains(&gate.0.as_str()));
    let code = CODE.replace("amount - off", "amount - off - 0");
    let reports = fixture.judge_with(&config, &[("shop.py", &code), ("test_shop.py", &more)]);
    begins(&shown(&reports[0]), "pass");
    // A state that was not clean would make a test fail, as if it needed the change.
    let said = shown(&reports[1]);
    begins(&said, "concern");
    assert!(said.contains("new-tests/nothing-shown"), "{said}");
}
