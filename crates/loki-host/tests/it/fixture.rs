//! Real repositories in temporary directories.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use loki_host::git::Repo;
use loki_model::{CommitId, TreeId};

pub(crate) struct Fixture {
    _directory: tempfile::TempDir,
    pub(crate) root: PathBuf,
    pub(crate) repo: Repo,
}

impl Fixture {
    /// Files with names and contents that are easily mistaken for something else.
    pub(crate) fn write_hard_names(&self) {
        for name in ["a b", "\"", "'", "li\nne", "tab\t", "ünï", "-d", ":x", "[a]*?", "\\", "#"] {
            self.write(name, name);
        }
        fs::write(self.root.join(OsStr::from_bytes(b"not \xff utf-8")), b"\0\xff\r\n").unwrap();
        self.write("empty", "");
        self.write("crlf", "a\r\nb\n\r");
    }

    /// A repository without any commit.
    pub(crate) fn unborn() -> Fixture {
        Fixture::named("repo")
    }

    pub(crate) fn named(name: &str) -> Fixture {
        let directory = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(directory.path()).unwrap().join(name);
        fs::create_dir(&root).unwrap();
        git(&root, ["init", "--quiet", "--initial-branch=main"]);
        git(&root, ["config", "user.name", "Somebody"]);
        git(&root, ["config", "user.email", "somebody@localhost"]);
        let repo = Repo::discover(&root).unwrap();
        Fixture { _directory: directory, root, repo }
    }

    /// With one commit of a file, a directory, a link and a program.
    pub(crate) fn new() -> Fixture {
        let fixture = Fixture::unborn();
        fixture.write("file", "one\ntwo\n");
        fixture.write("directory/inner", "inner\n");
        fixture.write("program", "#!/bin/sh\n");
        fixture.write(".gitignore", "ignored\n*.o\n");
        fixture.chmod("program", 0o755);
        symlink("file", fixture.root.join("link")).unwrap();
        fixture.commit();
        fixture
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// A place next to the repository.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.root.parent().unwrap().join(name)
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn chmod(&self, path: &str, mode: u32) {
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    pub(crate) fn commit(&self) -> CommitId {
        git(&self.root, ["add", "--all"]);
        git(&self.root, ["commit", "--quiet", "--allow-empty", "--message=x"]);
        self.head()
    }

    pub(crate) fn head(&self) -> CommitId {
        self.repo.head().unwrap().commit().unwrap().clone()
    }

    pub(crate) fn snapshot(&self) -> TreeId {
        self.repo.snapshot(&self.root).unwrap()
    }

    /// A program beside the repository that leaves a trace when it is run, and where the trace is.
    pub(crate) fn trap(&self) -> (String, PathBuf) {
        let (trap, fired) = (self.beside("trap"), self.beside("fired"));
        fs::write(&trap, format!("#!/bin/sh\ntouch '{}'\necho wrong\n", fired.display())).unwrap();
        fs::set_permissions(&trap, fs::Permissions::from_mode(0o755)).unwrap();
        (trap.to_str().unwrap().to_owned(), fired)
    }

    /// The paths in the snapshot of the work tree.
    pub(crate) fn snapshot_paths(&self) -> Vec<String> {
        self.repo.list_files(&self.snapshot()).unwrap()
    }
}

/// Runs git as a user would, without the configuration of whoever runs the tests.
pub(crate) fn git<A: AsRef<OsStr>>(cwd: &Path, args: impl IntoIterator<Item = A>) -> Vec<u8> {
    let args: Vec<A> = args.into_iter().collect();
    let output = Command::new("git")
        .args(&args)
        .current_dir(cwd)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    let args: Vec<&OsStr> = args.iter().map(AsRef::as_ref).collect();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {args:?}: {stderr}");
    output.stdout
}

/// As [`git`], as trimmed text.
pub(crate) fn git_text<'a>(cwd: &Path, args: impl IntoIterator<Item = &'a str>) -> String {
    String::from_utf8(git(cwd, args)).unwrap().trim().to_owned()
}

/// Everything below `root` but `.git`: path, kind and mode, content.
pub(crate) fn files(root: &Path) -> Vec<(PathBuf, String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut pending = vec![root.to_owned()];
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let name = path.strip_prefix(root).unwrap().to_owned();
            if name == Path::new(".git") {
            } else if metadata.is_dir() {
                pending.push(path);
            } else if metadata.is_symlink() {
                let target = fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes();
                found.push((name, "link".to_owned(), target));
            } else {
                let executable = metadata.permissions().mode() & 0o100 != 0;
                found.push((name, format!("executable {executable}"), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}
