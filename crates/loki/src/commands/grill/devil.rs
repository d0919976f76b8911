//! An agent as the devil's advocate: one call, in a directory of its own, for questions only.

use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use loki_agent::CallSpec;
use loki_engine::Stop;
use loki_engine::prompt::{ANSWER_FILE, interrogate};
use loki_host::process::Limits;
use loki_model::{AgentOutcome, Cost, Purpose, Settings, Spec, Tier};
use loki_spec::{AGENT_ANSWER_BYTES_MAX, AGENT_ANSWER_SCHEMA, Question, questions_of_agent};
use serde_json::{Value, json};

use crate::cli::GrillArgs;
use crate::commands::consent::consent;
use crate::commands::crew::crew;
use crate::commands::sandbox;
use crate::commands::spend::recorded;
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::signals;
use crate::view::render::one_line;

/// What came of asking.
pub(super) struct Asked {
    pub(super) questions: Vec<Question>,
    agent: String,
    model: Option<String>,
    cost: Cost,
    /// Why there are none, when that was not the agent's answer.
    pub(super) failure: Option<String>,
}

/// Asks once. What the agent says is data: it can ask, and neither answer nor stop anything.
pub(super) fn ask(
    args: &GrillArgs,
    spec: &Spec,
    known: &[Question],
    cx: &Context,
) -> Result<Asked, CommandError> {
    let (settings, agents) = crew(&args.agent, 1, cx)?;
    let settings = Settings { tier: Tier::Planning, ..settings };
    // Nobody takes over here.
    let agents = agents.into_iter().take(1).collect::<Vec<_>>();
    consent(args.yes, &agents, &settings, cx)?;
    let agent = agents.first().ok_or_else(|| CommandError::user("there is no agent to ask"))?;
    let choice = settings.quote(Tier::Planning);
    let stop = Stop::new().map_err(environment)?;
    signals::forward_to(stop.clone()).map_err(environment)?;
    let directory = tempfile::tempdir().map_err(environment)?;
    let asked: Vec<String> = known.iter().map(|question| question.ask.clone()).collect();
    let prompt = interrogate(spec, AGENT_ANSWER_SCHEMA, &asked);
    let deadlines = args.agent.deadlines;
    let hold = sandbox::hold(cx)?;
    let call = CallSpec {
        cwd: directory.path(),
        prompt: &prompt,
        call: 1,
        tier: choice.tier,
        model: choice.model.as_deref(),
        price: choice.price,
        effort: choice.effort,
        fallback_model: choice.fallback.as_deref(),
        resume: None,
        budget_left: None,
        sub_agents: &[],
        limits: Limits {
            total: Duration::from_secs(deadlines.call_timeout),
            idle: Some(Duration::from_secs(deadlines.idle_timeout)),
            ..Limits::default()
        },
        hold: &hold,
    };
    let report = recorded(Purpose::Interrogation, &spec.title, &choice, cx, || {
        let report = agent.call(&call, stop.cancel(), &mut |_| {}).report;
        let (outcome, usage) = (report.outcome.label().to_owned(), report.usage);
        (report, outcome, usage)
    })?;
    let (questions, failure) = if report.outcome == AgentOutcome::Completed {
        let file = answer_file(directory.path());
        match questions_of_agent(spec, file.as_deref().unwrap_or(&report.final_text)) {
            Ok(questions) => (questions, None),
            Err(err) => (Vec::new(), Some(err.to_string())),
        }
    } else {
        (Vec::new(), Some(report.outcome.label().to_owned()))
    };
    let cost = choice.priced(report.usage).cost;
    let model = report.model.or(choice.model);
    Ok(Asked { questions, agent: agent.name().to_owned(), model, cost, failure })
}

/// What the agent left; nothing where there is no plain file.
fn answer_file(directory: &Path) -> Option<String> {
    let path = directory.join(ANSWER_FILE);
    // Not through a link to somebody else's file.
    std::fs::symlink_metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
    let most = u64::try_from(AGENT_ANSWER_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    std::fs::File::open(&path).ok()?.take(most).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

impl Asked {
    pub(super) fn line(&self) -> String {
        let cost = match self.cost {
            Cost::Known { usd } => usd.to_string(),
            Cost::Computed { usd } => format!("{usd} computed"),
            Cost::Unknown => "cost not told".to_owned(),
        };
        let model = self.model.as_deref().unwrap_or("its own model");
        let came = match &self.failure {
            Some(failure) => format!("failed: {}", one_line(failure, 200)),
            None => format!("asked {}", self.questions.len()),
        };
        format!("{} with {model} {came} ({cost})", one_line(&self.agent, 60))
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "agent": self.agent, "model": self.model, "cost": self.cost,
            "questions": self.questions.len(), "failure": self.failure,
        })
    }
}
