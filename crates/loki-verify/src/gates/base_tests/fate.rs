//! What became of a test that held before and does not hold on the new code.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use loki_model::{ChangeKind, CommitId, Digest, Severity};
use regex::Regex;

use crate::Subject;
use crate::counts::totals::is_whole;
use crate::counts::{Case, CaseEnd};
use crate::delta::FileDelta;
use crate::gates::Cx;
use crate::gates::suites::last;
use crate::kind::{Kind, kind};
use crate::layout::file_name;
use crate::syntax::{Source, Test};
use crate::text::is_word_in;

mod bats;
mod replaced;
mod table;
mod unread;

/// What became of one test of the base. Ordered: less is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// The change has it in a form that holds on the old code and on the new code alike.
    Weakened,
    /// The change keeps it and does not run it.
    Skipped,
    /// The change does not have it any more, or does not run it.
    Vanished,
    /// The change takes it back together with the commit of the base's history that brought what it tests.
    Reverted,
    /// The change does not have it any more, and has another one look at the same anew.
    Replaced,
    /// The change has it in a form that asks for something else.
    Rewritten,
    /// It fails under the base's settings and holds under those of the change.
    Resettled,
    /// It would hold, is as it was, and the change does not run it.
    Silenced,
    /// What it uses is not there any more.
    Orphaned,
    /// The same, and the spec names what it asks for now.
    Asked,
    /// It went with what it tested, and the change says that it removes something.
    Removed,
    /// It is as red in the change itself.
    Red,
    /// It runs under another name.
    Moved,
    /// It is the same but for names that the change gives to what it uses, and nothing else changed.
    Renamed,
    /// It is the same, in a file that no longer uses something that is gone.
    Kept,
}

impl Fate {
    /// Rule, severity and the rest of a sentence that begins with the test's name.
    pub(super) fn report(self) -> (&'static str, Severity, &'static str) {
        match self {
            Fate::Weakened => (
                "base-tests/weakened",
                Severity::Error,
                "fails on the new code as it was; as the change has it, it holds on the old code \
                 and on the new code alike: it was weakened until it passed",
            ),
            Fate::Skipped => (
                "base-tests/skipped",
                Severity::Error,
                "fails on the new code, and the change skips it",
            ),
            Fate::Vanished => (
                "base-tests/vanished",
                Severity::Error,
                "fails on the new code, and the change deletes it or does not run it",
            ),
            Fate::Reverted => (
                "base-tests/reverted",
                Severity::Warning,
                "fails on the new code and is gone: the change is the exact inverse of a commit in the \
                 history of its base",
            ),
            Fate::Replaced => (
                "base-tests/replaced",
                Severity::Warning,
                "fails on the new code and is gone; another test looks at the same anew, and needs the \
                 new code: approve it if another behaviour was wanted",
            ),
            Fate::Rewritten => (
                "base-tests/rewritten",
                Severity::Warning,
                "fails on the new code as it was: the change asks for another behaviour; approve it \
                 if that was wanted",
            ),
            Fate::Resettled => (
                "base-tests/resettled",
                Severity::Warning,
                "fails on the new code under the settings and helpers that tests had, and holds only under \
                 those that the change brings",
            ),
            Fate::Silenced => (
                "base-tests/silenced",
                Severity::Warning,
                "is as it was and would hold, and the change does not run it any more",
            ),
            Fate::Orphaned => (
                "base-tests/orphaned",
                Severity::Warning,
                "can not run on the new code: what it uses was removed or has another shape",
            ),
            Fate::Asked => (
                "base-tests/asked",
                Severity::Note,
                "fails on the new code as it was: the change asks for another behaviour, in the words of \
                 the spec",
            ),
            Fate::Removed => (
                "base-tests/removed",
                Severity::Note,
                "went with what it tested, as the change announces",
            ),
            Fate::Red => ("base-tests/red", Severity::Note, "fails, in the change itself too"),
            Fate::Renamed => (
                "base-tests/renamed",
                Severity::Note,
                "is the same but for names that the change gives to what it uses, and passes",
            ),
            Fate::Moved => ("base-tests/moved", Severity::Note, "runs under another name"),
            Fate::Kept => (
                "base-tests/kept",
                Severity::Note,
                "is the same in the change, and passes; other parts of its file use what is gone",
            ),
        }
    }

