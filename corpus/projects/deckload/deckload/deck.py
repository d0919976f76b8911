"""Car decks: lanes from port to starboard."""

import json
from dataclasses import dataclass
from pathlib import Path


class DeckError(ValueError):
    """A deck that can not be read."""


@dataclass(frozen=True)
class Lane:
    """A lane; `offset_cm` is its distance from the centre line, negative to port."""

    name: str
    length_cm: int
    max_kg: int
    offset_cm: int = 0


@dataclass(frozen=True)
class Deck:
    """A deck with its lanes from port to starboard; `righting` is in kg·cm for each degree of list."""

    name: str
    lanes: tuple
    righting: int

    def lane(self, name):
        """The lane of that name."""
        for lane in self.lanes:
            if lane.name == name:
                return lane
        raise KeyError(name)


def load_deck(path):
    """Reads a deck from a JSON file."""
    try:
        data = json.loads(Path(path).read_text("utf-8"))
        lanes = tuple(Lane(**lane) for lane in data["lanes"])
        deck = Deck(data["name"], lanes, data["righting"])
    except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise DeckError(f"{path}: {error}") from error
    if not lanes:
        raise DeckError(f"{path}: a deck needs a lane")
    if len({lane.name for lane in lanes}) != len(lanes):
        raise DeckError(f"{path}: two lanes have one name")
    if [lane.offset_cm for lane in lanes] != sorted(lane.offset_cm for lane in lanes):
        raise DeckError(f"{path}: lanes must go from port to starboard")
    return deck
