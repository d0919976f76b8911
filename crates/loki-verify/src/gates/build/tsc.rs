//! Types of changed TypeScript, checked by the compiler that the project has installed.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use loki_model::{Finding, Location, Severity};
use serde_json::Value;

use super::{FINDINGS_MAX, touches};
use crate::bench::{Bench, Command, Ran, unfinished};
use crate::gates::limit::each;
use crate::gates::part::Part;
use crate::gates::{Cx, finding};
use crate::layout::{is_under, join, parent, shown};
use crate::node::{NO_NODE_FIX, Package, packages};
use crate::variant::beside;

/// Endings of files that the compiler checks.
const SOURCES: &[&str] = &[".ts", ".tsx", ".mts", ".cts"];

/// Projects that one settings file may refer to.
const REFERENCES_MAX: usize = 16;

/// Errors that are told apart.
const ERRORS_MAX: usize = 10_000;

/// The settings of the compiler.
const SETTINGS: &str = "tsconfig.json";

/// One error: file from the root of the repository, 1-based line, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Error {
    file: Option<String>,
    line: Option<u32>,
    message: String,
}

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    if !touches(cx, SOURCES) && !touches(cx, &[SETTINGS]) {
        return Vec::new();
    }
    let packages = packages(cx).all;
    let dirs = cx.layout.all_roots(SETTINGS);
    let changed: BTreeSet<&str> = cx
        .changes
        .unwrap_or(&[])
        .iter()
        .map(|change| change.path.as_str())
        .filter(|path| SOURCES.iter().any(|end| path.ends_with(end)) || path.ends_with(SETTINGS))
        .filter_map(|path| nearest(&dirs, path))
        .collect();
    let dirs: Vec<&str> = changed.into_iter().filter(|dir| !is_built(&packages, dir)).collect();
    each(
        super::ID,
        "TypeScript projects",
        &dirs,
        |dir| dir,
        |dir| check(cx, &packages, dir).into_iter().collect(),
    )
}

/// The innermost of `dirs` that a file is in.
fn nearest<'a>(dirs: &'a [String], path: &str) -> Option<&'a str> {
    dirs.iter().filter(|dir| is_under(path, dir)).max_by_key(|dir| dir.len()).map(String::as_str)
}

/// Whether the build script of the package around a directory calls the compiler: it is run anyway.
fn is_built(packages: &[Package], dir: &str) -> bool {
    around(packages, dir)
        .max_by_key(|package| package.dir.len())
        .and_then(|package| package.script("build"))
        .is_some_and(|script| {
            script.split_whitespace().any(|word| word == "tsc" || word == "vue-tsc")
        })
}

fn around<'a>(packages: &'a [Package], dir: &'a str) -> impl Iterator<Item = &'a Package> {
    packages.iter().filter(move |package| package.dir == dir || is_under(dir, &package.dir))
}

fn check(cx: &Cx<'_>, packages: &[Package], dir: &str) -> Option<Part> {
    let what = format!("tsc in {}", shown(dir));
    let Some(program) = compiler(cx, dir) else {
        let is_wanted = around(packages, dir)
            .any(|package| package.dependencies().any(|name| name == "typescript"));
        let why = format!("{what}: TypeScript is not installed: run `npm ci`");
        return is_wanted.then(|| Part::unclear(why, Vec::new()));
    };
    let compiler = Compiler { what: &what, dir, program };
    Some(compiler.judge(cx))
}

/// The compiler that is installed in a directory or around it.
fn compiler(cx: &Cx<'_>, dir: &str) -> Option<PathBuf> {
    let mut here = dir;
    loop {
        let program = cx.copy.root().join(join(here, "node_modules/.bin/tsc"));
        if program.is_file() {
            return Some(program);
        }
        if here.is_empty() {
            return None;
        }
        here = parent(here);
    }
}

/// The compiler over one project.
struct Compiler<'a> {
    what: &'a str,
    dir: &'a str,
    program: PathBuf,
}

/// What the compiler found, and what that rests on.
struct Checked {
    errors: Vec<Error>,
    evidence: Vec<loki_model::Evidence>,
}

