from datetime import datetime

import pytest

from shiftplan import gaps


def at(text):
    return datetime.fromisoformat("2026-07-" + text)


def test_gaps_of_an_empty_plan():
    assert gaps([], at("01T08:00"), at("01T20:00")) == [(at("01T08:00"), at("01T20:00"))]


def test_gaps_between_and_around(shift):
    plan = [shift("cy", "2026-07-01T14:00", 2), shift("ana", "2026-07-01T09:00", 3), shift("ben", "2026-07-01T10:00", 1)]
    assert gaps(plan, at("01T08:00"), at("01T18:00")) == [
        (at("01T08:00"), at("01T09:00")),
        (at("01T12:00"), at("01T14:00")),
        (at("01T16:00"), at("01T18:00")),
    ]


def test_shifts_reach_over_the_ends(shift):
    plan = [shift("ana", "2026-06-30T22:00", 11), shift("ben", "2026-07-01T09:00", 12)]
    assert gaps(plan, at("01T00:00"), at("01T20:00")) == []
    assert gaps([plan[0]], at("01T00:00"), at("01T10:00")) == [(at("01T09:00"), at("01T10:00"))]


def test_refuses_an_empty_span():
    with pytest.raises(ValueError):
        gaps([], at("02T00:00"), at("01T00:00"))
