//! The order that a source itself gives its work: tasks, and which of them come before which.
//!
//! What is ticked off is left out, as is what was given up. Nothing is refused here: names that are not there,
//! are there twice or wait in a circle are kept, so that whoever wants to follow the order can say so.

mod checklist;
mod kiro;
mod speckit;
mod taskmaster;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use loki_model::crew::TASKS_MAX;
use loki_model::{ListedTask, Origin, RequirementId, Spec};

use super::folder::{FolderFormat, parts};
use super::tree::{self, At};
use super::{Malformed, malformed, promised};
use crate::statements::{cut, one_line};

use checklist::Checklist;

/// Longest title of a task, in bytes.
const TITLE_BYTES_MAX: usize = 200;
/// Longest text that stands with a task, in bytes.
const DETAIL_BYTES_MAX: usize = 8 * 1024;
/// More tasks than this are not even counted.
const LISTED_MAX: usize = 1_000;
/// What the last task is told when there are requirements that no other one is for.
const SEES_TO_REST: &str =
    "This is the last task: see to the requirements below that no other one was for, too.\n";

/// A task as its source has it.
#[derive(Debug)]
struct Raw {
    /// Without requirements; `after` as it was written.
    task: ListedTask,
    serves: Vec<Serves>,
    state: State,
}

/// What becomes of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Done,
    /// It was given up, or put off: what it is for is not wanted now.
    Unwanted,
    /// It may be left out, and is; what it is for is still wanted.
    Optional,
}

/// What says which requirement a task is for.
#[derive(Clone, Debug)]
enum Serves {
    /// The requirement that stands there.
    Line(String, u32),
    /// The requirement of this JSON pointer.
    Pointer(String),
    /// The requirement that its source gives this name: `FR1`.
    Name(String),
}

/// Where requirements stand that tasks name by a number of their own.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    source: String,
    lines: BTreeMap<String, u32>,
}

impl Numbers {
    /// Those that headings of `text` have behind `word`: `Requirement 2: Log out`, `User Story 1 - Notes`.
    fn of(source: &str, text: &str, word: &str) -> Numbers {
        let sections = parts::sections(text);
        let numbered = sections.iter().filter_map(|section| {
            let (number, _) = parts::number(&section.title, &[word])?;
            Some((number.number, section.line))
        });
        Numbers { source: source.to_owned(), lines: numbered.collect() }
    }

    fn serves(&self, number: &str) -> Option<Serves> {
        self.lines.get(number).map(|line| Serves::Line(self.source.clone(), *line))
    }
}

/// The tasks of a folder's `tasks.md`, before `spec` is finished: `(source, text)` of both files.
pub(super) fn of_folder(
    format: FolderFormat,
    spec: (&str, &str),
    tasks: (&str, &str),
) -> Option<Raws> {
    let word = match format {
        FolderFormat::Kiro => "requirement",
        FolderFormat::SpecKit => "user story",
        FolderFormat::OpenSpec | FolderFormat::Bmad | FolderFormat::TaskMaster => return None,
    };
    let list = checklist::read(tasks.1);
    let numbers = Numbers::of(spec.0, spec.1, word);
    Some(Raws(match format {
        FolderFormat::Kiro => kiro::tasks(&list, tasks.0, &numbers),
        _ => speckit::tasks(&list, tasks.0, &numbers),
    }))
}

/// Tasks, not yet put in order.
pub(super) struct Raws(Vec<Raw>);

impl Raws {
    /// Gives `spec`, whose requirements are all there, the order of these.
    pub(super) fn put_into(self, spec: &mut Spec) {
        spec.order = settle(self.0, spec);
    }
}

/// Gives `spec`, which was read of `root`, the order of its tasks, if they name what they depend on.
pub(super) fn of_tree(root: &At<'_>, spec: &mut Spec) {
    let raws = taskmaster::tasks(root, &spec.source);
    spec.order = settle(raws, spec);
}

/// Gives `spec`, which was read of `text`, the order of its checkboxes, if it is called `tasks.md`.
pub(super) fn of_markdown(text: &str, spec: &mut Spec) {
    let name = Path::new(&spec.source).file_name().and_then(|name| name.to_str());
    if name.is_some_and(|name| name.eq_ignore_ascii_case("tasks.md")) {
        let raws = of_checklist(&checklist::read(text), &spec.source);
        spec.order = settle(raws, spec);
    }
}

