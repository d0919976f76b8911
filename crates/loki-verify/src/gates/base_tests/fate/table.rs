//! A test with a table that gives its cases something more, and expects of each what it did.

use std::collections::BTreeSet;

use crate::counts::{Case, CaseEnd};
use crate::delta::FileDelta;
use crate::gates::Cx;
use crate::gates::suites::last;
use crate::kind::Kind;
use crate::syntax::normal::normal;
use crate::syntax::rows::looped_over;
use crate::syntax::{At, Role, Source, Test};

/// Whether the test `id` expects all that it did of every case of its table, still calls what the change
/// touches, and has a case more that needs the new code: what its cases are given had to follow that.
///
/// A case that lost a value or has another one, and an assertion that is gone or says something else, make
/// it ask for less.
pub(super) fn expects_all_that_it_did(cx: &Cx<'_>, id: &str, case: &Case) -> bool {
    let Ok(delta) = cx.delta() else { return false };
    let files = || {
        delta.files.iter().filter(|file| case.file.as_ref().is_none_or(|path| file.path == *path))
    };
    has_telling_case(cx, id)
        && files().any(|file| {
            let [before, after] =
                [&file.before, &file.after].map(|text| Source::parse(&file.path, text.as_deref()?));
            let (Some(before), Some(after)) = (before, after) else { return false };
            let find =
                |source: &Source| source.tests().iter().find(|test| test.name == last(id)).cloned();
            let (Some(old), Some(new)) = (find(&before), find(&after)) else { return false };
            asserts_the_same((&before, &old), (&after, &new))
                && calls_the_same(&old, &new, &touched_functions(&delta.files))
                && has_grown(&tables(&before, &old), &tables(&after, &new))
        })
}

/// Whether a case of the same test that the base does not have holds, and fails on the base's code.
fn has_telling_case(cx: &Cx<'_>, id: &str) -> bool {
    let (Ok(base), Ok(old)) = (cx.base_suites(), cx.new_on_old()) else { return false };
    let (known, on_old) = (base.cases(), old.cases());
    let test_of = |id: &str| {
        let begin = id.split_once(last(id)).map_or(id, |(begin, _)| begin);
        (begin.to_owned(), last(id).to_owned())
    };
    let own = test_of(id);
    cx.suites().ids(CaseEnd::Passed).into_iter().any(|other| {
        let fails = |case: &&Case| case.ended == CaseEnd::Failed && super::has_run(&case.said);
        !known.contains_key(other)
            && test_of(other) == own
            && on_old.get(other).copied().filter(fails).is_some()
    })
}

/// Whether every assertion of the base's form is there in the same words. What locals in them are made of is
/// what the case is given.
fn asserts_the_same(before: (&Source, &Test), after: (&Source, &Test)) -> bool {
    let said = |(source, test): (&Source, &Test)| -> Vec<String> {
        test.assertions.iter().map(|a| normal(source.tree(), a.at)).collect()
    };
    let (old, new) = (said(before), said(after));
    let mut left = new;
    !old.is_empty()
        && old.iter().all(|one| {
            let at = left.iter().position(|other| other == one);
            at.map(|at| left.swap_remove(at)).is_some()
        })
}

/// Names of the functions in the code that the change touches.
fn touched_functions(files: &[FileDelta]) -> BTreeSet<String> {
    let sources = files.iter().filter(|file| file.kind == Kind::Source);
    let texts = sources.flat_map(|file| {
        [&file.before, &file.after].map(|text| Source::parse(&file.path, text.as_deref()?))
    });
    let functions = texts.flatten().flat_map(|source| {
        source.functions().iter().map(|function| function.name.clone()).collect::<Vec<_>>()
    });
    functions.collect()
}

/// Whether what the test called of `functions` is called by its new form as well.
fn calls_the_same(old: &Test, new: &Test, functions: &BTreeSet<String>) -> bool {
    let own = |test: &Test| -> BTreeSet<String> {
        let names = test.calls.iter().filter_map(|path| path.rsplit(['.', ':']).next());
        names.filter(|name| functions.contains(*name)).map(str::to_owned).collect()
    };
    own(old).is_subset(&own(new))
}

