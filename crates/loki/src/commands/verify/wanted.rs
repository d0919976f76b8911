//! What is judged, from the words of the command line.

use std::io::Read as _;
use std::path::Path;

use loki_host::git::{FetchError, Repo};
use loki_verify::{Range, RangeError, Wanted};

use crate::cli::VerifyArgs;
use crate::context::Context;
use crate::error::{CommandError, chain};
use crate::output;

/// A larger patch is not read.
const PATCH_BYTES_MAX: u64 = 256 << 20;

/// What is compared with what. A pull request is fetched for it.
pub(super) fn range(args: &VerifyArgs, cx: &Context, repo: &Repo) -> Result<Range, CommandError> {
    let wanted = wanted(args, cx, repo)?;
    find(args, repo, &wanted)
}

/// The same for what is here already.
pub(super) fn find(args: &VerifyArgs, repo: &Repo, wanted: &Wanted) -> Result<Range, CommandError> {
    let base = args.base_arg.as_deref().or(args.base.as_deref());
    Range::find(repo, base, wanted).map_err(|err| {
        let hint = match &err {
            RangeError::Unrelated { is_shallow: true, .. } => "git fetch --unshallow".to_owned(),
            // The branch that it is to be merged into may not have been fetched either.
            RangeError::Cut => {
                "git fetch --unshallow origin '+refs/heads/*:refs/remotes/origin/*'    \
                                (or name what to compare with: loki verify --base COMMIT)"
                    .to_owned()
            }
            RangeError::Merged { number, .. } => {
                format!("loki verify BASE --pr {number}    (BASE: the commit that it started from)")
            }
            RangeError::NoDefault { .. } => {
                let number = args.pr.unwrap_or_default();
                format!("loki verify BASE --pr {number}    (BASE: what it is to be merged into)")
            }
            RangeError::Unknown { name } => there_is(args, repo, name),
            RangeError::Patch { .. } => {
                "loki verify BASE --patch FILE    (BASE: the commit that the patch was made from)"
                    .to_owned()
            }
            RangeError::Unrelated { is_shallow: false, .. } => {
                "loki verify BASE    (BASE: the commit that the change started from)".to_owned()
            }
            RangeError::Git(_) => "loki doctor".to_owned(),
        };
        CommandError::user(chain(&err)).hint(hint)
    })
}

/// What to type in place of a name that git does not know.
fn there_is(args: &VerifyArgs, repo: &Repo, name: &str) -> String {
    let flag = if args.head.as_deref() == Some(name) { "--head " } else { "" };
    let remote = format!("origin/{name}");
    match repo.resolve(&remote) {
        Ok(Some(_)) => format!("loki verify {flag}{remote}"),
        _ => "git branch --all    (lists the branches that there are)".to_owned(),
    }
}

fn wanted(args: &VerifyArgs, cx: &Context, repo: &Repo) -> Result<Wanted, CommandError> {
    if let Some(path) = &args.patch {
        return read_patch(path, cx).map(Wanted::Patch);
    }
    if let Some(number) = args.pr {
        return request(number, args.remote.as_deref(), cx, repo);
    }
    Ok(match &args.head {
        Some(name) => Wanted::Commit(name.clone()),
        None if args.staged => Wanted::Staged,
        None => Wanted::Worktree,
    })
}

fn request(
    number: u32,
    remote: Option<&str>,
    cx: &Context,
    repo: &Repo,
) -> Result<Wanted, CommandError> {
    if !cx.json && !cx.quiet {
        output::talk(&format!("fetching pull request {number}"));
    }
    repo.fetch_request(number, remote).map(Wanted::Request).map_err(|err| {
        let hint = match &err {
            FetchError::NoRemote => "git remote add origin ADDRESS".to_owned(),
            FetchError::Ambiguous { .. } | FetchError::UnknownRemote { .. } => {
                format!("loki verify --pr {number} --remote NAME    (git remote -v lists them)")
            }
            FetchError::Helper { remote } => {
                format!("git remote set-url {remote} ADDRESS    (https, ssh, git or a path)")
            }
            FetchError::Unreachable { remote, .. } => {
                format!("git ls-remote {remote}    (shows whether git itself can reach it)")
            }
            FetchError::NotThere { remote, .. } => {
                format!("loki verify --pr {number} --remote NAME    (if it is not at {remote})")
            }
            FetchError::Git(_) => "loki doctor".to_owned(),
        };
        CommandError::user(chain(&err)).hint(hint)
    })
}

fn read_patch(path: &Path, cx: &Context) -> Result<Vec<u8>, CommandError> {
    let shown = path.display();
    let failed = |err: std::io::Error| {
        CommandError::user(format!("the patch `{shown}` could not be read: {err}"))
    };
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(PATCH_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    } else {
        let file = std::fs::File::open(cx.directory.join(path)).map_err(failed)?;
        file.take(PATCH_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > PATCH_BYTES_MAX {
        let max = PATCH_BYTES_MAX >> 20;
        return Err(CommandError::user(format!("the patch `{shown}` has more than {max} MiB")));
    }
    Ok(bytes)
}
