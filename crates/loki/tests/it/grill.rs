//! Questions about a spec, and their answers.

use loki_testkit::{Script, TestRepo};

use crate::support::*;

#[test]
fn questions_are_told_with_their_place_and_a_proposal() {
    let repo = vague();
    let ran = loki(&repo).args(["grill"]).run().expect_code(1);
    insta::assert_snapshot!(ran.stdout);
}

#[test]
fn a_spec_that_leaves_nothing_open_exits_with_0() {
    let repo = project();
    let ran = loki(&repo).args(["grill", "prd.md"]).run().expect_code(0);
    assert_eq!(ran.stdout, "2 requirements, nothing to ask\n");
}

#[test]
fn json_and_sarif_say_the_same_as_the_text() {
    let repo = vague();
    let json =
        loki(&repo).args(["grill", "--json", "--sarif", "q.sarif"]).run().expect_code(1).json();
    assert_eq!(json["schema_version"], 1);
    assert_eq!((&json["serious"], &json["contradictions"]), (&3.into(), &1.into()));
    let sarif = std::fs::read_to_string(repo.root().join("q.sarif")).unwrap();
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), json["questions"].as_array().unwrap().len());
    assert_eq!(results[0]["ruleId"], "contradiction/negation");
    assert_eq!(results[0]["level"], "error");
}

#[test]
fn answers_are_written_below_what_they_are_about_and_close_their_questions() {
    let repo = vague();
    let json = loki(&repo).args(["grill", "--json"]).run().expect_code(1).json();
    let ids: Vec<&str> =
        json["questions"].as_array().unwrap().iter().filter_map(|q| q["id"].as_str()).collect();
    let answers: serde_json::Map<String, serde_json::Value> =
        ids.iter().map(|id| ((*id).to_owned(), format!("decided {id}").into())).collect();
    repo.write("answers.json", serde_json::to_string(&answers).unwrap());
    let answered =
        loki(&repo).args(["grill", "prd.md", "--answer=answers.json"]).run().expect_code(0);
    assert_eq!(answered.stdout, "prd.md: 3 answered, 0 open\n");
    let text = std::fs::read_to_string(repo.root().join("prd.md")).unwrap();
    for id in ids {
        assert!(text.contains(&format!("  - decided {id} <!-- {id} -->")), "{text}");
    }
    let again = loki(&repo).args(["grill"]).run().expect_code(0);
    assert!(again.stdout.contains("nothing to ask"), "{}", again.stdout);
}

#[test]
fn an_answer_to_nothing_is_refused_and_nothing_is_written() {
    let repo = vague().file("a.json", r#"{"Q-0000": "yes"}"#);
    let ran = loki(&repo).args(["grill", "prd.md", "--answer=a.json"]).run().expect_code(2);
    assert!(ran.stderr.contains("Q-0000"), "{}", ran.stderr);
    assert_eq!(std::fs::read_to_string(repo.root().join("prd.md")).unwrap(), VAGUE);
}

#[test]
fn open_questions_can_be_appended_to_the_spec() {
    let repo = vague();
    let _ = loki(&repo).args(["grill", "prd.md", "--apply"]).run().expect_code(1);
    let text = std::fs::read_to_string(repo.root().join("prd.md")).unwrap();
    assert!(text.starts_with(VAGUE) && text.contains("## Open questions"), "{text}");
}

#[test]
fn where_nobody_can_answer_it_says_how_else() {
    let repo = vague();
    let ran = loki(&repo).args(["grill", "prd.md", "--answer"]).run().expect_code(2);
    assert!(ran.stderr.contains("--answer=FILE"), "{}", ran.stderr);
    let brief = loki(&repo).args(["grill", "make it fast", "--apply"]).run().expect_code(2);
    assert!(brief.stderr.contains("prd.md"), "{}", brief.stderr);
}

#[test]
fn rules_are_explained() {
    let repo = vague();
    let ran = loki(&repo).args(["grill", "--explain", "vague/no-limit"]).run().expect_code(0);
    assert!(ran.stdout.contains("rather:"), "{}", ran.stdout);
    let _ = loki(&repo).args(["grill", "--explain", "nothing"]).run().expect_code(2);
}

const ANSWER: &str = r#"{"questions": [{"requirement": null, "serious": true, "message": "nobody owns a note",
    "ask": "Whose is a note after its author left?", "assumption": "it is deleted"}]}"#;

