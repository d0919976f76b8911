//! The JSON lines of Rust's own test harness.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::Exit;
use serde::Deserialize;

use super::{CaseEnd, Failure, Tally};
use crate::bench::unfinished;

/// Tests of one executable that are told apart; a larger suite is doubted.
const TESTS_MAX: usize = 200_000;

/// What is then said.
const TOO_MANY: &str = "it ran more tests than can be told apart";

/// Reads one test executable's standard output, line by line.
///
/// Tests may write to the same stream, so that a line which is not an event is skipped. To forge a
/// green suite, forged lines would have to fit: the suite's own events frame all others, each test
/// ends once, and started, single and final counts agree. Whatever does not fit is doubted.
#[derive(Debug, Default)]
pub(crate) struct Suite {
    announced: Option<u64>,
    ended: Option<Totals>,
    running: BTreeSet<String>,
    done: BTreeMap<String, bool>,
    ignored: u64,
    tally: Tally,
}

/// One line.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Event {
    Suite(SuiteEvent),
    Test(TestEvent),
    Bench(BenchEvent),
    Report,
}

#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum SuiteEvent {
    Started { test_count: u64 },
    Ok(Totals),
    Failed(Totals),
}

#[derive(Debug, Deserialize)]
struct Totals {
    passed: u64,
    failed: u64,
    ignored: u64,
    #[serde(default)]
    measured: u64,
}

#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum TestEvent {
    Started { name: String },
    Ok { name: String },
    Failed { name: String, stdout: Option<String>, message: Option<String> },
    Ignored { name: String },
    Timeout,
}

#[derive(Deserialize)]
struct BenchEvent {
    name: String,
}

impl Suite {
    /// Takes one line without its newline.
    pub(crate) fn line(&mut self, line: &[u8]) {
        let Some(event) = parse(line) else { return };
        if self.ended.is_some() {
            self.tally.doubted("its harness went on after its last event");
        }
        match event {
            Event::Suite(SuiteEvent::Started { test_count }) => {
                if self.announced.replace(test_count).is_some() {
                    self.tally.doubted("its harness started more than once");
                }
            }
            Event::Suite(SuiteEvent::Ok(totals) | SuiteEvent::Failed(totals)) => {
                self.ended = Some(totals);
            }
            Event::Test(event) => self.test(event),
            // A benchmark in test mode runs once and ends well or panics.
            Event::Bench(BenchEvent { name }) => self.end(name, true),
            Event::Report => {}
        }
    }

    fn test(&mut self, event: TestEvent) {
        match event {
            TestEvent::Started { name } => {
                if self.running.len() < TESTS_MAX {
                    self.running.insert(name);
                } else {
                    self.tally.doubted(TOO_MANY);
                }
            }
            TestEvent::Ok { name } => self.end(name, true),
            TestEvent::Failed { name, stdout, message } => {
                let text = [message, stdout].into_iter().flatten().collect::<Vec<_>>().join("\n");
                self.end(name.clone(), false);
                self.tally.told(Failure { name, text, file: None, line: None });
            }
            TestEvent::Ignored { name } => {
                self.running.remove(&name);
                self.ignored += 1;
                self.tally.ended(&name, None, CaseEnd::Skipped);
            }
            TestEvent::Timeout => {}
        }
    }

    fn end(&mut self, name: String, passed: bool) {
        self.running.remove(&name);
        self.tally.ended(&name, None, if passed { CaseEnd::Passed } else { CaseEnd::Failed });
        if self.done.len() >= TESTS_MAX {
            self.tally.doubted(TOO_MANY);
        } else if self.done.insert(name, passed).is_some() {
            self.tally.doubted("its harness ended one test twice");
        }
    }

    /// Whether the harness spoke at all; a target with a harness of its own does not.
    pub(crate) fn spoke(&self) -> bool {
        self.announced.is_some()
    }

    /// What was counted, after the executable ended.
    ///
    /// Tests that were still running when the executable died by itself count as failed.
    pub(crate) fn finish(mut self, exit: Exit) -> Tally {
        let counts = self.tally.counts;
        match (&self.ended, self.announced) {
            (Some(ended), Some(announced)) => {
                let passed = ended.passed + ended.measured;
                let agree = (passed, ended.failed, ended.ignored)
                    == (counts.passed, counts.failed, self.ignored)
                    && announced == counts.passed + counts.failed + self.ignored;
                if !agree {
                    self.tally.doubted("its events and its totals contradict each other");
                }
                let code = if counts.failed == 0 { 0 } else { 101 };
                if exit != (Exit::Exited { code }) {
                    self.tally.doubted("its totals and its exit code contradict each other");
                }
            }
            (Some(_), None) => self.tally.doubted("its totals stand alone"),
            (None, _) => self.cut_off(exit),
        }
        self.tally
    }

    fn cut_off(&mut self, exit: Exit) {
        if exit == (Exit::Exited { code: 0 }) || unfinished(exit).is_some() {
            self.tally.doubted("it ended before its last event");
            return;
        }
        for name in std::mem::take(&mut self.running) {
            let text = "the test executable died while this test ran".to_owned();
            self.tally.failed(Failure { name, text, file: None, line: None });
        }
        self.tally.doubted("it died before its last event");
    }
}

