//! `loki import`

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use loki_forge::{Forges, IssueState, Query, RepositoryRef};
use loki_model::{Digest, Spec};
use loki_spec::read_issue;

use super::Done;
use super::issue::{refused, remote, with_patience};
use crate::cli::{ImportArgs, ImportState};
use crate::context::Context;
use crate::error::CommandError;
use crate::output;

/// Where specs are written, below the repository.
const DIRECTORY: &str = ".loki/specs";
/// Longest file name, without its extension, in bytes.
const NAME_BYTES_MAX: usize = 100;
/// Larger files are none of ours.
const FILE_BYTES_MAX: u64 = 2 * loki_spec::SPEC_BYTES_MAX as u64;

pub(super) fn import(args: &ImportArgs, cx: &Context) -> Done {
    let forges = Forges::from_environment();
    let repository = repository(args.repository.as_deref(), &forges, cx)?;
    let state = match args.state {
        ImportState::Open => IssueState::Open,
        ImportState::Closed => IssueState::Closed,
        ImportState::All => IssueState::All,
    };
    let query = Query { labels: args.label.clone(), state, limit: usize::from(args.limit) };
    let waiting = format!("asking for the issues of {} …", named(&repository));
    let told = with_patience(&waiting, cx, || forges.issues(&repository, &query));
    let (issues, has_more) = told.map_err(|err| refused(&err))?;
    let specs: Vec<Spec> = issues.iter().map(|issue| read_issue(issue).0).collect();
    if cx.json {
        output::json(&serde_json::json!({
            "schema_version": 1,
            "repository": named(&repository),
            "specs": specs,
            "more": has_more,
        }));
        return Ok(0);
    }
    let directory = match &args.out {
        Some(out) => cx.directory.join(out),
        None => {
            cx.repo().map_or(cx.directory.clone(), |repo| repo.root().to_owned()).join(DIRECTORY)
        }
    };
    fs::create_dir_all(&directory).map_err(|err| unwritten(&directory, &err))?;
    for spec in &specs {
        let path = directory.join(format!("{}.md", file_name(&spec.id)));
        let what = write(&path, spec)?.shown();
        let shown = path.strip_prefix(&cx.directory).unwrap_or(&path).display();
        let (count, title) = (spec.requirements.len(), &spec.title);
        let plural = if count == 1 { "" } else { "s" };
        output::data(&format!("{what}  {shown}  {count} requirement{plural}  {title}"));
    }
    if specs.is_empty() {
        output::talk(&format!("{} has no such issues", named(&repository)));
    } else if has_more {
        output::talk("there are more issues; --limit brings more of them");
    }
    Ok(0)
}

fn repository(
    wanted: Option<&str>,
    forges: &Forges,
    cx: &Context,
) -> Result<RepositoryRef, CommandError> {
    let address = match wanted {
        None => remote("this repository", cx)?,
        Some(text) if text.contains("://") || text.contains(':') => text.to_owned(),
        Some(text) => {
            let is_name = |part: &str| !part.is_empty() && part != "." && part != "..";
            let mut parts = text.split('/');
            return match (parts.next(), parts.next(), parts.next()) {
                (Some(owner), Some(name), None) if is_name(owner) && is_name(name) => {
                    forges.github(text).map_err(|err| refused(&err))
                }
                _ => Err(CommandError::user(format!("`{text}` is no repository")).hint(
                    "loki import owner/repo    or    loki import https://gitlab.com/group/project",
                )),
            };
        }
    };
    match forges.repository_at(&address) {
        Some(found) => found.map_err(|err| refused(&err)),
        None => Err(CommandError::user("the repository is on no forge, so it has no issues")
            .hint("loki import owner/repo    or    loki import https://gitlab.com/group/project")),
    }
}

fn named(repository: &RepositoryRef) -> String {
    match repository {
        RepositoryRef::GitHub { host, repository: path }
        | RepositoryRef::GitLab { host, project: path } => format!("{host}/{path}"),
        RepositoryRef::AzureDevOps { collection, project } => format!("{collection}/{project}"),
    }
}

/// `acme/shop#42` is kept as `acme-shop-42`.
fn file_name(id: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let name: String = id.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    let name = name.trim_matches(['.', '-']);
    // The number is at the end.
    let start = name.ceil_char_boundary(name.len().saturating_sub(NAME_BYTES_MAX));
    name[start..].trim_start_matches(['.', '-']).to_owned()
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    New,
    Renewed,
    Unchanged,
    /// Somebody else wrote it, or edited it since.
    LeftAlone,
}