    /// So many of them, for a summary.
    pub(super) fn told(self, count: usize) -> String {
        let what = match self {
            Fate::Weakened => "fail and were weakened",
            Fate::Skipped => "fail and are skipped",
            Fate::Vanished => "fail and are gone",
            Fate::Reverted => "went with a commit that is taken back",
            Fate::Replaced => "fail and are replaced",
            Fate::Rewritten => "fail and ask for something else now",
            Fate::Asked => "ask for what the spec names",
            Fate::Resettled => "hold only under other settings",
            Fate::Silenced => "are not run any more",
            Fate::Orphaned => "can not run any more",
            Fate::Removed => "went with what they tested",
            Fate::Red => "fail in the change too",
            Fate::Moved => "were moved",
            Fate::Renamed => "follow new names",
            Fate::Kept => "are as they were",
        };
        format!("{count} {what}")
    }
}

/// What became of the test `id`, which held at the base; `said` tells how it fails on the new code, if it
/// `has_failed` there and not only was not run.
pub(super) fn fate(cx: &Cx<'_>, id: &str, case: &Case, said: &str, has_failed: bool) -> Fate {
    let is_orphan = is_orphan(cx, said);
    let head = cx.suites().cases();
    if has_another_name_only(cx, id) {
        return Fate::Renamed;
    }
    match head.get(id).map(|case| case.ended) {
        Some(CaseEnd::Failed) => Fate::Red,
        Some(CaseEnd::Passed) if is_moved_as_it_was(cx, id, case) => Fate::Moved,
        Some(CaseEnd::Passed) if (is_orphan || !has_failed) && is_as_it_was(cx, id, case) => {
            Fate::Kept
        }
        Some(CaseEnd::Passed) if is_orphan && announces_removal(cx) => Fate::Removed,
        Some(CaseEnd::Passed) if is_orphan || !has_failed => Fate::Orphaned,
        Some(CaseEnd::Passed) if has_lost_only_what_is_gone(cx, id, case) => Fate::Removed,
        Some(CaseEnd::Passed) => match cx.new_on_old() {
            Ok(old) if old.ids(CaseEnd::Passed).contains(id) => {
                let both = versions(cx, id, case);
                let is_case_moved =
                    both.is_some_and(|(old, new)| old.has_its_case_elsewhere(cx, &new));
                let asks_as_much = is_case_moved
                    || table::expects_all_that_it_did(cx, id, case)
                    || unread::asks_in_the_same_lines(cx, id);
                if asks_as_much { Fate::Rewritten } else { Fate::Weakened }
            }
            _ if is_asked_for(cx, id, case) => Fate::Asked,
            _ => Fate::Rewritten,
        },
        Some(CaseEnd::Skipped) if is_orphan => Fate::Orphaned,
        Some(CaseEnd::Skipped) => Fate::Skipped,
        None if is_moved(cx, id, case) => Fate::Moved,
        None if is_orphan && announces_removal(cx) => Fate::Removed,
        None if is_orphan && is_promised(cx, id, case) => Fate::Vanished,
        None if is_orphan => Fate::Orphaned,
        None => match without_name(cx, id, case) {
            Fate::Vanished if reverted(cx).is_some() => Fate::Reverted,
            Fate::Vanished if replaced::is_replaced(cx, id, case) => Fate::Replaced,
            fate => fate,
        },
    }
}

/// The commit in the history of the base whose exact inverse the change is, if there is one; where no history
/// is to be looked at there is none.
fn reverted<'a>(cx: &'a Cx<'_>) -> Option<&'a CommitId> {
    let find = || {
        let Subject { repo, base, tree, history, .. } = *cx.subject;
        repo.inverted_by(history?.0, base, tree).ok()?
    };
    cx.known.reverted.get_or_init(find).as_ref()
}

/// Whether the test is gone with what it tested, without a word, and documents still tell of that.
fn is_promised(cx: &Cx<'_>, id: &str, case: &Case) -> bool {
    let old = Old::find(cx, last(id), case.file.as_deref());
    old.is_some_and(|old| old.is_about_something_promised(cx))
}

