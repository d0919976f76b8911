"""What a plan is made of."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST = timedelta(hours=12)


class PlanError(ValueError):
    """A plan that can not be."""


@dataclass(frozen=True, order=True)
class Shift:
    """Somebody works from `start` to `end`."""

    start: datetime
    end: datetime
    worker: str

    def __post_init__(self):
        if not self.worker:
            raise PlanError("a shift needs a worker")
        if self.end <= self.start:
            raise PlanError("a shift must end after it starts")
        if self.length > LONGEST:
            raise PlanError(f"a shift of {self.length} is too long")

    @property
    def length(self) -> timedelta:
        return self.end - self.start
