//! What locks hold.

use serde_json::Value;

use super::package::Locked;
use crate::layout::file_name;
use crate::settings::{self, flag, object};

/// Packages that are read of one lock.
const LOCKED_MAX: usize = 50_000;

/// Locks of packages within locks of packages.
const DEPTH_MAX: usize = 30;

/// What a lock holds; nothing for one that does not read.
pub(super) fn locked(path: &str, text: &str) -> Vec<Locked> {
    let mut found = match file_name(path) {
        "package-lock.json" | "npm-shrinkwrap.json" => npm(text),
        "pnpm-lock.yaml" => pnpm(text),
        "yarn.lock" => yarn(text),
        "bun.lock" => bun(text),
        "Cargo.lock" => cargo(text),
        "uv.lock" | "poetry.lock" | "pdm.lock" => python(text),
        "Pipfile.lock" => pipfile(text),
        "go.sum" => go(text),
        "Gemfile.lock" => ruby(text),
        "composer.lock" => composer(text),
        _ => Vec::new(),
    };
    found.truncate(LOCKED_MAX);
    found
}

/// Whether a text is a lock, be it one that holds nothing: a lock says of which version it is, or where it keeps
/// what it holds.
pub(super) fn is_lock(path: &str, text: &str) -> bool {
    const KEYS: &[&str] = &[
        "lockfileVersion",
        "packages",
        "dependencies",
        "version",
        "package",
        "metadata",
        "_meta",
        "default",
    ];
    match file_name(path) {
        "go.sum" => true,
        "yarn.lock" => text.contains("# yarn lockfile") || text.contains("__metadata:"),
        "Gemfile.lock" => {
            text.lines().any(|line| matches!(line.trim_end(), "DEPENDENCIES" | "PLATFORMS"))
        }
        _ => {
            let read = settings::read(path, text).and_then(Result::ok);
            read.is_some_and(|value| KEYS.iter().any(|key| value.get(*key).is_some()))
        }
    }
}

fn text_of(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn npm(text: &str) -> Vec<Locked> {
    let Ok(value) = settings::json(text) else { return Vec::new() };
    let mut found = Vec::new();
    for (path, entry) in object(&value, &["packages"]) {
        let Some((_, name)) = path.rsplit_once("node_modules/") else { continue };
        found.push(npm_one(name, entry));
    }
    if found.is_empty() {
        npm_nested(&value, DEPTH_MAX, &mut found);
    }
    found
}

/// Locks of the first form: packages within packages.
fn npm_nested(value: &Value, depth: usize, found: &mut Vec<Locked>) {
    if depth == 0 || found.len() > LOCKED_MAX {
        return;
    }
    for (name, entry) in object(value, &["dependencies"]) {
        if entry.is_object() {
            found.push(npm_one(name, entry));
            npm_nested(entry, depth - 1, found);
        }
    }
}

fn npm_one(name: &str, entry: &Value) -> Locked {
    let is_link = flag(entry.get("link")) == Some(true);
    let real = text_of(entry, "name");
    Locked {
        name: if real.is_empty() { name.to_ascii_lowercase() } else { real.to_ascii_lowercase() },
        version: text_of(entry, "version"),
        source: if is_link { String::new() } else { text_of(entry, "resolved") },
        integrity: text_of(entry, "integrity"),
        has_script: flag(entry.get("hasInstallScript")) == Some(true),
        licence: text_of(entry, "license"),
    }
}

fn pnpm(text: &str) -> Vec<Locked> {
    let Ok(value) = settings::yaml(text) else { return Vec::new() };
    let mut found = Vec::new();
    for (key, entry) in object(&value, &["packages"]) {
        let key = key.trim_start_matches('/').split('(').next().unwrap_or_default();
        let Some(at) = key.rfind('@').filter(|at| *at > 0) else { continue };
        let resolution = entry.get("resolution").cloned().unwrap_or_default();
        found.push(Locked {
            name: key[..at].to_ascii_lowercase(),
            version: key[at + 1..].to_owned(),
            source: text_of(&resolution, "tarball"),
            integrity: text_of(&resolution, "integrity"),
            has_script: flag(entry.get("requiresBuild")) == Some(true),
            licence: String::new(),
        });
    }
    found
}

/// Both forms of yarn: a line of names, and indented lines about them.
fn yarn(text: &str) -> Vec<Locked> {
    let mut found: Vec<Locked> = Vec::new();
    for line in text.lines() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if !line.starts_with(' ') {
            let first = line.trim_end_matches(':').split(',').next().unwrap_or_default();
            let first = first.trim().trim_matches('"');
            let at = first.get(1..).and_then(|rest| rest.find('@')).map(|at| at + 1);
            let name = at.map_or(first, |at| &first[..at]).to_ascii_lowercase();
            found.push(Locked { name, ..Locked::default() });
            continue;
        }
        let (Some(last), true) =
            (found.last_mut(), line.starts_with("  ") && !line.starts_with("    "))
        else {
            continue;
        };
        let (key, value) = line.trim().split_once([' ', ':']).unwrap_or((line.trim(), ""));
        let value = value.trim_start_matches([' ', ':']).trim().trim_matches('"').to_owned();
        match key {
            "version" => last.version = value,
            "resolved" | "resolution" => last.source = value,
            "integrity" | "checksum" => last.integrity = value,
            _ => {}
        }
    }
    found.retain(|one| !one.version.is_empty() && one.name != "__metadata");
    found
}

