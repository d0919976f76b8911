//! The gates, one file each, and what they share.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use loki_host::git::{FileReader, Shown};
use loki_host::process::Cancel;
use loki_model::{CommitId, FileChange, Location, Severity, TestCounts};

use crate::agreed::Agreed;
use crate::bench::Bench;
use crate::cargo::Workspaces;
use crate::copy::{CleanCopy, Scratch};
use crate::delta::Delta;
use crate::isolation::Site;
use crate::kind::{Kind, kind};
use crate::layout::{Layout, file_name, join, parent, resolved};
use crate::naming::Naming;
use crate::near::Near;
use crate::renaming::Renaming;
use crate::slots::Slots;
use crate::suite::Trees;
use crate::variant::State;
use crate::{Claim, Config, Keep, Subject, variant};
use described::Described;
use suites::Suites;
use tests::shell::asked_program;

pub(crate) mod base_tests;
pub(crate) mod build;
pub(crate) mod change;
pub(crate) mod custom;
pub(crate) mod dependencies;
pub(crate) mod described;
pub(crate) mod docs;
pub(crate) mod limit;
pub(crate) mod mock_integrity;
pub(crate) mod mutants;
pub(crate) mod new_tests;
pub(crate) mod part;
pub(crate) mod rule;
pub(crate) mod runner_tampering;
pub(crate) mod secrets;
pub(crate) mod spec_drift;
pub(crate) mod states;
pub(crate) mod static_analysis;
pub(crate) mod substance;
pub(crate) mod suites;
pub(crate) mod test_integrity;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod tests;
pub(crate) mod verdicts;

/// Every gate of loki's own, cheapest first. Those that a project declares come after them.
pub(crate) const ALL: &[&Described] = &[
    &change::GATE,
    &spec_drift::GATE,
    &runner_tampering::GATE,
    &test_integrity::GATE,
    &mock_integrity::GATE,
    &substance::GATE,
    &secrets::GATE,
    &dependencies::GATE,
    &docs::GATE,
    &static_analysis::GATE,
    &build::GATE,
    &tests::GATE,
    &base_tests::GATE,
    &new_tests::GATE,
    &mutants::GATE,
];

/// The names of every gate of loki's own, cheapest first.
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|gate| gate.id).collect()
}

/// Every documented rule.
pub(crate) fn rules() -> impl Iterator<Item = &'static rule::Rule> {
    ALL.iter().flat_map(|gate| gate.rules).copied()
}

/// What must hold for each gate of loki's own to pass: for those whose work is judged.
pub fn expectations() -> Vec<(&'static str, &'static str)> {
    ALL.iter().map(|gate| (gate.id, gate.must_hold)).collect()
}

/// What is said of everything that gates look for by rules, gate by gate.
pub fn rule_texts() -> Vec<rule::RuleText> {
    rules().map(Into::into).collect()
}

/// Everything a gate may look at.
#[derive(Clone)]
pub(crate) struct Cx<'a> {
    /// What is judged.
    pub(crate) subject: &'a Subject<'a>,
    /// How, as the base says it.
    pub(crate) config: &'a Config,
    /// Takes what commands wrote.
    pub(crate) keep: &'a dyn Keep,
    /// Ends every command.
    pub(crate) cancel: &'a Cancel,
    /// Holds every copy.
    pub(crate) scratch: &'a Scratch,
    /// Where commands run.
    pub(crate) copy: &'a CleanCopy<'a>,
    /// Reads files of any tree.
    pub(crate) reader: &'a FileReader,
    /// Every file of the judged tree.
    pub(crate) layout: &'a Layout,
    /// What differs from the base, or why that is not known.
    pub(crate) changes: Result<&'a [FileChange], &'a str>,
    /// What git showed of each of these.
    pub(crate) shown: &'a [Shown],
    /// Numbers the files of results.
    pub(crate) results_made: &'a AtomicU32,
    /// Where commands wait for each other.
    pub(crate) slots: &'a Slots,
    /// Which tests are enough, where not all of them are to be run.
    pub(crate) near: Option<&'a Near>,
    /// What was found out so far.
    pub(crate) known: Arc<Known>,
}

/// How much longer than on the new code tests may take on the old code before they count as hanging, and
/// the time that they have in any case.
const PATIENCE_FACTOR: u32 = 10;
const PATIENCE_MIN: Duration = Duration::from_secs(60);

