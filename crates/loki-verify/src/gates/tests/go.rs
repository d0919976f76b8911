//! `go test -json` of every module.

use super::settle::Ended;
use crate::counts::gotest::Run;
use crate::gates::Cx;
use crate::gates::part::Part;
use crate::go::{NO_GO_FIX, absent, command};
use crate::layout::{PROJECTS_MAX, shown};
use crate::place::Which;

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    cx.layout.roots("go.mod").iter().take(PROJECTS_MAX).map(|dir| module(cx, dir)).collect()
}

fn module(cx: &Cx<'_>, dir: &str) -> Part {
    let what = format!("go test in {}", shown(dir));
    let mut run = Run::default();
    // Without the cache: a result of yesterday is no evidence about today's copy.
    let command = command(dir).args(["test", "-json", "-count=1", "./..."]);
    let ran = match cx.bench().run_lines(command, &mut |line| run.line(line)) {
        Ok(ran) => ran,
        Err(error) => return Part::not_started(&what, &error, NO_GO_FIX),
    };
    if let Some(why) = absent(&ran.text()) {
        return Part::unclear(format!("{what}: {why}"), vec![ran.evidence()]);
    }
    let tally = run.finish(ran.run.exit);
    Ended { what: &what, dir, which: Which::First }.settle(cx, ran, tally)
}