fn bun(text: &str) -> Vec<Locked> {
    let Ok(value) = settings::json(text) else { return Vec::new() };
    let one = |entry: &Value| {
        let entry = entry.as_array()?;
        let named = entry.first()?.as_str()?;
        let at = named.rfind('@').filter(|at| *at > 0)?;
        let integrity = entry.last().and_then(Value::as_str).filter(|text| text.starts_with("sha"));
        Some(Locked {
            name: named[..at].to_ascii_lowercase(),
            version: named[at + 1..].to_owned(),
            source: entry.get(1).and_then(Value::as_str).unwrap_or_default().to_owned(),
            integrity: integrity.unwrap_or_default().to_owned(),
            ..Locked::default()
        })
    };
    object(&value, &["packages"]).values().filter_map(one).collect()
}

fn packages(value: &Value) -> impl Iterator<Item = &Value> {
    value.get("package").and_then(Value::as_array).into_iter().flatten()
}

fn cargo(text: &str) -> Vec<Locked> {
    let Ok(value) = settings::toml(text) else { return Vec::new() };
    let one = |entry: &Value| Locked {
        name: text_of(entry, "name"),
        version: text_of(entry, "version"),
        source: text_of(entry, "source"),
        integrity: text_of(entry, "checksum"),
        ..Locked::default()
    };
    packages(&value).map(one).collect()
}

fn python(text: &str) -> Vec<Locked> {
    let Ok(value) = settings::toml(text) else { return Vec::new() };
    let one = |entry: &Value| {
        let mut hashes: Vec<String> = ["files", "wheels"]
            .iter()
            .filter_map(|key| entry.get(*key)?.as_array())
            .flatten()
            .map(|file| text_of(file, "hash"))
            .collect();
        hashes.extend(entry.get("sdist").map(|file| text_of(file, "hash")));
        hashes.retain(|hash| !hash.is_empty());
        hashes.sort();
        let source = entry.get("source").cloned().unwrap_or_default();
        let place = ["url", "git", "registry"]
            .iter()
            .map(|key| text_of(&source, key))
            .find(|p| !p.is_empty());
        Locked {
            name: text_of(entry, "name").to_ascii_lowercase().replace(['_', '.'], "-"),
            version: text_of(entry, "version"),
            source: place.unwrap_or_default(),
            integrity: hashes.join(" "),
            ..Locked::default()
        }
    };
    packages(&value).map(one).collect()
}

fn pipfile(text: &str) -> Vec<Locked> {
    let Ok(value) = settings::json(text) else { return Vec::new() };
    let all = ["default", "develop"].into_iter().flat_map(|key| object(&value, &[key]));
    let one = |(name, entry): (&String, &Value)| Locked {
        name: name.to_ascii_lowercase().replace(['_', '.'], "-"),
        version: text_of(entry, "version").trim_start_matches('=').to_owned(),
        integrity: settings::list(entry.get("hashes")).join(" "),
        ..Locked::default()
    };
    all.map(one).collect()
}

fn go(text: &str) -> Vec<Locked> {
    let one = |line: &str| {
        let mut words = line.split_whitespace();
        let (name, version, sum) = (words.next()?, words.next()?, words.next()?);
        // A module of which only the requirements are needed has no other line.
        let (version, source) = match version.strip_suffix("/go.mod") {
            Some(version) => (version, "go.mod"),
            None => (version, ""),
        };
        Some(Locked {
            name: name.to_owned(),
            version: version.to_owned(),
            source: source.to_owned(),
            integrity: sum.to_owned(),
            ..Locked::default()
        })
    };
    text.lines().filter_map(one).collect()
}

