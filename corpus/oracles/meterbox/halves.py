import unittest
from decimal import Decimal

from meterbox_billing import cents, charge, vat


class Halves(unittest.TestCase):
    def test_up(self):
        for text, rounded in [("0.125", "0.13"), ("2.345", "2.35"), ("7.005", "7.01"), ("-1.005", "-1.01"), ("1.004", "1.00")]:
            self.assertEqual(cents(Decimal(text)), Decimal(rounded), text)
        self.assertEqual(vat(Decimal("8.50")), Decimal("0.60"))
        self.assertEqual(vat(Decimal("11.50")), Decimal("0.81"))
        self.assertEqual(charge(11_500, [(None, Decimal("1.23"))]), Decimal("14.15"))
