//! Gates as JUnit XML: one case a gate, for CI systems that show tests.

use std::io;

use loki_model::{GateReport, Judgement};
use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

use crate::document::Judged;
use crate::text::plain;

/// The judgement as a JUnit report: a gate that failed is a failure, one that leaves something to be
/// decided an error, one that does not apply is skipped.
pub fn junit(judged: &Judged<'_>) -> String {
    let mut writer = Writer::new(Vec::new());
    // Writing to memory can not fail.
    let _ = write(&mut writer, judged);
    String::from_utf8_lossy(&writer.into_inner()).into_owned()
}

fn write(writer: &mut Writer<Vec<u8>>, judged: &Judged<'_>) -> io::Result<()> {
    let count = |wanted: &[Judgement]| {
        judged.gates.iter().filter(|gate| wanted.contains(&gate.judgement())).count().to_string()
    };
    let mut suite = BytesStart::new("testsuite");
    suite.push_attribute(("name", "loki verify"));
    suite.push_attribute(("tests", judged.gates.len().to_string().as_str()));
    suite.push_attribute(("failures", count(&[Judgement::Fail]).as_str()));
    suite
        .push_attribute(("errors", count(&[Judgement::Concern, Judgement::Inconclusive]).as_str()));
    suite.push_attribute(("skipped", count(&[Judgement::NotApplicable]).as_str()));
    writer.write_event(Event::Start(BytesStart::new("testsuites")))?;
    writer.write_event(Event::Start(suite))?;
    for gate in judged.gates {
        case(writer, gate)?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuite")))?;
    writer.write_event(Event::End(BytesEnd::new("testsuites")))
}

fn case(writer: &mut Writer<Vec<u8>>, gate: &GateReport) -> io::Result<()> {
    let mut case = BytesStart::new("testcase");
    case.push_attribute(("classname", "loki"));
    case.push_attribute(("name", gate.gate().0.as_str()));
    let seconds = format!("{}.{:03}", gate.duration_ms() / 1000, gate.duration_ms() % 1000);
    case.push_attribute(("time", seconds.as_str()));
    let kind = match gate.judgement() {
        Judgement::Pass => return writer.write_event(Event::Empty(case)),
        Judgement::Fail => "failure",
        Judgement::Concern | Judgement::Inconclusive => "error",
        Judgement::NotApplicable => "skipped",
    };
    writer.write_event(Event::Start(case))?;
    let mut why = BytesStart::new(kind);
    why.push_attribute(("message", plain(gate.summary()).as_str()));
    writer.write_event(Event::Start(why))?;
    for finding in gate.findings() {
        let place = finding.location.as_ref().map(|place| format!("{place}: "));
        let line = format!("{}{} [{}]\n", place.unwrap_or_default(), finding.message, finding.rule);
        writer.write_event(Event::Text(BytesText::new(&plain(&line))))?;
    }
    writer.write_event(Event::End(BytesEnd::new(kind)))?;
    writer.write_event(Event::End(BytesEnd::new("testcase")))
}
