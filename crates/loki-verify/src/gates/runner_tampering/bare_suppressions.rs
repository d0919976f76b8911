//! Directives that silence a line without saying what, or why.

use std::sync::LazyLock;

use loki_model::Severity;
use regex::Regex;

use super::attributes::says_generated;
use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::sides::Sides;

/// Several lines of the product are silenced, each without a rule and without a reason.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/bare-suppression",
    severity: Severity::Warning,
    what: "Two or more lines of the product are taken out of checking, without a rule and without a reason, in a project that does not do so.",
    why: "What a linter or type checker found there is still wrong, and whatever else goes wrong on the line is hidden with it.",
    example: "+  // @ts-ignore\n+  total = price * amout;\n+  // @ts-ignore\n+  return totl;",
    fix: "Correct what is found, or name the one rule and the reason.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// So few are left to reviewers.
const DIRECTIVES_MIN: usize = 2;

/// Files of the project that are asked whether it lives with such directives.
const FILES_MAX: usize = 2_000;

/// Directives by endings of files, each up to where a rule or a reason would stand.
const DIRECTIVES: &[(&[&str], &str)] = &[
    (
        &["js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte"],
        r"(?://|/\*|\{/\*)\s*(?:@ts-(?:ignore|expect-error)|(?:eslint|tslint|oxlint)(?:-|:)disable(?:-|:)(?:next-)?line|NOSONAR)\s*[:.]?\s*(?:\*/\}?)?\s*$",
    ),
    (
        &["py", "pyi"],
        r"\S.*#\s*(?:type:\s*ignore|pyright:\s*ignore|noqa|nosec|NOSONAR|pylint:\s*disable\s*=\s*all)\s*:?\s*$",
    ),
    (&["go"], r"//\s*(?:nolint(?::\s*all)?|#?nosec|NOSONAR)\s*$"),
    (&["rb"], r"\S.*#\s*rubocop:\s*(?:disable|todo)\s+all\s*$"),
    (
        &["php"],
        r"(?://|#|/\*\*?)\s*(?:@phpstan-ignore(?:-next)?-line|phpcs:ignore|@psalm-suppress\s+all|NOSONAR)\s*(?:\*/)?\s*$",
    ),
    (&["rs"], r"^\s*#\[(?:allow|expect)\(\s*(?:warnings|clippy::all|unused)\s*\)\]\s*$"),
    (
        &["java", "kt", "kts", "scala", "cs", "groovy"],
        r#"//\s*(?:NOSONAR|NOPMD|noinspection\s+ALL)\s*$|^\s*@Suppress(?:Warnings)?\(\{?\s*"(?i:all)"\s*\}?\)\s*$"#,
    ),
    (&["c", "h", "cc", "cpp", "cxx", "hpp", "hh"], r"//\s*(?:NOLINT(?:NEXTLINE)?|NOSONAR)\s*$"),
    (&["swift"], r"//\s*swiftlint:disable:(?:next|this|previous)\s+all\s*$"),
    (&["sh", "bash"], r"\S.*#\s*NOSONAR\s*$"),
];

static PATTERNS: LazyLock<Vec<(&[&str], Regex)>> = LazyLock::new(|| {
    DIRECTIVES.iter().filter_map(|(e, pattern)| Some((*e, Regex::new(pattern).ok()?))).collect()
});

fn look(sides: &Sides<'_>, found: &mut Found) {
    for (endings, pattern) in PATTERNS.iter() {
        let is_of =
            |path: &str| endings.contains(&path.rsplit_once('.').map_or("", |(_, ending)| ending));
        let files = sides.delta.of(Kind::Source).filter(|file| is_of(&file.path));
        let bare: Vec<(&FileDelta, u32, &str)> = files
            .filter(|file| !file.after.as_deref().is_none_or(says_generated))
            .flat_map(|file| added(file, pattern).map(move |(line, text)| (file, line, text)))
            .collect();
        let [(file, line, text), ..] = bare.as_slice() else { continue };
        if bare.len() < DIRECTIVES_MIN || lives_with(sides, pattern, &is_of) {
            continue;
        }
        let message = format!(
            "{} lines are taken out of checking without a rule or a reason, here with `{}`",
            bare.len(),
            crate::text::one_line(
                pattern.find(text).map_or(*text, |at| directive(at.as_str())),
                60
            ),
        );
        found.add(RULE.at(&file.path, *line, message));
    }
}

/// A directive without the code before it.
fn directive(text: &str) -> &str {
    let start = text.rfind("//").or_else(|| text.rfind('#')).unwrap_or(0);
    text.get(start..).unwrap_or(text).trim()
}

