//! Options of the command line that a change adds, read as if they were never given.

use crate::delta::FileDelta;
use crate::mutation::{Mutant, Scale};
use crate::syntax::{At, Function, Language, Part, Role, Source};

/// Names of options, without hyphens in front.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options(Vec<String>);

impl Options {
    /// These options.
    pub(crate) fn new(names: Vec<String>) -> Options {
        Options(names)
    }

    /// Mutants in which `function` reads nothing where a line of the change reads an option: one for each
    /// option, with all of its reads.
    pub(super) fn unseen(
        &self,
        file: &FileDelta,
        source: &Source,
        function: &Function,
    ) -> Vec<Mutant> {
        let nothing = match source.language() {
            Language::Python => "None",
            Language::JavaScript | Language::TypeScript | Language::Tsx => "undefined",
            _ => return Vec::new(),
        };
        let Some(body) = function.body else { return Vec::new() };
        let tree = source.tree();
        let unseen = |name: &String| {
            let reads: Vec<At> = tree
                .inside(body)
                .filter(|at| file.is_added(tree.line(*at)) && is_read(source, *at, name))
                .collect();
            let (first, last) = (*reads.first()?, *reads.last()?);
            let bytes = tree.bytes(first).start..tree.bytes(last).end;
            let mut with = String::new();
            let mut from = bytes.start;
            for read in reads.iter().map(|at| tree.bytes(*at)) {
                with.push_str(tree.slice(from..read.start));
                with.push_str(nothing);
                from = read.end;
            }
            Some(Mutant {
                path: file.path.clone(),
                line: tree.line(first),
                function: function.qualified.clone(),
                what: format!("never sees `--{name}`"),
                scale: Scale::Option,
                bytes,
                with,
            })
        };
        self.0.iter().filter_map(unseen).collect()
    }
}

/// Whether a place reads the value of an option: `options.dry_run`, `options.dryRun`.
fn is_read(source: &Source, at: At, name: &str) -> bool {
    let tree = source.tree();
    let field = || tree.text(at).rsplit_once('.').map(|(_, field)| field.trim());
    let is_given = || {
        let around = tree.around(at).map(|around| tree.role(around));
        around == Some(Role::Bind) && tree.part(at) == Part::Left
    };
    tree.role(at) == Role::Member
        && !is_given()
        && tree.part(at) != Part::Callee
        && field().is_some_and(|field| field == name.replace('-', "_") || field == camel(name))
}

/// `dry-run` as `dryRun`.
fn camel(name: &str) -> String {
    let mut words = name.split('-');
    let mut whole = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        whole.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        whole.push_str(letters.as_str());
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutation::tests::altered_with;

    fn unseen(path: &str, old: &str, new: &str) -> Vec<String> {
        let options = Options::new(vec!["dry-run".to_owned()]);
        altered_with(path, old, new, Scale::Option, &options)
    }

    #[test]
    fn every_read_of_an_option_in_a_function_is_made_to_see_nothing() {
        let old = "def main(options):\n    go(1)\n";
        let new = "def main(options):\n    go(1 if options.dry_run is None else 2 + options.dry_run)\n    end(options.dry)\n";
        assert_eq!(
            unseen("a.py", old, new),
            [
                "2: def main(options):\n    go(1 if None is None else 2 + None)\n    end(options.dry)\n"
            ]
        );
        let old = "export function f(io, { flags }) {\n  return go(io);\n}\n";
        let new = "export function f(io, { flags }) {\n  return go(io, flags.dryRun);\n}\n";
        let expected = new.replace("flags.dryRun", "undefined");
        assert_eq!(unseen("a.js", old, new), [format!("2: {expected}")]);
    }

    #[test]
    fn what_is_written_or_called_or_was_there_before_is_no_read_of_the_change() {
        let old = "def main(options):\n    go(options.dry_run)\n";
        let new = "def main(options):\n    go(options.dry_run)\n    options.dry_run = 1\n    options.dry_run()\n";
        assert!(unseen("a.py", old, new).is_empty());
        let rust = "fn main(options: O) {\n    go(options.dry_run);\n}\n";
        assert!(unseen("a.rs", "fn main(options: O) {\n    go(1);\n}\n", rust).is_empty());
    }
}
