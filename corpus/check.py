#!/usr/bin/env python3
"""Proves every label of the corpus (standard library only).

    python3 corpus/check.py [PATTERN]     # a regular expression over id, language, category, technique, label
    python3 corpus/check.py --table       # counts, as the table of README.md

For each case, in throw-away repositories:

1. the base's suite is green;
2. the change is a change (unless it says `empty_diff`), and its suite is green or red as it says;
3. the hidden oracle fails on a false case's tree and passes on an honest one's;
4. a false case's oracle passes on its twin, the honest solution of the same task, or else on the base
   (unless the case says `base_lacks`: what it claims is not in the base);
5. where a case claims `f2p`, its new tests are red over the base's code.
"""
import collections
import json
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

import cases
import oracle

REQUIRED = ("label", "expected", "category", "technique", "story", "why", "test", "language", "needs", "after_green")
EXPECTED = {"false_done": ("blocked", "concerns_or_blocked"), "honest": ("verified", "not_blocked")}
KEYS = set("""label expected category technique story why spec twin from f2p empty_diff base_lacks after_green needs oracle edit
post""".split())
ORACLE_KEYS = set("base_tests held_out mutants shell keep_harness".split())
FALSE_CATEGORIES = set("""test_deletion test_skip assertion_weakening golden_edit harness_config runner_hijack
suppress_static stub hardcode env_detect error_swallow not_wired incomplete no_op_claim flaky vacuous_test mock_abuse
git_trick evidence_forgery red_suite secret dependency""".split())
HONEST_CATEGORIES = set("""twin assertion_style bugfix ci_change docs_only error_handling example_secret feature
feature_removal formatting generated intended_change mock_boundary refactor rename_move skip_platform stub_lookalike
suppress_ok test_only test_refactor vendored version_bump dependency_bump config_migration logging deprecation
performance type_annotation dead_code new_files""".split())


def metadata(case):
    """The values that describe a case, its project's included."""
    data = {"after_green": True, **case.project.data, **case.data}
    return {key: data.get(key) for key in REQUIRED}


def faults_of_form(case):
    """What is wrong with what the case says about itself."""
    told, faults = metadata(case), []
    faults += [f"no `{key}`" for key, value in told.items() if value is None or value == ""]
    if told["expected"] not in EXPECTED.get(told["label"], ()):
        faults.append(f"`{told['expected']}` does not fit the label `{told['label']}`")
    known = FALSE_CATEGORIES if told["label"] == "false_done" else HONEST_CATEGORIES
    if told["category"] not in known:
        faults.append(f"unknown category `{told['category']}`")
    if not re.fullmatch(r"[A-E]\d{1,2}|H", told["technique"] or ""):
        faults.append(f"unknown technique `{told['technique']}`")
    faults += [f"unknown key `{key}`" for key in set(case.data) - KEYS]
    faults += [f"unknown part of the oracle `{key}`" for key in set(case.get("oracle", {})) - ORACLE_KEYS]
    twin = case.other("twin")
    if twin is not None and twin.get("label") != "honest":
        faults.append("its twin is not honest")
    return faults


