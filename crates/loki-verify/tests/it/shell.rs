//! Targets of make, scripts of the shell and bats, counted by what they print.

use crate::fixture::{Files, Fixture, finds, has, judged, shown};

const MAKEFILE: (&str, &str) = ("Makefile", ".PHONY: test\ntest:\n\tsh tests/run.sh\n");
const GREEN: (&str, &str) = ("tests/run.sh", "echo ok adds\necho ok removes\n");
const RED: (&str, &str) =
    ("tests/run.sh", "echo ok adds\necho FAIL removes: want 1, got 2\nexit 1\n");

fn tests(base: Files<'_>, files: Files<'_>) -> Option<String> {
    (finds("make") && has("sh")).then(|| judged("tests", base, files))
}

#[test]
fn lines_that_a_test_target_prints_are_counted() {
    let Some(text) = tests(&[MAKEFILE], &[GREEN]) else { return };
    assert_eq!(text, "pass: 2 passed, 0 failed: make test in the root: 2 passed, 0 failed\n");
    let Some(text) = tests(&[MAKEFILE], &[RED]) else { return };
    assert!(text.starts_with("fail: 1 passed, 1 failed"), "{text}");
    assert!(text.contains("tests/failed - `removes: want 1, got 2` failed"), "{text}");
}

#[test]
fn a_target_that_exits_well_and_prints_nothing_countable_shows_nothing() {
    let Some(text) = tests(&[MAKEFILE], &[("tests/run.sh", "echo all done\n")]) else { return };
    assert!(text.starts_with("inconclusive"), "{text}");
    assert!(text.contains("nothing that `make test` printed can be counted"), "{text}");
}

#[test]
fn a_target_that_fails_without_a_word_is_red() {
    let Some(text) = tests(&[MAKEFILE], &[("tests/run.sh", "exit 3\n")]) else { return };
    assert!(text.starts_with("fail: make test in the root"), "{text}");
}

#[test]
fn a_plan_that_is_not_kept_shows_nothing() {
    let body = "echo 1..3; echo ok 1 - a; echo ok 2 - b\n";
    let Some(text) = tests(&[MAKEFILE], &[("tests/run.sh", body)]) else { return };
    assert!(text.starts_with("inconclusive") && text.contains("tests/contradictory"), "{text}");
}

#[test]
fn a_recipe_that_newly_hides_the_exit_code_gives_way_to_that_of_the_base() {
    let quiet = ("tests/run.sh", "echo ok adds\nexit 1\n");
    for recipe in
        ["\t-@sh tests/run.sh\n", "\tsh tests/run.sh || true\n", "\tsh tests/run.sh; exit 0\n"]
    {
        let makefile = format!("test:\n{recipe}");
        let Some(text) = tests(&[MAKEFILE], &[("Makefile", &makefile), quiet]) else { return };
        assert!(text.starts_with("fail"), "{recipe}\n{text}");
        assert!(text.contains("tests/command-altered Makefile"), "{recipe}\n{text}");
    }
}

#[test]
fn a_target_that_the_change_takes_away_is_run_as_the_base_has_it() {
    for makefile in ["lint:\n\ttrue\n", ""] {
        let Some(text) = tests(&[MAKEFILE], &[("Makefile", makefile), RED]) else { return };
        assert!(text.starts_with("fail: 1 passed, 1 failed"), "{text}");
        assert!(text.contains("tests/command-altered Makefile"), "{text}");
    }
}

#[test]
fn a_recipe_that_always_hid_the_exit_code_is_told() {
    let base = [("Makefile", "test:\n\t-sh tests/run.sh\n")];
    let Some(text) = tests(&base, &[GREEN]) else { return };
    assert!(text.starts_with("pass: 2 passed"), "{text}");
    assert!(text.contains("tests/exit-swallowed Makefile"), "{text}");
}

#[test]
fn a_target_without_its_program_shows_nothing() {
    let base = [("Makefile", "test:\n\tno-such-program-anywhere --all\n")];
    let Some(text) = tests(&base, &[("a", "x\n")]) else { return };
    assert!(text.starts_with("inconclusive") && text.contains("can not be run"), "{text}");
}

#[test]
fn a_target_of_tests_that_other_runners_ran_is_not_run_again() {
    if !has("python3") {
        return;
    }
    let base = [("Makefile", "test:\n\tpython3 -m unittest || exit 1\n\ttrue\n")];
    let body = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n";
    let Some(text) = tests(&base, &[("test_a.py", body)]) else { return };
    assert_eq!(text, "pass: 1 passed, 0 failed: unittest in the root: 1 passed, 0 failed\n");
    // A script that no runner knows is run, and has to hold.
    let base = [("Makefile", "test:\n\tpython3 -m unittest\n\tsh tests/cli.sh\n")];
    let quiet = [("test_a.py", body), ("tests/cli.sh", "true\n")];
    let Some(text) = tests(&base, &quiet) else { return };
    assert!(text.starts_with("pass: 1 passed") && text.contains("tests/not-counted"), "{text}");
    let Some(text) = tests(&base, &[("test_a.py", body), ("tests/cli.sh", "exit 1\n")]) else {
        return;
    };
    assert!(text.starts_with("fail: 1 passed"), "{text}");
}

