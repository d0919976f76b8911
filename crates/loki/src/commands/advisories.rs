//! `loki advisories`

use std::path::PathBuf;

use loki_verify::Ecosystem;
use loki_verify::advisories::{Held, Index, directory, held};
use serde_json::{Value, json};

use super::Done;
use crate::cli::{AdvisoriesArgs, AdvisoriesCommand};
use crate::context::Context;
use crate::error::CommandError;
use crate::output;
use crate::time;

mod archive;
mod bring;
mod download;
mod progress;
mod update;

/// What brings a snapshot in.
pub(super) const UPDATE: &str = "loki advisories update";

pub(super) fn advisories(args: &AdvisoriesArgs, cx: &Context) -> Done {
    match &args.what {
        None | Some(AdvisoriesCommand::Status) => status(cx),
        Some(AdvisoriesCommand::Update(args)) => update::update(args, cx),
    }
}

/// Where the snapshot is or would be.
pub(super) fn place(cx: &Context) -> PathBuf {
    let place = directory().unwrap_or_else(|| cx.home.join("advisories"));
    std::path::absolute(&place).unwrap_or(place)
}

fn status(cx: &Context) -> Done {
    let place = place(cx);
    let held = held(&place);
    let is_sound = !held.is_empty() && !held.iter().any(|(_, one)| matches!(one, Held::Unread(_)));
    if cx.json {
        output::json(&json!({
            "schema_version": 1,
            "directory": place,
            "ecosystems": held.iter().map(|(one, held)| document(*one, held)).collect::<Vec<_>>(),
            "fix": if is_sound { None } else { Some(UPDATE) },
        }));
        return Ok(u8::from(!is_sound));
    }
    if held.is_empty() {
        let why = format!("there is no snapshot of advisories in `{}`", place.display());
        return Err(CommandError::environment(why).hint(UPDATE));
    }
    if !cx.quiet {
        output::talk(&format!("in {}", place.display()));
    }
    held.iter().for_each(|(one, held)| output::data(&line(*one, held)));
    if !is_sound {
        let why = "a part of the snapshot can not be relied on";
        return Err(CommandError::environment(why).hint(UPDATE));
    }
    Ok(0)
}

fn line(ecosystem: Ecosystem, held: &Held) -> String {
    let name = ecosystem.osv();
    match held {
        Held::Brought(index) => brought(index),
        Held::Unpacked { advisories, modified } => {
            let day = day(modified);
            format!("{name:<10} {advisories:>7} advisories, the newest of {day}; unpacked by hand")
        }
        Held::Unread(why) => format!("{name:<10} can not be relied on: {why}"),
    }
}

/// One line about what an update brought in.
fn brought(index: &Index) -> String {
    let Index { ecosystem, advisories, packages, modified, brought_at, source, .. } = index;
    let (day, at) = (day(modified), time::date_and_time(*brought_at));
    format!(
        "{ecosystem:<10} {advisories:>7} advisories about {packages} packages, the newest of {day}; brought in \
         {at} from {source}"
    )
}

fn day(modified: &str) -> &str {
    modified.get(..10).unwrap_or("an unknown day")
}

fn document(ecosystem: Ecosystem, held: &Held) -> Value {
    match held {
        Held::Brought(index) => index_document(index),
        Held::Unpacked { advisories, modified } => json!({
            "ecosystem": ecosystem.osv(),
            "form": "unpacked",
            "advisories": advisories,
            "modified": modified,
        }),
        Held::Unread(why) => {
            json!({ "ecosystem": ecosystem.osv(), "form": "unread", "error": why })
        }
    }
}

fn index_document(index: &Index) -> Value {
    json!({
        "ecosystem": index.ecosystem,
        "form": "brought",
        "advisories": index.advisories,
        "packages": index.packages,
        "modified": index.modified,
        "brought_at": time::rfc3339(index.brought_at),
        "source": index.source,
    })
}
