import tempfile
import unittest
from pathlib import Path

from kilnbook.journal import Journal, JournalError
from kilnbook.program import Program

PROGRAM = Program.parse("60/h to 200 hold 30")


class Journals(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "firings.jsonl"
        self.now = 1_700_000_000
        self.journal = Journal(self.path, clock=lambda: self.now)

    def test_keeps_firings_in_order(self):
        self.journal.append("bisque", PROGRAM, cone="06")
        self.now += 86400
        self.journal.append("glaze", PROGRAM)
        again = Journal(self.path).records()
        self.assertEqual([record["name"] for record in again], ["bisque", "glaze"])
        self.assertEqual(again[0]["cone"], "06")
        self.assertEqual(again[1]["at"], 1_700_086_400)
        self.assertEqual(again[1]["program"], "60/h to 200 hold 30")

    def test_named_is_newest_first(self):
        for day, name in enumerate(["bisque", "glaze", "bisque"]):
            self.now = 86400 * day
            self.journal.append(name, PROGRAM)
        self.assertEqual([record["at"] for record in self.journal.named("bisque")], [172800, 0])

    def test_no_file_is_an_empty_journal(self):
        self.assertEqual(self.journal.records(), [])

    def test_says_which_line_is_broken(self):
        self.journal.append("bisque", PROGRAM)
        with self.path.open("a") as file:
            file.write("{]\n")
        with self.assertRaisesRegex(JournalError, "line 2"):
            self.journal.records()

    def test_a_line_must_be_a_firing(self):
        self.path.write_text("[]\n")
        with self.assertRaisesRegex(JournalError, "line 1: not a firing"):
            self.journal.records()
