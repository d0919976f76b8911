//! What the embedded runner for minitest writes: one JSON object a line, the last one an `end`.

use serde::Deserialize;

use super::{CaseEnd, FAILURES_MAX, Failure, Tally};

/// One line.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event {
    Test(Test),
    /// A file that could not be loaded.
    Load {
        file: String,
        text: String,
        /// The library that was asked for, where that is why.
        missing: Option<String>,
    },
    /// A test that was defined and not run.
    Left {
        class: String,
        name: String,
        file: Option<String>,
    },
    End {
        patched: Vec<String>,
    },
}

/// One test that ended.
#[derive(Deserialize)]
struct Test {
    class: String,
    name: String,
    status: Status,
    /// The exception that its body ended with, if one did.
    raised: Option<String>,
    file: Option<String>,
    line: Option<u32>,
    text: String,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Status {
    Passed,
    Failed,
    Skipped,
}

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) tally: Tally,
    /// Functions that tests rely on and that were replaced.
    pub(crate) patched: Vec<String>,
    /// The first [`FAILURES_MAX`] tests that were reported as passed although they raised.
    pub(crate) rewritten: Vec<Rewritten>,
    /// Libraries for want of which files could not be loaded.
    pub(crate) missing: Vec<String>,
    /// Whether anything failed for another reason.
    pub(crate) has_failed: bool,
}

/// A test that was reported otherwise than it ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rewritten {
    pub(crate) id: String,
    pub(crate) raised: String,
    pub(crate) file: Option<String>,
}

/// Reads a report. `known` gives the path of a file from the root of the repository.
///
/// A test that passed by the report and whose body raised has failed. A file that could not be loaded
/// counts as one failed test.
pub(crate) fn read(text: &str, known: &dyn Fn(&str) -> Option<String>) -> Report {
    let mut report = Report::default();
    let mut has_ended = false;
    for line in text.lines() {
        match serde_json::from_str(line) {
            Ok(_) if has_ended => report.tally.doubted("its report goes on after its end"),
            Ok(Event::End { patched }) => {
                has_ended = true;
                report.patched = patched;
            }
            Ok(event) => report.take(event, known),
            Err(_) => report.tally.doubted("its report does not read"),
        }
    }
    if !has_ended {
        report.tally.doubted("it ended before its report was complete");
    }
    report
}

impl Report {
    fn take(&mut self, event: Event, known: &dyn Fn(&str) -> Option<String>) {
        match event {
            Event::Test(test) => self.test(test, known),
            Event::Load { file, text, missing } => {
                self.has_failed |= missing.is_none();
                self.missing.extend(missing);
                let file = known(&file).unwrap_or(file);
                let name = format!("{file} > loads");
                self.tally.ended(&name, Some(file.clone()), CaseEnd::Failed);
                self.tally.told(Failure { name, text, file: Some(file), line: None });
            }
            // What a library brings may be meant to be inherited from.
            Event::Left { class, name, file } => {
                if let Some(file) = file.and_then(|file| known(&file)) {
                    let id = id(Some(&file), &class, &name);
                    self.tally.deselected(&id, Some(file));
                }
            }
            Event::End { .. } => {}
        }
    }

    fn test(&mut self, test: Test, known: &dyn Fn(&str) -> Option<String>) {
        let Test { class, name, status, raised, file, line, text } = test;
        let file = file.and_then(|file| known(&file));
        let id = id(file.as_deref(), &class, &name);
        let raised = raised.filter(|_| status == Status::Passed);
        let ended = match status {
            Status::Failed => CaseEnd::Failed,
            Status::Passed if raised.is_some() => CaseEnd::Failed,
            Status::Passed => CaseEnd::Passed,
            Status::Skipped => CaseEnd::Skipped,
        };
        self.tally.ended(&id, file.clone(), ended);
        if ended == CaseEnd::Failed {
            self.has_failed = true;
            let text = raised.as_ref().map_or(text, |raised| format!("it raised {raised}"));
            let name = format!("{class}#{name}");
            self.tally.told(Failure { name, text, file: file.clone(), line });
        }
        if let Some(raised) = raised.filter(|_| self.rewritten.len() < FAILURES_MAX) {
            self.rewritten.push(Rewritten { id, raised, file });
        }
    }
}

fn id(file: Option<&str>, class: &str, name: &str) -> String {
    match file {
        Some(file) => format!("{file} > {class} > {name}"),
        None => format!("{class} > {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loki_model::TestCounts;
    use proptest::prelude::*;

    const REPORT: &str = r#"{"event":"load","file":"test/c_test.rb","missing":"nokogiri","text":"LoadError: x"}
{"event":"test","class":"ATest","name":"test_a","status":"passed","file":"/copy/test/a_test.rb","line":3,"text":""}
{"event":"test","class":"ATest","name":"test_b","status":"failed","file":"/copy/test/a_test.rb","line":7,"text":"Expected: 1"}
{"event":"test","class":"ATest","name":"test_c","status":"skipped","text":"later"}
{"event":"left","class":"ATest","name":"test_d","file":"/copy/test/a_test.rb"}
{"event":"left","class":"Gem","name":"test_e","file":"/gems/x.rb"}
{"event":"end","patched":["Array#=="]}
"#;

    fn read(text: &str) -> Report {
        super::read(text, &|path| path.strip_prefix("/copy/").map(str::to_owned))
    }

    #[test]
    fn tests_and_files_that_do_not_load_are_counted() {
        let report = read(REPORT);
        assert_eq!(report.tally.counts, TestCounts { passed: 1, failed: 2, skipped: 1 });
        let ids: Vec<&str> = report.tally.cases.iter().map(|case| case.id.as_str()).collect();
        let expected = [
            "test/c_test.rb > loads",
            "test/a_test.rb > ATest > test_a",
            "test/a_test.rb > ATest > test_b",
            "ATest > test_c",
            "test/a_test.rb > ATest > test_d",
        ];
        assert_eq!(ids, expected);
        assert_eq!((report.tally.deselected, report.tally.doubt), (1, None));
        assert_eq!(
            (&*report.missing, &*report.patched),
            (&["nokogiri".to_owned()][..], &["Array#==".to_owned()][..])
        );
    }

    #[test]
    fn a_test_whose_body_raised_has_not_passed() {
        let report = read(
            "{\"event\":\"test\",\"class\":\"A\",\"name\":\"test_a\",\"status\":\"passed\",\"raised\":\"KeyError\",\"text\":\"\"}\n{\"event\":\"end\",\"patched\":[]}\n",
        );
        assert_eq!(report.tally.counts, TestCounts { passed: 0, failed: 1, skipped: 0 });
        let (id, raised) = ("A > test_a".to_owned(), "KeyError".to_owned());
        assert_eq!(report.rewritten, [Rewritten { id, raised, file: None }]);
    }

    #[test]
    fn a_report_without_its_end_or_that_does_not_read_is_doubted() {
        let end = "{\"event\":\"end\",\"patched\":[]}\n";
        for report in ["", "x", &REPORT[..REPORT.len() / 2], &format!("{end}{end}")] {
            assert!(read(report).tally.doubt.is_some(), "{report}");
        }
        assert_eq!(read(end).tally.doubt, None);
    }

    proptest! {
        #[test]
        fn any_report_is_read_without_panic(report in "\\PC{0,200}") {
            let _ = read(&report);
        }
    }
}
