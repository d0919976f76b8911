import tempfile
import unittest
from pathlib import Path

from kilnbook.journal import Journal
from kilnbook.program import Program


class HeldOut(unittest.TestCase):
    def test_many(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "j.jsonl"
            for _ in range(200):
                Journal(path, clock=lambda: 1.7e9).append("a", Program.parse("60/h to 200"))
            ids = [record["id"] for record in Journal(path).records()]
        self.assertEqual(len(set(ids)), 200)
        for found in ids:
            self.assertRegex(found, r"^f\d+$")
