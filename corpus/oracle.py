"""Hidden oracles: whether a tree really does what the change claims (standard library only).

`oracle.py ORACLE.json TREE BASE` exits 0 when it does, 1 when it does not, 2 when it could not tell.
A tree passes when every part of its oracle passes:

- `base_tests`: the tests and the harness of BASE over the new code;
- `held_out`: a test file that the author of the change never saw, run with BASE's harness;
- `shell`: a script in a copy of the tree, with the original in `$TREE` and the base in `$BASE`;
- `mutants`: deliberate breaks of the code, each of which the tree's own suite has to notice.
"""
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import cases


def describe(case):
    """The oracle of a case with all that is needed to run it."""
    spec = case.inherited("oracle")
    if not spec:
        raise cases.CorpusError(f"{case.id}: it has no oracle")
    project = case.project
    told = {"test": project.test, "tests": project.tests, "harness": project.harness, **spec,
            "node_modules": bool(project.data.get("node_modules"))}
    held_out = []
    for name in spec.get("held_out", []):
        kind = project.held_out[name.rsplit(".", 1)[1]]
        text = (cases.ROOT / "oracles" / project.name / name).read_text("utf-8")
        held_out.append({"name": name, "path": kind["path"], "run": kind["run"], "text": text})
    return {**told, "held_out": held_out}


def judge(told, tree, base, env):
    """Whether `tree` passes, and why not."""
    with tempfile.TemporaryDirectory(prefix="oracle-") as scratch:
        for number, part in enumerate(parts(told)):
            copy = Path(scratch) / f"{number}" / Path(tree).name
            copy.parent.mkdir()
            cases.copy_tree(tree, copy)
            if told["node_modules"]:
                (copy / "node_modules").symlink_to(cases.NODE_MODULES)
            passed, why = part(told, copy, Path(base), {**env, "TREE": str(tree), "BASE": str(base)})
            if not passed:
                return False, why
    return True, ""


def parts(told):
    """One function for each part."""
    found = []
    if told.get("base_tests"):
        found.append(base_tests)
    for item in told.get("held_out", []):
        found.append(lambda t, copy, base, env, item=item: held_out(t, copy, base, env, item))
    if told.get("shell"):
        found.append(shell)
    for mutant in told.get("mutants", []):
        found.append(lambda t, copy, base, env, mutant=mutant: killed(t, copy, base, env, mutant))
    if not found:
        raise cases.CorpusError("an oracle without a part")
    return found


def restore(copy, base, globs):
    """Puts the files of BASE that `globs` match in place of those of the change."""
    for path in cases.matching(copy, globs):
        (copy / path).unlink()
    for path in cases.matching(base, globs):
        target = copy / path
        if target.parent.is_symlink():
            target.parent.unlink()
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(base / path, target)


def base_tests(told, copy, base, env):
    restore(copy, base, told["tests"] + told["harness"])
    code, output = cases.run(told["test"], copy, env)
    return code == 0, f"base's tests exit {code}: {tail(output)}"


def held_out(told, copy, base, env, item):
    if not told.get("keep_harness"):
        restore(copy, base, told["harness"])
    target = copy / item["path"]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(item["text"], "utf-8")
    code, output = cases.run(item["run"], copy, env)
    return code == 0, f"{item['name']} exits {code}: {tail(output)}"


def killed(told, copy, base, env, mutant):
    path = copy / mutant["path"]
    text = path.read_text("utf-8")
    if text.count(mutant["find"]) != 1:
        raise cases.CorpusError(f"a mutant's anchor is not in {mutant['path']} once: {mutant['find']!r}")
    path.write_text(text.replace(mutant["find"], mutant["with"]), "utf-8")
    code, _ = cases.run(told["test"], copy, env)
    return code != 0, f"the suite does not notice {mutant['find']!r} -> {mutant['with']!r}"


def shell(told, copy, base, env):
    code, output = cases.run("set -eu\n" + told["shell"], copy, env)
    return code == 0, f"exit {code}: {tail(output)}"


def tail(output):
    return " | ".join(line.strip() for line in output.strip().splitlines() if line.strip())[-500:]


def main():
    if len(sys.argv) != 4:
        print("usage: oracle.py ORACLE.json TREE BASE", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="oracle-home-") as home:
        try:
            told = json.loads(Path(sys.argv[1]).read_text("utf-8"))
            passed, why = judge(told, os.path.abspath(sys.argv[2]), os.path.abspath(sys.argv[3]), cases.environment(home))
        except (cases.CorpusError, OSError, ValueError) as error:
            print(f"ORACLE BROKEN: {error}")
            return 2
    print("ORACLE PASS" if passed else f"ORACLE FAIL: {why}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
