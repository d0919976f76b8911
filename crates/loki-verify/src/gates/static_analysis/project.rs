//! Which tools a project uses, where, and with which settings: all as the base has it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use loki_host::git::{Edit, GitError};
use loki_model::{ChangeKind, FileChange, TreeId};

use super::tool::{Root, Tool};
use crate::gates::{Cx, chain};
use crate::installed::installed;
use crate::layout::{Layout, file_name, is_data, is_under, join, parent};

/// Files that hold the settings of many tools, or say how the project is automated, that are read.
const READ_MAX: usize = 400;

/// A longer one of them is not looked into.
const READ_BYTES_MAX: usize = 1 << 20;

/// Names of files in the root that say which commands a project runs.
const AUTOMATION: &[&str] = &[
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    "azure-pipelines.yml",
    ".travis.yml",
    "Makefile",
    "makefile",
    "GNUmakefile",
    "justfile",
    "Justfile",
    "Taskfile.yml",
    ".pre-commit-config.yaml",
    "lefthook.yml",
    "tox.ini",
    "noxfile.py",
    "package.json",
];

/// Directories whose files say which commands a project runs.
const AUTOMATION_DIRS: &[&str] = &[".github/workflows", ".husky", ".githooks"];

/// What the base shows.
pub(super) struct Project {
    /// Every file of the base.
    pub(super) layout: Layout,
    /// The tools that it uses.
    pub(super) tools: Vec<&'static Tool>,
    /// The texts of its automation, comments apart.
    pub(super) automation: String,
    /// Texts of files that hold settings of many.
    texts: BTreeMap<String, String>,
}

/// A tool that has to look at changed files.
#[derive(Clone)]
pub(super) struct Use<'a> {
    /// Which.
    pub(super) tool: &'a Tool,
    /// Where it runs.
    pub(super) dir: String,
    /// The changed files, from the root of the repository.
    pub(super) files: Vec<String>,
}

