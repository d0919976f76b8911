//! Putting the files of a work tree back to what a tree has, byte by byte.
//!
//! Git is asked for trees and contents only; files are written here, so that no filter, attribute,
//! hook or link of the work tree has a say. Each file is exchanged whole. A restore that was cut short is
//! finished by doing it again.

mod place;

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use loki_model::TreeId;

use self::place::Place;
use super::objects::Batch;
use super::private::View;
use super::{GitError, Repo};

/// Larger files are copied on their own, without being held as a whole.
const HELD_BYTES_MAX: usize = 16 << 20;

/// Named at most in one error.
const NAMED_MAX: usize = 5;

/// How `check-ignore` says that nothing is ignored.
const NONE_IGNORED_EXIT: i32 = 1;

const HERE: &[u8] = b"./";

const LINK_MODE: u32 = 0o160_000;
const SYMLINK_MODE: u32 = 0o120_000;
const PROGRAM_MODE: u32 = 0o100_755;

/// What a restore did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Files and links that were written.
    pub written: usize,
    /// Files and links that are gone.
    pub removed: usize,
    /// Files that the tree does not have and that stayed, since its own rules ignore them, or those of
    /// before did. Sorted.
    pub stayed: Vec<String>,
    /// Submodules that have files and another commit than the tree says: loki does not enter them.
    pub submodules: Vec<String>,
}

/// Why files were not put back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// Something that no tree can keep is where a file belongs. Nothing was changed.
    #[error("`{path}` is in the way and can not be kept")]
    InTheWay {
        /// From the root of the work tree.
        path: String,
    },
    /// Files did not become what they were to be: another program changes them. What was there before
    /// is in the tree that the restore began from.
    #[error("not everything could be put back: {paths} differs; something else writes here")]
    Incomplete {
        /// Some of them.
        paths: String,
    },
    /// A file could not be written or removed.
    #[error("`{path}` could not be put back")]
    File {
        /// From the root of the work tree.
        path: String,
        /// The system's word.
        #[source]
        source: io::Error,
    },
    /// Git said no.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// What differs between what is there and what is to be.
struct Plan {
    /// Sorted: directories come before what is in them.
    writes: Vec<Wanted>,
    removes: Vec<Vec<u8>>,
    stayed: Vec<Vec<u8>>,
    /// Submodules: where, and the commit that is to be; nothing for none.
    links: Vec<(Vec<u8>, Option<String>)>,
}

struct Wanted {
    path: Vec<u8>,
    mode: u32,
    id: String,
    /// Whether nothing is known of what is there now.
    is_new: bool,
}

impl Repo {
    /// The raw tree of `worktree`, with everything in it that a restore of `to` would overwrite or
    /// remove: also ignored files that are where `to` has others.
    pub fn raw_tree_before(&self, worktree: &Path, to: &TreeId) -> Result<TreeId, RestoreError> {
        let seen = self.raw_tree(worktree, &[])?;
        let also = in_the_way(worktree, &self.plan(&seen, to)?)?;
        if also.is_empty() { Ok(seen) } else { Ok(self.raw_tree(worktree, &also)?) }
    }

    /// Makes the files of `worktree` those of `to`. `from` is what [`Repo::raw_tree_before`] found there.
    ///
    /// Ignored files stay. HEAD, branches and the index stay as they are, but for the commits of
    /// submodules without files, which are kept nowhere else. Only what differs is touched.
    pub fn restore(
        &self,
        worktree: &Path,
        from: &TreeId,
        to: &TreeId,
    ) -> Result<Restored, RestoreError> {
        let plan = self.plan(from, to)?;
        if let Some(path) = in_the_way(worktree, &plan)?.first() {
            return Err(RestoreError::InTheWay { path: shown(path) });
        }
        let place = Place::open(worktree).map_err(|error| GitError::file(worktree, error))?;
        let mut leaving: Vec<&Vec<u8>> = plan.removes.iter().collect();
        // What is in a directory comes before it.
        leaving.sort_by(|one, other| other.cmp(one));
        for path in &leaving {
            place.remove(path).map_err(|source| file(path, source))?;
        }
        self.write(&place, &plan.writes)?;
        for path in &leaving {
            place.remove_empty_above(path);
        }
        let submodules = self.restore_links(worktree, &place, &plan.links)?;
        let mut stayed: BTreeSet<Vec<u8>> = plan.stayed.into_iter().collect();
        stayed.extend(self.check(worktree, to, &submodules)?);
        Ok(Restored {
            written: plan.writes.len(),
            removed: leaving.len(),
            stayed: stayed.iter().map(|path| shown(path)).collect(),
            submodules: submodules.iter().map(|path| shown(path)).collect(),
        })
    }

