"""Firing programs, their curves, and a journal of what the kiln really did."""

__version__ = "0.9.3"
