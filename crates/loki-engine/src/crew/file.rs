//! Tasks that a user wrote down, as `docs/formats/tasks.md` says.

use std::collections::BTreeSet;

use loki_model::crew::{TasksProblem, check};
use loki_model::{RequirementId, Spec, Task};
use serde::Deserialize;

use crate::plan::GENERAL;
use crate::roles::role;

/// Why a file of tasks can not be followed.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// It is not in its format.
    #[error("{0}")]
    Format(#[from] toml::de::Error),
    /// Its tasks could never all be done.
    #[error(transparent)]
    Tasks(#[from] TasksProblem),
    /// A task names a requirement that the spec does not have.
    #[error("task `{task}` names requirement `{requirement}`, which is not in the spec")]
    Requirement {
        /// Which task.
        task: String,
        /// What it names.
        requirement: String,
    },
    /// A task names a role that is not there.
    #[error("task `{task}` names role `{role}`, which is not there: loki agent list")]
    Role {
        /// Which task.
        task: String,
        /// What it names.
        role: String,
    },
    /// Nobody would do a requirement.
    #[error("requirement `{0}` belongs to no task")]
    Nobody(RequirementId),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    task: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    title: String,
    #[serde(default)]
    requirements: Vec<String>,
    #[serde(default)]
    after: Vec<String>,
    #[serde(default)]
    scope: Vec<String>,
    #[serde(default = "implementer")]
    role: String,
}

fn implementer() -> String {
    GENERAL.to_owned()
}

/// Reads the tasks of `spec` in `text`. Every requirement of the spec belongs to at least one task: one that names
/// none has all of them.
pub fn read_tasks(text: &str, spec: &Spec) -> Result<Vec<Task>, FileProblem> {
    let file: File = toml::from_str(text)?;
    let known: BTreeSet<&str> = spec.requirements.iter().map(|r| r.id.0.as_str()).collect();
    let mut tasks = Vec::new();
    for Entry { id, title, requirements, after, scope, role: name } in file.task {
        if let Some(unknown) = requirements.iter().find(|id| !known.contains(id.as_str())) {
            return Err(FileProblem::Requirement { task: id, requirement: unknown.clone() });
        }
        if role(&name).is_none() {
            return Err(FileProblem::Role { task: id, role: name });
        }
        let requirements = requirements.into_iter().map(RequirementId).collect();
        let (detail, serves_none) = (String::new(), false);
        tasks.push(Task { id, title, role: name, requirements, after, scope, detail, serves_none });
    }
    check(&tasks)?;
    let has_all = tasks.iter().any(|task| task.requirements.is_empty());
    let is_done =
        |id: &RequirementId| has_all || tasks.iter().any(|task| task.requirements.contains(id));
    match spec.requirements.iter().find(|requirement| !is_done(&requirement.id)) {
        Some(requirement) => Err(FileProblem::Nobody(requirement.id.clone())),
        None => Ok(tasks),
    }
}
