"""A series of readings of one meter."""

from datetime import date
from typing import NamedTuple

DIGITS = 5


class ReadingError(ValueError):
    """Readings that can not be."""


class Reading(NamedTuple):
    """What a meter showed on a day, in litres."""

    day: date
    value: int


def parse(text):
    """Reads `DAY VALUE` lines into a series in order of days."""
    series = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            day, value = line.split()
            reading = Reading(date.fromisoformat(day), int(value))
        except ValueError as error:
            raise ReadingError(f"line {number}: {error}") from error
        if not 0 <= reading.value < 10**DIGITS:
            raise ReadingError(f"line {number}: {value} has not {DIGITS} digits")
        series.append(reading)
    series.sort()
    for first, second in zip(series, series[1:]):
        if first.day == second.day:
            raise ReadingError(f"two readings on {first.day}")
    return series


def consumption(first, second):
    """The difference of two values of a meter that starts again at zero after 99999."""
    return (second - first) % 10**DIGITS


def usage(series, start, end):
    """Litres used from `start` to `end`, interpolated between readings, rounded down."""
    if end < start:
        raise ReadingError("a span must not end before it starts")
    return int(_total(series, end) - _total(series, start))


def _total(series, day):
    """Litres since the first reading."""
    if not series or not series[0].day <= day <= series[-1].day:
        raise ReadingError(f"no readings around {day}")
    total = 0
    for first, second in zip(series, series[1:]):
        used = consumption(first.value, second.value)
        if day < second.day:
            return total + used * (day - first.day).days / (second.day - first.day).days
        total += used
    return total
