"""The command `deckload`."""

import argparse
import sys
from pathlib import Path

from . import manifest
from .balance import BalanceError, check_list
from .deck import DeckError, load_deck
from .fares import money, takings
from .settings import SettingsError, load_settings
from .stow import stow
from .vehicles import BookingError, read_bookings


def build_parser():
    """The options of the command."""
    parser = argparse.ArgumentParser(prog="deckload")
    parser.add_argument("--settings", default="deckload.toml", help="house rules")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (("stow", "check a crossing"), ("manifest", "print the manifest")):
        command = commands.add_parser(name, help=text)
        command.add_argument("bookings")
        command.add_argument("--deck", required=True)
        if name == "manifest":
            command.add_argument("--csv", action="store_true")
    fares = commands.add_parser("fares", help="add up the fares")
    fares.add_argument("bookings")
    fares.add_argument("--residents", help="a file of plates, one in a line")
    return parser


def main(arguments=None):
    """Runs the command; returns its exit status."""
    options = build_parser().parse_args(arguments)
    try:
        vehicles = read_bookings(Path(options.bookings).read_text("utf-8"))
        if options.command == "fares":
            return run_fares(vehicles, options)
        deck = load_deck(options.deck)
        settings = load_settings(options.settings)
    except (BookingError, DeckError, SettingsError, OSError) as error:
        print(f"deckload: {error}", file=sys.stderr)
        return 2
    plan = stow(vehicles, deck, settings.gap_cm)
    if options.command == "manifest":
        print(manifest.to_csv(plan) if options.csv else manifest.render(plan), end="")
        return 0
    return run_stow(plan, deck, settings)


def run_stow(plan, deck, settings):
    """Says whether everybody sails."""
    status = 0
    for vehicle in plan.left_behind:
        print(f"left behind: {vehicle.plate}")
        status = 1
    try:
        check_list(plan, deck, settings.max_list)
    except BalanceError as error:
        print(error)
        status = 1
    if status == 0:
        print(f"all {sum(len(slot.vehicles) for slot in plan.slots)} vehicles sail")
    return status


def run_fares(vehicles, options):
    """Prints what the crossing takes in."""
    residents = set(Path(options.residents).read_text("utf-8").split()) if options.residents else set()
    print(money(takings(vehicles, residents)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
