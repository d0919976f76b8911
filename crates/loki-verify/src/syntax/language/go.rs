//! Go: `func TestX(t *testing.T)`, and what it runs by a name that is written out.

use super::Adapter;
use crate::syntax::call::{chain, function_argument, text_argument};
use crate::syntax::role::{Part, Role};
use crate::syntax::test::Place;
use crate::syntax::tree::{At, Tree};

pub(super) struct Go;

const ROLES: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("import_declaration", Role::Import),
    ("type_declaration", Role::Class),
    ("function_declaration", Role::Function),
    ("method_declaration", Role::Function),
    ("func_literal", Role::Lambda),
    ("parameter_list", Role::Parameters),
    ("block", Role::Block),
    ("statement_list", Role::Block),
    ("expression_statement", Role::Statement),
    ("call_expression", Role::Call),
    ("composite_literal", Role::New),
    ("argument_list", Role::Arguments),
    ("selector_expression", Role::Member),
    ("qualified_type", Role::Member),
    ("identifier", Role::Name),
    ("field_identifier", Role::Name),
    ("package_identifier", Role::Name),
    ("type_identifier", Role::Name),
    ("index_expression", Role::Subscript),
    ("if_statement", Role::If),
    ("expression_switch_statement", Role::Switch),
    ("type_switch_statement", Role::Switch),
    ("expression_case", Role::Case),
    ("default_case", Role::Case),
    ("type_case", Role::Case),
    ("for_statement", Role::Loop),
    ("return_statement", Role::Return),
    ("break_statement", Role::Jump),
    ("continue_statement", Role::Jump),
    ("short_var_declaration", Role::Bind),
    ("assignment_statement", Role::Bind),
    ("var_spec", Role::Bind),
    ("const_spec", Role::Bind),
    ("binary_expression", Role::Binary),
    ("unary_expression", Role::Unary),
    ("parenthesized_expression", Role::Wrap),
    ("literal_element", Role::Wrap),
    ("interpreted_string_literal", Role::Text),
    ("raw_string_literal", Role::Text),
    ("rune_literal", Role::Text),
    ("int_literal", Role::Number),
    ("float_literal", Role::Number),
    ("true", Role::Boolean),
    ("false", Role::Boolean),
    ("nil", Role::Null),
    ("literal_value", Role::List),
    ("keyed_element", Role::Entry),
];

impl Adapter for Go {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_go::LANGUAGE.into()
    }

    fn roles(&self) -> &'static [(&'static str, Role)] {
        ROLES
    }

    fn may_hold_tests(&self, path: &str, text: &str) -> bool {
        path.ends_with("_test.go") && text.contains("func")
    }

    fn tests(&self, tree: &Tree, path: &str) -> Vec<Place> {
        if !path.ends_with("_test.go") {
            return Vec::new();
        }
        let functions = tree.all(Role::Function).filter_map(|function| top(tree, function));
        functions.chain(tree.all(Role::Call).filter_map(|call| nested(tree, call))).collect()
    }
}

/// The name of a test function of the file.
fn test_name(tree: &Tree, function: At) -> Option<&str> {
    let name = tree.text(tree.child(function, Part::Name)?);
    let kinds = ["Test", "Fuzz", "Example", "Benchmark"];
    let rest = kinds.iter().find_map(|kind| name.strip_prefix(kind))?;
    let is_test = !rest.starts_with(char::is_lowercase);
    (is_test && name != "TestMain").then_some(name)
}

fn top(tree: &Tree, function: At) -> Option<Place> {
    let path = vec![test_name(tree, function)?.to_owned()];
    let body = tree.child(function, Part::Body)?;
    Some(Place {
        whole: function,
        code: function,
        body,
        path,
        between: "/",
        holders: vec![function],
    })
}

/// `t.Run("title", func(t *testing.T) { … })`.
fn nested(tree: &Tree, call: At) -> Option<Place> {
    let called = chain(tree, call);
    if called.root.is_some() || called.links.len() != 2 || called.links.last()?.name != "Run" {
        return None;
    }
    let code = function_argument(tree, call)?;
    let mut path = vec![text_argument(tree, call)?.replace(' ', "_")];
    let mut holders = vec![call];
    for around in tree.all_around(call) {
        let name = match tree.role(around) {
            Role::Function => Some(test_name(tree, around)?.to_owned()),
            Role::Call if nested_title(tree, around).is_some() => nested_title(tree, around),
            _ => None,
        };
        if let Some(name) = name {
            path.insert(0, name);
            holders.push(around);
        }
    }
    let body = tree.child(code, Part::Body)?;
    Some(Place { whole: call, code, body, path, between: "/", holders })
}

fn nested_title(tree: &Tree, call: At) -> Option<String> {
    let called = chain(tree, call);
    let is_run = called.root.is_none() && called.links.last()?.name == "Run";
    is_run.then(|| text_argument(tree, call))?.map(|title| title.replace(' ', "_"))
}
