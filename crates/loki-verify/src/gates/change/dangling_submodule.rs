//! Submodules that lead nowhere.

use loki_model::{ChangeKind, FileChange, Finding, Severity};

use crate::gates::rule::{Rule, while_judging};
use crate::gates::{Cx, chain};

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

/// Pointers that the change brings and that `.gitmodules` of the judged tree does not name.
pub(super) fn findings(cx: &Cx<'_>, changes: &[FileChange]) -> Result<Vec<Finding>, String> {
    let is_new = |change: &&FileChange| {
        matches!(change.kind, ChangeKind::Added | ChangeKind::ModeChanged) && !change.binary
    };
    if !changes.iter().any(|change| is_new(&change)) {
        return Ok(Vec::new());
    }
    let (repo, tree) = (cx.subject.repo, cx.subject.tree);
    let links = repo.list_submodules(tree).map_err(|error| chain(&error))?;
    if links.is_empty() {
        return Ok(Vec::new());
    }
    let modules = repo.read_file(tree, ".gitmodules").map_err(|error| chain(&error))?;
    let modules = String::from_utf8_lossy(&modules.unwrap_or_default()).into_owned();
    let named: Vec<&str> = modules.lines().filter_map(path).collect();
    let dangling = changes.iter().filter(is_new).map(|change| change.path.as_str());
    let dangling = dangling
        .filter(|path| links.iter().any(|link| link == path) && !named.contains(path))
        .map(|path| {
            RULE.of(path, "points to a commit of a repository that `.gitmodules` does not name")
        });
    Ok(dangling.collect())
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
