"""States of parcels, in memory."""

from .states import load


class StoreError(Exception):
    """A step that is not allowed."""


class Store:
    """Parcels and what happened to them."""

    def __init__(self):
        self._steps = load()
        self._events = {}

    def announce(self, parcel, time):
        """Makes a parcel known."""
        if parcel in self._events:
            raise StoreError(f"{parcel} is known")
        self._events[parcel] = [("announced", time)]

    def advance(self, parcel, state, time):
        """Takes a parcel to its next state."""
        if parcel not in self._events:
            raise StoreError(f"{parcel} is not known")
        now, since = self._events[parcel][-1]
        if state not in self._steps[now]:
            raise StoreError(f"{parcel} can not go from {now} to {state}")
        if time < since:
            raise StoreError(f"{parcel} was {now} after that")
        self._events[parcel].append((state, time))

    def state(self, parcel):
        """The state of a parcel."""
        if parcel not in self._events:
            raise StoreError(f"{parcel} is not known")
        return self._events[parcel][-1][0]

    def events(self, parcel):
        """What happened, in order."""
        return list(self._events.get(parcel, []))

    def open(self):
        """Parcels that can still move, in order of names."""
        return sorted(parcel for parcel in self._events if self._steps[self.state(parcel)])
