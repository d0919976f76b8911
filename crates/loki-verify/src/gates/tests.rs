//! Requires that tests ran, were counted by a runner that loki itself started, and none failed.

use loki_model::{Finding, GateReport, Judgement, TestCounts};

use super::described::{Described, Runs};
use super::part::{Part, fold};
use super::{Cx, NO_TESTS};

mod baseline;
mod cargo;
mod declared;
mod dotnet;
mod go;
#[cfg(test)]
mod ids;
mod jvm;
mod make;
mod node;
mod php;
mod printed;
mod python;
mod reported;
mod reports;
mod ruby;
mod sealed;
mod settle;
pub(crate) mod shell;
mod unloaded;
mod words;

/// This gate's name.
pub(crate) const ID: &str = "tests";

/// What there is to say about it.
pub(crate) const GATE: Described = Described {
    id: ID,
    must_hold: "every test suite of the repository passes, and at least one test ran",
    why: "\"All tests pass\" is the claim that agents most often get wrong. An exit code proves \
          little: zero tests also exit with zero, and so does a script that swallows failures.",
    evidence: "One command for each runner, with what it counted in its machine format, written \
          outside of the copy.",
    cannot_tell: "Whether the tests would notice a mistake, and whether code under test forges its \
          runner's report in full.",
    runs: Runs::Everything,
    rules: reported::RULES,
    judge,
};

/// What is looked for, in the words of the report.
const LOOKED_FOR: &str = "cargo, go, test scripts of package.json, `node --test`, pytest, unittest, Maven, Gradle, dotnet, \
     rspec, minitest, phpunit, bats, test targets of make and just, and test scripts of the shell were looked for";

/// Files that make a directory a project with tests of its own.
const MANIFESTS: &[&str] =
    &["Cargo.toml", "go.mod", "package.json", "pom.xml", "build.gradle", "composer.json"];

/// Runs the tests of every project in the repository.
pub(crate) fn judge(cx: &Cx<'_>) -> GateReport {
    let suites = cx.suites();
    let without = cx.copy.without();
    let mut report = summed(suites.parts.clone(), cx.config.tests.is_some(), &without);
    if report.judgement() == Judgement::Fail {
        report = baseline::weighed(cx, suites, report);
    }
    match &cx.config.tests {
        Some(_) => report,
        None => report.noting(passed_over(cx).into_iter().collect()),
    }
}

/// Runs every suite of the copy in `cx` and tells of each, in an order that only the repository and
/// the settings decide. No part has counted anything where no suite was found.
pub(crate) fn run_suites(cx: &Cx<'_>) -> Vec<Part> {
    match &cx.config.tests {
        Some(commands) => {
            let ran = commands.iter().map(|command| declared::run(cx, command));
            ran.chain(undeclared(cx.config.tests_left_out)).collect()
        }
        None => {
            let runners: [fn(&Cx<'_>) -> Vec<Part>; 9] = [
                python::judge,
                node::judge,
                go::judge,
                cargo::judge,
                jvm::judge,
                dotnet::judge,
                ruby::judge,
                php::judge,
                shell::bats,
            ];
            let mut parts: Vec<Part> = runners.iter().flat_map(|runner| runner(cx)).collect();
            // What no runner knows comes last: whether it has to count depends on the others.
            let targets = make::judge(cx, !parts.is_empty());
            let is_driven = !targets.is_empty();
            let scripts = if is_driven { Vec::new() } else { shell::judge(cx, !parts.is_empty()) };
            parts.extend(targets);
            parts.extend(scripts);
            parts
        }
    }
}

/// Runs the suites that could notice a change of the file at `path`: those of its language, as far as
/// loki knows a runner for it.
pub(crate) fn run_suites_for(cx: &Cx<'_>, path: &str) -> Vec<Part> {
    let own = match cx.config.tests {
        Some(_) => None,
        None if path.ends_with(".rb") => Some(ruby::judge(cx)),
        None => run_suites_of(cx, path),
    };
    own.filter(|parts| !parts.is_empty()).unwrap_or_else(|| run_suites(cx))
}

/// Runs the suites of the file's language, of which only those tests that are near where `cx` says so; nothing
/// where no runner of it can be told that.
pub(crate) fn run_suites_of(cx: &Cx<'_>, path: &str) -> Option<Vec<Part>> {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    Some(match ending {
        _ if cx.config.tests.is_some() => return None,
        "py" => python::judge(cx),
        "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" => node::judge(cx),
        "go" => go::judge(cx),
        "rs" => cargo::judge(cx),
        _ => return None,
    })
}

/// Declared commands that can not be run.
fn undeclared(count: usize) -> Option<Part> {
    let why = format!("{count} declared test command(s) can not be run, see `config/ignored`");
    (count > 0).then(|| Part::unclear(why, Vec::new()))
}

/// Projects whose tests are not run, since they are data for tests or belong to somebody else.
fn passed_over(cx: &Cx<'_>) -> Option<Finding> {
    let mut manifests = cx.layout.passed_over(MANIFESTS);
    let first = manifests.next()?;
    let message = format!(
        "{} project(s) in directories of test data or of others' code are not looked at, the first \
         is `{first}`",
        1 + manifests.count()
    );
    Some(settle::note("tests/passed-over", Some(first), message))
}

/// Folds the parts; the totals of all runners head the summary.
fn summed(mut parts: Vec<Part>, declared: bool, without: &str) -> GateReport {
    if parts.is_empty() {
        let why = if declared { "the settings declare none" } else { LOOKED_FOR };
        parts.push(Part::unclear(format!("no test was run: {why}"), Vec::new()));
    }
    let counts: TestCounts = parts.iter().fold(NO_TESTS, |sum, part| sum.plus(part.counts));
    let heading =
        if counts == NO_TESTS { without.to_owned() } else { format!("{without}{counts}: ") };
    fold(ID, &heading, parts)
}
