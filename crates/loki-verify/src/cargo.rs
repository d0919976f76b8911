//! What cargo says about a build in its JSON messages.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::bench::{Command, Ran};
use crate::layout::{Layout, join};

mod workspaces;

pub(crate) use workspaces::Workspaces;

/// What helps when there is no cargo.
pub(crate) const NO_CARGO_FIX: &str = "install Rust from https://rustup.rs";

/// Compiler errors that are kept one by one: enough to be compared with those of another state, in which they
/// come in another order.
const ERRORS_MAX: usize = 1000;

/// Bytes kept of one compiler error.
const ERROR_BYTES_MAX: usize = 4 * 1024;

/// Messages of one build, read line by line.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    /// Test executables, in the order in which they were built: that differs from run to run.
    pub(crate) tests: Vec<TestExecutable>,
    /// Executables that packages build besides their tests: package id to name and path.
    pub(crate) programs: Vec<(String, String, String)>,
    /// Output directories of build scripts, by package id.
    pub(crate) out_dirs: BTreeMap<String, String>,
    /// Directories that build scripts told the linker to look in.
    pub(crate) linked_paths: Vec<String>,
    /// Whether a library was built whose examples are tests.
    pub(crate) has_doctests: bool,
    /// Whether something was built that is loaded at run time.
    pub(crate) has_dylibs: bool,
    /// What does not compile.
    pub(crate) errors: Vec<CompilerError>,
    /// How many things do not compile.
    pub(crate) errors_total: usize,
    /// Of those, how many outside of benchmarks.
    pub(crate) errors_that_count: usize,
}

/// One test executable.
#[derive(Debug)]
pub(crate) struct TestExecutable {
    /// Its package.
    pub(crate) package: Package,
    /// The target it was built from.
    pub(crate) name: String,
    /// What kind of target that is.
    pub(crate) kind: String,
    /// Where it is.
    pub(crate) path: PathBuf,
}

/// A package as cargo names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) manifest: PathBuf,
}

/// One compiler error.
#[derive(Debug)]
pub(crate) struct CompilerError {
    /// Its headline.
    pub(crate) message: String,
    /// As a person would see it.
    pub(crate) rendered: String,
    /// File and 1-based line, from the root of the workspace.
    pub(crate) place: Option<(String, u32)>,
    /// Whether only a benchmark does not compile; many need a nightly compiler.
    pub(crate) in_bench: bool,
}

