//! What runners print that name only the tests that fail: JUnit's `JUnitCore`, the console launcher of the
//! JUnit platform, `unittest`, and `uvu`.

use loki_model::TestCounts;

use super::{CaseEnd, FAILURE_TEXT_BYTES_MAX, Failure, SAID_MAX, Tally};

/// `unittest` underlines with so many signs.
const RULE_CHARS: usize = 70;

/// What the id of all tests of a run together begins with, after that of its command.
const WHOLE: &str = "all tests of ";

/// Whether an id stands for all tests of a run, however many these are.
pub(crate) fn is_whole(id: &str) -> bool {
    id.contains(WHOLE)
}

/// The totals of all runs, and the failures that were listed.
#[derive(Debug, Default)]
pub(super) struct Totals {
    junit: Run,
    unittest: Run,
    uvu: Run,
    /// What `uvu` told so far: all tests, and those that passed.
    uvu_told: (Option<u64>, Option<u64>),
    /// Which failures are being listed.
    listing: Option<Listing>,
    /// Whether the last line was a rule of `unittest`.
    is_ruled: bool,
    /// Tests of a run of `unittest` whose last line is to come.
    ran: Option<u64>,
    /// What the console launcher told so far.
    told: TestCounts,
}

/// All runs of one runner.
#[derive(Debug, Default)]
struct Run {
    begun: u64,
    ended: u64,
    counts: TestCounts,
    failures: Vec<Failure>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listing {
    Core,
    Console,
    Unittest,
}

impl Totals {
    /// Takes one line; whether it belongs to one of these runners.
    pub(super) fn line(&mut self, line: &str) -> bool {
        let is_ruled = std::mem::replace(&mut self.is_ruled, is_rule(line));
        self.core(line)
            || self.console(line)
            || self.unittest(line, is_ruled)
            || self.uvu(line)
            || self.listed(line)
    }

    /// Whether any run told its totals.
    pub(super) fn is_known(&self) -> bool {
        self.junit.ended + self.unittest.ended + self.uvu.ended > 0
    }

    /// Adds what was told to what was read line by line.
    ///
    /// The tests that passed have no names. All tests of a runner together stand for them, as one that
    /// holds when none failed.
    pub(super) fn add_to(self, tally: &mut Tally) {
        let named = tally.counts.ran() + tally.counts.skipped;
        self.junit.add_to(tally, "JUnit");
        let all = self.unittest.counts.ran() + self.unittest.counts.skipped;
        // With `-v` it names each test on a line.
        if named == 0 || named < all {
            self.unittest.add_to(tally, "unittest");
        }
        self.uvu.add_to(tally, "uvu");
    }

    fn core(&mut self, line: &str) -> bool {
        let is_listing = self.listing == Some(Listing::Core);
        if line.starts_with("JUnit version ") {
            self.junit.begun += 1;
        } else if let Some(count) = passed(line) {
            self.junit.end(TestCounts { passed: count, ..TestCounts::default() });
        } else if let Some((ran, failed)) = run_and_failed(line) {
            let passed = ran.saturating_sub(failed);
            self.junit.end(TestCounts { passed, failed, skipped: 0 });
        } else if line.starts_with("There was 1 failure:")
            || (line.starts_with("There were ") && line.ends_with(" failures:"))
        {
            self.listing = Some(Listing::Core);
            return true;
        } else if is_listing && line == "FAILURES!!!" {
        } else if is_listing && let Some(name) = numbered(line) {
            self.junit.failed(core_name(name));
            return true;
        } else if self.junit.begun > self.junit.ended && self.listing.is_none() && is_progress(line)
        {
            let ignored = line.matches('I').count();
            self.junit.counts.skipped += ignored as u64;
            return true;
        } else {
            return false;
        }
        self.listing = None;
        true
    }

