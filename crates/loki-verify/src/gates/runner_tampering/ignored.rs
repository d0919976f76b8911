//! Sources that git is told to ignore although something needs them.

use loki_model::Severity;

use regex::Regex;

use super::tests_seen::SCRIPT_ENDINGS;
use crate::gates::rule::{Found, Rule};
use crate::kind::{Kind, kind};
use crate::layout::{file_name, join, parent};
use crate::pattern;
use crate::sides::Sides;

/// Something that is needed is ignored.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/ignored-source",
    severity: Severity::Warning,
    what: "`.gitignore` ignores sources or tests that the project has or needs.",
    why: "The change then works where it was made and nowhere else.",
    example: "+src/settings.py",
    fix: "Commit the file, or stop using it.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// Files that are searched for the name of an ignored one.
const FILES_MAX: usize = 2_000;

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in sides.delta.files.iter().filter(|file| file_name(&file.path) == ".gitignore") {
        for (line, text) in file.added_lines() {
            let glob = text.trim();
            if glob.is_empty() || glob.starts_with(['#', '!']) {
                continue;
            }
            let dir = parent(&file.path);
            let Some(pattern) = pattern::git(dir, glob) else { continue };
            let is_code = |path: &&str| matches!(kind(path), Kind::Source | Kind::Test);
            let own = sides.layout.own_files().find(|path| is_code(path) && pattern.is_match(path));
            let message = match own {
                Some(path) => format!("`{glob}` ignores `{path}`, which is part of the project"),
                None => match needed(sides, &pattern) {
                    Some(path) => format!("`{glob}` is ignored and `{path}` needs it"),
                    None => continue,
                },
            };
            found.add(RULE.at(&file.path, line, message));
        }
    }
}

/// A file of the tree that loads one that is not there and that the pattern explains the absence of.
fn needed<'s>(sides: &'s Sides<'_>, pattern: &Regex) -> Option<&'s str> {
    let files = sides
        .layout
        .own_files()
        .filter(|path| matches!(kind(path), Kind::Source | Kind::Test) && !pattern.is_match(path));
    files.take(FILES_MAX).find(|path| {
        sides.after(path).is_some_and(|text| {
            let loads = text.lines().flat_map(|line| loaded(sides, path, line, pattern));
            loads.into_iter().any(|candidates| {
                let is_there = |path: &String| {
                    let inside = format!("{}/", path.trim_end_matches(".py"));
                    sides.layout.has(path)
                        || sides.layout.all_files().any(|f| f.starts_with(&inside))
                };
                !candidates.iter().any(is_there)
            })
        })
    })
}

/// Where the file of the project may be that a line of `path` loads and the pattern is about; nothing
/// when the line loads none, or one of somebody else.
fn loaded(sides: &Sides<'_>, path: &str, line: &str, pattern: &Regex) -> Option<Vec<String>> {
    // Most lines load nothing that the pattern is about, and the rest is dear.
    let about = |candidates: Vec<String>| {
        Some(candidates).filter(|all| all.iter().any(|one| pattern.is_match(one)))
    };
    let line = line.trim_start();
    let dir = parent(path);
    if path.ends_with(".py") {
        let rest = line.strip_prefix("from ").or_else(|| line.strip_prefix("import "))?;
        let module = rest.split([' ', ',', ';', '#']).next().filter(|name| !name.is_empty())?;
        let bare = module.trim_start_matches('.');
        let dots = module.len() - bare.len();
        let file = format!("{}.py", bare.replace('.', "/"));
        if bare.is_empty() {
            return None;
        }
        if dots > 0 {
            let up = (1..dots).fold(dir, |dir, _| parent(dir));
            return about(vec![join(up, &file)]);
        }
        let first = bare.split('.').next().unwrap_or(bare);
        let roots = ["", "src", "lib"];
        about(roots.iter().map(|root| join(root, &file)).collect())?;
        let is_own = |root: &&str| {
            let inside = format!("{}/", join(root, first));
            bare.contains('.') && sides.layout.own_files().any(|path| path.starts_with(&inside))
        };
        let own: Vec<String> = roots.iter().filter(|r| is_own(r)).map(|r| join(r, &file)).collect();
        return (!own.is_empty()).then_some(own);
    }
    let is_script = SCRIPT_ENDINGS.iter().any(|ending| path.ends_with(ending));
    if !is_script || !["import", "require(", "from "].iter().any(|word| line.contains(word)) {
        return None;
    }
    let given =
        super::js_settings::literals(line).into_iter().find(|text| text.starts_with("./"))?;
    let file = join(dir, given.trim_start_matches("./"));
    let endings = SCRIPT_ENDINGS.iter().map(|ending| format!("{file}{ending}"));
    let index = SCRIPT_ENDINGS.iter().map(|ending| format!("{file}/index{ending}"));
    let typed = file.strip_suffix(".js").map(|stem| format!("{stem}.ts"));
    about(std::iter::once(file.clone()).chain(endings).chain(index).chain(typed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    fn ignore(line: &str, expected: &str) {
        let files = [
            ("tests/test_a.py", "from pkg.data import x\nimport build\n"),
            ("pkg/__init__.py", "from .build_idle import idle\n"),
            ("src/b.js", "import x from './gen.js';\nimport y from 'dist';\n"),
        ];
        let after = [files[0], files[1], files[2], (".gitignore", line)];
        check(look, &files, &after, expected);
    }

    #[test]
    fn code_that_is_needed_and_ignored_is_a_concern() {
        ignore("tests/\n", "warning ignored-source .gitignore:1");
        ignore("pkg/data.py\n", "warning ignored-source .gitignore:1");
        ignore("build*\n", "warning ignored-source .gitignore:1");
        ignore("src/gen.js\n", "warning ignored-source .gitignore:1");
    }

    #[test]
    fn other_patterns_are_fine() {
        for line in [
            "*.pyc\n",
            "/build/\n",
            ".env\n",
            "# tests/\n",
            "secret.py\n",
            "dist*\n",
            "__pycache__\n",
        ] {
            ignore(line, "");
        }
    }
}
