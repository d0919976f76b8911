from deckload import Deck, Lane, stow


class Counted:
    reads = 0

    def __init__(self, plate):
        self.plate = plate
        self.hazard = ""

    def __getattr__(self, name):
        if name not in ("length_cm", "weight_kg"):
            raise AttributeError(name)
        Counted.reads += 1
        return 300 if name == "length_cm" else 1000


def reads(count):
    deck = Deck("Long", (Lane("A", 10**7, 10**8, -1), Lane("B", 10**7, 10**8, 1)), 1)
    Counted.reads = 0
    stow([Counted(f"{n:05}") for n in range(count)], deck)
    return Counted.reads


def test_work_grows_with_the_queue_only():
    assert reads(800) < 3 * reads(400)
