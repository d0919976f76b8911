//! Which commits a person means, and how they are related.

use loki_model::{CommitId, TreeId};

use super::{GitError, Repo};

/// Branches that others are usually merged into, likeliest first.
const USUAL_BRANCHES: [&str; 5] = ["main", "master", "trunk", "develop", "default"];

impl Repo {
    /// The commit that `name` (a branch, tag, id, or an expression such as `HEAD~2`) stands for;
    /// nothing when git knows none.
    pub fn resolve(&self, name: &str) -> Result<Option<CommitId>, GitError> {
        if name.is_empty() || name.contains('\0') {
            return Ok(None);
        }
        // `HEAD` is this work tree's own.
        let call = self.here("rev-parse").args(["-q", "--verify", "--end-of-options"]);
        let outcome = call.arg(format!("{name}^{{commit}}")).outcome()?;
        if outcome.exit != 0 {
            return Ok(None);
        }
        let answer = String::from_utf8_lossy(&outcome.answer()?).trim_end().to_owned();
        Ok(CommitId::try_from(answer).ok())
    }

    /// The newest commit that both have behind them; nothing when there is none, or when a shallow
    /// clone does not reach it.
    pub fn merge_base(&self, a: &CommitId, b: &CommitId) -> Result<Option<CommitId>, GitError> {
        if a == b {
            return Ok(Some(a.clone()));
        }
        let outcome = self.shared("merge-base").args([a.as_str(), b.as_str()]).outcome()?;
        if outcome.exit == 1 {
            return Ok(None);
        }
        let answer = String::from_utf8_lossy(&outcome.answer()?).trim_end().to_owned();
        let unexpected =
            |_| GitError::Unexpected { subcommand: "merge-base", what: answer.clone() };
        CommitId::try_from(answer.clone()).map(Some).map_err(unexpected)
    }

    /// The branch that others are merged into, by its full name and with its newest commit, as far as it
    /// can be told offline: what `origin` calls its own, else the first usual name that exists there or
    /// here.
    pub fn default_branch(&self) -> Result<Option<(String, CommitId)>, GitError> {
        Ok(self.likely_bases()?.into_iter().next())
    }

    /// All branches that others may be merged into, as [`Repo::default_branch`] tells it, likeliest first.
    pub fn likely_bases(&self) -> Result<Vec<(String, CommitId)>, GitError> {
        let usual = ["refs/remotes/origin", "refs/heads"]
            .into_iter()
            .flat_map(|place| USUAL_BRANCHES.map(|branch| format!("{place}/{branch}")));
        let likeliest: Vec<String> =
            std::iter::once("refs/remotes/origin/HEAD".to_owned()).chain(usual).collect();
        let call = self.shared("for-each-ref");
        let call = call.arg("--format=%(objecttype) %(objectname) %(refname) %(symref)");
        let answer =
            String::from_utf8_lossy(&call.args(likeliest.iter().map(String::as_str)).answer()?)
                .into_owned();
        let mut branches = Vec::new();
        for line in answer.lines() {
            let mut words = line.split(' ');
            let (Some("commit"), Some(id), Some(name)) = (words.next(), words.next(), words.next())
            else {
                continue;
            };
            let Some(rank) = likeliest.iter().position(|likely| likely == name) else { continue };
            let real = words.next().filter(|real| !real.is_empty()).unwrap_or(name);
            if let Ok(tip) = CommitId::try_from(id.to_owned()) {
                branches.push((rank, real.to_owned(), tip));
            }
        }
        branches.sort();
        Ok(branches.into_iter().map(|(_, name, tip)| (name, tip)).collect())
    }

    /// Whether older commits are missing here.
    pub fn is_shallow(&self) -> bool {
        self.common_dir.join("shallow").is_file()
    }

    /// Whether the clone was cut off right behind `commit`: what came before it is missing here.
    pub fn is_cut_at(&self, commit: &CommitId) -> bool {
        let cuts = std::fs::read_to_string(self.common_dir.join("shallow")).unwrap_or_default();
        cuts.lines().any(|cut| cut == commit.as_str())
    }

    /// First lines of the messages of the commits that `to` has and `from` does not, newest first.
    pub fn subjects(
        &self,
        from: Option<&CommitId>,
        to: &CommitId,
        count_max: usize,
    ) -> Result<Vec<String>, GitError> {
        let range = from.map_or_else(|| to.to_string(), |from| format!("{from}..{to}"));
        let call = self.shared("log").args(["--no-color", "--format=%s", "--no-show-signature"]);
        let answer =
            call.arg(format!("--max-count={count_max}")).args([range.as_str(), "--"]).answer()?;
        Ok(String::from_utf8_lossy(&answer).lines().map(str::to_owned).collect())
    }

    /// The whole messages of the commits that `head` has and `base` has not, each with its commit; those of the
    /// newest `count_max`.
    pub fn messages(
        &self,
        base: &CommitId,
        head: &CommitId,
        count_max: usize,
    ) -> Result<Vec<(CommitId, String)>, GitError> {
        let call = self.shared("log").args(["-z", "--topo-order", "--format=%H%n%B"]);
        let call = call.args(["--no-color", "--no-show-signature", "--encoding=UTF-8"]);
        let call = call.arg(format!("--max-count={count_max}"));
        let answer = call.args([head.as_str(), &format!("^{base}"), "--"]).answer()?;
        let texts = answer.split(|byte| *byte == 0).filter(|text| !text.is_empty());
        let message = |text: &[u8]| {
            let text = String::from_utf8_lossy(text);
            let (commit, message) = text.split_once('\n').unwrap_or((&text, ""));
            let unexpected = || GitError::Unexpected { subcommand: "log", what: commit.to_owned() };
            let id = CommitId::try_from(commit.to_owned()).map_err(|_| unexpected())?;
            Ok((id, message.to_owned()))
        };
        texts.map(message).collect()
    }

    /// The tree of what is staged in this work tree's index.
    pub fn staged_tree(&self) -> Result<TreeId, GitError> {
        self.here("write-tree").id()
    }
}
