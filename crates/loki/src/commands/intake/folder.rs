//! A spec that is several files in a directory.

use std::fs;
use std::path::{Path, PathBuf};

use loki_model::Spec;
use loki_spec::{FOLDER_FILES_MAX, FolderFile, FolderFormat, SPEC_BYTES_MAX};

use super::{decoded, told};
use crate::context::Context;
use crate::error::CommandError;

/// Deepest directory that is looked into, below the one that was named.
const DEPTH_MAX: usize = 8;

/// Most entries of directories that are looked at.
const ENTRIES_MAX: usize = 20_000;

/// Reads the spec in `folder`, which is of `format` or of whatever it looks like.
pub(super) fn read(
    folder: &Path,
    format: Option<FolderFormat>,
    cx: &Context,
) -> Result<Spec, CommandError> {
    let shown = folder.to_string_lossy();
    let full = cx.directory.join(folder);
    if !full.is_dir() {
        let what = if full.exists() { "is not a directory" } else { "is not there" };
        return Err(CommandError::user(format!(
            "`{shown}` {what}; name the directory of the spec"
        )));
    }
    let files = files(&full, &shown)?;
    let (spec, problems) = loki_spec::read_folder(&shown, &files, format)
        .map_err(|err| CommandError::user(err.to_string()).hint("loki start --help"))?;
    told(spec, problems, cx)
}

/// Whether `folder` below the directory of the command holds a spec that is known.
pub(super) fn is_spec(folder: &str, cx: &Context) -> bool {
    let full = cx.directory.join(folder);
    full.is_dir()
        && files(&full, folder).is_ok_and(|files| loki_spec::recognise_folder(&files).is_some())
}

/// The files that may belong to a spec; links to directories are not followed.
fn files(root: &Path, shown: &str) -> Result<Vec<FolderFile>, CommandError> {
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    let mut open: Vec<(PathBuf, String, usize)> = vec![(root.to_owned(), String::new(), 0)];
    let (mut entries, mut bytes) = (0, 0);
    while let Some((folder, below, depth)) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            entries += 1;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let Ok(kind) = entry.file_type() else { continue };
            let path = format!("{below}{name}");
            if kind.is_dir() && depth < DEPTH_MAX && may_hold_specs(&name) {
                open.push((entry.path(), format!("{path}/"), depth + 1));
            } else if kind.is_file() && loki_spec::is_folder_file(&path) {
                found.push((path, entry.path()));
            }
            if entries > ENTRIES_MAX || found.len() > FOLDER_FILES_MAX {
                let why =
                    format!("`{shown}` has too many files to be one spec; name a directory in it");
                return Err(CommandError::user(why));
            }
        }
    }
    found.sort();
    let mut files = Vec::new();
    for (path, full) in found {
        let source = format!("{}/{path}", shown.trim_end_matches('/'));
        let read = |err: std::io::Error| {
            CommandError::user(format!("`{source}` could not be read: {err}"))
        };
        bytes += fs::metadata(&full).map_err(read)?.len();
        if bytes > SPEC_BYTES_MAX as u64 {
            let max = SPEC_BYTES_MAX >> 20;
            let why =
                format!("the files of `{shown}` have more than {max} MiB; name a directory in it");
            return Err(CommandError::user(why));
        }
        let content = fs::read(&full).map_err(read)?;
        // An empty file says nothing, and is no mistake here.
        if content.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        files.push(FolderFile { path, text: decoded(&source, &content)? });
    }
    Ok(files)
}

fn may_hold_specs(name: &str) -> bool {
    let is_hidden = name.starts_with('.') && ![".kiro", ".specify", ".taskmaster"].contains(&name);
    !is_hidden
        && !["node_modules", "target", "vendor", "dist", "build", "__pycache__"].contains(&name)
}
