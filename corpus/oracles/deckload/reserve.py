from pathlib import Path

import pytest

from deckload import Vehicle, stow
from deckload.cli import main
from deckload.settings import SettingsError, load_settings

DECK = str(Path(__file__).parent / "decks" / "skiff.json")


def test_function(skiff):
    car = Vehicle("A", "car", 900, 1000)
    assert stow([car], skiff, 40, 100).left_behind == []
    assert stow([car], skiff, 40, 101).left_behind == [car]


def test_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("b.csv").write_text("plate,kind,length_cm,weight_kg,hazard\nA,car,900,1000,\n")
    assert main(["stow", "--deck", DECK, "b.csv"]) == 0
    assert main(["stow", "--deck", DECK, "--reserve", "150", "b.csv"]) == 1
    Path("deckload.toml").write_text("[stow]\nreserve_cm = 150\n")
    assert main(["stow", "--deck", DECK, "b.csv"]) == 1
    assert main(["stow", "--deck", DECK, "--reserve", "10", "b.csv"]) == 0
    capsys.readouterr()
    assert main(["manifest", "--deck", DECK, "b.csv"]) == 0
    assert "Left behind" in capsys.readouterr().out
    assert main(["manifest", "--reserve", "0", "--deck", DECK, "b.csv"]) == 0
    assert "Left behind" not in capsys.readouterr().out


def test_house_rule(tmp_path):
    path = tmp_path / "r.toml"
    path.write_text("[stow]\nreserve_cm = -1\n")
    with pytest.raises(SettingsError):
        load_settings(path)
