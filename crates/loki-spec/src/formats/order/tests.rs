//! Orders as the tools write them, and lists that want to break something.

use super::*;
use crate::formats::{FolderFile, read_as, read_folder};

fn folder(files: &[(&str, &str)]) -> Spec {
    let file = |(path, text): &(&str, &str)| FolderFile {
        path: (*path).to_owned(),
        text: (*text).to_owned(),
    };
    let files: Vec<FolderFile> = files.iter().map(file).collect();
    read_folder("f", &files, None).unwrap().0
}

fn single(source: &str, text: &str) -> Spec {
    read_as(source, text).unwrap().0
}

/// `2.1 after 1 for Log in`, each requirement by its first words.
fn shown(spec: &Spec) -> Vec<String> {
    let name = |id: &RequirementId| {
        let text = &spec.requirements.iter().find(|it| it.id == *id).unwrap().text;
        text.split([':', ' ']).next().unwrap().to_owned()
    };
    let line = |task: &ListedTask| {
        let mut line = task.id.clone();
        if !task.after.is_empty() {
            line.push_str(&format!(" after {}", task.after.join(" ")));
        }
        let requirements: Vec<String> = task.requirements.iter().map(name).collect();
        if !requirements.is_empty() {
            line.push_str(&format!(" for {}", requirements.join(" ")));
        }
        line
    };
    spec.order.iter().map(line).collect()
}

const REQUIREMENTS: &str = "\
# Requirements

### Requirement 1: Login

#### Acceptance Criteria

1. WHEN the password is right THEN the system SHALL open the list

### Requirement 2: Logout

#### Acceptance Criteria

1. WHEN I log out THEN the system SHALL end the session

### Requirement 3: Remember

#### Acceptance Criteria

1. WHEN I come back THEN the system SHALL know me
";

fn kiro(tasks: &str) -> Spec {
    folder(&[("requirements.md", REQUIREMENTS), ("tasks.md", tasks)])
}

const KIRO: &str = "\
# Implementation Plan

- [x] 1. Set up the project
  - _Requirements: 3.1_
- [ ] 2. Build the form
  - [x] 2.1 Draw it
    - _Requirements: 1.1_
  - [ ] 2.2 Check it
    - Say why it is wrong
    - _Requirements: 1.1_
  - [ ]* 2.3 Write property test for it
    - **Validates: Requirements 1.1**
- [ ] 3. Checkpoint - Ensure all tests pass
- [-] 4. Tidy up
";

#[test]
fn tasks_of_kiro_come_one_after_another_and_who_is_divided_has_no_work_of_its_own() {
    let spec = kiro(KIRO);
    // What is optional and what only checks is left out; the last one sees to what no task is for.
    assert_eq!(shown(&spec), ["2.2 for Login", "4 after 2.2 for Logout"]);
    let task = &spec.order[0];
    assert_eq!(task.title, "Check it");
    assert_eq!(
        task.detail,
        "Part of: Build the form\n- Say why it is wrong\n- _Requirements: 1.1_\n"
    );
    assert_eq!(task.origin.to_string(), "f/tasks.md:8");
}

#[test]
fn waves_of_kiro_are_done_beside_each_other() {
    let tasks = "\
- [ ] 1. Both
  - [ ] 1.1 One
    - _Requirements: 1.1_
  - [ ] 1.2 Two
    - _Requirements: 2.1_
- [ ] 2. Three
  - _Requirements: 3.1_
- [ ] 3. Last

## Task Dependency Graph

```json
{\"waves\": [{\"id\": 0, \"tasks\": [\"1.1\", \"2\"]}, {\"id\": 1, \"tasks\": [\"1.2\"]}]}
```
";
    assert_eq!(
        shown(&kiro(tasks)),
        ["1.1 for Login", "1.2 after 1.1 2 for Logout", "2 for Remember", "3 after 1.1 1.2 2"]
    );
    let strange = tasks.replace("\"1.2\"]", "\"9.9\"]");
    assert_eq!(shown(&kiro(&strange))[0], "1.1 after 9.9 for Login", "told, not lost");
}

