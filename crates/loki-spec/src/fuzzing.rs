//! Readers of specs, for the fuzz targets in `fuzz/`: there only with `--cfg fuzzing`, and in tests,
//! which read what was found before. No part of the interface.
//!
//! Each takes any bytes and may fail only where a promise does not hold: that nothing panics, hangs or
//! grows without bound, and what is asserted here.

use std::collections::BTreeSet;

use loki_model::Spec;

use crate::formats::{FolderFile, FolderFormat, read_as, read_folder};
use crate::{
    ACCEPTANCE_MAX, NOTE_BYTES_MAX, NOTES_MAX, PROBLEMS_MAX, REQUIREMENTS_MAX, STATEMENT_BYTES_MAX,
    SpecProblem, decode, merge,
};

/// A reader.
pub type Target = fn(&[u8]);

/// Every reader, by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("asyncapi", asyncapi),
    ("agent_questions", agent_questions),
    ("bmad", bmad),
    ("grill", grilled),
    ("json_spec", json_spec),
    ("kiro", kiro),
    ("mentions", mentions),
    ("merge", merged),
    ("openapi", openapi),
    ("openspec", openspec),
    ("order", order),
    ("speckit", speckit),
    ("yaml_spec", yaml_spec),
];

/// Questions about any text, and answers written into it.
pub fn grilled(data: &[u8]) {
    let Ok(text) = decode(data) else { return };
    let (spec, problems) = crate::read("prd.md", &text);
    let questions = crate::grill(&spec, &problems);
    assert!(questions.len() <= crate::QUESTIONS_MAX);
    let names: BTreeSet<&str> = questions.iter().map(|question| question.id.as_str()).collect();
    assert_eq!(names.len(), questions.len());
    let answers: Vec<_> = questions.iter().map(|q| (q, "yes".to_owned())).collect();
    for place in [crate::Place::AtStatement, crate::Place::Section] {
        let written = crate::write_answers(&text, &answers, place);
        assert!(names.iter().all(|name| crate::answered(&written).contains(*name)));
    }
    let _ = crate::ledger(&spec, &questions, &[]);
}

/// What an agent answers that was asked to question a spec.
pub fn agent_questions(data: &[u8]) {
    let (spec, _) = crate::read("prd.md", "- Notes can be shared.\n");
    if let Ok(questions) = crate::questions_of_agent(&spec, &String::from_utf8_lossy(data)) {
        assert!(questions.len() <= crate::AGENT_QUESTIONS_MAX);
        assert!(!questions.iter().any(crate::Question::is_contradiction));
    }
}

/// Tests and commands that may speak of requirements: an OpenAPI document first, a NUL, then the text.
pub fn mentions(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (document, text) = text.split_once('\0').unwrap_or(("", &text));
    let Ok((spec, _)) = read_as("openapi.yaml", document) else { return };
    let all = crate::Mentions::of(text);
    for requirement in &spec.requirements {
        let names = crate::Names::of(requirement);
        assert!(all.may_have(&names) || !all.has(&names), "{requirement:?}");
    }
}

/// JSON specs, Task Master's tasks among them.
pub fn json_spec(data: &[u8]) {
    file("tasks.json", data);
}

/// Lists of tasks in Markdown.
pub fn order(data: &[u8]) {
    file("tasks.md", data);
}

/// YAML specs.
pub fn yaml_spec(data: &[u8]) {
    file("spec.yaml", data);
}

/// OpenAPI and Swagger.
pub fn openapi(data: &[u8]) {
    file_that_says("openapi", data);
}

/// AsyncAPI.
pub fn asyncapi(data: &[u8]) {
    file_that_says("asyncapi", data);
}

/// A change of OpenSpec.
pub fn openspec(data: &[u8]) {
    folder(FolderFormat::OpenSpec, data);
}

/// A project of BMAD.
pub fn bmad(data: &[u8]) {
    folder(FolderFormat::Bmad, data);
}

/// A feature of spec-kit.
pub fn speckit(data: &[u8]) {
    folder(FolderFormat::SpecKit, data);
}

/// A spec of Kiro.
pub fn kiro(data: &[u8]) {
    folder(FolderFormat::Kiro, data);
}

/// Two Markdown specs, the second one behind a line `===`.
pub fn merged(data: &[u8]) {
    let Ok(text) = decode(data) else { return };
    let specs = text.split("\n===\n").take(4).enumerate();
    let specs = specs.map(|(at, text)| crate::read(&format!("{at}.md"), text).0);
    let (spec, problems) = merge(specs.collect());
    check(&spec, &problems);
}

