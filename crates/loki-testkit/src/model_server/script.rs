//! What a scripted model answers; built in code or read from JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The steps of one server, in order. After the last one: the text `All steps done.`
///
/// `{cwd}` in any text of a step stands for the variable of that name, or else the working
/// directory that the client names in its request, or else `.`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelScript {
    /// One for each main request.
    pub steps: Vec<ModelStep>,
    /// Repeats the last step for ever.
    pub loop_last: bool,
    /// Which requests are main ones.
    pub main: MainRequests,
    /// A request that holds one of these texts is a side request.
    pub side_patterns: Vec<String>,
    /// The answer to side requests.
    pub side_text: String,
    /// Replaces `{name}` by a value in every text.
    pub vars: BTreeMap<String, String>,
}

/// Which requests take a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MainRequests {
    /// Those that offer a tool to write or to run.
    #[default]
    Tools,
    /// All that ask for a message.
    Always,
}

impl Default for ModelScript {
    fn default() -> ModelScript {
        ModelScript {
            steps: Vec::new(),
            loop_last: false,
            main: MainRequests::Tools,
            side_patterns: Vec::new(),
            side_text: "Scripted".to_owned(),
            vars: BTreeMap::new(),
        }
    }
}

/// One answer of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelStep {
    /// What it says.
    pub text: String,
    /// What it does.
    pub ops: Vec<Op>,
    /// What it counts.
    pub usage: ModelUsage,
    /// How often this step is served before the next one.
    pub times: u32,
    /// Wait before the first byte.
    pub delay_ms: u64,
    /// Wait after each event.
    pub event_delay_ms: u64,
    /// Sent with the answer.
    pub headers: BTreeMap<String, String>,
    /// Answered instead; with [`Fault::StreamError`], in the middle of the answer.
    pub error: Option<ModelError>,
    /// What goes wrong on the wire.
    pub fault: Option<Fault>,
    /// Events sent before the fault; half of them when not given.
    pub fault_after: Option<usize>,
}

impl Default for ModelStep {
    fn default() -> ModelStep {
        ModelStep {
            text: String::new(),
            ops: Vec::new(),
            usage: ModelUsage::default(),
            times: 1,
            delay_ms: 0,
            event_delay_ms: 0,
            headers: BTreeMap::new(),
            error: None,
            fault: None,
            fault_after: None,
        }
    }
}

/// Something the model does through whatever tool the client offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// Writes a file.
    Write {
        /// Where.
        path: String,
        /// What.
        content: String,
    },
    /// Runs a command.
    Shell {
        /// For a shell.
        command: String,
    },
    /// Reads a file.
    Read {
        /// Which.
        path: String,
    },
    /// Calls a tool by its name, offered or not.
    Raw {
        /// The tool.
        name: String,
        /// Its arguments.
        input: Value,
    },
}

/// What an answer says it used, in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelUsage {
    /// Read, not from a cache.
    pub input: u64,
    /// Written.
    pub output: u64,
    /// Read from the cache.
    pub cache_read: u64,
    /// Written to the cache.
    pub cache_write: u64,
    /// Thought; told where the protocol has a place for it.
    pub reasoning: u64,
}

impl Default for ModelUsage {
    fn default() -> ModelUsage {
        ModelUsage { input: 1000, output: 50, cache_read: 0, cache_write: 0, reasoning: 0 }
    }
}

/// An answer with an error status.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelError {
    /// As in 429.
    pub status: u16,
    /// The protocol's class; that of the status when not given.
    #[serde(rename = "type", default)]
    pub class: Option<String>,
    /// Words.
    #[serde(default)]
    pub message: Option<String>,
    /// A finer class, told where the protocol has a place for it.
    #[serde(default)]
    pub code: Option<String>,
    /// Sent with it, as `retry-after`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Further fields of the error, as `resets_at`.
    #[serde(default)]
    pub fields: BTreeMap<String, Value>,
}

/// What goes wrong on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The connection is reset in mid-stream.
    Abort,
    /// The body ends well, without the protocol's closing events.
    Eof,
    /// Some events, then silence.
    Hang,
    /// Not even a status line.
    HangBefore,
    /// The connection is reset instead of an answer.
    Reset,
    /// Some events, then bytes that are no part of the protocol, then a good end.
    Garbage,
    /// Some events, then an error event.
    StreamError,
}

impl ModelScript {
    /// A script of these steps.
    pub fn new(steps: impl IntoIterator<Item = ModelStep>) -> ModelScript {
        ModelScript { steps: steps.into_iter().collect(), ..ModelScript::default() }
    }

    /// A script that answers with one step for ever.
    pub fn always(step: ModelStep) -> ModelScript {
        ModelScript { loop_last: true, ..ModelScript::new([step]) }
    }

    /// Reads the JSON form.
    pub fn parse(json: &str) -> Result<ModelScript, String> {
        serde_json::from_str(json).map_err(|err| err.to_string())
    }

    /// Sets a variable.
    #[must_use]
    pub fn var(mut self, name: &str, value: &str) -> ModelScript {
        self.vars.insert(name.to_owned(), value.to_owned());
        self
    }
}

impl ModelStep {
    /// A step that says `text`.
    pub fn said(text: &str) -> ModelStep {
        ModelStep { text: text.to_owned(), ..ModelStep::default() }
    }

    /// A step that fails with `status`.
    pub fn failed(status: u16) -> ModelStep {
        let error = Some(ModelError { status, ..ModelError::default() });
        ModelStep { error, ..ModelStep::default() }
    }

    /// Gives the error a class of its own, in words that the protocol knows.
    #[must_use]
    pub fn class(mut self, class: &str) -> ModelStep {
        let error = self.error.get_or_insert_default();
        error.class = Some(class.to_owned());
        self
    }

    /// Gives the error a code.
    #[must_use]
    pub fn code(mut self, code: &str) -> ModelStep {
        let error = self.error.get_or_insert_default();
        error.code = Some(code.to_owned());
        self
    }

    /// Gives the error words.
    #[must_use]
    pub fn message(mut self, message: &str) -> ModelStep {
        let error = self.error.get_or_insert_default();
        error.message = Some(message.to_owned());
        self
    }

    /// Gives the error a further field.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> ModelStep {
        let error = self.error.get_or_insert_default();
        error.fields.insert(name.to_owned(), value.into());
        self
    }

    /// Is served so often before the next one.
    #[must_use]
    pub fn times(mut self, times: u32) -> ModelStep {
        self.times = times;
        self
    }

    /// Also writes a file; a path that is not absolute is below `{cwd}`.
    #[must_use]
    pub fn write(mut self, path: &str, content: &str) -> ModelStep {
        let path = if path.starts_with('/') { path.to_owned() } else { format!("{{cwd}}/{path}") };
        self.ops.push(Op::Write { path, content: content.to_owned() });
        self
    }

    /// Also runs a command.
    #[must_use]
    pub fn shell(mut self, command: &str) -> ModelStep {
        self.ops.push(Op::Shell { command: command.to_owned() });
        self
    }

    /// Counts these tokens.
    #[must_use]
    pub fn usage(mut self, input: u64, output: u64, cache_read: u64) -> ModelStep {
        self.usage = ModelUsage { input, output, cache_read, ..ModelUsage::default() };
        self
    }

    /// Goes wrong.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> ModelStep {
        self.fault = Some(fault);
        self
    }

    /// Sends a header with the answer, be it an error or not.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> ModelStep {
        let headers = self.error.as_mut().map_or(&mut self.headers, |error| &mut error.headers);
        headers.insert(name.to_owned(), value.to_owned());
        self
    }
}
