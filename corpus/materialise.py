#!/usr/bin/env python3
"""Writes the cases as full trees, for runners that take `cases/<id>/` (standard library only).

    python3 corpus/materialise.py OUT [PATTERN]

OUT/cases/<id>/ holds case.json, base/, after/, solution/ (the twin's tree), spec.md, post.sh and
oracle/run.py (`run.py TREE BASE`). The trees hold assembled credentials: keep OUT out of repositories.
"""
import json
import shutil
import sys
from pathlib import Path

import cases
import check
import oracle

RUN = '''#!/usr/bin/env python3
import os, subprocess, sys
here = os.path.dirname(os.path.abspath(__file__))
sys.exit(subprocess.run([sys.executable, {program!r}, os.path.join(here, "oracle.json"), *sys.argv[1:]]).returncode)
'''


def tree(build, project, dest):
    build(dest)
    cases.link_modules(project, dest)


def write(case, dest):
    """Writes one case."""
    dest.mkdir(parents=True)
    project, twin = case.project, case.other("twin")
    tree(lambda to: cases.copy_tree(project.tree, to), project, dest / "base")
    tree(case.build, project, dest / "after")
    told = check.metadata(case)
    facts = {"id": case.id, "project": project.name, "split": "open", "test_cmd": told.pop("test"), **told}
    facts["oracle_kind"] = "+".join(case.inherited("oracle"))
    for key in ("f2p", "empty_diff"):
        if case.get(key):
            facts[key] = True
    if case.get("post"):
        facts["post"] = True
        (dest / "post.sh").write_text(case.get("post"), "utf-8")
    if twin is not None and case.get("label") == "false_done":
        facts["twin"] = twin.id
        facts["solution_tests_pass_on_base"] = not twin.get("f2p")
        tree(twin.build, project, dest / "solution")
    spec = case.inherited("spec")
    if spec:
        (dest / "spec.md").write_text(spec, "utf-8")
    (dest / "oracle").mkdir()
    (dest / "oracle/oracle.json").write_text(json.dumps(oracle.describe(case), indent=1), "utf-8")
    (dest / "oracle/run.py").write_text(RUN.format(program=str(cases.ROOT / "oracle.py")), "utf-8")
    (dest / "case.json").write_text(json.dumps(facts, indent=2), "utf-8")


def main():
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    out = Path(sys.argv[1]) / "cases"
    found = cases.load(sys.argv[2] if len(sys.argv) == 3 else ".")
    for case in found:
        shutil.rmtree(out / case.id, ignore_errors=True)
        write(case, out / case.id)
    print(f"{len(found)} cases in {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
