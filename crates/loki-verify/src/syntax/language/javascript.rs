//! JavaScript: node:test, and everything that speaks in `describe`, `it` and `test`.

use super::{Adapter, has_word};
use crate::syntax::call::{chain, function_argument, text_argument};
use crate::syntax::role::{Part, Role};
use crate::syntax::test::Place;
use crate::syntax::tree::{At, Tree};

pub(super) struct JavaScript;

/// Nodes that all dialects share.
const ROLES: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("import_statement", Role::Import),
    ("class_declaration", Role::Class),
    ("class", Role::Class),
    ("function_declaration", Role::Function),
    ("generator_function_declaration", Role::Function),
    ("method_definition", Role::Function),
    ("function_expression", Role::Lambda),
    ("generator_function", Role::Lambda),
    ("arrow_function", Role::Lambda),
    ("decorator", Role::Decorator),
    ("formal_parameters", Role::Parameters),
    ("statement_block", Role::Block),
    ("expression_statement", Role::Statement),
    ("call_expression", Role::Call),
    ("new_expression", Role::New),
    ("arguments", Role::Arguments),
    ("member_expression", Role::Member),
    ("identifier", Role::Name),
    ("property_identifier", Role::Name),
    ("private_property_identifier", Role::Name),
    ("shorthand_property_identifier", Role::Name),
    ("this", Role::Name),
    ("super", Role::Name),
    ("subscript_expression", Role::Subscript),
    ("if_statement", Role::If),
    ("else_clause", Role::Else),
    ("switch_statement", Role::Switch),
    ("switch_case", Role::Case),
    ("switch_default", Role::Case),
    ("for_statement", Role::Loop),
    ("for_in_statement", Role::Loop),
    ("while_statement", Role::Loop),
    ("do_statement", Role::Loop),
    ("try_statement", Role::Try),
    ("catch_clause", Role::Handler),
    ("finally_clause", Role::Finally),
    ("return_statement", Role::Return),
    ("throw_statement", Role::Throw),
    ("break_statement", Role::Jump),
    ("continue_statement", Role::Jump),
    ("await_expression", Role::Await),
    ("yield_expression", Role::Yield),
    ("empty_statement", Role::Pass),
    ("variable_declarator", Role::Bind),
    ("assignment_expression", Role::Bind),
    ("augmented_assignment_expression", Role::Bind),
    ("binary_expression", Role::Binary),
    ("unary_expression", Role::Unary),
    ("ternary_expression", Role::Ternary),
    ("parenthesized_expression", Role::Wrap),
    ("string", Role::Text),
    ("template_string", Role::Text),
    ("regex", Role::Text),
    ("template_substitution", Role::Filled),
    ("number", Role::Number),
    ("true", Role::Boolean),
    ("false", Role::Boolean),
    ("null", Role::Null),
    ("undefined", Role::Null),
    ("array", Role::List),
    ("object", Role::Map),
    ("pair", Role::Entry),
];

impl Adapter for JavaScript {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_javascript::LANGUAGE.into()
    }

    fn roles(&self) -> &'static [(&'static str, Role)] {
        ROLES
    }

    fn may_hold_tests(&self, _: &str, text: &str) -> bool {
        may_call_tests(text)
    }

    fn tests(&self, tree: &Tree, _: &str) -> Vec<Place> {
        called_tests(tree)
    }
}

/// Whether a text has the name of a function that makes a test.
pub(super) fn may_call_tests(text: &str) -> bool {
    has_word(text, TESTS)
}

/// Names of functions that make a group of tests.
const GROUPS: &[&str] = &["describe", "suite", "context", "fdescribe", "xdescribe", "ddescribe"];

/// Names of functions that make a test.
const TESTS: &[&str] =
    &["test", "it", "specify", "fit", "xit", "xtest", "ftest", "xspecify", "iit", "bench"];

/// Calls that make a test, by the title and the function they are given.
pub(super) fn called_tests(tree: &Tree) -> Vec<Place> {
    tree.all(Role::Call).filter_map(|call| place(tree, call)).collect()
}

/// Whether a call makes a group of tests or a single one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Makes {
    Group,
    Test,
}

fn makes(tree: &Tree, call: At) -> Option<Makes> {
    let chain = chain(tree, call);
    // `it.each(rows)('title', …)`, `describe.skip(…)`, `t.test(…)`, `suite.test(…)`.
    let head = chain.links.first()?;
    let names = || chain.links.iter().map(|link| link.name.as_str());
    if chain.links.len() > 4 || chain.root.is_some() {
        return None;
    }
    if GROUPS.contains(&head.name.as_str()) || names().any(|name| name == "describe") {
        return Some(Makes::Group);
    }
    if TESTS.contains(&head.name.as_str()) {
        return Some(Makes::Test);
    }
    let last = chain.links.last()?;
    let is_nested = matches!(head.name.as_str(), "t" | "tt" | "ctx" | "context" | "Deno" | "QUnit");
    (is_nested && matches!(last.name.as_str(), "test" | "it")).then_some(Makes::Test)
}

fn place(tree: &Tree, call: At) -> Option<Place> {
    if makes(tree, call)? != Makes::Test {
        return None;
    }
    let title = text_argument(tree, call)?;
    let code = function_argument(tree, call);
    let body = code.and_then(|code| tree.child(code, Part::Body));
    let mut path = vec![title];
    let mut holders = vec![call];
    for around in tree.all_around(call).filter(|around| tree.role(*around) == Role::Call) {
        if makes(tree, around).is_some()
            && let Some(title) = text_argument(tree, around)
        {
            path.insert(0, title);
            holders.push(around);
        }
    }
    // Without a function it is only announced.
    let body = body.or(code).unwrap_or(call);
    Some(Place { whole: call, code: code.unwrap_or(call), body, path, between: " > ", holders })
}
