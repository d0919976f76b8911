//! An agent that plays a recording: a demonstration, a test, a dry run. Free, offline, repeatable.
//!
//! Owns the playing. What may be written is decided by [`files`]: nothing outside the working
//! directory, whatever the recording says.

mod format;
mod written;

use std::time::{Duration, Instant};

use loki_host::process::{Cancel, Captured, Stream};
use loki_model::{
    Activity, AgentOutcome, CallReport, Capabilities, Confinement, Cost, Deadline, Usage, Usd,
};

use self::format::{RecordedCall, Step};
pub use self::format::{Recording, RecordingError, Speed};
pub use self::written::{NewCall, NewRecording, NotRecordable};
use crate::agent::{Agent, AgentEvent, Billing, CallResult, CallSpec, Login, Probe, Program};
use crate::claim::claim_of;
use crate::files::{FileError, Root};
use crate::hold::Hold;
use crate::shown::{final_words, shown, shown_on_one_line};

/// What a recording uses, and surely so.
const FREE: Usage = Usage { tokens: None, cost: Cost::Known { usd: Usd::ZERO } };

/// Makes an agent of a recording. `name` is what the user wrote after `--provider`.
pub fn open_recording(name: &str, recording: Recording) -> Box<dyn Agent> {
    Box::new(Player { name: name.to_owned(), recording })
}

struct Player {
    name: String,
    recording: Recording,
}

impl Agent for Player {
    fn name(&self) -> &str {
        &self.name
    }

    fn billing(&self) -> Billing {
        Billing::Free
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    /// It starts nothing, and writes through [`Root`] alone.
    fn confinement(&self, _hold: &Hold) -> Option<Confinement> {
        None
    }

    fn probe(&self) -> Probe {
        Probe { program: Program::BuiltIn, login: Login::Unknown }
    }

    fn call(
        &self,
        spec: &CallSpec<'_>,
        cancel: &Cancel,
        observe: &mut dyn FnMut(AgentEvent<'_>),
    ) -> CallResult {
        let mut said = String::new();
        let index = usize::try_from(spec.call).ok().and_then(|call| call.checked_sub(1));
        let (outcome, text) = match index.and_then(|index| self.recording.calls.get(index)) {
            Some(call) => {
                let play = Play {
                    speed: self.recording.speed,
                    cancel,
                    until: Instant::now().checked_add(spec.limits.total),
                };
                match play.call(call, spec, &mut said, observe) {
                    Ok(()) => (call.result.outcome.clone(), call.result.text.as_str()),
                    Err(outcome) => (outcome, ""),
                }
            }
            None => (beyond(self.recording.calls.len()), ""),
        };
        let text = if text.is_empty() { said.as_str() } else { text };
        let report = CallReport {
            claim: claim_of(&outcome, text),
            outcome,
            usage: FREE,
            session: None,
            model: None,
            final_text: final_words(text),
        };
        let stdout = captured(said, spec.limits.output_bytes_max);
        CallResult { report, stdout, stderr: Captured::default(), lines_unreadable: 0 }
    }
}

/// One call being played.
struct Play<'a> {
    speed: Speed,
    cancel: &'a Cancel,
    /// Nothing when further away than clocks can tell.
    until: Option<Instant>,
}

impl Play<'_> {
    fn call(
        &self,
        call: &RecordedCall,
        spec: &CallSpec<'_>,
        said: &mut String,
        observe: &mut dyn FnMut(AgentEvent<'_>),
    ) -> Result<(), AgentOutcome> {
        let root = Root::open(spec.cwd).map_err(|err| crashed(0, &err))?;
        for (index, step) in call.steps.iter().enumerate() {
            self.check_time()?;
            let crashed = |err: FileError| crashed(index + 1, &err);
            match step {
                Step::Say(text) => {
                    let line = format!("{text}\n");
                    said.push_str(&line);
                    observe(AgentEvent::Output(Stream::Stdout, line.as_bytes()));
                    observe(AgentEvent::Activity(Activity::Said { text: shown(text) }));
                }
                Step::Write { path, content } => {
                    root.write(path, content.as_bytes()).map_err(crashed)?;
                    observe(used("Write", &path.to_string()));
                }
                Step::Delete(path) => {
                    root.delete(path).map_err(crashed)?;
                    observe(used("Delete", &path.to_string()));
                }
                Step::Pause(pause) => self.pause(*pause)?,
                Step::Tool { name, detail } => observe(used(name, detail)),
            }
        }
        self.check_time()
    }

    fn check_time(&self) -> Result<(), AgentOutcome> {
        self.pause(Duration::ZERO)
    }

    fn pause(&self, pause: Duration) -> Result<(), AgentOutcome> {
        let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
        let wanted = if self.speed == Speed::Instant { Duration::ZERO } else { pause };
        let wait = left.map_or(wanted, |left| left.min(wanted));
        if self.cancel.sleep(wait) {
            return Err(AgentOutcome::Cancelled);
        }
        if self.until.is_some_and(|until| Instant::now() >= until) {
            return Err(AgentOutcome::TimedOut { deadline: Deadline::Total });
        }
        Ok(())
    }
}

fn used(tool: &str, detail: &str) -> AgentEvent<'static> {
    let (tool, detail) = (shown_on_one_line(tool), shown_on_one_line(detail));
    AgentEvent::Activity(Activity::Used { tool, detail })
}

fn crashed(step: usize, err: &FileError) -> AgentOutcome {
    let detail = shown_on_one_line(&format!("step {step} of the recording: {err}"));
    AgentOutcome::Crashed { exit_code: None, detail }
}

fn beyond(calls: usize) -> AgentOutcome {
    let noun = if calls == 1 { "call" } else { "calls" };
    let detail = format!("the recording has only {calls} {noun}");
    AgentOutcome::Crashed { exit_code: None, detail }
}

/// Head and tail, as of a process.
fn captured(text: String, bytes_max: usize) -> Captured {
    let mut head = text.into_bytes();
    let bytes_total = head.len() as u64;
    let mut tail = Vec::new();
    if head.len() > bytes_max {
        let tail_bytes = bytes_max / 2;
        tail = head.split_off(head.len() - tail_bytes);
        head.truncate(bytes_max - tail_bytes);
    }
    Captured { head, tail, bytes_total }
}
