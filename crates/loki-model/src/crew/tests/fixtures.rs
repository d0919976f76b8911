//! A crew driven by hand.

use super::super::*;
use crate::{
    Control, Judged, Judgement, NewLimits, Outcome, RunId, Settings, Spend, Task, Timestamp, Usd,
    Verdict,
};

pub(super) use crate::fixtures::{commit, spec_pin, tree};

/// A crew and every event it ever had.
#[derive(Clone)]
pub(super) struct Sim {
    pub(super) crew: Crew,
    pub(super) journal: Vec<CrewEvent>,
    pub(super) room: u32,
    pub(super) soon: u32,
    pub(super) at: Timestamp,
    /// Commits made so far.
    pub(super) commits: u32,
}

pub(super) fn joined(n: u32) -> Joined {
    Joined { commit: commit(n), tree: tree(n) }
}

pub(super) fn judged(n: u32, verdict: Verdict) -> Judged {
    let judgement = match verdict {
        Verdict::Verified => Judgement::Pass,
        Verdict::Concerns => Judgement::Inconclusive,
        Verdict::Blocked => Judgement::Fail,
    };
    crate::fixtures::judged(n, judgement)
}

pub(super) fn returned(outcome: Outcome) -> Returned {
    let good = matches!(outcome, Outcome::Verified | Outcome::VerifiedWithGaps);
    Returned {
        outcome,
        reason: "because".to_owned(),
        result: good.then(|| joined(7).commit),
        outside: Vec::new(),
        spend: Spend::default(),
        calls: 1,
    }
}

impl Sim {
    pub(super) fn new(tasks: &[(&str, &[&str])], jobs: Jobs, budget: Option<Usd>) -> Sim {
        let task = |(id, after): &(&str, &[&str])| Task {
            id: (*id).to_owned(),
            title: (*id).to_owned(),
            role: String::new(),
            requirements: Vec::new(),
            after: after.iter().map(|&after| after.to_owned()).collect(),
            scope: Vec::new(),
            detail: String::new(),
            serves_none: false,
        };
        let created = create(NewCrew {
            id: RunId::from_bits(7),
            at: Timestamp(1),
            repo: "/repo".to_owned(),
            spec: spec_pin(),
            settings: Settings { budget, ..Settings::new("agent", 5) },
            plan: None,
            jobs,
            tasks: tasks.iter().map(task).collect(),
        });
        let crew = fold([&created]).unwrap();
        Sim { crew, journal: vec![created], room: 9, soon: 0, at: Timestamp(1), commits: 100 }
    }

    pub(super) fn input(&mut self, input: Input) {
        let events = self.decide(&input).unwrap();
        events.iter().for_each(|event| apply(&mut self.crew, event));
        self.journal.extend(events);
    }

    pub(super) fn decide(&self, input: &Input) -> Result<Vec<CrewEvent>, Rejected> {
        decide(&self.crew, input, Now { at: self.at, room: self.room, soon: self.soon })
    }

    pub(super) fn asks(&mut self, control: Control) {
        self.input(Input::Control { control, by: "someone".to_owned() });
    }

    /// Another process takes it up.
    pub(super) fn resume(&mut self, limits: NewLimits) {
        self.input(Input::Resume { last_at: self.at, limits });
    }

    pub(super) fn turned(&mut self, result: Turned) {
        self.input(Input::TurnDone { turn: self.crew.turn, result });
    }

    pub(super) fn prepare(&mut self) {
        let Joined { commit, tree } = joined(1);
        let (branch, onto) = (Some("trunk".to_owned()), "loki/x".to_owned());
        self.turned(Turned::Prepared(Base { branch, onto, commit, tree }));
    }

    /// Who is under way.
    pub(super) fn running(&self) -> Vec<&str> {
        let running = self.crew.tasks.iter().filter(|e| e.standing == Standing::Running);
        running.map(|errand| errand.task.id.as_str()).collect()
    }

    pub(super) fn task_done(&mut self, task: &str, returned: Returned) {
        let run = self.crew.errand(task).unwrap().run.clone().unwrap();
        self.input(Input::TaskDone { run, returned });
    }

    pub(super) fn returns(&mut self, task: &str, outcome: Outcome) {
        self.task_done(task, returned(outcome));
    }

    pub(super) fn returns_outside(&mut self, task: &str) {
        let outside = vec!["x".to_owned()];
        self.task_done(task, Returned { outside, ..returned(Outcome::Verified) });
    }

    pub(super) fn spends(&mut self, task: &str, outcome: Outcome, known: Usd) {
        let spend = Spend { known, ..Spend::default() };
        self.task_done(task, Returned { spend, ..returned(outcome) });
    }

    /// The batch is joined; `conflicting` could not be.
    pub(super) fn join(&mut self, conflicting: &[&str]) {
        let batch = self.crew.merging.as_ref().unwrap().batch.clone();
        let mut chain = Vec::new();
        for task in batch.iter().filter(|task| !conflicting.contains(&task.as_str())) {
            self.commits += 1;
            chain.push(Link { task: task.clone(), joined: joined(self.commits) });
        }
        let conflicts = conflicting.iter().map(|task| ((*task).to_owned(), vec!["f".to_owned()]));
        let conflicts = conflicts.collect();
        self.turned(Turned::Joined { chain, conflicts });
    }

    /// What is to be judged has this verdict.
    pub(super) fn judge(&mut self, verdict: Verdict) {
        let merging = self.crew.merging.as_ref().unwrap();
        let MergingStep::Judge { count } = merging.step else { panic!("{:?}", merging.step) };
        let tree = merging.chain[count - 1].joined.tree.clone();
        self.turned(Turned::Judged(Judged { tree, ..judged(0, verdict) }));
    }

    pub(super) fn land(&mut self) {
        self.turned(Turned::Landed);
    }

    pub(super) fn close(&mut self) {
        self.turned(Turned::Written { evidence: None, report: None });
    }

    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.crew.ended.as_ref().map(|ending| ending.outcome)
    }
}
