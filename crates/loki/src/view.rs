//! How a run is shown while it goes on: a live view on a terminal, plain lines elsewhere, JSON
//! lines for programs. All three say the same, from the same events.

pub(crate) mod crew;
mod json;
mod live;
mod plain;
pub(crate) mod render;

pub(crate) use json::json_of;

use loki_engine::Observer;
use loki_model::{Digest, GateReport};
use loki_store::Store;

/// The observer that fits: JSON, silence, a live view, or plain lines.
pub(crate) fn observer<'a>(json: bool, quiet: bool, store: &'a Store) -> Box<dyn Observer + 'a> {
    use std::io::IsTerminal as _;
    if json {
        Box::new(json::JsonLines)
    } else if quiet {
        Box::new(Silent)
    } else if std::io::stderr().is_terminal()
        && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
    {
        Box::new(live::Live::new(store))
    } else {
        Box::new(plain::Plain::new(store))
    }
}

/// Whoever watches one task of several: each line says which.
pub(crate) fn observer_of_task<'a>(
    json: bool,
    quiet: bool,
    store: &'a Store,
    task: &str,
) -> Box<dyn Observer + 'a> {
    if json {
        Box::new(json::JsonLines)
    } else if quiet {
        Box::new(Silent)
    } else {
        Box::new(plain::Plain::new(store).of_task(task))
    }
}

struct Silent;

impl Observer for Silent {
    fn on_event(&mut self, _: &loki_model::Run, _: &loki_engine::Recorded) {}
}

/// Looks the reports of a judgement up; nothing when they can not be read, since a view never
/// fails.
pub(crate) fn reports(store: &Store, digest: &Digest) -> Vec<GateReport> {
    let bytes = store.get_blob(digest).ok().flatten().unwrap_or_default();
    loki_verify::Answer::from_json(&bytes).map(|answer| answer.reports).unwrap_or_default()
}
