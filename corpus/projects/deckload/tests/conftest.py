from pathlib import Path

import pytest

from deckload import Vehicle, load_deck

DECKS = Path(__file__).parent / "decks"


@pytest.fixture
def heron():
    return load_deck(DECKS / "heron.json")


@pytest.fixture
def skiff():
    return load_deck(DECKS / "skiff.json")


@pytest.fixture
def car():
    def make(plate, length_cm=400, weight_kg=1500, **more):
        return Vehicle(plate, "car", length_cm, weight_kg, **more)

    return make


@pytest.fixture
def crossing():
    return [
        Vehicle("CAR-1", "car", 470, 1550),
        Vehicle("TRK-1", "truck", 1600, 18000, "3"),
        Vehicle("BIKE-1", "motorbike", 220, 220),
        Vehicle("VAN-1", "van", 610, 2600),
        Vehicle("BUS-1", "bus", 1250, 14500),
        Vehicle("CAR-2", "car", 430, 1700),
    ]


@pytest.fixture
def stands():
    """Compares a plan with plates by lane, position by position."""

    def check(plan, **lanes):
        for slot, (name, plates) in zip(plan.slots, lanes.items(), strict=True):
            assert slot.lane.name == name
            for vehicle, plate in zip(slot.vehicles, plates.split(), strict=True):
                assert vehicle.plate == plate

    return check
