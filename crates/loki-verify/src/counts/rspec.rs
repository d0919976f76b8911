//! The JSON report of rspec.

use serde::Deserialize;

use super::{CaseEnd, Failure, Tally};

/// Lines of a backtrace that are kept: those of libraries come first.
const BACKTRACE_LINES_MAX: usize = 200;

/// A whole report.
#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    messages: Vec<String>,
    examples: Vec<Example>,
    summary: Summary,
}

#[derive(Deserialize)]
struct Summary {
    example_count: u64,
    #[serde(default)]
    errors_outside_of_examples_count: u64,
}

/// One test.
#[derive(Deserialize)]
struct Example {
    full_description: String,
    status: String,
    file_path: String,
    line_number: Option<u32>,
    exception: Option<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    backtrace: Option<Vec<String>>,
}

/// Counts the examples of a report. Errors outside of them count as one failure each. `known` gives
/// the path of a file from the root of the repository.
pub(crate) fn read(report: &str, known: &dyn Fn(&str) -> Option<String>) -> Tally {
    let mut tally = Tally::default();
    let report = match serde_json::from_str::<Report>(report) {
        Ok(report) => report,
        Err(error) => {
            tally.doubted(format!("its JSON report does not read: {error}"));
            return tally;
        }
    };
    if report.examples.len() as u64 != report.summary.example_count {
        tally.doubted("its examples and their total contradict each other");
    }
    for example in report.examples {
        let file = known(&example.file_path);
        let place = file.clone().unwrap_or(example.file_path);
        let ended = match example.status.as_str() {
            "passed" => CaseEnd::Passed,
            "failed" => CaseEnd::Failed,
            _ => CaseEnd::Skipped,
        };
        tally.ended(&format!("{place} > {}", example.full_description), file.clone(), ended);
        if ended == CaseEnd::Failed {
            let (name, line) = (example.full_description, example.line_number);
            tally.told(Failure { name, text: text(example.exception), file, line });
        }
    }
    let mut messages = report.messages.into_iter();
    for at in 0..report.summary.errors_outside_of_examples_count.min(super::CASES_MAX as u64) {
        let text = messages.next().unwrap_or_default();
        let name = format!("error {} outside of examples", at + 1);
        tally.failed(Failure { name, text, file: None, line: None });
    }
    tally
}

fn text(exception: Option<Exception>) -> String {
    let Some(Exception { message, backtrace }) = exception else { return String::new() };
    let backtrace = backtrace.unwrap_or_default();
    let lines = backtrace.iter().map(String::as_str).take(BACKTRACE_LINES_MAX);
    // Of the libraries' own frames there are too many to be of use.
    let own = lines.filter(|line| !line.contains("/gems/"));
    let message = message.unwrap_or_default();
    [message.trim()].into_iter().chain(own).collect::<Vec<&str>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use loki_model::TestCounts;
    use proptest::prelude::*;

    fn tally(report: &str) -> Tally {
        read(report, &|path| path.strip_prefix("./").map(str::to_owned))
    }

    const REPORT: &str = r#"{"messages": ["An error occurred while loading ./spec/b_spec.rb."], "examples": [
        {"full_description": "thing good", "status": "passed", "file_path": "./spec/a_spec.rb", "line_number": 2},
        {"full_description": "thing bad", "status": "failed", "file_path": "./spec/a_spec.rb", "line_number": 3,
         "exception": {"class": "E", "message": "\nexpected: 2\n", "backtrace": ["/x/gems/y.rb:1", "/copy/spec/a_spec.rb:3:in `x'"]}},
        {"full_description": "thing later", "status": "pending", "file_path": "./spec/a_spec.rb", "line_number": 4}],
        "summary": {"example_count": 3, "errors_outside_of_examples_count": 1}}"#;

    #[test]
    fn examples_are_counted_and_errors_outside_of_them_too() {
        let tally = tally(REPORT);
        assert_eq!(tally.counts, TestCounts { passed: 1, failed: 2, skipped: 1 });
        assert_eq!(tally.doubt, None);
        assert_eq!(tally.cases[0].id, "spec/a_spec.rb > thing good");
        assert_eq!(tally.failures[0].text, "expected: 2\n/copy/spec/a_spec.rb:3:in `x'");
    }

    #[test]
    fn a_report_that_contradicts_itself_or_does_not_read_is_doubted() {
        let report = REPORT.replace(r#""example_count": 3"#, r#""example_count": 9"#);
        for report in [report.as_str(), "", "{}", &REPORT[..200]] {
            assert!(tally(report).doubt.is_some(), "{report}");
        }
    }

    proptest! {
        #[test]
        fn any_report_is_read_without_panic(report in "\\PC{0,200}") {
            let _ = tally(&report);
        }
    }
}
