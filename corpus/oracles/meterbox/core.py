import unittest
from decimal import Decimal

from meterbox_billing import MINIMUM, charge, render, vat


class Core(unittest.TestCase):
    def test_core(self):
        self.assertEqual(charge(55_000), Decimal("98.00"))
        self.assertEqual(charge(1), MINIMUM)
        self.assertEqual(vat(Decimal("20.00")), Decimal("1.40"))
        self.assertIn("Total                      12.84", render("x", 10_000))
