//! What the model can do: read, search, write, edit, delete, and run commands.
//!
//! Files are reached through directories that are opened one by one, never through a link, and only
//! below the directory of the call; commands run in a sandbox that can write there alone.

mod change;
mod place;
mod read;
mod run;
mod search;

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use loki_model::SandboxLevel;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::model::{Call, ToolOffer, Watch};
use super::turn::{Toolbox, Used};

use self::place::Place;
use self::run::Room;
use loki_host::sandbox::Network;

/// What commands are held to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Confined {
    pub(super) level: SandboxLevel,
    pub(super) network: Network,
}

/// The tools of one call.
pub(super) struct Tools {
    place: Place,
    room: Room,
    offers: Vec<ToolOffer>,
}

/// Text for the model: what it wanted, or why not.
type Outcome = Result<String, String>;

impl Tools {
    /// Tools for `directory`; `state` is what no command may read. Fails when the directory or room
    /// for temporary files can not be opened.
    pub(super) fn new(
        directory: &Path,
        state: Option<&Path>,
        confined: Confined,
    ) -> io::Result<Tools> {
        let offers = vec![
            read::offer(),
            search::offer(),
            change::offer_of_write(),
            change::offer_of_edit(),
            change::offer_of_delete(),
            run::offer(),
        ];
        let place = Place::open(directory)?;
        let room = Room::new(place.directory(), state, confined)?;
        Ok(Tools { place, room, offers })
    }
}

impl Toolbox for Tools {
    fn offers(&self) -> &[ToolOffer] {
        &self.offers
    }

    fn use_tool(&mut self, call: &Call, watch: &Watch<'_>) -> Used {
        let outcome = match call.tool.as_str() {
            "read" => arguments(call).and_then(|wish| read::read(&self.place, &wish)),
            "search" => arguments(call).and_then(|wish| search::search(&self.place, &wish, watch)),
            "write" => arguments(call).and_then(|wish| change::write(&self.place, &wish)),
            "edit" => arguments(call).and_then(|wish| change::edit(&self.place, &wish)),
            "delete" => arguments(call).and_then(|wish| change::delete(&self.place, &wish)),
            "run" => arguments(call).and_then(|wish| self.room.run(&wish, watch)),
            _ => Err("there is no such tool; there are read, search, write, edit, delete, run"
                .to_owned()),
        };
        match outcome {
            Ok(text) => Used { text, is_failure: false },
            Err(why) => Used { text: format!("error: {why}"), is_failure: true },
        }
    }
}

fn arguments<T: DeserializeOwned>(call: &Call) -> Result<T, String> {
    let fields = call.arguments.clone().unwrap_or_default();
    serde_json::from_value(Value::Object(fields)).map_err(|err| format!("wrong arguments: {err}"))
}

/// Adds `line` to `text` unless that makes it longer than `bytes_max`.
fn push_line(text: &mut String, line: &str, bytes_max: usize) -> bool {
    let fits = text.len() + line.len() < bytes_max;
    if fits {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{line}");
    }
    fits
}

/// `line`, or its beginning.
fn cut(line: &str, chars_max: usize) -> String {
    match line.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}… [line cut]", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests;
