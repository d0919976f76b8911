//! Assertions: what is looked at, what is expected, and how much that says.

use std::collections::BTreeSet;

use super::Reading;
use super::call::{Chain, Link, arguments, arguments_in, chain, keyword, unquoted};
use super::literal;
use super::normal::{inlined, normal};
use super::role::{Part, Role};
use super::scope::Scope;
use super::test::{decorations, decorator_name};
use super::tree::{At, Tree};
use super::vocabulary::{self, Check, is_broad_error};

mod chained;
mod condition;
mod near;
mod recognise;
mod throws;

pub(crate) use condition::operator;
pub(crate) use near::Tolerance;

/// How much an assertion says, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Strength {
    /// That there is something: a value, an element, no error.
    Truthy,
    /// Of which type it is; that there is some error.
    Type,
    /// That something is in it, or that it is not one certain value.
    Membership,
    /// That it is within bounds: an order, a length, about a value.
    Bound,
    /// What it is.
    Exact,
}

impl Strength {
    /// A few words for a message.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Strength::Truthy => "that there is something",
            Strength::Type => "only its kind",
            Strength::Membership => "only a part of it",
            Strength::Bound => "only its bounds",
            Strength::Exact => "its exact value",
        }
    }
}

/// An error that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Thrown {
    /// Which ones, as written; empty for any.
    pub(crate) types: Vec<String>,
    /// Whether what it says is looked at too.
    pub(crate) has_message: bool,
    /// Whether any error would do.
    pub(crate) is_broad: bool,
}

/// One assertion.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Assertion {
    /// Where it is: the call, the statement, the condition.
    pub(crate) at: At,
    /// Its 1-based line.
    pub(crate) line: u32,
    /// What it looks for.
    pub(crate) check: Check,
    /// How much it says.
    pub(crate) strength: Strength,
    /// What is looked at.
    pub(crate) subject: Option<At>,
    /// What it is compared with.
    pub(crate) expected: Option<At>,
    /// What is looked at, normalised, with the values of locals in place of their names.
    pub(crate) subject_text: String,
    /// What it is compared with, normalised in the same way.
    pub(crate) expected_text: Option<String>,
    /// All of it, normalised.
    pub(crate) text: String,
    /// The last names of all calls that what is looked at comes from.
    pub(crate) calls: BTreeSet<String>,
    /// The values of the literals in it.
    pub(crate) literals: BTreeSet<String>,
    /// What it expects and what it calls with, where that is written out, each normalised.
    pub(crate) pieces: BTreeSet<String>,
    /// Whether only a part of a value is looked at: one field, one element.
    pub(crate) is_partial: bool,
    /// How far off the value may be.
    pub(crate) tolerance: Option<Tolerance>,
    /// Which error is expected.
    pub(crate) thrown: Option<Thrown>,
}

/// The assertions among `nodes`, in the order of the text.
pub(super) fn among(reading: Reading<'_>, nodes: &[At], scope: &Scope) -> Vec<Assertion> {
    let mut found = Vec::new();
    for at in nodes {
        let before = found.len();
        recognise::at(reading, *at, scope, &mut found);
        debug_assert!(found.len() - before <= condition::PARTS_MAX + 1, "bounded");
    }
    found
}

/// What decorations of a test assert: that it fails in a certain way.
pub(super) fn decorated(reading: Reading<'_>, holders: &[At]) -> Vec<Assertion> {
    let Reading { tree, .. } = reading;
    let Some(own) = holders.first() else { return Vec::new() };
    let mut found = Vec::new();
    for mark in decorations(tree, *own) {
        let name = decorator_name(tree, mark);
        let last = name.rsplit(['.', ':', '\\']).next().unwrap_or_default();
        let text = tree.text(mark);
        let is_expected = match last {
            "should_panic" | "ExpectedException" | "expectedException" => true,
            "Test" => text.contains("expected"),
            _ => false,
        };
        if is_expected {
            let message = tree.inside(mark).any(|at| tree.role(at) == Role::Text);
            let types: Vec<String> = tree
                .inside(mark)
                .filter(|at| tree.text(*at).ends_with(".class") && tree.role(*at) == Role::Wrap)
                .map(|at| throws::type_name(tree.text(at)).to_owned())
                .take(1)
                .collect();
            let is_broad = !message && types.iter().all(|name| is_broad_error(name));
            let thrown = Thrown { types, has_message: message, is_broad };
            let mut assertion = plain(reading, mark, Check::Throws, &Scope::default());
            assertion.strength = if is_broad { Strength::Type } else { Strength::Exact };
            assertion.thrown = Some(thrown);
            found.push(assertion);
        }
    }
    found
}

