//! Any agent that speaks the Agent Client Protocol, over its standard input and output.
//!
//! The protocol itself is the official crate's; the process is the host's; see
//! `docs/decisions/0015-acp.md`. No file and no terminal method is offered: agents then use the
//! disk and the shell themselves, and some break when they are offered.

mod choices;
mod connection;
mod needs;
mod outcome;
mod permission;
mod session;
#[cfg(test)]
mod tests;
mod trouble;
mod updates;
mod usage;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use loki_host::process::{
    Cancel, CommandSpec, Ended, Happened, ProcessReport, Reply, Stream, converse, find_on_path,
};
use loki_model::{
    AgentOutcome, CallReport, Capabilities, Cost, Deadline, Layer, Price, TokenUsage, Usage, Usd,
};

use crate::agent::{Agent, AgentEvent, Billing, CallResult, CallSpec, Login, Probe, Program};
use crate::claim::claim_of;
use crate::command::{crash_of, independent_of_cwd, missing, not_started, without_a_process};
use crate::environment::set_for_agents;
use crate::hold::{Needs, customary, hold};
use crate::lines::Lines;
use crate::shown::{final_words, shown_on_one_line};

use self::connection::Connection;
use self::needs::Known;
pub(crate) use self::outcome::by_status;
pub use self::permission::Permission;
use self::session::{End, Session, State, Wishes};
use self::trouble::Trouble;

/// Until the first turn begins: some agents take their time to start.
const HANDSHAKE_MAX: Duration = Duration::from_secs(180);
/// Between asking for the end of a turn and asking the process.
const COURTESY: Duration = Duration::from_secs(3);
/// Between the end of the conversation and asking the process to end.
const LEAVE_MAX: Duration = Duration::from_secs(5);
/// Sessions whose total is remembered.
const SESSIONS_MAX: usize = 1000;
/// A mode of the session to work in.
const MODE_VARIABLE: &str = "LOKI_ACP_MODE";

/// An agent that speaks the protocol.
#[derive(Clone, Debug)]
pub struct AcpAgent {
    name: String,
    program: OsString,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    permission: Permission,
    mode: Option<String>,
    handshake_max: Duration,
    totals: Totals,
    known: Known,
}

/// What sessions had cost in all when their last call ended: agents tell totals only.
#[derive(Clone, Debug, Default)]
struct Totals(Arc<Mutex<BTreeMap<String, f64>>>);

impl Totals {
    fn of(&self, session: &str) -> Option<f64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(session).copied()
    }

    fn set(&self, session: String, total: f64) {
        let mut totals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if totals.len() >= SESSIONS_MAX {
            totals.clear();
        }
        totals.insert(session, total);
    }
}

impl AcpAgent {
    /// A path that is not absolute is below loki's own working directory; a bare name is looked up in
    /// `PATH`. Permission and mode are those of the environment.
    pub fn new(name: &str, program: impl Into<OsString>, args: &[String]) -> AcpAgent {
        let program = independent_of_cwd(program.into());
        let args: Vec<OsString> = args.iter().map(Into::into).collect();
        AcpAgent {
            name: name.to_owned(),
            known: needs::known(&program, &args),
            program,
            args,
            env: Vec::new(),
            permission: Permission::from_env(),
            mode: std::env::var(MODE_VARIABLE).ok().filter(|mode| !mode.is_empty()),
            handshake_max: HANDSHAKE_MAX,
            totals: Totals::default(),
        }
    }

    /// Sets one environment variable of every call.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> AcpAgent {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Answers requests for permission so.
    #[must_use]
    pub fn permission(mut self, permission: Permission) -> AcpAgent {
        self.permission = permission;
        self
    }

    /// Works in this mode of a session.
    #[must_use]
    pub fn mode(mut self, mode: &str) -> AcpAgent {
        self.mode = Some(mode.to_owned());
        self
    }

    /// It can not do without these, whatever it is called.
    pub(crate) fn needs(mut self, needs: &'static Needs) -> AcpAgent {
        self.known.needs = needs;
        self
    }

    /// Gives the agent this long until its first turn begins.
    #[must_use]
    pub fn handshake_max(mut self, max: Duration) -> AcpAgent {
        self.handshake_max = max;
        self
    }

    /// Makes one call. Also returns whether the program spoke the protocol at all.
    pub(crate) fn talk(
        &self,
        spec: &CallSpec<'_>,
        cancel: &Cancel,
        observe: &mut dyn FnMut(AgentEvent<'_>),
    ) -> (CallResult, bool) {
        if spec.budget_left == Some(Usd::ZERO) {
            return (without_a_process(AgentOutcome::BudgetReached), false);
        }
        let own =
            if self.known.needs.own.is_empty() { customary(&self.program) } else { Vec::new() };
        let own: Vec<&Path> = own.iter().map(PathBuf::as_path).collect();
        let held = match hold(self.command(spec), self.known.needs, spec, &own) {
            Ok(held) => held,
            Err(refusal) => return (without_a_process(refusal), false),
        };
        let mut call = Call::new(self, spec);
        let ran = converse(&held.command, cancel, COURTESY, &mut |happened, reply| {
            call.happened(happened, reply, observe);
        });
        match ran {
            Ok(ran) => {
                let spoke = call.session.lock().spoke;
                (call.result(ran, observe), spoke)
            }
            Err(err) => (not_started(&err), false),
        }
    }

    fn command(&self, spec: &CallSpec<'_>) -> CommandSpec {
        let mut command = CommandSpec::new(&self.program, spec.cwd).args(&self.args);
        command.env_set = set_for_agents();
        command.env_set.extend(self.env.iter().cloned());
        command.limits = spec.limits;
        command
    }
}

impl Agent for AcpAgent {
    fn name(&self) -> &str {
        &self.name
    }

