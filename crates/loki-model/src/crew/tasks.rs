//! Which tasks can be done by a crew.

use std::collections::BTreeSet;

use super::scope::{self, ScopeProblem};
use crate::Task;

/// More tasks than this are not one piece of work.
pub const TASKS_MAX: usize = 64;
/// Longer names are not names.
const ID_BYTES_MAX: usize = 64;

/// Why tasks can not be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TasksProblem {
    /// There is none.
    #[error("there is no task")]
    None,
    /// There are too many.
    #[error("{0} tasks are more than the {TASKS_MAX} that one run can have")]
    TooMany(usize),
    /// A name is no name.
    #[error(
        "`{0}` is no name of a task: letters, digits, `-`, `_` and `.`, at most {ID_BYTES_MAX}"
    )]
    Name(String),
    /// Two tasks have the same name.
    #[error("two tasks are called `{0}`")]
    Twice(String),
    /// A task waits for one that is not there.
    #[error("task `{task}` comes after `{after}`, which is not there")]
    Missing {
        /// Who waits.
        task: String,
        /// For what.
        after: String,
    },
    /// Tasks wait for each other.
    #[error("task `{0}` waits for itself")]
    Circle(String),
    /// A pattern of a scope means nothing.
    #[error("task `{task}`: {problem}")]
    Scope {
        /// Whose.
        task: String,
        /// Which.
        problem: ScopeProblem,
    },
}

/// Refuses tasks that could never all be done.
pub fn check(tasks: &[Task]) -> Result<(), TasksProblem> {
    match tasks.len() {
        0 => return Err(TasksProblem::None),
        n if n > TASKS_MAX => return Err(TasksProblem::TooMany(n)),
        _ => {}
    }
    let mut names = BTreeSet::new();
    for task in tasks {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        let is_name = !task.id.is_empty() && task.id.len() <= ID_BYTES_MAX;
        if !is_name || !task.id.bytes().all(plain) {
            return Err(TasksProblem::Name(task.id.clone()));
        }
        if !names.insert(task.id.as_str()) {
            return Err(TasksProblem::Twice(task.id.clone()));
        }
        for pattern in &task.scope {
            let wrong = |problem| TasksProblem::Scope { task: task.id.clone(), problem };
            scope::check(pattern).map_err(wrong)?;
        }
    }
    for task in tasks {
        if let Some(after) = task.after.iter().find(|after| !names.contains(after.as_str())) {
            let (task, after) = (task.id.clone(), after.clone());
            return Err(TasksProblem::Missing { task, after });
        }
    }
    let mut done: BTreeSet<&str> = BTreeSet::new();
    loop {
        let before = done.len();
        let ready = |task: &&Task| task.after.iter().all(|after| done.contains(after.as_str()));
        let more: Vec<&str> = tasks.iter().filter(ready).map(|task| task.id.as_str()).collect();
        done.extend(more);
        if done.len() == before {
            break;
        }
    }
    match tasks.iter().find(|task| !done.contains(task.id.as_str())) {
        Some(task) => Err(TasksProblem::Circle(task.id.clone())),
        None => Ok(()),
    }
}

/// Those of a plan's tasks that `builds` says change files. Who waited for another one no longer does, but for
/// what that one waited for.
pub fn builders(tasks: &[Task], builds: &dyn Fn(&Task) -> bool) -> Vec<Task> {
    let mut kept: Vec<Task> = tasks.iter().filter(|task| builds(task)).cloned().collect();
    for task in &mut kept {
        let (mut after, mut open) = (Vec::new(), std::mem::take(&mut task.after));
        while let Some(name) = open.pop() {
            match tasks.iter().find(|other| other.id == name) {
                Some(other) if builds(other) => after.push(name),
                Some(other) => open.extend(other.after.iter().cloned()),
                None => {}
            }
        }
        after.sort();
        after.dedup();
        task.after = after;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(id: &str, after: &[&str]) -> Task {
        Task {
            id: id.to_owned(),
            title: id.to_owned(),
            role: String::new(),
            requirements: Vec::new(),
            after: after.iter().map(|&after| after.to_owned()).collect(),
            scope: Vec::new(),
            detail: String::new(),
            serves_none: false,
        }
    }

    #[test]
    fn tasks_that_could_never_all_be_done_are_refused() {
        assert_eq!(check(&[]), Err(TasksProblem::None));
        assert_eq!(check(&[task("a b", &[])]), Err(TasksProblem::Name("a b".to_owned())));
        assert_eq!(
            check(&[task("a", &[]), task("a", &[])]),
            Err(TasksProblem::Twice("a".to_owned()))
        );
        let circle = [task("a", &[]), task("b", &["c"]), task("c", &["b"])];
        assert_eq!(check(&circle), Err(TasksProblem::Circle("b".to_owned())));
        assert_eq!(check(&[task("a", &["a"])]), Err(TasksProblem::Circle("a".to_owned())));
        assert!(matches!(check(&[task("a", &["b"])]), Err(TasksProblem::Missing { .. })));
        assert_eq!(check(&[task("a", &[]), task("b", &["a"])]), Ok(()));
        let many: Vec<Task> = (0..=TASKS_MAX).map(|n| task(&n.to_string(), &[])).collect();
        assert_eq!(check(&many), Err(TasksProblem::TooMany(TASKS_MAX + 1)));
    }

    #[test]
    fn who_waited_for_a_task_that_is_left_out_waits_for_what_that_one_waited_for() {
        let all = [task("a", &[]), task("r", &["a"]), task("b", &["r"]), task("c", &["r", "a"])];
        let kept = builders(&all, &|task| task.id != "r");
        let after: Vec<(&str, Vec<&str>)> = kept
            .iter()
            .map(|task| (task.id.as_str(), task.after.iter().map(String::as_str).collect()))
            .collect();
        assert_eq!(after, [("a", vec![]), ("b", vec!["a"]), ("c", vec!["a"])]);
    }
}
