//! A tree of one text, flat: every node after the one around it, with where its own ends.
//!
//! Owns parsing and its limits. Nothing here calls itself: however deep a hostile text nests, the
//! stack does not grow.

use std::cell::Cell;
use std::ops::{ControlFlow, Range};
use std::time::{Duration, Instant};

use super::language::Language;
use super::role::{Part, Role};

/// A longer text is not parsed.
pub(crate) const PARSED_BYTES_MAX: usize = 1 << 20;

/// A text that takes longer is given up.
const PARSE_TIME_MAX: Duration = Duration::from_secs(3);

/// A tree with more nodes is given up.
const NODES_MAX: usize = 2_000_000;

/// A tree with more nodes around one of them is given up: rules ask many nodes what is around them. Code that
/// people write is some dozens deep, and a sum of as many parts as this has is made by a program.
const DEPTH_MAX: usize = 1_000;

/// In every grammar, what does not fit it.
const ERROR_KIND: u16 = u16::MAX;

thread_local! {
    /// The parser that was used last, with what it has allocated.
    static PARSER: Cell<Option<(Language, tree_sitter::Parser)>> = const { Cell::new(None) };
}

/// A parser of this language.
fn kept_parser(language: Language) -> Option<tree_sitter::Parser> {
    match PARSER.take() {
        Some((known, parser)) if known == language => Some(parser),
        _ => {
            let mut parser = tree_sitter::Parser::new();
            parser.set_language(&language.grammar().language).ok()?;
            Some(parser)
        }
    }
}

/// A node, by its place among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct At(u32);

impl At {
    /// The node around all others.
    pub(crate) const ROOT: At = At(0);

    fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Copy, Debug)]
struct Node {
    role: Role,
    part: Part,
    is_named: bool,
    start: u32,
    end: u32,
    /// Counted from 0.
    line: u32,
    around: u32,
    /// The node after everything inside.
    next: u32,
}

/// A parsed text.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    text: Box<str>,
    broken_line: Option<u32>,
}

impl Tree {
    /// Parses `text`; nothing when it is beyond a limit.
    pub(super) fn parse(language: Language, text: &str) -> Option<Tree> {
        if text.len() > PARSED_BYTES_MAX {
            return None;
        }
        let grammar = language.grammar();
        let mut parser = kept_parser(language)?;
        let prepared = language.prepare(text);
        let bytes = prepared.as_bytes();
        let started = Instant::now();
        let mut in_time = |_: &tree_sitter::ParseState| {
            if started.elapsed() > PARSE_TIME_MAX {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let options = tree_sitter::ParseOptions::new().progress_callback(&mut in_time);
        let mut read = |at: usize, _| bytes.get(at..).unwrap_or_default();
        // One that has given up would go on where it was: it is not kept.
        let parsed = parser.parse_with_options(&mut read, None, Some(options))?;
        PARSER.set(Some((language, parser)));
        Tree::flat(&parsed, grammar, text)
    }

    fn flat(
        parsed: &tree_sitter::Tree,
        grammar: &super::language::Grammar,
        text: &str,
    ) -> Option<Tree> {
        let count = parsed.root_node().descendant_count();
        let mut nodes: Vec<Node> = Vec::with_capacity(count.min(NODES_MAX));
        let mut open: Vec<usize> = Vec::new();
        let mut broken_line = None;
        let mut cursor = parsed.walk();
        loop {
            let node = cursor.node();
            if nodes.len() >= NODES_MAX {
                return None;
            }
            let line = u32::try_from(node.start_position().row).ok()?;
            let (kind, is_named) = (node.kind_id(), node.is_named());
            let (start, end) = (node.start_byte(), node.end_byte());
            // What is missing covers nothing.
            let is_broken = kind == ERROR_KIND || start == end && node.is_missing();
            if is_broken && broken_line.is_none() {
                broken_line = Some(line + 1);
            }
            nodes.push(Node {
                role: grammar.role(kind, is_named),
                part: cursor.field_id().map_or(Part::None, |field| grammar.part(field.get())),
                is_named,
                start: u32::try_from(start).ok()?,
                end: u32::try_from(end).ok()?,
                line,
                around: open.last().copied().map_or(0, |at| u32::try_from(at).unwrap_or(0)),
                next: 0,
            });
            if cursor.goto_first_child() {
                open.push(nodes.len() - 1);
                if open.len() > DEPTH_MAX {
                    return None;
                }
                continue;
            }
            if let Some(last) = nodes.last_mut() {
                last.next = u32::MAX;
            }
            while !cursor.goto_next_sibling() {
                let Some(closed) = open.pop() else {
                    return Some(Tree::closed(nodes, text, broken_line));
                };
                nodes[closed].next = u32::try_from(nodes.len()).ok()?;
                if !cursor.goto_parent() {
                    return Some(Tree::closed(nodes, text, broken_line));
                }
            }
        }
    }

    fn closed(mut nodes: Vec<Node>, text: &str, broken_line: Option<u32>) -> Tree {
        let count = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
        for (at, node) in (1_u32..).zip(nodes.iter_mut()) {
            if node.next == u32::MAX {
                node.next = at;
            }
            if node.next == 0 {
                node.next = count;
            }
            // A grammar that has been told another text of the same length can not lead beyond it.
            node.end = node.end.min(u32::try_from(text.len()).unwrap_or(u32::MAX));
            node.start = node.start.min(node.end);
        }
        Tree { nodes, text: text.into(), broken_line }
    }

    fn node(&self, at: At) -> &Node {
        &self.nodes[at.index()]
    }

    /// The whole text.
    pub(crate) fn whole_text(&self) -> &str {
        &self.text
    }

    /// The 1-based line of the first place that does not fit the grammar.
    pub(crate) fn broken_line(&self) -> Option<u32> {
        self.broken_line
    }

    /// What the node is.
    pub(crate) fn role(&self, at: At) -> Role {
        self.node(at).role
    }

    /// What the node is to the one around it.
    pub(crate) fn part(&self, at: At) -> Part {
        self.node(at).part
    }

    /// Whether the node is more than a sign or a keyword.
    pub(crate) fn is_named(&self, at: At) -> bool {
        self.node(at).is_named
    }

    /// Whether nothing is inside of the node.
    pub(crate) fn is_leaf(&self, at: At) -> bool {
        self.node(at).next == at.0 + 1
    }

    /// The bytes of the text that the node covers.
    pub(crate) fn bytes(&self, at: At) -> Range<usize> {
        let node = self.node(at);
        node.start as usize..node.end as usize
    }

    /// The text that the node covers.
    pub(crate) fn text(&self, at: At) -> &str {
        self.slice(self.bytes(at))
    }

    /// A part of the text; empty when `bytes` splits a character.
    pub(crate) fn slice(&self, bytes: Range<usize>) -> &str {
        self.text.get(bytes).unwrap_or_default()
    }

    /// The 1-based line on which the node begins.
    pub(crate) fn line(&self, at: At) -> u32 {
        self.node(at).line + 1
    }

    /// The 1-based line on which the node ends.
    pub(crate) fn last_line(&self, at: At) -> u32 {
        let text = self.text(at).trim_end_matches(['\n', '\r']);
        let breaks = text.bytes().filter(|byte| *byte == b'\n').count();
        self.line(at).saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX))
    }

