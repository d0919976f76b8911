"""Charges and invoices."""

from .charges import MINIMUM, charge, cents, vat
from .invoice import render
from .steps import STEPS

__all__ = ["MINIMUM", "STEPS", "cents", "charge", "render", "vat"]
