//! Claude Code: how it is started, and what a call of it came to.
//!
//! Measured on 2.1.330. Its exit code and its `subtype` say nothing reliable; `is_error`,
//! `api_error_status` and `terminal_reason` do.

mod outcome;
mod probe;
mod stream;
#[cfg(test)]
mod tests;
mod turn;

use std::ffi::OsString;

use loki_host::process::{Cancel, CommandSpec, converse};
use loki_model::{AgentOutcome, CallReport, Capabilities, Usd};
use serde_json::json;

use crate::agent::{Agent, AgentEvent, Billing, CallResult, CallSpec, Probe};
use crate::claim::claim_of;
use crate::command::{independent_of_cwd, not_started, without_a_process};
use crate::environment::{set_for_agents, variable_of};
use crate::hold::{Needs, Own, Through, hold};
use crate::session::is_session_id;
use crate::shown::final_words;

use self::turn::{COURTESY, Turn};

/// Names another program than `claude` on `PATH`.
const PROGRAM_VARIABLE: &str = "LOKI_CLAUDE_BIN";
/// Nothing goes out but the conversation itself.
const QUIET: [&str; 4] = [
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
    "DISABLE_AUTOUPDATER",
    "DISABLE_ERROR_REPORTING",
    "DISABLE_TELEMETRY",
];

/// What it can not do without.
pub(crate) const NEEDS: Needs = Needs {
    own: &[
        Own::Dir(".claude"),
        Own::File(".claude.json"),
        Own::Named("CLAUDE_CONFIG_DIR"),
        Own::Below("XDG_STATE_HOME", ".local/state", "claude"),
    ],
    variables: &[&[
        "ANTHROPIC_*",
        "CLAUDE_*",
        "API_TIMEOUT_MS",
        "BASH_DEFAULT_TIMEOUT_MS",
        "BASH_MAX_TIMEOUT_MS",
        "BASH_MAX_OUTPUT_LENGTH",
        "MAX_THINKING_TOKENS",
        "MAX_MCP_OUTPUT_TOKENS",
        "MCP_TIMEOUT",
        "MCP_TOOL_TIMEOUT",
        "DISABLE_*",
        "USE_BUILTIN_RIPGREP",
    ]],
    services: &[
        Through { when: "CLAUDE_CODE_USE_BEDROCK", reads: &[".aws"], variables: &["AWS_*"] },
        Through {
            when: "CLAUDE_CODE_USE_VERTEX",
            reads: &[".config/gcloud"],
            variables: &["GOOGLE_*", "GCLOUD_*", "CLOUDSDK_*", "CLOUD_ML_REGION", "VERTEX_*"],
        },
        Through { when: "CLAUDE_CODE_USE_FOUNDRY", reads: &[".azure"], variables: &["AZURE_*"] },
    ],
};

/// Claude Code.
#[derive(Clone, Debug)]
pub struct Claude {
    program: OsString,
    env: Vec<(OsString, OsString)>,
}

impl Claude {
    /// The program that `LOKI_CLAUDE_BIN` names, or `claude` on `PATH`.
    pub fn from_env() -> Claude {
        let named = std::env::var_os(PROGRAM_VARIABLE).filter(|program| !program.is_empty());
        Claude::at(named.unwrap_or_else(|| "claude".into()))
    }

    /// This program.
    pub fn at(program: impl Into<OsString>) -> Claude {
        Claude { program: independent_of_cwd(program.into()), env: Vec::new() }
    }

    /// Sets one environment variable of every call.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Claude {
        self.env.push((name.into(), value.into()));
        self
    }

    fn command(&self, spec: &CallSpec<'_>) -> CommandSpec {
        let mut command = CommandSpec::new(&self.program, spec.cwd).args(arguments(spec));
        command.env_set = QUIET.map(|name| (name.into(), "1".into())).to_vec();
        command.env_set.extend(set_for_agents());
        command.env_set.extend(self.env.iter().cloned());
        command.limits = spec.limits;
        command
    }

    /// The value that a call sees, for the probe.
    fn variable(&self, name: &str) -> Option<OsString> {
        variable_of(&self.env, name)
    }
}

impl Agent for Claude {
    fn name(&self) -> &str {
        "claude"
    }

    fn billing(&self) -> Billing {
        Billing::Paid
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            model: true,
            effort: true,
            budget: true,
            fallback_model: true,
            resume: true,
            sub_agents: true,
            live_control: true,
        }
    }

    fn model_of_its_settings(&self) -> Option<String> {
        probe::model_of_its_settings(self)
    }

    fn probe(&self) -> Probe {
        probe::probe(self)
    }

    fn call(
        &self,
        spec: &CallSpec<'_>,
        cancel: &Cancel,
        observe: &mut dyn FnMut(AgentEvent<'_>),
    ) -> CallResult {
        if spec.budget_left == Some(Usd::ZERO) {
            return without_a_process(AgentOutcome::BudgetReached);
        }
        let held = match hold(self.command(spec), &NEEDS, spec, &[]) {
            Ok(held) => held,
            Err(refusal) => return without_a_process(refusal),
        };
        let mut turn = Turn::new(spec.prompt);
        let ran = converse(&held.command, cancel, COURTESY, &mut |happened, reply| {
            turn.happened(happened, reply, observe);
        });
        let ran = match ran {
            Ok(ran) => ran,
            Err(err) => return not_started(&err),
        };
        let (outcome, transcript) = turn.over(&ran, cancel.is_pulled(), observe);
        let words = transcript.final_text();
        let report = CallReport {
            claim: claim_of(&outcome, words),
            outcome,
            usage: transcript.usage(spec.resume.is_some()),
            session: transcript.session().map(str::to_owned),
            model: transcript.model().map(str::to_owned),
            final_text: final_words(words),
        };
        let lines_unreadable = transcript.unreadable();
        CallResult { report, stdout: ran.stdout, stderr: ran.stderr, lines_unreadable }
    }
}

fn arguments(spec: &CallSpec<'_>) -> Vec<OsString> {
    let mut args: Vec<OsString> = [
        "-p",
        "--input-format",
        "stream-json",
        "--output-format",
        "stream-json",
        "--verbose",
        // The sandbox and the verification are loki's; a question would have nobody to answer it.
        "--dangerously-skip-permissions",
    ]
    .map(OsString::from)
    .to_vec();
    if let Some(model) = spec.model {
        args.extend(["--model".into(), model.into()]);
    }
    if let Some(effort) = spec.effort {
        args.extend(["--effort".into(), effort.label().into()]);
    }
    if let Some(model) = spec.fallback_model {
        args.extend(["--fallback-model".into(), model.into()]);
    }
    // The id came from an agent's output: what could be read as another flag is left out.
    if let Some(session) = spec.resume.filter(|id| is_session_id(id)) {
        args.extend(["--resume".into(), session.into()]);
    }
    if !spec.sub_agents.is_empty() {
        let definitions: serde_json::Map<String, serde_json::Value> = spec
            .sub_agents
            .iter()
            .map(|helper| {
                let about = json!({ "description": helper.description, "prompt": helper.prompt });
                (helper.name.clone(), about)
            })
            .collect();
        args.extend(["--agents".into(), json!(definitions).to_string().into()]);
    }
    if let Some(budget) = spec.budget_left {
        args.extend(["--max-budget-usd".into(), format!("{:.6}", budget.dollars()).into()]);
    }
    args
}
