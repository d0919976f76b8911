//! What manifests declare.

use std::sync::LazyLock;

use quick_xml::events::Event;
use regex::Regex;
use serde_json::Value;

use super::package::{Declared, Ecosystem};
use crate::layout::file_name;
use crate::settings::{self, at, list, object};

/// Dependencies that are read of one manifest.
const DECLARED_MAX: usize = 5_000;

/// Elements within elements of XML; deeper ones are not named.
const DEPTH_MAX: usize = 64;

/// What a manifest declares; nothing for one that does not read.
pub(super) fn declared(ecosystem: Ecosystem, path: &str, text: &str) -> Vec<Declared> {
    let mut found = match ecosystem {
        Ecosystem::Npm => npm(text),
        Ecosystem::Cargo => cargo(text),
        Ecosystem::PyPi if path.ends_with(".toml") => pyproject(text),
        Ecosystem::PyPi if file_name(path) == "Pipfile" => pipfile(text),
        Ecosystem::PyPi => requirements(text),
        Ecosystem::Go => go(text),
        Ecosystem::Maven => maven(text),
        Ecosystem::Ruby => ruby(text),
        Ecosystem::Composer => composer(text),
    };
    found.truncate(DECLARED_MAX);
    found
}

fn new(ecosystem: Ecosystem, name: &str, spec: impl Into<String>, is_locked: bool) -> Declared {
    Declared { ecosystem, name: ecosystem.normalised(name), spec: spec.into(), is_locked }
}

fn npm(text: &str) -> Vec<Declared> {
    let Ok(value) = settings::json(text) else { return Vec::new() };
    let parts = [
        ("dependencies", true),
        ("devDependencies", true),
        ("optionalDependencies", false),
        ("peerDependencies", false),
    ];
    let mut found = Vec::new();
    for (key, is_locked) in parts {
        for (name, spec) in object(&value, &[key]) {
            let spec = spec.as_str().unwrap_or_default();
            // `alias: npm:name@range`
            let aliased = spec.strip_prefix("npm:").and_then(|rest| rest.rsplit_once('@'));
            let (name, spec) = match aliased {
                Some((real, range)) if !real.is_empty() => (real, range),
                _ => (name.as_str(), spec),
            };
            found.push(new(Ecosystem::Npm, name, spec, is_locked));
        }
    }
    found
}

fn cargo(text: &str) -> Vec<Declared> {
    let Ok(value) = settings::toml(text) else { return Vec::new() };
    let mut found = Vec::new();
    let mut tables: Vec<&Value> = vec![&value];
    tables.extend(value.get("workspace"));
    tables.extend(object(&value, &["target"]).values());
    for table in tables {
        for key in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (name, spec) in object(table, &[key]) {
                found.push(cargo_one(name, spec));
            }
        }
    }
    found
}

fn cargo_one(name: &str, spec: &Value) -> Declared {
    let text = |key: &str| spec.get(key).and_then(Value::as_str);
    let real = text("package").unwrap_or(name);
    let asked = match (spec.as_str(), text("git"), text("path"), text("version")) {
        (Some(range), ..) => range.to_owned(),
        (_, Some(address), ..) => {
            let pinned = text("rev").map(|rev| format!("#{rev}")).unwrap_or_default();
            format!("git+{address}{pinned}")
        }
        (.., Some(path), _) => format!("path:{path}"),
        (.., Some(range)) => range.to_owned(),
        _ => "workspace".to_owned(),
    };
    // What a workspace declares is in the lock only when somebody uses it.
    let is_locked = asked != "workspace";
    new(Ecosystem::Cargo, real, asked, is_locked)
}

static REQUIREMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(@\s*\S+|[^;#]*)").ok()
});

/// One line of the form of PEP 508.
fn requirement(line: &str, is_locked: bool) -> Option<Declared> {
    let found = REQUIREMENT.as_ref()?.captures(line.trim())?;
    let spec = found.get(2).map_or("", |spec| spec.as_str());
    let spec = spec.split(" --hash").next().unwrap_or(spec).trim().trim_end_matches('\\').trim();
    Some(new(Ecosystem::PyPi, found.get(1)?.as_str(), spec, is_locked))
}

fn requirements(text: &str) -> Vec<Declared> {
    let mut found = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let editable = line.strip_prefix("-e ").or_else(|| line.strip_prefix("--editable "));
        match editable.or_else(|| {
            Some(line).filter(|line| line.contains("+http") || line.starts_with("http"))
        }) {
            Some(address) if !address.contains(" @ ") => {
                let name = address.rsplit_once("#egg=").map_or(address, |(_, egg)| egg);
                found.push(new(Ecosystem::PyPi, name, address, false));
            }
            _ if line.starts_with('-') => {}
            _ => found.extend(requirement(line, false)),
        }
    }
    found
}

