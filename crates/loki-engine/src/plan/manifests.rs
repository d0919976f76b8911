//! What a repository depends on directly: what its manifests say, and nothing of lock files or of what
//! is installed in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Direct dependencies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependencies {
    /// The manifests that were read, from the root.
    pub manifests: Vec<String>,
    /// Names as the manifests have them.
    pub names: BTreeSet<String>,
    /// Those that stand for a service of others.
    pub services: BTreeSet<String>,
    /// Kinds of manifests: `npm`, `cargo`, …
    pub kinds: BTreeSet<String>,
}

/// Manifests are looked for so many directories down.
const DEPTH_MAX: usize = 3;
/// Most entries of directories that are looked at.
const ENTRIES_MAX: usize = 4_000;
const MANIFESTS_MAX: usize = 64;
const MANIFEST_BYTES_MAX: u64 = 1 << 20;

/// Directories of what others wrote or programs made.
const NOT_OURS: &[&str] = &[
    "node_modules",
    "vendor",
    "third_party",
    "third-party",
    "bower_components",
    "target",
    "dist",
    "build",
    "out",
    "venv",
    "env",
    "site-packages",
    "__pycache__",
    "Pods",
    "Carthage",
    "deps",
    "_build",
    "coverage",
    "testdata",
    "fixtures",
];

/// Beginnings of names of packages that talk with a service of others.
const SERVICES: &[&str] = &[
    "stripe",
    "@stripe/",
    "async-stripe",
    "twilio",
    "@sendgrid/",
    "sendgrid",
    "aws-sdk",
    "@aws-sdk/",
    "boto3",
    "botocore",
    "@google-cloud/",
    "google-cloud-",
    "cloud.google.com/",
    "@azure/",
    "azure-",
    "openai",
    "async-openai",
    "anthropic",
    "@anthropic-ai/",
    "auth0",
    "@auth0/",
    "passport",
    "next-auth",
    "authlib",
    "oauthlib",
    "oauth2",
    "openid-client",
    "firebase",
    "paypal",
    "@paypal/",
    "braintree",
    "plaid",
    "kafkajs",
    "confluent-kafka",
    "rdkafka",
    "amqplib",
    "pika",
    "lapin",
    "elasticsearch",
    "@elastic/",
    "@slack/",
    "slack-sdk",
    "discord.js",
    "discord.py",
    "serenity",
];

/// The direct dependencies of what is in `root`. What can not be read is left out.
pub fn direct_dependencies(root: &Path) -> Dependencies {
    let mut found = Dependencies::default();
    let mut entries = 0;
    let mut waiting: Vec<(PathBuf, usize)> = vec![(root.to_owned(), 0)];
    while let Some((directory, depth)) = waiting.pop() {
        let Ok(read) = fs::read_dir(&directory) else { continue };
        let mut names: Vec<_> = read.flatten().collect();
        entries += names.len();
        if entries > ENTRIES_MAX {
            break;
        }
        names.sort_by_key(fs::DirEntry::file_name);
        for entry in names {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                let ours = !name.starts_with('.') && !NOT_OURS.contains(&name.as_str());
                if ours && depth < DEPTH_MAX {
                    waiting.push((entry.path(), depth + 1));
                }
            } else if kind.is_file() && found.manifests.len() < MANIFESTS_MAX {
                take(root, &entry.path(), &name, &mut found);
            }
        }
    }
    found.manifests.sort();
    let is_service = |name: &&String| SERVICES.iter().any(|service| name.starts_with(service));
    found.services = found.names.iter().filter(is_service).cloned().collect();
    found
}

fn take(root: &Path, path: &Path, name: &str, found: &mut Dependencies) {
    type Reader = fn(&str) -> Vec<String>;
    let (kind, reader): (&str, Reader) = match name {
        "package.json" => ("npm", npm),
        "Cargo.toml" => ("cargo", cargo),
        "pyproject.toml" => ("python", pyproject),
        "requirements.txt" => ("python", requirements),
        "go.mod" => ("go", go),
        "Gemfile" => ("ruby", gemfile),
        "composer.json" => ("php", composer),
        "pom.xml" => ("jvm", pom),
        "build.gradle" | "build.gradle.kts" => ("jvm", gradle),
        _ if name.ends_with(".csproj") => (".net", csproj),
        _ => return,
    };
    if fs::metadata(path).map_or(true, |meta| meta.len() > MANIFEST_BYTES_MAX) {
        return;
    }
    let Ok(text) = fs::read_to_string(path) else { return };
    found.names.extend(reader(&text).into_iter().map(|name| name.to_lowercase()));
    found.kinds.insert(kind.to_owned());
    let shown = path.strip_prefix(root).unwrap_or(path);
    found.manifests.push(shown.to_string_lossy().into_owned());
}

