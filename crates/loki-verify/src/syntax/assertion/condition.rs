//! Conditions that are asserted: `a == b`, `not a`, `x in y`, however they are put together.

use super::{
    Assertion, Check, Part, Reading, Role, Scope, Strength, Tolerance, about, chain, near, normal,
};
use crate::syntax::call::{arguments, positional};
use crate::syntax::language::Language;
use crate::syntax::literal::value;
use crate::syntax::tree::{At, Tree};

/// Parts of one condition that are looked at one by one.
pub(super) const PARTS_MAX: usize = 32;

/// What `condition` asserts when it has to be `expected`.
pub(super) fn asserted(
    reading: Reading<'_>,
    at: At,
    condition: At,
    expected: bool,
    scope: &Scope,
    found: &mut Vec<Assertion>,
) {
    let tree = reading.tree;
    let mut open = vec![(condition, expected)];
    let mut parts = 0;
    while let Some((part, expected)) = open.pop() {
        parts += 1;
        if parts > PARTS_MAX {
            break;
        }
        let part = tree.bare(part);
        match tree.role(part) {
            Role::Unary if operator(tree, part) == "!" => {
                open.extend(tree.named(part).last().map(|inner| (inner, !expected)));
            }
            Role::Binary => {
                let operator = operator(tree, part);
                let is_joined = match operator.as_str() {
                    "and" | "&&" => expected,
                    "or" | "||" => !expected,
                    _ => false,
                };
                if is_joined {
                    // Backwards, so that the first comes out first.
                    let mut sides: Vec<(At, bool)> =
                        tree.named(part).map(|side| (side, expected)).collect();
                    sides.reverse();
                    open.extend(sides);
                } else {
                    found.push(compared(reading, at, part, &operator, expected, scope));
                }
            }
            Role::Call => found.push(called(reading, at, part, expected, scope)),
            Role::Macro => found.push(fitting(reading, at, part, expected, scope)),
            _ => {
                let check = if expected { Check::Truth } else { Check::Falsity };
                found.push(about(reading, at, check, Some(part), None, scope));
            }
        }
    }
}

/// The sign of an operation: what stands between, or before, its operands.
pub(crate) fn operator(tree: &Tree, at: At) -> String {
    let operand = |at: &At| tree.part(*at) != Part::Operator;
    let mut named = tree.named(at).filter(operand);
    let Some(first) = named.next() else { return String::new() };
    let text = match tree.named(at).filter(operand).nth(1) {
        Some(second) => tree.slice(tree.bytes(first).end..tree.bytes(second).start),
        None => tree.slice(tree.bytes(at).start..tree.bytes(first).start),
    };
    let text = text.trim();
    if text == "not" { "!".to_owned() } else { text.to_owned() }
}

fn compared(
    reading: Reading<'_>,
    at: At,
    part: At,
    operator: &str,
    expected: bool,
    scope: &Scope,
) -> Assertion {
    let tree = reading.tree;
    let operands: Vec<At> =
        tree.named(part).filter(|at| tree.part(*at) != Part::Operator).collect();
    let (left, right) = (operands.first().copied(), operands.get(1).copied());
    let check = match operator {
        "==" | "===" | "is" | "eq" | "-eq" | "=" => Check::Equal,
        "!=" | "!==" | "<>" | "is not" | "ne" | "-ne" => Check::Different,
        "<" | ">" | "<=" | ">=" | "<=>" | "-lt" | "-gt" | "-le" | "-ge" => Check::Order,
        "in" | "not in" | "!in" => Check::Contains,
        "=~" | "!~" => Check::Matches,
        "instanceof" | "!is" => Check::Type,
        // Kotlin and C# ask for a type with a word that Python compares with.
        _ => Check::Truth,
    };
    let is_type = operator == "is"
        && right.is_some_and(|at| tree.role(at) == Role::Type || tree.part(at) == Part::Type);
    let check = if is_type { Check::Type } else { check };
    let check = if expected { check } else { check.denied() };
    match check {
        Check::Truth | Check::Falsity => {
            let mut assertion = about(reading, at, check, Some(part), None, scope);
            // One of several is enough: that is a part of what could be said.
            if matches!(operator, "or" | "||") {
                let is_compared = |at: &At| {
                    let at = tree.bare(*at);
                    tree.role(at) == Role::Binary
                };
                let all = operands.iter().all(is_compared);
                assertion.strength = if all { Strength::Membership } else { Strength::Truthy };
            }
            assertion
        }
        Check::Contains => {
            // What is in it is expected; what it is in is looked at.
            let is_listed = right.is_some_and(|at| tree.role(tree.bare(at)) == Role::List);
            let (subject, expected) = if is_listed { (left, right) } else { (right, left) };
            about(reading, at, check, subject, expected, scope)
        }
        Check::Equal | Check::Different if right.is_some_and(|at| is_null(tree, at)) => {
            let is_equal = check == Check::Equal;
            if left.is_some_and(|at| is_go_error(reading, at)) {
                let check = if is_equal { Check::Quiet } else { Check::Throws };
                let mut assertion = about(reading, at, check, left, None, scope);
                assertion.strength = if is_equal { Strength::Truthy } else { Strength::Type };
                return assertion;
            }
            let check = if is_equal { Check::Absent } else { Check::Present };
            about(reading, at, check, left, right, scope)
        }
        Check::Equal | Check::Different if right.or(left).is_some_and(|at| is_truth(tree, at)) => {
            // `f() is True` says as much as a value can.
            about(reading, at, check, left, right, scope)
        }
        Check::Equal if near::is_approximate(tree, left) || near::is_approximate(tree, right) => {
            let mut assertion = about(reading, at, Check::Near, left, right, scope);
            near::of_approximate(tree, &mut assertion, scope);
            assertion
        }
        Check::Order => {
            let mut assertion = about(reading, at, check, left, right, scope);
            if let Some(difference) = left.filter(|at| is_difference(tree, *at))
                && let Some(limit) = right.and_then(|at| value(tree, at).parse::<f64>().ok())
            {
                let inner = positional(tree, tree.bare(difference)).into_iter().next();
                let inner = inner.map(|at| tree.bare(at));
                let sides: Vec<At> = inner.map_or_else(Vec::new, |at| tree.named(at).collect());
                let (a, b) = (sides.first().copied(), sides.get(1).copied());
                assertion = about(reading, at, Check::Near, a, b, scope);
                assertion.tolerance = Some(Tolerance { value: limit, is_relative: false });
                assertion.strength = near::strength(tree, &assertion);
            }
            assertion
        }
        check => about(reading, at, check, left, right, scope),
    }
}

