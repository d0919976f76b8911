"""The states of the schema."""

import json
from pathlib import Path

SCHEMA = Path(__file__).parents[2] / "schema" / "states.json"


def load():
    """State to the states that may follow."""
    return json.loads(SCHEMA.read_text(encoding="utf-8"))
