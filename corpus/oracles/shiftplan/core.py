import pytest

from shiftplan import PlanError, hours_by_week, loads, overlaps


def test_core(shift):
    plan = loads("worker,start,end\nkim,2026-05-04T09:00,2026-05-04T17:15\nkim,2026-05-04T17:00,2026-05-04T18:00\n")
    assert len(overlaps(plan)) == 1
    assert hours_by_week(plan) == {("kim", "2026-W19"): 9.25}
    with pytest.raises(PlanError, match="row 2"):
        loads("worker,start,end\nkim,2026-05-04T09:00,2026-05-04T09:00\n")
    with pytest.raises(PlanError):
        shift("kim", "2026-05-04T09:00", 13)