/// What several gates want to know and one of them finds out.
#[derive(Default)]
pub(crate) struct Known {
    /// Where cargo is called.
    workspaces: OnceLock<Workspaces>,
    /// What was agreed on of the spec.
    agreed: OnceLock<Agreed>,
    /// What differs, with both texts.
    delta: OnceLock<Result<Delta, String>>,
    /// The changed files of code as trees.
    trees: OnceLock<Trees>,
    /// Which own files may name what.
    naming: OnceLock<Naming>,
    /// What the suites of the judged tree showed.
    suites: OnceLock<Suites>,
    /// What those of the base showed.
    base_suites: OnceLock<Result<Suites, String>>,
    /// What the change gives other names, where it does nothing else.
    renaming: OnceLock<Option<Renaming>>,
    /// The commit of the base's history that the change takes back, once a test is gone that would fail.
    reverted: OnceLock<Option<CommitId>>,
    /// The change's code under the base's tests.
    old_on_new: OnceLock<Result<State, String>>,
    /// The base's code under the tests of the change.
    new_on_old_state: OnceLock<Result<State, String>>,
    /// What those show.
    new_on_old: OnceLock<Result<Suites, String>>,
}

/// What was not wholly shown of the added lines.
#[derive(Debug, Default)]
pub(crate) struct NotShown {
    /// Files of which lines are missing.
    pub(crate) files: Vec<String>,
    /// Lines of which only [`SHOWN_LINE_BYTES_MAX`] were shown: path and 1-based number.
    pub(crate) lines: Vec<(String, u32)>,
}