#[test]
fn parallel_marks_and_dependencies_of_cc_sdd_hold() {
    let tasks = "\
- [ ] 1. First
- [ ] 2. (P) Left
- [ ] 3. Right (P)
- [ ] 4. Both
  - _Depends: 1, 2_
";
    let spec = single("tasks.md", tasks);
    let after: Vec<String> = spec.order.iter().map(|task| task.after.join(" ")).collect();
    assert_eq!(after, ["", "1", "1", "2 3 1"]);
}

const SPEC: &str = "\
# Feature Specification: Notes

### User Story 1 - Write (Priority: P1)

A user writes a note.

### User Story 2 - Search (Priority: P2)

A user finds a note.

## Requirements

- **FR-001**: System MUST keep notes
- **FR-002**: System MUST sort notes
";

const SPEC_KIT: &str = "\
# Tasks: Notes

## Format: `[ID] [P?] [Story] Description`

<!--
- [ ] T900 A sample
-->

## Phase 1: Setup

- [X] T001 Create the project
- [ ] T002 [P] Configure the linter in pyproject.toml
- [ ] T003 [P] Configure the tests

## Phase 2: Foundational

- [ ] T004 Set up the store (FR-001)

## Phase 3: User Story 1 - Write (Priority: P1)

### Tests for User Story 1

- [ ] T005 [P] [US1] Test of writing in tests/test_write.py

### Implementation for User Story 1

- [ ] T006 [P] [US1] Create the note in src/note.py
- [ ] T007 [P] [US1] Create the page in src/page.py
- [ ] T008 [US1] Join them (depends on T006, T007)

## Phase 4: User Story 2 - Search (Priority: P2)

- [ ] T009 [US2] Search in src/search.py

## Phase 5: Polish

- [ ] TXXX [P] Documentation in docs/

## Dependencies & Execution Order

- **User Stories (Phase 3+)**: All depend on Foundational phase completion

```bash
Task: \"Test of writing\"
```
";

fn spec_kit(tasks: &str) -> Spec {
    folder(&[("spec.md", SPEC), ("tasks.md", tasks)])
}

#[test]
fn phases_of_spec_kit_come_one_after_another_and_stories_beside_each_other() {
    assert_eq!(
        shown(&spec_kit(SPEC_KIT)),
        [
            "T002",
            "T003",
            "T004 after T002 T003 for FR1",
            "T005 after T004 for Write",
            "T006 after T005 for Write",
            "T007 after T005 for Write",
            "T008 after T006 T007 for Write",
            "T009 after T004 for Search",
            "line-37 after T008 T009 for FR2",
        ]
    );
}

#[test]
fn a_story_that_depends_on_another_one_comes_after_it() {
    let tasks = format!("{SPEC_KIT}\n- **User Story 2 (P2)**: Depends on US1 for its notes\n");
    let shown = shown(&spec_kit(&tasks));
    assert!(shown.contains(&"T009 after T004 T008 for Search".to_owned()), "{shown:?}");
}

#[test]
fn a_phase_that_is_done_is_waited_for_no_more() {
    let tasks = SPEC_KIT.replace("- [ ] T004", "- [x] T004").replace("- [ ] T009", "- [x] T009");
    let shown = shown(&spec_kit(&tasks));
    assert!(shown.contains(&"T005 after T002 T003 for Write".to_owned()), "{shown:?}");
    assert!(shown.contains(&"line-37 after T008 for FR2".to_owned()), "{shown:?}");
}

const TASKS_JSON: &str = r#"{"master": {"tasks": [
  {"id": 1, "title": "Server", "status": "done", "dependencies": []},
  {"id": 2, "title": "Store", "details": "Use a file.\nOne line each.", "dependencies": [1],
   "subtasks": [{"id": 1, "title": "Open", "status": "done"},
                {"id": 2, "title": "Write", "dependencies": [1, "4.1"]}]},
  {"id": 3, "title": "Page", "status": "cancelled", "dependencies": [2]},
  {"id": 4, "title": "Count", "status": "pending", "dependencies": ["1.2"]},
  {"id": "5", "title": "Show", "status": "in-progress", "dependencies": [3, "4.1"]}
]}}"#;

