//! What was judged before, by what was asked: an unchanged question is answered at once.
//!
//! Owns the key, which holds everything that a judgement follows from as far as it can be seen, and the
//! files that hold the answers. Refuses to remember what another try could answer otherwise: what was
//! not concluded, and what was flaky.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use loki_host::process::find_in;
use loki_model::{Digest, GateId, Judgement};

use crate::copy::submodules;
use crate::ecosystem::Ecosystem;
use crate::gates::dependencies;
use crate::layout::{Layout, join};
use crate::publish::write_whole;
use crate::shims;
use crate::{Answer, Config, Subject, advisories};

/// Answers that are kept; the oldest go first.
const ANSWERS_MAX: usize = 256;

/// A larger answer is not kept.
const ANSWER_BYTES_MAX: u64 = 16 << 20;

/// Programs whose replacement makes every answer stale.
const TOOLS: &[&str] = &[
    "git",
    "python3",
    "pytest",
    "node",
    "npm",
    "npx",
    "bun",
    "pnpm",
    "yarn",
    "cargo",
    "rustc",
    "go",
    "java",
    "mvn",
    "gradle",
    "dotnet",
    "ruby",
    "bundle",
    "rspec",
    "php",
    "phpunit",
    "make",
    "just",
    "cmake",
    "sh",
    "bash",
    "bats",
    "tsc",
    "ruff",
    "mypy",
    "pyright",
    "eslint",
    "shellcheck",
    "flake8",
    "pylint",
    "biome",
    "cargo-clippy",
    "staticcheck",
    "golangci-lint",
    "rubocop",
    "phpstan",
];

/// Variables that decide what commands of a project do and that are not taken from them.
const VARIABLES: &[&str] = &[
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "VIRTUAL_ENV",
    "PYENV_VERSION",
    "RBENV_VERSION",
    "NODENV_VERSION",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "RUSTFLAGS",
    "GOFLAGS",
    "GOPATH",
    "JAVA_HOME",
    "NODE_PATH",
    "GEM_HOME",
    "GEM_PATH",
];

/// Where the answer to one question is, or would be.
pub(crate) struct Memory {
    path: PathBuf,
}

impl Memory {
    /// The place of the answer to this question; nothing when the caller keeps none.
    pub(crate) fn of(subject: &Subject<'_>, config: &Config, layout: &Layout) -> Option<Memory> {
        let directory = subject.memory?;
        let mut key = vec![
            env!("CARGO_PKG_VERSION").to_owned(),
            std::env::current_exe().ok().map(|path| seen(&path)).unwrap_or_default(),
            subject.base.to_string(),
            subject.tree.to_string(),
            format!("{:?}", subject.history),
            format!("{config:?}"),
            format!("{:?}", config.isolation.confinement()),
            format!("{:?} {:?}", subject.claim, subject.messages),
            subject.spec.map(|spec| spec.digest.to_string()).unwrap_or_default(),
        ];
        // With the versions that version managers choose.
        let path = shims::search_path(layout, subject.scratch);
        let found = TOOLS.iter().map(|tool| find_in(tool.as_ref(), &path));
        key.extend(found.map(|path| path.map(|path| seen(&path)).unwrap_or_default()));
        key.extend(VARIABLES.iter().map(|name| format!("{:?}", std::env::var_os(name))));
        key.extend(subject.reuse.iter().flat_map(|reuse| installed(reuse, layout)));
        key.extend(subject.reuse.iter().flat_map(|reuse| submodules::seen(reuse, layout)));
        key.push(known_vulnerabilities(subject, config));
        let digest = Digest::of(key.join("\0").as_bytes());
        Some(Memory { path: directory.join(format!("{}.json", digest.as_str())) })
    }

    /// What was answered before.
    pub(crate) fn recall(&self) -> Option<Answer> {
        let found = fs::symlink_metadata(&self.path).ok()?;
        if !found.is_file() || found.len() > ANSWER_BYTES_MAX {
            return None;
        }
        Answer::from_json(&fs::read(&self.path).ok()?).ok()
    }

    /// Keeps an answer that another try would repeat. A memory that can not be written is none.
    pub(crate) fn keep(&self, answer: &Answer) {
        let is_settled = answer.reports.iter().all(|report| {
            report.judgement() != Judgement::Inconclusive
                && report.findings().iter().all(|finding| finding.rule != "tests/flaky")
        });
        let Some(directory) = self.path.parent().filter(|_| is_settled) else { return };
        if fs::create_dir_all(directory).is_ok()
            && let Ok(bytes) = answer.to_json()
        {
            let _ = write_whole(&self.path, &bytes);
            forget_oldest(directory);
        }
    }
}

/// What tells one snapshot of advisories from another, where the change has files from which packages are looked
/// up in it: a newer one may know more about them. Nothing where there is none.
fn known_vulnerabilities(subject: &Subject<'_>, config: &Config) -> String {
    let counts = config.policy.roles.contains_key(&GateId::from(dependencies::ID));
    let Some(directory) = config.dependencies.snapshot().filter(|_| counts) else {
        return String::new();
    };
    let changes = subject.repo.diff(subject.base, subject.tree);
    let has_packages = changes
        .map_or(true, |all| all.iter().any(|change| Ecosystem::of_file(&change.path).is_some()));
    if has_packages { advisories::state(&directory) } else { String::new() }
}

/// What tells one version of a file from another without reading it.
fn seen(path: &Path) -> String {
    let Ok(meta) = fs::metadata(path) else { return format!("{} absent", path.display()) };
    let modified = meta.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    format!("{} {} {:?}", path.display(), meta.len(), modified)
}

/// What tells one state of the installed dependencies from another.
fn installed(reuse: &Path, layout: &Layout) -> Vec<String> {
    let mut found = Vec::new();
    for dir in layout.all_roots("package.json") {
        let modules = reuse.join(join(&dir, "node_modules"));
        found.push(seen(&modules));
        found.push(seen(&modules.join(".package-lock.json")));
    }
    let roots = ["pyproject.toml", "setup.py", "requirements.txt"];
    let roots = roots.iter().flat_map(|marker| layout.all_roots(marker)).chain([String::new()]);
    for dir in roots {
        for environment in crate::copy::PYTHON_ENVIRONMENTS {
            let environment = reuse.join(join(&dir, environment));
            found.push(seen(&environment.join("pyvenv.cfg")));
            let versions = fs::read_dir(environment.join("lib")).into_iter().flatten().flatten();
            let mut packages: Vec<String> =
                versions.map(|version| seen(&version.path().join("site-packages"))).collect();
            packages.sort();
            found.extend(packages);
        }
    }
    found
}

fn forget_oldest(directory: &Path) {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut answers: Vec<(std::time::SystemTime, PathBuf)> = entries
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    answers.sort();
    let spare = answers.len().saturating_sub(ANSWERS_MAX);
    for (_, path) in answers.into_iter().take(spare) {
        let _ = fs::remove_file(path);
    }
}
