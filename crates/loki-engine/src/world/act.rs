//! Lets the agent work.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use loki_agent::{AgentEvent, CallResult, CallSpec};
use loki_model::{Activity, Digest, EffectResult, Progress, Run, Tier, Timestamp, Usd};

use super::{Done, RealWorld, now};

/// Activities are recorded together when they come quicker than this.
const ACTIVITY_INTERVAL: Duration = Duration::from_millis(250);
/// No more than this many at once.
const ACTIVITY_BATCH_MAX: usize = 50;
/// No more than this many a call: the transcript has them all.
const ACTIVITIES_MAX: usize = 2_000;

impl RealWorld<'_> {
    pub(super) fn call_agent(
        &self,
        run: &Run,
        call: u32,
        tier: Tier,
        prompt: &Digest,
        budget_left: Option<Usd>,
        progress: &mut (dyn FnMut(Timestamp, Progress) + Send),
    ) -> Done {
        let workspace = run.workspace.as_ref().context("the run has no workspace")?;
        let prompt = self.store.get_blob(prompt)?.context("the prompt is missing in the store")?;
        let prompt = String::from_utf8(prompt).context("the prompt is not text")?;
        let spec = CallSpec {
            cwd: Path::new(&workspace.path),
            prompt: &prompt,
            call,
            tier,
            model: run.settings.model.as_deref(),
            resume: None,
            budget_left,
            limits: self.limits,
        };
        let started = Instant::now();
        let mut activities = Batch::new(progress);
        let result = self.agent.call(&spec, &self.stop.cancel, &mut |event| {
            if let AgentEvent::Activity(activity) = event {
                activities.add(activity);
            }
        });
        activities.flush();
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let transcript = self.store.put_blob(&transcript(&result))?;
        Ok(EffectResult::AgentReturned { report: result.report, transcript, duration_ms })
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

/// Collects activities, so that a busy agent does not cost one durable write each.
struct Batch<'a> {
    progress: &'a mut (dyn FnMut(Timestamp, Progress) + Send),
    waiting: Vec<Activity>,
    flushed_at: Option<Instant>,
    total: usize,
}

impl<'a> Batch<'a> {
    fn new(progress: &'a mut (dyn FnMut(Timestamp, Progress) + Send)) -> Batch<'a> {
        Batch { progress, waiting: Vec::new(), flushed_at: None, total: 0 }
    }

    fn add(&mut self, activity: Activity) {
        self.total += 1;
        if self.total > ACTIVITIES_MAX {
            return;
        }
        self.waiting.push(activity);
        let quiet = self.flushed_at.is_none_or(|at| at.elapsed() >= ACTIVITY_INTERVAL);
        if quiet || self.waiting.len() >= ACTIVITY_BATCH_MAX {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if !self.waiting.is_empty() {
            let activities = std::mem::take(&mut self.waiting);
            (self.progress)(now(), Progress::AgentActed(activities));
            self.flushed_at = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(n: usize) -> Activity {
        Activity::Said { text: n.to_string() }
    }

    #[test]
    fn activities_that_come_at_once_are_recorded_together_and_none_is_lost() {
        let mut recorded = Vec::new();
        let mut progress = |_, progress| {
            if let Progress::AgentActed(activities) = progress {
                recorded.push(activities.len());
            }
        };
        let mut batch = Batch::new(&mut progress);
        (0..40).for_each(|n| batch.add(said(n)));
        batch.flush();
        assert_eq!(recorded.iter().sum::<usize>(), 40);
        assert!(recorded.len() < 40, "{recorded:?}");
    }

    #[test]
    fn a_flood_of_activities_is_capped() {
        let mut recorded = 0;
        let mut progress = |_, progress| {
            if let Progress::AgentActed(activities) = progress {
                recorded += activities.len();
            }
        };
        let mut batch = Batch::new(&mut progress);
        (0..10 * ACTIVITIES_MAX).for_each(|n| batch.add(said(n)));
        batch.flush();
        assert_eq!(recorded, ACTIVITIES_MAX);
    }
}
