"""Firing programs and the text that people write them in."""

import re
from dataclasses import dataclass

ROOM = 20.0
HOTTEST = 1320.0

_SEGMENT = re.compile(r"(?P<rate>\d+(?:\.\d+)?)/h to (?P<target>\d+(?:\.\d+)?)(?: hold (?P<hold>\d+))?")


class ProgramError(ValueError):
    """A program that no kiln could follow."""


@dataclass(frozen=True)
class Segment:
    """Climbs at `rate` degrees an hour to `target`, then holds for `hold` minutes."""

    rate: float
    target: float
    hold: int = 0

    def minutes_from(self, start):
        """Minutes of climbing from `start` to the target."""
        return (self.target - start) / self.rate * 60

    def __str__(self):
        text = f"{self.rate:g}/h to {self.target:g}"
        return f"{text} hold {self.hold}" if self.hold else text


class Program:
    """A sequence of segments, each hotter than the one before."""

    def __init__(self, segments):
        self.segments = tuple(segments)
        if not self.segments:
            raise ProgramError("a program needs a segment")
        before = ROOM
        for number, segment in enumerate(self.segments, 1):
            if segment.rate <= 0:
                raise ProgramError(f"segment {number}: the rate must be above zero")
            if segment.target <= before:
                raise ProgramError(f"segment {number}: {segment.target:g} is not above {before:g}")
            if segment.target > HOTTEST:
                raise ProgramError(f"segment {number}: {segment.target:g} is above {HOTTEST:g}")
            before = segment.target

    @classmethod
    def parse(cls, text):
        """Reads a program from its text."""
        segments = []
        for number, part in enumerate(text.split(";"), 1):
            found = _SEGMENT.fullmatch(part.strip())
            if found is None:
                raise ProgramError(f"segment {number}: {part.strip()!r} is not `RATE/h to TARGET [hold MINUTES]`")
            segments.append(Segment(float(found["rate"]), float(found["target"]), int(found["hold"] or 0)))
        return cls(segments)

    @property
    def minutes(self):
        """How long the whole program takes."""
        total, before = 0.0, ROOM
        for segment in self.segments:
            total += segment.minutes_from(before) + segment.hold
            before = segment.target
        return total

    @property
    def peak(self):
        """The hottest target."""
        return max(segment.target for segment in self.segments)

    def __str__(self):
        return "; ".join(str(segment) for segment in self.segments)

    def __eq__(self, other):
        return self.segments == other.segments if isinstance(other, Program) else NotImplemented

    def __hash__(self):
        return hash(self.segments)
