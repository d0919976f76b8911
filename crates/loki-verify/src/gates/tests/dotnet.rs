//! `dotnet test`, with the result files of its test platform.

use loki_model::Severity;

use super::reports::Reports;
use super::settle::Ended;
use crate::bench::unfinished;
use crate::counts::Tally;
use crate::counts::trx::read;
use crate::dotnet::{NO_DOTNET_FIX, absent, command, dirs};
use crate::gates::limit::each;
use crate::gates::part::Part;
use crate::gates::{Cx, finding};
use crate::layout::shown;
use crate::place::{Which, find};

pub(super) fn judge(cx: &Cx<'_>) -> Vec<Part> {
    let dirs = dirs(cx);
    each(super::ID, "projects of .NET", &dirs, String::as_str, |dir| vec![test(cx, dir)])
}

fn test(cx: &Cx<'_>, dir: &str) -> Part {
    let what = format!("dotnet test in {}", shown(dir));
    let results = cx.bench().results_file("trx");
    let reports = Reports::outside(results.clone(), ".trx");
    let command = command(cx, dir, "test").args(["--logger", "trx", "--results-directory"]);
    let ran = match cx.bench().run(command.args([results])) {
        Ok(ran) => ran,
        Err(error) => return Part::not_started(&what, &error, NO_DOTNET_FIX),
    };
    let ended = Ended { what: &what, dir, ids: "dotnet:", which: Which::First };
    if let Some(tally) = reports.read(cx, &read) {
        return ended.settle(cx, ran, tally);
    }
    if let Some(why) = unfinished(ran.run.exit).is_none().then(|| absent(&ran)).flatten() {
        return Part::unclear(format!("{what}: {why}"), vec![ran.evidence()]);
    }
    let text = ran.text();
    if !ran.is_ok() && text.contains(": error ") {
        let place = find(&text, Which::First, &|path| cx.known(dir, path));
        let detail = crate::text::last_lines(&text, 60);
        let message = "the tests do not build";
        let found = finding("tests/not-built", Severity::Error, place, message, detail);
        return Part::broken(format!("{what}: {message}"), vec![found], vec![ran.evidence()]);
    }
    ended.settle(cx, ran, Tally::default())
}
