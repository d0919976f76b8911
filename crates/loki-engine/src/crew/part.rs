//! What one task of a crew is asked for.

use loki_model::crew::builders;
use loki_model::{Requirement, Spec, Task};

use crate::roles::role;

/// The tasks of a plan that build something. That each requirement is shown by tests is asked of every one of
/// them, and the whole is read by the judge.
pub fn tasks_of_plan(tasks: &[Task]) -> Vec<Task> {
    let builds = |task: &Task| {
        let role = role(&task.role);
        task.role != "eng-qa"
            && role.is_none_or(|role| role.changes_files && role.domain != "review")
    };
    builders(tasks, &builds)
}

/// What `task` is asked for: its requirements, and what holds for all of `spec`. A task that names no requirement
/// has all of them, and its title says which part is meant; a step on the way has none, and all of the spec to look at.
pub(super) fn spec_of(spec: &Spec, task: &Task) -> Spec {
    let is_of_task = |requirement: &&Requirement| task.requirements.contains(&requirement.id);
    let requirements: Vec<Requirement> =
        spec.requirements.iter().filter(is_of_task).cloned().collect();
    let mut text = format!("# {}\n\nA part of: {}\n", task.title, spec.title);
    if !task.detail.is_empty() {
        text.push_str(&format!("\n{}\n", task.detail.trim_end()));
    }
    if task.requirements.is_empty() {
        text.push_str(&format!("\nThe whole of it is:\n\n{}\n", spec.text.trim_end()));
    } else {
        text.push_str("\n## Requirements\n\n");
        for requirement in &requirements {
            text.push_str(&format!("- {}\n", requirement.text));
            for criterion in &requirement.acceptance {
                text.push_str(&format!("  - {criterion}\n"));
            }
        }
        if !spec.constraints.is_empty() {
            text.push_str("\n## Constraints\n\n");
            spec.constraints.iter().for_each(|note| text.push_str(&format!("- {}\n", note.text)));
        }
    }
    Spec {
        id: format!("{}/{}", spec.id, task.id),
        requirements: if task.requirements.is_empty() && !task.serves_none {
            spec.requirements.clone()
        } else {
            requirements
        },
        constraints: spec.constraints.clone(),
        assumptions: spec.assumptions.clone(),
        context: spec.context.clone(),
        ..Spec::of(&spec.source, &task.title, &text)
    }
}
