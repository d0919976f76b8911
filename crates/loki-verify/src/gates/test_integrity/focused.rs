//! Tests that run alone.

use super::{Found, Rule, at, with_suite};
use crate::suite::Suite;
use crate::syntax::{Marked, Marker, Test};

/// A test or a group that makes the others not run.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/focused",
    severity: loki_model::Severity::Error,
    what: "A test, or a group of tests, is marked to be the only one that runs.",
    why: "All the others are silently left out, and the suite is green whatever they would say.",
    example: "+test.only('adds', () => { … })",
    fix: "Take the mark off.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

fn look(suite: &Suite<'_>, found: &mut Found) {
    let mut told = std::collections::BTreeSet::new();
    let kept = suite.kept().into_iter().map(|(before, after, _)| (Some(before), after));
    let new = suite.new_tests().into_iter().map(|after| (None, after));
    for (before, after) in kept.chain(new) {
        if before.is_some_and(|before| focus(before.test).is_some()) {
            continue;
        }
        let Some(marker) = focus(after.test) else { continue };
        // A group is told once.
        if told.insert((after.path(), marker.at)) {
            let message = format!("`{}` makes all other tests not run", marker.text);
            found.add(at(&RULE, &after, marker.line, message));
        }
    }
}

fn focus(test: &Test) -> Option<&Marker> {
    test.markers.iter().find(|marker| marker.marked == Marked::Only)
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn a_focused_test_is_an_error_in_every_spelling() {
        for (line, number) in [
            ("test.only('a', () => { assert.equal(f(), 1); });", 1),
            ("it.only('a', () => { assert.equal(f(), 1); });", 1),
            ("fit('a', () => { assert.equal(f(), 1); });", 1),
            ("test('a', { only: true }, () => { assert.equal(f(), 1); });", 1),
            ("describe.only('g', () => { it('a', () => { assert.equal(f(), 1); }); });", 1),
            ("fdescribe('g', () => { it('a', () => {}); it('b', () => {}); });", 1),
        ] {
            let expected = format!("error focused a.test.js:{number}");
            expect(look, &[], &[("a.test.js", line)], &expected);
        }
        let text = "describe Calc do\n  fit 'a' do\n    expect(f).to eq(1)\n  end\nend\n";
        expect(look, &[], &[("spec/a_spec.rb", text)], "error focused spec/a_spec.rb:2");
    }

    #[test]
    fn what_only_looks_like_it_is_none() {
        let before = "test.only('a', () => { assert.equal(f(), 1); });";
        let after = "test.only('a', () => { assert.equal(f(), 2); });";
        expect(look, &[("a.test.js", before)], &[("a.test.js", after)], "");
        let text = "test('a', { only: false }, () => { q.only(1); assert.equal(q.only, 1); });\n// test.only\n";
        expect(look, &[], &[("a.test.js", text)], "");
    }
}
