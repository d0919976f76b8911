from shiftplan import hours_by_week, overlaps, short_rests


def test_overlaps_of_one_worker(shift):
    early = shift("ana", "2026-03-02T06:00", 8)
    late = shift("ana", "2026-03-02T13:00", 8)
    other = shift("ben", "2026-03-02T13:00", 8)
    assert overlaps([late, other, early]) == [(early, late)]


def test_touching_shifts_do_not_overlap(shift):
    assert overlaps([shift("ana", "2026-03-02T06:00", 8), shift("ana", "2026-03-02T14:00", 4)]) == []


def test_a_long_shift_overlaps_two(shift):
    long = shift("ana", "2026-03-02T06:00", 12)
    one, two = shift("ana", "2026-03-02T07:00", 1), shift("ana", "2026-03-02T09:00", 1)
    assert overlaps([one, two, long]) == [(long, one), (long, two)]


def test_short_rests(shift):
    first = shift("ana", "2026-03-02T08:00", 10)
    second = shift("ana", "2026-03-03T04:00", 8)
    assert short_rests([second, first]) == [(first, second)]


def test_exact_rest_is_enough(shift):
    plan = [shift("ana", "2026-03-02T08:00", 10), shift("ana", "2026-03-03T05:00", 8)]
    assert short_rests(plan) == []
    assert len(short_rests(plan, hours=12)) == 1


def test_hours_count_to_the_week_of_the_start(shift):
    plan = [
        shift("ana", "2026-01-04T22:00", 8),
        shift("ana", "2026-01-05T22:00", 7.5),
        shift("ana", "2025-12-29T08:00", 4),
    ]
    assert hours_by_week(plan) == {("ana", "2026-W01"): 12.0, ("ana", "2026-W02"): 7.5}
