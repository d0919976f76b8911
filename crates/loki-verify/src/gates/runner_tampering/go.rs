//! Build constraints on tests of Go.

use loki_model::Severity;

use super::weighing;
use crate::gates::rule::{Found, Rule};
use crate::sides::Sides;

/// Tests of Go are built only under a constraint.
pub(super) const RULE: Rule = Rule {
    id: "runner-tampering/go-build-tag",
    severity: Severity::Error,
    what: "A build constraint keeps tests of Go from being built.",
    why: "Without the tag the file is not even compiled, and `go test` says `ok`.",
    example: "+//go:build never",
    fix: "Remove the constraint, or skip single tests with t.Skip and a reason.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// Words that say on what a test can run at all.
const PLATFORMS: &[&str] = &[
    "linux",
    "darwin",
    "windows",
    "freebsd",
    "netbsd",
    "openbsd",
    "android",
    "ios",
    "js",
    "wasip1",
    "plan9",
    "solaris",
    "illumos",
    "aix",
    "dragonfly",
    "amd64",
    "arm64",
    "386",
    "arm",
    "riscv64",
    "ppc64le",
    "s390x",
    "wasm",
    "mips",
    "mips64",
    "loong64",
    "unix",
    "cgo",
    "race",
    "purego",
    "gc",
    "gccgo",
    "msan",
    "asan",
    "appengine",
    "tinygo",
];

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in sides.delta.files.iter().filter(|file| file.path.ends_with("_test.go")) {
        let Some(after) = file.after.as_deref() else { continue };
        let Some((line, tags)) = constraint(after) else { continue };
        let known = file.before.as_deref().and_then(constraint).map(|(_, tags)| tags);
        if known.as_ref() == Some(&tags) || !file.is_added(line) {
            continue;
        }
        let custom: Vec<&str> = tags
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_')
            .filter(|tag| !tag.is_empty() && !PLATFORMS.contains(tag) && !tag.starts_with("go1."))
            .collect();
        let Some(first) = custom.first() else { continue };
        let is_slow = matches!(*first, "integration" | "e2e" | "slow" | "manual" | "acceptance");
        let is_negated = tags.contains(&format!("!{first}"));
        let severity = match (file.before.is_some(), is_slow) {
            _ if is_negated && !is_never(first) => Severity::Note,
            (true, false) => Severity::Error,
            // A new test of a kind that people run apart.
            (false, true) => Severity::Note,
            _ => Severity::Warning,
        };
        let message = format!("these tests are built only with `{tags}`");
        found.add(weighing(RULE.at(&file.path, line, message), severity));
    }
}

fn is_never(tag: &str) -> bool {
    matches!(tag, "ignore" | "never" | "disabled")
}

/// The constraint of a file and its 1-based line.
fn constraint(text: &str) -> Option<(u32, String)> {
    (1..).zip(text.lines()).take_while(|(_, line)| !line.starts_with("package ")).find_map(
        |(number, line)| {
            let rest =
                line.strip_prefix("//go:build ").or_else(|| line.strip_prefix("// +build "))?;
            Some((number, rest.trim().to_owned()))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    #[test]
    fn a_constraint_that_nobody_fulfils_is_an_error() {
        let base = [("a_test.go", "package a\n")];
        let with = |tag: &str| format!("//go:build {tag}\n\npackage a\n");
        for (tag, expected) in [
            ("never", "error go-build-tag a_test.go:1"),
            ("ignore && linux", "error go-build-tag a_test.go:1"),
            ("integration", "warning go-build-tag a_test.go:1"),
            ("!windows", ""),
            ("linux && go1.22", ""),
        ] {
            check(look, &base, &[("a_test.go", &with(tag))], expected);
        }
        check(look, &[], &[("b_test.go", &with("e2e"))], "note go-build-tag b_test.go:1");
    }
}
