//! Tests that are gone.

use std::collections::{BTreeMap, BTreeSet};

use loki_model::{ChangeKind, Severity};

use super::compared::Others;
use super::{Found, Rule, commented_out, renamed_away, weighing, with_suite};
use crate::layout::Layout;
use crate::suite::{Located, Suite, first_party};
use crate::syntax::Role;

/// A test is gone.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/deleted",
    severity: Severity::Warning,
    what: "A test of the base is gone, and what it asserted is in no other test.",
    why: "What it guarded is not guarded any more.",
    example: "-def test_rejects_empty():\n-    with pytest.raises(ValueError):\n-        parse(\"\")",
    fix: "Keep the test. Where it goes with what it tested, remove both in one change and say so.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

/// Names of tests that a message tells.
const NAMED_MAX: usize = 5;

/// Shorter words are in everything.
const WORD_CHARS_MIN: usize = 3;

fn look(suite: &Suite<'_>, found: &mut Found) {
    let gone = suite.gone();
    if gone.is_empty() {
        return;
    }
    let others = Others::of(suite);
    let removed = Removed::of(suite);
    // One finding a file and a severity.
    let mut by_file: BTreeMap<(&str, Severity), Vec<Located<'_>>> = BTreeMap::new();
    for test in gone {
        if renamed_away::is_renamed(suite, &test) || commented_out::is_commented(suite, &test) {
            continue;
        }
        let asserted = suite.effective(&test);
        let lives_on =
            !asserted.is_empty() && asserted.iter().all(|assertion| others.have(assertion, None));
        let is_idle = asserted.is_empty() && test.test.calls.is_empty();
        let severity = if lives_on || is_idle || removed.is_about(&test) {
            Severity::Note
        } else {
            Severity::Warning
        };
        by_file.entry((test.path(), severity)).or_default().push(test);
    }
    for ((path, severity), tests) in by_file {
        let names: Vec<String> =
            tests.iter().take(NAMED_MAX).map(|test| format!("`{}`", test.test.qualified)).collect();
        let more = tests.len().saturating_sub(NAMED_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let why = match severity {
            Severity::Note => "; what they tested is gone too, or is asserted elsewhere".to_owned(),
            _ => String::new(),
        };
        let noun = if tests.len() == 1 { "test is" } else { "tests are" };
        let message = format!("{} {noun} gone: {}{more}{why}", tests.len(), names.join(", "));
        found.add(weighing(RULE.of(path, message), severity));
    }
}

/// What the change takes out of the product.
struct Removed {
    names: BTreeSet<String>,
    files: Layout,
}

impl Removed {
    fn of(suite: &Suite<'_>) -> Removed {
        let deleted = suite.sides.delta.files.iter().filter(|file| {
            file.change == ChangeKind::Deleted && !crate::suite::is_for_tests(&file.path)
        });
        Removed {
            names: suite.removed_names(),
            files: Layout::of(deleted.map(|file| file.path.clone())),
        }
    }

    /// Whether a test is about something that is gone: it uses it, imports it, or speaks of it.
    fn is_about(&self, located: &Located<'_>) -> bool {
        let (test, source) = (located.test, located.source);
        let tree = source.tree();
        let uses = tree
            .inside(test.code)
            .filter(|at| tree.role(*at) == Role::Name)
            .any(|at| self.names.contains(tree.text(at)));
        if uses {
            return true;
        }
        let language = source.language();
        let imports = source.imports().into_iter().any(|import| {
            let is_gone = !first_party(&self.files, language, located.path(), &import).is_empty();
            let known = import.known_as.iter().any(|name| {
                test.calls.iter().any(|call| call.split('.').next() == Some(name.as_str()))
            });
            (is_gone && (known || import.known_as.is_empty()))
                || import.names.iter().any(|name| self.names.contains(name))
        });
        if imports {
            return true;
        }
        let said = test.literals.iter().chain(std::iter::once(&test.name));
        let mut words = said.flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
        words.any(|word| word.len() >= WORD_CHARS_MIN && self.names.contains(word))
    }
}
