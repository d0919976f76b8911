//! A run driven by hand.

use crate::*;

pub(super) use crate::fixtures::{AT, commit, digest, judged, spec_pin, tree};

/// A run, every event it ever had, and what must now be done.
#[derive(Clone)]
pub(super) struct Sim {
    pub(super) run: Run,
    pub(super) journal: Vec<Event>,
}

impl Sim {
    pub(super) fn new(settings: Settings) -> Sim {
        let created = create(NewRun {
            id: RunId::from_bits(7),
            at: AT,
            repo: "/repo".to_owned(),
            spec: spec_pin(),
            settings,
            plan: None,
        });
        let run = fold([&created]).unwrap();
        Sim { run, journal: vec![created] }
    }

    /// A run that has just entered `step`.
    pub(super) fn at(step: Step) -> Sim {
        let mut sim = Sim::new(settings(9));
        if step == Step::Prepare {
            return sim;
        }
        sim.prepare();
        match step {
            Step::Prepare | Step::Reason => {}
            Step::Wait => {
                let limited = AgentOutcome::RateLimited { until: None };
                sim.attempt(failed(limited), 0, Judgement::Fail);
            }
            Step::Act => sim.compose(),
            Step::Reflect | Step::Verify => {
                sim.compose();
                sim.agent(completed(Claim::Done));
                if step == Step::Verify {
                    sim.done(EffectResult::SnapshotTaken(snapshot(1)));
                }
            }
            Step::Close => sim.attempt(completed(Claim::Done), 1, Judgement::Pass),
        }
        assert_eq!(sim.run.step, step);
        sim
    }

    pub(super) fn input(&mut self, input: Input) {
        let decision = decide(&self.run, &input).unwrap();
        for event in &decision.events {
            apply(&mut self.run, event);
        }
        self.journal.extend(decision.events);
    }

    pub(super) fn done(&mut self, result: EffectResult) {
        self.done_at(AT, result);
    }

    pub(super) fn done_at(&mut self, at: Timestamp, result: EffectResult) {
        self.input(Input::Done { at, effect: self.run.awaiting, result });
    }

    pub(super) fn resume(&mut self) {
        self.input(resume_with(NewLimits::default()));
    }

    pub(super) fn prepare(&mut self) {
        self.done(EffectResult::WorkspacePrepared(workspace()));
    }

    pub(super) fn compose(&mut self) {
        self.done(EffectResult::PromptComposed {
            prompt: digest("prompt"),
            bytes: 6,
            not_before: None,
        });
    }

    pub(super) fn agent(&mut self, report: CallReport) {
        let transcript = digest("transcript");
        self.done(EffectResult::AgentReturned {
            report,
            transcript,
            duration_ms: 5,
            sandbox: None,
        });
    }

    /// One whole iteration that leaves tree `n`, which was not judged before.
    pub(super) fn attempt(&mut self, report: CallReport, n: u32, judgement: Judgement) {
        self.repeat(report, n);
        self.done(EffectResult::TreeJudged(judged(n, judgement)));
    }

    /// One whole iteration that leaves tree `n`, which was judged last.
    pub(super) fn repeat(&mut self, report: CallReport, n: u32) {
        self.compose();
        self.agent(report);
        self.done(EffectResult::SnapshotTaken(snapshot(n)));
    }

    pub(super) fn close(&mut self) {
        self.done(written());
    }

    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.run.ended.as_ref().map(|ending| ending.outcome)
    }
}

pub(super) fn resume_with(limits: NewLimits) -> Input {
    Input::Resume { at: AT, last_at: AT, limits }
}

pub(super) fn written() -> EffectResult {
    EffectResult::ResultWritten { evidence: None, report: None, commit: None }
}

pub(super) fn settings(iterations_max: u32) -> Settings {
    Settings::new("scripted", iterations_max)
}

/// A chain of so many agents, each with a model of its own.
pub(super) fn chain(agents: usize, iterations_max: u32) -> Settings {
    let offer = |index: usize| {
        let agent = format!("agent-{index}");
        let id = format!("model-{index}");
        let price =
            Price { input: Usd(2), output: Usd(4), cache_read: Usd(1), cache_write: Usd(3) };
        let model = Model {
            id: id.clone(),
            aliases: Vec::new(),
            price: Some(price),
            context_tokens: None,
            fallback: None,
        };
        let mut offer = Offer { models: vec![model], ..Offer::unknown(&agent) };
        offer.tiers.development.model = Some(id);
        offer
    };
    let agents: Vec<Offer> = (0..agents).map(offer).collect();
    Settings { agents, ..settings(iterations_max) }
}

pub(super) fn workspace() -> Workspace {
    Workspace {
        path: "/worktree".to_owned(),
        branch: Some("loki/x".to_owned()),
        start_commit: commit(0),
        start_tree: tree(0),
    }
}

pub(super) fn snapshot(n: u32) -> Snapshot {
    Snapshot {
        commit: commit(n),
        tree: tree(n),
        since_start: ChangeStats::default(),
        changed: true,
    }
}

pub(super) fn completed(claim: Claim) -> CallReport {
    report(AgentOutcome::Completed, claim)
}

pub(super) fn failed(outcome: AgentOutcome) -> CallReport {
    report(outcome, Claim::None)
}

fn report(outcome: AgentOutcome, claim: Claim) -> CallReport {
    CallReport {
        outcome,
        claim,
        usage: Usage::UNKNOWN,
        session: None,
        model: None,
        final_text: String::new(),
    }
}
