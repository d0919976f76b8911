//! The tests of a change: those of the base beside those of the tree, matched.
//!
//! Owns which test became which, what a test asserts by way of its helpers, and where an assertion
//! lives on. Refuses to say whether that is right.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::delta::{Delta, FileDelta};
use crate::kind::{Kind, kind};
use crate::sides::Sides;
use crate::syntax::{Function, Language, Source, Test, may_hold_tests};
use crate::text::is_word_in;
use helpers::Shared;

mod effective;
mod helpers;
mod matching;
mod modules;
mod removed;

pub(crate) use effective::{Effective, Via};
pub(crate) use modules::Files;

/// Bytes of all texts together that are parsed; what is beyond is not looked into.
const PARSED_BYTES_MAX: usize = 64 << 20;

/// Unchanged files that are parsed on demand.
const ELSEWHERE_MAX: usize = 400;

/// One side of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Side {
    /// As it was.
    Before,
    /// As it is.
    After,
}

/// Every changed file of code as trees, and which test became which. Made once for a judgement.
#[derive(Default)]
pub(crate) struct Trees {
    files: Vec<Both>,
    by_path: BTreeMap<String, usize>,
    pairs: Vec<Pair>,
    /// Unchanged files that somebody asked for.
    elsewhere: Mutex<BTreeMap<String, Option<Arc<Source>>>>,
    /// What files of tests can call, once somebody asked.
    shared: Mutex<BTreeMap<(String, Side), Arc<Shared>>>,
    /// Names of functions for tests that do something else than before, once somebody asked.
    changed_helpers: OnceLock<BTreeSet<String>>,
    /// Every own file of the tree, once somebody asked.
    files_known: OnceLock<Files>,
    /// Every function of the tree's side by its name, once somebody asked: its file, and its place there.
    functions: OnceLock<BTreeMap<String, Vec<(usize, usize)>>>,
}

/// A changed file of code.
struct Both {
    /// Its place in the change.
    index: usize,
    before: Text,
    after: Text,
}

/// One side of a changed file of code. Its tree is made when it is first asked for.
#[derive(Default)]
pub(crate) struct Text {
    path: String,
    text: Option<String>,
    /// Whether there are too many texts to parse this one.
    is_left_out: bool,
    may_hold_tests: bool,
    source: OnceLock<Option<Source>>,
}

impl Text {
    fn of(path: &str, text: Option<&String>, is_left_out: bool) -> Text {
        Text {
            path: path.to_owned(),
            text: text.cloned(),
            is_left_out,
            may_hold_tests: text.is_some_and(|text| may_hold_tests(path, text)),
            source: OnceLock::new(),
        }
    }

    /// What it holds; empty where there is nothing on this side.
    pub(crate) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// Its tree; none where there is no text, or that it is beyond a limit.
    pub(crate) fn source(&self) -> Option<&Source> {
        let parse = || {
            let text = self.text.as_deref().filter(|_| !self.is_left_out)?;
            Source::parse(&self.path, text)
        };
        self.source.get_or_init(parse).as_ref()
    }

    /// Its tests; most texts that have none are not parsed for that.
    pub(crate) fn tests(&self) -> &[Test] {
        let source = self.may_hold_tests.then(|| self.source()).flatten();
        source.map_or(&[], Source::tests)
    }

    fn is_beyond_limit(&self) -> bool {
        self.text.is_some() && self.source().is_none()
    }
}

impl Trees {
    /// Every changed file of code that belongs to the project. Parses those whose trees are sure to be
    /// asked for.
    pub(crate) fn of(delta: &Delta) -> Trees {
        let mut room = PARSED_BYTES_MAX;
        let mut fits = |text: &Option<String>| {
            let left = room.checked_sub(text.as_ref().map_or(0, String::len));
            room = left.unwrap_or(room);
            left.is_some()
        };
        let mut trees = Trees::default();
        for (index, file) in delta.files.iter().enumerate() {
            if Language::of(&file.path).is_none() || file.kind == Kind::Foreign {
                continue;
            }
            let mut side = |text: &Option<String>| {
                let is_left_out = !fits(text);
                Text::of(&file.path, text.as_ref(), is_left_out)
            };
            let (before, after) = (side(&file.before), side(&file.after));
            trees.by_path.insert(file.path.clone(), trees.files.len());
            trees.files.push(Both { index, before, after });
        }
        let is_code = |both: &&Both| delta.files[both.index].kind == Kind::Source;
        let new = trees.files.iter().filter(is_code).map(|both| &both.after);
        let with_tests = trees.sides().filter(|side| side.may_hold_tests);
        parse(&new.chain(with_tests).collect::<Vec<_>>());
        trees.pairs = matching::pairs(&trees);
        trees
    }

