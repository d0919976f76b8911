//! C#: xUnit, NUnit, MSTest.

use super::Adapter;
use crate::syntax::role::Role;
use crate::syntax::test::{Place, annotated};
use crate::syntax::tree::Tree;

pub(super) struct CSharp;

const ROLES: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("using_directive", Role::Import),
    ("class_declaration", Role::Class),
    ("struct_declaration", Role::Class),
    ("interface_declaration", Role::Class),
    ("record_declaration", Role::Class),
    ("namespace_declaration", Role::Module),
    ("method_declaration", Role::Function),
    ("constructor_declaration", Role::Function),
    ("local_function_statement", Role::Function),
    ("lambda_expression", Role::Lambda),
    ("anonymous_method_expression", Role::Lambda),
    ("attribute", Role::Decorator),
    ("parameter_list", Role::Parameters),
    ("block", Role::Block),
    ("arrow_expression_clause", Role::Block),
    ("expression_statement", Role::Statement),
    ("invocation_expression", Role::Call),
    ("object_creation_expression", Role::New),
    ("implicit_object_creation_expression", Role::New),
    ("argument_list", Role::Arguments),
    ("attribute_argument_list", Role::Arguments),
    ("argument", Role::Wrap),
    ("attribute_argument", Role::Wrap),
    ("member_access_expression", Role::Member),
    ("qualified_name", Role::Member),
    ("generic_name", Role::Wrap),
    ("identifier", Role::Name),
    ("element_access_expression", Role::Subscript),
    ("if_statement", Role::If),
    ("switch_statement", Role::Switch),
    ("switch_section", Role::Case),
    ("for_statement", Role::Loop),
    ("foreach_statement", Role::Loop),
    ("while_statement", Role::Loop),
    ("do_statement", Role::Loop),
    ("try_statement", Role::Try),
    ("catch_clause", Role::Handler),
    ("finally_clause", Role::Finally),
    ("using_statement", Role::With),
    ("return_statement", Role::Return),
    ("throw_statement", Role::Throw),
    ("throw_expression", Role::Throw),
    ("break_statement", Role::Jump),
    ("continue_statement", Role::Jump),
    ("await_expression", Role::Await),
    ("yield_statement", Role::Yield),
    ("variable_declarator", Role::Bind),
    ("assignment_expression", Role::Bind),
    ("binary_expression", Role::Binary),
    ("is_expression", Role::Binary),
    ("is_pattern_expression", Role::Binary),
    ("prefix_unary_expression", Role::Unary),
    ("unary_expression", Role::Unary),
    ("conditional_expression", Role::Ternary),
    ("parenthesized_expression", Role::Wrap),
    ("postfix_unary_expression", Role::Wrap),
    ("string_literal", Role::Text),
    ("verbatim_string_literal", Role::Text),
    ("raw_string_literal", Role::Text),
    ("interpolated_string_expression", Role::Text),
    ("character_literal", Role::Text),
    ("interpolation", Role::Filled),
    ("integer_literal", Role::Number),
    ("real_literal", Role::Number),
    ("boolean_literal", Role::Boolean),
    ("null_literal", Role::Null),
    ("initializer_expression", Role::List),
    ("collection_expression", Role::List),
    ("tuple_expression", Role::List),
];

impl Adapter for CSharp {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_c_sharp::LANGUAGE.into()
    }

    fn roles(&self) -> &'static [(&'static str, Role)] {
        ROLES
    }

    fn may_hold_tests(&self, _: &str, text: &str) -> bool {
        ["Fact", "Theory", "Test", "Property"].iter().any(|word| text.contains(word))
    }

    fn tests(&self, tree: &Tree, _: &str) -> Vec<Place> {
        annotated(tree, &|_, marks| {
            marks.iter().any(|mark| {
                matches!(
                    mark.rsplit('.').next().unwrap_or_default().trim_end_matches("Attribute"),
                    "Fact"
                        | "Theory"
                        | "Test"
                        | "TestCase"
                        | "TestCaseSource"
                        | "TestMethod"
                        | "DataTestMethod"
                        | "Property"
                )
            })
        })
    }
}
