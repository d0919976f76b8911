//! Requirements that are said to be done, or were shown, and the tests that name them.

use std::collections::BTreeMap;

use loki_model::{Finding, Requirement, Spec};
use loki_spec::{Lock, Mentions, Names};

use super::reported::{EVIDENCE_LOST, TICKED};
use crate::delta::Delta;
use crate::gates::Cx;
use crate::named_tests::{may_hold_tests, named_tests};
use crate::text::one_line;

/// Own files that are searched for names of requirements.
const FILES_MAX: usize = 4_000;

/// What changed boxes look like.
const OPEN_BOX: &str = "[ ]";
const TICKED_BOXES: [&str; 2] = ["[x]", "[X]"];

/// Boxes that the change ticks and whose requirement no test names.
pub(super) fn ticked(
    cx: &Cx<'_>,
    delta: &Delta,
    now: &[Spec],
    lock: &Lock,
    findings: &mut Vec<Finding>,
) {
    let mut ticked: Vec<(Requirement, u32)> = Vec::new();
    for spec in now {
        let Some(file) = delta.file(&spec.source) else { continue };
        let Some(before) = &file.before else { continue };
        let named = lock.name(spec.clone());
        for (line, text) in file.added_lines() {
            let was_open = |sign: &str| {
                let open = text.replacen(sign, OPEN_BOX, 1);
                text.contains(sign) && before.lines().any(|old| old == open)
            };
            let is_ticked = TICKED_BOXES.into_iter().any(was_open);
            let of_line = named.requirements.iter().find(|one| one.origin.line == Some(line));
            if let Some(one) = of_line.filter(|_| is_ticked) {
                ticked.push((one.clone(), line));
            }
        }
    }
    if ticked.is_empty() {
        return;
    }
    let unnamed = unnamed(cx, ticked.iter().map(|(one, _)| one));
    for (one, line) in ticked.iter().filter(|(one, _)| unnamed.contains_key(&one.id.0)) {
        let text = one_line(&one.text, super::STATEMENT_BYTES_MAX);
        let message = format!("`{text}` is ticked, and no test names {}", one.id);
        findings.push(TICKED.at(&one.origin.source, *line, message));
    }
}

/// Requirements that a test showed when they were locked, and that none names any more.
pub(super) fn lost(cx: &Cx<'_>, lock: &Lock, findings: &mut Vec<Finding>) {
    let shown = lock.requirements.iter().filter(|one| lock.tests.contains_key(&one.id));
    let gone = shown.filter(|one| {
        let tests = lock.tests.get(&one.id).into_iter().flatten();
        let mut tests = tests.map(|test| test.split_once(" > ").unwrap_or((test, "")));
        tests.any(|(path, name)| !has_test(cx, path, name))
    });
    let gone: Vec<&Requirement> = gone.collect();
    let unnamed = unnamed(cx, gone.iter().copied());
    for one in gone.into_iter().filter(|one| unnamed.contains_key(&one.id.0)) {
        let first = lock.tests.get(&one.id).and_then(|tests| tests.first());
        let path = first.map_or("", |test| test.split(" > ").next().unwrap_or_default());
        let text = one_line(&one.text, super::STATEMENT_BYTES_MAX);
        let message = format!("no test names {} any more: `{text}`", one.id);
        findings.push(EVIDENCE_LOST.of(path, message));
    }
}

/// Whether the judged tree has the test, as far as the change could have taken it away.
fn has_test(cx: &Cx<'_>, path: &str, name: &str) -> bool {
    let Some(file) = cx.delta().ok().and_then(|delta| delta.file(path)) else { return true };
    let text = file.after.as_deref();
    text.is_some_and(|text| named_tests(path, text).iter().any(|test| test.name == name))
}

/// Those that no test of the judged tree names, by id.
pub(super) fn unnamed<'a>(
    cx: &Cx<'_>,
    requirements: impl Iterator<Item = &'a Requirement>,
) -> BTreeMap<String, Names> {
    let mut open: BTreeMap<String, Names> =
        requirements.map(|one| (one.id.0.clone(), Names::of(one))).collect();
    if open.is_empty() {
        return open;
    }
    let own = cx.layout.own_files().filter(|path| may_hold_tests(path));
    for path in own.take(FILES_MAX) {
        let Some(text) = cx.read(path) else { continue };
        let whole = Mentions::of(&text);
        if !open.values().any(|names| whole.may_have(names)) {
            continue;
        }
        for test in named_tests(path, &text) {
            let mentions = Mentions::of(&format!("{}\n{}", test.name, test.text));
            open.retain(|_, names| !mentions.has(names));
        }
    }
    open
}
