//! Submodules that lead nowhere.

use std::collections::BTreeSet;

use loki_host::git::GitError;
use loki_model::{Finding, Severity, TreeId};

use crate::gates::rule::{Rule, while_judging};
use crate::gates::{Cx, chain};
use crate::layout::Layout;

/// A pointer to a commit that nobody can fetch.
pub(super) const RULE: Rule = Rule {
    id: "change/dangling-submodule",
    severity: Severity::Warning,
    what: "The change points to a commit of another repository, and `.gitmodules` does not say which.",
    why: "Nobody but the author can fetch it: for everybody else the directory is empty.",
    example: "+Subproject commit 5f2c1e… (at vendor/rules, without .gitmodules)",
    fix: "Add the submodule with `git submodule add`, or commit the files themselves.",
    look: while_judging,
};

/// Pointers that the change brings and that `.gitmodules` does not name: in the judged tree and, since
/// a checkout without the directory has lost them, in the newest commit of the branch.
pub(super) fn findings(cx: &Cx<'_>) -> Result<Vec<Finding>, String> {
    let dangling = dangling(cx).map_err(|error| chain(&error))?;
    let message = "points to a commit of a repository that `.gitmodules` does not name";
    Ok(dangling.into_iter().map(|path| RULE.of(&path, message)).collect())
}

fn dangling(cx: &Cx<'_>) -> Result<BTreeSet<String>, GitError> {
    let repo = cx.subject.repo;
    let mut trees: Vec<TreeId> = vec![cx.subject.tree.clone()];
    if let Some((_, head)) = cx.subject.history {
        trees.push(repo.tree_of(head)?);
        trees.dedup();
    }
    let mut found = BTreeSet::new();
    for tree in &trees {
        // The judged tree was listed already.
        let layout = if tree == cx.subject.tree { cx.layout } else { &Layout::at(repo, tree)? };
        if layout.submodules().is_empty() {
            continue;
        }
        let before = Layout::at(repo, cx.subject.base)?;
        let known = before.submodules();
        let modules = repo.read_file(tree, ".gitmodules")?.unwrap_or_default();
        let modules = String::from_utf8_lossy(&modules);
        let named: Vec<&str> = modules.lines().filter_map(path).collect();
        let is_dangling =
            |path: &&String| !known.contains_key(*path) && !named.contains(&path.as_str());
        found.extend(layout.submodules().keys().filter(is_dangling).cloned());
    }
    Ok(found)
}

/// The path that a line of `.gitmodules` gives.
fn path(line: &str) -> Option<&str> {
    let (key, value) = line.split_once('=')?;
    (key.trim() == "path").then(|| value.trim().trim_matches('"').trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_path_of_a_submodule_names_it() {
        assert_eq!(path("\tpath = vendor/rules"), Some("vendor/rules"));
        assert_eq!(path("\tpath = \"a b/\""), Some("a b"));
        assert_eq!(path("\turl = https://example.com/path"), None);
        assert_eq!(path("[submodule \"path\"]"), None);
    }
}
