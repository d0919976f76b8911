//! What a document says besides its requirements.

use super::tree::At;
use crate::statements::{NoteKind, Statements};

/// Deepest nesting of unknown keys that are told one by one.
const DEPTH_MAX: usize = 6;

/// `info` of an API description.
pub(super) fn info(root: &At<'_>, statements: &mut Statements) {
    let Some(info) = root.get("info") else { return };
    for (key, value) in info.entries() {
        if key != "title" {
            note(key, &value, statements, 0);
        }
    }
    for tag in root.get("tags").iter().flat_map(At::items) {
        if let (Some(name), Some(said)) = (tag.text_of("name"), tag.text_of("description")) {
            statements.note(NoteKind::Context, &format!("tag {name}: {said}"), tag.place());
        }
    }
}

/// All keys of `at` that are not `known`.
pub(super) fn unknown(at: &At<'_>, known: &[&str], statements: &mut Statements) {
    for (key, value) in at.entries() {
        if !known.contains(&key) {
            note(key, &value, statements, 0);
        }
    }
}

/// `key` and what it holds, value by value.
pub(super) fn note(key: &str, value: &At<'_>, statements: &mut Statements, depth: usize) {
    if statements.context_is_full() {
        return;
    }
    if let Some(text) = value.scalar() {
        statements.note(NoteKind::Context, &format!("{key}: {text}"), value.place());
        return;
    }
    let scalars: Option<Vec<String>> = value.items().map(|item| item.scalar()).collect();
    match scalars {
        Some(items) if !items.is_empty() => {
            statements.note(
                NoteKind::Context,
                &format!("{key}: {}", items.join("; ")),
                value.place(),
            );
        }
        _ if depth < DEPTH_MAX => {
            for (name, below) in value.entries() {
                note(&format!("{key}.{name}"), &below, statements, depth + 1);
            }
            for item in value.items() {
                note(key, &item, statements, depth + 1);
            }
        }
        _ => {}
    }
}
