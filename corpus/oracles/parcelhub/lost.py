import json
import unittest
from pathlib import Path

from parcelhub import Store, StoreError

ROOT = Path(__file__).parents[2]


class Lost(unittest.TestCase):
    def test_lost(self):
        store = Store()
        store.announce("P", 1)
        with self.assertRaises(StoreError):
            store.advance("P", "lost", 2)
        for time, state in enumerate(["collected", "sorted", "lost", "returned"], start=2):
            store.advance("P", state, time)
        self.assertEqual(store.open(), [])
        steps = json.loads((ROOT / "schema/states.json").read_text())
        self.assertEqual([state for state, after in steps.items() if "lost" in after], ["collected", "sorted", "loaded"])
        self.assertEqual(steps["lost"], ["returned"])
