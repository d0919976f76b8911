//! Assertions that read like a sentence: `expect(x).not.toBe(y)`, `assertThat(x).isEqualTo(y)`,
//! `expect(x).to eq(y)`, `x.Should().Be(y)`.

use super::condition::asserted;
use super::recognise::{Look, finish, is_condition};
use super::throws::expected_error;
use super::{Assertion, Chain, Check, Link, Role, arguments_in, vocabulary};
use crate::syntax::call::function_argument;
use crate::syntax::language::Language;
use crate::syntax::tree::{At, Tree};

/// Functions that are given what is looked at, and begin a chain of matchers.
const HEADS: &[&str] = &[
    "expect",
    "assertThat",
    "assert_that",
    "expectTypeOf",
    "assertType",
    "is_expected",
    "assertWithMessage",
    "expectLater",
];

/// Links among which the head of a chain is looked for.
const HEAD_LINKS_MAX: usize = 3;

/// Matchers that chai writes without calling them.
const PROPERTIES: &[&str] = &[
    "true",
    "false",
    "null",
    "undefined",
    "ok",
    "exist",
    "empty",
    "called",
    "calledOnce",
    "calledTwice",
    "fulfilled",
    "rejected",
    "NaN",
    "finite",
    "frozen",
];

/// The link that begins a chain of matchers.
fn head_of<'c>(look: &Look<'_, '_>, chain: &'c Chain) -> Option<&'c Link> {
    let tree = look.tree();
    if chain.links.len() < 2 || chain.root.is_some() {
        return None;
    }
    let is_ruby = look.reading.language == Language::Ruby;
    let is_head = |link: &Link| {
        let is_named = HEADS.contains(&link.name.as_str()) || (is_ruby && link.name == "_");
        let is_given = link.arguments.is_some()
            || link.name == "is_expected"
            || function_argument(tree, link.at).is_some();
        is_named && is_given
    };
    let (index, head) =
        chain.links.iter().enumerate().take(HEAD_LINKS_MAX).find(|(_, link)| is_head(link))?;
    // What comes before it is only where it comes from: `chai.expect(x)`.
    let is_first = chain.links.iter().take(index).all(|link| link.arguments.is_none());
    (is_first && index + 1 < chain.links.len()).then_some(head)
}

/// What a link is called with.
fn given(tree: &Tree, link: &Link) -> Vec<At> {
    link.arguments.map_or_else(Vec::new, |list| arguments_in(tree, list))
}

/// `expect(x).not.toBe(y)`: whether the chain is one of matchers.
pub(super) fn matched(look: &mut Look<'_, '_>, chain: &Chain) -> bool {
    let tree = look.tree();
    let Some(head) = head_of(look, chain) else { return false };
    let subject = given(tree, head).into_iter().next().or_else(|| function_argument(tree, head.at));
    let rest = chain.links.iter().skip_while(|link| link.at != head.at).skip(1);
    let rest: Vec<&Link> = rest.collect();
    // `assertWithMessage("…").that(x).isEqualTo(y)`
    let that = rest.iter().position(|link| link.name == "that" && link.arguments.is_some());
    match that.and_then(|index| Some((rest.get(index)?, rest.get(index + 1..)?))) {
        Some((that, rest)) => ended(look, given(tree, that).into_iter().next(), rest),
        None => ended(look, subject, &rest),
    }
    true
}

/// `x.should.equal(y)`, `x.Should().Be(y)`, `x.must_equal y`: whether something is asked like that.
pub(super) fn asked(look: &mut Look<'_, '_>, chain: &Chain) -> bool {
    let language = look.reading.language;
    let is_word = |name: &str| match language {
        Language::Ruby => {
            matches!(name, "should" | "should_not")
                || name.starts_with("must_")
                || name.starts_with("wont_")
        }
        Language::CSharp => name == "Should",
        language => name == "should" && language.is_script(),
    };
    let Some(index) = chain.links.iter().position(|link| is_word(&link.name)) else {
        return false;
    };
    let before = index.checked_sub(1).and_then(|index| chain.links.get(index));
    let Some(subject) = before.map(|link| link.at).or(chain.root) else { return false };
    // Ruby's words are matchers themselves, others stand before one.
    let skipped = if language == Language::Ruby { index } else { index + 1 };
    let rest: Vec<&Link> = chain.links.iter().skip(skipped).collect();
    ended(look, Some(subject), &rest);
    true
}

/// Adds what the matchers at the end of a chain assert.
fn ended(look: &mut Look<'_, '_>, subject: Option<At>, rest: &[&Link]) {
    let tree = look.tree();
    let Some(last) = rest.last() else { return };
    let mut matcher = Matcher {
        at: look.at,
        name: last.name.clone(),
        operands: given(tree, last),
        is_denied: rest.iter().any(|link| matches!(link.name.as_str(), "not" | "never")),
    };
    if matches!(last.name.as_str(), "to" | "not_to" | "to_not" | "should" | "should_not") {
        matcher.is_denied |= last.name.contains("not");
        // The matcher is what the last call is given.
        let Some(inner) = matcher.operands.first().copied() else { return };
        let words = super::chain(tree, inner);
        let Some(word) = words.links.first() else { return };
        matcher.at = inner;
        matcher.name.clone_from(&word.name);
        matcher.operands = given(tree, word);
    }
    // AssertJ goes on after an assertion: `assertThat(x).isNotNull().isEqualTo(y)`.
    let is_matcher =
        |link: &&&Link| link.arguments.is_some() && vocabulary::check(&link.name) != Check::Custom;
    let several: Vec<&&Link> = rest.iter().filter(is_matcher).collect();
    if several.len() > 1 && matcher.at == look.at {
        for link in several {
            let (at, name, operands) = (link.at, link.name.clone(), given(tree, link));
            let matcher = Matcher { at, name, operands, is_denied: matcher.is_denied };
            let assertion = of_matcher(look, subject, &matcher);
            look.found.push(assertion);
        }
        return;
    }
    let mut assertion = of_matcher(look, subject, &matcher);
    let rejects = rest.iter().any(|link| matches!(link.name.as_str(), "rejects" | "rejectedWith"));
    if rejects && assertion.thrown.is_none() {
        assertion.check = Check::Throws;
        assertion.thrown = Some(expected_error(tree, &matcher.operands, matcher.at));
    }
    look.found.push(assertion);
}