    fn billing(&self) -> Billing {
        Billing::Unknown
    }

    fn capabilities(&self) -> Capabilities {
        // Effort and budget are passed on where the agent turns out to offer them: no promise.
        Capabilities { model: true, resume: true, live_control: true, ..Capabilities::default() }
    }

    fn probe(&self) -> Probe {
        let program = match find_on_path(&self.program) {
            Some(path) => Program::Installed { path, version: None },
            None => Program::Missing { fix: missing(&self.program) },
        };
        Probe { program, login: Login::Unknown }
    }

    fn call(
        &self,
        spec: &CallSpec<'_>,
        cancel: &Cancel,
        observe: &mut dyn FnMut(AgentEvent<'_>),
    ) -> CallResult {
        self.talk(spec, cancel, observe).0
    }
}

/// One call under way.
struct Call {
    session: Session,
    connection: Connection,
    lines: Lines,
    unreadable: u64,
    handshake_max: Duration,
    totals: Totals,
    budget: Option<Usd>,
    /// What was passed on.
    told: Cost,
    price: Option<Price>,
    /// Why loki ended it, when that was loki's own idea.
    ended_for: Option<Cause>,
    /// What the supervisor ended it for.
    stopping: Option<AgentOutcome>,
    left: bool,
}

/// Why a call is over before the agent said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// No turn began in time.
    NoHandshake,
    /// It asks for more than it listens to.
    DoesNotListen,
    /// The service refused the login, and only retries can follow.
    Refused,
    /// The money of the call is used.
    Budget,
    /// It says one thing after the other and does nothing.
    Circles,
}

impl Call {
    fn new(agent: &AcpAgent, spec: &CallSpec<'_>) -> Call {
        let is_held = spec.hold.confinement().active.contains(&Layer::Files)
            && agent.permission == Permission::Allow;
        let wishes = Wishes {
            cwd: spec.cwd.to_owned(),
            prompt: spec.prompt.to_owned(),
            model: spec.model.map(str::to_owned),
            effort: spec.effort,
            mode: agent.mode.clone(),
            mode_if_offered: agent.known.mode_held.filter(|_| is_held),
            resume: spec.resume.map(str::to_owned),
            spent_before: spec.resume.and_then(|session| agent.totals.of(session)),
            permission: agent.permission,
        };
        let session = Session::default();
        let connection = Connection::new(|transport| session.clone().serve(wishes, transport));
        Call {
            session,
            connection,
            lines: Lines::new(),
            unreadable: 0,
            handshake_max: agent.handshake_max,
            totals: agent.totals.clone(),
            budget: spec.budget_left,
            told: Cost::Unknown,
            price: spec.price,
            ended_for: None,
            stopping: None,
            left: false,
        }
    }

