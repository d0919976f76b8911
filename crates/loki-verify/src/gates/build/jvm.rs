//! Maven and Gradle: main and test classes, offline.

use loki_model::Severity;

use super::{baseline, touches};
use crate::bench::unfinished;
use crate::gates::limit::each;
use crate::gates::part::Part;
use crate::gates::{Cx, finding};
use crate::jvm::{Build, SOURCES, Tool, absent, builds};
use crate::layout::shown;
use crate::place::{Which, find};

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    baseline::weighed(cx, look, baseline::lines)
}

fn look(cx: &Cx<'_>) -> Vec<Part> {
    let builds = builds(cx);
    let is_touched = touches(cx, SOURCES);
    each(
        super::ID,
        "builds of the JVM",
        &builds,
        |build| &build.dir,
        |build| compile(cx, build, is_touched).into_iter().collect(),
    )
}

/// Nothing for a build that can not be begun here and that the change does not touch.
fn compile(cx: &Cx<'_>, build: &Build, is_touched: bool) -> Option<Part> {
    let goal = if build.tool == Tool::Maven { "test-compile" } else { "testClasses" };
    let what = format!("{} {goal} in {}", build.called(), shown(&build.dir));
    let ran = match cx.bench().run(build.command(cx, goal)) {
        Ok(ran) => ran,
        Err(error) => return is_touched.then(|| Part::not_started(&what, &error, build.fix())),
    };
    let (exit, is_ok, text, missing) = (ran.run.exit, ran.is_ok(), ran.text(), absent(&ran));
    let evidence = vec![ran.evidence()];
    if let Some(how) = unfinished(exit) {
        return Some(Part::unclear(format!("{what} {how}"), evidence));
    }
    if is_ok {
        return Some(Part::held(format!("{what}: ok"), evidence));
    }
    if let Some(why) = missing {
        return is_touched.then(|| Part::unclear(format!("{what}: {why}"), evidence));
    }
    let place = find(&text, Which::First, &|path| cx.known(&build.dir, path));
    let detail = crate::text::last_lines(&text, 60);
    let found = finding("build/failed", Severity::Error, place, format!("{what} {exit}"), detail);
    Some(Part::broken(format!("{what} {exit}"), vec![found], evidence))
}
