import xml.etree.ElementTree as ElementTree
from pathlib import Path

from deckload import Deck, Lane, Vehicle, stow
from deckload.cli import main
from deckload.drawing import draw

SVG = "{http://www.w3.org/2000/svg}"


def test_positions_and_titles():
    deck = Deck("T", (Lane("A", 3000, 90000, 0),), 1)
    plan = stow([Vehicle("M&M", "car", 500, 1), Vehicle("B", "car", 300, 2, "3")], deck, gap_cm=60)
    rects = list(ElementTree.fromstring(draw(plan)).iter(f"{SVG}rect"))
    assert [(r.get("class"), float(r.get("x")), float(r.get("width"))) for r in rects] == [
        ("lane", 0, 300),
        ("vehicle", 0, 50),
        ("vehicle hazard", 56, 30),
    ]
    assert "M&M, 500 cm, 1 kg" in [t.text for t in ElementTree.fromstring(draw(plan)).iter(f"{SVG}title")]


def test_command(tmp_path, capsys):
    path = tmp_path / "b.csv"
    path.write_text("plate,kind,length_cm,weight_kg,hazard\nA,car,430,1500,\n")
    assert main(["draw", "--deck", str(Path(__file__).parent / "decks" / "heron.json"), str(path)]) == 0
    assert "A, 430 cm, 1500 kg" in capsys.readouterr().out