/// An assertion about which nothing more is known.
fn plain(reading: Reading<'_>, at: At, check: Check, scope: &Scope) -> Assertion {
    let tree = reading.tree;
    Assertion {
        at,
        line: tree.line(at),
        check,
        strength: Strength::Truthy,
        subject: None,
        expected: None,
        subject_text: String::new(),
        expected_text: None,
        text: inlined(tree, at, scope),
        calls: BTreeSet::new(),
        literals: literal::literals(tree, at).into_iter().map(|literal| literal.value).collect(),
        pieces: BTreeSet::new(),
        is_partial: false,
        tolerance: None,
        thrown: None,
    }
}

/// An assertion that looks at `subject` and compares it with `expected`.
fn about(
    reading: Reading<'_>,
    at: At,
    check: Check,
    subject: Option<At>,
    expected: Option<At>,
    scope: &Scope,
) -> Assertion {
    let tree = reading.tree;
    let (subject, expected) = match (check, subject, expected) {
        (Check::Equal | Check::Different | Check::Near, Some(a), Some(b)) => {
            let (a, b) = (tree.bare(a), tree.bare(b));
            if is_rather_expected(tree, a, b, scope) {
                (Some(b), Some(a))
            } else {
                (Some(a), Some(b))
            }
        }
        (_, a, b) => (a.map(|at| tree.bare(at)), b.map(|at| tree.bare(at))),
    };
    // That it has no element, however it is asked.
    let (check, subject, expected) = match (check, subject, expected) {
        (Check::Equal | Check::Length, Some(measured), Some(zero)) if is_zero(tree, zero) => {
            match counted(tree, measured).or((check == Check::Length).then_some(measured)) {
                Some(inner) => (Check::Empty, Some(inner), None),
                None => (check, subject, expected),
            }
        }
        other => other,
    };
    let mut assertion = plain(reading, at, check, scope);
    assertion.subject_text = subject.map_or_else(String::new, |at| inlined(tree, at, scope));
    assertion.expected_text = expected.map(|at| inlined(tree, at, scope));
    assertion.calls = subject.map_or_else(BTreeSet::new, |at| sources(tree, at, scope));
    for at in [subject, expected].into_iter().flatten() {
        // What locals stand for is a part of what is asserted.
        for name in tree.inside(at).chain([at]).filter(|at| tree.role(*at) == Role::Name) {
            if let Some(value) = scope.value(tree, name) {
                let more = literal::literals(tree, value).into_iter();
                assertion.literals.extend(more.map(|literal| literal.value));
            }
        }
    }
    if check == Check::Empty {
        assertion.literals.remove("0");
    }
    assertion.pieces = pieces(tree, subject, expected, scope);
    assertion.is_partial = subject.is_some_and(|at| is_part(tree, at, scope));
    assertion.subject = subject;
    assertion.expected = expected;
    assertion.strength = strength(tree, &assertion);
    assertion
}

/// Whether `first` reads like what is expected, and `second` like what is looked at.
fn is_rather_expected(tree: &Tree, first: At, second: At, scope: &Scope) -> bool {
    weight(tree, first, scope) < weight(tree, second, scope)
}

/// 0 for what is written out, 1 for names, 2 for what is called for.
fn weight(tree: &Tree, at: At, scope: &Scope) -> u8 {
    let nodes = || std::iter::once(at).chain(tree.inside(at));
    if !sources(tree, at, scope).is_empty() {
        return 2;
    }
    let has_name = nodes().any(|at| tree.role(at) == Role::Name && !is_constant_name(tree, at));
    u8::from(has_name)
}

