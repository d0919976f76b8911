//! Submodules of the user's checkout, in the clean copy at the very commits that the tree points to.
//!
//! Owns where they are looked for: in the checkout, and nowhere else. Refuses to fetch, and to run hooks or
//! filters: what is not here is left empty and told.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use loki_host::git::{ObjectId, Repo};
use loki_model::CommitId;

use crate::layout::{Layout, join};

/// Submodules within submodules.
const DEPTH_MAX: usize = 4;

/// Submodules of one repository that are filled. Each takes some calls of git.
const SUBMODULES_MAX: usize = 64;

/// Where a tree points to which commit.
type Links = BTreeMap<String, ObjectId>;

/// Fills what `links` point to in `copy` from `checkout`. Gives back the paths of what stays empty.
pub(super) fn fill(copy: &Path, checkout: Option<&Path>, links: &Links) -> Vec<String> {
    let mut empty = Vec::new();
    fill_below(copy, checkout, links, DEPTH_MAX, "", &mut empty);
    empty
}

fn fill_below(
    copy: &Path,
    checkout: Option<&Path>,
    links: &Links,
    depth: usize,
    dir: &str,
    empty: &mut Vec<String>,
) {
    for (at, (path, id)) in links.iter().enumerate() {
        let shown = join(dir, path);
        let checkout = checkout.filter(|_| at < SUBMODULES_MAX && depth > 0);
        let Some(inner) = checkout.and_then(|checkout| fill_one(copy, checkout, path, id)) else {
            empty.push(shown);
            continue;
        };
        let below = checkout.map(|checkout| checkout.join(path));
        fill_below(&copy.join(path), below.as_deref(), &inner, depth - 1, &shown, empty);
    }
}

/// Fills one, and gives back what its own tree points to. Nothing where it is not here.
fn fill_one(copy: &Path, checkout: &Path, path: &str, id: &ObjectId) -> Option<Links> {
    let commit = commit(id)?;
    let repo = here(checkout, path, &commit)?;
    let to = copy.join(path);
    // Git has left an empty directory there.
    let _ = fs::remove_dir(&to);
    let inner = Layout::at(&repo, &repo.tree_of(&commit).ok()?).ok()?;
    if repo.export(&to, &commit).is_err() {
        let _ = fs::create_dir_all(&to);
        return None;
    }
    Some(inner.submodules().clone())
}

fn commit(id: &ObjectId) -> Option<CommitId> {
    CommitId::try_from(id.to_string()).ok()
}

/// The repository at `path` of `checkout`, where there is one that has `commit`.
fn here(checkout: &Path, path: &str, commit: &CommitId) -> Option<Repo> {
    let checkout = fs::canonicalize(checkout).ok()?;
    let place = fs::canonicalize(checkout.join(path)).ok()?;
    // A link can lead to any repository of the user.
    if !place.starts_with(&checkout) || place == checkout {
        return None;
    }
    let repo = Repo::discover(&place).ok()?;
    // An empty directory is a part of the repository around it.
    let is_own = fs::canonicalize(repo.root()).is_ok_and(|root| root == place);
    is_own.then(|| repo.resolve(commit.as_str()).ok()?).flatten()?;
    Some(repo)
}

/// Which submodules of the tree are here: what tells one state of them from another.
pub(crate) fn seen(checkout: &Path, layout: &Layout) -> Vec<String> {
    let links = layout.submodules().iter().take(SUBMODULES_MAX);
    let is_here = |path: &str, id| commit(id).is_some_and(|id| here(checkout, path, &id).is_some());
    links.map(|(path, id)| format!("{path} {id} {}", is_here(path, id))).collect()
}
