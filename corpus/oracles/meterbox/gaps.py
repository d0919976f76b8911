import sys
import unittest
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "readings"))
from meterbox_readings import gaps, parse  # noqa: E402


class Gaps(unittest.TestCase):
    def test_longer_than_allowed(self):
        series = parse("2026-03-01 1\n2026-03-31 2\n2026-05-01 3\n2026-07-15 4\n")
        pairs = gaps(series, 30)
        self.assertEqual([(a.day, b.day) for a, b in pairs], [
            (date(2026, 3, 31), date(2026, 5, 1)), (date(2026, 5, 1), date(2026, 7, 15)),
        ])
        self.assertEqual(gaps(series, 75), [])
        self.assertEqual(len(gaps(series, 74)), 1)
        self.assertEqual(gaps([], 5), [])
        with self.assertRaises(ValueError):
            gaps(series, 0)
