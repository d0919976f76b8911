//! minitest, where Ruby is installed.

use crate::fixture::{Fixture, finds, judged, shown};
use loki_verify::Claim;

const HELPER: (&str, &str) = ("test/test_helper.rb", "require 'minitest/autorun'\nrequire 'sum'\n");

const SUM: (&str, &str) = ("lib/sum.rb", "def sum(a, b)\n  total = a + b\n  total\nend\n");

const TEST: (&str, &str) = (
    "test/sum_test.rb",
    "require 'test_helper'\nclass SumTest < Minitest::Test\n  def test_sum\n    assert_equal 3, sum(1, 2)\n  end\nend\n",
);

const BASE: &[(&str, &str)] = &[HELPER, SUM, TEST];

#[test]
fn tests_are_counted_and_named() {
    if !finds("ruby") {
        return;
    }
    let test = "require 'test_helper'\nclass MoreTest < Minitest::Test\n  def test_bad\n    assert_equal 1, sum(1, 1)\n  end\n  def test_error = nowhere\n  def test_later = skip('x')\nend\n";
    let text = judged("tests", BASE, &[("test/more_test.rb", test)]);
    assert!(
        text.starts_with("fail: 1 passed, 2 failed, 1 skipped: minitest in the root"),
        "{text}"
    );
    assert!(text.contains("tests/failed test/more_test.rb:4 `MoreTest#test_bad` failed"), "{text}");
    assert!(
        text.contains("tests/failed test/more_test.rb:6 `MoreTest#test_error` failed"),
        "{text}"
    );
    let text = judged("tests", BASE, &[("README.md", "x\n")]);
    assert!(text.starts_with("pass: 1 passed, 0 failed"), "{text}");
}

#[test]
fn specifications_are_run_by_minitest_where_they_speak_of_it() {
    if !finds("ruby") {
        return;
    }
    let spec = "require 'minitest/autorun'\ndescribe 'sum' do\n  it 'adds' do\n    _(1 + 1).must_equal 2\n  end\nend\n";
    let text = judged("tests", &[("a", "x\n")], &[("gem/spec/sum_spec.rb", spec)]);
    assert!(text.starts_with("pass: 1 passed, 0 failed: minitest in gem"), "{text}");
}

#[test]
fn a_file_that_does_not_load_fails_and_the_others_are_run() {
    if !finds("ruby") {
        return;
    }
    let broken = ("test/a_test.rb", "require 'test_helper'\nrequire 'nowhere'\n");
    let text = judged("tests", BASE, &[broken]);
    assert!(text.starts_with("fail: 1 passed, 1 failed"), "{text}");
    assert!(
        text.contains("tests/failed test/a_test.rb:2 `test/a_test.rb > loads` failed"),
        "{text}"
    );
}

#[test]
fn a_library_that_is_declared_and_not_installed_shows_nothing() {
    if !finds("ruby") {
        return;
    }
    let helper = ("test/test_helper.rb", "require 'minitest/autorun'\nrequire 'no_such_gem'\n");
    let files = [("Gemfile", "gem 'no_such_gem'\n"), helper, SUM, TEST];
    let text = judged("tests", &files, &[("README.md", "x\n")]);
    assert!(
        text.starts_with("inconclusive: minitest in the root: `no_such_gem` is not on"),
        "{text}"
    );
}

#[test]
fn a_run_without_tests_shows_nothing() {
    if !finds("ruby") {
        return;
    }
    let empty =
        ("test/sum_test.rb", "require 'test_helper'\nclass SumTest < Minitest::Test\nend\n");
    let text = judged("tests", &[HELPER, SUM, empty], &[("README.md", "x\n")]);
    assert!(text.starts_with("inconclusive: no test was run: minitest in the root"), "{text}");
}

