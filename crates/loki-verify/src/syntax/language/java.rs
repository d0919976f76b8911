//! Java: JUnit 3, 4 and 5, TestNG.

use super::Adapter;
use crate::syntax::role::{Part, Role};
use crate::syntax::test::{Place, annotated};
use crate::syntax::tree::Tree;

pub(super) struct Java;

const ROLES: &[(&str, Role)] = &[
    ("line_comment", Role::Comment),
    ("block_comment", Role::Comment),
    ("import_declaration", Role::Import),
    ("class_declaration", Role::Class),
    ("interface_declaration", Role::Class),
    ("enum_declaration", Role::Class),
    ("record_declaration", Role::Class),
    ("method_declaration", Role::Function),
    ("constructor_declaration", Role::Function),
    ("lambda_expression", Role::Lambda),
    ("annotation", Role::Decorator),
    ("marker_annotation", Role::Decorator),
    ("formal_parameters", Role::Parameters),
    ("inferred_parameters", Role::Parameters),
    ("block", Role::Block),
    ("constructor_body", Role::Block),
    ("expression_statement", Role::Statement),
    ("method_invocation", Role::Call),
    ("object_creation_expression", Role::New),
    ("argument_list", Role::Arguments),
    ("annotation_argument_list", Role::Arguments),
    ("element_value_pair", Role::Keyword),
    ("field_access", Role::Member),
    ("scoped_identifier", Role::Member),
    ("method_reference", Role::Member),
    ("class_literal", Role::Wrap),
    ("identifier", Role::Name),
    ("type_identifier", Role::Name),
    ("this", Role::Name),
    ("super", Role::Name),
    ("array_access", Role::Subscript),
    ("assert_statement", Role::Assert),
    ("if_statement", Role::If),
    ("switch_expression", Role::Switch),
    ("switch_rule", Role::Case),
    ("switch_block_statement_group", Role::Case),
    ("for_statement", Role::Loop),
    ("enhanced_for_statement", Role::Loop),
    ("while_statement", Role::Loop),
    ("do_statement", Role::Loop),
    ("try_statement", Role::Try),
    ("try_with_resources_statement", Role::Try),
    ("catch_clause", Role::Handler),
    ("finally_clause", Role::Finally),
    ("synchronized_statement", Role::With),
    ("return_statement", Role::Return),
    ("throw_statement", Role::Throw),
    ("break_statement", Role::Jump),
    ("continue_statement", Role::Jump),
    ("yield_statement", Role::Yield),
    ("variable_declarator", Role::Bind),
    ("assignment_expression", Role::Bind),
    ("binary_expression", Role::Binary),
    ("instanceof_expression", Role::Binary),
    ("unary_expression", Role::Unary),
    ("ternary_expression", Role::Ternary),
    ("parenthesized_expression", Role::Wrap),
    ("string_literal", Role::Text),
    ("character_literal", Role::Text),
    ("decimal_integer_literal", Role::Number),
    ("hex_integer_literal", Role::Number),
    ("octal_integer_literal", Role::Number),
    ("binary_integer_literal", Role::Number),
    ("decimal_floating_point_literal", Role::Number),
    ("hex_floating_point_literal", Role::Number),
    ("true", Role::Boolean),
    ("false", Role::Boolean),
    ("null_literal", Role::Null),
    ("array_initializer", Role::List),
    ("element_value_array_initializer", Role::List),
];

impl Adapter for Java {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_java::LANGUAGE.into()
    }

    fn roles(&self) -> &'static [(&'static str, Role)] {
        ROLES
    }

    fn may_hold_tests(&self, _: &str, text: &str) -> bool {
        text.contains("Test") || text.contains("Property")
    }

    fn tests(&self, tree: &Tree, _: &str) -> Vec<Place> {
        annotated(tree, &|function, marks| {
            let is_marked = marks.iter().any(|mark| {
                matches!(
                    mark.rsplit('.').next().unwrap_or_default(),
                    "Test"
                        | "ParameterizedTest"
                        | "RepeatedTest"
                        | "TestFactory"
                        | "TestTemplate"
                        | "Property"
                )
            });
            // The third JUnit knows them by their names, in classes made from `TestCase`.
            let is_named = || {
                let name = tree.child(function, Part::Name).map_or("", |name| tree.text(name));
                let class = tree.all_around(function).find(|at| tree.role(*at) == Role::Class);
                let heritage = class.and_then(|class| tree.child(class, Part::Heritage));
                name.starts_with("test")
                    && heritage.is_some_and(|heritage| tree.text(heritage).contains("TestCase"))
            };
            is_marked || is_named()
        })
    }
}
