"""Keeps the states of parcels."""

from .store import Store, StoreError

__all__ = ["Store", "StoreError"]