class Prover:
    """Proves cases one after another, and remembers what is asked twice."""

    def __init__(self, scratch):
        self.scratch = Path(scratch)
        self.env = cases.environment(self.scratch / "home")
        (self.scratch / "home").mkdir()
        self.bases, self.verdicts = {}, {}

    def base(self, project):
        """The base's tree; its suite has to be green."""
        if project.name not in self.bases:
            tree = self.scratch / "base" / project.name
            cases.copy_tree(project.tree, tree)
            cases.link_modules(project, tree)
            code, output = cases.run(project.test, tree, self.env)
            self.bases[project.name] = (tree, [] if code == 0 else [f"base is red: {oracle.tail(output)}"])
        return self.bases[project.name]

    def verdict(self, case, told, base):
        """The oracle's verdict on the tree of `case`."""
        key = (case.id, json.dumps(told, sort_keys=True))
        if key not in self.verdicts:
            repo = cases.make_repo(case, self.scratch / "oracle" / case.project.name, self.env)
            self.verdicts[key] = oracle.judge(told, repo, base, self.env)
            shutil.rmtree(repo.parent)
        return self.verdicts[key]

    def prove(self, case):
        """What is wrong with the case; nothing when its label is proved."""
        faults = faults_of_form(case)
        if faults:
            return faults
        base, base_faults = self.base(case.project)
        if base_faults:
            return base_faults
        repo = cases.make_repo(case, self.scratch / "after" / case.project.name, self.env)
        if (cases.files(repo) == cases.files(case.project.tree)) != bool(case.get("empty_diff")):
            faults.append("base and after are the same" if not case.get("empty_diff") else "the diff is not empty")
        code, output = cases.run(case.project.test, repo, self.env)
        if (code == 0) != case.get("after_green", True):
            faults.append(f"the suite exits {code}: {oracle.tail(output)}")
        shutil.rmtree(repo.parent)
        told = oracle.describe(case)
        passed, why = self.verdict(case, told, base)
        if passed != (case.get("label") == "honest"):
            faults.append(f"the oracle passes {case.get('label')}" if passed else f"the oracle fails: {why}")
        twin = case.other("twin")
        if case.get("label") == "false_done" and twin is not None:
            passed, why = self.verdict(twin, told, base)
            if not passed:
                faults.append(f"the oracle fails on the twin {twin.name}: {why}")
        if case.get("label") == "false_done" and twin is None and not case.get("base_lacks"):
            faults += self.sane(told, base)
        if case.get("f2p"):
            faults += self.fail_to_pass(case)
        return faults

    def sane(self, told, base):
        """An oracle without a twin to prove it has to pass on the base, which the change then broke."""
        if not told.get("shell"):
            return []  # The base's own tests are green on it, and other parts have twins.
        key = ("base", json.dumps(told, sort_keys=True))
        if key not in self.verdicts:
            self.verdicts[key] = oracle.judge(told, base, base, self.env)
        passed, why = self.verdicts[key]
        return [] if passed else [f"the oracle fails on the base: {why}"]

    def fail_to_pass(self, case):
        """The tests that the case adds or changes, over the base's code."""
        where = self.scratch / "f2p"
        tree, after = where / case.project.name, where / "after"
        cases.copy_tree(case.project.tree, tree)
        cases.link_modules(case.project, tree)
        case.build(after)
        old, new = cases.files(tree), cases.files(after)
        changed = [p for p in cases.matching(after, case.project.tests) if old.get(p) != new[p]]
        for path in changed:
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(after / path, tree / path)
        code, _ = cases.run(case.project.test, tree, self.env)
        shutil.rmtree(where)
        if not changed:
            return ["it claims f2p and changes no test"]
        return ["its new tests pass on the base"] if code == 0 else []


def table(found):
    """Counts by category and by language, in Markdown."""
    lines = []
    for title, key in (("language", "language"), ("category", "category")):
        counts = collections.defaultdict(collections.Counter)
        for case in found:
            counts[metadata(case)[key]][case.get("label")] += 1
        lines += [f"| {title} | false | honest |", "|---|---:|---:|"]
        for name, count in sorted(counts.items()):
            lines.append(f"| {name} | {count['false_done']} | {count['honest']} |")
        total = collections.Counter(case.get("label") for case in found)
        lines += [f"| **all** | **{total['false_done']}** | **{total['honest']}** |", ""]
    used = collections.Counter(c.get("technique") for c in found if c.get("label") == "false_done")
    order = sorted(used, key=lambda t: (t[0], int(t[1:])))
    lines.append("Techniques: " + ", ".join(f"{t} {used[t]}" for t in order) + ".")
    return "\n".join(lines)


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("-")]
    found = cases.load(arguments[0] if arguments else ".")
    if "--table" in sys.argv:
        print(table(found))
        return 0
    started, bad = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="corpus-") as scratch:
        prover = Prover(scratch)
        for case in found:
            try:
                faults = prover.prove(case)
            except (cases.CorpusError, OSError, UnicodeError) as error:
                faults = [f"{error}"]
                for left in ("after", "oracle", "f2p"):
                    shutil.rmtree(Path(scratch) / left, ignore_errors=True)
            bad += bool(faults)
            print("\n       ".join([f"{'BAD' if faults else 'ok '}  {case.id}", *faults]), flush=True)
    print(f"{len(found)} cases, {bad} bad, {time.monotonic() - started:.0f} s")
    return 1 if bad or not found else 0


if __name__ == "__main__":
    sys.exit(main())
