import unittest
from pathlib import Path

from meterbox_billing import render

GOLDEN = Path(__file__).with_name("invoice.txt")


class Invoices(unittest.TestCase):
    def test_is_as_agreed(self):
        self.assertEqual(render("Mill Lane 4", 62_500), GOLDEN.read_text(encoding="utf-8"))