#[test]
fn an_agent_that_is_asked_adds_its_questions() {
    let repo = project();
    let script =
        save(&repo, &Script::new().call(|c| c.write("questions.json", ANSWER).say("done")));
    let ran = loki(&repo)
        .args(["grill", "prd.md", "--with-agent", "--yes", "--provider"])
        .args([script.provider()])
        .run()
        .expect_code(1);
    assert!(
        ran.stdout.contains("Whose is a note") && ran.stdout.contains("[agent]"),
        "{}",
        ran.stdout
    );
    assert!(!repo.root().join("questions.json").exists());
}

#[test]
fn what_asking_cost_is_in_the_ledger_and_is_no_run() {
    let repo = project();
    let script =
        save(&repo, &Script::new().call(|c| c.write("questions.json", ANSWER).say("done")));
    let ask = ["grill", "prd.md", "--with-agent", "--yes", "--provider"];
    let _ = loki(&repo).args(ask).args([script.provider()]).run().expect_code(1);
    let spent = loki(&repo).args(["spend", "--json"]).run().expect_code(0).json();
    assert_eq!(spent["charged_usd"], 2.0);
    let entry = &spent["entries"][0];
    assert_eq!((&entry["what"], &entry["calls"]), (&"questions about a spec".into(), &1.into()));
    assert_eq!(entry["title"], "Sums");
    let told = loki(&repo).args(["spend"]).run().expect_code(0).stdout;
    assert!(told.contains("$2.00 in all, $2.00 of it for a call that did not"), "{told}");
    let runs = loki(&repo).args(["runs", "--json"]).run().expect_code(0).json();
    assert_eq!(runs["runs"].as_array().unwrap().len(), 0);
    let _ = loki(&repo).args(["status"]).run().expect_code(0);
}

#[test]
fn an_agent_that_answers_nothing_readable_exits_with_3_and_the_rest_is_told() {
    let repo = vague();
    let script = save(&repo, &Script::new().call(|c| c.say("I will not")));
    let ran = loki(&repo)
        .args(["grill", "prd.md", "--with-agent", "--yes", "--json", "--provider"])
        .args([script.provider()])
        .run()
        .expect_code(3)
        .json();
    assert_eq!(ran["serious"], 3);
    assert!(ran["agent"]["failure"].as_str().unwrap().contains("JSON"), "{ran}");
}

#[test]
fn an_agent_that_costs_is_not_asked_before_somebody_agreed() {
    let repo = vague();
    let ran = loki(&repo)
        .args(["grill", "--with-agent", "--provider", "command:true"])
        .run()
        .expect_code(2);
    assert!(ran.stderr.contains("--yes"), "{}", ran.stderr);
}

#[test]
fn what_an_openapi_document_contradicts_is_a_question_too_and_stops_a_run() {
    let api = include_str!("../../../loki-spec/tests/specs/contradictory.yaml");
    let repo = TestRepo::new().file("api.yaml", api).commit("start");
    let json = loki(&repo).args(["grill", "api.yaml", "--json"]).run().expect_code(1).json();
    let first = &json["questions"][0];
    assert!(first["rule"].as_str().unwrap().starts_with("api/"), "{first}");
    assert_eq!(first["severity"], "error");
    let ran = loki(&repo).args(["start", "api.yaml", "--yes", "--provider", "command:true"]).run();
    assert!(ran.expect_code(2).stderr.contains("contradicts itself"));
}