/// `abs(a - b)` in any spelling.
fn is_difference(tree: &Tree, at: At) -> bool {
    let at = tree.bare(at);
    tree.role(at) == Role::Call
        && matches!(chain(tree, at).last_name(), "abs" | "Abs" | "fabs")
        && positional(tree, at).first().is_some_and(|inner| {
            let inner = tree.bare(*inner);
            tree.role(inner) == Role::Binary && operator(tree, inner) == "-"
        })
}

/// Whether a value is an error as Go hands it back.
fn is_go_error(reading: Reading<'_>, at: At) -> bool {
    let text = reading.tree.text(at);
    reading.language == Language::Go && (text.ends_with("err") || text.ends_with("Err"))
}

fn is_null(tree: &Tree, at: At) -> bool {
    let at = tree.bare(at);
    tree.role(at) == Role::Null || matches!(tree.text(at), "null" | "nil" | "NULL" | "nullptr")
}

fn is_truth(tree: &Tree, at: At) -> bool {
    tree.role(tree.bare(at)) == Role::Boolean
}

/// A call that has to be true or false.
fn called(reading: Reading<'_>, at: At, call: At, expected: bool, scope: &Scope) -> Assertion {
    let tree = reading.tree;
    let chain = chain(tree, call);
    let given: Vec<At> = arguments(tree, call);
    let (first, second) = (given.first().copied(), given.get(1).copied());
    let object = chain.links.len().checked_sub(2).and_then(|index| chain.links.get(index));
    let object = object.map(|link| link.at).or(chain.root);
    let of = |check: Check, subject: Option<At>, other: Option<At>| {
        let check = if expected { check } else { check.denied() };
        about(reading, at, check, subject, other, scope)
    };
    match chain.last_name() {
        "equals" | "Equal" | "DeepEqual" | "eq" | "isEqual" | "deepEqual" | "eql?" | "equal?"
        | "SequenceEqual" | "Equals" | "array_equal" => match second {
            Some(_) => of(Check::Equal, first, second),
            None => of(Check::Equal, object, first),
        },
        "isinstance" | "issubclass" | "isArray" | "is_a?" | "kind_of?" | "instance_of?"
        | "isInstance" | "is_array" | "is_string" | "is_int" | "hasattr" | "callable" => {
            of(Check::Type, first, second)
        }
        "isclose" | "allclose" | "is_close" | "isClose" => {
            let mut assertion = of(Check::Near, first, second);
            near::of_call(tree, call, &mut assertion);
            assertion
        }
        "startswith" | "endswith" | "startsWith" | "endsWith" | "starts_with" | "ends_with"
        | "contains" | "includes" | "include?" | "has" | "Contains" | "HasPrefix" | "HasSuffix"
        | "containsKey" | "contains_key" | "has_key" | "issubset" | "start_with?" | "end_with?" => {
            let (subject, other) = match second {
                Some(_) => (first, second),
                None => (object, first),
            };
            of(Check::Contains, subject, other)
        }
        "match" | "search" | "fullmatch" | "matches" | "is_match" | "MatchString" | "test"
        | "match?" => of(Check::Matches, second.or(first).or(object), first),
        "Is" if chain.first_name() == "errors" => of(Check::Throws, first, second),
        "is_empty" | "isEmpty" | "empty?" | "IsEmpty" => of(Check::Empty, object, None),
        "bool" => of(Check::Truth, first, None),
        _ => of(Check::Truth, Some(call), None),
    }
}

/// `matches!(value, Pattern)`, whose content is only tokens.
fn fitting(reading: Reading<'_>, at: At, part: At, expected: bool, scope: &Scope) -> Assertion {
    let tree = reading.tree;
    let mut assertion = about(reading, at, Check::Matches, Some(part), None, scope);
    // A pattern that leaves nothing open says what the value is.
    let text = normal(tree, part);
    let pattern = text.rsplit_once(',').map_or(text.as_str(), |(_, pattern)| pattern);
    let is_open = pattern.contains("..") || pattern.contains('_') || pattern.contains('|');
    assertion.strength = match (expected, is_open) {
        (true, false) => Strength::Exact,
        (true, true) => Strength::Type,
        (false, _) => Strength::Membership,
    };
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect::<Vec<_>>();
    // Without a tree: a word before a bracket is what is called.
    for word in words.into_iter().skip(1).filter(|word| !word.is_empty()) {
        if text.contains(&format!("{word}("))
            && word.starts_with(|c: char| c.is_lowercase() || c == '_')
        {
            assertion.calls.insert(word.to_owned());
        }
    }
    assertion
}
