//! OpenSpec: a change says which requirements it adds, modifies, removes and renames.
//!
//! Source: the documentation of `@fission-ai/openspec` 1.13, and what its `validate` says.

use std::collections::{HashMap, HashSet};

use loki_model::Priority;

use super::parts::{Section, sections};
use super::{Folder, FolderError, FolderFile};
use crate::SpecProblem;
use crate::markdown::Block;
use crate::statements::{NoteKind, Place};
use crate::wording;

pub(super) fn read(folder: &mut Folder<'_>) -> Result<(), FolderError> {
    let base = match bases(folder).as_slice() {
        [] => return read_kept(folder),
        [base] => base.clone(),
        several => {
            let names =
                several.iter().map(|base| folder.source(base.trim_end_matches('/'))).collect();
            return Err(FolderError::Several { folder: folder.folder.to_owned(), names });
        }
    };
    let Some(proposal) = folder.find(&format!("{base}proposal.md")) else {
        return Err(folder.incomplete("it has no proposal.md"));
    };
    folder.base.clone_from(&base);
    folder.turn_to(proposal);
    folder.front_matter(proposal)?;
    read_proposal(folder, proposal, &base);
    let deltas = folder.all(|path| {
        path.strip_prefix(&base)
            .is_some_and(|path| path.starts_with("specs/") && path.ends_with("/spec.md"))
    });
    let skips = folder
        .find(&format!("{base}.openspec.yaml"))
        .is_some_and(|it| it.text.contains("skip_specs: true"));
    if deltas.is_empty() && !skips {
        let what =
            "it has no specs/NAME/spec.md; write down what changes, or say `skip_specs: true`";
        return Err(folder.incomplete(what));
    }
    let mut is_any = skips;
    let kept = kept(folder, &base);
    for file in deltas {
        folder.turn_to(file);
        let capability = capability(&file.path, &base);
        let known = kept.get(&capability);
        is_any |= read_delta(folder, file, &capability, known);
    }
    if !is_any {
        folder.turn_to(proposal);
        let what = "no spec of this change adds, modifies, removes or renames a requirement; begin a section with \
                    `## ADDED Requirements`";
        folder.lint(1, "openspec/no-delta", what.to_owned());
    }
    for (name, label) in [("design.md", "design"), ("tasks.md", "task")] {
        if let Some(file) = folder.find(&format!("{base}{name}")) {
            folder.turn_to(file);
            read_aside(folder, file, label);
        }
    }
    Ok(())
}

/// Folders with a proposal, each with a `/` at its end unless it is the folder itself.
fn bases(folder: &Folder<'_>) -> Vec<String> {
    let proposals = folder.all(|path| path == "proposal.md" || path.ends_with("/proposal.md"));
    let bases = proposals.iter().filter_map(|file| file.path.strip_suffix("proposal.md"));
    bases.filter(|base| !base.contains("archive/")).map(str::to_owned).collect()
}

fn capability(path: &str, base: &str) -> String {
    let inside = path.strip_prefix(base).unwrap_or(path);
    let inside = inside.strip_prefix("specs/").unwrap_or(inside);
    inside.trim_end_matches("spec.md").trim_end_matches('/').to_owned()
}

/// The scenarios of a requirement by its name, of one capability.
type Known = HashMap<String, Vec<String>>;

/// The requirements that hold before the change, by capability: there when the folder is that of the
/// whole project.
fn kept(folder: &Folder<'_>, base: &str) -> HashMap<String, Known> {
    let root = base.find("changes/").map(|at| &base[..at]);
    let Some(start) = root.map(|root| format!("{root}specs/")) else { return HashMap::new() };
    let mut kept: HashMap<String, Known> = HashMap::new();
    for file in folder.all(|path| path.starts_with(&start) && path.ends_with("/spec.md")) {
        let known = kept.entry(capability(&file.path, root.unwrap_or_default())).or_default();
        let mut open: Option<String> = None;
        for section in sections(&file.text) {
            if let Some(name) = requirement_name(&section) {
                known.insert(name.to_owned(), Vec::new());
                open = Some(name.to_owned());
            } else if let (Some(of), Some(name)) = (&open, scenario_name(&section)) {
                known.entry(of.clone()).or_default().push(name.to_owned());
            } else if section.level <= 3 {
                open = None;
            }
        }
    }
    kept
}

