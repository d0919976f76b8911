//! Effects on the simulated machine.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use loki_host::process::Cancel;
use loki_model::{
    Activity, AgentOutcome, CallReport, ChangeStats, Claim, CommitId, Control, Cost, Deadline,
    Digest, Effect, EffectKind, EffectResult, GateId, GateSummary, Judged, Judgement, Offer,
    Policy, Progress, Role, Run, Snapshot, StopCause, Timestamp, TokenUsage, TreeId, Usage, Usd,
    Workspace,
};

use super::fault::Fault;
use super::host::Host;
use super::{RAISE, locked};
use crate::drive::{OnProgress, Slot, World};

pub(super) struct SimWorld {
    host: Arc<Mutex<Host>>,
    /// Through which other processes reach this one.
    slot: Slot,
}

impl SimWorld {
    pub(super) fn new(host: &Arc<Mutex<Host>>, slot: Slot) -> SimWorld {
        let mut at = locked(host);
        at.tally.processes += 1;
        at.dead = false;
        at.stop = None;
        drop(at);
        SimWorld { host: Arc::clone(host), slot }
    }

    /// Someone asks for something while an effect is under way. Nobody hears a dead process.
    fn requests(&self) {
        let control = {
            let mut host = locked(&self.host);
            if host.dead {
                return;
            }
            if host.strikes(Fault::Pause, 25) {
                Control::Pause { now: host.rng.bool() }
            } else if host.strikes(Fault::Request, 12) {
                match host.rng.u32(0..5) {
                    0 => Control::Steer { text: "do it otherwise".to_owned() },
                    1 => Control::Retry,
                    2 => Control::Budget { change: RAISE },
                    3 => {
                        let name = format!("agent-{}", host.rng.u32(0..5));
                        Control::Agent { offer: Box::new(Offer::unknown(&name)), model: None }
                    }
                    _ => Control::Continue,
                }
            } else {
                return;
            }
        };
        self.ask(control);
    }

    fn ask(&self, control: Control) {
        let at = self.now();
        // A refusal is an answer as well.
        let _ = self.slot.ask(control, "someone".to_owned(), at);
    }

    fn call(&self, call: u32, rope: &Cancel, progress: &mut OnProgress<'_>) -> EffectResult {
        let began = locked(&self.host).clock;
        let acted = Activity::Used { tool: "edit".to_owned(), detail: "sums.py".to_owned() };
        let _ = progress(Timestamp(began), Progress::AgentActed(vec![acted]));
        self.requests();
        let mut host = locked(&self.host);
        let cost = host.rng.u64(0..1_900_000);
        host.calls.push((call, cost));
        if host.rng.u32(0..4) > 0 {
            host.tree += 1;
            host.good = host.rng.u32(0..3) == 0;
        }
        host.pass_time();
        if host.kills(Fault::DeathWithin, 40) {
            return EffectResult::Interrupted;
        }
        let cut = rope.is_pulled() || host.stop.is_some();
        let outcome = if cut { AgentOutcome::Cancelled } else { outcome(&mut host) };
        let claim = match (&outcome, host.rng.u32(0..3)) {
            (AgentOutcome::Completed, 0) => Claim::Continue,
            (AgentOutcome::Completed, _) => Claim::Done,
            _ => Claim::None,
        };
        let cost =
            if host.rng.u32(0..3) == 0 { Cost::Unknown } else { Cost::Known { usd: Usd(cost) } };
        let input = host.rng.u64(0..20_000);
        let tokens = host.rng.bool().then_some(TokenUsage { input, ..TokenUsage::default() });
        let usage = Usage { tokens, cost };
        let session = host.rng.bool().then(|| format!("session-{call}"));
        let report =
            CallReport { outcome, claim, usage, session, model: None, final_text: String::new() };
        EffectResult::AgentReturned {
            report,
            transcript: Digest::of(b"t"),
            duration_ms: 1,
            sandbox: None,
        }
    }
}

fn outcome(host: &mut Host) -> AgentOutcome {
    let later = Timestamp(host.clock + host.rng.i64(-3_600_000..8 * 3_600_000));
    let until = host.rng.bool().then_some(later);
    if host.strikes(Fault::AgentHangs, 20) {
        let deadline = if host.rng.bool() { Deadline::Idle } else { Deadline::Total };
        AgentOutcome::TimedOut { deadline }
    } else if host.strikes(Fault::AgentGarbage, 20) {
        AgentOutcome::Garbage
    } else if host.strikes(Fault::AgentCrashes, 20) {
        AgentOutcome::Crashed { exit_code: Some(1), detail: "out of memory".to_owned() }
    } else if host.strikes(Fault::AgentTurnedAway, 10) {
        match host.rng.u32(0..3) {
            0 => AgentOutcome::RateLimited { until },
            1 => AgentOutcome::Quota { until },
            _ => AgentOutcome::Overloaded,
        }
    } else if host.strikes(Fault::AgentUnusable, 40) {
        if host.rng.bool() { AgentOutcome::Auth } else { AgentOutcome::ModelNotFound }
    } else {
        AgentOutcome::Completed
    }
}

