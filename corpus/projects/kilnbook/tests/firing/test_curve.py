import unittest

from kilnbook.curve import curve, temperature_at
from kilnbook.program import Program


class Curves(unittest.TestCase):
    def setUp(self):
        self.program = Program.parse("60/h to 200 hold 30; 120/h to 320")

    def test_climbs_and_holds(self):
        for minute, expected in ((0, 20), (90, 110), (180, 200), (209, 200), (210, 200), (240, 260), (270, 320), (999, 320)):
            with self.subTest(minute=minute):
                self.assertAlmostEqual(temperature_at(self.program, minute), expected)

    def test_points_at_every_step_and_at_the_end(self):
        points = list(curve(self.program, 100))
        self.assertEqual([minute for minute, _ in points], [0, 100, 200, 270])
        self.assertAlmostEqual(points[1][1], 120)
        self.assertEqual(points[-1], (270, 320))

    def test_a_step_is_above_zero(self):
        with self.assertRaises(ValueError):
            list(curve(self.program, 0))
