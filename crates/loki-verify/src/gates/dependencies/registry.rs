//! Where packages come from.

use std::collections::BTreeSet;

use loki_model::Severity;

use super::package::locked;
use super::weighing;
use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::layout::file_name;
use crate::sides::Sides;

/// Packages come from elsewhere.
pub(super) const RULE: Rule = Rule {
    id: "dependencies/registry",
    severity: Severity::Warning,
    what: "Packages are taken from another registry than before.",
    why: "Whoever answers for a name decides what runs under it.",
    example: "+--extra-index-url https://packages.example.net/simple",
    fix: "Use the registry of the ecosystem, or have the new one agreed on.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

/// Registries that everybody uses.
const KNOWN: &[&str] = &[
    "registry.npmjs.org",
    "registry.yarnpkg.com",
    "npm.jsr.io",
    "pypi.org",
    "files.pythonhosted.org",
    "test.pypi.org",
    "crates.io",
    "index.crates.io",
    "static.crates.io",
    "github.com",
    "proxy.golang.org",
    "sum.golang.org",
    "rubygems.org",
    "index.rubygems.org",
    "repo.packagist.org",
    "packagist.org",
    "api.github.com",
    "codeload.github.com",
    "repo.maven.apache.org",
    "repo1.maven.org",
    "download.pytorch.org",
    "pypi.python.org",
];

/// Words of settings that say where packages come from.
const SETTINGS: &[&str] = &[
    "registry",
    "index-url",
    "extra-index-url",
    "find-links",
    "npmregistryserver",
    "replace-with",
    "goproxy",
    "gonosumdb",
    "gonosumcheck",
    "gonosum",
    "goflags",
    "goinsecure",
    "trusted-host",
    "index_url",
    "primary",
    "strict-ssl",
    "insecure",
];

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in &sides.delta.files {
        match file.kind {
            Kind::Lock => hosts_of_lock(file, found),
            Kind::Manifest | Kind::Harness if is_place(&file.path) => settings(file, found),
            _ => {}
        }
    }
}

fn is_place(path: &str) -> bool {
    let name = file_name(path);
    name.starts_with("requirements")
        || path.contains(".cargo/config")
        || matches!(
            name,
            ".npmrc"
                | ".yarnrc"
                | ".yarnrc.yml"
                | "bunfig.toml"
                | "pip.conf"
                | "pyproject.toml"
                | "Pipfile"
                | "Gemfile"
                | "composer.json"
                | "pom.xml"
                | "build.gradle"
                | "build.gradle.kts"
                | ".env"
                | "uv.toml"
                | "poetry.toml"
                | "package.json"
                | "Makefile"
                | "Dockerfile"
        )
}

fn settings(file: &FileDelta, found: &mut Found) {
    let known: BTreeSet<&str> =
        file.before.as_deref().unwrap_or_default().lines().map(str::trim).collect();
    let mut section = "";
    for (number, line) in (1_u32..).zip(file.after.as_deref().unwrap_or_default().lines()) {
        let bare = line.trim();
        if bare.starts_with('[') {
            section = bare;
        }
        if !file.is_added(number)
            || known.contains(bare)
            || bare.starts_with("//")
            || bare.starts_with('#')
        {
            continue;
        }
        let lower = bare.to_ascii_lowercase();
        let is_source = ["source", "index", "registr", "repositor"]
            .iter()
            .any(|w| section.to_ascii_lowercase().contains(w));
        let is_setting = SETTINGS.iter().any(|word| lower.contains(word));
        let is_gem = file_name(&file.path) == "Gemfile" && lower.starts_with("source");
        let is_maven = file_name(&file.path) == "pom.xml"
            && lower.starts_with("<url>")
            && file.after.as_deref().is_some_and(|text| text.contains("<repositor"));
        let is_off =
            ["trusted-host", "insecure", "gonosum"].iter().any(|word| lower.contains(word))
                || lower.contains("strict-ssl") && lower.contains("false");
        if is_off && !lower.contains("http") {
            let message = "packages are taken without looking whether they are the right ones";
            found.add(RULE.at(&file.path, number, message));
            continue;
        }
        if !(is_setting || is_gem || is_maven || is_source) {
            continue;
        }
        for address in addresses(bare) {
            let Some(host) = host(address) else { continue };
            if KNOWN.contains(&host) {
                continue;
            }
            let is_here = host == "localhost" || host.starts_with("127.");
            let severity = match address.starts_with("http://") && !is_here {
                true => Severity::Error,
                false => Severity::Warning,
            };
            let message = format!("packages are taken from `{host}`");
            found.add(weighing(RULE.at(&file.path, number, message), severity));
        }
    }
}

/// Hosts that a lock takes packages from and did not before.
fn hosts_of_lock(file: &FileDelta, found: &mut Found) {
    let Some((_, before, after)) = locked(file) else { return };
    let known: BTreeSet<&str> = before.iter().filter_map(|one| host(&one.source)).collect();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for one in &after {
        let Some(host) = host(&one.source) else { continue };
        if KNOWN.contains(&host) || known.contains(host) || !told.insert(host) {
            continue;
        }
        let severity = match one.source.contains("http://") {
            true => Severity::Error,
            false => Severity::Warning,
        };
        let message = format!("`{}` is locked from `{host}`", one.name);
        let line = super::package::line_of(file, host);
        found.add(weighing(RULE.at(&file.path, line, message), severity));
    }
}

fn addresses(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("://").filter_map(|(at, _)| {
        let start = line[..at].rfind(|c: char| !c.is_ascii_alphabetic()).map_or(0, |at| at + 1);
        let end = line[at..].find(|c: char| c.is_whitespace() || "\"'<>,`|".contains(c));
        line.get(start..end.map_or(line.len(), |end| at + end))
    })
}

fn host(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = host.rsplit('@').next().unwrap_or(host);
    let host = host.split(':').next().unwrap_or(host);
    (!host.is_empty() && !host.contains(['$', '{'])).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::check;

    #[test]
    fn another_registry_is_told() {
        for (path, text, severity, line) in [
            (".npmrc", "registry=https://npm.corp.net/\n", "warning", 1),
            ("requirements.txt", "--extra-index-url http://x.net/simple\n", "error", 1),
            ("requirements.txt", "--trusted-host x.net\n", "warning", 1),
            (
                ".cargo/config.toml",
                "[source.mirror]\nregistry = 'https://x.net/index'\n",
                "warning",
                2,
            ),
            ("Gemfile", "source 'https://gems.x.net'\n", "warning", 1),
            ("pyproject.toml", "[[tool.uv.index]]\nurl = 'https://x.net/simple'\n", "warning", 2),
            (
                "yarn.lock",
                "a@^1:\n  version \"1.0.0\"\n  resolved \"https://x.net/a.tgz\"\n",
                "warning",
                3,
            ),
        ] {
            check(look, &[], &[(path, text)], &format!("{severity} registry {path}:{line}"));
        }
    }

    #[test]
    fn usual_registries_and_other_addresses_are_fine() {
        for (path, text) in [
            (".npmrc", "registry=https://registry.npmjs.org/\nsave-exact=true\n"),
            ("pyproject.toml", "[project.urls]\nHomepage = 'https://x.net'\n"),
            ("Gemfile", "source 'https://rubygems.org'\n"),
            (
                "yarn.lock",
                "a@^1:\n  version \"1.0.0\"\n  resolved \"https://registry.yarnpkg.com/a.tgz\"\n",
            ),
            ("package.json", "{\"homepage\": \"https://x.net\"}"),
        ] {
            check(look, &[], &[(path, text)], "");
        }
    }
}
