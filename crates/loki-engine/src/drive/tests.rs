//! The loop over a scripted world, with the process dying at every point.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use loki_model::*;
use loki_store::{NewRun as NewRow, Store};

use super::*;
use crate::journal::{Journal, read_run};

/// What each call leaves behind: a tree, and how it is judged.
type Script = &'static [(u32, Judgement)];

const REFUSED_THEN_VERIFIED: Script = &[(1, Judgement::Fail), (2, Judgement::Pass)];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Death {
    /// Before the effect did anything.
    Before,
    /// After it did everything, before its result was recorded.
    After,
}

struct ScriptedWorld {
    script: Script,
    performed: Vec<EffectKind>,
    die_at: Option<(usize, Death)>,
    stop_at: Option<usize>,
    /// This call does nothing until its rope is pulled; who waits for it to begin is told.
    hangs: Option<(u32, SyncSender<()>)>,
}

impl ScriptedWorld {
    fn new(script: Script) -> ScriptedWorld {
        ScriptedWorld { script, performed: Vec::new(), die_at: None, stop_at: None, hangs: None }
    }

    fn left_by(&self, call: u32) -> (u32, Judgement) {
        let index = usize::try_from(call).unwrap().saturating_sub(1).min(self.script.len() - 1);
        self.script[index]
    }

    fn result(&self, run: &Run, effect: &Effect) -> EffectResult {
        let digest = |text: &str| Digest::of(text.as_bytes());
        match &effect.kind {
            EffectKind::PrepareWorkspace => EffectResult::WorkspacePrepared(Workspace {
                path: "/w".to_owned(),
                branch: None,
                start_commit: commit(0),
                start_tree: tree(0),
            }),
            EffectKind::ComposePrompt { .. } => EffectResult::PromptComposed {
                prompt: digest("prompt"),
                bytes: 6,
                not_before: None,
            },
            EffectKind::WaitUntil { .. } | EffectKind::Hold => EffectResult::Waited,
            EffectKind::CallAgent { .. } => EffectResult::AgentReturned {
                report: CallReport {
                    outcome: AgentOutcome::Completed,
                    claim: Claim::Done,
                    usage: Usage { tokens: None, cost: Cost::Known { usd: Usd(1_000) } },
                    session: None,
                    model: None,
                    final_text: String::new(),
                },
                transcript: digest("transcript"),
                duration_ms: 1,
                sandbox: None,
            },
            EffectKind::TakeSnapshot => {
                let (n, _) = self.left_by(run.calls);
                EffectResult::SnapshotTaken(Snapshot {
                    commit: commit(n),
                    tree: tree(n),
                    since_start: ChangeStats::default(),
                    changed: true,
                })
            }
            EffectKind::JudgeTree => {
                let (n, judgement) = self.left_by(run.calls);
                EffectResult::TreeJudged(Judged {
                    tree: tree(n),
                    policy: Policy::new(&[("tests", Role::Required)]),
                    gates: vec![GateSummary {
                        gate: GateId::from("tests"),
                        judgement,
                        summary: String::new(),
                        findings: 0,
                        duration_ms: 0,
                        environment: false,
                    }],
                    findings: digest(judgement.label()),
                    reports: digest("reports"),
                    judged_at: Timestamp(1),
                    duration_ms: 1,
                })
            }
            EffectKind::WriteResult { .. } => EffectResult::ResultWritten {
                evidence: None,
                report: None,
                commit: Some(commit(9)),
            },
        }
    }
}

impl World for ScriptedWorld {
    fn now(&self) -> Timestamp {
        Timestamp(1)
    }

    fn stop_requested(&self) -> Option<StopCause> {
        self.stop_at.is_some_and(|at| self.performed.len() > at).then_some(StopCause::Interrupt)
    }

    fn rope(&self) -> std::io::Result<Cancel> {
        Cancel::new()
    }

    fn perform(
        &mut self,
        run: &Run,
        effect: &Effect,
        rope: &Cancel,
        _: &mut OnProgress<'_>,
    ) -> EffectResult {
        let here = self.performed.len();
        if self.die_at == Some((here, Death::Before)) {
            panic!("death before effect {here}");
        }
        self.performed.push(effect.kind.clone());
        if self.die_at == Some((here, Death::After)) {
            panic!("death after effect {here}");
        }
        if self.stop_at == Some(here) && !matches!(effect.kind, EffectKind::CallAgent { .. }) {
            return EffectResult::Interrupted;
        }
        if let (EffectKind::CallAgent { call, .. }, Some((hanging, begun))) =
            (&effect.kind, &self.hangs)
            && call == hanging
        {
            begun.send(()).unwrap();
            assert!(rope.sleep(Duration::from_secs(60)), "nobody pulled the rope");
        }
        if effect.kind == EffectKind::Hold {
            assert!(rope.sleep(Duration::from_secs(60)), "nobody let it continue");
        }
        self.result(run, effect)
    }
}

fn tree(n: u32) -> TreeId {
    TreeId::try_from(format!("{n:040x}")).unwrap()
}

fn commit(n: u32) -> CommitId {
    CommitId::try_from(format!("{n:040x}")).unwrap()
}

fn begin(store: &Store) -> Journal<'_> {
    let id = RunId::from_bits(5);
    let row = NewRow { id: id.clone(), repo: "/repo".into(), created_at: Timestamp(0) };
    store.create_run(&row).unwrap();
    let created = create(NewRun {
        id: id.clone(),
        at: Timestamp(0),
        repo: "/repo".to_owned(),
        spec: SpecPin {
            digest: Digest::of(b"spec"),
            blob: Digest::of(b"blob"),
            title: "Todo".to_owned(),
            source: "prd.md".to_owned(),
            requirements: 1,
        },
        settings: Settings::new("scripted", 5),
        plan: None,
    });
    let lock = store.lock(&id).unwrap();
    Journal::begin(store, lock, &created, Timestamp(0)).unwrap().0
}

