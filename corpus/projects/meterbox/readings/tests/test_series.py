import unittest
from datetime import date

from meterbox_readings import Reading, ReadingError, consumption, parse, usage

SERIES = """2026-01-01 99000
2026-01-11 500

2026-02-10 1400
"""


class Parsing(unittest.TestCase):
    def test_reads_in_order_of_days(self):
        self.assertEqual(
            parse("2026-02-01 7\n2026-01-01 5\n"), [Reading(date(2026, 1, 1), 5), Reading(date(2026, 2, 1), 7)]
        )

    def test_names_the_line(self):
        for text, reason in [
            ("2026-01-01 5\n2026-01-02\n", "line 2: "),
            ("2026-13-01 5\n", "line 1: "),
            ("\n2026-01-01 five\n", "line 2: "),
            ("2026-01-01 100000\n", "line 1: 100000 has not 5 digits"),
            ("2026-01-01 -1\n", "line 1: -1 has not 5 digits"),
        ]:
            with self.subTest(text), self.assertRaisesRegex(ReadingError, reason):
                parse(text)

    def test_refuses_two_readings_of_a_day(self):
        with self.assertRaisesRegex(ReadingError, "two readings on 2026-01-01"):
            parse("2026-01-01 5\n2026-01-01 6\n")


class Usage(unittest.TestCase):
    def test_meters_start_again(self):
        self.assertEqual(consumption(100, 350), 250)
        self.assertEqual(consumption(99000, 500), 1500)

    def test_between_readings(self):
        series = parse(SERIES)
        self.assertEqual(usage(series, date(2026, 1, 1), date(2026, 2, 10)), 2400)
        self.assertEqual(usage(series, date(2026, 1, 6), date(2026, 1, 12)), 750 + 30)

    def test_is_rounded_down(self):
        self.assertEqual(usage(parse("2026-01-01 0\n2026-01-04 10\n"), date(2026, 1, 1), date(2026, 1, 3)), 6)

    def test_refuses_days_without_readings(self):
        for start, end in [((2025, 12, 31), (2026, 1, 5)), ((2026, 1, 5), (2026, 2, 11)), ((2026, 1, 5), (2026, 1, 4))]:
            with self.subTest(start), self.assertRaises(ReadingError):
                usage(parse(SERIES), date(*start), date(*end))
