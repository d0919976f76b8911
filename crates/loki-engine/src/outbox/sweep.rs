//! Goal: whenever processes die, everything that is wanted outside is done once, or somebody is told that
//! nobody can know. Method: the real executor, journal, git and HTTP client against a forge that keeps what it
//! is told, killed before and after each record, each look and each attempt, and in the middle of attempts: the
//! other side has done it, and its answer is never read. Then it is taken up anew, and killed again. More than
//! 1,000 kills over seven kinds.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use loki_forge::{Forges, Webhook};
use loki_host::git::Repo;
use loki_model::outbox::{Act, Look, Wanted};
use loki_model::{
    Action, CommitId, Delivery, DeliveryState, Digest, Event, ForgeKind, NewRun, Place, Run, RunId,
    Settings, SpecPin, Target, Timestamp, create,
};
use loki_store::{AppendError, NewRun as NewRow, Store};
use loki_testkit::{ForgeScript, ForgeServer, ForgeState, TestRepo};

use super::{Addresses, Outside, RealOutside, address_digest, deliver, intend};
use crate::journal::{Journal, JournalError, Ledger, Recorded, read_run};

/// Processes in a row that die.
const DEATHS_MAX: usize = 4;
/// Of each kind, at least. Seven kinds make more than 1,000.
const KILLS_MIN: usize = 150;
const ISSUE: u64 = 7;
const HEAD: &str = "loki/head";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Push,
    Request,
    Comment,
    Label,
    Close,
    Webhook,
    Notify,
}

/// How long a process lives.
#[derive(Debug)]
struct Life {
    /// Places where it could have died so far.
    passed: usize,
    /// The place where it does.
    dies_at: Option<usize>,
    dead: bool,
    clock: i64,
}

impl Life {
    fn passes(&mut self) -> bool {
        self.passed += 1;
        self.dead |= self.dies_at == Some(self.passed);
        !self.dead
    }
}

struct DyingLedger<'a> {
    journal: Journal<'a>,
    life: Rc<RefCell<Life>>,
}

impl Ledger for DyingLedger<'_> {
    fn run(&self) -> &Run {
        self.journal.run()
    }

    fn last_at(&self) -> Timestamp {
        self.journal.last_at()
    }

    fn record(&mut self, events: &[Event], at: Timestamp) -> Result<Vec<Recorded>, JournalError> {
        let died = || JournalError::from(AppendError::ReadOnly { path: PathBuf::from("dead") });
        if self.life.borrow().dead || !events.is_empty() && !self.life.borrow_mut().passes() {
            return Err(died());
        }
        let recorded = self.journal.record(events, at)?;
        if !events.is_empty() && !self.life.borrow_mut().passes() {
            return Err(died());
        }
        Ok(recorded)
    }
}

struct DyingOutside<'a> {
    real: RealOutside<'a>,
    state: &'a ForgeState,
    life: Rc<RefCell<Life>>,
}

impl Outside for DyingOutside<'_> {
    fn look_up(&mut self, run: &Run, delivery: &Delivery) -> Look {
        let unseen = || Look::NotSeen { reason: "dead".to_owned() };
        if self.life.borrow().dead || !self.life.borrow_mut().passes() {
            return unseen();
        }
        let look = self.real.look_up(run, delivery);
        if self.life.borrow_mut().passes() { look } else { unseen() }
    }

    fn act(&mut self, run: &Run, delivery: &Delivery) -> Act {
        let unclear = || Act::Unclear { reason: "dead".to_owned() };
        if self.life.borrow().dead || !self.life.borrow_mut().passes() {
            return unclear();
        }
        if !self.life.borrow_mut().passes() {
            // It dies with the request sent: the other side does it, and nobody reads the answer.
            self.state.lose_answers(1);
            let _ = self.real.act(run, delivery);
            self.state.lose_answers(0);
            return unclear();
        }
        let act = self.real.act(run, delivery);
        if self.life.borrow_mut().passes() { act } else { unclear() }
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.life.borrow().clock)
    }

    fn wait_until(&mut self, at: Timestamp) {
        let mut life = self.life.borrow_mut();
        life.clock = life.clock.max(at.0);
    }
}