/// The word stays whatever else changes, so that the reader is reached.
fn file_that_says(word: &str, data: &[u8]) {
    let has_word = data.windows(word.len()).any(|part| part == word.as_bytes());
    if has_word || data.starts_with(b"{") {
        return file("api.yaml", data);
    }
    file("api.yaml", &[format!("{word}: 3.0.0\n").as_bytes(), data].concat());
}

fn file(name: &str, data: &[u8]) {
    let Ok(text) = decode(data) else { return };
    let last_line = u32::try_from(text.split('\n').count()).unwrap_or(u32::MAX);
    match read_as(name, &text) {
        Ok((spec, problems)) => {
            check(&spec, &problems);
            assert!(!problems.is_empty() || !spec.requirements.is_empty());
            for requirement in &spec.requirements {
                assert!(
                    requirement.origin.line.is_some_and(|line| (1..=last_line).contains(&line))
                );
            }
            assert_eq!(spec.text, text);
        }
        Err(err) => assert!(err.line >= 1 && !err.what.contains(char::is_control), "{err}"),
    }
}

/// Files begin with a line `=== PATH`; what is before the first one is `spec.md`.
fn folder(format: FolderFormat, data: &[u8]) {
    let Ok(text) = decode(data) else { return };
    let mut files: Vec<FolderFile> = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(path) = line.strip_prefix("=== ") {
            files.push(FolderFile { path: path.trim().to_owned(), text: String::new() });
        } else if let Some(file) = files.last_mut() {
            file.text.push_str(line);
        } else {
            files.push(FolderFile { path: "spec.md".to_owned(), text: line.to_owned() });
        }
    }
    if let Ok((spec, problems)) = read_folder("x", &files, Some(format)) {
        check(&spec, &problems);
        assert!(!problems.is_empty() || !spec.requirements.is_empty());
    }
}