    /// The node around this one.
    pub(crate) fn around(&self, at: At) -> Option<At> {
        (at != At::ROOT).then(|| At(self.node(at).around))
    }

    /// The nodes around this one, the nearest first.
    pub(crate) fn all_around(&self, at: At) -> impl Iterator<Item = At> {
        std::iter::successors(self.around(at), |at| self.around(*at))
    }

    /// Whether `inner` is inside of `outer`, or is it.
    pub(crate) fn is_within(&self, inner: At, outer: At) -> bool {
        inner >= outer && inner.0 < self.node(outer).next
    }

    /// Everything inside of the node, in the order of the text.
    pub(crate) fn inside(&self, at: At) -> impl Iterator<Item = At> + use<> {
        (at.0 + 1..self.node(at).next).map(At)
    }

    /// Everything inside of the node that is not inside of one that `is_shut`. Such a node itself is
    /// shown.
    pub(crate) fn inside_but<'a>(
        &'a self,
        at: At,
        is_shut: impl Fn(At) -> bool + 'a,
    ) -> impl Iterator<Item = At> + 'a {
        let (mut next, end) = (at.0 + 1, self.node(at).next);
        std::iter::from_fn(move || {
            let found = (next < end).then_some(At(next))?;
            next = if is_shut(found) { self.node(found).next } else { next + 1 };
            Some(found)
        })
    }

    /// The place after everything inside of the node.
    pub(super) fn past(&self, at: At) -> At {
        At(self.node(at).next)
    }

    /// The nodes directly inside of this one, signs included.
    pub(crate) fn children(&self, at: At) -> impl Iterator<Item = At> {
        let (mut next, end) = (at.0 + 1, self.node(at).next);
        std::iter::from_fn(move || {
            let found = (next < end).then_some(At(next))?;
            next = self.node(found).next;
            Some(found)
        })
    }

    /// The nodes directly inside of this one, without signs and comments.
    pub(crate) fn named(&self, at: At) -> impl Iterator<Item = At> {
        self.children(at).filter(|at| self.is_named(*at) && self.role(*at) != Role::Comment)
    }

    /// The statements of a block, where a grammar holds them in one more node too.
    pub(crate) fn statements(&self, block: At) -> Vec<At> {
        let mut block = block;
        loop {
            let inner: Vec<At> = self.named(block).collect();
            match inner.as_slice() {
                [only] if self.role(*only) == Role::Block => block = *only,
                _ => return inner,
            }
        }
    }

    /// The first node directly inside of this one that is `part` of it.
    pub(crate) fn child(&self, at: At, part: Part) -> Option<At> {
        self.children(at).find(|at| self.part(*at) == part)
    }

    /// The first node directly inside of this one with `role`.
    pub(crate) fn child_with(&self, at: At, role: Role) -> Option<At> {
        self.children(at).find(|at| self.role(*at) == role)
    }

    /// All nodes with `role`, in the order of the text.
    pub(crate) fn all(&self, role: Role) -> impl Iterator<Item = At> + '_ {
        let nodes = self.nodes.iter().enumerate();
        nodes
            .filter(move |(_, node)| node.role == role)
            .map(|(at, _)| At(u32::try_from(at).unwrap_or(u32::MAX)))
    }

    /// The node, without what changes nothing about it.
    pub(crate) fn bare(&self, mut at: At) -> At {
        while matches!(self.role(at), Role::Wrap | Role::Statement | Role::Await) {
            let mut named = self.named(at);
            match self.child(at, Part::Value).or_else(|| named.next()) {
                Some(inner) => at = inner,
                None => break,
            }
        }
        at
    }
}