impl Project {
    /// Reads the base, and finds out which of `tools` it uses.
    pub(super) fn at_base(cx: &Cx<'_>, tools: &[&'static Tool]) -> Result<Project, GitError> {
        let base = cx.subject.base;
        let layout = Layout::at(cx.subject.repo, base)?;
        let sections: BTreeSet<&str> =
            tools.iter().flat_map(|tool| tool.sections).map(|(name, _)| *name).collect();
        let mut wanted: Vec<&str> = layout.own_files().filter(|path| is_automation(path)).collect();
        let is_shared = |path: &&str| sections.contains(file_name(path)) && !is_data(path);
        wanted.extend(layout.own_files().filter(is_shared));
        // Those that are nearest to the root come first, in case that there are too many.
        wanted.sort_by_key(|path| (path.matches('/').count(), *path));
        wanted.dedup();
        wanted.truncate(READ_MAX);
        let sides: Vec<(&TreeId, &str)> = wanted.iter().map(|path| (base, *path)).collect();
        let mut texts = BTreeMap::new();
        cx.subject.repo.read_files(&sides, READ_BYTES_MAX, &mut |at, bytes| {
            if let (Some((_, path)), Some(bytes)) = (sides.get(at), bytes) {
                texts.insert((*path).to_owned(), String::from_utf8_lossy(bytes).into_owned());
            }
        })?;
        let told = texts.iter().filter(|(path, _)| is_automation(path));
        let lines = told.flat_map(|(_, text)| text.lines());
        let automation = lines
            .filter(|line| !line.trim_start().starts_with('#'))
            .flat_map(|line| [line, "\n"])
            .collect();
        let mut project = Project { layout, tools: Vec::new(), automation, texts };
        project.tools = tools.iter().copied().filter(|tool| project.has(tool)).collect();
        Ok(project)
    }

    fn has(&self, tool: &Tool) -> bool {
        self.is_mentioned(tool) || !self.dirs(tool).is_empty()
    }

    fn is_mentioned(&self, tool: &Tool) -> bool {
        tool.mentions.iter().any(|command| mentions(&self.automation, command))
    }

    /// Whether automation makes the tool's warnings as bad as errors.
    pub(super) fn denies(&self, tool: &Tool) -> bool {
        tool.denies.iter().any(|flag| self.automation.contains(flag))
    }

    /// Directories that hold settings of the tool.
    fn dirs(&self, tool: &Tool) -> BTreeSet<&str> {
        let own = self.layout.own_files().filter(|path| is_settings(tool, path) && !is_data(path));
        let shared = self.texts.iter().filter(|(path, text)| {
            tool.sections
                .iter()
                .any(|(name, begin)| file_name(path) == *name && has_line(text, begin))
        });
        own.chain(shared.map(|(path, _)| path.as_str())).map(parent).collect()
    }

    /// Which tools have to look at which of `touched`, and where.
    pub(super) fn uses(&self, touched: &[&str]) -> Vec<Use<'_>> {
        let mut uses = Vec::new();
        for tool in &self.tools {
            let dirs = self.dirs(tool);
            let is_mentioned = self.is_mentioned(tool);
            let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
            let looked_at =
                touched.iter().filter(|path| tool.endings.iter().any(|end| path.ends_with(end)));
            for path in looked_at {
                if let Some(dir) = self.root(tool, &dirs, is_mentioned, path) {
                    files.entry(dir.to_owned()).or_default().push((*path).to_owned());
                }
            }
            uses.extend(files.into_iter().map(|(dir, files)| Use { tool, dir, files }));
        }
        uses
    }

    /// Where the tool is called for the file at `path`.
    fn root<'a>(
        &'a self,
        tool: &Tool,
        dirs: &BTreeSet<&'a str>,
        is_mentioned: bool,
        path: &'a str,
    ) -> Option<&'a str> {
        let mut around = ancestors(path).filter(|dir| dirs.contains(dir));
        let holding = |name: &'static str| {
            ancestors(path).filter(move |dir| self.layout.has(&join(dir, name)))
        };
        let by_settings = match tool.root {
            Root::Nearest => around.next(),
            Root::Topmost => around.last(),
            Root::Package => {
                let all: Vec<&str> = around.collect();
                let beside = |dir: &&&str| self.layout.has(&join(dir, "package.json"));
                all.iter().find(beside).or(all.last()).copied()
            }
            Root::Cargo => {
                (is_mentioned || around.next().is_some()).then_some(())?;
                let is_workspace = |dir: &&str| {
                    let text = self.texts.get(&join(dir, "Cargo.toml"));
                    text.is_some_and(|text| has_line(text, "[workspace"))
                };
                let topmost = holding("Cargo.toml").filter(is_workspace).last();
                return topmost.or_else(|| holding("Cargo.toml").next());
            }
            Root::Go => {
                (is_mentioned || around.next().is_some()).then_some(())?;
                return holding("go.mod").next();
            }
        };
        by_settings.or(is_mentioned.then_some(""))
    }

    /// The judged tree under the settings of the base.
    pub(super) fn judged_tree(&self, cx: &Cx<'_>) -> Result<TreeId, String> {
        let (base, tree) = (cx.subject.base, cx.subject.tree);
        let changes = cx.changes.map_err(str::to_owned)?;
        let mut edits: Vec<Edit<'_>> = Vec::new();
        for change in changes {
            let path = change.path.as_str();
            let is_own = self.tools.iter().any(|tool| is_settings(tool, path));
            if is_own && change.kind == ChangeKind::Added {
                edits.push(Edit::Remove { path });
            } else if is_own || self.has_other_sections(cx, change) {
                edits.push(Edit::Take { path, from: base });
            }
        }
        // Removals first: a file may stand where a directory was.
        edits.sort_by_key(|edit| !matches!(edit, Edit::Remove { .. }));
        cx.subject.repo.compose(tree, &edits).map_err(|error| chain(&error))
    }

    /// Whether the change alters settings in a file that holds those of many. A manifest of cargo stays:
    /// nothing builds without its dependencies.
    fn has_other_sections(&self, cx: &Cx<'_>, change: &FileChange) -> bool {
        let Some(before) = self.texts.get(&change.path) else { return false };
        let name = file_name(&change.path);
        if name == "Cargo.toml" {
            return false;
        }
        let after = cx.read(&change.path).unwrap_or_default();
        let sections = self.tools.iter().flat_map(|tool| tool.sections);
        sections.filter(|(file, _)| *file == name).any(|(_, begin)| {
            has_line(before, begin) && section(before, begin) != section(&after, begin)
        })
    }
}

