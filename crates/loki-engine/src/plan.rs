//! What a run would be: how large, who works on what, in which order, at what cost.
//!
//! Deterministic: the same spec, repository, settings and history give the same plan. Calls nobody and
//! spends nothing. What is planned is pinned when a run begins, so that it can be compared later.

mod complexity;
mod estimate;
mod history;
mod manifests;
mod savings;
mod tasks;
mod team;
mod text;

use std::path::Path;

use loki_model::{Assumption, Choice, Complexity, Estimate, Plan, Settings, Spec, Task};

pub use history::{HISTORY_EVENTS_MAX, Past, history};
pub use manifests::{Dependencies, direct_dependencies};
pub(crate) use team::GENERAL;
pub use team::Member;

use text::Text;

/// Whether the calls of a run cost anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paid {
    /// They are free: a recording.
    No,
    /// They are paid for, or nobody knows.
    Yes,
}

/// A plan with the reasons for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// How large it is.
    pub complexity: Complexity,
    /// What speaks for that, most important first.
    pub why: Vec<String>,
    /// Who works on it.
    pub team: Vec<Member>,
    /// What they do, in order.
    pub tasks: Vec<Task>,
    /// What that takes.
    pub estimate: Estimate,
    /// The models that would be asked: of the agent, and of each that may take over.
    pub models: Vec<Choice>,
    /// What would make it cheaper.
    pub cheaper: Vec<String>,
    /// What the repository depends on directly.
    pub dependencies: Dependencies,
}

impl Planned {
    /// What is pinned of it.
    pub fn pinned(&self, assumptions: Vec<Assumption>) -> Plan {
        let Planned { complexity, estimate, tasks, .. } = self;
        Plan {
            complexity: *complexity,
            estimate: estimate.clone(),
            tasks: tasks.clone(),
            assumptions,
        }
    }
}

/// Plans a run of `spec` in the repository at `root`.
///
/// `open` is how many questions about the spec nobody answered; `past` are runs of this machine.
pub fn plan(
    spec: &Spec,
    root: &Path,
    settings: &Settings,
    paid: Paid,
    open: usize,
    past: &[Past],
) -> Planned {
    let text = Text::of(spec);
    let dependencies = direct_dependencies(root);
    let wanted = team::wanted(&text);
    let (complexity, why) = complexity::complexity(spec, &text, &wanted, &dependencies);
    let team = team::choose(&wanted, &text, complexity);
    let tasks = tasks::tasks(spec, &text, &team);
    let estimate = estimate::estimate(complexity, settings, paid, past);
    let cheaper = savings::savings(spec, complexity, settings, paid, open, &estimate);
    let models = models(settings);
    Planned { complexity, why, team, tasks, estimate, models, cheaper, dependencies }
}

/// By the function that dispatches.
fn models(settings: &Settings) -> Vec<Choice> {
    let wishes = settings.wishes();
    let chosen = |offer| loki_model::choose(offer, &wishes, settings.tier, None, &[]);
    match settings.agents.as_slice() {
        [] => vec![settings.quote(settings.tier)],
        agents => agents.iter().map(chosen).collect(),
    }
}

#[cfg(test)]
mod tests;
