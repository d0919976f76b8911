//! Python: pytest and unittest.

use super::Adapter;
use crate::layout::file_name;
use crate::syntax::call::path_of;
use crate::syntax::role::{Part, Role};
use crate::syntax::test::Place;
use crate::syntax::tree::{At, Tree};
use crate::text::is_word_in;

pub(super) struct Python;

const ROLES: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("import_statement", Role::Import),
    ("import_from_statement", Role::Import),
    ("future_import_statement", Role::Import),
    ("class_definition", Role::Class),
    ("function_definition", Role::Function),
    ("lambda", Role::Lambda),
    ("decorator", Role::Decorator),
    ("parameters", Role::Parameters),
    ("lambda_parameters", Role::Parameters),
    ("block", Role::Block),
    ("expression_statement", Role::Statement),
    ("call", Role::Call),
    ("argument_list", Role::Arguments),
    ("keyword_argument", Role::Keyword),
    ("attribute", Role::Member),
    ("identifier", Role::Name),
    ("subscript", Role::Subscript),
    ("assert_statement", Role::Assert),
    ("if_statement", Role::If),
    ("elif_clause", Role::If),
    ("else_clause", Role::Else),
    ("match_statement", Role::Switch),
    ("case_clause", Role::Case),
    ("for_statement", Role::Loop),
    ("while_statement", Role::Loop),
    ("try_statement", Role::Try),
    ("except_clause", Role::Handler),
    ("finally_clause", Role::Finally),
    ("with_statement", Role::With),
    ("return_statement", Role::Return),
    ("raise_statement", Role::Throw),
    ("break_statement", Role::Jump),
    ("continue_statement", Role::Jump),
    ("await", Role::Await),
    ("yield", Role::Yield),
    ("pass_statement", Role::Pass),
    ("assignment", Role::Bind),
    ("augmented_assignment", Role::Bind),
    ("named_expression", Role::Bind),
    ("binary_operator", Role::Binary),
    ("boolean_operator", Role::Binary),
    ("comparison_operator", Role::Binary),
    ("not_operator", Role::Unary),
    ("unary_operator", Role::Unary),
    ("conditional_expression", Role::Ternary),
    ("parenthesized_expression", Role::Wrap),
    ("string", Role::Text),
    ("concatenated_string", Role::Text),
    ("interpolation", Role::Filled),
    ("integer", Role::Number),
    ("float", Role::Number),
    ("true", Role::Boolean),
    ("false", Role::Boolean),
    ("none", Role::Null),
    ("list", Role::List),
    ("tuple", Role::List),
    ("set", Role::List),
    ("expression_list", Role::List),
    ("dictionary", Role::Map),
    ("pair", Role::Entry),
    ("type", Role::Type),
];

impl Adapter for Python {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_python::LANGUAGE.into()
    }

    fn roles(&self) -> &'static [(&'static str, Role)] {
        ROLES
    }

    /// Functions named `test…` of the file, of its classes named `Test…`, and of those that are made
    /// from something named `…Test…`.
    fn may_hold_tests(&self, _: &str, text: &str) -> bool {
        text.contains("test")
    }

    fn tests(&self, tree: &Tree, path: &str) -> Vec<Place> {
        let is_for_tests =
            file_name(path).starts_with("test") || file_name(path).ends_with("_test.py");
        let functions = tree.all(Role::Function);
        functions.filter_map(|function| place(tree, function, is_for_tests)).collect()
    }
}

fn place(tree: &Tree, function: At, is_for_tests: bool) -> Option<Place> {
    let name = tree.text(tree.child(function, Part::Name)?);
    if !name.starts_with("test") {
        return None;
    }
    let mut path = vec![name.to_owned()];
    let mut holders = vec![decorated(tree, function)];
    for around in tree.all_around(function) {
        match tree.role(around) {
            // What is in a function is not collected.
            Role::Function | Role::Lambda => return None,
            Role::Class => {
                let name = tree.text(tree.child(around, Part::Name)?);
                let is_made_elsewhere = || is_for_tests && is_made_from_import(tree, around);
                if !name.starts_with("Test") && !is_test_case(tree, around) && !is_made_elsewhere()
                {
                    return None;
                }
                path.insert(0, name.to_owned());
                holders.push(decorated(tree, around));
            }
            _ => {}
        }
    }
    let body = tree.child(function, Part::Body)?;
    Some(Place {
        whole: decorated(tree, function),
        code: function,
        body,
        path,
        between: "::",
        holders,
    })
}

fn is_test_case(tree: &Tree, class: At) -> bool {
    let heritage = tree.child(class, Part::Heritage);
    heritage.is_some_and(|heritage| {
        tree.named(heritage)
            .any(|base| path_of(tree, base).is_some_and(|base| base.contains("Test")))
    })
}

/// Whether a class is made from one of another file of the project's own tests, which may well be a test case.
fn is_made_from_import(tree: &Tree, class: At) -> bool {
    let Some(heritage) = tree.child(class, Part::Heritage) else { return false };
    let bases: Vec<&str> = tree.named(heritage).map(|base| tree.text(base)).collect();
    tree.all(Role::Import).any(|import| {
        let text = tree.text(import);
        text.starts_with("from") && bases.iter().any(|base| is_word_in(text, base))
    })
}

/// A definition together with its decorators.
fn decorated(tree: &Tree, definition: At) -> At {
    let around = tree.around(definition);
    around
        .filter(|around| tree.child_with(*around, Role::Decorator).is_some())
        .unwrap_or(definition)
}
