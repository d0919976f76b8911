//! Where cargo has to be called so that every package of a repository is looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::bench::{Command, unfinished};
use crate::gates::Cx;
use crate::gates::limit::left_out;
use crate::gates::part::Part;
use crate::layout::PROJECTS_MAX;
use crate::text::{last_lines, one_line};

/// Manifests about which cargo is asked.
const ASKED_MAX: usize = 2 * PROJECTS_MAX;

/// Bytes of what cargo says when it refuses a directory.
const WHY_BYTES_MAX: usize = 300;

/// The workspaces and lone packages of a repository.
#[derive(Debug, Default)]
pub(crate) struct Workspaces {
    /// One directory for each, topmost first.
    pub(crate) dirs: Vec<String>,
    /// Why cargo does not say where directories belong, and which.
    unknown: BTreeMap<String, Vec<String>>,
}

/// What `cargo metadata --no-deps` says of the workspace around a directory.
#[derive(Deserialize)]
struct Metadata {
    /// Members alone.
    packages: Vec<Member>,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Member {
    manifest_path: PathBuf,
}

impl Workspaces {
    /// Asks cargo about every manifest that is no member of a workspace found before.
    ///
    /// A single manifest needs no question. One that cargo refuses is called by cargo all the same
    /// when it is topmost, where the build tells what is wrong with it.
    pub(crate) fn find(cx: &Cx<'_>) -> Workspaces {
        let manifests = cx.layout.all_roots("Cargo.toml");
        let mut found = Workspaces::default();
        let mut covered: BTreeSet<String> = BTreeSet::new();
        let mut asked = 0;
        for dir in &manifests {
            if covered.contains(dir) {
                continue;
            }
            let answer = match asked {
                _ if manifests.len() == 1 => Ok(Vec::new()),
                ASKED_MAX => Err(format!("cargo is not asked about more than {ASKED_MAX}")),
                _ => ask(cx, dir),
            };
            asked = ASKED_MAX.min(asked + 1);
            match answer {
                Ok(members) => {
                    covered.extend(members);
                    found.dirs.push(dir.clone());
                }
                Err(why) if crate::layout::is_nested(&manifests, dir) => {
                    found.unknown.entry(why).or_default().push(dir.clone());
                }
                Err(_) => found.dirs.push(dir.clone()),
            }
        }
        found
    }

    /// What `gate` can not tell, since cargo does not say where it belongs.
    pub(crate) fn unknown(&self, gate: &str) -> impl Iterator<Item = Part> {
        self.unknown
            .iter()
            .filter_map(move |(why, dirs)| left_out(gate, "Cargo package(s)", dirs, why))
    }
}

/// The directories of the workspace around `dir`: its root and its members.
fn ask(cx: &Cx<'_>, dir: &str) -> Result<Vec<String>, String> {
    let args = ["metadata", "--no-deps", "--offline", "--format-version=1"];
    let mut metadata = None;
    let ran = cx
        .bench()
        .run_lines(Command::new("cargo", dir).args(args), &mut |line| {
            metadata = metadata.take().or_else(|| serde_json::from_slice::<Metadata>(line).ok());
        })
        .map_err(|error| crate::gates::chain(&error))?;
    if let Some(how) = unfinished(ran.run.exit) {
        return Err(format!("`cargo metadata` {how}"));
    }
    let Some(Metadata { packages, workspace_root }) = metadata.filter(|_| ran.is_ok()) else {
        let said = ran.stderr.trim();
        let said = said.strip_prefix("error: ").unwrap_or(last_lines(said, 3));
        return Err(format!("cargo refuses it: {}", one_line(said, WHY_BYTES_MAX)));
    };
    let manifests = packages.iter().filter_map(|member| member.manifest_path.parent());
    let dirs = manifests.chain([workspace_root.as_path()]);
    Ok(dirs.filter_map(|dir| inside(cx.copy.root(), dir)).collect())
}

fn inside(copy: &Path, dir: &Path) -> Option<String> {
    Some(dir.strip_prefix(copy).ok()?.to_string_lossy().into_owned())
}
