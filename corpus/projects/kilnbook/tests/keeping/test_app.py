import io
import re
import tempfile
import unittest
from pathlib import Path

from kilnbook.app import App


class Commands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.journal = str(Path(folder.name) / "firings.jsonl")

    def run_app(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        status = App(out, err).run(list(arguments))
        return status, out.getvalue(), err.getvalue()

    def test_show(self):
        status, out, _ = self.run_app("show", "60/h to 200")
        self.assertEqual((status, out), (0, "1. 60/h to 200\ntakes 3:00, peak 200, cone -\n"))

    def test_curve(self):
        status, out, _ = self.run_app("curve", "60/h to 200", "--step", "120")
        self.assertEqual((status, out), (0, "     0.0     20.0\n   120.0    140.0\n   180.0    200.0\n"))

    def test_cone(self):
        self.assertEqual(self.run_app("cone", "1000", "60"), (0, "06\n", ""))
        self.assertEqual(self.run_app("cone", "100", "60"), (0, "-\n", ""))

    def test_log_and_history(self):
        status, out, _ = self.run_app("log", self.journal, "bisque", "60/h to 200")
        self.assertEqual(status, 0)
        self.assertTrue(re.fullmatch(r"f\d+\n", out))
        status, out, _ = self.run_app("history", self.journal)
        self.assertEqual(status, 0)
        self.assertRegex(out, r"\d\d:\d\d  bisque        60/h to 200\n")

    def test_errors(self):
        self.assertEqual(self.run_app("show", "60 to 200")[0], 1)
        self.assertEqual(self.run_app("log", self.journal, "x", "60/h to 9999")[::2], (1, "kilnbook: segment 1: 9999 is above 1320\n"))
        self.assertFalse(Path(self.journal).exists())
