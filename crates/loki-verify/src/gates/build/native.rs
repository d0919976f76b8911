//! C and C++: the default target of a makefile that compiles, or CMake in a directory of results.

use loki_model::Severity;

use super::{baseline, touches};
use crate::bench::{Command, Ran, unfinished};
use crate::gates::part::Part;
use crate::gates::{Cx, finding};
use crate::layout::{is_data, shown};
use crate::place::{Which, find};

/// Endings of files that are compiled.
const SOURCES: &[&str] = &[
    ".c",
    ".cc",
    ".cpp",
    ".cxx",
    ".h",
    ".hh",
    ".hpp",
    "Makefile",
    "makefile",
    "CMakeLists.txt",
    ".cmake",
];

/// Words by which a line of a makefile compiles.
const COMPILERS: &[&str] = &[
    "$(CC)",
    "${CC}",
    "$(CXX)",
    "${CXX}",
    "$(LINK.c)",
    "$(LINK.cc)",
    "gcc",
    "g++",
    "clang",
    "clang++",
    "cc",
    "c++",
];

/// How make and CMake say that something is not on this machine.
const ABSENT: &[&str] = &[
    "Could NOT find",
    "Could not find a package",
    "Could not find a configuration file",
    "No CMAKE_C_COMPILER",
    "No CMAKE_CXX_COMPILER",
    "CMAKE_C_COMPILER not set",
    "FETCHCONTENT",
    "Error 127",
    "No such file or directory: cc",
];

/// What builds a repository of C or C++.
enum Tool {
    Make,
    CMake,
}

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    baseline::weighed(cx, look, baseline::lines)
}

fn look(cx: &Cx<'_>) -> Vec<Part> {
    let is_touched = touches(cx, SOURCES);
    let part = match tool(cx) {
        Some(Tool::Make) => make(cx, is_touched),
        Some(Tool::CMake) => cmake(cx, is_touched),
        None => None,
    };
    part.into_iter().collect()
}

/// Whether the repository is built in the copy.
pub(super) fn builds(cx: &Cx<'_>) -> bool {
    tool(cx).is_some()
}

fn tool(cx: &Cx<'_>) -> Option<Tool> {
    let mut compiled = cx.layout.ending("", &[".c", ".cc", ".cpp", ".cxx"]);
    if !compiled.any(|path| !is_data(path)) {
        return None;
    }
    if cx.layout.has("CMakeLists.txt") {
        return Some(Tool::CMake);
    }
    let makefile =
        ["GNUmakefile", "makefile", "Makefile"].into_iter().find(|at| cx.layout.has(at))?;
    compiles(&cx.read(makefile)?).then_some(Tool::Make)
}

/// Whether a recipe of a makefile calls a compiler, or one of the rules that make has by itself does.
fn compiles(makefile: &str) -> bool {
    makefile.lines().any(|line| match line.strip_prefix('\t') {
        Some(recipe) => {
            let mut words = recipe.trim_start_matches(['@', '-', '+', ' ']).split_whitespace();
            words.next().is_some_and(|first| COMPILERS.contains(&first))
        }
        None => {
            let is_object = |word: &str| word.trim_end_matches(':').ends_with(".o");
            !line.starts_with('#') && line.contains(':') && line.split_whitespace().any(is_object)
        }
    })
}

fn make(cx: &Cx<'_>, is_touched: bool) -> Option<Part> {
    let what = format!("make in {}", shown(""));
    let ran = match cx.bench().run(Command::new("make", "")) {
        Ok(ran) => ran,
        Err(error) => return is_touched.then(|| Part::not_started(&what, &error, "install make")),
    };
    concluded(cx, &what, vec![ran], is_touched)
}

fn cmake(cx: &Cx<'_>, is_touched: bool) -> Option<Part> {
    let what = format!("cmake in {}", shown(""));
    let build = cx.bench().results_file("cmake");
    let configure = Command::new("cmake", "")
        .args(["-S", ".", "-DFETCHCONTENT_FULLY_DISCONNECTED=ON", "-B"])
        .args([build.as_os_str()]);
    let fix = "install CMake from https://cmake.org";
    let configured = match cx.bench().run(configure) {
        Ok(ran) => ran,
        Err(error) => return is_touched.then(|| Part::not_started(&what, &error, fix)),
    };
    if !configured.is_ok() {
        return concluded(cx, &what, vec![configured], is_touched);
    }
    let args = [std::ffi::OsStr::new("--build"), build.as_os_str()];
    match cx.bench().run(Command::new("cmake", "").args(args)) {
        Ok(built) => concluded(cx, &what, vec![configured, built], is_touched),
        Err(error) => Some(Part::not_started(&what, &error, fix)),
    }
}

/// What commands show of which the last one decides. Nothing for a build that can not be begun here
/// and that the change does not touch.
fn concluded(cx: &Cx<'_>, what: &str, ran: Vec<Ran>, is_touched: bool) -> Option<Part> {
    let last = ran.last()?;
    let (exit, is_ok, text) = (last.run.exit, last.is_ok(), last.text());
    let evidence = ran.into_iter().map(Ran::evidence).collect();
    if let Some(how) = unfinished(exit) {
        return Some(Part::unclear(format!("{what} {how}"), evidence));
    }
    if is_ok {
        return Some(Part::held(format!("{what}: ok"), evidence));
    }
    if ABSENT.iter().any(|sign| text.contains(sign)) {
        let why = format!("{what}: something that it needs is not on this machine");
        return is_touched.then(|| Part::unclear(why, evidence));
    }
    let place = find(&text, Which::First, &|path| cx.known("", path));
    let detail = crate::text::last_lines(&text, 60);
    let found = finding("build/failed", Severity::Error, place, format!("{what} {exit}"), detail);
    Some(Part::broken(format!("{what} {exit}"), vec![found], evidence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_makefile_that_compiles_is_told_from_one_of_chores() {
        for text in ["a: a.c\n\t$(CC) -o a a.c\n", "a: a.o b.o\n", "a:\n\t@gcc a.c\n", "%.o: %.c\n"]
        {
            assert!(compiles(text), "{text}");
        }
        for text in
            ["test:\n\tsh tests/run.sh\n", "docs:\n\tccache -C\n", "# a: a.o\n", "CFLAGS = -O\n"]
        {
            assert!(!compiles(text), "{text}");
        }
    }
}
