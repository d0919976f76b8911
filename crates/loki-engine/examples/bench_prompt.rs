//! What prompts of a run of five calls cost, against prompts that simply have everything in them.
//!
//! Four bytes are counted as a token. A service reads what is the same as the beginning of an earlier
//! prompt from its cache, at about a tenth of the price.
#![expect(clippy::print_stdout, reason = "its figures are its output")]

use loki_engine::prompt::{PromptInput, compose};
use loki_engine::roles;
use loki_model::*;

const CALLS: u32 = 5;
const BYTES_PER_TOKEN: usize = 4;

fn main() {
    let spec = spec();
    let reports = reports();
    let gates = loki_verify::expectations();
    let mut told = Vec::new();
    let mut naive = Vec::new();
    let mut run = new_run(&spec);
    for call in 0..CALLS {
        let found = if call == 0 { &[][..] } else { &reports[..] };
        let role = None;
        let input = PromptInput { run: &run, spec: &spec, role, reports: found, gates: &gates };
        told.push(compose(&input));
        naive.push(everything(&naive, &spec, found, &gates));
        pass(&mut run, call);
    }
    let tokens = |text: &String| text.len() / BYTES_PER_TOKEN;
    let list = |texts: &[String]| {
        texts.iter().map(|text| tokens(text).to_string()).collect::<Vec<_>>().join(", ")
    };
    let sum = |texts: &[String]| texts.iter().map(tokens).sum::<usize>();
    println!("tokens of each prompt: {}", list(&told));
    println!("tokens of each naive prompt: {}", list(&naive));
    let share = 100 * sum(&told) / sum(&naive);
    println!("tokens of all prompts: {} of {} ({share} %)", sum(&told), sum(&naive));
    let again: usize = told.windows(2).map(|two| same(&two[0], &two[1])).sum();
    let later: usize = told[1..].iter().map(String::len).sum();
    println!("of later prompts the same as before: {} %", 100 * again / later);
}

/// Bytes that both begin with.
fn same(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

/// What a loop sends that only appends: all charters, the spec, and everything that was ever found.
fn everything(
    before: &[String],
    spec: &Spec,
    reports: &[GateReport],
    gates: &[(&str, &str)],
) -> String {
    let mut text = before.last().cloned().unwrap_or_else(|| {
        let charters = roles::roles().iter().map(|role| role.charter.clone());
        let gates = gates.iter().map(|(gate, holds)| format!("{gate}: {holds}\n"));
        charters.chain(gates).chain([spec.text.clone()]).collect()
    });
    for finding in reports.iter().flat_map(GateReport::findings) {
        text.push_str(&format!("{}: {}\n{}\n", finding.rule, finding.message, finding.detail));
    }
    text
}

/// Sixty requirements in about 20 kB.
fn spec() -> Spec {
    let text: String = (1..=60)
        .map(|n| {
            format!(
                "- Operation {n} must take the name of an item and a quantity, refuse a quantity that is not \
                 positive with an error that names the item, and record who asked for it and when. Asked \
                 twice with the same key it must not be done twice. A missing item is told as missing, \
                 with the operation that would make it.\n"
            )
        })
        .collect();
    Spec::of("prd.md", "Stock", &text)
}

/// A failing suite with long output, and a survivor of each of ten mutants.
fn reports() -> Vec<GateReport> {
    let finding = |n: u32, rule: &str, lines: usize| Finding {
        rule: rule.to_owned(),
        severity: Severity::Error,
        location: Some(Location { path: format!("tests/test_stock_{n}.py"), line: Some(n) }),
        message: format!("test_operation_{n} failed: 3 is not 4"),
        detail: "    assert stock.quantity(\"bolt\") == 4  # as the spec says\n".repeat(lines),
    };
    let report = |gate: &str, rule: &str, count: u32, lines: usize| {
        let mut findings: Vec<Finding> = (1..=count).map(|n| finding(n, rule, lines)).collect();
        let first = findings.remove(0);
        GateReport::fail(GateId::from(gate), format!("{count} found"), first, findings, vec![])
    };
    vec![report("tests", "tests/failed", 12, 60), report("mutants", "mutants/unwatched", 10, 3)]
}

fn new_run(spec: &Spec) -> Run {
    let pin = SpecPin {
        digest: spec.digest.clone(),
        blob: Digest::of(b""),
        title: spec.title.clone(),
        source: spec.source.clone(),
        requirements: 60,
    };
    let (id, at, repo) = (RunId::from_bits(1), Timestamp(0), "/repo".to_owned());
    let settings = Settings::new("agent", CALLS);
    let created = create(NewRun { id, at, repo, spec: pin, settings, plan: None });
    fold([&created]).unwrap_or_else(|| unreachable!("a creation begins a run"))
}

/// The call ended and said it was done.
fn pass(run: &mut Run, call: u32) {
    let report = CallReport {
        outcome: AgentOutcome::Completed,
        claim: Claim::Done,
        usage: Usage::UNKNOWN,
        session: None,
        model: None,
        final_text: "I have built all operations and tested each of them.".to_owned(),
    };
    let (transcript, duration_ms) = (Digest::of(b""), 1);
    apply(run, &Event::AgentCalled { call: call + 1, choice: None, resumed: false });
    apply(run, &Event::AgentReturned { report, transcript, duration_ms, sandbox: None });
    apply(run, &Event::IterationStarted { iteration: call + 2 });
}
