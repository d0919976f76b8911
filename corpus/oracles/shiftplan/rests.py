from shiftplan import short_rests


def test_more_than_a_day_is_enough(shift):
    plan = [shift("ana", "2026-03-02T08:00", 8), shift("ana", "2026-03-03T20:00", 8)]
    assert short_rests(plan) == []


def test_days_may_be_required(shift):
    plan = [shift("ana", "2026-03-02T08:00", 8), shift("ana", "2026-03-03T20:00", 8)]
    assert short_rests(plan, hours=36) == [tuple(plan)]
    assert short_rests(plan, hours=28) == []


def test_overlapping_shifts_have_no_rest(shift):
    plan = [shift("ana", "2026-03-02T08:00", 8), shift("ana", "2026-03-02T15:00", 8)]
    assert short_rests(plan) == [tuple(plan)]
