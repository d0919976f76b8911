import unittest

from kilnbook.cones import TABLE, bends_at, cone_for


class Cones(unittest.TestCase):
    def test_columns_of_the_table(self):
        self.assertEqual(bends_at("6", 60), 1185)
        self.assertEqual(bends_at("6", 150), 1222)

    def test_between_and_beyond_the_columns(self):
        self.assertAlmostEqual(bends_at("6", 105), 1203.5)
        self.assertEqual(bends_at("6", 10), 1185)
        self.assertEqual(bends_at("6", 400), 1222)

    def test_the_hottest_that_has_bent(self):
        self.assertEqual(cone_for(1222, 150), "6")
        self.assertEqual(cone_for(1221, 150), "5")
        self.assertEqual(cone_for(1300, 60), "10")
        self.assertIsNone(cone_for(900, 60))

    def test_hotter_cones_bend_later(self):
        for (_, slow, fast), (_, next_slow, next_fast) in zip(TABLE, TABLE[1:]):
            self.assertLess(slow, next_slow)
            self.assertLess(fast, next_fast)

    def test_unknown_cones(self):
        with self.assertRaises(KeyError):
            bends_at("7½", 60)
