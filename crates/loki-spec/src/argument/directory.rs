//! What kind of spec a directory holds, by the names of what is in it.

use std::path::Path;

use super::FileKind;

/// What a directory holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryKind {
    /// One change of OpenSpec: a proposal and what it changes.
    OpenSpecChange,
    /// A project that is planned with BMAD.
    Bmad,
    /// A feature or a project of GitHub's spec-kit.
    SpecKit,
    /// A spec or a project of Kiro.
    Kiro,
    /// Nothing of the above.
    Plain,
}

/// What `directory` holds. `look` is asked for at most a dozen names. What one change or feature is
/// made of says more than what a whole project has.
pub(super) fn kind(directory: &Path, look: impl Fn(&Path) -> FileKind) -> DirectoryKind {
    let has = |name: &str| look(&directory.join(name)) == FileKind::File;
    let has_directory = |name: &str| look(&directory.join(name)) == FileKind::Directory;
    if has("proposal.md") && (has_directory("specs") || has("tasks.md")) {
        DirectoryKind::OpenSpecChange
    } else if has("requirements.md") && (has("design.md") || has("tasks.md")) {
        DirectoryKind::Kiro
    } else if has("spec.md") && (has("plan.md") || has("tasks.md")) {
        DirectoryKind::SpecKit
    } else if ["_bmad-output", "_bmad", ".bmad-core"].into_iter().any(has_directory) {
        DirectoryKind::Bmad
    } else if has_directory(".kiro/specs") {
        DirectoryKind::Kiro
    } else if has_directory(".specify") {
        DirectoryKind::SpecKit
    } else {
        DirectoryKind::Plain
    }
}
