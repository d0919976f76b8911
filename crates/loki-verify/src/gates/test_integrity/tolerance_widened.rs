//! Comparisons that allow for more.

use loki_model::Severity;

use super::{Found, Rule, at, weighing, with_suite};
use crate::suite::Suite;
use crate::syntax::Assertion;
use crate::syntax::assertion::Tolerance;

/// A wider tolerance.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/tolerance-widened",
    severity: Severity::Warning,
    what: "An existing comparison allows the value to be further off than before.",
    why: "What is wrong by less than that is right from now on.",
    example: "-    assert rate() == approx(0.25, abs=1e-6)\n+    assert rate() == approx(0.25, abs=0.1)",
    fix: "Keep the tolerance; if the value is only known less exactly, say why.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

/// A tolerance that grew so many times leaves nothing of the comparison.
const GREW_MAX: f64 = 100.0;

/// Growth below this is noise.
const GREW_MIN: f64 = 1.5;

fn look(suite: &Suite<'_>, found: &mut Found) {
    for (before, after, _) in suite.kept() {
        let mut old: Vec<&Assertion> = before.test.assertions.iter().collect();
        for new in &after.test.assertions {
            let same = old.iter().position(|old| {
                old.check == new.check
                    && old.subject_text == new.subject_text
                    && old.expected_text == new.expected_text
            });
            let Some(old) = same.map(|index| old.swap_remove(index)) else { continue };
            let Some(grew) = growth(old, new).filter(|grew| *grew >= GREW_MIN) else { continue };
            let message = format!(
                "`{}` allows for {} where it allowed for {}",
                after.test.name,
                shown(new.tolerance),
                shown(old.tolerance)
            );
            let severity = if grew >= GREW_MAX { Severity::Error } else { Severity::Warning };
            found.add(weighing(at(&RULE, &after, new.line, message), severity));
        }
    }
}

/// What libraries allow for where nothing is said.
const DEFAULT: Tolerance = Tolerance { value: 1e-6, is_relative: true };

/// How many times the tolerance is what it was; nothing where that can not be told.
fn growth(old: &Assertion, new: &Assertion) -> Option<f64> {
    let new = new.tolerance?;
    let old = old.tolerance.unwrap_or(Tolerance { is_relative: new.is_relative, ..DEFAULT });
    let is_same_kind = old.is_relative == new.is_relative;
    (is_same_kind && old.value > 0.0 && new.value.is_finite()).then_some(new.value / old.value)
}

fn shown(tolerance: Option<Tolerance>) -> String {
    match tolerance {
        None => "rounding".to_owned(),
        Some(Tolerance { value, is_relative: true }) => format!("{value} of the value"),
        Some(Tolerance { value, .. }) => format!("{value}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    /// The same comparison in every language, with a tolerance.
    fn languages(
        py: &str,
        js: &str,
        rs: &str,
        go: &str,
        java: &str,
    ) -> Vec<(&'static str, String)> {
        vec![
            (
                "tests/test_a.py",
                format!("def test_a():\n    assert f() == approx(0.5, abs={py})\n"),
            ),
            (
                "a.test.js",
                format!("test('a', () => {{\n  expect(f()).toBeCloseTo(0.5, {js});\n}});\n"),
            ),
            (
                "src/a.rs",
                format!("#[test]\nfn a() {{\n    assert!((f() - 0.5).abs() < {rs});\n}}\n"),
            ),
            (
                "a_test.go",
                format!(
                    "package p\nfunc TestA(t *testing.T) {{\n\tassert.InDelta(t, 0.5, f(), {go})\n}}\n"
                ),
            ),
            (
                "ATest.java",
                format!(
                    "class ATest {{\n  @Test void a() {{\n    assertEquals(0.5, f(), {java});\n  }}\n}}\n"
                ),
            ),
        ]
    }

    #[test]
    fn a_wider_tolerance_is_a_warning_and_a_hundredfold_one_an_error() {
        let before = languages("0.001", "4", "0.001", "0.001", "0.001");
        for (severity, after) in [
            ("warning", languages("0.01", "3", "0.01", "0.01", "0.01")),
            ("error", languages("0.2", "1", "0.2", "0.2", "0.2")),
        ] {
            for ((path, before), (_, after)) in before.iter().zip(&after) {
                let line = if path.ends_with("py") || path.ends_with("js") { 2 } else { 3 };
                let expected = format!("{severity} tolerance-widened {path}:{line}");
                expect(look, &[(path, before)], &[(path, after)], &expected);
            }
        }
    }

    #[test]
    fn a_narrower_one_and_the_same_one_are_none() {
        let before = languages("0.01", "3", "0.01", "0.01", "0.01");
        let after = languages("0.001", "4", "0.001", "0.001", "0.001");
        for ((path, before), (_, after)) in before.iter().zip(&after) {
            expect(look, &[(path, before)], &[(path, after)], "");
        }
    }
}