    fn console(&mut self, line: &str) -> bool {
        if line.starts_with("Failures (") && line.ends_with("):") {
            self.listing = Some(Listing::Console);
            return true;
        }
        if line.starts_with("Test run finished after ") {
            (self.listing, self.told) = (None, TestCounts::default());
            self.junit.begun += 1;
            return true;
        }
        if self.listing == Some(Listing::Console) {
            let name = line.strip_prefix("  ").filter(|name| !name.starts_with([' ', '\t']));
            let Some(name) = name.filter(|name| !name.is_empty()) else { return false };
            self.junit.failed(name.replace(':', " > "));
            return true;
        }
        let inner = line.trim().strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        let mut words = inner.unwrap_or_default().split_whitespace();
        let (Some(count), Some(what), Some(how), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return false;
        };
        let Ok(count) = count.parse::<u64>() else { return false };
        match (what, how) {
            ("tests", "successful") => self.told.passed = count,
            ("tests", "skipped" | "aborted") => self.told.skipped += count,
            // A class that can not be set up fails as a whole.
            ("containers", "failed") => self.told.failed += count,
            ("tests", "failed") => {
                self.told.failed += count;
                let told = std::mem::take(&mut self.told);
                self.junit.end(told);
            }
            ("tests" | "containers", _) => {}
            _ => return false,
        }
        true
    }

    fn unittest(&mut self, line: &str, is_ruled: bool) -> bool {
        const HEADS: &[&str] = &["FAIL: ", "ERROR: ", "UNEXPECTED SUCCESS: "];
        if let Some(ran) = self.ran.filter(|_| !line.is_empty()) {
            self.ran = None;
            let (word, rest) = line.split_once(" (").unwrap_or((line, ""));
            if matches!(word, "OK" | "FAILED" | "NO TESTS RAN") {
                self.unittest.end(parts(ran, rest.trim_end_matches(')')));
                return true;
            }
        }
        if is_ruled && let Some(name) = HEADS.iter().find_map(|head| line.strip_prefix(head)) {
            self.listing = Some(Listing::Unittest);
            self.unittest.failed(name.to_owned());
            return true;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        if let ["Ran", count, "test" | "tests", "in", _] = words.as_slice()
            && let Ok(count) = count.parse()
        {
            (self.ran, self.listing) = (Some(count), None);
            self.unittest.begun += 1;
            return true;
        }
        false
    }

    /// `Total:`, `Passed:` and `Skipped:`, one below the other.
    fn uvu(&mut self, line: &str) -> bool {
        let Some((name, count)) = line.strip_prefix("  ").and_then(|line| line.split_once(':'))
        else {
            return false;
        };
        let Ok(count) = count.trim().parse::<u64>() else { return false };
        match (name, self.uvu_told) {
            ("Total", _) => self.uvu_told = (Some(count), None),
            ("Passed", (Some(all), None)) => self.uvu_told = (Some(all), Some(count)),
            ("Skipped", (Some(all), Some(passed))) => {
                self.uvu_told = (None, None);
                self.uvu.begun += 1;
                let failed = all.saturating_sub(passed);
                self.uvu.end(TestCounts { passed, failed, skipped: count });
            }
            _ => return false,
        }
        true
    }

    /// A line of what a listed failure said.
    fn listed(&mut self, line: &str) -> bool {
        let run = match self.listing {
            Some(Listing::Core | Listing::Console) => &mut self.junit,
            Some(Listing::Unittest) => &mut self.unittest,
            None => return false,
        };
        if let Some(failure) = run.failures.last_mut()
            && failure.text.len() < FAILURE_TEXT_BYTES_MAX
        {
            failure.text.push_str(line);
            failure.text.push('\n');
        }
        true
    }
}

impl Run {
    fn failed(&mut self, name: String) {
        if self.failures.len() < SAID_MAX {
            self.failures.push(Failure { name, ..Failure::default() });
        }
    }

    fn end(&mut self, counts: TestCounts) {
        self.ended += 1;
        self.counts = self.counts.plus(counts);
    }

