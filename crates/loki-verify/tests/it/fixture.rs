//! A repository in a temporary directory, a change to it, and a judgement.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use loki_host::git::Repo;
use loki_host::process::{Cancel, find_on_path};
use loki_model::{
    CommitId, Digest, Finding, GateId, GateReport, Policy, Role, Spec, Timestamp, TreeId,
};
use loki_verify::{Answer, Claim, Config, Keep, Subject, judge};
use tempfile::TempDir;

/// Set to make a missing tool an error.
const REQUIRE: &str = "LOKI_TEST_REQUIRE_TOOLS";

/// A repository whose base is committed.
pub(crate) struct Fixture {
    pub(crate) dir: TempDir,
    pub(crate) repo: Repo,
    pub(crate) base: TreeId,
    pub(crate) kept: Kept,
    pub(crate) limit: Duration,
    /// Base and head of the branch, where its commits are to be looked at.
    pub(crate) history: Option<(CommitId, CommitId)>,
    claim: Claim,
    messages: Vec<String>,
    spec: Option<Spec>,
}

/// Remembers what was kept.
#[derive(Default)]
pub(crate) struct Kept(pub(crate) Mutex<Vec<Vec<u8>>>);

impl Keep for Kept {
    fn keep(&self, bytes: &[u8]) -> Digest {
        self.0.lock().unwrap().push(bytes.to_vec());
        Digest::of(bytes)
    }
}

/// Files by path and content.
pub(crate) type Files<'a> = &'a [(&'a str, &'a str)];

impl Fixture {
    /// A repository that holds `files`.
    pub(crate) fn new(files: Files<'_>) -> Fixture {
        Fixture::within(tempfile::tempdir().unwrap(), files)
    }

    /// The same in no place for temporary files, of which a sandbox has its own. Cargo needs a `[workspace]` there.
    pub(crate) fn at_home(files: Files<'_>) -> Fixture {
        Fixture::within(TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap(), files)
    }

    fn within(dir: TempDir, files: Files<'_>) -> Fixture {
        fs::create_dir_all(dir.path().join("project")).unwrap();
        let repo = Repo::init(&dir.path().join("project")).unwrap();
        write(repo.root(), files);
        let base = repo.snapshot(repo.root()).unwrap();
        Fixture {
            dir,
            repo,
            base,
            kept: Kept::default(),
            limit: Duration::from_secs(120),
            history: None,
            claim: Claim::Unknown,
            messages: Vec::new(),
            spec: None,
        }
    }

    /// The same with what the change is said to do.
    pub(crate) fn claiming(mut self, claim: Claim) -> Fixture {
        self.claim = claim;
        self
    }

    /// The same with a message of the change.
    pub(crate) fn saying(mut self, message: &str) -> Fixture {
        self.messages.push(message.to_owned());
        self
    }

    /// The same with what was asked for.
    pub(crate) fn asked(mut self, text: &str) -> Fixture {
        self.spec = Some(Spec::of("task.md", "a task", text));
        self
    }

    /// The same with a spec that was read.
    pub(crate) fn asking(mut self, spec: Spec) -> Fixture {
        self.spec = Some(spec);
        self
    }

    /// The same with a limit on the time of each command.
    pub(crate) fn limit(mut self, seconds: u64) -> Fixture {
        self.limit = Duration::from_secs(seconds);
        self
    }

    /// Where the user's installed dependencies are.
    pub(crate) fn reuse(&self) -> PathBuf {
        let reuse = self.dir.path().join("reuse");
        fs::create_dir_all(&reuse).unwrap();
        reuse
    }

