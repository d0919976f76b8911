//! What is judged, and what the judge needs from its caller.

use std::num::NonZeroUsize;
use std::path::Path;

use loki_host::git::Repo;
use loki_model::{CommitId, Digest, Spec, TreeId};

use crate::{Claim, Files};

/// Keeps what commands wrote, by content.
pub trait Keep: Sync {
    /// Keeps `bytes` and names them. A store that fails still has to name them.
    fn keep(&self, bytes: &[u8]) -> Digest;
}

/// One change and where it is judged.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The repository that holds every object named here.
    pub repo: &'a Repo,
    /// The tree that the change started from.
    pub base: &'a TreeId,
    /// The tree that is judged.
    pub tree: &'a TreeId,
    /// A commit that holds `tree`.
    pub tree_commit: &'a CommitId,
    /// What there is in it, where that was listed already.
    pub files: Option<&'a Files>,
    /// The directory in which the clean copy is made; outside of the repository, and for one
    /// judgement at a time: what an earlier one left there when it was killed is removed.
    pub scratch: &'a Path,
    /// Base and head of the branch that the change is, so that the commits between them are looked at
    /// too; nothing when only the tip is to be judged.
    pub history: Option<(&'a CommitId, &'a CommitId)>,
    /// A checkout whose ignored dependency folders (`node_modules`, `.venv`, `venv`) the copy uses;
    /// nothing when there is none to rely on, and then nothing is linked.
    ///
    /// Interpreters, test runners and packages in these folders run during the judgement and decide
    /// it. No gate looks into them, and no tree holds them: whoever names a checkout vouches that
    /// the author of the change could not write there.
    pub reuse: Option<&'a Path>,
    /// A directory in which answers are remembered, which the author of the change can not write;
    /// nothing to judge afresh and to remember nothing.
    pub memory: Option<&'a Path>,
    /// Gates, and commands of the project, that run side by side; one after another with 1. What they
    /// conclude is the same.
    pub jobs: NonZeroUsize,
    /// What the change is said to do.
    pub claim: Claim,
    /// What the messages of the change say, newest first; of a stranger.
    pub messages: &'a [String],
    /// What was asked for, as far as the author of the change can not decide it. What it names word for
    /// word may be expected otherwise than before.
    pub spec: Option<&'a Spec>,
}