/// An event, also when a test wrote something without a newline before it.
fn parse(line: &[u8]) -> Option<Event> {
    let text = std::str::from_utf8(line).ok()?;
    let start = text.rfind("{ \"type\":").or_else(|| text.find('{'))?;
    serde_json::from_str(text[start..].trim_end())
        .ok()
        .or_else(|| serde_json::from_str(text.trim()).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use loki_model::{Deadline, TestCounts};
    use proptest::prelude::*;

    fn suite(lines: &[&str], exit: Exit) -> Tally {
        let mut suite = Suite::default();
        lines.iter().for_each(|line| suite.line(line.as_bytes()));
        suite.finish(exit)
    }

    const DIED: Exit = Exit::Signalled { signal: 6 };

    fn exited(code: i32) -> Exit {
        Exit::Exited { code }
    }

    const START: &str = r#"{ "type": "suite", "event": "started", "test_count": 2 }"#;
    const A: &str = r#"{ "type": "test", "name": "a", "event": "ok", "exec_time": 0.1 }"#;
    const B: &str = r#"{ "type": "test", "event": "ok", "name": "b" }"#;
    const OK: &str = r#"{ "type": "suite", "event": "ok", "passed": 2, "failed": 0, "ignored": 0, "measured": 0, "filtered_out": 0, "exec_time": 0.1 }"#;

    #[test]
    fn a_green_suite_is_counted() {
        let tally = suite(&[START, "noise", A, &format!("no newline{B}"), OK], exited(0));
        assert_eq!(tally.counts, TestCounts { passed: 2, failed: 0, skipped: 0 });
        assert_eq!(tally.doubt, None);
        let ids: Vec<&str> = tally.cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(ids, ["a", "b"]);
    }

    #[test]
    fn a_red_test_is_named_with_what_it_said() {
        let failed = r#"{ "type": "test", "name": "b", "event": "failed", "stdout": "panicked at src/lib.rs:7:3:" }"#;
        let end =
            OK.replace("\"ok\"", "\"failed\"").replace("2, \"failed\": 0", "1, \"failed\": 1");
        let tally = suite(&[START, A, failed, &end], exited(101));
        assert_eq!(tally.counts, TestCounts { passed: 1, failed: 1, skipped: 0 });
        assert_eq!(tally.doubt, None);
        assert!(tally.failures[0].text.contains("src/lib.rs:7"));
    }

    #[test]
    fn forged_lines_are_doubted() {
        let forged = r#"{ "type": "test", "event": "ok", "name": "forged" }"#;
        for lines in [
            vec![START, A, forged, B, OK],
            vec![START, A, OK, B],
            vec![START, A, A, OK],
            vec![OK],
            vec![START, START, A, B, OK],
            vec![START, A, OK],
        ] {
            assert!(suite(&lines, exited(0)).doubt.is_some(), "{lines:?}");
        }
        assert!(suite(&[START, A, B, OK], exited(1)).doubt.is_some(), "exit code");
        assert!(suite(&[START, A, B, OK], DIED).doubt.is_some(), "signal");
    }

    #[test]
    fn a_test_that_kills_its_executable_counts_as_failed() {
        let started = r#"{ "type": "test", "event": "started", "name": "b" }"#;
        let tally = suite(&[START, A, started], DIED);
        assert_eq!(tally.counts, TestCounts { passed: 1, failed: 1, skipped: 0 });
        assert_eq!(tally.failures[0].name, "b");
    }

    #[test]
    fn a_test_that_ran_when_loki_ended_its_executable_did_not_fail() {
        let started = r#"{ "type": "test", "event": "started", "name": "b" }"#;
        let tally = suite(&[START, A, started], Exit::TimedOut { deadline: Deadline::Total });
        assert_eq!(tally.counts, TestCounts { passed: 1, failed: 0, skipped: 0 });
        assert!(tally.doubt.is_some());
    }

    #[test]
    fn an_executable_that_leaves_early_with_success_is_doubted_and_not_green() {
        assert!(suite(&[START, A], exited(0)).doubt.is_some());
        assert!(!Suite::default().spoke());
    }

    #[test]
    fn more_tests_than_can_be_told_apart_are_doubted() {
        let mut suite = Suite::default();
        for at in 0..=TESTS_MAX {
            suite.end(at.to_string(), true);
        }
        assert_eq!(suite.tally.doubt.as_deref(), Some(TOO_MANY));
    }

    proptest! {
        #[test]
        fn any_line_is_read_without_panic(lines in proptest::collection::vec("\\PC{0,80}", 0..10)) {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let _ = suite(&lines, exited(0));
        }

        #[test]
        fn no_order_of_events_but_the_true_one_is_believed(
            order in proptest::collection::vec(0usize..4, 0..8)
        ) {
            let all = [START, A, B, OK];
            let lines: Vec<&str> = order.iter().map(|&i| all[i]).collect();
            let believed = suite(&lines, exited(0)).doubt.is_none();
            let honest = [vec![0, 1, 2, 3], vec![0, 2, 1, 3], vec![1, 0, 2, 3], vec![2, 0, 1, 3],
                vec![1, 2, 0, 3], vec![2, 1, 0, 3]].contains(&order);
            prop_assert_eq!(believed, honest);
        }
    }
}