/// What OpenSpec keeps when changes are archived: plain requirements.
fn read_kept(folder: &mut Folder<'_>) -> Result<(), FolderError> {
    let kept = folder.all(|path| path.ends_with("/spec.md") || path == "spec.md");
    if kept.is_empty() {
        return Err(folder.incomplete("it has no proposal.md and no specs"));
    }
    for file in kept {
        folder.turn_to(file);
        let start = if file.path.starts_with("openspec/") { "openspec/" } else { "" };
        let capability = capability(&file.path, start);
        let sections = sections(&file.text);
        for (at, section) in sections.iter().enumerate() {
            if let Some(name) = requirement_name(section) {
                requirement(folder, &capability, name, section, &sections[at + 1..], Delta::Kept);
            }
        }
    }
    Ok(())
}

fn read_proposal(folder: &mut Folder<'_>, file: &FolderFile, base: &str) {
    let change = base.trim_end_matches('/').rsplit('/').next().filter(|name| !name.is_empty());
    for section in sections(&file.text) {
        if section.level == 1 && folder.title.is_none() {
            let title =
                section.title.trim_start_matches("Change:").trim_start_matches("Proposal:").trim();
            if title != "Proposal" && !title.is_empty() {
                folder.title = Some(title.to_owned());
            }
        }
        note_section(folder, &section, &section.title);
    }
    if folder.title.is_none() {
        folder.title = change.map(str::to_owned);
    }
}

/// What a section says, line by line, as context or as what its title says.
fn note_section(folder: &mut Folder<'_>, section: &Section, label: &str) {
    let title = section.title.to_lowercase();
    let kind = match title.as_str() {
        "constraints" => NoteKind::Constraint,
        "assumptions" => NoteKind::Assumption,
        _ => NoteKind::Context,
    };
    for (text, line) in section.lines() {
        let text =
            if kind == NoteKind::Context { format!("{label}: {text}") } else { text.to_owned() };
        folder.statements.note(kind, &text, line);
    }
}

fn read_aside(folder: &mut Folder<'_>, file: &FolderFile, label: &str) {
    for section in sections(&file.text) {
        let label =
            if label == "task" { label.to_owned() } else { format!("{label}, {}", section.title) };
        note_section(folder, &section, &label);
    }
}

/// What a change does to a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Delta {
    Added,
    Modified,
    Removed,
    Renamed,
    /// Nothing: it is among those that are kept.
    Kept,
}

fn delta(title: &str) -> Option<Delta> {
    match title.to_lowercase().as_str() {
        "added requirements" => Some(Delta::Added),
        "modified requirements" => Some(Delta::Modified),
        "removed requirements" => Some(Delta::Removed),
        "renamed requirements" => Some(Delta::Renamed),
        _ => None,
    }
}