/// The cases of each table that a test goes over, as the values that each is made of.
fn tables(source: &Source, test: &Test) -> Vec<Vec<Vec<String>>> {
    let reading = source.reading();
    let tree = reading.tree;
    let loops = tree.inside(test.code).filter(|at| tree.role(*at) == Role::Loop);
    let values = |row: At| -> Vec<String> {
        let row = tree.bare(row);
        let list = match tree.role(row) {
            Role::New => tree.child_with(row, Role::List),
            Role::List | Role::Map => Some(row),
            _ => None,
        };
        match list {
            Some(list) => tree.named(list).map(|at| normal(tree, at)).collect(),
            None => vec![normal(tree, row)],
        }
    };
    let lists = loops.filter_map(|at| looped_over(tree, reading.names, at));
    lists.map(|list| tree.named(list).map(values).collect()).collect()
}

/// Whether every case of `old` is among those of `new` in the same order, with all of its values and perhaps
/// more; and `new` has more cases.
fn has_grown(old: &[Vec<Vec<String>>], new: &[Vec<Vec<String>>]) -> bool {
    let count = |tables: &[Vec<Vec<String>>]| tables.iter().map(Vec::len).sum::<usize>();
    let holds = |old: &[Vec<String>], new: &[Vec<String>]| {
        is_within(old, new, |one, other| is_within(one, other, |a, b| a == b))
    };
    count(old) > 0 && count(new) > count(old) && is_within(old, new, |one, other| holds(one, other))
}

/// Whether all of `few` are among `many`, in the same order.
fn is_within<T>(few: &[T], many: &[T], is: impl Fn(&T, &T) -> bool) -> bool {
    let mut rest = many.iter();
    few.iter().all(|one| rest.any(|other| is(one, other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the test of `new` expects all that the one of `old` did, by what is written.
    fn expects(old: &str, new: &str) -> bool {
        let text = |table: &str| {
            format!(
                "package shop\n\nimport \"testing\"\n\nfunc TestPrice(t *testing.T) {{\n{table}\t\tif Price(row.have) != row.want {{\n\t\t\tt.Error(\"no\")\n\t\t}}\n\t}}\n}}\n"
            )
        };
        let [before, after] =
            [old, new].map(|table| Source::parse("shop_test.go", &text(table)).unwrap());
        let (one, other) = (&before.tests()[0], &after.tests()[0]);
        asserts_the_same((&before, one), (&after, other))
            && has_grown(&tables(&before, one), &tables(&after, other))
    }

    const OLD: &str = "\trows := []struct{ name string; have, want int }{\n\t\t{\"one\", 1, 2},\n\t\t{\"two\", 2, 4},\n\t}\n\tfor _, row := range rows {\n";

    #[test]
    fn cases_that_are_given_more_beside_a_further_one_expect_all_that_they_did() {
        let more = OLD
            .replace("{\"one\", 1, 2}", "{\"one\", 1, \"body\", 2}")
            .replace("{\"two\", 2, 4},", "{\"two\", 2, \"body\", 4},\n\t\t{\"none\", 3, \"\", 0},");
        assert!(expects(OLD, &more));
    }

    #[test]
    fn a_case_that_is_gone_or_has_another_value_expects_less() {
        let further = OLD.replace("{\"two\", 2, 4},", "{\"two\", 2, 4},\n\t\t{\"none\", 3, 0},");
        assert!(expects(OLD, &further));
        assert!(!expects(OLD, OLD), "there is no further case");
        for (is, becomes) in [("1, 2}", "1, 3}"), ("1, 2}", "9, 2}"), ("{\"one\", 1, 2},", "")] {
            assert!(!expects(OLD, &further.replace(is, becomes)), "{is} became {becomes}");
        }
        let more = further.replace("{\"none\", 3, 0},", "{\"none\", 3, 0},\n\t\t{\"five\", 5, 0},");
        assert!(!expects(OLD, &more.replace("{\"one\", 1, 2}", "{\"one\", 1}")));
    }
}
