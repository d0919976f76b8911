//! Roles, shown and run.

use loki_testkit::Script;

use crate::support::*;

#[test]
fn roles_are_listed_and_shown_with_their_charter() {
    let repo = project();
    let listed = loki(&repo).args(["agent", "list", "--json"]).run().expect_code(0).json();
    let names: Vec<&str> =
        listed["roles"].as_array().unwrap().iter().filter_map(|r| r["name"].as_str()).collect();
    assert_eq!(names[..3], ["implementer", "tester", "reviewer"]);
    assert_eq!(names.len(), 44);
    let domains: std::collections::BTreeSet<&str> =
        listed["roles"].as_array().unwrap().iter().filter_map(|r| r["domain"].as_str()).collect();
    assert_eq!(domains.len(), 9, "{domains:?}");
    let shown = loki(&repo).args(["agent", "info", "tester"]).run().expect_code(0);
    assert!(shown.stdout.contains("You write tests"), "{}", shown.stdout);
    let _ = loki(&repo).args(["agent", "info", "nobody"]).run().expect_code(2);
}

#[test]
fn a_run_in_a_role_tells_the_agent_its_charter_and_is_judged_like_any_other() {
    let repo = project();
    let prompt = repo.stage("prompt");
    let keep = format!("cat > {}", prompt.display());
    let script = Script::new()
        .call(|c| c.write("sums.py", RIGHT).write("test_sums.py", TEST).say("LOKI: DONE"));
    let script = save(&repo, &script);
    let _ = loki(&repo)
        .args(["agent", "run", "tester", "prd.md", "--yes", "--provider"])
        .args([script.provider()])
        .run()
        .expect_code(0);
    let _ = loki(&repo)
        .args(["agent", "run", "tester", "prd.md", "--yes", "--fresh", "--max-iterations", "1"])
        .args(["--provider", &format!("command:sh -c '{keep}'")])
        .run();
    let told = std::fs::read_to_string(prompt).unwrap();
    assert!(told.contains("# Your role") && told.contains("You write tests"), "{told}");
}

#[test]
fn a_role_that_changes_nothing_is_not_run_by_itself() {
    let repo = project();
    let ran = loki(&repo).args(["agent", "run", "reviewer", "prd.md", "--yes"]).run();
    assert!(ran.expect_code(2).stderr.contains("changes nothing"));
}
