//! The parts of the work, and who does each: a helper of the agent, or the agent in one role after another.

use loki_model::{RequirementId, Task};

use super::PromptInput;
use crate::roles::role;

/// More charters than this say too much at once.
pub const CHARTERS_MAX: usize = 4;
/// More requirements of a task than this are only counted.
const IDS_MAX: usize = 40;

/// Nothing where there is only one part, or one role for all of it: a small task needs no ceremony.
pub(super) fn fragment(input: &PromptInput<'_>) -> String {
    let tasks = input.run.plan.as_ref().map_or(&[][..], |plan| &plan.tasks);
    if input.role.is_some() || tasks.len() < 2 {
        return String::new();
    }
    // Its helpers have the charters; elsewhere one agent takes the roles on, one after another.
    let has_helpers = input.run.offer(input.run.active).capabilities.sub_agents;
    let how = if has_helpers {
        "Have the helper of that name do each, or do it yourself."
    } else {
        "Do one after another, each in the role that it names; the roles are described below."
    };
    let mut out = format!(
        "# Parts\n\nThe requirements in parts, in an order that keeps what each part rests on. {how}\n\n"
    );
    tasks.iter().for_each(|task| out.push_str(&line(task)));
    if has_helpers {
        return out;
    }
    let mut told: Vec<&str> = Vec::new();
    for task in tasks {
        if told.contains(&task.role.as_str()) || told.len() == CHARTERS_MAX {
            continue;
        }
        let Some(role) = role(&task.role) else { continue };
        told.push(&task.role);
        out.push_str(&format!("\n## Role {}\n\n{}\n", role.name, role.charter.trim()));
    }
    out
}

/// Names only: what the spec says itself stands between its delimiters.
fn line(task: &Task) -> String {
    let named: Vec<&str> =
        task.requirements.iter().filter(|id| is_plain(id)).map(|id| id.0.as_str()).collect();
    let shown = named.iter().take(IDS_MAX).copied().collect::<Vec<_>>().join(", ");
    let more = match task.requirements.len().saturating_sub(IDS_MAX.min(named.len())) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let after = match task.after.as_slice() {
        [] => String::new(),
        after => format!(", after {}", after.join(", ")),
    };
    format!("- {} ({}{after}): {shown}{more}\n", task.id, task.role)
}

/// Names that a spec brought along could hold anything.
fn is_plain(id: &RequirementId) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    id.0.len() <= 64 && id.0.bytes().all(plain)
}
