//! `go test -json` of every module.

use super::settle::Ended;
use crate::counts::gotest::Run;
use crate::gates::Cx;
use crate::gates::limit::each;
use crate::gates::part::Part;
use crate::go::{NO_GO_FIX, absent, command};
use crate::layout::{is_nested, is_under, join, shown};
use crate::place::Which;

/// How Go says that a module holds no code.
const NO_PACKAGES: &str = "no packages to test";

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    let dirs = cx.layout.all_roots("go.mod");
    let all = dirs.iter().map(|dir| (dir, packages(cx, &dirs, dir)));
    let meant: Vec<(&String, Vec<String>)> =
        all.filter(|(_, packages)| !packages.is_empty()).collect();
    let judge = |(dir, packages): &(&String, Vec<String>)| {
        vec![module(cx, dir, packages).excused_idle(super::ID, is_nested(&dirs, dir))]
    };
    each(super::ID, "Go modules", &meant, |(dir, _)| dir, judge)
}

/// What of a module is tested, as arguments: all of it, or the packages that are near.
fn packages(cx: &Cx<'_>, modules: &[String], dir: &str) -> Vec<String> {
    let Some(near) = cx.near else { return vec!["./...".to_owned()] };
    // A module within this one has its own.
    let in_own = |package: &&str| {
        let package = join(dir, package);
        let holds = |module: &String| package == *module || is_under(&package, module);
        !modules.iter().any(|module| module.len() > dir.len() && holds(module))
    };
    let dirs = near.dirs_in(dir, ".go").into_iter().filter(in_own);
    dirs.map(|package| format!("./{package}")).collect()
}

fn module(cx: &Cx<'_>, dir: &str, packages: &[String]) -> Part {
    let what = format!("go test in {}", shown(dir));
    let mut run = Run::default();
    // Without the cache: a result of yesterday is no evidence about today's copy.
    let command =
        command(cx, dir).args(["test", "-json", "-count=1"]).args(packages.iter().cloned());
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
