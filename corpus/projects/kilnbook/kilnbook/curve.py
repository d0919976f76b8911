"""The temperatures that a program asks for."""

from .program import ROOM


def temperature_at(program, minute):
    """The temperature that the program asks for after so many minutes; the last one after its end."""
    before, start = ROOM, 0.0
    for segment in program.segments:
        climb = segment.minutes_from(before)
        if minute < start + climb:
            return before + (minute - start) * segment.rate / 60
        if minute < start + climb + segment.hold:
            return segment.target
        start += climb + segment.hold
        before = segment.target
    return before


def curve(program, step=10.0):
    """Yields `(minute, temperature)` at every step, and at the end of the program."""
    if step <= 0:
        raise ValueError("a step must be above zero")
    minute = 0.0
    while minute < program.minutes:
        yield minute, temperature_at(program, minute)
        minute += step
    yield program.minutes, program.peak
