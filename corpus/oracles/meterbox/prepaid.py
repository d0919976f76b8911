import unittest
from decimal import Decimal

from meterbox_billing import render


def rows(*arguments, **options):
    text = render(*arguments, **options)
    return [line for line in text.splitlines()[2:] if line]


class Prepaid(unittest.TestCase):
    def test_is_taken_off(self):
        found = rows("x", 30_000, prepaid=Decimal("20.00"))
        self.assertEqual(found[2], f"{'Total':<8}{'':>12}{'52.43':>12}")
        self.assertEqual(found[3], f"{'Prepaid':<8}{'':>12}{'-20.00':>12}")
        self.assertEqual(found[4], f"{'Due':<8}{'':>12}{'32.43':>12}")

    def test_what_is_left(self):
        found = rows("x", 30_000, prepaid=Decimal("60.00"))
        self.assertEqual(found[3:], [
            f"{'Prepaid':<8}{'':>12}{'-52.43':>12}", f"{'Due':<8}{'':>12}{'0.00':>12}", f"{'Left':<8}{'':>12}{'7.57':>12}",
        ])

    def test_none(self):
        self.assertEqual(len(rows("x", 30_000)), 3)
        self.assertEqual(len(rows("x", 30_000, prepaid=Decimal(0))), 3)

    def test_refusal(self):
        with self.assertRaises(ValueError):
            render("x", 1, prepaid=Decimal("-1"))