/// Whether `file` changes anything.
fn read_delta(
    folder: &mut Folder<'_>,
    file: &FolderFile,
    capability: &str,
    known: Option<&Known>,
) -> bool {
    let sections = sections(&file.text);
    let mut current = None;
    let mut is_any = false;
    let mut seen: HashMap<String, (Delta, u32)> = HashMap::new();
    for (at, section) in sections.iter().enumerate() {
        if section.level <= 2 {
            current = (section.level == 2).then(|| delta(&section.title)).flatten();
            if current == Some(Delta::Renamed) {
                is_any |= renamed(folder, section);
            } else if current == Some(Delta::Removed) {
                is_any |= removed_items(folder, capability, section);
            } else if current.is_none() && section.level == 2 {
                note_section(folder, section, &section.title);
            }
            continue;
        }
        let Some(name) = requirement_name(section) else { continue };
        let Some(delta) = current else {
            let what = format!(
                "requirement `{name}` is in no section that says what becomes of it; put it below \
                 `## ADDED Requirements` or the like"
            );
            folder.lint(section.line, "openspec/no-section", what);
            continue;
        };
        is_any = true;
        if let Some((first, line)) = seen.insert(name.to_owned(), (delta, section.line)) {
            let what = match first == delta {
                true => format!("requirement `{name}` is already in line {line}; keep one of them"),
                false => format!(
                    "requirement `{name}` is also in line {line}, in another section; it can not be both"
                ),
            };
            let rule = "openspec/twice";
            let line = section.line;
            folder.statements.problem(SpecProblem::Contradiction {
                line,
                pointer: None,
                rule,
                what,
            });
        }
        requirement(folder, capability, name, section, &sections[at + 1..], delta);
        if let Some(known) = known {
            compare(folder, name, section.line, &sections[at + 1..], delta, known);
        }
    }
    is_any
}

/// Tells where a change and what holds before it do not fit.
fn compare(
    folder: &mut Folder<'_>,
    name: &str,
    line: u32,
    below: &[Section],
    delta: Delta,
    known: &Known,
) {
    match (delta, known.get(name)) {
        (Delta::Added, Some(_)) => {
            let what = format!(
                "requirement `{name}` is there already; put it below `## MODIFIED Requirements`"
            );
            folder.lint(line, "openspec/exists", what);
        }
        // It may have got this name in the same change.
        (Delta::Modified | Delta::Removed, None) => {
            let what = format!("there is no requirement `{name}` yet; correct the name, or add it");
            folder.lint(line, "openspec/unknown", what);
        }
        (Delta::Modified, Some(scenarios)) => {
            let now: Vec<&str> = below
                .iter()
                .take_while(|section| section.level > 3)
                .filter_map(|section| scenario_name(section))
                .collect();
            for scenario in scenarios.iter().filter(|it| !now.contains(&it.as_str())) {
                let what = format!(
                    "requirement `{name}` loses its scenario `{scenario}`: what is modified is replaced as a \
                     whole; repeat the scenario"
                );
                folder.lint(line, "openspec/lost-scenario", what);
            }
        }
        _ => {}
    }
}

/// `Refunds` of `### Requirement: Refunds`.
fn requirement_name(section: &Section) -> Option<&str> {
    let start = "requirement:";
    let begins = section.title.get(..start.len())?.eq_ignore_ascii_case(start);
    (begins && section.level == 3)
        .then(|| section.title[start.len()..].trim())
        .filter(|it| !it.is_empty())
}

