//! Imports: which other modules a file names, and what it takes from them.

use super::call::{chain, positional, unquoted};
use super::role::{Part, Role};
use super::tree::{At, Tree};
use super::{Language, Reading};

/// One module that is made known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    /// The module as written: `a.b`, `./a/b.js`, `crate::a::b`, `example.org/x/a`.
    pub(crate) module: String,
    /// Names that are taken from it, as written there; empty where the module itself is meant.
    pub(crate) names: Vec<String>,
    /// Names by which the file calls what it takes, in the order of `names`; the module's own name
    /// where `names` is empty.
    pub(crate) known_as: Vec<String>,
    /// Its 1-based line.
    pub(crate) line: u32,
}

/// Every import of the tree, in the order of the text.
pub(super) fn imports(reading: Reading<'_>) -> Vec<Import> {
    let Reading { tree, language, .. } = reading;
    let mut found = Vec::new();
    for at in tree.all(Role::Import) {
        match language {
            Language::Python => python(tree, at, &mut found),
            Language::JavaScript | Language::TypeScript | Language::Tsx => {
                found.extend(script(tree, at));
            }
            Language::Rust => rust(tree, at, &mut found),
            Language::Go => go(tree, at, &mut found),
            _ => found.push(whole(tree, at)),
        }
    }
    if language.is_script() {
        found.extend(handed_on(tree));
    }
    if language.is_script() || language == Language::Ruby {
        found.extend(tree.all(Role::Call).filter_map(|call| required(tree, call)));
        found.sort_by_key(|import| import.line);
    }
    found
}

fn python(tree: &Tree, at: At, found: &mut Vec<Import>) {
    let source = tree.child(at, Part::Source);
    let names: Vec<At> = tree.children(at).filter(|at| tree.part(*at) == Part::Name).collect();
    let plain = |name: At| {
        let own = tree.child(name, Part::Name).unwrap_or(name);
        let alias = tree.child(name, Part::Alias);
        (tree.text(own).to_owned(), alias.map(|alias| tree.text(alias).to_owned()))
    };
    let line = tree.line(at);
    match source {
        Some(source) => {
            let pairs: Vec<(String, Option<String>)> = names.into_iter().map(plain).collect();
            let known_as =
                pairs.iter().map(|(name, alias)| alias.clone().unwrap_or_else(|| name.clone()));
            found.push(Import {
                module: tree.text(source).to_owned(),
                known_as: known_as.collect(),
                names: pairs.into_iter().map(|(name, _)| name).collect(),
                line,
            });
        }
        None => {
            for (module, alias) in names.into_iter().map(plain) {
                let first = module.split('.').next().unwrap_or_default().to_owned();
                let known_as = vec![alias.unwrap_or(first)];
                found.push(Import { module, names: Vec::new(), known_as, line });
            }
        }
    }
}

fn script(tree: &Tree, at: At) -> Option<Import> {
    let source = tree.inside(at).find(|at| tree.part(*at) == Part::Source)?;
    let module = unquoted(tree.text(source)).to_owned();
    let is_shut = |at: At| tree.part(at) == Part::Name || tree.part(at) == Part::Alias;
    let (mut names, mut known_as) = (Vec::new(), Vec::new());
    for name in tree.inside_but(at, is_shut) {
        if tree.role(name) != Role::Name || name == source {
            continue;
        }
        match tree.part(name) {
            Part::Alias => {
                known_as.pop();
                known_as.push(tree.text(name).to_owned());
            }
            _ => {
                names.push(tree.text(name).to_owned());
                known_as.push(tree.text(name).to_owned());
            }
        }
    }
    Some(Import { module, names, known_as, line: tree.line(at) })
}

/// `export { a } from './a.js'`, `export * from './b.js'`.
fn handed_on(tree: &Tree) -> impl Iterator<Item = Import> + '_ {
    let sources = tree.all(Role::Text).filter(|at| tree.part(*at) == Part::Source);
    let outside = sources.filter(|at| {
        let mut around = tree.all_around(*at);
        !around.any(|around| tree.role(around) == Role::Import)
    });
    outside.map(|at| Import {
        module: unquoted(tree.text(at)).to_owned(),
        names: Vec::new(),
        known_as: Vec::new(),
        line: tree.line(at),
    })
}

/// `require('x')`, `import('x')`, `require_relative 'x'`.
fn required(tree: &Tree, call: At) -> Option<Import> {
    let called = chain(tree, call);
    let is_require = called.links.len() == 1
        && matches!(called.last_name(), "require" | "require_relative" | "load");
    let is_import = called.root.is_some_and(|root| tree.text(root) == "import");
    if !is_require && !is_import {
        return None;
    }
    let first = positional(tree, call).into_iter().next()?;
    let first = Some(tree.bare(first)).filter(|at| tree.role(*at) == Role::Text)?;
    let bind = tree.all_around(call).take(4).find(|at| tree.role(*at) == Role::Bind);
    let left =
        bind.and_then(|at| tree.child(at, Part::Name).or_else(|| tree.child(at, Part::Left)));
    let known_as = left.map_or_else(Vec::new, |left| {
        let names = std::iter::once(left).chain(tree.inside(left));
        let leaves = names.filter(|at| tree.is_leaf(*at) && tree.is_named(*at));
        leaves.map(|at| tree.text(at).to_owned()).collect()
    });
    let is_whole = left.is_none_or(|left| tree.is_leaf(left));
    Some(Import {
        module: unquoted(tree.text(first)).to_owned(),
        names: if is_whole { Vec::new() } else { known_as.clone() },
        known_as,
        line: tree.line(call),
    })
}

