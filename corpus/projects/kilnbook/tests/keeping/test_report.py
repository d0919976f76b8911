import unittest
from pathlib import Path

from kilnbook.program import Program
from kilnbook.report import clock_text, history, summary

DATA = Path(__file__).parent.parent / "data"


class Reports(unittest.TestCase):
    def test_clock_text(self):
        self.assertEqual([clock_text(m) for m in (0, 59.4, 59.5, 125)], ["0:00", "0:59", "1:00", "2:05"])

    def test_summary(self):
        self.assertEqual(
            summary(Program.parse("60/h to 200 hold 30; 120/h to 1000")),
            "1. 60/h to 200 hold 30\n2. 120/h to 1000\ntakes 10:10, peak 1000, cone 06\n",
        )

    def test_summary_below_every_cone(self):
        self.assertTrue(summary(Program.parse("60/h to 200")).endswith("cone -\n"))

    def test_history(self):
        records = [
            {"at": 1_700_000_000, "name": "bisque", "program": "60/h to 200 hold 30; 120/h to 1000"},
            {"at": 1_700_086_400, "name": "glaze", "program": "120/h to 1222 hold 5"},
        ]
        self.assertEqual(history(records), (DATA / "history.txt").read_text("utf-8"))