/// What all runs of one kind share.
struct Stage {
    kind: Kind,
    test: TestRepo,
    repo: Repo,
    remote: PathBuf,
    commit: CommitId,
    store: Store,
    _home: tempfile::TempDir,
    kills: usize,
    runs: u32,
}

impl Stage {
    fn new(kind: Kind) -> Stage {
        let test = TestRepo::new().file("a", "a\n").commit("start");
        let remote = test.beside("remote.git");
        test.git(["clone", "--quiet", "--bare", ".", remote.to_str().unwrap()]);
        test.git(["push", "--quiet", remote.to_str().unwrap(), &format!("HEAD:refs/heads/{HEAD}")]);
        test.git(["remote", "add", "origin", remote.to_str().unwrap()]);
        test.write("a", "b\n");
        let commit = CommitId::try_from(test.commit_all("work")).unwrap();
        let repo = Repo::discover(test.root()).unwrap();
        // In memory, where there is such a place: only processes die here.
        let home = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let store = Store::open(home.path()).unwrap();
        Stage { kind, test, repo, remote, commit, store, _home: home, kills: 0, runs: 0 }
    }

    fn branch(&self) -> String {
        format!("loki/run-{}", self.runs)
    }

    fn action(&self, host: &str, hook: &Webhook, body: &Digest) -> Action {
        let place = Place {
            forge: ForgeKind::Github,
            host: host.to_owned(),
            repository: "acme/sums".to_owned(),
        };
        let (body, on) = (body.clone(), Target::Issue { number: ISSUE });
        let (host, address) = (hook.host(), address_digest(hook));
        match self.kind {
            Kind::Push => Action::PushBranch {
                remote: "origin".to_owned(),
                branch: self.branch(),
                commit: self.commit.clone(),
                expected: None,
            },
            Kind::Request => Action::OpenRequest {
                place,
                head: HEAD.to_owned(),
                base: "main".to_owned(),
                title: "Sums".to_owned(),
                body,
            },
            Kind::Comment => Action::Comment { place, on, body },
            Kind::Label => Action::Label { place, on, label: "loki".to_owned() },
            Kind::Close => Action::CloseIssue { place, number: ISSUE },
            Kind::Webhook => Action::CallWebhook { host, address, body },
            Kind::Notify => Action::Notify { host, address, body },
        }
    }

    /// One run, whose processes die at these places one after another, and one more that does not. Whether
    /// the last of those that should die came to its end before.
    fn live(&mut self, deaths: &[usize], loses_an_answer: bool) -> bool {
        self.runs += 1;
        let state = Arc::new(ForgeState::new(&self.remote, &[ISSUE]));
        let server = ForgeServer::keeping(&state, ForgeScript::new());
        let base = server.base_url();
        let forges = Forges::with_variables(move |name| (name == "GH_HOST").then(|| base.clone()));
        let hook = Webhook::set_by("HOOK", &format!("{}/hooks/s3cret", server.base_url())).unwrap();
        let run = begin(&self.store, self.test.root(), self.runs);
        let body = self.store.put_blob(b"{\"text\": \"done\"}").unwrap();
        let action = self.action(&server.host(), &hook, &body);
        if loses_an_answer {
            state.lose_answers(1);
        }
        let (mut cut_off, mut lived) = (loses_an_answer, false);
        let mut clock = 1_700_000_000_000;
        for dies_at in deaths.iter().copied().map(Some).chain([None]) {
            let life = Life { passed: 0, dies_at, dead: false, clock };
            let life = Rc::new(RefCell::new(life));
            let journal = Journal::take_up(&self.store, &run).unwrap();
            let mut ledger = DyingLedger { journal, life: Rc::clone(&life) };
            let hook = || Some(hook.clone());
            let addresses = Addresses { webhook: hook(), notify: hook() };
            let real = RealOutside::new(&self.repo, &self.store, &forges, addresses);
            let mut outside = DyingOutside { real, state: &state, life: Rc::clone(&life) };
            let wanted = |_: &[u32]| Wanted { action: action.clone(), needs: None, again: false };
            let now = outside.now();
            let done = intend(&mut ledger, &[&wanted], "me", now)
                .and_then(|_| deliver(&mut ledger, &mut outside));
            let dead = life.borrow().dead;
            clock = life.borrow().clock + 1;
            drop(ledger);
            if dies_at.is_some() {
                lived = !dead;
            }
            if dead {
                self.kills += 1;
                let left = read_run(&self.store, &run).unwrap();
                let acting = |d: &Delivery| matches!(d.state, DeliveryState::Acting { .. });
                cut_off |= left.outbox.iter().any(acting);
            } else {
                assert_eq!(done.unwrap(), [], "{:?} {deaths:?}", self.kind);
            }
        }
        let told = format!("{:?}, killed at {deaths:?}, lost answer: {loses_an_answer}", self.kind);
        self.check(&state, &read_run(&self.store, &run).unwrap(), cut_off, &told);
        lived
    }

