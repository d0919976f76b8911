//! Sources that git is told to ignore although something needs them.

use loki_model::Severity;

use crate::gates::rule::{Found, Rule};
use crate::kind::{Kind, kind};
use crate::layout::{file_name, parent};
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
                None => match needed(sides, glob) {
                    Some(path) => format!("`{glob}` is ignored and `{path}` needs it"),
                    None => continue,
                },
            };
            found.add(RULE.at(&file.path, line, message));
        }
    }
}

/// A file of the tree that loads a file of code which only this line explains the absence of.
fn needed<'s>(sides: &'s Sides<'_>, glob: &str) -> Option<&'s str> {
    let name = file_name(glob.trim_end_matches('/'));
    let (stem, ending) = name.rsplit_once('.')?;
    let is_plain = !glob.contains(['*', '?', '[']);
    if !is_plain || sides.layout.all_files().any(|path| file_name(path) == name) {
        return None;
    }
    let is_python = ending == "py";
    let is_script =
        super::tests_seen::SCRIPT_ENDINGS.iter().any(|e| e.trim_start_matches('.') == ending);
    let loads = |line: &str| {
        let line = line.trim_start();
        if is_python {
            let mut words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            (line.starts_with("import ") || line.starts_with("from "))
                && words.any(|word| word == stem)
        } else {
            is_script
                && (line.contains("import") || line.contains("require(") || line.contains("from "))
                && [
                    format!("/{stem}'"),
                    format!("/{stem}\""),
                    format!("/{name}'"),
                    format!("/{name}\""),
                ]
                .iter()
                .any(|end| line.contains(end.as_str()))
        }
    };
    let files =
        sides.layout.own_files().filter(|path| matches!(kind(path), Kind::Source | Kind::Test));
    files
        .take(FILES_MAX)
        .find(|path| sides.after(path).is_some_and(|text| text.lines().any(|line| loads(line))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    fn ignore(line: &str, expected: &str) {
        let files = [
            ("tests/test_a.py", "from pkg import data\n"),
            ("src/b.js", "import x from './gen.js';\n"),
        ];
        let after = [files[0], files[1], (".gitignore", line)];
        check(look, &files, &after, expected);
    }

    #[test]
    fn code_that_is_needed_and_ignored_is_a_concern() {
        ignore("tests/\n", "warning ignored-source .gitignore:1");
        ignore("pkg/data.py\n", "warning ignored-source .gitignore:1");
        ignore("src/gen.js\n", "warning ignored-source .gitignore:1");
    }

    #[test]
    fn other_patterns_are_fine() {
        for line in ["*.pyc\n", "/build/\n", ".env\n", "# tests/\n", "secret.py\n", "__pycache__\n"]
        {
            ignore(line, "");
        }
    }
}
