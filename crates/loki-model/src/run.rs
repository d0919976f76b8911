//! One attempt to fulfil a spec in one repository: its state, folded from events.

use serde::{Deserialize, Serialize};

use crate::crew::Part;
use crate::{
    Brevity, CallReport, ChangeStats, Choice, Claim, CommitId, Confinement, Cost, Delivery, Digest,
    EffectId, Effort, GateId, GateReport, Judgement, ModelWishes, Offer, Outcome, Plan, Policy,
    QuietHours, RunId, Steer, Tier, Timestamp, TokenUsage, TreeId, Usage, Usd, Verdict, choose,
};

/// What was asked for, pinned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecPin {
    /// Digest of the spec's source text, by which runs of the same spec are recognised.
    pub digest: Digest,
    /// Digest of the whole pinned spec as kept in the store.
    pub blob: Digest,
    /// One line.
    pub title: String,
    /// As the user named it.
    pub source: String,
    /// How many requirements were read from it.
    pub requirements: u32,
}

/// What the user chose at the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The agent as named after `--provider`.
    pub provider: String,
    /// The model to ask the agent for; its own default when absent.
    pub model: Option<String>,
    /// Exactly this many calls of the agent are made at most; at least 1.
    pub iterations_max: u32,
    /// Money for the whole run; no limit when absent.
    pub budget: Option<Usd>,
    /// Tokens of every kind for the whole run; no limit when absent.
    #[serde(default)]
    pub tokens_max: Option<u64>,
    /// Wall time for the whole run; no limit when absent. See [`Run::time_used_ms`].
    #[serde(default)]
    pub time_max_ms: Option<u64>,
    /// What a call that did not tell its cost counts against the budget.
    #[serde(default)]
    pub unknown_cost: UnknownCost,
    /// Whether the agent works in the user's own checkout instead of a worktree of its own.
    pub in_place: bool,
    /// The dearest model or tier that may be asked.
    #[serde(default)]
    pub ceiling: Option<String>,
    /// How much models are to think; as each tier has it when absent.
    #[serde(default)]
    pub effort: Option<Effort>,
    /// How few words the agent is asked for; inferred when absent.
    #[serde(default)]
    pub brevity: Option<Brevity>,
    /// What is done when an allowance of the agent's is used up.
    #[serde(default)]
    pub on_quota: OnQuota,
    /// How often the run may go on by itself after an allowance came back; without end when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes_max: Option<u32>,
    /// When no call is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    /// What the calls of the run are for.
    #[serde(default)]
    pub tier: Tier,
    /// The role that the agent is given.
    #[serde(default)]
    pub role: Option<String>,
    /// What the agent offers, and after it each one that takes over when it can not go on. Runs of
    /// older versions have none.
    #[serde(default)]
    pub agents: Vec<Offer>,
}

impl Settings {
    /// One agent, no limits but that of calls: what the rest is added to.
    pub fn new(provider: &str, iterations_max: u32) -> Settings {
        Settings {
            provider: provider.to_owned(),
            model: None,
            iterations_max,
            budget: None,
            tokens_max: None,
            time_max_ms: None,
            unknown_cost: UnknownCost::Estimate,
            in_place: false,
            ceiling: None,
            effort: None,
            brevity: None,
            on_quota: OnQuota::Failover,
            resumes_max: None,
            quiet_hours: None,
            tier: Tier::Development,
            role: None,
            agents: Vec::new(),
        }
    }

    /// What is wanted of every agent's models.
    pub fn wishes(&self) -> ModelWishes {
        ModelWishes { pin: self.model.clone(), ceiling: self.ceiling.clone(), effort: self.effort }
    }

    /// The model that a call for `tier` of the first agent asks for, before anything has happened.
    pub fn quote(&self, tier: Tier) -> Choice {
        let own = Offer::unknown(&self.provider);
        choose(self.agents.first().unwrap_or(&own), &self.wishes(), tier, None, &[])
    }
}

/// What a call that did not tell its cost, and was not told the price of, counts against a budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownCost {
    /// [`Spend::UNKNOWN_CALL`].
    #[default]
    Estimate,
    /// No further call is made: someone has to look first.
    Deny,
    /// Nothing.
    Allow,
}

