import pytest

from deckload import Vehicle
from deckload.fares import fare, money, percent_of, takings


@pytest.mark.parametrize(
    "kind, length_cm, cents",
    [
        ("motorbike", 220, 1200),
        ("car", 500, 3400),
        ("car", 501, 4300),
        ("van", 800, 6600),
        ("truck", 1650, 24300),
    ],
)
def test_fares(kind, length_cm, cents):
    assert fare(Vehicle("A", kind, length_cm, 1000)) == cents


def test_residents_pay_less():
    assert fare(Vehicle("A", "car", 430, 1500), resident=True) == 2040


def test_halves_are_rounded_up():
    assert percent_of(125, 10) == 13
    assert percent_of(124, 10) == 12


def test_money():
    assert money(120005) == "1200.05"


def test_takings(crossing):
    assert takings(crossing) == 3400 + 23400 + 1200 + 5700 + 17400 + 3400
    assert takings(crossing, {"CAR-1"}) == takings(crossing) - 1360
