//! A project of the BMAD method: a PRD with numbered requirements, epics with stories, story files.
//!
//! Source: the templates that `bmad-method` 6.12 installs, and the documents that they lead to.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::Priority;

use super::parts::{Number, Section, after, bracketed, number, numbers, sections};
use super::{Folder, FolderError, FolderFile};
use crate::markdown::Block;
use crate::sections::{Class, classify};
use crate::statements::{NoteKind, one_line};
use crate::{SpecProblem, wording};

/// What requirements are numbered with; `NFR` before `FR`, which it does not begin with.
const KINDS: [&str; 3] = ["NFR", "FR", "CAP"];

pub(super) fn read(folder: &mut Folder<'_>) -> Result<(), FolderError> {
    let documents = documents(folder);
    let mut chain = Chain::default();
    if documents.planning.is_empty() && documents.stories.is_empty() {
        let what = format!(
            "it has neither a PRD nor epics below `{}`; write them, or name the file that has them",
            output_folder(folder)
        );
        return Err(folder.incomplete(&what));
    }
    for (role, file) in &documents.planning {
        folder.turn_to(file);
        folder.front_matter(file)?;
        read_document(folder, *role, file, &mut chain);
    }
    for file in &documents.stories {
        folder.turn_to(file);
        folder.front_matter(file)?;
        read_document(folder, Role::Story, file, &mut chain);
    }
    validate(folder, &documents, &chain);
    Ok(())
}

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Prd,
    /// A condensed spec with capabilities.
    Kernel,
    Epics,
    Architecture,
    Story,
}

struct Documents<'f> {
    /// PRD, kernel, epics, architecture, in this order.
    planning: Vec<(Role, &'f FolderFile)>,
    stories: Vec<&'f FolderFile>,
}

/// Where the project's settings say that documents go.
fn output_folder(folder: &Folder<'_>) -> String {
    let settings = [
        "_bmad/core/config.yaml",
        "_bmad/bmm/config.yaml",
        "_bmad/config.toml",
        "_bmad/config.json",
    ];
    let line = settings.iter().filter_map(|path| folder.find(path)).find_map(|file| {
        let line = file.text.lines().find(|line| line.trim_start().starts_with("output_folder"))?;
        let value = line.split_once(['=', ':'])?.1.trim().trim_matches(['"', '\'', ',']);
        let value = value.trim_start_matches("{project-root}").trim_matches('/');
        (!value.is_empty()).then(|| value.to_owned())
    });
    line.unwrap_or_else(|| "_bmad-output".to_owned())
}

fn documents<'f>(folder: &Folder<'f>) -> Documents<'f> {
    let output = format!("{}/", output_folder(folder));
    let in_output = |path: &str| path.starts_with(&output);
    // A folder of documents alone has no output folder.
    let is_project = folder.files.iter().any(|file| in_output(&file.path));
    let mut documents = Documents { planning: Vec::new(), stories: Vec::new() };
    for file in &folder.files {
        let path = file.path.as_str();
        if is_project && !in_output(path) && !path.starts_with("docs/")
            || path.starts_with("_bmad/")
        {
            continue;
        }
        let lower = path.to_lowercase();
        let name = lower.rsplit('/').next().unwrap_or_default();
        if !name.ends_with(".md") {
            continue;
        }
        let is_story =
            lower.contains("stories/") || number(name, &["story"]).is_some() || is_story_name(name);
        let role = match name {
            _ if is_story => {
                documents.stories.push(file);
                continue;
            }
            "spec.md" => Role::Kernel,
            _ if name == "prd.md" || name.starts_with("prd-") || name.ends_with("-prd.md") => {
                Role::Prd
            }
            // A document in parts has its parts in a folder.
            _ if lower.contains("/prd/") || lower.starts_with("prd/") => Role::Prd,
            _ if name.starts_with("epic")
                || lower.contains("epics/")
                || name.ends_with("-epics.md") =>
            {
                Role::Epics
            }
            _ if name.starts_with("architecture") || name.ends_with("-architecture.md") => {
                Role::Architecture
            }
            _ => continue,
        };
        documents.planning.push((role, file));
    }
    documents.planning.sort_by(|(a, first), (b, second)| (a, &first.path).cmp(&(b, &second.path)));
    documents
}

/// `1-2-login.md`, `1.2.story.md`
fn is_story_name(name: &str) -> bool {
    let mut parts = name.splitn(3, ['-', '.']);
    let is_number = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    is_number(parts.next()) && is_number(parts.next())
}

