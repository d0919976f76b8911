import pytest

from shiftplan import PlanError, load, loads

PLAN = """worker,start,end
ben,2026-03-02T08:00,2026-03-02T16:00
ana,2026-03-01T22:00,2026-03-02T06:00
"""


def test_reads_in_order_of_starts(tmp_path):
    path = tmp_path / "plan.csv"
    path.write_text(PLAN, encoding="utf-8")
    assert [(s.worker, s.start.isoformat()) for s in load(path)] == [
        ("ana", "2026-03-01T22:00:00"),
        ("ben", "2026-03-02T08:00:00"),
    ]


def test_wants_its_columns():
    with pytest.raises(PlanError, match="want the columns worker,start,end"):
        loads("name,from,to\n")


@pytest.mark.parametrize(
    "row, reason",
    [
        ("ana,2026-03-01T22:00,2026-03-01T20:00", "row 3: a shift must end after"),
        ("ana,monday,2026-03-01T20:00", "row 3: Invalid isoformat"),
        ("ana,2026-03-01T22:00", "row 3: "),
        (",2026-03-01T10:00,2026-03-01T20:00", "row 3: a shift needs a worker"),
    ],
)
def test_names_the_row(row, reason):
    text = "worker,start,end\nben,2026-03-02T08:00,2026-03-02T16:00\n" + row + "\n"
    with pytest.raises(PlanError, match=reason):
        loads(text)