/// Drives a new run until it ends or dies; gives back what the world did.
fn live(home: &Path, world: &mut ScriptedWorld) -> Option<Run> {
    let store = Store::open(home).unwrap();
    let lived = catch_unwind(AssertUnwindSafe(|| {
        let mut journal = begin(&store);
        drive(&mut journal, world, &mut Nobody, &Mailbox::new()).unwrap();
        journal.run().clone()
    }));
    lived.ok()
}

fn take_up(home: &Path, world: &mut ScriptedWorld) -> Run {
    let store = Store::open(home).unwrap();
    let mut journal = Journal::take_up(&store, &RunId::from_bits(5)).unwrap();
    resume(&mut journal, world, &mut Nobody, NewLimits::default()).unwrap();
    drive(&mut journal, world, &mut Nobody, &Mailbox::new()).unwrap();
    journal.run().clone()
}

#[test]
fn a_run_that_is_refused_once_ends_verified() {
    let home = tempfile::tempdir().unwrap();
    let mut world = ScriptedWorld::new(REFUSED_THEN_VERIFIED);
    let run = live(home.path(), &mut world).unwrap();
    assert_eq!(run.ended.unwrap().outcome, Outcome::Verified);
    assert_eq!(world.performed.len(), 10);
}

/// Goal: a death anywhere costs at most one call. Method: every effect × before and after it.
#[test]
fn death_at_any_effect_changes_neither_the_outcome_nor_repeats_a_call() {
    for at in 0..10 {
        for death in [Death::Before, Death::After] {
            let home = tempfile::tempdir().unwrap();
            let mut world = ScriptedWorld::new(REFUSED_THEN_VERIFIED);
            world.die_at = Some((at, death));
            assert!(live(home.path(), &mut world).is_none(), "{at} {death:?}");
            let mut after = ScriptedWorld::new(REFUSED_THEN_VERIFIED);
            let run = take_up(home.path(), &mut after);
            let calls: Vec<u32> = [world, after]
                .iter()
                .flat_map(|world| &world.performed)
                .filter_map(|kind| match kind {
                    EffectKind::CallAgent { call, .. } => Some(*call),
                    _ => None,
                })
                .collect();
            let mut once = calls.clone();
            once.dedup();
            assert_eq!(calls, once, "a call was made twice: {at} {death:?}");
            assert!(run.calls <= 3, "{at} {death:?}");
            // A lost call claims nothing, so one more may be needed to ask for the judgement.
            assert_eq!(run.ended.unwrap().outcome, Outcome::Verified, "{at} {death:?}");
        }
    }
}

#[test]
fn a_stop_at_any_effect_can_be_resumed_to_the_same_end() {
    for at in 0..10 {
        let home = tempfile::tempdir().unwrap();
        let mut world = ScriptedWorld::new(REFUSED_THEN_VERIFIED);
        world.stop_at = Some(at);
        let stopped = live(home.path(), &mut world).unwrap();
        let outcome = stopped.ended.unwrap().outcome;
        assert_eq!(outcome, Outcome::Stopped, "{at}");
        let run = take_up(home.path(), &mut ScriptedWorld::new(REFUSED_THEN_VERIFIED));
        assert_eq!(run.ended.unwrap().outcome, Outcome::Verified, "{at}");
    }
}

#[test]
fn one_run_is_never_driven_twice_at_once() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let _driving = begin(&store);
    let second = Journal::take_up(&store, &RunId::from_bits(5));
    assert!(matches!(second.err(), Some(JournalError::Lock(_))));
}

/// Goal: what is asked reaches a run whatever it does. Method: a call that ends only when its rope is pulled,
/// then a pause that ends only when it is told to continue.
#[test]
fn a_pause_ends_a_call_that_is_under_way_and_holds_the_run_until_it_may_continue() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let (begun, has_begun) = sync_channel(1);
    let mut world = ScriptedWorld::new(REFUSED_THEN_VERIFIED);
    world.hangs = Some((1, begun));
    let mut journal = begin(&store);
    let mailbox = Mailbox::new();
    let slot = mailbox.slot();
    let user = std::thread::spawn(move || {
        has_begun.recv().unwrap();
        let ask = |control| slot.ask(control, "someone".to_owned(), Timestamp(2)).unwrap();
        assert_eq!(ask(Control::Continue), Err(Rejected::NotPaused));
        assert_eq!(ask(Control::Steer { text: "use SQLite".to_owned() }), Ok(()));
        assert_eq!(ask(Control::Pause { now: true }), Ok(()));
        assert_eq!(ask(Control::Continue), Ok(()));
    });
    drive(&mut journal, &mut world, &mut Nobody, &mailbox).unwrap();
    user.join().unwrap();
    let run = journal.run();
    assert_eq!(run.ended.as_ref().unwrap().outcome, Outcome::Verified);
    assert_eq!(run.steers[0].text, "use SQLite");
    assert_eq!(read_run(&store, &run.id).unwrap(), *run);
}

#[test]
fn whoever_asks_a_run_that_has_ended_is_not_kept_waiting() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let mut journal = begin(&store);
    let mailbox = Mailbox::new();
    let slot = mailbox.slot();
    let mut world = ScriptedWorld::new(REFUSED_THEN_VERIFIED);
    drive(&mut journal, &mut world, &mut Nobody, &mailbox).unwrap();
    let asked = std::thread::spawn(move || slot.ask(Control::Retry, String::new(), Timestamp(2)));
    drop(mailbox);
    assert_eq!(asked.join().unwrap(), None);
}
