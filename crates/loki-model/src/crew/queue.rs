//! The one queue through which results come together: joined, judged, landed. A batch that does not hold is
//! halved until the one is found that breaks it.

use super::CrewEvent;
use super::state::{Crew, Errand, Link, MergingStep, SentBack};
use crate::{Judged, Outcome, Verdict, conclude, worst_of_each};

pub(super) fn on_joined(
    crew: &Crew,
    chain: &[Link],
    conflicts: &[(String, Vec<String>)],
) -> Option<Vec<CrewEvent>> {
    let merging = crew.merging.as_ref().filter(|merging| merging.step == MergingStep::Join)?;
    let mut links = chain.iter().peekable();
    let mut events = vec![CrewEvent::BatchJoined { chain: chain.to_vec() }];
    for task in &merging.batch {
        if links.next_if(|link| link.task == *task).is_some() {
            continue;
        }
        let of_task = conflicts.iter().find(|(conflicting, _)| conflicting == task);
        let paths = of_task.map(|(_, paths)| paths.clone()).unwrap_or_default();
        events.push(back_or_fail(crew.errand(task)?, SentBack::Conflict { paths }));
    }
    // What is left over was never asked for.
    links.next().is_none().then_some(events)
}

pub(super) fn on_judged(crew: &Crew, judged: &Judged) -> Option<Vec<CrewEvent>> {
    let merging = crew.merging.as_ref()?;
    let MergingStep::Judge { count } = merging.step else { return None };
    let link = merging.chain.get(count.checked_sub(1)?)?;
    if link.joined.tree != judged.tree {
        return None;
    }
    let judgements = judged.gates.iter().map(|gate| (gate.gate.clone(), gate.judgement));
    let verdict = conclude(&judged.policy, &worst_of_each(judgements));
    let mut events = vec![CrewEvent::BatchJudged { count, judged: judged.clone(), verdict }];
    let (good, bad) = narrowed(merging.good, merging.bad, count, verdict);
    if bad == Some(good + 1) {
        let against = match verdict {
            Verdict::Blocked => judged.reports.clone(),
            _ => merging.against.clone()?,
        };
        let guilty = crew.errand(&merging.chain.get(good)?.task)?;
        events.push(back_or_fail(guilty, SentBack::Blocked { reports: against }));
    }
    Some(events)
}

/// How many from the beginning hold, and how many do not, once `count` of them have this verdict.
pub(super) fn narrowed(
    good: usize,
    bad: Option<usize>,
    count: usize,
    verdict: Verdict,
) -> (usize, Option<usize>) {
    if verdict == Verdict::Blocked { (good, Some(count)) } else { (count, bad) }
}

pub(super) fn on_landed(crew: &Crew) -> Option<Vec<CrewEvent>> {
    let merging = crew.merging.as_ref().filter(|merging| merging.step == MergingStep::Land)?;
    let tasks = merging.chain.iter().map(|link| link.task.clone()).collect();
    let joined = merging.chain.last()?.joined.clone();
    Some(vec![CrewEvent::TasksMerged { tasks, joined }])
}

/// Each kind of trouble sends a task back once; after that it is given up.
pub(super) fn back_or_fail(errand: &Errand, why: SentBack) -> CrewEvent {
    let task = errand.task.id.clone();
    let kind = std::mem::discriminant(&why);
    // Whoever resumed it wanted it to have all its chances again.
    let since = errand.sent_back.rsplit(|why| matches!(why, SentBack::Unfinished { .. })).next();
    let again = since.unwrap_or_default().iter().any(|past| std::mem::discriminant(past) == kind);
    if !again {
        return CrewEvent::TaskSentBack { task, why };
    }
    let named = |paths: Vec<String>| paths.join(", ");
    let reason = match why {
        SentBack::Conflict { paths } => {
            format!("it met the changes of others in {} again", named(paths))
        }
        SentBack::OutOfScope { paths } => {
            format!("it changed files outside of its scope again: {}", named(paths))
        }
        SentBack::Blocked { .. } => "what it made breaks what others made, again".to_owned(),
        SentBack::Unfinished { reason } => reason,
    };
    CrewEvent::TaskFailed { task, outcome: Outcome::Stagnated, reason }
}
