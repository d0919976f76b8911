//! A scripted agent that speaks the Agent Client Protocol through the official crate's agent side.
//!
//! Owns good and bad behaviour on the wire: updates, questions, errors, silence, garbage, floods.
//! Refuses to be an agent: what it does is said step by step. `{cwd}` in any text stands for the
//! session's directory.

mod play;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use play::play;

/// What the agent says and does; saved as JSON for the program `scripted-acp-agent`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AcpScript {
    /// The answer to `initialize`, beside the version; none is never answered.
    pub hello: Option<Value>,
    /// The answer to `session/new`, `load` and `resume`, beside the session's id.
    pub opened: Value,
    /// Opening a session needs `authenticate` first.
    pub locked: bool,
    /// The method of `authenticate` that unlocks it.
    pub key: Option<String>,
    /// What `session/set_config_option` makes of any model; the one asked for when not given.
    pub model_instead: Option<String>,
    /// Updates that `session/load` and `resume` send before they answer.
    pub past: Vec<Value>,
    /// What a turn does.
    pub steps: Vec<AcpStep>,
    /// All that was heard is appended to this file, a line each.
    pub log: PathBuf,
}

/// One thing that happens in a turn.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum AcpStep {
    /// A chunk of a message.
    Say {
        /// Its text.
        text: String,
    },
    /// Any update.
    Update {
        /// As in `session/update`.
        update: Value,
    },
    /// Asks for permission, waits for the answer, and says it.
    Ask {
        /// Of the tool call.
        title: String,
        /// Kinds of the options, which are their ids too.
        kinds: Vec<String>,
    },
    /// Any request, so often; no answer is waited for.
    Request {
        /// Its method.
        method: String,
        /// Its parameters.
        params: Value,
        /// How often.
        times: u32,
    },
    /// Bytes as they are, so often.
    Raw {
        /// Not necessarily a line.
        text: String,
        /// How often.
        times: u32,
    },
    /// Writes a file.
    Write {
        /// Below the session's directory.
        path: String,
        /// What.
        content: String,
    },
    /// Waits for `session/cancel`.
    AwaitCancel,
    /// Does nothing for ever.
    Hang,
    /// Ends the process.
    Exit {
        /// With this code.
        code: i32,
    },
    /// Answers the prompt with an error.
    Fail {
        /// Its code.
        code: i32,
        /// Its data.
        data: Value,
    },
    /// Answers the prompt.
    End {
        /// The whole answer.
        answer: Value,
    },
}

impl AcpScript {
    /// A session named `s-1` whose turn takes these steps and then ends well.
    pub fn new(steps: impl IntoIterator<Item = AcpStep>) -> AcpScript {
        AcpScript {
            hello: Some(json!({ "agentCapabilities": { "loadSession": true } })),
            opened: json!({}),
            locked: false,
            key: None,
            model_instead: None,
            past: Vec::new(),
            steps: steps.into_iter().collect(),
            log: PathBuf::new(),
        }
    }

    /// Writes it to `path`, with its log beside it.
    ///
    /// # Panics
    /// When the file can not be written.
    #[must_use]
    pub fn save(mut self, path: &Path) -> AcpScript {
        self.log = path.with_extension("log");
        let text = serde_json::to_string(&self).expect("a script is JSON");
        std::fs::write(path, text).expect("the script can be written");
        self
    }

    /// What the agent heard so far, in order.
    ///
    /// # Panics
    /// When the client wrote something that is no JSON.
    pub fn heard(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).expect("a client speaks JSON")).collect()
    }

    /// The parameters of every request and notification of this name.
    pub fn heard_of(&self, method: &str) -> Vec<Value> {
        let heard = self.heard();
        heard
            .into_iter()
            .filter(|it| it["method"] == method)
            .map(|it| it["params"].clone())
            .collect()
    }
}

impl AcpStep {
    /// A chunk of a message.
    pub fn say(text: &str) -> AcpStep {
        AcpStep::Say { text: text.to_owned() }
    }

    /// An update.
    pub fn update(update: Value) -> AcpStep {
        AcpStep::Update { update }
    }

    /// A question with options of these kinds.
    pub fn ask(title: &str, kinds: &[&str]) -> AcpStep {
        let kinds = kinds.iter().map(|&kind| kind.to_owned()).collect();
        AcpStep::Ask { title: title.to_owned(), kinds }
    }

    /// Bytes as they are.
    pub fn raw(text: &str, times: u32) -> AcpStep {
        AcpStep::Raw { text: text.to_owned(), times }
    }

    /// An error instead of an answer.
    pub fn fail(code: i32, data: Value) -> AcpStep {
        AcpStep::Fail { code, data }
    }
}
