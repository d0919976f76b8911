//! Names that are only data of the tests, and by which new code goes another way.

use std::collections::{BTreeSet, HashSet};

use super::super::Code;
use crate::delta::Delta;
use crate::gates::Cx;
use crate::kind::{Kind, kind};
use crate::syntax::call::chain;
use crate::syntax::{At, Part, Role, literal};
use crate::text::is_word_in;

/// Different names in one file before they are told: one can be a word of the product.
const NAMES_MIN: usize = 2;

/// Letters of a name.
const CHARS_MIN: usize = 3;

/// Bytes of a name: what is longer is prose.
const NAME_BYTES_MAX: usize = 200;

/// Own files that are searched for a name.
const FILES_MAX: usize = 4_000;

/// Bytes that are searched.
const BYTES_MAX: usize = 32 << 20;

/// What all tests have in quotes, as names are.
pub(super) struct Quoted {
    before: HashSet<String>,
    after: HashSet<String>,
}

impl Quoted {
    /// Those of the project's own tests, on both sides of the change.
    pub(super) fn of(cx: &Cx<'_>, delta: &Delta) -> Quoted {
        let mut quoted = Quoted { before: HashSet::new(), after: HashSet::new() };
        let mut room = BYTES_MAX;
        let tests = cx.layout.own_files().filter(|path| kind(path) == Kind::Test);
        for path in tests.take(FILES_MAX) {
            let Some(text) = cx.read(path) else { continue };
            let Some(left) = room.checked_sub(text.len()) else { break };
            room = left;
            take_quoted(&text, &mut quoted.after);
            let before = match delta.file(path) {
                Some(file) => file.before.as_deref().unwrap_or_default(),
                None => &text,
            };
            take_quoted(before, &mut quoted.before);
        }
        quoted
    }
}

/// Takes every name that stands between two of the same quotes.
fn take_quoted(text: &str, into: &mut HashSet<String>) {
    for (at, mark) in text.match_indices(['"', '\'', '`']) {
        let rest = &text[at + mark.len()..];
        // An apostrophe can be a part of the name, or its end.
        let ends = rest
            .char_indices()
            .take_while(|(end, c)| {
                *end <= NAME_BYTES_MAX && (is_of_name(*c) || mark.starts_with(*c))
            })
            .filter(|(_, c)| mark.starts_with(*c));
        let ends: Vec<usize> = match mark {
            "'" => ends.map(|(end, _)| end).collect(),
            _ => ends.map(|(end, _)| end).take(1).collect(),
        };
        for name in ends.into_iter().map(|end| &rest[..end]).filter(|name| is_name(name)) {
            if !into.contains(name) {
                into.insert(name.to_owned());
            }
        }
    }
}

/// Names in added code that tests have as data, one of them those of the base, and nothing else of the base,
/// its pages and the messages: the first with its line, and how many there are.
pub(super) fn names(
    cx: &Cx<'_>,
    delta: &Delta,
    code: &Code<'_>,
    quoted: &Quoted,
) -> Option<(String, u32, usize)> {
    let mut found = written(code);
    found.retain(|(name, _)| quoted.after.contains(name));
    // Words that come with the change, in code and tests alike, are those of a new feature.
    let is_enough = |found: &[(String, u32)]| {
        distinct(found) >= NAMES_MIN && found.iter().any(|(name, _)| quoted.before.contains(name))
    };
    if !is_enough(&found) {
        return None;
    }
    found.retain(|(name, _)| !is_word_in(code.text_before(), name) && !is_told(cx, name));
    if !is_enough(&found) {
        return None;
    }
    let known = known(cx, delta, &found);
    found.retain(|(name, _)| !known.contains(name));
    let is_enough = is_enough(&found);
    let count = distinct(&found);
    let (name, line) = found.into_iter().next().filter(|_| is_enough)?;
    Some((name, line, count))
}

fn distinct(found: &[(String, u32)]) -> usize {
    found.iter().map(|(name, _)| name).collect::<BTreeSet<_>>().len()
}