impl Cx<'_> {
    /// Where commands run.
    pub(crate) fn bench(&self) -> Bench<'_> {
        Bench {
            copy: self.copy.root(),
            results: self.copy.results(),
            tree: self.subject.tree,
            limit: self.config.command_limit,
            keep: self.keep,
            cancel: self.cancel,
            results_made: self.results_made,
            slots: self.slots,
            site: Site {
                isolation: &self.config.isolation,
                subject: self.subject,
                scratch: self.scratch,
                copy: self.copy,
                layout: self.layout,
            },
        }
    }

    /// Where cargo is called so that every package is looked at once.
    pub(crate) fn workspaces(&self) -> &Workspaces {
        self.known.workspaces.get_or_init(|| Workspaces::find(self))
    }

    /// The same under other settings, with nothing found out yet.
    pub(crate) fn with_config<'b>(&'b self, config: &'b Config) -> Cx<'b> {
        Cx { config, known: Arc::default(), ..self.clone() }
    }

    /// The same with no more than the tests that are near, with nothing found out yet.
    pub(crate) fn with_near<'b>(&'b self, near: &'b Near) -> Cx<'b> {
        Cx { near: Some(near), known: Arc::default(), ..self.clone() }
    }

    /// The changed files of code as trees, parsed once.
    pub(crate) fn trees(&self, delta: &Delta) -> &Trees {
        self.known.trees.get_or_init(|| Trees::of(delta))
    }

    /// Which own files may name a word.
    pub(crate) fn naming(&self) -> &Naming {
        self.known.naming.get_or_init(|| Naming::of(self.layout.own_files()))
    }

    /// What the suites show, run once.
    pub(crate) fn suites(&self) -> &Suites {
        self.known.suites.get_or_init(|| Suites::run(self))
    }

    /// What the suites show, where a gate that counts has run them.
    pub(crate) fn suites_if_run(&self) -> Option<&Suites> {
        self.known.suites.get()
    }

    /// The judged code under the base's tests and settings, put together once.
    pub(crate) fn old_on_new(&self) -> Result<&State, &str> {
        let make = || State::of(self, states::old_tests_on_new_code(self, states::Settings::Base)?);
        self.known.old_on_new.get_or_init(make).as_ref().map_err(String::as_str)
    }

    /// The base's code under the tests of the change, put together once.
    pub(crate) fn new_on_old_state(&self) -> Result<&State, &str> {
        let make = || State::of(self, states::new_tests_on_old_code(self)?);
        self.known.new_on_old_state.get_or_init(make).as_ref().map_err(String::as_str)
    }

    /// What the change gives other names, where it does nothing else; found out once.
    pub(crate) fn renaming(&self) -> Option<&Renaming> {
        let find = || {
            let renaming = Renaming::of(&self.delta().ok()?.files)?;
            // A name that is still there elsewhere stands for something else now.
            let mut code = self.layout.own_files().filter(|path| kind(path) == Kind::Source);
            let is_left =
                code.any(|path| self.read(path).is_none_or(|text| renaming.leaves(&text)));
            (!is_left).then_some(renaming)
        };
        self.known.renaming.get_or_init(find).as_ref()
    }

    /// What the suites of the base show, run once; or why that is not known.
    pub(crate) fn base_suites(&self) -> Result<&Suites, &str> {
        let run = || variant::over(self, self.subject.base, Suites::run);
        self.known.base_suites.get_or_init(run).as_ref().map_err(String::as_str)
    }

    /// The wall time of the suites where they took the least of it: the first run compiles what later ones find
    /// in a cache.
    pub(crate) fn quickest_suites_ms(&self) -> u64 {
        let others = [self.known.base_suites.get(), self.known.new_on_old.get()];
        let others = others.into_iter().flatten().flatten();
        let own = self.suites();
        // What did not come to its tests was quick for another reason.
        let others = others.filter(|other| other.counts().ran() >= own.counts().passed);
        others.map(Suites::duration_ms).fold(own.duration_ms(), u64::min)
    }

    /// What the base agrees on of the spec, read once.
    pub(crate) fn agreed(&self) -> &Agreed {
        self.known.agreed.get_or_init(|| Agreed::at_base(self.subject, self.reader))
    }

    /// The words in which something was asked for: the spec, and changes of it that the base approved.
    pub(crate) fn asked(&self) -> String {
        let spec = self.subject.spec.map_or("", |spec| spec.text.as_str());
        format!("{spec}\n{}", self.agreed().asked())
    }

    /// What the change is said to do.
    pub(crate) fn claim(&self) -> Claim {
        self.subject.claim
    }

    /// What the tests of the change show on the code of the base, run once; or why that is not known.
    pub(crate) fn new_on_old(&self) -> Result<&Suites, &str> {
        let run = || {
            let state = self.new_on_old_state()?;
            // Code without the change may well make its tests wait for ever.
            let head = Duration::from_millis(self.suites().duration_ms());
            let patience = PATIENCE_MIN.max(head * PATIENCE_FACTOR);
            let limit = self.config.command_limit.min(patience);
            let config = Config { command_limit: limit, ..self.config.clone() };
            state.over(&self.with_config(&config), Suites::run)
        };
        self.known.new_on_old.get_or_init(run).as_ref().map_err(String::as_str)
    }

    /// What differs from the base, with the texts of both sides; or why that is not known.
    pub(crate) fn delta(&self) -> Result<&Delta, &str> {
        let read = || {
            let changes = self.changes.map_err(str::to_owned)?;
            Delta::read(self.subject.repo, changes, self.shown).map_err(|error| chain(&error))
        };
        self.known.delta.get_or_init(read).as_ref().map_err(String::as_str)
    }

    /// Calls `visit` with path, 1-based number and text of every line that the change adds.
    pub(crate) fn added_lines(
        &self,
        visit: &mut dyn FnMut(&str, u32, &[u8]),
    ) -> Result<NotShown, String> {
        if let Ok(delta) = self.delta()
            && delta.has_all_added
        {
            delta.each_added(visit);
            return Ok(NotShown::default());
        }
        let mut lines = Vec::new();
        let (base, tree) = (self.subject.base, self.subject.tree);
        let shown = self.subject.repo.added_lines(base, tree, &mut |path, number, text| {
            if text.len() >= SHOWN_LINE_BYTES_MAX {
                lines.push((path.to_owned(), number));
            }
            visit(path, number, text);
        });
        Ok(NotShown { files: shown.map_err(|error| chain(&error))?, lines })
    }

    /// Own files that the change added or modified and that end in one of `endings`.
    pub(crate) fn changed<'b>(&'b self, endings: &'b [&str]) -> impl Iterator<Item = &'b str> {
        let changes = self.changes.unwrap_or(&[]);
        changes
            .iter()
            .map(|change| change.path.as_str())
            .filter(move |path| endings.iter().any(|ending| path.ends_with(ending)))
            // Deleted files are not in the layout, and a link may lead anywhere.
            .filter(|path| self.layout.is_own(path) && !self.layout.is_link(path))
    }

    /// The same, and files without an ending whose first line asks for a program that `is_wanted`.
    pub(crate) fn changed_or_run_by<'b>(
        &'b self,
        endings: &'b [&str],
        is_wanted: &'b dyn Fn(&str) -> bool,
    ) -> impl Iterator<Item = &'b str> {
        let asks = move |path: &&str| {
            !file_name(path).trim_start_matches('.').contains('.')
                && self.read(path).is_some_and(|text| asked_program(&text).is_some_and(is_wanted))
        };
        // Every file ends in nothing.
        self.changed(endings).chain(self.changed(&[""]).filter(asks))
    }

    /// Whether a file of the clean copy is larger than [`SOURCE_BYTES_MAX`].
    pub(crate) fn is_too_large(&self, path: &str) -> bool {
        let found = std::fs::symlink_metadata(self.copy.root().join(path));
        found.is_ok_and(|found| found.len() > SOURCE_BYTES_MAX)
    }

    /// Resolves a path that a tool printed while it ran in `dir` to one from the root of the
    /// repository; nothing for a file that the judged tree does not have.
    pub(crate) fn known(&self, dir: &str, printed: &str) -> Option<String> {
        let copy = self.copy.root().to_string_lossy();
        let inside = printed.strip_prefix(&*copy).or_else(|| printed.strip_prefix("$COPY"));
        let path = match inside {
            Some(path) => path.trim_start_matches('/').to_owned(),
            None => join(dir, printed.trim_start_matches("./")),
        };
        if self.layout.has(&path) {
            return Some(path);
        }
        if self.layout.has(printed) {
            return Some(printed.to_owned());
        }
        // Go prints bare names.
        if printed.contains('/') {
            return None;
        }
        let endings = [printed];
        let mut named = self.layout.ending(dir, &endings).filter(|path| file_name(path) == printed);
        named.next().filter(|_| named.next().is_none()).map(str::to_owned)
    }

    /// Reads a file of the judged tree as text, through links to other files of it: from git's own
    /// objects, so that neither attributes nor what ran in the clean copy decide what is seen. Nothing
    /// when it is larger than [`SOURCE_BYTES_MAX`] or no file: who asks has to take that for the worse
    /// case, or say what was not looked at.
    pub(crate) fn read(&self, path: &str) -> Option<String> {
        let mut path = path.to_owned();
        for _ in 0..LINKS_MAX {
            let bytes = match self.layout.object(&path) {
                Some(object) => self.reader.read_object(object)?,
                None => self.reader.read(self.subject.tree, &path)?,
            };
            let text = String::from_utf8_lossy(&bytes);
            if !self.layout.is_link(&path) {
                return Some(text.into_owned());
            }
            path = resolved(parent(&path), &text).filter(|_| !text.starts_with('/'))?;
        }
        None
    }
}

