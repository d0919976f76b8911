//! Test commands whose only report is what they print.

use loki_model::{Exit, Severity};

use super::sealed::sealed;
use super::settle::{Ended, note};
use crate::bench::{Command, unfinished};
use crate::counts::lines::{Report, by_totals};
use crate::gates::part::Part;
use crate::gates::{Cx, NO_TESTS, finding};
use crate::missing::is_missing;
use crate::place::find;

/// Lines of output that show why a command failed.
const OUTPUT_LINES_SHOWN: usize = 40;

/// One command that prints how its tests ended.
pub(super) struct Printed<'a> {
    /// The command as people would type it.
    pub(super) called: &'a str,
    /// What helps when it can not be started.
    pub(super) fix: &'a str,
    /// Whether other runners have counted tests of the repository.
    pub(super) is_covered: bool,
    /// How its end is told.
    pub(super) ended: Ended<'a>,
}

impl Printed<'_> {
    /// Runs `command` and counts what it prints.
    ///
    /// Its exit code can fail, and pass only together with a test that it says has passed; beside the
    /// tests of other runners it counts as none. A program that is missing shows nothing.
    pub(super) fn run(&self, cx: &Cx<'_>, command: Command) -> Part {
        let Printed { called, fix, is_covered, ended } = self;
        let mut report = Report::default();
        let ran = match cx.bench().run_lines(command, &mut |line| report.line(line)) {
            Ok(ran) => ran,
            Err(error) => return Part::not_started(ended.what, &error, fix),
        };
        let mut tally = report.finish();
        if tally.counts == NO_TESTS
            && !is_covered
            && let Some(told) = by_totals(&ran.stderr)
        {
            tally = told;
        }
        let (exit, what, text) = (ran.run.exit, ended.what, ran.text());
        if tally.counts.failed > 0 || unfinished(exit).is_some() {
            return ended.settle(cx, ran, tally);
        }
        if ran.is_ok() && tally.counts.ran() + tally.counts.skipped > 0 {
            return ended.settle(cx, ran, tally);
        }
        let sealed = sealed(&ran);
        let evidence = vec![ran.evidence()];
        if exit == (Exit::Exited { code: 0 }) {
            let why = format!("{what} ran, but nothing that `{called}` printed can be counted");
            return if *is_covered {
                let counted = note("tests/not-counted", None, why);
                Part::held(format!("{what}: exited 0"), evidence).noting([counted])
            } else {
                Part::unclear(why, evidence)
            };
        }
        if is_missing(exit, &text) {
            let why = crate::text::one_line(crate::text::last_lines(&text, 1), 200);
            return Part::unclear(format!("{what}: `{called}` can not be run: {why}"), evidence);
        }
        if let Some(why) = sealed.filter(|_| tally.counts == NO_TESTS) {
            let part = Part::unclear(format!("{what} {exit}: {why}"), evidence);
            return Part { environment: true, ..part };
        }
        let place = find(&text, ended.which, &|path| cx.known(ended.dir, path));
        let detail = crate::text::last_lines(&text, OUTPUT_LINES_SHOWN);
        let message = format!("`{called}` {exit}");
        let found = finding("tests/failed", Severity::Error, place, message, detail);
        Part::broken(format!("{what} {exit}"), vec![found], evidence)
    }
}