/// What leads from requirements to stories.
#[derive(Default)]
struct Chain {
    /// Where each is defined, by source and line, and what it says.
    defined: BTreeMap<Number, (usize, String)>,
    /// Those that an epic, a story or a map names, with the first place.
    covered: BTreeMap<Number, (String, u32)>,
    stories: usize,
    epics: usize,
}

fn read_document(folder: &mut Folder<'_>, role: Role, file: &FolderFile, chain: &mut Chain) {
    let source = folder.source(&file.path);
    let sections = sections(&file.text);
    let mut story = None;
    for section in &sections {
        if section.level == 1 && role == Role::Prd && folder.title.is_none() {
            let title = section.title.trim_start_matches("PRD:").split(" - Product").next();
            folder.title = title.map(|title| title.trim().to_owned());
        }
        remarks(folder, section);
        if role == Role::Architecture {
            architecture(folder, section);
            continue;
        }
        let lower = section.title.to_lowercase();
        if let Some((id, rest)) = number(&section.title, &["story"]) {
            story = add_story(folder, &id, after(rest), section, chain);
            cover(section, &source, chain);
            continue;
        }
        if let Some((_, rest)) = number(&section.title, &["epic"]) {
            story = None;
            if !after(rest).is_empty() && role == Role::Epics {
                chain.epics += 1;
                folder.context(&section.title, &section.opening(), section.line);
            }
            cover(section, &source, chain);
            continue;
        }
        if let Some((id, rest)) = number(&section.title, &KINDS) {
            define_section(folder, chain, &id, after(rest), section);
            continue;
        }
        if section.is_in(|title| title.to_lowercase().contains("coverage")) {
            cover(section, &source, chain);
            continue;
        }
        if let Some(index) =
            story.filter(|_| section.level >= 2 && role == Role::Story || section.level >= 4)
        {
            story_part(folder, index, &lower, section);
            cover(section, &source, chain);
            continue;
        }
        // Items that are numbered define what they say; what else a section says is taken by its title.
        let is_any = define_lines(folder, chain, section);
        if !is_any {
            by_title(folder, section);
        }
    }
}

/// Constraints, assumptions, what is out of scope, what explains.
fn by_title(folder: &mut Folder<'_>, section: &Section) {
    let title = section.title.to_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| title.contains(word));
    let kind = if is(&["assumption"]) {
        NoteKind::Assumption
    } else if is(&["constraint", "guardrail", "technology stack", "platform"]) {
        NoteKind::Constraint
    } else {
        NoteKind::Context
    };
    if is(&["open question"]) {
        for (_, line) in section.lines() {
            folder.statements.problem(SpecProblem::OpenQuestion { line });
        }
        return;
    }
    let is_told = kind != NoteKind::Context
        || is(&[
            "non-goal",
            "out of scope",
            "vision",
            "purpose",
            "metric",
            "overview",
            "why",
            "success",
        ])
        || matches!(classify(&section.title), Class::Excluded(_));
    if !is_told {
        return;
    }
    for (text, line) in section.lines() {
        let text = match kind {
            NoteKind::Context => format!("{}: {text}", section.title),
            _ => text.to_owned(),
        };
        folder.statements.note(kind, &text, line);
    }
}

fn architecture(folder: &mut Folder<'_>, section: &Section) {
    for (text, line) in section.lines() {
        if wording::insists(text) {
            folder.statements.note(NoteKind::Constraint, text, line);
        }
    }
}

/// `[ASSUMPTION: …]` wherever it stands.
fn remarks(folder: &mut Folder<'_>, section: &Section) {
    for (text, line) in section.lines() {
        for remark in bracketed(text, "ASSUMPTION") {
            folder.statements.note(NoteKind::Assumption, remark, line);
        }
    }
}

/// `#### FR-1: Name`, with what it says and its consequences below.
fn define_section(
    folder: &mut Folder<'_>,
    chain: &mut Chain,
    id: &Number,
    name: &str,
    section: &Section,
) {
    let body = section.opening();
    // The line that leads to the list of consequences is not part of it.
    let body = body.split(" Consequences").next().unwrap_or_default();
    let body = body.strip_prefix("Consequences").map_or(body, |_| "").trim();
    let text = match (name, body) {
        (name, "") => name.to_owned(),
        ("", body) => body.to_owned(),
        (name, body) => format!("{name}: {body}"),
    };
    let Some(index) = define(folder, chain, id, &text, section.line) else { return };
    let mut is_bound = false;
    for block in &section.blocks {
        match block {
            Block::Paragraph(text) => is_bound = text.text.to_lowercase().contains("out of scope"),
            Block::Item { text, .. } if is_bound => {
                let text = format!("out of scope of {id}: {}", text.text.trim());
                folder.statements.note(NoteKind::Context, &text, section.line);
            }
            Block::Item { text, .. } => {
                folder.statements.accept(index, text.text.trim(), text.line())
            }
            _ => {}
        }
    }
}

