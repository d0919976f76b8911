//! The result files of the test platform of .NET.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::junit::{attribute, entity, push_bounded};
use super::{CASES_MAX, CaseEnd, Failure, Tally};

/// One result, until all definitions are known.
struct Outcome {
    test: String,
    name: String,
    ended: CaseEnd,
    text: String,
}

/// A document half way through.
#[derive(Default)]
struct Reading {
    /// Classes by the id of their test.
    classes: BTreeMap<String, String>,
    /// The test whose definition is open.
    defined: Option<String>,
    outcomes: Vec<Outcome>,
    open: Option<(u32, Outcome)>,
    /// Whether the text of a failure is open.
    in_error: bool,
    /// What the document says of itself.
    total: Option<u64>,
    depth: u32,
    tally: Tally,
}

/// Counts the results of a document: the outermost ones, since those of data rows are summed up by
/// the one around them.
///
/// A document that ends early, does not parse, or whose total is another one is doubted.
pub(crate) fn read(xml: &str) -> Tally {
    let mut reading = Reading::default();
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => reading.event(&event),
            Err(error) => {
                reading.tally.doubted(format!("its result file does not parse: {error}"));
                break;
            }
        }
    }
    reading.finish()
}

impl Reading {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(element) => {
                self.depth += 1;
                self.begin(element);
            }
            Event::Empty(element) => {
                self.depth += 1;
                self.begin(element);
                self.end(element.local_name().as_ref());
            }
            Event::End(element) => self.end(element.local_name().as_ref()),
            Event::Text(text) => self.text(text),
            Event::CData(text) => self.text(text),
            Event::GeneralRef(name) => self.text(&entity(name)),
            _ => {}
        }
    }

    fn begin(&mut self, element: &BytesStart<'_>) {
        let value = |name: &str| attribute(element, name).unwrap_or_default();
        match element.local_name().as_ref() {
            "UnitTestResult" if self.open.is_none() => {
                let ended = match value("outcome").as_str() {
                    "Passed" | "PassedButRunAborted" | "Warning" => CaseEnd::Passed,
                    "NotExecuted" | "Inconclusive" | "NotRunnable" | "Pending" => CaseEnd::Skipped,
                    _ => CaseEnd::Failed,
                };
                let (test, name) = (value("testId"), value("testName"));
                self.open = Some((self.depth, Outcome { test, name, ended, text: String::new() }));
            }
            "Message" | "StackTrace" => self.in_error = true,
            "UnitTest" => self.defined = Some(value("id")),
            "TestMethod" => {
                if let Some(test) = self.defined.take()
                    && self.classes.len() < CASES_MAX
                {
                    self.classes.insert(test, value("className"));
                }
            }
            "Counters" => self.total = value("total").parse().ok(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, outcome)) = self.open.as_mut().filter(|_| self.in_error) {
            push_bounded(&mut outcome.text, text);
        }
    }

    fn end(&mut self, name: &str) {
        if matches!(name, "Message" | "StackTrace") {
            self.text("\n");
            self.in_error = false;
        }
        if let Some((_, outcome)) = self.open.take_if(|(depth, _)| *depth == self.depth) {
            if self.outcomes.len() < CASES_MAX {
                self.outcomes.push(outcome);
            } else {
                self.tally.doubted("it ran more tests than can be told apart");
            }
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn finish(mut self) -> Tally {
        let count = self.outcomes.len() as u64;
        if self.depth != 0 || self.total.is_none() {
            self.tally.doubted("its result file ends early");
        }
        if self.total.is_some_and(|total| total != count) {
            self.tally.doubted("its results and their total contradict each other");
        }
        for Outcome { test, name, ended, text } in self.outcomes {
            let class = self.classes.get(&test).map(String::as_str).unwrap_or_default();
            // Some frameworks put the class before the name themselves.
            let id = if class.is_empty() || name.starts_with(class) {
                name
            } else {
                format!("{class}.{name}")
            };
            self.tally.ended(&id, None, ended);
            if ended == CaseEnd::Failed {
                self.tally.told(Failure { name: id, text, file: None, line: None });
            }
        }
        self.tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loki_model::TestCounts;
    use proptest::prelude::*;

    const DOCUMENT: &str = r#"<?xml version="1.0"?><TestRun><Results>
        <UnitTestResult testId="1" testName="Adds" outcome="Passed"><InnerResults>
          <UnitTestResult testId="1" testName="Adds (1)" outcome="Passed"/></InnerResults></UnitTestResult>
        <UnitTestResult testId="2" testName="A.B.Removes" outcome="Failed"><Output><StdOut>no</StdOut><ErrorInfo>
          <Message>1 &lt; 2</Message><StackTrace>at T.cs:line 3</StackTrace></ErrorInfo></Output></UnitTestResult>
        <UnitTestResult testId="3" testName="Later" outcome="NotExecuted"/></Results>
        <TestDefinitions><UnitTest id="1"><TestMethod className="A.B" name="Adds"/></UnitTest>
          <UnitTest id="2"><TestMethod className="A.B" name="Removes"/></UnitTest></TestDefinitions>
        <ResultSummary outcome="Failed"><Counters total="3"/></ResultSummary></TestRun>"#;

    #[test]
    fn outermost_results_are_counted_and_named_with_their_class() {
        let tally = read(DOCUMENT);
        assert_eq!(tally.counts, TestCounts { passed: 1, failed: 1, skipped: 1 });
        assert_eq!(tally.doubt, None);
        let ids: Vec<&str> = tally.cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(ids, ["A.B.Adds", "A.B.Removes", "Later"]);
        assert_eq!(tally.failures[0].text, "1 < 2\nat T.cs:line 3\n");
    }

    #[test]
    fn a_document_that_was_cut_off_or_contradicts_itself_is_doubted() {
        let other = DOCUMENT.replace("total=\"3\"", "total=\"9\"");
        for xml in ["", "<TestRun/>", &DOCUMENT[..400], &other, "<a></b>"] {
            assert!(read(xml).doubt.is_some(), "{xml}");
        }
    }

    proptest! {
        #[test]
        fn any_heap_of_tags_is_read_without_panic(
            parts in proptest::collection::vec(proptest::sample::select(vec![
                "<UnitTestResult testId='1'>", "</UnitTestResult>", "<Message>", "</Message>", "text",
                "<UnitTest id='1'>", "<TestMethod/>", "<Counters total='x'/>", "&lt;", "<!--",
            ]), 0..30)
        ) {
            let _ = read(&parts.concat());
        }
    }
}
