//! Tests that became links.

use loki_model::{ChangeKind, Severity};

use super::{Found, Rule, with_suite};
use crate::kind::Kind;
use crate::layout::{is_under, join, parent};
use crate::suite::{Suite, is_for_tests};

/// A file or a directory of tests became a link.
pub(super) const RULE: Rule = Rule {
    id: "test-integrity/symlinked",
    severity: Severity::Error,
    what: "A file or a directory of tests was replaced by a link to something else.",
    why: "Under the name of the old tests runs what the link leads to, and reviews show one line.",
    example: "-tests/test_layers.py (100644)\n+tests/test_layers.py -> smoke/layers.py (120000)",
    fix: "Put the tests back as files.",
    look: |cx, delta, found| with_suite(cx, delta, found, look),
};

/// Where a link leads is no longer than this.
const LINK_BYTES_MAX: usize = 4096;

fn look(suite: &Suite<'_>, found: &mut Found) {
    let delta = suite.sides.delta;
    for file in &delta.files {
        let Some(target) = file.after.as_deref().filter(|text| is_link(text)) else { continue };
        let is_replaced = match file.change {
            ChangeKind::ModeChanged => {
                is_for_tests(&file.path)
                    && file.before.as_deref().is_some_and(|before| !is_link(before))
            }
            // A directory: what was in it is gone.
            ChangeKind::Added => delta.files.iter().any(|other| {
                other.change == ChangeKind::Deleted
                    && is_under(&other.path, &file.path)
                    && other.kind == Kind::Test
            }),
            _ => false,
        };
        if is_replaced && leads_somewhere(suite, &file.path, target) {
            let message = format!("`{}` is now a link to `{}`", file.path, target.trim());
            found.add(RULE.of(&file.path, message));
        }
    }
}

/// Whether a content can be that of a link: one path.
fn is_link(text: &str) -> bool {
    !text.is_empty() && text.len() <= LINK_BYTES_MAX && !text.contains('\n') && !text.contains('\0')
}

/// Whether a content names a place: in the tree, or outside of it.
fn leads_somewhere(suite: &Suite<'_>, path: &str, target: &str) -> bool {
    if target.starts_with('/') || target.starts_with("../") {
        return true;
    }
    let path = join(parent(path), target);
    suite.sides.layout.all_files().any(|file| file == path || is_under(file, &path))
}

#[cfg(test)]
mod tests {
    use crate::sides::Sides;
    use crate::suite::testing::{expect, look_at};

    fn look(sides: &Sides<'_>, found: &mut super::Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn a_directory_of_tests_that_became_a_link_is_an_error() {
        expect(
            look,
            &[("tests/test_a.py", "def test_a():\n    assert f() == 1\n")],
            &[("tests", "other"), ("other/test_a.py", "def test_a():\n    pass\n")],
            "error symlinked tests",
        );
    }

    #[test]
    fn a_file_of_one_line_is_no_link() {
        expect(look, &[("tests/test_a.py", "import a\n")], &[("tests/test_a.py", "import b")], "");
    }
}
