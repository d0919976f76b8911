//! A function that a change alters, as it was before.

use crate::delta::FileDelta;
use crate::mutation::{Mutant, Scale};
use crate::syntax::{At, Function, Role, Source};

/// The mutant that puts `function` back to what it was, where the change gave it something to decide or
/// to do: a condition, a loop, a comparison, a call.
pub(super) fn revert(
    file: &FileDelta,
    source: &Source,
    function: &Function,
    before: Option<&Source>,
) -> Option<Mutant> {
    let before = before?;
    let old = the_only(before, &function.qualified)?;
    the_only(source, &function.qualified)?;
    let was = before.tree().text(old.at);
    let is_more = count(source, function.at) > count(before, old.at);
    is_more.then(|| Mutant {
        path: file.path.clone(),
        line: first_added(file, function),
        function: function.qualified.clone(),
        what: "is as it was before the change".to_owned(),
        scale: Scale::Revert,
        bytes: function.bytes.clone(),
        with: was.to_owned(),
    })
}

/// The function of this name, where there is one only.
fn the_only<'a>(source: &'a Source, qualified: &str) -> Option<&'a Function> {
    let mut all = source.functions().iter().filter(|other| other.qualified == qualified);
    all.next().filter(|_| all.next().is_none())
}

fn first_added(file: &FileDelta, function: &Function) -> u32 {
    let (first, last) = function.lines;
    (first..=last).find(|line| file.is_added(*line)).unwrap_or(first)
}

/// How many things a function decides.
fn count(source: &Source, at: At) -> usize {
    let tree = source.tree();
    let decides = |at: &At| {
        matches!(
            tree.role(*at),
            Role::If | Role::Ternary | Role::Case | Role::Loop | Role::Handler | Role::Throw
        ) || tree.role(*at) == Role::Binary
            && tree.children(*at).any(|sign| SIGNS.contains(&tree.text(sign).trim()))
    };
    tree.inside(at).filter(decides).count()
}

/// Signs that decide.
const SIGNS: &[&str] = &[
    "<", "<=", ">", ">=", "==", "!=", "===", "!==", "&&", "||", "and", "or", "in", "not in", "is",
    "is not", "??",
];

#[cfg(test)]
mod tests {
    use crate::mutation::Scale;
    use crate::mutation::tests::altered;

    const OLD: &str =
        "def a(days):\n    for day in days:\n        yield day\n\n\ndef b(x):\n    return x\n";

    #[test]
    fn a_function_that_got_a_condition_is_put_back() {
        let new =
            OLD.replace("        yield day\n", "        if day > 3:\n            yield day\n");
        let found = altered("a.py", OLD, &new, Scale::Revert);
        assert_eq!(found, [format!("3: {OLD}")]);
    }

    #[test]
    fn a_function_that_decides_as_much_as_before_is_left_alone() {
        for new in [OLD.replace("day", "one"), OLD.replace("return x", "return str(x)")] {
            assert!(altered("a.py", OLD, &new, Scale::Revert).is_empty(), "{new}");
        }
    }
}
