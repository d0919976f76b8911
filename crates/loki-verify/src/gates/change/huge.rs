//! Binary files that make a repository large for ever.

use loki_host::git::GitError;
use loki_model::{ChangeKind, FileChange, Finding, Severity};

use crate::gates::Cx;
use crate::gates::rule::{Rule, while_judging};
use crate::layout::{file_name, parent};
use crate::pattern;

/// A larger binary file is told.
const BYTES_MAX: u64 = 5 << 20;

/// A large binary file where the base tracks none as large.
pub(super) const RULE: Rule = Rule {
    id: "change/huge",
    severity: Severity::Warning,
    what: "The change adds a binary file of more than 5 MiB, and the base tracks no file of such a size.",
    why: "Git keeps every version of it for ever, for everybody; most are builds, archives or data that \
          something can make or fetch again.",
    example: "+app.tar.gz (binary, 48 MiB)",
    fix: "Leave it out, or track it with Git LFS (`git lfs track`).",
    look: while_judging,
};

/// Added binary files that are too large for this repository. A pointer of Git LFS is a short text, and no
/// binary file.
pub(super) fn findings(cx: &Cx<'_>, changes: &[&FileChange]) -> Result<Vec<Finding>, GitError> {
    let is_added = |change: &&&FileChange| change.kind == ChangeKind::Added && change.binary;
    let added: Vec<&str> = changes.iter().filter(is_added).map(|change| &*change.path).collect();
    if added.is_empty() {
        return Ok(Vec::new());
    }
    let repo = cx.subject.repo;
    let sizes = repo.sizes(cx.subject.tree)?;
    let is_large = |size: &u64| *size > BYTES_MAX;
    let large = added.into_iter().filter_map(|path| Some((path, sizes.get(path).copied()?)));
    let large: Vec<(&str, u64)> = large.filter(|(_, size)| is_large(size)).collect();
    // A repository of media or models is made of such files.
    if large.is_empty() || repo.sizes(cx.subject.base)?.values().any(is_large) {
        return Ok(Vec::new());
    }
    let pointed = pointed(cx);
    let huge = large.into_iter().filter(|(path, _)| !pointed.iter().any(|one| one.is_match(path)));
    let found = huge.map(|(path, size)| {
        RULE.of(path, format!("the change adds a binary file of {} MiB", size >> 20))
    });
    Ok(found.collect())
}

/// What Git LFS tracks: in the checkout it is the file itself, and a pointer once it is committed.
fn pointed(cx: &Cx<'_>) -> Vec<regex::Regex> {
    let attributes = cx.layout.all_files().filter(|path| file_name(path) == ".gitattributes");
    let mut found = Vec::new();
    for path in attributes {
        let Some(text) = cx.reader.read(cx.subject.tree, path) else { continue };
        let text = String::from_utf8_lossy(&text);
        for line in text.lines().filter(|line| line.contains("filter=lfs")) {
            let glob = line.split_whitespace().next().unwrap_or_default();
            found.extend(pattern::git(parent(path), glob.trim_matches('"')));
        }
    }
    found
}
