//! Comparisons that allow a value to be off by something.

use super::{Assertion, Role, Scope, Strength, chain, keyword};
use crate::syntax::call::positional;
use crate::syntax::literal::value;
use crate::syntax::normal::inlined;
use crate::syntax::tree::{At, Tree};

/// How far off a value may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tolerance {
    /// By this much, or by this part of the value.
    pub(crate) value: f64,
    /// Whether it is a part of the value.
    pub(crate) is_relative: bool,
}

/// A part of the value that rounding may explain.
const NOISE_RELATIVE: f64 = 1e-3;

/// What rounding may explain of a value that is not known.
const NOISE_ABSOLUTE: f64 = 1e-3;

/// How much a comparison says that allows for a tolerance: what rounding explains takes nothing away.
pub(super) fn strength(tree: &Tree, assertion: &Assertion) -> Strength {
    let Some(Tolerance { value: allowed, is_relative }) = assertion.tolerance else {
        return Strength::Exact;
    };
    let expected = assertion.expected.and_then(|at| number(tree, at)).map(f64::abs);
    let is_noise = match (is_relative, expected) {
        (true, _) => allowed <= NOISE_RELATIVE,
        (false, Some(expected)) => allowed <= NOISE_ABSOLUTE.max(expected * NOISE_RELATIVE),
        (false, None) => allowed <= NOISE_ABSOLUTE,
    };
    if is_noise { Strength::Exact } else { Strength::Bound }
}

/// `approx(…)` in any spelling.
pub(super) fn is_approximate(tree: &Tree, at: Option<At>) -> bool {
    let call = at.map(|at| tree.bare(at)).filter(|at| tree.role(*at) == Role::Call);
    call.is_some_and(|at| matches!(chain(tree, at).last_name(), "approx" | "Approx"))
}

/// Completes `a == approx(b, …)`.
pub(super) fn of_approximate(tree: &Tree, assertion: &mut Assertion, scope: &Scope) {
    let sides = [assertion.expected, assertion.subject].into_iter().flatten();
    let Some(call) = sides.into_iter().find(|at| is_approximate(tree, Some(*at))) else { return };
    if assertion.subject == Some(call) {
        std::mem::swap(&mut assertion.subject, &mut assertion.expected);
    }
    assertion.tolerance = given(tree, call);
    assertion.expected = positional(tree, call).into_iter().next();
    assertion.subject_text =
        assertion.subject.map_or_else(String::new, |at| inlined(tree, at, scope));
    assertion.expected_text = assertion.expected.map(|at| inlined(tree, at, scope));
    assertion.strength = strength(tree, assertion);
}

/// Completes an assertion that is itself a call with a tolerance among what it is given.
pub(super) fn of_call(tree: &Tree, call: At, assertion: &mut Assertion) {
    assertion.tolerance = given(tree, call).or_else(|| by_place(tree, call));
    assertion.strength = strength(tree, assertion);
}

/// A tolerance that is given by its name.
fn given(tree: &Tree, call: At) -> Option<Tolerance> {
    let named = |name: &str| keyword(tree, call, name).and_then(|at| number(tree, at));
    let absolute =
        ["abs", "abs_tol", "atol", "delta", "tolerance", "epsilon", "accuracy", "max_abs"];
    let relative = ["rel", "rel_tol", "rtol", "max_relative"];
    let absolute = absolute.iter().find_map(|name| named(name));
    let relative = relative.iter().find_map(|name| named(name));
    let places = ["places", "decimal"].iter().find_map(|name| named(name));
    match (absolute, relative, places) {
        (Some(value), ..) => Some(Tolerance { value, is_relative: false }),
        (None, Some(value), _) => Some(Tolerance { value, is_relative: true }),
        (None, None, Some(places)) => Some(of_places(places)),
        _ => None,
    }
}

fn of_places(places: f64) -> Tolerance {
    Tolerance { value: 0.5 * 10_f64.powf(-places), is_relative: false }
}

/// A tolerance that is told by its place.
fn by_place(tree: &Tree, call: At) -> Option<Tolerance> {
    let chain = chain(tree, call);
    let name = chain.last_name();
    let numbers: Vec<f64> =
        positional(tree, call).into_iter().filter_map(|at| number(tree, at)).collect();
    let last = numbers.last().copied();
    match name {
        "toBeCloseTo" => {
            // The second argument, where there is one, counts digits.
            let places = numbers.get(1).copied().unwrap_or(2.0);
            Some(of_places(places))
        }
        "assertAlmostEqual" | "assertNotAlmostEqual" => {
            let third = positional(tree, call).get(2).and_then(|at| number(tree, *at));
            third.map(of_places)
        }
        "InDelta"
        | "assertEquals"
        | "assertEqualsWithDelta"
        | "closeTo"
        | "be_within"
        | "approximately"
        | "assert_in_delta"
        | "isCloseTo" => last.map(|value| Tolerance { value, is_relative: false }),
        "InEpsilon" | "assert_in_epsilon" => {
            last.map(|value| Tolerance { value, is_relative: true })
        }
        _ => None,
    }
}

/// A number that is written out, in a text or behind a sign or in a call that makes one too.
pub(super) fn number(tree: &Tree, at: At) -> Option<f64> {
    let at = tree.bare(at);
    match tree.role(at) {
        Role::Number | Role::Text => {
            value(tree, at).trim_end_matches(['f', 'd', 'm', 'n']).parse().ok()
        }
        Role::Unary => {
            let inner = tree.named(at).last()?;
            let value: f64 = number_leaf(tree, inner)?;
            Some(if tree.text(at).starts_with('-') { -value } else { value })
        }
        Role::Call | Role::New => {
            let first = positional(tree, at).into_iter().next()?;
            number_leaf(tree, first)
        }
        _ => None,
    }
}

fn number_leaf(tree: &Tree, at: At) -> Option<f64> {
    let at = tree.bare(at);
    matches!(tree.role(at), Role::Number | Role::Text).then(|| value(tree, at).parse().ok())?
}
