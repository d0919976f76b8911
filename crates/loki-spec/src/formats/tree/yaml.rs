//! YAML 1.2 with its core schema. Aliases are expanded within the limit on values.

use std::collections::HashMap;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span};

use super::{
    DEPTH_MAX, Document, Entry, Fault, NODES_MAX, Node, Repeated, Value, line_number, map,
};

pub(super) fn parse(text: &str) -> Result<Document, Fault> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = DEPTH_MAX;
    options.block_nesting_limit = DEPTH_MAX;
    let mut builder = Builder::default();
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, span) = next.map_err(|err| fault(&err))?;
        builder.event(event, &span)?;
    }
    let nothing = || Fault { line: 1, column: 1, what: "there is nothing here".to_owned() };
    let root = builder.root.ok_or_else(nothing)?;
    Ok(Document { root, repeated: builder.repeated })
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
    anchors: HashMap<usize, Anchored>,
    nodes: usize,
    repeated: Vec<Repeated>,
}

/// What an alias stands for.
#[derive(Clone)]
struct Anchored {
    node: Node,
    /// How many values it has.
    size: usize,
    /// How many levels.
    depth: usize,
}

/// A list or a map that is not closed yet.
struct Open {
    line: u32,
    anchor: usize,
    /// How many values there were before it.
    before: usize,
    /// How many levels are below it.
    depth: usize,
    kind: Kind,
}

enum Kind {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, key: Option<(String, u32)> },
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: &Span) -> Result<(), Fault> {
        let line = line_number(span.start.line()).max(1);
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                Err(at(span, "a second document begins here; keep one in a file"))
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1, span)?;
                let is_text = style != ScalarStyle::Plain
                    || tag.is_some_and(|tag| tag.to_string().ends_with("str"));
                let value = if is_text { Value::Text(text.into_owned()) } else { plain(&text) };
                let node = Node { value, line };
                self.remember(anchor, &node, 1, 1, span)?;
                self.take(node, 1, span)
            }
            Event::Alias(anchor) => {
                let Some(Anchored { size, depth, .. }) = self.anchors.get(&anchor) else {
                    return Err(at(span, "an alias of what it stands in; write it out"));
                };
                let (size, depth) = (*size, *depth);
                self.count(size, span)?;
                self.nest(depth, span)?;
                let node = self.anchors[&anchor].node.clone();
                self.take(node, depth, span)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.open(Kind::List(Vec::new()), anchor, line, span)
            }
            Event::MappingStart(_, anchor, _) => {
                self.open(Kind::Map { entries: Vec::new(), key: None }, anchor, line, span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            _ => Ok(()),
        }
    }

    fn count(&mut self, more: usize, span: &Span) -> Result<(), Fault> {
        self.nodes += more;
        if self.nodes > NODES_MAX {
            let what = format!("more than {NODES_MAX} values, aliases written out; split the file");
            return Err(at(span, &what));
        }
        Ok(())
    }

    fn open(&mut self, kind: Kind, anchor: usize, line: u32, span: &Span) -> Result<(), Fault> {
        let before = self.nodes;
        self.count(1, span)?;
        self.nest(1, span)?;
        self.open.push(Open { line, anchor, before, depth: 0, kind });
        Ok(())
    }

    /// Whether what is open may hold `depth` more levels.
    fn nest(&self, depth: usize, span: &Span) -> Result<(), Fault> {
        if self.open.len() + depth > DEPTH_MAX {
            let what = format!("nested deeper than {DEPTH_MAX} levels; make it flatter");
            return Err(at(span, &what));
        }
        Ok(())
    }

    /// A copy is a value more, so that anchors within anchors do not grow without end.
    fn remember(
        &mut self,
        anchor: usize,
        node: &Node,
        size: usize,
        depth: usize,
        span: &Span,
    ) -> Result<(), Fault> {
        if anchor > 0 {
            self.count(size, span)?;
            self.anchors.insert(anchor, Anchored { node: node.clone(), size, depth });
        }
        Ok(())
    }

    fn close(&mut self, span: &Span) -> Result<(), Fault> {
        let Some(Open { line, anchor, before, depth, kind }) = self.open.pop() else {
            return Ok(());
        };
        let value = match kind {
            Kind::List(items) => Value::List(items),
            Kind::Map { entries, .. } => map(merged(entries), &mut self.repeated),
        };
        let node = Node { value, line };
        let depth = depth + 1;
        self.remember(anchor, &node, self.nodes - before, depth, span)?;
        self.take(node, depth, span)
    }

    fn take(&mut self, node: Node, depth: usize, span: &Span) -> Result<(), Fault> {
        if let Some(open) = self.open.last_mut() {
            open.depth = open.depth.max(depth);
        }
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => self.root = Some(node),
            Some(Kind::List(items)) => items.push(node),
            Some(Kind::Map { entries, key }) => match key.take() {
                Some((key, line)) => entries.push(Entry { key, line, value: node }),
                None => match node.value {
                    Value::Text(text) | Value::Number(text) => *key = Some((text, node.line)),
                    Value::Bool(is) => *key = Some((is.to_string(), node.line)),
                    Value::Null => *key = Some((String::new(), node.line)),
                    Value::List(_) | Value::Map(_) => {
                        return Err(at(span, "a list or a map as a key; use a word"));
                    }
                },
            },
        }
        Ok(())
    }
}

/// `entries` with those that a `<<` brings in behind them, unless they are there already.
fn merged(entries: Vec<Entry>) -> Vec<Entry> {
    if !entries.iter().any(|entry| entry.key == "<<") {
        return entries;
    }
    let (merges, mut entries): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|entry| entry.key == "<<");
    let mut known: std::collections::HashSet<String> =
        entries.iter().map(|entry| entry.key.clone()).collect();
    for merge in merges {
        let maps = match merge.value.value {
            Value::List(maps) => maps,
            value => vec![Node { value, line: merge.line }],
        };
        for map in maps {
            if let Value::Map(more) = map.value {
                entries.extend(more.into_iter().filter(|entry| known.insert(entry.key.clone())));
            }
        }
    }
    entries
}

/// A plain scalar by the core schema.
///
/// Source: YAML 1.2.2, section 10.3.2.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_number(text) => Value::Number(text.to_owned()),
        _ => Value::Text(text.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let begins =
        digits.strip_prefix('.').unwrap_or(digits).starts_with(|c: char| c.is_ascii_digit());
    begins
        && digits.bytes().all(|b| b.is_ascii_digit() || b".eE+-".contains(&b))
        && text.parse::<f64>().is_ok()
}

fn at(span: &Span, what: &str) -> Fault {
    let (line, column) = (span.start.line(), span.start.col() + 1);
    Fault { line: line_number(line).max(1), column: line_number(column), what: what.to_owned() }
}

fn fault(err: &ScanError) -> Fault {
    let marker = err.marker();
    let what = err.kind().to_string();
    let what = match what.as_str() {
        "" => "this is not YAML; mend it there".to_owned(),
        what => format!("{what}; mend it there"),
    };
    let (line, column) = (marker.line(), marker.col() + 1);
    Fault { line: line_number(line).max(1), column: line_number(column), what }
}
