//! Tasks as users write them, and the loop over a scripted world that dies at every point.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Barrier, Mutex};

use loki_model::crew::{
    Base, Crew, Input, Jobs, Joined, Link, NewCrew, Returned, Standing, Turned, Work, create,
};
use loki_model::*;
use loki_store::{NewRun as NewRow, Store};

use super::part::spec_of;
use super::*;

fn spec() -> Spec {
    let requirement = |id: &str, text: &str| Requirement {
        id: RequirementId(id.to_owned()),
        text: text.to_owned(),
        priority: Priority::Must,
        acceptance: vec![format!("{text}, always")],
        origin: Origin::line("prd.md", 1),
    };
    Spec {
        requirements: vec![requirement("R-1", "one must be"), requirement("R-2", "two must be")],
        constraints: vec![Note { text: "in Rust".to_owned(), origin: Origin::line("prd.md", 2) }],
        ..Spec::of("prd", "All", "one must be\ntwo must be\n")
    }
}

fn problem(text: &str) -> String {
    read_tasks(text, &spec()).unwrap_err().to_string()
}

#[test]
fn tasks_are_read_with_everything_that_is_said_of_them() {
    let text = "\
[[task]]
id = 'a'
title = 'First'
requirements = ['R-1']
scope = ['src/**']
role = 'eng-backend'

[[task]]
id = 'b'
title = 'Second'
requirements = ['R-2']
after = ['a']
";
    let tasks = read_tasks(text, &spec()).unwrap();
    assert_eq!(tasks[0].scope, ["src/**"]);
    assert_eq!((tasks[0].role.as_str(), tasks[1].role.as_str()), ("eng-backend", "implementer"));
    assert_eq!(tasks[1].after, ["a"]);
}

#[test]
fn what_could_not_be_done_is_refused_before_anything_is_spent() {
    let task = |more: &str| format!("[[task]]\nid = 'a'\ntitle = 't'\n{more}\n");
    assert!(problem("").contains("no task"));
    assert!(problem(&task("scop = ['x']")).contains("scop"));
    assert!(problem(&task("requirements = ['R-9']")).contains("`R-9`, which is not in the spec"));
    assert!(problem(&task("requirements = ['R-1']")).contains("`R-2` belongs to no task"));
    assert!(problem(&task("role = 'wizard'")).contains("loki agent list"));
    assert!(problem(&task("scope = ['../x']")).contains("../x"));
    assert!(problem(&task("after = ['b']")).contains("`b`, which is not there"));
}

#[test]
fn a_task_is_asked_for_its_own_requirements_and_for_what_holds_for_all() {
    let task = |requirements: &[&str]| Task {
        id: "a".to_owned(),
        title: "First".to_owned(),
        role: String::new(),
        requirements: requirements.iter().map(|id| RequirementId((*id).to_owned())).collect(),
        after: Vec::new(),
        scope: Vec::new(),
        detail: String::new(),
        serves_none: false,
    };
    let part = spec_of(&spec(), &task(&["R-1"]));
    assert!(part.text.contains("one must be, always") && part.text.contains("in Rust"));
    assert!(!part.text.contains("two must be"), "{}", part.text);
    assert_eq!(part.requirements.len(), 1);
    let whole = spec_of(&spec(), &task(&[]));
    assert!(whole.text.contains("two must be"));
    assert_eq!(whole.requirements.len(), 2);
}

#[test]
fn of_a_plan_those_are_done_that_build() {
    let task = |id: &str, role: &str, after: &[&str]| Task {
        id: id.to_owned(),
        title: id.to_owned(),
        role: role.to_owned(),
        requirements: Vec::new(),
        after: after.iter().map(|after| (*after).to_owned()).collect(),
        scope: Vec::new(),
        detail: String::new(),
        serves_none: false,
    };
    let plan = [
        task("T1", "eng-database", &[]),
        task("T2", "eng-backend", &["T1"]),
        task("T3", "eng-qa", &["T2"]),
        task("T4", "review-code", &["T3"]),
    ];
    let ids: Vec<String> = tasks_of_plan(&plan).into_iter().map(|task| task.id).collect();
    assert_eq!(ids, ["T1", "T2"]);
}

fn joined(n: u32) -> Joined {
    let id = format!("{n:040x}");
    Joined { commit: CommitId::try_from(id.clone()).unwrap(), tree: TreeId::try_from(id).unwrap() }
}

/// Runs of tasks are remembered, as their journals would.
#[derive(Default)]
struct Machine {
    /// How often each run was really done.
    done: BTreeMap<RunId, u32>,
    performed: usize,
    asked: u32,
    landed: Vec<CommitId>,
}

