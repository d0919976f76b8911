//! Kiro: `requirements.md` with a story and EARS criteria each, `design.md`, `tasks.md`.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::Priority;

use super::parts::{Section, after, number, sections};
use super::{Folder, FolderError, FolderFile};
use crate::markdown::Block;
use crate::statements::{NoteKind, one_line};
use crate::wording;

pub(super) fn read(folder: &mut Folder<'_>) -> Result<(), FolderError> {
    let specs = folder.all(|path| path == "requirements.md" || path.ends_with("/requirements.md"));
    let spec = match specs.as_slice() {
        [] => return Err(folder.incomplete("it has no requirements.md")),
        [spec] => *spec,
        several => {
            let name = |file: &&FolderFile| {
                folder.source(file.path.trim_end_matches("requirements.md").trim_end_matches('/'))
            };
            let names = several.iter().map(name).collect();
            return Err(FolderError::Several { folder: folder.folder.to_owned(), names });
        }
    };
    folder.base = spec.path.trim_end_matches("requirements.md").to_owned();
    folder.turn_to(spec);
    folder.front_matter(spec)?;
    let known = read_requirements(folder, spec);
    let base = spec.path.trim_end_matches("requirements.md");
    if let Some(design) = folder.find(&format!("{base}design.md")) {
        folder.turn_to(design);
        for section in sections(&design.text) {
            for (text, line) in section.lines() {
                folder.context(&format!("design, {}", section.title), text, line);
            }
        }
    }
    if let Some(tasks) = folder.find(&format!("{base}tasks.md")) {
        folder.turn_to(tasks);
        read_tasks(folder, tasks, &known, spec);
    }
    for file in folder.all(|path| path.contains(".kiro/steering/")) {
        folder.turn_to(file);
        for section in sections(&file.text) {
            for (text, line) in section.lines() {
                folder.context(&section.title, text, line);
            }
        }
    }
    Ok(())
}

/// The requirements by number, with their lines and how many criteria each has.
type Known = BTreeMap<String, (u32, usize)>;

fn read_requirements(folder: &mut Folder<'_>, file: &FolderFile) -> Known {
    let mut known = Known::new();
    let mut open: Option<(usize, String)> = None;
    for section in sections(&file.text) {
        let lower = section.title.to_lowercase();
        if let Some((id, rest)) = number(&section.title, &["requirement"]) {
            let name = after(rest);
            let story = story(&section);
            let said = [name, &story]
                .into_iter()
                .filter(|it| !it.is_empty())
                .collect::<Vec<_>>()
                .join(": ");
            let said = if said.is_empty() { section.title.clone() } else { said };
            let key = if name.is_empty() { said.clone() } else { format!("requirement {name}") };
            let priority = wording::priority(&said).unwrap_or(Priority::Must);
            let index = folder.statements.add_named(&key, &said, priority, section.line);
            known.insert(id.number.clone(), (section.line, 0));
            open = index.map(|index| (index, id.number));
            if let Some((index, id)) = &open {
                let count = criteria(folder, *index, &section);
                known.entry(id.clone()).and_modify(|it| it.1 += count);
            }
        } else if let Some((index, id)) = open.as_ref().filter(|_| lower.contains("acceptance")) {
            let count = criteria(folder, *index, &section);
            known.entry(id.clone()).and_modify(|it| it.1 += count);
        } else if section.level <= 2 {
            open = None;
            let kind = match lower.as_str() {
                _ if lower.contains("assumption") => NoteKind::Assumption,
                _ if lower.contains("constraint") => NoteKind::Constraint,
                _ => NoteKind::Context,
            };
            if section.level == 1 && !lower.contains("requirements document") {
                folder.title = Some(section.title.clone());
            }
            for (text, line) in section.lines() {
                folder.statements.note(kind, text, line);
            }
        }
    }
    let lacking: Vec<(String, u32)> = known
        .iter()
        .filter(|(_, (_, count))| *count == 0)
        .map(|(id, (line, _))| (id.clone(), *line))
        .collect();
    for (id, line) in lacking {
        let what =
            format!("requirement {id} has no acceptance criteria; say WHEN what SHALL happen");
        folder.lint(line, "kiro/no-criteria", what);
    }
    known
}

/// `**User Story:** As a …`
fn story(section: &Section) -> String {
    let paragraph = section.blocks.iter().find_map(|block| match block {
        Block::Paragraph(text) => Some(one_line(&text.text)),
        _ => None,
    });
    let text = paragraph.unwrap_or_default();
    text.strip_prefix("User Story:").map(str::trim).map_or(text.clone(), str::to_owned)
}

fn criteria(folder: &mut Folder<'_>, index: usize, section: &Section) -> usize {
    let items = section.blocks.iter().filter_map(|block| match block {
        Block::Item { text, .. } => Some((text.text.trim(), text.line())),
        _ => None,
    });
    let items: Vec<_> = items.collect();
    for (text, line) in &items {
        folder.statements.accept(index, text, *line);
    }
    items.len()
}

/// Tasks name the requirements that they serve: `_Requirements: 1.1, 2.3_`.
fn read_tasks<'f>(folder: &mut Folder<'f>, file: &FolderFile, known: &Known, spec: &'f FolderFile) {
    let mut served = BTreeSet::new();
    let mut unknown = Vec::new();
    for section in sections(&file.text) {
        for (text, line) in section.lines() {
            let Some(list) = text.trim_start_matches('_').strip_prefix("Requirements:") else {
                folder.context("task", text, line);
                continue;
            };
            for written in list.split([',', ' ']).map(|it| it.trim_matches(['_', '.', ' '])) {
                let (id, criterion) = written.split_once('.').unwrap_or((written, ""));
                if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
                    continue;
                }
                let is_there = known.get(id).is_some_and(|(_, count)| {
                    criterion.is_empty()
                        || criterion.parse::<usize>().is_ok_and(|at| at >= 1 && at <= *count)
                });
                if is_there {
                    served.insert(id.to_owned());
                } else {
                    unknown.push((written.to_owned(), line));
                }
            }
        }
    }
    for (id, line) in unknown {
        let what =
            format!("the task is for requirement {id}, which is not there; correct the number");
        folder.lint(line, "kiro/unknown-requirement", what);
    }
    folder.turn_to(spec);
    for (id, (line, _)) in known {
        if !served.contains(id) {
            let what =
                format!("no task is for requirement {id}; add one, or name it in the one that is");
            folder.lint(*line, "kiro/uncovered", what);
        }
    }
}
