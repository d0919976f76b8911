//! A temporary git repository with everything of one test around it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Variables that keep git away from the developer's own configuration.
pub(crate) const GIT_ENV: [(&str, &str); 7] = [
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_SYSTEM", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_AUTHOR_NAME", "Test"),
    ("GIT_AUTHOR_EMAIL", "test@localhost"),
    ("GIT_COMMITTER_NAME", "Test"),
    ("GIT_COMMITTER_EMAIL", "test@localhost"),
];
const COMMIT_DATE: &str = "2024-01-02T03:04:05+0000";

/// A repository in a temporary directory of its own, with a home and a `LOKI_HOME` beside it.
///
/// Commits made through it have fixed names and dates, so that their ids do not change.
#[derive(Debug)]
pub struct TestRepo {
    base: TempDir,
    root: PathBuf,
}

impl TestRepo {
    /// An empty repository on branch `main`, without a commit.
    pub fn new() -> TestRepo {
        TestRepo::named("repo")
    }

    /// The same in a directory of this name, which may hold spaces, quotes or a newline.
    pub fn named(directory: impl AsRef<OsStr>) -> TestRepo {
        let repo = TestRepo::unversioned(directory);
        repo.git(["init", "--quiet", "--initial-branch=main"]);
        repo
    }

    /// A directory that is no repository.
    pub fn unversioned(directory: impl AsRef<OsStr>) -> TestRepo {
        let base = tempfile::Builder::new()
            .prefix("loki-test-")
            .tempdir()
            .expect("a temporary directory can be made");
        // The real path, as git and agents report it.
        let real = base.path().canonicalize().expect("a directory just made has a path");
        let root = real.join(directory.as_ref());
        for made in [&root, &real.join("home"), &real.join("loki-home"), &real.join("stage")] {
            fs::create_dir_all(made).expect("a directory can be made in a temporary one");
        }
        TestRepo { base, root }
    }

    /// Writes a file, making its directories.
    #[must_use]
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> TestRepo {
        self.write(path, content);
        self
    }

    /// Commits everything that is there.
    #[must_use]
    pub fn commit(self, message: &str) -> TestRepo {
        self.commit_all(message);
        self
    }

    /// The work tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `HOME` of the commands of this test.
    pub fn home(&self) -> PathBuf {
        self.beside("home")
    }

    /// `LOKI_HOME` of the commands of this test.
    pub fn loki_home(&self) -> PathBuf {
        self.beside("loki-home")
    }

    /// A path beside the work tree, for what must not be seen in it: scripts, markers.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.root.parent().unwrap_or(self.base.path()).join(name)
    }

    /// A path beside the work tree that agents of this test can read and write from their sandbox.
    pub fn stage(&self, name: &str) -> PathBuf {
        self.beside("stage").join(name)
    }

    /// Writes a file, making its directories.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("a directory can be made in a temporary one");
        }
        fs::write(&path, content)
            .unwrap_or_else(|err| panic!("cannot write {}: {err}", path.display()));
    }

    /// The text of a file.
    pub fn read(&self, path: &str) -> String {
        let path = self.root.join(path);
        fs::read_to_string(&path)
            .unwrap_or_else(|err| panic!("cannot read {}: {err}", path.display()))
    }

    /// Whether there is such a file or directory.
    pub fn exists(&self, path: &str) -> bool {
        self.root.join(path).symlink_metadata().is_ok()
    }

    /// Commits everything that is there and returns the commit's id.
    pub fn commit_all(&self, message: &str) -> String {
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(["rev-parse", "HEAD"])
    }

    /// Runs git in the work tree, which must succeed; its standard output without the last newline.
    pub fn git<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> String {
        let args: Vec<A> = args.into_iter().collect();
        let output = self.try_git(&args);
        let shown: Vec<_> = args.iter().map(|arg| arg.as_ref().to_string_lossy()).collect();
        assert!(
            output.status.success(),
            "git {}: {}\n{}",
            shown.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.strip_suffix('\n').map(str::to_owned).unwrap_or(text)
    }

    /// Runs git in the work tree, however it ends.
    pub fn try_git<A: AsRef<OsStr>>(&self, args: &[A]) -> Output {
        let mut command = Command::new("git");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GIT_") {
                command.env_remove(name);
            }
        }
        command
            .args(args)
            .current_dir(&self.root)
            .env("HOME", self.home())
            .envs(GIT_ENV)
            .env("GIT_AUTHOR_DATE", COMMIT_DATE)
            .env("GIT_COMMITTER_DATE", COMMIT_DATE)
            .stdin(Stdio::null())
            .output()
            .expect("git can be started")
    }
}

impl Default for TestRepo {
    fn default() -> TestRepo {
        TestRepo::new()
    }
}
