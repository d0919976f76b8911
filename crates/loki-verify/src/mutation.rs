//! Small syntactic mistakes, made on purpose in changed code.
//!
//! Owns what is changed and how it is called. Refuses to run anything: the gate `mutants` does. A
//! mutant that does not compile is nobody's fault, so that nothing here has to know types well.

use std::ops::Range;

use crate::delta::FileDelta;
use crate::syntax::{Function, Nature, Part, Role, Source};

mod idle;
mod moved;
mod options;
mod removal;
mod revert;
mod special;

pub(crate) use moved::Moved;
pub(crate) use options::Options;

/// Mutants of one file.
const PER_FILE_MAX: usize = 60;

/// Mutants of one line.
const PER_LINE_MAX: usize = 2;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mutant {
    /// The file it is in.
    pub(crate) path: String,
    /// Its 1-based line.
    pub(crate) line: u32,
    /// The function it is in, with the names around it.
    pub(crate) function: String,
    /// What was changed, for a sentence: `returns nothing at once`, `< became <=`.
    pub(crate) what: String,
    /// How much of the function it changes.
    pub(crate) scale: Scale,
    bytes: Range<usize>,
    with: String,
}

/// How much of a function a mistake changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// The whole function is made to do nothing.
    Whole {
        /// Whether the change brings the function.
        is_new: bool,
    },
    /// A function that was there before is as it was.
    Revert,
    /// What the change adds to a function that was there before is left out.
    Addition,
    /// A case that is told apart by a written value is taken for every case.
    Special,
    /// An option of the command line that the change adds is read as if it were never given.
    Option,
    /// One sign or value.
    Sign,
}

impl Mutant {
    /// The whole file with the mistake in it.
    pub(crate) fn apply(&self, text: &str) -> String {
        let before = text.get(..self.bytes.start).unwrap_or_default();
        let after = text.get(self.bytes.end..).unwrap_or_default();
        format!("{before}{}{after}", self.with)
    }
}

/// Mutants of the functions that a change touches: those that make a whole function do nothing first, then
/// those that put one back to what it was, those that leave out what was added to one, those that take a
/// special case for every case, those that never see an option, then smaller ones, in the order of the text. A
/// function that only moved is not touched.
pub(crate) fn mutants(file: &FileDelta, moved: &Moved, options: &Options) -> Vec<Mutant> {
    let Some(source) = file.after.as_deref().and_then(|text| Source::parse(&file.path, text))
    else {
        return Vec::new();
    };
    let before = file.before.as_deref().and_then(|text| Source::parse(&file.path, text));
    let touched: Vec<&Function> = source
        .functions()
        .iter()
        .filter(|function| {
            let (first, last) = function.lines;
            file.is_any_added(first, last)
                && is_worth_it(&source, function)
                && !moved.has(before.as_ref(), &source, function)
        })
        .collect();
    let is_new = |function: &Function| {
        let known = before.as_ref().map(Source::functions).unwrap_or_default();
        !known.iter().any(|other| other.qualified == function.qualified)
    };
    let idle =
        touched.iter().filter_map(|function| idle::idle(file, &source, function, is_new(function)));
    let old = || touched.iter().filter(|function| !is_new(function));
    let reverts =
        old().filter_map(|function| revert::revert(file, &source, function, before.as_ref()));
    let additions =
        old().flat_map(|function| removal::removals(file, &source, function, before.as_ref()));
    let specials = old().flat_map(|function| special::specials(file, &source, function));
    // Where a program begins its options are read, although nothing else is to be mutated there.
    let reads = source.functions().iter().filter(|function| !source.is_for_tests(function.at));
    let unseen = reads.flat_map(|function| options.unseen(file, &source, function));
    let small = touched.iter().flat_map(|function| small(file, &source, function));
    let mut seen: Vec<Range<usize>> = Vec::new();
    let mut mutants: Vec<Mutant> =
        idle.chain(reverts).chain(additions).chain(specials).chain(unseen).chain(small).collect();
    mutants.retain(|mutant| {
        let is_new = !seen.contains(&mutant.bytes);
        seen.push(mutant.bytes.clone());
        is_new
    });
    mutants.truncate(PER_FILE_MAX);
    mutants
}

/// Functions that only declare, hand on to one call, or are never run by a test on purpose.
fn is_worth_it(source: &Source, function: &Function) -> bool {
    let is_test = source.tests().iter().any(|test| test.code == function.at);
    let is_silent = matches!(
        function.name.as_str(),
        "__repr__" | "__str__" | "toString" | "fmt" | "main" | "String" | "GoString" | "Error"
    );
    let tree = source.tree();
    // What does nothing anyway is the same afterwards.
    let does_something = function.body.is_some_and(|body| {
        tree.inside(body).any(|at| {
            matches!(
                tree.role(at),
                Role::Call
                    | Role::New
                    | Role::Macro
                    | Role::Binary
                    | Role::Bind
                    | Role::Throw
                    | Role::Member
                    | Role::Subscript
                    | Role::Name
                    | Role::Map
                    | Role::Await
            )
        })
    });
    let statements = function.body.map(|body| tree.statements(body)).unwrap_or_default();
    let only_tells =
        !statements.is_empty() && statements.iter().all(|at| removal::only_tells(source, *at));
    function.nature == Nature::Plain
        && does_something
        && !only_tells
        && !function.is_only_documented
        && !is_test
        && !is_silent
        && !source.is_for_tests(function.at)
}

