//! What is an assertion, and of which form.

use super::condition::asserted;
use super::throws::{caught_here, complete};
use super::{
    Assertion, Chain, Check, Part, Reading, Role, Scope, Strength, about, chain, chained, near,
    plain, vocabulary,
};
use crate::syntax::call::{arguments, positional};
use crate::syntax::language::Language;
use crate::syntax::tree::{At, Tree};

/// One node that may assert something, and where that goes.
pub(super) struct Look<'a, 'f> {
    pub(super) reading: Reading<'a>,
    pub(super) scope: &'a Scope,
    /// The node.
    pub(super) at: At,
    pub(super) found: &'f mut Vec<Assertion>,
}

impl<'a> Look<'a, '_> {
    pub(super) fn tree(&self) -> &'a Tree {
        self.reading.tree
    }

    pub(super) fn about(
        &self,
        check: Check,
        subject: Option<At>,
        expected: Option<At>,
    ) -> Assertion {
        about(self.reading, self.at, check, subject, expected, self.scope)
    }

    pub(super) fn add(&mut self, check: Check, subject: Option<At>, expected: Option<At>) {
        let assertion = self.about(check, subject, expected);
        self.found.push(assertion);
    }

    pub(super) fn condition(&mut self, condition: At, expected: bool) {
        asserted(self.reading, self.at, condition, expected, self.scope, self.found);
    }
}

/// Names of objects whose methods assert.
const OBJECTS: &[&str] = &[
    "assert",
    "Assert",
    "Assertions",
    "require",
    "assertions",
    "CollectionAssert",
    "StringAssert",
    "ClassicAssert",
    "chai",
    "MatcherAssert",
    "must",
    "qt",
    "should",
];

/// Objects that runners give to tests, and that assert among other things.
const RUNNERS: &[&str] = &["t", "tt", "test", "tap", "ctx", "QUnit", "is", "c"];

/// What such objects assert by.
const RUNNER_METHODS: &[&str] = &[
    "is",
    "not",
    "deepEqual",
    "notDeepEqual",
    "like",
    "truthy",
    "falsy",
    "true",
    "false",
    "assert",
    "throws",
    "notThrows",
    "throwsAsync",
    "notThrowsAsync",
    "regex",
    "notRegex",
    "snapshot",
    "equal",
    "notEqual",
    "same",
    "notSame",
    "strictSame",
    "ok",
    "notOk",
    "match",
    "rejects",
    "resolves",
    "hasProp",
    "error",
    "strictEqual",
    "deepLooseEqual",
    "Assert",
];

/// Functions that are also called without the object they belong to.
const BARE: &[&str] = &[
    "strictEqual",
    "deepStrictEqual",
    "notStrictEqual",
    "deepEqual",
    "notDeepEqual",
    "notDeepStrictEqual",
    "equal",
    "notEqual",
    "ok",
    "throws",
    "rejects",
    "doesNotThrow",
    "doesNotReject",
    "match",
    "doesNotMatch",
];

/// Beginnings of names that assert, whatever they are called on.
const BEGINNINGS: &[&str] =
    &["assert", "refute", "xctassert", "expect_", "prop_assert", "debug_assert"];

/// Whole names that do.
const WHOLE: &[&str] = &["XCTFail", "CHECK", "REQUIRE", "REQUIRE_THAT", "CHECK_EQ"];

/// Adds what the node asserts.
pub(super) fn at(reading: Reading<'_>, at: At, scope: &Scope, found: &mut Vec<Assertion>) {
    let tree = reading.tree;
    let mut look = Look { reading, scope, at, found };
    match tree.role(at) {
        Role::Assert => {
            if let Some(condition) = tree.named(at).next() {
                look.condition(condition, true);
            }
        }
        Role::If => failing_branch(&mut look),
        Role::Call if !is_inner(tree, at) => call(&mut look),
        Role::Member if is_statement(tree, at) => chained::property(&mut look),
        Role::Binary if reading.language == Language::Kotlin => chained::infix(&mut look),
        _ => {}
    }
}

/// Whether the node is only the beginning of a longer chain.
fn is_inner(tree: &Tree, at: At) -> bool {
    let mut at = at;
    loop {
        let Some(around) = tree.around(at) else { return false };
        match tree.role(around) {
            Role::Wrap | Role::Await => at = around,
            Role::Member => return tree.named(around).next() == Some(at),
            Role::Call => return tree.part(at) != Part::Arguments,
            _ => return false,
        }
    }
}

