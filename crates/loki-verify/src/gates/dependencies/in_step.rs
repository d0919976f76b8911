//! Locks that do not hold what manifests ask for.

use loki_model::Severity;
use serde_json::Value;

use super::package::{Declared, Ecosystem, line_of, lock_for, newly_declared};
use super::{locks, version, weighing};
use crate::delta::FileDelta;
use crate::gates::rule::{Found, Rule};
use crate::kind::Kind;
use crate::layout::{file_name, parent};
use crate::settings::{self, object};
use crate::sides::Sides;

/// A lock is not in step.
pub(super) const RULE: Rule = Rule {
    id: "dependencies/lock-not-in-step",
    severity: Severity::Error,
    what: "The lock does not hold what the manifest asks for.",
    why: "Everybody who installs gets something else, or nothing.",
    example: "+    \"left-pad\": \"^1.3.0\"   (package.json; package-lock.json unchanged)",
    fix: "Run the package manager and commit its lock.",
    look: |cx, delta, found| look(&Sides::of(cx, delta), found),
};

fn look(sides: &Sides<'_>, found: &mut Found) {
    for file in sides.delta.of(Kind::Manifest).filter(|file| file.after.is_some()) {
        let new = newly_declared(file);
        let Some(ecosystem) = new.first().map(|(now, _)| now.ecosystem) else {
            removed(sides, file, found);
            continue;
        };
        let Some(path) = lock_for(sides, ecosystem, &file.path) else { continue };
        let Some(text) = sides.after(&path) else { continue };
        let held = locks::locked(&path, &text);
        // A lock that does not read says nothing; one that holds nothing lacks what is new.
        if held.is_empty() && !text.trim().is_empty() && !locks::is_lock(&path, &text) {
            continue;
        }
        for (now, then) in &new {
            let versions: Vec<&str> = held
                .iter()
                .filter(|one| one.name == now.name)
                .map(|one| one.version.as_str())
                .collect();
            let line = line_of(file, &now.name);
            if versions.is_empty() && now.is_locked && !is_local(sides, now, &file.path) {
                let message = format!("`{}` is declared and `{path}` does not hold it", now.name);
                let is_new = then.is_none();
                let severity = if is_new { Severity::Error } else { Severity::Warning };
                found.add(weighing(RULE.at(&file.path, line, message), severity));
            } else if !versions.is_empty() && !versions.iter().any(|held| satisfies(now, held)) {
                let message = format!(
                    "`{}` is asked for as `{}` and `{path}` holds {}",
                    now.name,
                    now.spec,
                    versions.join(", ")
                );
                found.add(weighing(RULE.at(&file.path, line, message), Severity::Warning));
            }
        }
        removed(sides, file, found);
    }
}

/// Whether a dependency is a package of the repository itself.
fn is_local(sides: &Sides<'_>, now: &Declared, manifest: &str) -> bool {
    let spec = now.spec.as_str();
    let is_marked =
        ["workspace:", "file:", "link:", "portal:", "path:"].iter().any(|m| spec.starts_with(m));
    let is_table = spec == "workspace";
    // What a workspace only offers to its members is locked when one takes it.
    let is_offered = now.ecosystem == Ecosystem::Cargo
        && sides.after(manifest).is_some_and(|text| text.contains("[workspace.dependencies"));
    is_marked || is_table || is_offered
}

/// Whether a held version can be what is asked for, as far as that is plain.
fn satisfies(now: &Declared, held: &str) -> bool {
    match now.ecosystem {
        Ecosystem::Cargo => match semver::VersionReq::parse(&now.spec) {
            Ok(range) => semver::Version::parse(held).map_or(true, |held| range.matches(&held)),
            Err(_) => true,
        },
        Ecosystem::Go => {
            version::compare(Ecosystem::Go, held, &now.spec).is_none_or(|order| order.is_ge())
        }
        Ecosystem::PyPi => {
            match now.spec.strip_prefix("==").filter(|spec| !spec.contains(['*', ','])) {
                Some(exact) => {
                    version::compare(Ecosystem::PyPi, held, exact).is_none_or(|order| order.is_eq())
                }
                None => true,
            }
        }
        Ecosystem::Npm => {
            let spec = now.spec.as_str();
            let exact = spec.chars().next().is_some_and(|c| c.is_ascii_digit())
                && semver::Version::parse(spec).is_ok();
            let simple = spec.strip_prefix('^').or_else(|| spec.strip_prefix('~'));
            match (exact, simple) {
                (true, _) => held == spec,
                (false, Some(lowest)) if !spec.contains([' ', '|']) => {
                    let range = semver::VersionReq::parse(&format!("{}{lowest}", &spec[..1]));
                    let held = semver::Version::parse(held);
                    // npm and cargo read these two signs alike from three numbers on.
                    lowest.matches('.').count() != 2
                        || !matches!((range, held), (Ok(range), Ok(held)) if held.pre.is_empty() && !range.matches(&held))
                }
                _ => true,
            }
        }
        _ => true,
    }
}