    fn sides(&self) -> impl Iterator<Item = &Text> {
        self.files.iter().flat_map(|both| [&both.before, &both.after])
    }

    /// Makes the trees of all sides, on every core, for whoever will look at most of them.
    fn parse_all(&self) {
        parse(&self.sides().collect::<Vec<_>>());
    }

    /// One side of the changed file at `path`; nothing where it has no tree.
    pub(crate) fn of_file(&self, path: &str, side: Side) -> Option<&Source> {
        self.source(*self.by_path.get(path)?, side)
    }

    /// Changed files of tests that are beyond a limit of parsing.
    pub(crate) fn unread_tests(&self) -> impl Iterator<Item = String> {
        let paths = self.files.iter().filter(|both| kind(&both.after.path) == Kind::Test);
        let is_unread =
            |both: &&Both| both.before.is_beyond_limit() || both.after.is_beyond_limit();
        paths.filter(is_unread).map(|both| both.after.path.clone())
    }

    /// Whether each function called `name` that the changed files have, the one at `path` apart, hands
    /// back a promise.
    pub(crate) fn are_async(&self, name: &str, path: &str) -> impl Iterator<Item = bool> {
        let named = self.functions(name).filter(move |(text, ..)| text.path != path);
        named.map(|(_, _, function)| function.is_async)
    }

    /// Every function called `name` that the changed files have, with its file.
    fn functions(&self, name: &str) -> impl Iterator<Item = (&Text, &Source, &Function)> {
        let functions = self.functions.get_or_init(|| {
            let mut found: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
            for (file, both) in self.files.iter().enumerate() {
                let functions = both.after.source().into_iter().flat_map(Source::functions);
                for (place, function) in functions.enumerate() {
                    found.entry(function.name.clone()).or_default().push((file, place));
                }
            }
            found
        });
        functions.get(name).into_iter().flatten().filter_map(|(file, place)| {
            let text = &self.files.get(*file)?.after;
            let source = text.source()?;
            Some((text, source, source.functions().get(*place)?))
        })
    }

    fn source(&self, file: usize, side: Side) -> Option<&Source> {
        self.text(file, side)?.source()
    }

    fn text(&self, file: usize, side: Side) -> Option<&Text> {
        let both = self.files.get(file)?;
        Some(match side {
            Side::Before => &both.before,
            Side::After => &both.after,
        })
    }

    /// One side of the changed file at `path`; nothing where it has no file of code.
    pub(crate) fn text_of(&self, path: &str, side: Side) -> Option<&Text> {
        self.text(*self.by_path.get(path)?, side)
    }

    fn tests(&self, side: Side) -> impl Iterator<Item = (TestId, &Test)> {
        (0..self.files.len()).flat_map(move |file| {
            let tests = self.text(file, side).map_or(&[] as &[Test], Text::tests);
            tests.iter().enumerate().map(move |(test, found)| (TestId { file, test }, found))
        })
    }

    fn test(&self, id: TestId, side: Side) -> Option<&Test> {
        self.text(id.file, side)?.tests().get(id.test)
    }
}

/// Makes the trees of these texts, on every core.
fn parse(texts: &[&Text]) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = texts.len().div_ceil(TEXTS_A_THREAD_MIN).clamp(1, cores);
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(text) = texts.get(next.fetch_add(1, Ordering::Relaxed)) {
            text.source();
        }
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        work();
        for other in others {
            if let Err(panic) = other.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}

