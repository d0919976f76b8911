//! From what stands on the command line to a spec.

mod discover;
mod folder;

use std::io::Read as _;
use std::path::Path;

use loki_host::git::Repo;
use loki_model::{Spec, TreeId};
use loki_spec::{Argument, FileKind, FolderFormat, SpecProblem};

use super::issue;
use crate::cli::StartArgs;
use crate::context::Context;
use crate::error::{CommandError, chain};
use crate::output;

/// A spec, and what was odd about how it was read.
pub(super) type Read = (Spec, Vec<SpecProblem>);

/// Reads the spec that `args` name. What is odd about it is said, what would be left out is refused.
pub(super) fn read_spec(args: &StartArgs, cx: &Context) -> Result<Read, CommandError> {
    let mut read = Vec::new();
    if let Some(brief) = &args.brief {
        read.push(read_text("brief", brief)?);
    }
    if let Some(issue) = &args.issue {
        read.push(issue::read_named(issue, cx)?);
    }
    if let Some(path) = &args.prd {
        read.push(read_path(path, cx)?);
    }
    for (folder, format) in
        [(&args.openspec, FolderFormat::OpenSpec), (&args.bmad_project, FolderFormat::Bmad)]
    {
        if let Some(folder) = folder {
            read.push(folder::read(folder, Some(format), cx)?);
        }
    }
    if args.brief.is_none() {
        for argument in &args.spec {
            read.push(read_argument(argument, cx)?);
        }
    }
    let (spec, problems) = joined(read, cx)?;
    tell(&spec, &problems, cx);
    Ok((spec, problems))
}

/// Reads everything that is named, as one spec; what is here when nothing is.
pub(super) fn read_all(named: &[String], cx: &Context) -> Result<Spec, CommandError> {
    let (spec, problems) = read_quietly(named, cx)?;
    tell(&spec, &problems, cx);
    Ok(spec)
}

/// Reads one file or directory.
pub(super) fn read_named(path: &Path, cx: &Context) -> Result<Spec, CommandError> {
    let read = if cx.directory.join(path).is_dir() {
        folder::read(path, None, cx)
    } else {
        read_path(path, cx)
    };
    let (spec, problems) = read?;
    tell(&spec, &problems, cx);
    Ok(spec)
}

/// Reads the spec that arguments name, or the one that is here, and says nothing about it.
pub(super) fn read_quietly(arguments: &[String], cx: &Context) -> Result<Read, CommandError> {
    let read: Result<Vec<Read>, _> =
        arguments.iter().map(|argument| read_argument(argument, cx)).collect();
    joined(read?, cx)
}

/// One spec of all that were read; of none the one that is here.
fn joined(read: Vec<Read>, cx: &Context) -> Result<Read, CommandError> {
    if read.len() < 2 {
        return read.into_iter().next().map_or_else(|| default_spec(cx), Ok);
    }
    let inside = |(spec, problems): &Read| -> Vec<SpecProblem> {
        problems.iter().map(|problem| problem.clone().inside(&spec.source)).collect()
    };
    let mut problems: Vec<SpecProblem> = read.iter().flat_map(inside).collect();
    let (spec, more) = loki_spec::merge(read.into_iter().map(|(spec, _)| spec).collect());
    problems.extend(more);
    whole(spec, problems)
}

fn default_spec(cx: &Context) -> Result<Read, CommandError> {
    match std::env::var_os("LOKI_PRD_FILE").filter(|path| !path.is_empty()) {
        Some(path) => read_path(Path::new(&path), cx),
        None => discover::default_spec(cx),
    }
}

fn read_argument(argument: &str, cx: &Context) -> Result<Read, CommandError> {
    match classify(argument, cx)? {
        Argument::File(path) => read_path(&path, cx),
        Argument::Directory(path) => folder::read(&path, None, cx),
        Argument::Issue(issue) => issue::read(&issue, cx),
        Argument::Brief(text) => read_text("brief", &text),
    }
}

pub(super) fn read_path(path: &Path, cx: &Context) -> Result<Read, CommandError> {
    let (source, text) = read_file(path, cx)?;
    read_text(&source, &text)
}

