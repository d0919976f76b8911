//! Specs that are several files in a folder, as tools for them write them.

mod bmad;
mod kiro;
mod openspec;
pub(super) mod parts;
mod speckit;

use std::fmt;

use loki_model::Spec;

use super::order::{self, Raws};
use super::tree::{self, At, Syntax};
use super::{Malformed, malformed, read_known};
use crate::SpecProblem;
use crate::statements::{NoteKind, Statements};
use crate::title::shorten;

/// One file of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderFile {
    /// Below the folder, with `/` between its parts.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// Which tool writes folders like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderFormat {
    /// A change of OpenSpec, or the specs that it keeps.
    OpenSpec,
    /// A project of the BMAD method.
    Bmad,
    /// A feature of GitHub's spec-kit.
    SpecKit,
    /// A spec of Kiro.
    Kiro,
    /// Tasks of Task Master.
    TaskMaster,
}

impl fmt::Display for FolderFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FolderFormat::OpenSpec => "an OpenSpec change",
            FolderFormat::Bmad => "a BMAD project",
            FolderFormat::SpecKit => "a spec-kit feature",
            FolderFormat::Kiro => "a Kiro spec",
            FolderFormat::TaskMaster => "a Task Master project",
        })
    }
}

/// Why a folder is no spec.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FolderError {
    /// No tool that is known writes such a folder.
    #[error(
        "`{folder}` is a directory without a spec that is known (OpenSpec, BMAD, spec-kit, Kiro, Task Master); name a \
         file in it"
    )]
    Unknown {
        /// As the user named it.
        folder: String,
    },
    /// Something that makes it a spec is missing.
    #[error("`{folder}` is not {format}: {what}")]
    Incomplete {
        /// As the user named it.
        folder: String,
        /// What it was taken for.
        format: FolderFormat,
        /// What is missing, and what to do about it.
        what: String,
    },
    /// It holds several specs.
    #[error("`{folder}` holds several specs; name one of them: {}", .names.join(", "))]
    Several {
        /// As the user named it.
        folder: String,
        /// Folders, as the user would name them.
        names: Vec<String>,
    },
    /// A file in it is not in its format.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// Most files of a folder that are read.
pub const FOLDER_FILES_MAX: usize = 500;

/// Whether a file of a folder may say something about a spec, by its path below it.
pub fn is_folder_file(path: &str) -> bool {
    let is_other = |part: &str| {
        matches!(
            part,
            "node_modules"
                | ".git"
                | ".claude"
                | ".github"
                | "_bmad"
                | "target"
                | "vendor"
                | "templates"
        )
    };
    let mut parts = path.split('/');
    let is_config =
        ["_bmad/config.toml", "_bmad/core/config.yaml"].iter().any(|end| path.ends_with(end));
    let name = parts.next_back().unwrap_or_default();
    let is_read =
        [".md", ".yaml", ".yml", ".json"].iter().any(|end| name.to_lowercase().ends_with(end));
    is_config || is_read && !parts.any(is_other)
}

/// What `files` are, by their names.
pub fn recognise_folder(files: &[FolderFile]) -> Option<FolderFormat> {
    let has = |test: &dyn Fn(&str) -> bool| files.iter().any(|file| test(&file.path));
    let is_named = |path: &str, name: &str| {
        path == name || path.strip_suffix(name).is_some_and(|rest| rest.ends_with('/'))
    };
    if has(&|path| is_named(path, "proposal.md"))
        || has(&|path| path.starts_with("openspec/") || path.starts_with("changes/"))
    {
        return Some(FolderFormat::OpenSpec);
    }
    if has(&|path| path.starts_with("_bmad") || path.contains("/_bmad"))
        || has(&|path| is_named(path, "epics.md"))
        || has(&|path| is_named(path, "SPEC.md") && path.contains("spec-"))
        || files
            .iter()
            .any(|file| is_named(&file.path, "prd.md") && file.text.contains("stepsCompleted"))
    {
        return Some(FolderFormat::Bmad);
    }
    if has(&|path| path.starts_with(".kiro/") || path.contains("/.kiro/"))
        || has(&|path| is_named(path, "requirements.md"))
    {
        return Some(FolderFormat::Kiro);
    }
    if has(&|path| is_named(path, "spec.md")) {
        return Some(FolderFormat::SpecKit);
    }
    has(&|path| is_named(path, "tasks.json")).then_some(FolderFormat::TaskMaster)
}

/// Reads `files`, those of `folder` for which [`is_folder_file`] holds, as what `format` says or as
/// what they are recognised as.
///
/// The spec's text is that of all files that were read, each below a line with its path.
pub fn read_folder(
    folder: &str,
    files: &[FolderFile],
    format: Option<FolderFormat>,
) -> Result<(Spec, Vec<SpecProblem>), FolderError> {
    let unknown = || FolderError::Unknown { folder: folder.to_owned() };
    let format = format.or_else(|| recognise_folder(files)).ok_or_else(unknown)?;
    let mut files: Vec<&FolderFile> = files.iter().take(FOLDER_FILES_MAX).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let folder = folder.trim_end_matches('/');
    let mut reader = Folder {
        folder,
        files,
        format,
        used: Vec::new(),
        statements: Statements::of(folder),
        title: None,
        base: String::new(),
    };
    match format {
        FolderFormat::OpenSpec => openspec::read(&mut reader)?,
        FolderFormat::Bmad => bmad::read(&mut reader)?,
        FolderFormat::SpecKit => speckit::read(&mut reader)?,
        FolderFormat::Kiro => kiro::read(&mut reader)?,
        FolderFormat::TaskMaster => return reader.tasks(),
    }
    Ok(reader.finish())
}

