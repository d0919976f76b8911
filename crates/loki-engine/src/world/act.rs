//! Lets the agent work.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use loki_agent::{AgentEvent, CallResult, CallSpec};
use loki_host::process::{Cancel, Limits};
use loki_model::{
    Activity, AgentOutcome, Cost, EffectKind, EffectResult, Price, Progress, Run, SandboxLevel,
    Timestamp, Usage, Usd,
};

use super::{Done, RealWorld, now};
use crate::drive::OnProgress;
use crate::roles::helpers;

/// Activities are recorded as they come, up to this many in a second; more than that together.
const ACTIVITIES_PER_SECOND_MAX: u32 = 20;
/// A call that is made at all has this long.
const CALL_MIN: Duration = Duration::from_secs(1);
/// No more than this many together.
const ACTIVITY_BATCH_MAX: usize = 50;
/// No more than this many a call: the transcript has them all.
const ACTIVITIES_MAX: usize = 2_000;

impl RealWorld<'_> {
    pub(super) fn call_agent(
        &self,
        run: &Run,
        effect: &EffectKind,
        rope: &Cancel,
        progress: &mut OnProgress<'_>,
    ) -> Done {
        let EffectKind::CallAgent { call, choice, prompt, resume, budget_left, tokens_left, until } =
            effect
        else {
            anyhow::bail!("this is no call");
        };
        let workspace = run.workspace.as_ref().context("the run has no workspace")?;
        let prompt = self.store.get_blob(prompt)?.context("the prompt is missing in the store")?;
        let prompt = String::from_utf8(prompt).context("the prompt is not text")?;
        let known = self.agents.iter().find(|agent| agent.name() == choice.agent);
        // One that was chosen while the run is under way.
        let chosen = match known {
            Some(_) => None,
            None => Some(loki_agent::open(&choice.agent)?),
        };
        let agent = known.or(chosen.as_ref()).context("the agent is missing")?;
        let can = run.offer(run.active).capabilities;
        let tasks = run.plan.as_ref().map_or(&[][..], |plan| &plan.tasks);
        let helpers = if can.sub_agents { helpers(tasks) } else { Vec::new() };
        let hold = self.hold();
        let sandbox = agent.confinement(&hold);
        let spec = CallSpec {
            cwd: Path::new(&workspace.path),
            prompt: &prompt,
            call: *call,
            tier: choice.tier,
            model: choice.model.as_deref(),
            price: choice.price,
            effort: choice.effort,
            fallback_model: choice.fallback.as_deref(),
            resume: resume.as_deref(),
            budget_left: budget_left.filter(|_| can.budget),
            sub_agents: &helpers,
            limits: in_time(self.limits, *until, now()),
            hold: &hold,
        };
        match self.keep_workspace(run, *call) {
            Ok(checkpoint) => {
                // What can not be recorded could not be gone back to.
                if progress(now(), Progress::CheckpointMade(checkpoint)).is_break() {
                    return Ok(EffectResult::Interrupted);
                }
            }
            Err(_) if self.stop.requested().is_some() => return Ok(EffectResult::Interrupted),
            Err(err) => return Err(err.context("the workspace could not be kept before the call")),
        }
        let started = Instant::now();
        let mut activities = Batch::new(progress);
        let meter = Meter { tokens: *tokens_left, money: *budget_left, price: choice.price };
        let mut is_over = false;
        let result = agent.call(&spec, rope, &mut |event| {
            let is_enough = match event {
                AgentEvent::Activity(activity) => activities.add(activity).is_break(),
                AgentEvent::Used(usage) => {
                    is_over |= meter.is_over(&usage);
                    is_over
                }
                AgentEvent::Output(..) => false,
            };
            if is_enough {
                rope.pull();
            }
        });
        // At the end of the call there is nothing left to break off.
        let _ = activities.flush();
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let transcript = self.store.put_blob(&transcript(&result))?;
        let mut report = result.report;
        if is_over && report.outcome == AgentOutcome::Cancelled {
            report.outcome = AgentOutcome::BudgetReached;
        }
        if hold.level != SandboxLevel::Off
            && let AgentOutcome::Crashed { detail, .. } = &mut report.outcome
        {
            detail.push_str(&withheld(detail, &|name| std::env::var_os(name).is_some()));
        }
        // What never began was held to nothing.
        let sandbox =
            sandbox.filter(|_| !matches!(report.outcome, AgentOutcome::NotStarted { .. }));
        Ok(EffectResult::AgentReturned { report, transcript, duration_ms, sandbox })
    }
}