/// Adds one requirement; `below` begins with the section behind it.
fn requirement(
    folder: &mut Folder<'_>,
    capability: &str,
    name: &str,
    section: &Section,
    below: &[Section],
    delta: Delta,
) {
    let (line, key) = (section.line, format!("{capability}: {name}"));
    let body = section.opening();
    let place = Place { line, pointer: None };
    if delta == Delta::Removed {
        let reason = section.lines();
        let reason = reason.iter().map(|(text, _)| *text).collect::<Vec<_>>().join(" ");
        let text = format!("{key} is removed: {reason}");
        folder.statements.add_named(
            &format!("removed {key}"),
            text.trim_end_matches([':', ' ']),
            Priority::Must,
            place,
        );
        return;
    }
    let scenarios = below.iter().take_while(|section| section.level > 3);
    let scenarios: Vec<&Section> = scenarios.filter(|it| scenario_name(it).is_some()).collect();
    let (scenarios, empty): (Vec<_>, Vec<_>) =
        scenarios.into_iter().partition(|scenario| !scenario.blocks.is_empty());
    for scenario in &empty {
        let what = "a scenario without steps; write WHEN and THEN as list items".to_owned();
        folder.lint(scenario.line, "openspec/empty-scenario", what);
    }
    if body.is_empty() {
        folder.lint(
            line,
            "openspec/no-text",
            format!("requirement `{name}` says nothing; say below it what SHALL be"),
        );
    } else if !insists(&body) {
        let what = format!("requirement `{name}` has neither SHALL nor MUST; say what SHALL be");
        folder.lint(line, "openspec/no-shall", what);
    }
    if scenarios.is_empty() {
        let what =
            format!("requirement `{name}` has no scenario; add one as `#### Scenario: NAME`");
        folder.lint(line, "openspec/no-scenario", what);
    }
    let text = if body.is_empty() { key.clone() } else { format!("{key}: {body}") };
    let priority = wording::priority(&body).unwrap_or(Priority::Must);
    let Some(index) = folder.statements.add_named(&key, &text, priority, place) else { return };
    if delta == Delta::Modified {
        folder.context("modified", &key, line);
    }
    let more = section.blocks.iter().skip_while(|block| matches!(block, Block::Paragraph(_)));
    for block in more {
        if let Block::Item { text, .. } = block {
            folder.statements.accept(index, text.text.trim(), text.line());
        }
    }
    for scenario in scenarios {
        let steps: Vec<&str> = scenario.lines().iter().map(|(text, _)| *text).collect();
        let name = scenario_name(scenario).unwrap_or_default();
        let text = format!("{name}: {}", steps.join(" "));
        folder.statements.accept(index, text.trim_end_matches([':', ' ']), scenario.line);
    }
}

fn scenario_name(section: &Section) -> Option<&str> {
    let start = "scenario:";
    let begins = section.title.get(..start.len())?.eq_ignore_ascii_case(start);
    (begins && section.level == 4).then(|| section.title[start.len()..].trim())
}

/// As RFC 2119 writes it: in capitals.
fn insists(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| matches!(word, "SHALL" | "MUST"))
}

/// `- `### Requirement: X`` below `## REMOVED Requirements`.
fn removed_items(folder: &mut Folder<'_>, capability: &str, section: &Section) -> bool {
    let mut is_any = false;
    for (text, line) in section.lines() {
        if let Some(name) = named_in(text) {
            is_any = true;
            let key = format!("{capability}: {name}");
            folder.statements.add_named(
                &format!("removed {key}"),
                &format!("{key} is removed"),
                Priority::Must,
                line,
            );
        }
    }
    is_any
}

/// `FROM: …` and `TO: …` in pairs.
fn renamed(folder: &mut Folder<'_>, section: &Section) -> bool {
    let mut from: Option<(String, u32)> = None;
    let mut is_any = false;
    let mut names = HashSet::new();
    for (text, line) in section.lines() {
        let Some(name) = named_in(text) else { continue };
        let upper = text.trim_start_matches(['*', ' ', '`']).to_uppercase();
        if upper.starts_with("FROM") {
            if let Some((lost, line)) = from.replace((name.to_owned(), line)) {
                unpaired(folder, &lost, line);
            }
        } else if upper.starts_with("TO") {
            match from.take() {
                Some((old, _)) => {
                    is_any = true;
                    if !names.insert(old.clone()) {
                        let what =
                            format!("requirement `{old}` is renamed twice; keep one new name");
                        folder.lint(line, "openspec/twice", what);
                    }
                    folder.context("renamed", &format!("{old} is now {name}"), line);
                }
                None => unpaired(folder, name, line),
            }
        }
    }
    if let Some((lost, line)) = from {
        unpaired(folder, &lost, line);
    }
    is_any
}

fn unpaired(folder: &mut Folder<'_>, name: &str, line: u32) {
    let what = format!("`{name}` is half of a renaming; write FROM and TO, one after the other");
    folder.lint(line, "openspec/unpaired", what);
}

/// `Refunds` of ``FROM: `### Requirement: Refunds` ``.
fn named_in(text: &str) -> Option<&str> {
    let at = text.to_ascii_lowercase().find("requirement:")?;
    let name = text[at + "requirement:".len()..].trim_matches(['`', ' ', '*']);
    (!name.is_empty()).then_some(name)
}
