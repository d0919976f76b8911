//! JUnit XML, as many runners write it.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::{CaseEnd, FAILURE_TEXT_BYTES_MAX, Failure, Tally};

/// A results file that is larger is not read.
pub(crate) const FILE_BYTES_MAX: u64 = 64 << 20;

/// Suites around a test that are part of its name; deeper ones are not.
const SUITES_MAX: usize = 32;

/// What one runner means by its JUnit documents.
pub(crate) trait Dialect {
    /// Whether a case of this name stands for a whole file: node reports one where a file declared no
    /// test.
    fn is_file(&self, _name: &str) -> bool {
        false
    }

    /// The number of a file's first line.
    fn first_line(&self) -> u32 {
        1
    }

    /// The id of a test, and the file that it is in.
    fn case(&self, named: &Named<'_>) -> (String, Option<String>);
}

/// What a document calls one test. All of it is untrusted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'a> {
    /// Names of the suites around it, outermost first.
    pub(crate) suites: &'a [String],
    /// Its `file`.
    pub(crate) file: Option<&'a str>,
    /// Its `classname`; empty for none.
    pub(crate) class: &'a str,
    /// Its `name`.
    pub(crate) name: &'a str,
}

/// The dialect of a runner that is not known: class and name.
pub(crate) struct Plain;

impl Dialect for Plain {
    fn case(&self, named: &Named<'_>) -> (String, Option<String>) {
        let (class, name) = (named.class, named.name);
        let id = if class.is_empty() { name.to_owned() } else { format!("{class}.{name}") };
        (id, named.file.map(str::to_owned))
    }
}

/// Counts the `testcase` elements of a JUnit document.
///
/// The totals that the document claims for itself are not believed: only cases count, each once. A
/// case with a `skipped` child is skipped whatever else it holds (a failing node `todo`, a pytest
/// `xfail`). A document that ends early or does not parse is doubted. Cases that stand for a whole
/// file are returned apart when they pass, and count as failed when they fail.
pub(crate) fn read(xml: &str, dialect: &dyn Dialect) -> (Tally, Vec<String>) {
    let mut reading = Reading {
        dialect,
        tally: Tally::default(),
        files: Vec::new(),
        suites: Vec::new(),
        case: None,
        depth: 0,
    };
    let mut reader = Reader::from_str(xml);
    let mut rooted = false;
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => {
                rooted |= matches!(event, Event::Start(_) | Event::Empty(_));
                reading.event(&event);
            }
            Err(error) => {
                reading.tally.doubted(format!("its JUnit report does not parse: {error}"));
                break;
            }
        }
    }
    if !rooted || reading.depth != 0 {
        reading.tally.doubted("its JUnit report ends early");
    }
    (reading.tally, reading.files)
}

/// A document half way through.
struct Reading<'a> {
    dialect: &'a dyn Dialect,
    tally: Tally,
    /// Passed cases that stand for a whole file.
    files: Vec<String>,
    /// Suites that are open, each with its depth.
    suites: Vec<(u32, String)>,
    case: Option<OpenCase>,
    depth: u32,
}

/// A `testcase` that is not closed yet.
#[derive(Default)]
struct OpenCase {
    name: String,
    class: String,
    found: Failure,
    failed: bool,
    skipped: bool,
    /// Depth at which the case stands.
    depth: u32,
}

impl Reading<'_> {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(element) => {
                self.depth += 1;
                self.open(element);
            }
            Event::Empty(element) => {
                self.depth += 1;
                self.open(element);
                self.close();
            }
            Event::End(_) => self.close(),
            Event::Text(text) => self.text(text),
            Event::CData(text) => self.text(text),
            Event::GeneralRef(name) => self.text(&entity(name)),
            _ => {}
        }
    }

    fn open(&mut self, element: &BytesStart<'_>) {
        match (element.local_name().as_ref(), &mut self.case) {
            ("testsuite", None) if self.suites.len() < SUITES_MAX => {
                let name = attribute(element, "name").unwrap_or_default();
                self.suites.push((self.depth, name));
            }
            ("testcase", None) => {
                let line = attribute(element, "line").and_then(|line| line.parse::<u32>().ok());
                let name = attribute(element, "name").unwrap_or_default();
                let class = attribute(element, "classname").filter(|class| class != "test");
                let class = class.unwrap_or_default();
                self.case = Some(OpenCase {
                    found: Failure {
                        name: if class.is_empty() {
                            name.clone()
                        } else {
                            format!("{class}::{name}")
                        },
                        text: String::new(),
                        file: attribute(element, "file"),
                        line: line
                            .and_then(|line| line.checked_sub(self.dialect.first_line()))
                            .map(|line| line.saturating_add(1)),
                    },
                    name,
                    class,
                    depth: self.depth,
                    ..OpenCase::default()
                });
            }
            ("failure" | "error", Some(case)) => {
                case.failed = true;
                if let Some(message) = attribute(element, "message") {
                    push_bounded(&mut case.found.text, &message);
                    push_bounded(&mut case.found.text, "\n");
                }
            }
            ("skipped", Some(case)) => case.skipped = true,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(case) = self.case.as_mut().filter(|case| case.failed && !case.skipped) {
            push_bounded(&mut case.found.text, text);
        }
    }

    fn close(&mut self) {
        if let Some(case) = self.case.take_if(|case| case.depth == self.depth) {
            self.end(case);
        }
        self.suites.pop_if(|(depth, _)| *depth == self.depth);
        self.depth = self.depth.saturating_sub(1);
    }

    fn end(&mut self, case: OpenCase) {
        let ended = match &case {
            OpenCase { skipped: true, .. } => CaseEnd::Skipped,
            OpenCase { failed: true, .. } => CaseEnd::Failed,
            OpenCase { found, .. } if self.dialect.is_file(&found.name) => {
                self.files.push(case.found.name);
                return;
            }
            OpenCase { .. } => CaseEnd::Passed,
        };
        let suites: Vec<String> = self.suites.iter().map(|(_, name)| name.clone()).collect();
        let (id, file) = self.dialect.case(&Named {
            suites: &suites,
            file: case.found.file.as_deref(),
            class: &case.class,
            name: &case.name,
        });
        self.tally.ended(&id, file, ended);
        if ended == CaseEnd::Failed {
            self.tally.told(case.found);
        }
    }
}