fn pyproject(text: &str) -> Vec<Declared> {
    let Ok(value) = settings::toml(text) else { return Vec::new() };
    let mut lists = vec![at(&value, &["project", "dependencies"])];
    lists.extend(object(&value, &["project", "optional-dependencies"]).values().map(Some));
    lists.extend(object(&value, &["dependency-groups"]).values().map(Some));
    lists.push(at(&value, &["tool", "uv", "dev-dependencies"]));
    let mut found: Vec<Declared> = lists
        .into_iter()
        .filter(|part| part.is_some_and(Value::is_array))
        .flat_map(list)
        .filter_map(|line| requirement(&line, true))
        .collect();
    // Where uv is told to take it from.
    for (name, source) in object(&value, &["tool", "uv", "sources"]) {
        let text = |key: &str| source.get(key).and_then(Value::as_str);
        let place = match (text("git"), text("url"), text("path")) {
            (Some(git), ..) => {
                format!("git+{git}{}", text("rev").map(|r| format!("#{r}")).unwrap_or_default())
            }
            (_, Some(url), _) => url.to_owned(),
            (.., Some(path)) => format!("path:{path}"),
            _ => continue,
        };
        found.push(new(Ecosystem::PyPi, name, place, true));
    }
    let poetry = object(&value, &["tool", "poetry"]);
    let mut groups: Vec<&Value> =
        ["dependencies", "dev-dependencies"].iter().filter_map(|key| poetry.get(*key)).collect();
    let of_group = |group: &'_ Value| group.get("dependencies").cloned();
    let owned: Vec<Value> =
        object(&value, &["tool", "poetry", "group"]).values().filter_map(of_group).collect();
    groups.extend(owned.iter());
    for (name, spec) in groups.iter().flat_map(|group| object(group, &[])) {
        if name != "python" {
            found.push(new(Ecosystem::PyPi, name, table_spec(spec), true));
        }
    }
    found
}

/// What a table of poetry or pipenv asks for.
fn table_spec(spec: &Value) -> String {
    let text = |key: &str| spec.get(key).and_then(Value::as_str);
    match (spec.as_str(), text("git"), text("url"), text("path"), text("version")) {
        (Some(range), ..) => range.to_owned(),
        (_, Some(git), ..) => {
            let pinned =
                text("rev").or(text("ref")).map(|rev| format!("#{rev}")).unwrap_or_default();
            format!("git+{git}{pinned}")
        }
        (_, _, Some(url), ..) => url.to_owned(),
        (.., Some(path), _) => format!("path:{path}"),
        (.., version) => version.unwrap_or_default().to_owned(),
    }
}

fn pipfile(text: &str) -> Vec<Declared> {
    let Ok(value) = settings::toml(text) else { return Vec::new() };
    let parts = ["packages", "dev-packages"];
    let all = parts.iter().flat_map(|key| object(&value, &[key]));
    all.map(|(name, spec)| new(Ecosystem::PyPi, name, table_spec(spec), true)).collect()
}

fn go(text: &str) -> Vec<Declared> {
    let mut found = Vec::new();
    let mut replaced = Vec::new();
    let mut block = String::new();
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        if line == ")" {
            block.clear();
            continue;
        }
        if let Some(word) = line.strip_suffix('(') {
            word.trim().clone_into(&mut block);
            continue;
        }
        let (word, rest) = match block.is_empty() {
            false => (block.as_str(), line),
            true => line.split_once(' ').unwrap_or((line, "")),
        };
        let words: Vec<&str> = rest.split_whitespace().collect();
        match (word, words.as_slice()) {
            ("require", [name, version, ..]) => {
                found.push(new(Ecosystem::Go, name, *version, true));
            }
            ("replace", [name, .., "=>", place]) => {
                replaced.push((*name).to_owned());
                found.push(new(Ecosystem::Go, name, format!("path:{place}"), false));
            }
            ("replace", [name, .., "=>", other, version]) => {
                replaced.push((*name).to_owned());
                found.push(new(Ecosystem::Go, name, format!("git+{other}#{version}"), false));
            }
            _ => {}
        }
    }
    for one in &mut found {
        one.is_locked &= !replaced.contains(&one.name);
    }
    found
}

