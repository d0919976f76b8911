//! The syntax of changed files, one by one, by programs that read them and do not run them: shells,
//! gofmt, Ruby, PHP.

use loki_host::process::find_on_path;
use loki_model::{Finding, Location, Severity};

use super::FINDINGS_MAX;
use crate::bench::{Command, Ran, unfinished};
use crate::gates::limit::left_out;
use crate::gates::part::Part;
use crate::gates::tests::shell::interpreter;
use crate::gates::{Cx, finding};
use crate::layout::{file_name, is_data};
use crate::place::{Which, find};

/// Files of one language that are parsed; each is one process.
const FILES_MAX: usize = 500;

/// A program, and its arguments before the file.
type Parser = (&'static str, &'static [&'static str]);

/// A language, and what parses one file of it.
struct Language {
    name: &'static str,
    endings: &'static [&'static str],
    /// Programs that the first line of a file without an ending asks for.
    programs: &'static [&'static str],
    /// What parses a file of this text; nothing for one that nothing here parses.
    parser: fn(&str) -> Option<Parser>,
    /// Whether a file must parse when the program is not there.
    is_wanted: bool,
    fix: &'static str,
}

const LANGUAGES: &[Language] = &[
    Language {
        name: "shell",
        endings: &[".sh", ".bash"],
        programs: &["sh", "bash", "dash"],
        parser: shell,
        is_wanted: true,
        fix: "install bash",
    },
    Language {
        name: "Go",
        endings: &[".go"],
        programs: &[],
        parser: |_| Some(("gofmt", &["-l", "-e"])),
        // A module without Go is told by its build.
        is_wanted: false,
        fix: "install Go from https://go.dev/dl",
    },
    Language {
        name: "Ruby",
        endings: &[".rb"],
        programs: &["ruby"],
        parser: |_| Some(("ruby", &["-c"])),
        is_wanted: true,
        fix: "install Ruby",
    },
    Language {
        name: "PHP",
        endings: &[".php"],
        programs: &["php"],
        parser: |_| Some(("php", &["-l"])),
        is_wanted: true,
        fix: "install PHP",
    },
];

/// The shell that parses a script. What asks for `sh` may use what other shells know, since `sh` is
/// another one on each system: bash takes the most.
fn shell(text: &str) -> Option<Parser> {
    match interpreter(text).to_str() {
        Some("sh" | "bash" | "dash") => Some(("bash", &["-n"])),
        _ => None,
    }
}

/// One file that does not parse.
struct Bad {
    path: String,
    line: Option<u32>,
    why: String,
}

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    LANGUAGES.iter().filter_map(|language| language.judge(cx)).collect()
}

impl Language {
    fn judge(&self, cx: &Cx<'_>) -> Option<Part> {
        let is_run_by = |program: &str| self.programs.contains(&program);
        let files: Vec<&str> = cx.changed_or_run_by(self.endings, &is_run_by).collect();
        let (large, files): (Vec<&str>, Vec<&str>) =
            files.into_iter().partition(|path| cx.is_too_large(path));
        let (files, rest) = files.split_at(files.len().min(FILES_MAX));
        let kind = format!("changed {} file(s)", self.name);
        let left = left_out(
            super::ID,
            &kind,
            &[large.as_slice(), rest].concat(),
            "too large or too many to be parsed",
        );
        self.parse(cx, files).into_iter().chain(left).reduce(Part::and)
    }

    fn parse(&self, cx: &Cx<'_>, files: &[&str]) -> Option<Part> {
        let mut evidence = Vec::new();
        let (mut guilty, mut excused) = (Vec::new(), Vec::new());
        for path in files {
            let Some((program, args)) = (self.parser)(&cx.read(path).unwrap_or_default()) else {
                continue;
            };
            let what = format!("syntax of {} {} file(s)", files.len(), self.name);
            if find_on_path(program.as_ref()).is_none() {
                let why = format!("{what}: `{program}` was not found: {}", self.fix);
                return self.is_wanted.then(|| Part::unclear(why, evidence));
            }
            let ran = match ask(cx, program, args, path) {
                Ok(ran) => ran,
                Err(error) => return Some(Part::not_started(&what, &error, self.fix)),
            };
            if let Some(how) = unfinished(ran.run.exit) {
                return Some(Part::unclear(format!("{what} {how}"), vec![ran.evidence()]));
            }
            if !ran.is_ok() {
                let bad = bad(cx, path, &ran);
                let is_excused = is_data(path) || was_bad_before(cx, program, args, path);
                if is_excused { excused.push(bad) } else { guilty.push(bad) }
            }
            // One of many tells how it was done.
            if evidence.is_empty() || !ran.is_ok() {
                evidence.push(ran.evidence());
            }
        }
        if evidence.is_empty() {
            return None;
        }
        let notes = found(&excused, Severity::Note);
        Some(if guilty.is_empty() {
            let what = format!("syntax of {} {} file(s): ok", files.len(), self.name);
            Part::held(what, evidence).noting(notes)
        } else {
            let summary = format!("{} {} file(s) do not parse", guilty.len(), self.name);
            Part::broken(summary, found(&guilty, Severity::Error), evidence).noting(notes)
        })
    }
}

fn ask(
    cx: &Cx<'_>,
    program: &str,
    args: &[&str],
    path: &str,
) -> Result<Ran, loki_host::process::SpawnError> {
    // A name that begins with a sign is no option.
    let path = if path.starts_with('/') { path.to_owned() } else { format!("./{path}") };
    cx.bench().run(Command::new(program, "").args(args.iter().copied()).args([path]))
}

fn bad(cx: &Cx<'_>, path: &str, ran: &Ran) -> Bad {
    let text = ran.text();
    let place = find(&text, Which::First, &|found| cx.known("", found));
    let line = place.filter(|place| place.path == path).and_then(|place| place.line);
    let line = line.or_else(|| line_of(&text, path));
    // Interpreters tell the place before what is wrong.
    let errors = ran.stderr.lines().chain(ran.stdout.lines());
    let said = errors.map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    Bad { path: path.to_owned(), line, why: crate::text::one_line(said, 200) }
}

/// The line that is told after a path without an ending, which is not seen as one elsewhere:
/// `./a: line 3: …`, `./a:3: …`.
fn line_of(text: &str, path: &str) -> Option<u32> {
    let (_, rest) = text.split_once(&format!("{path}:"))?;
    let rest = rest.trim_start().trim_start_matches("line ");
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn was_bad_before(cx: &Cx<'_>, program: &str, args: &[&str], path: &str) -> bool {
    let Ok(Some(bytes)) = cx.subject.repo.read_file(cx.subject.base, path) else { return false };
    let ending = file_name(path).rsplit('.').next().unwrap_or_default();
    let file = cx.bench().results_file(ending);
    std::fs::write(&file, bytes).is_ok()
        && ask(cx, program, args, &file.to_string_lossy()).is_ok_and(|ran| !ran.is_ok())
}

fn found(bad: &[Bad], severity: Severity) -> Vec<Finding> {
    let found = bad.iter().take(FINDINGS_MAX).map(|bad| {
        let place = Location { path: bad.path.clone(), line: bad.line };
        let message = format!("does not parse: {}", bad.why);
        finding("build/syntax", severity, Some(place), message, "")
    });
    found.collect()
}
