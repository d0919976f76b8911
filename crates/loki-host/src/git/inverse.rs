//! Which commit a change takes back.

use loki_model::{CommitId, TreeId};

use super::{GitError, Repo};

/// Commits that are looked at, the newest that touch what the change touches.
const COMMITS_MAX: usize = 500;

/// Paths of the change that commits are looked for by; one of them is in any commit that it takes back.
const PATHS_MAX: usize = 20;

/// Bytes of the patches of all commits together; more are not looked at.
const PATCHES_BYTES_MAX: usize = 64 << 20;

/// Makes git write every byte of a patch in one form, with the same prefixes in either direction.
const OPTIONS: [&str; 17] = [
    "-r",
    "--patch",
    "--unified=3",
    "--inter-hunk-context=0",
    "--text",
    "--full-index",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "--no-indent-heuristic",
    "--ignore-submodules=none",
    "--submodule=short",
    "--diff-algorithm=myers",
    "--src-prefix=x/",
    "--dst-prefix=x/",
];

impl Repo {
    /// The newest commit that `base` has behind it and whose exact inverse the way from the tree `from` to
    /// `to` is: the same lines of the same files in the same surroundings, and nothing else, wherever in
    /// the files these stand by now. Merges are not looked at, and of other commits the newest 500.
    pub fn inverted_by(
        &self,
        base: &CommitId,
        from: &TreeId,
        to: &TreeId,
    ) -> Result<Option<CommitId>, GitError> {
        let change = self.diff(from, to)?;
        let paths = change.iter().map(|file| file.path.as_str()).take(PATHS_MAX);
        let paths: Vec<&str> = paths.collect();
        if paths.is_empty() {
            return Ok(None);
        }
        let listed = self
            .shared("rev-list")
            .env("GIT_LITERAL_PATHSPECS", "1")
            .args(["--no-merges", "--full-history"])
            .arg(format!("--max-count={COMMITS_MAX}"))
            .args([base.as_str(), "--"])
            .args(paths)
            .answer()?;
        if listed.is_empty() {
            return Ok(None);
        }
        let own = self.shared("diff-tree").args(OPTIONS).args([from.as_str(), to.as_str()]);
        let own = lasting(&String::from_utf8_lossy(&own.answer()?));
        let patches = self
            .shared("diff-tree")
            .args(OPTIONS)
            .args(["-R", "--root", "--stdin"])
            .stdin(listed)
            .answer_bytes_max(PATCHES_BYTES_MAX)
            .answer()?;
        let patches = String::from_utf8_lossy(&patches).into_owned();
        Ok(by_commit(&patches).find(|(_, patch)| *patch == own).map(|(commit, _)| commit))
    }
}

/// Each commit and the lasting part of its patch. The name of a commit stands alone on a line, as no line of a
/// patch does.
fn by_commit(text: &str) -> impl Iterator<Item = (CommitId, String)> {
    let mut lines = text.split_inclusive('\n').peekable();
    std::iter::from_fn(move || {
        let is_name = |line: &str| CommitId::try_from(line.trim_end().to_owned()).ok();
        let commit = lines.find_map(is_name)?;
        let mut patch = String::new();
        while let Some(line) = lines.next_if(|line| is_name(line).is_none()) {
            patch.push_str(line);
        }
        Some((commit, lasting(&patch)))
    })
}

/// A patch without what other commits to the same files alter: names of objects, and numbers of lines.
fn lasting(patch: &str) -> String {
    let kept = patch.split_inclusive('\n').filter(|line| !line.starts_with("index "));
    kept.map(|line| if line.starts_with("@@ ") { "@@\n" } else { line }).collect()
}
