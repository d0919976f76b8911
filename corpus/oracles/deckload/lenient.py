from pathlib import Path

import pytest

from deckload import BookingError, read_bookings
from deckload.cli import main

DECK = str(Path(__file__).parent / "decks" / "skiff.json")
HEAD = "plate,kind,length_cm,weight_kg,hazard\n"


def test_faults():
    faults = []
    found = read_bookings(HEAD + "A,car,400,0,\n,car,4,4,\nB,car,400,9,\nB,car,400,9,\nC\n", faults)
    assert [v.plate for v in found] == ["B"]
    assert [fault.line for fault in faults] == [2, 3, 5, 6]
    with pytest.raises(BookingError):
        read_bookings(HEAD + "C\n")


def test_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("b.csv").write_text(HEAD + "A,car,400,1500,\nB,boat,400,1500,\n")
    assert main(["--lenient", "stow", "--deck", DECK, "b.csv"]) == 1
    assert capsys.readouterr() == ("all 1 vehicles sail\n", "deckload: skipped line 3: unknown kind 'boat'\n")
    assert main(["stow", "--deck", DECK, "b.csv"]) == 2