    fn plan(&self, from: &TreeId, to: &TreeId) -> Result<Plan, GitError> {
        let mut plan =
            Plan { writes: Vec::new(), removes: Vec::new(), stayed: Vec::new(), links: Vec::new() };
        let mut gone = Vec::new();
        for Difference { old, new, id, path } in self.differences(from, to)? {
            if old == LINK_MODE || new == LINK_MODE {
                plan.links.push((path.clone(), (new == LINK_MODE).then(|| id.clone())));
            }
            match (old, new) {
                (_, 0 | LINK_MODE) if old == LINK_MODE || old == 0 => {}
                (_, 0) => gone.push(path),
                (_, LINK_MODE) => plan.removes.push(path),
                (_, mode) => {
                    let is_new = old == 0 || old == LINK_MODE;
                    plan.writes.push(Wanted { path, mode, id, is_new });
                }
            }
        }
        let ignored = self.ignored_by(to, &gone)?;
        let wanted: BTreeSet<&[u8]> = plan.writes.iter().map(|one| one.path.as_slice()).collect();
        let (stayed, removes) =
            gone.into_iter().partition(|path| ignored.contains(path) && !meets(&wanted, path));
        plan.stayed = stayed;
        plan.removes.extend::<Vec<_>>(removes);
        Ok(plan)
    }

    /// Everything that differs, in git's order.
    fn differences(&self, from: &TreeId, to: &TreeId) -> Result<Vec<Difference>, GitError> {
        let options = ["-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--end-of-options"];
        let call = self.shared("diff-tree").args(options).args([from.as_str(), to.as_str()]);
        let answer = call.answer()?;
        let mut fields = answer.split(|byte| *byte == 0);
        let mut differences = Vec::new();
        while let Some(facts) = fields.next().filter(|facts| !facts.is_empty()) {
            let path = fields.next().unwrap_or_default();
            let unexpected = || {
                let what = String::from_utf8_lossy(path).into_owned();
                GitError::Unexpected { subcommand: "diff-tree", what }
            };
            differences.push(difference(facts, path).ok_or_else(unexpected)?);
        }
        Ok(differences)
    }

    /// Which of `paths` the rules in `tree` and those of the user ignore.
    fn ignored_by(&self, tree: &TreeId, paths: &[Vec<u8>]) -> Result<HashSet<Vec<u8>>, GitError> {
        if paths.is_empty() {
            return Ok(HashSet::new());
        }
        let temp = tempfile::Builder::new().prefix("loki-rules-").tempdir();
        let temp = temp.map_err(|error| GitError::file(&std::env::temp_dir(), error))?;
        let (git_dir, rules) = (temp.path().join("git"), temp.path().join("rules"));
        for directory in [&git_dir, &rules] {
            fs::create_dir(directory).map_err(|error| GitError::file(directory, error))?;
        }
        let call = self.shared("ls-tree").args(["-r", "-z", "--full-tree", tree.as_str()]);
        for entry in call.answer()?.split(|byte| *byte == 0) {
            let Some((id, path)) = rules_file(entry) else { continue };
            let path = rules.join(OsStr::from_bytes(path));
            let content = self.shared("cat-file").args(["blob", id]).answer()?;
            let above = path.parent().unwrap_or(&rules);
            fs::create_dir_all(above)
                .and_then(|()| fs::write(&path, content))
                .map_err(|error| GitError::file(&path, error))?;
        }
        let view = View::make(self, &git_dir, &rules, &self.common_dir.join("info/exclude"))?;
        // It does not know how to be told that names are names, so none may begin like something else.
        let list = paths.iter().flat_map(|path| HERE.iter().chain(path).chain([&0])).copied();
        let call = view.call("check-ignore").env("GIT_LITERAL_PATHSPECS", "0");
        let call = call.args(["-z", "--stdin", "--no-index"]);
        let outcome = call.stdin(list.collect()).outcome()?;
        if outcome.exit == NONE_IGNORED_EXIT {
            return Ok(HashSet::new());
        }
        let answer = outcome.answer()?;
        let names = answer.split(|byte| *byte == 0);
        Ok(names.filter_map(|name| name.strip_prefix(HERE)).map(<[u8]>::to_vec).collect())
    }