    fn add_to(self, tally: &mut Tally, runner: &str) {
        if self.begun > self.ended {
            tally.doubted(format!("{runner} did not come to its end"));
        }
        if self.ended == 0 {
            return;
        }
        tally.counts = tally.counts.plus(self.counts);
        tally.cases_complete = false;
        let said: Vec<&str> = self.failures.iter().map(|failure| failure.text.as_str()).collect();
        let said = crate::text::clip(&said.join("\n"), FAILURE_TEXT_BYTES_MAX);
        for failure in self.failures {
            tally.known(&failure.name, None, CaseEnd::Failed);
            tally.told(failure);
        }
        let ended = match self.counts {
            TestCounts { failed: 1.., .. } => CaseEnd::Failed,
            TestCounts { passed: 1.., .. } => CaseEnd::Passed,
            _ => CaseEnd::Skipped,
        };
        tally.known(&format!("{WHOLE}{runner}"), None, ended);
        if let Some(all) = tally.cases.last_mut() {
            all.said = said;
        }
    }
}

/// `OK (12 tests)`
fn passed(line: &str) -> Option<u64> {
    let inner = line.trim_end().strip_prefix("OK (")?.strip_suffix(')')?;
    let (count, what) = inner.split_once(' ')?;
    matches!(what, "test" | "tests").then(|| count.parse().ok())?
}

/// `Tests run: 12,  Failures: 1`
fn run_and_failed(line: &str) -> Option<(u64, u64)> {
    let (ran, failed) = line.trim_end().strip_prefix("Tests run: ")?.split_once(',')?;
    Some((ran.parse().ok()?, failed.trim().strip_prefix("Failures: ")?.parse().ok()?))
}

/// `1) takes(stock.StockTest)`
fn numbered(line: &str) -> Option<&str> {
    let (number, name) = line.split_once(") ")?;
    let is_number = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    is_number.then_some(name.trim())
}

fn core_name(name: &str) -> String {
    match name.strip_suffix(')').and_then(|name| name.split_once('(')) {
        Some((test, class)) => format!("{class} > {test}"),
        None => name.to_owned(),
    }
}

fn is_progress(line: &str) -> bool {
    !line.is_empty() && line.chars().all(|c| matches!(c, '.' | 'E' | 'I'))
}

fn is_rule(line: &str) -> bool {
    line.len() == RULE_CHARS && line.chars().all(|c| c == '=')
}

/// `failures=1, errors=2, skipped=3, expected failures=4, unexpected successes=5` of `ran` tests.
fn parts(ran: u64, text: &str) -> TestCounts {
    let (mut failed, mut skipped) = (0_u64, 0_u64);
    for (name, count) in text.split(", ").filter_map(|part| part.split_once('=')) {
        let count = count.parse().unwrap_or(0);
        match name {
            "failures" | "errors" | "unexpected successes" => failed = failed.saturating_add(count),
            "skipped" | "expected failures" => skipped = skipped.saturating_add(count),
            _ => {}
        }
    }
    TestCounts { passed: ran.saturating_sub(failed).saturating_sub(skipped), failed, skipped }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::lines::Report;
    use proptest::prelude::*;

    fn read(text: &str) -> Tally {
        let mut report = Report::default();
        text.lines().for_each(|line| report.line(line.as_bytes()));
        report.finish()
    }

    fn counts(passed: u64, failed: u64, skipped: u64) -> TestCounts {
        TestCounts { passed, failed, skipped }
    }

    fn ids(tally: &Tally) -> Vec<(&str, CaseEnd)> {
        tally.cases.iter().map(|case| (case.id.as_str(), case.ended)).collect()
    }

    #[test]
    fn a_green_run_of_junit_is_counted_and_known_as_a_whole() {
        let tally = read("JUnit version 4.13.2\n..I.\nTime: 0.1\n\nOK (3 tests)\n\n");
        assert_eq!((tally.counts, &tally.doubt), (counts(3, 0, 1), &None));
        assert_eq!(ids(&tally), [("all tests of JUnit", CaseEnd::Passed)]);
        assert!(!tally.cases_complete);
    }

    #[test]
    fn failures_of_junit_are_named() {
        let tally = read(
            "JUnit version 4.13.2\n..E.E\nTime: 0.1\nThere were 2 failures:\n1) takes(stock.StockTest)\njava.lang.AssertionError: ok 1 - x\n\tat stock.StockTest.takes(StockTest.java:12)\n2) gives(stock.StockTest)\njava.lang.Error\n\nFAILURES!!!\nTests run: 4,  Failures: 2\n\n",
        );
        assert_eq!(tally.counts, counts(2, 2, 0));
        let failed = CaseEnd::Failed;
        let expected = [
            ("stock.StockTest > takes", failed),
            ("stock.StockTest > gives", failed),
            ("all tests of JUnit", failed),
        ];
        assert_eq!(ids(&tally), expected);
        assert!(tally.failures[0].text.contains("StockTest.java:12"));
    }

    #[test]
    fn totals_of_uvu_are_counted() {
        let text = "index.js  • • •   (3 / 4)\n\n  Total:     4\n  Passed:    3\n  Skipped:   2\n  Duration:  0.31ms\n";
        let tally = read(text);
        assert_eq!((tally.counts, &tally.doubt), (counts(3, 1, 2), &None));
        assert_eq!(ids(&tally), [("all tests of uvu", CaseEnd::Failed)]);
        assert!(!tally.cases_complete);
        assert_eq!(read("  Passed:    3\n  Skipped:   2\n").counts, counts(0, 0, 0));
    }

    #[test]
    fn a_run_of_junit_that_does_not_end_is_doubted() {
        assert!(read("ok a\nJUnit version 4.13.2\n..").doubt.is_some());
    }

    #[test]
    fn the_console_launcher_is_read() {
        let tally = read(
            "Failures (1):\n  JUnit Jupiter:StockTest:takes()\n    MethodSource [className = 'StockTest']\n    => org.opentest4j.AssertionFailedError: x\n       StockTest.takes(StockTest.java:9)\n\nTest run finished after 64 ms\n[         3 containers found      ]\n[         0 containers failed     ]\n[         3 tests found           ]\n[         1 tests skipped         ]\n[         2 tests started         ]\n[         0 tests aborted         ]\n[         1 tests successful      ]\n[         1 tests failed          ]\n",
        );
        assert_eq!(tally.counts, counts(1, 1, 1));
        assert_eq!(tally.failures[0].name, "JUnit Jupiter > StockTest > takes()");
        assert!(tally.failures[0].text.contains("StockTest.java:9"));
    }

    #[test]
    fn unittest_is_read_and_what_it_names_is_not_counted_twice() {
        let rule = "=".repeat(RULE_CHARS);
        let failed = format!(
            "{rule}\nFAIL: test_c (t.T.test_c)\n-----\nAssertionError: boo\n\n-----\nRan 5 tests in 0.013s\n\nFAILED (failures=1, skipped=1, expected failures=1)\n"
        );
        let tally = read(&format!(".sFx\n{failed}"));
        assert_eq!(tally.counts, counts(2, 1, 2));
        assert_eq!(tally.failures[0].name, "test_c (t.T.test_c)");
        let tally = read("....\n-----\nRan 4 tests in 0.001s\n\nOK\n");
        assert_eq!(tally.counts, counts(4, 0, 0));
        let named = "a ... ok\nb ... ok\nc ... FAIL\nd ... ok\ne ... ok\n";
        assert_eq!(read(&format!("{named}{failed}")).counts, counts(4, 1, 0));
    }

    #[test]
    fn totals_of_others_are_not_taken_for_these() {
        for text in [
            "OK (3 tests, 9 assertions)\n",
            "Tests run: 3, Failures: 0, Errors: 0, Skipped: 0\n",
            "[ 3 files failed ]\n",
        ] {
            assert_eq!(read(text).counts, TestCounts::default(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(
            text in "(JUnit version |OK \\(3 tests\\)|Tests run: 3,  Failures: 9|There was 1 failure:|1\\) a\\(B\\)|FAILURES!!!|Failures \\(1\\):|\\[ 3 tests failed \\]|Ran 3 tests in 1s|FAILED \\(errors=9\\)|OK|\\PC|\n){0,40}"
        ) {
            let _ = read(&text);
        }
    }
}