/// Whose numbers a list has is whose rules it follows.
fn of_checklist(list: &Checklist, source: &str) -> Vec<Raw> {
    let numbers = Numbers::default();
    if list.items.iter().any(|item| speckit::is_task(&item.text)) {
        return speckit::tasks(list, source, &numbers);
    }
    if list.items.iter().any(|item| kiro::number(&item.text).is_some()) {
        return kiro::tasks(list, source, &numbers);
    }
    plain(list, source)
}

/// One after another. What is nested in one belongs to it.
fn plain(list: &Checklist, source: &str) -> Vec<Raw> {
    let outer: Vec<&checklist::Item> =
        list.items.iter().filter(|item| item.parent.is_none()).collect();
    let mut raws: Vec<Raw> = Vec::new();
    for (at, item) in outer.iter().enumerate() {
        let id = (at + 1).to_string();
        let serves = vec![Serves::Line(source.to_owned(), item.line)];
        raws.push(raw(id, &item.text, list.detail(item, |_| false), source, item, serves));
    }
    chain(&mut raws, |_| (0, false));
    raws
}

/// One task of a checklist, which waits for nobody yet.
fn raw(
    id: String,
    title: &str,
    detail: String,
    source: &str,
    item: &checklist::Item,
    serves: Vec<Serves>,
) -> Raw {
    let state = match item {
        _ if item.is_done => State::Done,
        _ if item.is_optional => State::Optional,
        _ => State::Open,
    };
    let task = ListedTask {
        id,
        title: title_of(title),
        detail: cut(&detail, DETAIL_BYTES_MAX),
        requirements: Vec::new(),
        after: Vec::new(),
        origin: Origin::line(source, item.line),
    };
    Raw { task, serves, state }
}

fn title_of(text: &str) -> String {
    let title = cut(one_line(text).trim_matches(['*', ' ']), TITLE_BYTES_MAX);
    if title.is_empty() { "untitled".to_owned() } else { title }
}

/// Every open task waits for the one before it; those that `told` says may be done beside each other, and that
/// are in the same group, wait for what is before all of them. Gives back those that nobody here waits for.
fn chain(raws: &mut [Raw], told: impl Fn(usize) -> (usize, bool)) -> Vec<String> {
    let open: Vec<usize> = (0..raws.len()).filter(|at| raws[*at].state == State::Open).collect();
    let (mut before, mut now): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut last: Option<(usize, bool)> = None;
    // More than can be done are only counted.
    for at in open.into_iter().take(TASKS_MAX) {
        let (group, beside) = told(at);
        if !(beside && last == Some((group, true))) {
            before = std::mem::take(&mut now);
        }
        raws[at].task.after.extend(before.iter().cloned());
        now.push(raws[at].task.id.clone());
        last = Some((group, beside));
    }
    now
}

/// Those of `raws` that are left to be done, with their requirements; the last one sees to what none of them is for.
fn settle(raws: Vec<Raw>, spec: &Spec) -> Vec<ListedTask> {
    let mut by_id: BTreeMap<&str, usize> = BTreeMap::new();
    let mut twice: BTreeSet<&str> = BTreeSet::new();
    for (at, raw) in raws.iter().enumerate() {
        if by_id.insert(&raw.task.id, at).is_some() {
            twice.insert(&raw.task.id);
        }
    }
    let known = Known::of(spec);
    let (mut left, mut served) = (Vec::new(), BTreeSet::new());
    for raw in &raws {
        let requirements = known.all(&raw.serves);
        if raw.state != State::Optional {
            served.extend(requirements.iter().cloned());
        }
        // Who is there twice is told, not left out.
        if (raw.state == State::Open || twice.contains(raw.task.id.as_str()))
            && left.len() < LISTED_MAX
        {
            left.push(ListedTask { requirements, ..raw.task.clone() });
        }
    }
    if left.len() > TASKS_MAX {
        // Nobody can follow it: it is enough to say how many.
        for step in &mut left {
            step.after.clear();
            step.detail.clear();
        }
        return left;
    }
    for step in &mut left {
        step.after = waits_for(std::mem::take(&mut step.after), &raws, &by_id, &twice);
    }
    rest(&mut left, &served, spec);
    left
}