/// What became of a test of whose name nothing is run any more.
fn without_name(cx: &Cx<'_>, id: &str, case: &Case) -> Fate {
    let Some(old) = Old::find(cx, last(id), case.file.as_deref()) else { return Fate::Vanished };
    let head = cx.suites().cases();
    let runs = |name: &str| {
        head.values().find(|case| case.ended == CaseEnd::Passed && last(&case.id) == name)
    };
    let new = new_tests(cx);
    if new.iter().any(|new| new.digest == old.digest && runs(&new.name).is_some()) {
        return Fate::Moved;
    }
    let mut heirs = new.iter().filter(|new| old.is_asked_again_by(new));
    let heir = heirs.find_map(|new| runs(&new.name).map(|case| (new, case)));
    match heir {
        Some((new, heir)) => match cx.new_on_old() {
            Ok(old) if old.ids(CaseEnd::Passed).contains(heir.id.as_str()) => Fate::Weakened,
            _ if old.is_changed_as_asked(new, &cx.asked()) => Fate::Asked,
            _ => Fate::Rewritten,
        },
        None if old.is_about_something_announced(cx, case) => Fate::Removed,
        None if old.is_about_something_removed(cx) => Fate::Orphaned,
        None => Fate::Vanished,
    }
}

/// Whether the test did run, and what it asks for does not hold: nothing that it needs was missing.
pub(super) fn has_run(said: &str) -> bool {
    let says = |pattern: &Option<Regex>| pattern.as_ref().is_some_and(|known| known.is_match(said));
    !said.trim().is_empty() && !says(&COMPILER) && !says(&MISSING)
}

/// Whether the change has the test in the form that the base has it in, whatever became of others.
pub(super) fn is_there_as_it_was(cx: &Cx<'_>, id: &str, case: &Case) -> bool {
    let has_it = |text: &str, path: &str| Old::in_text(path, text, last(id)).is_some();
    is_as_it_was(cx, id, case)
        && case.file.as_deref().is_none_or(|path| {
            cx.layout.has(path) && cx.read(path).is_some_and(|text| has_it(&text, path))
        })
}

/// Whether the change announces that something goes, and the test gives and expects less than it did, of which
/// something stood in the code and does not any more.
fn has_lost_only_what_is_gone(cx: &Cx<'_>, id: &str, case: &Case) -> bool {
    let Some((old, new)) = versions(cx, id, case) else { return false };
    let Ok(delta) = cx.delta() else { return false };
    let sources = || delta.files.iter().filter(|file| file.kind == Kind::Source);
    let is_in = |text: &Option<String>, word: &str| {
        text.as_deref().is_some_and(|text| is_word_in(text, word))
    };
    let is_gone = |word: &&String| {
        word.len() >= WORD_CHARS_MIN
            && sources().any(|file| is_in(&file.before, word))
            && !sources().any(|file| is_in(&file.after, word))
    };
    let mut gone = old.literals.difference(&new.literals).filter(is_gone);
    new.literals.is_subset(&old.literals) && gone.any(|word| announces_removal_of(cx, word))
}

/// Whether the spec names everything that the test expects or gives now and did not before.
fn is_asked_for(cx: &Cx<'_>, id: &str, case: &Case) -> bool {
    let both = versions(cx, id, case);
    both.is_some_and(|(old, new)| old.is_changed_as_asked(&new, &cx.asked()))
}

/// Whether the change does nothing but give other names, and the test passes under the one that it has now.
fn has_another_name_only(cx: &Cx<'_>, id: &str) -> bool {
    let Some(renaming) = cx.renaming() else { return false };
    let passed = cx.suites().ids(CaseEnd::Passed);
    passed.contains(id) || passed.contains(renaming.apply(id).as_str())
}

/// Whether the test itself is the same, whatever else its file lost or others did.
fn is_as_it_was(cx: &Cx<'_>, id: &str, case: &Case) -> bool {
    match versions(cx, id, case) {
        Some((old, new)) => old.digest == new.digest && old.literals == new.literals,
        None => is_out_of_the_change(cx, id, case),
    }
}

