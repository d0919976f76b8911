import tempfile
import unittest
from pathlib import Path

from kilnbook.journal import Journal
from kilnbook.program import Program


class HeldOut(unittest.TestCase):
    def test_ties(self):
        names = [f"name {n * 7 % 15}" for n in range(15)]
        with tempfile.TemporaryDirectory() as folder:
            journal = Journal(Path(folder) / "j")
            for name in [*names, "often", "often"]:
                journal.append(name, Program.parse("60/h to 200"))
            self.assertEqual(journal.counts(), [("often", 2), *((name, 1) for name in names)])
