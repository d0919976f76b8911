"""A firing under way: readings come in, listeners hear what happens."""

from collections import defaultdict

from .curve import temperature_at

EVENTS = ("reading", "segment_end", "done")


class Session:
    """Follows the readings of a thermocouple along a program."""

    def __init__(self, program):
        self.program = program
        self.readings = []
        self._listeners = defaultdict(list)
        self._ends = self._segment_ends()
        self._ended = 0

    def on(self, event, listener):
        """Calls `listener(session, minute, temperature)` at every event of that name."""
        self._listeners[event].append(listener)

    def read(self, minute, temperature):
        """Takes one reading; minutes must not go backwards."""
        if self.readings and minute < self.readings[-1][0]:
            raise ValueError("readings must come in order")
        self.readings.append((minute, temperature))
        self._tell("reading", minute, temperature)
        while self._ended < len(self._ends) and minute >= self._ends[self._ended]:
            self._ended += 1
            self._tell("segment_end", minute, temperature)
            if self._ended == len(self._ends):
                self._tell("done", minute, temperature)

    def deviation(self):
        """By how much the last reading is above what the program asks for."""
        minute, temperature = self.readings[-1]
        return temperature - temperature_at(self.program, minute)

    def _tell(self, event, minute, temperature):
        for listener in self._listeners[event]:
            listener(self, minute, temperature)

    def _segment_ends(self):
        ends, start, before = [], 0.0, 20.0
        for segment in self.program.segments:
            start += segment.minutes_from(before) + segment.hold
            before = segment.target
            ends.append(start)
        return ends
