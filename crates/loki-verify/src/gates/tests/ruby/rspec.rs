//! rspec, with its JSON report.

use super::{ABSENT, SPECS};
use crate::bench::{Command, unfinished};
use crate::counts::Tally;
use crate::counts::junit::FILE_BYTES_MAX;
use crate::counts::rspec::read;
use crate::gates::Cx;
use crate::gates::part::Part;
use crate::gates::tests::settle::Ended;
use crate::layout::{join, shown};
use crate::place::Which;

/// What helps when there is no rspec.
const NO_RSPEC_FIX: &str = "install Ruby and run `bundle install`";

/// Runs rspec over the project in `dir`.
pub(super) fn run(cx: &Cx<'_>, dir: &str) -> Part {
    let what = format!("rspec in {}", shown(dir));
    let results = cx.bench().results_file("json");
    let is_bundled = cx.layout.has(&join(dir, "Gemfile"));
    let command = if is_bundled {
        Command::new("bundle", dir).args(["exec", "rspec"])
    } else {
        Command::new("rspec", dir)
    };
    let command = command
        .args(["--format", "json", "--out"])
        .args([results.as_os_str()])
        .args([SPECS])
        .env("BUNDLE_FROZEN", "1");
    let ran = match cx.bench().run(command) {
        Ok(ran) => ran,
        Err(error) => return Part::not_started(&what, &error, NO_RSPEC_FIX),
    };
    let report = cx.bench().read_results(&results, FILE_BYTES_MAX).filter(|text| !text.is_empty());
    if report.is_none()
        && unfinished(ran.run.exit).is_none()
        && ABSENT.iter().any(|sign| ran.stderr.contains(sign))
    {
        let why = format!("{what}: a library is not on this machine: run `bundle install`");
        return Part::unclear(why, vec![ran.evidence()]);
    }
    let tally = match report {
        Some(report) => read(&report, &|path| cx.known(dir, path)),
        None => Tally { doubt: Some("it ended without its report".to_owned()), ..Tally::default() },
    };
    Ended { what: &what, dir, ids: "rspec:", which: Which::First }.settle(cx, ran, tally)
}
