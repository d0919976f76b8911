//! Rust: functions with an attribute that ends in `test`.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::Regex;

use super::{Adapter, has_word};
use crate::syntax::role::{Part, Role};
use crate::syntax::test::{Place, decorations, decorator_name};
use crate::syntax::tree::{At, Tree};

pub(super) struct Rust;

const ROLES: &[(&str, Role)] = &[
    ("line_comment", Role::Comment),
    ("block_comment", Role::Comment),
    ("use_declaration", Role::Import),
    ("extern_crate_declaration", Role::Import),
    ("struct_item", Role::Class),
    ("enum_item", Role::Class),
    ("trait_item", Role::Class),
    ("impl_item", Role::Class),
    ("mod_item", Role::Module),
    ("function_item", Role::Function),
    ("function_signature_item", Role::Function),
    ("closure_expression", Role::Lambda),
    ("attribute_item", Role::Decorator),
    ("inner_attribute_item", Role::Decorator),
    ("parameters", Role::Parameters),
    ("closure_parameters", Role::Parameters),
    ("block", Role::Block),
    ("expression_statement", Role::Statement),
    ("call_expression", Role::Call),
    ("macro_invocation", Role::Macro),
    ("struct_expression", Role::New),
    ("arguments", Role::Arguments),
    ("field_expression", Role::Member),
    ("scoped_identifier", Role::Member),
    ("identifier", Role::Name),
    ("field_identifier", Role::Name),
    ("type_identifier", Role::Name),
    ("self", Role::Name),
    ("index_expression", Role::Subscript),
    ("if_expression", Role::If),
    ("else_clause", Role::Else),
    ("match_expression", Role::Switch),
    ("match_arm", Role::Case),
    ("for_expression", Role::Loop),
    ("while_expression", Role::Loop),
    ("loop_expression", Role::Loop),
    ("return_expression", Role::Return),
    ("break_expression", Role::Jump),
    ("continue_expression", Role::Jump),
    ("await_expression", Role::Await),
    ("yield_expression", Role::Yield),
    ("let_declaration", Role::Bind),
    ("const_item", Role::Bind),
    ("static_item", Role::Bind),
    ("assignment_expression", Role::Bind),
    ("compound_assignment_expr", Role::Bind),
    ("binary_expression", Role::Binary),
    ("unary_expression", Role::Unary),
    ("parenthesized_expression", Role::Wrap),
    ("reference_expression", Role::Wrap),
    ("try_expression", Role::Wrap),
    ("generic_function", Role::Wrap),
    ("string_literal", Role::Text),
    ("raw_string_literal", Role::Text),
    ("char_literal", Role::Text),
    ("integer_literal", Role::Number),
    ("float_literal", Role::Number),
    ("boolean_literal", Role::Boolean),
    ("array_expression", Role::List),
    ("tuple_expression", Role::List),
    ("field_initializer_list", Role::Map),
    ("field_initializer", Role::Entry),
];

impl Adapter for Rust {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_rust::LANGUAGE.into()
    }

    fn roles(&self) -> &'static [(&'static str, Role)] {
        ROLES
    }

    /// What macros are given is no tree but a row of tokens. Without their `!`, those that take
    /// expressions are calls, and `vec![…]` is an array.
    fn prepare<'t>(&self, text: &'t str) -> Cow<'t, str> {
        static MACROS: OnceLock<Option<Regex>> = OnceLock::new();
        let macros = MACROS.get_or_init(|| {
            Regex::new(
                r"\b(?:(?:debug_|prop_)?assert(?:_[a-z]+)*|panic|todo|unimplemented|unreachable|print(?:ln)?|eprint(?:ln)?|write(?:ln)?|format|dbg|bail|ensure|env|concat|insta(?:::[a-z_]+)*)!\s*[({]|\bvec!\s*\[",
            )
            .ok()
        });
        let Some(macros) = macros else { return Cow::Borrowed(text) };
        let mut prepared: Option<Vec<u8>> = None;
        for found in macros.find_iter(text) {
            let bytes = prepared.get_or_insert_with(|| text.as_bytes().to_vec());
            let Some(sign) = found.as_str().find('!') else { continue };
            if found.as_str().ends_with('{') {
                continue;
            }
            let from = if found.as_str().starts_with("vec") { 0 } else { sign };
            if let Some(blank) = bytes.get_mut(found.start() + from..=found.start() + sign) {
                blank.fill(b' ');
            }
        }
        match prepared.map(String::from_utf8) {
            Some(Ok(prepared)) => Cow::Owned(prepared),
            _ => Cow::Borrowed(text),
        }
    }

    fn may_hold_tests(&self, _: &str, text: &str) -> bool {
        has_word(text, MARKS) || has_word(text, &["test"])
    }

    fn tests(&self, tree: &Tree, _: &str) -> Vec<Place> {
        tree.all(Role::Function).filter_map(|function| place(tree, function)).collect()
    }
}

/// Attributes of tests whose names do not end in `test`.
const MARKS: &[&str] = &["test_case", "case", "rstest", "quickcheck", "bench", "wasm_bindgen_test"];

fn place(tree: &Tree, function: At) -> Option<Place> {
    let is_test = decorations(tree, function).iter().any(|mark| {
        let name = decorator_name(tree, *mark);
        let last = name.rsplit("::").next().unwrap_or_default();
        last == "test" || MARKS.contains(&last)
    });
    if !is_test {
        return None;
    }
    let mut path = vec![tree.text(tree.child(function, Part::Name)?).to_owned()];
    let mut holders = vec![function];
    for around in tree.all_around(function).filter(|at| tree.role(*at) == Role::Module) {
        path.insert(0, tree.text(tree.child(around, Part::Name)?).to_owned());
        holders.push(around);
    }
    let body = tree.child(function, Part::Body)?;
    Some(Place { whole: function, code: function, body, path, between: "::", holders })
}