/// Reads the spec that a change is judged by: what the base holds at `path`, or a file outside of the
/// repository, or standard input for `-`. A change has no say in what was asked for.
pub(super) fn read_pinned_spec(
    path: &Path,
    repo: &Repo,
    base: &TreeId,
    cx: &Context,
) -> Result<Spec, CommandError> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        let most = loki_spec::SPEC_BYTES_MAX as u64 + 1;
        std::io::stdin().lock().take(most).read_to_end(&mut bytes).map_err(|err| {
            CommandError::user(format!("standard input could not be read: {err}"))
        })?;
        return decoded("standard input", &bytes).and_then(|text| pinned("-", &text, cx));
    }
    let full = cx.directory.join(path);
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let Ok(inside) = real(&full).strip_prefix(real(repo.root())).map(Path::to_owned) else {
        let (source, text) = read_file(path, cx)
            .map_err(|err| err.hint("loki verify --spec FILE    (what was asked for, as text)"))?;
        return pinned(&source, &text, cx);
    };
    let source = inside.to_string_lossy();
    let held = repo.read_file(base, &source).map_err(|err| CommandError::user(chain(&err)))?;
    let Some(bytes) = held else {
        let why = format!(
            "`{source}` is not in the base: a change can not bring the spec that it is judged by"
        );
        return Err(CommandError::user(why)
            .hint("commit it to the base first, or pipe it in: loki verify --spec - < FILE"));
    };
    decoded(&source, &bytes).and_then(|text| pinned(&source, &text, cx))
}

fn pinned(source: &str, text: &str, cx: &Context) -> Result<Spec, CommandError> {
    let (spec, problems) = read_text(source, text)?;
    tell(&spec, &problems, cx);
    Ok(spec)
}

fn read_text(source: &str, text: &str) -> Result<Read, CommandError> {
    if text.trim().is_empty() {
        return Err(CommandError::user("the spec is empty").hint("loki start \"what to build\""));
    }
    let (spec, problems) =
        loki_spec::read_as(source, text).map_err(|err| CommandError::user(err.to_string()))?;
    whole(spec, problems)
}

/// Refuses a spec of which a part would be left out.
fn whole(spec: Spec, problems: Vec<SpecProblem>) -> Result<Read, CommandError> {
    let is_loss = |problem: &&SpecProblem| matches!(problem.kind(), SpecProblem::TooMany { .. });
    match problems.iter().find(is_loss) {
        Some(lost) => {
            let place = place(&spec, lost);
            Err(CommandError::user(format!("`{place}`: what follows {lost}")))
        }
        None => Ok((spec, problems)),
    }
}

/// Says what is odd about `spec`.
fn tell(spec: &Spec, problems: &[SpecProblem], cx: &Context) {
    if !cx.quiet {
        for problem in problems {
            output::talk(&format!("spec: {}: {problem}", place(spec, problem)));
        }
    }
}

fn place(spec: &Spec, problem: &SpecProblem) -> String {
    let source = problem.source().unwrap_or(&spec.source);
    problem.line().map_or_else(|| source.to_owned(), |line| format!("{source}:{line}"))
}

fn classify(argument: &str, cx: &Context) -> Result<Argument, CommandError> {
    let kind = |path: &Path| {
        let path = cx.directory.join(path);
        if path.is_dir() {
            FileKind::Directory
        } else if path.exists() {
            FileKind::File
        } else {
            FileKind::Missing
        }
    };
    loki_spec::classify(argument, kind)
        .map_err(|err| CommandError::user(chain(&err)).hint("loki start --help"))
}

pub(super) fn read_file(path: &Path, cx: &Context) -> Result<(String, String), CommandError> {
    let source = path.to_string_lossy().into_owned();
    let full = cx.directory.join(path);
    let refuse = |why: String| CommandError::user(format!("`{source}` {why}"));
    let meta = std::fs::metadata(&full)
        .map_err(|err| refuse(format!("could not be read: {err}")).hint("loki start --help"))?;
    if !meta.is_file() {
        let what = if meta.is_dir() { "is a directory" } else { "is not a regular file" };
        return Err(refuse(format!("{what}, not a spec")).hint("loki start path/to/spec.md"));
    }
    // The size first: a huge file is not worth reading.
    if meta.len() > loki_spec::SPEC_BYTES_MAX as u64 {
        let (is, max) = (meta.len() >> 20, loki_spec::SPEC_BYTES_MAX >> 20);
        return Err(refuse(format!("has {is} MiB; a spec has at most {max} MiB")));
    }
    let bytes = std::fs::read(&full).map_err(|err| refuse(format!("could not be read: {err}")))?;
    decoded(&source, &bytes).map(|text| (source, text))
}

fn decoded(source: &str, bytes: &[u8]) -> Result<String, CommandError> {
    loki_spec::decode(bytes)
        .map_err(|err| CommandError::user(format!("`{source}` {}", chain(&err))))
}
