//! A value together with the way to it.

use std::rc::Rc;

use super::{Node, Value};
use crate::statements::Place;

/// Longest JSON pointer that is told, in bytes; a longer one is left out.
const POINTER_BYTES_MAX: usize = 1_000;

/// A value, its line, and its place in the document.
#[derive(Clone, Debug)]
pub(crate) struct At<'a> {
    pub(crate) node: &'a Node,
    /// 1-based line of its key, or of the value where it has none.
    pub(crate) line: u32,
    way: Option<Rc<Step<'a>>>,
}

#[derive(Debug)]
struct Step<'a> {
    name: Name<'a>,
    above: Option<Rc<Step<'a>>>,
}

#[derive(Clone, Copy, Debug)]
enum Name<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> At<'a> {
    /// The whole document.
    pub(crate) fn root(node: &'a Node) -> At<'a> {
        At { node, line: node.line, way: None }
    }

    fn below(&self, name: Name<'a>, node: &'a Node, line: u32) -> At<'a> {
        At { node, line, way: Some(Rc::new(Step { name, above: self.way.clone() })) }
    }

    /// The value of `key`, when this is a map that has it.
    pub(crate) fn get(&self, key: &str) -> Option<At<'a>> {
        let Value::Map(entries) = &self.node.value else { return None };
        let entry = entries.iter().find(|entry| entry.key == key)?;
        Some(self.below(Name::Key(&entry.key), &entry.value, entry.line))
    }

    /// The text of `key`.
    pub(crate) fn text_of(&self, key: &str) -> Option<&'a str> {
        self.get(key)?.text()
    }

    /// Keys and values, when this is a map; otherwise none.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, At<'a>)> + use<'a> {
        let here = self.clone();
        let entries = match &self.node.value {
            Value::Map(entries) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().map(move |entry| {
            (entry.key.as_str(), here.below(Name::Key(&entry.key), &entry.value, entry.line))
        })
    }

    /// Values, when this is a list; otherwise none.
    pub(crate) fn items(&self) -> impl Iterator<Item = At<'a>> + use<'a> {
        let here = self.clone();
        let items = match &self.node.value {
            Value::List(items) => items.as_slice(),
            _ => &[],
        };
        let below =
            move |(at, item): (usize, &'a Node)| here.below(Name::Index(at), item, item.line);
        items.iter().enumerate().map(below)
    }

    /// All values right below, of a list or a map.
    pub(crate) fn children(&self) -> Vec<At<'a>> {
        match &self.node.value {
            Value::List(_) => self.items().collect(),
            _ => self.entries().map(|(_, value)| value).collect(),
        }
    }

    /// How many values are right below.
    pub(crate) fn len(&self) -> usize {
        match &self.node.value {
            Value::List(items) => items.len(),
            Value::Map(entries) => entries.len(),
            _ => 0,
        }
    }

    /// As statements keep it.
    pub(crate) fn place(&self) -> Place {
        Place { line: self.line, pointer: self.pointer() }
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self.node.value, Value::Map(_))
    }

    pub(crate) fn is_list(&self) -> bool {
        matches!(self.node.value, Value::List(_))
    }

    /// When this is a text.
    pub(crate) fn text(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A text, a number or a truth value in words.
    pub(crate) fn scalar(&self) -> Option<String> {
        scalar(self.node)
    }

    /// When this is a number, or a text in its place.
    pub(crate) fn number(&self) -> Option<f64> {
        number(self.node)
    }

    pub(crate) fn bool(&self) -> Option<bool> {
        match self.node.value {
            Value::Bool(is) => Some(is),
            _ => None,
        }
    }

    /// `/paths/~1pets/get`; nothing when it is too long to be told.
    ///
    /// Source: RFC 6901, section 3.
    pub(crate) fn pointer(&self) -> Option<String> {
        let mut names = Vec::new();
        let mut step = self.way.as_ref();
        while let Some(here) = step {
            names.push(here.name);
            step = here.above.as_ref();
        }
        let mut pointer = String::new();
        for name in names.into_iter().rev() {
            pointer.push('/');
            match name {
                Name::Index(index) => pointer.push_str(&index.to_string()),
                Name::Key(key) if key.len() <= POINTER_BYTES_MAX => {
                    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                }
                Name::Key(_) => return None,
            }
            if pointer.len() > POINTER_BYTES_MAX {
                return None;
            }
        }
        Some(pointer)
    }
}

/// A text, a number or a truth value in words.
pub(crate) fn scalar(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) | Value::Number(text) => Some(text.clone()),
        Value::Bool(is) => Some(is.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

fn number(node: &Node) -> Option<f64> {
    match &node.value {
        Value::Number(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}