/// A larger file of the repository is not looked into.
pub(crate) const SOURCE_BYTES_MAX: u64 = 8 << 20;

/// Links that lead from one to the next are not followed further.
const LINKS_MAX: usize = 8;

/// An added line this long may have lost its end on the way: longer ones are cut after 1 MiB, the
/// sign before them included.
pub(crate) const SHOWN_LINE_BYTES_MAX: usize = (1 << 20) - 1;

/// A finding of a gate.
pub(crate) fn finding(
    rule: &str,
    severity: Severity,
    location: Option<Location>,
    message: impl Into<String>,
    detail: &str,
) -> loki_model::Finding {
    // The same finding has to read the same each time.
    let message = crate::text::without_objects(&message.into());
    let detail = crate::text::without_objects(&crate::text::plain(detail));
    loki_model::Finding {
        rule: rule.to_owned(),
        severity,
        location,
        message: crate::text::one_line(&message, MESSAGE_BYTES_MAX),
        detail: crate::text::clip(&detail, loki_model::Finding::DETAIL_BYTES_MAX),
    }
}

/// Bytes of a finding's message.
const MESSAGE_BYTES_MAX: usize = 500;

/// An error and what caused it, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    crate::text::one_line(&text, MESSAGE_BYTES_MAX)
}

/// What a gate says of what it would have to run where nothing may.
pub(crate) const NOT_RUN: &str = "not run, as was asked";

/// What no test has counted.
pub(crate) const NO_TESTS: TestCounts = TestCounts { passed: 0, failed: 0, skipped: 0 };