#[derive(Deserialize)]
#[serde(tag = "reason")]
enum Message {
    #[serde(rename = "compiler-artifact")]
    Artifact(Artifact),
    #[serde(rename = "compiler-message")]
    Diagnostic { target: Target, message: Diagnostic },
    #[serde(rename = "build-script-executed")]
    BuildScript { package_id: String, out_dir: String, linked_paths: Vec<String> },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Artifact {
    package_id: String,
    manifest_path: PathBuf,
    target: Target,
    profile: Profile,
    executable: Option<String>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    #[serde(default)]
    crate_types: Vec<String>,
    name: String,
    #[serde(default)]
    doctest: bool,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

#[derive(Deserialize)]
struct Diagnostic {
    message: String,
    level: String,
    rendered: Option<String>,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    line_start: u32,
    is_primary: bool,
}

impl Messages {
    /// Takes one line.
    pub(crate) fn line(&mut self, line: &[u8]) {
        match serde_json::from_slice(line) {
            Ok(Message::Artifact(artifact)) => self.artifact(artifact),
            Ok(Message::Diagnostic { target, message }) if message.level == "error" => {
                self.error(&target, message);
            }
            Ok(Message::BuildScript { package_id, out_dir, linked_paths }) => {
                self.out_dirs.insert(package_id, out_dir);
                self.linked_paths.extend(linked_paths);
            }
            Ok(Message::Diagnostic { .. } | Message::Other) | Err(_) => {}
        }
    }

    fn artifact(&mut self, artifact: Artifact) {
        let Artifact { package_id, manifest_path, target, profile, executable } = artifact;
        self.has_dylibs |=
            target.crate_types.iter().any(|kind| kind == "dylib" || kind == "proc-macro");
        // Dependencies from a registry are built too; their examples are not this project's.
        self.has_doctests |= target.doctest && package_id.starts_with("path+");
        let Some(path) = executable else { return };
        if profile.test {
            let kind = target.kind.into_iter().next().unwrap_or_default();
            let package = package_of(package_id, manifest_path);
            self.tests.push(TestExecutable { package, name: target.name, kind, path: path.into() });
        } else {
            self.programs.push((package_id, target.name, path));
        }
    }

    fn error(&mut self, target: &Target, message: Diagnostic) {
        // Its last word says only how many there were.
        if message.spans.is_empty() && message.message.starts_with("aborting due to") {
            return;
        }
        let in_bench = target.kind.iter().any(|kind| kind == "bench");
        self.errors_total += 1;
        self.errors_that_count += usize::from(!in_bench);
        if self.errors.len() >= ERRORS_MAX {
            return;
        }
        let place = message.spans.into_iter().find(|span| span.is_primary);
        let rendered = crate::text::plain(&message.rendered.unwrap_or_default());
        self.errors.push(CompilerError {
            message: crate::text::one_line(&message.message, 300),
            rendered: crate::text::clip(&rendered, ERROR_BYTES_MAX),
            place: place.map(|span| (span.file_name, span.line_start)),
            in_bench,
        });
    }
}

/// Reads name and version out of a package id: `…/dir#0.1.0` or `…/dir#name@0.1.0`.
fn package_of(id: String, manifest: PathBuf) -> Package {
    let (path, rest) = id.rsplit_once('#').unwrap_or((&id, ""));
    let (name, version) = match rest.split_once('@') {
        Some((name, version)) => (name, version),
        None => (path.rsplit('/').next().unwrap_or_default(), rest),
    };
    let (name, version) = (name.to_owned(), version.to_owned());
    Package { id, name, version, manifest }
}

/// A cargo command in `dir` that is told to write its output into the copy. Every command is told to
/// stay offline by its environment.
pub(crate) fn command(
    copy: &std::path::Path,
    layout: &Layout,
    dir: &str,
    args: &[&str],
) -> Command {
    let locked = layout.has(&join(dir, "Cargo.lock")).then_some("--locked");
    Command::new("cargo", dir)
        .args(args.iter().copied().chain(locked))
        .env("CARGO_TARGET_DIR", copy.join("target"))
}

/// Why cargo could not even begin: a dependency is not on this machine. Nothing when it could.
pub(crate) fn missing_dependency(ran: &Ran, messages: &Messages) -> Option<String> {
    const SIGNS: &[&str] =
        &["offline mode", "--offline was specified", "net.offline", "CARGO_NET_OFFLINE"];
    let absent = messages.errors_total == 0
        && ran.exit_code() == Some(101)
        && SIGNS.iter().any(|sign| ran.stderr.contains(sign));
    absent.then(|| {
        "a dependency is not on this machine and none is downloaded while judging: run `cargo fetch`"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn packages_are_named_by_both_kinds_of_id() {
        let named = package_of("path+file:///x/dir#name@0.2.0".to_owned(), PathBuf::new());
        assert_eq!((named.name.as_str(), named.version.as_str()), ("name", "0.2.0"));
        let unnamed = package_of("path+file:///x/dir#0.1.0".to_owned(), PathBuf::new());
        assert_eq!((unnamed.name.as_str(), unnamed.version.as_str()), ("dir", "0.1.0"));
    }

    #[test]
    fn errors_have_a_place_and_benchmarks_count_apart() {
        let mut messages = Messages::default();
        for kind in ["lib", "bench"] {
            let line = serde_json::json!({"reason": "compiler-message", "package_id": "p",
                "target": {"kind": [kind], "name": "x"},
                "message": {"message": "mismatched types", "level": "error", "rendered": "error: …",
                    "spans": [{"file_name": "src/lib.rs", "line_start": 3, "is_primary": true}]}});
            messages.line(line.to_string().as_bytes());
        }
        assert_eq!((messages.errors_total, messages.errors_that_count), (2, 1));
        assert_eq!(messages.errors[0].place, Some(("src/lib.rs".to_owned(), 3)));
    }

    proptest! {
        #[test]
        fn any_line_is_read_without_panic(line in "\\PC{0,200}", id in "\\PC{0,40}") {
            Messages::default().line(line.as_bytes());
            let _ = package_of(id, PathBuf::new());
        }
    }
}