fn is_constant_name(tree: &Tree, at: At) -> bool {
    let text = tree.text(at);
    text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        || text.starts_with(char::is_uppercase)
}

/// Names that make a value fit to be compared, and say nothing about where it comes from.
const SHAPERS: &[&str] = &[
    "len",
    "str",
    "repr",
    "int",
    "float",
    "bool",
    "list",
    "dict",
    "set",
    "tuple",
    "sorted",
    "type",
    "isinstance",
    "abs",
    "round",
    "sum",
    "min",
    "max",
    "String",
    "Number",
    "Boolean",
    "toString",
    "to_string",
    "to_owned",
    "into",
    "from",
    "clone",
    "unwrap",
    "expect",
    "as_str",
    "as_ref",
    "Decimal",
    "Ok",
    "Err",
    "Some",
    "approx",
    "any",
    "all",
    "join",
    "split",
    "trim",
    "strip",
    "items",
    "keys",
    "values",
    "valueOf",
    "of",
    "asList",
    "size",
    "length",
    "append",
    "iter",
    "collect",
    "to_vec",
    "vec",
    "await",
    "isArray",
    "includes",
    "startsWith",
    "endsWith",
    "contains",
    "Sprintf",
    "Sprint",
];

/// How many locals are followed to what they come from.
const FOLLOWED_MAX: usize = 16;

/// The last names of the calls that a value comes from, through locals.
fn sources(tree: &Tree, at: At, scope: &Scope) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut seen: BTreeSet<At> = BTreeSet::new();
    let mut open = vec![at];
    while let Some(at) = open.pop() {
        if seen.len() >= FOLLOWED_MAX || !seen.insert(at) {
            continue;
        }
        for node in std::iter::once(at).chain(tree.inside(at)) {
            match tree.role(node) {
                Role::Call | Role::New => {
                    let chain = chain(tree, node);
                    let name = chain.last_name();
                    let is_shaper = SHAPERS.contains(&name) || chain.first_name() == "JSON";
                    if !name.is_empty() && !is_shaper {
                        names.insert(name.to_owned());
                    }
                }
                Role::Name => open.extend(scope.origin(tree, node)),
                _ => {}
            }
        }
    }
    names
}

/// What is counted by `len(x)`, `x.length`.
fn counted(tree: &Tree, at: At) -> Option<At> {
    let at = tree.bare(at);
    if measure(tree, at) != Some(Measure::Length) {
        return None;
    }
    let chain = chain(tree, at);
    let given = chain.links.last().and_then(|link| link.arguments);
    let first = given.and_then(|list| arguments_in(tree, list).into_iter().next());
    let object = chain.links.len().checked_sub(2).and_then(|index| chain.links.get(index));
    first.or(object.map(|link| link.at)).or(chain.root)
}

/// Whether a value is a part of another: an element, a field, one of several that are handed back.
fn is_part(tree: &Tree, at: At, scope: &Scope) -> bool {
    match tree.role(at) {
        Role::Subscript => true,
        Role::Member => chain(tree, at).links.iter().all(|link| link.arguments.is_none()),
        Role::Name => match scope.value(tree, at) {
            Some(value) => {
                let value = tree.bare(value);
                matches!(tree.role(value), Role::Subscript | Role::Member)
            }
            None => scope.origin(tree, at).is_some(),
        },
        _ => false,
    }
}

