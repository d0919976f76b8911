import io
import tempfile
import unittest
from pathlib import Path

from kilnbook.app import App


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    status = App(out, err).run(["--fahrenheit", *arguments])
    return status, out.getvalue()


class HeldOut(unittest.TestCase):
    def test_rates(self):
        self.assertEqual(run("show", "180/h to 248")[1], "1. 180/h to 248\ntakes 1:00, peak 248, cone -\n")
        self.assertEqual(run("curve", "180/h to 248", "--step", "30")[1], "     0.0     68.0\n    30.0    158.0\n    60.0    248.0\n")

    def test_log(self):
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "j")
            run("log", path, "a", "180/h to 250")
            self.assertIn("  100/h to 121\n", run("history", path)[1])

    def test_limits(self):
        self.assertEqual(run("show", "180/h to 2500")[0], 1)