    fn happened(
        &mut self,
        happened: Happened<'_>,
        reply: &mut Reply,
        observe: &mut dyn FnMut(AgentEvent<'_>),
    ) {
        match happened {
            Happened::Started => reply.wake_at(Instant::now().checked_add(self.handshake_max)),
            Happened::Output(stream, bytes) => {
                observe(AgentEvent::Output(stream, bytes));
                if stream == Stream::Stdout {
                    self.hear(bytes);
                }
            }
            Happened::Woken => {
                let waits = self.session.lock().prompted && self.ended_for.is_none();
                if !waits && !self.left {
                    self.ended_for.get_or_insert(Cause::NoHandshake);
                }
                if !waits || self.left {
                    reply.end();
                }
            }
            // What comes after this is the answer to the stop, whatever it says: one agent says that
            // its turn ended well.
            Happened::Stopping(why) if !self.left => {
                self.stopping = Some(self.stopped_for(why));
                if !self.session.cancel() {
                    reply.end();
                }
            }
            Happened::Stopping(_) => reply.end(),
        }
        for line in self.connection.run() {
            if !reply.say(line.as_bytes()) && reply.is_open() {
                self.ended_for.get_or_insert(Cause::DoesNotListen);
                reply.end();
            }
        }
        self.look(reply);
        self.show(observe);
    }

    fn stopped_for(&self, why: Ended) -> AgentOutcome {
        let Ended::TimedOut(deadline) = why else { return AgentOutcome::Cancelled };
        let state = self.session.lock();
        // It was not silent: it waited to ask its service again.
        let trouble = state.updates.trouble().filter(|trouble| trouble.retries());
        trouble.and_then(Trouble::outcome).unwrap_or(AgentOutcome::TimedOut { deadline })
    }

    fn hear(&mut self, bytes: &[u8]) {
        let Call { lines, connection, unreadable, .. } = self;
        lines.feed(bytes, &mut |line| {
            let line = String::from_utf8_lossy(line);
            if !line.trim().is_empty() && !connection.hear(&line) {
                *unreadable += 1;
            }
        });
    }

    /// Whether what was heard ends the call.
    fn look(&mut self, reply: &mut Reply) {
        let state = self.session.lock();
        if state.end.is_some() && !self.left {
            self.left = true;
            reply.hang_up();
            reply.wake_at(Instant::now().checked_add(LEAVE_MAX));
            return;
        }
        if state.end.is_some() || self.ended_for.is_some() {
            return;
        }
        let refused = state.updates.trouble().is_some_and(|it| it.retries() && it.is_refusal());
        let spent = state.updates.spent();
        let over = self.budget.zip(spent).is_some_and(|(budget, spent)| spent >= budget);
        let circles = state.updates.goes_in_circles();
        drop(state);
        if refused {
            // It would try again for minutes.
            self.ended_for = Some(Cause::Refused);
            reply.end();
        } else if over || circles {
            self.ended_for = Some(if over { Cause::Budget } else { Cause::Circles });
            self.session.cancel();
            for line in self.connection.run() {
                reply.say(line.as_bytes());
            }
            reply.wake_at(Instant::now().checked_add(COURTESY));
        }
    }

    fn show(&mut self, observe: &mut dyn FnMut(AgentEvent<'_>)) {
        let mut state = self.session.lock();
        if state.end.is_some() {
            state.updates.end_message();
        }
        let activities = state.updates.take_activities();
        let cost = state.updates.cost();
        drop(state);
        if cost != self.told {
            self.told = cost;
            observe(AgentEvent::Used(Usage { tokens: None, cost }));
        }
        activities.into_iter().for_each(|seen| observe(AgentEvent::Activity(seen)));
    }

    fn result(mut self, ran: ProcessReport, observe: &mut dyn FnMut(AgentEvent<'_>)) -> CallResult {
        self.session.lock().updates.end_message();
        self.show(observe);
        let outcome = self.outcome(&ran);
        let state = self.session.lock();
        let words = state.updates.last_words();
        let response = match &state.end {
            Some(End::Turn(response)) => Some(response),
            _ => None,
        };
        let counted = response.and_then(usage::model_of).or(state.updates.model());
        let report = CallReport {
            claim: claim_of(&outcome, words),
            usage: self.usage(response.and_then(usage::tokens_of), &state),
            outcome,
            session: state.session_id(),
            model: counted.map(shown_on_one_line).or_else(|| state.model.clone()),
            final_text: final_words(words),
        };
        if let (Some(session), Some(total)) = (&report.session, state.updates.total()) {
            self.totals.set(session.clone(), total);
        }
        let lines_unreadable = self.unreadable + self.lines.dropped();
        CallResult { report, stdout: ran.stdout, stderr: ran.stderr, lines_unreadable }
    }

    fn outcome(&self, ran: &ProcessReport) -> AgentOutcome {
        let state = self.session.lock();
        let trouble = state.updates.trouble();
        match self.ended_for {
            Some(Cause::NoHandshake) => {
                return AgentOutcome::TimedOut { deadline: Deadline::Idle };
            }
            Some(Cause::DoesNotListen) => return AgentOutcome::Garbage,
            Some(Cause::Refused) => return AgentOutcome::Auth,
            Some(Cause::Budget) => return AgentOutcome::BudgetReached,
            Some(Cause::Circles) => {
                let detail = "it went in circles, saying much and doing nothing".to_owned();
                return AgentOutcome::Crashed { exit_code: None, detail };
            }
            None => {}
        }
        let outcome = match (&state.end, ran.ended) {
            (Some(End::Turn(response)), _) => outcome::of_turn(response.stop_reason, trouble),
            (Some(End::Failed(error)), _) => outcome::of_error(error, trouble),
            (Some(End::NoSuchModel), _) => AgentOutcome::ModelNotFound,
            (Some(End::Unfit(detail)), _) => {
                AgentOutcome::Crashed { exit_code: None, detail: detail.clone() }
            }
            (None, Ended::Exited(0)) => AgentOutcome::Garbage,
            (None, Ended::Cancelled) => AgentOutcome::Cancelled,
            (None, ended) => crash_of(ended, &ran.stderr),
        };
        self.stopping.clone().unwrap_or(outcome)
    }

    fn usage(&self, tokens: Option<TokenUsage>, state: &State) -> Usage {
        if !state.prompted {
            // What was never asked is known to have cost nothing.
            return Usage { tokens: None, cost: Cost::Known { usd: Usd::ZERO } };
        }
        let cost = match (state.updates.cost(), tokens, self.price) {
            (Cost::Unknown, Some(tokens), Some(price)) => Cost::Known { usd: price.of(&tokens) },
            (told, _, _) => told,
        };
        Usage { tokens, cost }
    }
}