/// What is left of `after`: who is done is waited for no more, and for who is left out those before it.
fn waits_for(
    after: Vec<String>,
    raws: &[Raw],
    by_id: &BTreeMap<&str, usize>,
    twice: &BTreeSet<&str>,
) -> Vec<String> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let (mut kept, mut open) = (Vec::new(), after);
    open.reverse();
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let other = by_id.get(name.as_str()).map(|at| &raws[*at]);
        match other.map(|other| (other.state, other)) {
            Some(_) if twice.contains(name.as_str()) => kept.push(name),
            Some((State::Done, _)) => {}
            Some((State::Unwanted | State::Optional, other)) => {
                open.extend(other.task.after.iter().rev().cloned());
            }
            Some((State::Open, _)) | None => kept.push(name),
        }
    }
    kept
}

/// Gives the last task the requirements that no task is for, and puts it after all others: nothing of a spec is
/// lost. One more task would often find nothing left to change, which no judgement accepts.
fn rest(left: &mut [ListedTask], served: &BTreeSet<RequirementId>, spec: &Spec) {
    let missing = spec.requirements.iter().map(|requirement| &requirement.id);
    let missing: Vec<RequirementId> = missing.filter(|id| !served.contains(id)).cloned().collect();
    let waited: BTreeSet<String> = left.iter().flat_map(|task| task.after.clone()).collect();
    // In a circle there is none; it is refused as such.
    let at = left.iter().rposition(|task| !waited.contains(&task.id));
    let Some(at) = at.filter(|_| !missing.is_empty()) else { return };
    for other in 0..left.len() {
        let id = left[other].id.clone();
        if other != at && !waited.contains(&id) && !left[at].after.contains(&id) {
            left[at].after.push(id);
        }
    }
    left[at].detail.push_str(SEES_TO_REST);
    left[at].requirements.extend(missing);
}

/// Requirements by what tasks call them.
struct Known<'s> {
    lines: BTreeMap<(&'s str, u32), &'s RequirementId>,
    pointers: BTreeMap<&'s str, &'s RequirementId>,
    names: BTreeMap<&'s str, &'s RequirementId>,
}

impl<'s> Known<'s> {
    fn of(spec: &'s Spec) -> Known<'s> {
        let mut known =
            Known { lines: BTreeMap::new(), pointers: BTreeMap::new(), names: BTreeMap::new() };
        for requirement in &spec.requirements {
            let origin = &requirement.origin;
            if let Some(line) = origin.line {
                known.lines.insert((&origin.source, line), &requirement.id);
            }
            if let Some(pointer) = &origin.pointer {
                known.pointers.insert(pointer, &requirement.id);
            }
            if let Some((name, _)) = requirement.text.split_once(':') {
                known.names.insert(name, &requirement.id);
            }
            known.names.insert(&requirement.id.0, &requirement.id);
        }
        known
    }

    fn all(&self, serves: &[Serves]) -> Vec<RequirementId> {
        let mut all: Vec<RequirementId> = Vec::new();
        for one in serves {
            let found = match one {
                Serves::Line(source, line) => self.lines.get(&(source.as_str(), *line)),
                Serves::Pointer(pointer) => self.pointers.get(pointer.as_str()),
                Serves::Name(name) => self.names.get(name.as_str()),
            };
            if let Some(id) = found.filter(|id| !all.contains(**id)) {
                all.push((**id).clone());
            }
        }
        all
    }
}

/// Reads the tasks in `text`, which is `source` as the user named it, as an order for `spec`: JSON and YAML as Task
/// Master writes them, Markdown with checkboxes. Empty when nothing in it is left to be done.
///
/// Numbers of requirements mean something in the folder that they are from; elsewhere tasks are known to be for
/// what they name by `FR1` or by its id.
///
/// # Errors
///
/// The text is not in the format that its name promises.
pub fn read_order(source: &str, text: &str, spec: &Spec) -> Result<Vec<ListedTask>, Malformed> {
    let Some(syntax) = promised(source) else {
        return Ok(settle(of_checklist(&checklist::read(text), source), spec));
    };
    let document = tree::parse(text, syntax).map_err(|fault| malformed(source, syntax, &fault))?;
    Ok(settle(taskmaster::tasks(&At::root(&document.root), source), spec))
}

#[cfg(test)]
mod tests;
