"""What a plan must keep to."""

from collections import defaultdict
from datetime import timedelta


def _by_worker(plan):
    shifts = defaultdict(list)
    for shift in sorted(plan):
        shifts[shift.worker].append(shift)
    return shifts


def overlaps(plan):
    """Pairs of shifts of one worker that share time, in order of their starts."""
    found = []
    for shifts in _by_worker(plan).values():
        for index, first in enumerate(shifts):
            for second in shifts[index + 1 :]:
                if second.start < first.end:
                    found.append((first, second))
    return sorted(found)


def short_rests(plan, hours=11):
    """Pairs of consecutive shifts of one worker with less than `hours` of rest in between."""
    required = timedelta(hours=hours)
    found = []
    for shifts in _by_worker(plan).values():
        for first, second in zip(shifts, shifts[1:]):
            rest = second.start - first.end
            if rest.seconds < required.seconds:
                found.append((first, second))
    return sorted(found)


def hours_by_week(plan):
    """Hours per worker and ISO week; a shift counts to the week it starts in."""
    sums = defaultdict(float)
    for shift in plan:
        year, week, _ = shift.start.isocalendar()
        sums[shift.worker, f"{year}-W{week:02}"] += shift.length.total_seconds() / 3600
    return dict(sums)