fn keys(value: &Value) -> impl Iterator<Item = String> {
    value.as_object().into_iter().flat_map(|object| object.keys().cloned())
}

fn npm(text: &str) -> Vec<String> {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    let tables = ["dependencies", "peerDependencies", "optionalDependencies"];
    tables.iter().flat_map(|table| keys(&value[table])).collect()
}

fn composer(text: &str) -> Vec<String> {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    keys(&value["require"]).filter(|name| name != "php" && !name.starts_with("ext-")).collect()
}

fn toml_keys(value: Option<&toml::Value>) -> Vec<String> {
    let table = value.and_then(toml::Value::as_table);
    table.map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

fn cargo(text: &str) -> Vec<String> {
    let Ok(value) = toml::from_str::<toml::Table>(text) else { return Vec::new() };
    let mut names = toml_keys(value.get("dependencies"));
    names.extend(toml_keys(value.get("workspace").and_then(|w| w.get("dependencies"))));
    let targets = value.get("target").and_then(toml::Value::as_table);
    let targets = targets.into_iter().flat_map(toml::map::Map::values);
    names.extend(targets.flat_map(|target| toml_keys(target.get("dependencies"))));
    names
}

fn pyproject(text: &str) -> Vec<String> {
    let Ok(value) = toml::from_str::<toml::Table>(text) else { return Vec::new() };
    let listed = value.get("project").and_then(|project| project.get("dependencies"));
    let listed = listed.and_then(toml::Value::as_array).into_iter().flatten();
    let mut names: Vec<String> =
        listed.filter_map(|item| item.as_str()).filter_map(python_name).collect();
    let poetry = value.get("tool").and_then(|tool| tool.get("poetry"));
    names.extend(toml_keys(poetry.and_then(|poetry| poetry.get("dependencies"))));
    names.retain(|name| name != "python");
    names
}

fn requirements(text: &str) -> Vec<String> {
    text.lines().filter_map(python_name).collect()
}

/// `requests[socks] >= 2` is `requests`; options and comments are nothing.
fn python_name(line: &str) -> Option<String> {
    let line = line.trim();
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = line.find(|c: char| !is_part(c)).unwrap_or(line.len());
    let named = line.starts_with(|c: char| c.is_alphanumeric()) && !line[end..].starts_with(':');
    named.then(|| line[..end].to_owned())
}

fn go(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.contains("// indirect"));
    let named = lines.filter_map(|line| {
        let line = line.strip_prefix("require ").unwrap_or(line);
        let (name, version) = line.split_once(' ')?;
        (version.trim().starts_with('v') && name.contains('.')).then(|| name.to_owned())
    });
    named.collect()
}

fn gemfile(text: &str) -> Vec<String> {
    let gems = text.lines().filter_map(|line| line.trim().strip_prefix("gem "));
    gems.filter_map(|rest| rest.split(['"', '\'']).nth(1)).map(str::to_owned).collect()
}

fn pom(text: &str) -> Vec<String> {
    let blocks = text.split("<dependency>").skip(1);
    let named = blocks.filter_map(|block| {
        let block = block.split("</dependency>").next()?;
        let rest = block.split("<artifactId>").nth(1)?;
        Some(rest.split('<').next()?.trim().to_owned())
    });
    named.collect()
}

fn gradle(text: &str) -> Vec<String> {
    const USES: &[&str] = &["implementation", "api", "compileOnly", "runtimeOnly"];
    let lines =
        text.lines().map(str::trim).filter(|line| USES.iter().any(|uses| line.starts_with(uses)));
    let named = lines.filter_map(|line| {
        let quoted = line.split(['"', '\'']).nth(1)?;
        quoted.split(':').nth(1).map(str::to_owned)
    });
    named.collect()
}

fn csproj(text: &str) -> Vec<String> {
    let named = text.split("<PackageReference").skip(1).filter_map(|rest| {
        let rest = rest.split("Include=\"").nth(1)?;
        Some(rest.split('"').next()?.to_owned())
    });
    named.collect()
}
