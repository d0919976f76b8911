//! Tests that wait longer, or try again.

use std::collections::BTreeMap;

use loki_model::Severity;

use super::{Found, Rule, at, quoted, weighing, with_suite};
use crate::suite::{Located, Suite, Text};
use crate::syntax::call::{chain, keyword, positional};
use crate::syntax::test::decorations;
use crate::syntax::{At, Part, Role, literal};

/// More tries.
pub(super) const RETRIES: Rule = Rule {
    id: "test-integrity/retries-added",
    severity: Severity::Warning,
    what: "A test is tried several times until it passes.",
    why: "What fails now and then passes now and then: the flaw stays, and nobody sees it.",
    example: "+jest.retryTimes(3)",
    fix: "Find out why it fails; wait for what has to happen instead of trying again.",
    look: |cx, delta, found| with_suite(cx, delta, found, retries),
};

/// More time.
pub(super) const TIMEOUTS: Rule = Rule {
    id: "test-integrity/timeouts-raised",
    severity: Severity::Note,
    what: "A test is given more time than before.",
    why: "Now and then that hides that something became slow.",
    example: "-test('loads', load, 1000)\n+test('loads', load, 20000)",
    fix: "Say why it takes longer.",
    look: |cx, delta, found| with_suite(cx, delta, found, timeouts),
};

/// Time that grew so many times is more than slowness of a machine explains.
const GREW_MAX: f64 = 10.0;

/// Words of settings for tries.
const RETRY_WORDS: &[&str] = &[
    "retrytimes",
    "retries",
    "retry",
    "reruns",
    "flaky",
    "rerunfailures",
    "max_runs",
    "repeatedtest",
];

/// Words of names of things that are tried again.
const TRY_WORDS: &[&str] = &["attempt", "attempts", "retry", "retries", "tries"];

/// Parts of names of functions that wait.
const WAITS: &[&str] = &["sleep", "timeout", "delay", "wait", "tick", "poll", "pause"];

fn retries(suite: &Suite<'_>, found: &mut Found) {
    for (before, after) in suite.touched() {
        let had = before.as_ref().map(|before| settings(before, RETRY_WORDS)).unwrap_or_default();
        for (word, (value, place)) in settings(&after, RETRY_WORDS) {
            if value < 2.0
                && !matches!(word.as_str(), "flaky" | "retry" | "reruns" | "retries" | "retrytimes")
            {
                continue;
            }
            if value <= 0.0 || had.get(&word).is_some_and(|(old, _)| *old >= value) {
                continue;
            }
            let line = after.source.tree().line(place);
            let message = format!(
                "`{}` is tried again when it fails ({})",
                after.test.name,
                quoted(after.text(place))
            );
            found.add(at(&RETRIES, &after, line, message));
        }
        let looped = before.as_ref().map(until_it_passes).unwrap_or_default();
        for (place, head) in until_it_passes(&after) {
            if looped.iter().any(|(_, known)| *known == head) {
                continue;
            }
            let line = after.source.tree().line(place);
            let message = format!(
                "`{}` repeats what it tests until it works: {}",
                after.test.name,
                quoted(&head)
            );
            found.add(at(&RETRIES, &after, line, message));
        }
    }
    for (file, before, after) in suite.files() {
        let set = |side: &Text| {
            // A part of every name that is looked for.
            let source = side.text().contains("retr").then(|| side.source()).flatten();
            let calls = source
                .into_iter()
                .flat_map(|source| source.calls().map(move |call| (source, call)));
            let calls: Vec<(f64, u32)> = calls
                .filter(|(_, (_, chain))| {
                    matches!(chain.path().as_str(), "jest.retryTimes" | "vi.retry" | "this.retries")
                })
                .map(|(source, (at, _))| {
                    let tree = source.tree();
                    (first_number(source, at).unwrap_or(1.0), tree.line(at))
                })
                .collect();
            calls
        };
        let has = set(after);
        if has.is_empty() {
            continue;
        }
        let had = set(before).into_iter().map(|(value, _)| value).fold(0.0, f64::max);
        for (value, line) in has {
            let is_told = found.findings.iter().any(|known| {
                known
                    .location
                    .as_ref()
                    .is_some_and(|place| place.path == file.path && place.line == Some(line))
            });
            if value > had && !is_told {
                let message =
                    format!("the tests of `{}` are tried again when they fail", file.path);
                found.add(RETRIES.at(&file.path, line, message));
            }
        }
    }
}

