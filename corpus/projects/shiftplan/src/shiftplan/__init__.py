"""Plans shifts and finds what is wrong with a plan."""

from .model import PlanError, Shift
from .reader import load, loads
from .rules import hours_by_week, overlaps, short_rests

__all__ = ["PlanError", "Shift", "hours_by_week", "load", "loads", "overlaps", "short_rests"]
