//! Gates that the base declares.

use loki_model::{GateId, Policy, Role};

use crate::fixture::{Files, Fixture, shown};

/// Judges a change by the gate `own`, declared by `fields` besides its name.
fn own(fields: &str, base: Files<'_>, change: Files<'_>) -> String {
    let settings = format!("[[gate]]\nname = 'own'\n{fields}\n");
    let mut files = vec![(".loki/config.toml", settings.as_str()), ("a", "1\n")];
    files.extend(base);
    shown(&Fixture::new(&files).judge("own", change))
}

#[test]
fn a_command_that_exits_with_zero_holds_and_any_other_code_is_a_finding() {
    let fields = "command = 'sh check.sh'";
    let text = own(fields, &[], &[("check.sh", "exit 0\n")]);
    assert_eq!(text, "pass: `sh check.sh`: nothing found\n");
    let text = own(fields, &[], &[("check.sh", "echo a:1: no licence\nexit 3\n")]);
    assert!(text.starts_with("fail: `sh check.sh` exited 3\nown/failed "), "{text}");
    let text =
        own("command = 'sh check.sh'\nseverity = 'warning'", &[], &[("check.sh", "exit 3\n")]);
    assert!(text.starts_with("concern: `sh check.sh` exited 3"), "{text}");
    let text = own("command = 'sh check.sh'\nseverity = 'note'", &[], &[("check.sh", "exit 3\n")]);
    assert!(text.starts_with("pass: `sh check.sh`: 1 note(s)"), "{text}");
}

#[test]
fn a_gate_that_accepts_the_violation_that_is_declared_for_it_can_not_tell() {
    let fields = "command = 'sh check.sh'\nviolation = { path = 'src/b', content = 'BAD' }";
    let text = own(fields, &[], &[("check.sh", "! grep -rq BAD src\n")]);
    assert_eq!(text, "pass: `sh check.sh`: nothing found\n");
    let text = own(fields, &[], &[("check.sh", "! grep -rq BAD lib\n")]);
    let said = "inconclusive: `sh check.sh`: it accepts its own violation in `src/b`";
    assert!(text.starts_with(said), "{text}");
    let text = own(fields, &[], &[("check.sh", "exit 3\n")]);
    assert!(text.starts_with("fail: `sh check.sh` exited 3"), "{text}");
}

#[test]
fn a_violation_counts_beside_what_was_there_before() {
    let fields = r"command = ['grep', '-rn', 'BAD', 'a', 'b']
parser = 'regex'
pattern = '^(?P<path>[^:]+):(?P<line>\d+):(?P<message>.+)$'
new_only = true
violation = { path = 'b', content = 'BAD two' }";
    let text = own(fields, &[("a", "BAD one\n"), ("b", "\n")], &[("b", "fine\n")]);
    assert!(text.starts_with("pass: "), "{text}");
    let elsewhere = fields.replace("path = 'b'", "path = 'c'");
    let text = own(&elsewhere, &[("a", "BAD one\n"), ("b", "\n")], &[("b", "fine\n")]);
    assert!(text.contains("it accepts its own violation in `c`"), "{text}");
}

#[test]
fn a_gate_that_the_change_declares_or_softens_is_not_the_one_that_judges() {
    let softer = "[[gate]]\nname = 'own'\ncommand = 'true'\n";
    let text = own("command = 'false'", &[], &[(".loki/config.toml", softer), ("b", "1\n")]);
    assert!(text.starts_with("fail: `false` exited 1"), "{text}");
}

#[test]
fn lines_that_match_are_findings_with_their_place() {
    let fields = r"command = ['sh', 'check.sh']
parser = 'regex'
pattern = '^(?P<path>[^:]+):(?P<line>\d+): (?P<severity>\w+): (?P<message>.+)$'";
    let script = "echo a:1: warning: too short >&2\necho a:1: error: no end\necho done\nexit 1\n";
    let text = own(fields, &[], &[("check.sh", script)]);
    assert_eq!(
        text,
        "fail: no end; and 1 more\nown/finding a:1 no end\nown/finding a:1 too short\n"
    );
    let text = own(fields, &[], &[("check.sh", "echo fine\n")]);
    assert!(text.starts_with("pass"), "{text}");
    let text = own(fields, &[], &[("check.sh", "echo Segmentation fault\nexit 139\n")]);
    assert!(
        text.starts_with("inconclusive") && text.contains("nothing that can be read"),
        "{text}"
    );
}

const LOG: &str = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[
{"ruleId":"R1","level":"error","message":{"text":"bad"},"locations":[{"physicalLocation":
{"artifactLocation":{"uri":"a"},"region":{"startLine":1}}}]}]}]}"#;

#[test]
fn a_sarif_log_is_read_from_standard_output_or_from_the_file_that_is_named() {
    let fields = "command = ['sh', 'check.sh']\nparser = 'sarif'";
    let script = format!("cat <<'END'\n{LOG}\nEND\n");
    let text = own(fields, &[], &[("check.sh", &script)]);
    assert_eq!(text, "fail: bad\nown/R1 a:1 bad\n");
    let fields = "command = ['sh', 'check.sh']\nparser = 'sarif'\noutput = 'out.sarif'";
    let script = format!("cat >out.sarif <<'END'\n{LOG}\nEND\nexit 1\n");
    let text = own(fields, &[], &[("check.sh", &script)]);
    assert_eq!(text, "fail: bad\nown/R1 a:1 bad\n");
    let empty = r#"{"version":"2.1.0","runs":[]}"#;
    let text = own(fields, &[], &[("check.sh", "exit 0\n"), ("out.sarif", empty)]);
    assert!(text.starts_with("inconclusive") && text.contains("did not write"), "{text}");
}

