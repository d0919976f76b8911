//! A repository whose copy gates look at.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU32;

use loki_host::git::Repo;
use loki_host::process::Cancel;
use loki_model::Digest;

use super::Cx;
use crate::copy::{CleanCopy, Scratch};
use crate::layout::Layout;
use crate::{Claim, Config, Keep, Subject};

struct Nothing;

impl Keep for Nothing {
    fn keep(&self, bytes: &[u8]) -> Digest {
        Digest::of(bytes)
    }
}

/// The development environment of this repository, in which pytest is.
pub(crate) fn venv() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/venv");
    root.canonicalize().ok()
}

/// Has `look` look at a fresh copy of a repository with `files`, of which nothing is changed.
pub(crate) fn in_copy_of<R>(files: &[(&str, &str)], look: impl FnOnce(&Cx<'_>) -> R) -> R {
    let dir = tempfile::tempdir().unwrap();
    let reuse = dir.path().join("reuse");
    std::fs::create_dir(&reuse).unwrap();
    if let Some(venv) = venv() {
        std::os::unix::fs::symlink(venv, reuse.join(".venv")).unwrap();
    }
    std::fs::create_dir(dir.path().join("project")).unwrap();
    let repo = Repo::init(&dir.path().join("project")).unwrap();
    for (path, content) in files {
        let path = repo.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let tree = repo.snapshot(repo.root()).unwrap();
    let commit = repo.commit_tree(&tree, &[], "a change").unwrap();
    let scratch = dir.path().join("scratch");
    let subject = Subject {
        repo: &repo,
        base: &tree,
        tree: &tree,
        tree_commit: &commit,
        files: None,
        scratch: &scratch,
        history: None,
        memory: None,
        reuse: Some(&reuse),
        jobs: loki_host::machine::cpus(),
        claim: Claim::Unknown,
        messages: &[],
        spec: None,
    };
    let scratch_dir = Scratch::open(&scratch).unwrap();
    let layout = Layout::at(&repo, &tree).unwrap();
    let copy = CleanCopy::new(&scratch_dir, &subject, &layout).unwrap();
    let (config, _) = Config::at_base(&repo, &tree, loki_model::Timestamp(0));
    let cx = Cx {
        subject: &subject,
        config: &config,
        keep: &Nothing,
        cancel: &Cancel::new().unwrap(),
        scratch: &scratch_dir,
        copy: &copy,
        reader: &repo.reader(1 << 20),
        layout: &layout,
        changes: Ok(&[]),
        shown: &[],
        results_made: &AtomicU32::new(0),
        slots: &crate::slots::Slots::new(subject.jobs),
        near: None,
        known: std::sync::Arc::default(),
    };
    look(&cx)
}
