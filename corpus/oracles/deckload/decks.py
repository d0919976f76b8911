import json

import pytest

from deckload import DeckError, load_deck

LANE = {"name": "A", "length_cm": 1000, "max_kg": 5000, "offset_cm": 0}


@pytest.mark.parametrize(
    "lane, deck",
    [({"name": ""}, {}), ({"length_cm": 0}, {}), ({"length_cm": "x"}, {}), ({"max_kg": 0}, {}), ({"max_kg": 1.5}, {}),
     ({"offset_cm": "x"}, {}), ({}, {"righting": 0}), ({}, {"righting": "x"})],
)
def test_refuses(tmp_path, lane, deck):
    path = tmp_path / "d.json"
    path.write_text(json.dumps({"name": "T", "righting": 5.5, "lanes": [LANE]}))
    load_deck(path)
    path.write_text(json.dumps({"name": "T", "righting": 5, "lanes": [{**LANE, **lane}], **deck}))
    with pytest.raises(DeckError, match="d.json"):
        load_deck(path)
