//! Functions that a change leaves as they are, though their lines are new.

use std::collections::BTreeSet;

use loki_model::Digest;

use crate::delta::Delta;
use crate::kind::Kind;
use crate::suite::{Side, Trees};
use crate::syntax::test::decorations;
use crate::syntax::{Function, Source, tokens};

/// The functions that are gone from where they were, to be found again elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Moved(BTreeSet<Digest>);

impl Moved {
    /// The functions of the product that a change takes away from files.
    pub(crate) fn of(delta: &Delta, trees: &Trees) -> Moved {
        let mut gone = BTreeSet::new();
        for file in delta.of(Kind::Source) {
            let Some(before) = trees.of_file(&file.path, Side::Before) else { continue };
            let after = trees.of_file(&file.path, Side::After);
            let left = after.map(all).unwrap_or_default();
            gone.extend(all(before).difference(&left).map(|(_, said)| said.clone()));
        }
        Moved(gone)
    }

    /// Whether a function says what one with its name said before: in the same file, or in another place
    /// where it is no more. A copy of one that is still there is new.
    pub(super) fn has(
        &self,
        before: Option<&Source>,
        source: &Source,
        function: &Function,
    ) -> bool {
        let said = said(source, function);
        let stayed = before.is_some_and(|before| {
            let mut known = before.functions().iter();
            known.any(|other| {
                other.qualified == function.qualified && self::said(before, other) == said
            })
        });
        stayed || self.0.contains(&said)
    }
}

fn all(source: &Source) -> BTreeSet<(&str, Digest)> {
    let functions = source.functions().iter();
    functions.map(|function| (function.qualified.as_str(), said(source, function))).collect()
}

/// What a function says, with its name, what it takes and what it is decorated with.
fn said(source: &Source, function: &Function) -> Digest {
    let tree = source.tree();
    let marks = decorations(tree, function.at);
    let nodes = marks.into_iter().chain([function.at]);
    let signs: Vec<_> = nodes.map(|at| tokens(tree, at)).collect();
    Digest::of(format!("{} {signs:?}", function.name).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutation::Options;
    use crate::mutation::{Scale, mutants};
    use loki_model::ChangeKind;

    use crate::delta::FileDelta;

    /// The functions that are mutated, of files by path with both sides; every line of them is new.
    fn mutated(files: &[(&str, Option<&str>, Option<&str>)]) -> Vec<String> {
        let files: Vec<FileDelta> = files
            .iter()
            .map(|(path, before, after)| FileDelta {
                path: (*path).to_owned(),
                change: ChangeKind::Modified,
                kind: Kind::Source,
                before: before.map(str::to_owned),
                after: after.map(str::to_owned),
                added: (1..=after.map_or(0, |text| text.lines().count() as u32)).collect(),
            })
            .collect();
        let delta = Delta::of_files(files, Vec::new(), Digest::of(b""));
        let moved = Moved::of(&delta, &Trees::of(&delta));
        let all = delta.files.iter().flat_map(|file| mutants(file, &moved, &Options::default()));
        let whole = all.filter(|mutant| matches!(mutant.scale, Scale::Whole { .. }));
        whole.map(|mutant| format!("{} {}", mutant.path, mutant.function)).collect()
    }

    const F: &str = "def f(x):\n    return g(x)\n";
    const H: &str = "def h(x):\n    return g(x)\n";

    #[test]
    fn a_function_that_moves_is_as_it_was() {
        let (fh, hf) = (format!("{F}\n\n{H}"), format!("# Both.\n{H}\n\n{F}"));
        assert!(mutated(&[("a.py", Some(&fh), Some(&hf))]).is_empty());
        assert!(mutated(&[("a.py", Some(F), None), ("b.py", None, Some(F))]).is_empty());
        let remarked = F.replace("    return", "    # why\n    return");
        assert!(mutated(&[("a.py", Some(F), Some(&remarked))]).is_empty());
    }

    #[test]
    fn another_body_name_head_or_copy_is_new() {
        for (before, after) in [
            (F.to_owned(), F.replace("g(x)", "g(x, 1)")),
            (F.to_owned(), F.replace("f(x)", "f(x=1)")),
            (F.to_owned(), format!("@cached\n{F}")),
            (format!("@cached(1)\n{F}"), format!("@cached(2)\n{F}")),
        ] {
            assert_eq!(mutated(&[("a.py", Some(&before), Some(&after))]), ["a.py f"], "{after}");
        }
        assert_eq!(mutated(&[("a.py", Some(F), Some(H))]), ["a.py h"]);
        let copied = &[("a.py", Some(F), Some(F)), ("b.py", None, Some(F))];
        assert_eq!(mutated(copied), ["b.py f"]);
    }
}