/// Whether no file that the change touches has, or had, a test of this name.
fn is_out_of_the_change(cx: &Cx<'_>, id: &str, case: &Case) -> bool {
    let Ok(delta) = cx.delta() else { return false };
    let is_touched = |path: &String| delta.files.iter().any(|file| file.path == *path);
    let has = |file: &FileDelta| {
        let sides = [&file.before, &file.after].into_iter().flatten();
        sides.into_iter().any(|text| Old::in_text(&file.path, text, last(id)).is_some())
    };
    match &case.file {
        Some(path) => !is_touched(path),
        // Names of whole runs are those of no test.
        None => !is_whole(id) && !delta.files.iter().any(has),
    }
}

/// A test as the base has it and as the change has it, under the same name in the same file.
fn versions(cx: &Cx<'_>, id: &str, case: &Case) -> Option<(Old, Old)> {
    let of_case = |file: &&FileDelta| case.file.as_ref().is_none_or(|path| file.path == *path);
    cx.delta().ok()?.files.iter().filter(of_case).find_map(|file| {
        let test = |text: &Option<String>| Old::in_text(&file.path, text.as_deref()?, last(id));
        test(&file.before).zip(test(&file.after))
    })
}

/// Words with which a message announces that something goes.
const ANNOUNCING: &[&str] = &[
    "remove", "removes", "removed", "drop", "drops", "dropped", "delete", "deletes", "deleted",
    "revert", "reverts", "reverted", "retire", "retires",
];

/// Whether a message of the change announces that something goes.
fn announces_removal(cx: &Cx<'_>) -> bool {
    announcements(cx).next().is_some()
}

/// Messages of the change that announce that something goes.
fn announcements<'a>(cx: &Cx<'a>) -> impl Iterator<Item = &'a String> {
    cx.subject.messages.iter().filter(|message| {
        let first = message.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        first.take(2).any(|word| ANNOUNCING.contains(&word.to_lowercase().as_str()))
    })
}

/// A test as its source has it.
struct Old {
    name: String,
    digest: Digest,
    calls: BTreeSet<String>,
    literals: BTreeSet<String>,
    assertions: usize,
}

/// Of what a test was given and expected, so many percent are in the test that takes its place.
const LITERALS_KEPT_PERCENT_MIN: usize = 60;

/// Own files of code that are searched for a word.
const FILES_MAX: usize = 5_000;

/// Shorter values stand in any spec.
const TELLING_BYTES_MIN: usize = 2;

/// Words that say of no test what it is about.
const NOT_TELLING: &[&str] = &["test", "tests", "spec", "should", "the", "and", "for"];

/// Documents that are searched for a word.
const DOCS_MAX: usize = 200;

/// Shorter words are in everything.
const WORD_CHARS_MIN: usize = 3;

impl Old {
    fn of(test: &Test) -> Old {
        Old {
            name: test.name.clone(),
            digest: test.digest.clone(),
            calls: test.calls.iter().cloned().collect(),
            literals: test.literals.clone(),
            assertions: test.assertions.len(),
        }
    }

    /// The test as the base has it, in a file that the change touches.
    fn find(cx: &Cx<'_>, name: &str, file: Option<&str>) -> Option<Old> {
        let delta = cx.delta().ok()?;
        let files = delta.files.iter().filter(|delta| file.is_none_or(|file| delta.path == file));
        files.into_iter().find_map(|file| Old::in_text(&file.path, file.before.as_deref()?, name))
    }

    /// The test of this name in the text of a file.
    fn in_text(path: &str, text: &str, name: &str) -> Option<Old> {
        Old::all_in(path, text).into_iter().find(|test| test.name == name)
    }

    /// The tests in the text of a file, in order.
    fn all_in(path: &str, text: &str) -> Vec<Old> {
        if path.ends_with(".bats") {
            return bats::tests(text);
        }
        let source = Source::parse(path, text);
        source.iter().flat_map(|source| source.tests()).map(Old::of).collect()
    }

