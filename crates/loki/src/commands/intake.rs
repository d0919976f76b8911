//! From what stands on the command line to a spec.

mod discover;
mod folder;

use std::io::Read as _;
use std::path::Path;

use loki_host::git::Repo;
use loki_model::{Spec, TreeId};
use loki_spec::{Argument, FileKind, FolderFormat, SpecProblem};

use crate::cli::StartArgs;
use crate::context::Context;
use crate::error::{CommandError, chain};
use crate::output;

/// Reads the spec that `args` name. What is odd about it is said, what would be left out is refused.
pub(super) fn read_spec(args: &StartArgs, cx: &Context) -> Result<Spec, CommandError> {
    let mut specs = Vec::new();
    if let Some(brief) = &args.brief {
        return read_text("brief", brief, cx);
    }
    if let Some(path) = &args.prd {
        specs.push(read_path(path, cx)?);
    }
    for (folder, format) in
        [(&args.openspec, FolderFormat::OpenSpec), (&args.bmad_project, FolderFormat::Bmad)]
    {
        if let Some(folder) = folder {
            specs.push(folder::read(folder, Some(format), cx)?);
        }
    }
    read_into(specs, &args.spec, cx)
}

/// Reads everything that is named, as one spec; what is here when nothing is.
pub(super) fn read_all(named: &[String], cx: &Context) -> Result<Spec, CommandError> {
    read_into(Vec::new(), named, cx)
}

/// Reads one file or directory.
pub(super) fn read_named(path: &Path, cx: &Context) -> Result<Spec, CommandError> {
    if cx.directory.join(path).is_dir() {
        return folder::read(path, None, cx);
    }
    read_path(path, cx)
}

fn read_into(mut specs: Vec<Spec>, named: &[String], cx: &Context) -> Result<Spec, CommandError> {
    for argument in named {
        specs.push(read_argument(argument, cx)?);
    }
    if specs.is_empty() {
        return discover::default_spec(cx);
    }
    let (spec, problems) = loki_spec::merge(specs);
    told(spec, problems, cx)
}

fn read_argument(argument: &str, cx: &Context) -> Result<Spec, CommandError> {
    if cx.directory.join(argument).is_dir() {
        return folder::read(Path::new(argument), None, cx);
    }
    match classify(argument, cx)? {
        Argument::File(path) => read_path(&path, cx),
        Argument::Brief(text) => read_text("brief", &text, cx),
    }
}

pub(super) fn read_path(path: &Path, cx: &Context) -> Result<Spec, CommandError> {
    let (source, text) = read_file(path, cx)?;
    read_text(&source, &text, cx)
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
        return decoded("standard input", &bytes).and_then(|text| read_text("-", &text, cx));
    }
    let full = cx.directory.join(path);
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let Ok(inside) = real(&full).strip_prefix(real(repo.root())).map(Path::to_owned) else {
        let (source, text) = read_file(path, cx)?;
        return read_text(&source, &text, cx);
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
    decoded(&source, &bytes).and_then(|text| read_text(&source, &text, cx))
}

fn read_text(source: &str, text: &str, cx: &Context) -> Result<Spec, CommandError> {
    if text.trim().is_empty() {
        return Err(CommandError::user("the spec is empty").hint("loki start \"what to build\""));
    }
    let (spec, problems) =
        loki_spec::read_as(source, text).map_err(|err| CommandError::user(err.to_string()))?;
    told(spec, problems, cx)
}

/// Says what is odd about `spec`, and refuses one of which a part would be left out.
fn told(spec: Spec, problems: Vec<SpecProblem>, cx: &Context) -> Result<Spec, CommandError> {
    let place = |problem: &SpecProblem| {
        let source = problem.source().unwrap_or(&spec.source);
        problem.line().map_or_else(|| source.to_owned(), |line| format!("{source}:{line}"))
    };
    let is_loss = |problem: &&SpecProblem| matches!(problem.kind(), SpecProblem::TooMany { .. });
    if let Some(lost) = problems.iter().find(is_loss) {
        return Err(CommandError::user(format!("`{}`: what follows {lost}", place(lost))));
    }
    if !cx.quiet {
        for problem in &problems {
            output::talk(&format!("spec: {}: {problem}", place(problem)));
        }
    }
    Ok(spec)
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

fn read_file(path: &Path, cx: &Context) -> Result<(String, String), CommandError> {
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