/// What has a limit for the whole run, besides calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// In millionths of a US dollar.
    Money,
    /// Of every kind.
    Tokens,
    /// In milliseconds.
    Time,
}

impl Resource {
    /// All of them.
    pub const ALL: [Resource; 3] = [Resource::Money, Resource::Tokens, Resource::Time];

    /// One word for people.
    pub fn label(self) -> &'static str {
        match self {
            Resource::Money => "money",
            Resource::Tokens => "tokens",
            Resource::Time => "time",
        }
    }

    /// So much of it, for people.
    pub fn shown(self, amount: u64) -> String {
        match self {
            Resource::Money => Usd(amount).to_string(),
            Resource::Tokens => format!("{amount} tokens"),
            Resource::Time => {
                let seconds = amount / 1_000;
                match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
                    (0, 0, seconds) => format!("{seconds} s"),
                    (0, minutes, 0) => format!("{minutes} min"),
                    (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
                    (hours, minutes, _) => format!("{hours} h {minutes} min"),
                }
            }
        }
    }
}

/// What is done when an allowance of the agent's is used up, for longer than a minute or nobody knows how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnQuota {
    /// Another agent goes on; without one the run waits up to six hours, or ends.
    #[default]
    Failover,
    /// The run waits for the same agent, however long that is.
    Wait,
    /// The run is paused: someone has to say that it may go on.
    Ask,
    /// The run ends; it can be resumed.
    Stop,
}

/// Where the agent works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// Absolute path of the directory.
    pub path: String,
    /// The run's branch; nothing in place.
    pub branch: Option<String>,
    /// The commit it started from.
    pub start_commit: CommitId,
    /// What it held at the start.
    pub start_tree: TreeId,
}

/// What the run has cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spend {
    /// Told by agents.
    pub known: Usd,
    /// Tokens that agents told of, at the price of their model.
    #[serde(default)]
    pub computed: Usd,
    /// Charged for calls that did not tell; see [`Spend::UNKNOWN_CALL`].
    pub estimated: Usd,
    /// Calls that did not tell.
    pub unknown_calls: u32,
    /// As far as told.
    pub tokens: TokenUsage,
}

impl Spend {
    /// What a call of unknown cost is charged against a budget. Conservative: a long call of a
    /// large model costs about this; being too low would break the promise of a budget.
    pub const UNKNOWN_CALL: Usd = Usd(2_000_000);

    /// What one call that used this much adds up to.
    pub fn of(usage: &Usage, unknown: UnknownCost) -> Spend {
        let mut spend = Spend::default();
        spend.charge(usage, unknown);
        spend
    }

    /// Adds one call that used this much.
    pub fn charge(&mut self, usage: &Usage, unknown: UnknownCost) {
        match usage.cost {
            Cost::Known { usd } => self.known += usd,
            Cost::Computed { usd } => self.computed += usd,
            Cost::Unknown => {
                self.unknown_calls += 1;
                if unknown == UnknownCost::Estimate {
                    self.estimated += Spend::UNKNOWN_CALL;
                }
            }
        }
        let tokens = usage.tokens.unwrap_or_default();
        let sum = &mut self.tokens;
        sum.input = sum.input.saturating_add(tokens.input);
        sum.output = sum.output.saturating_add(tokens.output);
        sum.cache_read = sum.cache_read.saturating_add(tokens.cache_read);
        sum.cache_write = sum.cache_write.saturating_add(tokens.cache_write);
    }

    /// What counts against the budget.
    pub fn charged(&self) -> Usd {
        self.known + self.computed + self.estimated
    }
}

/// One full tree of the workspace, taken after a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// A commit object that loki made; no branch points at it.
    pub commit: CommitId,
    /// What it holds.
    pub tree: TreeId,
    /// Against the start tree.
    pub since_start: ChangeStats,
    /// Whether it differs from the snapshot before, or from the start tree if it is the first.
    pub changed: bool,
}

/// The full tree of the workspace before a call or a change by hand, byte by byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// A commit object that loki made; a hidden ref is named after it.
    pub commit: CommitId,
    /// What it holds: the files as they lie there, without what git converts.
    pub tree: TreeId,
}