fn is_statement(tree: &Tree, at: At) -> bool {
    tree.around(at).is_some_and(|around| {
        matches!(tree.role(around), Role::Statement | Role::Await | Role::Return)
            || (tree.role(around) == Role::Lambda && tree.part(at) == Part::Body)
    })
}

fn call(look: &mut Look<'_, '_>) {
    let tree = look.tree();
    let chain = chain(tree, look.at);
    let name = chain.last_name();
    if chained::matched(look, &chain)
        || chained::requested(look, &chain)
        || chained::asked(look, &chain)
    {
        return;
    }
    if is_failing_call(look.reading, &chain) {
        unreached(look);
    } else if asserts_by_name(look.reading, &chain, name) {
        named(look, &chain, name);
    } else if chain.first_name() == "verify" && chain.links.len() > 1 {
        let is_given = !arguments(tree, look.at).is_empty();
        look.add(if is_given { Check::CalledWith } else { Check::Called }, None, None);
    }
}

/// Whether a call asserts because of what it is called, or called on.
fn asserts_by_name(reading: Reading<'_>, chain: &Chain, name: &str) -> bool {
    let language = reading.language;
    let (first, length) = (chain.first_name(), chain.links.len());
    let lower = name.to_ascii_lowercase();
    if BEGINNINGS.iter().any(|beginning| lower.starts_with(beginning)) || WHOLE.contains(&name) {
        return true;
    }
    if length > 1 && OBJECTS.contains(&first) {
        return true;
    }
    // `t.assert.equal(…)`
    if length > 2 && chain.links.get(1).is_some_and(|link| link.name == "assert") {
        return true;
    }
    let is_runner = match language {
        Language::Go => first == "is" || (first == "c" && matches!(name, "Assert" | "Check")),
        language => {
            language.is_script() && RUNNERS.contains(&first) && RUNNER_METHODS.contains(&name)
        }
    };
    if length == 2 && is_runner {
        return true;
    }
    if length == 1 && language.is_script() && BARE.contains(&name) {
        // Words that others use too, unless the file speaks of a library that has them.
        let text = reading.tree.whole_text();
        return ["assert", "chai", "uvu"].iter().any(|library| text.contains(library));
    }
    match language {
        Language::Python => {
            matches!(name, "raises" | "warns" | "deprecated_call")
                && (first == "pytest" || length == 1)
        }
        Language::Php => lower.starts_with("expectexception"),
        _ => false,
    }
}

/// `assertEqual(a, b)`, `assert.equal(a, b)`, `assert_eq!(a, b)`.
fn named(look: &mut Look<'_, '_>, chain: &Chain, name: &str) {
    let tree = look.tree();
    let mut given = positional(tree, look.at);
    // Go gives the runner along.
    if look.reading.language == Language::Go
        && given.first().is_some_and(|at| matches!(tree.text(*at), "t" | "tb" | "b"))
    {
        given.remove(0);
    }
    let (first, second) = (given.first().copied(), given.get(1).copied());
    if matches!(name, "assertThat" | "assert_that" | "That" | "REQUIRE_THAT")
        && let Some(constraint) = second
    {
        chained::constrained(look, first, constraint);
        return;
    }
    let is_number = |at: Option<At>| at.is_some_and(|at| tree.role(tree.bare(at)) == Role::Number);
    let check = vocabulary::check(name);
    // `should.not.exist(x)`
    let is_denied = chain.links.len() > 2 && chain.links.iter().any(|link| link.name == "not");
    let check = if is_denied { check.denied() } else { check };
    match check {
        Check::Truth | Check::Falsity => {
            if let Some(condition) = first {
                look.condition(condition, check == Check::Truth);
            }
        }
        Check::Equal if is_true(tree, second) && first.is_some_and(|at| is_condition(tree, at)) => {
            if let Some(condition) = first {
                look.condition(condition, true);
            }
        }
        Check::Called | Check::CalledWith => {
            let mut assertion = plain(look.reading, look.at, check, look.scope);
            let object = chain.links.len().checked_sub(2).and_then(|at| chain.links.get(at));
            assertion.subject_text = object.map_or_else(String::new, |link| link.name.clone());
            let is_loose = check == Check::Called;
            assertion.strength = if is_loose { Strength::Bound } else { Strength::Exact };
            look.found.push(assertion);
        }
        // What is looked at comes last in these.
        Check::Contains if matches!(name, "assertIn" | "assertNotIn" | "assertContains") => {
            look.add(check, second, first);
        }
        Check::Length if is_number(first) => look.add(check, second, first),
        _ => {
            let mut assertion = look.about(check, first, second);
            finish(look, look.at, &given, &mut assertion);
            look.found.push(assertion);
        }
    }
}

