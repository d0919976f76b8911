//! Kotlin: JUnit and kotlin.test.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::Regex;

use super::Adapter;
use crate::syntax::role::Role;
use crate::syntax::test::{Place, annotated};
use crate::syntax::tree::Tree;

pub(super) struct Kotlin;

const ROLES: &[(&str, Role)] = &[
    ("line_comment", Role::Comment),
    ("block_comment", Role::Comment),
    ("import", Role::Import),
    ("class_declaration", Role::Class),
    ("object_declaration", Role::Class),
    ("function_declaration", Role::Function),
    ("lambda_literal", Role::Lambda),
    ("anonymous_function", Role::Lambda),
    ("annotation", Role::Decorator),
    ("function_value_parameters", Role::Parameters),
    ("lambda_parameters", Role::Parameters),
    ("function_body", Role::Block),
    ("block", Role::Block),
    ("call_expression", Role::Call),
    ("constructor_invocation", Role::Call),
    ("value_arguments", Role::Arguments),
    ("value_argument", Role::Wrap),
    ("annotated_lambda", Role::Wrap),
    ("navigation_expression", Role::Member),
    ("qualified_identifier", Role::Member),
    ("identifier", Role::Name),
    ("index_expression", Role::Subscript),
    ("if_expression", Role::If),
    ("when_expression", Role::Switch),
    ("when_entry", Role::Case),
    ("for_statement", Role::Loop),
    ("while_statement", Role::Loop),
    ("do_while_statement", Role::Loop),
    ("try_expression", Role::Try),
    ("catch_block", Role::Handler),
    ("finally_block", Role::Finally),
    ("return_expression", Role::Return),
    ("throw_expression", Role::Throw),
    ("property_declaration", Role::Bind),
    ("assignment", Role::Bind),
    ("binary_expression", Role::Binary),
    ("infix_expression", Role::Binary),
    ("in_expression", Role::Binary),
    ("is_expression", Role::Binary),
    ("unary_expression", Role::Unary),
    ("parenthesized_expression", Role::Wrap),
    ("string_literal", Role::Text),
    ("multiline_string_literal", Role::Text),
    ("character_literal", Role::Text),
    ("interpolation", Role::Filled),
    ("number_literal", Role::Number),
    ("float_literal", Role::Number),
    ("collection_literal", Role::List),
    ("user_type", Role::Type),
];

impl Adapter for Kotlin {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_kotlin_ng::LANGUAGE.into()
    }

    fn roles(&self) -> &'static [(&'static str, Role)] {
        ROLES
    }

    /// `f<X> { … }` reads as two comparisons. Without its type it is a call.
    fn prepare<'t>(&self, text: &'t str) -> Cow<'t, str> {
        static TYPED: OnceLock<Option<Regex>> = OnceLock::new();
        let typed = TYPED.get_or_init(|| {
            Regex::new(r"\b(?:assertFailsWith|assertThrows|shouldThrow\w*)(<[\w.?]{1,200}>)").ok()
        });
        let Some(typed) = typed else { return Cow::Borrowed(text) };
        let mut prepared: Option<Vec<u8>> = None;
        for found in typed.captures_iter(text).filter_map(|found| found.get(1)) {
            let bytes = prepared.get_or_insert_with(|| text.as_bytes().to_vec());
            if let Some(blank) = bytes.get_mut(found.range()) {
                blank.fill(b' ');
            }
        }
        match prepared.map(String::from_utf8) {
            Some(Ok(prepared)) => Cow::Owned(prepared),
            _ => Cow::Borrowed(text),
        }
    }

    fn may_hold_tests(&self, _: &str, text: &str) -> bool {
        text.contains("Test")
    }

    fn tests(&self, tree: &Tree, _: &str) -> Vec<Place> {
        annotated(tree, &|_, marks| {
            marks.iter().any(|mark| {
                matches!(
                    mark.rsplit('.').next().unwrap_or_default(),
                    "Test" | "ParameterizedTest" | "RepeatedTest"
                )
            })
        })
    }
}
