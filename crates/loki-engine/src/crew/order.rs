//! Tasks in the order that their source gives them.

use loki_model::crew::{TasksProblem, check};
use loki_model::{ListedTask, Origin, Spec, Task};

use crate::plan::GENERAL;

/// Why an order can not be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{place}`: {problem}")]
pub struct OrderProblem {
    /// Where it stands.
    pub place: Origin,
    /// What it is.
    pub problem: TasksProblem,
}

impl OrderProblem {
    /// What to do about it.
    pub fn fix(&self) -> &'static str {
        match &self.problem {
            TasksProblem::None => "`- [ ] what is to be done` is a task",
            TasksProblem::TooMany(_) => {
                "tick off what is done, or name fewer in a file: loki start SPEC --jobs N --tasks FILE"
            }
            TasksProblem::Name(_) => "give it a short name, or a number",
            TasksProblem::Twice(_) => "give one of them another number",
            TasksProblem::Missing { .. } => "correct what it comes after, or take it out",
            TasksProblem::Circle(_) => "take out one of the tasks that it comes after",
            TasksProblem::Scope { .. } => "correct the pattern",
        }
    }
}

/// The tasks that are left of `order`, in which `spec`'s own or another file puts them.
///
/// Who names no requirement is a step on the way: its own judgement asks for none. Scopes are left open: a path in the
/// words of a task says where the work is, not that its tests are there, too.
///
/// # Errors
///
/// They could never all be done.
pub fn tasks_of_order(order: &[ListedTask], spec: &Spec) -> Result<Vec<Task>, OrderProblem> {
    let task = |step: &ListedTask| Task {
        id: step.id.clone(),
        title: step.title.clone(),
        role: GENERAL.to_owned(),
        requirements: step.requirements.clone(),
        after: step.after.clone(),
        scope: Vec::new(),
        detail: step.detail.clone(),
        serves_none: step.requirements.is_empty(),
    };
    let tasks: Vec<Task> = order.iter().map(task).collect();
    check(&tasks).map_err(|problem| {
        let name = match &problem {
            TasksProblem::None | TasksProblem::TooMany(_) => None,
            TasksProblem::Name(name) | TasksProblem::Twice(name) | TasksProblem::Circle(name) => {
                Some(name)
            }
            TasksProblem::Missing { task, .. } | TasksProblem::Scope { task, .. } => Some(task),
        };
        // Of two with one name the second is the one too many.
        let step = order.iter().rfind(|step| name == Some(&step.id)).or(order.first());
        let nowhere = Origin { source: spec.source.clone(), line: None, pointer: None };
        let place = step.map_or(nowhere, |step| step.origin.clone());
        OrderProblem { place: Origin { pointer: None, ..place }, problem }
    })?;
    Ok(tasks)
}
