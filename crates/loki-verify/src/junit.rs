//! Gates as JUnit XML: one case a gate, for CI systems that show tests.

use std::io;

use loki_model::{GateId, GateReport, Judgement};
use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

use crate::document::Judged;
use crate::text::plain;

/// The judgement as a JUnit report: a gate that failed is a failure, one that leaves something to be
/// decided an error, one that does not apply or was left out is skipped.
pub fn junit(judged: &Judged<'_>) -> String {
    let mut writer = Writer::new(Vec::new());
    // Writing to memory can not fail.
    let _ = write(&mut writer, judged);
    String::from_utf8_lossy(&writer.into_inner()).into_owned()
}

fn write(writer: &mut Writer<Vec<u8>>, judged: &Judged<'_>) -> io::Result<()> {
    let count = |wanted: &[Judgement]| {
        judged.gates.iter().filter(|gate| wanted.contains(&gate.judgement())).count()
    };
    let skipped = count(&[Judgement::NotApplicable]) + judged.left_out.len();
    let mut suite = BytesStart::new("testsuite");
    suite.push_attribute(("name", "loki verify"));
    let all = judged.gates.len() + judged.left_out.len();
    suite.push_attribute(("tests", all.to_string().as_str()));
    suite.push_attribute(("failures", count(&[Judgement::Fail]).to_string().as_str()));
    let open = count(&[Judgement::Concern, Judgement::Inconclusive]);
    suite.push_attribute(("errors", open.to_string().as_str()));
    suite.push_attribute(("skipped", skipped.to_string().as_str()));
    writer.write_event(Event::Start(BytesStart::new("testsuites")))?;
    writer.write_event(Event::Start(suite))?;
    for gate in judged.gates {
        case(writer, gate)?;
    }
    for (gate, reason) in judged.left_out {
        writer.write_event(Event::Start(case_of(gate, 0)))?;
        let mut why = BytesStart::new("skipped");
        why.push_attribute(("message", plain(&format!("left out by {reason}")).as_str()));
        writer.write_event(Event::Empty(why))?;
        writer.write_event(Event::End(BytesEnd::new("testcase")))?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuite")))?;
    writer.write_event(Event::End(BytesEnd::new("testsuites")))
}

fn case_of(gate: &GateId, duration_ms: u64) -> BytesStart<'static> {
    let mut case = BytesStart::new("testcase");
    case.push_attribute(("classname", "loki"));
    case.push_attribute(("name", gate.0.as_str()));
    let seconds = format!("{}.{:03}", duration_ms / 1000, duration_ms % 1000);
    case.push_attribute(("time", seconds.as_str()));
    case
}

fn case(writer: &mut Writer<Vec<u8>>, gate: &GateReport) -> io::Result<()> {
    let case = case_of(gate.gate(), gate.duration_ms());
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
