//! `go build` of every module, with nothing written.

use loki_model::Severity;

use super::baseline;
use crate::bench::unfinished;
use crate::gates::limit::each;
use crate::gates::part::Part;
use crate::gates::{Cx, finding};
use crate::go::{NO_GO_FIX, absent, command};
use crate::layout::shown;
use crate::place::{Which, find};

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    baseline::weighed(cx, look, baseline::lines)
}

fn look(cx: &Cx<'_>) -> Vec<Part> {
    let dirs = cx.layout.all_roots("go.mod");
    each(super::ID, "Go modules", &dirs, String::as_str, |dir| vec![module(cx, dir)])
}

fn module(cx: &Cx<'_>, dir: &str) -> Part {
    let what = format!("go build in {}", shown(dir));
    let ran = match cx.bench().run(command(cx, dir).args(["build", "-o", "/dev/null", "./..."])) {
        Ok(ran) => ran,
        Err(error) => return Part::not_started(&what, &error, NO_GO_FIX),
    };
    let (exit, is_ok, text) = (ran.run.exit, ran.is_ok(), ran.text());
    let evidence = vec![ran.evidence()];
    if let Some(how) = unfinished(exit) {
        return Part::unclear(format!("{what} {how}"), evidence);
    }
    // A module may hold nothing but tests.
    if is_ok || text.contains("no non-test Go files") {
        return Part::held(format!("{what}: ok"), evidence);
    }
    if let Some(why) = absent(&text) {
        return super::lacking(cx, dir, &what, why, evidence);
    }
    let place = find(&text, Which::First, &|path| cx.known(dir, path));
    let message = first_error(&text).unwrap_or("it does not build");
    let found = finding("build/compile-error", Severity::Error, place, message, &text);
    Part::broken(format!("{what} {exit}"), vec![found], evidence)
}

/// The first line that is no headline of a package.
fn first_error(text: &str) -> Option<&str> {
    text.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty())
}
