//! What there is to know about gates.

use loki_testkit::TestRepo;

use crate::support::*;

#[test]
fn the_list_says_how_each_gate_counts_as_the_base_has_it() {
    let settings = "[[gate]]\nname = \"size\"\ncommand = \"sh size.sh\"\nblocking = false\nnew_only = true\n\
                    [verify.gates]\nsecrets = \"off\"\n";
    let repo = TestRepo::new().file(".loki/config.toml", settings).commit("start");
    // What is not committed has no say.
    repo.write(".loki/config.toml", "[verify.gates]\ntests = \"off\"\n");
    let list = loki(&repo).args(["gates", "list"]).run().expect_code(0);
    let line = |gate: &str| {
        let mut lines = list.stdout.lines();
        lines.find(|line| line.split_whitespace().next() == Some(gate)).unwrap().to_owned()
    };
    assert!(line("secrets").contains(" off "), "{}", list.stdout);
    assert!(line("tests").contains(" required  yes "), "{}", list.stdout);
    assert!(line("size").ends_with("`sh size.sh` finds nothing new"), "{}", list.stdout);
    let json = loki(&repo).args(["gates", "--json"]).run().expect_code(0).json();
    assert_eq!(json["schema_version"], 1);
    let gates = json["gates"].as_array().unwrap();
    assert_eq!(gates.len() + 1, list.stdout.lines().count());
    let size = gates.last().unwrap();
    assert_eq!(size["counts_as"], "advisory");
    assert_eq!(size["declared_by_the_project"], true);
}

#[test]
fn a_rule_is_explained_with_what_to_do_about_it() {
    let repo = TestRepo::unversioned("plain");
    let rule = loki(&repo).args(["gates", "explain", "base-tests/weakened"]).run().expect_code(0);
    insta::assert_snapshot!(rule.stdout);
    let gate = loki(&repo).args(["gates", "explain", "change"]).run().expect_code(0);
    insta::assert_snapshot!(gate.stdout);
    let json = loki(&repo).args(["gates", "explain", "--json"]).run().expect_code(0).json();
    for gate in json["gates"].as_array().unwrap() {
        assert!(!gate["rules"].as_array().unwrap().is_empty(), "{gate}");
    }
    let unknown = loki(&repo).args(["gates", "explain", "vibes"]).run().expect_code(2);
    assert!(unknown.stderr.contains("loki gates list"), "{}", unknown.stderr);
}

#[test]
fn a_gate_that_the_environment_turns_off_is_left_out_and_said_to_be() {
    let repo = TestRepo::new().file("a.txt", "1\n").commit("start");
    repo.write("a.txt", "2\n");
    let ran = loki(&repo)
        .args(["verify", "--only", "change,docs"])
        .env("LOKI_GATE_DOC_COVERAGE", "false")
        .env("LOKI_GATE_VIBES", "false")
        .run()
        .expect_code(0);
    assert!(ran.stderr.contains("gate docs is left out: LOKI_GATE_DOC_COVERAGE"), "{}", ran.stderr);
    assert!(ran.stderr.contains("LOKI_GATE_VIBES means nothing here"), "{}", ran.stderr);
    let report = repo.read(".loki/verify/report.md");
    assert!(report.contains("| docs | off | left out | LOKI"), "{report}");
}

#[test]
fn a_declared_gate_is_judged_and_told_like_any_other() {
    let settings = "[[gate]]\nname = \"words\"\ncommand = [\"sh\", \"-c\", \"! grep -n BAD a.txt\"]\n\
                    parser = \"regex\"\npattern = '^(?P<line>\\d+):(?P<message>.*BAD.*)$'\n";
    let repo =
        TestRepo::new().file(".loki/config.toml", settings).file("a.txt", "1\n").commit("start");
    repo.write("a.txt", "1\nBAD word\n");
    let ran = loki(&repo).args(["verify", "--only", "change,words"]).run().expect_code(2);
    assert!(ran.stdout.contains("words · fail · BAD word"), "{}", ran.stdout);
    assert!(repo.read(".loki/verify/results.sarif").contains("words/finding"));
    assert!(repo.read(".loki/verify/report.md").contains("| words | required | fail |"));
}
