//! The real tools that write specs, beside our readers of what they write.

use std::path::Path;
use std::process::Command;

use loki_spec::{FolderFile, SpecProblem, is_folder_file, read_folder};
use loki_testkit::{TestRepo, require_tool};
use serde_json::Value;

use crate::support::*;

/// What makes `openspec validate` call a change invalid; all else that we tell it only warns of.
const ERRORS: [&str; 6] = [
    "openspec/no-delta",
    "openspec/no-text",
    "openspec/no-scenario",
    "openspec/twice",
    "openspec/unpaired",
    "openspec/lost-scenario",
];

const OK: &str = "### Requirement: Ok\nThe system SHALL work.\n\n#### Scenario: One\n- **WHEN** a\n- **THEN** b\n";

/// Deltas of a change, by the name of the change.
fn deltas() -> Vec<(&'static str, String)> {
    let added = |text: &str| format!("## ADDED Requirements\n\n{text}");
    let export = OK.replace(": Ok", ": Export");
    let steps = "- **WHEN** a\n- **THEN** b\n";
    let head = "### Requirement: Ok\nThe system SHALL work.\n\n";
    vec![
        ("valid", added(OK)),
        ("lowercase-section", format!("## added requirements\n\n{OK}")),
        ("no-shall", added(&OK.replace("SHALL work", "works"))),
        ("lower-shall", added(&OK.replace("SHALL", "shall"))),
        ("no-scenario", added(head)),
        ("no-text", added(&OK.replace("The system SHALL work.\n", ""))),
        ("scenario-as-item", added(&format!("{head}- Scenario: One\n"))),
        ("scenario-too-high", added(&format!("{head}### Scenario: One\n{steps}"))),
        ("scenario-in-bold", added(&format!("{head}**Scenario: One**\n{steps}"))),
        ("empty-scenario", added(&format!("{head}#### Scenario: One\n"))),
        ("twice", added(&format!("{OK}\n{OK}"))),
        ("added-and-modified", added(&format!("{OK}\n## MODIFIED Requirements\n\n{OK}"))),
        ("added-and-removed", added(&format!("{OK}\n## REMOVED Requirements\n\n### Requirement: Ok\n"))),
        ("no-section", format!("## Requirements\n\n{OK}")),
        ("beside-a-section", format!("## Notes\n\n{}\n{}", OK.replace("Ok", "Other"), added(OK))),
        ("removed", "## REMOVED Requirements\n\n### Requirement: Slips\n**Reason**: x\n".to_owned()),
        ("removed-as-item", "## REMOVED Requirements\n\n- `### Requirement: Slips`\n".to_owned()),
        (
            "renamed",
            "## RENAMED Requirements\n\n- FROM: `### Requirement: Export`\n- TO: `### Requirement: All`\n".to_owned(),
        ),
        ("unpaired", "## RENAMED Requirements\n\n- FROM: `### Requirement: Export`\n".to_owned()),
        ("in-a-code-block", format!("```\n{}```\n", added(OK))),
        ("added-twice-over-time", added(&export)),
        ("modified-unknown", format!("## MODIFIED Requirements\n\n{OK}")),
        ("modified-loses", format!("## MODIFIED Requirements\n\n{export}")),
        (
            "modified",
            format!("## MODIFIED Requirements\n\n{}", export.replace("Scenario: One", "Scenario: One order")),
        ),
        ("empty", "# Nothing\n".to_owned()),
    ]
}

const KEPT: &str = "# Billing\n\n## Purpose\nWhat customers pay, and what the books say about it in the end.\n\n\
    ## Requirements\n\n### Requirement: Export\nThe export MUST have a row for each order.\n\n\
    #### Scenario: One order\n- **WHEN** a\n- **THEN** b\n\n\
    ### Requirement: Slips\nClerks SHALL fill in slips.\n\n#### Scenario: Slip\n- **WHEN** a\n- **THEN** b\n";

const PROPOSAL: &str = "# Change\n\n## Why\n\nBecause people wait for it every day, and have waited for long.\n\n\
    ## What Changes\n\n- Something\n";

/// The files of `root` that belong to a spec.
fn files(root: &Path) -> Vec<FolderFile> {
    let mut files = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let below = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if is_folder_file(&below) {
                let text = std::fs::read_to_string(path).unwrap();
                files.push(FolderFile { path: below, text });
            }
        }
    }
    files
}

