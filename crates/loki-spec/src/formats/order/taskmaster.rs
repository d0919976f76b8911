//! Task Master's `tasks.json`: tasks with `id`, `dependencies`, `status` and `subtasks`, as one list or as one for each
//! tag. A task is done with all of its subtasks, so that who depends on one of these waits for all of it.
//!
//! Source: docs/task-structure.md of eyaltoledano/claude-task-master.

use std::collections::BTreeSet;

use loki_model::{ListedTask, Origin};

use super::{DETAIL_BYTES_MAX, Raw, Serves, State, title_of};
use crate::formats::tree::At;
use crate::statements::{cut, one_line};

/// More tasks than this are not read.
const TASKS_READ_MAX: usize = 10_000;

/// The tasks of `root`, which stands in `source`; none where tasks do not say what they depend on.
pub(super) fn tasks(root: &At<'_>, source: &str) -> Vec<Raw> {
    let lists: Vec<(&str, At<'_>)> = match root.get("tasks").filter(|tasks| tasks.is_list()) {
        Some(tasks) => vec![("", tasks)],
        None => {
            let tagged = root.entries().filter_map(|(tag, below)| Some((tag, below.get("tasks")?)));
            tagged.filter(|(_, tasks)| is_list(tasks)).collect()
        }
    };
    if !lists.iter().any(|(_, tasks)| is_list(tasks)) {
        return Vec::new();
    }
    let is_alone = lists.len() == 1;
    let mut raws = Vec::new();
    for (tag, tasks) in &lists {
        let prefix = if is_alone { String::new() } else { format!("{}.", plain(tag)) };
        raws.extend(list(tasks, &prefix, source));
    }
    raws
}

/// Whether these are tasks as the tool writes them, and not whatever else is called so.
fn is_list(tasks: &At<'_>) -> bool {
    let has_id = |task: At<'_>| task.get("id").and_then(|id| id.scalar()).is_some();
    tasks.len() > 0
        && tasks.items().all(has_id)
        && tasks.items().any(|task| task.get("dependencies").is_some_and(|it| it.is_list()))
}

fn list(tasks: &At<'_>, prefix: &str, source: &str) -> Vec<Raw> {
    let ids: BTreeSet<String> = tasks.items().filter_map(|task| task.get("id")?.scalar()).collect();
    let mut raws = Vec::new();
    for task in tasks.items().take(TASKS_READ_MAX) {
        let Some(id) = task.get("id").and_then(|id| id.scalar()) else { continue };
        let mut after = names(&task).iter().map(|name| owner(name, &ids)).collect::<Vec<_>>();
        let subtasks: Vec<At<'_>> = task.get("subtasks").iter().flat_map(At::items).collect();
        for name in subtasks.iter().flat_map(names).filter(|name| name.contains('.')) {
            let other = owner(&name, &ids);
            if other != id {
                after.push(other);
            }
        }
        let title = task.text_of("title").or_else(|| task.text_of("description"));
        let pointer = task.pointer();
        let listed = ListedTask {
            id: format!("{prefix}{}", plain(&id)),
            title: title_of(title.unwrap_or(&id)),
            detail: detail(&task, &id, &subtasks),
            requirements: Vec::new(),
            after: after.iter().map(|name| format!("{prefix}{}", plain(name))).collect(),
            origin: Origin {
                source: source.to_owned(),
                line: Some(task.line),
                pointer: pointer.clone(),
            },
        };
        let serves = pointer.map(Serves::Pointer).into_iter().collect();
        raws.push(Raw { task: listed, serves, state: state(&task) });
    }
    raws
}

fn names(task: &At<'_>) -> Vec<String> {
    task.get("dependencies").iter().flat_map(At::items).filter_map(|name| name.scalar()).collect()
}

/// The task that `name` is, or is a subtask of: `5` of `5.2`.
fn owner(name: &str, ids: &BTreeSet<String>) -> String {
    match name.split_once('.') {
        Some((owner, _)) if !ids.contains(name) && ids.contains(owner) => owner.to_owned(),
        _ => name.to_owned(),
    }
}

fn state(task: &At<'_>) -> State {
    match task.text_of("status").unwrap_or_default().to_ascii_lowercase().as_str() {
        "done" | "completed" => State::Done,
        "cancelled" | "canceled" | "deferred" => State::Unwanted,
        _ => State::Open,
    }
}

/// How it is to be done, and what it is divided into.
fn detail(task: &At<'_>, id: &str, subtasks: &[At<'_>]) -> String {
    let mut detail = String::new();
    for text in [task.text_of("description"), task.text_of("details")].into_iter().flatten() {
        text.lines().for_each(|line| detail.push_str(&format!("{}\n", one_line(line))));
    }
    for subtask in subtasks {
        if detail.len() > DETAIL_BYTES_MAX {
            break;
        }
        let mark = if state(subtask) == State::Done { 'x' } else { ' ' };
        let number = subtask.get("id").and_then(|id| id.scalar()).unwrap_or_default();
        let said = [subtask.text_of("title"), subtask.text_of("description")];
        let said = said.into_iter().flatten().map(one_line).collect::<Vec<_>>().join(": ");
        detail.push_str(&format!("- [{mark}] {id}.{number} {said}\n"));
    }
    cut(&detail, DETAIL_BYTES_MAX)
}

/// Names of tags may hold anything.
fn plain(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    name.chars().map(|c| if is_plain(c) { c } else { '-' }).collect()
}
