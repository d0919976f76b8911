from pathlib import Path

from deckload import stow
from deckload.manifest import describe, render, to_csv

GOLDEN = Path(__file__).parent / "golden"


def test_manifest_of_a_crossing(crossing, heron):
    assert render(stow(crossing, heron)) == (GOLDEN / "heron.txt").read_text("utf-8")


def test_those_left_behind_are_listed(car, skiff):
    text = render(stow([car("A", 900), car("B", 900), car("C", 300)], skiff))
    assert text.endswith("Left behind:\n  - C car 300 cm 1500 kg\nTotal 3000 kg\n")


def test_describe(car):
    assert describe(car("A", hazard="2.1")) == "A car 400 cm 1500 kg HAZARD 2.1"


def test_csv(car, skiff):
    plan = stow([car("A", 900), car("B", 900), car("C", 300)], skiff)
    assert to_csv(plan).splitlines() == [
        "lane,position,plate,weight_kg",
        "port,1,A,1500",
        "starboard,1,B,1500",
        ",,C,1500",
    ]
