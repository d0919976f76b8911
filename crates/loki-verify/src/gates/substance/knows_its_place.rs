//! Code that behaves otherwise by how it was built, or by where it lies.

use std::sync::LazyLock;

use loki_model::Severity;
use regex::Regex;

use super::environment::TOOL_DIRS;
use super::{Code, each_code};
use crate::gates::rule::{Found, Rule};
use crate::syntax::call::chain;
use crate::syntax::scope::Scope;
use crate::syntax::{At, Language, Part, Role, normal};

/// A look at what differs between where tests run and where users do.
pub(super) const RULE: Rule = Rule {
    id: "substance/knows-its-place",
    severity: Severity::Warning,
    what: "What code of the product does depends on something that is so where tests run and not where its users \
           are: assertions that are built in, a path below the folder for temporary files, files that only \
           the repository has.",
    why: "Tests see one behaviour, and users another that no test has seen.",
    example: "+    if cfg!(debug_assertions) {\n+        check_limits(text)?;\n+    }",
    fix: "Do the same everywhere, or let a setting decide.",
    look: |cx, delta, found| each_code(cx, delta, found, &mut look),
};

/// Calls that tell whether a path is below another, or a text in it.
const COMPARES: &[&str] = &[
    "is_relative_to",
    "relative_to",
    "startswith",
    "starts_with",
    "startsWith",
    "HasPrefix",
    "commonpath",
    "start_with?",
    "includes",
    "contains",
    "Contains",
    "include?",
];

/// What the folder for temporary files is called.
const TEMPORARY: &[&str] = &[
    "gettempdir()",
    "os.tmpdir()",
    "tmpdir()",
    "temp_dir()",
    "os.TempDir()",
    "Dir.tmpdir",
    "java.io.tmpdir",
    "GetTempPath()",
    "environ[\"TMPDIR\"]",
    "env.TMPDIR",
    "Getenv(\"TMPDIR\")",
];

fn look(code: &Code<'_>, found: &mut Found) {
    let path = &code.file.path;
    if path.split('/').any(|part| TOOL_DIRS.contains(&part) || matches!(part, "docs" | "setup.py"))
    {
        return;
    }
    let tree = code.after.tree();
    let mut lines: Vec<u32> = Vec::new();
    for at in tree.inside(At::ROOT) {
        let line = tree.line(at);
        if !code.file.is_added(line) || lines.contains(&line) || code.is_in_tests(at) {
            continue;
        }
        let what =
            by_build(code, at).or_else(|| by_temporary(code, at)).or_else(|| by_checkout(code, at));
        if let Some(what) = what {
            lines.push(line);
            found.add(RULE.at(path, line, what));
        }
    }
    if code.after.language() == Language::Shell {
        let below = below_temporary(code.after.tree().whole_text());
        let new =
            below.into_iter().filter(|line| code.file.is_added(*line) && !lines.contains(line));
        let what = "what it does depends on whether a path is below the folder for temporary files";
        new.for_each(|line| found.add(RULE.at(path, line, what)));
    }
}

/// What is left, or refused, in builds with assertions alone.
fn by_build(code: &Code<'_>, at: At) -> Option<&'static str> {
    let tree = code.after.tree();
    if tree.role(at) != Role::If {
        return None;
    }
    let condition = tree.text(tree.child(at, Part::Condition)?);
    let is_asked = match code.after.language() {
        Language::Rust => condition.contains("cfg!(debug_assertions)"),
        Language::Python => condition
            .split(|c: char| c != '_' && !c.is_alphanumeric())
            .any(|word| word == "__debug__"),
        _ => false,
    };
    let body = tree.child(at, Part::Body)?;
    let leaves = tree.inside(body).any(|at| match tree.role(at) {
        Role::Return | Role::Throw => true,
        // Rust's sign for handing an error on.
        Role::Wrap => code.after.language() == Language::Rust && tree.text(at).ends_with('?'),
        _ => false,
    });
    (is_asked && leaves).then_some(
        "it refuses or answers otherwise only where assertions are built in, as in tests",
    )
}

/// Whether a path is below the folder for temporary files, where tests keep theirs.
fn by_temporary(code: &Code<'_>, at: At) -> Option<&'static str> {
    let tree = code.after.tree();
    if tree.role(at) != Role::Call || !COMPARES.contains(&chain(tree, at).last_name()) {
        return None;
    }
    let text = with_values(code, at);
    TEMPORARY
        .iter()
        .any(|name| text.contains(name))
        .then_some("what it does depends on whether a path is below the folder for temporary files")
}

/// Whether something is there that lies beside the code in the repository, outside of what is installed.
fn by_checkout(code: &Code<'_>, at: At) -> Option<&'static str> {
    static UP: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"\.parents\[[1-9]\]|\.parent\.parent|dirname\(\s*(os\.path\.)?dirname\(\s*(os\.path\.)?dirname|\.\.[/'\x22]").ok()
    });
    const HERE: &[&str] = &["__file__", "import.meta.url", "__dirname"];
    const ASKS: &[&str] = &["exists", "is_dir", "is_file", "isdir", "isfile", "existsSync"];
    let tree = code.after.tree();
    if tree.role(at) != Role::Call {
        return None;
    }
    let called = chain(tree, at);
    let asks = match called.last_name() {
        "any" | "bool" => ["glob(", "iterdir("].iter().any(|list| tree.text(at).contains(list)),
        name => ASKS.contains(&name),
    };
    if !asks {
        return None;
    }
    let text = with_values(code, at);
    let is_beside = HERE.iter().any(|here| text.contains(here))
        && UP.as_ref().is_some_and(|up| up.is_match(&text));
    is_beside.then_some("what it does depends on whether it lies in its repository")
}

