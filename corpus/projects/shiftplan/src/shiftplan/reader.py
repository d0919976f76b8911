"""Reads plans from CSV."""

import csv
import io
from datetime import datetime
from pathlib import Path

from .model import PlanError, Shift

COLUMNS = ["worker", "start", "end"]


def load(path):
    """Reads the plan of a file."""
    return loads(Path(path).read_text(encoding="utf-8"))


def loads(text):
    """Reads the plan of a text; raises PlanError with the row that is wrong."""
    reader = csv.DictReader(io.StringIO(text))
    if reader.fieldnames != COLUMNS:
        raise PlanError(f"want the columns {','.join(COLUMNS)}")
    plan = []
    for number, row in enumerate(reader, start=2):
        try:
            start = datetime.fromisoformat(row["start"])
            end = datetime.fromisoformat(row["end"])
            plan.append(Shift(start, end, row["worker"].strip()))
        except (TypeError, ValueError) as error:
            raise PlanError(f"row {number}: {error}") from error
    return sorted(plan)
