//! What holds a gate to its word: a gate that passes must be known to be able to fail.
//!
//! Owns a small violation for each gate, planted into a repository of its own and
//! judged under the very settings of the judgement; and what is remembered of that. A gate that accepts
//! its own violation proves nothing when it accepts a change.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use loki_host::git::Repo;
use loki_host::process::find_on_path;
use loki_model::{Digest, GateReport, Judgement, Policy, Role, TreeId};

use crate::gates::described::Described;
use crate::gates::{Cx, chain};
use crate::judge::judge_planted;
use crate::publish::write_whole;
use crate::{Claim, Config, Keep, Subject};
use planted::{Planted, planted};

pub(crate) mod planted;

/// Where in the memory it is kept which gates are known to be able to fail.
const MEMORY_DIR: &str = "bonds";

/// Remembered bonds; when there are more, all are forgotten.
const REMEMBERED_MAX: usize = 512;

/// What is kept of a gate that is known to be able to fail.
const KEPT: &[u8] = b"kept\n";

/// Bonds that this process saw kept.
static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Whoever looks whether one is kept holds its lock: judgements side by side do not all look at once.
static LOOKING: Mutex<BTreeMap<String, Arc<Mutex<()>>>> = Mutex::new(BTreeMap::new());

/// The `report` of a gate that passed, unless the gate also accepts its own violation: then it can not
/// tell.
pub(crate) fn held(cx: &Cx<'_>, gate: &Described, report: GateReport) -> GateReport {
    if report.judgement() != Judgement::Pass {
        return report;
    }
    match check(cx, gate) {
        Ok(()) => report,
        Err(why) => {
            let (findings, evidence) = (report.findings().to_vec(), report.evidence().to_vec());
            GateReport::inconclusive(report.gate().clone(), why, findings, evidence)
        }
    }
}

/// Whether the gate refuses its own violation under the settings of this judgement, as far as there is
/// one that can be judged here; else why its word is worth nothing.
fn check(cx: &Cx<'_>, gate: &Described) -> Result<(), String> {
    let Some(planted) = planted(gate.id) else { return Ok(()) };
    // A suite is run for it: worth that only where it is remembered, and where it is loki's own way of
    // running one.
    let is_own_way = cx.subject.memory.is_some() && cx.config.tests.is_none();
    let is_there = planted.needs.is_none_or(|program| find_on_path(program.as_ref()).is_some());
    if (planted.needs.is_some() && !is_own_way) || !is_there {
        return Ok(());
    }
    let mut config = cx.config.clone();
    config.policy = Policy::new(&[(gate.id, Role::Required)]);
    config.custom.clear();
    let key = key(gate.id, planted, &config);
    let place = cx.subject.memory.map(|memory| memory.join(MEMORY_DIR).join(&key));
    let looking = Arc::clone(lock(&LOOKING).entry(key.clone()).or_default());
    let _looking = lock(&looking);
    if seen().contains(&key) || place.as_deref().is_some_and(is_remembered) {
        return Ok(());
    }
    let judgement = judged(cx, planted, &config).map_err(|why| {
        let id = gate.id;
        format!("whether `{id}` would notice its own planted violation is not known: {why}")
    })?;
    if !is_noticed(judgement, planted)? {
        return Ok(());
    }
    seen().insert(key);
    if let Some(place) = place {
        remember(&place);
    }
    Ok(())
}

/// Whether a violation was noticed; not where the program that it needs did not work, which says
/// nothing about the gate. Fails for one that was accepted.
fn is_noticed(judgement: Option<Judgement>, planted: &Planted) -> Result<bool, String> {
    match judgement {
        Some(Judgement::Fail | Judgement::Concern) => Ok(true),
        Some(Judgement::Inconclusive) if planted.needs.is_some() => Ok(false),
        _ => Err("it accepts its own planted violation: please report this".to_owned()),
    }
}

fn seen() -> MutexGuard<'static, BTreeSet<String>> {
    lock(&SEEN)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Of everything that the outcome follows from.
