//! From what stands on the command line to a spec.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use loki_host::git::Repo;
use loki_model::{Spec, TreeId};
use loki_spec::{Argument, FileKind, SpecProblem};

use crate::cli::StartArgs;
use crate::context::Context;
use crate::error::{CommandError, chain};
use crate::output;

/// A spec, and what was odd about how it was read.
pub(super) type Read = (Spec, Vec<SpecProblem>);

/// Reads the spec that `args` name. What is odd about it is said, what would be left out is refused.
pub(super) fn read_spec(args: &StartArgs, cx: &Context) -> Result<Read, CommandError> {
    let (source, text) = match (&args.brief, &args.prd) {
        (Some(brief), _) => ("brief".to_owned(), brief.clone()),
        (_, Some(path)) => read_file(path, cx)?,
        (None, None) => read_argument(args.spec.as_deref(), cx)?,
    };
    let (spec, problems) = read_whole(&source, &text)?;
    tell_problems(&problems, cx);
    Ok((spec, problems))
}

/// Reads the spec that an argument names, or the one that is here, and says nothing about it.
pub(super) fn read_quietly(spec: Option<&str>, cx: &Context) -> Result<Read, CommandError> {
    let (source, text) = read_argument(spec, cx)?;
    read_whole(&source, &text)
}

fn read_argument(spec: Option<&str>, cx: &Context) -> Result<(String, String), CommandError> {
    let Some(spec) = spec else { return read_file(&default_spec(cx)?, cx) };
    match classify(spec, cx)? {
        Argument::File(path) => read_file(&path, cx),
        Argument::Brief(text) => Ok(("brief".to_owned(), text)),
    }
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
    let (spec, problems) = read_whole(source, text)?;
    tell_problems(&problems, cx);
    Ok(spec)
}

fn tell_problems(problems: &[SpecProblem], cx: &Context) {
    if !cx.quiet {
        for problem in problems {
            output::talk(&format!("spec: {problem}"));
        }
    }
}

fn read_whole(source: &str, text: &str) -> Result<Read, CommandError> {
    let (spec, problems) = loki_spec::read(source, text);
    if spec.text.trim().is_empty() {
        return Err(CommandError::user("the spec is empty").hint("loki start \"what to build\""));
    }
    if let Some(lost) = problems.iter().find(|p| matches!(p, SpecProblem::TooMany { .. })) {
        return Err(CommandError::user(format!("`{source}`: what follows {lost}")));
    }
    Ok((spec, problems))
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

fn default_spec(cx: &Context) -> Result<PathBuf, CommandError> {
    ["prd.md", "PRD.md"]
        .into_iter()
        .map(PathBuf::from)
        .find(|name| cx.directory.join(name).is_file())
        .ok_or_else(|| {
            CommandError::user("no spec was given and there is no prd.md here")
                .hint("loki start path/to/spec.md    or    loki start \"what to build\"")
        })
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
