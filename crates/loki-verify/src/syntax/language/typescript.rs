//! TypeScript and TSX: JavaScript with types.

use std::sync::OnceLock;

use super::Adapter;
use super::javascript::{JavaScript, called_tests, may_call_tests};
use crate::syntax::role::Role;
use crate::syntax::test::Place;
use crate::syntax::tree::Tree;

pub(super) struct TypeScript;

pub(super) struct Tsx;

/// Nodes that JavaScript does not have.
const MORE: &[(&str, Role)] = &[
    ("abstract_class_declaration", Role::Class),
    ("interface_declaration", Role::Class),
    ("internal_module", Role::Module),
    ("function_signature", Role::Function),
    ("method_signature", Role::Function),
    ("abstract_method_signature", Role::Function),
    ("type_identifier", Role::Name),
    ("type_annotation", Role::Type),
    ("as_expression", Role::Wrap),
    ("satisfies_expression", Role::Wrap),
    ("non_null_expression", Role::Wrap),
    ("instantiation_expression", Role::Wrap),
];

fn roles() -> &'static [(&'static str, Role)] {
    static ROLES: OnceLock<Vec<(&str, Role)>> = OnceLock::new();
    ROLES.get_or_init(|| [JavaScript.roles(), MORE].concat())
}

impl Adapter for TypeScript {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into()
    }

    fn roles(&self) -> &'static [(&'static str, Role)] {
        roles()
    }

    fn may_hold_tests(&self, _: &str, text: &str) -> bool {
        may_call_tests(text)
    }

    fn tests(&self, tree: &Tree, _: &str) -> Vec<Place> {
        called_tests(tree)
    }
}

impl Adapter for Tsx {
    fn language(&self) -> tree_sitter::Language {
        tree_sitter_typescript::LANGUAGE_TSX.into()
    }

    fn roles(&self) -> &'static [(&'static str, Role)] {
        roles()
    }

    fn may_hold_tests(&self, _: &str, text: &str) -> bool {
        may_call_tests(text)
    }

    fn tests(&self, tree: &Tree, _: &str) -> Vec<Place> {
        called_tests(tree)
    }
}
