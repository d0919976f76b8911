//! What the embedded runner for Python's `unittest` writes: one JSON object per line, the last one
//! an `end`.

use serde::Deserialize;

use super::{CaseEnd, Failure, Tally};

/// One line.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event {
    Test {
        id: String,
        status: Status,
        #[serde(default)]
        text: String,
    },
    End {
        ran: u64,
        #[serde(default)]
        patched: Vec<String>,
    },
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Status {
    Passed,
    Failed,
    Skipped,
}

/// Counts the tests of a report, and tells which functions that tests rely on were replaced.
///
/// `ran` of the last line is unittest's own count of tests that it began; every one of them has to
/// be there. Failures in fixtures of classes and modules come on top.
pub(crate) fn read(report: &str) -> (Tally, Vec<String>) {
    let mut tally = Tally::default();
    let mut replaced = Vec::new();
    let mut ended = None;
    for line in report.lines() {
        match serde_json::from_str::<Event>(line) {
            Ok(_) if ended.is_some() => tally.doubted("its report goes on after its end"),
            Ok(Event::End { ran, patched }) => {
                ended = Some(ran);
                replaced = patched;
            }
            Ok(Event::Test { status: Status::Passed, id, .. }) => {
                tally.ended(&id, None, CaseEnd::Passed);
            }
            Ok(Event::Test { status: Status::Skipped, id, .. }) => {
                tally.ended(&id, None, CaseEnd::Skipped);
            }
            Ok(Event::Test { status: Status::Failed, id, text }) => {
                tally.failed(Failure { name: id, text, file: None, line: None });
            }
            Err(_) => tally.doubted("its report does not read"),
        }
    }
    match ended {
        None => tally.doubted("it ended before its report was complete"),
        Some(ran) if ran > tally.counts.ran() + tally.counts.skipped => {
            tally.doubted("tests are missing from its report");
        }
        Some(_) => {}
    }
    (tally, replaced)
}

#[cfg(test)]
mod tests {
    use super::*;
    use loki_model::TestCounts;
    use proptest::prelude::*;

    #[test]
    fn a_whole_report_is_counted() {
        let (tally, replaced) = read(
            "{\"event\":\"test\",\"id\":\"a\",\"status\":\"passed\"}\n{\"event\":\"test\",\"id\":\"b\",\"status\":\"failed\",\"text\":\"boo\"}\n{\"event\":\"test\",\"id\":\"c\",\"status\":\"skipped\"}\n{\"event\":\"end\",\"ran\":3,\"patched\":[\"x\"]}\n",
        );
        assert_eq!(replaced, ["x"]);
        assert_eq!(tally.counts, TestCounts { passed: 1, failed: 1, skipped: 1 });
        let ids: Vec<&str> = tally.cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(ids, ["a", "b", "c"]);
        assert_eq!(tally.doubt, None);
    }

    #[test]
    fn a_report_without_its_end_or_with_tests_missing_is_doubted() {
        for report in [
            "",
            "{\"event\":\"end\",\"ran\":1}",
            "not json",
            "{\"event\":\"end\",\"ran\":0}\n{\"event\":\"end\",\"ran\":0}",
        ] {
            assert!(read(report).0.doubt.is_some(), "{report}");
        }
    }

    proptest! {
        #[test]
        fn any_report_is_read_without_panic(report in "\\PC{0,200}") {
            let _ = read(&report);
        }
    }
}
