import pytest

from deckload import BalanceError, check_list, list_degrees, stow


def test_an_even_load_does_not_list(car, skiff):
    assert list_degrees(stow([car("A"), car("B")], skiff), skiff) == 0


def test_lists_to_the_heavier_side(car, skiff):
    plan = stow([car("A", weight_kg=2000), car("B", weight_kg=1000)], skiff)
    assert list_degrees(plan, skiff) == pytest.approx(-0.5)


def test_too_much_is_refused(car, skiff):
    plan = stow([car("A", weight_kg=4200)], skiff)
    with pytest.raises(BalanceError, match="lists 2.1 degrees to port, 1.5 are allowed"):
        check_list(plan, skiff)
    check_list(plan, skiff, limit=2.1)


def test_the_limit_itself_is_allowed(car, skiff):
    check_list(stow([car("A", weight_kg=3000)], skiff), skiff)