struct ScriptedWorld<'a> {
    machine: &'a Mutex<Machine>,
    /// Before or after which piece of work the process dies.
    die_at: Option<(usize, bool)>,
    /// Where all runs of tasks wait for each other.
    barrier: Option<Barrier>,
    stop: Mutex<bool>,
}

impl<'a> ScriptedWorld<'a> {
    fn new(machine: &'a Mutex<Machine>) -> ScriptedWorld<'a> {
        ScriptedWorld { machine, die_at: None, barrier: None, stop: Mutex::new(false) }
    }

    fn result(&self, crew: &Crew, work: &Work) -> Done {
        let mut machine = self.machine.lock().unwrap();
        Done::Turn(match work {
            Work::RunTask { task, run } => {
                *machine.done.entry(run.clone()).or_insert(0) |= 1;
                // The first attempt at `c` keeps to no scope.
                let attempt = crew.errand(task).unwrap().attempt;
                let outside =
                    if task == "c" && attempt == 1 { vec!["x".to_owned()] } else { vec![] };
                return Done::Task(Returned {
                    outcome: Outcome::Verified,
                    reason: String::new(),
                    result: Some(joined(9).commit),
                    outside,
                    spend: Spend { known: Usd(1_000), ..Spend::default() },
                    calls: 1,
                });
            }
            Work::Prepare => {
                let Joined { commit, tree } = joined(1);
                Turned::Prepared(Base { branch: None, onto: "loki/x".to_owned(), commit, tree })
            }
            Work::Join { batch } => {
                let chain = batch.iter().enumerate().map(|(n, task)| Link {
                    task: task.clone(),
                    joined: joined(
                        u32::try_from(crew.turn.0).unwrap() * 100 + u32::try_from(n).unwrap(),
                    ),
                });
                Turned::Joined { chain: chain.collect(), conflicts: Vec::new() }
            }
            Work::Judge { joined } => Turned::Judged(Judged {
                tree: joined.tree.clone(),
                policy: Policy::new(&[("tests", Role::Required)]),
                gates: vec![GateSummary {
                    gate: GateId::from("tests"),
                    judgement: Judgement::Pass,
                    summary: String::new(),
                    findings: 0,
                    duration_ms: 0,
                    environment: false,
                }],
                findings: Digest::of(b""),
                reports: Digest::of(b""),
                judged_at: Timestamp(1),
                duration_ms: 1,
            }),
            Work::Land { joined } => {
                if machine.landed.last() != Some(&joined.commit) {
                    machine.landed.push(joined.commit.clone());
                }
                Turned::Landed
            }
            Work::Close { .. } => Turned::Written { evidence: None, report: None },
        })
    }
}

impl CrewWorld for ScriptedWorld<'_> {
    fn now(&self) -> Timestamp {
        Timestamp(1)
    }

    fn stop_requested(&self) -> Option<StopCause> {
        None
    }

    fn halt(&self) {
        *self.stop.lock().unwrap() = true;
    }

    fn soon(&self, _: &Crew, _: Option<&RunId>) -> u32 {
        0
    }

    fn follow(&self, crew: &Crew) {
        self.machine.lock().unwrap().asked = crew.asked();
    }

    fn room(&self, _: &Crew) -> u32 {
        u32::MAX
    }

    fn perform(&self, crew: &Crew, work: &Work) -> Done {
        let number = {
            let mut machine = self.machine.lock().unwrap();
            machine.performed += 1;
            machine.performed
        };
        assert!(self.die_at != Some((number, false)), "the process dies before work {number}");
        if let (Some(barrier), Work::RunTask { .. }) = (&self.barrier, work) {
            barrier.wait();
        }
        let done = self.result(crew, work);
        assert!(self.die_at != Some((number, true)), "the process dies after work {number}");
        done
    }
}

struct Nobody;

impl CrewObserver for Nobody {
    fn on_event(&mut self, _: &Crew, _: &CrewRecorded) {}
}

const ID: u32 = 5;

