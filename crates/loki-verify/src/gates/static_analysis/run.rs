//! One tool over one state of the repository.

use loki_model::Evidence;

use super::excluded::is_excluded;
use super::project::{Use, section};
use super::tool::{Call, Tool};
use crate::bench::unfinished;
use crate::gates::{Cx, chain};
use crate::layout::join;
use crate::reported::{REPORTED_MAX, Reported, settled};
use crate::text::{last_lines, one_line};

/// Files that a tool is asked about.
const FILES_MAX: usize = 2_000;

/// Bytes of a reason.
const WHY_BYTES_MAX: usize = 300;

/// What a tool showed.
#[derive(Default)]
pub(super) struct Seen {
    /// What it reported, each thing once.
    pub(super) found: Vec<Reported>,
    /// What was run.
    pub(super) evidence: Option<Evidence>,
    /// Why that can not be relied on.
    pub(super) doubt: Option<String>,
}

impl Seen {
    fn doubted(why: impl AsRef<str>, evidence: Option<Evidence>) -> Seen {
        let doubt = Some(one_line(why.as_ref(), WHY_BYTES_MAX));
        Seen { found: Vec::new(), evidence, doubt }
    }
}

/// Runs a tool on the copy in `cx`. Without files there is nothing to run.
pub(super) fn run(cx: &Cx<'_>, used: &Use<'_>, automation: &str) -> Seen {
    let settings = settings(cx, used.tool, &used.dir);
    let mut files = used.relative();
    files.retain(|file| !is_excluded(used.tool.name, &settings, file));
    if files.is_empty() {
        return Seen::default();
    }
    if files.len() > FILES_MAX {
        return Seen::doubted(format!("the change touches more than {FILES_MAX} files"), None);
    }
    let Some(program) = used.program(cx) else { return Seen::doubted("it is not installed", None) };
    let call = Call {
        cx,
        program: &program,
        dir: &used.dir,
        files: &files,
        settings: &settings,
        automation,
    };
    let (ran, stdout) = match cx.bench().run_whole((used.tool.command)(&call)) {
        Ok(ran) => ran,
        Err(error) => return Seen::doubted(chain(&error), None),
    };
    let exit = ran.run.exit;
    let did_work = ran.exit_code().is_some_and(used.tool.did_work);
    let said = last_lines(&ran.text(), 3).replace('\n', " ");
    let stderr = ran.stderr.clone();
    let evidence = Some(ran.evidence());
    if let Some(how) = unfinished(exit) {
        return Seen::doubted(how, evidence);
    }
    if !did_work {
        return Seen::doubted(format!("it {exit}: {said}"), evidence);
    }
    let Some(stdout) = stdout else { return Seen::doubted("its answer is too long", evidence) };
    // Go writes what it found to standard error.
    let answer = if used.tool.program == "go" { format!("{stdout}{stderr}") } else { stdout };
    match (used.tool.read)(&answer) {
        Err(why) => Seen::doubted(why, evidence),
        Ok(found) if found.len() > REPORTED_MAX => {
            Seen::doubted(format!("it reports more than {REPORTED_MAX} findings"), evidence)
        }
        Ok(found) => {
            let mut found = settled(cx, &used.dir, found);
            found.sort_by(|a, b| key(a).cmp(&key(b)));
            // The same file may be compiled for several targets.
            found.dedup();
            Seen { found, evidence, doubt: None }
        }
    }
}

fn key(one: &Reported) -> (Option<&str>, Option<u32>, &str, &str) {
    (one.path.as_deref(), one.line, &one.rule, &one.message)
}

/// The text of the tool's settings in `dir`: a file of its own, else its sections of another.
fn settings(cx: &Cx<'_>, tool: &Tool, dir: &str) -> String {
    let own = cx
        .layout
        .all_files()
        .find(|path| crate::layout::parent(path) == dir && super::project::is_settings(tool, path));
    if let Some(text) = own.and_then(|path| cx.read(path)) {
        return text;
    }
    let sections = tool.sections.iter();
    sections.filter_map(|(name, begin)| Some(section(&cx.read(&join(dir, name))?, begin))).collect()
}