/// Fewer texts are not worth a thread.
const TEXTS_A_THREAD_MIN: usize = 16;

/// A test, by its places among files and tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TestId {
    file: usize,
    test: usize,
}

/// How a test of the base was found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// In the same file, under the same name.
    Same,
    /// It does the same under another name or in another file.
    Moved,
    /// It does nearly the same.
    Alike,
}

/// What became of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pair {
    /// It is still there.
    Kept(TestId, TestId, How),
    /// It is gone.
    Gone(TestId),
    /// It was not there before.
    New(TestId),
}

/// A test together with where it is.
#[derive(Clone, Copy)]
pub(crate) struct Located<'a> {
    /// The test.
    pub(crate) test: &'a Test,
    /// The file it is in.
    pub(crate) source: &'a Source,
    /// The change of that file.
    pub(crate) file: &'a FileDelta,
    /// On which side it is.
    pub(crate) side: Side,
}

impl<'a> Located<'a> {
    /// The path of its file.
    pub(crate) fn path(&self) -> &'a str {
        &self.file.path
    }

    /// The text of a node of its file.
    pub(crate) fn text(&self, at: crate::syntax::At) -> &'a str {
        self.source.tree().text(at)
    }
}

/// The tests of a change.
pub(crate) struct Suite<'a> {
    /// Both sides of the change.
    pub(crate) sides: &'a Sides<'a>,
    trees: &'a Trees,
}

impl<'a> Suite<'a> {
    /// The tests of the change with both `sides`, whose trees are known.
    pub(crate) fn of(sides: &'a Sides<'a>, trees: &'a Trees) -> Suite<'a> {
        Suite { sides, trees }
    }

    /// Every own file of the tree, to be found by its name.
    pub(crate) fn own_files(&self) -> &'a Files {
        self.trees.files_known.get_or_init(|| Files::of(self.sides.layout))
    }

    fn located(&self, id: TestId, side: Side) -> Option<Located<'a>> {
        let source = self.trees.source(id.file, side)?;
        let file = self.sides.delta.files.get(self.trees.files.get(id.file)?.index)?;
        Some(Located { test: source.tests().get(id.test)?, source, file, side })
    }

    /// Tests that are on both sides, with how they were found again.
    pub(crate) fn kept(&self) -> Vec<(Located<'a>, Located<'a>, How)> {
        let kept = self.trees.pairs.iter().filter_map(|pair| match pair {
            Pair::Kept(before, after, how) => Some((
                self.located(*before, Side::Before)?,
                self.located(*after, Side::After)?,
                *how,
            )),
            _ => None,
        });
        kept.collect()
    }

    /// Tests of the base that are gone.
    pub(crate) fn gone(&self) -> Vec<Located<'a>> {
        let gone = self.trees.pairs.iter().filter_map(|pair| match pair {
            Pair::Gone(id) => self.located(*id, Side::Before),
            _ => None,
        });
        gone.collect()
    }

    /// Tests that the base does not have.
    pub(crate) fn new_tests(&self) -> Vec<Located<'a>> {
        let new = self.trees.pairs.iter().filter_map(|pair| match pair {
            Pair::New(id) => self.located(*id, Side::After),
            _ => None,
        });
        new.collect()
    }

    /// Tests that are new or do something else than before, without those that were only moved; with
    /// what they were.
    pub(crate) fn touched(&self) -> Vec<(Option<Located<'a>>, Located<'a>)> {
        let kept = self.kept().into_iter();
        let kept = kept.filter(|(before, after, _)| !is_same(before, after));
        let kept = kept.map(|(before, after, _)| (Some(before), after));
        kept.chain(self.new_tests().into_iter().map(|test| (None, test))).collect()
    }

    /// Changed files as trees.
    pub(crate) fn trees(&self) -> &'a Trees {
        self.trees
    }

    /// Every function called `name` that the changed files have, with the file's path.
    pub(crate) fn functions(
        &self,
        name: &str,
    ) -> impl Iterator<Item = (&'a str, &'a Source, &'a Function)> {
        self.trees.functions(name).map(|(text, source, function)| (&*text.path, source, function))
    }

    /// Changed files of code with both sides.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&'a FileDelta, &'a Text, &'a Text)> {
        let delta = self.sides.delta;
        self.trees
            .files
            .iter()
            .filter_map(move |both| Some((delta.files.get(both.index)?, &both.before, &both.after)))
    }

    /// The tree of a file on one side, changed or not; nothing for one that has none.
    pub(crate) fn source(&self, path: &str, side: Side) -> Option<Tree<'a>> {
        if let Some(file) = self.trees.by_path.get(path) {
            return self.trees.source(*file, side).map(Tree::Changed);
        }
        if self.sides.delta.file(path).is_some() || Language::of(path).is_none() {
            return None;
        }
        let mut known = self.trees.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(path) {
            return found.clone().map(Tree::Elsewhere);
        }
        if known.len() >= ELSEWHERE_MAX {
            return None;
        }
        let text = self.sides.after(path);
        let parsed = text.and_then(|text| Source::parse(path, &text)).map(Arc::new);
        known.insert(path.to_owned(), parsed.clone());
        parsed.map(Tree::Elsewhere)
    }

    /// Whether the changed files of the product's code had this word and have it no more.
    pub(crate) fn is_gone(&self, word: &str) -> bool {
        let code = || self.files().filter(|(file, ..)| !is_for_tests(&file.path));
        let has =
            |text: &Option<String>| text.as_deref().is_some_and(|text| is_word_in(text, word));
        code().any(|(file, ..)| has(&file.before)) && !code().any(|(file, ..)| has(&file.after))
    }

    /// Names of functions and classes that the product's code had and that no changed file has any
    /// more.
    pub(crate) fn removed_names(&self) -> BTreeSet<String> {
        removed::names(self)
    }
}

