//! What is an assertion, and of what form.

use super::condition::asserted;
use super::{
    Assertion, Chain, Check, Link, Part, Reading, Role, Scope, Strength, Thrown, about,
    arguments_in, chain, is_broad_error, keyword, near, plain, unquoted, vocabulary,
};
use crate::syntax::call::{arguments, function_argument, positional};
use crate::syntax::language::Language;
use crate::syntax::tree::{At, Tree};

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
    "console.assert",
];

/// Objects of runners that assert by methods with these names.
const RUNNERS: &[&str] = &["t", "tt", "test", "tap", "ctx", "QUnit", "is", "check", "c"];

/// Methods of such objects.
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
    "fail",
    "Assert",
];

/// Functions that begin a chain of matchers.
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

/// Functions of `node:assert` and `chai.assert` that are also called without their object.
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

/// Adds what the node asserts.
pub(super) fn at(reading: Reading<'_>, at: At, scope: &Scope, found: &mut Vec<Assertion>) {
    let tree = reading.tree;
    match tree.role(at) {
        Role::Assert => {
            if let Some(condition) = tree.named(at).next() {
                asserted(reading, at, condition, true, scope, found);
            }
        }
        Role::If => failing_branch(reading, at, scope, found),
        Role::Call if !is_inner(tree, at) => call(reading, at, scope, found),
        Role::Member if is_statement(tree, at) => property(reading, at, scope, found),
        Role::Binary if reading.language == Language::Kotlin => infix(reading, at, scope, found),
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

fn call(reading: Reading<'_>, at: At, scope: &Scope, found: &mut Vec<Assertion>) {
    let tree = reading.tree;
    let chain = chain(tree, at);
    let Some(last) = chain.links.last() else { return };
    if let Some(head) = head_of(reading, &chain) {
        matched(reading, at, &chain, head, scope, found);
        return;
    }
    let first = chain.first_name();
    let second = chain.links.get(1).map_or("", |link| link.name.as_str());
    let name = last.name.as_str();
    let lower = name.to_ascii_lowercase();
    let is_asserting_name = lower.starts_with("assert")
        || lower.starts_with("refute")
        || lower.starts_with("xctassert")
        || lower.starts_with("expect_")
        || lower.starts_with("prop_assert")
        || lower.starts_with("debug_assert")
        || matches!(name, "XCTFail" | "CHECK" | "REQUIRE" | "REQUIRE_THAT" | "CHECK_EQ");
    let is_object = OBJECTS.contains(&first) && chain.links.len() > 1
        // `t.assert.equal(…)`
        || second == "assert" && chain.links.len() > 2
        || first == "is" && reading.language == Language::Go && chain.links.len() == 2;
    let is_runner = RUNNERS.contains(&first)
        && chain.links.len() == 2
        && RUNNER_METHODS.contains(&name)
        && (reading.language.is_script() || reading.language == Language::Go && first == "c");
    let is_bare = chain.links.len() == 1
        && reading.language.is_script()
        && BARE.contains(&name)
        && imports_assert(tree);
    let is_raising = matches!(name, "raises" | "warns" | "deprecated_call")
        && (first == "pytest" || chain.links.len() == 1)
        && reading.language == Language::Python;
    let is_failing = is_failing_call(reading, &chain);
    let is_expecting = reading.language == Language::Php && lower.starts_with("expectexception");
    if is_failing {
        unreached(reading, at, scope, found);
    } else if is_asserting_name || is_object || is_runner || is_bare || is_raising || is_expecting {
        named(reading, at, &chain, name, scope, found);
    } else if first == "verify" && chain.links.len() > 1 {
        let with = !arguments(tree, at).is_empty();
        let check = if with { Check::CalledWith } else { Check::Called };
        found.push(about(reading, at, check, None, None, scope));
    } else if name == "expect"
        && chain.links.len() > 1
        && !arguments(tree, at).is_empty()
        && reading.language.is_script()
    {
        // supertest: `request(app).get('/').expect(200)`
        let first = arguments(tree, at).into_iter().next();
        let mut assertion = about(reading, at, Check::Equal, chain.root, first, scope);
        assertion.calls.extend(chain.links.iter().map(|link| link.name.clone()));
        found.push(assertion);
    }
}

/// Whether the file speaks of a library whose functions are called without their object.
fn imports_assert(tree: &Tree) -> bool {
    let text = tree.whole_text();
    ["assert", "chai", "uvu"].iter().any(|library| text.contains(library))
}

/// The link that begins a chain of matchers, and is given what is looked at.
fn head_of<'a>(reading: Reading<'_>, chain: &'a Chain) -> Option<&'a Link> {
    let tree = reading.tree;
    let is_head =
        |name: &str| HEADS.contains(&name) || (name == "_" && reading.language == Language::Ruby);
    if chain.links.len() < 2 || chain.root.is_some() {
        return None;
    }
    let (index, head) = chain
        .links
        .iter()
        .enumerate()
        .take(3)
        .find(|(_, link)| is_head(&link.name) && is_given(tree, link))?;
    (index + 1 < chain.links.len()).then_some(head)
}

fn is_given(tree: &Tree, link: &Link) -> bool {
    link.arguments.is_some()
        || link.name == "is_expected"
        || function_argument(tree, link.at).is_some()
}

/// `expect(x).not.toBe(y)`, `assertThat(x).isEqualTo(y)`, `expect(x).to eq(y)`.
fn matched(
    reading: Reading<'_>,
    at: At,
    chain: &Chain,
    head: &Link,
    scope: &Scope,
    found: &mut Vec<Assertion>,
) {
    let tree = reading.tree;
    let given = |link: &Link| {
        link.arguments.map_or_else(Vec::new, |arguments| arguments_in(tree, arguments))
    };
    let subject = given(head).into_iter().next().or_else(|| function_argument(tree, head.at));
    let rest = chain.links.iter().skip_while(|link| link.at != head.at).skip(1);
    let rest: Vec<&Link> = rest.collect();
    let mut is_denied = rest.iter().any(|link| matches!(link.name.as_str(), "not" | "never"));
    let Some(last) = rest.last() else { return };
    let (mut name, mut operands, mut matcher) = (last.name.clone(), given(last), at);
    if matches!(name.as_str(), "to" | "not_to" | "to_not" | "should" | "should_not") {
        is_denied |= matches!(name.as_str(), "not_to" | "to_not" | "should_not");
        // The matcher is what the last call is given.
        let Some(given) = operands.first().copied() else { return };
        matcher = given;
        let inner = self::chain(tree, given);
        let Some(link) = inner.links.first() else { return };
        name = link.name.clone();
        operands = link.arguments.map_or_else(Vec::new, |list| arguments_in(tree, list));
    }
    // AssertJ goes on after an assertion: `assertThat(x).isNotNull().isEqualTo(y)`.
    let chained: Vec<&&Link> =
        rest.iter().filter(|link| link.arguments.is_some() && is_matcher(&link.name)).collect();
    if chained.len() > 1 && matcher == at {
        for link in chained {
            let operands = given(link);
            found.push(of_matcher(
                reading, at, link.at, &link.name, subject, &operands, is_denied, scope,
            ));
        }
        return;
    }
    let rejects = rest.iter().any(|link| matches!(link.name.as_str(), "rejects" | "rejectedWith"));
    let mut assertion =
        of_matcher(reading, at, matcher, &name, subject, &operands, is_denied, scope);
    if rejects && assertion.thrown.is_none() {
        assertion.check = Check::Throws;
        assertion.thrown = Some(thrown(tree, &operands, matcher));
    }
    found.push(assertion);
}

fn is_matcher(name: &str) -> bool {
    vocabulary::check(name) != Check::Custom && !matches!(name, "as" | "extracting" | "describedAs")
}

#[expect(clippy::too_many_arguments, reason = "one matcher, as it was written")]
fn of_matcher(
    reading: Reading<'_>,
    at: At,
    matcher: At,
    name: &str,
    subject: Option<At>,
    operands: &[At],
    is_denied: bool,
    scope: &Scope,
) -> Assertion {
    let tree = reading.tree;
    let check = vocabulary::check(name);
    let check = if is_denied { check.denied() } else { check };
    let expected = operands.first().copied();
    // `expect(x.length).toBe(3)`, `expect(a === b).toBe(true)`.
    let is_condition = subject.is_some_and(|at| is_condition(tree, at));
    let truth = match (check, expected) {
        (Check::Truth, _) => Some(true),
        (Check::Falsity, _) => Some(false),
        (Check::Equal, Some(at)) if tree.text(at) == "true" => Some(true),
        (Check::Equal, Some(at)) if tree.text(at) == "false" => Some(false),
        _ => None,
    };
    if let (true, Some(truth), Some(subject)) = (is_condition, truth, subject) {
        let mut parts = Vec::new();
        asserted(reading, at, subject, truth, scope, &mut parts);
        if let Some(first) = parts.into_iter().next() {
            return first;
        }
    }
    let mut assertion = about(reading, at, check, subject, expected, scope);
    finish(reading, matcher, operands, &mut assertion, scope);
    assertion
}

/// Whether a value that is compared is a condition, so that what it compares is what is asserted.
fn is_condition(tree: &Tree, at: At) -> bool {
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

/// `assertEqual(a, b)`, `assert.equal(a, b)`, `assert_eq!(a, b)`.
fn named(
    reading: Reading<'_>,
    at: At,
    chain: &Chain,
    name: &str,
    scope: &Scope,
    found: &mut Vec<Assertion>,
) {
    let tree = reading.tree;
    let mut given = positional(tree, at);
    // Go gives the runner along.
    if reading.language == Language::Go
        && given.first().is_some_and(|at| matches!(tree.text(*at), "t" | "tb" | "b"))
    {
        given.remove(0);
    }
    let mut check = vocabulary::check(name);
    // `assert.ok(…)`, `assert.equal(…)`: the name of the object says nothing.
    if chain.links.len() == 1 && name == "assert" {
        check = Check::Truth;
    }
    let (first, second) = (given.first().copied(), given.get(1).copied());
    if matches!(name, "assertThat" | "assert_that" | "That" | "REQUIRE_THAT")
        && let Some(constraint) = second
    {
        found.push(constrained(reading, at, first, constraint, scope));
        return;
    }
    match check {
        Check::Truth | Check::Falsity => {
            if let Some(condition) = first {
                asserted(reading, at, condition, check == Check::Truth, scope, found);
            }
        }
        Check::Called | Check::CalledWith => {
            let mut assertion = plain(reading, at, check, scope);
            let object = chain.links.len().checked_sub(2).and_then(|at| chain.links.get(at));
            assertion.subject_text = object.map_or_else(String::new, |link| link.name.clone());
            assertion.strength =
                if check == Check::Called { Strength::Bound } else { Strength::Exact };
            found.push(assertion);
        }
        Check::Contains => {
            // Python's `assertIn(member, container)`; elsewhere the container comes first.
            let is_turned = matches!(name, "assertIn" | "assertNotIn" | "assertContains");
            let (subject, expected) = if is_turned { (second, first) } else { (first, second) };
            found.push(about(reading, at, check, subject, expected, scope));
        }
        Check::Equal
            if second.is_some_and(|at| matches!(tree.text(at), "true" | "True"))
                && first.is_some_and(|at| is_condition(tree, at)) =>
        {
            let condition = first.unwrap_or(at);
            asserted(reading, at, condition, true, scope, found);
        }
        _ => {
            let mut assertion = about(reading, at, check, first, second, scope);
            finish(reading, at, &given, &mut assertion, scope);
            found.push(assertion);
        }
    }
}

/// `assertThat(x, is(y))`, `Assert.That(x, Is.EqualTo(y))`.
fn constrained(
    reading: Reading<'_>,
    at: At,
    subject: Option<At>,
    constraint: At,
    scope: &Scope,
) -> Assertion {
    let tree = reading.tree;
    let inner = chain(tree, constraint);
    let link = inner.links.last();
    let check = link.map_or(Check::Truth, |link| vocabulary::check(&link.name));
    let is_denied = inner.links.iter().any(|link| matches!(link.name.as_str(), "Not" | "not"));
    let check = if is_denied { check.denied() } else { check };
    let operand = link
        .and_then(|link| link.arguments)
        .and_then(|list| arguments_in(tree, list).into_iter().next());
    about(reading, at, check, subject, operand, scope)
}

/// Completes what depends on more than two values.
fn finish(reading: Reading<'_>, call: At, given: &[At], assertion: &mut Assertion, scope: &Scope) {
    let tree = reading.tree;
    match assertion.check {
        Check::Near => near::of_call(tree, call, assertion, scope),
        Check::Equal if given.len() == 3 => {
            let is_number = given.get(2).is_some_and(|at| near::number(tree, *at).is_some());
            if is_number {
                near::of_call(tree, call, assertion, scope);
            }
        }
        Check::Throws => {
            let errors: Vec<At> = given.iter().copied().filter(|at| !is_code(tree, *at)).collect();
            let code = given.iter().copied().find(|at| is_code(tree, *at));
            let thrown = thrown(tree, &errors, call);
            assertion.strength = if thrown.is_broad { Strength::Type } else { Strength::Exact };
            assertion.thrown = Some(thrown);
            // What raises is looked at: a function that is given, or the block of `with`.
            let held = tree
                .all_around(call)
                .find(|at| matches!(tree.role(*at), Role::With | Role::Function | Role::Lambda));
            let block = held
                .filter(|at| tree.role(*at) == Role::With)
                .and_then(|at| tree.child(at, Part::Body));
            let subject = code.or(block).or(assertion.subject);
            if let Some(subject) = subject {
                assertion.calls = super::sources(tree, subject, scope);
                assertion.subject_text = super::inlined(tree, subject, scope);
                assertion.subject = Some(subject);
            }
        }
        _ => {}
    }
}

fn is_code(tree: &Tree, at: At) -> bool {
    matches!(tree.role(tree.bare(at)), Role::Lambda | Role::Function)
}

/// Which error is expected by a call that is given `errors`.
fn thrown(tree: &Tree, errors: &[At], call: At) -> Thrown {
    let mut types = Vec::new();
    let mut has_message = ["match", "message", "msg"]
        .iter()
        .any(|name| *name != "msg" && keyword(tree, call, name).is_some());
    for at in errors.iter().take(2) {
        let bare = tree.bare(*at);
        match tree.role(bare) {
            Role::Text => has_message |= !unquoted(tree.text(bare)).is_empty(),
            Role::List => types.extend(tree.named(bare).map(|at| tree.text(at).to_owned())),
            Role::Map => has_message = true,
            Role::Name | Role::Member => {
                let name = tree.text(bare).trim_end_matches(".class").to_owned();
                // A name that begins small is a value: the code that raises, or a pattern.
                let last = name.rsplit(['.', ':']).next().unwrap_or_default();
                if last.starts_with(char::is_uppercase) {
                    types.push(name);
                } else if !last.is_empty() && at != errors.first().unwrap_or(at) {
                    has_message = true;
                }
            }
            Role::New | Role::Call => has_message = true,
            Role::Keyword => {}
            _ => {
                let text = tree.text(bare).trim_end_matches(".class").trim_end_matches("::class");
                types.push(text.to_owned());
            }
        }
    }
    // `Assert.Throws<X>(…)`.
    if types.is_empty() {
        let text = tree.text(call);
        let head = text.split('(').next().unwrap_or_default();
        if let Some((_, inner)) = head.rsplit_once('<') {
            types.push(inner.trim_end_matches('>').to_owned());
        }
    }
    let is_broad = !has_message && types.iter().all(|name| is_broad_error(name));
    Thrown { types, has_message, is_broad }
}

/// `expect(x).to.be.true`, which calls nothing.
fn property(reading: Reading<'_>, at: At, scope: &Scope, found: &mut Vec<Assertion>) {
    let tree = reading.tree;
    if !reading.language.is_script() {
        return;
    }
    let chain = chain(tree, at);
    let Some(head) = head_of(reading, &chain) else { return };
    let Some(last) = chain.links.last() else { return };
    let is_known = matches!(
        last.name.as_str(),
        "true"
            | "false"
            | "null"
            | "undefined"
            | "ok"
            | "exist"
            | "empty"
            | "called"
            | "calledOnce"
            | "calledTwice"
            | "fulfilled"
            | "rejected"
            | "NaN"
            | "finite"
            | "frozen"
    );
    if !is_known {
        return;
    }
    let subject = head.arguments.and_then(|list| arguments_in(tree, list).into_iter().next());
    let is_denied = chain.links.iter().any(|link| link.name == "not");
    found.push(of_matcher(reading, at, at, &last.name, subject, &[], is_denied, scope));
}

/// Kotest: `x shouldBe y`.
fn infix(reading: Reading<'_>, at: At, scope: &Scope, found: &mut Vec<Assertion>) {
    let tree = reading.tree;
    let named: Vec<At> = tree.named(at).collect();
    let [left, word, right] = named.as_slice() else { return };
    let Some(name) = tree.text(*word).strip_prefix("should") else { return };
    let check = vocabulary::check(name);
    found.push(about(reading, at, check, Some(*left), Some(*right), scope));
}

/// A condition under which the test is made to fail.
fn failing_branch(reading: Reading<'_>, at: At, scope: &Scope, found: &mut Vec<Assertion>) {
    let tree = reading.tree;
    let condition = tree.child(at, Part::Condition);
    let body = tree.child(at, Part::Body);
    let (Some(condition), Some(body)) = (condition, body) else { return };
    if fails(reading, body) {
        asserted(reading, at, condition, false, scope, found);
    }
    let otherwise = tree.child(at, Part::Alternative).filter(|at| tree.role(*at) != Role::If);
    if otherwise.is_some_and(|otherwise| fails(reading, otherwise)) {
        asserted(reading, at, condition, true, scope, found);
    }
}

/// Whether a branch makes the test fail.
pub(crate) fn fails(reading: Reading<'_>, branch: At) -> bool {
    let tree = reading.tree;
    let is_shut = |at: At| {
        matches!(tree.role(at), Role::If | Role::Loop | Role::Lambda | Role::Function | Role::Try)
    };
    tree.inside_but(branch, is_shut).any(|at| match tree.role(at) {
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
        return chain.links.len() == 2
            && matches!(last, "Error" | "Errorf" | "Fatal" | "Fatalf" | "Fail" | "FailNow")
            && first.len() <= 4;
    }
    match last {
        "fail" | "flunk" => {
            chain.links.len() == 1
                || matches!(
                    first,
                    "pytest"
                        | "self"
                        | "this"
                        | "assert"
                        | "Assert"
                        | "Assertions"
                        | "t"
                        | "expect"
                )
        }
        "XCTFail" | "FAIL" => true,
        _ => false,
    }
}

/// A place that must not be reached: in a block that is tried it says that an error is expected.
fn unreached(reading: Reading<'_>, at: At, scope: &Scope, found: &mut Vec<Assertion>) {
    let tree = reading.tree;
    let mut around = tree.all_around(at);
    let held = around.find(|at| {
        matches!(
            tree.role(*at),
            Role::If | Role::Try | Role::Handler | Role::Function | Role::Lambda | Role::Case
        )
    });
    // Under a condition it has been counted there.
    let Some(tried) = held.filter(|at| tree.role(*at) == Role::Try) else { return };
    let handler = tree.child_with(tried, Role::Handler);
    let types: Vec<String> =
        handler.map(|at| super::super::handler::caught(tree, at)).unwrap_or_default();
    let is_broad = types.iter().all(|name| is_broad_error(name));
    let mut assertion = plain(reading, at, Check::Throws, scope);
    if let Some(body) = tree.child(tried, Part::Body) {
        assertion.calls = super::sources(tree, body, scope);
        assertion.subject = Some(body);
        assertion.subject_text = super::inlined(tree, body, scope);
    }
    assertion.strength = if is_broad { Strength::Type } else { Strength::Exact };
    assertion.thrown = Some(Thrown { types, has_message: false, is_broad });
    found.push(assertion);
}