fn maven(text: &str) -> Vec<Declared> {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut found = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let (mut group, mut artifact, mut version) = (String::new(), String::new(), String::new());
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(start) if path.len() < DEPTH_MAX => {
                path.push(start.local_name().as_ref().to_owned());
            }
            Event::Text(text) => {
                let is_own = path.iter().rev().nth(1).is_some_and(|around| around == "dependency");
                let text = text.trim().to_owned();
                match path.last().map(String::as_str).filter(|_| is_own) {
                    Some("groupId") => group = text,
                    Some("artifactId") => artifact = text,
                    Some("version") => version = text,
                    _ => {}
                }
            }
            Event::End(_) if path.pop().as_deref() == Some("dependency") => {
                let name = format!("{group}:{artifact}");
                found.push(new(Ecosystem::Maven, &name, std::mem::take(&mut version), false));
                (group, artifact) = Default::default();
            }
            Event::Eof => break,
            _ => {}
        }
        if found.len() >= DECLARED_MAX {
            break;
        }
    }
    found
}

static GEM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"^\s*gem\s+["']([A-Za-z0-9._-]+)["']\s*(?:,\s*["']([^"']*)["'])?(.*)"#).ok()
});

fn ruby(text: &str) -> Vec<Declared> {
    let Some(pattern) = GEM.as_ref() else { return Vec::new() };
    let gem = |line: &str| {
        let found = pattern.captures(line)?;
        let rest = found.get(3).map_or("", |rest| rest.as_str());
        let place = |key: &str| {
            let (_, after) = rest.split_once(key)?;
            after.split(['"', '\'']).nth(1).map(str::to_owned)
        };
        let spec = place("git:").or_else(|| place("github:")).map(|git| format!("git+{git}"));
        let spec = spec.or_else(|| place("path:").map(|path| format!("path:{path}")));
        let range = found.get(2).map_or("", |range| range.as_str()).to_owned();
        Some(new(Ecosystem::Ruby, found.get(1)?.as_str(), spec.unwrap_or(range), true))
    };
    text.lines().filter_map(gem).collect()
}

fn composer(text: &str) -> Vec<Declared> {
    let Ok(value) = settings::json(text) else { return Vec::new() };
    let all = ["require", "require-dev"].into_iter().flat_map(|key| object(&value, &[key]));
    all.filter(|(name, _)| name.contains('/'))
        .map(|(name, spec)| new(Ecosystem::Composer, name, spec.as_str().unwrap_or_default(), true))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(path: &str, text: &str) -> String {
        let ecosystem = super::super::package::manifest_of(path).unwrap();
        let shown = |one: Declared| format!("{} {}", one.name, one.spec).trim().to_owned();
        declared(ecosystem, path, text).into_iter().map(shown).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn every_manifest_says_what_it_needs() {
        for (path, text, expected) in [
            (
                "package.json",
                "{\"dependencies\": {\"a\": \"^1\", \"b\": \"npm:c@2\"}}",
                "a ^1, c 2",
            ),
            (
                "Cargo.toml",
                "[dependencies]\na = '1'\nb = { package = 'c', git = 'https://x/y', rev = 'f' }\n[target.'cfg(unix)'.dependencies]\nd = { path = '../d' }\n",
                "a 1, c git+https://x/y#f, d path:../d",
            ),
            (
                "requirements.txt",
                "A_b==1.0 --hash=sha256:0\n# no\n-r other.txt\nc[x]>=2 ; python_version > '3'\ngit+https://x/y#egg=z\n",
                "a-b ==1.0, c >=2, z git+https://x/y#egg=z",
            ),
            (
                "pyproject.toml",
                "[project]\ndependencies = ['a>=1', 'b @ https://x/b.whl']\n[tool.poetry.dependencies]\npython = '^3'\nc = { version = '^2' }\n",
                "a >=1, b @ https://x/b.whl, c ^2",
            ),
            (
                "go.mod",
                "module m\nrequire (\n\tx/a v1.0.0\n\tx/b v2.0.0 // indirect\n)\nreplace x/a => ./a\n",
                "x/a v1.0.0, x/b v2.0.0, x/a path:./a",
            ),
            (
                "pom.xml",
                "<project><dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>1</version></dependency></dependencies></project>",
                "g:a 1",
            ),
            (
                "Gemfile",
                "source 'x'\ngem \"a\", \"~> 1.0\"\ngem 'b', git: 'https://x/b'\n",
                "a ~> 1.0, b git+https://x/b",
            ),
            ("composer.json", "{\"require\": {\"php\": \">=8\", \"a/b\": \"^1\"}}", "a/b ^1"),
            ("Pipfile", "[packages]\na = '*'\n", "a *"),
        ] {
            assert_eq!(read(path, text), expected, "{path}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "([<>{}\\[\\]():=@\"'\n ]|gem|require|dependency|a|\\PC){0,80}") {
            for path in ["package.json", "Cargo.toml", "requirements.txt", "pyproject.toml", "go.mod", "pom.xml", "Gemfile", "composer.json", "Pipfile"] {
                let _ = read(path, &text);
            }
        }
    }
}
