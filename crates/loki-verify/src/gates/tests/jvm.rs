//! Maven and Gradle, with the JUnit reports that they leave.

use std::collections::BTreeMap;

use loki_model::Severity;

use super::reports::Reports;
use super::settle::Ended;
use crate::bench::unfinished;
use crate::counts::Tally;
use crate::counts::junit::{Dialect, Named, read};
use crate::gates::limit::each;
use crate::gates::part::Part;
use crate::gates::{Cx, finding};
use crate::jvm::{Build, Tool, absent, builds, is_uncompiled};
use crate::layout::{file_name, join, shown};
use crate::place::{Which, find};

/// Endings of files that hold classes.
const CLASSES: &[&str] = &[".java", ".kt", ".groovy", ".scala"];

/// Tasks of Gradle that leave reports, as directories under `build/test-results`.
const GRADLE_TASKS: &[&str] = &["test", "testDebugUnitTest", "testReleaseUnitTest", "jvmTest"];

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    let builds = builds(cx);
    each(super::ID, "builds of the JVM", &builds, |build| &build.dir, |build| vec![test(cx, build)])
}

fn test(cx: &Cx<'_>, build: &Build) -> Part {
    let what = format!("{} test in {}", build.called(), shown(&build.dir));
    let reports = match Reports::cleared(cx, report_dirs(build), ".xml") {
        Ok(reports) => reports,
        Err(why) => return Part::unclear(format!("{what}: {why}"), Vec::new()),
    };
    let ran = match cx.bench().run(build.command(cx, "test")) {
        Ok(ran) => ran,
        Err(error) => return Part::not_started(&what, &error, build.fix()),
    };
    let classes = Classes::of(cx);
    let tally = reports.read(cx, &|xml| read(xml, &classes).0);
    let has_failed = tally.as_ref().is_some_and(|tally| tally.counts.failed > 0);
    let why = if has_failed || unfinished(ran.run.exit).is_some() { None } else { absent(&ran) };
    if let Some(why) = why {
        return Part::unclear(format!("{what}: {why}"), vec![ran.evidence()]);
    }
    let ended = Ended {
        what: &what,
        dir: &build.dir,
        ids: if build.tool == Tool::Maven { "maven:" } else { "gradle:" },
        which: Which::First,
    };
    if let Some(tally) = tally {
        return ended.settle(cx, ran, tally);
    }
    let text = ran.text();
    if !ran.is_ok() && is_uncompiled(&text) {
        let place = find(&text, Which::First, &|path| cx.known(&build.dir, path));
        let detail = crate::text::last_lines(&text, 60);
        let message = "the tests do not build";
        let found = finding("tests/not-built", Severity::Error, place, message, detail);
        return Part::broken(format!("{what}: {message}"), vec![found], vec![ran.evidence()]);
    }
    ended.settle(cx, ran, Tally::default())
}

/// Where the tool leaves reports, from the root of the repository.
fn report_dirs(build: &Build) -> impl Iterator<Item = String> {
    build.modules.iter().flat_map(|module| {
        let dirs: Vec<String> = match build.tool {
            Tool::Maven => vec!["target/surefire-reports".to_owned()],
            Tool::Gradle => {
                GRADLE_TASKS.iter().map(|task| format!("build/test-results/{task}")).collect()
            }
        };
        dirs.into_iter().map(|dir| join(module, &dir))
    })
}

/// The files of classes, by the name of the file without its ending.
struct Classes<'a>(BTreeMap<&'a str, Vec<&'a str>>);

impl<'a> Classes<'a> {
    fn of(cx: &'a Cx<'_>) -> Classes<'a> {
        let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for path in cx.layout.ending("", CLASSES) {
            let name = file_name(path);
            let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
            files.entry(stem).or_default().push(path);
        }
        Classes(files)
    }

    /// The only file that can hold a class: its directories end in those of its package.
    fn file(&self, class: &str) -> Option<&'a str> {
        let class = class.split('$').next().unwrap_or_default();
        let (package, name) = class.rsplit_once('.').unwrap_or(("", class));
        let dirs = package.replace('.', "/");
        let mut fitting = self.0.get(name)?.iter().filter(|path| {
            let dir = crate::layout::parent(path);
            dirs.is_empty() || dir == dirs || dir.ends_with(&format!("/{dirs}"))
        });
        fitting.next().filter(|_| fitting.next().is_none()).copied()
    }
}

impl Dialect for Classes<'_> {
    fn case(&self, named: &Named<'_>) -> (String, Option<String>) {
        (format!("{}.{}", named.class, named.name), self.file(named.class).map(str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_class_is_found_when_there_is_but_one() {
        let paths = ["a/src/test/java/x/y/T.java", "b/src/test/java/x/T.java", "c/x/T.java"];
        let classes = Classes(BTreeMap::from([("T", paths.to_vec())]));
        assert_eq!(classes.file("x.y.T$Inner"), Some(paths[0]));
        assert_eq!(classes.file("x.T"), None);
        assert_eq!(classes.file("z.U"), None);
    }
}