    /// Whether `new` asks the same of the same, and may expect another answer.
    fn is_asked_again_by(&self, new: &Old) -> bool {
        let kept = self.literals.intersection(&new.literals).count();
        self.calls == new.calls
            && !self.literals.is_empty()
            && kept * 100 >= self.literals.len() * LITERALS_KEPT_PERCENT_MIN
    }

    /// Whether what the test was given before and is not any more, or what it is given instead, is given to
    /// another test that needs the new code and calls some of the same. The test asks as much as before.
    fn has_its_case_elsewhere(&self, cx: &Cx<'_>, new: &Old) -> bool {
        let lost: Vec<&String> = self.literals.difference(&new.literals).collect();
        let come: Vec<&String> = new.literals.difference(&self.literals).collect();
        let asks_as_much = new.assertions >= self.assertions && self.calls.is_subset(&new.calls);
        let on_old = cx.new_on_old().map(|old| old.ids(CaseEnd::Passed)).unwrap_or_default();
        let head = cx.suites().ids(CaseEnd::Passed);
        let has_all = |other: &Old, values: &[&String]| {
            !values.is_empty() && values.iter().all(|value| other.literals.contains(*value))
        };
        asks_as_much
            && tests_of_the_change(cx).iter().any(|other| {
                let needs_it = head.iter().any(|id| last(id) == other.name && !on_old.contains(id));
                let is_of_the_same = !other.calls.is_disjoint(&self.calls);
                needs_it && is_of_the_same && (has_all(other, &lost) || has_all(other, &come))
            })
    }

    /// Whether all values that are new in `new` stand in what was `asked`, and one of them says something.
    fn is_changed_as_asked(&self, new: &Old, asked: &str) -> bool {
        let added: Vec<&str> =
            new.literals.difference(&self.literals).map(|value| value.trim()).collect();
        added.iter().any(|value| value.len() >= TELLING_BYTES_MIN)
            && added.iter().all(|value| value.is_empty() || is_word_in(asked, value))
    }

    /// Whether it speaks of something that the code of the base had and that is in no code any more.
    fn is_about_something_removed(&self, cx: &Cx<'_>) -> bool {
        !self.removed(cx).is_empty()
    }

    /// Whether it is about something removed, and the change announces a removal of that, or of what the test, or
    /// its file where that is gone as a whole, is called by. What checks something is not gone because something is.
    fn is_about_something_announced(&self, cx: &Cx<'_>, case: &Case) -> bool {
        let removed = self.removed(cx);
        let file = case.file.as_deref().filter(|path| !cx.layout.has(path)).map(file_name);
        let named = removed.iter().copied().chain([self.name.as_str()]).chain(file);
        !removed.is_empty() && named.into_iter().any(|words| announces_removal_of(cx, words))
    }

    /// Whether something of that is still named as code in the project's documents.
    fn is_about_something_promised(&self, cx: &Cx<'_>) -> bool {
        let removed = self.removed(cx);
        let removed = removed.iter().filter(|word| word.len() > WORD_CHARS_MIN);
        let signs: Vec<String> =
            removed.flat_map(|word| [format!("`{word}`"), format!("`{word}(")]).collect();
        let is_history = |path: &str| path.to_lowercase().contains("changelog");
        let docs = cx.layout.own_files();
        let mut docs = docs.filter(|path| kind(path) == Kind::Docs && !is_history(path));
        !signs.is_empty()
            && docs
                .by_ref()
                .take(DOCS_MAX)
                .filter_map(|path| cx.read(path))
                .any(|text| signs.iter().any(|sign| text.contains(sign.as_str())))
    }

    /// Words that it says, that code of the base had and that are in no code any more.
    fn removed(&self, cx: &Cx<'_>) -> BTreeSet<&str> {
        let Ok(delta) = cx.delta() else { return BTreeSet::new() };
        let said = self.literals.iter().chain(&self.calls);
        let mut words: BTreeSet<&str> = said
            .flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '_'))
            .filter(|word| {
                word.len() >= WORD_CHARS_MIN && !word.starts_with(|c: char| c.is_numeric())
            })
            .collect();
        let sources = delta.files.iter().filter(|file| file.kind == Kind::Source);
        let before: Vec<&str> = sources.filter_map(|file| file.before.as_deref()).collect();
        words.retain(|word| before.iter().any(|text| is_word_in(text, word)));
        let own = cx.layout.own_files().filter(|path| kind(path) == Kind::Source);
        for text in own.take(FILES_MAX).filter_map(|path| cx.read(path)) {
            if words.is_empty() {
                break;
            }
            words.retain(|word| !is_word_in(&text, word));
        }
        words
    }
}

