from pathlib import Path

import pytest

from deckload.cli import main

DECK = str(Path(__file__).parent / "decks" / "skiff.json")
HEADER = "plate,kind,length_cm,weight_kg,hazard\n"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def call(rows, *arguments):
        (tmp_path / "bookings.csv").write_text(HEADER + rows)
        status = main([*arguments, "bookings.csv"])
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return call


def test_everybody_sails(run):
    assert run("A,car,400,1500,\nB,car,400,1500,\n", "stow", "--deck", DECK) == (0, "all 2 vehicles sail\n", "")


def test_somebody_stays_behind(run):
    rows = "A,car,900,1500,\nB,car,900,1500,\nC,car,300,900,\n"
    assert run(rows, "stow", "--deck", DECK) == (1, "left behind: C\n", "")


def test_she_lists(run):
    status, out, _ = run("A,car,400,4000,\n", "stow", "--deck", DECK)
    assert (status, out) == (1, "lists 2.0 degrees to port, 1.5 are allowed\n")


def test_house_rules_are_followed(run, tmp_path):
    (tmp_path / "deckload.toml").write_text("[balance]\nmax_list = 3\n")
    assert run("A,car,400,4000,\n", "stow", "--deck", DECK)[0] == 0


def test_manifest(run):
    assert run("A,car,400,1500,\n", "manifest", "--deck", DECK)[1].startswith("Lane port: 1 vehicles")
    assert run("A,car,400,1500,\n", "manifest", "--csv", "--deck", DECK)[1].startswith("lane,position")


def test_fares(run, tmp_path):
    (tmp_path / "residents.txt").write_text("A\n")
    rows = "A,car,400,1500,\nB,car,400,1500,\n"
    assert run(rows, "fares") == (0, "68.00\n", "")
    assert run(rows, "fares", "--residents", "residents.txt") == (0, "54.40\n", "")


def test_files_that_can_not_be_read(run):
    status, out, err = run("A,car,400,0,\n", "stow", "--deck", DECK)
    assert (status, out) == (2, "")
    assert err == "deckload: line 2: weight '0' is not a positive number\n"
    assert run("A,car,400,1500,\n", "stow", "--deck", "none.json")[0] == 2
