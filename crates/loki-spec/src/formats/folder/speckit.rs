//! GitHub's spec-kit: `spec.md` with stories, requirements and criteria of success; `tasks.md`.

use loki_model::Priority;

use super::parts::{Section, after, bracketed, number, sections};
use super::{Folder, FolderError, FolderFile};
use crate::markdown::Block;
use crate::statements::NoteKind;
use crate::{SpecProblem, wording};

pub(super) fn read(folder: &mut Folder<'_>) -> Result<(), FolderError> {
    let specs = folder.all(|path| path == "spec.md" || path.ends_with("/spec.md"));
    let specs: Vec<&FolderFile> =
        specs.into_iter().filter(|file| !file.path.contains("templates/")).collect();
    let spec = match specs.as_slice() {
        [] => return Err(folder.incomplete("it has no spec.md")),
        [spec] => *spec,
        several => {
            let name = |file: &&FolderFile| {
                let path = file.path.trim_end_matches("spec.md").trim_end_matches('/');
                if path.is_empty() { folder.folder.to_owned() } else { folder.source(path) }
            };
            let names = several.iter().map(name).collect();
            return Err(FolderError::Several { folder: folder.folder.to_owned(), names });
        }
    };
    folder.base = spec.path.trim_end_matches("spec.md").to_owned();
    folder.turn_to(spec);
    folder.front_matter(spec)?;
    read_spec(folder, spec);
    let base = spec.path.trim_end_matches("spec.md");
    for (name, label) in [("plan.md", "plan"), ("tasks.md", "task")] {
        if let Some(file) = folder.find(&format!("{base}{name}")) {
            folder.turn_to(file);
            read_aside(folder, file, label);
        }
    }
    Ok(())
}

fn read_spec(folder: &mut Folder<'_>, file: &FolderFile) {
    let mut story = None;
    for section in sections(&file.text) {
        let lower = section.title.to_lowercase();
        if section.level == 1 {
            let title = section.title.trim_start_matches("Feature Specification:").trim();
            folder.title = folder.title.take().or_else(|| Some(title.to_owned()));
        }
        for (text, line) in section.lines() {
            if !bracketed(text, "NEEDS CLARIFICATION").is_empty() {
                folder.statements.problem(SpecProblem::OpenQuestion { line });
            }
        }
        if let Some((_, rest)) = number(&section.title, &["user story"]) {
            story = add_story(folder, after(rest), &section);
        } else if lower.starts_with("edge case") {
            aside(folder, NoteKind::Context, &section);
        } else if lower.contains("assumption") {
            aside(folder, NoteKind::Assumption, &section);
        } else if lower.contains("constraint") || lower.contains("dependencies") {
            aside(folder, NoteKind::Constraint, &section);
        } else if lower.contains("key entities") || lower.contains("overview") {
            aside(folder, NoteKind::Context, &section);
        } else if let Some(index) =
            story.filter(|_| section.level > 3 && lower.contains("acceptance"))
        {
            scenarios(folder, index, &section);
        } else {
            numbered(folder, &section);
        }
    }
}

/// `User Story 1 - Name (Priority: P1)`
fn add_story(folder: &mut Folder<'_>, name: &str, section: &Section) -> Option<usize> {
    let (name, priority) = match name.rsplit_once("(Priority:") {
        Some((name, level)) => (name.trim(), level.trim_end_matches([')', ' ']).trim()),
        None => (name, ""),
    };
    let priority = match priority.to_uppercase().as_str() {
        "P2" => Priority::Should,
        "P3" | "P4" => Priority::Could,
        _ => Priority::Must,
    };
    let said = section.blocks.iter().find_map(|block| match block {
        Block::Paragraph(text) => Some(text.text.trim()),
        _ => None,
    });
    let text = match said {
        Some(said) => format!("{name}: {said}"),
        None => name.to_owned(),
    };
    let index = folder.statements.add_named(
        &format!("user story {name}"),
        &text,
        priority,
        section.line,
    )?;
    scenarios(folder, index, section);
    Some(index)
}

fn scenarios(folder: &mut Folder<'_>, index: usize, section: &Section) {
    for block in &section.blocks {
        match block {
            Block::Item { text, .. } => {
                folder.statements.accept(index, text.text.trim(), text.line())
            }
            Block::Paragraph(text) => {
                let said = text.text.trim();
                if let Some(test) = said.strip_prefix("Independent Test:") {
                    folder.statements.accept(index, test.trim(), text.line());
                } else if wording::begins_scenario(said) {
                    folder.statements.accept(index, said, text.line());
                }
            }
            _ => {}
        }
    }
}

/// `FR-001`, `NFR-001`, `SC-001` in items and paragraphs.
fn numbered(folder: &mut Folder<'_>, section: &Section) {
    let mut open = None;
    for block in &section.blocks {
        match block {
            Block::Item { depth: 1, text } => {
                let (said, line) = (text.text.trim(), text.line());
                open = number(said, &["NFR", "FR", "SC"]).and_then(|(id, rest)| {
                    let fallback = if id.kind == "SC" { Priority::Should } else { Priority::Must };
                    let said = after(rest);
                    let priority = wording::priority(said).unwrap_or(fallback);
                    folder.statements.add_named(
                        &id.to_string(),
                        &format!("{id}: {said}"),
                        priority,
                        line,
                    )
                });
            }
            Block::Item { text, .. } => {
                if let Some(index) = open {
                    folder.statements.accept(index, text.text.trim(), text.line());
                }
            }
            _ => open = None,
        }
    }
}

fn aside(folder: &mut Folder<'_>, kind: NoteKind, section: &Section) {
    for (text, line) in section.lines() {
        let text = match kind {
            NoteKind::Context => format!("{}: {text}", section.title),
            _ => text.to_owned(),
        };
        folder.statements.note(kind, &text, line);
    }
}

fn read_aside(folder: &mut Folder<'_>, file: &FolderFile, label: &str) {
    for section in sections(&file.text) {
        let technical =
            label == "plan" && section.title.to_lowercase().contains("technical context");
        for (text, line) in section.lines() {
            // What it is made with holds for everything.
            match technical {
                true => folder.statements.note(NoteKind::Constraint, text, line),
                false => folder.context(label, text, line),
            }
        }
    }
}