/// One gate's conclusion, without findings and evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateSummary {
    /// Which gate.
    pub gate: GateId,
    /// What it concluded.
    pub judgement: Judgement,
    /// One line for people.
    pub summary: String,
    /// How many findings.
    pub findings: u32,
    /// Wall time.
    pub duration_ms: u64,
    /// Whether only the machine kept the gate from telling. Journals of older versions do not say.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub environment: bool,
}

impl From<&GateReport> for GateSummary {
    fn from(report: &GateReport) -> GateSummary {
        GateSummary {
            gate: report.gate().clone(),
            judgement: report.judgement(),
            summary: report.summary().to_owned(),
            findings: u32::try_from(report.findings().len()).unwrap_or(u32::MAX),
            duration_ms: report.duration_ms(),
            environment: report.is_for_want_of_environment(),
        }
    }
}

/// What the gates concluded over one tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// The tree.
    pub tree: TreeId,
    /// Under which policy.
    pub policy: Policy,
    /// Each gate's conclusion.
    pub gates: Vec<GateSummary>,
    /// Digest over rules and messages of all findings: equal digests are equal complaints.
    pub findings: Digest,
    /// The full reports, as kept in the store.
    pub reports: Digest,
    /// When the last gate had finished.
    pub judged_at: Timestamp,
    /// Wall time of all gates together.
    pub duration_ms: u64,
}

/// A judgement of the past, as far as stagnation needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastJudgement {
    /// The tree that was judged.
    pub tree: TreeId,
    /// What it amounted to.
    pub verdict: Verdict,
    /// Which complaints there were.
    pub findings: Digest,
}

/// Where a run stands. Each step but the last waits for exactly one effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The workspace is being made.
    Prepare,
    /// The next prompt is being composed.
    Reason,
    /// The agent's service asked for patience.
    Wait,
    /// The agent works.
    Act,
    /// What it left is being taken stock of.
    Reflect,
    /// Gates judge it.
    Verify,
    /// The result is being written.
    Close,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Step; 7] = [
        Step::Prepare,
        Step::Reason,
        Step::Wait,
        Step::Act,
        Step::Reflect,
        Step::Verify,
        Step::Close,
    ];

    /// The phase this step belongs to, for people.
    pub fn phase(self) -> Phase {
        match self {
            Step::Prepare | Step::Reason | Step::Wait => Phase::Reason,
            Step::Act => Phase::Act,
            Step::Reflect => Phase::Reflect,
            Step::Verify => Phase::Verify,
            Step::Close => Phase::Close,
        }
    }
}

/// A phase of the cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Choosing what to ask for.
    Reason,
    /// The agent works.
    Act,
    /// What changed, what it cost, what was claimed.
    Reflect,
    /// Gates judge.
    Verify,
    /// Writing down the result.
    Close,
}

impl Phase {
    /// One word for a screen.
    pub fn label(self) -> &'static str {
        match self {
            Phase::Reason => "reason",
            Phase::Act => "act",
            Phase::Reflect => "reflect",
            Phase::Verify => "verify",
            Phase::Close => "close",
        }
    }
}

/// Why and how a run ended, or is about to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// How.
    pub outcome: Outcome,
    /// Why, in one sentence for people.
    pub reason: String,
}

/// An agent, or one of its models, that is not called for a while, or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    /// Which agent.
    pub agent: String,
    /// Which of its models; nothing for all of the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How often in a row it had to be left.
    pub trips: u32,
    /// When it may be tried again; nothing when a person has to act first.
    pub open_until: Option<Timestamp>,
    /// Why, in one or two words.
    pub reason: String,
}

impl Breaker {
    /// Whether it is that of `model` of `agent`; without a model, of all of the agent.
    pub fn is_of(&self, agent: &str, model: Option<&str>) -> bool {
        self.agent == agent && self.model.as_deref() == model
    }
}

/// A conversation that could be gone on with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Whose it is.
    pub agent: String,
    /// Which model was asked in it.
    pub model: Option<String>,
    /// The agent's own name for it.
    pub id: String,
    /// Calls of it.
    pub calls: u32,
    /// About how many tokens it has.
    pub tokens: u64,
}

/// Who goes on after the call that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextAgent {
    /// Which of the agents of the settings, from 0.
    pub index: usize,
    /// The model that it is asked for; nothing for what its tier has.
    pub model: Option<String>,
}