    fn write(&self, place: &Place, wanted: &[Wanted]) -> Result<(), RestoreError> {
        if wanted.is_empty() {
            return Ok(());
        }
        let asked = wanted.iter().fold(String::new(), |asked, one| asked + &one.id + "\n");
        let mut batch = Batch::new(HELD_BYTES_MAX);
        let mut left = wanted.iter();
        let mut alone = Vec::new();
        let mut failure = None;
        let call = self.shared("cat-file").args(["--batch"]).stdin(asked.into_bytes());
        call.stream(&mut |chunk| {
            batch.push(chunk, &mut |content| {
                let Some(one) = left.next().filter(|_| failure.is_none()) else { return };
                let Some(content) = content else { return alone.push(one) };
                let written = match one.mode {
                    SYMLINK_MODE => place.link(&one.path, content),
                    mode => place.write(&one.path, mode == PROGRAM_MODE, &mut |file| {
                        io::Write::write_all(file, content)
                    }),
                };
                failure = written.err().map(|source| file(&one.path, source));
            });
        })?;
        if let Some(failure) = failure {
            return Err(failure);
        }
        if let Some(one) = left.next() {
            let what = format!("no answer for {}", one.id);
            return Err(GitError::Unexpected { subcommand: "cat-file", what }.into());
        }
        alone.into_iter().try_for_each(|one| self.write_alone(place, one))
    }

    /// A file that is large, or that git does not have.
    fn write_alone(&self, place: &Place, one: &Wanted) -> Result<(), RestoreError> {
        let mut refused = None;
        let written = place.write(&one.path, one.mode == PROGRAM_MODE, &mut |file| {
            let mut failure = None;
            let call = self.shared("cat-file").args(["blob", &one.id]);
            let read = call.stream(&mut |chunk| {
                if failure.is_none() {
                    failure = io::Write::write_all(file, chunk).err();
                }
            });
            refused = read.err();
            match failure {
                Some(failure) => Err(failure),
                None if refused.is_some() => Err(io::ErrorKind::InvalidData.into()),
                None => Ok(()),
            }
        });
        match (written, refused) {
            (_, Some(refused)) => Err(refused.into()),
            (written, None) => written.map_err(|source| file(&one.path, source)),
        }
    }

    /// Returns the submodules that have files, and so a commit of their own.
    fn restore_links(
        &self,
        worktree: &Path,
        place: &Place,
        links: &[(Vec<u8>, Option<String>)],
    ) -> Result<Vec<Vec<u8>>, RestoreError> {
        let (mut filled, mut lines) = (Vec::new(), Vec::new());
        for (path, id) in links {
            let at = worktree.join(OsStr::from_bytes(path));
            if at.join(".git").symlink_metadata().is_ok() {
                filled.push(path.clone());
                continue;
            }
            match id {
                Some(id) => {
                    place.directory(path).map_err(|source| file(path, source))?;
                    lines.extend_from_slice(format!("160000 {id}\t").as_bytes());
                }
                None => {
                    place.remove_empty(path);
                    let none = "0".repeat(self.empty_tree()?.as_str().len());
                    lines.extend_from_slice(format!("0 {none}\t").as_bytes());
                }
            }
            lines.extend_from_slice(path);
            lines.push(0);
        }
        if let (false, Some(git_dir)) = (lines.is_empty(), self.git_dir_of(worktree)?) {
            self.call(worktree, "update-index")
                .env("GIT_DIR", git_dir)
                .env("GIT_WORK_TREE", worktree)
                .args(["--add", "--replace", "-z", "--index-info"])
                .stdin(lines)
                .answer()?;
        }
        Ok(filled)
    }

    /// Whether every file of `to` is there. Returns those that are there besides.
    fn check(
        &self,
        worktree: &Path,
        to: &TreeId,
        but: &[Vec<u8>],
    ) -> Result<Vec<Vec<u8>>, RestoreError> {
        let mut differences = self.differences(to, &self.raw_tree(worktree, &[])?)?;
        // Files that were tracked then may be ignored ones now.
        let unseen: Vec<Vec<u8>> = differences
            .iter()
            .filter(|one| one.new == 0 && one.old != LINK_MODE)
            .map(|one| one.path.clone())
            .filter(|path| {
                let found = worktree.join(OsStr::from_bytes(path)).symlink_metadata();
                found.is_ok_and(|metadata| !metadata.is_dir())
            })
            .collect();
        if !unseen.is_empty() {
            differences = self.differences(to, &self.raw_tree(worktree, &unseen)?)?;
        }
        let (besides, wrong): (Vec<_>, Vec<_>) =
            differences.into_iter().partition(|one| one.old == 0);
        let wrong: Vec<String> = wrong
            .iter()
            .filter(|one| !but.contains(&one.path))
            .map(|one| format!("`{}`", shown(&one.path)))
            .take(NAMED_MAX)
            .collect();
        if !wrong.is_empty() {
            return Err(RestoreError::Incomplete { paths: wrong.join(", ") });
        }
        Ok(besides.into_iter().map(|one| one.path).collect())
    }
}

