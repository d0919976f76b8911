//! The work in parts, each with the role that does it, in an order that keeps what it rests on.

use loki_model::{Spec, Task};

use super::team::{GENERAL, Member};
use super::text::Text;

/// Longest title, in characters.
const TITLE_CHARS_MAX: usize = 70;

/// One task for each builder of `team` that has requirements of its own, then those for the whole.
pub(crate) fn tasks(spec: &Spec, text: &Text, team: &[Member]) -> Vec<Task> {
    let whole = |member: &&Member| member.role == "eng-qa" || member.domain == "review";
    let builders: Vec<&Member> = team.iter().filter(|member| !whole(member)).collect();
    let mut parts: Vec<(&Member, Vec<usize>)> = builders.iter().map(|b| (*b, Vec::new())).collect();
    for at in 0..text.len() {
        if let Some(best) = best(&builders, text, at) {
            parts[best].1.push(at);
        }
    }
    parts.retain(|(_, at)| !at.is_empty());
    parts.extend(team.iter().filter(whole).map(|member| (member, (0..text.len()).collect())));
    let mut tasks: Vec<(u8, Task)> = Vec::new();
    for (member, at) in parts {
        let before = tasks.iter().map(|(turn, _)| *turn).filter(|turn| *turn < member.turn).max();
        // All of the turn before; the turns before that they have waited for themselves.
        let after = tasks.iter().filter(|(turn, _)| Some(*turn) == before);
        let task = Task {
            id: format!("T{}", tasks.len() + 1),
            title: title(spec, member, &at),
            role: member.role.clone(),
            requirements: at.iter().filter_map(|at| text.id(*at).cloned()).collect(),
            after: after.map(|(_, task)| task.id.clone()).collect(),
            scope: Vec::new(),
            detail: String::new(),
            serves_none: false,
        };
        tasks.push((member.turn, task));
    }
    tasks.into_iter().map(|(_, task)| task).collect()
}

/// Who has the most words for a requirement; of those with as many an engineer, then who has the most of
/// all.
fn best(builders: &[&Member], text: &Text, at: usize) -> Option<usize> {
    let words =
        |member: &Member| member.phrases.iter().filter(|phrase| text.says_at(at, phrase)).count();
    let score = |index: &usize| {
        let member = builders[*index];
        let engineers = member.domain == "engineering" || member.role == GENERAL;
        // The first of those that are equal.
        (words(member), engineers, member.at.len(), std::cmp::Reverse(*index))
    };
    (0..builders.len()).max_by_key(score)
}

fn title(spec: &Spec, member: &Member, at: &[usize]) -> String {
    let whole = at.len() == spec.requirements.len();
    match member.role.as_str() {
        "eng-qa" => return "Show every requirement by a test".to_owned(),
        "review-code" => return "Read the whole change".to_owned(),
        "review-security" => return "Look for ways in".to_owned(),
        _ if whole => return cut(&spec.title),
        _ => {}
    }
    let first = at.first().and_then(|at| spec.requirements.get(*at));
    let first = first.map_or_else(String::new, |requirement| cut(&requirement.text));
    match at.len() {
        0 | 1 => first,
        n => format!("{first} (and {} more)", n - 1),
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= TITLE_CHARS_MAX {
        return text.to_owned();
    }
    let cut: String = text.chars().take(TITLE_CHARS_MAX - 1).collect();
    format!("{}…", cut.trim_end())
}