/// Whether a message that announces a removal says one of these words, maybe with another ending.
fn announces_removal_of(cx: &Cx<'_>, words: &str) -> bool {
    let said = announcements(cx).flat_map(|message| words_of(message));
    let said: Vec<String> = said.filter(|word| !ANNOUNCING.contains(&word.as_str())).collect();
    // Every test has these in its name.
    let telling = words_of(words).into_iter().filter(|word| !NOT_TELLING.contains(&word.as_str()));
    telling.into_iter().any(|word| {
        said.iter().any(|other| other.starts_with(word.as_str()) || word.starts_with(other))
    })
}

/// The words of a text that say something, in small letters, and those of names in it.
fn words_of(text: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut was_small = false;
    for c in text.chars() {
        if c.is_uppercase() && was_small {
            spaced.push(' ');
        }
        was_small = c.is_lowercase();
        spaced.push(c);
    }
    let words = spaced.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| word.len() >= WORD_CHARS_MIN).map(str::to_lowercase).collect()
}

/// Tests that the change brings, under a name that the base's version of their file does not have.
fn new_tests(cx: &Cx<'_>) -> Vec<Old> {
    let Ok(delta) = cx.delta() else { return Vec::new() };
    let mut found = Vec::new();
    for file in &delta.files {
        if file.path.ends_with(".bats") {
            let tests =
                |text: &Option<String>| text.as_deref().map(bats::tests).unwrap_or_default();
            let known = tests(&file.before);
            let is_new = |new: &Old| known.iter().all(|old| old.name != new.name);
            found.extend(tests(&file.after).into_iter().filter(is_new));
            continue;
        }
        let parsed = |text: &Option<String>| Source::parse(&file.path, text.as_deref()?);
        let Some(after) = parsed(&file.after) else { continue };
        let before = parsed(&file.before);
        let known: BTreeSet<&str> = before
            .iter()
            .flat_map(|source| source.tests())
            .map(|test| test.qualified.as_str())
            .collect();
        let new = after.tests().iter().filter(|test| !known.contains(test.qualified.as_str()));
        found.extend(new.map(Old::of));
    }
    found
}

/// Every test of the files that the change touches.
fn tests_of_the_change(cx: &Cx<'_>) -> Vec<Old> {
    let Ok(delta) = cx.delta() else { return Vec::new() };
    let texts = delta.files.iter().filter_map(|file| Some((&file.path, file.after.as_deref()?)));
    texts.flat_map(|(path, text)| Old::all_in(path, text)).collect()
}

/// Whether the test does what it did, in a file that has another place now.
fn is_moved_as_it_was(cx: &Cx<'_>, id: &str, case: &Case) -> bool {
    let Ok(delta) = cx.delta() else { return false };
    let gone = delta.files.iter().filter(|file| {
        file.change == ChangeKind::Deleted
            && case.file.as_ref().is_none_or(|path| file.path == *path)
    });
    let olds: Vec<Old> = gone
        .filter_map(|file| Old::in_text(&file.path, file.before.as_deref()?, last(id)))
        .collect();
    let new = delta.files.iter().filter(|file| file.change == ChangeKind::Added);
    let mut news =
        new.filter_map(|file| Old::in_text(&file.path, file.after.as_deref()?, last(id)));
    !olds.is_empty() && news.any(|new| olds.iter().any(|old| old.digest == new.digest))
}

/// Whether the change runs a test of this name that the base does not have.
fn is_moved(cx: &Cx<'_>, id: &str, case: &Case) -> bool {
    let own = last(id);
    let head = cx.suites().cases();
    let known = cx.base_suites().map(|base| base.cases()).unwrap_or_default();
    head.values().any(|other| {
        other.ended == CaseEnd::Passed
            && last(&other.id) == own
            && !known.contains_key(other.id.as_str())
            // Go tells packages, and no files.
            && (other.file != case.file || id.starts_with("go:"))
    })
}