impl Compiler<'_> {
    /// Settings of the base judge; what is wrong only by them, and not by those of the change, can not
    /// be told. What was wrong before is a note.
    fn judge(&self, cx: &Cx<'_>) -> Part {
        let path = join(self.dir, SETTINGS);
        let before = cx.subject.repo.read_file(cx.subject.base, &path).ok().flatten();
        let now = fs::read(cx.copy.root().join(&path)).ok();
        let is_altered = before.is_some() && before != now;
        let judged = match before.filter(|_| is_altered) {
            Some(before) => match Settings::write(cx, self.dir, &before) {
                Ok(settings) => self.check(cx, &cx.bench(), &settings.name),
                Err(error) => {
                    Err(Box::new(Part::unclear(format!("{}: {error}", self.what), Vec::new())))
                }
            },
            None => self.check(cx, &cx.bench(), SETTINGS),
        };
        let Checked { errors, mut evidence } = match judged {
            Ok(checked) => checked,
            Err(part) => return *part,
        };
        let what = self.what;
        if errors.is_empty() {
            return Part::held(format!("{what}: ok"), evidence);
        }
        if is_altered {
            match self.check(cx, &cx.bench(), SETTINGS) {
                Ok(own) if own.errors.is_empty() => {
                    evidence.extend(own.evidence);
                    let count = errors.len();
                    let message =
                        format!("with the {SETTINGS} of the base there are {count} error(s)");
                    let place = Some(Location { path, line: None });
                    let altered =
                        finding("build/settings-altered", Severity::Warning, place, &*message, "");
                    let notes = found(&errors, Severity::Note);
                    return Part::unclear(
                        format!("{what}: {message}, with that of the change none"),
                        evidence,
                    )
                    .noting([altered])
                    .noting(notes);
                }
                Ok(own) => evidence.extend(own.evidence),
                Err(part) => return *part,
            }
        }
        let old = self.errors_before(cx);
        let (old, new): (Vec<Error>, Vec<Error>) = errors
            .into_iter()
            .partition(|error| old.contains(&(error.file.clone(), error.message.clone())));
        let notes = found(&old, Severity::Note);
        if new.is_empty() {
            return Part::held(format!("{what}: ok, but for what was wrong before"), evidence)
                .noting(notes);
        }
        let summary = format!("{what}: {} error(s)", new.len());
        Part::broken(summary, found(&new, Severity::Error), evidence).noting(notes)
    }

    /// Checks a project and those that it refers to.
    fn check(&self, cx: &Cx<'_>, bench: &Bench<'_>, settings: &str) -> Result<Checked, Box<Part>> {
        let mut checked = Checked { errors: Vec::new(), evidence: Vec::new() };
        for settings in self.projects(bench, settings) {
            let args = ["--noEmit", "--pretty", "false", "-p", settings.as_str()];
            let mut errors = Vec::new();
            let run = bench.run_lines(self.command(&args), &mut |line| {
                if errors.len() < ERRORS_MAX {
                    errors.extend(error(&String::from_utf8_lossy(line)));
                }
            });
            let ran = match run {
                Ok(ran) => ran,
                Err(error) => {
                    return Err(Box::new(Part::not_started(self.what, &error, NO_NODE_FIX)));
                }
            };
            for error in &mut errors {
                error.file = error.file.take().and_then(|file| cx.known(self.dir, &file));
            }
            if let Some(why) = unreadable(&ran, &errors) {
                let why = format!("{}: {why}", self.what);
                return Err(Box::new(Part::unclear(why, vec![ran.evidence()])));
            }
            checked.errors.extend(errors);
            checked.evidence.push(ran.evidence());
        }
        Ok(checked)
    }

    fn command(&self, args: &[&str]) -> Command {
        Command::new(&self.program, self.dir).args(args.iter().copied())
    }

    /// A settings file, and those that it refers to: many hold nothing else.
    fn projects(&self, bench: &Bench<'_>, settings: &str) -> Vec<String> {
        let mut projects = vec![settings.to_owned()];
        let path = bench.copy.join(self.dir).join(settings);
        let text = bench.read_results(&path, crate::gates::SOURCE_BYTES_MAX);
        if !text.is_some_and(|text| text.contains("\"references\"")) {
            return projects;
        }
        let Ok(ran) = bench.run(self.command(&["--showConfig", "-p", settings])) else {
            return projects;
        };
        let shown: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
        let references = shown.get("references").and_then(Value::as_array).into_iter().flatten();
        for reference in references.take(REFERENCES_MAX) {
            if let Some(path) = reference.get("path").and_then(Value::as_str) {
                let is_file = path.ends_with(".json");
                let path = path.trim_end_matches('/');
                projects.push(if is_file { path.to_owned() } else { format!("{path}/{SETTINGS}") });
            }
        }
        projects
    }

    /// What was wrong in the base, in a copy of it; nothing when that can not be told.
    fn errors_before(&self, cx: &Cx<'_>) -> BTreeSet<(Option<String>, String)> {
        let Ok(program) = self.program.strip_prefix(cx.copy.root()) else { return BTreeSet::new() };
        let checked = beside(cx, cx.subject.base, |base| {
            let compiler = Compiler { program: base.copy.root().join(program), ..*self };
            compiler.check(base, &base.bench(), SETTINGS).ok()
        });
        let errors = checked.ok().flatten().map(|checked| checked.errors).unwrap_or_default();
        errors.into_iter().map(|error| (error.file, error.message)).collect()
    }
}

