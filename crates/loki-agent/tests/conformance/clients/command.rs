use std::time::Duration;

use loki_agent::{Agent, open};
use loki_testkit::model_server::Op;
use loki_testkit::{Call, Fault, ModelStep, Script};

use crate::client::{Cell, Client, Counts, Program, Site, Wire};

pub(crate) const CLIENT: Client = Client {
    name: "command",
    what: "any program by its command line, here one that plays the script itself",
    wire: Wire::None,
    program: Program::Scripted,
    model: None,
    idle: Duration::from_secs(1),
    counts: Counts::Nothing,
    build,
    exceptions: EXCEPTIONS,
};

const NO_SERVICE: Cell =
    Cell::CanNot("loki sees its exit code only; it has no service that could fail");
const NO_PERMISSIONS: Cell = Cell::CanNot("it asks nobody for permission");

const EXCEPTIONS: &[(&str, Cell)] = &[
    ("garbage-stream", NO_SERVICE),
    ("cut-stream-once", NO_SERVICE),
    ("cut-stream-for-ever", NO_SERVICE),
    ("400-context-length", NO_SERVICE),
    ("401", NO_SERVICE),
    ("404-model", NO_SERVICE),
    ("429-once", NO_SERVICE),
    ("429-for-ever", NO_SERVICE),
    ("429-with-long-retry-after", NO_SERVICE),
    ("500-for-ever", NO_SERVICE),
    ("529-for-ever", NO_SERVICE),
    ("connection-refused", NO_SERVICE),
    ("connection-reset", NO_SERVICE),
    ("quota-with-reset-time", NO_SERVICE),
    ("cancelled-while-the-model-answers", NO_SERVICE),
    ("resumes-a-session", Cell::CanNot("it has no conversations")),
    ("permission-denied", NO_PERMISSIONS),
];

/// The script as the agent itself plays it, in one call.
fn build(site: &Site<'_>) -> Box<dyn Agent> {
    let call = site.script.steps.iter().fold(Call::default(), play);
    let mut script = Script::new();
    script.calls.push(call);
    let script = script.save(site.repo.stage("script.toml"));
    // Its processes are marked like those of all others.
    let line = format!("env 'HOME={}' {}", site.home().display(), words(&script.provider()));
    open(&format!("command:{line}")).unwrap_or_else(|err| panic!("{err}"))
}

fn words(provider: &str) -> &str {
    provider.strip_prefix("command:").unwrap_or(provider)
}

fn play(mut call: Call, step: &ModelStep) -> Call {
    let below = |path: &str| path.replace("{cwd}/", "");
    if !step.text.is_empty() {
        call = call.say(&step.text);
    }
    for op in &step.ops {
        call = match op {
            Op::Write { path, content } => call.write(below(path), content),
            Op::Shell { command } => call.shell(command),
            Op::Read { .. } | Op::Raw { .. } => call,
        };
    }
    match step.fault {
        Some(Fault::Hang | Fault::HangBefore) => call.hang(),
        _ => call,
    }
}
