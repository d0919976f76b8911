//! Changes that claim something and do nothing.

use loki_model::{ChangeKind, Severity};

use crate::claim::Claim;
use crate::delta::{Delta, FileDelta};
use crate::gates::Cx;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::suite::Side;
use crate::syntax::{At, Role, Source};

mod renamed;

/// A change of comments alone.
pub(super) const RULE: Rule = Rule {
    id: "substance/nothing-done",
    severity: Severity::Warning,
    what: "The change claims new behaviour, and its code differs in comments and layout only, in what locals are called, or in which side of a comparison stands first.",
    why: "What was to be fixed or added is not.",
    example: "Fix issue 12: strings are refused\n+ # issue 12: strings are refused here",
    fix: "Make the change that the message describes, or describe the one that was made.",
    look,
};

fn look(cx: &Cx<'_>, delta: &Delta, found: &mut Found) {
    if cx.claim() != Claim::Behaviour || is_about_wording(cx.subject.messages) {
        return;
    }
    let does_something = |file: &&FileDelta| match file.kind {
        Kind::Source => !is_only_words(cx, delta, file),
        Kind::Test | Kind::Docs | Kind::Foreign => false,
        Kind::Fixture | Kind::Harness | Kind::Manifest | Kind::Lock | Kind::Other => true,
    };
    let is_own = |file: &&FileDelta| !file.path.starts_with(".loki/");
    if delta.files.iter().filter(is_own).any(|file| does_something(&file)) {
        return;
    }
    // A change of tests or documents alone is what it is.
    if let Some(first) = delta.of(Kind::Source).next() {
        let message = "new behaviour is claimed, and no code does anything else than before";
        found.add(RULE.of(&first.path, message));
    }
}

/// Words of messages that correct only what people and linters read.
const WORDING: &[&str] = &[
    "typo",
    "typos",
    "grammar",
    "spelling",
    "wording",
    "comment",
    "comments",
    "doc",
    "docs",
    "godoc",
    "javadoc",
    "rustdoc",
    "docstring",
    "docstrings",
    "doctest",
    "doctests",
    "documentation",
    "readme",
    "changelog",
    "lint",
    "lints",
    "linter",
    "linting",
    "ruff",
    "flake8",
    "clippy",
    "eslint",
    "formatting",
    "whitespace",
    "pragma",
    "pragmas",
];

/// The same of two words, either of which a product can have.
const WORDING_PAIRS: &[[&str; 2]] = &[["note", "about"], ["notes", "about"], ["code", "format"]];

/// Whether every message says in its first words that words are corrected.
fn is_about_wording(messages: &[String]) -> bool {
    const FIRST_WORDS: usize = 6;
    let is_about = |message: &String| {
        let words = message.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let words: Vec<String> = words.take(FIRST_WORDS).map(str::to_lowercase).collect();
        let is_pair = |pair: &[String]| WORDING_PAIRS.iter().any(|known| known == pair);
        words.iter().any(|word| WORDING.contains(&word.as_str())) || words.windows(2).any(is_pair)
    };
    !messages.is_empty() && messages.iter().all(is_about)
}

/// Whether both sides are the same but for comments and layout.
fn is_only_words(cx: &Cx<'_>, delta: &Delta, file: &FileDelta) -> bool {
    if file.change != ChangeKind::Modified {
        return false;
    }
    let signs = |side| cx.trees(delta).of_file(&file.path, side).map(signs);
    let (Some(mut before), Some(mut after)) = (signs(Side::Before), signs(Side::After)) else {
        return false;
    };
    // Statements in another order can be a correction, and then a test shows it.
    if delta.of(Kind::Test).next().is_none() {
        before.sort_unstable();
        after.sort_unstable();
    }
    let trees = cx.trees(delta);
    let both = trees.of_file(&file.path, Side::Before).zip(trees.of_file(&file.path, Side::After));
    before == after || both.is_some_and(|(before, after)| renamed::is_all(before, after))
}

/// Every leaf that means something, in order.
fn leaves(source: &Source) -> Vec<At> {
    let tree = source.tree();
    let is_shut = |at: At| {
        tree.role(at) == Role::Comment
            || tree.role(at) == Role::Statement
                && tree.named(at).next().is_some()
                && tree.named(at).all(|inner| tree.role(inner) == Role::Text)
    };
    tree.inside_but(At::ROOT, is_shut)
        .filter(|at| tree.is_leaf(*at) && !is_shut(*at) && !tree.text(*at).trim().is_empty())
        .collect()
}

