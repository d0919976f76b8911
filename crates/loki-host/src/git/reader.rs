//! Files out of the object database one by one, from one git that stays while they are asked for.

use std::collections::HashMap;
use std::io::{PipeWriter, Write as _, pipe};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use loki_model::TreeId;

use super::objects::Batch;
use super::{GitError, ObjectId, Repo};
use crate::process::Stdin;

/// Reads single files of any tree, some thirty times quicker than a call of git for each, and what it has
/// read before without asking.
///
/// Usable from several threads, which wait for each other. The git behind it is started by the first
/// question and ends with this.
#[derive(Debug)]
pub struct FileReader {
    repo: Repo,
    bytes_max: usize,
    git: Mutex<Option<Git>>,
    kept: Mutex<Kept>,
}

/// Contents that were read, up to [`KEPT_BYTES_MAX`].
#[derive(Debug, Default)]
struct Kept {
    contents: HashMap<ObjectId, Answer>,
    bytes: usize,
}

/// The size of contents that are kept.
const KEPT_BYTES_MAX: usize = 32 << 20;

/// What a git answers to one question.
type Answer = Option<Arc<[u8]>>;

/// A git that answers one question after the other.
#[derive(Debug)]
struct Git {
    /// Nothing once it is to end.
    questions: Option<PipeWriter>,
    answers: Receiver<Answer>,
    thread: Option<JoinHandle<()>>,
}

impl Repo {
    /// A reader of files of at most `bytes_max` bytes.
    pub fn reader(&self, bytes_max: usize) -> FileReader {
        let (git, kept) = (Mutex::default(), Mutex::default());
        FileReader { repo: self.clone(), bytes_max, git, kept }
    }
}

impl FileReader {
    /// What the file at `path` holds in `tree`; for a symlink, where it points. Nothing when there is no
    /// such file, when it is larger than this reader's limit, or when git can not read it.
    pub fn read(&self, tree: &TreeId, path: &str) -> Option<Arc<[u8]>> {
        // One question a line: a path with a line's end in it could ask another one.
        if path.contains(['\n', '\0']) {
            let bytes = self.repo.read_file(tree, path).ok()??;
            return Some(bytes).filter(|bytes| bytes.len() <= self.bytes_max).map(Arc::from);
        }
        self.ask(&format!("{tree}:{path}"))?
    }

    /// What the object of a file holds. Nothing when it is larger than this reader's limit, or when git can
    /// not read it.
    pub fn read_object(&self, id: &ObjectId) -> Option<Arc<[u8]>> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept().contents.get(id) {
            return known.clone();
        }
        let answer = self.ask(id.as_str())?;
        let (mut kept, size) = (kept(), answer.as_ref().map_or(0, |content| content.len()));
        if kept.bytes + size <= KEPT_BYTES_MAX {
            kept.bytes += size;
            kept.contents.insert(id.clone(), answer.clone());
        }
        answer
    }

    /// Nothing when no git could answer.
    fn ask(&self, question: &str) -> Option<Answer> {
        let mut git = self.git.lock().unwrap_or_else(PoisonError::into_inner);
        // One that has ended meanwhile, at its limit of time, is replaced once.
        for _ in 0..2 {
            if git.is_none() {
                *git = Git::start(&self.repo, self.bytes_max).ok();
            }
            match git.as_mut()?.ask(question) {
                Some(answer) => return Some(answer),
                None => *git = None,
            }
        }
        None
    }
}

impl Git {
    fn start(repo: &Repo, bytes_max: usize) -> Result<Git, GitError> {
        let (asked, questions) = pipe().map_err(|error| GitError::file(repo.root(), error))?;
        let (sender, answers) = channel();
        let call =
            repo.shared("cat-file").args(["--batch"]).input(Stdin::Pipe(Arc::new(asked.into())));
        let thread = thread::spawn(move || {
            let mut batch = Batch::new(bytes_max);
            // How it ended says nothing that the missing answer does not say.
            let _ = call.stream(&mut |chunk| {
                // Nobody waits for an answer any more when the reader is gone.
                batch.push(chunk, &mut |content| _ = sender.send(content.map(Arc::from)));
            });
        });
        Ok(Git { questions: Some(questions), answers, thread: Some(thread) })
    }

    /// Nothing when this git has ended.
    fn ask(&mut self, question: &str) -> Option<Answer> {
        self.questions.as_mut()?.write_all(format!("{question}\n").as_bytes()).ok()?;
        self.answers.recv().ok()
    }
}

impl Drop for Git {
    fn drop(&mut self) {
        // The end of the questions is the end of the git.
        drop(self.questions.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
