//! C. Its tests are functions that a runner of the project calls; none is known by its form.

use super::Adapter;
use crate::syntax::role::Role;
use crate::syntax::test::Place;
use crate::syntax::tree::Tree;

pub(super) struct C;

pub(super) const ROLES: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("preproc_include", Role::Import),
    ("struct_specifier", Role::Class),
    ("function_definition", Role::Function),
    ("parameter_list", Role::Parameters),
    ("compound_statement", Role::Block),
    ("expression_statement", Role::Statement),
    ("call_expression", Role::Call),
    ("argument_list", Role::Arguments),
    ("field_expression", Role::Member),
    ("identifier", Role::Name),
    ("field_identifier", Role::Name),
    ("type_identifier", Role::Name),
    ("subscript_expression", Role::Subscript),
    ("if_statement", Role::If),
    ("else_clause", Role::Else),
    ("switch_statement", Role::Switch),
    ("case_statement", Role::Case),
    ("for_statement", Role::Loop),
    ("while_statement", Role::Loop),
    ("do_statement", Role::Loop),
    ("return_statement", Role::Return),
    ("break_statement", Role::Jump),
    ("continue_statement", Role::Jump),
    ("init_declarator", Role::Bind),
    ("assignment_expression", Role::Bind),
    ("binary_expression", Role::Binary),
    ("unary_expression", Role::Unary),
    ("conditional_expression", Role::Ternary),
    ("parenthesized_expression", Role::Wrap),
    ("pointer_expression", Role::Wrap),
    ("string_literal", Role::Text),
    ("concatenated_string", Role::Text),
    ("char_literal", Role::Text),
    ("number_literal", Role::Number),
    ("true", Role::Boolean),
    ("false", Role::Boolean),
    ("null", Role::Null),
    ("initializer_list", Role::List),
];

impl Adapter for C {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_c::LANGUAGE.into()
    }

    fn roles(&self) -> &'static [(&'static str, Role)] {
        ROLES
    }

    fn may_hold_tests(&self, _: &str, _: &str) -> bool {
        false
    }

    fn tests(&self, _: &Tree, _: &str) -> Vec<Place> {
        Vec::new()
    }
}