/// The text of a node, with the values of locals in place of their names.
pub(super) fn with_values(code: &Code<'_>, at: At) -> String {
    let tree = code.after.tree();
    let function = tree.all_around(at).find(|around| tree.role(*around) == Role::Function);
    let scope = Scope::of(tree, function.unwrap_or(At::ROOT));
    normal::inlined(tree, at, &scope)
}

/// Lines of a shell script that compare with the folder for temporary files.
fn below_temporary(text: &str) -> Vec<u32> {
    static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"^\s*\(?"?(\$\{?TMPDIR\b[^)]*|/tmp/?)"?/?\*\)|={1,2}\s*"?(\$\{?TMPDIR\b[^\s\]]*|/tmp/?)"?/?\*"#).ok()
    });
    let lines = text.lines().enumerate();
    let hits = lines.filter(|(_, line)| FORM.as_ref().is_some_and(|form| form.is_match(line)));
    hits.filter_map(|(index, _)| u32::try_from(index + 1).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{expect, look_at};
    use super::Found;
    use crate::sides::Sides;

    fn look(sides: &Sides<'_>, found: &mut Found) {
        look_at(super::look, sides, found);
    }

    #[test]
    fn what_only_builds_with_assertions_refuse_is_a_warning() {
        let rust = "pub fn parse(t: &str) -> Result<S, E> {\n    if cfg!(debug_assertions) {\n        check(t)?;\n    }\n    read(t)\n}\n";
        expect(look, &[], &[("src/a.rs", rust)], "warning knows-its-place src/a.rs:2");
        let python =
            "def parse(t):\n    if __debug__:\n        raise ValueError(t)\n    return t\n";
        expect(look, &[], &[("pkg/a.py", python)], "warning knows-its-place pkg/a.py:2");
        let told = "pub fn parse(t: &str) -> S {\n    if cfg!(debug_assertions) {\n        eprintln!(\"{t}\");\n    }\n    read(t)\n}\n";
        expect(look, &[], &[("src/a.rs", told)], "");
    }

    #[test]
    fn what_depends_on_the_folder_for_temporary_files_is_a_warning() {
        for (path, text, line) in [
            (
                "pkg/a.py",
                "def f(p):\n    return p.is_relative_to(Path(tempfile.gettempdir()))\n",
                2,
            ),
            (
                "pkg/a.py",
                "def f(p):\n    scratch = tempfile.gettempdir()\n    return str(p).startswith(scratch)\n",
                3,
            ),
            ("src/a.js", "const live = (p) => p.startsWith(os.tmpdir());\n", 1),
            (
                "src/a.rs",
                "fn f(p: &Path) -> bool {\n    p.starts_with(std::env::temp_dir())\n}\n",
                2,
            ),
            ("bin/a.sh", "case $1 in\n  \"${TMPDIR:-/tmp}\"/*) strict=1 ;;\nesac\n", 2),
            ("bin/a.sh", "if [[ $1 == /tmp/* ]]; then\n  strict=1\nfi\n", 1),
        ] {
            expect(look, &[], &[(path, text)], &format!("warning knows-its-place {path}:{line}"));
        }
        for (path, text) in [
            ("pkg/a.py", "def f():\n    return Path(tempfile.gettempdir()) / 'x'\n"),
            ("bin/a.sh", "work=${TMPDIR:-/tmp}/work\nrm -rf \"$work\"/*\n"),
        ] {
            expect(look, &[], &[(path, text)], "");
        }
    }

    #[test]
    fn what_depends_on_lying_in_the_repository_is_a_warning() {
        let text = "SURVEYED = any(Path(__file__).resolve().parents[1].glob('*/decks/*.json'))\n";
        expect(look, &[], &[("pkg/a.py", text)], "warning knows-its-place pkg/a.py:1");
        let js = "const here = existsSync(new URL('../samples', import.meta.url));\n";
        expect(look, &[], &[("src/a.js", js)], "warning knows-its-place src/a.js:1");
        let own =
            "DATA = Path(__file__).parent / 'data'\nif not DATA.exists():\n    raise SystemExit\n";
        expect(look, &[], &[("pkg/a.py", own)], "");
    }
}