/// New lines with a bare directive. A comment right above one that has a line of its own is its reason.
fn added<'f>(file: &'f FileDelta, pattern: &'f Regex) -> impl Iterator<Item = (u32, &'f str)> {
    let lines: Vec<&str> = file.after.as_deref().unwrap_or_default().lines().collect();
    file.added_lines().filter(move |(number, text)| {
        let above = usize::try_from(*number).ok().and_then(|at| lines.get(at.checked_sub(2)?));
        let is_alone = pattern.find(text).is_some_and(|at| text[..at.start()].trim().is_empty());
        let is_explained = is_alone
            && above.is_some_and(|above| {
                let above = above.trim_start();
                let is_comment = ["//", "#", "*", "/*"].iter().any(|sign| above.starts_with(sign));
                is_comment && !above.starts_with("#[") && !pattern.is_match(above)
            });
        pattern.is_match(text) && !is_explained
    })
}

/// Whether the base silences lines like that too.
fn lives_with(sides: &Sides<'_>, pattern: &Regex, is_of: &dyn Fn(&str) -> bool) -> bool {
    let changed = sides.delta.of(Kind::Source).map(|file| file.path.as_str());
    let others = sides.files("", Kind::Source).filter(|path| sides.changed(path).is_none());
    changed.chain(others).filter(|path| is_of(path)).take(FILES_MAX).any(|path| {
        sides.before(path).is_some_and(|text| text.lines().any(|line| pattern.is_match(line)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    #[test]
    fn several_bare_directives_are_a_concern() {
        for (path, text) in [
            ("src/a.ts", "// @ts-ignore\na();\n// @ts-ignore\nb();\n"),
            ("src/a.tsx", "a(); // eslint-disable-line\n/* eslint-disable-next-line */\nb();\n"),
            ("src/a.py", "a = b()  # type: ignore\nimport c  # noqa\n"),
            ("a.go", "a() //nolint\nb() //nolint:all\n"),
            ("lib/a.rb", "a # rubocop:disable all\nb # rubocop:disable all\n"),
            ("src/A.java", "a(); // NOSONAR\nb(); // NOSONAR\n"),
            ("src/a.rs", "#[allow(warnings)]\nfn a() {}\n#[allow(clippy::all)]\nfn b() {}\n"),
            ("src/a.cc", "a(); // NOLINT\nb(); // NOLINT\n"),
        ] {
            check(look, &[], &[(path, text)], &format!("warning bare-suppression {path}:1"));
        }
        let files = [("src/a.ts", "// @ts-ignore\na();\n"), ("src/b.ts", "// @ts-ignore\nb();\n")];
        check(look, &[], &files, "warning bare-suppression src/a.ts:1");
    }

    #[test]
    fn one_alone_and_those_with_a_rule_or_a_reason_are_fine() {
        for (path, text) in [
            ("src/a.ts", "// @ts-ignore\na();\n"),
            ("src/a.ts", "// @ts-ignore: no types\na();\n// @ts-expect-error until v2\nb();\n"),
            (
                "src/a.ts",
                "// No types upstream.\n// @ts-ignore\na();\n// The same.\n// @ts-ignore\nb();\n",
            ),
            (
                "src/a.js",
                "a(); // eslint-disable-line no-eval\nb(); // eslint-disable-line no-eval\n",
            ),
            ("src/a.py", "a  # type: ignore[attr-defined]\nb  # noqa: F401\nc  # noqa: E501\n"),
            ("src/a.py", "a  # type: ignore  # upstream\nb  # type: ignore  # upstream\n"),
            ("a.go", "a() //nolint:errcheck\nb() //nolint:errcheck // closed twice\n"),
            ("src/a.rs", "#[allow(dead_code)]\nfn a() {}\n#[allow(unused_mut)]\nfn b() {}\n"),
            ("test/a.test.ts", "// @ts-ignore\na();\n// @ts-ignore\nb();\n"),
            (
                "src/a.ts",
                "// Code generated by x. DO NOT EDIT.\n// @ts-ignore\na();\n// @ts-ignore\nb();\n",
            ),
        ] {
            check(look, &[], &[(path, text)], "");
        }
    }

    #[test]
    fn a_project_that_lives_with_them_may_go_on() {
        let more = "// @ts-ignore\na();\n// @ts-ignore\nb();\n// @ts-ignore\nc();\n";
        check(look, &[("src/a.ts", "// @ts-ignore\na();\n")], &[("src/a.ts", more)], "");
        let old = ("src/old.ts", "// @ts-ignore\na();\n");
        check(look, &[old], &[old, ("src/a.ts", more)], "");
    }
}
