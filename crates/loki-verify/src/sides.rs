//! Base and tree side by side: what a file held and holds, whether it changed or not.

use crate::delta::{Delta, FileDelta};
use crate::gates::Cx;
use crate::kind::{Kind, kind};
use crate::layout::{Layout, is_under};

/// Both sides of a change.
pub(crate) struct Sides<'a> {
    /// What differs.
    pub(crate) delta: &'a Delta,
    /// Every file of the tree.
    pub(crate) layout: &'a Layout,
    /// Reads a file of the tree that did not change.
    read: Read<'a>,
}

/// Reads a file of the tree.
type Read<'a> = Box<dyn Fn(&str) -> Option<String> + 'a>;

impl<'a> Sides<'a> {
    /// Both sides of the change that is judged.
    pub(crate) fn of(cx: &'a Cx<'_>, delta: &'a Delta) -> Sides<'a> {
        Sides { delta, layout: cx.layout, read: Box::new(|path| cx.read(path)) }
    }

    /// What the base has at `path`.
    pub(crate) fn before(&self, path: &str) -> Option<String> {
        match self.delta.file(path) {
            Some(file) => file.before.clone(),
            None => self.layout.has(path).then(|| (self.read)(path))?,
        }
    }

    /// What the tree has at `path`.
    pub(crate) fn after(&self, path: &str) -> Option<String> {
        match self.delta.file(path) {
            Some(file) => file.after.clone(),
            None => self.layout.has(path).then(|| (self.read)(path))?,
        }
    }

    /// Whether the base has a file at `path`.
    pub(crate) fn was(&self, path: &str) -> bool {
        match self.delta.file(path) {
            Some(file) => file.change != loki_model::ChangeKind::Added,
            None => self.layout.has(path),
        }
    }

    /// Own files of code of the tree under `dir`, of one kind.
    pub(crate) fn files<'b>(&'b self, dir: &'b str, of: Kind) -> impl Iterator<Item = &'b str> {
        self.layout.own_files().filter(move |path| is_under(path, dir) && kind(path) == of)
    }

    /// The changed file at `path`.
    pub(crate) fn changed(&self, path: &str) -> Option<&FileDelta> {
        self.delta.file(path)
    }
}

#[cfg(test)]
pub(crate) mod testing {
    //! A change out of texts, so that rules are tested without a repository.

    use std::collections::{BTreeMap, BTreeSet};

    use loki_model::{ChangeKind, Digest, Finding};

    use super::*;
    use crate::gates::rule::Found;

    /// Files by path and content.
    pub(crate) type Files<'a> = &'a [(&'a str, &'a str)];

    /// What `look` finds in the change from `before` to `after`: severity, rule without its gate, and
    /// place of each, one a line, in order; then what it could not tell.
    pub(crate) fn found(
        look: fn(&Sides<'_>, &mut Found),
        before: Files<'_>,
        after: Files<'_>,
    ) -> String {
        let (old, new) = (texts(before), texts(after));
        let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let files = paths
            .iter()
            .filter(|path| old.get(**path) != new.get(**path))
            .map(|path| {
                let (before, after) = (old.get(*path).cloned(), new.get(*path).cloned());
                FileDelta {
                    path: (*path).clone(),
                    change: match (&before, &after) {
                        (None, _) => ChangeKind::Added,
                        (_, None) => ChangeKind::Deleted,
                        _ => ChangeKind::Modified,
                    },
                    kind: kind(path),
                    added: added(before.as_deref(), after.as_deref()),
                    before,
                    after,
                }
            })
            .collect();
        let delta = Delta::of_files(files, Vec::new(), Digest::of(b""));
        let layout = Layout::of(new.keys().cloned());
        let read = |path: &str| new.get(path).cloned();
        let sides = Sides { delta: &delta, layout: &layout, read: Box::new(read) };
        let mut found = Found::default();
        look(&sides, &mut found);
        let told = |finding: &Finding, weight: &str| {
            let rule = finding.rule.split('/').nth(1).unwrap_or_default();
            let place = finding.location.as_ref().map_or("-".to_owned(), ToString::to_string);
            format!("{weight} {rule} {place}")
        };
        let weighed = |finding| told(finding, &format!("{:?}", finding.severity).to_lowercase());
        let unclear = found.unclear.iter().flat_map(|part| &part.findings);
        let lines = found.findings.iter().map(weighed);
        lines.chain(unclear.map(|finding| told(finding, "unclear"))).collect::<Vec<_>>().join("\n")
    }

    /// Requires that `look` finds `expected`, with the whole change told when it does not.
    #[track_caller]
    pub(crate) fn check(
        look: fn(&Sides<'_>, &mut Found),
        before: Files<'_>,
        after: Files<'_>,
        expected: &str,
    ) {
        assert_eq!(found(look, before, after), expected, "{before:#?} → {after:#?}");
    }

    fn texts(files: Files<'_>) -> BTreeMap<String, String> {
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    /// The new lines, by the longest common subsequence.
    fn added(before: Option<&str>, after: Option<&str>) -> Vec<u32> {
        let old: Vec<&str> = before.unwrap_or_default().lines().collect();
        let new: Vec<&str> = after.unwrap_or_default().lines().collect();
        let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
        for i in (0..old.len()).rev() {
            for j in (0..new.len()).rev() {
                common[i][j] = if old[i] == new[j] {
                    common[i + 1][j + 1] + 1
                } else {
                    common[i + 1][j].max(common[i][j + 1])
                };
            }
        }
        let (mut i, mut added) = (0, Vec::new());
        for j in 0..new.len() {
            while i < old.len() && old[i] != new[j] && common[i + 1][j] >= common[i][j + 1] {
                i += 1;
            }
            if i < old.len() && old[i] == new[j] {
                i += 1;
            } else {
                added.push(u32::try_from(j + 1).unwrap());
            }
        }
        added
    }
}
