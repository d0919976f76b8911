//! minitest, through a runner of loki's own: it has no machine format.

use std::fs;

use loki_host::process::find_on_path;

use super::{ABSENT, SPECS, TESTS};
use crate::bench::{Command, Ran, unfinished};
use crate::counts::Tally;
use crate::counts::minitest::{Report, read};
use crate::gates::Cx;
use crate::gates::limit::left_out;
use crate::gates::part::Part;
use crate::gates::tests::settle::{Ended, deselected, patched, rewritten};
use crate::layout::{join, parent, shown};
use crate::place::Which;

/// The runner.
const SCRIPT: &str = include_str!("minitest.rb");

/// Its exit code where minitest is not installed.
const EXIT_ABSENT: i32 = 97;

/// A report that is larger is not read.
const REPORT_BYTES_MAX: u64 = 256 << 20;

/// Files that are named one by one: a command line has an end.
const FILES_MAX: usize = 5_000;

/// What helps when there is no Ruby.
const NO_RUBY_FIX: &str = "install Ruby";

/// Words by which files show that they hold tests of minitest.
const WORDS: &[&str] = &["Minitest", "MiniTest", "minitest", "TestCase"];

/// Whether the test `files` of the project in `dir`, or what helps them, speak of minitest.
pub(super) fn is_meant(cx: &Cx<'_>, dir: &str, files: &[&str]) -> bool {
    let helpers = TESTS.iter().chain([&SPECS]).flat_map(|tests| {
        ["test_helper.rb", "helper.rb", "spec_helper.rb"].map(|name| join(&join(dir, tests), name))
    });
    let files = files.iter().map(|path| (*path).to_owned());
    let mut texts = files.chain(helpers).filter_map(|path| cx.read(&path));
    texts.any(|text| WORDS.iter().any(|word| text.contains(word)))
}

/// Runs the test `files` of the project in `dir`, in one process.
pub(super) fn run(cx: &Cx<'_>, dir: &str, files: &[&str]) -> Part {
    let what = format!("minitest in {}", shown(dir));
    let (named, rest) = files.split_at(files.len().min(FILES_MAX));
    let why = format!("more than {FILES_MAX} are not named to minitest");
    let part = run_files(cx, dir, &what, named);
    left_out(crate::gates::tests::ID, "Ruby test file(s)", rest, &why)
        .into_iter()
        .fold(part, Part::and)
}

fn run_files(cx: &Cx<'_>, dir: &str, what: &str, files: &[&str]) -> Part {
    let script = cx.bench().results_file("rb");
    if let Err(error) = fs::write(&script, SCRIPT) {
        return Part::unclear(format!("{what}: {error}"), Vec::new());
    }
    // What is locked may not be on this machine, while what is needed is.
    let bundled =
        cx.layout.has(&join(dir, "Gemfile.lock")) && find_on_path("bundle".as_ref()).is_some();
    let programs: &[&[&str]] =
        if bundled { &[&["bundle", "exec", "ruby"], &["ruby"]] } else { &[&["ruby"]] };
    let mut last = None;
    for program in programs {
        let results = cx.bench().results_file("jsonl");
        let by_hand = program.iter().copied().chain(["-I", "lib", "-I", "test", "-e"]);
        let by_hand = by_hand.chain(["ARGV.each { |file| require File.expand_path(file) }"]);
        let command = Command::new(program[0], dir)
            .by_hand(by_hand.chain(files.iter().map(|path| within(path, dir))))
            .args(&program[1..])
            .args(["-I", "lib", "-I", "test"])
            .args([script.as_os_str(), results.as_os_str()])
            .args(files.iter().map(|path| within(path, dir)))
            .env("BUNDLE_FROZEN", "1");
        let ran = match cx.bench().run(command) {
            Ok(ran) => ran,
            Err(error) => return Part::not_started(what, &error, NO_RUBY_FIX),
        };
        let report = cx.bench().read_results(&results, REPORT_BYTES_MAX);
        let is_absent = report.is_none() && ABSENT.iter().any(|sign| ran.stderr.contains(sign));
        last = Some((ran, report));
        if !is_absent {
            break;
        }
    }
    match last {
        Some((ran, report)) => concluded(cx, dir, what, ran, report.as_deref()),
        None => Part::unclear(format!("{what} was not run"), Vec::new()),
    }
}

/// A path from the project's own directory.
fn within<'a>(path: &'a str, dir: &str) -> &'a str {
    path.strip_prefix(dir).unwrap_or(path).trim_start_matches('/')
}

/// What a run shows, by its report.
fn concluded(cx: &Cx<'_>, dir: &str, what: &str, ran: Ran, report: Option<&str>) -> Part {
    let absent = |ran: Ran, library: &str| {
        let why = format!("{what}: `{library}` is not on this machine: run `bundle install`");
        Part::unclear(why, vec![ran.evidence()])
    };
    let Some(report) = report else {
        let is_gem = ABSENT.iter().any(|sign| ran.stderr.contains(sign));
        return match unfinished(ran.run.exit) {
            None if ran.exit_code() == Some(EXIT_ABSENT) => absent(ran, "minitest"),
            None if is_gem => absent(ran, "a library"),
            _ => {
                let doubt = Some("it ended without its report".to_owned());
                ended(what, dir).settle(cx, ran, Tally { doubt, ..Tally::default() })
            }
        };
    };
    let Report { tally, patched: replaced, rewritten: hidden, missing, has_failed } =
        read(report, &|path| cx.known(dir, path));
    if let Some(library) = missing.first()
        && !has_failed
        && missing.iter().all(|library| is_declared(cx, dir, library))
    {
        return absent(ran, library);
    }
    let told = hidden.iter().map(|test| {
        rewritten(&test.id, &test.raised, "was reported as passed", test.file.as_deref())
    });
    let left = usize::try_from(tally.deselected).unwrap_or(usize::MAX);
    let part = ended(what, dir).settle(cx, ran, tally);
    let part = part.noting(told.collect::<Vec<_>>()).noting(deselected(left));
    match patched(replaced, what) {
        Some(found) => part.and(found),
        None => part,
    }
}

fn ended<'a>(what: &'a str, dir: &'a str) -> Ended<'a> {
    Ended { what, dir, ids: "minitest:", which: Which::First }
}

/// Whether a project says that it needs a library, so that it is not a file of its own that is missing.
fn is_declared(cx: &Cx<'_>, dir: &str, library: &str) -> bool {
    let name = library.split('/').next().unwrap_or(library);
    let dashed = library.replace('/', "-");
    let in_dir = |path: &&str| parent(path) == dir;
    let lists = cx.layout.ending(dir, &["Gemfile", "Gemfile.lock", ".gemspec", "gems.rb"]);
    lists.filter(in_dir).filter_map(|path| cx.read(path)).any(|text| {
        [name, &dashed].iter().any(|name| {
            [format!("\"{name}\""), format!("'{name}'"), format!(" {name} (")]
                .iter()
                .any(|word| text.contains(word.as_str()))
        })
    })
}
