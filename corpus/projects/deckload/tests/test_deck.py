import json
from pathlib import Path

import pytest

from deckload import DeckError, load_deck

DECKS = sorted((Path(__file__).parent / "decks").glob("*.json"))
LANE = {"name": "A", "length_cm": 1000, "max_kg": 5000, "offset_cm": 0}


def write(tmp_path, **data):
    path = tmp_path / "deck.json"
    path.write_text(json.dumps({"name": "Test", "righting": 1000, "lanes": [LANE], **data}))
    return path


@pytest.mark.parametrize("path", DECKS, ids=lambda path: path.stem)
def test_decks_are_symmetric(path):
    deck = load_deck(path)
    offsets = [lane.offset_cm for lane in deck.lanes]
    assert offsets == [-offset for offset in reversed(offsets)]
    assert [lane.length_cm for lane in deck.lanes] == [lane.length_cm for lane in reversed(deck.lanes)]


def test_lanes_have_names(heron):
    assert heron.lane("B").length_cm == 3200
    with pytest.raises(KeyError):
        heron.lane("Z")


@pytest.mark.parametrize(
    "data, reason",
    [
        ({"lanes": []}, "needs a lane"),
        ({"lanes": [LANE, LANE]}, "one name"),
        ({"lanes": [LANE, {**LANE, "name": "B", "offset_cm": -10}]}, "port to starboard"),
        ({"lanes": [{"name": "A", "size": 3}]}, "size"),
    ],
)
def test_refuses_decks(tmp_path, data, reason):
    with pytest.raises(DeckError, match=reason):
        load_deck(write(tmp_path, **data))


def test_refuses_what_is_not_there(tmp_path):
    with pytest.raises(DeckError):
        load_deck(tmp_path / "none.json")