#[test]
fn scripts_of_the_shell_are_run_where_nothing_else_is() {
    if !has("bash") {
        return;
    }
    let files = [
        ("tests/test_a.sh", "#!/bin/sh\n. tests/shared.sh\ncheck a\n"),
        ("tests/test_b.sh", "arr=(b); [[ ${arr[0]} == b ]] && echo \"PASS: ${arr[0]}\"\n"),
        ("tests/shared.sh", "check() { echo \"ok $1\"; }\n"),
    ];
    let text = judged("tests", &[("a", "x\n")], &files);
    assert!(text.starts_with("pass: 2 passed, 0 failed"), "{text}");
    let text = judged("tests", &[("a", "x\n")], &[("test.sh", "exit 1\n"), files[0], files[2]]);
    assert!(text.starts_with("fail: test.sh in the root"), "{text}");
}

#[test]
fn tests_of_bats_are_counted() {
    if !finds("bats") {
        return;
    }
    let body = "@test 'adds' {\n  [ 1 -eq 1 ]\n}\n@test 'removes' {\n  [ 1 -eq 2 ]\n}\n@test 'later' {\n  skip\n}\n";
    let report = Fixture::new(&[("a", "x\n")]).judge("tests", &[("test/a.bats", body)]);
    let text = shown(&report);
    assert!(text.starts_with("fail: 1 passed, 1 failed, 1 skipped"), "{text}");
    assert!(text.contains("tests/failed test/a.bats:5 `removes` failed"), "{text}");
}

/// A script that prints what JUnit's text runner does: red where `src/code.sh` does not print 1.
const JUNIT: &str = "echo 'JUnit version 4.13.2'\nif [ \"$(sh src/code.sh)\" = 1 ]; then\n  printf '..\\nTime: 0.1\\n\\nOK (2 tests)\\n\\n'\nelse\n  printf '..E\\nTime: 0.1\\nThere was 1 failure:\\n1) takes(stock.StockTest)\\nexpected:<1>\\n\\nFAILURES!!!\\nTests run: 2,  Failures: 1\\n\\n'\n  exit 1\nfi\n";

#[test]
fn totals_of_junit_are_counted_and_failures_are_named() {
    let base = [MAKEFILE, ("src/code.sh", "echo 1\n"), ("tests/run.sh", JUNIT)];
    let Some(text) = tests(&base, &[("README.md", "x\n")]) else { return };
    assert_eq!(text, "pass: 2 passed, 0 failed: make test in the root: 2 passed, 0 failed\n");
    let Some(text) = tests(&base, &[("src/code.sh", "echo 2\n")]) else { return };
    assert!(text.starts_with("fail: 1 passed, 1 failed"), "{text}");
    assert!(text.contains("tests/failed - `stock.StockTest > takes` failed"), "{text}");
}

#[test]
fn a_run_without_names_is_compared_as_a_whole() {
    if !finds("make") {
        return;
    }
    let base = [MAKEFILE, ("src/code.sh", "echo 1\n"), ("tests/run.sh", JUNIT)];
    let weak = JUNIT.replace("= 1 ]", "!= 0 ]");
    let files = [("src/code.sh", "echo 2\n"), ("tests/run.sh", &*weak)];
    let text = judged("base-tests", &base, &files);
    assert!(text.contains("base-tests/weakened"), "{text}");
    assert!(text.contains("`all tests of JUnit`"), "{text}");
}

#[test]
fn another_number_in_a_test_that_no_grammar_reads_asks_for_another_behaviour() {
    if !finds("make") {
        return;
    }
    let runner = "for file in tests/*.t; do . \"$file\"; done\nexit $bad\n";
    let test = "bad=0\nif [ \"$(sh src/free.sh 3)\" = yes ]; then echo ok free; else echo FAIL free; bad=1; fi\n";
    let base = [
        MAKEFILE,
        ("src/free.sh", "[ \"$1\" -le 3 ] && echo yes\n"),
        ("tests/run.sh", runner),
        ("tests/a.t", test),
    ];
    let code = ("src/free.sh", "[ \"$1\" -le 2 ] && echo yes\n");
    let other = test.replace("sh 3", "sh 2");
    let text = judged("base-tests", &base, &[code, ("tests/a.t", &other)]);
    assert!(text.contains("base-tests/rewritten"), "{text}");
    let less = test.replace("= yes", "!= no");
    let text = judged("base-tests", &base, &[code, ("tests/a.t", &less)]);
    assert!(text.contains("base-tests/weakened"), "{text}");
}

#[test]
fn a_makefile_that_leaves_tests_out_does_not_hold_the_base_s() {
    if !finds("make") {
        return;
    }
    let base = [MAKEFILE, ("src/code.sh", "echo 1\n"), ("tests/run.sh", JUNIT)];
    let makefile = "test:\n\t@echo 'OK (1 test)'\n";
    let text = judged("base-tests", &base, &[("src/code.sh", "echo 2\n"), ("Makefile", makefile)]);
    assert!(text.starts_with("fail: "), "{text}");
}

#[test]
fn what_unittest_prints_to_its_errors_is_counted() {
    let body = "printf '..\\n-----\\nRan 2 tests in 0.001s\\n\\nOK\\n' >&2\n";
    let Some(text) = tests(&[MAKEFILE], &[("tests/run.sh", body)]) else { return };
    assert!(text.starts_with("pass: 2 passed, 0 failed"), "{text}");
}
