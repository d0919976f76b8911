//! A case that a change tells apart by a written value, taken for every case.

use crate::delta::FileDelta;
use crate::mutation::{Mutant, Scale};
use crate::syntax::{At, Function, Language, Role, Source, literal};

/// Signs of equality.
const EQUAL: &[&str] = &["==", "==="];

/// Mutants in which a comparison with a written value, on an added line of a function that was there before,
/// always holds: `unit == "months" ? a : b` becomes `true ? a : b`.
pub(super) fn specials(file: &FileDelta, source: &Source, function: &Function) -> Vec<Mutant> {
    let tree = source.tree();
    let Some(body) = function.body else { return Vec::new() };
    let holds = match source.language() {
        Language::Python => "True",
        Language::Shell => return Vec::new(),
        _ => "true",
    };
    let comparisons = tree.inside(body).filter(|at| tree.role(*at) == Role::Binary);
    let special = comparisons.filter(|at| {
        let is_equal = tree.children(*at).any(|sign| EQUAL.contains(&tree.text(sign).trim()));
        is_equal && file.is_added(tree.line(*at)) && compares_with_a_value(source, *at)
    });
    let decides = special.filter(|at| decides(source, *at));
    let mutant = |at: At| Mutant {
        path: file.path.clone(),
        line: tree.line(at),
        function: function.qualified.clone(),
        what: format!("takes `{}` for true", tree.text(at)),
        scale: Scale::Special,
        bytes: tree.bytes(at),
        with: holds.to_owned(),
    };
    decides.map(mutant).collect()
}

/// Whether one side of a comparison is a text or a number that says something.
fn compares_with_a_value(source: &Source, at: At) -> bool {
    let tree = source.tree();
    tree.named(at).any(|side| {
        matches!(tree.role(side), Role::Text | Role::Number)
            && !literal::value(tree, side).is_empty()
    })
}

/// Whether a comparison is what a value is chosen by, or a part of that.
fn decides(source: &Source, at: At) -> bool {
    let tree = source.tree();
    let around = tree.all_around(at).take_while(|around| {
        matches!(tree.role(*around), Role::Binary | Role::Wrap | Role::Ternary | Role::If)
    });
    let mut last = at;
    for around in around {
        let is_chosen_by = tree.named(around).next() == Some(last)
            || tree.child(around, crate::syntax::Part::Condition) == Some(last);
        let is_joined = tree.role(around) == Role::Binary
            && tree
                .children(around)
                .any(|sign| matches!(tree.text(sign).trim(), "&&" | "||" | "and" | "or"));
        if is_joined || (is_chosen_by && matches!(tree.role(around), Role::Ternary | Role::If)) {
            return true;
        }
        last = around;
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::mutation::Scale;
    use crate::mutation::tests::altered;

    fn whole(end: &str) -> String {
        format!("function f(day, to, unit) {{\n  return {end};\n}}\n")
    }

    #[test]
    fn a_written_value_that_decides_is_taken_for_every_value() {
        for (path, old, new, expected) in [
            (
                "a.js",
                "day >= to",
                "unit === \"m\" ? day > to : day >= to",
                "true ? day > to : day >= to",
            ),
            (
                "a.js",
                "day - to",
                "day - to || (unit === 2 ? -1 : 0)",
                "day - to || (true ? -1 : 0)",
            ),
        ] {
            let found = altered(path, &whole(old), &whole(new), Scale::Special);
            assert_eq!(found, [format!("2: {}", whole(expected))]);
        }
        let old = "def f(day, unit):\n    return day\n";
        let new =
            "def f(day, unit):\n    if unit == 'm' and day:\n        return 1\n    return day\n";
        let found = altered("a.py", old, new, Scale::Special);
        assert_eq!(found, [format!("2: {}", new.replace("unit == 'm'", "True"))]);
    }

    #[test]
    fn what_compares_with_no_value_or_decides_nothing_is_left_alone() {
        for new in ["unit === to ? day : to", "f(unit === \"m\")", "unit === \"\" ? day : to"] {
            assert!(
                altered("a.js", &whole("day"), &whole(new), Scale::Special).is_empty(),
                "{new}"
            );
        }
    }
}
