from datetime import date
from pathlib import Path

from deckload import Vehicle
from deckload.cli import main
from deckload.fares import fare, takings


def test_everything():
    long = Vehicle("A", "car", 601, 1000)
    assert fare(long) == 5200
    assert fare(long, day=date(2029, 6, 1)) == 6500
    assert fare(long, day=date(2029, 1, 5)) == 4680
    assert fare(long, True, date(2029, 8, 31)) == 3900
    assert fare(long, day=date(2029, 10, 31)) == 5200
    assert fare(Vehicle("T", "truck", 1650, 9000), day=date(2028, 2, 29)) == 21870
    assert takings([long, long], (), date(2029, 6, 1)) == 13000


def test_command(tmp_path, capsys):
    path = tmp_path / "b.csv"
    path.write_text("plate,kind,length_cm,weight_kg,hazard\nA,bus,1250,9000,\n")
    assert main(["fares", "--day", "2026-06-30", str(path)]) == 0
    assert capsys.readouterr().out == "217.50\n"
    assert Path(path).exists()
