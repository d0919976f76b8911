from datetime import timedelta

import pytest

from shiftplan import PlanError


def test_length_passes_midnight(shift):
    assert shift("ana", "2026-03-01T22:00", 8).length == timedelta(hours=8)


def test_needs_a_worker(shift):
    with pytest.raises(PlanError, match="needs a worker"):
        shift("", "2026-03-01T08:00", 8)


@pytest.mark.parametrize("hours", [0, -1])
def test_must_end_after_it_starts(shift, hours):
    with pytest.raises(PlanError, match="must end after"):
        shift("ana", "2026-03-01T08:00", hours)


def test_twelve_hours_are_the_longest(shift):
    assert shift("ana", "2026-03-01T08:00", 12).length == timedelta(hours=12)
    with pytest.raises(PlanError, match="too long"):
        shift("ana", "2026-03-01T08:00", 12.25)
