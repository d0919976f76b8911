"""Invoices as text."""

from .charges import charge, vat


def render(customer, litres):
    """The invoice of a customer."""
    net = charge(litres)
    tax = vat(net)
    rows = [("Water", f"{litres} l", net), ("VAT", "7 %", tax), ("Total", "", net + tax)]
    lines = [f"Invoice for {customer}", ""]
    lines += [f"{label:<8}{amount:>12}{value:>12.2f}" for label, amount, value in rows]
    return "\n".join(lines) + "\n"