#[test]
fn tasks_of_task_master_wait_for_what_they_depend_on() {
    let spec = single("tasks.json", TASKS_JSON);
    assert_eq!(shown(&spec), ["2 after 4 for Store", "4 for Count", "5 after 2 4 for Show"]);
    assert_eq!(
        spec.order[0].detail,
        "Use a file.\nOne line each.\n- [x] 2.1 Open\n- [ ] 2.2 Write\n"
    );
    assert_eq!(spec.order[0].origin.line, Some(3));
}

#[test]
fn tasks_of_several_tags_do_not_meet() {
    let list = |title: &str| {
        format!(r#"{{"tasks": [{{"id": 1, "title": "{title}", "dependencies": []}}]}}"#)
    };
    let text = format!(r#"{{"master": {}, "a b": {}}}"#, list("One"), list("Two"));
    assert_eq!(shown(&single("t.json", &text)), ["master.1 for One", "a-b.1 for Two"]);
}

#[test]
fn what_only_has_tasks_and_no_dependencies_has_no_order() {
    for (source, text) in [
        ("prd.json", r#"{"tasks": [{"id": 1, "title": "One"}, {"id": 2, "title": "Two"}]}"#),
        ("prd.md", "- [ ] One\n- [ ] Two\n"),
        ("tasks.md", "- One\n- Two\n"),
        ("tasks.md", "- [x] One\n- [x] Two\n"),
    ] {
        assert_eq!(single(source, text).order, [], "{source}");
    }
}

#[test]
fn a_plain_list_is_done_from_top_to_bottom() {
    let text = "# Tasks\n\n- [x] Begin\n- [ ] Store notes\n  - in a file\n  - [ ] with a lock\n* [ ] Show notes\n";
    let spec = single("docs/tasks.md", text);
    assert_eq!(shown(&spec), ["2 for Store", "3 after 2 for Show"]);
    assert_eq!(spec.order[0].detail, "- in a file\n- [ ] with a lock\n");
}

#[test]
fn what_is_there_twice_or_not_at_all_is_kept_to_be_told() {
    let text = r#"{"tasks": [
        {"id": 1, "title": "a", "status": "done", "dependencies": []},
        {"id": 1, "title": "b", "dependencies": [9]},
        {"id": 2, "title": "c", "dependencies": [2]}]}"#;
    let spec = single("tasks.json", text);
    assert_eq!(shown(&spec), ["1 for a", "1 after 9 for b", "2 after 2 for c"]);
}

#[test]
fn a_huge_list_is_only_counted() {
    let text: String = (0..20_000).map(|n| format!("- [ ] thing number{n} works\n")).collect();
    let order = read_order("tasks.md", &text, &Spec::of("", "", "")).unwrap();
    assert_eq!(order.len(), LISTED_MAX);
    assert!(order.iter().all(|task| task.after.is_empty()));
}

#[test]
fn a_list_elsewhere_is_known_by_the_names_of_requirements() {
    let spec = spec_kit(SPEC_KIT);
    let order = read_order("x/tasks.md", "- [ ] T1 Sort (FR-002)\n- [ ] T2 Look\n", &spec).unwrap();
    let spec = Spec { order, ..spec };
    assert_eq!(shown(&spec), ["T1 for FR2", "T2 after T1 for Write Search FR1"]);
    let broken = read_order("tasks.json", "{", &spec).unwrap_err().to_string();
    assert!(broken.contains("`tasks.json`, line 1"), "{broken}");
}

#[test]
fn a_lock_that_renames_requirements_renames_them_in_the_order() {
    let spec = single("tasks.md", "- [ ] Store notes in a file\n- [ ] Show notes\n");
    let lock = crate::Lock::of(std::slice::from_ref(&spec), None);
    let again = single("tasks.md", "- [ ] Store all notes in a file\n- [ ] Show notes\n");
    let named = lock.name(again);
    assert_eq!(named.order[0].requirements, spec.order[0].requirements);
}