/// One matcher, as it was written.
struct Matcher {
    at: At,
    name: String,
    operands: Vec<At>,
    is_denied: bool,
}

fn of_matcher(look: &Look<'_, '_>, subject: Option<At>, matcher: &Matcher) -> Assertion {
    let tree = look.tree();
    let check = vocabulary::check(&matcher.name);
    let check = if matcher.is_denied { check.denied() } else { check };
    let expected = matcher.operands.first().copied();
    let truth = match (check, expected) {
        (Check::Truth, _) => Some(true),
        (Check::Falsity, _) => Some(false),
        (Check::Equal, Some(at)) if tree.text(at) == "true" => Some(true),
        (Check::Equal, Some(at)) if tree.text(at) == "false" => Some(false),
        _ => None,
    };
    // `expect(a === b).toBe(true)` asserts what the condition says.
    if let (Some(truth), Some(subject)) = (truth, subject.filter(|at| is_condition(tree, *at))) {
        let mut parts = Vec::new();
        asserted(look.reading, look.at, subject, truth, look.scope, &mut parts);
        if let Some(first) = parts.into_iter().next() {
            return first;
        }
    }
    let mut assertion = look.about(check, subject, expected);
    finish(look, matcher.at, &matcher.operands, &mut assertion);
    assertion
}

/// `expect(x).to.be.true`, which calls nothing.
pub(super) fn property(look: &mut Look<'_, '_>) {
    if !look.reading.language.is_script() {
        return;
    }
    let chain = super::chain(look.tree(), look.at);
    if PROPERTIES.contains(&chain.last_name()) && !matched(look, &chain) {
        asked(look, &chain);
    }
}

/// supertest: `request(app).get('/').expect(200).expect('Content-Type', 'text/plain')`, each of which
/// asserts by itself.
pub(super) fn requested(look: &mut Look<'_, '_>, chain: &Chain) -> bool {
    if !look.reading.language.is_script() {
        return false;
    }
    let tree = look.tree();
    let asks = |link: &&Link| link.name == "expect" && link.arguments.is_some();
    let expected: Vec<&Link> = chain.links.iter().skip(1).filter(asks).collect();
    let Some(first) = expected.first() else { return false };
    // What is asked stands before the first of them.
    let before = chain.links.iter().take_while(|link| link.at != first.at);
    let asked = before.last().map(|link| link.at).or(chain.root);
    for link in expected {
        let given = given(tree, link);
        // A header has a name and a value; what is called at the end is no value.
        let is_code = |at: At| matches!(tree.role(tree.bare(at)), Role::Lambda | Role::Function);
        let values: Vec<At> = given
            .into_iter()
            .filter(|at| !is_code(*at) && !matches!(tree.text(*at), "done" | "cb"))
            .collect();
        let Some(value) = values.last().copied() else { continue };
        let mut assertion = look.about(Check::Equal, asked, Some(value));
        assertion.text = crate::syntax::normal::normal(tree, link.at);
        if let [name, _] = values.as_slice() {
            let name = crate::syntax::normal::normal(tree, *name);
            assertion.subject_text = format!("{}[{name}]", assertion.subject_text);
        } else if tree.role(tree.bare(value)) == Role::Number {
            assertion.subject_text = format!("{}.status", assertion.subject_text);
        }
        look.found.push(assertion);
    }
    true
}

/// Kotest: `x shouldBe y`.
pub(super) fn infix(look: &mut Look<'_, '_>) {
    let tree = look.tree();
    let named: Vec<At> = tree.named(look.at).collect();
    let [left, word, right] = named.as_slice() else { return };
    let Some(name) = tree.text(*word).strip_prefix("should") else { return };
    look.add(vocabulary::check(name), Some(*left), Some(*right));
}

/// `assertThat(x, is(y))`, `Assert.That(x, Is.EqualTo(y))`.
pub(super) fn constrained(look: &mut Look<'_, '_>, subject: Option<At>, constraint: At) {
    let tree = look.tree();
    let mut constraint = constraint;
    let mut is_denied = false;
    // `is(not(equalTo(y)))`: the words around the last one only decorate it.
    loop {
        let words = super::chain(tree, constraint);
        let Some(word) = words.links.last() else { break };
        is_denied ^= words.links.iter().any(|link| matches!(link.name.as_str(), "Not" | "not"));
        let operand = given(tree, word).into_iter().next();
        let inner = operand.filter(|at| {
            let is_call = tree.role(tree.bare(*at)) == Role::Call;
            is_call && vocabulary::check(super::chain(tree, *at).last_name()) != Check::Custom
        });
        match inner {
            Some(inner) if matches!(word.name.as_str(), "is" | "not" | "both" | "either") => {
                constraint = inner;
            }
            _ => {
                let check = vocabulary::check(&word.name);
                let check = if is_denied { check.denied() } else { check };
                look.add(check, subject, operand);
                return;
            }
        }
    }
    look.add(Check::Truth, subject, None);
}
