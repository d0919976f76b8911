//! One folder of each tool.

use std::path::Path;

use insta::assert_snapshot;

use super::*;

/// The files of a folder of `tests/folders`.
fn files(folder: &str) -> Vec<FolderFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/folders").join(folder);
    let mut files = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let below = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            if is_folder_file(&below) {
                let text = std::fs::read_to_string(path).unwrap();
                files.push(FolderFile { path: below, text });
            }
        }
    }
    files
}

fn show(folder: &str, format: Option<FolderFormat>) -> String {
    match read_folder(folder, &files(folder), format) {
        Ok((spec, problems)) => crate::formats::tests::shown(&spec, &problems),
        Err(err) => err.to_string(),
    }
}

fn file(path: &str, text: &str) -> FolderFile {
    FolderFile { path: path.to_owned(), text: text.to_owned() }
}

#[test]
fn each_tool_is_known_by_its_files() {
    for (folder, format) in [
        ("openspec", FolderFormat::OpenSpec),
        ("openspec/changes/add-refunds", FolderFormat::OpenSpec),
        ("bmad", FolderFormat::Bmad),
        ("bmad/_bmad-output/planning-artifacts", FolderFormat::Bmad),
        ("speckit", FolderFormat::SpecKit),
        ("speckit/specs/001-notes", FolderFormat::SpecKit),
        ("kiro", FolderFormat::Kiro),
        ("kiro/.kiro/specs/login", FolderFormat::Kiro),
        ("taskmaster", FolderFormat::TaskMaster),
    ] {
        assert_eq!(recognise_folder(&files(folder)), Some(format), "{folder}");
    }
    assert_eq!(recognise_folder(&[file("README.md", "# A")]), None);
}

#[test]
fn a_change_of_openspec_says_what_becomes_of_requirements() {
    assert_snapshot!(show("openspec/changes/add-refunds", None));
}

#[test]
fn a_project_of_bmad_leads_from_requirements_to_stories() {
    assert_snapshot!(show("bmad", None));
}

#[test]
fn a_feature_of_spec_kit_has_stories_and_numbered_requirements() {
    assert_snapshot!(show("speckit", None));
}

#[test]
fn a_spec_of_kiro_has_stories_with_criteria() {
    assert_snapshot!(show("kiro", None));
}

#[test]
fn tasks_of_task_master_are_requirements() {
    assert_snapshot!(show("taskmaster", None));
}

#[test]
fn a_folder_that_is_no_spec_or_several_is_refused_with_what_to_do() {
    let read =
        |files: &[FolderFile], format| read_folder("x", files, format).unwrap_err().to_string();
    let proposal = |path| file(path, "# A\n## Why\nx\n");
    assert!(read(&[file("a.md", "x")], None).contains("`x` is a directory without a spec"));
    let several = [proposal("changes/a/proposal.md"), proposal("changes/b/proposal.md")];
    assert!(read(&several, None).contains("name one of them: x/changes/a, x/changes/b"));
    assert!(read(&[proposal("proposal.md")], None).contains("it has no specs/NAME/spec.md"));
    assert!(
        read(&[file("a.md", "x")], Some(FolderFormat::Bmad)).contains("neither a PRD nor epics")
    );
    let broken = file("prd.md", "---\ntitle: [a\n---\n# A\n- FR1: x\n");
    assert!(read(&[broken], Some(FolderFormat::Bmad)).contains("`x/prd.md`, line "));
}
