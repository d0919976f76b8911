//! What is promised of every run, whatever happens.

use loki_model::{Claim, Cost, Event, Outcome, Run, Spend, Step, UnknownCost, Verdict, fold};

use super::host::Host;

/// Effects for each iteration and each wait; a loop that does more runs hot.
const EFFECTS_MAX: u32 = 8;

/// After each process, dead or not.
pub(super) fn after_process(run: &Run, host: &mut Host) -> Result<(), String> {
    let folded = fold(&host.acknowledged);
    if folded.as_ref() != Some(run) {
        return Err("the state is not what the journal folds to".to_owned());
    }
    if let Some(broke) = host.broke.take() {
        return Err(broke.to_owned());
    }
    let stopped = run.ended.as_ref().is_some_and(|end| end.outcome == Outcome::Stopped);
    if stopped && run.step == Step::Act {
        return Err("a stop leaves a call that was announced and not made".to_owned());
    }
    calls(run, host)?;
    tokens(run, host)?;
    money(run, host)?;
    verdict(run, host)?;
    // Every process may begin one effect anew.
    let processes = u32::try_from(host.tally.processes).unwrap_or(u32::MAX);
    let allowed = EFFECTS_MAX * (run.iteration + host.waits + processes + 1);
    if host.effects > allowed {
        return Err(format!("{} effects, where {allowed} would do: it runs hot", host.effects));
    }
    Ok(())
}

/// When a further process has read what the one before left.
pub(super) fn after_recovery(run: &Run, host: &Host) -> Result<(), String> {
    match fold(&host.acknowledged).as_ref() == Some(run) {
        true => Ok(()),
        false => {
            Err("an event that was durable is lost, or one is there that never was".to_owned())
        }
    }
}

/// When the run has ended by itself.
pub(super) fn at_the_end(run: &Run, host: &Host) -> Result<(), String> {
    let ends = host.acknowledged.iter().filter(|event| matches!(event, Event::RunEnded { .. }));
    let resumed = host.acknowledged.iter().filter(|e| matches!(e, Event::RunResumed { .. }));
    if ends.count() > resumed.count() + 1 {
        return Err("it ended more often than it was begun".to_owned());
    }
    if run.step != Step::Close && run.ended.as_ref().map(|e| e.outcome) == Some(Outcome::Verified) {
        return Err("it ended verified before its result was written".to_owned());
    }
    Ok(())
}

/// No call is made twice, none without being counted, and none beyond the limit.
fn calls(run: &Run, host: &Host) -> Result<(), String> {
    let mut made: Vec<u32> = host.calls.iter().map(|(call, _)| *call).collect();
    let count = made.len();
    made.dedup();
    if made.len() != count || !made.is_sorted() {
        return Err(format!("a call was made twice: {made:?}"));
    }
    let limit = run.settings.iterations_max;
    if run.calls > limit || made.len() > limit as usize {
        return Err(format!("{} calls of at most {limit}", made.len()));
    }
    if made.last().is_some_and(|last| *last > run.calls) {
        return Err("a call was made that the journal does not know".to_owned());
    }
    Ok(())
}

/// No call is begun once the tokens are used.
fn tokens(run: &Run, host: &Host) -> Result<(), String> {
    let mut used = 0;
    for event in &host.acknowledged {
        match event {
            Event::AgentReturned { report, .. } => {
                used += report.usage.tokens.map_or(0, |tokens| tokens.total());
            }
            Event::AgentCalled { .. } if run.settings.tokens_max.is_some_and(|max| used >= max) => {
                return Err(format!("a call was begun after {used} tokens were used"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// What calls really cost is charged, and nothing twice.
fn money(run: &Run, host: &Host) -> Result<(), String> {
    let returned = host.acknowledged.iter().filter_map(|event| match event {
        Event::AgentReturned { report, .. } => Some(report),
        _ => None,
    });
    let (mut told, mut untold) = (0, 0);
    for report in returned {
        match report.usage.cost {
            Cost::Known { usd } | Cost::Computed { usd } => told += usd.0,
            Cost::Unknown => untold += 1,
        }
    }
    let lost = host.acknowledged.iter().filter(|e| matches!(e, Event::AgentCallLost { .. }));
    let lost = lost.count() as u64;
    let assumed = match run.settings.unknown_cost {
        UnknownCost::Estimate => Spend::UNKNOWN_CALL.0,
        UnknownCost::Deny | UnknownCost::Allow => 0,
    };
    let expected = told + (untold + lost) * assumed;
    let charged = run.spend.charged().0;
    if charged != expected {
        return Err(format!(
            "{charged} is charged, where {expected} was told or has to be assumed"
        ));
    }
    // A call that is under way, or whose process has just died, is charged when the run is taken up.
    let open = u64::from(run.step == Step::Act) * assumed;
    if assumed == 0 {
        return Ok(());
    }
    let really: u64 = host.calls.iter().map(|(_, cost)| cost).sum();
    if charged + open < really {
        return Err(format!("{charged} is charged, and {really} was spent"));
    }
    Ok(())
}

/// Verified is only what is good, and what the agent says is done.
fn verdict(run: &Run, host: &Host) -> Result<(), String> {
    let verified = run.ended.as_ref().is_some_and(|end| end.outcome == Outcome::Verified);
    if verified && (!host.good || run.verdict() != Some(Verdict::Verified)) {
        return Err("it ended verified, and the tree is not good".to_owned());
    }
    if verified && run.claim() != Claim::Done {
        return Err("it ended verified, and nobody said it was done".to_owned());
    }
    Ok(())
}