fn key(gate: &str, planted: &Planted, config: &Config) -> String {
    let program = std::env::current_exe().ok().and_then(|path| {
        let found = fs::metadata(&path).ok()?;
        Some(format!("{path:?} {} {:?}", found.len(), found.modified().ok()?))
    });
    let parts = [
        env!("CARGO_PKG_VERSION").to_owned(),
        program.unwrap_or_default(),
        gate.to_owned(),
        format!("{planted:?}"),
        format!("{config:?}"),
    ];
    Digest::of(parts.join("\0").as_bytes()).as_str().to_owned()
}

fn is_remembered(place: &Path) -> bool {
    let is_file = fs::symlink_metadata(place).is_ok_and(|found| found.is_file());
    is_file && fs::read(place).is_ok_and(|bytes| bytes == KEPT)
}

/// What can not be remembered is found out again.
fn remember(place: &Path) {
    let Some(directory) = place.parent() else { return };
    let _ = fs::create_dir_all(directory);
    let count = fs::read_dir(directory).map_or(0, Iterator::count);
    if count > REMEMBERED_MAX {
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        entries.for_each(|entry| _ = fs::remove_file(entry.path()));
    }
    let _ = write_whole(place, KEPT);
}

/// What the one gate of `config` concludes about the violation.
fn judged(cx: &Cx<'_>, planted: &Planted, config: &Config) -> Result<Option<Judgement>, String> {
    let failed = |error: &dyn std::error::Error| chain(error);
    let room = tempfile::Builder::new()
        .prefix("bond-")
        .tempdir_in(cx.scratch.path())
        .map_err(|error| failed(&error))?;
    let root = room.path().join("planted");
    fs::create_dir(&root).map_err(|error| failed(&error))?;
    let repo = Repo::init(&root).map_err(|error| failed(&error))?.with_cancel(cx.cancel);
    let base = state(&repo, planted.before)?;
    let tree = state(&repo, planted.after)?;
    let commit = repo.commit_tree(&tree, &[], "planted").map_err(|error| failed(&error))?;
    let scratch: PathBuf = room.path().join("scratch");
    let subject = Subject {
        repo: &repo,
        base: &base,
        tree: &tree,
        tree_commit: &commit,
        files: None,
        scratch: &scratch,
        history: None,
        reuse: None,
        memory: None,
        jobs: cx.subject.jobs,
        claim: Claim::Behaviour,
        messages: &[],
        spec: None,
    };
    let reports = judge_planted(&subject, config, &Nothing, cx.cancel);
    let reports = reports.map_err(|error| failed(&error))?;
    Ok(reports.first().map(GateReport::judgement))
}

/// The tree of the repository with these files and no others.
fn state(repo: &Repo, files: &[(&str, &str)]) -> Result<TreeId, String> {
    for (path, content) in files {
        let path = repo.root().join(path);
        let directory = path.parent().unwrap_or(repo.root());
        let written = fs::create_dir_all(directory).and_then(|()| fs::write(&path, content));
        written.map_err(|error| chain(&error))?;
    }
    repo.snapshot(repo.root()).map_err(|error| chain(&error))
}

/// Outputs about a planted violation are nobody's evidence.
struct Nothing;

impl Keep for Nothing {
    fn keep(&self, bytes: &[u8]) -> Digest {
        Digest::of(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gates::ALL;

    #[test]
    fn a_violation_that_is_accepted_makes_a_pass_worthless() {
        let of = |needs| Planted { needs, before: &[], after: &[] };
        for judgement in [Judgement::Fail, Judgement::Concern] {
            assert_eq!(is_noticed(Some(judgement), &of(None)), Ok(true));
        }
        for judgement in [None, Some(Judgement::Pass), Some(Judgement::NotApplicable)] {
            assert!(is_noticed(judgement, &of(Some("python3"))).is_err());
        }
        let unclear = Some(Judgement::Inconclusive);
        assert!(is_noticed(unclear, &of(None)).is_err());
        assert_eq!(is_noticed(unclear, &of(Some("python3"))), Ok(false));
    }

    #[test]
    fn every_gate_has_a_violation_of_its_own() {
        for gate in ALL {
            assert!(planted(gate.id).is_some(), "{}", gate.id);
        }
    }
}