#[test]
fn what_ends_the_process_or_clears_failures_hides_nothing() {
    if !finds("ruby") {
        return;
    }
    let bad = (
        "test/bad_test.rb",
        "require 'test_helper'\nclass BadTest < Minitest::Test\n  def test_bad = assert(false)\nend\n",
    );
    let hidden = |helper: &str| {
        let helper = format!("{}{helper}", HELPER.1);
        judged("tests", BASE, &[(HELPER.0, &helper), bad])
    };
    for helper in [
        "Minitest.after_run { exit!(0) }\n",
        "at_exit { exit!(0) }\n",
        "module Minitest\n  def self.run(args = []) = true\nend\n",
        "class Minitest::CompositeReporter\n  def record(result) = nil\nend\n",
    ] {
        let text = hidden(helper);
        assert!(text.starts_with("fail: 1 passed, 1 failed"), "{helper}: {text}");
    }
    let text = hidden("class Minitest::Test\n  def after_teardown = failures.clear\nend\n");
    assert!(text.contains("tests/report-rewritten test/bad_test.rb"), "{text}");
    let text = hidden("Minitest::Runnable.runnables.shift(9)\ndef Minitest.extensions = abort\n");
    assert!(text.starts_with("fail: "), "{text}");
    let text = hidden("at_exit { exit!(0) }\nThread.new { sleep 0.1; exit!(0) }\nsleep 1\n");
    assert!(!text.starts_with("pass"), "{text}");
}

#[test]
fn replaced_assertions_and_tests_that_are_left_out_are_told() {
    if !finds("ruby") {
        return;
    }
    let helper =
        format!("{}module Minitest::Assertions\n  def assert_equal(*) = pass\nend\n", HELPER.1);
    let text = judged("tests", BASE, &[(HELPER.0, &helper)]);
    assert!(text.contains("tests/assertions-patched - 1 function(s)"), "{text}");
    assert!(text.contains("Minitest::Test#assert_equal"), "{text}");
    let helper = format!("{}class Array\n  def ==(other) = true\nend\n", HELPER.1);
    let text = judged("tests", BASE, &[(HELPER.0, &helper)]);
    assert!(text.contains("Array#=="), "{text}");
    let more = TEST.1.replace("SumTest", "MoreTest") + "def MoreTest.runnable_methods = []\n";
    let text = judged("tests", BASE, &[("test/more_test.rb", &more)]);
    assert!(text.starts_with("pass: 1 passed"), "{text}");
    assert!(text.contains("tests/deselected - 1 test(s)"), "{text}");
}

#[test]
fn tests_of_the_base_are_known_again() {
    if !finds("ruby") {
        return;
    }
    let weak = TEST.1.replace("assert_equal 3, sum(1, 2)", "assert sum(1, 2)");
    let wrong = SUM.1.replace("a + b", "a - b");
    let text = judged("base-tests", BASE, &[(TEST.0, &weak), (SUM.0, &wrong)]);
    assert!(text.contains("base-tests/weakened test/sum_test.rb:4"), "{text}");
    assert!(text.contains("`test/sum_test.rb > SumTest > test_sum`"), "{text}");
}

#[test]
fn new_tests_need_the_change_to_pass() {
    if !finds("ruby") {
        return;
    }
    let code = format!("{}def twice(a)\n  a * 2\nend\n", SUM.1);
    let test = "require 'test_helper'\nclass TwiceTest < Minitest::Test\n  def test_twice = assert_equal(4, twice(2))\nend\n";
    let fixture = Fixture::new(BASE).claiming(Claim::Behaviour);
    let files = [(SUM.0, &*code), ("test/twice_test.rb", test)];
    let text = shown(&fixture.judge("new-tests", &files));
    assert!(text.starts_with("pass: 1 test needs the change to pass"), "{text}");
}

#[test]
fn mistakes_made_on_purpose_are_noticed_or_not() {
    if !finds("ruby") {
        return;
    }
    let code = format!("{}def twice(a)\n  a * 2\nend\n", SUM.1);
    let test = |asks: &str| {
        format!(
            "require 'test_helper'\nclass TwiceTest < Minitest::Test\n  def test_twice\n    twice(2)\n    {asks}\n  end\nend\n"
        )
    };
    let judged = |asks: &str| {
        let fixture = Fixture::new(BASE).claiming(Claim::Behaviour);
        let files = [(SUM.0, &*code), ("test/twice_test.rb", &*test(asks))];
        shown(&fixture.judge("mutants", &files))
    };
    let text = judged("assert_equal 6, twice(3)");
    assert!(text.starts_with("pass: "), "{text}");
    let text = judged("assert true");
    assert!(text.contains("mutants/unwatched lib/sum.rb:5 no test notices"), "{text}");
}