fn begin<'a>(store: &'a Store, names: &[&str]) -> CrewJournal<'a> {
    let id = RunId::from_bits(ID);
    let task = |name: &&str| Task {
        id: (*name).to_owned(),
        title: (*name).to_owned(),
        role: String::new(),
        requirements: Vec::new(),
        after: if *name == "d" { vec!["a".to_owned(), "c".to_owned()] } else { Vec::new() },
        scope: Vec::new(),
        detail: String::new(),
        serves_none: false,
    };
    let row = NewRow { id: id.clone(), repo: "/repo".into(), created_at: Timestamp(1) };
    store.create_run(&row).unwrap();
    let digest = Digest::of(b"spec");
    let created = create(NewCrew {
        id: id.clone(),
        at: Timestamp(1),
        repo: "/repo".to_owned(),
        spec: SpecPin {
            digest: digest.clone(),
            blob: digest,
            title: "All".to_owned(),
            source: "prd.md".to_owned(),
            requirements: 2,
        },
        settings: Settings::new("agent", 3),
        plan: None,
        jobs: Jobs::UpTo(4),
        tasks: names.iter().map(task).collect(),
    });
    CrewJournal::begin(store, store.lock(&id).unwrap(), &created, Timestamp(1)).unwrap().0
}

fn resume(home: &Path, world: &ScriptedWorld<'_>) -> Crew {
    let store = Store::open(home).unwrap();
    let mut journal = CrewJournal::take_up(&store, &RunId::from_bits(ID)).unwrap();
    let input = Input::Resume { last_at: journal.last_at(), limits: NewLimits::default() };
    let mailbox = CrewMailbox::new();
    drive_crew(&mut journal, world, &mut Nobody, &mailbox, Some(input)).unwrap();
    journal.crew().clone()
}

#[test]
fn tasks_that_wait_for_nothing_are_done_at_the_same_time() {
    let (home, machine) = (tempfile::tempdir().unwrap(), Mutex::default());
    let store = Store::open(home.path()).unwrap();
    let mut journal = begin(&store, &["a", "b", "e", "f"]);
    // None of them returns before all of them are under way.
    let barrier = Some(Barrier::new(4));
    let world = ScriptedWorld { barrier, ..ScriptedWorld::new(&machine) };
    drive_crew(&mut journal, &world, &mut Nobody, &CrewMailbox::new(), None).unwrap();
    let ended = journal.crew().ended.as_ref().unwrap();
    assert_eq!(ended.outcome, Outcome::Verified);
    assert_eq!(read_crew(&store, &RunId::from_bits(ID)).unwrap().as_ref(), Some(journal.crew()));
}

#[test]
fn death_at_any_point_loses_nothing_and_does_nothing_twice() {
    for number in 1.. {
        let mut died = true;
        for after in [false, true] {
            let (home, machine) = (tempfile::tempdir().unwrap(), Mutex::default());
            let mut world = ScriptedWorld::new(&machine);
            world.die_at = Some((number, after));
            let first = catch_unwind(AssertUnwindSafe(|| {
                let store = Store::open(home.path()).unwrap();
                let mut journal = begin(&store, &["a", "b", "c", "d"]);
                let _ = drive_crew(&mut journal, &world, &mut Nobody, &CrewMailbox::new(), None);
            }));
            died = first.is_err();
            machine.clear_poison();
            let crew = if died {
                resume(home.path(), &ScriptedWorld::new(&machine))
            } else {
                let store = Store::open(home.path()).unwrap();
                read_crew(&store, &RunId::from_bits(ID)).unwrap().unwrap()
            };
            let told = format!("work {number}, after: {after}");
            assert_eq!(crew.ended.as_ref().unwrap().outcome, Outcome::Verified, "{told}");
            assert!(crew.tasks.iter().all(|task| task.standing == Standing::Merged), "{told}");
            let machine = machine.lock().unwrap();
            assert_eq!(machine.done.len(), 5, "four tasks, one of them twice: {told}");
            assert_eq!(crew.calls(), 5, "{told}");
            assert_eq!(crew.spend().known, Usd(5_000), "each is charged once: {told}");
            assert_eq!(machine.landed.last(), crew.tip.as_ref().map(|tip| &tip.commit), "{told}");
        }
        if !died {
            assert!(number > 10, "{number} pieces of work");
            return;
        }
    }
}

#[test]
fn a_crew_is_told_from_a_run() {
    let (home, machine) = (tempfile::tempdir().unwrap(), Mutex::default());
    let store = Store::open(home.path()).unwrap();
    let mut journal = begin(&store, &["a", "b"]);
    drive_crew(&mut journal, &ScriptedWorld::new(&machine), &mut Nobody, &CrewMailbox::new(), None)
        .unwrap();
    drop(journal);
    let id = RunId::from_bits(ID);
    let run = crate::read_run(&store, &id).unwrap();
    assert_eq!(run.workspace.unwrap().branch.as_deref(), Some("loki/x"));
    assert_eq!(run.ended.unwrap().outcome, Outcome::Verified);
    let refused = crate::Journal::take_up(&store, &id).err().unwrap();
    assert!(refused.to_string().contains("not there yet"), "{refused}");
}
