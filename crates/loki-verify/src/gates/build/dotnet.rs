//! `dotnet build`, with packages of this machine alone.

use loki_model::Severity;

use super::{baseline, touches};
use crate::bench::unfinished;
use crate::dotnet::{NO_DOTNET_FIX, SOURCES, absent, command, dirs};
use crate::gates::limit::each;
use crate::gates::part::Part;
use crate::gates::{Cx, finding};
use crate::layout::shown;
use crate::place::{Which, find};

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    baseline::weighed(cx, look, baseline::lines)
}

fn look(cx: &Cx<'_>) -> Vec<Part> {
    let is_touched = touches(cx, SOURCES);
    let dirs = dirs(cx);
    each(super::ID, "projects of .NET", &dirs, String::as_str, |dir| {
        build(cx, dir, is_touched).into_iter().collect()
    })
}

/// Nothing for a project that can not be begun here and that the change does not touch.
fn build(cx: &Cx<'_>, dir: &str, is_touched: bool) -> Option<Part> {
    let what = format!("dotnet build in {}", shown(dir));
    let ran = match cx.bench().run(command(cx, dir, "build")) {
        Ok(ran) => ran,
        Err(error) => return is_touched.then(|| Part::not_started(&what, &error, NO_DOTNET_FIX)),
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
    let place = find(&text, Which::First, &|path| cx.known(dir, path));
    let detail = crate::text::last_lines(&text, 60);
    let found = finding("build/failed", Severity::Error, place, format!("{what} {exit}"), detail);
    Some(Part::broken(format!("{what} {exit}"), vec![found], evidence))
}