/// Mistakes of one sign on the lines that the change adds.
fn small(file: &FileDelta, source: &Source, function: &Function) -> Vec<Mutant> {
    let tree = source.tree();
    let Some(body) = function.body else { return Vec::new() };
    let mut found: Vec<Mutant> = Vec::new();
    for at in tree.inside(body) {
        let line = tree.line(at);
        if !file.is_added(line)
            || found.iter().filter(|other| other.line == line).count() >= PER_LINE_MAX
        {
            continue;
        }
        let changed = match tree.role(at) {
            Role::Binary => tree
                .children(at)
                .find(|sign| tree.part(*sign) == Part::Operator || !tree.is_named(*sign))
                .and_then(|sign| Some((tree.bytes(sign), other_sign(tree.text(sign))?.to_owned()))),
            Role::Boolean => {
                other_truth(tree.text(at)).map(|with| (tree.bytes(at), with.to_owned()))
            }
            Role::Number => other_number(tree.text(at)).map(|with| (tree.bytes(at), with)),
            _ => None,
        };
        let Some((bytes, with)) = changed else { continue };
        let was = tree.slice(bytes.clone()).to_owned();
        found.push(Mutant {
            path: file.path.clone(),
            line,
            function: function.qualified.clone(),
            what: format!("`{was}` became `{with}`"),
            scale: Scale::Sign,
            bytes,
            with,
        });
    }
    found
}

fn other_sign(sign: &str) -> Option<&'static str> {
    Some(match sign.trim() {
        "<" => "<=",
        "<=" => "<",
        ">" => ">=",
        ">=" => ">",
        "==" => "!=",
        "!=" => "==",
        "===" => "!==",
        "!==" => "===",
        "and" => "or",
        "or" => "and",
        "&&" => "||",
        "||" => "&&",
        "+" => "-",
        "-" => "+",
        "*" => "+",
        "//" | "/" => "*",
        "%" => "*",
        _ => return None,
    })
}

fn other_truth(text: &str) -> Option<&'static str> {
    Some(match text {
        "true" => "false",
        "false" => "true",
        "True" => "False",
        "False" => "True",
        _ => return None,
    })
}

fn other_number(text: &str) -> Option<String> {
    let number: u64 = text.parse().ok()?;
    number.checked_add(1).map(|next| next.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use loki_model::ChangeKind;

    use crate::kind::Kind;

    /// The mutants of a file that is new, each with its line.
    pub(super) fn shown(path: &str, text: &str) -> Vec<String> {
        let lines = u32::try_from(text.lines().count()).unwrap();
        let file = FileDelta {
            path: path.to_owned(),
            change: ChangeKind::Added,
            kind: Kind::Source,
            before: None,
            after: Some(text.to_owned()),
            added: (1..=lines).collect(),
        };
        mutants(&file, &Moved::default(), &Options::default())
            .iter()
            .map(|mutant| format!("{}: {}", mutant.line, mutant.apply(text)))
            .collect()
    }

    /// The mutants of one scale in a file that is altered, each with its line.
    pub(super) fn altered(path: &str, before: &str, after: &str, scale: Scale) -> Vec<String> {
        altered_with(path, before, after, scale, &Options::default())
    }

    /// The same, where the change adds these options.
    pub(super) fn altered_with(
        path: &str,
        before: &str,
        after: &str,
        scale: Scale,
        options: &Options,
    ) -> Vec<String> {
        let old: Vec<&str> = before.lines().collect();
        let new = (1..).zip(after.lines()).filter(|(_, line)| !old.contains(line));
        let file = FileDelta {
            path: path.to_owned(),
            change: ChangeKind::Modified,
            kind: Kind::Source,
            before: Some(before.to_owned()),
            after: Some(after.to_owned()),
            added: new.map(|(number, _)| number).collect(),
        };
        let all = mutants(&file, &Moved::default(), options)
            .into_iter()
            .filter(|mutant| mutant.scale == scale);
        all.map(|mutant| format!("{}: {}", mutant.line, mutant.apply(after))).collect()
    }

    #[test]
    fn nothing_is_mutated_in_what_only_declares() {
        assert!(shown("a.py", "def f():\n    \"\"\"Doc.\"\"\"\n").is_empty());
        assert!(shown("a.py", "x = 1 < 2\n").is_empty());
    }
}