#[test]
fn failed_cases_of_a_junit_report_are_findings() {
    let fields = "command = ['sh', 'check.sh']\nparser = 'junit'\noutput = 'out.xml'";
    let xml = "<testsuite><testcase name=\"a\"/><testcase name=\"b\"><failure>two is not one</failure></testcase></testsuite>";
    let text = own(fields, &[], &[("check.sh", &format!("echo '{xml}' > out.xml\nexit 1\n"))]);
    assert!(text.starts_with("fail: `b`: two is not one\nown/failed"), "{text}");
    let text = own(fields, &[], &[("check.sh", "echo '<testsuite/>' > out.xml\n")]);
    assert!(text.starts_with("inconclusive") && text.contains("no case ran"), "{text}");
}

#[test]
fn with_new_only_what_the_base_has_too_is_no_finding() {
    let fields = r"command = ['sh', '-c', 'grep -n BAD a b']
parser = 'regex'
pattern = '^(?P<path>\w+):(?P<line>\d+):(?P<message>.*BAD.*)$'
new_only = true";
    let base = [("a", "BAD one\n"), ("b", "1\n")];
    // One that stands elsewhere now is not new.
    let text = own(fields, &base, &[("a", "x\ny\nBAD one\n")]);
    assert_eq!(text, "pass: `sh -c grep -n BAD a b`: nothing new, 1 as before the change\n");
    let text = own(fields, &base, &[("b", "1\nBAD two\n")]);
    assert_eq!(text, "fail: BAD two\nown/finding b:2 BAD two\n");
    let text = own("command = 'false'\nnew_only = true", &[], &[("b", "1\n")]);
    assert!(text.starts_with("pass: `false`: nothing new"), "{text}");
}

#[test]
fn a_command_that_can_not_be_run_or_takes_too_long_can_not_tell() {
    let text = own("command = 'no-such-program-here'", &[], &[("b", "1\n")]);
    assert!(text.starts_with("inconclusive: `no-such-program-here`"), "{text}");
    let text = own("command = 'sleep 60'\ntimeout = 1", &[], &[("b", "1\n")]);
    assert!(text.starts_with("inconclusive: `sleep 60`: was ended at its time limit"), "{text}");
    let text = own("command = 'true'\ndir = 'nowhere'", &[], &[("b", "1\n")]);
    assert!(text.contains("`nowhere` is no directory"), "{text}");
    let text = own("command = 'true'\nspeed = 1", &[], &[("b", "1\n")]);
    assert!(text.starts_with("inconclusive: its settings can not be followed"), "{text}");
}

#[test]
fn declared_gates_are_reported_after_the_others_in_their_order() {
    let settings =
        "[[gate]]\nname = 'z'\ncommand = 'true'\n[[gate]]\nname = 'b'\ncommand = 'true'\n";
    let fixture = Fixture::new(&[(".loki/config.toml", settings)]);
    let (mut config, findings) = fixture.config();
    assert_eq!(findings, []);
    let wanted = ["secrets", "b", "z"].map(|gate| (gate, Role::Required));
    config.policy = Policy::new(&wanted);
    let reports = fixture.judge_with(&config, &[("a", "1\n")]);
    let order: Vec<&GateId> = reports.iter().map(|report| report.gate()).collect();
    assert_eq!(order, [&GateId::from("secrets"), &GateId::from("z"), &GateId::from("b")]);
}

/// A module of two functions, and a test of the first.
const HALVES: &str = "export function half(n) {\n  return n / 2;\n}\n";
const TESTED: &str = "import { half } from './half.mjs';\nimport test from 'node:test';\n\
                      test('half', () => { if (half(4) !== 2) throw 1; });\n";

#[test]
fn added_lines_that_no_test_runs_are_findings_of_a_tracefile() {
    let fields = "command = 'node --test --experimental-test-coverage --test-reporter=lcov'\n\
                  parser = 'lcov'\nseverity = 'warning'";
    let base = [("half.mjs", HALVES), ("half.test.mjs", TESTED)];
    let third = format!("{HALVES}export function third(n) {{\n  return n / 3;\n}}\n");
    let text = own(fields, &base, &[("half.mjs", &third)]);
    assert!(text.starts_with("concern: no test runs "), "{text}");
    assert!(text.contains("own/not-run half.mjs:5"), "{text}");
    let quarter = HALVES.replace("n / 2", "n * 0.5");
    let text = own(fields, &base, &[("half.mjs", &quarter)]);
    assert!(text.starts_with("pass"), "{text}");
    let text = own(fields, &base, &[("alone.mjs", HALVES)]);
    assert!(text.contains("own/not-told alone.mjs the tracefile does not tell of"), "{text}");
    let text = own(fields, &base, &[("other.py", "def half(n):\n    return n / 2\n")]);
    assert!(text.starts_with("pass"), "no tracefile of node tells of Python: {text}");
}

#[test]
fn a_tracefile_that_tells_of_nothing_is_no_answer() {
    let fields = "command = 'sh check.sh'\nparser = 'lcov'\noutput = 'out/lcov.info'";
    let silent = "mkdir -p out\necho TN: >out/lcov.info\n";
    let text = own(fields, &[], &[("check.sh", silent), ("a.py", "x = 1\n")]);
    let said = "inconclusive: `sh check.sh`: its tracefile: it tells of no line";
    assert!(text.starts_with(said), "{text}");
}
