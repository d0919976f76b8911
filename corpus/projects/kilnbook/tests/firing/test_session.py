import unittest

from kilnbook.program import Program
from kilnbook.session import Session


class Sessions(unittest.TestCase):
    def setUp(self):
        self.session = Session(Program.parse("60/h to 80; 120/h to 200 hold 10"))
        self.heard = []
        for event in ("reading", "segment_end", "done"):
            self.session.on(event, lambda _, minute, temperature, event=event: self.heard.append((event, minute)))

    def test_listeners_hear_readings_and_ends(self):
        self.session.read(30, 50)
        self.session.read(61, 80)
        self.session.read(130, 199)
        self.assertEqual(
            self.heard,
            [("reading", 30), ("reading", 61), ("segment_end", 61), ("reading", 130), ("segment_end", 130), ("done", 130)],
        )

    def test_one_reading_may_end_two_segments(self):
        self.session.read(500, 200)
        self.assertEqual([event for event, _ in self.heard], ["reading", "segment_end", "segment_end", "done"])

    def test_readings_come_in_order(self):
        self.session.read(30, 50)
        with self.assertRaises(ValueError):
            self.session.read(29, 50)

    def test_deviation(self):
        self.session.read(30, 43.5)
        self.assertAlmostEqual(self.session.deviation(), -6.5)