/// A lock of npm repeats what each manifest asks for: a copy that is stale gives the lock away.
fn removed(sides: &Sides<'_>, file: &FileDelta, found: &mut Found) {
    if file_name(&file.path) != "package.json" {
        return;
    }
    let Some(path) = lock_for(sides, Ecosystem::Npm, &file.path) else { return };
    if !path.ends_with("package-lock.json") {
        return;
    }
    let (Some(lock), Some(manifest)) = (
        sides.after(&path).and_then(|text| settings::json(&text).ok()),
        file.after.as_deref().and_then(|text| settings::json(text).ok()),
    ) else {
        return;
    };
    let key =
        parent(&file.path).strip_prefix(parent(&path)).unwrap_or_default().trim_start_matches('/');
    let Some(copy) = lock.get("packages").and_then(|packages| packages.get(key)) else { return };
    for part in ["dependencies", "devDependencies"] {
        let (asked, known) = (object(&manifest, &[part]), object(copy, &[part]));
        let stale = known.iter().find(|(name, spec)| asked.get(*name) != Some(spec));
        let text =
            |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("nothing").to_owned();
        if let Some((name, spec)) = stale {
            let message = format!(
                "`{path}` still asks for `{name}` as `{}`, the manifest for `{}`",
                text(Some(spec)),
                text(asked.get(name))
            );
            found.add(weighing(
                RULE.at(&file.path, line_of(file, name), message),
                Severity::Warning,
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sides::testing::{Files, check};

    const LOCK: (&str, &str) = (
        "package-lock.json",
        "{\"packages\": {\"\": {\"dependencies\": {\"a\": \"^1.0.0\"}}, \"node_modules/a\": {\"version\": \"1.2.0\"}}}",
    );
    const BASE: Files<'_> = &[("package.json", "{\"dependencies\": {\"a\": \"^1.0.0\"}}"), LOCK];

    #[test]
    fn a_lock_that_lacks_something_is_told() {
        let more =
            [("package.json", "{\"dependencies\": {\"a\": \"^1.0.0\", \"b\": \"^2.0.0\"}}"), LOCK];
        check(look, BASE, &more, "error lock-not-in-step package.json:1");
        let newer = [("package.json", "{\"dependencies\": {\"a\": \"^2.0.0\"}}"), LOCK];
        check(
            look,
            BASE,
            &newer,
            "warning lock-not-in-step package.json:1\nwarning lock-not-in-step package.json:1",
        );
        let gone = [("package.json", "{\"dependencies\": {}}"), LOCK];
        check(look, BASE, &gone, "warning lock-not-in-step package.json:1");
        let empty = ("package.json", "{\"dependencies\": {}}");
        let first = ("package.json", "{\"dependencies\": {\"a\": \"^1.0.0\"}}");
        for lock in [
            (
                "package-lock.json",
                "{\"lockfileVersion\": 3, \"packages\": {\"\": {\"name\": \"x\"}}}",
            ),
            ("pnpm-lock.yaml", "lockfileVersion: '9.0'\nimporters:\n  .: {}\npackages: {}\n"),
            ("yarn.lock", "# THIS IS AN AUTOGENERATED FILE.\n# yarn lockfile v1\n\n\n"),
        ] {
            let expected = "error lock-not-in-step package.json:1";
            check(look, &[empty, lock], &[first, lock], expected);
        }
        let root = ("package.json", "{\"workspaces\": [\"lib\"]}");
        let lock = ("package-lock.json", "{\"lockfileVersion\": 3, \"packages\": {\"\": {}}}");
        let member = ("lib/package.json", "{\"dependencies\": {\"a\": \"^1.0.0\"}}");
        let expected = "error lock-not-in-step lib/package.json:1";
        check(look, &[root, lock], &[root, lock, member], expected);
        let unreadable = ("package-lock.json", "<<<<<<< ours\n");
        check(look, &[empty, unreadable], &[first, unreadable], "");
        let cargo = ("Cargo.lock", "[[package]]\nname = 'a'\nversion = '1.0.0'\n");
        let old = [("Cargo.toml", "[dependencies]\n"), cargo];
        let new = [("Cargo.toml", "[dependencies]\nb = '1'\n"), cargo];
        check(look, &old, &new, "error lock-not-in-step Cargo.toml:2");
    }

    #[test]
    fn locks_in_step_and_projects_without_one_are_fine() {
        let lock = LOCK
            .1
            .replace("{\"a\": \"^1.0.0\"}", "{\"a\": \"^1.0.0\", \"b\": \"2\"}")
            .replace("1.2.0\"}}", "1.2.0\"}, \"node_modules/b\": {\"version\": \"2.0.1\"}}");
        let more = [
            ("package.json", "{\"dependencies\": {\"a\": \"^1.0.0\", \"b\": \"2\"}}"),
            ("package-lock.json", lock.as_str()),
        ];
        check(look, BASE, &more, "");
        check(look, &[], &[("package.json", "{\"dependencies\": {\"b\": \"2\"}}")], "");
        let example = ("examples/a/package.json", "{\"dependencies\": {\"b\": \"2\"}}");
        check(look, BASE, &[BASE[0], LOCK, example], "");
        let version = [
            ("package.json", "{\"version\": \"2.0.0\", \"dependencies\": {\"a\": \"^1.0.0\"}}"),
            LOCK,
        ];
        check(look, BASE, &version, "");
        let peers = [
            (
                "package.json",
                "{\"dependencies\": {\"a\": \"^1.0.0\"}, \"peerDependencies\": {\"react\": \"*\"}}",
            ),
            LOCK,
        ];
        check(look, BASE, &peers, "");
    }
}