/// The leaves of `use a::{b, c::d as e};`.
fn rust(tree: &Tree, at: At, found: &mut Vec<Import>) {
    let text: String = tree.text(at).split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_end_matches(';').trim();
    let path = text.split_once("use ").map_or(text, |(_, path)| path);
    let path = path.trim_start_matches("extern crate ");
    for (module, name, known_as) in rust_leaves(path) {
        found.push(Import {
            module,
            names: vec![name],
            known_as: vec![known_as],
            line: tree.line(at),
        });
    }
}

/// Leaves of one `use` that are looked at.
const LEAVES_MAX: usize = 500;

fn rust_leaves(path: &str) -> Vec<(String, String, String)> {
    let mut leaves = Vec::new();
    let mut prefixes: Vec<String> = vec![String::new()];
    let mut word = String::new();
    let finish = |word: &mut String, prefixes: &[String], leaves: &mut Vec<_>| {
        let text = std::mem::take(word);
        let (path, alias) = match text.split_once(" as ") {
            Some((path, alias)) => (path.trim(), Some(alias.trim())),
            None => (text.trim(), None),
        };
        if path.is_empty() || leaves.len() >= LEAVES_MAX {
            return;
        }
        let prefix = prefixes.last().map_or("", String::as_str);
        let whole = format!("{prefix}{path}");
        let (module, name) = whole.rsplit_once("::").unwrap_or(("", &whole));
        // `a::{self}` is `a`.
        let (module, name) = match (name, module.rsplit_once("::")) {
            ("self", Some((outer, inner))) => (outer, inner),
            ("self", None) => ("", module),
            _ => (module, name),
        };
        let module = if module.is_empty() { name } else { module };
        leaves.push((module.to_owned(), name.to_owned(), alias.unwrap_or(name).to_owned()));
    };
    for c in path.chars() {
        match c {
            '{' => {
                let prefix = format!(
                    "{}{}",
                    prefixes.last().map_or("", String::as_str),
                    std::mem::take(&mut word).trim()
                );
                prefixes.push(prefix);
            }
            '}' => {
                finish(&mut word, &prefixes, &mut leaves);
                if prefixes.len() > 1 {
                    prefixes.pop();
                }
            }
            ',' => finish(&mut word, &prefixes, &mut leaves),
            c => word.push(c),
        }
    }
    finish(&mut word, &prefixes, &mut leaves);
    leaves
}

fn go(tree: &Tree, at: At, found: &mut Vec<Import>) {
    for path in tree.inside(at).filter(|at| tree.part(*at) == Part::Source) {
        let module = unquoted(tree.text(path)).to_owned();
        let alias = tree.around(path).and_then(|spec| tree.child(spec, Part::Name));
        let last = module.rsplit('/').next().unwrap_or_default().to_owned();
        let known_as = vec![alias.map_or(last, |alias| tree.text(alias).to_owned())];
        found.push(Import { module, names: Vec::new(), known_as, line: tree.line(path) });
    }
}

/// Languages in which an import is one path.
fn whole(tree: &Tree, at: At) -> Import {
    let text: String = tree.text(at).split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_end_matches(';');
    let words = ["import static ", "import ", "using static ", "using ", "use ", "#include "];
    let path = words.iter().find_map(|word| text.strip_prefix(word)).unwrap_or(text);
    let path = path.split(" as ").next().unwrap_or(path).trim();
    let module = path.trim_matches(['"', '<', '>']).to_owned();
    let last = module.rsplit(['.', '\\', ':', '/']).next().unwrap_or_default().to_owned();
    Import { module, names: Vec::new(), known_as: vec![last], line: tree.line(at) }
}

#[cfg(test)]
mod tests {
    use crate::syntax::Source;

    fn imported(path: &str, text: &str) -> Vec<String> {
        let source = Source::parse(path, text).unwrap();
        let shown = source.imports().iter().map(|import| {
            format!(
                "{} [{}] as {}",
                import.module,
                import.names.join(","),
                import.known_as.join(",")
            )
        });
        shown.collect()
    }

    #[test]
    fn imports_are_read_in_every_language() {
        assert_eq!(
            imported("a.py", "import a.b, c as d\nfrom .x import y, z as w\n"),
            ["a.b [] as a", "c [] as d", ".x [y,z] as y,w"]
        );
        assert_eq!(
            imported(
                "a.js",
                "import a, { b as c } from './x.js';\nconst { d } = require('y');\nconst e = require('z');\n"
            ),
            ["./x.js [a,b] as a,c", "y [d] as d", "z [] as e"]
        );
        assert_eq!(
            imported("a.rs", "use a::{b, c::{self, d as e}};\nuse super::*;\n"),
            ["a [b] as b", "a [c] as c", "a::c [d] as e", "super [*] as *"]
        );
        assert_eq!(
            imported("a.go", "package p\nimport (\n\tx \"a/b\"\n\t\"c/d\"\n)\n"),
            ["a/b [] as x", "c/d [] as d"]
        );
        assert_eq!(
            imported("A.java", "import static a.B.c;\nimport d.E;\n"),
            ["a.B.c [] as c", "d.E [] as E"]
        );
        assert_eq!(imported("a.rb", "require_relative '../a'\n"), ["../a [] as "]);
    }
}