fn rule(problem: &SpecProblem) -> Option<&'static str> {
    match problem.kind() {
        SpecProblem::Lint { rule, .. } | SpecProblem::Contradiction { rule, .. } => Some(rule),
        _ => None,
    }
}

#[test]
fn openspec_calls_those_changes_invalid_that_we_do() {
    let Some(openspec) = require_tool("openspec") else { return };
    let repo = TestRepo::unversioned("openspec-cases");
    repo.write("openspec/specs/billing/spec.md", KEPT);
    for (name, delta) in deltas() {
        repo.write(&format!("openspec/changes/{name}/proposal.md"), PROPOSAL);
        repo.write(&format!("openspec/changes/{name}/specs/billing/spec.md"), &delta);
    }
    let ran = Command::new(openspec)
        .args(["validate", "--changes", "--json", "--no-interactive"])
        .current_dir(repo.root())
        .env("HOME", repo.home())
        .env("OPENSPEC_TELEMETRY", "0")
        .env("DO_NOT_TRACK", "1")
        .output()
        .unwrap();
    let told: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let all = files(repo.root());
    let items = told["items"].as_array().unwrap();
    assert_eq!(items.len(), deltas().len());
    for item in items {
        let name = item["id"].as_str().unwrap();
        let own = format!("openspec/changes/{name}/");
        let is_own = |file: &&FolderFile| {
            file.path.starts_with(&own) || file.path.starts_with("openspec/specs/")
        };
        let files: Vec<_> = all.iter().filter(is_own).cloned().collect();
        let (_, problems) = read_folder(".", &files, None).unwrap();
        let rules: Vec<_> = problems.iter().filter_map(rule).collect();
        let is_valid = !rules.iter().any(|rule| ERRORS.contains(rule));
        assert_eq!(Some(is_valid), item["valid"].as_bool(), "{name}: {rules:?}\n{item:#}");
    }
}

#[test]
fn our_own_example_of_openspec_is_valid_to_both() {
    let Some(openspec) = require_tool("openspec") else { return };
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../loki-spec/tests/folders/openspec");
    let repo = TestRepo::unversioned("openspec-example");
    for file in files(&example) {
        repo.write(&format!("openspec/{}", file.path.trim_start_matches("openspec/")), &file.text);
    }
    let ran = Command::new(openspec)
        .args(["validate", "--all", "--strict", "--json", "--no-interactive"])
        .current_dir(repo.root())
        .env("HOME", repo.home())
        .env("OPENSPEC_TELEMETRY", "0")
        .env("DO_NOT_TRACK", "1")
        .output()
        .unwrap();
    let told: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let valid = |item: &Value| item["valid"] == true;
    assert!(told["items"].as_array().is_some_and(|items| items.iter().all(valid)), "{told:#}");
    let (_, problems) = read_folder(".", &files(repo.root()), None).unwrap();
    let rules: Vec<_> = problems.iter().filter_map(rule).collect();
    assert!(!rules.iter().any(|rule| ERRORS.contains(rule)), "{rules:?}");
}

#[test]
fn a_project_that_bmad_installed_is_read_from_where_its_settings_say() {
    let Some(bmad) = require_tool("bmad-method") else { return };
    let repo = TestRepo::unversioned("bmad-project");
    let ran = Command::new(bmad)
        .args([
            "install",
            "--yes",
            "--directory",
            ".",
            "--modules",
            "bmm",
            "--tools",
            "claude-code",
        ])
        .args(["--user-name", "someone", "--output-folder", "made"])
        .current_dir(repo.root())
        .env("HOME", repo.home())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("../loki-spec/tests/folders/bmad");
    for file in files(&documents) {
        if let Some(path) = file.path.strip_prefix("_bmad-output/") {
            repo.write(&format!("made/{path}"), &file.text);
        }
    }
    let script = save(&repo, &right());
    let ran =
        loki(&repo).args(["start", "--bmad-project", ".", "--provider", &script.provider()]).run();
    // It ends at the question whether money may be spent, the spec having been read.
    assert!(
        ran.stderr.contains("made/planning-artifacts/epics.md:54: FR9 is named"),
        "{}",
        ran.stderr
    );
}