/// Whether one of `wanted` is where a directory above `path` is, or within it.
fn meets(wanted: &BTreeSet<&[u8]>, path: &[u8]) -> bool {
    let inner = [path, b"/"].concat();
    let is_within = |one: &&[u8]| one.starts_with(&inner);
    wanted.range(inner.as_slice()..).next().is_some_and(is_within)
        || ends_of_parts(path).any(|end| wanted.contains(&path[..end]))
}

/// Where the directories above a path end.
fn ends_of_parts(path: &[u8]) -> impl Iterator<Item = usize> + '_ {
    path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at)
}

struct Difference {
    /// 0 for none.
    old: u32,
    new: u32,
    /// On the new side.
    id: String,
    path: Vec<u8>,
}

/// `:<mode> <mode> <id> <id> <status>` and a path that can only lie within the work tree.
fn difference(facts: &[u8], path: &[u8]) -> Option<Difference> {
    let facts = std::str::from_utf8(facts).ok()?.strip_prefix(':')?;
    let mut words = facts.split(' ');
    let mut mode = || u32::from_str_radix(words.next()?, 8).ok();
    let (old, new) = (mode()?, mode()?);
    let id = words.nth(1)?;
    let is_id = matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let within =
        |part: &[u8]| !matches!(part, b"" | b"." | b"..") && !part.eq_ignore_ascii_case(b".git");
    let is_sound = is_id && path.split(|byte| *byte == b'/').all(within);
    is_sound.then(|| Difference { old, new, id: id.to_owned(), path: path.to_vec() })
}

/// Of a line of `git ls-tree`: id and path, if it is a file that says what is ignored.
fn rules_file(entry: &[u8]) -> Option<(&str, &[u8])> {
    let tab = entry.iter().position(|byte| *byte == b'\t')?;
    let (facts, path) = (entry.get(..tab)?, entry.get(tab + 1..)?);
    let is_rules = path == b".gitignore" || path.ends_with(b"/.gitignore");
    let facts = std::str::from_utf8(facts).ok().filter(|facts| facts.starts_with("100"))?;
    let id = facts.split(' ').nth(2).filter(|_| is_rules)?;
    difference(format!(":0 100644 {id} {id} A").as_bytes(), path)?;
    Some((id, path))
}

/// Ignored files that are where others belong, so that they have to be kept first.
fn in_the_way(worktree: &Path, plan: &Plan) -> Result<Vec<Vec<u8>>, RestoreError> {
    let leaving: HashSet<&[u8]> = plan.removes.iter().map(Vec::as_slice).collect();
    let mut ignored = BTreeSet::new();
    for Wanted { path, .. } in plan.writes.iter().filter(|one| one.is_new) {
        for end in ends_of_parts(path).chain([path.len()]) {
            let part = &path[..end];
            let at = worktree.join(OsStr::from_bytes(part));
            let Ok(found) = at.symlink_metadata() else { break };
            let is_last = end == path.len();
            if found.is_dir() && is_last {
                refuse_files(&at, part, &leaving)?;
            } else if !found.is_dir() {
                if leaving.contains(part) {
                    // It makes room.
                } else if found.is_file() || found.is_symlink() {
                    ignored.insert(part.to_vec());
                } else {
                    return Err(RestoreError::InTheWay { path: shown(part) });
                }
                break;
            }
        }
    }
    Ok(ignored.into_iter().collect())
}

/// Refuses a directory with anything in it that is not about to leave.
fn refuse_files(
    directory: &Path,
    path: &[u8],
    leaving: &HashSet<&[u8]>,
) -> Result<(), RestoreError> {
    let mut pending: Vec<(PathBuf, Vec<u8>)> = vec![(directory.to_owned(), path.to_vec())];
    while let Some((directory, path)) = pending.pop() {
        let entries = fs::read_dir(&directory).map_err(|source| file(&path, source))?;
        for entry in entries {
            let entry = entry.map_err(|source| file(&path, source))?;
            let inner = [&path, &b"/"[..], entry.file_name().as_bytes()].concat();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                pending.push((entry.path(), inner));
            } else if !leaving.contains(inner.as_slice()) {
                return Err(RestoreError::InTheWay { path: shown(&inner) });
            }
        }
    }
    Ok(())
}

fn file(path: &[u8], source: io::Error) -> RestoreError {
    RestoreError::File { path: shown(path), source }
}

fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}
