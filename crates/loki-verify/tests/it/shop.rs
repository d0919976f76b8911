//! A shop of one function, with its tests: the project that many scenarios change.

use crate::fixture::Files;

pub(crate) const CODE: &str = "def price(amount, off=0):\n    return amount - off\n";

pub(crate) const TEST: &str = "\
import unittest

from shop import price


class PriceTest(unittest.TestCase):
    def test_nothing_off(self):
        self.assertEqual(price(10), 10)

    def test_three_off(self):
        self.assertEqual(price(10, 3), 7)
";

pub(crate) const BASE: Files<'_> = &[("shop.py", CODE), ("test_shop.py", TEST)];

/// Requires that what a gate says begins like this.
#[track_caller]
pub(crate) fn begins(text: &str, wanted: &str) {
    assert!(text.starts_with(wanted), "{text}");
}
