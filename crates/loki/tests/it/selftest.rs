//! `loki selftest --chaos`.

use loki_testkit::TestRepo;

use crate::support::*;

#[test]
fn the_sweep_says_what_it_did_and_the_same_numbers_have_the_same_runs() {
    let repo = TestRepo::unversioned("repo");
    let args = ["selftest", "--chaos", "--runs", "40", "--seed", "7", "--json"];
    let first = loki(&repo).args(args).run().expect_code(0).json();
    assert_eq!(first["broken"], serde_json::Value::Null);
    assert!(first["faults"]["death_within"].as_u64() > Some(0), "{first}");
    assert_eq!(loki(&repo).args(args).run().expect_code(0).json(), first);
    let text = loki(&repo).args(["selftest", "--chaos", "--runs", "5"]).run().expect_code(0);
    assert!(text.stdout.contains("every promise was kept"), "{}", text.stdout);
}

#[test]
fn a_selftest_of_nothing_is_a_usage_error() {
    let repo = TestRepo::unversioned("repo");
    let _ = loki(&repo).args(["selftest"]).run().expect_code(2);
}