/// Whether nothing about how a test runs differs.
fn is_same(before: &Located<'_>, after: &Located<'_>) -> bool {
    let heads = |located: &Located<'_>| -> Vec<(crate::syntax::Marked, Option<String>)> {
        let markers = located.test.markers.iter();
        markers.map(|marker| (marker.marked, marker.condition.clone())).collect()
    };
    before.test.digest == after.test.digest
        && before.test.rows == after.test.rows
        && before.test.literals == after.test.literals
        && heads(before) == heads(after)
}

/// A tree that is held by the change, or shared.
#[derive(Clone)]
pub(crate) enum Tree<'a> {
    /// Of a changed file.
    Changed(&'a Source),
    /// Of a file that did not change.
    Elsewhere(Arc<Source>),
}

impl std::ops::Deref for Tree<'_> {
    type Target = Source;

    fn deref(&self) -> &Source {
        match self {
            Tree::Changed(source) => source,
            Tree::Elsewhere(source) => source,
        }
    }
}

/// Whether code at `path` only serves tests.
pub(crate) fn is_for_tests(path: &str) -> bool {
    matches!(kind(path), Kind::Test | Kind::Harness | Kind::Fixture)
}

#[cfg(test)]
pub(crate) mod testing {
    //! Rules over suites, tested without a repository.

    use super::*;
    use crate::gates::rule::Found;
    use crate::sides::testing::Files;
    pub(crate) use crate::sides::testing::found;

    /// A rule that looks at a suite.
    pub(crate) type Look = fn(&Suite<'_>, &mut Found);

    /// Has `look` look at the suite of a change.
    pub(crate) fn look_at(look: Look, sides: &Sides<'_>, findings: &mut Found) {
        let trees = Trees::of(sides.delta);
        look(&Suite::of(sides, &trees), findings);
    }

    /// Requires that the rule finds `expected` in the change: severity, rule and place, one a line.
    #[track_caller]
    pub(crate) fn expect(
        look: fn(&Sides<'_>, &mut Found),
        before: Files<'_>,
        after: Files<'_>,
        expected: &str,
    ) {
        let found = found(look, before, after);
        let (found, expected) = (lines(&found), lines(expected));
        assert_eq!(
            found,
            expected,
            "{}",
            after.iter().map(|(p, t)| format!("-- {p}\n{t}\n")).collect::<String>()
        );
    }

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
    }
}
