//! What one process asks of a run that another one drives: a socket per run, in loki's home directory.
//!
//! Only the same user and root are heard, and nothing that the run itself has started: an agent must not
//! raise its own budget.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use loki_host::local::{self, Listener, Peer};
use loki_host::process::Cancel;
use loki_model::crew::CrewEvent;
use loki_model::{Control, Event, RunId, Timestamp};
use loki_store::Store;
use serde::{Deserialize, Serialize};

use crate::crew::{read_crew, read_crew_events};
use crate::journal::{JournalError, read_events};
use crate::world::now;

/// Whoever says nothing for so long is not heard.
const READ_TIMEOUT: Duration = Duration::from_secs(2);
/// A request is recorded within milliseconds; this is for a busy machine.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest request or answer: an agent's offer has all its models.
const MESSAGE_BYTES_MAX: u64 = 1 << 20;
/// More than so many at once are turned away.
const PEERS_MAX: usize = 32;

#[derive(Debug, Serialize, Deserialize)]
struct Request {
    schema_version: u32,
    control: Control,
}

#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    schema_version: u32,
    /// Why not; nothing when it is recorded.
    refused: Option<String>,
}

const SCHEMA_VERSION: u32 = 1;

/// How a request was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It is recorded, and holds.
    Recorded,
    /// It can not be done, in one sentence for people.
    Refused(String),
    /// No process drives the run.
    NotDriven,
}

/// Whoever drives a run, as those see it who ask something of it.
pub trait Hears: Clone + Send + 'static {
    /// Has `control` recorded, in the name of `by`; why not, in one sentence for people. Nothing when it is not
    /// driven any more.
    fn hear(&self, control: Control, by: String, at: Timestamp) -> Option<Result<(), String>>;
}