    fn check(&self, state: &ForgeState, run: &Run, cut_off: bool, told: &str) {
        let [delivery] = run.outbox.as_slice() else { panic!("{told}: {:?}", run.outbox) };
        let hooked = matches!(self.kind, Kind::Webhook | Kind::Notify);
        let expected = if hooked && cut_off { "unknown" } else { "confirmed" };
        assert_eq!(delivery.state.label(), expected, "{told}: {delivery:?}");
        let done = match self.kind {
            Kind::Push => {
                usize::from(state.branch(&self.branch()).as_deref() == Some(self.commit.as_str()))
            }
            Kind::Request => state.requests().len(),
            Kind::Comment => state.comments(ISSUE).len(),
            Kind::Label => state.labels(ISSUE).len(),
            Kind::Close => state.closings(ISSUE).0,
            Kind::Webhook | Kind::Notify => state.hooks().len(),
        };
        let right = if expected == "unknown" { done <= 1 } else { done == 1 };
        assert!(right, "{told}: done {done} times");
    }

    /// Every place where a first process can die, and more of them in a row at random, until there are enough.
    fn sweep(mut self, seed: u64) {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut places = 0;
        while !self.live(&[places + 1], false) {
            places += 1;
        }
        assert!(places >= 6, "{places} places to die at");
        // A push has no answer that could be lost by itself.
        let has_answer = self.kind != Kind::Push;
        while self.kills < KILLS_MIN {
            let deaths = rng.usize(1..=DEATHS_MAX);
            let deaths: Vec<usize> = (0..deaths).map(|_| rng.usize(1..=places)).collect();
            self.live(&deaths, has_answer && rng.u8(0..4) == 0);
        }
    }
}

fn begin(store: &Store, root: &Path, number: u32) -> RunId {
    let digest = Digest::of(b"spec");
    let spec = SpecPin {
        digest: digest.clone(),
        blob: digest,
        title: "Sums".to_owned(),
        source: "prd.md".to_owned(),
        requirements: 1,
    };
    let (id, at) = (RunId::from_bits(number), Timestamp(1));
    let repo = root.display().to_string();
    let settings = Settings::new("agent", 1);
    let created =
        create(NewRun { id: id.clone(), at, repo: repo.clone(), spec, settings, plan: None });
    store.create_run(&NewRow { id: id.clone(), repo: repo.into(), created_at: at }).unwrap();
    let lock = store.lock(&id).unwrap();
    let _ = Journal::begin(store, lock, &created, at).unwrap();
    id
}

#[test]
fn a_branch_is_pushed_once_whenever_processes_die() {
    Stage::new(Kind::Push).sweep(1);
}

#[test]
fn a_request_is_opened_once_whenever_processes_die() {
    Stage::new(Kind::Request).sweep(2);
}

#[test]
fn a_comment_is_made_once_whenever_processes_die() {
    Stage::new(Kind::Comment).sweep(3);
}

#[test]
fn a_label_is_given_once_whenever_processes_die() {
    Stage::new(Kind::Label).sweep(4);
}

#[test]
fn an_issue_is_closed_once_whenever_processes_die() {
    Stage::new(Kind::Close).sweep(5);
}

#[test]
fn a_webhook_is_called_at_most_once_and_somebody_is_told_when_nobody_can_know() {
    Stage::new(Kind::Webhook).sweep(6);
}

#[test]
fn people_are_told_at_most_once_and_it_is_said_when_nobody_can_know() {
    Stage::new(Kind::Notify).sweep(7);
}