/// An attribute's value, when it is there and reads.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).ok()??;
    found.normalized_value(XmlVersion::default()).ok().map(|value| value.into_owned())
}

/// What an entity stands for; nothing for one that XML does not define.
pub(super) fn entity(name: &str) -> String {
    let text = match name {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "quot" => "\"",
        "apos" => "'",
        other => return character(other).map(String::from).unwrap_or_default(),
    };
    text.to_owned()
}

fn character(name: &str) -> Option<char> {
    let number = name.strip_prefix('#')?;
    let code = match number.strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code)
}

/// Appends as long as the text stays within twice what is kept of it in the end.
pub(super) fn push_bounded(text: &mut String, more: &str) {
    if text.len() < 2 * FAILURE_TEXT_BYTES_MAX {
        text.push_str(&crate::text::clip(more, 2 * FAILURE_TEXT_BYTES_MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loki_model::TestCounts;
    use proptest::prelude::*;

    struct Scripts;

    impl Dialect for Scripts {
        fn is_file(&self, name: &str) -> bool {
            name.ends_with(".js")
        }

        fn first_line(&self) -> u32 {
            0
        }

        fn case(&self, named: &Named<'_>) -> (String, Option<String>) {
            (format!("{}/{}.{}", named.suites.join("/"), named.class, named.name), None)
        }
    }

    fn counts(xml: &str) -> (Tally, Vec<String>) {
        read(xml, &Scripts)
    }

    #[test]
    fn cases_of_pytest_are_counted_one_by_one() {
        let (tally, _) = counts(
            r#"<?xml version="1.0"?><testsuites><testsuite tests="99">
            <testcase classname="test_a" name="test_good" file="test_a.py" line="1"/>
            <testcase classname="test_a" name="test_bad" file="test_a.py" line="2"><failure
              message="assert 1 == 2">&gt;   assert 1==2&#10;test_a.py:3: AssertionError</failure></testcase>
            <testcase name="s"><skipped message="later">why</skipped></testcase>
            <testcase name="e"><error message="in setup"/></testcase></testsuite></testsuites>"#,
        );
        assert_eq!(tally.counts, TestCounts { passed: 1, failed: 2, skipped: 1 });
        assert_eq!(tally.doubt, None);
        assert_eq!(tally.failures[0].name, "test_a::test_bad");
        assert_eq!(tally.failures[0].line, Some(3));
        assert!(tally.failures[0].text.contains(">   assert 1==2\ntest_a.py:3"));
    }

    #[test]
    fn a_file_of_node_that_declares_no_test_is_not_a_test() {
        let (tally, files) = counts(
            r#"<testsuites><testcase name="/x/a.test.js" classname="test"/>
            <testcase name="t" classname="test"><skipped type="todo"/><failure>no</failure></testcase>
            <testsuite name="s"><testcase name="in" classname="test"/></testsuite></testsuites>"#,
        );
        assert_eq!(tally.counts, TestCounts { passed: 1, failed: 0, skipped: 1 });
        assert_eq!(files, ["/x/a.test.js"]);
        let cases: Vec<_> = tally.cases.iter().map(|case| (&*case.id, case.ended)).collect();
        assert_eq!(cases, [("/.t", CaseEnd::Skipped), ("s/.in", CaseEnd::Passed)]);
    }

    #[test]
    fn a_case_inside_of_a_case_does_not_count_twice() {
        let (tally, _) = counts(
            "<testsuites><testcase name='a'><failure><testcase name='b'/></failure></testcase></testsuites>",
        );
        assert_eq!(tally.counts, TestCounts { passed: 0, failed: 1, skipped: 0 });
    }

    #[test]
    fn a_report_that_was_cut_off_is_doubted() {
        for xml in ["", "<testsuites><testcase name='a'/>", "<testsuites", "text", "<a></b>"] {
            assert!(counts(xml).0.doubt.is_some(), "{xml}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(xml in "\\PC{0,300}") {
            let _ = counts(&xml);
        }

        #[test]
        fn any_heap_of_tags_is_read_without_panic(
            parts in proptest::collection::vec(proptest::sample::select(vec![
                "<testcase name='a'>", "</testcase>", "<failure>", "</failure>", "<skipped/>",
                "<testsuites>", "</testsuites>", "&lt;", "&#x110000;", "&no;", "<![CDATA[x]]>",
                "<!--", "-->", "<testcase name='&bad'/>", "text",
            ]), 0..40)
        ) {
            let (tally, _) = counts(&parts.concat());
            prop_assert!(tally.failures.len() as u64 <= tally.counts.failed);
            let TestCounts { passed, failed, skipped } = tally.counts;
            prop_assert_eq!(tally.cases.len() as u64, passed + failed + skipped);
        }
    }
}
