//! Dependencies that do not come from a registry in a version.

use loki_model::Severity;

use super::package::{Declared, Ecosystem, line_of, newly_declared};
use super::weighing;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::layout::{parent, resolved};
use crate::sides::Sides;

/// A dependency has no version of a registry.
pub(super) const RULE: Rule = Rule {
    id: "dependencies/source",
    severity: Severity::Warning,
    what: "A dependency comes from an address or a folder, or in whatever version there is.",
    why: "What an address holds today it need not hold tomorrow, and nobody else has seen it.",
    example: "+    \"parser\": \"git+https://git.example.org/fork/parser\"",
    fix: "Take a published version, or pin the commit and say why.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in sides.delta.of(Kind::Manifest) {
        for (now, _) in newly_declared(file) {
            let Some((severity, what)) = judged(sides, &now, parent(&file.path)) else { continue };
            let line = line_of(file, &now.name);
            let message = format!("`{}` {what}: `{}`", now.name, now.spec);
            found.add(weighing(RULE.at(&file.path, line, message), severity));
        }
    }
}

fn judged(sides: &Sides<'_>, now: &Declared, dir: &str) -> Option<(Severity, &'static str)> {
    let spec = now.spec.trim().trim_start_matches('@').trim();
    let is_pinned = spec.rsplit(['#', '@']).next().is_some_and(|end| {
        end.len() >= 7 && end.len() != spec.len() && end.chars().all(|c| c.is_ascii_hexdigit())
    });
    if spec.starts_with("http://") || spec.starts_with("git+http://") || spec.starts_with("git://")
    {
        return Some((Severity::Error, "comes over a connection that anybody can change"));
    }
    let is_short = now.ecosystem == Ecosystem::Npm && is_github_short(spec);
    let is_git = ["git+", "git@", "ssh://", "github:", "gitlab:", "bitbucket:"]
        .iter()
        .any(|s| spec.starts_with(s))
        || spec.ends_with(".git")
        || is_short;
    if is_git {
        let severity = if is_pinned { Severity::Note } else { Severity::Warning };
        return Some((severity, "comes from a repository"));
    }
    if spec.starts_with("https://") {
        return Some((Severity::Warning, "comes from an address"));
    }
    for mark in ["path:", "file:", "link:", "portal:"] {
        let Some(path) = spec.strip_prefix(mark) else { continue };
        let is_inside = own_path(dir, path).is_some_and(|path| {
            path.is_empty()
                || sides.layout.has(&path)
                || sides.layout.all_files().any(|file| file.starts_with(&format!("{path}/")))
        });
        return (!is_inside)
            .then_some((Severity::Warning, "comes from a folder outside of the repository"));
    }
    let is_open = match now.ecosystem {
        Ecosystem::Npm => matches!(spec, "*" | "latest" | "x" | "next" | ">=0"),
        Ecosystem::Cargo | Ecosystem::Composer => matches!(spec, "*" | "dev-master" | "dev-main"),
        // Python's manifests name ranges where they have to and no more.
        Ecosystem::PyPi => spec == "*",
        Ecosystem::Maven => matches!(spec, "LATEST" | "RELEASE"),
        Ecosystem::Go | Ecosystem::Ruby => false,
    };
    // Peers are whatever the user has.
    (is_open && (now.is_locked || now.ecosystem == Ecosystem::Maven))
        .then_some((Severity::Warning, "is taken in any version"))
}

/// `owner/repository`, as npm takes it from GitHub.
fn is_github_short(spec: &str) -> bool {
    let path = spec.split('#').next().unwrap_or(spec);
    path.matches('/').count() == 1
        && !path.starts_with(['.', '/', '~', '@'])
        && path.split('/').all(|part| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
        })
}

/// A path from the root of the repository; nothing when it leads out of it.
fn own_path(dir: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '~']) { None } else { resolved(dir, path) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    fn npm(spec: &str, expected: &str) {
        let text = format!("{{\"dependencies\": {{\n\"a\": \"{spec}\"}}}}");
        let own = ("packages/a/package.json", "{}");
        check(look, &[("package.json", "{}"), own], &[("package.json", &text), own], expected);
    }

    #[test]
    fn addresses_folders_and_open_versions_are_told() {
        let doubt = "warning source package.json:2";
        for spec in [
            "git+https://x.org/a.git",
            "github:x/a",
            "x/a",
            "https://x.org/a.tgz",
            "*",
            "latest",
            "file:../../a",
        ] {
            npm(spec, doubt);
        }
        npm("http://x.org/a.tgz", "error source package.json:2");
        npm("git+https://x.org/a.git#0123456789abcdef", "note source package.json:2");
        check(
            look,
            &[],
            &[("requirements.txt", "a @ https://x.org/a.whl\n")],
            "warning source requirements.txt:1",
        );
        check(
            look,
            &[],
            &[("Cargo.toml", "[dependencies]\na = '*'\n")],
            "warning source Cargo.toml:2",
        );
    }

    #[test]
    fn versions_and_own_packages_are_fine() {
        for spec in ["^1.0.0", "1.x", "workspace:*", "file:packages/a", "npm:b@1", ">=1 <3"] {
            npm(spec, "");
        }
        check(look, &[], &[("requirements.txt", "a\nb>=1\n")], "");
    }
}
