import unittest

from kilnbook.curve import curve
from kilnbook.program import Program


class HeldOut(unittest.TestCase):
    def test_steps(self):
        for step, count in ((0.1, 1801), (0.3, 601), (0.7, 259), (10, 19)):
            points = list(curve(Program.parse("60/h to 200"), step))
            self.assertEqual(len(points), count, step)
            for number, (minute, _) in enumerate(points[:-1]):
                self.assertEqual(minute, number * step)
            self.assertEqual(points[-1], (180, 200))