/// Paragraphs, items and rows that begin with a number; whether there is any.
fn define_lines(folder: &mut Folder<'_>, chain: &mut Chain, section: &Section) -> bool {
    let mut is_any = false;
    let mut open: Option<usize> = None;
    for block in &section.blocks {
        match block {
            Block::Item { depth, text } if *depth > 1 => {
                if let Some(index) = open {
                    let text_line = text.line();
                    let text = text.text.trim();
                    let lower = text.to_lowercase();
                    if let Some(intent) = lower.strip_prefix("intent:") {
                        let intent = text[text.len() - intent.len()..].trim().to_owned();
                        folder.statements.extend_text(index, &intent);
                    } else {
                        let said = lower
                            .strip_prefix("success:")
                            .map_or(text, |said| text[text.len() - said.len()..].trim());
                        folder.statements.accept(index, said, text_line);
                    }
                }
            }
            Block::Item { text, .. } => {
                open = define_line(folder, chain, text.text.trim(), text.line());
                is_any |= open.is_some();
            }
            Block::ItemMore { .. } | Block::Heading { .. } => {}
            Block::Paragraph(text) => {
                for (line, at) in crate::sentences::split(text, crate::sentences::Ends::Lines) {
                    // Sentences that go on with what the one before says.
                    match define_line(folder, chain, line, at) {
                        Some(index) => open = Some(index),
                        None => {
                            if let Some(index) = open.filter(|_| is_any) {
                                folder.statements.extend_text(index, line);
                            }
                        }
                    }
                    is_any |= open.is_some();
                }
            }
            Block::Table(table) => {
                for row in &table.rows {
                    let first = row.first().map(|cell| cell.text.trim()).unwrap_or_default();
                    let Some((id, rest)) = number(first, &KINDS) else { continue };
                    let said =
                        row.iter().skip(1).map(|cell| cell.text.trim()).find(|it| !it.is_empty());
                    let text = said.unwrap_or_else(|| after(rest));
                    let line = row.first().map_or(table.line, |cell| cell.line());
                    is_any |= define(folder, chain, &id, text, line).is_some();
                }
            }
        }
    }
    is_any
}

fn define_line(folder: &mut Folder<'_>, chain: &mut Chain, text: &str, line: u32) -> Option<usize> {
    let (id, rest) = number(text, &KINDS)?;
    define(folder, chain, &id, after(rest), line)
}

/// Adds the requirement `id`, or finds it.
fn define(
    folder: &mut Folder<'_>,
    chain: &mut Chain,
    id: &Number,
    text: &str,
    line: u32,
) -> Option<usize> {
    if let Some((index, said)) = chain.defined.get(id) {
        // The inventory of the epics repeats the PRD, more or less in its words.
        let (index, said) = (*index, said.clone());
        let folded = |text: &str| crate::id::fold(&one_line(text));
        if !text.is_empty()
            && !folded(&said).contains(&folded(text))
            && !folded(text).contains(&folded(&said))
        {
            let what = format!(
                "{id} is worded otherwise than where it is first: \"{said}\"; make them agree"
            );
            folder.lint(line, "bmad/reworded", what);
        }
        return Some(index);
    }
    let said = if text.is_empty() { String::new() } else { format!(": {text}") };
    let priority = wording::priority(text).unwrap_or(Priority::Must);
    let index =
        folder.statements.add_named(&id.to_string(), &format!("{id}{said}"), priority, line)?;
    chain.defined.insert(id.clone(), (index, text.to_owned()));
    Some(index)
}

fn add_story(
    folder: &mut Folder<'_>,
    id: &Number,
    name: &str,
    section: &Section,
    chain: &mut Chain,
) -> Option<usize> {
    let key = format!("story {}", id.number);
    let told = story_text(section);
    let text = format!(
        "Story {}: {name}{}",
        id.number,
        if told.is_empty() { String::new() } else { format!(": {told}") }
    );
    let before = folder.statements.len();
    let index = match folder.statements.index_of(&key) {
        Some(index) => index,
        None => folder.statements.add_named(&key, &text, Priority::Must, section.line)?,
    };
    if folder.statements.len() > before {
        chain.stories += 1;
    }
    criteria(folder, index, section);
    Some(index)
}