/// What an agent has to know that goes on with the work of another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// The one before.
    pub from: String,
    /// Why it could not go on, in one or two words.
    pub reason: String,
}

/// Who asked a run to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopCause {
    /// SIGINT: Ctrl-C in the terminal that shows it.
    Interrupt,
    /// SIGTERM or SIGHUP: `loki stop` from anywhere, a closed terminal, the system going down.
    Terminate,
}

/// One run, folded from its events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its name.
    pub id: RunId,
    /// Absolute path of the repository's work tree.
    pub repo: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// What was asked for.
    pub spec: SpecPin,
    /// What the user chose.
    pub settings: Settings,
    /// What was planned before it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Box<Plan>>,
    /// Which task of which crew it does, if it does one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Box<Part>>,
    /// Where it stands.
    pub step: Step,
    /// The effect that `step` waits for.
    pub awaiting: EffectId,
    /// Where the agent works, once made.
    pub workspace: Option<Workspace>,
    /// Iterations begun; the number of the current one.
    pub iteration: u32,
    /// Calls of the agent begun, lost ones included.
    pub calls: u32,
    /// Cost so far.
    pub spend: Spend,
    /// Wall time until `since`.
    #[serde(default)]
    pub worked_ms: u64,
    /// From when on time counts that is not in `worked_ms`; nothing during a pause.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// What is nearly used up, as was said.
    #[serde(default)]
    pub warned: Vec<Resource>,
    /// A call that did not tell its cost was made, and no further one is allowed until someone says so.
    #[serde(default)]
    pub cost_denied: bool,
    /// The prompt of the current iteration, as kept in the store.
    pub prompt: Option<Digest>,
    /// When the current wait is over.
    pub wait_until: Option<Timestamp>,
    /// How often it waited for an allowance to come back since a person last looked at it.
    #[serde(default)]
    pub resumes: u32,
    /// What the newest call reported; nothing when it was cut off.
    pub last_call: Option<CallReport>,
    /// Whether the newest call was cut off by the death of the process that drove it.
    pub last_call_lost: bool,
    /// Which of the agents of the settings is called, from 0.
    #[serde(default)]
    pub active: usize,
    /// Who goes on after the call that is under way, as the user has chosen.
    #[serde(default)]
    pub next_agent: Option<NextAgent>,
    /// A model that was switched to, for this run and the active agent only.
    #[serde(default)]
    pub switched: Option<String>,
    /// Models that turned out not to be offered: of which agent, which.
    #[serde(default)]
    pub unavailable: Vec<(String, String)>,
    /// What the newest call was asked for.
    #[serde(default)]
    pub choice: Option<Choice>,
    /// The conversation that the newest call ended well in.
    #[serde(default)]
    pub session: Option<Session>,
    /// Whether the newest call went on with an earlier conversation.
    #[serde(default)]
    pub resumed: bool,
    /// Agents and models that are left alone for now.
    #[serde(default)]
    pub breakers: Vec<Breaker>,
    /// What the active agent took over, until it has done well once.
    #[serde(default)]
    pub handover: Option<Handover>,
    /// Calls since the last good one that failed for reasons of the agent itself.
    pub failed_calls: u32,
    /// Calls since the last good one that the agent's service turned away.
    pub turned_away: u32,
    /// What every call that returned was held to; nothing when none ran a program.
    #[serde(default)]
    pub agents_held: Option<Confinement>,
    /// The newest snapshot.
    pub snapshot: Option<Snapshot>,
    /// The newest judgement, and its verdict.
    pub judged: Option<(Judged, Verdict)>,
    /// Judgements since a person last changed how it goes on, oldest first, the newest included.
    pub history: Vec<PastJudgement>,
    /// What the user said to the agent, oldest first.
    #[serde(default)]
    pub steers: Vec<Steer>,
    /// How many of them the newest prompt has.
    #[serde(default)]
    pub told: usize,
    /// Nothing further is done until someone lets the run continue.
    #[serde(default)]
    pub paused: bool,
    /// How much of what was asked of its crew the run has followed.
    #[serde(default)]
    pub followed: u32,
    /// A stop was asked for and is not carried out yet.
    pub stopping: Option<StopCause>,
    /// Decided in `Close`, carried out at its end.
    pub ending: Option<Ending>,
    /// The run is over. It may still be resumed.
    pub ended: Option<Ending>,
    /// The evidence document, as kept in the store.
    pub evidence: Option<Digest>,
    /// The commit that holds the result.
    pub result: Option<CommitId>,
    /// Worktree and branch are gone; what they were is kept here.
    #[serde(default)]
    pub discarded: Option<Checkpoint>,
    /// What it does outside of this machine, in the order in which it was wanted.
    #[serde(default)]
    pub outbox: Vec<Delivery>,
}