fn timeouts(suite: &Suite<'_>, found: &mut Found) {
    for (before, after, _) in suite.kept() {
        let (Some((old, _)), Some((new, place))) = (timeout(&before), timeout(&after)) else {
            continue;
        };
        if new <= old {
            continue;
        }
        let message = format!("`{}` has {new} to run where it had {old}", after.test.name);
        let severity =
            if old > 0.0 && new / old >= GREW_MAX { Severity::Warning } else { Severity::Note };
        let line = after.source.tree().line(place);
        found.add(weighing(at(&TIMEOUTS, &after, line, message), severity));
    }
}

/// Settings of a test whose names are among `words`, with their numbers; 1 where none is given.
fn settings(located: &Located<'_>, words: &[&str]) -> BTreeMap<String, (f64, At)> {
    let tree = located.source.tree();
    let mut found = BTreeMap::new();
    let mut add = |text: &str, value: f64, place: At| {
        let word: String = text.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
        let word = word.to_ascii_lowercase();
        if words.contains(&word.as_str()) {
            found.insert(word, (value, place));
        }
    };
    for holder in located.test.holders() {
        for mark in decorations(tree, *holder) {
            let name = crate::syntax::test::decorator_name(tree, mark);
            let last = name.rsplit(['.', ':']).next().unwrap_or_default();
            let value = literal::literals(tree, mark).into_iter().find(|literal| !literal.is_text);
            let value = value.and_then(|literal| literal.value.parse().ok()).unwrap_or(1.0);
            add(last, value, mark);
        }
        if tree.role(*holder) == Role::Call {
            for name in ["retries", "retry", "repeats"] {
                if let Some(value) = keyword(tree, *holder, name) {
                    add(name, number(located, value).unwrap_or(1.0), value);
                }
            }
        }
    }
    found
}

/// The time that a test is given, in whatever unit its runner counts.
fn timeout(located: &Located<'_>) -> Option<(f64, At)> {
    let tree = located.source.tree();
    let set = settings(located, &["timeout"]).into_values().next();
    if set.is_some() {
        return set;
    }
    let own = located.test.holders().first().copied();
    let call = own.filter(|at| tree.role(*at) == Role::Call)?;
    if let Some(value) = keyword(tree, call, "timeout") {
        return Some((number(located, value)?, value));
    }
    // `it('…', () => { … }, 5000)`
    let third = positional(tree, call).get(2).copied();
    if let Some(value) = third.and_then(|at| number(located, at)) {
        return Some((value, third?));
    }
    let calls = tree.inside(located.test.code).filter(|at| tree.role(*at) == Role::Call);
    let set = calls.into_iter().find(|at| {
        matches!(chain(tree, *at).path().as_str(), "this.timeout" | "jest.setTimeout" | "t.timeout")
    })?;
    Some((first_number(located.source, set)?, set))
}

fn number(located: &Located<'_>, at: At) -> Option<f64> {
    let tree = located.source.tree();
    let at = tree.bare(at);
    (tree.role(at) == Role::Number).then(|| literal::value(tree, at).parse().ok())?
}

fn first_number(source: &crate::syntax::Source, call: At) -> Option<f64> {
    let tree = source.tree();
    let first = positional(tree, call).into_iter().next()?;
    (tree.role(first) == Role::Number).then(|| literal::value(tree, first).parse().ok())?
}