/// `As a …, I want …, so that …`
fn story_text(section: &Section) -> String {
    let opening = section.blocks.iter().find_map(|block| match block {
        Block::Paragraph(text) => Some(text.text.trim()),
        _ => None,
    });
    opening.filter(|text| text.to_lowercase().starts_with("as a")).map(one_line).unwrap_or_default()
}

/// A part of a story file, such as `## Acceptance Criteria`.
fn story_part(folder: &mut Folder<'_>, index: usize, title: &str, section: &Section) {
    if title == "story" {
        folder.statements.extend_text(index, &story_text(section));
    } else if title.contains("acceptance") {
        criteria(folder, index, section);
    } else if title.contains("constraint") {
        for (text, line) in section.lines() {
            folder.statements.note(NoteKind::Constraint, text, line);
        }
    }
}

/// Given, when, then in paragraphs, or items.
fn criteria(folder: &mut Folder<'_>, index: usize, section: &Section) {
    let is_part = section.title.to_lowercase().contains("acceptance");
    let mut is_open = false;
    for block in &section.blocks {
        let text = match block {
            Block::Paragraph(text) | Block::Item { text, .. } | Block::ItemMore { text } => text,
            Block::Heading { .. } | Block::Table(_) => continue,
        };
        let (said, line) = (text.text.trim(), text.line());
        // The label may stand in the same paragraph.
        let said = said.strip_prefix("Acceptance Criteria:").unwrap_or(said).trim();
        if wording::begins_scenario(said) {
            folder.statements.accept(index, said, line);
            is_open = true;
        } else if is_open && wording::continues_scenario(said) {
            folder.statements.extend_last(index, said, line);
        } else if is_part || matches!(block, Block::Item { .. }) && !is_reference(said) {
            folder.statements.accept(index, said, line);
            is_open = false;
        }
    }
}

/// `Requirements: FR1, FR2`
fn is_reference(text: &str) -> bool {
    text.split(':').next().is_some_and(|label| {
        let label = label.to_lowercase();
        ["requirement", "fr", "covers", "implements", "realizes", "depends"]
            .iter()
            .any(|it| label.starts_with(it))
    })
}

/// Notes the requirements that a section names.
fn cover(section: &Section, source: &str, chain: &mut Chain) {
    let title = [(section.title.as_str(), section.line)];
    for (text, line) in title.into_iter().chain(section.lines()) {
        for id in numbers(text, &KINDS) {
            chain.covered.entry(id).or_insert_with(|| (source.to_owned(), line));
        }
    }
}

/// What is missing in the chain from the PRD to the stories.
fn validate<'f>(folder: &mut Folder<'f>, documents: &Documents<'f>, chain: &Chain) {
    let first =
        |role: Role| documents.planning.iter().find(|(it, _)| *it == role).map(|(_, file)| *file);
    let prd = first(Role::Prd).or_else(|| first(Role::Kernel));
    let (epics, any) = (first(Role::Epics), documents.planning.first().map(|(_, file)| *file));
    if let (None, Some(file)) = (prd, any) {
        folder.turn_to(file);
        folder.lint(
            1,
            "bmad/no-prd",
            "there is no PRD that this would follow from; add prd.md".to_owned(),
        );
    }
    let Some(epics) = epics else { return };
    folder.turn_to(epics);
    if chain.stories == 0 {
        let what = "the epics have no story; write each as `### Story 1.1: NAME`".to_owned();
        folder.lint(1, "bmad/no-story", what);
    }
    let defined: BTreeSet<&Number> = chain.defined.keys().collect();
    for (id, (source, line)) in &chain.covered {
        if !defined.contains(id) && !chain.defined.is_empty() {
            let what = format!(
                "{id} is named and nowhere defined; define it in the PRD or correct the number"
            );
            let problem = SpecProblem::Lint { line: *line, rule: "bmad/unknown-requirement", what };
            folder.statements.problem(problem.inside(source));
        }
    }
    for id in defined {
        // What is not functional holds for all of them.
        if id.kind != "NFR" && !chain.covered.contains_key(id) {
            let what = format!(
                "{id} is covered by no epic and no story; name it in the one that brings it"
            );
            folder.lint(1, "bmad/uncovered", what);
        }
    }
}