/// Passes what other processes ask of a run on to the process that drives it, until it is dropped.
pub struct Server {
    cancel: Cancel,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.cancel.pull();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Listens for requests to `run`, whose lock the caller holds.
pub fn serve(home: &Path, run: &RunId, slot: impl Hears) -> io::Result<Server> {
    let listener = local::listen(&dir(home), run.as_str())?;
    let cancel = Cancel::new()?;
    let rope = cancel.clone();
    let thread = std::thread::Builder::new()
        .name("control".to_owned())
        .spawn(move || accept(&listener, &rope, &slot))?;
    Ok(Server { cancel, thread: Some(thread) })
}

fn accept(listener: &Listener, cancel: &Cancel, slot: &impl Hears) {
    let peers = Arc::new(AtomicUsize::new(0));
    while let Ok(Some(peer)) = listener.accept(cancel) {
        if peers.fetch_add(1, Ordering::SeqCst) >= PEERS_MAX {
            peers.fetch_sub(1, Ordering::SeqCst);
            continue;
        }
        let (slot, left) = (slot.clone(), Arc::clone(&peers));
        let heard = std::thread::Builder::new().name("peer".to_owned()).spawn(move || {
            // Whoever does not listen to the answer does not need it.
            let _ = hear(peer, &slot);
            left.fetch_sub(1, Ordering::SeqCst);
        });
        if heard.is_err() {
            peers.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

fn hear(mut peer: Peer, slot: &impl Hears) -> io::Result<()> {
    peer.stream.set_read_timeout(Some(READ_TIMEOUT))?;
    let refused = match read::<Request>(&peer.stream) {
        _ if peer.who.is_some_and(|who| who.uid != local::user() && who.uid != 0) => {
            Some("this run belongs to another user".to_owned())
        }
        _ if peer.who.is_some_and(|who| who.is_below_us()) => {
            Some("what a run has started has no say in it".to_owned())
        }
        Ok(Request { schema_version: SCHEMA_VERSION, control }) => {
            let root = peer.who.is_some_and(|who| who.uid == 0 && local::user() != 0);
            let by = if root { "root".to_owned() } else { user_name() };
            match slot.hear(control, by, now()) {
                None => Some("the run is not driven any more".to_owned()),
                Some(recorded) => recorded.err(),
            }
        }
        Ok(_) => Some("another version of loki drives this run".to_owned()),
        Err(err) => Some(format!("the request can not be read: {err}")),
    };
    write(&mut peer.stream, &Answer { schema_version: SCHEMA_VERSION, refused })
}

/// Asks `control` of `run`. Returns once it is recorded.
pub fn ask(home: &Path, run: &RunId, control: &Control) -> io::Result<Asked> {
    let mut stream = match local::connect(&dir(home), run.as_str()) {
        Ok(stream) => stream,
        Err(err)
            if matches!(err.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) =>
        {
            return Ok(Asked::NotDriven);
        }
        Err(err) => return Err(err),
    };
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    write(&mut stream, &Request { schema_version: SCHEMA_VERSION, control: control.clone() })?;
    let answer: Answer = match read(&stream) {
        // It ended while it was asked.
        Err(err) if err.kind() == io::ErrorKind::UnexpectedEof => return Ok(Asked::NotDriven),
        answer => answer?,
    };
    Ok(answer.refused.map_or(Asked::Recorded, Asked::Refused))
}

/// Whether `control` was recorded after event `after_seq` of `run`: whoever asked may have had no answer, since the
/// process died that drove it.
pub fn was_recorded(
    store: &Store,
    run: &RunId,
    after_seq: u64,
    control: &Control,
) -> Result<bool, JournalError> {
    if read_crew(store, run)?.is_some() {
        let events = read_crew_events(store, run, after_seq)?;
        let is_it = |event: &CrewEvent| matches!(event, CrewEvent::CrewAsked { control: asked, .. } if asked == control);
        return Ok(events.iter().any(|recorded| is_it(&recorded.event)));
    }
    let events = read_events(store, run, after_seq)?;
    Ok(events.iter().any(|recorded| follows_from(&recorded.event, control)))
}

fn follows_from(event: &Event, control: &Control) -> bool {
    match (event, control) {
        (Event::RunPaused { now, .. }, Control::Pause { now: asked }) => now == asked,
        (Event::Steered { text, .. }, Control::Steer { text: asked }) => text == asked.trim(),
        (Event::ModelSwitched { model, .. }, Control::Model { model: asked }) => model == asked,
        (Event::AgentChosen { offer, .. }, Control::Agent { offer: asked, .. }) => {
            offer.agent == asked.agent
        }
        (event, control) => matches!(
            (event, control),
            (Event::RunContinued { .. }, Control::Continue)
                | (Event::RetryRequested { .. }, Control::Retry)
                | (Event::BudgetChanged { .. }, Control::Budget { .. })
        ),
    }
}

/// Whom a request of this process is said to be from.
pub fn user_name() -> String {
    let named = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let name = named("USER").or_else(|| named("LOGNAME"));
    name.unwrap_or_else(|| format!("user {}", local::user()))
}

fn dir(home: &Path) -> PathBuf {
    home.join("control")
}

fn read<T: serde::de::DeserializeOwned>(stream: &UnixStream) -> io::Result<T> {
    let mut line = Vec::new();
    BufReader::new(stream.take(MESSAGE_BYTES_MAX)).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    serde_json::from_slice(&line).map_err(io::Error::other)
}

fn write(stream: &mut UnixStream, message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message).map_err(io::Error::other)?;
    line.push(b'\n');
    stream.write_all(&line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::Mailbox;

    #[test]
    fn nobody_drives_a_run_without_a_socket() {
        let home = tempfile::tempdir().unwrap();
        let asked = ask(home.path(), &RunId::from_bits(1), &Control::Retry).unwrap();
        assert_eq!(asked, Asked::NotDriven);
    }

    #[test]
    fn a_run_that_is_not_driven_any_more_says_so() {
        let home = tempfile::tempdir().unwrap();
        let run = RunId::from_bits(1);
        let mailbox = Mailbox::new();
        let server = serve(home.path(), &run, mailbox.slot()).unwrap();
        drop(mailbox);
        let asked = ask(home.path(), &run, &Control::Retry).unwrap();
        assert_eq!(asked, Asked::Refused("the run is not driven any more".to_owned()));
        drop(server);
        assert_eq!(ask(home.path(), &run, &Control::Retry).unwrap(), Asked::NotDriven);
    }

    #[test]
    fn garbage_is_answered_and_harms_nobody() {
        let home = tempfile::tempdir().unwrap();
        let run = RunId::from_bits(1);
        let mailbox = Mailbox::new();
        let _server = serve(home.path(), &run, mailbox.slot()).unwrap();
        let mut stream = local::connect(&dir(home.path()), run.as_str()).unwrap();
        stream.write_all(b"{\"schema_version\": [\n").unwrap();
        let answer: Answer = read(&stream).unwrap();
        assert!(answer.refused.unwrap().contains("can not be read"));
    }
}
