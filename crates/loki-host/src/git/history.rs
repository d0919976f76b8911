//! The commits of a branch.

use loki_model::{CommitId, TreeId};

use super::{GitError, Repo};

/// One commit of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Which.
    pub commit: CommitId,
    /// What it holds.
    pub tree: TreeId,
    /// What came before it, most often one.
    pub parents: Vec<CommitId>,
}

/// Commits that one commit has and another has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Newest first: no commit comes before one that builds on it.
    pub commits: Vec<HistoryEntry>,
    /// Whether there are more, older ones.
    pub is_cut: bool,
}

impl Repo {
    /// Everything that `head` has and `base` has not, on every side of a merge; the newest
    /// `commits_max` of it.
    pub fn history(
        &self,
        base: &CommitId,
        head: &CommitId,
        commits_max: usize,
    ) -> Result<History, GitError> {
        let call = self
            .shared("rev-list")
            .args(["--topo-order", "--format=%H %T %P"])
            .arg(format!("--max-count={}", commits_max.saturating_add(1)))
            .args([head.as_str(), &format!("^{base}"), "--"]);
        let text = String::from_utf8_lossy(&call.answer()?).into_owned();
        // Before each there is a line that only names the commit.
        let lines = text.lines().filter(|line| !line.starts_with("commit ") && !line.is_empty());
        let mut commits: Vec<HistoryEntry> = Vec::new();
        for line in lines {
            let what = || line.chars().take(200).collect();
            let unexpected = || GitError::Unexpected { subcommand: "rev-list", what: what() };
            commits.push(entry(line).ok_or_else(unexpected)?);
        }
        let is_cut = commits.len() > commits_max;
        commits.truncate(commits_max);
        Ok(History { commits, is_cut })
    }
}

/// `commit tree parent…`
fn entry(line: &str) -> Option<HistoryEntry> {
    let mut ids = line.split(' ').filter(|id| !id.is_empty());
    let commit = CommitId::try_from(ids.next()?.to_owned()).ok()?;
    let tree = TreeId::try_from(ids.next()?.to_owned()).ok()?;
    let parents = ids.map(|id| CommitId::try_from(id.to_owned()).ok()).collect::<Option<_>>()?;
    Some(HistoryEntry { commit, tree, parents })
}