fn is_true(tree: &Tree, at: Option<At>) -> bool {
    at.is_some_and(|at| matches!(tree.text(at), "true" | "True"))
}

/// Completes what depends on more than two values.
pub(super) fn finish(look: &Look<'_, '_>, call: At, given: &[At], assertion: &mut Assertion) {
    let tree = look.tree();
    match assertion.check {
        Check::Near => near::of_call(tree, call, assertion),
        Check::Equal
            if given.len() == 3
                && given.get(2).is_some_and(|at| near::number(tree, *at).is_some()) =>
        {
            near::of_call(tree, call, assertion);
        }
        Check::Throws => complete(look, call, given, assertion),
        _ => {}
    }
}

/// Whether a value that is compared is a condition, so that what it compares is what is asserted.
pub(super) fn is_condition(tree: &Tree, at: At) -> bool {
    let at = tree.bare(at);
    match tree.role(at) {
        Role::Binary => {
            let operator = super::condition::operator(tree, at);
            !matches!(operator.as_str(), "+" | "-" | "*" | "/" | "%" | "??" | "|" | "&" | "^")
        }
        Role::Unary => super::condition::operator(tree, at) == "!",
        _ => false,
    }
}

/// A condition under which the test is made to fail.
fn failing_branch(look: &mut Look<'_, '_>) {
    let tree = look.tree();
    let condition = tree.child(look.at, Part::Condition);
    let body = tree.child(look.at, Part::Body).or_else(|| {
        // Some grammars name nothing but the condition.
        tree.named(look.at).find(|at| Some(*at) != condition)
    });
    let (Some(condition), Some(body)) = (condition, body) else { return };
    if fails(look.reading, body) {
        look.condition(condition, false);
    }
    let otherwise = tree.child(look.at, Part::Alternative);
    if otherwise.is_some_and(|at| tree.role(at) != Role::If && fails(look.reading, at)) {
        look.condition(condition, true);
    }
}

/// Whether a branch makes the test fail.
pub(super) fn fails(reading: Reading<'_>, branch: At) -> bool {
    let tree = reading.tree;
    let is_shut = |at: At| {
        matches!(tree.role(at), Role::If | Role::Loop | Role::Lambda | Role::Function | Role::Try)
    };
    let mut nodes = std::iter::once(branch).chain(tree.inside_but(branch, is_shut));
    nodes.any(|at| match tree.role(at) {
        Role::Throw => !tree.text(at).to_ascii_lowercase().contains("skip"),
        Role::Call => {
            let chain = chain(tree, at);
            is_failing_call(reading, &chain)
                || matches!(chain.last_name(), "panic" | "unreachable" | "abort")
        }
        _ => false,
    })
}

/// Whether a call makes the test fail.
fn is_failing_call(reading: Reading<'_>, chain: &Chain) -> bool {
    let (first, last) = (chain.first_name(), chain.last_name());
    if reading.language == Language::Go {
        // The name of what the runner gives is short.
        return chain.links.len() == 2
            && matches!(last, "Error" | "Errorf" | "Fatal" | "Fatalf" | "Fail" | "FailNow")
            && first.len() <= 4;
    }
    let owners = ["pytest", "self", "this", "assert", "Assert", "Assertions", "t", "expect"];
    match last {
        "fail" | "flunk" => chain.links.len() == 1 || owners.contains(&first),
        "XCTFail" | "FAIL" => true,
        _ => false,
    }
}

/// A place that must not be reached: in a block that is tried it says that an error is expected.
/// Under a condition it has been counted there.
fn unreached(look: &mut Look<'_, '_>) {
    let tree = look.tree();
    let held = tree.all_around(look.at).find(|at| {
        matches!(
            tree.role(*at),
            Role::If | Role::Try | Role::Handler | Role::Function | Role::Lambda | Role::Case
        )
    });
    if let Some(tried) = held.filter(|at| tree.role(*at) == Role::Try) {
        let assertion = caught_here(look, tried);
        look.found.push(assertion);
    }
}