/// What the leaves say; comparisons in one form, whichever side stands first.
fn signs(source: &Source) -> Vec<String> {
    let tree = source.tree();
    let leaves = leaves(source);
    let mut signs: Vec<String> = leaves.iter().map(|at| tree.text(*at).trim().to_owned()).collect();
    let mut comparisons: Vec<At> = tree.all(Role::Binary).collect();
    // Inner ones first: an outer one moves each of its sides as a whole.
    comparisons.reverse();
    for at in comparisons {
        let sides: Vec<At> = tree.children(at).collect();
        let [left, sign, right] = sides[..] else { continue };
        let Some(turned) = turned(tree.text(sign).trim()) else { continue };
        // What is called first can matter.
        if tree.inside(at).any(|at| CALLS.contains(&tree.role(at))) {
            continue;
        }
        let range = |at: At| {
            let first = leaves.partition_point(|leaf| *leaf < at);
            let count = leaves[first..].iter().take(OPERAND_SIGNS_MAX + 1);
            first..first + count.take_while(|leaf| tree.is_within(**leaf, at)).count()
        };
        let (left, right) = (range(left), range(right));
        if left.len().max(right.len()) > OPERAND_SIGNS_MAX || right.start != left.end + 1 {
            continue;
        }
        let is_second = match turned == signs[left.end] {
            // Both ways round mean the same.
            true => signs[left.clone()] > signs[right.clone()],
            false => turned.starts_with('<'),
        };
        if is_second {
            let whole = left.start..right.end;
            let (first, last) = (signs[right].to_vec(), signs[left].to_vec());
            let sides = first.into_iter().chain([turned.to_owned()]).chain(last);
            signs.splice(whole, sides.collect::<Vec<_>>());
        }
    }
    signs
}

/// Signs of one side of a comparison that are moved; a longer one is compared as it stands.
const OPERAND_SIGNS_MAX: usize = 64;

/// What can do something by being looked at.
const CALLS: &[Role] =
    &[Role::Call, Role::New, Role::Macro, Role::Await, Role::Yield, Role::Bind, Role::Lambda];

/// The sign that means the same with its sides exchanged.
fn turned(sign: &str) -> Option<&'static str> {
    const SIGNS: &[(&str, &str)] = &[
        ("<", ">"),
        (">", "<"),
        ("<=", ">="),
        (">=", "<="),
        ("==", "=="),
        ("!=", "!="),
        ("===", "==="),
        ("!==", "!=="),
    ];
    SIGNS.iter().find(|(one, _)| *one == sign).map(|(_, other)| *other)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether two texts say the same.
    fn same(path: &str, before: &str, after: &str) -> bool {
        signs(&Source::parse(path, before).unwrap()) == signs(&Source::parse(path, after).unwrap())
    }

    #[test]
    fn a_comparison_that_is_turned_round_says_the_same() {
        for (path, before, after) in [
            ("a.ts", "f(now <= grant.until);\n", "// why\nf(grant.until >= now);\n"),
            ("a.py", "if a.b == 1:\n    x = 1\n", "if 1 == a.b:\n    x = 1\n"),
            (
                "a.rs",
                "fn f() -> bool { (a < b) == (c > d) }\n",
                "fn f() -> bool { (d < c) == (b > a) }\n",
            ),
            ("a.go", "package p\n\nvar x = a != nil\n", "package p\n\nvar x = nil != a\n"),
        ] {
            assert!(same(path, before, after), "{before} {after}");
        }
    }

    #[test]
    fn any_other_difference_is_one() {
        for (path, before, after) in [
            ("a.ts", "f(now <= until);\n", "f(now < until);\n"),
            ("a.ts", "f(now <= until);\n", "f(until <= now);\n"),
            ("a.ts", "f(a - b);\n", "f(b - a);\n"),
            ("a.ts", "f(next() < next2());\n", "f(next2() > next());\n"),
            ("a.py", "x = a < b < c\n", "x = c < b < a\n"),
            ("a.ts", "f(a && b);\n", "f(b && a);\n"),
        ] {
            assert!(!same(path, before, after), "{before} {after}");
        }
    }
}
