import json
import subprocess
import sys

PLAN = "worker,start,end\nana,2026-03-02T08:00,2026-03-02T18:00\nana,2026-03-03T06:30,2026-03-03T14:00\n"
BAD = "worker,start,end\nana,2026-03-02T08:00,2026-03-02T18:00\nana,2026-03-02T17:00,2026-03-02T19:00\n"


def check(tmp_path, text, *options):
    path = tmp_path / "p.csv"
    path.write_text(text, encoding="utf-8")
    code = f"import sys; sys.path.insert(0, 'src'); from shiftplan.__main__ import main; sys.exit(main({[str(path), *options]!r}))"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_a_good_plan(tmp_path):
    done = check(tmp_path, PLAN)
    assert (done.returncode, done.stdout) == (0, "")


def test_rest_is_heeded(tmp_path):
    done = check(tmp_path, PLAN, "--rest", "13")
    assert done.returncode == 1
    assert done.stdout == "short rest: ana 2026-03-02T18:00 2026-03-03T06:30\n"


def test_overlaps_as_json(tmp_path):
    done = check(tmp_path, BAD, "--json", "--rest", "0")
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert {"kind": "overlap", "worker": "ana", "from": "2026-03-02T17:00", "to": "2026-03-02T18:00"} in found


def test_unreadable_plans(tmp_path):
    done = check(tmp_path, "nonsense\n")
    assert done.returncode == 2
    assert "want the columns" in done.stderr