impl Run {
    /// Money that the next call may use; nothing without a budget.
    pub fn budget_left(&self) -> Option<Usd> {
        self.settings.budget.map(|budget| budget.minus(self.spend.charged()))
    }

    /// Tokens that the next call may use; nothing without a limit.
    pub fn tokens_left(&self) -> Option<u64> {
        self.settings.tokens_max.map(|max| max.saturating_sub(self.spend.tokens.total()))
    }

    /// Wall time that the run took until `at`: waits included; without pauses, and without the time in
    /// which no process drove it.
    pub fn time_used_ms(&self, at: Timestamp) -> u64 {
        self.worked_ms.saturating_add(self.since.map_or(0, |since| at.millis_since(since)))
    }

    /// When its time is used; nothing without a limit.
    pub fn deadline(&self) -> Option<Timestamp> {
        let left = self.settings.time_max_ms?.saturating_sub(self.worked_ms);
        Some(Timestamp(self.since?.0.saturating_add(i64::try_from(left).unwrap_or(i64::MAX))))
    }

    /// How much of `resource` is used until `at`, and its limit; nothing without one.
    pub fn usage_of(&self, resource: Resource, at: Timestamp) -> Option<(u64, u64)> {
        let settings = &self.settings;
        match resource {
            Resource::Money => Some((self.spend.charged().0, settings.budget?.0)),
            Resource::Tokens => Some((self.spend.tokens.total(), settings.tokens_max?)),
            Resource::Time => Some((self.time_used_ms(at), settings.time_max_ms?)),
        }
    }

    /// How many agents there are to call.
    pub fn agents(&self) -> usize {
        self.settings.agents.len().max(1)
    }

    /// What agent `index` of the settings offers.
    pub fn offer(&self, index: usize) -> Offer {
        let own = || Offer::unknown(&self.settings.provider);
        self.settings.agents.get(index).cloned().unwrap_or_else(own)
    }

    /// The agent that is called now.
    pub fn active_agent(&self) -> &str {
        let offer = self.settings.agents.get(self.active);
        offer.map_or(self.settings.provider.as_str(), |offer| offer.agent.as_str())
    }

    /// The model that a call for `tier` asks for that is made now.
    pub fn choose(&self, tier: Tier) -> Choice {
        self.choose_of(self.active, self.switched.as_deref(), tier)
    }

    /// What the next call asks for, as far as can be told while one is under way.
    pub fn next_choice(&self) -> Choice {
        let tier = self.settings.tier;
        let next = self.next_agent.as_ref();
        next.map_or_else(
            || self.choose(tier),
            |next| self.choose_of(next.index, next.model.as_deref(), tier),
        )
    }

    fn choose_of(&self, index: usize, switched: Option<&str>, tier: Tier) -> Choice {
        let offer = self.offer(index);
        let gone = self.unavailable.iter().filter(|(agent, _)| *agent == offer.agent);
        let gone = gone.map(|(_, model)| model.clone());
        let rests = self.breakers.iter().filter(|breaker| breaker.agent == offer.agent);
        let gone: Vec<String> = gone.chain(rests.filter_map(|rest| rest.model.clone())).collect();
        choose(&offer, &self.settings.wishes(), tier, switched, &gone)
    }

    /// What the newest call wants to be judged as.
    pub fn claim(&self) -> Claim {
        self.last_call.as_ref().map_or(Claim::None, |call| call.claim)
    }

    /// The verdict over the newest judged tree.
    pub fn verdict(&self) -> Option<Verdict> {
        self.judged.as_ref().map(|(_, verdict)| *verdict)
    }

    /// Whether the run ended in a way that a further process may take up again.
    pub fn is_resumable(&self) -> bool {
        self.discarded.is_none()
            && self.ended.as_ref().is_none_or(|ending| ending.outcome != Outcome::Verified)
    }
}
