//! A lock becomes text.

use std::fmt::Write as _;

use loki_model::Priority;

use super::{LOCK_FORMAT, Lock};

const HEAD: &str = "\
# What was asked for, requirement by requirement: written by `loki spec lock` and `loki spec sync`.
# Commit it. One block for each requirement, sorted by id; merge it like code.
";

pub(super) fn write(lock: &Lock) -> String {
    let mut out = format!("{HEAD}format = {LOCK_FORMAT}\n");
    for (path, source) in &lock.sources {
        // Writing to a String can not fail.
        let _ = write!(out, "\n[source.{}]\ntitle = {}\n", key(path), quoted(&source.title));
    }
    for one in &lock.requirements {
        let _ = write!(
            out,
            "\n[requirement.{}]\ntext = {}\npriority = \"{}\"\nsource = {}\n",
            key(&one.id.0),
            quoted(&one.text),
            priority(one.priority),
            quoted(&one.origin.source)
        );
        if let Some(pointer) = &one.origin.pointer {
            let _ = writeln!(out, "pointer = {}", quoted(pointer));
        }
        list(&mut out, "acceptance", one.acceptance.iter());
        list(&mut out, "tests", lock.tests.get(&one.id).into_iter().flatten());
    }
    out
}

/// One entry a line; nothing for an empty list.
fn list<'a>(out: &mut String, name: &str, items: impl Iterator<Item = &'a String>) {
    let mut items = items.peekable();
    if items.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "{name} = [");
    items.for_each(|item| _ = writeln!(out, "    {},", quoted(item)));
    out.push_str("]\n");
}

fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Must => "must",
        Priority::Should => "should",
        Priority::Could => "could",
    }
}

fn key(name: &str) -> String {
    let is_bare = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    if !name.is_empty() && name.bytes().all(is_bare) { name.to_owned() } else { quoted(name) }
}

/// A basic string of TOML, on one line.
///
/// Source: TOML 1.0.0, String.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            letter if letter.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}