/// `limits`, and no longer than `until`.
fn in_time(limits: Limits, until: Option<Timestamp>, now: Timestamp) -> Limits {
    let Some(until) = until else { return limits };
    let left = Duration::from_millis(until.millis_since(now)).max(CALL_MIN);
    Limits { total: limits.total.min(left), ..limits }
}

/// What a call may use, against which it is held while it works.
struct Meter {
    tokens: Option<u64>,
    money: Option<Usd>,
    price: Option<Price>,
}

impl Meter {
    /// Whether a call that used this much has used what it may.
    fn is_over(&self, usage: &Usage) -> bool {
        let tokens = usage.tokens.unwrap_or_default();
        let money = match (usage.cost, self.price) {
            (Cost::Known { usd } | Cost::Computed { usd }, _) => usd,
            (Cost::Unknown, Some(price)) => price.of(&tokens),
            (Cost::Unknown, None) => Usd::ZERO,
        };
        self.tokens.is_some_and(|left| tokens.total() >= left)
            || self.money.is_some_and(|left| money >= left)
    }
}

/// What to do about a variable that an agent misses by name and that is set here: agents get only what they
/// are known to need, and their own settings, which they can write, have no say in that.
fn withheld(detail: &str, is_set: &dyn Fn(&str) -> bool) -> String {
    let is_of_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let mut names = detail.split(|c| !is_of_name(c)).filter(|name| name.len() >= 4);
    match names.find(|name| is_set(name)) {
        Some(name) => {
            format!(" (it is set, and agents do not get it: LOKI_SANDBOX_ENV={name} hands it on)")
        }
        None => String::new(),
    }
}

fn transcript(result: &CallResult) -> Vec<u8> {
    let mut bytes = result.stdout.bytes();
    let errors = result.stderr.bytes();
    if !errors.is_empty() {
        bytes.extend_from_slice(b"\n--- standard error ---\n");
        bytes.extend_from_slice(&errors);
    }
    bytes
}

/// Passes activities on, so that neither a quiet agent's last word waits nor a busy one costs a
/// durable write each.
struct Batch<'a, 'b> {
    progress: &'a mut OnProgress<'b>,
    waiting: Vec<Activity>,
    second: Instant,
    in_second: u32,
    total: usize,
}

impl<'a, 'b> Batch<'a, 'b> {
    fn new(progress: &'a mut OnProgress<'b>) -> Batch<'a, 'b> {
        Batch { progress, waiting: Vec::new(), second: Instant::now(), in_second: 0, total: 0 }
    }

    fn add(&mut self, activity: Activity) -> ControlFlow<()> {
        self.total += 1;
        if self.total > ACTIVITIES_MAX {
            return ControlFlow::Continue(());
        }
        self.waiting.push(activity);
        if self.second.elapsed() >= Duration::from_secs(1) {
            (self.second, self.in_second) = (Instant::now(), 0);
        }
        self.in_second += 1;
        let calm = self.in_second <= ACTIVITIES_PER_SECOND_MAX;
        if calm || self.waiting.len() >= ACTIVITY_BATCH_MAX {
            return self.flush();
        }
        ControlFlow::Continue(())
    }