impl Written {
    fn shown(self) -> &'static str {
        match self {
            Written::New => "new      ",
            Written::Renewed => "renewed  ",
            Written::Unchanged => "unchanged",
            Written::LeftAlone => "edited, left alone",
        }
    }
}

/// Writes `spec` unless there is something that loki did not write itself.
fn write(path: &Path, spec: &Spec) -> Result<Written, CommandError> {
    let mark = |text: &str| format!("{MARK}{} -->\n", Digest::of(text.as_bytes()).as_str());
    let content = format!("{}{}", mark(&spec.text), spec.text);
    let existing = match read(path) {
        Ok(existing) => existing,
        Err(err) => return Err(unwritten(path, &err)),
    };
    let outcome = match existing {
        None => Written::New,
        Some(Existing::Text(text)) if text == content => return Ok(Written::Unchanged),
        Some(Existing::Text(text)) => match text.split_once('\n') {
            Some((first, rest)) if format!("{first}\n") == mark(rest) => Written::Renewed,
            _ => return Ok(Written::LeftAlone),
        },
        Some(Existing::Other) => return Ok(Written::LeftAlone),
    };
    // Through a new file, so that half a spec is never there and no link is followed.
    let directory = path.parent().unwrap_or(Path::new("."));
    let put = || {
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.write_all(content.as_bytes())?;
        file.persist(path).map_err(|err| err.error)?;
        Ok(())
    };
    put().map_err(|err| unwritten(path, &err))?;
    Ok(outcome)
}

/// Begins the first line, which tells whether the rest is as loki wrote it.
const MARK: &str = "<!-- written by loki import; sha256 ";

enum Existing {
    Text(String),
    /// A link, a directory, something large or no text.
    Other,
}

fn read(path: &Path) -> std::io::Result<Option<Existing>> {
    let meta = match fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(err) if err.kind() == ErrorKind::NotFound => return Ok(None),
        Err(err) => return Err(err),
    };
    if !meta.is_file() || meta.len() > FILE_BYTES_MAX {
        return Ok(Some(Existing::Other));
    }
    let bytes = fs::read(path)?;
    Ok(Some(String::from_utf8(bytes).map_or(Existing::Other, Existing::Text)))
}

fn unwritten(path: &Path, err: &std::io::Error) -> CommandError {
    CommandError::environment(format!("`{}` could not be written: {err}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_issue() {
        for (id, name) in [
            ("acme/shop#42", "acme-shop-42"),
            ("group/sub/project#7", "group-sub-project-7"),
            ("PROJ-456", "PROJ-456"),
            ("acme/My Shop#1", "acme-My-Shop-1"),
            ("../../etc/passwd#1", "etc-passwd-1"),
        ] {
            assert_eq!(file_name(id), name);
        }
        assert!(file_name(&"x".repeat(5_000)).len() <= NAME_BYTES_MAX);
    }

    #[test]
    fn a_file_that_somebody_edited_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.md");
        let spec = |text: &str| Spec::of("a", "A", text);
        assert_eq!(write(&path, &spec("one\n")).unwrap(), Written::New);
        assert_eq!(write(&path, &spec("one\n")).unwrap(), Written::Unchanged);
        assert_eq!(write(&path, &spec("two\n")).unwrap(), Written::Renewed);
        let edited = format!("{}and mine\n", fs::read_to_string(&path).unwrap());
        fs::write(&path, &edited).unwrap();
        assert_eq!(write(&path, &spec("three\n")).unwrap(), Written::LeftAlone);
        assert_eq!(fs::read_to_string(&path).unwrap(), edited);
    }

    #[test]
    fn what_loki_did_not_write_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let spec = Spec::of("a", "A", "one\n");
        let mine = directory.path().join("mine.md");
        fs::write(&mine, "my own\n").unwrap();
        assert_eq!(write(&mine, &spec).unwrap(), Written::LeftAlone);
        let link = directory.path().join("link.md");
        std::os::unix::fs::symlink(&mine, &link).unwrap();
        assert_eq!(write(&link, &spec).unwrap(), Written::LeftAlone);
        assert_eq!(fs::read_to_string(&mine).unwrap(), "my own\n");
    }
}
