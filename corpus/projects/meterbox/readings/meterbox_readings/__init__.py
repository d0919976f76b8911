"""Readings of meters."""

from .series import Reading, ReadingError, consumption, parse, usage

__all__ = ["Reading", "ReadingError", "consumption", "parse", "usage"]