/// What is expected and what is called with, where that is written out.
fn pieces(
    tree: &Tree,
    subject: Option<At>,
    expected: Option<At>,
    scope: &Scope,
) -> BTreeSet<String> {
    let is_written =
        |at: At| std::iter::once(at).chain(tree.inside(at)).any(|at| is_literal(tree, at));
    let mut pieces = BTreeSet::new();
    if let Some(expected) = expected {
        let value = match tree.role(expected) {
            Role::Name => scope.value(tree, expected).unwrap_or(expected),
            _ => expected,
        };
        if is_written(value) {
            pieces.insert(normal(tree, tree.bare(value)));
        }
    }
    let mut seen: BTreeSet<At> = BTreeSet::new();
    let mut open: Vec<At> = subject.into_iter().collect();
    while let Some(at) = open.pop() {
        if seen.len() >= FOLLOWED_MAX || !seen.insert(at) {
            continue;
        }
        for node in std::iter::once(at).chain(tree.inside(at)) {
            match tree.role(node) {
                Role::Call | Role::New => {
                    for argument in arguments(tree, node) {
                        let bare = tree.bare(argument);
                        let has_call = std::iter::once(bare)
                            .chain(tree.inside(bare))
                            .any(|at| matches!(tree.role(at), Role::Call | Role::New));
                        let is_code = matches!(tree.role(bare), Role::Lambda | Role::Function);
                        if !has_call && !is_code && is_written(bare) {
                            pieces.insert(normal(tree, bare));
                        }
                    }
                }
                Role::Name => open.extend(scope.origin(tree, node)),
                _ => {}
            }
        }
    }
    pieces
}

fn is_literal(tree: &Tree, at: At) -> bool {
    matches!(tree.role(at), Role::Text | Role::Number | Role::Boolean | Role::Null)
}

/// How much a comparison says.
fn strength(tree: &Tree, assertion: &Assertion) -> Strength {
    let expected = assertion.expected;
    let measure = assertion.subject.and_then(|at| measure(tree, at));
    match assertion.check {
        Check::Equal | Check::Absent => match (measure, expected) {
            (Some(Measure::Length), Some(at)) if is_zero(tree, at) => Strength::Exact,
            (Some(Measure::Length), _) => Strength::Bound,
            (Some(Measure::Type), _) => Strength::Type,
            _ => Strength::Exact,
        },
        Check::Empty | Check::Snapshot | Check::CalledWith | Check::Custom | Check::Falsity => {
            Strength::Exact
        }
        Check::Different => match (measure, expected) {
            (Some(Measure::Length), Some(at)) if is_zero(tree, at) => Strength::Truthy,
            (_, Some(at)) if matches!(tree.role(at), Role::Null | Role::Boolean) => {
                Strength::Truthy
            }
            (_, Some(at)) if is_blank(tree, at) => Strength::Truthy,
            _ => Strength::Membership,
        },
        Check::Contains | Check::Matches => Strength::Membership,
        Check::Type => Strength::Type,
        Check::Order => match (measure, expected) {
            (Some(Measure::Length), Some(at)) if is_zero(tree, at) || tree.text(at) == "1" => {
                Strength::Truthy
            }
            _ => Strength::Bound,
        },
        Check::Near => near::strength(tree, assertion),
        Check::Length | Check::Called => Strength::Bound,
        Check::Throws => Strength::Exact,
        Check::Truth | Check::Present | Check::Filled | Check::Quiet | Check::Unreached => {
            Strength::Truthy
        }
    }
}

/// What is looked at in place of the value itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Measure {
    Length,
    Type,
}

fn measure(tree: &Tree, at: At) -> Option<Measure> {
    let at = tree.bare(at);
    match tree.role(at) {
        Role::Call | Role::Member => {
            let chain = chain(tree, at);
            let given = chain.links.last().and_then(|link| link.arguments);
            let is_given = given.is_some_and(|list| tree.named(list).next().is_some());
            match chain.last_name() {
                "len" | "strlen" if is_given => Some(Measure::Length),
                "len" | "length" | "size" | "count" | "Count" | "Length"
                    if !is_given && chain.links.len() > 1 =>
                {
                    Some(Measure::Length)
                }
                "type" | "getClass" | "GetType" | "constructor" | "__class__" | "class" => {
                    Some(Measure::Type)
                }
                _ => None,
            }
        }
        Role::Unary if tree.text(at).starts_with("typeof") => Some(Measure::Type),
        _ => None,
    }
}

fn is_zero(tree: &Tree, at: At) -> bool {
    tree.role(at) == Role::Number && tree.text(at).trim_matches('0').is_empty()
}

/// An empty text or list.
fn is_blank(tree: &Tree, at: At) -> bool {
    match tree.role(at) {
        Role::Text => unquoted(tree.text(at)).is_empty(),
        Role::List | Role::Map => tree.named(at).next().is_none(),
        _ => false,
    }
}