/// Written words of added code, with their lines.
fn written(code: &Code<'_>) -> Vec<(String, u32)> {
    let tree = code.after.tree();
    let keys = tree.all(Role::Entry).filter_map(|at| tree.child(at, Part::Key));
    let keys = keys.filter(|at| tree.role(*at) != Role::Text);
    let texts = tree.all(Role::Text).chain(keys);
    let texts = texts.filter(|at| code.file.is_added(tree.line(*at)) && !code.is_in_tests(*at));
    let names = texts.map(|at| (literal::value(tree, at), tree.line(at)));
    names.filter(|(name, _)| is_name(name)).collect()
}

/// Whether a text is a word that could be somebody's or something's name.
fn is_name(text: &str) -> bool {
    text.len() <= NAME_BYTES_MAX
        && text.chars().count() >= CHARS_MIN
        && text.starts_with(char::is_alphabetic)
        && text.chars().all(is_of_name)
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '\'')
}

/// Whether a message or the spec speaks of it.
fn is_told(cx: &Cx<'_>, name: &str) -> bool {
    let spec = cx.subject.spec.map(|spec| spec.text.as_str());
    let mut texts = cx.subject.messages.iter().map(String::as_str).chain(spec);
    texts.any(|text| is_word_in(&text.to_lowercase(), &name.to_lowercase()))
}

/// Those of the names that code and pages of the base have.
fn known(cx: &Cx<'_>, delta: &Delta, found: &[(String, u32)]) -> BTreeSet<String> {
    let mut left: BTreeSet<&String> = found.iter().map(|(name, _)| name).collect();
    let mut known = BTreeSet::new();
    let mut room = BYTES_MAX;
    for file in cx.naming().files().take(FILES_MAX) {
        if matches!(file.kind, Kind::Test | Kind::Lock | Kind::Foreign | Kind::Fixture) {
            continue;
        }
        let changed = delta.file(&file.path);
        let Some(words) = file.before(cx, changed) else { continue };
        let Some(rest) = room.checked_sub(words.len) else { break };
        room = rest;
        if !left.iter().any(|name| words.may_have(name)) {
            continue;
        }
        let text = match changed {
            Some(file) => Some(file.before.clone().unwrap_or_default()),
            None => cx.read(&file.path),
        };
        let Some(text) = text else { continue };
        known.extend(left.iter().copied().filter(|name| is_word_in(&text, name)).cloned());
        left.retain(|name| !known.contains(*name));
    }
    known
}

/// A comparison of a checksum of something with a written one, which gives an answer instead of an error.
pub(super) fn checksum(code: &Code<'_>) -> Option<u32> {
    const SUMS: &[&str] = &[
        "crc32",
        "adler32",
        "md5",
        "sha1",
        "sha256",
        "sha512",
        "hexdigest",
        "hash",
        "hashCode",
        "Sum256",
        "digest",
        "fnv1a",
    ];
    let tree = code.after.tree();
    let mut equal = tree.all(Role::Binary).filter(|at| {
        let is_equal = tree.children(*at).any(|sign| matches!(tree.text(sign), "==" | "==="));
        is_equal && code.file.is_added(tree.line(*at)) && !code.is_in_tests(*at)
    });
    let is_written = |at: At| {
        let value = literal::value(tree, at);
        let is_sum =
            |digits: usize| value.len() >= digits && value.chars().all(|c| c.is_ascii_hexdigit());
        match tree.role(at) {
            Role::Number => is_sum(4),
            Role::Text => is_sum(8),
            _ => false,
        }
    };
    let is_sum = |at: At| {
        let calls = std::iter::once(at).chain(tree.inside(at));
        let mut calls = calls.filter(|at| tree.role(*at) == Role::Call);
        calls.any(|at| SUMS.contains(&chain(tree, at).last_name()))
    };
    let found = equal.find(|at| {
        let sides: Vec<At> = tree.named(*at).collect();
        let refuses =
            tree.all_around(*at).find(|at| tree.role(*at) == Role::If).is_some_and(|at| {
                let body = tree.child(at, Part::Body);
                body.is_some_and(|body| tree.inside(body).any(|at| tree.role(at) == Role::Throw))
            });
        sides.iter().any(|at| is_written(*at)) && sides.iter().any(|at| is_sum(*at)) && !refuses
    });
    found.map(|at| tree.line(at))
}
