//! Operations of an HTTP API: those that the change declares beyond the spec, and those that nothing tests.

use std::collections::BTreeSet;

use loki_model::{Finding, Requirement, Severity};
use loki_spec::operation;

use super::evidence::unnamed as untested;
use super::reported::{OPERATION_UNNAMED, OPERATION_UNTESTED};
use crate::delta::{Delta, FileDelta};
use crate::gates::{Cx, finding};
use crate::layout::parent;
use crate::routes::{Route, Routes, may_hold_routes, names, routes, unnamed};

/// Files beside a changed one that are looked into.
const BESIDE_MAX: usize = 500;

/// Compares what the change declares with the operations among `requirements`; says how many those are.
pub(super) fn compared(
    cx: &Cx<'_>,
    delta: &Delta,
    requirements: &[Requirement],
    findings: &mut Vec<Finding>,
) -> usize {
    let asked: Vec<(&Requirement, (String, String))> =
        requirements.iter().filter_map(|one| Some((one, operation(one)?))).collect();
    if asked.is_empty() {
        return 0;
    }
    let operations: Vec<(String, String)> = asked.iter().map(|(_, one)| one.clone()).collect();
    let declared: Vec<Routes> = delta.files.iter().filter_map(new_routes).collect();
    let known = [beside(cx, &declared), declared.clone()].concat();
    let is_new = |path: &str, route: &Route| {
        declared.iter().any(|file| file.path == path && file.routes.contains(route))
    };
    for (path, route) in unnamed(&known, &operations) {
        if is_new(path, route) {
            let message =
                format!("the change declares `{route}`, and the spec has no such operation");
            findings.push(OPERATION_UNNAMED.at(path, route.line, message));
        }
    }
    let open = untested(cx, asked.iter().map(|(one, _)| *one));
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for (file, route) in
        declared.iter().flat_map(|file| file.routes.iter().map(move |route| (file, route)))
    {
        let is_it = |one: &(String, String)| names(one, route);
        let mut of_route = asked.iter().filter(|(_, one)| is_it(one));
        // What could be several is not said of any.
        let (Some((one, (method, path))), None) = (of_route.next(), of_route.next()) else {
            continue;
        };
        if open.contains_key(&one.id.0) && told.insert(&one.id.0) {
            let message = format!("the change brings `{method} {path}`, and no test names it");
            findings.push(OPERATION_UNTESTED.at(&file.path, route.line, message));
        }
    }
    let others = asked
        .iter()
        .filter(|(one, _)| open.contains_key(&one.id.0) && !told.contains(one.id.0.as_str()));
    let others: Vec<String> =
        others.map(|(_, (method, path))| format!("`{method} {path}`")).collect();
    if let Some(first) = others.first() {
        let message = format!(
            "no test names {} operation(s) of the spec, the first is {first}",
            others.len()
        );
        findings.push(finding(
            OPERATION_UNTESTED.id,
            Severity::Note,
            None,
            message,
            &others.join("\n"),
        ));
    }
    operations.len()
}

/// What a changed file declares that it did not declare before.
fn new_routes(file: &FileDelta) -> Option<Routes> {
    let after = routes(&file.path, file.after.as_deref()?);
    let before = file.before.as_deref().map(|text| routes(&file.path, text).routes);
    let before = before.unwrap_or_default();
    let is_new = |route: &Route| {
        !before.iter().any(|old| (&old.method, &old.path) == (&route.method, &route.path))
    };
    let new: Vec<Route> = after.routes.into_iter().filter(is_new).collect();
    (!new.is_empty()).then_some(Routes { path: after.path, routes: new })
}

/// What files in the folders of `declared` declare: they say whether the spec speaks of this program.
fn beside(cx: &Cx<'_>, declared: &[Routes]) -> Vec<Routes> {
    let folders: BTreeSet<&str> = declared.iter().map(|file| parent(&file.path)).collect();
    if folders.is_empty() {
        return Vec::new();
    }
    let own = cx.layout.own_files();
    let own = own.filter(|path| folders.contains(parent(path)) && may_hold_routes(path));
    own.take(BESIDE_MAX).filter_map(|path| Some(routes(path, &cx.read(path)?))).collect()
}
