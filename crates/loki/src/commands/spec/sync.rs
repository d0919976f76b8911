//! `loki spec lock` and `loki spec sync`

use std::collections::BTreeSet;
use std::path::Path;

use loki_model::Spec;
use loki_spec::{Delta, Lock, drift};
use serde_json::json;

use super::links::Tests;
use super::report::entry_lines;
use super::state::{self, DELTAS_PATH, LOCK_PATH};
use crate::commands::{Done, intake};
use crate::context::Context;
use crate::error::{CommandError, environment};
use crate::output;
use crate::time::rfc3339;

pub(super) fn lock(named: &[String], force: bool, cx: &Context) -> Done {
    let root = state::root(cx);
    let before = if force { None } else { state::read_lock(&root)? };
    if before.is_some() {
        let why = format!("there is a {LOCK_PATH} already");
        return Err(CommandError::user(why)
            .hint("loki spec sync    (approves what changed; --force starts anew)"));
    }
    let specs = match named {
        [] => vec![default_spec(&root, cx)?],
        named => read(named, &BTreeSet::new(), &root, cx)?,
    };
    let lock = with_tests(Lock::of(&specs, None), &root);
    state::write(&root, LOCK_PATH, &lock.to_text())?;
    let count = lock.requirements.len();
    if cx.json {
        output::json(&json!({
            "schema_version": 1,
            "lock": LOCK_PATH,
            "sources": lock.sources.keys().collect::<Vec<_>>(),
            "requirements": count,
        }));
    } else {
        output::data(&format!("locked {count} requirements in {LOCK_PATH}"));
        if !cx.quiet {
            output::talk("next: git add .loki && git commit    then: loki spec status");
        }
    }
    Ok(0)
}

fn default_spec(root: &Path, cx: &Context) -> Result<Spec, CommandError> {
    let spec = intake::read_all(&[], cx)?;
    let source = state::in_root(&spec.source, root, cx)?;
    state::read_at(&source, root, cx)
}

/// The sources that are named, and those of `before`.
fn read(
    named: &[String],
    before: &BTreeSet<String>,
    root: &Path,
    cx: &Context,
) -> Result<Vec<Spec>, CommandError> {
    let mut sources = before.clone();
    for one in named {
        sources.insert(state::in_root(one, root, cx)?);
    }
    sources.iter().map(|source| state::read_at(source, root, cx)).collect()
}

pub(super) fn sync(named: &[String], message: Option<&str>, cx: &Context) -> Done {
    let root = state::root(cx);
    let before = state::need_lock(&root)?;
    let sources = state::read_sources(&before, &root, cx)?;
    let there: BTreeSet<String> = sources.specs.iter().map(|spec| spec.source.clone()).collect();
    let specs = read(named, &there, &root, cx)?;
    let drift = drift(&sources.comparable(&before), &specs);
    let mut lock = Lock::of(&specs, Some(&before));
    // What is not here to be compared stays as it was agreed on.
    for source in &sources.elsewhere {
        let kept = before.requirements.iter().filter(|one| one.origin.source == *source);
        lock.requirements.extend(kept.cloned());
        lock.sources
            .extend(before.sources.get_key_value(source).map(|(k, v)| (k.clone(), v.clone())));
    }
    lock.requirements.sort_by(|a, b| a.id.cmp(&b.id));
    let lock = with_tests(lock, &root);
    let delta = if drift.is_none() { None } else { Some(approved(&drift, message, cx)?) };
    let delta = delta.map(|delta| (format!("{DELTAS_PATH}/{}", delta.file_name()), delta));
    if let Some((path, delta)) = &delta {
        // First: a lock without its approval would look like nobody's decision.
        state::write(&root, path, &delta.to_text())?;
    }
    state::write(&root, LOCK_PATH, &lock.to_text())?;
    if cx.json {
        output::json(&json!({
            "schema_version": 1,
            "lock": LOCK_PATH,
            "delta": delta.as_ref().map(|(path, _)| path),
            "approved": delta.as_ref().map(|(_, delta)| &delta.change),
        }));
        return Ok(0);
    }
    let Some((path, delta)) = delta else {
        output::data("in sync: there was nothing to approve");
        return Ok(0);
    };
    drift.entries.iter().flat_map(entry_lines).for_each(|line| output::painted(&line));
    output::data(&format!("approved by {} in {path}", delta.approved_by));
    if !cx.quiet {
        output::talk("next: git add .loki && git commit");
    }
    Ok(0)
}

fn approved(
    drift: &loki_spec::Drift,
    message: Option<&str>,
    cx: &Context,
) -> Result<Delta, CommandError> {
    let nobody = || {
        CommandError::user("git does not know who you are, and an approval needs a name")
            .hint("git config --global user.name NAME && git config --global user.email ADDRESS")
    };
    let by = cx.repo()?.author().map_err(environment)?.ok_or_else(nobody)?;
    Ok(Delta::of(drift, &rfc3339(loki_engine::world::now()), &by, message))
}

/// The lock with the tests that name its requirements now.
fn with_tests(mut lock: Lock, root: &Path) -> Lock {
    lock.tests = Tests::find(root, &lock.requirements).of;
    lock
}