/// Whether a test can not run since something that it uses is gone from the code, not since the code
/// does something else.
fn is_orphan(cx: &Cx<'_>, said: &str) -> bool {
    if COMPILER.as_ref().is_some_and(|compiler| compiler.is_match(said)) {
        return true;
    }
    let Ok(delta) = cx.delta() else { return false };
    let Some(missing) = MISSING.as_ref() else { return false };
    let names = missing.captures_iter(said).filter_map(|found| {
        let name = found.iter().skip(1).flatten().next()?.as_str();
        name.rsplit(['.', '/', '\\']).find(|part| part.len() > 1).map(str::to_owned)
    });
    let sources = || delta.files.iter().filter(|file| file.kind != Kind::Docs);
    names.into_iter().any(|name| {
        let is_in =
            |text: &Option<String>| text.as_deref().is_some_and(|text| is_word_in(text, &name));
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem).to_owned();
        sources().any(|file| {
            let lost_word = is_in(&file.before) && !is_in(&file.after) && file.kind == Kind::Source;
            let lost_file = file.after.is_none()
                && file
                    .path
                    .split('/')
                    .any(|part| part == name || part.split('.').next() == Some(&stem));
            lost_word || lost_file
        })
    })
}

/// What says that tests were not even compiled.
static COMPILER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)^error(\[E\d{4}\])?: |^\S+\.go:\d+:\d+: |\.java:\[?\d+[,:].*(cannot find symbol|error:)|error TS\d+:|error CS\d+:")
        .ok()
});

/// What says that something is not there, with its name.
static MISSING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
          cannot \s import \s name \s '([^']+)'
        | No \s module \s named \s '([^']+)'
        | has \s no \s attribute \s '([^']+)'
        | NameError: \s name \s '([^']+)'
        | unexpected \s keyword \s argument \s '([^']+)'
        | fixture \s '([^']+)' \s not \s found
        | Cannot \s find \s (?:module|package) \s '([^']+)'
        | does \s not \s provide \s an \s export \s named \s '([^']+)'
        | ReferenceError: \s (\S+) \s is \s not \s defined
        | TypeError: \s \(?(?:intermediate\ value\)?)?([\w.$\[\]]+)\)? \s is \s not \s a \s (?:function|constructor)
        | NoMethodError: \s undefined \s method \s [`']([^'`]+)'
        | cannot \s load \s such \s file \s -- \s (\S+)
        | uninitialized \s constant \s (\S+)
        "#,
    )
    .ok()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_name_of_a_test_is_the_last_part_of_its_id() {
        for (id, name) in [
            ("pytest:tests/test_a.py::TestX::test_y[a/b::c]", "test_y"),
            ("node:test/a.js > suite > does this", "does this"),
            ("go:example.org/x.TestA/sub.1", "TestA"),
            ("cargo:pkg/lib::m::tests::name", "name"),
            ("minitest:test/a_test.rb > A::BTest > test_c", "test_c"),
        ] {
            assert_eq!(last(id), name, "{id}");
        }
    }

    #[test]
    fn words_are_found_whole() {
        assert!(is_word_in("def to_xml(a):", "to_xml"));
        assert!(!is_word_in("def to_xml2(a):", "to_xml"));
    }

    #[test]
    fn what_is_missing_is_named_in_every_language() {
        let found = |text: &str| {
            let missing = MISSING.as_ref().unwrap();
            let names = missing.captures_iter(text);
            names
                .map(|c| c.iter().skip(1).flatten().next().unwrap().as_str().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(found("ImportError: cannot import name 'to_xml' from 'x'"), ["to_xml"]);
        assert_eq!(found("ModuleNotFoundError: No module named 'x.y'"), ["x.y"]);
        assert_eq!(found("TypeError: router.url is not a function"), ["router.url"]);
        assert_eq!(found("Error: Cannot find module '../src/store.js'"), ["../src/store.js"]);
        assert!(found("AssertionError: 1 != 2").is_empty());
    }
}