    /// Where clean copies are made.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.dir.path().join("scratch")
    }

    /// Gives the project the development environment of this repository as its own.
    pub(crate) fn with_venv(self) -> Fixture {
        std::os::unix::fs::symlink(venv().unwrap(), self.reuse().join(".venv")).unwrap();
        self
    }

    /// Gives the project the packages of node that are installed for this repository's tests.
    pub(crate) fn with_node_modules(self) -> Fixture {
        let link = self.reuse().join("node_modules");
        std::os::unix::fs::symlink(node_modules().unwrap(), link).unwrap();
        self
    }

    /// Writes `files` and makes a tree of the result.
    pub(crate) fn change(&self, files: Files<'_>) -> (TreeId, CommitId) {
        write(self.repo.root(), files);
        let tree = self.repo.snapshot(self.repo.root()).unwrap();
        let commit = self.repo.commit_tree(&tree, &[], "a change").unwrap();
        (tree, commit)
    }

    /// The settings of the base, and what is wrong with them.
    pub(crate) fn config(&self) -> (Config, Vec<Finding>) {
        Config::at_base(&self.repo, &self.base, Timestamp(0))
    }

    /// Judges a change of `files` under the settings of the base, by one gate.
    pub(crate) fn judge(&self, gate: &str, files: Files<'_>) -> GateReport {
        let (mut config, _) = self.config();
        config.policy = Policy::new(&[(gate, Role::Required)]);
        config.command_limit = self.limit;
        let mut reports = self.judge_with(&config, files);
        assert_eq!(reports.len(), 1);
        let report = reports.pop().unwrap();
        assert_eq!(report.gate(), &GateId::from(gate));
        report
    }

    /// Judges a change of `files` under `config`; the clean copy has to be gone afterwards.
    pub(crate) fn judge_with(&self, config: &Config, files: Files<'_>) -> Vec<GateReport> {
        let (tree, commit) = self.change(files);
        self.judge_tree(config, &tree, &commit)
    }

    /// Judges a tree that was made another way.
    pub(crate) fn judge_tree(
        &self,
        config: &Config,
        tree: &TreeId,
        commit: &CommitId,
    ) -> Vec<GateReport> {
        self.answer(config, tree, commit).reports
    }

    /// The whole answer about a tree that was made another way.
    pub(crate) fn answer(&self, config: &Config, tree: &TreeId, commit: &CommitId) -> Answer {
        let (scratch, reuse) = (self.scratch(), self.reuse());
        let subject = Subject {
            repo: &self.repo,
            base: &self.base,
            tree,
            tree_commit: commit,
            files: None,
            scratch: &scratch,
            history: self.history.as_ref().map(|(base, head)| (base, head)),
            reuse: Some(&reuse),
            jobs: loki_host::machine::cpus(),
            claim: self.claim,
            messages: &self.messages,
            spec: self.spec.as_ref(),
            memory: None,
        };
        let cancel = Cancel::new().unwrap();
        let mut heard = Vec::new();
        let answer = judge(&subject, config, &self.kept, &cancel, &mut |report| {
            heard.push(report.gate().clone());
        })
        .unwrap();
        assert_eq!(heard.len(), answer.reports.len());
        assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0, "the copy was left behind");
        let admin = self.repo.common_dir().join("worktrees");
        let left = fs::read_dir(admin).map_or(0, |entries| entries.count());
        assert_eq!(left, 0, "git still knows of the copy");
        answer
    }
}

/// Judges one change by one gate.
pub(crate) fn judged(gate: &str, base: Files<'_>, change: Files<'_>) -> String {
    shown(&Fixture::new(base).judge(gate, change))
}

/// A report as text: judgement and summary, then a line for each finding.
pub(crate) fn shown(report: &GateReport) -> String {
    let mut text = format!("{}: {}\n", report.judgement().label(), report.summary());
    for finding in report.findings() {
        let place = finding.location.as_ref().map_or("-".to_owned(), ToString::to_string);
        text += &format!("{} {place} {}\n", finding.rule, finding.message);
    }
    text
}

/// Whether a tool is there. Says so when it is not, and fails when tools are required.
pub(crate) fn has(tool: &str) -> bool {
    let found = finds(tool);
    assert!(found || std::env::var_os(REQUIRE).is_none(), "{tool} is required and missing");
    found
}

/// Whether a tool is there that not every machine has to have. Says so when it is not.
pub(crate) fn finds(tool: &str) -> bool {
    let found = match tool {
        "pytest" => venv().is_some_and(|venv| venv.join("bin/pytest").exists()),
        "jest" | "vitest" | "mocha" | "tsc" => {
            node_modules().is_some_and(|modules| modules.join(".bin").join(tool).exists())
        }
        other => find_on_path(other.as_ref()).is_some(),
    };
    if !found {
        eprintln!("SKIPPED: {tool} is missing");
    }
    found
}

/// The development environment of this repository.
fn venv() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/venv");
    root.canonicalize().ok()
}

/// Packages of node for the tests of this repository.
fn node_modules() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/node_modules");
    root.canonicalize().ok()
}

/// Writes files; an empty content deletes.
fn write(root: &Path, files: Files<'_>) {
    for (path, content) in files {
        let path = root.join(path);
        if content.is_empty() && path.exists() {
            fs::remove_file(path).unwrap();
            continue;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}
