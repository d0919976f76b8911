//! Test commands that the base declares.

use crate::fixture::{Files, Fixture, shown};

const GREEN: &str =
    "<testsuites><testsuite><testcase name=\"a\"/><testcase name=\"b\"/></testsuite></testsuites>";

fn tests(settings: &str, files: Files<'_>) -> String {
    let fixture = Fixture::new(&[(".loki/config.toml", settings), ("a", "1\n")]);
    shown(&fixture.judge("tests", files))
}

#[test]
fn a_command_without_counts_can_fail_and_not_pass() {
    let settings = "[verify]\ntests = ['sh run.sh']\n";
    let text = tests(settings, &[("run.sh", "echo 2 passed\n")]);
    assert!(text.starts_with("inconclusive: `sh run.sh` exited 0, but no `junit` file"), "{text}");
    let text = tests(settings, &[("run.sh", "exit 1\n")]);
    assert!(text.starts_with("fail: `sh run.sh` exited 1"), "{text}");
}

#[test]
fn a_junit_file_that_the_command_writes_is_counted() {
    let settings = "[verify]\ntests = [{ command = 'sh run.sh', junit = 'out.xml' }]\n";
    let script = format!("cat > out.xml <<'END'\n{GREEN}\nEND\n");
    let text = tests(settings, &[("run.sh", &script)]);
    assert!(text.starts_with("pass: 2 passed, 0 failed"), "{text}");
}

#[test]
fn a_junit_file_that_was_already_there_is_not_counted() {
    let settings = "[verify]\njunit = 'out.xml'\ntests = ['sh run.sh']\n";
    let text = tests(settings, &[("run.sh", "exit 0\n"), ("out.xml", GREEN)]);
    assert!(text.starts_with("inconclusive") && text.contains("did not write `out.xml`"), "{text}");
}

#[test]
fn a_command_that_the_change_declares_is_not_run() {
    let change = [(".loki/config.toml", "[verify]\ntests = ['true']\n"), ("run.sh", "exit 1\n")];
    let text = tests("[verify]\ntests = ['sh run.sh']\n", &change);
    assert!(text.starts_with("fail: `sh run.sh` exited 1"), "{text}");
}

#[test]
fn no_declared_command_shows_nothing() {
    let text = tests("[verify]\ntests = []\n", &[("b", "1\n")]);
    assert!(text.starts_with("inconclusive: no test was run: the settings declare none"), "{text}");
}

#[test]
fn commands_do_not_see_secrets_or_a_repository_of_their_own_choice() {
    // Set by the test runner itself for every test.
    let settings = "[verify]\ntests = ['sh run.sh']\n";
    let script = "test -z \"$CARGO_PKG_NAME$CARGO_MANIFEST_DIR$NEXTEST\" && test \"$CI\" = 1\n";
    let text = tests(settings, &[("run.sh", script)]);
    assert!(text.starts_with("inconclusive: `sh run.sh` exited 0"), "{text}");
}

#[test]
fn a_report_that_a_link_leads_out_of_the_copy_is_left_alone() {
    let settings = "[verify]\ntests = [{ command = 'true', junit = 'out/r.xml' }]\n";
    let fixture = Fixture::new(&[(".loki/config.toml", settings)]);
    let outside = fixture.dir.path().join("outside");
    std::fs::create_dir_all(&outside).unwrap();
    std::fs::write(outside.join("r.xml"), GREEN).unwrap();
    std::os::unix::fs::symlink(&outside, fixture.repo.root().join("out")).unwrap();
    let text = shown(&fixture.judge("tests", &[("b", "1\n")]));
    assert!(text.starts_with("inconclusive") && text.contains("leads out"), "{text}");
    assert!(outside.join("r.xml").exists());
}

#[test]
fn commands_that_are_declared_and_left_out_show_nothing() {
    let one = "{ command = 'sh run.sh', junit = 'out.xml' }";
    let script = format!("cat > out.xml <<'END'\n{GREEN}\nEND\n");
    for more in ["'open \"quote'".to_owned(), vec![one; 16].join(", ")] {
        let settings = format!("[verify]\ntests = [{one}, {more}]\n");
        let text = tests(&settings, &[("run.sh", &script)]);
        assert!(text.starts_with("inconclusive"), "{text}");
        assert!(text.contains("1 declared test command(s) can not be run"), "{text}");
    }
}
