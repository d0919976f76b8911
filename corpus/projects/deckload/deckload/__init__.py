"""Stows vehicles on the car deck of a ferry."""

from .balance import BalanceError, check_list, list_degrees
from .deck import Deck, DeckError, Lane, load_deck
from .stow import Plan, Slot, stow
from .vehicles import BookingError, Vehicle, read_bookings

__version__ = "1.8.0"

__all__ = [
    "BalanceError",
    "BookingError",
    "Deck",
    "DeckError",
    "Lane",
    "Plan",
    "Slot",
    "Vehicle",
    "check_list",
    "list_degrees",
    "load_deck",
    "read_bookings",
    "stow",
]
