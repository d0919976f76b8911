//! `loki advisories update`

use std::collections::BTreeSet;
use std::path::Path;

use ignore::WalkBuilder;
use loki_engine::world::now;
use loki_verify::Ecosystem;
use loki_verify::advisories::{Index, Intake, Store, WriteError};
use reqwest::Url;
use serde_json::json;

use super::bring::{BringError, Source, from_local, public};
use super::progress::Progress;
use super::{brought, download, index_document, place};
use crate::cli::UpdateArgs;
use crate::commands::Done;
use crate::commands::issue::with_patience;
use crate::context::Context;
use crate::error::{CommandError, chain};
use crate::output;

/// Files of a repository that are looked at for manifests.
const FILES_MAX: usize = 200_000;

pub(super) fn update(args: &UpdateArgs, cx: &Context) -> Done {
    let wanted = wanted(args, cx)?;
    let source = Source::of(args.from.as_deref(), &cx.directory)?;
    let store = Store::open(&place(cx)).map_err(|error| unwritten(&error))?;
    let progress = Progress::new(cx.quiet);
    let asked = |url: &Url, intake: &mut Intake| {
        with_patience(&format!("asking {} …", public(url)), cx, || {
            download::bring(url, store.directory(), intake, &progress)
        })
    };
    let done = match &source {
        Source::Export(base) => each(&wanted, &store, &source, |ecosystem| {
            let mut intake = Intake::new([ecosystem]);
            let url = download::all_of(base, ecosystem);
            asked(&url, &mut intake).map(|()| intake)
        }),
        Source::Archive(url) => {
            let mut intake = Intake::new(wanted.iter().copied());
            asked(url, &mut intake).map_err(refused)?;
            each(&wanted, &store, &source, |_| Ok(&intake))
        }
        Source::Local(path) => {
            let mut intake = Intake::new(wanted.iter().copied());
            from_local(path, &mut intake, &progress).map_err(refused)?;
            each(&wanted, &store, &source, |_| Ok(&intake))
        }
    };
    Ok(told(&done, cx))
}

/// What became of one ecosystem.
type Outcome = (Ecosystem, Result<Index, CommandError>);

/// Replaces each ecosystem by what `intake` brings of it. One that fails leaves the others alone.
fn each<I: std::borrow::Borrow<Intake>>(
    wanted: &BTreeSet<Ecosystem>,
    store: &Store,
    source: &Source,
    mut intake: impl FnMut(Ecosystem) -> Result<I, BringError>,
) -> Vec<Outcome> {
    let mut one = |ecosystem: Ecosystem| {
        let intake = intake(ecosystem).map_err(refused)?;
        let replaced = store.replace(ecosystem, intake.borrow(), &source.shown(ecosystem), now());
        let replaced = replaced.map_err(|error| unwritten(&error))?;
        replaced.ok_or_else(|| refused(BringError::Nothing { ecosystem }))
    };
    wanted.iter().map(|ecosystem| (*ecosystem, one(*ecosystem))).collect()
}

/// Says what was brought in and what was not.
fn told(done: &[Outcome], cx: &Context) -> u8 {
    let is_whole = done.iter().all(|(_, outcome)| outcome.is_ok());
    if cx.json {
        let failed = done.iter().filter_map(|(ecosystem, outcome)| {
            let error = outcome.as_ref().err()?;
            let (message, hint) = (error.message(), error.hint_text());
            Some(json!({ "ecosystem": ecosystem.osv(), "message": message, "hint": hint }))
        });
        let updated = done.iter().filter_map(|(_, outcome)| outcome.as_ref().ok());
        output::json(&json!({
            "schema_version": 1,
            "directory": place(cx),
            "updated": updated.map(index_document).collect::<Vec<_>>(),
            "failed": failed.collect::<Vec<_>>(),
        }));
    } else {
        for (ecosystem, outcome) in done {
            match outcome {
                Ok(index) => output::data(&brought(index)),
                Err(error) => {
                    output::talk(&format!("error: {}: {}", ecosystem.osv(), error.message()));
                    error
                        .hint_text()
                        .iter()
                        .for_each(|hint| output::talk(&format!("  try: {hint}")));
                }
            }
        }
    }
    u8::from(!is_whole)
}

/// The ecosystems that are asked for: else those of this repository, else all.
fn wanted(args: &UpdateArgs, cx: &Context) -> Result<BTreeSet<Ecosystem>, CommandError> {
    if !args.ecosystem.is_empty() {
        return Ok(args.ecosystem.iter().copied().collect());
    }
    let Ok(repo) = cx.repo() else { return Ok(Ecosystem::ALL.into()) };
    let used = used(repo.root());
    if used.is_empty() {
        let why = "this repository has no manifest or lock of an ecosystem that is known";
        return Err(CommandError::user(why).hint("loki advisories update --ecosystem npm"));
    }
    Ok(used)
}

/// The ecosystems of the manifests and locks below `root` that git does not ignore.
fn used(root: &Path) -> BTreeSet<Ecosystem> {
    let own = |entry: &ignore::DirEntry| entry.file_name() != ".git";
    let walk = WalkBuilder::new(root).hidden(false).filter_entry(own).build();
    let files = walk.flatten().take(FILES_MAX);
    let path =
        |entry: &ignore::DirEntry| Some(entry.path().strip_prefix(root).ok()?.to_str()?.to_owned());
    files.filter_map(|entry| Ecosystem::of_file(&path(&entry)?)).collect()
}

fn refused(error: BringError) -> CommandError {
    let said = CommandError::environment(chain(&error));
    match error.hint() {
        Some(hint) => said.hint(hint),
        None => said,
    }
}

fn unwritten(error: &WriteError) -> CommandError {
    let said = CommandError::environment(chain(error));
    match error {
        WriteError::Busy(_) => said.hint("loki advisories update    (again, when it has ended)"),
        WriteError::NotOurs(_) => {
            said.hint("move them away, or name another directory in LOKI_ADVISORIES")
        }
        WriteError::TooNew(..) => {
            said.hint("loki version    (take a newer one, or another LOKI_ADVISORIES)")
        }
        WriteError::Write { .. } => said.hint("df -h    (is the disk full, or read-only?)"),
    }
}