fn ruby(text: &str) -> Vec<Locked> {
    let mut source = String::new();
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some(remote) = line.strip_prefix("  remote: ") {
            remote.trim().clone_into(&mut source);
        }
        let Some(spec) = line.strip_prefix("    ").filter(|spec| !spec.starts_with(' ')) else {
            continue;
        };
        if let Some((name, version)) = spec.split_once(" (") {
            found.push(Locked {
                name: name.to_ascii_lowercase(),
                version: version.trim_end_matches(')').to_owned(),
                source: source.clone(),
                ..Locked::default()
            });
        }
    }
    found
}

fn composer(text: &str) -> Vec<Locked> {
    let Ok(value) = settings::json(text) else { return Vec::new() };
    let parts = ["packages", "packages-dev"];
    let all = parts.iter().filter_map(|key| value.get(*key)?.as_array()).flatten();
    let one = |entry: &Value| {
        let dist = entry.get("dist").cloned().unwrap_or_default();
        Locked {
            name: text_of(entry, "name").to_ascii_lowercase(),
            version: text_of(entry, "version"),
            source: text_of(&dist, "url"),
            integrity: text_of(&dist, "shasum"),
            licence: settings::list(entry.get("license")).join(" OR "),
            ..Locked::default()
        }
    };
    all.map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_lock_says_what_it_holds() {
        for (path, text, expected) in [
            (
                "package-lock.json",
                "{\"packages\": {\"\": {}, \"node_modules/@a/b\": {\"version\": \"1.0.0\", \"integrity\": \"sha512-x\", \"hasInstallScript\": true}}}",
                "@a/b 1.0.0 sha512-x true",
            ),
            (
                "package-lock.json",
                "{\"dependencies\": {\"a\": {\"version\": \"1.0.0\", \"integrity\": \"i\"}}}",
                "a 1.0.0 i false",
            ),
            (
                "pnpm-lock.yaml",
                "packages:\n  '@a/b@1.0.0(c@2)':\n    resolution: {integrity: i}\n",
                "@a/b 1.0.0 i false",
            ),
            (
                "yarn.lock",
                "# x\n\"@a/b@^1\", \"@a/b@1\":\n  version \"1.0.0\"\n  integrity i\n  dependencies:\n    c \"2\"\n",
                "@a/b 1.0.0 i false",
            ),
            (
                "yarn.lock",
                "__metadata:\n  version: 8\n\n\"a@npm:^1\":\n  version: 1.0.0\n  checksum: i\n",
                "a 1.0.0 i false",
            ),
            (
                "bun.lock",
                "{\"packages\": {\"a\": [\"a@1.0.0\", \"\", {}, \"sha512-i\"],}}",
                "a 1.0.0 sha512-i false",
            ),
            (
                "Cargo.lock",
                "[[package]]\nname = 'a'\nversion = '1.0.0'\nchecksum = 'i'\n",
                "a 1.0.0 i false",
            ),
            (
                "uv.lock",
                "[[package]]\nname = 'A_b'\nversion = '1.0'\nsdist = { hash = 'i' }\n",
                "a-b 1.0 i false",
            ),
            ("go.sum", "x/a v1.0.0/go.mod h1:j\n", "x/a v1.0.0 h1:j false"),
            (
                "Gemfile.lock",
                "GEM\n  remote: https://rubygems.org/\n  specs:\n    a (1.0)\n      b (~> 2)\n",
                "a 1.0  false",
            ),
            (
                "composer.lock",
                "{\"packages\": [{\"name\": \"a/b\", \"version\": \"1.0\", \"dist\": {\"shasum\": \"i\"}}]}",
                "a/b 1.0 i false",
            ),
        ] {
            let shown = |one: Locked| {
                format!("{} {} {} {}", one.name, one.version, one.integrity, one.has_script)
            };
            let found: Vec<String> = locked(path, text).into_iter().map(shown).collect();
            assert_eq!(found, [expected], "{path}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "([{}\\[\\]():=@\"'\n -]|packages|version|a|\\PC){0,80}") {
            for path in ["package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "Cargo.lock", "uv.lock", "Pipfile.lock", "go.sum", "Gemfile.lock", "composer.lock"] {
                let _ = locked(path, &text);
            }
        }
    }
}
