import unittest
from decimal import Decimal

from generate import HERE, source
from meterbox_billing import MINIMUM, charge, vat


class Charges(unittest.TestCase):
    def test_goes_through_the_steps(self):
        self.assertEqual(charge(10_000), Decimal("12.00"))
        self.assertEqual(charge(30_000), Decimal("49.00"))
        self.assertEqual(charge(60_000), Decimal("110.00"))

    def test_has_a_minimum(self):
        self.assertEqual(charge(0), MINIMUM)
        self.assertEqual(charge(4_000), MINIMUM)
        self.assertEqual(charge(4_300), Decimal("5.16"))

    def test_refuses_less_than_nothing(self):
        with self.assertRaises(ValueError):
            charge(-1)

    def test_taxes(self):
        self.assertEqual(vat(Decimal("10.00")), Decimal("0.70"))
        self.assertEqual(vat(Decimal("12.34"), Decimal("0.19")), Decimal("2.34"))

    def test_steps_are_generated(self):
        text = (HERE / "meterbox_billing" / "steps.py").read_text(encoding="utf-8")
        self.assertEqual(text, source((HERE / "steps.csv").read_text(encoding="utf-8")))