/// A folder while it is read.
struct Folder<'f> {
    folder: &'f str,
    /// Sorted by path.
    files: Vec<&'f FolderFile>,
    format: FolderFormat,
    /// What was read, in order.
    used: Vec<&'f FolderFile>,
    statements: Statements,
    title: Option<String>,
    /// Where the spec is below the folder, with a `/` at its end; empty when it is the folder.
    base: String,
}

impl<'f> Folder<'f> {
    /// As the user would name the file.
    fn source(&self, path: &str) -> String {
        if self.folder.is_empty() || self.folder == "." {
            return path.to_owned();
        }
        format!("{}/{path}", self.folder)
    }

    fn find(&self, path: &str) -> Option<&'f FolderFile> {
        self.files.iter().find(|file| file.path == path).copied()
    }

    /// Files whose path below the folder fulfils `test`, in order.
    fn all(&self, test: impl Fn(&str) -> bool) -> Vec<&'f FolderFile> {
        self.files.iter().filter(|file| test(&file.path)).copied().collect()
    }

    /// From here on statements are in `file`, whose text belongs to the spec.
    fn turn_to(&mut self, file: &'f FolderFile) {
        self.statements.turn_to(&self.source(&file.path));
        if !self.used.iter().any(|used| used.path == file.path) {
            self.used.push(file);
        }
    }

    fn lint(&mut self, line: u32, rule: &'static str, what: String) {
        self.statements.problem(SpecProblem::Lint { line, rule, what });
    }

    fn incomplete(&self, what: &str) -> FolderError {
        FolderError::Incomplete {
            folder: self.folder.to_owned(),
            format: self.format,
            what: what.to_owned(),
        }
    }

    /// The YAML between `---` lines at the beginning of `file` becomes context; its title is the spec's.
    fn front_matter(&mut self, file: &FolderFile) -> Result<(), Malformed> {
        let Some(rest) = file.text.strip_prefix("---\n") else { return Ok(()) };
        let Some(end) = rest.find("\n---") else { return Ok(()) };
        // A line of its own in front, so that lines are those of the file.
        let yaml = format!("\n{}\n", &rest[..end]);
        if yaml.trim().is_empty() {
            return Ok(());
        }
        let document = tree::parse(&yaml, Syntax::Yaml)
            .map_err(|fault| malformed(&self.source(&file.path), Syntax::Yaml, &fault))?;
        let root = At::root(&document.root);
        for (key, value) in root.entries() {
            if key == "title" {
                self.title = self.title.take().or_else(|| value.scalar());
            } else {
                super::context::note(key, &value, &mut self.statements, 0);
            }
        }
        Ok(())
    }

    /// Every statement of a document as context, shortened.
    fn context(&mut self, name: &str, text: &str, line: u32) {
        self.statements.note(NoteKind::Context, &format!("{name}: {text}"), line);
    }

    fn tasks(mut self) -> Result<(Spec, Vec<SpecProblem>), FolderError> {
        let files = self.all(|path| path == "tasks.json" || path.ends_with("/tasks.json"));
        let Some(file) = files.first() else { return Err(self.incomplete("it has no tasks.json")) };
        self.turn_to(file);
        let source = self.source(&file.path);
        let (spec, problems, _) = read_known(&source, &file.text)?;
        Ok((spec, problems))
    }

    /// The tasks beside the spec, where the tool's order is known.
    fn order(&self) -> Option<Raws> {
        let name = if self.format == FolderFormat::Kiro { "requirements.md" } else { "spec.md" };
        let file = |name: &str| {
            let file = self.find(&format!("{}{name}", self.base))?;
            Some((self.source(&file.path), file.text.as_str()))
        };
        let (spec, tasks) = (file(name)?, file("tasks.md")?);
        order::of_folder(self.format, (&spec.0, spec.1), (&tasks.0, tasks.1))
    }

    fn finish(mut self) -> (Spec, Vec<SpecProblem>) {
        let order = self.order();
        if self.statements.len() == 0 {
            self.statements.turn_to(self.folder);
            self.statements.problem(SpecProblem::NoRequirements);
        }
        let texts = self.used.iter().map(|file| {
            format!("<!-- {} -->\n\n{}", self.source(&file.path), file.text.trim_end())
        });
        let text = texts.collect::<Vec<_>>().join("\n\n");
        let place = self.source(&self.base);
        let name = place.trim_end_matches(['/', '.']).rsplit('/').next().unwrap_or_default();
        let name = if name.is_empty() { "spec" } else { name };
        let title = self.title.take().filter(|title| title.contains(char::is_alphanumeric));
        let title = shorten(&title.unwrap_or_else(|| name.to_owned()));
        let spec = Spec { id: name.to_owned(), ..Spec::of(self.folder, &title, &text) };
        let (mut spec, problems) = self.statements.finish(spec);
        if let Some(order) = order {
            order.put_into(&mut spec);
        }
        (spec, problems)
    }
}

#[cfg(test)]
mod tests;