/// Settings of the base beside those of the change, from which they may be at any distance. Removed
/// when this is dropped.
struct Settings {
    name: String,
    path: PathBuf,
}

impl Settings {
    fn write(cx: &Cx<'_>, dir: &str, text: &[u8]) -> std::io::Result<Settings> {
        let unique = cx.bench().results_file("json");
        let mut name = OsString::from("tsconfig.loki-");
        name.push(unique.file_name().unwrap_or_default());
        let path = cx.copy.root().join(dir).join(&name);
        fs::File::create_new(&path)?.write_all(text)?;
        Ok(Settings { name: name.to_string_lossy().into_owned(), path })
    }
}

impl Drop for Settings {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Why a run shows nothing, if so: it was ended, or what is wrong is not in the sources.
fn unreadable(ran: &Ran, errors: &[Error]) -> Option<String> {
    if let Some(how) = unfinished(ran.run.exit) {
        return Some(how);
    }
    let is_source = |error: &Error| {
        error.file.as_ref().is_some_and(|file| SOURCES.iter().any(|end| file.ends_with(end)))
    };
    let is_told = ran.is_ok() == errors.is_empty() && errors.iter().all(is_source);
    (!is_told).then(|| {
        let odd = errors.iter().find(|error| !is_source(error));
        let said = odd.map(|error| error.message.clone());
        let said = said.unwrap_or_else(|| crate::text::last_lines(&ran.text(), 1).to_owned());
        format!("it can not be checked: {}", crate::text::one_line(&said, 200))
    })
}

/// Reads `src/a.ts(1,14): error TS2322: …`, or the same without a place.
fn error(line: &str) -> Option<Error> {
    let (head, message) = match line.strip_prefix("error TS") {
        Some(_) => ("", line),
        None => {
            let at = line.find(": error TS")?;
            (&line[..at], &line[at + 2..])
        }
    };
    let message = crate::text::one_line(message, 500);
    let place = head.strip_suffix(')').and_then(|head| head.rsplit_once('('));
    let (file, line) = match place {
        Some((file, at)) => (Some(file.to_owned()), at.split(',').next()?.parse().ok()),
        None => (None, None),
    };
    Some(Error { file, line, message })
}

fn found(errors: &[Error], severity: Severity) -> Vec<Finding> {
    let found = errors.iter().take(FINDINGS_MAX).map(|error| {
        let place =
            error.file.as_ref().map(|path| Location { path: path.clone(), line: error.line });
        finding("build/type-error", severity, place, error.message.clone(), "")
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn errors_are_read_with_and_without_a_place() {
        let read = error("src/a(b).ts(1,14): error TS2322: Type 'x'.").unwrap();
        assert_eq!((read.file.as_deref(), read.line), (Some("src/a(b).ts"), Some(1)));
        assert_eq!(read.message, "error TS2322: Type 'x'.");
        assert_eq!(error("error TS18003: No inputs.").unwrap().file, None);
        assert_eq!(error("Found 1 error."), None);
    }

    #[test]
    fn a_file_belongs_to_the_innermost_project() {
        let dirs = ["".to_owned(), "a".to_owned(), "a/b".to_owned()];
        assert_eq!(nearest(&dirs, "a/b/c.ts"), Some("a/b"));
        assert_eq!(nearest(&dirs, "ab/c.ts"), Some(""));
    }

    proptest! {
        #[test]
        fn any_line_is_read_without_panic(line in "(: error TS|\\(|\\)|,|1|\\PC){0,20}") {
            let _ = error(&line);
        }
    }
}