    fn flush(&mut self) -> ControlFlow<()> {
        if self.waiting.is_empty() {
            return ControlFlow::Continue(());
        }
        let activities = std::mem::take(&mut self.waiting);
        (self.progress)(now(), Progress::AgentActed(activities))
    }
}

#[cfg(test)]
mod tests {
    use loki_model::TokenUsage;

    use super::*;

    #[test]
    fn a_variable_that_an_agent_misses_and_that_is_set_is_told_with_how_it_gets_it() {
        let is_set = |name: &str| name == "GATEWAY_KEY";
        let told = withheld("Missing environment variable: `GATEWAY_KEY`.", &is_set);
        assert!(told.contains("LOKI_SANDBOX_ENV=GATEWAY_KEY"), "{told}");
        assert_eq!(withheld("out of memory", &is_set), "");
        assert_eq!(withheld("OTHER_KEY is missing", &is_set), "");
    }

    #[test]
    fn a_call_is_over_the_limit_by_its_tokens_or_by_what_they_cost() {
        let price = Price {
            input: Usd(2_000_000),
            output: Usd(0),
            cache_read: Usd(0),
            cache_write: Usd(0),
        };
        let tokens = |input| Some(TokenUsage { input, ..TokenUsage::default() });
        let used = |input| Usage { tokens: tokens(input), cost: Cost::Unknown };
        let meter = Meter { tokens: Some(100), money: None, price: None };
        assert!(!meter.is_over(&used(99)) && meter.is_over(&used(100)));
        let meter = Meter { tokens: None, money: Some(Usd(10)), price: Some(price) };
        assert!(!meter.is_over(&used(4)) && meter.is_over(&used(5)));
        let told = Usage { tokens: None, cost: Cost::Known { usd: Usd(10) } };
        assert!(meter.is_over(&told));
        let free = Meter { tokens: None, money: Some(Usd(10)), price: None };
        assert!(!free.is_over(&used(1_000_000)));
    }

    #[test]
    fn a_call_ends_with_the_time_of_its_run() {
        let hour = Duration::from_secs(3_600);
        let limits = Limits { total: hour, ..Limits::default() };
        let total = |until| in_time(limits, until, Timestamp(5_000)).total;
        assert_eq!(total(None), hour);
        assert_eq!(total(Some(Timestamp(65_000))), Duration::from_secs(60));
        assert_eq!(total(Some(Timestamp(i64::MAX))), hour);
        assert_eq!(total(Some(Timestamp(1))), CALL_MIN);
    }

    fn said(n: usize) -> Activity {
        Activity::Said { text: n.to_string() }
    }

    /// How many activities were recorded in each event, when `count` of them come at once.
    fn recorded(count: usize) -> Vec<usize> {
        let mut events = Vec::new();
        let mut progress = |_, progress| {
            if let Progress::AgentActed(activities) = progress {
                events.push(activities.len());
            }
            ControlFlow::Continue(())
        };
        let mut batch = Batch::new(&mut progress);
        (0..count).for_each(|n| assert!(batch.add(said(n)).is_continue()));
        assert!(batch.flush().is_continue());
        events
    }

    #[test]
    fn a_calm_agents_activities_are_recorded_one_by_one() {
        assert_eq!(recorded(3), [1, 1, 1]);
    }

    #[test]
    fn activities_that_come_in_a_rush_are_recorded_together_and_none_is_lost() {
        let events = recorded(500);
        assert_eq!(events.iter().sum::<usize>(), 500);
        assert!(events.len() < 60, "{events:?}");
    }

    #[test]
    fn a_flood_of_activities_is_capped() {
        assert_eq!(recorded(10 * ACTIVITIES_MAX).iter().sum::<usize>(), ACTIVITIES_MAX);
    }

    #[test]
    fn an_activity_that_can_not_be_recorded_is_told_at_once() {
        let mut progress = |_, _| ControlFlow::Break(());
        let mut batch = Batch::new(&mut progress);
        assert!(batch.add(said(1)).is_break());
    }
}