/// Loops that repeat a call until its result is as wanted, without waiting for anything in between.
fn until_it_passes(located: &Located<'_>) -> Vec<(At, String)> {
    let tree = located.source.tree();
    let mut found = Vec::new();
    for over in tree.inside(located.test.code).filter(|at| tree.role(*at) == Role::Loop) {
        let body = tree.child(over, Part::Body);
        let end = body.map_or(tree.bytes(over).end, |body| tree.bytes(body).start);
        let head = tree.slice(tree.bytes(over).start..end).trim().to_owned();
        let names = head.split(|c: char| !c.is_alphanumeric());
        let is_trying = names
            .flat_map(|name| name.split('_'))
            .any(|word| TRY_WORDS.contains(&word.to_ascii_lowercase().as_str()));
        let calls = tree.inside(over).filter(|at| tree.role(*at) == Role::Call);
        let waits = calls.into_iter().any(|call| {
            let name = chain(tree, call).last_name().to_ascii_lowercase();
            WAITS.iter().any(|word| name.contains(word))
        });
        let asserts = located.test.assertions.iter().any(|one| tree.is_within(one.at, over));
        let ends_early = head.contains("&&")
            || head.contains(" and ")
            || tree
                .inside(over)
                .any(|at| tree.role(at) == Role::Jump && tree.text(at).starts_with("break"));
        let asserts_later = located
            .test
            .assertions
            .iter()
            .any(|one| one.at > over && !tree.is_within(one.at, over));
        if is_trying && ends_early && !waits && !asserts && asserts_later {
            found.push((over, head));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn retries(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::retries, sides, found);
    }

    fn timeouts(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::timeouts, sides, found);
    }

    #[test]
    fn tries_that_were_added_are_a_warning() {
        let py = "def test_a():\n    assert f() == 1\n";
        let after = format!("@pytest.mark.flaky(reruns=3)\n{py}");
        expect(
            retries,
            &[("tests/test_a.py", py)],
            &[("tests/test_a.py", &after)],
            "warning retries-added tests/test_a.py:1",
        );
        let js = "test('a', () => { expect(f()).toBe(1); });\n";
        let after = format!("jest.retryTimes(3);\n{js}");
        expect(
            retries,
            &[("a.test.js", js)],
            &[("a.test.js", &after)],
            "warning retries-added a.test.js:1",
        );
        let text = "test('a', async () => {\n  let n = 0;\n  for (let attempt = 0; attempt < 25 && n === 0; attempt++) {\n    n = await emit('x');\n  }\n  assert.equal(n, 1);\n});\n";
        expect(retries, &[], &[("a.test.js", text)], "warning retries-added a.test.js:3");
    }

    #[test]
    fn waiting_for_something_is_none() {
        let text = "def test_a():\n    for attempt in range(50):\n        if ready():\n            break\n        time.sleep(0.1)\n    assert fetch() == 1\n";
        expect(retries, &[], &[("tests/test_a.py", text)], "");
        let text = "def test_retries():\n    assert fetch(retries=3) == 1\n";
        expect(retries, &[], &[("tests/test_a.py", text)], "");
    }

    #[test]
    fn more_time_is_a_note_and_much_more_a_warning() {
        let test = |ms: u32| format!("it('a', () => {{ expect(f()).toBe(1); }}, {ms});\n");
        let (old, more, much) = (test(1000), test(2000), test(60_000));
        expect(
            timeouts,
            &[("a.test.js", &old)],
            &[("a.test.js", &more)],
            "note timeouts-raised a.test.js:1",
        );
        expect(
            timeouts,
            &[("a.test.js", &old)],
            &[("a.test.js", &much)],
            "warning timeouts-raised a.test.js:1",
        );
        expect(timeouts, &[("a.test.js", &more)], &[("a.test.js", &old)], "");
    }
}