impl Use<'_> {
    /// Its program, where that is installed.
    pub(super) fn program(&self, cx: &Cx<'_>) -> Option<PathBuf> {
        installed(cx, &self.dir, self.tool.program)
    }

    /// The same about the base: files that it has, and those that were moved under their former names.
    pub(super) fn as_before(&self, changes: &[FileChange], base: &Layout) -> Self {
        let moved = crate::reported::moved(changes);
        let before = self.files.iter().map(|path| {
            let path = path.as_str();
            moved.get(path).copied().unwrap_or(path)
        });
        let files = before.filter(|path| base.has(path)).map(str::to_owned).collect();
        Use { tool: self.tool, dir: self.dir.clone(), files }
    }

    /// The files from where it runs, each beginning with `./` so that none is taken for an option.
    pub(super) fn relative(&self) -> Vec<String> {
        let inside = self.files.iter().filter(|path| is_under(path, &self.dir));
        inside.map(|path| format!("./{}", path[self.dir.len()..].trim_start_matches('/'))).collect()
    }
}

/// Directories around the file at `path`, nearest first.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(parent(path)), |dir| (!dir.is_empty()).then(|| parent(dir)))
}

fn is_automation(path: &str) -> bool {
    AUTOMATION.contains(&path) || AUTOMATION_DIRS.contains(&parent(path))
}

/// Whether the file at `path` holds settings of the tool alone.
pub(super) fn is_settings(tool: &Tool, path: &str) -> bool {
    let name = file_name(path);
    tool.settings.contains(&name)
        || tool.settings_beginnings.iter().any(|begin| name.starts_with(begin))
}

/// Whether a line of `text` begins with `begin`.
fn has_line(text: &str, begin: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with(begin))
}

/// The lines of every section whose heading begins with `begin`; a key of JSON is one section to the end
/// of the text.
pub(super) fn section(text: &str, begin: &str) -> String {
    let mut is_inside = false;
    let mut kept = String::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with(begin) {
            is_inside = true;
        } else if line.starts_with('[') && line.ends_with(']') && !begin.starts_with('"') {
            is_inside = false;
        }
        if is_inside {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Whether `command` stands in `text` as words of its own.
fn mentions(text: &str, command: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text.match_indices(command).any(|(at, found)| {
        !text[..at].ends_with(is_word) && !text[at + found.len()..].starts_with(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_mentioned_as_words_of_its_own() {
        assert!(mentions("run: ruff check .", "ruff check"));
        assert!(!mentions("  - id: ruff-format\n", "id: ruff"));
        assert!(mentions("  - id: ruff\n", "id: ruff"));
        assert!(!mentions("my-ruff check", "ruff check"));
    }

    #[test]
    fn a_section_ends_where_the_next_begins() {
        let text = "[tool.ruff]\na = [1]\n[tool.ruff.lint]\nb = 2\n[tool.black]\nc = 3\n";
        assert_eq!(section(text, "[tool.ruff"), "[tool.ruff]\na = [1]\n[tool.ruff.lint]\nb = 2\n");
        assert_eq!(section(text, "[tool.mypy"), "");
    }
}
