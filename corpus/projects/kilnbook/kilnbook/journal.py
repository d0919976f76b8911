"""The journal of firings: one JSON object in a line, oldest first."""

import json
import time
from pathlib import Path


class JournalError(ValueError):
    """A journal that can not be read."""


class Journal:
    """Firings in a file; `clock` gives the seconds since the epoch."""

    def __init__(self, path, clock=time.time):
        self.path = Path(path)
        self.clock = clock

    def append(self, name, program, **notes):
        """Writes a firing down and returns its record."""
        record = {"id": self._new_id(), "name": name, "program": str(program), "at": int(self.clock()), **notes}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, sort_keys=True) + "\n")
        return record

    def records(self):
        """Every firing, oldest first."""
        if not self.path.exists():
            return []
        found = []
        for number, line in enumerate(self.path.read_text("utf-8").splitlines(), 1):
            try:
                record = json.loads(line)
            except json.JSONDecodeError as error:
                raise JournalError(f"line {number}: {error.msg}") from error
            if not isinstance(record, dict) or "name" not in record:
                raise JournalError(f"line {number}: not a firing")
            found.append(record)
        return found

    def named(self, name):
        """The firings of that name, newest first."""
        return [record for record in reversed(self.records()) if record["name"] == name]

    def _new_id(self):
        return f"f{int(self.clock())}"
