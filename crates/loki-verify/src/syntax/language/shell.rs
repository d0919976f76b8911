//! Shell: functions named `test…`.

use super::Adapter;
use crate::syntax::role::{Part, Role};
use crate::syntax::test::Place;
use crate::syntax::tree::{At, Tree};

pub(super) struct Shell;

const ROLES: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("function_definition", Role::Function),
    ("compound_statement", Role::Block),
    ("do_group", Role::Block),
    ("command", Role::Call),
    ("command_name", Role::Wrap),
    ("word", Role::Name),
    ("variable_name", Role::Name),
    ("simple_expansion", Role::Wrap),
    ("if_statement", Role::If),
    ("elif_clause", Role::If),
    ("else_clause", Role::Else),
    ("case_statement", Role::Switch),
    ("case_item", Role::Case),
    ("for_statement", Role::Loop),
    ("while_statement", Role::Loop),
    ("variable_assignment", Role::Bind),
    ("binary_expression", Role::Binary),
    ("unary_expression", Role::Unary),
    ("test_command", Role::Assert),
    ("string", Role::Text),
    ("raw_string", Role::Text),
    ("number", Role::Number),
    ("command_substitution", Role::Filled),
];

impl Adapter for Shell {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_bash::LANGUAGE.into()
    }

    fn roles(&self) -> &'static [(&'static str, Role)] {
        ROLES
    }

    fn may_hold_tests(&self, _: &str, text: &str) -> bool {
        text.contains("test")
    }

    fn tests(&self, tree: &Tree, _: &str) -> Vec<Place> {
        tree.all(Role::Function).filter_map(|function| place(tree, function)).collect()
    }
}

fn place(tree: &Tree, function: At) -> Option<Place> {
    let name = tree.text(tree.child(function, Part::Name)?);
    let body = tree.child(function, Part::Body).filter(|_| name.starts_with("test"))?;
    Some(Place {
        whole: function,
        code: function,
        body,
        path: vec![name.to_owned()],
        between: "::",
        holders: vec![function],
    })
}
