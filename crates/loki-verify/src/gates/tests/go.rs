//! `go test -json` of every module.

use super::settle::Ended;
use crate::counts::gotest::Run;
use crate::gates::Cx;
use crate::gates::limit::each;
use crate::gates::part::Part;
use crate::go::{NO_GO_FIX, absent, command};
use crate::layout::{is_nested, shown};
use crate::place::Which;

/// How Go says that a module holds no code.
const NO_PACKAGES: &str = "no packages to test";

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    let dirs = cx.layout.all_roots("go.mod");
    each(super::ID, "Go modules", &dirs, String::as_str, |dir| {
        vec![module(cx, dir).excused_idle(super::ID, is_nested(&dirs, dir))]
    })
}

fn module(cx: &Cx<'_>, dir: &str) -> Part {
    let what = format!("go test in {}", shown(dir));
    let mut run = Run::default();
    // Without the cache: a result of yesterday is no evidence about today's copy.
    let command = command(cx, dir).args(["test", "-json", "-count=1", "./..."]);
    let ran = match cx.bench().run_lines(command, &mut |line| run.line(line)) {
        Ok(ran) => ran,
        Err(error) => return Part::not_started(&what, &error, NO_GO_FIX),
    };
    if let Some(why) = absent(&ran.text()) {
        return Part::unclear(format!("{what}: {why}"), vec![ran.evidence()]);
    }
    if ran.stderr.contains(NO_PACKAGES) {
        let none = format!("no test was run: {what} found no package");
        return Part::idle(none, vec![ran.evidence()]);
    }
    let tally = run.finish(ran.run.exit);
    Ended { what: &what, dir, ids: "go:", which: Which::First }.settle(cx, ran, tally)
}
