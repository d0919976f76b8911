//! Swift: XCTest and Swift Testing.

use super::Adapter;
use crate::syntax::role::{Part, Role};
use crate::syntax::test::{Place, annotated};
use crate::syntax::tree::Tree;

pub(super) struct Swift;

const ROLES: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("multiline_comment", Role::Comment),
    ("import_declaration", Role::Import),
    ("class_declaration", Role::Class),
    ("protocol_declaration", Role::Class),
    ("function_declaration", Role::Function),
    ("protocol_function_declaration", Role::Function),
    ("lambda_literal", Role::Lambda),
    ("attribute", Role::Decorator),
    ("function_body", Role::Block),
    ("statements", Role::Block),
    ("call_expression", Role::Call),
    ("macro_invocation", Role::Call),
    ("value_argument", Role::Wrap),
    ("value_arguments", Role::Arguments),
    ("navigation_expression", Role::Member),
    ("navigation_suffix", Role::Wrap),
    ("simple_identifier", Role::Name),
    ("type_identifier", Role::Name),
    ("self_expression", Role::Name),
    ("if_statement", Role::If),
    ("guard_statement", Role::If),
    ("switch_statement", Role::Switch),
    ("switch_entry", Role::Case),
    ("for_statement", Role::Loop),
    ("while_statement", Role::Loop),
    ("repeat_while_statement", Role::Loop),
    ("do_statement", Role::Try),
    ("catch_block", Role::Handler),
    ("control_transfer_statement", Role::Return),
    ("property_declaration", Role::Bind),
    ("assignment", Role::Bind),
    ("equality_expression", Role::Binary),
    ("comparison_expression", Role::Binary),
    ("conjunction_expression", Role::Binary),
    ("disjunction_expression", Role::Binary),
    ("additive_expression", Role::Binary),
    ("multiplicative_expression", Role::Binary),
    ("prefix_expression", Role::Unary),
    ("ternary_expression", Role::Ternary),
    ("try_expression", Role::Wrap),
    ("await_expression", Role::Await),
    ("line_string_literal", Role::Text),
    ("multi_line_string_literal", Role::Text),
    ("raw_string_literal", Role::Text),
    ("interpolated_expression", Role::Filled),
    ("integer_literal", Role::Number),
    ("real_literal", Role::Number),
    ("boolean_literal", Role::Boolean),
    ("array_literal", Role::List),
    ("dictionary_literal", Role::Map),
    ("user_type", Role::Type),
];

impl Adapter for Swift {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_swift::LANGUAGE.into()
    }

    fn roles(&self) -> &'static [(&'static str, Role)] {
        ROLES
    }

    fn may_hold_tests(&self, _: &str, text: &str) -> bool {
        text.contains("Test") || text.contains("test")
    }

    fn tests(&self, tree: &Tree, _: &str) -> Vec<Place> {
        annotated(tree, &|function, marks| {
            let name = tree.child(function, Part::Name).map_or("", |name| tree.text(name));
            let class = tree.all_around(function).find(|at| tree.role(*at) == Role::Class);
            let is_case = || class.is_some_and(|class| tree.text(class).contains("XCTestCase"));
            marks.iter().any(|mark| mark == "Test") || (name.starts_with("test") && is_case())
        })
    }
}
