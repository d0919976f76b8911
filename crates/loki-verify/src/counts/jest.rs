//! The JSON report of jest, which vitest writes too.

use serde::Deserialize;

use super::{CaseEnd, FAILURE_TEXT_BYTES_MAX, Failure, Tally};

/// A whole report.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    num_total_tests: u64,
    test_results: Vec<TestFile>,
}

/// One file of tests.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TestFile {
    name: String,
    status: String,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    assertion_results: Vec<Test>,
}

/// One test.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    #[serde(default)]
    ancestor_titles: Vec<String>,
    title: String,
    status: String,
    #[serde(default)]
    failure_messages: Option<Vec<String>>,
}

/// Counts the tests of a report.
///
/// A file that failed without a failed test counts as one: it could not be loaded. `known` gives the
/// path of a file from the root of the repository.
pub(crate) fn read(report: &str, known: &dyn Fn(&str) -> Option<String>) -> Tally {
    let mut tally = Tally::default();
    let report = match serde_json::from_str::<Report>(report) {
        Ok(report) => report,
        Err(error) => {
            tally.doubted(format!("its JSON report does not read: {error}"));
            return tally;
        }
    };
    let mut tests: u64 = 0;
    for file in report.test_results {
        let path = known(&file.name);
        let place = path.clone().unwrap_or_else(|| file.name.clone());
        tests += file.assertion_results.len() as u64;
        let mut has_failed = false;
        for test in file.assertion_results {
            let titles = test.ancestor_titles.iter().map(String::as_str).chain([&*test.title]);
            let names: Vec<&str> = [&*place].into_iter().chain(titles).collect();
            let ended = match test.status.as_str() {
                "passed" => CaseEnd::Passed,
                "failed" => CaseEnd::Failed,
                _ => CaseEnd::Skipped,
            };
            tally.ended(&names.join(" > "), path.clone(), ended);
            if ended == CaseEnd::Failed {
                has_failed = true;
                let text = test.failure_messages.unwrap_or_default().join("\n");
                tally.told(failure(names[1..].join(" > "), &text, path.clone()));
            }
        }
        if file.status == "failed" && !has_failed {
            tally.ended(&place, path.clone(), CaseEnd::Failed);
            tally.told(failure(place, &file.message.unwrap_or_default(), path));
        }
    }
    if tests != report.num_total_tests {
        tally.doubted("its tests and their total contradict each other");
    }
    tally
}

fn failure(name: String, text: &str, file: Option<String>) -> Failure {
    let text = crate::text::plain(&crate::text::clip(text, 2 * FAILURE_TEXT_BYTES_MAX));
    Failure { name, text, file, line: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loki_model::TestCounts;
    use proptest::prelude::*;

    fn tally(report: &str) -> Tally {
        read(report, &|path| path.strip_prefix("/copy/").map(str::to_owned))
    }

    const REPORT: &str = r#"{"numTotalTests": 4, "success": false, "testResults": [
        {"name": "/copy/a.test.js", "status": "failed", "message": "m", "assertionResults": [
            {"ancestorTitles": ["s"], "title": "good", "status": "passed", "failureMessages": []},
            {"ancestorTitles": ["s"], "title": "bad", "status": "failed", "failureMessages": ["at /copy/a.test.js:2:7"]},
            {"ancestorTitles": [], "title": "later", "status": "pending"},
            {"title": "sometime", "status": "todo", "failureMessages": null}]},
        {"name": "/copy/b.test.js", "status": "failed", "message": "Cannot find module", "assertionResults": []}]}"#;

    #[test]
    fn tests_are_counted_and_a_file_that_does_not_load_is_one() {
        let tally = tally(REPORT);
        assert_eq!(tally.counts, TestCounts { passed: 1, failed: 2, skipped: 2 });
        assert_eq!(tally.doubt, None);
        let ids: Vec<&str> = tally.cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(
            ids,
            [
                "a.test.js > s > good",
                "a.test.js > s > bad",
                "a.test.js > later",
                "a.test.js > sometime",
                "b.test.js"
            ]
        );
        assert_eq!(tally.failures[1].text, "Cannot find module");
    }

    #[test]
    fn a_report_that_contradicts_itself_or_does_not_read_is_doubted() {
        let report = REPORT.replace(r#""numTotalTests": 4"#, r#""numTotalTests": 9"#);
        for report in [report.as_str(), "", "{}", "[]", &REPORT[..100]] {
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