impl World for SimWorld {
    fn now(&self) -> Timestamp {
        Timestamp(locked(&self.host).clock)
    }

    fn stop_requested(&self) -> Option<StopCause> {
        locked(&self.host).stop
    }

    fn rope(&self) -> std::io::Result<Cancel> {
        Cancel::new()
    }

    fn perform(
        &mut self,
        run: &Run,
        effect: &Effect,
        rope: &Cancel,
        progress: &mut OnProgress<'_>,
    ) -> EffectResult {
        {
            let mut host = locked(&self.host);
            host.effects += 1;
            let goes_on = !matches!(effect.kind, EffectKind::Hold | EffectKind::WriteResult { .. });
            if goes_on && host.is_paused() {
                host.broke = Some("a paused run goes on");
            }
            // What is given back is lost with the process.
            if host.kills(Fault::DeathBefore, 40) {
                return EffectResult::Interrupted;
            }
            if host.strikes(Fault::Stop, 50) {
                host.stop = Some(StopCause::Terminate);
                return EffectResult::Interrupted;
            }
        }
        let result = match &effect.kind {
            EffectKind::CallAgent { call, .. } => self.call(*call, rope, progress),
            EffectKind::Hold => {
                locked(&self.host).waits += 1;
                self.ask(Control::Continue);
                EffectResult::Waited
            }
            EffectKind::WaitUntil { until } => {
                self.requests();
                let mut host = locked(&self.host);
                host.waits += 1;
                host.clock = host.clock.max(until.0);
                EffectResult::Waited
            }
            other => {
                self.requests();
                self.harmless(run, other, progress)
            }
        };
        let mut host = locked(&self.host);
        host.results.push((effect.id, result.clone()));
        if host.strikes(Fault::Stop, 80) {
            host.stop = Some(StopCause::Terminate);
        }
        let _ = host.kills(Fault::DeathAfter, 40);
        result
    }
}

impl SimWorld {
    /// Effects that may be done twice.
    fn harmless(
        &self,
        run: &Run,
        kind: &EffectKind,
        progress: &mut OnProgress<'_>,
    ) -> EffectResult {
        let (number, good, clock) = {
            let host = locked(&self.host);
            (host.tree, host.good, host.clock)
        };
        match kind {
            EffectKind::PrepareWorkspace => EffectResult::WorkspacePrepared(Workspace {
                path: "/worktree".to_owned(),
                branch: Some("loki/x".to_owned()),
                start_commit: commit(0),
                start_tree: tree(0),
            }),
            EffectKind::ComposePrompt { .. } => EffectResult::PromptComposed {
                prompt: Digest::of(b"p"),
                bytes: 1,
                not_before: None,
            },
            EffectKind::TakeSnapshot => {
                let before = run.snapshot.as_ref().map_or(tree(0), |before| before.tree.clone());
                EffectResult::SnapshotTaken(Snapshot {
                    commit: commit(number),
                    tree: tree(number),
                    since_start: ChangeStats::default(),
                    changed: before != tree(number),
                })
            }
            EffectKind::JudgeTree => {
                let gate = GateSummary {
                    gate: GateId::from("tests"),
                    judgement: if good { Judgement::Pass } else { Judgement::Fail },
                    summary: String::new(),
                    findings: 0,
                    duration_ms: 1,
                    environment: false,
                };
                let told = progress(Timestamp(clock), Progress::GateJudged(gate.clone()));
                if told == ControlFlow::Break(()) {
                    return EffectResult::Interrupted;
                }
                // What a snapshot holds is judged, whatever became of the workspace since.
                let judged = run.snapshot.as_ref().map_or(tree(number), |s| s.tree.clone());
                EffectResult::TreeJudged(Judged {
                    findings: Digest::of(gate.judgement.label().as_bytes()),
                    tree: judged,
                    policy: Policy::new(&[("tests", Role::Required)]),
                    gates: vec![gate],
                    reports: Digest::of(b"r"),
                    judged_at: Timestamp(clock),
                    duration_ms: 1,
                })
            }
            _ => EffectResult::ResultWritten { evidence: None, report: None, commit: None },
        }
    }
}

fn tree(n: u32) -> TreeId {
    TreeId::try_from(format!("{n:040x}")).unwrap_or_else(|_| unreachable!("40 digits"))
}

fn commit(n: u32) -> CommitId {
    CommitId::try_from(format!("{n:040x}")).unwrap_or_else(|_| unreachable!("40 digits"))
}
