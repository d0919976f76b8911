//! PHP: PHPUnit, and Pest's functions.

use super::Adapter;
use super::javascript::{called_tests, may_call_tests};
use crate::syntax::role::{Part, Role};
use crate::syntax::test::{Place, annotated};
use crate::syntax::tree::Tree;

pub(super) struct Php;

const ROLES: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("namespace_use_declaration", Role::Import),
    ("require_expression", Role::Import),
    ("require_once_expression", Role::Import),
    ("include_expression", Role::Import),
    ("class_declaration", Role::Class),
    ("interface_declaration", Role::Class),
    ("trait_declaration", Role::Class),
    ("function_definition", Role::Function),
    ("method_declaration", Role::Function),
    ("anonymous_function", Role::Lambda),
    ("arrow_function", Role::Lambda),
    ("attribute", Role::Decorator),
    ("formal_parameters", Role::Parameters),
    ("compound_statement", Role::Block),
    ("expression_statement", Role::Statement),
    ("function_call_expression", Role::Call),
    ("member_call_expression", Role::Call),
    ("nullsafe_member_call_expression", Role::Call),
    ("scoped_call_expression", Role::Call),
    ("object_creation_expression", Role::New),
    ("arguments", Role::Arguments),
    ("argument", Role::Wrap),
    ("member_access_expression", Role::Member),
    ("class_constant_access_expression", Role::Member),
    ("scoped_property_access_expression", Role::Member),
    ("qualified_name", Role::Name),
    ("name", Role::Name),
    ("variable_name", Role::Name),
    ("relative_scope", Role::Name),
    ("subscript_expression", Role::Subscript),
    ("if_statement", Role::If),
    ("else_if_clause", Role::If),
    ("else_clause", Role::Else),
    ("switch_statement", Role::Switch),
    ("case_statement", Role::Case),
    ("default_statement", Role::Case),
    ("for_statement", Role::Loop),
    ("foreach_statement", Role::Loop),
    ("while_statement", Role::Loop),
    ("do_statement", Role::Loop),
    ("try_statement", Role::Try),
    ("catch_clause", Role::Handler),
    ("finally_clause", Role::Finally),
    ("return_statement", Role::Return),
    ("throw_expression", Role::Throw),
    ("break_statement", Role::Jump),
    ("continue_statement", Role::Jump),
    ("yield_expression", Role::Yield),
    ("assignment_expression", Role::Bind),
    ("augmented_assignment_expression", Role::Bind),
    ("binary_expression", Role::Binary),
    ("unary_op_expression", Role::Unary),
    ("conditional_expression", Role::Ternary),
    ("parenthesized_expression", Role::Wrap),
    ("string", Role::Text),
    ("encapsed_string", Role::Text),
    ("heredoc", Role::Text),
    ("nowdoc", Role::Text),
    ("integer", Role::Number),
    ("float", Role::Number),
    ("boolean", Role::Boolean),
    ("null", Role::Null),
    ("array_creation_expression", Role::List),
    ("array_element_initializer", Role::Entry),
];

impl Adapter for Php {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_php::LANGUAGE_PHP.into()
    }

    fn roles(&self) -> &'static [(&'static str, Role)] {
        ROLES
    }

    fn may_hold_tests(&self, _: &str, text: &str) -> bool {
        text.contains("est") || may_call_tests(text)
    }

    fn tests(&self, tree: &Tree, path: &str) -> Vec<Place> {
        let is_test_file = path.ends_with("Test.php");
        let mut tests = annotated(tree, &|function, marks| {
            let name = tree.child(function, Part::Name).map_or("", |name| tree.text(name));
            let is_in_class = tree.all_around(function).any(|at| tree.role(at) == Role::Class);
            let is_marked = marks.iter().any(|mark| mark.rsplit('\\').next() == Some("Test"));
            let is_documented = || {
                let before = tree.around(function).and_then(|around| {
                    tree.children(around).take_while(|at| *at < function).last()
                });
                before.is_some_and(|at| {
                    tree.role(at) == Role::Comment && tree.text(at).contains("@test")
                })
            };
            is_in_class
                && (is_marked || (is_test_file && name.starts_with("test")) || is_documented())
        });
        tests.extend(called_tests(tree));
        tests
    }
}
