//! Whatever a user hands over becomes requirements.

use loki_testkit::{Ran, ScriptFile, TestRepo};
use serde_json::Value;

use crate::support::*;

const API: &str = "\
openapi: 3.0.3
info: {title: Sums, version: '1'}
paths:
  /sum:
    get:
      operationId: add
      summary: The sum of two numbers
      parameters:
        - {name: a, in: query, required: true, schema: {type: integer, minimum: 0}}
      responses:
        '200': {description: The sum}
        '400': {description: A number is missing}
    delete:
      operationId: add
      responses:
        '204': {description: Nothing}
";

fn begin(repo: &TestRepo, args: &[&str]) -> (Ran, ScriptFile) {
    let script = save(repo, &right());
    let ran = loki(repo)
        .args(["start", "--yes", "--provider", &script.provider()])
        .args(args.iter().copied())
        .run();
    (ran, script)
}

fn requirements(repo: &TestRepo) -> Vec<String> {
    let evidence: Value = serde_json::from_str(&repo.read(".loki/verify/evidence.json")).unwrap();
    let all = evidence["spec"]["requirements"].as_array().unwrap();
    all.iter().map(|it| it["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_operation_of_an_api_is_a_requirement_of_the_run() {
    let repo = project();
    repo.write("openapi.yaml", API);
    let (ran, script) = begin(&repo, &["openapi.yaml"]);
    assert!(ran.stderr.contains("VERIFIED"), "{}", ran.stderr);
    assert_eq!(
        requirements(&repo),
        ["GET /sum (add): The sum of two numbers", "DELETE /sum (add)"]
    );
    assert!(ran.stderr.contains("spec: openapi.yaml:14: operationId `add`"), "{}", ran.stderr);
    assert!(script.prompts()[0].contains("GET /sum (add): The sum of two numbers"));
}

#[test]
fn several_sources_become_one_spec() {
    let repo = project();
    repo.write("openapi.yaml", API.replace("operationId: add\n      responses", "responses"));
    repo.write("more.md", "# More\n\n- There must be a unit test for it.\n- It is fast.\n");
    let (ran, _) = begin(&repo, &["prd.md", "openapi.yaml", "more.md"]);
    assert_eq!(requirements(&repo).len(), 5, "{}", ran.stderr);
    let told = "spec: more.md:3: says the same as prd.md:6, and counts once";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
}

#[test]
fn a_directory_of_a_tool_is_a_spec() {
    let repo = project();
    repo.write("changes/x/proposal.md", "# Add sums\n\n## Why\n\nSums are missing.\n");
    let delta = "## ADDED Requirements\n\n### Requirement: Sums\nThe function SHALL add.\n\n\
                 #### Scenario: Two\n- **WHEN** 2 and 3\n- **THEN** 5\n";
    repo.write("changes/x/specs/sums/spec.md", delta);
    for args in [&["changes/x"][..], &["--openspec", "changes/x", "--fresh"]] {
        let (ran, _) = begin(&repo, args);
        assert_eq!(requirements(&repo), ["sums: Sums: The function SHALL add."], "{}", ran.stderr);
    }
}

#[test]
fn without_a_spec_the_one_that_is_here_is_taken_in_a_known_order() {
    for name in ["PRD.md", "spec.yaml", "SPEC.md", "docs/spec.json"] {
        let repo = TestRepo::new().file("sums.py", "").commit("start");
        let text =
            if name.ends_with("md") { "- it adds\n" } else { "{\"requirements\": [\"it adds\"]}" };
        repo.write(name, text);
        let (ran, _) = begin(&repo, &[]);
        assert_eq!(requirements(&repo), ["it adds"], "{name}: {}", ran.stderr);
    }
}

/// Runs without a terminal, which must end before anything is spent.
fn refused(repo: &TestRepo, args: &[&str]) -> String {
    let (ran, script) = begin(repo, args);
    assert_eq!(ran.code, Some(2), "{args:?}\n{}\n{}", ran.stdout, ran.stderr);
    assert_eq!(script.prompts().len(), 0, "the agent was called");
    ran.stderr
}

#[test]
fn of_several_specs_none_is_guessed() {
    let repo = project();
    repo.write("spec.yaml", "requirements: [x]\n");
    repo.write("docs/prd.md", "- y\n");
    let told = refused(&repo, &[]);
    assert!(told.contains("several specs here: prd.md, spec.yaml, docs/prd.md"), "{told}");
    assert!(told.contains("loki start prd.md"), "{told}");
}

#[test]
fn code_without_a_spec_is_never_described_in_silence() {
    let repo = TestRepo::new().file("sums.py", "").commit("start");
    let told = refused(&repo, &[]);
    assert!(told.contains("write PRD.md"), "{told}");
}

#[test]
fn what_is_not_in_its_format_is_refused_with_file_line_and_what_to_do() {
    let repo = project();
    repo.write("a.json", "{\n  \"requirements\": [\"x\",]\n}\n");
    repo.write("a.yaml", "requirements:\n  - x\n - y\n");
    repo.write("openapi.yml", "openapi: 3.0.0\npaths: {\n");
    repo.write("change/proposal.md", "# A\n");
    std::fs::create_dir(repo.root().join("nothing")).unwrap();
    for (args, told) in [
        (&["a.json"][..], "`a.json`, line 2, column"),
        (&["a.yaml"], "`a.yaml`, line 3, column"),
        (&["openapi.yml"], "`openapi.yml`, line "),
        (&["change"], "no specs/NAME/spec.md"),
        (&["--bmad-project", "change"], "neither a PRD nor epics"),
        (&["--openspec", "missing"], "`missing` is not there"),
        (&["nothing"], "`nothing` is a directory without a spec"),
        (&["missing.yaml"], "there is no file `missing.yaml`"),
    ] {
        let stderr = refused(&repo, args);
        assert!(stderr.contains(told), "{args:?}: {stderr}");
    }
}
