"""What water costs."""

from decimal import Decimal

from .steps import STEPS

MINIMUM = Decimal("5.00")


def cents(amount):
    """An amount rounded to cents."""
    return amount.quantize(Decimal("0.01"))


def charge(litres, steps=STEPS):
    """The net price: each step of the tariff up to its limit, at least the minimum."""
    if litres < 0:
        raise ValueError(f"{litres} litres can not be charged")
    left = Decimal(litres) / 1000
    done = Decimal(0)
    net = Decimal(0)
    for limit, price in steps:
        share = left if limit is None else min(left, limit - done)
        net += share * price
        left -= share
        done += share
    return max(MINIMUM, cents(net))


def vat(net, rate=Decimal("0.07")):
    """The tax on a net amount."""
    return cents(net * rate)
