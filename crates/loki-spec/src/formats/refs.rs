//! Where a `$ref` leads: only within the document, never in circles.

use std::cell::RefCell;
use std::collections::HashMap;

use super::tree::{At, Node, Value};

/// Longest chain of references that are nothing but references.
const CHAIN_MAX: usize = 16;

/// Maps with fewer entries are searched one by one.
const INDEXED_FROM: usize = 16;

/// Why a reference leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The document has nothing there.
    Missing,
    /// It is in another file or at an address, which is not read.
    Elsewhere,
    /// It leads back to itself.
    Circle,
}

/// Finds what references mean.
pub(crate) struct Refs<'a> {
    root: At<'a>,
    /// Places of keys in large maps, by the address of the map.
    keys: RefCell<HashMap<usize, HashMap<&'a str, usize>>>,
}

/// The reference that `at` is, if it is one.
pub(crate) fn reference<'a>(at: &At<'a>) -> Option<&'a str> {
    at.text_of("$ref")
}

/// `Pet` of `#/components/schemas/Pet`.
pub(crate) fn name(reference: &str) -> String {
    let last = reference.rsplit(['/', '#']).next().unwrap_or(reference);
    last.replace("~1", "/").replace("~0", "~")
}

impl<'a> Refs<'a> {
    pub(crate) fn new(root: &At<'a>) -> Refs<'a> {
        Refs { root: root.clone(), keys: RefCell::default() }
    }

    /// `at` itself, or what it refers to in the end.
    pub(crate) fn resolve(&self, at: &At<'a>) -> Result<At<'a>, Lost> {
        let mut here = at.clone();
        for _ in 0..CHAIN_MAX {
            match reference(&here) {
                None => return Ok(here),
                Some(reference) => here = self.find(reference)?,
            }
        }
        Err(Lost::Circle)
    }

    fn find(&self, reference: &str) -> Result<At<'a>, Lost> {
        let Some(pointer) = reference.strip_prefix('#') else { return Err(Lost::Elsewhere) };
        let mut here = self.root.clone();
        let Some(steps) = pointer.strip_prefix('/') else {
            return if pointer.is_empty() { Ok(here) } else { Err(Lost::Missing) };
        };
        for step in steps.split('/') {
            let step = decoded(step).replace("~1", "/").replace("~0", "~");
            here = self.step(&here, &step).ok_or(Lost::Missing)?;
        }
        Ok(here)
    }

    /// The value of `key` of a map, or at an index of a list, found without searching all of it.
    pub(crate) fn step(&self, at: &At<'a>, key: &str) -> Option<At<'a>> {
        let Value::Map(entries) = &at.node.value else {
            return key.parse().ok().and_then(|index| at.items().nth(index));
        };
        if entries.len() < INDEXED_FROM {
            return at.get(key);
        }
        let address = std::ptr::from_ref::<Node>(at.node).addr();
        let mut keys = self.keys.borrow_mut();
        let places = keys.entry(address).or_insert_with(|| {
            let names = entries.iter().map(|entry| entry.key.as_str());
            names.enumerate().map(|(index, name)| (name, index)).collect()
        });
        at.entries().nth(*places.get(key)?).map(|(_, value)| value)
    }
}

/// Percent signs written out.
fn decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