/// What holds for whatever was read.
fn check(spec: &Spec, problems: &[SpecProblem]) {
    assert!(problems.len() <= PROBLEMS_MAX);
    assert!(spec.requirements.len() <= REQUIREMENTS_MAX);
    let ids: BTreeSet<_> = spec.requirements.iter().map(|requirement| &requirement.id).collect();
    assert_eq!(ids.len(), spec.requirements.len());
    let is_line = |text: &str, bytes_max: usize| {
        !text.is_empty() && text.len() <= bytes_max && !text.contains(char::is_control)
    };
    for requirement in &spec.requirements {
        assert!(is_line(&requirement.text, STATEMENT_BYTES_MAX), "{requirement:?}");
        assert!(requirement.acceptance.len() <= ACCEPTANCE_MAX);
        let all = requirement.acceptance.iter();
        assert!(all.clone().all(|text| is_line(text, STATEMENT_BYTES_MAX)), "{requirement:?}");
        let files = crate::file_assertions(requirement);
        let is_inside = |path: &str| !path.split('/').any(|part| matches!(part, "" | "." | ".."));
        assert!(files.iter().all(|file| is_inside(&file.path)), "{files:?}");
    }
    for notes in [&spec.constraints, &spec.assumptions, &spec.context] {
        assert!(notes.len() <= NOTES_MAX);
        assert!(notes.iter().all(|note| is_line(&note.text, NOTE_BYTES_MAX)), "{notes:?}");
    }
    let served: BTreeSet<_> = spec.order.iter().flat_map(|task| &task.requirements).collect();
    assert!(served.iter().all(|id| ids.contains(id)), "{:?}", spec.order);
    for task in &spec.order {
        assert!(is_line(&task.title, 200) && !task.id.is_empty(), "{task:?}");
        assert!(task.detail.len() <= 9 * 1024, "{task:?}");
    }
    for problem in problems {
        assert!(problem.line().is_none_or(|line| line >= 1), "{problem:?}");
        assert!(!problem.to_string().contains(['\n', '\u{1b}']), "{problem:?}");
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    /// Seeds, and what was found before.
    #[test]
    fn every_seed_is_read_as_promised() {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
        for (name, target) in TARGETS {
            let files: Vec<_> = fs::read_dir(seeds.join(name)).unwrap().flatten().collect();
            assert!(!files.is_empty(), "no seeds of {name}");
            files.iter().for_each(|file| target(&fs::read(file.path()).unwrap()));
        }
    }

    /// Pieces that mean something to one of the readers, in any order.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "openapi: 3.0.0\n",
            "swagger: '2.0'\n",
            "asyncapi: 3.0.0\n",
            "paths:\n",
            "  /a/{b}:\n",
            "    get:\n",
            "      responses: {'200': {description: x}}\n",
            "      parameters: [{name: b, in: path}]\n",
            "components: {schemas: {A: {$ref: '#/components/schemas/A'}}}\n",
            "channels:\n",
            "operations:\n",
            "  a: {action: send, channel: {$ref: '#/channels/x'}}\n",
            "requirements:\n",
            "  - text: x\n",
            "    acceptance: [a, b]\n",
            "features: {a: {b: [c]}}\n",
            "tasks: [{title: a, subtasks: [{title: b}]}]\n",
            "{",
            "}",
            "[",
            "]",
            "\"requirements\": ",
            "\"a\", ",
            ": ",
            "- ",
            "  ",
            "\n",
            "&a ",
            "*a ",
            "<<: *a\n",
            "=== proposal.md\n",
            "=== specs/a/spec.md\n",
            "=== prd.md\n",
            "=== epics.md\n",
            "=== requirements.md\n",
            "=== tasks.md\n",
            "=== 1-1-a.md\n",
            "---\ntitle: x\n---\n",
            "# A\n",
            "## ADDED Requirements\n",
            "## RENAMED Requirements\n",
            "- FROM: `### Requirement: A`\n",
            "- TO: `### Requirement: B`\n",
            "### Requirement: A\n",
            "It SHALL work.\n",
            "#### Scenario: S\n",
            "- **WHEN** x\n",
            "FR1: a thing\n",
            "#### FR-1: name\n",
            "- **NFR-02**: fast\n",
            "### Story 1.1: a\n",
            "As a b,\nI want c.\n",
            "**Given** a\n**When** b\n**Then** c\n",
            "### User Story 1 - a (Priority: P1)\n",
            "- **FR-001**: System MUST x\n",
            "### Requirement 1: a\n",
            "1. WHEN a THEN the system SHALL b\n",
            "  - _Requirements: 1.1, 9_\n",
            "[ASSUMPTION: b]\n",
            "| FR2 | b |\n|---|---|\n| FR3 | c |\n",
            "===\n",
            "<ul><li>a",
            "</li>",
            "<table><tr><td>",
            "<del>",
            "&lt;",
            "größe\n",
            "\u{7}",
        ]);
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_promised(text in any::<String>()) {
            TARGETS.iter().for_each(|(_, target)| target(text.as_bytes()));
        }

        #[test]
        fn any_order_of_known_pieces_is_read_as_promised(text in pieces()) {
            TARGETS.iter().for_each(|(_, target)| target(text.as_bytes()));
        }
    }

    /// Texts that nest, repeat or refer without end.
    #[test]
    fn what_goes_on_without_end_is_read_in_time() {
        let many = 5_000;
        let refs: String = (0..many / 10)
            .map(|n| format!("    A{n}: {{$ref: '#/components/schemas/A{}'}}\n", n + 1))
            .collect();
        let wide: String =
            (0..many).map(|n| format!("    k{n}: {{type: string, minimum: 1}}\n")).collect();
        let laughs: String = (0..30)
            .map(|n| {
                let below = format!("{{$ref: '#/components/schemas/L{}'}}", n + 1);
                format!("    L{n}: {{type: object, properties: {{a: {below}, b: {below}, c: {below}}}}}\n")
            })
            .collect();
        let operation = "paths:\n  /a:\n    post:\n      requestBody: {content: {a: {example: {a: {b: {}}}, schema: \
                         {$ref: '#/components/schemas/L0'}}}}\n      responses: {'200': {description: x}}\n";
        for text in [
            format!("openapi: 3.0.0\ncomponents:\n  schemas:\n{refs}"),
            format!("openapi: 3.0.0\n{operation}components:\n  schemas:\n{laughs}"),
            format!("openapi: 3.0.0\ncomponents:\n  schemas:\n{wide}"),
            format!("requirements:\n{}", "  - {text: a, acceptance: [b]}\n".repeat(many)),
            format!("requirements:\n{}", "  - must it?\n".repeat(many)),
            wide.replace("    k", "k"),
            "[ASSUMPTION ".repeat(many),
            "=== prd.md\n".to_owned() + &"FR1 ".repeat(many),
            "=== prd.md\n".to_owned() + &"- FR1: a\n".repeat(many),
            "=== epics.md\n".to_owned() + &"### Story 1.1: a\n".repeat(many),
            "<ul><li>".repeat(many),
            "<s>".repeat(many),
            "<".repeat(many),
            "<a ".repeat(many),
            "&amp;".repeat(many),
            "\n===\n- a 1\n".repeat(many),
        ] {
            TARGETS.iter().for_each(|(_, target)| target(text.as_bytes()));
            let _ = crate::read("a.md", &text);
        }
    }
}
