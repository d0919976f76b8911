//! Which sets of tests of node a repository has.

use super::script::{Plan, delegates, plan};
use super::{How, Suite};
use crate::gates::Cx;
use crate::gates::tests::settle::is_node_test_name;
use crate::layout::{is_data, is_under, parent};
use crate::node::Package;

/// What a file that declares tests for node's own runner holds.
const MODULE: &str = "node:test";

/// Every package with a `test` script; topmost packages without one whose files declare tests; and
/// the root, when tests stand alone.
///
/// A script that only calls those of its workspaces is passed over: these are run one by one.
pub(super) fn find(cx: &Cx<'_>, packages: &[Package]) -> Vec<Suite> {
    let mut suites: Vec<Suite> = Vec::new();
    // Their own scripts decide what is a test there.
    let mut scripted: Vec<&str> = Vec::new();
    for package in packages.iter().rev() {
        let base = Package::at_base(cx, &package.dir);
        let near = near(cx, &package.dir);
        let declared = declared(package, base.as_ref(), &scripted, near.as_deref());
        let Some(Declared { how, altered, script }) = declared else { continue };
        scripted.push(&package.dir);
        if let Some(how) = how
            && near.is_none_or(|near| !near.is_empty())
        {
            let (dir, package) = (package.dir.clone(), Some(package.clone()));
            suites.push(Suite { dir, how, altered, package, script: Some(script) });
        }
    }
    suites.reverse();
    let roots = packages.iter().map(|package| package.dir.as_str()).chain([""]);
    for dir in roots {
        let is_taken = |other: &str| other == dir || is_under(dir, other);
        let is_known = scripted.iter().any(|other| is_taken(other))
            || suites.iter().any(|suite| is_taken(&suite.dir));
        if !is_known && tests_in(cx, dir, &scripted).any(|path| declares_tests(cx, path)) {
            let package = packages.iter().find(|package| package.dir == dir).cloned();
            let (how, dir) = (How::Planned(found_by_node(cx, dir, &scripted)), dir.to_owned());
            suites.push(Suite { dir, how, altered: false, package, script: None });
        }
    }
    suites
}

/// Node's own search for tests; without those of packages in `dir` that have a script of their own,
/// which may need more than a bare call.
fn found_by_node(cx: &Cx<'_>, dir: &str, scripted: &[&str]) -> Plan {
    if cx.near.is_none() && !scripted.iter().any(|inner| is_under(inner, dir)) {
        return Plan::over(&[]);
    }
    let within =
        |path: &str| path.get(dir.len()..).unwrap_or(path).trim_start_matches('/').to_owned();
    let files: Vec<String> = tests_in(cx, dir, scripted).map(within).collect();
    Plan::over(&files)
}

/// The `test` script of a package.
struct Declared {
    /// How it is run; nothing for one that only calls those of packages in it.
    how: Option<How>,
    /// Whether the change alters it.
    altered: bool,
    /// The one that is run.
    script: String,
}

/// Reads the `test` script of a package, in which those of `scripted` have their own.
///
/// The base's own command judges: a change may not narrow it. Nothing for a package without one.
fn declared(
    package: &Package,
    base: Option<&Package>,
    scripted: &[&str],
    near: Option<&[String]>,
) -> Option<Declared> {
    let (before, now) = (base.and_then(Package::test_script), package.test_script());
    let script = before.or(now)?;
    let source = if before.is_some() { base? } else { package };
    let altered = before.is_some_and(|script| {
        now.is_none_or(|now| how(now, package, near) != how(script, source, near))
    });
    let has_inner = scripted.iter().any(|dir| *dir != package.dir && is_under(dir, &package.dir));
    let has_first = source.script("pretest").is_some();
    let is_passed_over = delegates(script) && !has_first && has_inner && !altered;
    let how = (!is_passed_over).then(|| how(script, source, near));
    Some(Declared { how, altered, script: script.to_owned() })
}

/// Where only the tests that are near are to be run, those of a package, from its directory.
fn near(cx: &Cx<'_>, dir: &str) -> Option<Vec<String>> {
    Some(cx.near?.tests_in(dir).map(str::to_owned).collect())
}

/// How the `test` script of a package is run, after the `pretest` script that npm would run before
/// it.
fn how(script: &str, package: &Package, near: Option<&[String]>) -> How {
    let scripts = |name: &str| package.script(name).map(str::to_owned);
    match (plan("npm test", &scripts, near.unwrap_or_default()), package.script("pretest")) {
        (Some(plan), _) => How::Planned(plan),
        (None, Some(first)) => How::Script(format!("({first}) && {script}")),
        (None, None) => How::Script(script.to_owned()),
    }
}

/// Files that node's runner would find in a directory, besides those of packages in it that have a
/// script of their own.
fn tests_in<'a>(
    cx: &'a Cx<'_>,
    dir: &'a str,
    scripted: &'a [&str],
) -> impl Iterator<Item = &'a str> {
    cx.layout
        .ending(dir, &[".js", ".mjs", ".cjs"])
        .filter(|path| !is_data(path) && !scripted.iter().any(|inner| is_under(path, inner)))
        .filter(|path| cx.near.is_none_or(|near| near.has(path)))
        .filter(|path| {
            is_node_test_name(path) || parent(path).split('/').any(|part| part == "test")
        })
}

/// Whether a file declares tests for node's own runner; one that can not be read may.
pub(super) fn declares_tests(cx: &Cx<'_>, path: &str) -> bool {
    cx.read(path).is_none_or(|text| text.contains(MODULE))
}
