//! spec-kit's `tasks.md`: `T001 [P] [US1] Create the note in src/note.py`, in phases.
//!
//! Phases come one after another, but those of user stories, which the tool plans to be independent of each other:
//! each comes after what is before all of them. In a phase one task comes after another; those marked `[P]` that
//! stand next to each other below one heading may be done at the same time. `(depends on T012)` holds as well.
//!
//! Source: `templates/tasks-template.md` of github/spec-kit.

use std::collections::{BTreeMap, BTreeSet};

use super::checklist::{Checklist, Item};
use super::{Numbers, Raw, Serves, State, chain, raw};
use crate::formats::folder::parts;

/// Whether an item begins with `T001`.
pub(super) fn is_task(text: &str) -> bool {
    id(text).is_some()
}

/// `T001`, and what follows.
fn id(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(['*', '`', '[', ' ']);
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let (id, rest) = text.split_at(end);
    let is_id = id.strip_prefix('T').is_some_and(|number| {
        number.len() <= 8 && number.starts_with(|c: char| c.is_ascii_digit())
    });
    is_id.then(|| (id, rest.trim_start_matches(['*', '`', ']', ':', '.', ' '])))
}

/// The tasks of `list`, which stands in `source`; `stories` of the spec by their numbers.
pub(super) fn tasks(list: &Checklist, source: &str, stories: &Numbers) -> Vec<Raw> {
    let has_phases = list.headings.iter().any(|heading| is_phase(&heading.title));
    let (mut raws, mut places): (Vec<Raw>, Vec<Place>) = (Vec::new(), Vec::new());
    let mut phases: Vec<Phase> = Vec::new();
    let mut last: Option<Option<usize>> = None;
    for item in list.items.iter().filter(|item| item.parent.is_none()) {
        let phase = phase(list, item, has_phases);
        if last != Some(phase) {
            let title = phase.map_or("", |at| list.headings[at].title.as_str());
            phases.push(Phase { story: story_of_title(title), from: raws.len() });
            last = Some(phase);
        }
        let line = format!("line-{}", item.line);
        let (id, said) = id(&item.text).unwrap_or((&line, &item.text));
        let Marks { is_beside, story, said } = marks(said);
        let mut serves: Vec<Serves> =
            story.as_ref().and_then(|number| stories.serves(number)).into_iter().collect();
        let named = parts::numbers(said, &["NFR", "FR", "SC"]);
        serves.extend(named.iter().map(|number| Serves::Name(number.to_string())));
        serves.push(Serves::Line(source.to_owned(), item.line));
        raws.push(raw(id.to_owned(), said, list.detail(item, |_| false), source, item, serves));
        places.push(Place { heading: item.heading, is_beside, told: depends(said) });
    }
    let stories_told = stories_that_wait(list);
    let ends: Vec<usize> =
        phases.iter().skip(1).map(|phase| phase.from).chain([raws.len()]).collect();
    // Ends of the phases that every further one waits for, and of those that only such a one waits for.
    let (mut common, mut beside): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut by_story: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (Phase { story, from }, to) in phases.into_iter().zip(ends) {
        let firsts = raws[from..to].iter().position(|raw| raw.state == State::Open);
        let Some(first) = firsts.map(|at| from + at) else { continue };
        let mut before = common.clone();
        match &story {
            Some(number) => {
                let waits = stories_told.get(number).into_iter().flatten();
                before.extend(waits.filter_map(|other| by_story.get(other)).flatten().cloned());
            }
            None if !beside.is_empty() => before = std::mem::take(&mut beside),
            None => {}
        }
        let group = |at: usize| places[from + at].heading.map_or(0, |heading| heading + 1);
        let ends = chain(&mut raws[from..to], |at| (group(at), places[from + at].is_beside));
        // Who waits for nobody in this phase waits for what is before it.
        for raw in &mut raws[first..to] {
            if raw.task.after.is_empty() && raw.state == State::Open {
                raw.task.after.extend(before.iter().cloned());
            }
        }
        match story {
            Some(number) => {
                beside.extend(ends.iter().cloned());
                by_story.insert(number, ends);
            }
            None => common = ends,
        }
    }
    for (raw, place) in raws.iter_mut().zip(places) {
        raw.task.after.extend(place.told);
    }
    raws
}

struct Phase {
    story: Option<String>,
    from: usize,
}

struct Place {
    heading: Option<usize>,
    is_beside: bool,
    /// What it says itself that it depends on.
    told: Vec<String>,
}

fn is_phase(title: &str) -> bool {
    title.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("phase"))
}

/// The heading of the phase that `item` is in.
fn phase(list: &Checklist, item: &Item, has_phases: bool) -> Option<usize> {
    let last = item.heading?;
    (0..=last).rev().find(|at| {
        let heading = &list.headings[*at];
        if has_phases { is_phase(&heading.title) } else { heading.level <= 2 }
    })
}

/// `1` of `Phase 3: User Story 1 - Notes`.
fn story_of_title(title: &str) -> Option<String> {
    let at = title.to_ascii_lowercase().find("user story ")?;
    parts::number(&title[at..], &["user story"]).map(|(number, _)| number.number)
}

struct Marks<'t> {
    is_beside: bool,
    story: Option<String>,
    said: &'t str,
}

/// `[P] [US1] what is to be done`
fn marks(said: &str) -> Marks<'_> {
    let mut marks = Marks { is_beside: false, story: None, said };
    while let Some((mark, rest)) =
        marks.said.strip_prefix('[').and_then(|rest| rest.split_once(']'))
    {
        if mark.eq_ignore_ascii_case("p") {
            marks.is_beside = true;
        } else if let Some((number, _)) = parts::number(mark, &["US"]) {
            marks.story = Some(number.number);
        } else {
            break;
        }
        marks.said = rest.trim_start_matches(['*', '`', ':', ' ']);
    }
    marks
}

/// `(depends on T012, T013)`
fn depends(said: &str) -> Vec<String> {
    let Some(at) = said.to_ascii_lowercase().find("depends on ") else { return Vec::new() };
    let rest = &said[at + "depends on ".len()..];
    let list = rest.split([')', ';']).next().unwrap_or_default();
    let words = list.split([',', ' ']).map(|word| word.trim_matches(['.', '`', '*']));
    words
        .filter(|word| id(word).is_some_and(|(id, rest)| id == *word && rest.is_empty()))
        .map(str::to_owned)
        .collect()
}

/// Stories that the text says depend on others: `- **User Story 2 (P2)**: Depends on US1`.
fn stories_that_wait(list: &Checklist) -> BTreeMap<String, BTreeSet<String>> {
    let mut told = BTreeMap::new();
    for line in &list.asides {
        let line = line.trim_start_matches(['-', '*', '+', ' ']);
        let Some((story, rest)) = parts::number(line, &["user story"]) else { continue };
        let Some(at) = rest.to_ascii_lowercase().find("depends on ") else { continue };
        let others = parts::numbers(&rest[at..], &["user story", "US"]);
        let others: BTreeSet<String> = others.into_iter().map(|other| other.number).collect();
        told.insert(story.number, others);
    }
    told
}
