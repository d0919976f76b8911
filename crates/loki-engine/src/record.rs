//! Makes a recording of a run: what its calls said and did, to be played again without a model.
//!
//! Everything comes from the journal and the snapshots, so a run can be recorded while it goes on and
//! long after it ended.

use anyhow::Context as _;
use loki_agent::{NewCall, NewRecording};
use loki_host::git::{Edit, Repo};
use loki_model::{Activity, AgentOutcome, ChangeKind, Event, TreeId};

use crate::journal::Recorded;

/// Larger files are left out.
const FILE_BYTES_MAX: usize = 4 << 20;
/// Longer pauses are cut when they are played, too.
const PAUSE_MS_MAX: u64 = 2000;

/// A recording, and what of the run it could not hold, one sentence each.
pub struct Made {
    /// The file's text.
    pub text: String,
    /// How many calls it has.
    pub calls: u32,
    /// What differs when it is played.
    pub left_out: Vec<String>,
}

/// Records the calls in `events`, the journal of one run in `repo`.
pub fn record(events: &[Recorded], repo: &Repo) -> anyhow::Result<Made> {
    let mut maker =
        Maker { repo, tree: None, seen: Vec::new(), ended: None, calls: 0, left_out: Vec::new() };
    let mut recording = None;
    for recorded in events {
        if let Event::RunCreated { id, spec, settings, .. }
        | Event::PartCreated { id, spec, settings, .. } = &recorded.event
        {
            let note = format!("Recorded from run {id} of `{}`: {}", settings.provider, spec.title);
            recording = Some(NewRecording::new(id.as_str(), &note));
        }
        let call = maker.take(recorded)?;
        if let (Some(recording), Some(call)) = (&mut recording, call) {
            recording.push(call);
        }
    }
    let recording = recording.context("the journal has no beginning")?;
    let text = recording.to_toml().context("the recording can not be written")?;
    Ok(Made { text, calls: maker.calls, left_out: maker.left_out })
}

/// What is known of the call that is being read.
struct Maker<'a> {
    repo: &'a Repo,
    /// What the workspace held before it.
    tree: Option<TreeId>,
    seen: Vec<(Activity, u64)>,
    /// How it ended, and its last words; nothing of either when it was cut off.
    ended: Option<(Option<AgentOutcome>, String)>,
    calls: u32,
    left_out: Vec<String>,
}

impl Maker<'_> {
    /// A call, once what it left is known.
    fn take(&mut self, recorded: &Recorded) -> anyhow::Result<Option<NewCall>> {
        match &recorded.event {
            Event::WorkspacePrepared { workspace } => {
                self.tree = Some(workspace.start_tree.clone());
            }
            Event::AgentCalled { .. } => (self.seen, self.ended) = (Vec::new(), None),
            Event::AgentActed { activities } => {
                self.seen.extend(activities.iter().map(|a| (a.clone(), at_ms(recorded))));
            }
            Event::AgentReturned { report, .. } => {
                self.ended = Some((Some(report.outcome.clone()), report.final_text.clone()));
            }
            Event::AgentCallLost { .. } => self.ended = Some((None, String::new())),
            Event::SnapshotTaken { snapshot } => {
                let Some((outcome, text)) = self.ended.take() else { return Ok(None) };
                self.calls += 1;
                let mut call = NewCall::new(outcome.as_ref(), &text);
                let mut last = None;
                for (activity, at) in std::mem::take(&mut self.seen) {
                    let pause = last.map_or(0, |last| at.saturating_sub(last));
                    call.saw(&activity, pause.min(PAUSE_MS_MAX));
                    last = Some(at);
                }
                if let Some(before) = self.tree.replace(snapshot.tree.clone()) {
                    self.effects(&before, &snapshot.tree, &mut call)?;
                }
                return Ok(Some(call));
            }
            _ => {}
        }
        Ok(None)
    }

    /// What the call did to files, checked against what it left.
    fn effects(&mut self, from: &TreeId, to: &TreeId, call: &mut NewCall) -> anyhow::Result<()> {
        let number = self.calls;
        let mut contents: Vec<(String, Option<String>)> = Vec::new();
        for change in self.repo.diff(from, to)? {
            let path = change.path;
            if change.kind == ChangeKind::Deleted {
                match call.deleted(&path) {
                    Ok(()) => contents.push((path, None)),
                    Err(err) => self.left_out.push(format!("call {number}: {err}")),
                }
                continue;
            }
            let bytes =
                self.repo.read_file(to, &path)?.filter(|bytes| bytes.len() <= FILE_BYTES_MAX);
            let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) else {
                self.left_out.push(format!("call {number}: `{path}` is no text, or too large"));
                continue;
            };
            match call.wrote(&path, &text) {
                Ok(()) => contents.push((path, Some(text))),
                Err(err) => self.left_out.push(format!("call {number}: {err}")),
            }
        }
        let edits: Vec<Edit<'_>> = contents.iter().map(edit).collect();
        if self.repo.compose(from, &edits)? != *to {
            let what = "links, modes, or what is left out above may differ when it is played";
            self.left_out.push(format!("call {number}: {what}"));
        }
        Ok(())
    }
}

fn edit((path, content): &(String, Option<String>)) -> Edit<'_> {
    match content {
        Some(content) => Edit::Write { path, content: content.as_bytes() },
        None => Edit::Remove { path },
    }
}

fn at_ms(recorded: &Recorded) -> u64 {
    u64::try_from(recorded.at.0).unwrap_or(0)
}
